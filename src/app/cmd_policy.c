#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/json.h"
#include "base/log.h"
#include "base/suggest.h"
#include "io/file.h"
#include "script/policy/policy.h"

static void print_adapters(const struct ss_doc *list)
{
	size_t width = strlen("ADAPTER");

	for (struct ss_iter it = ss_iter(list, ss_doc_root(list)); ss_iter_next(&it);) {
		size_t len = 0;
		ss_doc_get_string(list, ss_doc_get(list, it.value, "name"), &len);
		if (len > width)
			width = len;
	}
	ss_log_print(stdout, "%-*s  %-12s  %s", (int)width, "ADAPTER", "SHA256", "FILE");
	for (struct ss_iter it = ss_iter(list, ss_doc_root(list)); ss_iter_next(&it);)
		ss_log_print(stdout, "%-*s  %.12s  %s", (int)width,
		             ss_doc_find_string(list, it.value, "name", NULL),
		             ss_doc_find_string(list, it.value, "sha256", NULL),
		             ss_doc_find_string(list, it.value, "file", NULL));
}

static void print_failures(const struct ss_doc *failed)
{
	for (struct ss_iter it = ss_iter(failed, ss_doc_root(failed)); ss_iter_next(&it);) {
		const char *file = ss_doc_find_string(failed, it.value, "file", NULL);
		int64_t line = ss_doc_get_int(failed, ss_doc_get(failed, it.value, "line"), 0);
		char at[32] = "";

		if (file && line > 0)
			snprintf(at, sizeof(at), ":%lld", (long long)line);
		ss_log_print(stderr, "sandscript: adapter %s does not load: %s%s%s%s",
		             ss_doc_find_string(failed, it.value, "name", NULL), file ? file : "",
		             at, file ? ": " : "",
		             ss_doc_find_string(failed, it.value, "message", NULL));
	}
}

static int print_doc(const struct ss_app *app, const struct ss_doc *list,
                     const struct ss_doc *failed, int64_t generation, struct ss_err *err)
{
	struct ss_doc *both SS_AUTO_DOC = ss_doc_new();
	int rc;

	if (!both)
		return ss_err_nomem(err);
	ss_doc_begin_object(both);
	ss_doc_put_int(both, "generation", generation);
	ss_doc_put_copy(both, "adapters", list, ss_doc_root(list));
	ss_doc_put_copy(both, "failed", failed, ss_doc_root(failed));
	ss_doc_end(both);
	rc = ss_doc_finish(both, err);
	return rc ? rc : ss_output_doc(both, ss_doc_root(both), app->output, err);
}

static int list_policies(struct ss_app *app, bool *ret_failed, struct ss_err *err)
{
	struct ss_doc *list SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *failed SS_AUTO_DOC = ss_doc_new();
	struct ss_policy *policy;
	int rc = list && failed ? ss_app_policy(app, &policy, err) : ss_err_nomem(err);

	if (!rc)
		rc = ss_policy_list(policy, list, err);
	if (!rc)
		rc = ss_policy_failures(policy, failed, err);
	if (rc)
		return rc;
	*ret_failed = ss_doc_count(failed, ss_doc_root(failed)) > 0;
	if (app->output && strcmp(app->output, "table") != 0)
		return print_doc(app, list, failed, ss_policy_generation(policy), err);
	print_adapters(list);
	fflush(stdout);
	print_failures(failed);
	return 0;
}

/* It talks to the cluster: a module of Lua carries it out. */
static int diff_live(struct ss_app *app)
{
	struct ss_command command = *app->command;
	int code;

	command.module = "ss.cli.policy_diff";
	command.error_exit = 2; /* 1 is "differs" */
	app->command = &command;
	code = ss_cmd_lua(app);
	app->command = ss_command_find(command.name);
	return code;
}

/* --- carried out by Lua ------------------------------------------------------------------ */
/* from NULL: without the folders. */
static int write_job(const struct ss_app *app, const char *from, const char *to,
                     struct ss_buf *json, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	int rc;

	if (!doc)
		return ss_err_nomem(err);
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "from", from);
	ss_doc_put_string(doc, "to", to);
	ss_doc_put_string(doc, "output", app->output);
	ss_doc_end(doc);
	rc = ss_doc_finish(doc, err);
	ss_json_encode(doc, ss_doc_root(doc), json);
	return rc ? rc : ss_buf_check(json, "command line", err);
}

