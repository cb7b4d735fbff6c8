/* A place in JSON text, for the two that read it: json_fast.c, which builds a document,
 * and json_scan.c, which builds nothing. */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/scan.h"

struct cursor {
	const char *at, *end;
};

static inline void cursor_skip_space(struct cursor *c)
{
	while (c->at < c->end &&
	       (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
		c->at++;
}

static inline bool cursor_take(struct cursor *c, char what)
{
	if (c->at == c->end || *c->at != what)
		return false;
	c->at++;
	return true;
}

static inline bool cursor_take_word(struct cursor *c, const char *word, size_t len)
{
	if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
		return false;
	c->at += len;
	return true;
}

/* At least one digit. */
static inline bool cursor_take_digits(struct cursor *c)
{
	const char *start = c->at;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	return c->at > start;
}

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool cursor_take_hex4(struct cursor *c, uint32_t *ret)
{
	*ret = 0;
	if (c->end - c->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(*c->at++);

		if (d < 0)
			return false;
		*ret = *ret << 4 | (uint32_t)d;
	}
	return true;
}

/* Over bytes of a string that stand for themselves; *high is set when one is not ASCII. */
static inline void cursor_skip_plain(struct cursor *c, bool *high)
{
	const char *s = c->at, *end = c->end;
	uint64_t x;

	for (; end - s >= 8; s += 8) {
		uint64_t special;

		memcpy(&x, s, 8);
		x = le64toh(x);
		special = ss_scan_special8(x);
		if (special) {
			/* The lowest bit is exact: borrows only make later bytes seem special. */
			unsigned n = (unsigned)__builtin_ctzll(special) / 8;

			*high |= n && (x << (64 - 8 * n) & SS_SCAN_HIGH);
			c->at = s + n;
			return;
		}
		*high |= (x & SS_SCAN_HIGH) != 0;
	}
	for (; s < end && (unsigned char)*s >= 0x20 && *s != '"' && *s != '\\'; s++)
		*high |= (unsigned char)*s >= 0x80;
	c->at = s;
}

/* Behind the opening quote; does not look at what is escaped. */
static inline bool cursor_skip_string(struct cursor *c)
{
	bool high = false;

	while (!cursor_take(c, '"')) {
		cursor_skip_plain(c, &high);
		if (c->at < c->end && *c->at == '\\')
			c->at++;
		else if (c->at == c->end || *c->at != '"')
			return false;
		else
			continue;
		if (c->at++ == c->end)
			return false;
	}
	return true;
}

/* Over an array or object, with a look at its strings and brackets only. What is skipped is
 * managedFields, most of which is names of fields with nothing in them. */
static inline bool cursor_skip_container(struct cursor *c)
{
	size_t open = 0;

	do {
		char what = c->at < c->end ? *c->at++ : 0;

		if (what == '"') {
			if (!cursor_skip_string(c))
				return false;
			while (cursor_take_word(c, ":{},\"", 5))
				if (!cursor_skip_string(c))
					return false;
		} else if (what == '[' || what == '{') {
			open++;
		} else if (what == ']' || what == '}') {
			open--;
		} else if (!what) {
			return false;
		}
	} while (open);
	return true;
}
