#include "script/policy_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "io/file.h"
#include "script/adapter.h"
#include "script/lint_versions.h"
#include "script/policy_selftest.h"

struct ss_policy_check {
	const struct ss_guard *guard;
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
	free(check);
}

/* --- what loaded -------------------------------------------------------------------------- */
static int try_adapter(struct ss_policy_check *check, struct ss_adapter_version *v,
                       struct ss_findings *findings, struct ss_err *err)
{
	const struct policy_view view = {.adapter = v, .generation = 1, .guard = check->guard};
	const char *const tenants[] = {NULL};

	return policy_selftest(&view, tenants, SS_ARRAY_LEN(tenants), findings, err);
}

static void check_version(const struct ss_adapter_version *v, struct ss_findings *findings)
{
	const struct ss_doc *declared = ss_adapter_declared(v);
	const char *version =
	        ss_doc_find_string(declared, ss_doc_root(declared), "apiVersion", NULL);
	const char *better = ss_lint_version(version, "Sandbox");

	if (better)
		ss_findings_add(findings, ss_adapter_file(v), 0, "apiVersion",
		                "%s is deprecated: write %s", version, better);
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
		rc = ss_adapter_load(dir, rel, findings, &v, err);
	if (!rc && v) {
		check_version(v, findings);
		rc = try_adapter(check, v, findings, err);
	}
	ss_adapter_unref(v);
	if (!rc && findings->nomem)
		rc = ss_err_nomem(err);
	return rc;
}
