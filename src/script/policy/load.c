/* A pass of the loader: what is on the disk now becomes what may serve. Only files
 * whose content changed, and those that looked at them, are loaded; content that
 * failed is not tried again; what fails keeps its last good version. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "script/policy/cache.h"
#include "script/policy/policy_priv.h"

enum { UNFINISHED_MIN_MS = 2, UNFINISHED_MAX_MS = 64, VERSION_TRIES = 3 };

/* --- life ------------------------------------------------------------------------------ */
int policy_loader_new(const char *dir, struct policy_loader **ret, struct ss_err *err)
{
	struct policy_loader *loader = calloc(1, sizeof(*loader));

	if (!loader)
		return ss_err_nomem(err);
	loader->first = true;
	loader->overlay_round = 1;
	loader->dir = strdup(dir);
	if (!loader->dir || ss_sources_new(dir, &loader->set, err)) {
		policy_loader_free(loader);
		return ss_err_nomem(err);
	}
	*ret = loader;
	return 0;
}

static void clear_failure(struct policy_file *f)
{
	free(f->finding.file);
	free(f->finding.path);
	free(f->finding.message);
	f->finding = (struct ss_finding){0};
	ss_source_list_done(&f->bad_seen);
	f->failing = f->unsafe = false;
	f->since_ms = f->found_mono_ms = 0;
	f->bad_with = 0;
}

static void drop_fresh(struct policy_file *f)
{
	ss_adapter_unref(f->fresh);
	f->fresh = NULL;
	ss_source_list_done(&f->fresh_seen);
}

void policy_file_done(struct policy_file *f)
{
	clear_failure(f);
	drop_fresh(f);
	ss_adapter_unref(f->good);
	ss_source_list_done(&f->good_seen);
	free(f->rel);
}

void policy_loader_free(struct policy_loader *loader)
{
	if (!loader)
		return;
	for (size_t i = 0; i < loader->n; i++)
		policy_file_done(&loader->files[i]);
	free(loader->files);
	ss_sources_free(loader->set);
	free(loader->dir);
	free(loader);
}

/* --- what changed ------------------------------------------------------------------------ */
/* Has all that was looked at the same content still? *ret is false for an empty list. */
static int is_same(struct policy_loader *loader, const struct ss_source_list *seen, bool *ret,
                   struct ss_err *err)
{
	*ret = seen->n > 0;
	/* To the end in any case: what is not asked for is forgotten, and with it the former content
	 * of a file that is being written. */
	for (size_t i = 0; i < seen->n; i++) {
		struct ss_source *now;
		int rc = ss_sources_get(loader->set, seen->list[i]->rel, &now, err);

		if (rc)
			return rc;
		*ret &= ss_source_same(now, seen->list[i]);
	}
	return 0;
}

void policy_file_fail(struct policy_loader *loader, struct policy_file *f,
                      struct ss_findings *findings, struct ss_source_list *seen, uint64_t bad_with)
{
	struct ss_finding *first = &findings->list[0];
	int64_t since = f->failing ? f->since_ms : ss_clock_wall_ms();
	int64_t found = ss_clock_mono_ms();
	bool unsafe = f->unsafe || (loader->first && policy_is_overlay(f->rel) && !f->good);

	/* Said once: another overlay changed, and it fails as before. */
	if (f->failing && f->finding.line == first->line &&
	    strcmp(f->finding.file, first->file) == 0 &&
	    strcmp(f->finding.message, first->message) == 0)
		found = f->found_mono_ms;
	clear_failure(f);
	f->failing = true;
	f->unsafe = unsafe;
	f->finding = *first;
	*first = (struct ss_finding){0};
	f->bad_seen = *seen;
	*seen = (struct ss_source_list){0};
	f->bad_with = bad_with;
	f->since_ms = since;
	f->found_mono_ms = found;
	loader->touched = true;
	loader->n_failed++;
}

