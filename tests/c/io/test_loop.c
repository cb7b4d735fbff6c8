/* The loop: order of completions, timers, signals, wake-ups, descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "io/loop.h"

static char trace[256];

static void note(const char *s)
{
	strncat(trace, s, sizeof(trace) - strlen(trace) - 1);
}

struct posted {
	struct ss_completion c;
	struct ss_loop *loop;
	const char *name;
	struct posted *then;    /* post this one */
	struct posted *revokes; /* unpost this one */
	int left;               /* post itself again so often; -1 = for ever */
};

static void run_posted(struct ss_completion *c)
{
	struct posted *p = SS_CONTAINER_OF(c, struct posted, c);

	assert_false(c->queued);
	if (p->name)
		note(p->name);
	if (p->revokes)
		ss_loop_unpost(p->loop, &p->revokes->c);
	if (p->then)
		ss_loop_post(p->loop, &p->then->c);
	if (p->left)
		ss_loop_post(p->loop, c);
	if (p->left > 0)
		p->left--;
}

static struct posted posted(struct ss_loop *loop, const char *name)
{
	return (struct posted){.c.fn = run_posted, .loop = loop, .name = name};
}

static int setup(void **state)
{
	trace[0] = 0;
	*state = ss_loop_new(NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	ss_loop_free(*state);
	return 0;
}

static void test_empty_loop_does_not_wait(void **state)
{
	assert_false(ss_loop_step(*state, true));
	assert_false(ss_loop_step(*state, false));
	ss_loop_free(NULL);
}

static void test_completions_run_in_order_once(void **state)
{
	struct posted a = posted(*state, "a"), b = posted(*state, "b"), c = posted(*state, "c");

	b.then = &a; /* runs in the same turn, after c */
	ss_loop_post(*state, &a.c);
	ss_loop_post(*state, &b.c);
	ss_loop_post(*state, &c.c);
	ss_loop_post(*state, &a.c); /* already queued */
	assert_false(ss_loop_step(*state, true));
	assert_string_equal(trace, "abca");
}

static void test_unpost_also_of_the_batch_that_runs(void **state)
{
	struct posted a = posted(*state, "a"), b = posted(*state, "b"), c = posted(*state, "c");

	a.revokes = &b;
	ss_loop_post(*state, &a.c);
	ss_loop_post(*state, &b.c);
	ss_loop_post(*state, &c.c);
	ss_loop_unpost(*state, &c.c);
	ss_loop_unpost(*state, &c.c);
	ss_loop_step(*state, true);
	assert_string_equal(trace, "a");
}

static void fired(void *ud)
{
	note(ud);
}

static void test_completions_cannot_starve_timers(void **state)
{
	struct posted forever = posted(*state, NULL);
	struct ss_timer *timer = ss_timer_start(*state, 0, fired, (char[]){"t"});

	forever.left = -1;
	ss_loop_post(*state, &forever.c);
	for (int i = 0; i < 5 && !trace[0]; i++)
		assert_true(ss_loop_step(*state, true));
	assert_string_equal(trace, "t");
	ss_loop_unpost(*state, &forever.c);
	ss_timer_stop(timer);
}

struct nested {
	struct posted p;
	struct posted *waits_for;
};

static void run_nested(struct ss_completion *c)
{
	struct nested *n = SS_CONTAINER_OF(c, struct nested, p.c);

	note("(");
	while (n->waits_for->c.queued)
		ss_loop_step(n->p.loop, true);
	note(")");
}

static void test_step_inside_a_completion_finds_the_rest(void **state)
{
	struct posted b = posted(*state, "b"), c = posted(*state, "c");
	struct nested a = {.p = posted(*state, "a"), .waits_for = &b};

	a.p.c.fn = run_nested;
	ss_loop_post(*state, &a.p.c);
	ss_loop_post(*state, &b.c);
	ss_loop_post(*state, &c.c);
	assert_false(ss_loop_step(*state, true));
	assert_string_equal(trace, "(bc)");
}

static void test_timers_fire_in_time_and_order(void **state)
{
	int64_t began = ss_clock_mono_ms();
	struct ss_timer *late = ss_timer_start(*state, 30, fired, (char[]){"2"});
	struct ss_timer *soon = ss_timer_start(*state, 10, fired, (char[]){"1"});
	struct ss_timer *never = ss_timer_start(*state, 5, fired, (char[]){"x"});

	ss_timer_stop(never);
	ss_timer_stop(NULL);
	while (ss_loop_step(*state, true))
		continue;
	assert_string_equal(trace, "12");
	assert_in_range(ss_clock_mono_ms() - began, 29, 5000);
	ss_timer_stop(late);
	ss_timer_stop(soon);
}

struct self_stop {
	struct ss_timer *timer;
};

static void stop_self(void *ud)
{
	struct self_stop *s = ud;

	ss_timer_stop(s->timer);
	note("s");
}

static void test_what_a_timer_posts_does_not_wait_for_the_next(void **state)
{
	struct ss_timer *now = ss_timer_start(*state, 0, fired, (char[]){"n"});
	struct ss_timer *late = ss_timer_start(*state, 5000, fired, (char[]){"l"});

	assert_true(ss_loop_step(*state, true));
	assert_string_equal(trace, "n");
	ss_timer_stop(now);
	ss_timer_stop(late);
}

static void test_timer_may_stop_itself(void **state)
{
	struct self_stop s;

	s.timer = ss_timer_start(*state, -5, stop_self, &s);
	while (ss_loop_step(*state, true))
		continue;
	assert_string_equal(trace, "s");
}

static void test_free_closes_what_is_left(void **state)
{
	struct ss_loop *loop = ss_loop_new(NULL);
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_non_null(ss_timer_start(loop, 100000, fired, (char[]){"x"}));
	assert_non_null(ss_poll_start(loop, fds[0], fired, (char[]){"x"}, NULL));
	ss_loop_free(loop);
	close(fds[0]);
	close(fds[1]);
}

static void on_signal(void *ud, int signum)
{
	note(ud);
	assert_int_equal(signum, SIGUSR1);
}

static void test_signals_are_counted_and_keep_nothing_alive(void **state)
{
	struct ss_timer *timer = ss_timer_start(*state, 2000, fired, (char[]){"t"});

	assert_int_equal(ss_loop_on_signal(*state, SIGUSR1, on_signal, (char[]){"s"}, NULL), 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	while (strlen(trace) < 2)
		ss_loop_step(*state, true);
	assert_string_equal(trace, "ss");
	ss_timer_stop(timer);
	assert_false(ss_loop_step(*state, true)); /* closes the timer */
}

static void *wake(void *loop)
{
	ss_loop_wakeup(loop);
	return NULL;
}

static void test_wakeup_from_a_thread(void **state)
{
	struct ss_timer *timer = ss_timer_start(*state, 60000, fired, (char[]){"t"});
	int64_t began = ss_clock_mono_ms();
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, wake, *state), 0);
	assert_true(ss_loop_step(*state, true));
	assert_true(ss_clock_mono_ms() - began < 30000);
	pthread_join(thread, NULL);
	assert_string_equal(trace, "");
	ss_timer_stop(timer);
}

