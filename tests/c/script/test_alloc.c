#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/alloc.h"

static void test_cap(void **state)
{
	struct ss_alloc a = {.max_bytes = 1000};
	char *p = ss_alloc_realloc(&a, NULL, 5, 600); /* the 5 is a kind of object, not a size */

	assert_non_null(p);
	assert_int_equal(a.used_bytes, 600);
	assert_null(ss_alloc_realloc(&a, NULL, 0, 401));
	assert_int_equal(a.refused, 1);
	memset(p, 'x', 600);
	p = ss_alloc_realloc(&a, p, 600, 1000);
	assert_non_null(p);
	assert_int_equal(p[599], 'x');
	assert_null(ss_alloc_realloc(&a, p, 1000, 1001));
	assert_int_equal(a.used_bytes, 1000);
	p = ss_alloc_realloc(&a, p, 1000, 10);
	assert_non_null(p);
	assert_int_equal(a.used_bytes, 10);
	assert_int_equal(a.peak_bytes, 1000);
	assert_null(ss_alloc_realloc(&a, p, 10, 0));
	assert_int_equal(a.used_bytes, 0);
	assert_null(ss_alloc_realloc(&a, NULL, 0, SIZE_MAX));
}

static void test_fail_after(void **state)
{
	struct ss_alloc a = {.max_bytes = 1000, .fail_after = 3};
	void *p = ss_alloc_realloc(&a, NULL, 0, 10), *q = ss_alloc_realloc(&a, NULL, 0, 10);

	assert_non_null(p);
	assert_non_null(q);
	for (int i = 0; i < 3; i++)
		assert_null(ss_alloc_realloc(&a, NULL, 0, 10));
	/* Lua counts on shrinking. */
	p = ss_alloc_realloc(&a, p, 10, 5);
	assert_non_null(p);
	ss_alloc_realloc(&a, p, 5, 0);
	ss_alloc_realloc(&a, q, 10, 0);
	assert_int_equal(a.used_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cap),
	        cmocka_unit_test(test_fail_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
