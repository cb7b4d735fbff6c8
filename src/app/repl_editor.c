#include "app/repl_editor.h"

#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/repl_input.h"
#include "app/repl_layout.h"
#include "app/repl_screen.h"
#include "app/repl_signals.h"
#include "app/repl_text.h"
#include "base/err.h"
#include "io/loop.h"

/* What getc returns for a paste: bound to a function, and nothing that a key can send. */
#define PASTE_KEY L'\x9f'

enum {
	HISTORY_ITEMS = 5000,
	LINE_MAX_CHARS = 1 << 20, /* libedit draws the whole line for each key */
	SETTLE_MS = 50,           /* so long a sequence of bytes may be interrupted */
};

struct ss_editor {
	struct ss_editor_options options;
	EditLine *el;
	HistoryW *history;
	FILE *null; /* libedit's complaints about the terminal */
	struct ss_bytes bytes;
	struct ss_input input;
	struct ss_timer *settle;
	bool settled;
	struct termios shell; /* the modes before us */
	wchar_t *prompt;
	wchar_t *kept; /* the line of a read that was wanted elsewhere */
	size_t kept_cursor;
	bool plain, first_key, pasted, left;
	enum ss_line_kind why; /* a read ended without a line */
};

/* --- where things are on the screen ---------------------------------------------------------- */
static void out(const char *text)
{
	fputs(text, stdout);
}

