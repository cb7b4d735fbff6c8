/* Subcommands: one file cmd_<name>.c each, one line in commands.c.
 * A command gets a parsed struct ss_app and returns an exit code (design.md
 * section 4); it has reported its error by then. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_app;

enum ss_opt_kind { SS_OPT_FLAG, SS_OPT_VALUE, SS_OPT_LIST };
struct ss_opt {
	const char *name; /* without the dashes */
	char letter;      /* 0 = none */
	enum ss_opt_kind kind;
	const char *value_name; /* "FILE"; NULL for flags */
	const char *help;       /* one line */
};

struct ss_command {
	const char *name;
	const char *arguments;        /* "ADAPTER", "[PATH…]" */
	const char *summary;          /* one line for the list of commands */
	const char *details;          /* what `help NAME` adds; may be NULL */
	const struct ss_opt *options; /* ends with name == NULL; may be NULL */
	int min_args;
	int max_args;        /* -1 = any */
	bool stops_at_first; /* what follows the first argument belongs to it (run SCRIPT …) */
	bool needs_file;     /* -f must be given */
	bool whole_run;      /* --timeout limits all of it, and not each request */
	const char *formats; /* what -o takes, "yaml json"; NULL = -o is not taken */
	int error_exit;      /* the least exit code of an error (diff's 1 means "differs") */
	const char *module;  /* the engine's Lua module that carries it out (cmd_lua.c), or NULL */
	int (*run)(struct ss_app *app);
};

/* All of them, in the order of the help; ends with name == NULL. */
extern const struct ss_command ss_commands[];
/* The options that every command takes. */
extern const struct ss_opt ss_common_options[];
const struct ss_command *ss_command_find(const char *name);

int ss_cmd_build(struct ss_app *app);
int ss_cmd_check(struct ss_app *app);
int ss_cmd_help(struct ss_app *app);
int ss_cmd_init(struct ss_app *app);
int ss_cmd_lua(struct ss_app *app);
int ss_cmd_policy(struct ss_app *app);
int ss_cmd_repl(struct ss_app *app);
int ss_cmd_run(struct ss_app *app);
int ss_cmd_test(struct ss_app *app);
int ss_cmd_version(struct ss_app *app);
/* `-e`, `-p`, `-` and a bare path: the short forms of run. */
enum ss_run_form { SS_RUN_FILE, SS_RUN_STDIN, SS_RUN_CODE, SS_RUN_PRINT };
int ss_run_script(struct ss_app *app, enum ss_run_form form, const char *what, int argc,
                  const char *const *argv);
