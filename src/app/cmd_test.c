#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/json.h"

/* Specs run in a trusted state with full libraries; lua/ss/spec.lua drives busted. */
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
	ss_doc_end(doc);
	rc = ss_doc_finish(doc, err);
	ss_json_encode(doc, ss_doc_root(doc), json);
	return rc ? rc : ss_buf_check(json, "command line", err);
}

int ss_cmd_test(struct ss_app *app)
{
	static const char text[] = "local job = ...\n"
	                           "return require('ss.spec').main(require('json').decode(job))\n";
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;
	int rc = 0;

	ss_err_init(&err);
	if (app->n_args == 0 && !app->policy_dir)
		rc = ss_err_set(&err, SS_ERR_USAGE,
		                "test needs a path, or a policy folder (--policy DIR)");
	if (!rc)
		rc = write_job(app, &json, &err);
	if (rc)
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
