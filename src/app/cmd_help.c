#include "app/cmd_help.h"

#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "sandbox/build.h"
#include "script/embedded.h"

/* Columns a UTF-8 text takes, for texts without wide characters. */
static int columns(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static void print_option(FILE *out, const struct ss_opt *opt)
{
	char left[128];
	int pad;

	snprintf(left, sizeof(left), "%s%c%s--%s%s%s", opt->letter ? "-" : "",
	         opt->letter ? opt->letter : ' ', opt->letter ? ", " : "   ", opt->name,
	         opt->value_name ? " " : "", opt->value_name ? opt->value_name : "");
	pad = 38 - columns(left);
	fprintf(out, "  %s%*s %s\n", left, pad > 0 ? pad : 0, "", opt->help);
}

static void print_options(FILE *out, const char *title, const struct ss_opt *options)
{
	if (!options)
		return;
	fprintf(out, "\n%s:\n", title);
	for (; options->name; options++)
		print_option(out, options);
}

static void print_build_fields(FILE *out)
{
	size_t n;
	const struct ss_build_field *fields = ss_build_fields(&n);

	fprintf(out, "\nFields for --set and -f:\n");
	for (size_t i = 0; i < n; i++)
		fprintf(out, "  %-24s %s\n", fields[i].name, fields[i].help);
	fprintf(out, "  %-24s %s\n", "tenant",
	        "tenant it is for: chooses overlays (local.d/), the hook sees it");
}

void ss_help_command(FILE *out, const struct ss_command *command)
{
	fprintf(out, "sandscript %s%s%s\n\n%s\n", command->name, *command->arguments ? " " : "",
	        command->arguments, command->summary);
	if (command->details)
		fprintf(out, "\n%s", command->details);
	print_options(out, "Options", command->options);
	print_options(out, "Common options", ss_common_options);
	if (strcmp(command->name, "build") == 0)
		print_build_fields(out);
}

/* What lua/ss/api describes. */
static void print_modules(FILE *out)
{
	static const char prefix[] = "ss.api.";
	size_t len = sizeof(prefix) - 1;

	for (const struct ss_embedded *e = ss_embedded_modules; e->name; e++)
		if (strncmp(e->name, prefix, len) == 0)
			fprintf(out, " %s", e->name + len);
}

void ss_help_overview(FILE *out)
{
	fprintf(out, "sandscript provisions agent sandboxes on Kubernetes by Lua policy.\n\n"
	             "Usage: sandscript [OPTION…] COMMAND [ARG…]\n"
	             "       sandscript [OPTION…] SCRIPT.lua [ARG…] | -e CODE | -p EXPR | -\n\n"
	             "Commands:\n");
	for (const struct ss_command *c = ss_commands; c->name; c++)
		fprintf(out, "  %-8s %s\n", c->name, c->summary);
	print_options(out, "Common options", ss_common_options);
	fprintf(out, "\nLua modules:");
	print_modules(out);
	fprintf(out,
	        "\n\nExit codes: 0 ok; 1 error in a script, a finding, a difference; 2 usage; 3 "
	        "policy denied;\n"
	        "4 cluster unreachable, TLS, unauthorized or forbidden, bad kubeconfig; 5 "
	        "timeout; 130 interrupted; 143 terminated.\n"
	        "`sandscript help COMMAND` says more; `sandscript help k8s` and `help "
	        "k8s.apply` explain the Lua modules,\n`help adapter` and `help overlay` the policy "
	        "files.\n");
}

/* Anything but a command is a Lua module or function: lua/ss/help.lua knows them. */
static int help_lua(struct ss_app *app, const char *topic)
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
	const struct ss_command *command;

	if (app->n_args == 0) {
		ss_help_overview(stdout);
		return SS_EXIT_OK;
	}
	command = ss_command_find(app->args[0]);
	if (!command)
		return help_lua(app, app->args[0]);
	ss_help_command(stdout, command);
	return SS_EXIT_OK;
}
