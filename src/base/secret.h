/* What looks like a secret in a text: the value of a name such as `password`, `pw` or `auth`, and
 * the shapes that tokens and keys have. One list, for what the log masks and for the lines that no
 * history keeps; it knows nothing of the secrets in use (ss_log_add_secret does). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The first such part at or behind `from`: its place and length. */
bool ss_secret_find(const char *text, size_t len, size_t from, size_t *ret_at, size_t *ret_len);
