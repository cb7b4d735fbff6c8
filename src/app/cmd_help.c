#include "app/cmd_help.h"

#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/buf.h"
#include "base/fill.h"
#include "sandbox/build.h"
#include "script/embedded.h"
#include "script/policy/policy.h"

enum { FORMAT_LETTER = 'o' };

/* "  -f, --file FILE" */
static void name_option(struct ss_buf *out, const struct ss_opt *opt)
{
	char letter[] = {'-', opt->letter, ',', 0};

	ss_buf_printf(out, "  %s --%s%s%s", opt->letter ? letter : "   ", opt->name,
	              opt->value_name ? " " : "", opt->value_name ? opt->value_name : "");
}

/* "yaml json text" -> "yaml (default), json or text" */
static void list_formats(struct ss_buf *out, const char *formats)
{
	for (const char *word = formats; *word;) {
		size_t len = strcspn(word, " ");
		const char *next = word + len + strspn(word + len, " ");

		if (word > formats)
			ss_buf_puts(out, *next ? ", " : " or ");
		ss_buf_add(out, word, len);
		if (word == formats)
			ss_buf_puts(out, " (default)");
		word = next;
	}
}

static void add_option(struct ss_buf *out, const struct ss_opt *opt, int indent,
                       const char *formats)
{
	struct ss_buf name SS_AUTO_BUF = SS_BUF_INIT, list SS_AUTO_BUF = SS_BUF_INIT;

	name_option(&name, opt);
	if (formats && opt->letter == FORMAT_LETTER)
		list_formats(&list, formats);
	ss_fill(out, name.data ? name.data : "", indent, list.data ? list.data : opt->help);
	ss_buf_putc(out, '\n');
}

/* command: NULL = of all of them. */
static void add_options(struct ss_buf *out, const char *title, const struct ss_opt *options,
                        const struct ss_command *command)
{
	enum { LEFT = sizeof("  -x, --") - 1 };
	int widest = 0;

	if (!options)
		return;
	for (const struct ss_opt *o = options; o->name; o++) {
		int width = LEFT + ss_fill_width(o->name) +
		            (o->value_name ? 1 + ss_fill_width(o->value_name) : 0);

		widest = width > widest ? width : widest;
	}
	ss_buf_printf(out, "\n%s:\n", title);
	for (; options->name; options++)
		if (!command || command->formats || options->letter != FORMAT_LETTER)
			add_option(out, options, widest + 2, command ? command->formats : NULL);
}

static void add_row(struct ss_buf *out, const char *name, int indent, const char *help)
{
	char head[64];

	snprintf(head, sizeof(head), "  %s", name);
	ss_fill(out, head, indent, help);
	ss_buf_putc(out, '\n');
}

enum { FIELD_COLUMN = 26, COMMAND_COLUMN = 11 };

static void add_build_fields(struct ss_buf *out)
{
	size_t n;
	const struct ss_build_field *fields = ss_build_fields(&n);

	ss_buf_puts(out, "\nFields for --set and -f:\n");
	for (size_t i = 0; i < n; i++) {
		const char *fallback = ss_policy_fallback(&fields[i]);
		struct ss_buf help SS_AUTO_BUF = SS_BUF_INIT;

		ss_buf_puts(&help, fields[i].help);
		if (fallback)
			ss_buf_printf(&help, " (default: %s)", fallback);
		add_row(out, fields[i].name, FIELD_COLUMN, help.data ? help.data : "");
	}
	add_row(out, "tenant", FIELD_COLUMN,
	        "tenant it is for: chooses overlays (local.d/), the hook sees it");
}

void ss_help_command(struct ss_buf *out, const struct ss_command *command)
{
	struct ss_buf usage SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_printf(&usage, "sandscript %s", command->name);
	ss_fill(out, usage.data ? usage.data : "", (int)usage.len + 1, command->arguments);
	ss_buf_puts(out, "\n\n");
	ss_fill(out, "", 0, command->summary);
	ss_buf_putc(out, '\n');
	if (command->details) {
		ss_buf_putc(out, '\n');
		ss_fill(out, "", 0, command->details);
		ss_buf_putc(out, '\n');
	}
	add_options(out, "Options", command->options, command);
	add_options(out, "Common options", ss_common_options, command);
	if (strcmp(command->name, "build") == 0)
		add_build_fields(out);
}

static void print(FILE *out, const struct ss_buf *text)
{
	fputs(text->failed || !text->data ? "out of memory\n" : text->data, out);
}

void ss_help_print(FILE *out, const struct ss_command *command)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	ss_help_command(&text, command);
	print(out, &text);
}

/* What lua/ss/api describes. */
static void add_modules(struct ss_buf *out)
{
	static const char prefix[] = "ss.api.";
	size_t len = sizeof(prefix) - 1;

	ss_buf_puts(out, "\nLua modules:");
	for (const struct ss_embedded *e = ss_embedded_modules; e->name; e++)
		if (strncmp(e->name, prefix, len) == 0)
			ss_buf_printf(out, " %s", e->name + len);
	ss_buf_puts(out, "\n\n");
}

static void add_exit_codes(struct ss_buf *out)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	for (const struct ss_exit_meaning *m = ss_exit_meanings; m->meaning; m++)
		ss_buf_printf(&text, "%s%d %s", m->code ? "; " : "", m->code, m->meaning);
	ss_fill(out, "Exit codes: ", sizeof("Exit codes: ") - 1, text.data ? text.data : "");
	ss_buf_puts(out, "\n\n");
}

void ss_help_overview(FILE *out)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_puts(&text,
	            "sandscript provisions agent sandboxes on Kubernetes by Lua policy.\n\n"
	            "Usage: sandscript [OPTION…] COMMAND [ARG…]\n"
	            "       sandscript [OPTION…] SCRIPT.lua [ARG…] | -e CODE | -p EXPR | -\n\n"
	            "Commands:\n");
	for (const struct ss_command *c = ss_commands; c->name; c++)
		add_row(&text, c->name, COMMAND_COLUMN, c->summary);
	add_options(&text, "Common options", ss_common_options, NULL);
	add_modules(&text);
	add_exit_codes(&text);
	ss_fill(&text, "", 0,
	        "`sandscript help COMMAND` says more, `help k8s` and `help k8s.apply` explain the "
	        "Lua modules, `help adapter` and `help overlay` the policy files, `help P06` a "
	        "rule "
	        "of the guard; `help topics` lists all there is.");
	ss_buf_putc(&text, '\n');
	print(out, &text);
}

/* lua/ss/help.lua knows all of them, the commands as well. */
static int help_on(struct ss_app *app, const char *topic)
{
	static const char text[] = "local topic = ...\nreturn require('ss.help').main(topic)\n";
	const char *argv[] = {"help", topic};
	struct ss_lua_job job = {.text = text,
	                         .len = sizeof(text) - 1,
	                         .name = "=sandscript help",
	                         .argc = 2,
	                         .argv = argv,
	                         .returns_code = true};

	return ss_app_run_lua(app, &job);
}

int ss_cmd_help(struct ss_app *app)
{
	if (app->n_args)
		return help_on(app, app->args[0]);
	ss_help_overview(stdout);
	return SS_EXIT_OK;
}
