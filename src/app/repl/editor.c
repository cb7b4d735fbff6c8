#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/repl/editor_priv.h"
#include "app/repl/screen.h"
#include "app/repl/signals.h"
#include "app/repl/text.h"
#include "base/err.h"

enum { HISTORY_ITEMS = 5000 };

/* --- making one ------------------------------------------------------------------------------------ */
static wchar_t *get_prompt(EditLine *el)
{
	struct ss_editor *e;

	ss_libedit.el_get(el, EL_CLIENTDATA, &e);
	return e->prompt;
}

static int set_up(struct ss_editor *e)
{
	HistEventW event;

	e->history = ss_libedit.history_winit();
	e->null = fopen("/dev/null", "we");
	e->el = e->null ? ss_libedit.el_init_fd("sandscript", stdin, stdout, e->null, STDIN_FILENO,
	                                        STDOUT_FILENO, fileno(e->null))
	                : NULL;
	if (!e->history || !e->el)
		return -1;
	ss_libedit.history_w(e->history, &event, H_SETSIZE, HISTORY_ITEMS);
	ss_libedit.history_w(e->history, &event, H_SETUNIQUE, 1);
	ss_libedit.el_set(e->el, EL_CLIENTDATA, e);
	ss_libedit.el_wset(e->el, EL_PROMPT_ESC, get_prompt, L'\1');
	ss_libedit.el_wset(e->el, EL_GETCFN, ss_editor_get_key);
	ss_libedit.el_set(e->el, EL_EDITOR, "emacs");
	ss_libedit.el_source(e->el, NULL);
	ss_editor_bind(e);
	/* While an input runs, keys wait for the editor: no echo, and no meaning but of signals. */
	ss_libedit.el_set(e->el, EL_SETTY, "-x", "-echo", "-icanon", NULL);
	return 0;
}

/* A terminal that is not known here can do nothing, says libedit. */
static bool can_draw(struct ss_editor *e)
{
	char *up = NULL;

	return ss_libedit.el_get(e->el, EL_GETTC, "up", &up, NULL) == 0 && up && *up;
}

int ss_editor_new(const struct ss_editor_options *options, struct ss_editor **ret,
                  struct ss_err *err)
{
	const char *term = getenv("TERM");
	struct ss_editor *e;
	int rc = ss_libedit_load(err);

	if (rc)
		return ss_err_wrap(err, rc, "lines are read without editing");
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
		                  term ? term : "");
	}
	*ret = e;
	return 0;
}

void ss_editor_free(struct ss_editor *e)
{
	if (!e)
		return;
	ss_editor_stop_settling(e);
	ss_bytes_stop(&e->bytes);
	if (e->el) {
		ss_libedit.el_end(e->el);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &e->shell);
	}
	if (e->history)
		ss_libedit.history_wend(e->history);
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
	ss_libedit.el_wset(e->el, EL_HIST, ss_libedit.history_w, e->plain ? NULL : e->history);
	e->first_key = true;
	e->pasted = false;
	e->left = false;
	e->why = SS_LINE_END;
	ss_signals_set_state(SS_SIGNALS_READING);
	e->options.screen->ud = e;
	e->options.screen->hide = ss_editor_hide;
	e->options.screen->show = ss_editor_show;
	fputs("\033[?2004h", stdout);
}

static bool end_read(struct ss_editor *e)
{
	bool interrupted;
	struct termios modes;

	ss_editor_stop_settling(e);
	e->options.screen->hide = NULL;
	e->options.screen->show = NULL;
	if (tcgetattr(STDIN_FILENO, &modes) == 0)
		ss_signals_set_modes(&modes);
	interrupted = ss_signals_set_state(SS_SIGNALS_RUNNING);
	ss_bytes_stop(&e->bytes);
	fputs("\033[?2004l", stdout);
	fflush(stdout);
	return interrupted;
}

enum ss_line_kind ss_editor_read(struct ss_editor *e, const char *prompt, bool plain,
                                 struct ss_buf *text, struct ss_err *err)
{
	wchar_t *wide = ss_text_to_prompt(prompt, strlen(prompt));
	const wchar_t *line;
	bool stopped;
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
	line = ss_libedit.el_wgets(e->el, &n);
	if (line && n > 0 && line[n - 1] == L'\n')
		n--;
	if (line)
		ss_text_add_wide(text, line, (size_t)n);
	else
		ss_libedit.el_reset(e->el);
	if (!line && e->why == SS_LINE_END && !e->left)
		fputs("\r\n", stdout); /* Ctrl-D: what comes next has a line of its own */
	/* Ctrl-C so soon after Enter that the line does not run yet is meant for it all the same. */
	stopped = end_read(e) && line;
	return stopped ? SS_LINE_INTERRUPTED : line ? SS_LINE_TEXT : e->why;
}

void ss_editor_remember(struct ss_editor *e, const char *text, size_t len)
{
	wchar_t *wide = ss_text_to_wide(text, len, NULL);
	HistEventW event;

	if (wide)
		ss_libedit.history_w(e->history, &event, H_ENTER, wide);
	free(wide);
}

void ss_editor_flush(struct ss_editor *e)
{
	ss_input_clear(&e->input);
	tcflush(STDIN_FILENO, TCIFLUSH);
}
