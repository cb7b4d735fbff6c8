/* `sandscript repl`: read, run, print, until it is over. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/native.h"
#include "app/output.h"
#include "app/repl/editor.h"
#include "app/repl/repl.h"
#include "app/repl/signals.h"
#include "base/owed.h"
#include "io/loop.h"
#include "script/host.h"
#include "script/luax.h"

/* --- reading ---------------------------------------------------------------------------------- */
static enum ss_line_kind read_line(struct ss_repl *r, int depth, struct ss_buf *line,
                                   struct ss_err *err)
{
	struct ss_buf prompt SS_AUTO_BUF = SS_BUF_INIT;
	enum ss_line_kind kind;

	if (r->tty)
		ss_session_prompt(r, depth, &prompt);
	if (r->editor)
		return ss_editor_read(r->editor, prompt.data ? prompt.data : "", false, line, err);
	if (r->tty)
		ss_screen_write(&r->screen, prompt.data, prompt.len);
	ss_signals_set_state(SS_SIGNALS_READING);
	kind = ss_lines_read(&r->lines, r->app->loop, line, err);
	ss_signals_set_state(SS_SIGNALS_RUNNING);
	if (r->tty && kind != SS_LINE_TEXT)
		ss_screen_write(&r->screen, "\n", 1);
	return kind;
}

/* A line more of the block; true when it is one that can run. */
static bool add_line(struct ss_repl *r, const struct ss_buf *line, int *ret_depth)
{
	if (r->block.len)
		ss_buf_putc(&r->block, '\n');
	ss_buf_add(&r->block, line->data, line->len);
	return r->block.failed || ss_session_is_complete(r, &r->block, ret_depth);
}

/* A whole block in r->block. Ctrl-C gives it up, and so does Ctrl-D within one. */
static enum ss_line_kind read_block(struct ss_repl *r, struct ss_err *err)
{
	enum ss_line_kind kind;
	int depth = 0;

	ss_buf_reset(&r->block);
	r->block.failed = 0;
	for (;;) {
		struct ss_buf line SS_AUTO_BUF = {.max = SS_LINE_MAX_BYTES};

		kind = read_line(r, depth, &line, err);
		if (kind == SS_LINE_WANTED) {
			ss_repl_answer(r);
			continue;
		}
		if (kind == SS_LINE_END && depth > 0 && !ss_signals_ending())
			/* What is open without a terminal is an error, which running it reports. */
			return r->tty ? SS_LINE_INTERRUPTED : SS_LINE_TEXT;
		if (kind != SS_LINE_TEXT)
			return kind;
		if (add_line(r, &line, &depth))
			break;
	}
	return ss_buf_check(&r->block, "input", err) ? SS_LINE_FAILED : SS_LINE_TEXT;
}

/* --- history -------------------------------------------------------------------------------------- */
static void complain(struct ss_repl *r, const char *what, const struct ss_err *err)
{
	char line[1200];
	int n = snprintf(line, sizeof(line), "sandscript: %s%s\n", err->message, what);

	ss_screen_tell(&r->screen, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

static void open_history(struct ss_repl *r)
{
	char *path SS_AUTOFREE = r->tty ? ss_history_path() : NULL;
	struct ss_err err SS_AUTO_ERR;
	const char *text;
	size_t len;

	ss_err_init(&err);
	if (ss_history_open(path, &r->history, &err)) {
		complain(r, "; this session's is not kept", &err);
		r->history_failed = true;
	}
	for (size_t i = 0; r->editor && (text = ss_history_item(r->history, i, &len)); i++)
		ss_editor_remember(r->editor, text, len);
}

static void remember(struct ss_repl *r)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (!r->tty || !r->block.len || r->block.data[0] == ' ' ||
	    !ss_session_is_storable(r, &r->block))
		return;
	if (r->editor)
		ss_editor_remember(r->editor, r->block.data, r->block.len);
	if (ss_history_add(r->history, r->block.data, r->block.len, &err) && !r->history_failed) {
		complain(r, "; what is entered is not kept", &err);
		r->history_failed = true;
	}
}

/* --- the session ------------------------------------------------------------------------------------ */
/* No more input: what runs in the background ends by itself when nobody is there to stop it. */
static bool leave(struct ss_repl *r, int *code)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (ss_signals_ending())
		return true;
	if (r->tty)
		return r->lines.bytes.eof || ss_session_may_leave(r);
	if (ss_host_run(r->host, &err))
		*code = ss_report(&err);
	return true;
}

