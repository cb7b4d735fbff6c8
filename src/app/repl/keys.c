#include <stdlib.h>
#include <unistd.h>

#include "app/repl/editor_priv.h"
#include "app/repl/signals.h"
#include "io/loop.h"

enum {
	LINE_MAX_CHARS = 1 << 20, /* libedit draws the whole line for each key */
	SETTLE_MS = 50,           /* so long a sequence of bytes may be interrupted */
};

/* --- keys ---------------------------------------------------------------------------------------- */
static void on_settled(void *ud)
{
	struct ss_editor *e = ud;

	e->settled = true;
}

void ss_editor_stop_settling(struct ss_editor *e)
{
	ss_timer_stop(e->settle);
	e->settle = NULL;
	e->settled = false;
}

static void keep_line(struct ss_editor *e)
{
	const LineInfoW *line = ss_libedit.el_wline(e->el);
	size_t n = (size_t)(line->lastchar - line->buffer);

	free(e->kept);
	e->kept = malloc((n + 1) * sizeof(*e->kept));
	if (!e->kept)
		return;
	wmemcpy(e->kept, line->buffer, n);
	e->kept[n] = 0;
	e->kept_cursor = (size_t)(line->cursor - line->buffer);
}

static void put_back_line(struct ss_editor *e)
{
	wchar_t *text = e->kept;

	e->kept = NULL;
	if (!text)
		return;
	if (*text) {
		ss_editor_hide(e);
		ss_libedit.el_winsertstr(e->el, text);
		ss_libedit.el_cursor(e->el, (int)e->kept_cursor - (int)wcslen(text));
		ss_editor_show(e);
	}
	free(text);
}

static bool give_up(struct ss_editor *e, enum ss_line_kind why, const char *mark)
{
	e->why = why;
	e->left = true;
	if (why == SS_LINE_WANTED) {
		keep_line(e);
		ss_editor_hide(e);
	} else {
		ss_editor_leave(e, mark);
	}
	return true;
}

/* What ends the read whatever the keys are. */
static bool is_over(struct ss_editor *e)
{
	if (ss_signals_ending())
		return give_up(e, SS_LINE_END, "");
	if (ss_signals_take_interrupt()) {
		ss_input_clear(&e->input);
		return give_up(e, SS_LINE_INTERRUPTED, "^C");
	}
	return *e->options.wanted && !e->plain && give_up(e, SS_LINE_WANTED, "");
}

static void follow_window(struct ss_editor *e)
{
	if (ss_signals_take_resume()) {
		ss_signals_take_resize();
		ss_libedit.el_resize(e->el);
		fputs("\033[?2004h\r\033[J", stdout);
		ss_editor_show(e);
	} else if (ss_signals_take_resize()) {
		ss_libedit.el_resize(e->el);
		ss_editor_hide(e);
		ss_editor_show(e);
	}
}

/* The terminal is in the editor's modes, and the prompt is drawn. */
static void begin_line(struct ss_editor *e)
{
	struct termios modes;

	e->first_key = false;
	if (tcgetattr(STDIN_FILENO, &modes) == 0)
		ss_signals_set_modes(&modes);
	if (!e->plain)
		put_back_line(e);
}

static bool take_key(struct ss_editor *e, wchar_t *ret)
{
	const LineInfoW *line;

	for (;;) {
		switch (ss_input_next(&e->input, e->settled, ret)) {
		case SS_INPUT_NOTHING:
			return false;
		case SS_INPUT_PASTE:
			e->pasted = true;
			*ret = SS_PASTE_KEY;
			return true;
		case SS_INPUT_CHAR:
			line = ss_libedit.el_wline(e->el);
			if (*ret < 32 || line->lastchar - line->buffer < LINE_MAX_CHARS)
				return true;
			ss_editor_beep(e);
		}
	}
}

static void wait_for_bytes(struct ss_editor *e)
{
	if (ss_input_is_partial(&e->input) && !e->settle)
		e->settle = ss_timer_start(e->options.loop, SETTLE_MS, on_settled, e);
	fflush(stdout);
	ss_bytes_wait(&e->bytes);
	if (!e->bytes.len)
		return;
	ss_editor_stop_settling(e);
	ss_input_feed(&e->input, e->bytes.data, e->bytes.len);
	e->bytes.len = 0;
}

/* libedit's source of characters: 1, or -1 to end the read. */
int ss_editor_get_key(EditLine *el, wchar_t *ret)
{
	struct ss_editor *e;

	ss_libedit.el_get(el, EL_CLIENTDATA, &e);
	if (e->first_key)
		begin_line(e);
	for (;;) {
		follow_window(e);
		if (is_over(e))
			return -1;
		if (take_key(e, ret)) {
			ss_editor_stop_settling(e);
			return 1;
		}
		if (e->bytes.eof) {
			give_up(e, SS_LINE_END, "");
			return -1;
		}
		wait_for_bytes(e);
	}
}
