/* Signals of an interactive session. Handlers rather than signals of the loop: a busy
 * Lua loop never comes back to the loop, and the terminal must be put back before the
 * process stops or ends. One session per process. */
#pragma once

#include <stdbool.h>
#include <termios.h>

struct ss_err;
struct ss_host;
struct ss_loop;

enum ss_signals_state {
	SS_SIGNALS_RUNNING, /* an input runs: Ctrl-C interrupts it */
	SS_SIGNALS_READING, /* a line is being edited: Ctrl-C is for the editor */
	SS_SIGNALS_AWAY,    /* a child has the terminal: Ctrl-C is for the child */
};

/* shell: the modes the terminal has for others; NULL when there is none. */
void ss_signals_start(struct ss_host *host, struct ss_loop *loop, const struct termios *shell);
/* Dispositions as they were. */
void ss_signals_stop(void);
/* Whether there was an interrupt that the state before left unanswered. */
bool ss_signals_set_state(enum ss_signals_state state);
/* The terminal has these modes now: they are set again when the process goes on after a stop. */
void ss_signals_set_modes(const struct termios *modes);

/* AWAY, and the terminal has the modes it has for others. */
void ss_signals_hand_over(void);

/* What happened since the last time it was asked for. */
bool ss_signals_take_interrupt(void);
bool ss_signals_take_resize(void);
bool ss_signals_take_resume(void);
/* What ran has ended, by itself or not: nothing else has to end it. SIGTERM stands. */
void ss_signals_settled(void);
/* SIGTERM or SIGHUP, once one came; the session ends then. 0 = none. */
int ss_signals_ending(void);
