/* The line editor: libedit, which reads its keys from the event loop, so that tasks
 * go on while a line is being edited. ~/.editrc is honoured (program name: sandscript). */
#pragma once

#include <stddef.h>

#include "app/repl/lines.h"

struct ss_editor;
struct ss_err;
struct ss_loop;
struct ss_screen;

struct ss_editor_options {
	struct ss_loop *loop;
	struct ss_screen *screen;
	const bool *wanted; /* as in repl/lines.h */
	/* Tab, with the line and the bytes before the cursor. It may call ss_editor_replace and
	 * ss_editor_list. */
	void (*complete)(void *ud, const char *line, size_t len, size_t cursor);
	void *ud;
};

/* SS_ERR_UNAVAILABLE: this terminal cannot be drawn on. One at a time. */
int ss_editor_new(const struct ss_editor_options *options, struct ss_editor **ret,
                  struct ss_err *err);
/* The terminal is as it was before. NULL is fine. */
void ss_editor_free(struct ss_editor *e);
/* As ss_lines_read; prompt is UTF-8 with colours. After SS_LINE_WANTED the next read goes on with the
 * same text. plain: no history and no completion (a question). */
enum ss_line_kind ss_editor_read(struct ss_editor *e, const char *prompt, bool plain,
                                 struct ss_buf *out, struct ss_err *err);
/* The newest item of the history that Up goes through. */
void ss_editor_remember(struct ss_editor *e, const char *text, size_t len);
/* Forget what was typed ahead: it was no answer to a question that was not asked yet. */
void ss_editor_flush(struct ss_editor *e);

/* --- from complete only ------------------------------------------------------------------ */
/* Put text in the place of the n bytes before the cursor. */
void ss_editor_replace(struct ss_editor *e, size_t n, const char *text, size_t len);
/* Print lines below the line, which is drawn again after them. */
void ss_editor_list(struct ss_editor *e, const char *text, size_t len);
void ss_editor_beep(struct ss_editor *e);
