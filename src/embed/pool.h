/* Memory of one request: allocated piece by piece, freed at once. A failure
 * sticks: callers carry on with NULL and look at failed before they commit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct ss_pool_chunk;

struct ss_pool {
	struct ss_pool_chunk *chunk; /* the current one; older ones behind it */
	bool failed;                 /* out of memory */
};

void ss_pool_done(struct ss_pool *pool);
/* Everything allocated since the mark is freed by release. */
struct ss_pool_mark {
	struct ss_pool_chunk *chunk;
	size_t used;
};
struct ss_pool_mark ss_pool_mark(const struct ss_pool *pool);
void ss_pool_release(struct ss_pool *pool, struct ss_pool_mark mark);
/* Zeroed and aligned; NULL (and failed set) when out of memory. */
void *ss_pool_alloc(struct ss_pool *pool, size_t size);
char *ss_pool_strndup(struct ss_pool *pool, const char *s, size_t len);
/* NULL stays NULL. */
char *ss_pool_strdup(struct ss_pool *pool, const char *s);
char *ss_pool_printf(struct ss_pool *pool, const char *fmt, ...) SS_PRINTF(2, 3);
