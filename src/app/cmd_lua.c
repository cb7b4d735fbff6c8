/* The commands that talk to the cluster are carried out by Lua modules of the
 * engine (lua/ss/cli/<name>.lua): main(job) gets the parsed command line as a
 * table and returns the exit code. */
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/config.h"

static void write_options(const struct ss_app *app, struct ss_doc *doc)
{
	for (const struct ss_opt *opt = app->command->options; opt && opt->name; opt++) {
		const char *value = ss_app_option(app, opt->name);

		if (!value)
			continue;
		ss_doc_key_lit(doc, opt->name);
		if (opt->kind == SS_OPT_FLAG) {
			ss_doc_bool(doc, true);
		} else if (opt->kind == SS_OPT_VALUE) {
			ss_doc_string(doc, value, strlen(value));
		} else {
			ss_doc_begin_array(doc);
			for (size_t i = 0; (value = ss_app_option_at(app, opt->name, i)); i++)
				ss_doc_string(doc, value, strlen(value));
			ss_doc_end(doc);
		}
	}
}

static void write_job(const struct ss_app *app, const struct ss_connection *connection,
                      struct ss_doc *doc)
{
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "command", app->command->name);
	ss_doc_key_lit(doc, "args");
	ss_doc_begin_array(doc);
	for (int i = 0; i < app->n_args; i++)
		ss_doc_string(doc, app->args[i], strlen(app->args[i]));
	ss_doc_end(doc);
	ss_doc_key_lit(doc, "options");
	ss_doc_begin_object(doc);
	write_options(app, doc);
	ss_doc_end(doc);
	ss_doc_put_string(doc, "output", app->output);
	ss_doc_put_string(doc, "context", ss_config_context(connection->config));
	ss_doc_put_string(doc, "server", ss_config_server(connection->config));
	ss_doc_put_string(doc, "namespace", ss_config_namespace(connection->config));
	ss_doc_put_string(doc, "given_namespace", app->cluster.namespace_);
	if (app->timeout_ms) {
		ss_doc_key_lit(doc, "timeout");
		ss_doc_real(doc, (double)app->timeout_ms / 1000);
	}
	ss_doc_end(doc);
}

int ss_cmd_lua(struct ss_app *app)
{
	static const char text[] = "local module, job = ...\n"
	                           "return require(module).main(require('json').decode(job))\n";
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;
	struct ss_connection *connection;
	int rc;

	ss_err_init(&err);
	rc = doc ? ss_app_env(app, &err) : ss_err_nomem(&err);
	if (rc)
		return ss_report(&err);
	if (ss_bind_connection(&app->env, &connection, &err)) {
		rc = ss_report(&err);
		return rc == SS_EXIT_ERROR ? SS_EXIT_CLUSTER : rc;
	}
	write_job(app, connection, doc);
	rc = ss_doc_finish(doc, &err);
	if (rc) {
		ss_err_wrap(&err, rc, "command line");
		return ss_report(&err);
	}
	ss_json_encode(doc, ss_doc_root(doc), &json);
	if (ss_buf_check(&json, "command line", &err))
		return ss_report(&err);
	const char *argv[] = {app->command->name, app->command->module, json.data};
	struct ss_lua_job job = {.text = text,
	                         .len = sizeof(text) - 1,
	                         .name = "=sandscript",
	                         .argc = 3,
	                         .argv = argv,
	                         .returns_code = true,
	                         .error_exit = app->command->error_exit};
	return ss_app_run_lua(app, &job);
}
