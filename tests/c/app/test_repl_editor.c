/* An editor of lines without libedit: said, with nothing left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../no_library.h"
#include "app/repl/editor.h"
#include "base/err.h"

static void expect_none(const char *text)
{
	struct ss_editor_options options = {0};
	struct ss_editor *editor = NULL;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	assert_int_equal(ss_editor_new(&options, &editor, &err), SS_ERR_UNAVAILABLE);
	assert_null(editor);
	assert_non_null(strstr(err.message, "lines are read without editing"));
	assert_non_null(strstr(err.message, text));
	ss_editor_free(editor);
}

static void a_library_that_is_not_there(void **state)
{
	instead_of_library = NO_LIBRARY;
	expect_none("install Debian's package libedit2");
}

static void a_library_that_is_another(void **state)
{
	instead_of_library = OTHER_LIBRARY;
	expect_none("it is another one than Debian's libedit2");
}

/* Standard input is no terminal: the exit behind the library. */
static void a_terminal_that_is_none(void **state)
{
	instead_of_library = NULL;
	expect_none("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_library_that_is_not_there),
	        cmocka_unit_test(a_library_that_is_another),
	        cmocka_unit_test(a_terminal_that_is_none),
	};

	if (!freopen("/dev/null", "r", stdin))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
