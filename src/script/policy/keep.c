/* Keeps the last good set on disk (policy/cache.h) while a folder is watched: when
 * nothing has changed for a second, on a thread of its own, since it is written through
 * to the disk. Never beside a pass of the loader: glibc gives two threads that run at
 * the same time two arenas, and versions would come to lie in both. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "script/policy/cache.h"
#include "script/policy/policy_priv.h"

enum {
	QUIET_MS = 1000,
	AT_LATEST_MS = 10000, /* after the first change that is not kept */
	BUSY_MS = 20,
};

static void run(struct ss_work *work)
{
	struct policy_keep *keep = SS_CONTAINER_OF(work, struct policy_keep, work);

	keep->rc = policy_cache_save(keep->generation, keep->dir, keep->path, &keep->err);
}

static void finish(struct policy_keep *keep)
{
	policy_generation_unref(keep->generation);
	keep->generation = NULL;
	/* Said once: the policy serves all the same. */
	if (keep->rc && !keep->failed)
		ss_log(SS_LOG_WARN, "policy: the last good set is not kept for a restart: %s",
		       keep->err.message);
	keep->failed = keep->rc != 0;
	ss_err_done(&keep->err);
}

static void saved(struct ss_work *work)
{
	struct policy_keep *keep = SS_CONTAINER_OF(work, struct policy_keep, work);

	finish(keep);
	policy_resume(keep->policy);
}

static void take(struct policy_keep *keep)
{
	keep->again = false;
	ss_err_init(&keep->err);
	keep->generation = policy_generation_ref(keep->policy->disk);
}

static void on_due(void *ud);

static void start_timer(struct policy_keep *keep, int64_t ms)
{
	ss_timer_stop(keep->timer);
	keep->timer = ss_timer_start(keep->policy->loop, ms > 0 ? ms : 0, on_due, keep);
}

static void on_due(void *ud)
{
	struct policy_keep *keep = ud;
	int rc;

	if (keep->policy->job.work.running || keep->work.running) {
		start_timer(keep, BUSY_MS);
		return;
	}
	ss_timer_stop(keep->timer);
	keep->timer = NULL;
	take(keep);
	keep->work.run = run;
	keep->work.done = saved;
	rc = ss_work_start(keep->policy->loop, &keep->work, &keep->err);
	if (!rc)
		return; /* the rest is the thread's */
	keep->rc = rc;
	finish(keep);
}

void policy_keep_soon(struct ss_policy *policy)
{
	struct policy_keep *keep = &policy->keep;
	int64_t now = ss_clock_mono_ms(), left;

	if (!keep->path)
		return;
	if (!keep->again)
		keep->first_ms = now;
	keep->again = true;
	left = keep->first_ms + AT_LATEST_MS - now;
	start_timer(keep, left < QUIET_MS ? left : QUIET_MS);
}

bool policy_keep_done(struct ss_policy *policy)
{
	struct policy_keep *keep = &policy->keep;

	ss_timer_stop(keep->timer);
	if (keep->work.running) {
		if (!ss_work_cancel(&keep->work, POLICY_END_MS))
			return false;
		finish(keep);
	}
	if (keep->again && policy->disk) {
		take(keep);
		run(&keep->work);
		finish(keep);
	}
	free(keep->path);
	return true;
}

/* --- at the start --------------------------------------------------------------------- */
int policy_keep_open(struct ss_policy *policy, struct ss_err *err)
{
	struct policy_keep *keep = &policy->keep;
	struct ss_err why SS_AUTO_ERR;
	int rc;

	keep->policy = policy;
	keep->dir = policy->loader->dir;
	keep->path = policy_cache_path(keep->dir);
	if (!keep->path)
		return 0;
	rc = policy_cache_open(keep->dir, keep->path, &policy->loader->cache, &why);
	if (rc == SS_ERR_NOMEM)
		return ss_err_nomem(err);
	if (rc && rc != SS_ERR_NOT_FOUND)
		ss_log(SS_LOG_WARN, "policy: %s", why.message);
	return 0;
}

void policy_keep_opened(struct ss_policy *policy)
{
	struct policy_cache *cache = policy->loader->cache;
	size_t n = 0;

	for (size_t i = 0; policy->current && i < policy->current->n_failures; i++)
		n += policy->current->failures[i].cached;
	if (n)
		ss_log(SS_LOG_WARN,
		       "policy: %zu file%s %s not load: served from the last good set of %s, kept "
		       "in %s",
		       n, n == 1 ? "" : "s", n == 1 ? "does" : "do", policy_cache_saved(cache),
		       policy->keep.path);
	policy_cache_free(cache);
	policy->loader->cache = NULL;
}
