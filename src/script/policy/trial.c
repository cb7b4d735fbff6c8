/* Does what was loaded work together? Every adapter that is new, or that a new overlay
 * applies to, is built from (policy/selftest.h). Who is to blame for a failure is
 * found by trying with what served before: the adapter, if its former version works
 * with the new overlays; else the overlays, one by one, if it works without them. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "script/policy/policy_priv.h"
#include "script/policy/selftest.h"

struct trial {
	struct policy_loader *loader;
	const struct policy_pass *pass;
	struct policy_generation *set; /* its overlays are those that are tried */
};

/* The overlays that are tried from here on. */
static int propose(struct trial *t, struct ss_err *err)
{
	struct policy_loader *loader = t->loader;

	policy_generation_unref(t->set);
	t->set = policy_generation_new(0, loader->n, 0);
	if (!t->set)
		return ss_err_nomem(err);
	for (size_t i = 0; i < loader->n; i++) {
		struct policy_file *f = &loader->files[i];
		struct ss_adapter_version *v = f->fresh && !f->left_out ? f->fresh : f->good;

		if (v && policy_is_overlay(f->rel))
			policy_generation_add(t->set, v);
	}
	policy_generation_sort(t->set);
	return 0;
}

/* Build from v with the overlays that are tried: *ret is whether it works, else findings say why. */
static int try_version(struct trial *t, struct ss_adapter_version *v, bool serves,
                       struct ss_findings *findings, bool *ret, struct ss_err *err)
{
	/* The Lua state of one that serves is the loop's. */
	struct ss_adapter_version *own = serves ? ss_adapter_clone(v) : ss_adapter_ref(v);
	struct policy_view view = {
	        .adapter = own,
	        .overlays = t->set->overlays,
	        .n_overlays = t->set->n_overlays,
	        .generation = t->pass->generation,
	        .guard = &t->pass->guard,
	};
	const char **tenants SS_AUTOFREE = NULL;
	size_t n = 0;
	int rc;

	if (!own)
		return ss_err_nomem(err);
	rc = policy_tenants(&view, &tenants, &n, err);
	if (!rc)
		rc = policy_selftest(&view, tenants, n, findings, err);
	if (!rc && findings->nomem)
		rc = ss_err_nomem(err);
	ss_adapter_unref(own);
	*ret = findings->n == 0;
	return rc;
}

static int works(struct trial *t, struct ss_adapter_version *v, bool serves, bool *ret,
                 struct ss_err *err)
{
	struct ss_findings findings = {0};
	int rc = try_version(t, v, serves, &findings, ret, err);

	ss_findings_done(&findings);
	return rc;
}

static bool is_for(const struct ss_adapter_version *overlay, const char *adapter)
{
	const char *name = overlay ? ss_overlay_adapter(overlay) : NULL;

	return name && (strcmp(name, "*") == 0 || strcmp(name, adapter) == 0);
}

/* A new overlay that applies, or applied, to this adapter. */
static bool is_new_overlay(const struct policy_file *f, const char *adapter)
{
	return f->fresh && policy_is_overlay(f->rel) &&
	       (is_for(f->fresh, adapter) || is_for(f->good, adapter));
}

/* What was loaded is not to serve. */
static void fail_fresh(struct trial *t, struct policy_file *f, struct ss_findings *findings)
{
	struct policy_loader *loader = t->loader;

	policy_file_fail(loader, f, findings, &f->fresh_seen,
	                 loader->overlay_round + loader->overlays_changed);
	ss_adapter_unref(f->fresh);
	f->fresh = NULL;
	f->left_out = false;
}

static int fail_overlay(struct trial *t, struct policy_file *f, const char *adapter,
                        const struct ss_finding *why, struct ss_err *err)
{
	struct ss_findings findings = {0};

	ss_findings_add(&findings, ss_adapter_file(f->fresh), 0, NULL,
	                "with it the adapter '%s' does not build: %s", adapter, why->message);
	if (findings.nomem) {
		ss_findings_done(&findings);
		return ss_err_nomem(err);
	}
	fail_fresh(t, f, &findings);
	ss_findings_done(&findings);
	return 0;
}

