#include "app/repl/text.h"

#include <stdlib.h>

#include "base/utf8.h"

enum { REPLACEMENT = 0xFFFD };

static void add_code(struct ss_buf *out, unsigned long code)
{
	if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		code = REPLACEMENT;
	if (code < 0x80) {
		ss_buf_putc(out, (char)code);
	} else if (code < 0x800) {
		ss_buf_putc(out, (char)(0xC0 | code >> 6));
		ss_buf_putc(out, (char)(0x80 | (code & 0x3F)));
	} else if (code < 0x10000) {
		ss_buf_putc(out, (char)(0xE0 | code >> 12));
		ss_buf_putc(out, (char)(0x80 | (code >> 6 & 0x3F)));
		ss_buf_putc(out, (char)(0x80 | (code & 0x3F)));
	} else {
		ss_buf_putc(out, (char)(0xF0 | code >> 18));
		ss_buf_putc(out, (char)(0x80 | (code >> 12 & 0x3F)));
		ss_buf_putc(out, (char)(0x80 | (code >> 6 & 0x3F)));
		ss_buf_putc(out, (char)(0x80 | (code & 0x3F)));
	}
}

void ss_text_add_wide(struct ss_buf *out, const wchar_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		add_code(out, (unsigned long)text[i]);
}

wchar_t *ss_text_to_wide(const char *text, size_t len, size_t *ret_len)
{
	wchar_t *wide = malloc((len + 1) * sizeof(*wide));
	size_t n = 0;

	if (!wide)
		return NULL;
	for (size_t i = 0; i < len;) {
		uint32_t code = REPLACEMENT;
		size_t size = ss_utf8_decode(text + i, len - i, &code);

		i += size ? size : 1;
		wide[n++] = size && code ? (wchar_t)code : REPLACEMENT;
	}
	wide[n] = 0;
	if (ret_len)
		*ret_len = n;
	return wide;
}

wchar_t *ss_text_to_prompt(const char *text, size_t len)
{
	size_t n, used = 0;
	wchar_t *plain = ss_text_to_wide(text, len, &n);
	/* A sequence has at least 2 characters, and gets 2 more. */
	wchar_t *prompt = plain ? malloc((2 * n + 1) * sizeof(*prompt)) : NULL;

	for (size_t i = 0; prompt && i < n;) {
		if (plain[i] != L'\033' || i + 1 >= n || plain[i + 1] != L'[') {
			/* Any other control would be taken for a mark, or obeyed. */
			prompt[used++] = plain[i] < 32 ? L'?' : plain[i];
			i++;
			continue;
		}
		prompt[used++] = L'\1';
		prompt[used++] = plain[i++];
		do
			prompt[used++] = plain[i++];
		while (i < n && (plain[i] < 0x40 || plain[i] > 0x7E));
		if (i < n)
			prompt[used++] = plain[i++];
		prompt[used++] = L'\1';
	}
	if (prompt)
		prompt[used] = 0;
	free(plain);
	return prompt;
}
