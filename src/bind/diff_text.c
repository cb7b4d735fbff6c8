#include "bind/diff_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	CONTEXT = 3,
	MAX_CELLS = 16 << 20, /* of the table; beyond it nobody reads the result line by line */
	MAX_PATH_PARTS = 32,
};

struct line {
	const char *s;
	size_t len;
};
struct text {
	struct line *lines;
	size_t n;
};
/* One line of the result: ' ', '-' or '+', and its number in both texts (of the next line where
 * it is in one only). */
struct edit {
	char mark;
	size_t a, b;
};
struct diff {
	struct text a, b;
	bool paths; /* headers name where in the YAML they are */
	struct edit *edits;
	size_t n;
};

static bool split(const char *s, size_t len, struct text *t)
{
	const char *end = s + len;
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '\n';
	t->lines = calloc(n + 1, sizeof(*t->lines));
	t->n = 0;
	while (t->lines && s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *stop = nl ? nl : end;

		t->lines[t->n++] = (struct line){s, (size_t)(stop - s)};
		s = nl ? nl + 1 : end;
	}
	return t->lines != NULL;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static void add(struct diff *d, char mark, size_t a, size_t b)
{
	d->edits[d->n++] = (struct edit){mark, a, b};
}

/* Lengths of the longest common subsequence of a[i..] and b[j..], at [i * (nb + 1) + j]. */
static uint32_t *lcs_table(const struct line *a, size_t na, const struct line *b, size_t nb)
{
	size_t width = nb + 1;
	uint32_t *t;

	if ((na + 1) > MAX_CELLS / width)
		return NULL;
	t = calloc((na + 1) * width, sizeof(*t));
	for (size_t i = na; t && i-- > 0;) {
		for (size_t j = nb; j-- > 0;) {
			uint32_t down = t[(i + 1) * width + j], right = t[i * width + j + 1];

			if (same(&a[i], &b[j]))
				t[i * width + j] = t[(i + 1) * width + j + 1] + 1;
			else
				t[i * width + j] = down > right ? down : right;
		}
	}
	return t;
}

/* The part between the common head and tail: a[a0..a0+na), b[b0..b0+nb). */
static void diff_middle(struct diff *d, size_t head, size_t na, size_t nb)
{
	const struct line *a = d->a.lines + head, *b = d->b.lines + head;
	uint32_t *t = lcs_table(a, na, b, nb);
	size_t i = 0, j = 0, width = nb + 1;

	while (i < na || j < nb) {
		if (t && i < na && j < nb && same(&a[i], &b[j])) {
			add(d, ' ', head + i, head + j);
			i++;
			j++;
		} else if (i < na &&
		           (!t || j == nb || t[(i + 1) * width + j] >= t[i * width + j + 1])) {
			add(d, '-', head + i, head + j);
			i++;
		} else {
			add(d, '+', head + i, head + j);
			j++;
		}
	}
	free(t);
}

static void compare(struct diff *d)
{
	size_t na = d->a.n, nb = d->b.n, head = 0, tail = 0;

	while (head < na && head < nb && same(&d->a.lines[head], &d->b.lines[head]))
		head++;
	while (tail < na - head && tail < nb - head &&
	       same(&d->a.lines[na - 1 - tail], &d->b.lines[nb - 1 - tail]))
		tail++;
	for (size_t i = 0; i < head; i++)
		add(d, ' ', i, i);
	diff_middle(d, head, na - head - tail, nb - head - tail);
	for (size_t i = 0; i < tail; i++)
		add(d, ' ', na - tail + i, nb - tail + i);
}

/* --- writing ------------------------------------------------------------------------- */
static size_t indent_of(const struct line *line)
{
	size_t n = 0;

	while (n < line->len && (line->s[n] == ' ' || line->s[n] == '-'))
		n++;
	return n;
}

/* "    image: x" -> "image"; an element of a list without a key has none. */
static struct line key_of(const struct line *line)
{
	size_t from = indent_of(line);
	const char *s = line->s + from, *colon = memchr(s, ':', line->len - from);

	return (struct line){s, colon ? (size_t)(colon - s) : 0};
}

/* The keys above a line, outermost first: where in the document it stands. */
static void put_path(const struct text *t, size_t at, struct ss_buf *out)
{
	struct line parts[MAX_PATH_PARTS];
	size_t n = 0, indent = indent_of(&t->lines[at]);

	for (size_t i = at; i-- > 0 && indent > 0 && n < MAX_PATH_PARTS;) {
		if (indent_of(&t->lines[i]) >= indent)
			continue;
		indent = indent_of(&t->lines[i]);
		parts[n] = key_of(&t->lines[i]);
		n += parts[n].len > 0;
	}
	for (size_t i = n; i-- > 0;) {
		ss_buf_putc(out, i + 1 == n ? ' ' : '.');
		ss_buf_add(out, parts[i].s, parts[i].len);
	}
}

static void put_header(const struct diff *d, size_t from, size_t to, struct ss_buf *out)
{
	size_t na = 0, nb = 0, first = to;
	const struct edit *e = &d->edits[from];

	for (size_t i = from; i < to; i++) {
		na += d->edits[i].mark != '+';
		nb += d->edits[i].mark != '-';
		if (first == to && d->edits[i].mark != ' ')
			first = i;
	}
	ss_buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@", na ? e->a + 1 : e->a, na,
	              nb ? e->b + 1 : e->b, nb);
	if (!d->paths)
		first = to;
	if (first < to && d->edits[first].mark == '-')
		put_path(&d->a, d->edits[first].a, out);
	else if (first < to)
		put_path(&d->b, d->edits[first].b, out);
	ss_buf_putc(out, '\n');
}

