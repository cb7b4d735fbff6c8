/* The swap of generations, what is told of it, and what becomes of versions that
 * serve no more. All on the loop's thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "script/policy/policy_priv.h"

enum {
	REPORT_MS = 50,    /* what stands for less is an edit that is under way */
	REST_AT_ONCE = 4,  /* Lua states freed per turn of the loop: some 0.1 ms each */
	NAMES_IN_LINE = 8, /* of what changed, in a line of the log */
};

/* --- versions that serve no more ------------------------------------------------------ */
static void rest_some(struct ss_completion *c)
{
	struct ss_policy *policy = SS_CONTAINER_OF(c, struct ss_policy, rest);

	for (int i = 0; i < REST_AT_ONCE && policy->n_idle; i++) {
		struct ss_adapter_version *v = policy->idle[--policy->n_idle];

		/* A rollback may have brought it back. */
		if (!policy_generation_holds(policy->current, v))
			ss_adapter_rest(v);
		ss_adapter_unref(v);
	}
	if (policy->n_idle)
		ss_loop_post(policy->loop, c);
}

void policy_rest_done(struct ss_policy *policy)
{
	if (policy->loop)
		ss_loop_unpost(policy->loop, &policy->rest);
	for (size_t i = 0; i < policy->n_idle; i++)
		ss_adapter_unref(policy->idle[i]);
	free(policy->idle);
	policy->idle = NULL;
	policy->n_idle = 0;
}

/* Those of g that do not serve: a set is changed as a whole by one edit of a shared module, and
 * freeing a thousand Lua states takes a while. */
static void rest_all_of(struct ss_policy *policy, const struct policy_generation *g)
{
	struct ss_adapter_version **grown =
	        realloc(policy->idle, (policy->n_idle + g->n_adapters + 1) * sizeof(*grown));

	if (grown)
		policy->idle = grown;
	for (size_t i = 0; i < g->n_adapters; i++) {
		if (policy_generation_holds(policy->current, g->adapters[i]))
			continue;
		if (grown)
			policy->idle[policy->n_idle++] = ss_adapter_ref(g->adapters[i]);
		else
			ss_adapter_rest(g->adapters[i]);
	}
	policy->rest.fn = rest_some;
	if (policy->n_idle && policy->loop)
		ss_loop_post(policy->loop, &policy->rest);
}

/* --- what is told -------------------------------------------------------------------------- */
static bool same_failure(const struct policy_failure *a, const struct policy_failure *b)
{
	return a->found_mono_ms == b->found_mono_ms && strcmp(a->rel, b->rel) == 0;
}

static struct policy_failure *find_failure(const struct policy_generation *g, const char *rel)
{
	for (size_t i = 0; g && i < g->n_failures; i++) {
		if (strcmp(g->failures[i].rel, rel) == 0)
			return &g->failures[i];
	}
	return NULL;
}

/* What was told is not told again; what is well again is. */
static void carry_reports(const struct policy_generation *old, struct policy_generation *g)
{
	for (size_t i = 0; old && i < old->n_failures; i++) {
		const struct policy_failure *f = &old->failures[i];
		struct policy_failure *now = find_failure(g, f->rel);

		if (now && same_failure(f, now))
			now->reported = f->reported;
		else if (!now && f->reported)
			ss_log(SS_LOG_INFO, "policy: %s does not fail any more", f->rel);
	}
}

/* "a0, a1 and 3 more" of those that fail alike. */
static void put_names(struct policy_generation *g, const struct policy_failure *like,
                      struct ss_buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_failures; i++) {
		struct policy_failure *f = &g->failures[i];

		if (f->held != like->held || f->cached != like->cached ||
		    f->finding.line != like->finding.line ||
		    strcmp(f->finding.file, like->finding.file) != 0 ||
		    strcmp(f->finding.message, like->finding.message) != 0)
			continue;
		f->reported = true;
		if (n++ < NAMES_IN_LINE)
			ss_buf_printf(out, "%s%s", n > 1 ? ", " : "", f->rel);
	}
	if (n > NAMES_IN_LINE)
		ss_buf_printf(out, " and %zu more", n - NAMES_IN_LINE);
}

