/* The adapters and overlays of one policy folder that load. */
#include "script/policy/folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "io/file.h"
#include "script/adapter/adapter.h"

enum { MAX_FILES = 4096 };

struct list {
	struct ss_adapter_version **at;
	size_t n;
};
struct policy_folder {
	struct ss_sources *set;
	struct list adapters, overlays;
};

static int load_file(struct policy_folder *f, const char *folder, const char *name,
                     struct list *list, struct ss_err *err)
{
	char *rel SS_AUTOFREE = ss_file_join(folder, name);
	struct ss_findings ignored = {0}; /* of this file's own check */
	int rc = rel ? ss_adapter_load_from(f->set, rel, &ignored, NULL, &list->at[list->n], err)
	             : ss_err_nomem(err);

	ss_findings_done(&ignored);
	if (!rc && list->at[list->n])
		list->n++;
	return rc;
}

static bool is_policy_file(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

/* A folder that is not there is empty. */
static int load_list(struct policy_folder *f, const char *folder, struct list *list,
                     struct ss_err *err)
{
	char *path SS_AUTOFREE = ss_file_join(ss_sources_dir(f->set), folder);
	char **names = NULL;
	size_t n = 0;
	int rc;

	if (!path)
		return ss_err_nomem(err);
	if (!ss_file_is_dir(path))
		return 0;
	rc = ss_file_list(path, &names, err);
	if (rc)
		return rc;
	while (names[n])
		n++;
	list->at = calloc(n + 1, sizeof(struct ss_adapter_version *));
	if (!list->at)
		rc = ss_err_nomem(err);
	else if (n > MAX_FILES)
		rc = ss_err_set(err, SS_ERR_LIMIT, "%s: more than %d files", path, MAX_FILES);
	for (size_t i = 0; i < n && !rc; i++) {
		if (is_policy_file(names[i]))
			rc = load_file(f, folder, names[i], list, err);
	}
	ss_file_free_list(names);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(ss_adapter_name(*(struct ss_adapter_version *const *)a),
	              ss_adapter_name(*(struct ss_adapter_version *const *)b));
}

int policy_folder_load(const char *dir, struct policy_folder **ret, struct ss_err *err)
{
	struct policy_folder *f = calloc(1, sizeof(*f));
	int rc = f ? ss_sources_new(dir, &f->set, err) : ss_err_nomem(err);

	if (!rc)
		rc = load_list(f, "adapters", &f->adapters, err);
	if (!rc)
		rc = load_list(f, "local.d", &f->overlays, err);
	if (rc) {
		policy_folder_free(f);
		return rc;
	}
	/* The order of layer 2: "a" before "a-b", other than that of files with their suffix. */
	if (f->overlays.n)
		qsort(f->overlays.at, f->overlays.n, sizeof(struct ss_adapter_version *), by_name);
	*ret = f;
	return 0;
}

static void drop(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		ss_adapter_unref(list->at[i]);
	free(list->at);
}

void policy_folder_free(struct policy_folder *f)
{
	if (!f)
		return;
	drop(&f->adapters);
	drop(&f->overlays);
	ss_sources_free(f->set);
	free(f);
}

const char *policy_folder_dir(const struct policy_folder *f)
{
	return ss_sources_dir(f->set);
}

struct ss_sources *policy_folder_sources(const struct policy_folder *f)
{
	return f->set;
}

struct ss_adapter_version *const *policy_folder_adapters(const struct policy_folder *f,
                                                         size_t *ret_n)
{
	*ret_n = f->adapters.n;
	return f->adapters.at;
}

struct ss_adapter_version *const *policy_folder_overlays(const struct policy_folder *f,
                                                         size_t *ret_n)
{
	*ret_n = f->overlays.n;
	return f->overlays.at;
}
