/* What a reader of lines returns, and the one without a line editor: standard input
 * that is no terminal, or a terminal that can do nothing but print (TERM=dumb). */
#pragma once

#include "app/repl/bytes.h"
#include "base/buf.h"

enum ss_line_kind {
	SS_LINE_TEXT,
	SS_LINE_INTERRUPTED, /* Ctrl-C */
	SS_LINE_END,         /* Ctrl-D, or the input is over */
	SS_LINE_WANTED,      /* *wanted was set: somebody else needs the terminal */
	SS_LINE_FAILED,      /* err says why */
};

enum { SS_LINE_MAX_BYTES = 16 << 20 };

struct ss_lines {
	struct ss_bytes bytes;
	struct ss_buf ahead;
	size_t scanned; /* no line break before it */
	const bool *wanted;
};

void ss_lines_init(struct ss_lines *l, const bool *wanted);
void ss_lines_done(struct ss_lines *l);
/* One line, without its break, appended to out. A signal that ends the session is an end. */
enum ss_line_kind ss_lines_read(struct ss_lines *l, struct ss_loop *loop, struct ss_buf *out,
                                struct ss_err *err);
