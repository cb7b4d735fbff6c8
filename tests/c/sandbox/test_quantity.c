#include "sandbox/quantity.h"

#include <limits.h>

#include "support.h"

static void syntax_is_that_of_parse_quantity(void **state)
{
	static const char *const valid[] = {
	        "0",
	        "1",
	        "250m",
	        "1.5",
	        "4Gi",
	        "512Mi",
	        "1Ki",
	        "2Ti",
	        "1Pi",
	        "1Ei",
	        "100n",
	        "5u",
	        "1k",
	        "3M",
	        "2G",
	        "1T",
	        "1P",
	        "1E",
	        "12e6",
	        "12E6",
	        "1e-3",
	        "1E+3",
	        "+1",
	        "-1",
	        "007",
	        ".5",
	        "5.",
	        "+",
	        ".",
	        "Ki",
	        "1.G",
	        "0.1Ki",
	        "e3",
	        "-0",
	        "00",
	        "1e99",
	        "1e-99",
	        "99999999999999999999999999999",
	        "0.0000000000000000000001",
	};
	static const char *const invalid[] = {
	        "",         " ",
	        "1 ",       " 1",
	        "1g",       "1K",
	        "1ki",      "1mi",
	        "1GI",      "1Gib",
	        "1e",       "1e+",
	        "1e3m",     "1.2.3",
	        "--1",      "+-1",
	        "0x10",     "1,5",
	        "Ei",       "one",
	        "1m1",      "1Ki3",
	        "1mm",      "NaN",
	        "Inf",      "1e99999999999999999999",
	        "\xc2\xbd", "1\n",
	};
	char longest[SS_QUANTITY_MAX_LEN + 2];

	for (size_t i = 0; i < SS_ARRAY_LEN(valid); i++) {
		if (!ss_quantity_is_valid(valid[i], strlen(valid[i])))
			fail_msg("\"%s\" is valid", valid[i]);
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(invalid); i++) {
		if (ss_quantity_is_valid(invalid[i], strlen(invalid[i])))
			fail_msg("\"%s\" is invalid", invalid[i]);
	}
	memset(longest, '1', sizeof(longest));
	assert_true(ss_quantity_is_valid(longest, SS_QUANTITY_MAX_LEN));
	assert_false(ss_quantity_is_valid(longest, SS_QUANTITY_MAX_LEN + 1));
}

static void order_is_exact(void **state)
{
	static const struct {
		const char *a, *b;
		int want;
	} rows[] = {
	        {"1", "1000m", 0},
	        {"0.1", "100m", 0},
	        {"1Ki", "1024", 0},
	        {"1.5Gi", "1536Mi", 0},
	        {"1k", "1Ki", -1},
	        {"2", "1500m", 1},
	        {"-1", "1", -1},
	        {"-2", "-1", -1},
	        {"-1", "0", -1},
	        {"0", "-0", 0},
	        {"0", "-1n", 1},
	        {"1n", "0", 1},
	        /* Rounded up to 1n. */
	        {"1e-12", "1n", 0},
	        {"0.9999999999", "1", 0},
	        {"-1e-12", "-1n", 0},
	        /* Beyond what 64 bits or a double could tell apart. */
	        {"9223372036854775807", "9223372036854775808", -1},
	        {"9007199254740993", "9007199254740992", 1},
	        {"100000000000000000000000001", "100000000000000000000000000", 1},
	        {"1e400", "1e399", 1},
	        {"1e-400", "1n", 0},
	        /* Binary suffixes are capped at 2^63-1, others are not. */
	        {"8Ei", "9Ei", 0},
	        {"8Ei", "9223372036854775807", 0},
	        {"10E", "8Ei", 1},
	        {"0.5Ki", "512", 0},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		int got = ss_quantity_cmp(rows[i].a, rows[i].b);
		int back = ss_quantity_cmp(rows[i].b, rows[i].a);

		if ((got > 0) - (got < 0) != rows[i].want ||
		    (back > 0) - (back < 0) != -rows[i].want)
			fail_msg("%s against %s: %d, back %d", rows[i].a, rows[i].b, got, back);
	}
}

static void values_round_up(void **state)
{
	assert_int_equal(ss_quantity_value("4Gi"), 4294967296);
	assert_int_equal(ss_quantity_value("1m"), 1);
	assert_int_equal(ss_quantity_value("1001m"), 2);
	assert_int_equal(ss_quantity_value("-1001m"), -2);
	assert_int_equal(ss_quantity_value("0"), 0);
	assert_int_equal(ss_quantity_value("12e6"), 12000000);
	assert_int_equal(ss_quantity_value("9223372036854775807"), LLONG_MAX);
	assert_int_equal(ss_quantity_value("1e30"), LLONG_MAX);
	assert_int_equal(ss_quantity_value("-1e30"), LLONG_MIN);
	assert_int_equal(ss_quantity_value("9223372036854775808"), LLONG_MAX);
	assert_int_equal(ss_quantity_value("junk"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(syntax_is_that_of_parse_quantity),
	        cmocka_unit_test(order_is_exact),
	        cmocka_unit_test(values_round_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
