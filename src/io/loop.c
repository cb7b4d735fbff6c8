#include "io/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/attr.h"
#include "base/err.h"

/* Completions that a turn may run beyond those queued at its start: enough that an
 * operation and the task it wakes share a turn (a turn costs an epoll_wait); but a busy
 * task that is woken again and again must not keep what comes from outside waiting. */
enum { DRAIN_EXTRA = 128, DRAIN_EXTRA_NS = 500 * 1000 };

/* What timers, signals and polls share: one allocation with the uv handle, freed in
 * the handle's close callback. The first member of each. */
struct entry {
	struct entry *prev, *next;
	struct ss_loop *loop;
	uv_handle_t *handle; /* inside the same allocation */
	struct ss_completion fired;
};

struct ss_loop {
	uv_loop_t uv;
	uv_async_t wake;
	struct ss_completion queue; /* ring: queue.next_ is the oldest */
	size_t n_queued;
	struct entry entries; /* ring of what is open */
	bool in_uv;
};

struct ss_timer {
	struct entry e;
	uv_timer_t uv;
	void (*fn)(void *ud);
	void *ud;
};

struct ss_poll {
	struct entry e;
	uv_poll_t uv;
	void (*fn)(void *ud);
	void *ud;
	int fd, flags; /* as they were before libuv made it non-blocking */
};

struct signal_watch {
	struct entry e;
	uv_signal_t uv;
	void (*fn)(void *ud, int signum);
	void *ud;
	int signum;
	unsigned deliveries; /* not yet handed on */
};

static int uv_failed(struct ss_err *err, const char *what, int rc)
{
	if (rc == UV_ENOMEM)
		return ss_err_nomem(err);
	return ss_err_set(err, SS_ERR_IO, "%s: %s", what, uv_strerror(rc));
}

static void on_wake(uv_async_t *handle)
{
	(void)handle; /* that uv_run returned is all there is to it */
}

struct ss_loop *ss_loop_new(struct ss_err *err)
{
	struct ss_loop *loop = calloc(1, sizeof(*loop));
	int rc;

	if (!loop) {
		ss_err_nomem(err);
		return NULL;
	}
	rc = uv_loop_init(&loop->uv);
	if (rc) {
		uv_failed(err, "cannot start the event loop", rc);
		free(loop);
		return NULL;
	}
	loop->queue.next_ = loop->queue.prev_ = &loop->queue;
	loop->entries.next = loop->entries.prev = &loop->entries;
	rc = uv_async_init(&loop->uv, &loop->wake, on_wake);
	if (rc) {
		uv_failed(err, "cannot start the event loop", rc);
		uv_loop_close(&loop->uv);
		free(loop);
		return NULL;
	}
	uv_unref((uv_handle_t *)&loop->wake);
	return loop;
}

static void free_entry(uv_handle_t *handle)
{
	free(handle->data);
}

static void entry_open(struct ss_loop *loop, struct entry *e, uv_handle_t *handle)
{
	e->loop = loop;
	e->handle = handle;
	handle->data = e;
	e->prev = loop->entries.prev;
	e->next = &loop->entries;
	e->prev->next = e;
	e->next->prev = e;
}

static void entry_close(struct entry *e)
{
	ss_loop_unpost(e->loop, &e->fired);
	e->prev->next = e->next;
	e->next->prev = e->prev;
	uv_close(e->handle, free_entry);
}

