/* Percent-encoding. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "io/http.h"

static void test_escape(void **state)
{
	static const char *const rows[][2] = {
	        {"plain-name_1.2~x", "plain-name_1.2~x"},
	        {"a b&c=d/e?f#g%h+i", "a%20b%26c%3Dd%2Fe%3Ff%23g%25h%2Bi"},
	        {"app in (a,b)", "app%20in%20%28a%2Cb%29"},
	        {"\xc3\xa4\n\x7f", "%C3%A4%0A%7F"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

		ss_http_escape(&b, rows[i][0]);
		assert_string_equal(b.data, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_escape)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
