#include "io/fswatch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/attr.h"
#include "base/err.h"
#include "io/file.h"
#include "io/fswatch_priv.h"
#include "io/loop.h"

enum {
	READ_BYTES = 16384,
	READS_PER_TURN = 16, /* what is left is there in the next turn */
};

struct ss_fswatch {
	struct ss_loop *loop;
	uv_poll_t poll;
	struct ss_fswatch_set set;
	struct ss_completion notice;
	bool rescan; /* directories or links changed */
	void (*fn)(void *ud);
	void *ud;
};

/* --- which events count ------------------------------------------------------ */

static bool stat_in(const struct ss_fswatch_dir *dir, const char *name, struct stat *st)
{
	char *path SS_AUTOFREE = ss_file_join(dir->path, name);

	return path && lstat(path, st) == 0;
}

/* A name that appeared in the tree: a new file is empty and counts when it is closed, but a
 * link is complete at once. A hard link's other name may be gone by now; it is told by what is
 * in it. */
static bool appeared(struct ss_fswatch *watch, const struct ss_fswatch_dir *dir,
                     const struct inotify_event *event)
{
	struct stat st;

	if (!stat_in(dir, event->name, &st))
		return event->mask & IN_MOVED_TO;
	if (S_ISLNK(st.st_mode))
		watch->rescan = true;
	return (event->mask & IN_MOVED_TO) || S_ISLNK(st.st_mode) || st.st_size > 0;
}

static bool counts_in_tree(struct ss_fswatch *watch, const struct ss_fswatch_dir *dir,
                           const struct inotify_event *event)
{
	if (*event->name == '.')
		return false;
	if (event->mask & IN_ISDIR) {
		watch->rescan = true;
		return true;
	}
	if (event->mask & (IN_CREATE | IN_MOVED_TO))
		return appeared(watch, dir, event);
	return true;
}

static bool counts(struct ss_fswatch *watch, const struct inotify_event *event)
{
	const struct ss_fswatch_dir *dir = ss_fswatch_set_find(&watch->set, event->wd);

	if (event->mask & IN_Q_OVERFLOW)
		return watch->rescan = true;
	if (!dir)
		return false; /* an event that was on its way when the watch was removed */
	if (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) {
		if (event->mask & IN_IGNORED)
			ss_fswatch_set_forget(&watch->set, event->wd);
		return watch->rescan = true;
	}
	/* Of the directory itself: who may write to it decides whether what is in it is used. */
	if (!event->len)
		return (event->mask & IN_ATTRIB) && dir->whole;
	if (ss_fswatch_dir_leads_through(dir, event->name)) {
		watch->rescan |= !(event->mask & (IN_CLOSE_WRITE | IN_ATTRIB));
		return true;
	}
	return dir->whole && counts_in_tree(watch, dir, event);
}

static bool read_events(struct ss_fswatch *watch)
{
	_Alignas(struct inotify_event) char buf[READ_BYTES];
	bool any = false;
	ssize_t n;

	for (int reads = 0; reads < READS_PER_TURN; reads++) {
		do {
			n = read(watch->set.fd, buf, sizeof(buf));
		} while (n < 0 && errno == EINTR);
		if (n <= 0)
			break;
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *event = (const void *)p;

			any |= counts(watch, event);
			p += sizeof(*event) + event->len;
		}
	}
	return any;
}

/* --- the watch ----------------------------------------------------------------- */

static void on_readable(uv_poll_t *handle, int status, int events)
{
	struct ss_fswatch *watch = handle->data;

	(void)status; /* read_events finds nothing then */
	(void)events;
	if (read_events(watch))
		ss_loop_post(watch->loop, &watch->notice);
}

static void notice(struct ss_completion *c)
{
	struct ss_fswatch *watch = SS_CONTAINER_OF(c, struct ss_fswatch, notice);

	if (watch->rescan) {
		watch->rescan = false;
		/* Before fn: what it reads from here on is watched. */
		ss_fswatch_set_scan(&watch->set);
	}
	watch->fn(watch->ud); /* may stop the watch */
}

static void free_watch(uv_handle_t *handle)
{
	free(handle->data);
}

static void drop_set(struct ss_fswatch_set *set)
{
	ss_fswatch_set_done(set);
	free(set->root);
	if (set->fd >= 0)
		close(set->fd);
}

static int open_set(struct ss_fswatch_set *set, const char *dir, struct ss_err *err)
{
	set->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (set->fd < 0)
		return ss_err_set(err, SS_ERR_IO, "cannot watch %s: %s%s", dir, strerror(errno),
		                  errno == EMFILE ? " (inotify instances or descriptors; raise "
		                                    "fs.inotify.max_user_instances)"
		                                  : "");
	set->root = ss_file_absolute(dir);
	if (set->root)
		return 0;
	if (errno == ENOMEM)
		return ss_err_nomem(err);
	return ss_err_set(err, SS_ERR_IO, "cannot watch %s: the working directory: %s", dir,
	                  strerror(errno));
}

static int open_poll(struct ss_fswatch *watch, struct ss_err *err)
{
	int rc = uv_poll_init(ss_loop_uv(watch->loop), &watch->poll, watch->set.fd);

	if (rc)
		return ss_err_set(err, SS_ERR_IO, "cannot watch %s: %s", watch->set.root,
		                  uv_strerror(rc));
	watch->poll.data = watch;
	uv_unref((uv_handle_t *)&watch->poll);
	return 0;
}

int ss_fswatch_start(struct ss_loop *loop, const char *dir, void (*fn)(void *ud), void *ud,
                     struct ss_fswatch **ret, struct ss_err *err)
{
	struct ss_fswatch *watch = calloc(1, sizeof(*watch));
	int rc;

	if (!watch)
		return ss_err_nomem(err);
	*watch = (struct ss_fswatch){.loop = loop, .fn = fn, .ud = ud, .notice = {.fn = notice}};
	rc = open_set(&watch->set, dir, err);
	if (rc == 0)
		rc = open_poll(watch, err);
	if (rc) {
		drop_set(&watch->set);
		free(watch);
		return rc;
	}
	ss_fswatch_set_scan(&watch->set);
	rc = uv_poll_start(&watch->poll, UV_READABLE, on_readable);
	if (rc) {
		ss_err_set(err, SS_ERR_IO, "cannot watch %s: %s", dir, uv_strerror(rc));
		ss_fswatch_stop(watch);
		return SS_ERR_IO;
	}
	*ret = watch;
	return 0;
}

bool ss_fswatch_is_blind(const struct ss_fswatch *watch)
{
	return !watch || watch->set.blind;
}

void ss_fswatch_keep_active(struct ss_fswatch *watch)
{
	if (watch)
		uv_ref((uv_handle_t *)&watch->poll);
}

void ss_fswatch_stop(struct ss_fswatch *watch)
{
	if (!watch)
		return;
	ss_loop_unpost(watch->loop, &watch->notice);
	/* Synchronously: its number is used again as soon as the descriptor is closed. */
	uv_poll_stop(&watch->poll);
	drop_set(&watch->set);
	uv_close((uv_handle_t *)&watch->poll, free_watch);
}
