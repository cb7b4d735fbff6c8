/* build --explain for people: one line per leaf, in columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"

enum { PATH, VALUE, LAYER, WHERE, WAS, COLUMNS };
enum { MAX_WIDTH = 72 }; /* of a value; what is longer is cut */

/* A value in one line, without control characters. */
static void add_value(struct ss_buf *out, const struct ss_doc *doc, ss_node node)
{
	const char *s = ss_doc_get_string(doc, node, NULL);
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	char shown[MAX_WIDTH + 1];

	if (!s || !*s) {
		ss_json_encode(doc, node, &json);
		s = json.data ? json.data : "";
	}
	ss_log_escape(s, strlen(s), shown, sizeof(shown));
	ss_buf_puts(out, shown);
	if (strlen(shown) == MAX_WIDTH)
		ss_buf_puts(out, "…");
}

static void add_text(struct ss_buf *out, const char *s)
{
	char shown[1024];

	ss_log_escape(s, strlen(s), shown, sizeof(shown));
	ss_buf_puts(out, shown);
}

/* As seen from the working folder. */
static const char *shorten(const char *file, const char *cwd)
{
	size_t len = strlen(cwd);

	return len > 1 && strncmp(file, cwd, len) == 0 && file[len] == '/' ? file + len + 1 : file;
}

static void add_where(struct ss_buf *out, const struct ss_doc *doc, ss_node leaf, const char *cwd)
{
	const char *file = ss_doc_find_string(doc, leaf, "file", NULL);
	const char *flag = ss_doc_find_string(doc, leaf, "flag", NULL);
	int64_t line = ss_doc_get_int(doc, ss_doc_get(doc, leaf, "line"), 0);

	if (flag)
		add_text(out, flag);
	else if (file)
		add_text(out, shorten(file, cwd));
	if (line)
		ss_buf_printf(out, ":%lld", (long long)line);
}

static void fill(struct ss_buf *row, const struct ss_doc *doc, ss_node leaf, const char *cwd)
{
	ss_node was = ss_doc_get(doc, leaf, "was");

	add_text(&row[PATH], ss_doc_find_string(doc, leaf, "path", NULL));
	add_value(&row[VALUE], doc, ss_doc_get(doc, leaf, "value"));
	ss_buf_puts(&row[LAYER], ss_doc_find_string(doc, leaf, "layer", NULL));
	add_where(&row[WHERE], doc, leaf, cwd);
	if (was != SS_NO_NODE)
		add_value(&row[WAS], doc, was);
}

/* Characters, not bytes. */
static size_t width(const struct ss_buf *cell)
{
	size_t n = 0;

	for (size_t i = 0; i < cell->len; i++)
		n += ((unsigned char)cell->data[i] & 0xc0) != 0x80;
	return n;
}

static void print_row(const struct ss_buf *row, const size_t *widths)
{
	size_t last = COLUMNS;

	while (last > 0 && !row[last - 1].len)
		last--;
	for (size_t c = 0; c < last; c++)
		printf("%s%*s", row[c].len ? row[c].data : "",
		       c + 1 < last ? (int)(widths[c] - width(&row[c]) + 2) : 0, "");
	putchar('\n');
}

int ss_explain_print(const struct ss_doc *leaves, struct ss_err *err)
{
	static const char *const titles[COLUMNS] = {"PATH", "VALUE", "LAYER", "WHERE", "WAS"};
	size_t n = ss_doc_count(leaves, ss_doc_root(leaves)) + 1, widths[COLUMNS] = {0}, i = 0;
	struct ss_buf(*rows)[COLUMNS] = calloc(n, sizeof(*rows));
	char *cwd SS_AUTOFREE = getcwd(NULL, 0);
	int rc = 0;

	if (!rows)
		return ss_err_nomem(err);
	for (size_t c = 0; c < COLUMNS; c++)
		ss_buf_puts(&rows[0][c], titles[c]);
	for (struct ss_iter it = ss_iter(leaves, ss_doc_root(leaves)); ss_iter_next(&it);)
		fill(rows[++i], leaves, it.value, cwd ? cwd : "");
	for (i = 0; i < n; i++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			size_t w = width(&rows[i][c]);

			widths[c] = w > widths[c] ? w : widths[c];
			rc = rc ? rc : ss_buf_check(&rows[i][c], "a value", err);
		}
	}
	for (i = 0; i < n; i++) {
		if (!rc)
			print_row((const struct ss_buf *)rows[i], widths);
		for (size_t c = 0; c < COLUMNS; c++)
			ss_buf_done(&rows[i][c]);
	}
	free(rows);
	return rc;
}
