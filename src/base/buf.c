#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"

enum { FIRST_BYTES = 256 };

void ss_buf_done(struct ss_buf *b)
{
	free(b->data);
	*b = (struct ss_buf){.max = b->max};
}

void ss_buf_reset(struct ss_buf *b)
{
	b->len = 0;
	b->failed = 0;
	if (b->data)
		b->data[0] = 0;
}

static bool fail(struct ss_buf *b, int code)
{
	b->failed = code;
	return false;
}

bool ss_buf_grow(struct ss_buf *b, size_t n)
{
	size_t max = b->max ? b->max : SS_BUF_MAX_BYTES;
	size_t cap = b->cap;
	char *data;

	if (b->failed)
		return false;
	if (n > max || b->len > max - n)
		return fail(b, SS_ERR_LIMIT);
	if (b->data && b->len + n < cap)
		return true;
	cap = cap < FIRST_BYTES ? FIRST_BYTES : cap * 2;
	if (cap <= b->len + n)
		cap = b->len + n + 1;
	if (cap > max + 1)
		cap = max + 1;
	data = realloc(b->data, cap);
	if (!data)
		return fail(b, SS_ERR_NOMEM);
	data[b->len] = 0;
	b->data = data;
	b->cap = cap;
	return true;
}

void ss_buf_add(struct ss_buf *b, const void *data, size_t len)
{
	if (!len || !ss_buf_grow(b, len))
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = 0;
}

void ss_buf_puts(struct ss_buf *b, const char *s)
{
	ss_buf_add(b, s, strlen(s));
}

void ss_buf_printf(struct ss_buf *b, const char *fmt, ...)
{
	va_list args;
	int n;

	if (!ss_buf_grow(b, 1))
		return;
	va_start(args, fmt);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n >= b->cap - b->len) {
		b->data[b->len] = 0;
		if (!ss_buf_grow(b, (size_t)n))
			return;
		va_start(args, fmt);
		n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, args);
		va_end(args);
	}
	if (n < 0) {
		b->data[b->len] = 0;
		b->failed = SS_ERR_NOMEM;
		return;
	}
	b->len += (size_t)n;
}

void ss_buf_consume(struct ss_buf *b, size_t n)
{
	if (!n || !b->data)
		return;
	if (n > b->len)
		n = b->len;
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

char *ss_buf_take(struct ss_buf *b, size_t *ret_len)
{
	char *data;

	if (b->failed) {
		ss_buf_done(b);
		return NULL;
	}
	data = b->data ? b->data : strdup("");
	if (ret_len)
		*ret_len = data ? b->len : 0;
	*b = (struct ss_buf){.max = b->max};
	return data;
}

int ss_buf_check(const struct ss_buf *b, const char *what, struct ss_err *err)
{
	if (b->failed == SS_ERR_LIMIT)
		return ss_err_set(err, SS_ERR_LIMIT, "%s is over %zu bytes", what,
		                  b->max ? b->max : SS_BUF_MAX_BYTES);
	return b->failed ? ss_err_nomem(err) : 0;
}
