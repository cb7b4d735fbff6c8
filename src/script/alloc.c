#include "script/alloc.h"

#include <stdbool.h>
#include <stdlib.h>

static bool may_grow(struct ss_alloc *a, size_t more)
{
	if (a->fail_after && --a->fail_after == 0) {
		a->fail_after = 1; /* from here on every one */
		return false;
	}
	return more <= a->max_bytes && a->used_bytes <= a->max_bytes - more;
}

void *ss_alloc_realloc(void *ud, void *ptr, size_t old, size_t want)
{
	struct ss_alloc *a = ud;
	void *p;

	if (!ptr)
		old = 0; /* Lua passes the kind of object here */
	if (!want) {
		free(ptr);
		a->used_bytes -= old;
		return NULL;
	}
	if (want > old && !may_grow(a, want - old)) {
		a->refused++;
		return NULL;
	}
	p = realloc(ptr, want);
	if (!p)
		return want <= old ? ptr : NULL; /* Lua counts on shrinking */
	a->used_bytes = a->used_bytes - old + want;
	if (a->used_bytes > a->peak_bytes)
		a->peak_bytes = a->used_bytes;
	return p;
}
