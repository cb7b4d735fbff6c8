/* Which files a policy folder has, and which version of it that is. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "io/file.h"
#include "script/policy/policy_priv.h"

static const char *const folders[] = {"adapters", "local.d"};

static bool is_policy_file(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

static size_t position(const struct policy_loader *loader, const char *rel, bool *ret_found)
{
	size_t lo = 0, hi = loader->n;

	*ret_found = false;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(rel, loader->files[mid].rel);

		if (c == 0) {
			*ret_found = true;
			return mid;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* A file that was not known; takes *rel. */
static int insert(struct policy_loader *loader, size_t at, char **rel, struct ss_err *err)
{
	if (loader->n == POLICY_MAX_FILES)
		return ss_err_set(err, SS_ERR_LIMIT, "%s: more than %d adapters and overlays",
		                  loader->dir, POLICY_MAX_FILES);
	if (loader->n == loader->cap) {
		size_t cap = loader->cap ? loader->cap * 2 : 16;
		struct policy_file *grown = realloc(loader->files, cap * sizeof(*grown));

		if (!grown)
			return ss_err_nomem(err);
		loader->files = grown;
		loader->cap = cap;
	}
	memmove(&loader->files[at + 1], &loader->files[at],
	        (loader->n - at) * sizeof(struct policy_file));
	loader->n++;
	loader->files[at] = (struct policy_file){.rel = *rel};
	*rel = NULL;
	return 0;
}

static int list_name(struct policy_loader *loader, const char *folder, const char *name,
                     struct ss_err *err)
{
	char *rel SS_AUTOFREE = ss_file_join(folder, name);
	struct ss_source *source;
	bool found;
	size_t at;
	int rc;

	if (!rel)
		return ss_err_nomem(err);
	at = position(loader, rel, &found);
	rc = ss_sources_get(loader->set, rel, &source, err);
	/* A link that leads nowhere, or a new file that somebody still writes: not there yet. At the
	 * start it is a mistake that is told. */
	if (!rc && source->code == SS_ERR_NOT_FOUND && !loader->first &&
	    !(found && !loader->files[at].good)) {
		if (found)
			loader->files[at].written = ss_file_exists(source->file);
		return 0;
	}
	if (!rc && !found)
		rc = insert(loader, at, &rel, err);
	if (!rc)
		loader->files[at].listed = true;
	return rc;
}

static int list_folder(struct policy_loader *loader, const char *folder, bool needed,
                       struct ss_err *err)
{
	char *path SS_AUTOFREE = ss_file_join(loader->dir, folder);
	char **names = NULL;
	int rc = 0;

	if (!path)
		return ss_err_nomem(err);
	if (!ss_file_is_dir(path)) {
		if (!needed)
			return 0;
		if (!ss_file_is_dir(loader->dir))
			return ss_err_set(err, SS_ERR_NOT_FOUND,
			                  "the policy folder %s is not there", loader->dir);
		return ss_err_set(err, SS_ERR_NOT_FOUND,
		                  "the policy folder %s has no folder adapters/", loader->dir);
	}
	rc = ss_file_list(path, &names, err);
	for (size_t i = 0; !rc && names[i]; i++) {
		if (is_policy_file(names[i]))
			rc = list_name(loader, folder, names[i], err);
	}
	ss_file_free_list(names);
	return rc;
}

/* Is it gone for good? pass: when to look again. */
static bool is_removed(struct policy_file *f, struct policy_pass *pass)
{
	int64_t now = ss_clock_mono_ms(), left;

	if (f->listed || f->written) {
		f->missing_mono_ms = 0;
		return false;
	}
	if (!f->missing_mono_ms)
		f->missing_mono_ms = now ? now : 1;
	left = f->missing_mono_ms + POLICY_REMOVED_MS - now;
	if (left <= 0 || (!f->good && !f->failing))
		return true;
	if (!pass->ret_again_ms || left < pass->ret_again_ms)
		pass->ret_again_ms = left;
	return false;
}

static void remove_missing(struct policy_loader *loader, struct policy_pass *pass)
{
	size_t kept = 0;

	for (size_t i = 0; i < loader->n; i++) {
		struct policy_file *f = &loader->files[i];

		if (!is_removed(f, pass)) {
			loader->files[kept++] = *f;
			continue;
		}
		loader->touched |= f->failing;
		loader->changed |= f->good != NULL;
		loader->overlays_changed |= f->good && policy_is_overlay(f->rel);
		policy_file_done(f);
	}
	loader->n = kept;
}

int policy_list_files(struct policy_loader *loader, struct policy_pass *pass, struct ss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < loader->n; i++)
		loader->files[i].listed = loader->files[i].written = false;
	for (size_t i = 0; !rc && i < SS_ARRAY_LEN(folders); i++)
		rc = list_folder(loader, folders[i], i == 0, err);
	if (!rc)
		remove_missing(loader, pass);
	return rc;
}

uint64_t policy_whole_version(const char *dir)
{
	static const char *const links[] = {".",      "adapters",        "local.d",       "lib",
	                                    "..data", "adapters/..data", "local.d/..data"};
	uint64_t hash = 0;
	struct stat st;

	for (size_t i = 0; i < SS_ARRAY_LEN(links); i++) {
		char *path SS_AUTOFREE = ss_file_join(dir, links[i]);

		if (path && stat(path, &st) == 0)
			hash ^= (uint64_t)st.st_ino * 31 + (uint64_t)st.st_dev;
		hash = hash * 0x100000001b3u + 1;
	}
	return hash;
}
