/* Which keys the objects of a document have, for all of them in one table: tells
 * a duplicate in constant time, whatever the text was written to do. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct keyset_slot;

struct ss_keyset {
	struct keyset_slot *slots;
	size_t cap, n;
	uint64_t seed;
};
#define SS_KEYSET_INIT ((struct ss_keyset){0})

void ss_keyset_done(struct ss_keyset *set);
void ss_keyset_clear(struct ss_keyset *set); /* keeps the memory */
/* 1 = added, 0 = was there already, SS_ERR_NOMEM. key is borrowed; object is any number. */
int ss_keyset_add(struct ss_keyset *set, uint32_t object, const char *key, size_t len);
