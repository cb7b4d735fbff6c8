/* Everything that a session prints: above the line that is being edited, and not
 * while a child has the terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ss_screen {
	bool tty;
	/* Take the line being edited off the screen, and draw it again; NULL while there is none. */
	void (*hide)(void *ud);
	void (*show)(void *ud);
	void *ud;
	bool held; /* what comes is kept until it is released */
	struct ss_buf pending;
	int failed; /* errno of the first write to standard output that failed */
};

void ss_screen_init(struct ss_screen *s, bool tty);
void ss_screen_done(struct ss_screen *s);
/* Data, to standard output. */
void ss_screen_write(struct ss_screen *s, const char *text, size_t len);
/* Messages, to standard error; where that is the terminal, above the line as well. */
void ss_screen_tell(struct ss_screen *s, const char *text, size_t len);
/* A child gets the terminal; it is back. */
void ss_screen_hold(struct ss_screen *s);
void ss_screen_release(struct ss_screen *s);
/* Of the terminal; 80 and 24 where it is not known. */
void ss_screen_size(int *ret_columns, int *ret_rows);
/* Records of the log go through here until it ends. */
void ss_screen_take_log(struct ss_screen *s);
void ss_screen_leave_log(void);
