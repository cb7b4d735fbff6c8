#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/lua_check.h"
#include "base/json.h"
#include "base/log.h"
#include "base/yaml.h"
#include "io/file.h"
#include "script/adapter/adapter.h"
#include "script/lint/traps.h"
#include "script/lint/uses.h"
#include "script/lint/versions.h"
#include "script/policy/check.h"

enum { MAX_FILE_BYTES = 16 * 1024 * 1024, MAX_DEPTH = 16 };

struct check {
	struct ss_app *app;
	struct ss_policy_check *policy;
	struct ss_lua_check lua;
	struct ss_findings findings;
	size_t n_files;
	const char *file; /* manifests: the one being read */
};

static bool has_suffix(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && strcmp(s + len - n, suffix) == 0;
}

/* What cannot be read is a finding; the rest is checked nevertheless. */
static void add_unreadable(struct check *check, const char *path, const struct ss_err *err)
{
	size_t len = strlen(path);
	bool named = strncmp(err->message, path, len) == 0 && err->message[len] == ':';

	ss_findings_add(&check->findings, path, 0, NULL, "%s",
	                err->message + (named ? len + 2 : 0));
}

static bool read_file(struct check *check, const char *file, struct ss_buf *text)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (ss_file_read_text(file, MAX_FILE_BYTES, text, &err) == 0)
		return true;
	add_unreadable(check, file, &err);
	return false;
}

/* --- Lua --------------------------------------------------------------------------------- */
/* An adapter may lie outside of a policy folder, too. */
static bool is_policy(const char *file, const char *text, size_t len)
{
	if (has_suffix(file, "_spec.lua"))
		return false;
	return strstr(file, "adapters/") || strstr(file, "local.d/") ||
	       ss_lint_returns_adapter(text, len);
}

static int check_lua(struct check *check, const char *file, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	const char *start;
	bool policy;
	int rc;

	if (!read_file(check, file, &text))
		return 0;
	start = text.data ? text.data : "";
	policy = is_policy(file, start, text.len);
	rc = ss_lint_text(file, start, text.len, !policy, &check->findings, err);
	if (rc)
		return rc;
	return policy ? ss_policy_check_file(check->policy, file, &check->findings, err)
	              : ss_lua_check_script(&check->lua, file, &text, err);
}

/* --- manifests ------------------------------------------------------------------------------ */
/* "must not be true (privileged): write false or leave it out" */
static void add_violation(struct check *check, int line, const struct ss_doc *doc, ss_node node)
{
	const char *rule = ss_doc_find_string(doc, node, "rule", NULL);
	const char *fix = ss_doc_find_string(doc, node, "fix", NULL);

	ss_findings_add(&check->findings, check->file, line,
	                ss_doc_find_string(doc, node, "path", NULL), "%s%s%s%s%s%s",
	                ss_doc_find_string(doc, node, "message", NULL), rule ? " (" : "",
	                rule ? rule : "", rule ? ")" : "", fix ? ": " : "", fix ? fix : "");
}

static void check_version(struct check *check, int line, const struct ss_doc *doc, ss_node object,
                          const char *path)
{
	const char *version = ss_doc_find_string(doc, object, "apiVersion", NULL);
	const char *better =
	        ss_lint_version(version, ss_doc_find_string(doc, object, "kind", NULL));

	if (better)
		ss_findings_add(&check->findings, check->file, line, path,
		                "%s is deprecated: write %s", version, better);
}

/* Of an object, and of those in a List. */
static void check_versions(struct check *check, int line, const struct ss_doc *doc)
{
	ss_node items = ss_doc_find(doc, ss_doc_root(doc), "items", NULL);
	size_t n = 0;

	check_version(check, line, doc, ss_doc_root(doc), "apiVersion");
	if (items == SS_NO_NODE || ss_doc_type(doc, items) != SS_ARRAY)
		return;
	for (struct ss_iter it = ss_iter(doc, items); ss_iter_next(&it); n++) {
		char path[64];

		snprintf(path, sizeof(path), "items[%zu].apiVersion", n);
		check_version(check, line, doc, it.value, path);
	}
}

static int check_manifest(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err)
{
	struct check *check = ud;
	struct ss_err verdict SS_AUTO_ERR;
	size_t n_before = check->findings.n;
	int rc;

	ss_err_init(&verdict);
	check_versions(check, (int)line, doc);
	if (ss_guard_check(&check->app->guard, doc, ss_doc_root(doc), &verdict)) {
		for (struct ss_iter it = ss_iter(verdict.details, ss_doc_root(verdict.details));
		     ss_iter_next(&it);)
			add_violation(check, (int)line, it.doc, it.value);
	}
	rc = ss_lua_check_manifest(&check->lua, check->file, (int)line, doc, n_before, err);
	ss_doc_free(doc);
	return rc;
}

