#include "io/http.h"

#include <stdbool.h>

#include "base/buf.h"

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void ss_http_escape(struct ss_buf *out, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (is_unreserved(c)) {
			ss_buf_putc(out, *s);
			continue;
		}
		ss_buf_putc(out, '%');
		ss_buf_putc(out, hex[c >> 4]);
		ss_buf_putc(out, hex[c & 15]);
	}
}