static int load_file(struct policy_loader *loader, struct policy_file *f, struct ss_err *err)
{
	struct ss_findings findings = {0};
	struct ss_source_list seen = {0};
	int rc = ss_adapter_load_from(loader->set, f->rel, &findings, &seen, &f->fresh, err);

	if (rc == 0 && f->fresh) {
		f->fresh_seen = seen;
		seen = (struct ss_source_list){0};
		loader->overlays_changed |= policy_is_overlay(f->rel);
		loader->any_fresh |= !policy_is_overlay(f->rel);
	} else if (rc == 0) {
		policy_file_fail(loader, f, &findings, &seen, 0);
	}
	ss_findings_done(&findings);
	ss_source_list_done(&seen);
	return rc;
}

/* A trial failed it: with other overlays, or other adapters, it may work. (Adapters come first.) */
static bool may_work_now(const struct policy_loader *loader, const struct policy_file *f)
{
	if (policy_is_overlay(f->rel))
		return f->bad_with && loader->any_fresh;
	return f->bad_with && f->bad_with != loader->overlay_round;
}

/* Load it, unless its content is known: to be good or to be bad. */
static int look(struct policy_loader *loader, struct policy_file *f, struct policy_pass *pass,
                struct ss_err *err)
{
	bool good, bad;
	int rc;

	if (atomic_load(&loader->stop))
		return ss_err_set(err, SS_ERR_CANCELED, "loading was stopped");
	if (!f->listed)
		return 0;
	rc = is_same(loader, &f->good_seen, &good, err);
	if (!rc)
		rc = is_same(loader, &f->bad_seen, &bad, err);
	if (rc)
		return rc;
	if (bad && !may_work_now(loader, f))
		return 0;
	if (good && f->failing) {
		clear_failure(f);
		loader->touched = true;
	}
	if (good)
		return 0;
	pass->ret_loaded++;
	return load_file(loader, f, err);
}

/* The last good version from before a restart. The kept set served without an overlay that it does
 * not have, so it may go on to. */
static int fall_back(struct policy_loader *loader, struct policy_file *f, struct ss_err *err)
{
	int rc;

	if (!f->failing || f->good)
		return 0;
	rc = policy_cache_load(loader->cache, f->rel, &f->good, err);
	if (rc)
		return rc;
	f->cached = f->good != NULL;
	f->unsafe = false;
	loader->changed |= f->cached;
	return 0;
}

/* --- the result ---------------------------------------------------------------------------- */
static void accept_fresh(struct policy_loader *loader)
{
	for (size_t i = 0; i < loader->n; i++) {
		struct policy_file *f = &loader->files[i];

		if (!f->fresh)
			continue;
		loader->touched |= f->failing;
		loader->changed = true;
		clear_failure(f);
		ss_adapter_unref(f->good);
		ss_source_list_done(&f->good_seen);
		f->good = f->fresh;
		f->good_seen = f->fresh_seen;
		f->cached = false;
		f->fresh = NULL;
		f->fresh_seen = (struct ss_source_list){0};
	}
	if (loader->overlays_changed)
		loader->overlay_round++;
	loader->overlays_changed = false;
}

static void look_again_at_unfinished(struct policy_loader *loader, struct policy_pass *pass)
{
	int64_t ms = loader->unfinished_ms * 2;

	if (!ss_sources_unfinished(loader->set)) {
		loader->unfinished_ms = 0;
		return;
	}
	ms = ms < UNFINISHED_MIN_MS   ? UNFINISHED_MIN_MS
	     : ms > UNFINISHED_MAX_MS ? UNFINISHED_MAX_MS
	                              : ms;
	loader->unfinished_ms = ms;
	if (!pass->ret_again_ms || ms < pass->ret_again_ms)
		pass->ret_again_ms = ms;
}

