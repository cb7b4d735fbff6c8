#include "script/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/suggest.h"
#include "io/file.h"
#include "script/policy_priv.h"

enum { MAX_ADAPTERS = 1000 };

/* --- generations ------------------------------------------------------------------ */
static void generation_unref(struct policy_generation *g)
{
	if (!g || --g->refs)
		return;
	for (size_t i = 0; i < g->n_adapters; i++)
		ss_adapter_unref(g->adapters[i]);
	for (size_t i = 0; i < g->n_failures; i++) {
		free(g->failures[i].name);
		free(g->failures[i].finding.file);
		free(g->failures[i].finding.path);
		free(g->failures[i].finding.message);
	}
	free(g->adapters);
	free(g->failures);
	free(g);
}

static struct policy_generation *generation_new(size_t n)
{
	struct policy_generation *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->refs = 1;
	g->adapters = calloc(n + 1, sizeof(struct ss_adapter_version *));
	g->failures = calloc(n + 1, sizeof(*g->failures));
	if (g->adapters && g->failures)
		return g;
	generation_unref(g);
	return NULL;
}

static bool is_adapter_file(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

/* Record the first finding as the adapter's failure; the rest is for `check`. */
static int add_failure(struct policy_generation *g, const char *file_name,
                       struct ss_findings *findings, struct ss_err *err)
{
	struct policy_failure *f = &g->failures[g->n_failures];
	struct ss_finding *first = &findings->list[0];

	f->name = strndup(file_name, strlen(file_name) - 4);
	if (!f->name)
		return ss_err_nomem(err);
	f->finding = *first;
	first->file = first->path = first->message = NULL;
	f->since_ms = ss_clock_wall_ms();
	g->n_failures++;
	return 0;
}

static int load_one(const char *dir, const char *file_name, struct policy_generation *g,
                    struct ss_err *err)
{
	struct ss_findings findings = {0};
	struct ss_adapter_version *v = NULL;
	char rel[300];
	int rc;

	snprintf(rel, sizeof(rel), "adapters/%s", file_name);
	rc = ss_adapter_load(dir, rel, &findings, &v, err);
	if (rc == 0 && v)
		g->adapters[g->n_adapters++] = v;
	else if (rc == 0)
		rc = add_failure(g, file_name, &findings, err);
	ss_findings_done(&findings);
	return rc;
}

static int load_generation(const char *dir, int64_t number, struct policy_generation **ret,
                           struct ss_err *err)
{
	char *folder SS_AUTOFREE = ss_file_join(dir, "adapters");
	struct policy_generation *g;
	char **names = NULL;
	size_t n = 0;
	int rc;

	if (!folder)
		return ss_err_nomem(err);
	if (!ss_file_is_dir(dir))
		return ss_err_set(err, SS_ERR_NOT_FOUND, "the policy folder %s is not there", dir);
	if (!ss_file_is_dir(folder))
		return ss_err_set(err, SS_ERR_NOT_FOUND,
		                  "the policy folder %s has no folder adapters/", dir);
	rc = ss_file_list(folder, &names, err);
	if (rc)
		return rc;
	while (names[n])
		n++;
	g = n <= MAX_ADAPTERS ? generation_new(n) : NULL;
	if (!g)
		rc = n <= MAX_ADAPTERS ? ss_err_nomem(err)
		                       : ss_err_set(err, SS_ERR_LIMIT, "%s: more than %d files",
		                                    folder, MAX_ADAPTERS);
	/* The list is sorted by bytes with the suffix: "a.lua" after "a-b.lua"; names are sorted below. */
	for (size_t i = 0; i < n && !rc; i++) {
		if (is_adapter_file(names[i]))
			rc = load_one(dir, names[i], g, err);
	}
	ss_file_free_list(names);
	if (rc) {
		generation_unref(g);
		return rc;
	}
	g->number = number;
	*ret = g;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(ss_adapter_name(*(struct ss_adapter_version *const *)a),
	              ss_adapter_name(*(struct ss_adapter_version *const *)b));
}

static struct ss_adapter_version *find_adapter(const struct policy_generation *g, const char *name)
{
	size_t lo = 0, hi = g->n_adapters;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(name, ss_adapter_name(g->adapters[mid]));

		if (c == 0)
			return g->adapters[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* --- life ---------------------------------------------------------------------------- */
int ss_policy_load(const char *dir, struct ss_policy **ret, struct ss_err *err)
{
	struct ss_policy *policy = calloc(1, sizeof(*policy));
	int rc;

	if (!policy)
		return ss_err_nomem(err);
	policy->dir = strdup(dir);
	rc = policy->dir ? policy_scratch_init(&policy->scratch, err) : ss_err_nomem(err);
	if (!rc)
		rc = load_generation(dir, 1, &policy->current, err);
	if (rc) {
		ss_policy_free(policy);
		return rc;
	}
	qsort(policy->current->adapters, policy->current->n_adapters,
	      sizeof(struct ss_adapter_version *), by_name);
	*ret = policy;
	return 0;
}

void ss_policy_free(struct ss_policy *policy)
{
	if (!policy)
		return;
	generation_unref(policy->current);
	policy_scratch_done(&policy->scratch);
	free(policy->dir);
	free(policy);
}

void ss_policy_set_guard(struct ss_policy *policy, const struct ss_guard *guard)
{
	policy->guard = guard;
}

int64_t ss_policy_generation(const struct ss_policy *policy)
{
	return policy->current->number;
}

/* --- answers --------------------------------------------------------------------------- */
static int no_adapter(const struct ss_policy *policy, const char *name, struct ss_err *err)
{
	const struct policy_generation *g = policy->current;
	const char *words[MAX_ADAPTERS], *near;

	for (size_t i = 0; i < g->n_failures; i++) {
		const struct policy_failure *f = &g->failures[i];

		if (strcmp(f->name, name) != 0)
			continue;
		if (f->finding.line)
			return ss_err_set(err, SS_ERR_NOT_FOUND,
			                  "adapter '%s' did not load: %s:%d: %s", name,
			                  f->finding.file, f->finding.line, f->finding.message);
		return ss_err_set(err, SS_ERR_NOT_FOUND, "adapter '%s' did not load: %s: %s", name,
		                  f->finding.file, f->finding.message);
	}
	for (size_t i = 0; i < g->n_adapters; i++)
		words[i] = ss_adapter_name(g->adapters[i]);
	near = ss_suggest(name, words, g->n_adapters);
	if (near)
		return ss_err_set(err, SS_ERR_NOT_FOUND,
		                  "no adapter '%s' in %s: did you mean '%s'?", name, policy->dir,
		                  near);
	return ss_err_set(err, SS_ERR_NOT_FOUND,
	                  "no adapter '%s' in %s (sandscript policy list shows them)", name,
	                  policy->dir);
}

int ss_policy_build(struct ss_policy *policy, const char *adapter, const struct ss_doc *request,
                    ss_node node, enum ss_policy_caller caller, struct ss_doc *out,
                    struct ss_policy_result *result, struct ss_err *err)
{
	struct ss_adapter_version *v = find_adapter(policy->current, adapter);
	struct policy_view view = {.adapter = v, .guard = policy->guard};
	int rc;

	if (!v)
		return no_adapter(policy, adapter, err);
	view.generation = policy->current->number;
	rc = policy_manifest(&policy->scratch, &view, request, node, caller, out, err);
	if (rc == 0 && result) {
		result->generation = policy->current->number;
		memcpy(result->sha256, ss_adapter_sha256(v), sizeof(result->sha256));
	}
	return rc;
}

int ss_policy_list(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err)
{
	ss_doc_begin_array(out);
	for (size_t i = 0; i < policy->current->n_adapters; i++) {
		const struct ss_adapter_version *v = policy->current->adapters[i];

		ss_doc_begin_object(out);
		ss_doc_put_string(out, "name", ss_adapter_name(v));
		ss_doc_put_string(out, "file", ss_adapter_file(v));
		ss_doc_put_string(out, "sha256", ss_adapter_sha256(v));
		ss_doc_key_lit(out, "hooks");
		ss_doc_begin_array(out);
		if (ss_adapter_has_build(v))
			ss_doc_string_lit(out, "build");
		ss_doc_end(out);
		ss_doc_end(out);
	}
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

int ss_policy_failures(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err)
{
	char since[32];

	ss_doc_begin_array(out);
	for (size_t i = 0; i < policy->current->n_failures; i++) {
		const struct policy_failure *f = &policy->current->failures[i];

		ss_clock_rfc3339(f->since_ms, since, sizeof(since));
		ss_doc_begin_object(out);
		ss_doc_put_string(out, "name", f->name);
		ss_doc_put_string(out, "file", f->finding.file);
		if (f->finding.line)
			ss_doc_put_int(out, "line", f->finding.line);
		ss_doc_put_string(out, "message", f->finding.message);
		ss_doc_put_string(out, "since", since);
		ss_doc_end(out);
	}
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

int ss_policy_get(const struct ss_policy *policy, const char *adapter, struct ss_doc *out,
                  struct ss_err *err)
{
	const struct ss_adapter_version *v = find_adapter(policy->current, adapter);
	const struct ss_doc *d;

	if (!v)
		return no_adapter(policy, adapter, err);
	d = ss_adapter_declared(v);
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(d, ss_doc_root(d)); ss_iter_next(&it);) {
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, d, it.value);
	}
	ss_doc_put_string(out, "file", ss_adapter_file(v));
	ss_doc_put_string(out, "sha256", ss_adapter_sha256(v));
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}
