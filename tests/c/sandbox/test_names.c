#include "sandbox/names.h"

#include "support.h"

typedef const char *(*check_fn)(const char *s, size_t len);

#define A10  "aaaaaaaaaa"
#define A63  A10 A10 A10 A10 A10 A10 "aaa"
#define A64  A63 "a"
#define A253 A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "a"

struct row {
	check_fn check;
	const char *text;
	bool valid;
};

static const struct row rows[] = {
        {ss_name_check_dns_label, "a", true},
        {ss_name_check_dns_label, "0", true},
        {ss_name_check_dns_label, "a-b-0", true},
        {ss_name_check_dns_label, A63, true},
        {ss_name_check_dns_label, "", false},
        {ss_name_check_dns_label, A64, false},
        {ss_name_check_dns_label, "-a", false},
        {ss_name_check_dns_label, "a-", false},
        {ss_name_check_dns_label, "-", false},
        {ss_name_check_dns_label, "A", false},
        {ss_name_check_dns_label, "a_b", false},
        {ss_name_check_dns_label, "a.b", false},
        {ss_name_check_dns_label, "a b", false},
        {ss_name_check_dns_label, "a\n", false},
        {ss_name_check_dns_label, "\xc3\xa4", false},
        {ss_name_check_dns_label, "..", false},
        {ss_name_check_dns_label, "a/b", false},
        {ss_name_check_dns_label, "a%2fb", false},
        {ss_name_check_dns_label, "a?x=1", false},
        {ss_name_check_dns_subdomain, "a.b-c.0", true},
        {ss_name_check_dns_subdomain, A253, true},
        {ss_name_check_dns_subdomain, A64, true},
        {ss_name_check_dns_subdomain, A253 "a", false},
        {ss_name_check_dns_subdomain, "", false},
        {ss_name_check_dns_subdomain, ".", false},
        {ss_name_check_dns_subdomain, "a..b", false},
        {ss_name_check_dns_subdomain, ".a", false},
        {ss_name_check_dns_subdomain, "a.", false},
        {ss_name_check_dns_subdomain, "a.-b", false},
        {ss_name_check_dns_subdomain, "a-.b", false},
        {ss_name_check_dns_subdomain, "a.B", false},
        {ss_name_check_label_key, "a", true},
        {ss_name_check_label_key, "A_b.C-0", true},
        {ss_name_check_label_key, "paperclip.io/run-id", true},
        {ss_name_check_label_key, A253 "/" A63, true},
        {ss_name_check_label_key, A253 "a/x", false},
        {ss_name_check_label_key, "x/" A64, false},
        {ss_name_check_label_key, "", false},
        {ss_name_check_label_key, "/a", false},
        {ss_name_check_label_key, "a/", false},
        {ss_name_check_label_key, "a/b/c", false},
        {ss_name_check_label_key, "A.io/b", false},
        {ss_name_check_label_key, "_a", false},
        {ss_name_check_label_key, "a.", false},
        {ss_name_check_label_key, "a b", false},
        {ss_name_check_label_value, "", true},
        {ss_name_check_label_value, "A_b.C-0", true},
        {ss_name_check_label_value, A63, true},
        {ss_name_check_label_value, A64, false},
        {ss_name_check_label_value, "-a", false},
        {ss_name_check_label_value, "a-", false},
        {ss_name_check_label_value, "a/b", false},
        {ss_name_check_label_value, "a b", false},
        {ss_name_check_env, "PATH", true},
        {ss_name_check_env, "_a.b-c", true},
        {ss_name_check_env, "-", true},
        {ss_name_check_env, ".a", true},
        {ss_name_check_env, "", false},
        {ss_name_check_env, "1A", false},
        {ss_name_check_env, "A=B", false},
        {ss_name_check_env, "A B", false},
        {ss_name_check_env, ".", false},
        {ss_name_check_env, "..", false},
        {ss_name_check_env, "..a", false},
        {ss_name_check_env, "\xc3\xa4", false},
};

static void names_follow_apimachinery(void **state)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		const char *why = rows[i].check(rows[i].text, strlen(rows[i].text));

		if ((why == NULL) != rows[i].valid)
			fail_msg("row %zu \"%s\": %s", i, rows[i].text, why ? why : "valid");
	}
}

static void reasons_say_what_to_write(void **state)
{
	assert_string_equal(ss_name_check_dns_label("a.b", 3), "must not contain dots");
	assert_string_equal(ss_name_check_dns_label(A64, 64), "must be at most 63 characters");
	assert_string_equal(ss_name_check_label_key("/x", 2),
	                    "prefix before '/' must not be empty");
	assert_string_equal(ss_name_check_env("1", 1), "must not start with a digit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_follow_apimachinery),
	        cmocka_unit_test(reasons_say_what_to_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
