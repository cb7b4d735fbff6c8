#include "script/policy/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/suggest.h"
#include "io/file.h"
#include "script/adapter/adapter.h"
#include "script/lint/versions.h"
#include "script/policy/folder.h"
#include "script/policy/selftest.h"

struct ss_policy_check {
	const struct ss_guard *guard;
	struct policy_folder *folder; /* of the file checked last: files come folder by folder */
};

int ss_policy_check_new(const struct ss_guard *guard, struct ss_policy_check **ret,
                        struct ss_err *err)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return ss_err_nomem(err);
	(*ret)->guard = guard;
	return 0;
}

void ss_policy_check_free(struct ss_policy_check *check)
{
	if (check)
		policy_folder_free(check->folder);
	free(check);
}

static int open_folder(struct ss_policy_check *check, const char *dir, struct ss_err *err)
{
	if (check->folder && strcmp(policy_folder_dir(check->folder), dir) == 0)
		return 0;
	policy_folder_free(check->folder);
	check->folder = NULL;
	return policy_folder_load(dir, &check->folder, err);
}

/* --- what loaded -------------------------------------------------------------------------- */
/* Built for each tenant of the list; for all there are when it is NULL. */
static int try_adapter(struct ss_policy_check *check, struct ss_adapter_version *v,
                       const char *const *tenants, size_t n, struct ss_findings *findings,
                       struct ss_err *err)
{
	struct policy_view view = {.adapter = v, .generation = 1, .guard = check->guard};
	const char **all SS_AUTOFREE = NULL;
	int rc = 0;

	view.overlays = policy_folder_overlays(check->folder, &view.n_overlays);
	if (!tenants) {
		rc = policy_tenants(&view, &all, &n, err);
		tenants = all;
	}
	return rc ? rc : policy_selftest(&view, tenants, n, findings, err);
}

static void no_adapter(const struct ss_policy_check *check,
                       const struct ss_adapter_version *overlay, struct ss_findings *findings)
{
	const char *name = ss_overlay_adapter(overlay), *near, *file;
	size_t n;
	struct ss_adapter_version *const *adapters = policy_folder_adapters(check->folder, &n);
	const char **words SS_AUTOFREE = calloc(n + 1, sizeof(*words));
	int line = ss_adapter_field_line(overlay, "adapter", &file);

	for (size_t i = 0; words && i < n; i++)
		words[i] = ss_adapter_name(adapters[i]);
	near = words ? ss_suggest(name, words, n) : NULL;
	if (near)
		ss_findings_add(findings, file, line, "adapter",
		                "there is no adapter '%s': did you mean '%s'?", name, near);
	else
		ss_findings_add(findings, file, line, "adapter", "there is no adapter '%s'", name);
}

/* Is there a file of this name, be it one that does not load? */
static bool has_file(const struct ss_policy_check *check, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/adapters/%s.lua", policy_folder_dir(check->folder), name);
	return ss_file_exists(path);
}

/* What it makes of the adapters it is for. */
static int try_overlay(struct ss_policy_check *check, const struct ss_adapter_version *overlay,
                       struct ss_findings *findings, struct ss_err *err)
{
	const char *const tenants[] = {ss_overlay_tenant(overlay)};
	const char *target = ss_overlay_adapter(overlay);
	struct ss_adapter_version *const *adapters;
	int rc = 0;
	size_t n;

	adapters = policy_folder_adapters(check->folder, &n);
	if (strcmp(target, "*") != 0 && !has_file(check, target))
		no_adapter(check, overlay, findings);
	for (size_t i = 0; i < n && !rc; i++) {
		if (ss_overlay_applies(overlay, ss_adapter_name(adapters[i]), tenants[0]))
			rc = try_adapter(check, adapters[i], tenants, 1, findings, err);
	}
	return rc;
}

static void check_version(const struct ss_adapter_version *v, struct ss_findings *findings)
{
	const struct ss_doc *declared = ss_adapter_declared(v);
	const char *version =
	        ss_doc_find_string(declared, ss_doc_root(declared), "apiVersion", NULL);
	const char *better = ss_lint_version(version, "Sandbox"), *file;
	int line = ss_adapter_field_line(v, "apiVersion", &file);

	if (better)
		ss_findings_add(findings, file, line, "apiVersion", "%s is deprecated: write %s",
		                version, better);
}

/* --- one file ------------------------------------------------------------------------------- */
/* The policy folder of a file and its name in it: DIR/adapters/x.lua -> DIR, adapters/x.lua. A file
 * that is elsewhere is its own folder's. */
static int split_path(const char *path, char **ret_dir, char **ret_rel, struct ss_err *err)
{
	char *folder SS_AUTOFREE = ss_file_dirname(path);
	const char *base = strrchr(path, '/'), *last;

	if (!folder)
		return ss_err_nomem(err);
	base = base ? base + 1 : path;
	last = strrchr(folder, '/');
	last = last ? last + 1 : folder;
	if (strcmp(last, "adapters") == 0 || strcmp(last, "local.d") == 0) {
		*ret_dir = ss_file_dirname(folder);
		*ret_rel = ss_file_join(last, base);
	} else {
		*ret_dir = strdup(folder);
		*ret_rel = strdup(base);
	}
	return *ret_dir && *ret_rel ? 0 : ss_err_nomem(err);
}

int ss_policy_check_file(struct ss_policy_check *check, const char *path,
                         struct ss_findings *findings, struct ss_err *err)
{
	char *dir SS_AUTOFREE = NULL, *rel SS_AUTOFREE = NULL;
	struct ss_adapter_version *v = NULL;
	int rc = split_path(path, &dir, &rel, err);

	if (!rc)
		rc = open_folder(check, dir, err);
	if (!rc)
		rc = ss_adapter_load_from(policy_folder_sources(check->folder), rel, findings, NULL,
		                          &v, err);
	if (!rc && v) {
		check_version(v, findings);
		rc = ss_adapter_is_overlay(v) ? try_overlay(check, v, findings, err)
		                              : try_adapter(check, v, NULL, 0, findings, err);
	}
	ss_adapter_unref(v);
	if (!rc && findings->nomem)
		rc = ss_err_nomem(err);
	return rc;
}
