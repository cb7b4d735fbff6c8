#include "io/work.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#include "base/attr.h"
#include "base/err.h"
#include "io/loop.h"

enum { STACK_BYTES = 8 << 20 };

/* A thread per piece of work, not libuv's pool: glibc hands the arena of a thread
 * that ended to the next one, while four threads that take turns would spread what
 * long-lived objects they make over four arenas. Starting one costs some 30 µs. */
struct inner {
	uv_async_t returned;
	uv_thread_t thread;
	struct ss_loop *loop;
	struct ss_work *work;
	struct ss_completion finish;
};

static void on_thread(void *arg)
{
	struct inner *inner = arg;

	inner->work->run(inner->work);
	uv_async_send(&inner->returned); /* the last touch: whoever joins may free */
}

static void free_inner(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_returned(uv_async_t *handle)
{
	struct inner *inner = handle->data;

	ss_loop_post(inner->loop, &inner->finish);
}

static void end(struct inner *inner)
{
	uv_thread_join(&inner->thread);
	ss_loop_unpost(inner->loop, &inner->finish);
	inner->work->running = false;
	inner->work->inner_ = NULL;
	uv_close((uv_handle_t *)&inner->returned, free_inner);
}

static void finish(struct ss_completion *c)
{
	struct inner *inner = SS_CONTAINER_OF(c, struct inner, finish);
	struct ss_work *work = inner->work;

	end(inner);
	work->done(work);
}

/* A signal that this thread took would interrupt no wait of the loop's thread. */
static int start_thread(struct inner *inner)
{
	uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE,
	                               .stack_size = STACK_BYTES};
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = uv_thread_create_ex(&inner->thread, &options, on_thread, inner);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
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
	rc = uv_async_init(ss_loop_uv(loop), &inner->returned, on_returned);
	if (rc) {
		free(inner);
		return ss_err_set(err, SS_ERR_IO, "cannot start a thread: %s", uv_strerror(rc));
	}
	inner->returned.data = inner;
	work->inner_ = inner;
	work->running = true;
	rc = start_thread(inner);
	if (rc) {
		work->inner_ = NULL;
		work->running = false;
		uv_close((uv_handle_t *)&inner->returned, free_inner);
		return ss_err_set(err, SS_ERR_IO, "cannot start a thread: %s", uv_strerror(rc));
	}
	return 0;
}

void ss_work_cancel(struct ss_work *work)
{
	if (work->running)
		end(work->inner_);
}