/* "line 2, column 3: message" is "2: column 3: message" of the finding. */
static void add_parse_finding(struct check *check, const char *file, const char *message)
{
	int line = 0, skip = 0;

	if (sscanf(message, "line %d, %n", &line, &skip) != 1 || !skip)
		line = skip = 0;
	ss_findings_add(&check->findings, file, line, NULL, "%s", message + skip);
}

static int check_document(struct check *check, const char *file, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err parse SS_AUTO_ERR;
	const char *start;
	int rc;

	ss_err_init(&parse);
	if (!read_file(check, file, &text))
		return 0;
	start = text.data ? text.data : "";
	check->file = file;
	rc = ss_lua_check_file(&check->lua, &text, err);
	if (rc)
		return rc;
	if (!has_suffix(file, ".json"))
		rc = ss_yaml_parse_all(start, text.len, check_manifest, check, &parse);
	else
		rc = ss_json_parse_all(start, text.len, check_manifest, check, &parse);
	if (rc == SS_ERR_PARSE || rc == SS_ERR_LIMIT) {
		add_parse_finding(check, file, parse.message);
		return 0;
	}
	ss_err_move(err, &parse);
	return rc;
}

/* --- paths ------------------------------------------------------------------------------------ */
static int check_path(struct check *check, const char *path, int depth, bool named,
                      struct ss_err *err);

static int check_dir(struct check *check, const char *dir, int depth, struct ss_err *err)
{
	struct ss_err list SS_AUTO_ERR;
	char **names = NULL;
	int rc = 0;

	ss_err_init(&list);
	if (depth > MAX_DEPTH)
		return ss_err_set(err, SS_ERR_LIMIT, "%s: folders nested deeper than %d", dir,
		                  MAX_DEPTH);
	if (ss_file_list(dir, &names, &list)) {
		add_unreadable(check, dir, &list);
		return 0;
	}
	for (size_t i = 0; !rc && names[i]; i++) {
		char *path SS_AUTOFREE = NULL;

		if (names[i][0] == '.' || strcmp(names[i], "testdata") == 0)
			continue;
		path = ss_file_join(dir, names[i]);
		rc = path ? check_path(check, path, depth + 1, false, err) : ss_err_nomem(err);
	}
	ss_file_free_list(names);
	return rc;
}

/* `#!/usr/bin/env sandscript` makes a script of a file of any name. */
static bool is_script(const char *path)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	const char *name;

	if (ss_file_read_text(path, MAX_FILE_BYTES, &text, NULL) || text.len < 2 ||
	    memcmp(text.data, "#!", 2) != 0)
		return false;
	name = strstr(text.data, "sandscript");
	return name && !memchr(text.data, '\n', (size_t)(name - text.data));
}

static int check_path(struct check *check, const char *path, int depth, bool named,
                      struct ss_err *err)
{
	if (ss_file_is_dir(path)) {
		/* Whoever loads the folder takes it for a file, and fails. */
		if (has_suffix(path, ".lua"))
			ss_findings_add(&check->findings, path, 0, NULL,
			                "is a directory, not a file");
		return check_dir(check, path, depth, err);
	}
	if (named && !ss_file_exists(path))
		return ss_err_set(err, SS_ERR_USAGE, "%s: no such file or folder", path);
	check->n_files++;
	if (has_suffix(path, ".lua") || (named && is_script(path)))
		return check_lua(check, path, err);
	if (has_suffix(path, ".yaml") || has_suffix(path, ".yml") || has_suffix(path, ".json"))
		return check_document(check, path, err);
	if (named)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "%s: check reads .lua, .yaml, .yml and .json files", path);
	check->n_files--;
	return 0;
}

/* --- output ----------------------------------------------------------------------------------- */
/* File by file, by line; at one line in the order in which they were found. */
static int by_place(const void *a, const void *b)
{
	const struct ss_finding *const *x = a, *const *y = b;
	int order = strcmp((*x)->file, (*y)->file);

	if (!order)
		order = ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
	return order ? order : *x < *y ? -1 : *x > *y;
}

/* A module that two adapters require, and an overlay of two adapters, are found twice. */
static bool is_repeated(const struct ss_finding *const *sorted, size_t i)
{
	const struct ss_finding *f = sorted[i];

	for (size_t j = i; j-- > 0;) {
		const struct ss_finding *g = sorted[j];

		if (g->line != f->line || strcmp(g->file, f->file) != 0)
			return false;
		if (strcmp(g->message, f->message) == 0 &&
		    strcmp(g->path ? g->path : "", f->path ? f->path : "") == 0)
			return true;
	}
	return false;
}

