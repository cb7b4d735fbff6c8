/* Generations of before: what changed, when, and the way back. They hold the texts
 * and declarations of their versions, not their Lua states. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "script/policy/policy_priv.h"

static const char *const reasons[] = {"start", "files", "reload", "rollback"};

/* --- what changed -------------------------------------------------------------------- */
static void put_change(struct ss_doc *out, const struct ss_adapter_version *v, const char *change)
{
	char name[320];

	snprintf(name, sizeof(name), "%s%s", policy_is_overlay(ss_adapter_rel(v)) ? "local.d/" : "",
	         ss_adapter_name(v));
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "name", name);
	ss_doc_put_string(out, "change", change);
	ss_doc_end(out);
}

/* Two lists, both sorted by name. */
static void put_changes(struct ss_doc *out, struct ss_adapter_version *const *a, size_t n_a,
                        struct ss_adapter_version *const *b, size_t n_b)
{
	for (size_t i = 0, j = 0; i < n_a || j < n_b;) {
		int c = i == n_a   ? 1
		        : j == n_b ? -1
		                   : strcmp(ss_adapter_name(a[i]), ss_adapter_name(b[j]));

		if (c < 0)
			put_change(out, a[i], "removed");
		else if (c > 0)
			put_change(out, b[j], "added");
		else if (strcmp(ss_adapter_sha256(a[i]), ss_adapter_sha256(b[j])) != 0)
			put_change(out, b[j], "changed");
		i += c <= 0;
		j += c >= 0;
	}
}

int policy_changes(const struct policy_generation *before, const struct policy_generation *after,
                   struct ss_doc *out, struct ss_err *err)
{
	ss_doc_begin_array(out);
	put_changes(out, before ? before->adapters : NULL, before ? before->n_adapters : 0,
	            after->adapters, after->n_adapters);
	put_changes(out, before ? before->overlays : NULL, before ? before->n_overlays : 0,
	            after->overlays, after->n_overlays);
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* --- what is kept --------------------------------------------------------------------- */
static void past_done(struct policy_past *past)
{
	policy_generation_unref(past->generation);
	ss_doc_free(past->changes);
}

int policy_history_push(struct policy_history *history, struct policy_generation *g,
                        const struct policy_generation *before, enum policy_reason reason,
                        int64_t of, struct ss_err *err)
{
	struct ss_doc *changes = ss_doc_new();
	int rc = changes ? policy_changes(before, g, changes, err) : ss_err_nomem(err);

	if (rc) {
		ss_doc_free(changes);
		return rc;
	}
	if (history->n == POLICY_HISTORY) {
		past_done(&history->list[0]);
		memmove(&history->list[0], &history->list[1],
		        (POLICY_HISTORY - 1) * sizeof(history->list[0]));
		history->n--;
	}
	history->list[history->n++] = (struct policy_past){
	        .generation = policy_generation_ref(g),
	        .reason = reason,
	        .of = of,
	        .at_ms = ss_clock_wall_ms(),
	        .changes = changes,
	};
	return 0;
}

const struct policy_past *policy_history_find(const struct policy_history *history, int64_t number)
{
	for (size_t i = 0; i < history->n; i++) {
		if (history->list[i].generation->number == number)
			return &history->list[i];
	}
	return NULL;
}

void policy_history_done(struct policy_history *history)
{
	for (size_t i = 0; i < history->n; i++)
		past_done(&history->list[i]);
	history->n = 0;
}

static int find(const struct ss_policy *policy, int64_t n, const struct policy_past **ret,
                struct ss_err *err)
{
	const struct policy_history *h = &policy->history;

