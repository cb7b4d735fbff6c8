/* A growing byte buffer with a cap and a sticky error: append without checking,
 * look at failed once at the end. Always NUL-terminated once non-empty. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct ss_err;

struct ss_buf {
	char *data; /* NULL while empty; data[len] == 0 otherwise */
	size_t len;
	size_t cap;
	size_t max; /* bytes, 0 = SS_BUF_MAX_BYTES */
	int failed; /* 0, SS_ERR_NOMEM or SS_ERR_LIMIT: appends are ignored from then on */
};

#define SS_BUF_MAX_BYTES ((size_t)64 << 20)
#define SS_BUF_INIT      ((struct ss_buf){0})

void ss_buf_done(struct ss_buf *b);
#define SS_AUTO_BUF SS_CLEANUP(ss_buf_done)
void ss_buf_reset(struct ss_buf *b); /* keeps the memory */
/* Room for n more bytes and the NUL; returns false and sets failed otherwise. */
bool ss_buf_grow(struct ss_buf *b, size_t n);
void ss_buf_add(struct ss_buf *b, const void *data, size_t len);
void ss_buf_puts(struct ss_buf *b, const char *s);
void ss_buf_printf(struct ss_buf *b, const char *fmt, ...) SS_PRINTF(2, 3);
/* Drop the first n bytes. */
void ss_buf_consume(struct ss_buf *b, size_t n);
/* The string, owned by the caller ("" when empty); NULL after a failure. b is left empty. */
char *ss_buf_take(struct ss_buf *b, size_t *ret_len);
/* 0, or failed with its message set in err ("what is over N bytes"). */
int ss_buf_check(const struct ss_buf *b, const char *what, struct ss_err *err);

static inline void ss_buf_putc(struct ss_buf *b, char c)
{
	if (b->len + 1 < b->cap || ss_buf_grow(b, 1)) {
		b->data[b->len++] = c;
		b->data[b->len] = 0;
	}
}
