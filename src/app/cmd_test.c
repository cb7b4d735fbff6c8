#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/json.h"
#include "io/file.h"

/* Specs run in a trusted state with full libraries; lua/ss/spec.lua drives goldens and busted. */
static int write_job(const struct ss_app *app, struct ss_buf *json, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	int rc;

	if (!doc)
		return ss_err_nomem(err);
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "paths");
	ss_doc_begin_array(doc);
	for (int i = 0; i < app->n_args; i++)
		ss_doc_string(doc, app->args[i], strlen(app->args[i]));
	if (app->n_args == 0)
		ss_doc_string(doc, app->policy_dir, strlen(app->policy_dir));
	ss_doc_end(doc);
	ss_doc_put_string(doc, "run", ss_app_option(app, "run"));
	ss_doc_put_string(doc, "output", app->output ? app->output : "text");
	ss_doc_key_lit(doc, "update");
	ss_doc_bool(doc, ss_app_option(app, "update") != NULL);
	ss_doc_end(doc);
	rc = ss_doc_finish(doc, err);
	ss_json_encode(doc, ss_doc_root(doc), json);
	return rc ? rc : ss_buf_check(json, "command line", err);
}

static bool holds_adapters(const char *dir)
{
	char *adapters SS_AUTOFREE = ss_file_join(dir, "adapters");

	return adapters && ss_file_is_dir(adapters);
}

/* The policy folder that an absolute path is, or lies in: what holds its testdata/ or adapters/.
 * NULL when it is in none; the path is cut. */
static char *policy_folder(char *path)
{
	if (holds_adapters(path))
		return path;
	for (char *slash; (slash = strrchr(path, '/')) && slash != path;) {
		bool inside = strcmp(slash, "/testdata") == 0 || strcmp(slash, "/adapters") == 0;

		*slash = 0;
		if (inside && holds_adapters(path))
			return path;
	}
	return NULL;
}

/* By the path as it was given, so that a link that leads elsewhere later is followed; else by where
 * it leads now. *ret_path is what it is a part of. */
static char *folder_of(const char *arg, char **ret_path)
{
	char *path = ss_file_exists(arg) ? ss_file_absolute(arg) : NULL;
	char *dir = path ? policy_folder(path) : NULL;

	if (!dir) {
		free(path);
		path = realpath(arg, NULL);
		dir = path ? policy_folder(path) : NULL;
	}
	*ret_path = path;
	return dir;
}

/* Tested is the policy that a path belongs to, unless --policy names another. */
static int choose_policy(struct ss_app *app, struct ss_err *err)
{
	char *found SS_AUTOFREE = NULL;

	if (ss_app_option(app, "policy"))
		return 0;
	for (int i = 0; i < app->n_args; i++) {
		char *path = NULL, *dir = folder_of(app->args[i], &path);

		if (!dir || (found && strcmp(found, dir) == 0)) {
			free(path);
		} else if (found) {
			ss_err_set(err, SS_ERR_USAGE,
			           "test: paths of two policy folders, %s and %s: test them one by "
			           "one, or name one with --policy",
			           found, dir);
			free(path);
			return SS_ERR_USAGE;
		} else {
			found = path;
		}
	}
	if (found) {
		free(app->policy_dir);
		app->policy_dir = found;
		found = NULL;
	}
	return 0;
}

static int run(struct ss_app *app)
{
	static const char text[] = "local job = ...\n"
	                           "return require('ss.spec').main(require('json').decode(job))\n";
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (write_job(app, &json, &err))
		return ss_report(&err);
	const char *argv[] = {"test", json.data};
	struct ss_lua_job job = {
	        .text = text,
	        .len = sizeof(text) - 1,
	        .name = "=sandscript test",
	        .argc = 2,
	        .argv = argv,
	        .search = {app->policy_dir},
	        .full_libraries = true,
	        .returns_code = true,
	};
	return ss_app_run_lua(app, &job);
}

static int run_again(struct ss_app *app, struct ss_err *err)
{
	const char *paths[SS_WATCH_PATHS + 1] = {NULL};
	size_t n = 0;

	if (app->n_args >= SS_WATCH_PATHS)
		return ss_err_set(err, SS_ERR_USAGE, "test --watch: more than %d paths",
		                  SS_WATCH_PATHS - 1);
	if (app->policy_dir)
		paths[n++] = app->policy_dir;
	for (int i = 0; i < app->n_args; i++)
		paths[n++] = app->args[i];
	return ss_app_run_again(app, paths, run);
}

int ss_cmd_test(struct ss_app *app)
{
	struct ss_err err SS_AUTO_ERR;
	int rc;

	ss_err_init(&err);
	rc = choose_policy(app, &err);
	if (!rc && app->n_args == 0 && !app->policy_dir)
		rc = ss_err_set(&err, SS_ERR_USAGE,
		                "test needs a path, or a policy folder (--policy DIR)");
	if (!rc && ss_app_option(app, "watch"))
		rc = run_again(app, &err);
	else if (!rc)
		rc = run(app);
	return rc < 0 ? ss_report(&err) : rc;
}