static struct ss_layout layout(struct ss_editor *e, bool to_end, int *ret_rows)
{
	const LineInfoW *line = el_wline(e->el);
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

static void hide_line(void *ud)
{
	struct ss_editor *e = ud;
	int rows, row = layout(e, false, &rows).row;

	out("\r");
	if (row)
		fprintf(stdout, "\033[%dA", row);
	out("\033[J");
	fflush(stdout);
}

static void show_line(void *ud)
{
	struct ss_editor *e = ud;

	el_set(e->el, EL_REFRESH);
	fflush(stdout);
}

/* The cursor goes to the row after the line, which stays as it is. */
static void leave_line(struct ss_editor *e, const char *mark)
{
	int rows, down = layout(e, true, &rows).row - layout(e, false, &rows).row;

	if (down > 0)
		fprintf(stdout, "\033[%dB", down);
	out(mark);
	out("\r\n");
	fflush(stdout);
}

/* --- keys ---------------------------------------------------------------------------------------- */
static void on_settled(void *ud)
{
	struct ss_editor *e = ud;

	e->settled = true;
}

static void stop_settling(struct ss_editor *e)
{
	ss_timer_stop(e->settle);
	e->settle = NULL;
	e->settled = false;
}

static void keep_line(struct ss_editor *e)
{
	const LineInfoW *line = el_wline(e->el);
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

	/* It is no answer to a question. */
	if (!text || e->plain)
		return;
	e->kept = NULL;
	if (*text) {
		hide_line(e);
		el_winsertstr(e->el, text);
		el_cursor(e->el, (int)e->kept_cursor - (int)wcslen(text));
		show_line(e);
	}
	free(text);
}

static bool give_up(struct ss_editor *e, enum ss_line_kind why, const char *mark)
{
	e->why = why;
	e->left = true;
	if (why == SS_LINE_WANTED) {
		keep_line(e);
		hide_line(e);
	} else {
		leave_line(e, mark);
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
		el_resize(e->el);
		out("\033[?2004h\r\033[J");
		show_line(e);
	} else if (ss_signals_take_resize()) {
		el_resize(e->el);
		hide_line(e);
		show_line(e);
	}
}

/* The terminal is in the editor's modes, and the prompt is drawn. */
static void begin_line(struct ss_editor *e)
{
	struct termios modes;

	e->first_key = false;
	if (tcgetattr(STDIN_FILENO, &modes) == 0)
		ss_signals_set_modes(&modes);
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
			*ret = PASTE_KEY;
			return true;
		case SS_INPUT_CHAR:
			line = el_wline(e->el);
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
	stop_settling(e);
	ss_input_feed(&e->input, e->bytes.data, e->bytes.len);
	e->bytes.len = 0;
}

/* libedit's source of characters: 1, or -1 to end the read. */
static int get_key(EditLine *el, wchar_t *ret)
{
	struct ss_editor *e;

	el_get(el, EL_CLIENTDATA, &e);
	if (e->first_key)
		begin_line(e);
	for (;;) {
		follow_window(e);
		if (is_over(e))
			return -1;
		if (take_key(e, ret)) {
			stop_settling(e);
			return 1;
		}
		if (e->bytes.eof) {
			give_up(e, SS_LINE_END, "");
			return -1;
		}
		wait_for_bytes(e);
	}
}

/* --- functions bound to keys ------------------------------------------------------------------- */
static void refuse_paste(struct ss_editor *e)
{
	char text[160];
	int n = snprintf(text, sizeof(text),
	                 "(a paste of %zu bytes is left out: at most %d are taken; put it into a "
	                 "file and :load it)\n",
	                 e->input.paste_bytes, SS_INPUT_PASTE_MAX_BYTES);

	ss_screen_tell(e->options.screen, text, (size_t)n);
}

static unsigned char on_paste(EditLine *el, int key)
{
	struct ss_editor *e;
	wchar_t *text = NULL;
	size_t n = 0;

	(void)key;
	el_get(el, EL_CLIENTDATA, &e);
	if (!e->pasted)
		return CC_ERROR;
	e->pasted = false;
	if (e->input.paste_bytes > SS_INPUT_PASTE_MAX_BYTES) {
		refuse_paste(e);
		return CC_NORM;
	}
	if (e->input.paste.len)
		text = ss_text_to_wide(e->input.paste.data, e->input.paste.len, &n);
	/* A line break at the end is there to run it, which is for the person to do. */
	while (n && text[n - 1] == L'\n')
		text[--n] = 0;
	if (n && el_winsertstr(el, text) < 0)
		el_beep(el);
	free(text);
	return CC_REFRESH;
}

static unsigned char on_complete(EditLine *el, int key)
{
	struct ss_buf line SS_AUTO_BUF = SS_BUF_INIT;
	const LineInfoW *info = el_wline(el);
	struct ss_editor *e;
	size_t cursor;

	(void)key;
	el_get(el, EL_CLIENTDATA, &e);
	if (e->plain)
		return CC_ERROR;
	ss_text_add_wide(&line, info->buffer, (size_t)(info->cursor - info->buffer));
	cursor = line.len;
	ss_text_add_wide(&line, info->cursor, (size_t)(info->lastchar - info->cursor));
	if (line.failed)
		return CC_ERROR;
	e->options.complete(e->options.ud, line.data ? line.data : "", line.len, cursor);
	return CC_REFRESH;
}

void ss_editor_replace(struct ss_editor *e, size_t n, const char *text, size_t len)
{
	const LineInfoW *line = el_wline(e->el);
	const wchar_t *from = line->cursor;
	wchar_t *wide = ss_text_to_wide(text, len, NULL);

	/* Bytes become characters: each has one that does not go on another. */
	while (n && from > line->buffer) {
		struct ss_buf one SS_AUTO_BUF = SS_BUF_INIT;

		ss_text_add_wide(&one, --from, 1);
		n -= one.len < n ? one.len : n;
	}
	el_deletestr(e->el, (int)(line->cursor - from));
	if (wide && el_winsertstr(e->el, wide) < 0)
		el_beep(e->el);
	free(wide);
}

void ss_editor_list(struct ss_editor *e, const char *text, size_t len)
{
	leave_line(e, "");
	fwrite(text, 1, len, stdout);
	show_line(e);
}

void ss_editor_beep(struct ss_editor *e)
{
	el_beep(e->el);
}

/* --- making one ------------------------------------------------------------------------------------ */
static wchar_t *get_prompt(EditLine *el)
{
	struct ss_editor *e;

	el_get(el, EL_CLIENTDATA, &e);
	return e->prompt;
}

/* The shells' own where libedit's differ, and the keys of today's terminals. */
static void bind_keys(struct ss_editor *e)
{
	static const char *const emacs[][2] = {
	        {"^R", "em-inc-search-prev"},      {"^W", "ed-delete-prev-word"},
	        {"\\e[3~", "ed-delete-next-char"}, {"\\e[H", "ed-move-to-beg"},
	        {"\\e[F", "ed-move-to-end"},       {"\\eOH", "ed-move-to-beg"},
	        {"\\eOF", "ed-move-to-end"},       {"\\e[1~", "ed-move-to-beg"},
	        {"\\e[4~", "ed-move-to-end"},      {"\\e[1;5C", "em-next-word"},
	        {"\\e[1;5D", "ed-prev-word"},      {"\\e[A", "ed-prev-history"},
	        {"\\e[B", "ed-next-history"},      {"\\e[C", "ed-next-char"},
	        {"\\e[D", "ed-prev-char"},
	};
	const wchar_t paste[] = {PASTE_KEY, 0};
	const char *mode = NULL;

	el_wset(e->el, EL_BIND, paste, L"ss-paste", NULL);
	el_wset(e->el, EL_BIND, L"-a", paste, L"ss-paste", NULL);
	el_wset(e->el, EL_BIND, L"^I", L"ss-complete", NULL);
	/* In vi's insert mode ESC is a key of its own, which no sequence may begin with. */
	if (el_get(e->el, EL_EDITOR, &mode) == 0 && mode && strcmp(mode, "emacs") != 0)
		return;
	for (size_t i = 0; i < SS_ARRAY_LEN(emacs); i++)
		el_set(e->el, EL_BIND, emacs[i][0], emacs[i][1], NULL);
}

static int set_up(struct ss_editor *e)
{
	HistEventW event;

	e->history = history_winit();
	e->null = fopen("/dev/null", "we");
	e->el = e->null ? el_init("sandscript", stdin, stdout, e->null) : NULL;
	if (!e->history || !e->el)
		return -1;
	history_w(e->history, &event, H_SETSIZE, HISTORY_ITEMS);
	history_w(e->history, &event, H_SETUNIQUE, 1);
	el_set(e->el, EL_CLIENTDATA, e);
	el_wset(e->el, EL_PROMPT_ESC, get_prompt, L'\1');
	el_wset(e->el, EL_GETCFN, get_key);
	el_wset(e->el, EL_ADDFN, L"ss-paste", L"Insert what was pasted", on_paste);
	el_wset(e->el, EL_ADDFN, L"ss-complete", L"Complete the word", on_complete);
	el_set(e->el, EL_EDITOR, "emacs");
	el_source(e->el, NULL);
	bind_keys(e);
	/* While an input runs, keys wait for the editor: no echo, and no meaning but of signals. */
	el_set(e->el, EL_SETTY, "-x", "-echo", "-icanon", NULL);
	return 0;
}

/* A terminal that is not known here can do nothing, says libedit. */
static bool can_draw(struct ss_editor *e)
{
	char *up = NULL;

	return el_get(e->el, EL_GETTC, "up", &up, NULL) == 0 && up && *up;
}

int ss_editor_new(const struct ss_editor_options *options, struct ss_editor **ret,
                  struct ss_err *err)
{
	struct ss_editor *e;

