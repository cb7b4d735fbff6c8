/* When a pass of the loader runs: at once when inotify says so, every second where it
 * does not see everything, after a removal has stood, and when somebody asks. One at a time; what
 * is asked for meanwhile is one more pass. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "io/fswatch.h"
#include "script/policy/policy_priv.h"

enum {
	POLL_MS = 1000,
	/* More passes than that in so short a time are a burst (a checkout, a storm of renames): the
	 * next one waits, and takes all that comes meanwhile. */
	BURST_PASSES = 10,
	BURST_MS = 100,
	BURST_PAUSE_MS = 20,
	MAX_LOG_BYTES = 64 * 1024, /* of what the files print in a pass */
};

static void start(struct ss_policy *policy);

static void on_again(void *ud)
{
	struct ss_policy *policy = ud;

	ss_timer_stop(policy->again);
	policy->again = NULL;
	policy_ask(policy, false);
}

static void on_pause_over(void *ud)
{
	struct ss_policy *policy = ud;

	ss_timer_stop(policy->pause);
	policy->pause = NULL;
	policy->burst = 0;
	start(policy);
}

static void on_poll(void *ud);

static void poll_where_blind(struct ss_policy *policy)
{
	ss_timer_stop(policy->poll);
	policy->poll = NULL;
	if (ss_fswatch_is_blind(policy->fswatch))
		policy->poll = ss_timer_start(policy->loop, POLL_MS, on_poll, policy);
}

static void on_poll(void *ud)
{
	poll_where_blind(ud);
	policy_ask(ud, false);
}

static void on_change(void *ud)
{
	poll_where_blind(ud);
	policy_ask(ud, false);
}

static void on_report(void *ud)
{
	struct ss_policy *policy = ud;

	ss_timer_stop(policy->report);
	policy->report = NULL;
	policy_tell_failures(policy);
}

void policy_tell_failures(struct ss_policy *policy)
{
	int64_t next = policy_report(policy);

	if (next && !policy->report)
		policy->report = ss_timer_start(policy->loop, next, on_report, policy);
}

/* One more pass in so many milliseconds, or earlier. */
static void start_later(struct ss_policy *policy, int64_t ms)
{
	int64_t at = ss_clock_mono_ms() + ms;

	if (policy->again && policy->again_at_ms <= at)
		return;
	ss_timer_stop(policy->again);
	policy->again = ss_timer_start(policy->loop, ms, on_again, policy);
	policy->again_at_ms = at;
}

/* --- the thread ------------------------------------------------------------------------ */
static void keep_line(void *ud, const char *line, size_t len)
{
	struct ss_buf *log = ud;

	if (log->len + len + 1 > MAX_LOG_BYTES)
		return;
	ss_buf_add(log, line, len);
	ss_buf_putc(log, '\n');
}

static void run(struct ss_work *work)
{
	struct policy_job *job = SS_CONTAINER_OF(work, struct policy_job, work);

	ss_log_set_thread_sink(keep_line, &job->log);
	job->rc = policy_loader_pass(job->policy->loader, &job->pass, &job->err);
	ss_log_set_thread_sink(NULL, NULL);
	job->took_ns = ss_clock_mono_ns() - job->began_ns;
}

static void write_kept(struct ss_buf *log)
{
	const char *at = log->data, *end = log->len ? at + log->len : at, *nl;

	for (; at < end && (nl = memchr(at, '\n', (size_t)(end - at))); at = nl + 1)
		ss_log_line(at, (size_t)(nl - at));
	ss_buf_done(log);
}

/* --- its result --------------------------------------------------------------------------- */
/* The folder itself cannot be read: said once. */
static void set_problem(struct ss_policy *policy, const char *text)
{
	if (policy->problem && text && strcmp(policy->problem, text) == 0)
		return;
	if (text)
		ss_log(SS_LOG_ERROR, "policy: %s: generation %lld keeps serving", text,
		       (long long)policy->current->number);
	else if (policy->problem)
		ss_log(SS_LOG_INFO, "policy: the folder is there again");
	free(policy->problem);
	policy->problem = text ? strdup(text) : NULL;
}

