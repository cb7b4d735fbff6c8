/* Digests and base64, over OpenSSL's libcrypto. */
#pragma once

#include <stddef.h>

#include "base/buf.h"

#define SS_SHA256_HEX_SIZE 65

/* Lower-case hex and NUL. Returns 0 or SS_ERR_NOMEM. */
int ss_sha256_hex(const void *data, size_t len, char out[SS_SHA256_HEX_SIZE]);
/* Standard alphabet with padding; white space between is skipped. SS_ERR_PARSE when malformed. */
int ss_base64_decode(const char *text, size_t len, struct ss_buf *out);
void ss_base64_encode(const void *data, size_t len, struct ss_buf *out);
/* n bytes from the system's generator as 2n hex digits and a NUL. */
int ss_random_hex(size_t n, char *out, size_t out_size);
