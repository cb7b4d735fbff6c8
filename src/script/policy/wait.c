/* Who waits for a pass of the loader or for a generation. */
#include <stdlib.h>

#include "base/err.h"
#include "script/policy/policy_priv.h"

struct ss_policy_wait {
	struct ss_policy_wait *next;
	struct ss_policy *policy;
	uint64_t pass; /* waits for this pass to end; 0 = for the generation */
	int64_t generation;
	struct ss_timer *timer;
	struct ss_completion call;
	struct ss_err err;
	ss_policy_done_fn done;
	void *ud;
};

static void remove_wait(struct ss_policy_wait *w)
{
	struct ss_policy_wait **at = &w->policy->waits;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	ss_loop_unpost(w->policy->loop, &w->call);
	ss_timer_stop(w->timer);
	ss_err_done(&w->err);
	free(w);
}

static void call_done(struct ss_completion *c)
{
	struct ss_policy_wait *w = SS_CONTAINER_OF(c, struct ss_policy_wait, call);
	ss_policy_done_fn done = w->done;
	void *ud = w->ud;
	struct ss_err err SS_AUTO_ERR;

	ss_err_move(&err, &w->err);
	remove_wait(w);
	done(ud, err.code ? &err : NULL);
}

static void on_timeout(void *ud)
{
	struct ss_policy_wait *w = ud;

	if (w->call.queued)
		return;
	ss_err_set(&w->err, SS_ERR_TIMEOUT, "generation %lld did not come: %lld serves",
	           (long long)w->generation, (long long)w->policy->current->number);
	ss_loop_post(w->policy->loop, &w->call);
}

static struct ss_policy_wait *add_wait(struct ss_policy *policy, ss_policy_done_fn done, void *ud)
{
	struct ss_policy_wait *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->policy = policy;
	w->done = done;
	w->ud = ud;
	w->call.fn = call_done;
	ss_err_init(&w->err);
	w->next = policy->waits;
	policy->waits = w;
	return w;
}

static int no_loop(struct ss_err *err)
{
	return ss_err_set(err, SS_ERR_UNSUPPORTED, "this policy is loaded once only");
}

int ss_policy_reload(struct ss_policy *policy, ss_policy_done_fn done, void *ud,
                     struct ss_policy_wait **ret, struct ss_err *err)
{
	struct ss_policy_wait *w;

	if (!policy->loop)
		return no_loop(err);
	w = add_wait(policy, done, ud);
	if (!w)
		return ss_err_nomem(err);
	w->pass = policy->wanted + 1;
	policy_ask(policy, true);
	*ret = w;
	return 0;
}

int ss_policy_wait(struct ss_policy *policy, int64_t generation, int64_t timeout_ms,
                   ss_policy_done_fn done, void *ud, struct ss_policy_wait **ret,
                   struct ss_err *err)
{
	struct ss_policy_wait *w;

	if (!policy->loop)
		return no_loop(err);
	w = add_wait(policy, done, ud);
	if (!w)
		return ss_err_nomem(err);
	w->generation = generation;
	if (policy->current->number >= generation) {
		ss_loop_post(policy->loop, &w->call);
	} else if (timeout_ms) {
		w->timer = ss_timer_start(policy->loop, timeout_ms, on_timeout, w);
		if (!w->timer) {
			remove_wait(w);
			return ss_err_nomem(err);
		}
	}
	*ret = w;
	return 0;
}

void ss_policy_wait_cancel(struct ss_policy_wait *wait)
{
	remove_wait(wait);
}

void policy_wake(struct ss_policy *policy, const struct ss_err *err)
{
	for (struct ss_policy_wait *w = policy->waits; w; w = w->next) {
		if (w->call.queued)
			continue;
		if (w->pass ? w->pass > policy->ended : w->generation > policy->current->number)
			continue;
		if (w->pass && err)
			ss_err_copy(&w->err, err);
		ss_loop_post(policy->loop, &w->call);
	}
}
