/* An embedded cluster without SQLite: each request says so, and the store is closed half-built. */
#include "cluster.h"

#include "../no_library.h"

static void expect_missing(const char *text)
{
	struct cluster *c = cluster_new(":memory:");

	for (int i = 0; i < 2; i++) {
		call(c, "GET", "/api/v1/namespaces", NULL, NULL);
		assert_int_equal(c->err.code, SS_ERR_UNAVAILABLE);
		assert_non_null(strstr(c->err.message, text));
	}
	cluster_free(c);
}

static void a_library_that_is_not_there(void **state)
{
	instead_of_library = NO_LIBRARY;
	expect_missing("install Debian's package libsqlite3-0");
}

static void a_library_that_is_another(void **state)
{
	instead_of_library = OTHER_LIBRARY;
	expect_missing("it is another one than Debian's libsqlite3-0");
}

static void it_is_looked_for_again(void **state)
{
	struct cluster *c = cluster_new(":memory:");

	instead_of_library = NULL;
	call(c, "GET", "/api/v1/namespaces", NULL, NULL);
	assert_int_equal(c->status, 200);
	cluster_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_library_that_is_not_there),
	        cmocka_unit_test(a_library_that_is_another),
	        cmocka_unit_test(it_is_looked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
