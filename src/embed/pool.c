#include "embed/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 16 * 1024, ALIGNMENT = 16 };

struct ss_pool_chunk {
	struct ss_pool_chunk *next;
	size_t used, cap;
	_Alignas(ALIGNMENT) char data[];
};

void ss_pool_done(struct ss_pool *pool)
{
	struct ss_pool_chunk *next;

	for (; pool->chunk; pool->chunk = next) {
		next = pool->chunk->next;
		free(pool->chunk);
	}
}

struct ss_pool_mark ss_pool_mark(const struct ss_pool *pool)
{
	return (struct ss_pool_mark){pool->chunk, pool->chunk ? pool->chunk->used : 0};
}

void ss_pool_release(struct ss_pool *pool, struct ss_pool_mark mark)
{
	struct ss_pool_chunk *next;

	for (; pool->chunk != mark.chunk; pool->chunk = next) {
		next = pool->chunk->next;
		free(pool->chunk);
	}
	if (pool->chunk)
		pool->chunk->used = mark.used;
}

static bool add_chunk(struct ss_pool *pool, size_t size)
{
	size_t cap = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	struct ss_pool_chunk *chunk = malloc(sizeof(*chunk) + cap);

	if (!chunk) {
		pool->failed = true;
		return false;
	}
	*chunk = (struct ss_pool_chunk){.next = pool->chunk, .cap = cap};
	pool->chunk = chunk;
	return true;
}

void *ss_pool_alloc(struct ss_pool *pool, size_t size)
{
	void *p;

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!pool->chunk || pool->chunk->cap - pool->chunk->used < size)
		if (!add_chunk(pool, size))
			return NULL;
	p = pool->chunk->data + pool->chunk->used;
	pool->chunk->used += size;
	return memset(p, 0, size);
}

char *ss_pool_strndup(struct ss_pool *pool, const char *s, size_t len)
{
	char *copy = ss_pool_alloc(pool, len + 1);

	return copy ? memcpy(copy, s, len) : NULL;
}

char *ss_pool_strdup(struct ss_pool *pool, const char *s)
{
	return s ? ss_pool_strndup(pool, s, strlen(s)) : NULL;
}

char *ss_pool_printf(struct ss_pool *pool, const char *fmt, ...)
{
	va_list args, again;
	char *out;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	out = len < 0 ? NULL : ss_pool_alloc(pool, (size_t)len + 1);
	if (out)
		vsnprintf(out, (size_t)len + 1, fmt, again);
	va_end(again);
	va_end(args);
	return out;
}
