#include "base/utf8.h"

#include "base/buf.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t ss_utf8_decode(const char *s, size_t len, uint32_t *ret_code)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char c = (unsigned char)s[0];
	size_t size;
	uint32_t code;

	if (c < 0x80) {
		*ret_code = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf)
		size = 2;
	else if (c >= 0xe0 && c <= 0xef)
		size = 3;
	else if (c >= 0xf0 && c <= 0xf4)
		size = 4;
	else
		return 0;
	if (size > len)
		return 0;
	code = c & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if (!is_tail((unsigned char)s[i]))
			return 0;
		code = code << 6 | ((unsigned char)s[i] & 0x3fu);
	}
	if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return size;
}

bool ss_utf8_valid(const char *s, size_t len)
{
	uint32_t code;

	for (size_t i = 0, n; i < len; i += n) {
		n = ss_utf8_decode(s + i, len - i, &code);
		if (!n)
			return false;
	}
	return true;
}

size_t ss_utf8_cut(const char *s, size_t len)
{
	uint32_t code;

	for (size_t back = 1; back <= 3 && back <= len; back++) {
		if (is_tail((unsigned char)s[len - back]))
			continue;
		return ss_utf8_decode(s + len - back, back, &code) == back ? len : len - back;
	}
	return len;
}

void ss_utf8_add(struct ss_buf *out, uint32_t c)
{
	if (c < 0x80) {
		ss_buf_putc(out, (char)c);
	} else if (c < 0x800) {
		ss_buf_putc(out, (char)(0xc0 | c >> 6));
		ss_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		ss_buf_putc(out, (char)(0xe0 | c >> 12));
		ss_buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ss_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		ss_buf_putc(out, (char)(0xf0 | c >> 18));
		ss_buf_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		ss_buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ss_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	}
}
