/* The end of the process where what runs does not let it end: the library's string.find, a finalizer,
 * a hook of a policy. A limit that the same code has to look at is none; this one is a timer's
 * signal. What is armed here stays so until the process is gone, unless it is taken back.
 * All but start is async-signal-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

struct ss_host;

/* After its time, or a signal, what runs has so long to end by itself. */
enum { SS_ENDING_MS = 150 };

void ss_ending_start(void);
/* Whose run it is; NULL = nobody's. */
void ss_ending_set_host(struct ss_host *host);
/* The terminal has these modes for others, and gets them at the end; NULL = it has them now. */
void ss_ending_set_shell(const struct termios *shell);
/* In so many milliseconds the process ends with this exit code, unless it is to end before.
 * may_clean_up: not while the host's tasks wait for what they clean up. */
void ss_ending_in(int64_t ms, int code, bool may_clean_up);
void ss_ending_take_back(void);
/* The text is said when what is interrupted now goes on as it is. */
void ss_ending_tell_if_stuck(const char *text);
/* The run has been reported: its end does not have to be. */
void ss_ending_said(void);
void ss_ending_now(int code);
/* SIGINT or SIGTERM came and is in hand: the times-th. */
void ss_ending_on_signal(int signum, int times);
