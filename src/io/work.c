#include "io/work.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "io/loop.h"

/* The loop goes first where both want one processor; on Linux a thread has a niceness of its own. */
enum { STACK_BYTES = 8 << 20, NICER_BY = 5 };

/* A thread per piece of work, not libuv's pool: glibc hands the arena of a thread
 * that ended to the next one, while four threads that take turns would spread what
 * long-lived objects they make over four arenas. Starting one costs some 30 µs.
 *
 * Nobody waits for its very end, nor for a handshake with it as uv_async_t has one:
 * a thread that is put off the processor there would stop the loop for
 * milliseconds. The write to the eventfd is the last that it does. */
struct inner {
	uv_poll_t returned; /* of fd */
	int fd;             /* eventfd: readable once run has returned */
	struct ss_loop *loop;
	struct ss_work *work;
	struct ss_completion finish;
	atomic_int fate;
	atomic_int
	        holders; /* of one that was left: its thread, and the handle that is being closed */
};

enum fate { RUNS, RETURNED, LEFT };

static void free_inner(struct inner *inner)
{
	close(inner->fd);
	free(inner);
}

static void let_go(struct inner *inner)
{
	if (atomic_fetch_sub(&inner->holders, 1) == 1)
		free_inner(inner);
}

static void *on_thread(void *arg)
{
	struct inner *inner = arg;
	int fd = inner->fd;
	uint64_t one = 1;

	(void)!nice(NICER_BY);
	inner->work->run(inner->work);
	if (atomic_exchange(&inner->fate, RETURNED) == LEFT) {
		let_go(inner);
		return NULL;
	}
	/* From here on inner may be gone. An eventfd takes a first write at once. */
	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
	return NULL;
}

static void on_closed(uv_handle_t *handle)
{
	free_inner(handle->data);
}

static void on_left(uv_handle_t *handle)
{
	let_go(handle->data);
}

static void on_returned(uv_poll_t *handle, int status, int events)
{
	struct inner *inner = handle->data;

	(void)status;
	(void)events;
	uv_poll_stop(handle);
	ss_loop_post(inner->loop, &inner->finish);
}

static void end(struct inner *inner)
{
	ss_loop_unpost(inner->loop, &inner->finish);
	inner->work->running = false;
	inner->work->inner_ = NULL;
	uv_close((uv_handle_t *)&inner->returned, on_closed);
}

static void finish(struct ss_completion *c)
{
	struct inner *inner = SS_CONTAINER_OF(c, struct inner, finish);
	struct ss_work *work = inner->work;
	uint64_t count;

	/* What run wrote is seen from here on. */
	while (read(inner->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		continue;
	end(inner);
	work->done(work);
}

/* A signal that this thread took would interrupt no wait of the loop's thread. */
static int start_thread(struct inner *inner)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int rc = pthread_attr_init(&attr);

	if (rc)
		return rc;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &attr, on_thread, inner);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return rc;
}

static int fail(int error, struct ss_err *err)
{
	if (error == ENOMEM)
		return ss_err_nomem(err);
	return ss_err_set(err, SS_ERR_IO, "cannot start a thread: %s", strerror(error));
}

/* The handle is open, and closes the file, from here on. */
static int open_inner(struct ss_loop *loop, struct inner *inner, struct ss_err *err)
{
	int rc;

	inner->fd = eventfd(0, EFD_CLOEXEC);
	if (inner->fd < 0)
		return fail(errno, err);
	rc = uv_poll_init(ss_loop_uv(loop), &inner->returned, inner->fd);
	if (rc) {
		close(inner->fd);
		return fail(-rc, err);
	}
	inner->returned.data = inner;
	return 0;
}

int ss_work_start(struct ss_loop *loop, struct ss_work *work, struct ss_err *err)
{
	struct inner *inner;
	int rc;

	assert(!work->running);
	inner = calloc(1, sizeof(*inner));
	if (!inner)
		return ss_err_nomem(err);
	*inner = (struct inner){.loop = loop, .work = work, .finish = {.fn = finish}};
	rc = open_inner(loop, inner, err);
	if (rc) {
		free(inner);
		return rc;
	}
	rc = -uv_poll_start(&inner->returned, UV_READABLE, on_returned);
	work->inner_ = inner;
	work->running = true;
	if (!rc)
		rc = start_thread(inner);
	if (rc) {
		work->inner_ = NULL;
		work->running = false;
		uv_close((uv_handle_t *)&inner->returned, on_closed);
		return fail(rc, err);
	}
	return 0;
}

static bool has_returned(struct inner *inner, int64_t wait_ms)
{
	struct pollfd returned = {.fd = inner->fd, .events = POLLIN};
	int64_t until = ss_clock_mono_ms() + wait_ms, left = wait_ms;
	uint64_t count;
	int n;

	do {
		n = poll(&returned, 1, left > 0 ? (int)left : 0);
		left = until - ss_clock_mono_ms();
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	while (read(inner->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		continue;
	return true;
}

bool ss_work_cancel(struct ss_work *work, int64_t wait_ms)
{
	struct inner *inner = work->inner_;

	if (!work->running)
		return true;
	atomic_store(&inner->holders, 2);
	if (has_returned(inner, wait_ms) ||
	    (atomic_exchange(&inner->fate, LEFT) == RETURNED && has_returned(inner, INT_MAX))) {
		end(inner);
		return true;
	}
	ss_loop_unpost(inner->loop, &inner->finish);
	work->running = false;
	work->inner_ = NULL;
	uv_close((uv_handle_t *)&inner->returned, on_left);
	return false;
}
