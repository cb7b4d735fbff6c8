/* The difference of two texts by lines, as `diff -u` writes it. */
#pragma once

#include <stddef.h>

struct ss_buf;

/* Append hunks with three lines of context; each header names where in the YAML the hunk
 * begins ("@@ -4,7 +4,7 @@ spec.podTemplate"). Nothing for equal texts. Failures stick to
 * out; very large changes come as one removal and one addition. */
void ss_diff_text(const char *old, size_t old_len, const char *new_, size_t new_len,
                  struct ss_buf *out);
/* The same for a text that is no YAML: headers are plain. */
void ss_diff_lines(const char *old, size_t old_len, const char *new_, size_t new_len,
                   struct ss_buf *out);
