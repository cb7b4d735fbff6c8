/* libedit, loaded when a prompt is opened: nothing else wants it, and with what it needs in turn
 * (terminfo and more) it would cost every run of a script half a megabyte. Calls go through
 * ss_libedit, by libedit's own names: ss_libedit.el_init(…). */
#pragma once

#include <histedit.h>

struct ss_err;

#define SS_LIBEDIT_FUNCTIONS(X)                                                                    \
	X(el_beep)                                                                                 \
	X(el_cursor)                                                                               \
	X(el_deletestr)                                                                            \
	X(el_end)                                                                                  \
	X(el_get)                                                                                  \
	X(el_init_fd)                                                                              \
	X(el_reset)                                                                                \
	X(el_resize)                                                                               \
	X(el_set)                                                                                  \
	X(el_source)                                                                               \
	X(el_wgets)                                                                                \
	X(el_winsertstr)                                                                           \
	X(el_wline)                                                                                \
	X(el_wset)                                                                                 \
	X(history_w)                                                                               \
	X(history_wend)                                                                            \
	X(history_winit)

struct ss_libedit {
#define SS_LIBEDIT_MEMBER(name) __typeof__(&name) name;
	SS_LIBEDIT_FUNCTIONS(SS_LIBEDIT_MEMBER)
#undef SS_LIBEDIT_MEMBER
};
/* Callable after ss_libedit_load returned 0. */
extern struct ss_libedit ss_libedit;

/* Stays loaded. SS_ERR_UNAVAILABLE: it is not installed; the message says what is missing. */
int ss_libedit_load(struct ss_err *err);
