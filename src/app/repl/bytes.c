#include "app/repl/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "io/loop.h"

static void read_some(struct ss_bytes *b)
{
	ssize_t n = read(STDIN_FILENO, b->data, sizeof(b->data));

	if (n > 0)
		b->len = (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		b->eof = true; /* a terminal that is gone: EIO */
}

static void on_readable(void *ud)
{
	struct ss_bytes *b = ud;
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	/* The descriptor blocks: who else reads it may have been faster. */
	if (!b->len && !b->eof && poll(&p, 1, 0) == 1)
		read_some(b);
}

/* Regular files and some devices cannot be polled, and need not be. */
static bool can_poll(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(STDIN_FILENO));
}

int ss_bytes_start(struct ss_bytes *b, struct ss_loop *loop, struct ss_err *err)
{
	int flags = fcntl(STDIN_FILENO, F_GETFL);

	b->loop = loop;
	if (!can_poll())
		return 0;
	b->poll = ss_poll_start(loop, STDIN_FILENO, on_readable, b, err);
	if (!b->poll)
		return err->code;
	/* Non-blocking would hold for everybody who has this terminal open, our output included. */
	if (flags >= 0)
		fcntl(STDIN_FILENO, F_SETFL, flags);
	return 0;
}

void ss_bytes_stop(struct ss_bytes *b)
{
	ss_poll_stop(b->poll);
	b->poll = NULL;
}

void ss_bytes_wait(struct ss_bytes *b)
{
	ss_loop_step(b->loop, b->poll != NULL);
	if (!b->poll && !b->len && !b->eof)
		read_some(b);
}
