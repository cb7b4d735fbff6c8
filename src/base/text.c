#include "base/text.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"

static const char utf8_mark[] = "\xef\xbb\xbf";

static bool is_utf16(const char *s, size_t len)
{
	return len >= 2 && (!memcmp(s, "\xff\xfe", 2) || !memcmp(s, "\xfe\xff", 2));
}

bool ss_text_has_mark(const char *s, size_t len)
{
	return (len >= 3 && !memcmp(s, utf8_mark, 3)) || is_utf16(s, len);
}

static uint32_t unit(const char *s, bool big)
{
	unsigned char a = (unsigned char)s[0], b = (unsigned char)s[1];

	return big ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
}

/* The character at s, and the bytes it takes; 0 when it is none. */
static size_t take(const char *s, size_t left, bool big, uint32_t *ret)
{
	uint32_t low;

	if (left < 2)
		return 0;
	*ret = unit(s, big);
	if (*ret < 0xd800 || *ret > 0xdfff)
		return 2;
	if (*ret > 0xdbff || left < 4)
		return 0;
	low = unit(s + 2, big);
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return low >= 0xdc00 && low <= 0xdfff ? 4 : 0;
}

static int from_utf16(struct ss_buf *text, struct ss_err *err)
{
	bool big = text->data[0] == '\xfe';
	struct ss_buf out SS_AUTO_BUF = {.max = text->max};

	for (size_t i = 2, n; i < text->len; i += n) {
		uint32_t code;

		n = take(text->data + i, text->len - i, big, &code);
		if (!n)
			return ss_err_set(err, SS_ERR_PARSE,
			                  "byte %zu: the text begins as UTF-16, and is not; save "
			                  "it as UTF-8",
			                  i + 1);
		ss_utf8_add(&out, code);
	}
	if (out.failed)
		return ss_buf_check(&out, "the text", err);
	ss_buf_done(text);
	*text = out;
	out = SS_BUF_INIT;
	return 0;
}

int ss_text_decode(struct ss_buf *text, struct ss_err *err)
{
	if (!ss_text_has_mark(text->data, text->len))
		return 0;
	if (is_utf16(text->data, text->len))
		return from_utf16(text, err);
	ss_buf_consume(text, 3);
	return 0;
}
