/* One run of the program: its parsed command line and what commands share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/command.h"
#include "base/doc.h"
#include "base/err.h"
#include "bind/bind.h"
#include "kube/config.h"
#include "sandbox/guard.h"

enum {
	SS_EXIT_OK = 0,
	SS_EXIT_ERROR = 1,
	SS_EXIT_USAGE = 2,
	SS_EXIT_POLICY = 3,
	SS_EXIT_CLUSTER = 4,
	SS_EXIT_TIMEOUT = 5,
	SS_EXIT_INTERRUPTED = 130,
	SS_EXIT_TERMINATED = 143,
};
enum { SS_APP_MAX_WAIVERS = 64, SS_APP_MAX_ARGS = 4096 };

struct ss_option_value {
	const struct ss_opt *opt;
	const char *value; /* "" for flags */
};

struct ss_app {
	const struct ss_command *command;
	const char **args; /* positional, n_args of them */
	int n_args;
	struct ss_option_value *values; /* in order of appearance */
	size_t n_values;

	struct ss_config_request cluster;
	char *policy_dir;   /* absolute; NULL when there is none */
	const char *output; /* -o, NULL = the command's default */
	int64_t timeout_ms; /* 0 = none given */
	struct ss_waiver waivers[SS_APP_MAX_WAIVERS];
	size_t n_waivers;
	struct ss_guard guard;

	bool watch_policy; /* run --watch */

	struct ss_loop *loop;      /* made on first use */
	struct ss_bind_env env;    /* likewise */
	struct ss_doc *config_doc; /* the configuration file, or NULL */
	char *owned[SS_APP_MAX_WAIVERS];
	size_t n_owned;
};

/* --- options (options.c) --------------------------------------------------- */
/* Parse argv after the program's name. Fills command, args, values; SS_ERR_USAGE with a
 * suggestion. Short forms of run leave command NULL and set the form. */
struct ss_parsed {
	bool short_form;
	enum ss_run_form form;
	const char *what;
	int argc;
	const char *const *argv;
	bool help;
};
int ss_options_parse(struct ss_app *app, int argc, const char *const *argv,
                     struct ss_parsed *parsed, struct ss_err *err);
/* Value of the command's option (the last given), or NULL; flags give "". */
const char *ss_app_option(const struct ss_app *app, const char *name);
/* i-th value of a list option, or NULL. */
const char *ss_app_option_at(const struct ss_app *app, const char *name, size_t i);

/* --- set-up (app.c) ---------------------------------------------------------- */
/* Apply common options and the configuration file. */
int ss_app_configure(struct ss_app *app, struct ss_err *err);
int ss_app_loop(struct ss_app *app, struct ss_err *err);
/* The environment for Lua modules; implies ss_app_loop. */
int ss_app_env(struct ss_app *app, struct ss_err *err);
/* Load the policy now, and anew whenever a file changes or SIGHUP comes; before ss_app_env. */
int ss_app_watch_policy(struct ss_app *app, struct ss_err *err);
/* The policy folder, loaded; SS_ERR_NOT_FOUND says how to name one. Owned by the environment. */
int ss_app_policy(struct ss_app *app, struct ss_policy **ret, struct ss_err *err);
void ss_app_done(struct ss_app *app);

/* --- the configuration file (config_file.c) ---------------------------------- */
/* $XDG_CONFIG_HOME/sandscript/config.lua, then /etc/sandscript/config.lua: the first that is there.
 * *ret is {waive: [..], protected: [..], policy: string}, or NULL when there is none. */
int ss_config_file_load(struct ss_doc **ret, struct ss_err *err);
/* Its fields: strings, or lists of strings. */
struct ss_config_field {
	const char *name;
	bool list;
	const char *help; /* one line */
};
const struct ss_config_field *ss_config_fields(size_t *ret_count);

/* --- reporting (report.c) ------------------------------------------------------ */
/* "sandscript: message" on stderr, details below; returns the exit code of err->code. */
int ss_report(const struct ss_err *err);
int ss_exit_code(int code);
struct ss_exit_meaning {
	int code;
	const char *meaning;
};
extern const struct ss_exit_meaning ss_exit_meanings[]; /* ends with meaning == NULL */

/* --- running Lua (run_lua.c) ----------------------------------------------------- */
struct ss_lua_job {
	const char *text;
	size_t len;
	const char *name; /* chunk name, "@file" */
	int argc;
	const char *const *argv;
	const char *search[3]; /* absolute folders for require; NULL ends */
	bool full_libraries;
	bool print_results; /* -p: print what the chunk returns */
	bool returns_code; /* a command of ours: the chunk returns its exit code, and has no time limit */
	int error_exit; /* the least exit code of an error */
};
/* Run to the end with Ctrl-C wired up; reports errors; returns the exit code. */
int ss_app_run_lua(struct ss_app *app, const struct ss_lua_job *job);

/* --- --watch of build and test (watch.c) -------------------------------------------- */
enum { SS_WATCH_PATHS = 64 };
/* Run now, and again whenever a file of these paths (files and folders, at most SS_WATCH_PATHS, ends with NULL)
 * changes, until Ctrl-C. */
int ss_app_run_again(struct ss_app *app, const char *const *paths, int (*run)(struct ss_app *app));

/* --- --set (set_value.c) ---------------------------------------------------------- */
/* Write src with every "a.b=c" applied to out, values typed by the builder's schema. */
int ss_set_values(const struct ss_doc *src, ss_node node, const char *const *sets, size_t n,
                  struct ss_doc **ret, struct ss_err *err);
/* The field that "a.b=c" sets. */
enum { SS_SET_MAX_SEGMENTS = 16 };
struct ss_set_path {
	char *spec; /* holds the segments; the caller's to free */
	char *segments[SS_SET_MAX_SEGMENTS];
	size_t n;
};
/* SS_ERR_NOMEM. */
int ss_set_path(const char *set, struct ss_set_path *ret, struct ss_err *err);

/* --- explain (explain_text.c) --------------------------------------------------------- */
/* Print what ss_policy_explain found as lines of columns, to stdout. */
int ss_explain_print(const struct ss_doc *leaves, struct ss_err *err);

/* --- output (output.c) -------------------------------------------------------------- */
/* Print as "yaml", else as JSON, to stdout. What stdout refuses is found by ss_output_finish. */
int ss_output_doc(const struct ss_doc *doc, ss_node node, const char *format, struct ss_err *err);
/* At the end: 0 becomes an error, which is reported, when stdout did not take everything. */
int ss_output_finish(int code);
