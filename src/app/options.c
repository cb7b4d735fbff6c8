#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/suggest.h"

enum { MAX_WORDS = 64 };

static const struct ss_opt *find_long(const struct ss_opt *table, const char *name, size_t len)
{
	for (; table && table->name; table++)
		if (strlen(table->name) == len && memcmp(table->name, name, len) == 0)
			return table;
	return NULL;
}

static const struct ss_opt *find_letter(const struct ss_opt *table, char letter)
{
	for (; table && table->name; table++)
		if (table->letter == letter)
			return table;
	return NULL;
}

static size_t collect_names(const struct ss_opt *table, const char **words, size_t n)
{
	for (; table && table->name && n < MAX_WORDS; table++)
		words[n++] = table->name;
	return n;
}

static int unknown_option(const struct ss_app *app, const char *arg, size_t name_len,
                          struct ss_err *err)
{
	const char *words[MAX_WORDS];
	char name[64];
	size_t n = collect_names(ss_common_options, words, 0);
	const char *near;

	if (app->command)
		n = collect_names(app->command->options, words, n);
	snprintf(name, sizeof(name), "%.*s", (int)name_len, arg + (arg[1] == '-' ? 2 : 1));
	near = ss_suggest(name, words, n);
	if (near && arg[1] == '-')
		return ss_err_set(err, SS_ERR_USAGE, "unknown option '--%s': did you mean '--%s'?",
		                  name, near);
	return ss_err_set(err, SS_ERR_USAGE, "unknown option '%s%s'; see `sandscript help%s%s`",
	                  arg[1] == '-' ? "--" : "-", name, app->command ? " " : "",
	                  app->command ? app->command->name : "");
}

static int unknown_command(const char *name, struct ss_err *err)
{
	const char *words[MAX_WORDS];
	size_t n = 0;
	const char *near;

	for (const struct ss_command *c = ss_commands; c->name && n < MAX_WORDS; c++)
		words[n++] = c->name;
	near = ss_suggest(name, words, n);
	if (near)
		return ss_err_set(err, SS_ERR_USAGE, "unknown command '%s': did you mean '%s'?",
		                  name, near);
	return ss_err_set(err, SS_ERR_USAGE,
	                  "unknown command '%s'; see `sandscript help` (a script needs a / or .lua "
	                  "in its path)",
	                  name);
}

static int add_value(struct ss_app *app, const struct ss_opt *opt, const char *value)
{
	app->values[app->n_values++] = (struct ss_option_value){opt, value};
	return 0;
}

/* One argument that begins with a dash; *i moves over a value taken from the next argument. */
static int parse_option(struct ss_app *app, int argc, const char *const *argv, int *i,
                        struct ss_err *err)
{
	const char *arg = argv[*i];
	const char *value = NULL;
	const struct ss_opt *opt;
	size_t len;

	if (arg[1] == '-') {
		const char *eq = strchr(arg, '=');
		len = eq ? (size_t)(eq - arg - 2) : strlen(arg) - 2;
		opt = find_long(ss_common_options, arg + 2, len);
		if (!opt && app->command)
			opt = find_long(app->command->options, arg + 2, len);
		value = eq ? eq + 1 : NULL;
	} else {
		len = 1;
		opt = app->command ? find_letter(app->command->options, arg[1]) : NULL;
		if (!opt)
			opt = find_letter(ss_common_options, arg[1]);
		if (arg[2])
			value = arg[2] == '=' ? arg + 3 : arg + 2;
	}
	if (!opt)
		return unknown_option(app, arg, len, err);
	if (opt->kind == SS_OPT_FLAG) {
		if (value)
			return ss_err_set(err, SS_ERR_USAGE, "option '--%s' takes no value",
			                  opt->name);
		return add_value(app, opt, "");
	}
	if (!value) {
		if (*i + 1 >= argc)
			return ss_err_set(err, SS_ERR_USAGE, "option '--%s' needs a value: --%s %s",
			                  opt->name, opt->name, opt->value_name);
		value = argv[++*i];
	}
	return add_value(app, opt, value);
}

static bool is_script_path(const char *arg)
{
	size_t len = strlen(arg);

	return strchr(arg, '/') || (len > 4 && strcmp(arg + len - 4, ".lua") == 0);
}

/* Our own options behind the code would be the code's arguments, and not what was meant: who wants
 * that says so by "--". 1, or the code of err. */
static int check_code_args(struct ss_parsed *parsed, const char *form, struct ss_err *err)
{
	if (parsed->argc && !strcmp(parsed->argv[0], "--")) {
		parsed->argc--;
		parsed->argv++;
		return 1;
	}
	for (int i = 0; i < parsed->argc; i++) {
		const char *arg = parsed->argv[i];
		bool ours = arg[0] == '-' && arg[1] == '-' && arg[2]
		                    ? find_long(ss_common_options, arg + 2,
		                                strcspn(arg + 2, "=")) != NULL
		                    : arg[0] == '-' && arg[1] && !arg[2] &&
		                              find_letter(ss_common_options, arg[1]);

		if (ours)
			return ss_err_set(err, SS_ERR_USAGE,
			                  "option '%s' stands behind %s: write sandscript %s … %s "
			                  "CODE (or %s CODE -- %s …, if it is for the code)",
			                  arg, form, arg, form, form, arg);
	}
	return 1;
}

