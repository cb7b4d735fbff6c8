#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"

enum { MAX_WORDS = 16 };

struct fixture {
	struct ss_app app;
	struct ss_parsed parsed;
	struct ss_err err;
	char *line;
	const char *argv[MAX_WORDS];
};

/* Parse a command line without quotes; the code of ss_options_parse. */
static int parse(struct fixture *f, const char *line)
{
	int argc = 0;

	memset(&f->app, 0, sizeof(f->app));
	ss_err_init(&f->err);
	f->line = strdup(line);
	assert_non_null(f->line);
	for (char *word = strtok(f->line, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc < MAX_WORDS);
		f->argv[argc++] = word;
	}
	return ss_options_parse(&f->app, argc, f->argv, &f->parsed, &f->err);
}

static void done(struct fixture *f)
{
	ss_app_done(&f->app);
	ss_err_done(&f->err);
	free(f->line);
}

static void assert_usage(const char *line, const char *text)
{
	struct fixture f;

	assert_int_equal(parse(&f, line), SS_ERR_USAGE);
	if (!strstr(f.err.message, text))
		fail_msg("'%s' lacks '%s'", f.err.message, text);
	done(&f);
}

static void test_options_anywhere(void **state)
{
	static const char *const lines[] = {"-n demo get pods -l a=b", "get -ndemo -la=b pods",
	                                    "get --namespace=demo pods --selector a=b",
	                                    "get -n=demo -l=a=b -- pods"};
	struct fixture f;

	for (size_t i = 0; i < SS_ARRAY_LEN(lines); i++) {
		assert_int_equal(parse(&f, lines[i]), 0);
		assert_string_equal(f.app.command->name, "get");
		assert_string_equal(ss_app_option(&f.app, "namespace"), "demo");
		assert_string_equal(ss_app_option(&f.app, "selector"), "a=b");
		assert_int_equal(f.app.n_args, 1);
		assert_string_equal(f.app.args[0], "pods");
		done(&f);
	}
}

static void test_last_value_and_lists(void **state)
{
	struct fixture f;

	assert_int_equal(parse(&f, "build x --set a=1 -o yaml --set b=2 -o json"), 0);
	assert_string_equal(ss_app_option(&f.app, "output"), "json");
	assert_string_equal(ss_app_option_at(&f.app, "set", 0), "a=1");
	assert_string_equal(ss_app_option_at(&f.app, "set", 1), "b=2");
	assert_null(ss_app_option_at(&f.app, "set", 2));
	assert_null(ss_app_option(&f.app, "context"));
	done(&f);
}

static void test_the_scripts_own_arguments(void **state)
{
	struct fixture f;

	assert_int_equal(parse(&f, "--log debug run x.lua --log -- -o y"), 0);
	assert_int_equal(f.app.n_args, 5);
	assert_string_equal(f.app.args[1], "--log");
	assert_string_equal(f.app.args[2], "--");
	assert_string_equal(ss_app_option(&f.app, "log"), "debug");
	done(&f);
}

static void test_short_forms(void **state)
{
	static const struct {
		const char *line;
		enum ss_run_form form;
		const char *what;
		int argc;
	} cases[] = {
	        {"-e print(1) a", SS_RUN_CODE, "print(1)", 1},
	        {"-p 1+1", SS_RUN_PRINT, "1+1", 0},
	        {"- -x", SS_RUN_STDIN, "-", 1},
	        {"a.lua -x y", SS_RUN_FILE, "a.lua", 2},
	        {"./run", SS_RUN_FILE, "./run", 0},
	        {"--timeout 1 -e x", SS_RUN_CODE, "x", 0},
	};
	struct fixture f;

	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		assert_int_equal(parse(&f, cases[i].line), 0);
		assert_true(f.parsed.short_form);
		assert_null(f.app.command);
		assert_int_equal(f.parsed.form, cases[i].form);
		assert_string_equal(f.parsed.what, cases[i].what);
		assert_int_equal(f.parsed.argc, cases[i].argc);
		done(&f);
	}
}

static void test_help_needs_nothing_else(void **state)
{
	struct fixture f;

	assert_int_equal(parse(&f, "build --help"), 0);
	assert_true(f.parsed.help);
	assert_string_equal(f.app.command->name, "build");
	done(&f);
	assert_int_equal(parse(&f, "-h"), 0);
	assert_true(f.parsed.help);
	assert_null(f.app.command);
	done(&f);
	assert_int_equal(parse(&f, ""), 0);
	assert_false(f.parsed.help);
	done(&f);
}

static void test_usage(void **state)
{
	assert_usage("bulid", "did you mean 'build'?");
	assert_usage("run", "run needs an argument");
	assert_usage("wait pods x y", "unexpected argument 'y'");
	assert_usage("get --selectr=a pods", "did you mean '--selector'?");
	assert_usage("get pods -q", "unknown option '-q'");
	assert_usage("get pods --selector", "needs a value");
	assert_usage("get pods -A=1", "takes no value");
	assert_usage("get pods -o nope", "one of: table wide yaml json name");
	assert_usage("apply", "apply needs manifests");
	assert_usage("-e", "'-e' needs a value");
}

/* Commands and options that a typo could not be told from are a mistake in the tables. */
static void test_tables(void **state)
{
	for (const struct ss_command *c = ss_commands; c->name; c++) {
		assert_ptr_equal(ss_command_find(c->name), c);
		assert_non_null(c->run);
		assert_non_null(c->summary);
		for (const struct ss_opt *o = c->options; o && o->name; o++) {
			assert_int_equal(o->kind == SS_OPT_FLAG, !o->value_name);
			for (const struct ss_opt *p = ss_common_options; p->name; p++) {
				assert_string_not_equal(o->name, p->name);
				assert_true(!o->letter || o->letter != p->letter);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_options_anywhere),
	        cmocka_unit_test(test_last_value_and_lists),
	        cmocka_unit_test(test_the_scripts_own_arguments),
	        cmocka_unit_test(test_short_forms),
	        cmocka_unit_test(test_help_needs_nothing_else),
	        cmocka_unit_test(test_usage),
	        cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
