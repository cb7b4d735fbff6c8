/* Eight bytes at a time: does a short text hold a byte that matters to JSON?
 * Names and values of manifests are 5 to 30 bytes of plain ASCII, for which a
 * loop over bytes is most of the cost of writing a document. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SS_SCAN_ONES (~(uint64_t)0 / 255)
#define SS_SCAN_HIGH (SS_SCAN_ONES * 0x80)

/* Non-zero when a byte is a control character, '"' or '\\'. Bytes from 0x80 on do not count. */
static inline uint64_t ss_scan_special8(uint64_t x)
{
	uint64_t quote = x ^ (SS_SCAN_ONES * '"');
	uint64_t slash = x ^ (SS_SCAN_ONES * '\\');

	return (((x - SS_SCAN_ONES * 0x20) & ~x) | ((quote - SS_SCAN_ONES) & ~quote) |
	        ((slash - SS_SCAN_ONES) & ~slash)) &
	       SS_SCAN_HIGH;
}

static inline uint64_t ss_scan_load(const char *s, size_t len)
{
	uint64_t x;
	uint32_t lo, hi;

	if (len >= 8) {
		memcpy(&x, s, 8);
		return x;
	}
	if (len >= 4) {
		memcpy(&lo, s, 4);
		memcpy(&hi, s + len - 4, 4);
		return (uint64_t)hi << 32 | lo;
	}
	x = SS_SCAN_ONES * 'a';
	for (size_t i = 0; i < len; i++)
		x = x << 8 | (unsigned char)s[i];
	return x;
}

/* Copy len bytes without a call; to and s do not overlap. */
static inline void ss_scan_copy(char *to, const char *s, size_t len)
{
	uint64_t a, b;
	uint32_t c, d;

	if (len > 32) {
		memcpy(to, s, len);
	} else if (len >= 8) {
		for (size_t i = 0; i + 8 < len; i += 8) {
			memcpy(&a, s + i, 8);
			memcpy(to + i, &a, 8);
		}
		memcpy(&b, s + len - 8, 8);
		memcpy(to + len - 8, &b, 8);
	} else if (len >= 4) {
		memcpy(&c, s, 4);
		memcpy(&d, s + len - 4, 4);
		memcpy(to, &c, 4);
		memcpy(to + len - 4, &d, 4);
	} else {
		for (size_t i = 0; i < len; i++)
			to[i] = s[i];
	}
}

/* Whether text holds a byte that JSON escapes; with `high`, or one that is not ASCII. */
static inline bool ss_scan_special(const char *s, size_t len, bool high)
{
	uint64_t found = 0, mask = high ? SS_SCAN_HIGH : 0, x;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		x = ss_scan_load(s + i, 8);
		found |= ss_scan_special8(x) | (x & mask);
	}
	if (i < len) {
		/* The rest, together with bytes seen before when there are enough. */
		x = len >= 8 ? ss_scan_load(s + len - 8, 8) : ss_scan_load(s, len);
		found |= ss_scan_special8(x) | (x & mask);
	}
	return found != 0;
}
