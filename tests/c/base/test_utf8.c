#include "support.h"

#include "base/utf8.h"

static void tells_valid_from_invalid(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
	        {"", true},
	        {"plain", true},
	        {"é語😀", true},
	        {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", true},
	        {"\x80", false},
	        {"\xc0\x80", false},
	        {"\xc1\xbf", false},
	        {"\xe0\x9f\xbf", false},
	        {"\xed\xa0\x80", false},
	        {"\xf0\x8f\xbf\xbf", false},
	        {"\xf4\x90\x80\x80", false},
	        {"\xf5\x80\x80\x80", false},
	        {"\xfe", false},
	        {"a\xc3", false},
	        {"\xe8\xaa", false},
	        {"\xf0\x9f\x98", false},
	        {"\xc3\x28", false},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		if (ss_utf8_valid(rows[i].text, strlen(rows[i].text)) != rows[i].valid)
			fail_msg("row %zu", i);
	}
}

static void decodes(void **state)
{
	uint32_t code;

	assert_int_equal(ss_utf8_decode("é", 2, &code), 2);
	assert_int_equal(code, 0xe9);
	assert_int_equal(ss_utf8_decode("😀x", 5, &code), 4);
	assert_int_equal(code, 0x1f600);
}

static void cuts_between_characters(void **state)
{
	static const char text[] = "aé語😀";
	static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};

	for (size_t len = 0; len < SS_ARRAY_LEN(want); len++)
		assert_int_equal(ss_utf8_cut(text, len), want[len]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(tells_valid_from_invalid),
	        cmocka_unit_test(decodes),
	        cmocka_unit_test(cuts_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