static int run_module(struct ss_app *app, const char *module, const struct ss_buf *json,
                      int error_exit)
{
	static const char text[] = "local module, job = ...\n"
	                           "return require(module).main(require('json').decode(job))\n";
	const char *argv[] = {"policy", module, json->data};
	struct ss_lua_job job = {.text = text,
	                         .len = sizeof(text) - 1,
	                         .name = "=sandscript policy",
	                         .argc = 3,
	                         .argv = argv,
	                         .full_libraries = true, /* cases are run as `test` runs them */
	                         .returns_code = true,
	                         .error_exit = error_exit};

	return ss_app_run_lua(app, &job);
}

static int show_history(struct ss_app *app)
{
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (write_job(app, NULL, NULL, &json, &err))
		return ss_report(&err);
	return run_module(app, "ss.cli.policy_history", &json, SS_EXIT_ERROR);
}

/* --- diff FOLDER [FOLDER] ------------------------------------------------------------------ */
static bool is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

/* Folders, not generations: a process of one command has but one of these. */
static int check_folders(const struct ss_app *app, struct ss_err *err)
{
	if (app->n_args < 2)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "policy diff: name the folder to compare with (sandscript policy "
		                  "diff OLD), or the live sandboxes (--live)");
	for (int i = 1; i < app->n_args; i++) {
		if (ss_file_is_dir(app->args[i]))
			continue;
		if (is_number(app->args[i]))
			return ss_err_set(err, SS_ERR_USAGE,
			                  "policy diff: %s is no folder, and generations live in "
			                  "one process: compare them with policy.diff(a, b) in a "
			                  "script, or with :policy diff at the prompt",
			                  app->args[i]);
		return ss_err_set(err, SS_ERR_USAGE, "policy diff: %s is no folder", app->args[i]);
	}
	if (app->n_args == 2 && !app->policy_dir)
		return ss_err_set(
		        err, SS_ERR_USAGE,
		        "policy diff: compare it with which folder? name two, or a policy "
		        "folder with --policy DIR");
	return 0;
}

static int diff_folders(struct ss_app *app)
{
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (check_folders(app, &err) ||
	    write_job(app, app->args[1], app->n_args > 2 ? app->args[2] : app->policy_dir, &json,
	              &err))
		return ss_report(&err);
	return run_module(app, "ss.cli.policy_folders", &json, 2); /* 1 is "differs" */
}

/* --- the command ------------------------------------------------------------------------------ */
static int show_list(struct ss_app *app)
{
	struct ss_err err SS_AUTO_ERR;
	bool failed = false;

	ss_err_init(&err);
	if (list_policies(app, &failed, &err))
		return ss_report(&err);
	return failed ? SS_EXIT_ERROR : SS_EXIT_OK;
}

static int diff(struct ss_app *app)
{
	return ss_app_option(app, "live") ? diff_live(app) : diff_folders(app);
}

static int max_args(const struct ss_app *app)
{
	if (strcmp(app->args[0], "diff") != 0)
		return 1;
	return ss_app_option(app, "live") ? 2 : 3;
}

int ss_cmd_policy(struct ss_app *app)
{
	static const char *const verbs[] = {"list", "diff", "history"};
	static int (*const run[])(struct ss_app * app) = {show_list, diff, show_history};
	const char *verb = app->args[0], *near;
	struct ss_err err SS_AUTO_ERR;
	size_t i = 0;

	ss_err_init(&err);
	while (i < SS_ARRAY_LEN(verbs) && strcmp(verbs[i], verb) != 0)
		i++;
	if (i == SS_ARRAY_LEN(verbs)) {
		near = ss_suggest(verb, verbs, SS_ARRAY_LEN(verbs));
		ss_err_set(&err, SS_ERR_USAGE, "policy: unknown verb '%s'%s%s%s", verb,
		           near ? ": did you mean '" : "; there are list, diff and history",
		           near ? near : "", near ? "'?" : "");
		return ss_report(&err);
	}
	if (app->n_args > max_args(app)) {
		ss_err_set(&err, SS_ERR_USAGE, "policy %s: unexpected argument '%s'", verb,
		           app->args[app->n_args - 1]);
		return ss_report(&err);
	}
	return run[i](app);
}
