/* Writing where nobody reads: the loop goes on, order is kept, and what is kept is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/err.h"
#include "io/loop.h"
#include "io/writer.h"

struct place {
	struct ss_loop *loop;
	struct ss_writer *w;
	int fds[2];
};

static void open_place(struct place *p, bool is_socket)
{
	struct ss_err err SS_AUTO_ERR;

	signal(SIGPIPE, SIG_IGN);
	p->loop = ss_loop_new(&err);
	assert_non_null(p->loop);
	if (is_socket)
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p->fds), 0);
	else
		assert_int_equal(pipe(p->fds), 0);
	assert_int_equal(ss_writer_new(p->loop, p->fds[1], &p->w, &err), 0);
}

static void close_place(struct place *p)
{
	ss_writer_free(p->w);
	ss_loop_free(p->loop);
	close(p->fds[0]);
	close(p->fds[1]);
}

/* Numbers, so that what is read shows its order; from and to are multiples of it. */
enum { BLOCK = 1000 };

static void put_numbers(struct ss_writer *w, int from, int to)
{
	int block[BLOCK];

	for (int i = from; i < to;) {
		for (int k = 0; k < BLOCK; k++)
			block[k] = i++;
		assert_int_equal(ss_writer_put(w, (const char *)block, sizeof(block)), 0);
	}
}

static void read_numbers(int fd, int from, int to)
{
	int block[BLOCK];

	for (int i = from; i < to;) {
		size_t n = 0;

		while (n < sizeof(block)) {
			ssize_t some = read(fd, (char *)block + n, sizeof(block) - n);

			assert_true(some > 0);
			n += (size_t)some;
		}
		for (int k = 0; k < BLOCK; k++)
			assert_int_equal(block[k], i++);
	}
}

struct reader {
	int fd, n;
	atomic_int n_read;
};

static void *read_on_thread(void *ud)
{
	struct reader *r = ud;

	for (int i = 0; i < r->n; i += BLOCK) {
		read_numbers(r->fd, i, i + BLOCK);
		atomic_store(&r->n_read, i + BLOCK);
	}
	return NULL;
}

static void keeps_and_writes_in_order(bool is_socket)
{
	struct reader reader;
	struct place p;
	pthread_t thread;

	open_place(&p, is_socket);
	/* More than a pipe holds: nobody reads, and it comes back. */
	put_numbers(p.w, 0, 200000);
	reader.fd = p.fds[0];
	reader.n = 300000;
	assert_int_equal(pthread_create(&thread, NULL, read_on_thread, &reader), 0);
	put_numbers(p.w, 200000, 300000);
	while (ss_loop_step(p.loop, true))
		;
	pthread_join(thread, NULL);
	close_place(&p);
}

static void test_a_pipe(void **state)
{
	(void)state;
	keeps_and_writes_in_order(false);
}

static void test_a_socket(void **state)
{
	(void)state;
	keeps_and_writes_in_order(true);
}

static void test_the_pipe_blocks_for_others(void **state)
{
	struct place p;

	(void)state;
	open_place(&p, false);
	put_numbers(p.w, 0, 100000);
	ss_loop_step(p.loop, false);
	assert_false(fcntl(p.fds[1], F_GETFL) & O_NONBLOCK);
	close_place(&p);
}

struct waiter {
	struct ss_writer_wait wait;
	int called;
};

static void on_room(struct ss_writer_wait *wait)
{
	SS_CONTAINER_OF(wait, struct waiter, wait)->called++;
}

static void test_who_waits_is_woken_when_half_is_written(void **state)
{
	enum { N = SS_WRITER_FULL_BYTES / 3 / BLOCK * BLOCK };
	struct waiter a = {.wait.fn = on_room}, b = {.wait.fn = on_room};
	struct place p;

	(void)state;
	open_place(&p, false);
	assert_false(ss_writer_is_full(p.w));
	put_numbers(p.w, 0, N);
	assert_true(ss_writer_is_full(p.w));
	ss_writer_wait(p.w, &a.wait);
	ss_writer_wait(p.w, &b.wait);
	ss_writer_unwait(&b.wait);
	ss_loop_step(p.loop, false);
	assert_int_equal(a.called, 0);
	for (int i = 0; i < N; i += BLOCK) {
		read_numbers(p.fds[0], i, i + BLOCK);
		ss_loop_step(p.loop, false);
		ss_loop_step(p.loop, false);
	}
	assert_int_equal(a.called, 1);
	assert_int_equal(b.called, 0);
	ss_writer_unwait(&a.wait);
	close_place(&p);
}

static void test_who_waits_is_woken_when_nobody_reads_any_more(void **state)
{
	struct waiter a = {.wait.fn = on_room};
	struct place p;

	(void)state;
	open_place(&p, false);
	put_numbers(p.w, 0, 100000);
	ss_writer_wait(p.w, &a.wait);
	close(p.fds[0]);
	while (ss_loop_step(p.loop, true))
		;
	assert_int_equal(a.called, 1);
	assert_int_equal(ss_writer_put(p.w, "x", 1), EPIPE);
	assert_int_equal(ss_writer_flush(p.w), EPIPE);
	p.fds[0] = dup(p.fds[1]);
	close_place(&p);
}

static void test_what_is_kept_is_bounded(void **state)
{
	enum { MOST = SS_WRITER_MAX_BYTES / (int)sizeof(int) / BLOCK * BLOCK, N = 3 * MOST };
	struct reader reader = {.n = N};
	struct place p;
	pthread_t thread;

	(void)state;
	open_place(&p, false);
	reader.fd = p.fds[0];
	put_numbers(p.w, 0, MOST);
	assert_int_equal(pthread_create(&thread, NULL, read_on_thread, &reader), 0);
	put_numbers(p.w, MOST, N);
	/* The pipe holds some of it, too. */
	assert_true(atomic_load(&reader.n_read) > N - MOST - 100000);
	assert_int_equal(ss_writer_detach(p.w), 0);
	pthread_join(thread, NULL);
	close_place(&p);
}

static void test_a_file_is_written_at_once(void **state)
{
	char path[] = "/tmp/sandscript-writer-XXXXXX";
	struct ss_writer *w;
	struct ss_loop *loop = ss_loop_new(NULL);
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(ss_writer_new(loop, fd, &w, NULL), 0);
	put_numbers(w, 0, 100000);
	assert_int_equal(lseek(fd, 0, SEEK_END), 100000 * sizeof(int));
	assert_false(ss_loop_step(loop, false));
	ss_writer_free(w);
	ss_loop_free(loop);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_pipe),
	        cmocka_unit_test(test_a_socket),
	        cmocka_unit_test(test_the_pipe_blocks_for_others),
	        cmocka_unit_test(test_who_waits_is_woken_when_half_is_written),
	        cmocka_unit_test(test_who_waits_is_woken_when_nobody_reads_any_more),
	        cmocka_unit_test(test_what_is_kept_is_bounded),
	        cmocka_unit_test(test_a_file_is_written_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