struct reader {
	int fd;
	struct ss_poll *poll;
	bool ended;
};

static void on_readable(void *ud)
{
	struct reader *r = ud;
	char c[2] = "";
	ssize_t n = read(r->fd, c, 1);

	if (n == 1) {
		note(c);
		return;
	}
	r->ended = true;
	ss_poll_stop(r->poll);
}

static void test_poll_reads_to_the_end_and_restores_flags(void **state)
{
	struct reader r = {0};
	int fds[2], flags;

	assert_int_equal(pipe(fds), 0);
	flags = fcntl(fds[0], F_GETFL);
	r.fd = fds[0];
	r.poll = ss_poll_start(*state, r.fd, on_readable, &r, NULL);
	assert_non_null(r.poll);
	assert_int_equal(write(fds[1], "xyz", 3), 3);
	close(fds[1]);
	while (ss_loop_step(*state, true))
		continue;
	assert_true(r.ended);
	assert_string_equal(trace, "xyz");
	assert_int_equal(fcntl(fds[0], F_GETFL), flags);
	close(fds[0]);
}

static void test_poll_refuses_a_regular_file(void **state)
{
	struct ss_err err SS_AUTO_ERR;
	char name[] = "/tmp/ss-loop-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_null(ss_poll_start(*state, fd, on_readable, NULL, &err));
	assert_int_equal(err.code, SS_ERR_IO);
	close(fd);
	unlink(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_empty_loop_does_not_wait, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_completions_run_in_order_once, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(test_unpost_also_of_the_batch_that_runs, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(test_completions_cannot_starve_timers, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(test_step_inside_a_completion_finds_the_rest, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(test_timers_fire_in_time_and_order, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(test_what_a_timer_posts_does_not_wait_for_the_next,
	                                        setup, teardown),
	        cmocka_unit_test_setup_teardown(test_timer_may_stop_itself, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_free_closes_what_is_left, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_signals_are_counted_and_keep_nothing_alive,
	                                        setup, teardown),
	        cmocka_unit_test_setup_teardown(test_wakeup_from_a_thread, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_poll_reads_to_the_end_and_restores_flags,
	                                        setup, teardown),
	        cmocka_unit_test_setup_teardown(test_poll_refuses_a_regular_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
