#include "app/repl/layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <wctype.h>

static void next_row(struct ss_layout *at)
{
	at->row++;
	at->column = 0;
}

static void put(struct ss_layout *at, int width)
{
	/* A wide character is not cut in two. */
	if (at->column + width > at->columns)
		next_row(at);
	at->column += width;
	if (at->column >= at->columns)
		next_row(at);
}

static void add(struct ss_layout *at, wchar_t c)
{
	int width;

	if (c == L'\n') {
		next_row(at);
	} else if (c == L'\t') {
		do {
			put(at, 1);
		} while (at->column & 7);
	} else if (c < 32 || c == 127) {
		put(at, 1);
		put(at, 1);
	} else if (!iswprint((wint_t)c)) {
		char text[16]; /* \U+XXXX */
		int n = snprintf(text, sizeof(text), "\\U+%04lX", (unsigned long)c);

		while (n-- > 0)
			put(at, 1);
	} else {
		width = wcwidth(c);
		if (width > 0)
			put(at, width);
	}
}

void ss_layout_add(struct ss_layout *at, const wchar_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		add(at, text[i]);
}

void ss_layout_add_prompt(struct ss_layout *at, const wchar_t *prompt)
{
	bool literal = false;

	for (; *prompt; prompt++) {
		if (*prompt == L'\1')
			literal = !literal;
		else if (!literal)
			add(at, *prompt);
	}
}