static int write_findings(const struct ss_findings *findings, struct ss_doc *out,
                          struct ss_err *err)
{
	const struct ss_finding **sorted SS_AUTOFREE = calloc(findings->n + 1, sizeof(*sorted));

	if (!sorted)
		return ss_err_nomem(err);
	for (size_t i = 0; i < findings->n; i++)
		sorted[i] = &findings->list[i];
	qsort(sorted, findings->n, sizeof(*sorted), by_place);
	ss_doc_begin_array(out);
	for (size_t i = 0; i < findings->n; i++) {
		const struct ss_finding *f = sorted[i];

		if (is_repeated(sorted, i))
			continue;
		ss_doc_begin_object(out);
		ss_doc_put_string(out, "file", f->file);
		ss_doc_put_int(out, "line", f->line);
		if (f->path)
			ss_doc_put_string(out, "path", f->path);
		ss_doc_put_string(out, "message", f->message);
		ss_doc_end(out);
	}
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* Does the message say already where it is? "allow.labels: …" */
static bool names_itself(const char *message, const char *path)
{
	size_t len = strlen(path);

	return strncmp(message, path, len) == 0 && (message[len] == ':' || message[len] == ' ');
}

static void print_text(const struct ss_doc *findings)
{
	for (struct ss_iter it = ss_iter(findings, ss_doc_root(findings)); ss_iter_next(&it);) {
		const char *path = ss_doc_find_string(it.doc, it.value, "path", NULL);
		const char *message = ss_doc_find_string(it.doc, it.value, "message", NULL);
		int64_t line = ss_doc_get_int(it.doc, ss_doc_get(it.doc, it.value, "line"), 0);
		char at[32] = "";

		if (line > 0)
			snprintf(at, sizeof(at), "%lld:", (long long)line);
		if (path && names_itself(message, path))
			path = NULL;
		ss_log_print(stdout, "%s:%s %s%s%s",
		             ss_doc_find_string(it.doc, it.value, "file", NULL), at,
		             path ? path : "", path ? ": " : "", message);
	}
}

static int print_findings(const struct check *check, struct ss_err *err)
{
	struct ss_doc *findings SS_AUTO_DOC = ss_doc_new();
	const char *format = check->app->output ? check->app->output : "text";
	size_t n;
	int rc;

	rc = findings ? write_findings(&check->findings, findings, err) : ss_err_nomem(err);
	if (rc)
		return rc;
	n = ss_doc_count(findings, ss_doc_root(findings));
	if (strcmp(format, "json") == 0)
		rc = ss_output_doc(findings, ss_doc_root(findings), "json", err);
	else
		print_text(findings);
	fflush(stdout);
	fprintf(stderr, "%zu file%s checked, %zu finding%s\n", check->n_files,
	        check->n_files == 1 ? "" : "s", n, n == 1 ? "" : "s");
	return rc ? rc : n ? 1 : 0;
}

/* A path of the command line: one that holds nothing to check is a mistake in it. */
static int check_named(struct check *check, const char *path, struct ss_err *err)
{
	size_t n_files = check->n_files, n_findings = check->findings.n;
	int rc = check_path(check, path, 0, true, err);

	if (!rc && check->n_files == n_files && check->findings.n == n_findings)
		rc = ss_err_set(err, SS_ERR_NOT_FOUND,
		                "check: %s: no .lua, .yaml, .yml or .json file in it", path);
	return rc;
}

static int check_all(struct check *check, struct ss_err *err)
{
	struct ss_app *app = check->app;
	int rc;

	if (app->n_args == 0 && !app->policy_dir)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "check needs a path, or a policy folder (--policy DIR)");
	rc = ss_policy_check_new(&app->guard, &check->policy, err);
	for (int i = 0; !rc && i < app->n_args; i++)
		rc = check_named(check, app->args[i], err);
	if (!rc && app->n_args == 0)
		rc = check_named(check, app->policy_dir, err);
	if (!rc)
		rc = ss_lua_check_scripts(&check->lua, err);
	if (!rc && check->findings.nomem)
		rc = ss_err_nomem(err);
	return rc ? rc : print_findings(check, err);
}

int ss_cmd_check(struct ss_app *app)
{
	struct check check = {.app = app, .lua = {.app = app}};
	struct ss_err err SS_AUTO_ERR;
	int rc;

	ss_err_init(&err);
	check.lua.findings = &check.findings;
	rc = check_all(&check, &err);
	ss_lua_check_done(&check.lua);
	ss_policy_check_free(check.policy);
	ss_findings_done(&check.findings);
	return rc < 0 ? ss_report(&err) : rc;
}
