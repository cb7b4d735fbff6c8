#include "base/keyset.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"

struct keyset_slot {
	const char *text; /* NULL = free slot */
	uint32_t len, object;
};

enum { FIRST_SLOTS = 256 };

void ss_keyset_done(struct ss_keyset *set)
{
	free(set->slots);
	*set = (struct ss_keyset){0};
}

void ss_keyset_clear(struct ss_keyset *set)
{
	if (set->n)
		memset(set->slots, 0, set->cap * sizeof(*set->slots));
	set->n = 0;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ (x >> 32);
}

/* Seeded, so that a file cannot be written to collide. */
static uint64_t hash(const struct ss_keyset *set, const struct keyset_slot *key)
{
	uint64_t h = mix(set->seed ^ key->object), word = 0;
	size_t i = 0;

	for (; i + 8 <= key->len; i += 8) {
		memcpy(&word, key->text + i, 8);
		h = mix(h ^ word);
	}
	word = 0;
	if (i < key->len)
		memcpy(&word, key->text + i, key->len - i);
	return mix(h ^ word ^ (uint64_t)key->len << 56);
}

static struct keyset_slot *find_slot(const struct ss_keyset *set, const struct keyset_slot *key)
{
	size_t at = hash(set, key) & (set->cap - 1);
	struct keyset_slot *slot;

	for (;; at = (at + 1) & (set->cap - 1)) {
		slot = &set->slots[at];
		if (!slot->text || (slot->object == key->object && slot->len == key->len &&
		                    memcmp(slot->text, key->text, key->len) == 0))
			return slot;
	}
}

static bool grow(struct ss_keyset *set)
{
	struct ss_keyset more = *set;

	more.cap = set->cap ? set->cap * 2 : FIRST_SLOTS;
	more.slots = calloc(more.cap, sizeof(*more.slots));
	if (!more.slots)
		return false;
	if (!more.seed && getrandom(&more.seed, sizeof(more.seed), GRND_NONBLOCK) < 0)
		more.seed = (uintptr_t)more.slots;
	for (size_t i = 0; i < set->cap; i++) {
		if (set->slots[i].text)
			*find_slot(&more, &set->slots[i]) = set->slots[i];
	}
	free(set->slots);
	*set = more;
	return true;
}

int ss_keyset_add(struct ss_keyset *set, uint32_t object, const char *key, size_t len)
{
	struct keyset_slot wanted = {key, (uint32_t)len, object};
	struct keyset_slot *slot;

	if (set->n * 2 >= set->cap && !grow(set))
		return SS_ERR_NOMEM;
	slot = find_slot(set, &wanted);
	if (slot->text)
		return 0;
	*slot = wanted;
	set->n++;
	return 1;
}