/* -e CODE, -p EXPR, - and SCRIPT in the place of a command. Returns 1 when it was one. */
static int parse_short_form(int argc, const char *const *argv, int i, struct ss_parsed *parsed,
                            struct ss_err *err)
{
	const char *arg = argv[i];
	bool code = strcmp(arg, "-e") == 0, code_or_expression = code || strcmp(arg, "-p") == 0;

	if (code_or_expression) {
		if (i + 1 >= argc)
			return ss_err_set(err, SS_ERR_USAGE, "option '%s' needs a value: %s %s",
			                  arg, arg, code ? "CODE" : "EXPR");
		parsed->form = code ? SS_RUN_CODE : SS_RUN_PRINT;
		parsed->what = argv[i + 1];
		i += 2;
	} else if (strcmp(arg, "-") == 0) {
		parsed->form = SS_RUN_STDIN;
		parsed->what = "-";
		i += 1;
	} else if (arg[0] != '-' && is_script_path(arg)) {
		parsed->form = SS_RUN_FILE;
		parsed->what = arg;
		i += 1;
	} else {
		return 0;
	}
	parsed->short_form = true;
	parsed->argc = argc - i;
	parsed->argv = argv + i;
	return code_or_expression ? check_code_args(parsed, arg, err) : 1;
}

static int check_counts(const struct ss_app *app, struct ss_err *err)
{
	const struct ss_command *c = app->command;

	if (app->n_args < c->min_args)
		return ss_err_set(err, SS_ERR_USAGE, "%s needs %s: sandscript %s %s", c->name,
		                  c->min_args == 1 ? "an argument" : "more arguments", c->name,
		                  c->arguments);
	if (c->max_args >= 0 && app->n_args > c->max_args)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "%s: unexpected argument '%s'; usage: sandscript %s %s", c->name,
		                  app->args[c->max_args], c->name, c->arguments);
	return 0;
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; *p; p += strcspn(p, " "), p += *p == ' ')
		if (strcspn(p, " ") == len && memcmp(p, word, len) == 0)
			return true;
	return false;
}

static int check_command(const struct ss_app *app, struct ss_err *err)
{
	const struct ss_command *c = app->command;
	const char *format = ss_app_option(app, "output");

	if (format && !c->formats)
		return ss_err_set(err, SS_ERR_USAGE, "%s takes no --output", c->name);
	if (format && !has_word(c->formats, format) &&
	    !(!strncmp(format, "lua=", 4) && has_word(c->formats, "lua=EXPR")))
		return ss_err_set(err, SS_ERR_USAGE, "%s: unknown output format '%s'; one of: %s",
		                  c->name, format, c->formats);
	if (c->needs_file && !ss_app_option(app, "file") && !app->n_args)
		return ss_err_set(err, SS_ERR_USAGE, "%s needs manifests: sandscript %s -f FILE",
		                  c->name, c->name);
	return check_counts(app, err);
}

int ss_options_parse(struct ss_app *app, int argc, const char *const *argv,
                     struct ss_parsed *parsed, struct ss_err *err)
{
	bool only_args = false;
	int rc;

	*parsed = (struct ss_parsed){0};
	if (argc > SS_APP_MAX_ARGS)
		return ss_err_set(err, SS_ERR_LIMIT, "more than %d arguments", SS_APP_MAX_ARGS);
	app->args = calloc((size_t)argc + 1, sizeof(*app->args));
	app->values = calloc((size_t)argc + 1, sizeof(*app->values));
	if (!app->args || !app->values)
		return ss_err_nomem(err);
	for (int i = 0; i < argc; i++) {
		if (!app->command && !only_args) {
			rc = parse_short_form(argc, argv, i, parsed, err);
			if (rc)
				return rc < 0 ? rc : 0;
		}
		if (!only_args && strcmp(argv[i], "--version") == 0) {
			app->command = ss_command_find("version");
			return 0;
		}
		if (!only_args && argv[i][0] == '-' && argv[i][1]) {
			if (strcmp(argv[i], "--") == 0) {
				only_args = true;
				continue;
			}
			rc = parse_option(app, argc, argv, &i, err);
			if (rc)
				return rc;
			continue;
		}
		if (!app->command) {
			app->command = ss_command_find(argv[i]);
			if (!app->command)
				return unknown_command(argv[i], err);
			continue;
		}
		app->args[app->n_args++] = argv[i];
		if (app->command->stops_at_first)
			only_args = true;
	}
	parsed->help = ss_app_option(app, "help") != NULL;
	return parsed->help || !app->command ? 0 : check_command(app, err);
}

const char *ss_app_option(const struct ss_app *app, const char *name)
{
	for (size_t i = app->n_values; i-- > 0;)
		if (strcmp(app->values[i].opt->name, name) == 0)
			return app->values[i].value;
	return NULL;
}

const char *ss_app_option_at(const struct ss_app *app, const char *name, size_t i)
{
	for (size_t k = 0; k < app->n_values; k++)
		if (strcmp(app->values[k].opt->name, name) == 0 && i-- == 0)
			return app->values[k].value;
	return NULL;
}
