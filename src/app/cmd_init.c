/* `sandscript init`: a new policy folder. lua/ss/init.lua writes it; its golden is what the policy
 * in it makes, so the folder becomes this run's policy folder. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "io/file.h"

static int choose_folder(struct ss_app *app, const char *dir, struct ss_err *err)
{
	enum { MODE = 0755 };
	int rc = ss_file_make_dirs(dir, MODE, err);

	if (rc)
		return rc;
	free(app->policy_dir);
	app->policy_dir = realpath(dir, NULL);
	return app->policy_dir ? 0 : ss_err_set(err, SS_ERR_IO, "%s: %s", dir, strerror(errno));
}

int ss_cmd_init(struct ss_app *app)
{
	static const char text[] = "local dir, stubs = ...\n"
	                           "return require('ss.init').main(dir, stubs == 'stubs')\n";
	const char *dir = app->n_args ? app->args[0] : ".";
	const char *argv[] = {"init", dir, ss_app_option(app, "stubs") ? "stubs" : ""};
	struct ss_lua_job job = {.text = text,
	                         .len = sizeof(text) - 1,
	                         .name = "=sandscript init",
	                         .argc = 3,
	                         .argv = argv,
	                         .full_libraries =
	                                 true, /* as `test`, which reads the case it wrote */
	                         .returns_code = true};
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	return choose_folder(app, dir, &err) ? ss_report(&err) : ss_app_run_lua(app, &job);
}