static void take_result(struct ss_policy *policy, struct policy_job *job)
{
	struct policy_pass *pass = &job->pass;

	policy->metrics.passes++;
	policy->metrics.loads += (int64_t)pass->ret_loaded;
	policy->metrics.failures += (int64_t)pass->ret_failed;
	if (pass->ret_loaded)
		policy->metrics.last_us = job->took_ns / 1000;
	if (!job->rc)
		job->rc = policy_serve(policy, pass, job->asked ? POLICY_ASKED : POLICY_FILES,
		                       job->asked, &job->err);
	policy_generation_unref(pass->ret_generation);
	pass->ret_generation = NULL;
	set_problem(policy, job->rc ? job->err.message : NULL);
	if (pass->ret_again_ms)
		start_later(policy, pass->ret_again_ms);
	policy_tell_failures(policy);
}

static void loaded(struct ss_work *work)
{
	struct policy_job *job = SS_CONTAINER_OF(work, struct policy_job, work);
	struct ss_policy *policy = job->policy;
	struct ss_err err SS_AUTO_ERR;

	write_kept(&job->log);
	take_result(policy, job);
	ss_err_move(&err, &job->err);
	policy->ended = policy->began;
	policy_wake(policy, err.code ? &err : NULL);
	policy_resume(policy);
}

/* --- starting one ------------------------------------------------------------------------------ */
/* Is this pass one too many? Then it comes a little later. */
static bool is_burst(struct ss_policy *policy)
{
	int64_t now = ss_clock_mono_ms();

	if (now - policy->burst_ms > BURST_MS) {
		policy->burst_ms = now;
		policy->burst = 0;
	}
	return ++policy->burst > BURST_PASSES;
}

static int start_job(struct ss_policy *policy, struct ss_err *err)
{
	struct policy_job *job = &policy->job;

	job->policy = policy;
	job->work.run = run;
	job->work.done = loaded;
	job->pass = (struct policy_pass){.trial = true, .generation = policy->last_number + 1};
	if (policy->guard)
		job->pass.guard = *policy->guard;
	job->pass.guard.waived = NULL;
	job->asked = policy->wanted_by_call;
	ss_err_init(&job->err);
	job->began_ns = ss_clock_mono_ns();
	policy->wanted_by_call = false;
	policy->began = policy->wanted;
	return ss_work_start(policy->loop, &job->work, err);
}

static void start(struct ss_policy *policy)
{
	struct ss_err err SS_AUTO_ERR;

	if (policy->job.work.running || policy->keep.work.running)
		return;
	if (is_burst(policy)) {
		policy->pause = ss_timer_start(policy->loop, BURST_PAUSE_MS, on_pause_over, policy);
		if (policy->pause)
			return;
	}
	if (start_job(policy, &err) == 0)
		return;
	set_problem(policy, err.message);
	policy->ended = policy->began;
	policy_wake(policy, &err);
}

void policy_ask(struct ss_policy *policy, bool by_call)
{
	policy->wanted_by_call |= by_call;
	policy->wanted++;
	if (!policy->pause)
		start(policy);
}

void policy_resume(struct ss_policy *policy)
{
	if (policy->wanted > policy->began && !policy->pause)
		start(policy);
}

void ss_policy_poke(struct ss_policy *policy)
{
	if (policy->loop)
		policy_ask(policy, true);
}

/* --- watching ------------------------------------------------------------------------------------- */
int policy_watch(struct ss_policy *policy, struct ss_err *err)
{
	struct ss_err why SS_AUTO_ERR;

	policy->watching = true;
	if (ss_fswatch_start(policy->loop, policy->loader->dir, on_change, policy, &policy->fswatch,
	                     &why))
		ss_log(SS_LOG_WARN, "policy: %s; changes are seen every %d ms", why.message,
		       POLL_MS);
	ss_fswatch_keep_active(policy->fswatch);
	poll_where_blind(policy);
	return policy->fswatch || policy->poll ? 0 : ss_err_nomem(err);
}

bool policy_reload_done(struct ss_policy *policy)
{
	if (policy->loader)
		atomic_store(&policy->loader->stop, 1);
	ss_fswatch_stop(policy->fswatch);
	ss_timer_stop(policy->poll);
	ss_timer_stop(policy->again);
	ss_timer_stop(policy->pause);
	ss_timer_stop(policy->report);
	if (!ss_work_cancel(&policy->job.work, POLICY_END_MS))
		return false;
	ss_buf_done(&policy->job.log);
	ss_err_done(&policy->job.err);
	policy_generation_unref(policy->job.pass.ret_generation);
	free(policy->problem);
	return true;
}
