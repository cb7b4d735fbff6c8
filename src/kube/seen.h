/* The objects that a watch has shown, so that after a lost history (410) the
 * difference to a new list can be told: what came, changed and went meanwhile. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SS_SEEN_MAX = 1000000 };

struct ss_seen_entry {
	struct ss_seen_entry *next; /* of the bucket */
	uint64_t hash;
	unsigned round;                                /* of the list that held it last */
	const char *namespace_, *name, *uid, *version; /* "" when none */
	char text[];
};

struct ss_seen {
	struct ss_seen_entry **buckets;
	size_t n_buckets; /* a power of two, or 0 */
	size_t n;
};

void ss_seen_done(struct ss_seen *seen);
/* NULL arguments count as "". */
struct ss_seen_entry *ss_seen_find(const struct ss_seen *seen, const char *namespace_,
                                   const char *name);
/* Add or replace. False when out of memory or over SS_SEEN_MAX. */
bool ss_seen_put(struct ss_seen *seen, const char *namespace_, const char *name, const char *uid,
                 const char *version, unsigned round);
void ss_seen_remove(struct ss_seen *seen, const char *namespace_, const char *name);
/* Any entry of another round than this, NULL when there is none; *at is where the search goes on (0 first). */
struct ss_seen_entry *ss_seen_missing(const struct ss_seen *seen, unsigned round, size_t *at);
