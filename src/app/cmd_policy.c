#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/suggest.h"
#include "script/policy.h"

static void print_adapters(const struct ss_doc *list)
{
	size_t width = strlen("ADAPTER");

	for (struct ss_iter it = ss_iter(list, ss_doc_root(list)); ss_iter_next(&it);) {
		size_t len = 0;
		ss_doc_get_string(list, ss_doc_get(list, it.value, "name"), &len);
		if (len > width)
			width = len;
	}
	printf("%-*s  %-12s  %s\n", (int)width, "ADAPTER", "SHA256", "FILE");
	for (struct ss_iter it = ss_iter(list, ss_doc_root(list)); ss_iter_next(&it);)
		printf("%-*s  %.12s  %s\n", (int)width,
		       ss_doc_find_string(list, it.value, "name", NULL),
		       ss_doc_find_string(list, it.value, "sha256", NULL),
		       ss_doc_find_string(list, it.value, "file", NULL));
}

static void print_failures(const struct ss_doc *failed)
{
	for (struct ss_iter it = ss_iter(failed, ss_doc_root(failed)); ss_iter_next(&it);) {
		const char *file = ss_doc_find_string(failed, it.value, "file", NULL);
		int64_t line = ss_doc_get_int(failed, ss_doc_get(failed, it.value, "line"), 0);

		fprintf(stderr, "sandscript: adapter %s does not load: %s",
		        ss_doc_find_string(failed, it.value, "name", NULL), file ? file : "");
		if (file && line > 0)
			fprintf(stderr, ":%lld", (long long)line);
		fprintf(stderr, "%s%s\n", file ? ": " : "",
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

int ss_cmd_policy(struct ss_app *app)
{
	static const char *const verbs[] = {"list"};
	struct ss_err err SS_AUTO_ERR;
	bool failed = false;

	ss_err_init(&err);
	if (strcmp(app->args[0], "diff") == 0 && ss_app_option(app, "live"))
		return diff_live(app);
	if (app->n_args > 1) {
		ss_err_set(&err, SS_ERR_USAGE, "policy %s: unexpected argument '%s'", app->args[0],
		           app->args[1]);
		return ss_report(&err);
	}
	if (strcmp(app->args[0], "list") != 0) {
		const char *near = ss_suggest(app->args[0], verbs, SS_ARRAY_LEN(verbs));
		ss_err_set(&err, SS_ERR_USAGE, "policy: unknown verb '%s'%s", app->args[0],
		           near ? ": did you mean 'list'?" : "; usage: sandscript policy list");
		return ss_report(&err);
	}
	if (list_policies(app, &failed, &err))
		return ss_report(&err);
	return failed ? SS_EXIT_ERROR : SS_EXIT_OK;
}