/* What a trial failed with the overlays of before is tried with those of now. */
static void look_again_at_failed(const struct policy_loader *loader, struct policy_pass *pass)
{
	for (size_t i = 0; i < loader->n; i++) {
		const struct policy_file *f = &loader->files[i];

		if (f->bad_with && !policy_is_overlay(f->rel) && may_work_now(loader, f))
			pass->ret_again_ms = 1;
	}
}

/* "a" of "adapters/a.lua". */
static char *name_of(const char *rel)
{
	const char *base = strrchr(rel, '/') + 1;

	return strndup(base, strlen(base) - strlen(".lua"));
}

static int add_failure(const struct policy_file *f, struct policy_generation *g, struct ss_err *err)
{
	char *name SS_AUTOFREE = name_of(f->rel);
	const struct policy_failure failure = {
	        .name = name,
	        .rel = f->rel,
	        .finding = f->finding,
	        .since_ms = f->since_ms,
	        .found_mono_ms = f->found_mono_ms,
	        .held = f->good != NULL,
	        .cached = f->cached,
	        .unsafe = f->unsafe,
	};

	return name ? policy_generation_add_failure(g, &failure, err) : ss_err_nomem(err);
}

static int make_generation(const struct policy_loader *loader, struct policy_generation **ret,
                           struct ss_err *err)
{
	struct policy_generation *g = policy_generation_new(loader->n, loader->n, loader->n);
	int rc = g ? 0 : ss_err_nomem(err);

	for (size_t i = 0; !rc && i < loader->n; i++) {
		const struct policy_file *f = &loader->files[i];

		if (f->good)
			policy_generation_add(g, f->good);
		if (f->failing)
			rc = add_failure(f, g, err);
	}
	if (rc) {
		policy_generation_unref(g);
		return rc;
	}
	policy_generation_sort(g);
	*ret = g;
	return 0;
}

static void drop_all_fresh(struct policy_loader *loader)
{
	for (size_t i = 0; i < loader->n; i++)
		drop_fresh(&loader->files[i]);
}

static int look_at_all(struct policy_loader *loader, struct policy_pass *pass, struct ss_err *err)
{
	int rc;

	loader->any_fresh = false;
	loader->n_failed = 0;
	ss_sources_refresh(loader->set);
	rc = policy_list_files(loader, pass, err);
	for (size_t i = 0; !rc && i < loader->n; i++)
		rc = look(loader, &loader->files[i], pass, err);
	return rc;
}

/* Of one version only: what was begun in one and ended in the next is looked at again. */
static int look_at_one_version(struct policy_loader *loader, struct policy_pass *pass,
                               struct ss_err *err)
{
	for (int tries = 0;; tries++) {
		uint64_t version = policy_whole_version(loader->dir);
		int rc = look_at_all(loader, pass, err);

		if (version == policy_whole_version(loader->dir) || rc == SS_ERR_CANCELED)
			return rc;
		drop_all_fresh(loader);
		ss_err_done(err);
		if (tries == VERSION_TRIES)
			return ss_err_set(err, SS_ERR_IO,
			                  "%s leads elsewhere again and again while it is read",
			                  loader->dir);
	}
}

int policy_loader_pass(struct policy_loader *loader, struct policy_pass *pass, struct ss_err *err)
{
	int rc = look_at_one_version(loader, pass, err);

	if (!rc && pass->trial)
		rc = policy_trial(loader, pass, err);
	pass->ret_failed = loader->n_failed;
	for (size_t i = 0; loader->cache && !rc && i < loader->n; i++)
		rc = fall_back(loader, &loader->files[i], err);
	if (rc) {
		drop_all_fresh(loader);
		return rc;
	}
	accept_fresh(loader);
	look_again_at_unfinished(loader, pass);
	look_again_at_failed(loader, pass);
	if (loader->changed || loader->touched || loader->first)
		rc = make_generation(loader, &pass->ret_generation, err);
	if (rc)
		return rc; /* what was found is told by the next pass */
	pass->ret_changed = loader->changed || loader->first;
	loader->changed = loader->touched = loader->first = false;
	return 0;
}