static int run_session(struct ss_repl *r)
{
	struct ss_err err SS_AUTO_ERR;
	int code = 0;

	ss_err_init(&err);
	for (bool over = false; !over && !r->screen.failed;) {
		switch (read_block(r, &err)) {
		case SS_LINE_TEXT:
			remember(r);
			over = ss_signals_ending() || ss_session_run(r, &r->block, &code);
			break;
		case SS_LINE_INTERRUPTED:
			over = !r->tty;
			code = over ? SS_EXIT_INTERRUPTED : 0;
			break;
		case SS_LINE_END:
			code = 0;
			over = leave(r, &code);
			break;
		case SS_LINE_WANTED:
			break;
		case SS_LINE_FAILED:
			code = ss_report(&err);
			ss_err_done(&err);
			over = !r->tty || err.code != SS_ERR_LIMIT;
			break;
		}
		over = over || ss_signals_ending();
	}
	if (ss_signals_ending()) {
		ss_owed_tell(STDERR_FILENO);
		code = 128 + ss_signals_ending();
	}
	return code;
}

static bool is_plain_terminal(void)
{
	static const char *const plain[] = {"", "dumb", "emacs", "unknown"};
	const char *term = getenv("TERM");

	for (size_t i = 0; i < SS_ARRAY_LEN(plain); i++)
		if (!term || strcmp(term, plain[i]) == 0)
			return true;
	return false;
}

static void open_editor(struct ss_repl *r)
{
	struct ss_editor_options options = {.loop = r->app->loop,
	                                    .screen = &r->screen,
	                                    .wanted = &r->wanted,
	                                    .complete = ss_repl_complete,
	                                    .ud = r};
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (r->tty && !is_plain_terminal() && ss_editor_new(&options, &r->editor, &err))
		complain(r, "", &err);
}

static int open_host(struct ss_repl *r, struct ss_err *err)
{
	const char *search[] = {r->app->policy_dir};
	struct ss_host_options options = {.search = search,
	                                  .n_search = r->app->policy_dir ? 1 : 0,
	                                  .open = ss_native_open_all};
	int rc = ss_app_env(r->app, err);

	if (rc)
		return rc;
	options.loop = r->app->loop;
	options.open_ud = &r->app->env;
	options.out = ss_output_writer();
	return ss_host_new(&options, &r->host, err);
}

static void set_colors(struct ss_repl *r)
{
	const char *none = getenv("NO_COLOR");

	r->color = r->tty && !is_plain_terminal() && !(none && *none);
}

static void close_all(struct ss_repl *r)
{
	ss_repl_end_child(r);
	ss_host_close(r->host);
	ss_signals_stop();
	ss_host_free(r->host);
	ss_screen_leave_log();
	ss_editor_free(r->editor);
	ss_lines_done(&r->lines);
	ss_history_free(r->history);
	ss_screen_done(&r->screen);
	ss_buf_done(&r->block);
}

int ss_cmd_repl(struct ss_app *app)
{
	struct ss_repl r = {.app = app, .block = {.max = SS_LINE_MAX_BYTES}};
	struct ss_err err SS_AUTO_ERR;
	struct termios shell;
	int code;

	ss_err_init(&err);
	r.tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	set_colors(&r);
	ss_screen_init(&r.screen, r.tty);
	ss_lines_init(&r.lines, &r.wanted);
	if (open_host(&r, &err)) {
		close_all(&r);
		return ss_report(&err);
	}
	ss_signals_start(r.host, app->loop,
	                 r.tty && tcgetattr(STDIN_FILENO, &shell) == 0 ? &shell : NULL);
	ss_screen_take_log(&r.screen);
	open_editor(&r);
	open_history(&r);
	code = ss_session_open(&r, ss_app_option(app, "read-only") != NULL, &err);
	if (code) {
		code = ss_report(&err);
	} else {
		code = run_session(&r);
		ss_session_close(&r);
	}
	close_all(&r);
	return code;
}
