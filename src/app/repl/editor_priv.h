/* The inside of the line editor: repl/editor.c makes it and reads lines, repl/draw.c knows
 * where they are on the screen, repl/keys.c reads keys, repl/bound.c is what keys do. */
#pragma once

#include <stdio.h>
#include <termios.h>

#include "app/repl/editor.h"
#include "app/repl/input.h"
#include "app/repl/libedit.h"

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

/* repl/draw.c: take the line off the screen, and draw it again; ud is the editor. */
void ss_editor_hide(void *ud);
void ss_editor_show(void *ud);
/* The cursor goes to the row after the line, which stays as it is but for the mark. */
void ss_editor_leave(struct ss_editor *e, const char *mark);

/* repl/keys.c: libedit's source of characters: 1, or -1 to end the read (e->why). */
int ss_editor_get_key(EditLine *el, wchar_t *ret);
void ss_editor_stop_settling(struct ss_editor *e);

/* repl/bound.c: after the editor's mode is known. */
void ss_editor_bind(struct ss_editor *e);
/* What get_key returns for a paste: bound to a function, and nothing that a key can send. */
#define SS_PASTE_KEY L'\x9f'
