/* Differences by lines, as `diff -u` writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "bind/diff_text.h"

static void check(const char *old, const char *new_, const char *want)
{
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;

	ss_diff_text(old, strlen(old), new_, strlen(new_), &out);
	assert_int_equal(out.failed, 0);
	assert_string_equal(out.data ? out.data : "", want);
}

static void test_equal_texts(void **state)
{
	check("", "", "");
	check("a: 1\n", "a: 1\n", "");
}

static void test_one_side_empty(void **state)
{
	check("", "a: 1\nb: 2\n", "@@ -0,0 +1,2 @@\n+a: 1\n+b: 2\n");
	check("a: 1\n", "", "@@ -1,1 +0,0 @@\n-a: 1\n");
}

static void test_place_and_context(void **state)
{
	check("kind: X\nspec:\n  template:\n    a: 1\n    b: 2\n    c: 3\n    d: 4\n    e: 5\n",
	      "kind: X\nspec:\n  template:\n    a: 1\n    b: 2\n    c: 9\n    d: 4\n    e: 5\n",
	      "@@ -3,6 +3,6 @@ spec.template\n   template:\n     a: 1\n     b: 2\n-    c: 3\n"
	      "+    c: 9\n     d: 4\n     e: 5\n");
}

static void test_far_changes_are_two_hunks(void **state)
{
	check("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
	      "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
	check("a\n1\n2\n3\nb\n", "A\n1\n2\n3\nB\n",
	      "@@ -1,5 +1,5 @@\n-a\n+A\n 1\n 2\n 3\n-b\n+B\n");
}

static void test_list_elements(void **state)
{
	check("env:\n- name: A\n  value: x\n",
	      "env:\n- name: A\n  value: x\n- name: B\n  value: y\n",
	      "@@ -1,3 +1,5 @@ env\n env:\n - name: A\n   value: x\n+- name: B\n+  value: y\n");
}

/* Applying a diff of random texts gives the new text: every line of both is there, in order. */
static void check_replay(const char *old, const char *new_)
{
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_buf a SS_AUTO_BUF = SS_BUF_INIT, b SS_AUTO_BUF = SS_BUF_INIT;
	char *line, *save = NULL;

	ss_diff_text(old, strlen(old), new_, strlen(new_), &out);
	for (line = out.data ? strtok_r(out.data, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (line[0] != '+' && line[0] != '@')
			ss_buf_printf(&a, "%s\n", line + 1);
		if (line[0] != '-' && line[0] != '@')
			ss_buf_printf(&b, "%s\n", line + 1);
	}
	/* The texts are short enough for all of both to be context. */
	if (out.len) {
		assert_string_equal(a.data ? a.data : "", old);
		assert_string_equal(b.data ? b.data : "", new_);
	} else {
		assert_string_equal(old, new_);
	}
}

static void test_random_texts(void **state)
{
	unsigned seed = 7;

	for (int round = 0; round < 2000; round++) {
		char old[64] = "", new_[64] = "";
		int na = rand_r(&seed) % 4, nb = rand_r(&seed) % 4;

		for (int i = 0; i < na; i++)
			snprintf(old + strlen(old), 4, "%c\n", 'a' + rand_r(&seed) % 3);
		for (int i = 0; i < nb; i++)
			snprintf(new_ + strlen(new_), 4, "%c\n", 'a' + rand_r(&seed) % 3);
		check_replay(old, new_);
	}
}

/* Too large for a table of lines: still an answer, and soon. */
static void test_large_texts(void **state)
{
	struct ss_buf old SS_AUTO_BUF = SS_BUF_INIT, new_ SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;

	for (int i = 0; i < 20000; i++) {
		ss_buf_printf(&old, "old%d\n", i);
		ss_buf_printf(&new_, "new%d\n", i);
	}
	ss_diff_text(old.data, old.len, new_.data, new_.len, &out);
	assert_int_equal(out.failed, 0);
	assert_int_equal(strncmp(out.data, "@@ -1,20000 +1,20000 @@\n-old0\n", 29), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_equal_texts),
	        cmocka_unit_test(test_one_side_empty),
	        cmocka_unit_test(test_place_and_context),
	        cmocka_unit_test(test_far_changes_are_two_hunks),
	        cmocka_unit_test(test_list_elements),
	        cmocka_unit_test(test_random_texts),
	        cmocka_unit_test(test_large_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
