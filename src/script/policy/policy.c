#include "script/policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/suggest.h"
#include "io/file.h"
#include "script/policy/policy_priv.h"

/* --- life ---------------------------------------------------------------------------- */
/* The first generation, on this thread. */
static int load_first(struct ss_policy *policy, struct ss_err *err)
{
	struct policy_pass pass = {.trial = policy->watching, .generation = 1};
	int rc;

	if (policy->guard)
		pass.guard = *policy->guard;
	pass.guard.waived = NULL;
	rc = policy_loader_pass(policy->loader, &pass, err);
	if (!rc)
		rc = policy_serve(policy, &pass, POLICY_START, false, err);
	policy_generation_unref(pass.ret_generation);
	return rc;
}

int ss_policy_load(const char *dir, struct ss_policy **ret, struct ss_err *err)
{
	static const struct ss_policy_options none = {0};

	return ss_policy_open(dir, &none, ret, err);
}

int ss_policy_open(const char *dir, const struct ss_policy_options *options, struct ss_policy **ret,
                   struct ss_err *err)
{
	struct ss_policy *policy = calloc(1, sizeof(*policy));
	int rc;

	if (!policy)
		return ss_err_nomem(err);
	policy->guard = options->guard;
	policy->loop = options->loop;
	rc = policy_scratch_init(&policy->scratch, err);
	if (!rc)
		rc = policy_loader_new(dir, &policy->loader, err);
	/* Before the files are read: what changes from here on is noticed. */
	if (!rc && options->watch)
		rc = policy_watch(policy, err);
	if (!rc && options->watch)
		rc = policy_keep_open(policy, err);
	if (!rc)
		rc = load_first(policy, err);
	if (policy->loader)
		policy_keep_opened(policy);
	if (rc) {
		ss_policy_free(policy);
		return rc;
	}
	if (policy->watching)
		policy_tell_failures(policy);
	*ret = policy;
	return 0;
}

void ss_policy_free(struct ss_policy *policy)
{
	if (!policy)
		return;
	/* First: a thread uses the loader. */
	if (!policy_reload_done(policy) || !policy_keep_done(policy))
		return;
	policy_rest_done(policy);
	policy_history_done(&policy->history);
	policy_generation_unref(policy->current);
	policy_generation_unref(policy->disk);
	policy_loader_free(policy->loader);
	policy_scratch_done(&policy->scratch);
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
static int not_loaded(const char *what, const struct policy_failure *f, int code,
                      struct ss_err *err)
{
	if (f->finding.line)
		return ss_err_set(err, code, "%s '%s' did not load: %s:%d: %s", what, f->name,
		                  f->finding.file, f->finding.line, f->finding.message);
	return ss_err_set(err, code, "%s '%s' did not load: %s: %s", what, f->name, f->finding.file,
	                  f->finding.message);
}

static const char *nearest(const struct policy_generation *g, const char *name)
{
	const char **words SS_AUTOFREE = calloc(g->n_adapters + 1, sizeof(*words));

	for (size_t i = 0; words && i < g->n_adapters; i++)
		words[i] = ss_adapter_name(g->adapters[i]);
	return words ? ss_suggest(name, words, g->n_adapters) : NULL;
}

static int no_adapter(const struct ss_policy *policy, const char *name, struct ss_err *err)
{
	const struct policy_generation *g = policy->current;
	const char *dir = policy->loader->dir, *near;

	for (size_t i = 0; i < g->n_failures; i++) {
		const struct policy_failure *f = &g->failures[i];

		if (strcmp(f->name, name) == 0 && !policy_is_overlay(f->rel))
			return not_loaded("adapter", f, SS_ERR_NOT_FOUND, err);
	}
	near = nearest(g, name);
	if (near)
		return ss_err_set(err, SS_ERR_NOT_FOUND,
		                  "no adapter '%s' in %s: did you mean '%s'?", name, dir, near);
	return ss_err_set(err, SS_ERR_NOT_FOUND,
	                  "no adapter '%s' in %s (sandscript policy list shows them)", name, dir);
}

int policy_find(const struct ss_policy *policy, const char *adapter, struct policy_view *ret,
                struct ss_err *err)
{
	const struct policy_generation *g = policy->current;
	const struct policy_failure *unsafe = policy_generation_unsafe(g);

	*ret = (struct policy_view){
	        .adapter = policy_generation_find(g, adapter),
	        .overlays = g->overlays,
	        .n_overlays = g->n_overlays,
	        .generation = g->number,
	        .guard = policy->guard,
	};
	if (!ret->adapter)
		return no_adapter(policy, adapter, err);
	/* It may be what restricts this adapter. */
	return unsafe ? not_loaded("overlay", unsafe, SS_ERR_SCRIPT, err) : 0;
}

int ss_policy_build(struct ss_policy *policy, const char *adapter, const struct ss_doc *request,
                    ss_node node, enum ss_policy_caller caller, struct ss_doc *out,
                    struct ss_policy_result *result, struct ss_err *err)
{
	struct policy_generation *g;
	struct policy_view view;
	int rc = policy_find(policy, adapter, &view, err);

	if (rc)
		return rc;
	g = policy_generation_ref(policy->current);
	rc = policy_manifest(&policy->scratch, &view, request, node, caller, out, err);
	if (rc == 0 && result) {
		result->generation = view.generation;
		memcpy(result->sha256, ss_adapter_sha256(view.adapter), sizeof(result->sha256));
	}
	policy_generation_unref(g);
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
		if (f->finding.path)
			ss_doc_put_string(out, "path", f->finding.path);
		ss_doc_put_string(out, "message", f->finding.message);
		ss_doc_put_string(out, "since", since);
		ss_doc_put_bool(out, "held", f->held);
		if (f->cached)
			ss_doc_put_bool(out, "cached", true);
		ss_doc_end(out);
	}
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

int ss_policy_get(const struct ss_policy *policy, const char *adapter, const char *tenant,
                  struct ss_doc *out, struct ss_err *err)
{
	struct ss_doc *declared SS_AUTO_DOC = ss_doc_new();
	struct policy_view view;
	int rc = declared ? policy_find(policy, adapter, &view, err) : ss_err_nomem(err);

	if (!rc)
		rc = policy_declared(&view, tenant, declared, err);
	if (!rc)
		rc = ss_doc_finish(declared, err);
	if (rc)
		return rc;
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(declared, ss_doc_root(declared)); ss_iter_next(&it);) {
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, declared, it.value);
	}
	ss_doc_put_string(out, "file", ss_adapter_file(view.adapter));
	ss_doc_put_string(out, "sha256", ss_adapter_sha256(view.adapter));
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

void ss_policy_put_metrics(const struct ss_policy *policy, struct ss_doc *out)
{
	const struct policy_metrics *m = &policy->metrics;

	ss_doc_key_lit(out, "reload");
	ss_doc_begin_object(out);
	ss_doc_put_bool(out, "watching", policy->watching);
	ss_doc_put_bool(out, "rolled_back", policy->rolled_back);
	ss_doc_put_int(out, "passes", m->passes);
	ss_doc_put_int(out, "loads", m->loads);
	ss_doc_put_int(out, "failures", m->failures);
	ss_doc_key_lit(out, "last_ms");
	ss_doc_real(out, (double)m->last_us / 1000);
	ss_doc_put_string(out, "problem", policy->problem);
	ss_doc_end(out);
}