	*ret = policy_history_find(h, n);
	if (*ret)
		return 0;
	return ss_err_set(err, SS_ERR_NOT_FOUND,
	                  "generation %lld is not kept: this process has %lld to %lld "
	                  "(policy.history())",
	                  (long long)n, (long long)h->list[0].generation->number,
	                  (long long)h->list[h->n - 1].generation->number);
}

int ss_policy_history(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err)
{
	ss_doc_begin_array(out);
	for (size_t i = policy->history.n; i-- > 0;) {
		const struct policy_past *past = &policy->history.list[i];
		char at[32];

		ss_clock_rfc3339(past->at_ms, at, sizeof(at));
		ss_doc_begin_object(out);
		ss_doc_put_int(out, "generation", past->generation->number);
		ss_doc_put_string(out, "at", at);
		ss_doc_put_string(out, "reason", reasons[past->reason]);
		if (past->reason == POLICY_ROLLBACK)
			ss_doc_put_int(out, "of", past->of);
		ss_doc_put_bool(out, "serving",
		                past->generation->number == policy->current->number);
		ss_doc_put_copy(out, "changed", past->changes, ss_doc_root(past->changes));
		ss_doc_end(out);
	}
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* --- the way back ---------------------------------------------------------------------- */
int ss_policy_rollback(struct ss_policy *policy, int64_t n, struct ss_err *err)
{
	const struct policy_generation *now = policy->current;
	const struct policy_past *past;
	struct policy_generation *g;
	int rc = find(policy, n, &past, err);

	if (rc || past->generation->number == now->number)
		return rc;
	g = policy_generation_with(past->generation, now);
	rc = g ? policy_swap(policy, g, POLICY_ROLLBACK, n, err) : ss_err_nomem(err);
	if (!rc)
		policy->rolled_back = true;
	return rc;
}

/* --- differences ------------------------------------------------------------------------- */
struct text {
	const char *rel;
	const struct ss_source *a, *b;
};
struct texts {
	struct text *list;
	size_t n, cap;
};

static bool add_text(struct texts *t, const struct ss_source *s, bool is_b)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->list[i].rel, s->rel) == 0) {
			*(is_b ? &t->list[i].b : &t->list[i].a) = s;
			return true;
		}
	}
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 16;
		struct text *grown = realloc(t->list, cap * sizeof(*grown));

		if (!grown)
			return false;
		t->list = grown;
		t->cap = cap;
	}
	t->list[t->n++] = (struct text){s->rel, is_b ? NULL : s, is_b ? s : NULL};
	return true;
}

/* The files of the versions that the other generation does not have. A module that a held adapter
 * has in an older state than others counts as the last of them has it. */
static bool add_texts(struct texts *t, const struct policy_generation *g,
                      const struct policy_generation *other, bool is_b)
{
	bool ok = true;

	for (size_t i = 0; ok && i < g->n_adapters + g->n_overlays; i++) {
		const struct ss_adapter_version *v =
		        i < g->n_adapters ? g->adapters[i] : g->overlays[i - g->n_adapters];
		struct ss_source *s;

		if (policy_generation_holds(other, v))
			continue;
		for (size_t k = 0; ok && (s = ss_adapter_source(v, k)); k++)
			ok = add_text(t, s, is_b);
	}
	return ok;
}

static int by_rel(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->rel, ((const struct text *)b)->rel);
}

static bool is_equal(const struct text *t)
{
	return t->a && t->b && strcmp(t->a->sha256, t->b->sha256) == 0;
}

int ss_policy_diff(const struct ss_policy *policy, int64_t a, int64_t b, ss_policy_diff_fn fn,
                   void *ud, struct ss_err *err)
{
	const struct policy_past *from, *to;
	struct texts t = {0};
	int rc = find(policy, a, &from, err);

	if (!rc)
		rc = find(policy, b, &to, err);
	if (!rc && (!add_texts(&t, from->generation, to->generation, false) ||
	            !add_texts(&t, to->generation, from->generation, true)))
		rc = ss_err_nomem(err);
	if (!rc && t.n)
		qsort(t.list, t.n, sizeof(*t.list), by_rel);
	for (size_t i = 0; !rc && i < t.n; i++) {
		const struct text *x = &t.list[i];

		if (!is_equal(x))
			rc = fn(ud, x->rel, x->a ? x->a->text : NULL, x->a ? x->a->len : 0,
			        x->b ? x->b->text : NULL, x->b ? x->b->len : 0);
	}
	free(t.list);
	return rc;
}
