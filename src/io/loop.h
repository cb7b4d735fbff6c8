/* The event loop: one libuv loop, timers, signals and the completion queue.
 * libuv and libcurl callbacks only buffer and post completions; everything
 * above io/ runs from ss_loop_step, between turns of the loop, never inside a
 * callback. That is what makes it safe to call ss_loop_step again from a
 * completion (a blocking call of stock Lua, a line editor waiting for a key):
 * uv_run is never nested in a uv callback.
 * One thread only, except ss_loop_wakeup. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ss_err;
struct ss_loop;
struct ss_timer;

/* NULL with SS_ERR_NOMEM or SS_ERR_IO. */
struct ss_loop *ss_loop_new(struct ss_err *err);
/* Closes what is left (timers, polls, signals) and runs the loop until every close callback
 * came; queued completions are dropped. Not from a completion; transports are freed before
 * it. NULL is fine. */
void ss_loop_free(struct ss_loop *loop);
/* The uv_loop_t, for io/ alone. */
void *ss_loop_uv(struct ss_loop *loop);

/* One turn: wait for I/O (wait = true; returns at once when completions are
 * queued or nothing is active), then run the queued completions. Returns true
 * while anything is active or queued. */
bool ss_loop_step(struct ss_loop *loop, bool wait);

/* --- completions: a node embedded in the operation ----------------------- */
struct ss_completion {
	struct ss_completion *next_, *prev_;
	void (*fn)(struct ss_completion *self);
	bool queued;
};
/* Queue fn(self) for the end of this turn; already queued = no-op. In order. The node
 * is off the queue when fn runs, so fn may free it or post it again. A turn runs what
 * was queued when it began to drain and a bounded number of those posted meanwhile, for half a
 * millisecond at most: completions that post each other never starve I/O. */
void ss_loop_post(struct ss_loop *loop, struct ss_completion *c);
/* Take it off the queue again (an operation that is cancelled); not queued = no-op. */
void ss_loop_unpost(struct ss_loop *loop, struct ss_completion *c);

/* --- timers ---------------------------------------------------------------- */
/* fn runs as a completion, once, delay_ms from now (>= 0). NULL when out of memory. */
struct ss_timer *ss_timer_start(struct ss_loop *loop, int64_t delay_ms, void (*fn)(void *ud),
                                void *ud);
/* Stops and frees; also after it fired (each timer is stopped exactly once); NULL is fine. */
void ss_timer_stop(struct ss_timer *timer);

/* --- signals ------------------------------------------------------------- */
/* fn runs as a completion for every delivery of signum until the loop is freed. */
int ss_loop_on_signal(struct ss_loop *loop, int signum, void (*fn)(void *ud, int signum), void *ud,
                      struct ss_err *err);
/* Does not keep ss_loop_step returning true. Safe from any thread. */
void ss_loop_wakeup(struct ss_loop *loop);

/* A file descriptor that became readable (a terminal, a pipe, a socket; a regular file is
 * SS_ERR_IO); does keep the loop active. fn runs as a completion in every turn in which fd is
 * readable, at its end or broken. fd is non-blocking meanwhile; stop puts its flags back. */
struct ss_poll;
struct ss_poll *ss_poll_start(struct ss_loop *loop, int fd, void (*fn)(void *ud), void *ud,
                              struct ss_err *err);
/* Likewise for one that takes what is written; its flags stay as they are. */
struct ss_poll *ss_poll_start_write(struct ss_loop *loop, int fd, void (*fn)(void *ud), void *ud,
                                    struct ss_err *err);
void ss_poll_stop(struct ss_poll *poll); /* NULL is fine */
