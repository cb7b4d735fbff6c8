#include "io/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "base/attr.h"
#include "base/err.h"
#include "io/loop.h"

struct ss_child {
	uv_process_t uv;
	struct ss_loop *loop;
	struct ss_completion ended;
	void (*done)(void *ud, int code);
	void *ud;
	int code;
};

static void free_child(uv_handle_t *handle)
{
	free(SS_CONTAINER_OF(handle, struct ss_child, uv));
}

static void hand_on(struct ss_completion *c)
{
	struct ss_child *child = SS_CONTAINER_OF(c, struct ss_child, ended);

	child->done(child->ud, child->code);
}

static void on_exit_of(uv_process_t *process, int64_t status, int signum)
{
	struct ss_child *child = SS_CONTAINER_OF(process, struct ss_child, uv);

	child->code = signum ? 128 + signum : (int)status;
	ss_loop_post(child->loop, &child->ended);
}

/* libuv leaves open what is not marked: nothing but the terminal is for the child. */
static void close_on_exec(void)
{
	long max = sysconf(_SC_OPEN_MAX);

	if (max < 0 || max > 4096)
		max = 4096;
	for (int fd = STDERR_FILENO + 1; fd < max; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
	}
}

int ss_child_start(struct ss_loop *loop, const char *const *argv, void (*done)(void *ud, int code),
                   void *ud, struct ss_child **ret, struct ss_err *err)
{
	uv_stdio_container_t stdio[3];
	uv_process_options_t options = {
	        .exit_cb = on_exit_of,
	        .file = argv[0],
	        .args = (char **)argv,
	        .stdio_count = 3,
	        .stdio = stdio,
	};
	struct ss_child *child = calloc(1, sizeof(*child));
	int rc;

	if (!child)
		return ss_err_nomem(err);
	for (int fd = 0; fd < 3; fd++) {
		stdio[fd].flags = UV_INHERIT_FD;
		stdio[fd].data.fd = fd;
	}
	child->loop = loop;
	child->ended.fn = hand_on;
	child->done = done;
	child->ud = ud;
	close_on_exec();
	rc = uv_spawn(ss_loop_uv(loop), &child->uv, &options);
	if (rc) {
		/* The handle is initialised even so. */
		uv_close((uv_handle_t *)&child->uv, free_child);
		if (rc == UV_ENOMEM)
			return ss_err_nomem(err);
		return ss_err_set(err, rc == UV_ENOENT ? SS_ERR_NOT_FOUND : SS_ERR_IO,
		                  "cannot start %s: %s", argv[0], uv_strerror(rc));
	}
	*ret = child;
	return 0;
}

void ss_child_stop(struct ss_child *child)
{
	uv_process_kill(&child->uv, SIGTERM);
}

void ss_child_release(struct ss_child *child)
{
	if (!child)
		return;
	ss_loop_unpost(child->loop, &child->ended);
	uv_close((uv_handle_t *)&child->uv, free_child);
}
