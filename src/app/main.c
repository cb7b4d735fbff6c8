#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/app.h"
#include "app/cmd_help.h"
#include "app/ending.h"

/* Credentials live in this process: it leaves no core and lets no other process of the user read
 * its memory. LeakSanitizer needs to be read, so sanitizer builds keep only the first. */
static void protect_process(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 0);
#endif
	/* A closed pipe or socket is an error of the write, not the end of the process. */
	signal(SIGPIPE, SIG_IGN);
}

/* A standard descriptor that was closed would be given to the next file or socket, which would
 * then get what is printed. /dev/null opened the wrong way round fails as the closed one would. */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int run(struct ss_app *app, const struct ss_parsed *parsed)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (parsed->help) {
		if (app->command)
			ss_help_print(stdout, app->command);
		else
			ss_help_overview(stdout);
		return SS_EXIT_OK;
	}
	if (!app->command && !parsed->short_form && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		app->command = ss_command_find("repl");
	if (!app->command && !parsed->short_form) {
		ss_help_overview(stderr);
		return SS_EXIT_USAGE;
	}
	/* Who set something wrong asks for help with it. */
	if (!(app->command && app->command->run == ss_cmd_help) && ss_app_configure(app, &err))
		return ss_report(&err);
	if (parsed->short_form)
		return ss_run_script(app, parsed->form, parsed->what, parsed->argc, parsed->argv);
	if (app->command->whole_run && app->timeout_ms && !ss_app_option(app, "watch")) {
		ss_ending_start();
		ss_ending_in(app->timeout_ms, SS_EXIT_TIMEOUT, false);
	}
	return app->command->run(app);
}

int main(int argc, char **argv)
{
	struct ss_app app = {0};
	struct ss_parsed parsed;
	struct ss_err err SS_AUTO_ERR;
	int code;

	fill_standard_descriptors();
	protect_process();
	ss_err_init(&err);
	if (ss_options_parse(&app, argc - 1, (const char *const *)argv + 1, &parsed, &err))
		code = ss_report(&err);
	else
		code = run(&app, &parsed);
	ss_app_done(&app);
	return ss_output_finish(code);
}
