/* Work on a thread: order of run and done, cancelling, the stack, signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "io/loop.h"
#include "io/work.h"

enum { WAIT_MS = 60000 };

struct job {
	struct ss_work work;
	struct ss_loop *loop;
	sem_t gate; /* run waits here when gated */
	sem_t returns;
	bool gated, left, on_other_thread, signals_blocked, was_running, freed_by_done;
	int again; /* times that done starts it anew */
	int ran, done, value;
	pthread_t loop_thread;
	size_t deep_bytes;
};

static size_t descend(size_t left)
{
	volatile char frame[4096];

	frame[0] = (char)left;
	return left <= sizeof(frame) ? 1 : 1 + descend(left - sizeof(frame)) + (frame[0] & 0);
}

static void run(struct ss_work *work)
{
	struct job *job = SS_CONTAINER_OF(work, struct job, work);
	sigset_t mask;

	if (job->gated)
		sem_wait(&job->gate);
	if (job->deep_bytes)
		descend(job->deep_bytes);
	job->on_other_thread = !pthread_equal(pthread_self(), job->loop_thread);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	job->signals_blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1;
	job->value = 42;
	job->ran++;
	if (job->left)
		sem_post(&job->returns);
}

static void done(struct ss_work *work)
{
	struct job *job = SS_CONTAINER_OF(work, struct job, work);

	job->done++;
	job->was_running = work->running;
	if (job->freed_by_done) {
		sem_destroy(&job->gate);
		free(job);
		return;
	}
	if (job->again-- > 0)
		assert_int_equal(ss_work_start(job->loop, work, NULL), 0);
}

static struct job *new_job(struct ss_loop *loop)
{
	struct job *job = calloc(1, sizeof(*job));

	assert_non_null(job);
	job->work = (struct ss_work){.run = run, .done = done};
	job->loop = loop;
	job->loop_thread = pthread_self();
	sem_init(&job->gate, 0, 0);
	sem_init(&job->returns, 0, 0);
	return job;
}

static void free_job(struct job *job)
{
	sem_destroy(&job->gate);
	free(job);
}

static void start(struct job *job)
{
	assert_int_equal(ss_work_start(job->loop, &job->work, NULL), 0);
	assert_true(job->work.running);
}

static int setup(void **state)
{
	*state = ss_loop_new(NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	ss_loop_free(*state);
	return 0;
}

static void test_runs_on_a_thread_and_is_done_on_the_loop(void **state)
{
	struct job *job = new_job(*state);

	start(job);
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(job->ran, 1);
	assert_int_equal(job->done, 1);
	assert_int_equal(job->value, 42);
	assert_true(job->on_other_thread);
	assert_true(job->signals_blocked);
	assert_false(job->was_running);
	free_job(job);
}

static void count(void *ud)
{
	++*(int *)ud;
}

static void test_the_loop_goes_on_meanwhile(void **state)
{
	struct job *job = new_job(*state);
	int ticks = 0;
	struct ss_timer *timer = ss_timer_start(*state, 0, count, &ticks);

	job->gated = true;
	start(job);
	while (!ticks)
		assert_true(ss_loop_step(*state, true));
	assert_int_equal(job->done, 0);
	sem_post(&job->gate);
	while (!job->done)
		assert_true(ss_loop_step(*state, true));
	ss_timer_stop(timer);
	free_job(job);
}

static void test_done_may_start_it_again_or_free_it(void **state)
{
	struct job *job = new_job(*state);

	job->again = 20;
	start(job);
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(job->done, 21);
	assert_int_equal(job->ran, 21);
	job->freed_by_done = true;
	start(job);
	while (ss_loop_step(*state, true))
		;
}

static void test_many_at_once(void **state)
{
	struct job *jobs[20];

	for (size_t i = 0; i < SS_ARRAY_LEN(jobs); i++) {
		jobs[i] = new_job(*state);
		jobs[i]->gated = true;
		start(jobs[i]);
	}
	for (size_t i = SS_ARRAY_LEN(jobs); i--;)
		sem_post(&jobs[i]->gate);
	while (ss_loop_step(*state, true))
		;
	for (size_t i = 0; i < SS_ARRAY_LEN(jobs); i++) {
		assert_int_equal(jobs[i]->done, 1);
		free_job(jobs[i]);
	}
}

static void test_cancel_waits_and_keeps_done_from_running(void **state)
{
	struct job *job = new_job(*state);

	ss_work_cancel(&job->work, WAIT_MS); /* not running */
	job->gated = true;
	start(job);
	sem_post(&job->gate);
	ss_work_cancel(&job->work, WAIT_MS);
	assert_int_equal(job->ran, 1);
	assert_int_equal(job->value, 42);
	assert_false(job->work.running);
	ss_work_cancel(&job->work, WAIT_MS);
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(job->done, 0);
	job->gated = false;
	start(job); /* and it can be started anew */
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(job->done, 1);
	free_job(job);
}

static void test_what_does_not_return_is_left(void **state)
{
	struct job *job = new_job(*state);

	job->gated = true;
	start(job);
	assert_false(ss_work_cancel(&job->work, 1));
	assert_false(job->work.running);
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(job->done, 0);
	/* It runs on, and its node is there. */
	job->left = true;
	sem_post(&job->gate);
	sem_wait(&job->returns);
	free_job(job);
}

struct canceller {
	struct ss_completion c;
	struct job *job;
};

static void cancel_it(struct ss_completion *c)
{
	struct canceller *x = SS_CONTAINER_OF(c, struct canceller, c);

	ss_work_cancel(&x->job->work, WAIT_MS);
}

/* Both jobs have returned and are queued; the first one's done cancels the other. */
static void cancel_other(struct ss_work *work)
{
	struct job *job = SS_CONTAINER_OF(work, struct job, work);

	job->done++;
	ss_work_cancel(&job[1].work, WAIT_MS);
}

static void test_cancel_of_what_has_returned(void **state)
{
	struct job jobs[2] = {0};
	struct canceller x = {.c.fn = cancel_it, .job = &jobs[1]};

	for (int i = 0; i < 2; i++) {
		jobs[i].work = (struct ss_work){.run = run, .done = i ? done : cancel_other};
		jobs[i].loop = *state;
		start(&jobs[i]);
	}
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(jobs[0].done, 1);
	assert_false(jobs[1].work.running);
	jobs[1].done = 0;
	start(&jobs[1]);
	ss_loop_post(*state, &x.c);
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(jobs[1].done, 0);
}

static void test_the_stack_is_deep(void **state)
{
	struct job *job = new_job(*state);

	job->deep_bytes = 6 << 20;
	start(job);
	while (ss_loop_step(*state, true))
		;
	assert_int_equal(job->done, 1);
	free_job(job);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_runs_on_a_thread_and_is_done_on_the_loop,
	                                        setup, teardown),
	        cmocka_unit_test_setup_teardown(test_the_loop_goes_on_meanwhile, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_done_may_start_it_again_or_free_it, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(test_many_at_once, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_what_does_not_return_is_left, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_cancel_waits_and_keeps_done_from_running,
	                                        setup, teardown),
	        cmocka_unit_test_setup_teardown(test_cancel_of_what_has_returned, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_the_stack_is_deep, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
