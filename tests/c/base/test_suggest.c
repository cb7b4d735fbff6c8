#include "support.h"

#include "base/suggest.h"

static void finds_the_likely_typo(void **state)
{
	static const char *const words[] = {"namespace",        "sandboxName", NULL,  "image",
	                                    "runtimeClassName", "labels",      "env", "home"};
	static const char *const rows[][2] = {
	        {"runtimClasName", "runtimeClassName"},
	        {"Namespace", "namespace"},
	        {"nmaespace", "namespace"},
	        {"sandboxname", "sandboxName"},
	        {"iamge", "image"},
	        {"imag", "image"},
	        {"label", "labels"},
	        {"hoem", "home"},
	        {"evn", "env"},
	        {"volumes", NULL},
	        {"x", NULL},
	        {"", NULL},
	        {"en", "env"},
	        {"eh", NULL},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		const char *found = ss_suggest(rows[i][0], words, SS_ARRAY_LEN(words));

		if (!found != !rows[i][1] || (found && strcmp(found, rows[i][1]) != 0))
			fail_msg("%s: %s", rows[i][0], found);
	}
}

static void case_wins_over_distance(void **state)
{
	static const char *const words[] = {"naMe", "names"};

	assert_string_equal(ss_suggest("NAMES", words, 2), "names");
	assert_string_equal(ss_suggest("name", words, 2), "naMe");
}

static void long_words_are_left_alone(void **state)
{
	char word[200];
	const char *const words[] = {"namespace", word};

	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = 0;
	assert_null(ss_suggest(word, words, 2));
	assert_string_equal(ss_suggest("namespac", words, 2), "namespace");
	assert_null(ss_suggest("a", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(finds_the_likely_typo),
	        cmocka_unit_test(case_wins_over_distance),
	        cmocka_unit_test(long_words_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
