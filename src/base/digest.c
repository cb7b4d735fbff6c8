#include "base/digest.h"

#include <errno.h>
#include <sys/random.h>

#include <openssl/evp.h>

#include "base/err.h"

static const char hex[] = "0123456789abcdef";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void to_hex(const unsigned char *data, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		*out++ = hex[data[i] >> 4];
		*out++ = hex[data[i] & 15];
	}
	*out = 0;
}

int ss_sha256_hex(const void *data, size_t len, char out[SS_SHA256_HEX_SIZE])
{
	unsigned char sum[32];

	/* Memory is all that SHA-256 of the default provider can fail on. */
	if (!EVP_Digest(data, len, sum, NULL, EVP_sha256(), NULL)) {
		out[0] = 0;
		return SS_ERR_NOMEM;
	}
	to_hex(sum, sizeof(sum), out);
	return 0;
}

int ss_random_hex(size_t n, char *out, size_t out_size)
{
	unsigned char bytes[64];

	if (out_size < 2 * n + 1)
		return SS_ERR_INVAL;
	out[0] = 0;
	while (n) {
		size_t want = n < sizeof(bytes) ? n : sizeof(bytes);
		ssize_t got = getrandom(bytes, want, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return SS_ERR_IO;
		to_hex(bytes, (size_t)got, out);
		out += 2 * got;
		n -= (size_t)got;
	}
	return 0;
}

void ss_base64_encode(const void *data, size_t len, struct ss_buf *out)
{
	const unsigned char *in = data;

	if (!ss_buf_grow(out, len / 3 * 4 + 4))
		return;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t x = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
		             (left > 2 ? in[i + 2] : 0);

		ss_buf_putc(out, alphabet[x >> 18]);
		ss_buf_putc(out, alphabet[x >> 12 & 63]);
		ss_buf_putc(out, left > 1 ? alphabet[x >> 6 & 63] : '=');
		ss_buf_putc(out, left > 2 ? alphabet[x & 63] : '=');
	}
}

static int digit(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int ss_base64_decode(const char *text, size_t len, struct ss_buf *out)
{
	uint32_t x = 0;
	unsigned digits = 0, pads = 0;

	for (size_t i = 0; i < len; i++) {
		int d;

		if (is_space(text[i]))
			continue;
		d = text[i] == '=' ? 0 : digit(text[i]);
		pads += text[i] == '=';
		if (d < 0 || (pads && text[i] != '=') || pads > 2)
			return SS_ERR_PARSE;
		x = x << 6 | (uint32_t)d;
		if (++digits % 4)
			continue;
		/* Padding may only stand in for zero bits (RFC 4648 3.5). */
		if ((pads == 1 && x & 0xff) || (pads == 2 && x & 0xffff))
			return SS_ERR_PARSE;
		for (unsigned k = 0; k < 3 - pads; k++)
			ss_buf_putc(out, (char)(x >> (16 - 8 * k)));
		x = 0;
	}
	return digits % 4 ? SS_ERR_PARSE : out->failed;
}
