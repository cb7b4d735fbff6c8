/* A session at the prompt: what its parts share. lua/ss/repl.lua decides what is said
 * and done; C reads, prints and keeps the history. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "app/app.h"
#include "app/repl/history.h"
#include "app/repl/lines.h"
#include "app/repl/screen.h"

struct ss_away;
struct ss_editor;
struct ss_host;

/* terminal.ask: one that waits for its answer. */
struct ss_question {
	struct ss_question *next;
	struct ss_repl *repl;
	struct ss_await *await; /* NULL = it is not waited for any more */
	char *text;
};

struct ss_repl {
	struct ss_app *app;
	struct ss_host *host;
	struct ss_screen screen;
	struct ss_editor *editor; /* NULL: lines are read without editing */
	struct ss_lines lines;
	struct ss_history *history;
	struct ss_buf block; /* lines of an input that is not complete */
	bool tty, color;
	struct ss_question *questions; /* the oldest first */
	bool wanted;          /* there are some: whoever reads a line gives the terminal up */
	struct ss_away *away; /* a child that has the terminal */
	bool history_failed;  /* and it was said */
};

/* --- repl/session.c: calls of ss.repl -------------------------------------------------------- */
/* Make the session. What a session prints, it prints itself; err is for what keeps one from being made. */
int ss_session_open(struct ss_repl *r, bool read_only, struct ss_err *err);
/* Jobs are told to stop, and what the session changed is put back. */
void ss_session_close(struct ss_repl *r);
/* depth 0 = the first line of a block. Appended to out; ">" when that fails. */
void ss_session_prompt(struct ss_repl *r, int depth, struct ss_buf *out);
/* Is the block complete? Otherwise *ret_depth is how much is open. */
bool ss_session_is_complete(struct ss_repl *r, const struct ss_buf *text, int *ret_depth);
bool ss_session_is_storable(struct ss_repl *r, const struct ss_buf *text);
/* Run it to its end; true = the session is over, with this exit code. */
bool ss_session_run(struct ss_repl *r, const struct ss_buf *text, int *ret_code);
/* Ctrl-D: may it end? */
bool ss_session_may_leave(struct ss_repl *r);
/* What may stand at the cursor: true leaves start, candidates and notes on the state's stack. */
bool ss_session_candidates(struct ss_repl *r, const struct ss_buf *text, size_t cursor);

/* --- repl/complete.c -------------------------------------------------------------------------- */
/* Tab: complete before the cursor, or list what may stand there; r->block precedes the line. */
void ss_repl_complete(void *ud, const char *line, size_t len, size_t cursor);

/* --- repl/terminal.c: the table `terminal` ----------------------------------------------------- */
/* Pushes it. */
SS_MAY_RAISE void ss_terminal_push(lua_State *L, struct ss_repl *r);

/* --- repl/ask.c ----------------------------------------------------------------------------------- */
/* ask(question) --> text | nil (Ctrl-C, Ctrl-D, no terminal). Upvalue: light userdata struct ss_repl. Yields. */
SS_MAY_RAISE int ss_repl_ask(lua_State *L);
/* Ask what is waiting, one after the other. Not from a task. */
void ss_repl_answer(struct ss_repl *r);

/* --- repl/child.c --------------------------------------------------------------------------------- */
/* edit_file(path) --> exit code | nil, err. Upvalue: light userdata struct ss_repl. Yields. */
SS_MAY_RAISE int ss_repl_edit_file(lua_State *L);
/* The session ends: so does a child that is still there. */
void ss_repl_end_child(struct ss_repl *r);
/* Words of $EDITOR: spaces separate them, quotes and \ as in a shell, which does not get to see it. A
 * NULL-terminated array in one allocation, to free; path is its last word. SS_ERR_INVAL. */
int ss_repl_split_editor(const char *editor, const char *path, char ***ret, struct ss_err *err);