/* A handle that its owner forgot: closing it keeps uv_run from waiting for ever. */
static void close_stray(uv_handle_t *handle, void *ud)
{
	(void)ud;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void ss_loop_free(struct ss_loop *loop)
{
	if (!loop)
		return;
	assert(!loop->in_uv);
	while (loop->entries.next != &loop->entries)
		entry_close(loop->entries.next);
	uv_walk(&loop->uv, close_stray, NULL);
	while (uv_loop_close(&loop->uv) == UV_EBUSY)
		uv_run(&loop->uv, UV_RUN_DEFAULT);
	free(loop);
}

void *ss_loop_uv(struct ss_loop *loop)
{
	return &loop->uv;
}

static void drain(struct ss_loop *loop)
{
	size_t budget = loop->n_queued ? loop->n_queued + DRAIN_EXTRA : 0;
	uint64_t began = budget ? uv_hrtime() : 0;

	/* Each is taken off before it runs: a nested step must find the rest. */
	while (budget-- && loop->n_queued) {
		struct ss_completion *c = loop->queue.next_;

		if (budget < DRAIN_EXTRA && uv_hrtime() - began > DRAIN_EXTRA_NS)
			break;
		ss_loop_unpost(loop, c);
		c->fn(c);
	}
}

bool ss_loop_step(struct ss_loop *loop, bool wait)
{
	/* libuv uses freed handles when uv_run is nested in one of its callbacks. */
	assert(!loop->in_uv);
	loop->in_uv = true;
	uv_run(&loop->uv, wait && !loop->n_queued ? UV_RUN_ONCE : UV_RUN_NOWAIT);
	loop->in_uv = false;
	drain(loop);
	return loop->n_queued || uv_loop_alive(&loop->uv);
}

void ss_loop_post(struct ss_loop *loop, struct ss_completion *c)
{
	if (c->queued)
		return;
	c->queued = true;
	c->prev_ = loop->queue.prev_;
	c->next_ = &loop->queue;
	c->prev_->next_ = c;
	c->next_->prev_ = c;
	loop->n_queued++;
	/* Posted by a timer of libuv, which runs before it polls: the poll must not wait. */
	if (loop->in_uv)
		uv_stop(&loop->uv);
}

void ss_loop_unpost(struct ss_loop *loop, struct ss_completion *c)
{
	if (!c->queued)
		return;
	c->queued = false;
	c->prev_->next_ = c->next_;
	c->next_->prev_ = c->prev_;
	loop->n_queued--;
}

void ss_loop_wakeup(struct ss_loop *loop)
{
	uv_async_send(&loop->wake);
}

/* --- timers ---------------------------------------------------------------- */

static void timer_run(struct ss_completion *c)
{
	struct ss_timer *timer = SS_CONTAINER_OF(c, struct ss_timer, e.fired);

	timer->fn(timer->ud); /* may free the timer */
}

static void on_timer(uv_timer_t *handle)
{
	struct ss_timer *timer = handle->data;

	ss_loop_post(timer->e.loop, &timer->e.fired);
}

struct ss_timer *ss_timer_start(struct ss_loop *loop, int64_t delay_ms, void (*fn)(void *ud),
                                void *ud)
{
	struct ss_timer *timer = calloc(1, sizeof(*timer));

	if (!timer)
		return NULL;
	timer->fn = fn;
	timer->ud = ud;
	timer->e.fired.fn = timer_run;
	uv_timer_init(&loop->uv, &timer->uv);
	entry_open(loop, &timer->e, (uv_handle_t *)&timer->uv);
	/* libuv counts from its cached time, which is as old as this turn. */
	uv_update_time(&loop->uv);
	uv_timer_start(&timer->uv, on_timer, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0);
	return timer;
}

void ss_timer_stop(struct ss_timer *timer)
{
	if (timer)
		entry_close(&timer->e);
}

/* --- signals --------------------------------------------------------------- */

static void signal_run(struct ss_completion *c)
{
	struct signal_watch *w = SS_CONTAINER_OF(c, struct signal_watch, e.fired);

	while (w->deliveries) {
		w->deliveries--;
		w->fn(w->ud, w->signum);
	}
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct signal_watch *w = handle->data;

	(void)signum;
	w->deliveries++;
	ss_loop_post(w->e.loop, &w->e.fired);
}

int ss_loop_on_signal(struct ss_loop *loop, int signum, void (*fn)(void *ud, int signum), void *ud,
                      struct ss_err *err)
{
	struct signal_watch *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return ss_err_nomem(err);
	rc = uv_signal_init(&loop->uv, &w->uv);
	if (rc) {
		free(w);
		return uv_failed(err, "cannot watch signals", rc);
	}
	w->fn = fn;
	w->ud = ud;
	w->signum = signum;
	w->e.fired.fn = signal_run;
	entry_open(loop, &w->e, (uv_handle_t *)&w->uv);
	uv_unref((uv_handle_t *)&w->uv);
	rc = uv_signal_start(&w->uv, on_signal, signum);
	if (rc) {
		entry_close(&w->e);
		return uv_failed(err, "cannot watch signals", rc);
	}
	return 0;
}

/* --- file descriptors ------------------------------------------------------ */

static void poll_run(struct ss_completion *c)
{
	struct ss_poll *poll = SS_CONTAINER_OF(c, struct ss_poll, e.fired);

	poll->fn(poll->ud);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct ss_poll *poll = handle->data;

	(void)status; /* the reader learns of errors from its read */
	(void)events;
	ss_loop_post(poll->e.loop, &poll->e.fired);
}

static struct ss_poll *start_poll(struct ss_loop *loop, int fd, int events, void (*fn)(void *ud),
                                  void *ud, struct ss_err *err)
{
	struct ss_poll *poll = calloc(1, sizeof(*poll));
	int rc;

	if (!poll) {
		ss_err_nomem(err);
		return NULL;
	}
	poll->fn = fn;
	poll->ud = ud;
	poll->fd = fd;
	poll->flags = fcntl(fd, F_GETFL);
	poll->e.fired.fn = poll_run;
	rc = uv_poll_init(&loop->uv, &poll->uv, fd);
	if (rc) {
		free(poll);
		uv_failed(err, "cannot watch a file descriptor", rc);
		return NULL;
	}
	entry_open(loop, &poll->e, (uv_handle_t *)&poll->uv);
	rc = uv_poll_start(&poll->uv, events, on_poll);
	if (rc) {
		ss_poll_stop(poll);
		uv_failed(err, "cannot watch a file descriptor", rc);
		return NULL;
	}
	return poll;
}

struct ss_poll *ss_poll_start(struct ss_loop *loop, int fd, void (*fn)(void *ud), void *ud,
                              struct ss_err *err)
{
	return start_poll(loop, fd, UV_READABLE, fn, ud, err);
}

struct ss_poll *ss_poll_start_write(struct ss_loop *loop, int fd, void (*fn)(void *ud), void *ud,
                                    struct ss_err *err)
{
	struct ss_poll *poll = start_poll(loop, fd, UV_WRITABLE, fn, ud, err);

	if (poll && poll->flags >= 0)
		fcntl(fd, F_SETFL, poll->flags);
	return poll;
}

void ss_poll_stop(struct ss_poll *poll)
{
	if (!poll)
		return;
	/* Synchronously: the caller may close fd, and its number be used again. */
	uv_poll_stop(&poll->uv);
	if (poll->flags >= 0)
		fcntl(poll->fd, F_SETFL, poll->flags);
	entry_close(&poll->e);
}
