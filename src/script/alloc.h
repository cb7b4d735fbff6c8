/* The allocator of a Lua state, with a cap. Refusing makes Lua collect garbage and
 * try again, then raise "not enough memory", which a script may catch. */
#pragma once

#include <stddef.h>

struct ss_alloc {
	size_t used_bytes;
	size_t peak_bytes;
	size_t max_bytes;
	size_t refused;    /* requests that met the cap */
	size_t fail_after; /* for tests: refuse growth once this many requests grew; 0 = never */
};

/* lua_Alloc; ud is struct ss_alloc. */
void *ss_alloc_realloc(void *ud, void *ptr, size_t old, size_t want);
