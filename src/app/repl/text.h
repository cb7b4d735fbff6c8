/* UTF-8 and the wide characters of the line editor. */
#pragma once

#include <stddef.h>
#include <wchar.h>

#include "base/buf.h"

void ss_text_add_wide(struct ss_buf *out, const wchar_t *text, size_t len);
/* What is no UTF-8, and NUL, becomes U+FFFD. malloc'd and terminated; NULL = out of memory. */
wchar_t *ss_text_to_wide(const char *text, size_t len, size_t *ret_len);
/* A prompt as libedit wants it: escape sequences (CSI) stand between two \1. malloc'd. */
wchar_t *ss_text_to_prompt(const char *text, size_t len);
