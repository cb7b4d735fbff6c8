/* The files of a kubeconfig: which, in what order, and look-ups over all of them. */
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/yaml.h"
#include "io/file.h"
#include "io/own.h"
#include "io/trust.h"
#include "kube/config_priv.h"

enum { MAX_LISTED = 10 }; /* names that a message shows */

static const struct {
	const char *list, *kind;
} lists[] = {{"clusters", "cluster"}, {"users", "user"}, {"contexts", "context"}};

static int file_failed(const char *path, int rc, struct ss_err *err)
{
	if (rc == SS_ERR_NOMEM)
		return rc;
	if (err)
		err->code = SS_ERR_CONFIG;
	return ss_err_wrap(err, SS_ERR_CONFIG, "kubeconfig %s", path);
}

/* --- one file -------------------------------------------------------------- */

static int check_entry(const struct ss_doc *doc, ss_node entry, const char *list, size_t i,
                       const char *kind, struct ss_err *err)
{
	ss_node value = ss_doc_get(doc, entry, kind);
	const char *name = ss_doc_find_string(doc, entry, "name", NULL);

	if (ss_doc_type(doc, entry) != SS_OBJECT || !name)
		return ss_err_set(err, SS_ERR_CONFIG, "%s[%zu] needs a name", list, i);
	if (value != SS_NO_NODE && ss_doc_type(doc, value) != SS_OBJECT &&
	    ss_doc_type(doc, value) != SS_NULL)
		return ss_err_set(err, SS_ERR_CONFIG, "%s[%zu].%s is not a map", list, i, kind);
	return 0;
}

static ss_node find_named(const struct ss_doc *doc, const char *list, const char *name)
{
	ss_node array = ss_doc_get(doc, ss_doc_root(doc), list);

	for (struct ss_iter it = ss_iter(doc, array); ss_iter_next(&it);) {
		const char *own = ss_doc_find_string(doc, it.value, "name", NULL);

		if (own && !strcmp(own, name))
			return it.value;
	}
	return SS_NO_NODE;
}

static int check_list(const struct ss_doc *doc, const char *list, const char *kind,
                      struct ss_err *err)
{
	ss_node array = ss_doc_get(doc, ss_doc_root(doc), list);
	enum ss_type type = ss_doc_type(doc, array);

	if (type == SS_NONE || type == SS_NULL)
		return 0;
	if (type != SS_ARRAY)
		return ss_err_set(err, SS_ERR_CONFIG, "%s is not a list", list);
	for (struct ss_iter it = ss_iter(doc, array); ss_iter_next(&it);) {
		int rc = check_entry(doc, it.value, list, it.index, kind, err);
		const char *name = ss_doc_find_string(doc, it.value, "name", NULL);

		if (rc)
			return rc;
		if (find_named(doc, list, name) != it.value)
			return ss_err_set(err, SS_ERR_CONFIG, "%s[%zu]: there are two named \"%s\"",
			                  list, it.index, name);
	}
	return 0;
}

static int check_file(const struct ss_doc *doc, struct ss_err *err)
{
	ss_node root = ss_doc_root(doc), kind = ss_doc_get(doc, root, "kind");
	ss_node current = ss_doc_get(doc, root, "current-context");
	int rc = 0;

	if (ss_doc_type(doc, root) == SS_NULL)
		return 0; /* an empty file */
	if (ss_doc_type(doc, root) != SS_OBJECT)
		return ss_err_set(err, SS_ERR_CONFIG, "this is not a map, so no kubeconfig");
	if (kind != SS_NO_NODE && !ss_doc_is_string(doc, kind, "Config"))
		return ss_err_set(err, SS_ERR_CONFIG,
		                  "kind is not Config, so this is no kubeconfig");
	if (current != SS_NO_NODE && ss_doc_type(doc, current) != SS_STRING &&
	    ss_doc_type(doc, current) != SS_NULL)
		return ss_err_set(err, SS_ERR_CONFIG, "current-context is not a string");
	for (size_t i = 0; i < SS_ARRAY_LEN(lists) && !rc; i++)
		rc = check_list(doc, lists[i].list, lists[i].kind, err);
	return rc;
}

static int parse_file(const char *path, struct ss_doc **ret, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	int rc;

	ss_own_file(path);
	rc = ss_file_read_text(path, KUBEFILE_MAX_BYTES, &text, err);
	if (!rc)
		rc = ss_trust_check("kubeconfig", path, err);
	if (rc)
		return rc;
	rc = ss_yaml_parse(text.data ? text.data : "", text.len, ret, err);
	if (text.data)
		explicit_bzero(text.data, text.len);
	return rc ? rc : check_file(*ret, err);
}

/* --- the list -------------------------------------------------------------- */

void ss_kubefiles_done(struct kubefiles *files)
{
	for (size_t i = 0; i < files->n; i++) {
		free(files->files[i].path);
		free(files->files[i].dir);
		ss_doc_free(files->files[i].doc);
	}
	free(files->files);
	free(files->label);
	*files = (struct kubefiles){0};
}

