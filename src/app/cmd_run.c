#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/buf.h"
#include "base/text.h"
#include "io/file.h"

enum { MAX_SCRIPT_BYTES = 16 * 1024 * 1024 };

static bool compiles(const char *before, const char *code, size_t len)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	lua_State *L = luaL_newstate();
	bool is;

	ss_buf_puts(&text, before);
	ss_buf_add(&text, code, len);
	is = L && !text.failed && luaL_loadbufferx(L, text.data, text.len, "=", "t") == LUA_OK;
	if (L)
		lua_close(L);
	return is;
}

/* As at the prompt: the values of an expression are shown. */
static void add_code(const char *code, struct ss_buf *text)
{
	ss_buf_printf(text, "%s%s", compiles("return ", code, strlen(code)) ? "return " : "", code);
}

static int read_script(enum ss_run_form form, const char *what, struct ss_buf *text,
                       char **ret_name, char **ret_dir, struct ss_err *err)
{
	char *real SS_AUTOFREE = NULL;
	int rc = 0;

	*ret_name = NULL;
	*ret_dir = NULL;
	switch (form) {
	case SS_RUN_FILE:
		rc = ss_file_read_text(what, MAX_SCRIPT_BYTES, text, err);
		real = rc ? NULL : realpath(what, NULL);
		if (!rc && (!real || asprintf(ret_name, "@%s", what) < 0 ||
		            !(*ret_dir = ss_file_dirname(real))))
			rc = ss_err_nomem(err);
		break;
	case SS_RUN_STDIN:
		rc = ss_file_read_fd(STDIN_FILENO, MAX_SCRIPT_BYTES, text, err);
		if (!rc)
			rc = ss_text_decode(text, err);
		*ret_name = strdup("=stdin");
		break;
	case SS_RUN_CODE:
		add_code(what, text);
		*ret_name = strdup("=(command line)");
		break;
	case SS_RUN_PRINT:
		ss_buf_printf(text, "return %s", what);
		*ret_name = strdup("=(command line)");
		break;
	}
	if (!rc)
		rc = ss_buf_check(text, "script", err);
	if (!rc && text->len && text->data[0] == LUA_SIGNATURE[0])
		rc = ss_err_set(err, SS_ERR_SCRIPT,
		                "%s is compiled Lua, which is not run: it could break out of every "
		                "limit; give the source",
		                what);
	return rc ? rc : *ret_name ? 0 : ss_err_nomem(err);
}

int ss_run_script(struct ss_app *app, enum ss_run_form form, const char *what, int argc,
                  const char *const *argv)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;
	char *name SS_AUTOFREE = NULL;
	char *dir SS_AUTOFREE = NULL;
	struct ss_lua_job job = {.print_results = form == SS_RUN_CODE || form == SS_RUN_PRINT};
	size_t n = 0;

	ss_err_init(&err);
	if (read_script(form, what, &text, &name, &dir, &err))
		return ss_report(&err);
	const char **full_argv SS_AUTOFREE = calloc((size_t)argc + 2, sizeof(*full_argv));
	if (!full_argv)
		return ss_report((ss_err_nomem(&err), &err));
	full_argv[0] = form == SS_RUN_FILE ? what : form == SS_RUN_STDIN ? "-" : "-e";
	for (int i = 0; i < argc; i++)
		full_argv[i + 1] = argv[i];
	job.text = text.data ? text.data : "";
	job.len = text.len;
	job.name = name;
	job.argc = argc + 1;
	job.argv = full_argv;
	if (dir)
		job.search[n++] = dir;
	if (app->policy_dir)
		job.search[n++] = app->policy_dir;
	return ss_app_run_lua(app, &job);
}

int ss_cmd_run(struct ss_app *app)
{
	bool from_stdin = strcmp(app->args[0], "-") == 0;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (ss_app_option(app, "watch") && ss_app_watch_policy(app, &err))
		return ss_report(&err);
	return ss_run_script(app, from_stdin ? SS_RUN_STDIN : SS_RUN_FILE, app->args[0],
	                     app->n_args - 1, app->args + 1);
}
