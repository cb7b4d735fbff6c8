#include "io/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/loop.h"

enum { COMPACT_BYTES = 1 << 20 };

struct ss_writer {
	struct ss_loop *loop;
	int fd;
	bool own; /* fd: opened anew, and it does not block */
	bool may_block;
	int error;
	struct ss_buf kept; /* from start on */
	size_t start;
	struct ss_poll *poll; /* while something is kept */
	struct ss_writer_wait waits;
};

static bool never_blocks(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(fd));
}

static int open_anew(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int ss_writer_new(struct ss_loop *loop, int fd, struct ss_writer **ret, struct ss_err *err)
{
	struct ss_writer *w = calloc(1, sizeof(*w));
	int own;

	if (!w)
		return ss_err_nomem(err);
	w->loop = loop;
	w->may_block = !never_blocks(fd);
	own = w->may_block ? open_anew(fd) : -1;
	w->own = own >= 0;
	w->fd = w->own ? own : fd;
	w->kept.max = (size_t)INT_MAX;
	w->waits.prev = w->waits.next = &w->waits;
	*ret = w;
	return 0;
}

void ss_writer_free(struct ss_writer *w)
{
	if (!w)
		return;
	ss_poll_stop(w->poll);
	ss_buf_done(&w->kept);
	if (w->own)
		close(w->fd);
	free(w);
}

bool ss_writer_same(int fd, int other)
{
	struct stat a, b;

	return !never_blocks(fd) && fstat(fd, &a) == 0 && fstat(other, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* --- waiting for room ----------------------------------------------------------------- */
static size_t left(const struct ss_writer *w)
{
	return w->kept.len - w->start;
}

bool ss_writer_is_full(const struct ss_writer *w)
{
	return left(w) >= SS_WRITER_FULL_BYTES;
}

void ss_writer_wait(struct ss_writer *w, struct ss_writer_wait *wait)
{
	wait->next = &w->waits;
	wait->prev = w->waits.prev;
	wait->prev->next = wait->next->prev = wait;
}

void ss_writer_unwait(struct ss_writer_wait *wait)
{
	if (!wait->next)
		return;
	wait->prev->next = wait->next;
	wait->next->prev = wait->prev;
	wait->next = wait->prev = NULL;
}

static void wake(struct ss_writer *w)
{
	while (w->waits.next != &w->waits && left(w) <= SS_WRITER_FULL_BYTES / 2) {
		struct ss_writer_wait *wait = w->waits.next;

		ss_writer_unwait(wait);
		wait->fn(wait);
	}
}

/* --- writing -------------------------------------------------------------------------- */
static bool wait_until_writable(const struct ss_writer *w, int ms)
{
	struct pollfd p = {.fd = w->fd, .events = POLLOUT};
	int n;

	do {
		n = poll(&p, 1, ms);
	} while (n < 0 && errno == EINTR && ms < 0);
	return n == 1;
}

/* What is taken without waiting: n bytes, 0 for none, or -1 after a failure. */
static ssize_t write_some(struct ss_writer *w, const char *data, size_t len)
{
	ssize_t n;

	/* A pipe that can be written to has room for so much; its writes block. */
	if (w->may_block && !w->own) {
		if (!wait_until_writable(w, 0))
			return 0;
		len = len < PIPE_BUF ? len : PIPE_BUF;
	}
	do {
		n = write(w->fd, data, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0)
		w->error = errno;
	return n;
}

static void drop(struct ss_writer *w)
{
	ss_buf_reset(&w->kept);
	w->start = 0;
}

static void write_kept(struct ss_writer *w)
{
	ssize_t n = 1;

	while (left(w) && n > 0) {
		n = write_some(w, w->kept.data + w->start, left(w));
		w->start += n > 0 ? (size_t)n : 0;
	}
	if (!left(w) || w->error) {
		drop(w);
	} else if (w->start >= COMPACT_BYTES) {
		ss_buf_consume(&w->kept, w->start);
		w->start = 0;
	}
}

static void on_writable(void *ud)
{
	struct ss_writer *w = ud;

	write_kept(w);
	if (!left(w)) {
		ss_poll_stop(w->poll);
		w->poll = NULL;
	}
	wake(w);
}

/* Until no more than so much is kept. */
static void block(struct ss_writer *w, size_t most)
{
	write_kept(w);
	while (left(w) > most) {
		wait_until_writable(w, -1);
		write_kept(w);
	}
}

/* There is no memory to keep it. */
static int write_all(struct ss_writer *w, const char *data, size_t len)
{
	block(w, 0);
	while (len && !w->error) {
		ssize_t n = write_some(w, data, len);

		if (n == 0)
			wait_until_writable(w, -1);
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return w->error;
}

int ss_writer_put(struct ss_writer *w, const char *data, size_t len)
{
	while (len && !w->error && !left(w)) {
		ssize_t n = write_some(w, data, len);

		if (n <= 0)
			break;
		data += n;
		len -= (size_t)n;
	}
	if (!len || w->error)
		return w->error;
	ss_buf_add(&w->kept, data, len);
	if (w->kept.failed) {
		w->kept.failed = 0;
		return write_all(w, data, len);
	}
	if (w->loop && !w->poll)
		w->poll = ss_poll_start_write(w->loop, w->fd, on_writable, w, NULL);
	if (!w->poll)
		block(w, 0);
	else if (left(w) > SS_WRITER_MAX_BYTES)
		block(w, SS_WRITER_MAX_BYTES);
	return w->error;
}

int ss_writer_flush(struct ss_writer *w)
{
	block(w, 0);
	return w->error;
}

int ss_writer_detach(struct ss_writer *w)
{
	ss_poll_stop(w->poll);
	w->poll = NULL;
	w->loop = NULL;
	return ss_writer_flush(w);
}