static int add_file(struct kubefiles *files, const char *path, struct ss_err *err)
{
	struct kubefile *file, *grown;
	int rc;

	if (files->n >= KUBEFILE_MAX_FILES)
		return ss_err_set(err, SS_ERR_CONFIG, "KUBECONFIG names more than %d files",
		                  KUBEFILE_MAX_FILES);
	grown = realloc(files->files, (files->n + 1) * sizeof(*grown));
	if (!grown)
		return ss_err_nomem(err);
	files->files = grown;
	file = &grown[files->n++];
	*file = (struct kubefile){.path = strdup(path), .dir = ss_file_dirname(path)};
	if (!file->path || !file->dir)
		return ss_err_nomem(err);
	rc = parse_file(path, &file->doc, err);
	return rc ? file_failed(path, rc, err) : 0;
}

static bool has_path(const struct kubefiles *files, const char *path)
{
	for (size_t i = 0; i < files->n; i++) {
		if (!strcmp(files->files[i].path, path))
			return true;
	}
	return false;
}

/* Files that are not there are skipped, unless none is. */
static int load_list(struct kubefiles *files, const char *list, struct ss_err *err)
{
	char *copy SS_AUTOFREE = strdup(list);
	char *state = NULL;
	int rc = 0;

	if (!copy)
		return ss_err_nomem(err);
	for (char *path = strtok_r(copy, ":", &state); path && !rc;
	     path = strtok_r(NULL, ":", &state)) {
		if (!has_path(files, path) && ss_file_exists(path))
			rc = add_file(files, path, err);
	}
	if (!rc && !files->n)
		rc = ss_err_set(err, SS_ERR_CONFIG,
		                "KUBECONFIG=%s: there is no such file; correct or unset KUBECONFIG",
		                list);
	return rc;
}

static int load_default(struct kubefiles *files, struct ss_err *err)
{
	const char *home = getenv("HOME");
	char *path SS_AUTOFREE = NULL;

	if (!home || !*home)
		return 0;
	path = ss_file_join(home, ".kube/config");
	if (!path)
		return ss_err_nomem(err);
	return ss_file_exists(path) ? add_file(files, path, err) : 0;
}

static int set_label(struct kubefiles *files, struct ss_err *err)
{
	struct ss_buf label SS_AUTO_BUF = SS_BUF_INIT;

	for (size_t i = 0; i < files->n; i++)
		ss_buf_printf(&label, "%s%s", i ? ":" : "", files->files[i].path);
	files->label = ss_buf_take(&label, NULL);
	return files->label ? 0 : ss_err_nomem(err);
}

int ss_kubefiles_load(struct kubefiles *files, const char *kubeconfig, struct ss_err *err)
{
	const char *list = getenv("KUBECONFIG");
	int rc;

	*files = (struct kubefiles){0};
	if (kubeconfig)
		rc = add_file(files, kubeconfig, err);
	else if (list && *list)
		rc = load_list(files, list, err);
	else
		rc = load_default(files, err);
	return rc ? rc : set_label(files, err);
}

/* --- look-ups -------------------------------------------------------------- */

struct kube_entry ss_kubefiles_find(const struct kubefiles *files, const char *list,
                                    const char *kind, const char *name)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct kubefile *file = &files->files[i];
		ss_node entry = find_named(file->doc, list, name);

		if (entry != SS_NO_NODE)
			return (struct kube_entry){
			        .file = file,
			        .kind = kind,
			        .name = ss_doc_find_string(file->doc, entry, "name", NULL),
			        .node = ss_doc_get(file->doc, entry, kind),
			};
	}
	return (struct kube_entry){.kind = kind, .name = name, .node = SS_NO_NODE};
}

const char *ss_kubefiles_current_context(const struct kubefiles *files)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct ss_doc *doc = files->files[i].doc;
		const char *name =
		        ss_doc_find_string(doc, ss_doc_root(doc), "current-context", NULL);

		if (name && *name)
			return name;
	}
	return "";
}

void ss_kubefiles_each(const struct kubefiles *files, const char *list, const char *kind,
                       void (*f)(void *ud, const struct kube_entry *entry), void *ud)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct ss_doc *doc = files->files[i].doc;
		ss_node array = ss_doc_get(doc, ss_doc_root(doc), list);

		for (struct ss_iter it = ss_iter(doc, array); ss_iter_next(&it);) {
			const char *name = ss_doc_find_string(doc, it.value, "name", NULL);
			struct kube_entry entry = ss_kubefiles_find(files, list, kind, name);

			if (entry.file == &files->files[i])
				f(ud, &entry);
		}
	}
}

struct names {
	const char *list[256]; /* for the suggestion */
	size_t n;
	struct ss_buf text;
};

static void collect(void *ud, const struct kube_entry *entry)
{
	struct names *names = ud;

	if (names->n < MAX_LISTED)
		ss_buf_printf(&names->text, "%s%s", names->n ? ", " : "", entry->name);
	else if (names->n == MAX_LISTED)
		ss_buf_puts(&names->text, " …");
	if (names->n < SS_ARRAY_LEN(names->list))
		names->list[names->n++] = entry->name;
}

int ss_kubefiles_missing(const struct kubefiles *files, const char *list, const char *name,
                         const char *what, struct ss_err *err)
{
	struct names names = {.text = SS_BUF_INIT};
	const char *near;
	int rc;

	ss_kubefiles_each(files, list, "", collect, &names);
	near = ss_suggest(name, names.list, names.n);
	rc = ss_err_set(err, SS_ERR_CONFIG, "kubeconfig %s: %s; %s here: %s%s%s%s", files->label,
	                what, list, names.n && !names.text.failed ? names.text.data : "none",
	                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	ss_buf_done(&names.text);
	return rc;
}
