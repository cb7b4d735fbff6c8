#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/json.h"
#include "base/yaml.h"
#include "io/file.h"
#include "script/policy.h"

enum { MAX_FILE_BYTES = 16 * 1024 * 1024, MAX_DEPTH = 16 };

struct check {
	struct ss_app *app;
	struct ss_doc *findings; /* an open array */
	size_t n_files;
	const char *file; /* manifests: the one being read */
};

static void add_finding(struct check *check, const char *file, int64_t line, const char *path,
                        const char *message)
{
	ss_doc_begin_object(check->findings);
	ss_doc_put_string(check->findings, "file", file);
	ss_doc_put_int(check->findings, "line", line);
	ss_doc_put_string(check->findings, "path", path);
	ss_doc_put_string(check->findings, "message", message);
	ss_doc_end(check->findings);
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && strcmp(s + len - n, suffix) == 0;
}

/* "name:12: message" -> 12; the message follows in *ret. */
static int64_t split_line(const char *text, const char *file, const char **ret)
{
	size_t len = strlen(file);
	char *end;
	long line;

	*ret = text;
	if (strncmp(text, file, len) != 0 || text[len] != ':')
		return 0;
	line = strtol(text + len + 1, &end, 10);
	if (*end != ':')
		return 0;
	*ret = end + 1 + (end[1] == ' ');
	return line;
}

static int check_syntax(struct check *check, const char *file, const struct ss_buf *text,
                        struct ss_err *err)
{
	lua_State *L = luaL_newstate();
	char *name SS_AUTOFREE = NULL;
	const char *start = text->data ? text->data : "";
	/* The #! line goes, its break stays: lines keep their numbers. */
	const char *skip = text->len && start[0] == '#' ? strchr(start, '\n') : start;

	if (!L || asprintf(&name, "@%s", file) < 0) {
		if (L)
			lua_close(L);
		return ss_err_nomem(err);
	}
	if (!skip)
		skip = start + text->len;
	if (luaL_loadbufferx(L, skip, text->len - (size_t)(skip - start), name, "t")) {
		const char *message, *full = lua_tostring(L, -1);
		int64_t line = split_line(full ? full : "", file, &message);
		add_finding(check, file, line, NULL, message);
	}
	lua_close(L);
	return 0;
}

/* `return adapter {`, also outside of a folder adapters/. */
static bool returns_adapter(const char *text)
{
	static const char words[] = "return adapter";

	for (const char *at = text; (at = strstr(at, words));) {
		at += sizeof(words) - 1;
		at += strspn(at, " \t\r\n");
		if (*at == '{' || *at == '(')
			return true;
	}
	return false;
}

/* What cannot be read is a finding; the rest is checked nevertheless. */
static void add_unreadable(struct check *check, const char *path, const struct ss_err *err)
{
	size_t len = strlen(path);
	bool named = strncmp(err->message, path, len) == 0 && err->message[len] == ':';

	add_finding(check, path, 0, NULL, err->message + (named ? len + 2 : 0));
}

static bool read_file(struct check *check, const char *file, struct ss_buf *text)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (ss_file_read(file, MAX_FILE_BYTES, text, &err) == 0)
		return true;
	add_unreadable(check, file, &err);
	return false;
}

static int check_lua(struct check *check, const char *file, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	bool adapter = strstr(file, "adapters/") && !has_suffix(file, "_spec.lua");
	int rc;

	if (!read_file(check, file, &text))
		return 0;
	if (adapter || (text.data && returns_adapter(text.data))) {
		rc = ss_policy_check_file(file, check->findings, err);
		return rc < 0 ? rc : 0;
	}
	return check_syntax(check, file, &text, err);
}

/* "must not be true (privileged): write false or leave it out" */
static void add_violation(struct check *check, int64_t line, const struct ss_doc *doc, ss_node node)
{
	const char *rule = ss_doc_find_string(doc, node, "rule", NULL);
	const char *fix = ss_doc_find_string(doc, node, "fix", NULL);
	char message[1024];

	snprintf(message, sizeof(message), "%s%s%s%s%s%s",
	         ss_doc_find_string(doc, node, "message", NULL), rule ? " (" : "", rule ? rule : "",
	         rule ? ")" : "", fix ? ": " : "", fix ? fix : "");
	add_finding(check, check->file, line, ss_doc_find_string(doc, node, "path", NULL), message);
}