static void put_hunk(const struct diff *d, size_t from, size_t to, struct ss_buf *out)
{
	put_header(d, from, to, out);
	for (size_t i = from; i < to; i++) {
		const struct edit *e = &d->edits[i];
		const struct line *line = e->mark == '+' ? &d->b.lines[e->b] : &d->a.lines[e->a];

		ss_buf_putc(out, e->mark);
		ss_buf_add(out, line->s, line->len);
		ss_buf_putc(out, '\n');
	}
}

static void put_hunks(const struct diff *d, struct ss_buf *out)
{
	for (size_t i = 0; i < d->n;) {
		size_t from, to;

		if (d->edits[i].mark == ' ') {
			i++;
			continue;
		}
		from = i > CONTEXT ? i - CONTEXT : 0;
		/* Changes whose context would meet are one hunk. */
		for (to = i; i < d->n && i - to <= 2 * CONTEXT; i++) {
			if (d->edits[i].mark != ' ')
				to = i + 1;
		}
		i = to;
		to = to + CONTEXT < d->n ? to + CONTEXT : d->n;
		put_hunk(d, from, to, out);
	}
}

static void diff(const char *old, size_t old_len, const char *new_, size_t new_len, bool paths,
                 struct ss_buf *out)
{
	struct diff d = {.paths = paths};

	if (!split(old, old_len, &d.a) || !split(new_, new_len, &d.b)) {
		out->failed = SS_ERR_NOMEM;
	} else {
		d.edits = calloc(d.a.n + d.b.n + 1, sizeof(*d.edits));
		if (d.edits) {
			compare(&d);
			put_hunks(&d, out);
		} else {
			out->failed = SS_ERR_NOMEM;
		}
	}
	free(d.a.lines);
	free(d.b.lines);
	free(d.edits);
}

void ss_diff_text(const char *old, size_t old_len, const char *new_, size_t new_len,
                  struct ss_buf *out)
{
	diff(old, old_len, new_, new_len, true, out);
}

void ss_diff_lines(const char *old, size_t old_len, const char *new_, size_t new_len,
                   struct ss_buf *out)
{
	diff(old, old_len, new_, new_len, false, out);
}