static void leave_out_overlays(struct trial *t, const char *adapter, bool out)
{
	for (size_t i = 0; i < t->loader->n; i++) {
		struct policy_file *f = &t->loader->files[i];

		if (is_new_overlay(f, adapter))
			f->left_out = out;
	}
}

/* The adapter works without the new overlays: put them in one by one, and fail those with which it
 * does not work any more. */
static int sort_out_overlays(struct trial *t, struct ss_adapter_version *v, bool serves,
                             struct ss_err *err)
{
	const char *adapter = ss_adapter_name(v);
	int rc = 0;

	for (size_t i = 0; !rc && i < t->loader->n; i++) {
		struct policy_file *f = &t->loader->files[i];
		struct ss_findings findings = {0};
		bool ok;

		if (!is_new_overlay(f, adapter))
			continue;
		f->left_out = false;
		rc = propose(t, err);
		if (!rc)
			rc = try_version(t, v, serves, &findings, &ok, err);
		if (!rc && !ok)
			rc = fail_overlay(t, f, adapter, &findings.list[0], err);
		ss_findings_done(&findings);
	}
	return rc ? rc : propose(t, err);
}

/* Are new overlays the reason that v fails? They are failed then. At the start there is no set without
 * them that served: a restriction is never dropped. */
static int blame_overlays(struct trial *t, struct ss_adapter_version *v, bool serves, bool *ret,
                          struct ss_err *err)
{
	int rc;

	*ret = false;
	if (t->loader->first)
		return 0;
	leave_out_overlays(t, ss_adapter_name(v), true);
	rc = propose(t, err);
	if (!rc)
		rc = works(t, v, serves, ret, err);
	if (!rc && *ret)
		return sort_out_overlays(t, v, serves, err);
	leave_out_overlays(t, ss_adapter_name(v), false);
	return rc ? rc : propose(t, err);
}

/* *ret_again: overlays were failed, which others may have been tried with. */
static int try_file(struct trial *t, struct policy_file *f, bool *ret_again, struct ss_err *err)
{
	struct ss_adapter_version *v = f->fresh ? f->fresh : f->good;
	struct ss_findings findings = {0};
	bool ok, former_works = false;
	int rc = try_version(t, v, !f->fresh, &findings, &ok, err);

	if (!rc && !ok && f->fresh && f->good)
		rc = works(t, f->good, true, &former_works, err);
	if (!rc && !ok && !former_works)
		rc = blame_overlays(t, v, !f->fresh, ret_again, err);
	if (!rc && !ok && f->fresh && !*ret_again)
		fail_fresh(t, f, &findings);
	ss_findings_done(&findings);
	return rc;
}

static bool is_touched(const struct policy_loader *loader, const struct policy_file *f)
{
	if (policy_is_overlay(f->rel) || (!f->fresh && !f->good))
		return false;
	if (f->fresh)
		return true;
	for (size_t i = 0; loader->overlays_changed && i < loader->n; i++) {
		if (is_new_overlay(&loader->files[i], ss_adapter_name(f->good)))
			return true;
	}
	return false;
}

int policy_trial(struct policy_loader *loader, const struct policy_pass *pass, struct ss_err *err)
{
	struct trial t = {.loader = loader, .pass = pass};
	bool again = false;
	int rc = propose(&t, err);

	for (size_t i = 0; !rc && i < loader->n; i++) {
		if (atomic_load(&loader->stop))
			rc = ss_err_set(err, SS_ERR_CANCELED, "loading was stopped");
		else if (is_touched(loader, &loader->files[i]))
			rc = try_file(&t, &loader->files[i], &again, err);
		/* Each time there is a new overlay less. */
		if (again) {
			again = false;
			i = (size_t)-1;
		}
	}
	policy_generation_unref(t.set);
	return rc;
}
