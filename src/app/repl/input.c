#include "app/repl/input.h"

#include <string.h>

#include "base/utf8.h"

static const char BEGIN[] = "\033[200~";
static const char END[] = "\033[201~";
enum { MARK_BYTES = sizeof(BEGIN) - 1, REPLACEMENT = 0xFFFD };

void ss_input_init(struct ss_input *in)
{
	*in = (struct ss_input){.paste = {.max = SS_INPUT_PASTE_MAX_BYTES + 1}};
}

void ss_input_done(struct ss_input *in)
{
	ss_buf_done(&in->bytes);
	ss_buf_done(&in->paste);
}

void ss_input_feed(struct ss_input *in, const char *data, size_t len)
{
	ss_buf_add(&in->bytes, data, len);
}

void ss_input_clear(struct ss_input *in)
{
	ss_buf_reset(&in->bytes);
	in->bytes.failed = 0;
	in->pasting = false;
}

bool ss_input_is_partial(const struct ss_input *in)
{
	return in->bytes.len > 0;
}

/* --- pastes ------------------------------------------------------------------------------ */
static void begin_paste(struct ss_input *in)
{
	ss_buf_consume(&in->bytes, MARK_BYTES);
	ss_buf_reset(&in->paste);
	in->paste.failed = 0;
	in->paste_bytes = 0;
	in->pasting = true;
	in->was_cr = false;
}

/* Terminals send CR for a line break; some send CR LF. */
static void add_pasted(struct ss_input *in, const char *s, size_t len)
{
	in->paste_bytes += len;
	if (in->paste_bytes > SS_INPUT_PASTE_MAX_BYTES)
		return;
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '\n' && in->was_cr) {
			in->was_cr = false;
			continue;
		}
		in->was_cr = c == '\r';
		ss_buf_putc(&in->paste, c == '\r' ? '\n' : c);
	}
}

/* How many bytes at the end of s may be the beginning of the mark. */
static size_t tail_of_mark(const char *s, size_t len)
{
	size_t n = len < MARK_BYTES - 1 ? len : MARK_BYTES - 1;

	while (n && memcmp(s + len - n, END, n) != 0)
		n--;
	return n;
}

static enum ss_input_kind take_pasted(struct ss_input *in)
{
	const char *end = memmem(in->bytes.data, in->bytes.len, END, MARK_BYTES);
	size_t n = end ? (size_t)(end - in->bytes.data)
	               : in->bytes.len - tail_of_mark(in->bytes.data, in->bytes.len);

	add_pasted(in, in->bytes.data, n);
	ss_buf_consume(&in->bytes, end ? n + MARK_BYTES : n);
	if (!end)
		return SS_INPUT_NOTHING;
	in->pasting = false;
	return SS_INPUT_PASTE;
}

/* --- characters --------------------------------------------------------------------------- */
static bool may_begin_paste(const struct ss_input *in)
{
	size_t n = in->bytes.len < MARK_BYTES ? in->bytes.len : MARK_BYTES;

	return memcmp(in->bytes.data, BEGIN, n) == 0;
}

/* Bytes of a character whose first byte is this; 0 = none begins with it. */
static size_t utf8_length(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
}

static bool is_cut(const struct ss_input *in)
{
	size_t want = utf8_length((unsigned char)in->bytes.data[0]);

	if (in->bytes.len >= want)
		return false;
	for (size_t i = 1; i < in->bytes.len; i++)
		if ((in->bytes.data[i] & 0xC0) != 0x80)
			return false;
	return true;
}

static wchar_t take_char(struct ss_input *in)
{
	uint32_t code = REPLACEMENT;
	size_t n = ss_utf8_decode(in->bytes.data, in->bytes.len, &code);

	if (!n || (code >= 0x80 && code < 0xA0))
		code = REPLACEMENT;
	ss_buf_consume(&in->bytes, n ? n : 1);
	return (wchar_t)code;
}

enum ss_input_kind ss_input_next(struct ss_input *in, bool settled, wchar_t *ret)
{
	if (!in->bytes.len)
		return SS_INPUT_NOTHING;
	if (!in->pasting && may_begin_paste(in)) {
		if (in->bytes.len >= MARK_BYTES)
			begin_paste(in);
		else if (!settled)
			return SS_INPUT_NOTHING;
	}
	if (in->pasting)
		return in->bytes.len ? take_pasted(in) : SS_INPUT_NOTHING;
	if (!settled && is_cut(in))
		return SS_INPUT_NOTHING;
	*ret = take_char(in);
	return SS_INPUT_CHAR;
}