static int check_manifest(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err)
{
	struct check *check = ud;
	struct ss_err verdict SS_AUTO_ERR;

	(void)err;
	ss_err_init(&verdict);
	if (ss_guard_check(&check->app->guard, doc, ss_doc_root(doc), &verdict)) {
		for (struct ss_iter it = ss_iter(verdict.details, ss_doc_root(verdict.details));
		     ss_iter_next(&it);)
			add_violation(check, (int64_t)line, it.doc, it.value);
	}
	ss_doc_free(doc);
	return 0;
}

/* "line 2, column 3: message" is "2: column 3: message" of the finding. */
static void add_parse_finding(struct check *check, const char *file, const char *message)
{
	int line = 0, skip = 0;

	if (sscanf(message, "line %d, %n", &line, &skip) != 1 || !skip)
		line = skip = 0;
	add_finding(check, file, line, NULL, message + skip);
}

static int check_document(struct check *check, const char *file, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err parse SS_AUTO_ERR;
	struct ss_doc *doc = NULL;
	const char *start;
	int rc;

	ss_err_init(&parse);
	if (!read_file(check, file, &text))
		return 0;
	start = text.data ? text.data : "";
	check->file = file;
	if (!has_suffix(file, ".json"))
		rc = ss_yaml_parse_all(start, text.len, check_manifest, check, &parse);
	else if (!(rc = ss_json_parse(start, text.len, &doc, &parse)))
		rc = check_manifest(check, doc, 1, err);
	if (rc)
		add_parse_finding(check, file, parse.message);
	return 0;
}

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

static int check_path(struct check *check, const char *path, int depth, bool named,
                      struct ss_err *err)
{
	if (ss_file_is_dir(path))
		return check_dir(check, path, depth, err);
	if (named && !ss_file_exists(path))
		return ss_err_set(err, SS_ERR_USAGE, "%s: no such file or folder", path);
	check->n_files++;
	if (has_suffix(path, ".lua"))
		return check_lua(check, path, err);
	if (has_suffix(path, ".yaml") || has_suffix(path, ".yml") || has_suffix(path, ".json"))
		return check_document(check, path, err);
	if (named)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "%s: check reads .lua, .yaml, .yml and .json files", path);
	check->n_files--;
	return 0;
}

static void print_text(const struct ss_doc *findings)
{
	for (struct ss_iter it = ss_iter(findings, ss_doc_root(findings)); ss_iter_next(&it);) {
		const char *path = ss_doc_find_string(it.doc, it.value, "path", NULL);
		int64_t line = ss_doc_get_int(it.doc, ss_doc_get(it.doc, it.value, "line"), 0);

		printf("%s:", ss_doc_find_string(it.doc, it.value, "file", NULL));
		if (line > 0)
			printf("%lld:", (long long)line);
		printf(" %s%s%s\n", path ? path : "", path ? ": " : "",
		       ss_doc_find_string(it.doc, it.value, "message", NULL));
	}
}

static int check_all(struct check *check, struct ss_err *err)
{
	struct ss_app *app = check->app;
	const char *format = app->output ? app->output : "text";
	size_t n;
	int rc = 0;

	if (app->n_args == 0 && !app->policy_dir)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "check needs a path, or a policy folder (--policy DIR)");
	ss_doc_begin_array(check->findings);
	for (int i = 0; !rc && i < app->n_args; i++)
		rc = check_path(check, app->args[i], 0, true, err);
	if (!rc && app->n_args == 0)
		rc = check_path(check, app->policy_dir, 0, true, err);
	ss_doc_end(check->findings);
	if (!rc)
		rc = ss_doc_finish(check->findings, err);
	if (rc)
		return rc;
	n = ss_doc_count(check->findings, ss_doc_root(check->findings));
	if (strcmp(format, "json") == 0)
		rc = ss_output_doc(check->findings, ss_doc_root(check->findings), "json", err);
	else
		print_text(check->findings);
	fflush(stdout);
	fprintf(stderr, "%zu file%s checked, %zu finding%s\n", check->n_files,
	        check->n_files == 1 ? "" : "s", n, n == 1 ? "" : "s");
	return rc ? rc : n ? 1 : 0;
}

int ss_cmd_check(struct ss_app *app)
{
	struct ss_doc *findings SS_AUTO_DOC = ss_doc_new();
	struct check check = {.app = app, .findings = findings};
	struct ss_err err SS_AUTO_ERR;
	int rc;

	ss_err_init(&err);
	rc = findings ? check_all(&check, &err) : ss_err_nomem(&err);
	return rc < 0 ? ss_report(&err) : rc;
}
