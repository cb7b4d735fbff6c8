#include "base/fill.h"

#include <string.h>

#include "base/buf.h"

struct fill {
	struct ss_buf *out;
	int indent;
	int at;      /* the column; 0 = nothing stands on this line yet */
	bool closed; /* the line is complete: what follows begins a new one */
};

static int width_of(const char *s, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xC0) != 0x80;
	return n;
}

int ss_fill_width(const char *text)
{
	return width_of(text, strlen(text));
}

static void new_line(struct fill *f)
{
	ss_buf_putc(f->out, '\n');
	f->at = 0;
	f->closed = false;
}

static void put(struct fill *f, const char *s, size_t len)
{
	for (; f->at < f->indent; f->at++)
		ss_buf_putc(f->out, ' ');
	ss_buf_add(f->out, s, len);
	f->at += width_of(s, len);
}

static void put_word(struct fill *f, const char *s, size_t len)
{
	if (f->closed || (f->at > f->indent && f->at + 1 + width_of(s, len) > SS_FILL_COLUMNS))
		new_line(f);
	else if (f->at > f->indent)
		put(f, " ", 1);
	put(f, s, len);
}

static void put_words(struct fill *f, const char *s, size_t len)
{
	for (const char *end = s + len, *word; s < end;) {
		s += strspn(s, " \t");
		word = s;
		while (s < end && *s != ' ' && *s != '\t')
			s++;
		if (s > word)
			put_word(f, word, (size_t)(s - word));
	}
}

static void put_as_it_is(struct fill *f, const char *s, size_t len)
{
	if (f->closed || f->at > f->indent)
		new_line(f);
	put(f, s, len);
	f->closed = true;
}

static void end_paragraph(struct fill *f)
{
	if (f->at)
		new_line(f);
	new_line(f);
}

void ss_fill(struct ss_buf *out, const char *head, int indent, const char *text)
{
	struct fill f = {.out = out, .indent = indent, .at = ss_fill_width(head)};
	size_t len = strlen(text);

	ss_buf_puts(out, head);
	while (len && strchr(" \t\n", text[len - 1]))
		len--;
	if (len && f.at && f.at >= indent && !(f.at == indent && head[strlen(head) - 1] == ' '))
		new_line(&f);
	for (const char *end = text + len, *line = text; line < end; line++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((stop ? stop : end) - line);

		if (!n)
			end_paragraph(&f);
		else if (*line == ' ' || *line == '\t')
			put_as_it_is(&f, line, n);
		else
			put_words(&f, line, n);
		line += n;
	}
}
