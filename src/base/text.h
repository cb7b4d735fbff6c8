/* Text of files as UTF-8, whatever editor wrote them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_buf;
struct ss_err;

/* Does it begin with a byte order mark? */
bool ss_text_has_mark(const char *s, size_t len);
/* Drop a byte order mark of UTF-8 (as Windows' editors write it), and turn UTF-16 that begins with
 * one into UTF-8, in place; any other text is left alone. SS_ERR_PARSE for UTF-16 that is broken,
 * SS_ERR_NOMEM, SS_ERR_LIMIT. */
int ss_text_decode(struct ss_buf *text, struct ss_err *err);
