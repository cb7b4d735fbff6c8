/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ss_buf;

/* Bytes of the character at s (1 to 4) and its code point, or 0 when it is none. len > 0. */
size_t ss_utf8_decode(const char *s, size_t len, uint32_t *ret_code);
/* Append the character. */
void ss_utf8_add(struct ss_buf *out, uint32_t code);
bool ss_utf8_valid(const char *s, size_t len);
/* The longest length <= len that does not cut a character of valid text in two. */
size_t ss_utf8_cut(const char *s, size_t len);
