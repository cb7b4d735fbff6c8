#include "support.h"

#include "base/clock.h"

static void writes_and_reads_rfc3339(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
	        {0, "1970-01-01T00:00:00Z"},
	        {999, "1970-01-01T00:00:00Z"},
	        {-1, "1969-12-31T23:59:59Z"},
	        {INT64_C(1767323045000), "2026-01-02T03:04:05Z"},
	        {INT64_C(951782400000), "2000-02-29T00:00:00Z"},
	        {INT64_C(253402300799000), "9999-12-31T23:59:59Z"},
	        {INT64_MAX, "9999-12-31T23:59:59Z"},
	        {INT64_MIN, "0000-01-01T00:00:00Z"},
	};
	char text[21];
	int64_t ms;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		ss_clock_rfc3339(rows[i].ms, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
		assert_int_equal(ss_clock_parse_rfc3339(text, &ms), 0);
		ss_clock_rfc3339(ms, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

static void reads_all_forms(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
	        {"1970-01-01T00:00:01.5Z", 1500},  {"1970-01-01t00:00:01.123456789z", 1123},
	        {"1970-01-01T01:00:00+01:00", 0},  {"1969-12-31T22:30:00-01:30", 0},
	        {"1970-01-01T00:00:00-00:00", 0},  {"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
	        {"1969-12-31T23:59:59.25Z", -750},
	};
	int64_t ms;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		assert_int_equal(ss_clock_parse_rfc3339(rows[i].text, &ms), 0);
		assert_int_equal(ms, rows[i].ms);
	}
}

static void refuses(void **state)
{
	static const char *const rows[] = {
	        "",
	        "2026-01-02",
	        "2026-01-02T03:04:05",
	        "2026-01-02 03:04:05Z",
	        "2026-01-02T03:04Z",
	        "2026-1-2T03:04:05Z",
	        "2026-13-02T03:04:05Z",
	        "2026-00-02T03:04:05Z",
	        "2026-02-29T03:04:05Z",
	        "1900-02-29T03:04:05Z",
	        "2026-01-32T03:04:05Z",
	        "2026-01-02T24:04:05Z",
	        "2026-01-02T03:60:05Z",
	        "2026-01-02T03:04:61Z",
	        "2026-01-02T03:04:05.Z",
	        "2026-01-02T03:04:05.5",
	        "2026-01-02T03:04:05+0100",
	        "2026-01-02T03:04:05+24:00",
	        "2026-01-02T03:04:05Zx",
	        "+026-01-02T03:04:05Z",
	};
	int64_t ms;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		if (ss_clock_parse_rfc3339(rows[i], &ms) != -1)
			fail_msg("%s: accepted", rows[i]);
	}
}

static int64_t fixed_mono(void)
{
	return 5000;
}

static int64_t fixed_wall(void)
{
	return 7;
}

static void tests_may_set_the_time(void **state)
{
	int64_t before = ss_clock_mono_ns();

	ss_clock_set_for_test(fixed_mono, fixed_wall);
	assert_int_equal(ss_clock_mono_ms(), 5000);
	assert_int_equal(ss_clock_mono_ns(), INT64_C(5000000000));
	assert_int_equal(ss_clock_wall_ms(), 7);
	ss_clock_set_for_test(NULL, NULL);
	assert_true(ss_clock_mono_ns() >= before);
	assert_true(ss_clock_wall_ms() > INT64_C(1700000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(writes_and_reads_rfc3339),
	        cmocka_unit_test(reads_all_forms),
	        cmocka_unit_test(refuses),
	        cmocka_unit_test(tests_may_set_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
