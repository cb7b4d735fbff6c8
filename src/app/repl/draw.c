#include "app/repl/editor_priv.h"
#include "app/repl/layout.h"
#include "app/repl/screen.h"

/* --- where things are on the screen ---------------------------------------------------------- */
static void put(const char *text)
{
	fputs(text, stdout);
}

static struct ss_layout layput(struct ss_editor *e, bool to_end, int *ret_rows)
{
	const LineInfoW *line = ss_libedit.el_wline(e->el);
	struct ss_layout at = {0};
	const wchar_t *end = to_end ? line->lastchar : line->cursor;

	ss_screen_size(&at.columns, ret_rows);
	if (at.columns < 2)
		at.columns = 2;
	ss_layout_add_prompt(&at, e->prompt);
	ss_layout_add(&at, line->buffer, (size_t)(end - line->buffer));
	/* What is higher than the screen has scrolled away. */
	if (at.row >= *ret_rows)
		at.row = *ret_rows - 1;
	return at;
}

void ss_editor_hide(void *ud)
{
	struct ss_editor *e = ud;
	int rows, row = layput(e, false, &rows).row;

	put("\r");
	if (row)
		fprintf(stdout, "\033[%dA", row);
	put("\033[J");
	fflush(stdout);
}

void ss_editor_show(void *ud)
{
	struct ss_editor *e = ud;

	ss_libedit.el_set(e->el, EL_REFRESH);
	fflush(stdout);
}

/* The cursor goes to the row after the line, which stays as it is. */
void ss_editor_leave(struct ss_editor *e, const char *mark)
{
	int rows, down = layput(e, true, &rows).row - layput(e, false, &rows).row;

	if (down > 0)
		fprintf(stdout, "\033[%dB", down);
	put(mark);
	put("\r\n");
	fflush(stdout);
}