	setlocale(LC_CTYPE, "C.UTF-8");
	e = calloc(1, sizeof(*e));
	if (!e)
		return ss_err_nomem(err);
	e->options = *options;
	ss_input_init(&e->input);
	if (tcgetattr(STDIN_FILENO, &e->shell) < 0 || set_up(e) < 0 || !can_draw(e)) {
		ss_editor_free(e);
		return ss_err_set(err, SS_ERR_UNAVAILABLE,
		                  "terminal type '%s' is not known here: lines are read without "
		                  "editing (TERM=xterm may do)",
		                  getenv("TERM"));
	}
	*ret = e;
	return 0;
}

void ss_editor_free(struct ss_editor *e)
{
	if (!e)
		return;
	stop_settling(e);
	ss_bytes_stop(&e->bytes);
	if (e->el) {
		el_end(e->el);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &e->shell);
	}
	if (e->history)
		history_wend(e->history);
	if (e->null)
		fclose(e->null);
	ss_input_done(&e->input);
	free(e->prompt);
	free(e->kept);
	free(e);
}

/* --- reading ----------------------------------------------------------------------------------------- */
static void begin_read(struct ss_editor *e)
{
	el_wset(e->el, EL_HIST, history_w, e->plain ? NULL : e->history);
	e->first_key = true;
	e->pasted = false;
	e->left = false;
	e->why = SS_LINE_END;
	ss_signals_set_state(SS_SIGNALS_READING);
	e->options.screen->ud = e;
	e->options.screen->hide = hide_line;
	e->options.screen->show = show_line;
	out("\033[?2004h");
}

static void end_read(struct ss_editor *e)
{
	struct termios modes;

	stop_settling(e);
	e->options.screen->hide = NULL;
	e->options.screen->show = NULL;
	if (tcgetattr(STDIN_FILENO, &modes) == 0)
		ss_signals_set_modes(&modes);
	ss_signals_set_state(SS_SIGNALS_RUNNING);
	ss_bytes_stop(&e->bytes);
	out("\033[?2004l");
	fflush(stdout);
}

enum ss_line_kind ss_editor_read(struct ss_editor *e, const char *prompt, bool plain,
                                 struct ss_buf *text, struct ss_err *err)
{
	wchar_t *wide = ss_text_to_prompt(prompt, strlen(prompt));
	const wchar_t *line;
	int n = 0;

	if (!wide) {
		ss_err_nomem(err);
		return SS_LINE_FAILED;
	}
	free(e->prompt);
	e->prompt = wide;
	e->plain = plain;
	if (ss_bytes_start(&e->bytes, e->options.loop, err))
		return SS_LINE_FAILED;
	begin_read(e);
	line = el_wgets(e->el, &n);
	if (line && n > 0 && line[n - 1] == L'\n')
		n--;
	if (line)
		ss_text_add_wide(text, line, (size_t)n);
	else
		el_reset(e->el);
	if (!line && e->why == SS_LINE_END && !e->left)
		out("\r\n"); /* Ctrl-D: what comes next has a line of its own */
	end_read(e);
	return line ? SS_LINE_TEXT : e->why;
}

void ss_editor_remember(struct ss_editor *e, const char *text, size_t len)
{
	wchar_t *wide = ss_text_to_wide(text, len, NULL);
	HistEventW event;

	if (wide)
		history_w(e->history, &event, H_ENTER, wide);
	free(wide);
}

void ss_editor_flush(struct ss_editor *e)
{
	ss_input_clear(&e->input);
	tcflush(STDIN_FILENO, TCIFLUSH);
}