/* One line for all that fails for the same reason, as what uses a module does. */
static void report_failure(struct policy_generation *g, const struct policy_failure *f)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	char since[32], line[24] = "";
	const char *path = f->finding.path;

	if (path && strstr(f->finding.message, path))
		path = NULL;
	if (f->finding.line)
		snprintf(line, sizeof(line), ":%d", f->finding.line);
	ss_clock_rfc3339(f->since_ms, since, sizeof(since));
	ss_buf_printf(&text, "policy: %s%s: %s%s%s: ", f->finding.file, line, path ? path : "",
	              path ? ": " : "", f->finding.message);
	put_names(g, f, &text);
	ss_buf_printf(&text, " %s (since %s)",
	              f->cached   ? "served as last kept on disk"
	              : f->held   ? "held at the last good version"
	              : f->unsafe ? "not in force: nothing is built until it is mended or removed"
	                          : "not served",
	              since);
	ss_log(SS_LOG_ERROR, "%s", text.data ? text.data : f->finding.message);
}

int64_t policy_report(struct ss_policy *policy)
{
	struct policy_generation *g = policy->current;
	int64_t now = ss_clock_mono_ms(), next = 0;

	for (size_t i = 0; i < g->n_failures; i++) {
		struct policy_failure *f = &g->failures[i];
		int64_t left = f->found_mono_ms + REPORT_MS - now;

		if (f->reported)
			continue;
		if (left <= 0)
			report_failure(g, f);
		else if (!next || left < next)
			next = left;
	}
	return next;
}

static void put_changed(const struct ss_doc *changes, struct ss_buf *out)
{
	size_t n = 0;

	for (struct ss_iter it = ss_iter(changes, ss_doc_root(changes)); ss_iter_next(&it);) {
		if (n++ < NAMES_IN_LINE)
			ss_buf_printf(out, "%s %s %s", n > 1 ? "," : ":",
			              ss_doc_find_string(changes, it.value, "name", NULL),
			              ss_doc_find_string(changes, it.value, "change", NULL));
	}
	if (n > NAMES_IN_LINE)
		ss_buf_printf(out, " and %zu more", n - NAMES_IN_LINE);
}

static void tell_swap(const struct ss_policy *policy)
{
	const struct policy_past *past = &policy->history.list[policy->history.n - 1];
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_printf(&text, "policy: generation %lld serves", (long long)past->generation->number);
	if (past->reason == POLICY_ROLLBACK)
		ss_buf_printf(&text, ", with the content of %lld", (long long)past->of);
	put_changed(past->changes, &text);
	if (past->reason != POLICY_ROLLBACK)
		ss_buf_printf(&text, " (%lld.%lld ms)", (long long)policy->metrics.last_us / 1000,
		              (long long)policy->metrics.last_us / 100 % 10);
	if (text.data)
		ss_log(SS_LOG_INFO, "%s", text.data);
}

/* --- the swap --------------------------------------------------------------------------------- */
static void set_current(struct ss_policy *policy, struct policy_generation *g)
{
	struct policy_generation *old = policy->current;

	carry_reports(old, g);
	policy->current = g;
	if (old)
		rest_all_of(policy, old);
	policy_generation_unref(old);
}

int policy_swap(struct ss_policy *policy, struct policy_generation *g, enum policy_reason reason,
                int64_t of, struct ss_err *err)
{
	int rc;

	g->number = policy->last_number + 1;
	rc = policy_history_push(&policy->history, g, policy->current, reason, of, err);
	if (rc) {
		policy_generation_unref(g);
		return rc;
	}
	policy->last_number++;
	set_current(policy, g);
	if (reason != POLICY_START)
		tell_swap(policy);
	policy_wake(policy, NULL);
	return 0;
}

/* The versions stay as they are, the failures are new. */
static int swap_failures(struct ss_policy *policy, const struct policy_generation *failures,
                         struct ss_err *err)
{
	struct policy_generation *g = policy_generation_with(policy->current, failures);

	if (!g)
		return ss_err_nomem(err);
	g->number = policy->current->number;
	set_current(policy, g);
	return 0;
}

int policy_serve(struct ss_policy *policy, struct policy_pass *pass, enum policy_reason reason,
                 bool asked, struct ss_err *err)
{
	struct policy_generation *g = pass->ret_generation;
	int rc;

	if (g) {
		pass->ret_generation = NULL;
		policy_generation_unref(policy->disk);
		policy->disk = g;
		if (pass->ret_changed)
			policy_keep_soon(policy);
	}
	policy->behind |= pass->ret_changed || (asked && policy->rolled_back);
	if (!policy->behind)
		return g ? swap_failures(policy, g, err) : 0;
	/* One that has served keeps its number. */
	g = policy->disk->number ? policy_generation_with(policy->disk, policy->disk)
	                         : policy_generation_ref(policy->disk);
	rc = g ? policy_swap(policy, g, reason, 0, err) : ss_err_nomem(err);
	if (!rc)
		policy->behind = policy->rolled_back = false;
	return rc;
}
