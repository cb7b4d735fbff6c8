#include "support.h"

#include "base/log.h"

static struct ss_buf lines;

static void collect(void *ud, const char *line, size_t len)
{
	assert_int_equal(strlen(line), len);
	ss_buf_add(&lines, line, len);
	ss_buf_putc(&lines, '\n');
}

static int setup(void **state)
{
	ss_buf_reset(&lines);
	ss_log_set_sink(collect, NULL);
	ss_log_set_level(SS_LOG_DEBUG);
	return 0;
}

static int teardown(void **state)
{
	ss_log_set_sink(NULL, NULL);
	ss_buf_done(&lines);
	return 0;
}

static void records_have_level_message_and_fields(void **state)
{
	SS_AUTO_DOC struct ss_doc *fields = from_json(
	        "{\"name\":\"s1\",\"n\":3,\"text\":\"two words\",\"q\":\"a=b\",\"e\":\"\","
	        "\"list\":[1,{\"a\":null}],\"nl\":\"a\\nb\"}");

	ss_log(SS_LOG_DEBUG, "one %d", 1);
	ss_log_fields(SS_LOG_WARN, "made", fields);
	ss_log_fields(SS_LOG_ERROR, "bare", NULL);
	assert_string_equal(lines.data, "debug one 1\n"
	                                "warn made name=s1 n=3 text=\"two words\" q=\"a=b\" e=\"\" "
	                                "list=[1,{\"a\":null}] nl=\"a\\nb\"\n"
	                                "error bare\n");
}

static void levels_filter(void **state)
{
	enum ss_log_level level;

	ss_log_set_level(SS_LOG_WARN);
	assert_int_equal(ss_log_get_level(), SS_LOG_WARN);
	ss_log(SS_LOG_INFO, "not this");
	ss_log_fields(SS_LOG_DEBUG, "nor this", NULL);
	ss_log(SS_LOG_WARN, "this");
	ss_log_set_level(SS_LOG_OFF);
	ss_log(SS_LOG_ERROR, "nothing");
	assert_string_equal(lines.data, "warn this\n");
	assert_true(ss_log_parse_level("debug", &level));
	assert_int_equal(level, SS_LOG_DEBUG);
	assert_true(ss_log_parse_level("off", &level));
	assert_int_equal(level, SS_LOG_OFF);
	assert_false(ss_log_parse_level("loud", &level));
}

static void hostile_text_is_escaped(void **state)
{
	static const char *const rows[][2] = {
	        {"plain é 語 😀", "plain é 語 😀"},
	        {"a\nb\tc\x1b]0;x\x07\x7f", "a\\x0ab\\x09c\\x1b]0;x\\x07\\x7f"},
	        {"\xff\xc3", "\\xff\\xc3"},
	        {"\xc2\x9b", "\\u009b"},
	        {"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xa8", "\\u202e\\u2066\\u2028"},
	        {"back\\slash", "back\\slash"},
	};
	char out[200];

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		ss_log_escape(rows[i][0], strlen(rows[i][0]), out, sizeof(out));
		assert_string_equal(out, rows[i][1]);
		/* Escaping twice changes nothing. */
		ss_log_escape(rows[i][1], strlen(rows[i][1]), out, sizeof(out));
		assert_string_equal(out, rows[i][1]);
	}
}

static void escaped_text_is_cut_to_fit(void **state)
{
	char out[64];

	for (size_t size = 1; size < sizeof(out); size++) {
		memset(out, 'z', sizeof(out));
		ss_log_escape("é\nabcdefghijklmnopqrstuvwxyz", 28, out, size);
		assert_true(strlen(out) < size);
		assert_int_equal(out[size], 'z');
	}
	ss_log_escape("abcdefghij", 10, out, 9);
	assert_string_equal(out, "abcde...");
	ss_log_escape("abcdefgh", 8, out, 9);
	assert_string_equal(out, "abcdefgh");
	ss_log_escape("abc", 3, out, 0);
}

static void records_are_capped(void **state)
{
	char *text = malloc(100000);

	memset(text, 'x', 99999);
	text[99999] = 0;
	ss_log(SS_LOG_INFO, "%s", text);
	free(text);
	assert_in_range(lines.len, 8000, 8192);
	assert_string_equal(lines.data + lines.len - 5, "x...\n");
}

static void secrets_never_appear(void **state)
{
	static const char token[] = "eyJhbGciOiJSUzI1NiJ9.payload",
	                  longer[] = "eyJhbGciOiJSUzI1NiJ9";
	SS_AUTO_DOC struct ss_doc *fields =
	        from_json("{\"seen\":\"eyJhbGciOiJSUzI1NiJ9.payload\"}");
	char text[3000], out[100];
	struct ss_err err;

	ss_log_add_secret("short", 5);
	ss_log_add_secret(longer, strlen(longer));
	ss_log_add_secret(token, strlen(token));
	ss_log_add_secret(token, strlen(token));
	ss_log(SS_LOG_INFO, "Bearing %s%s short", token, token);
	ss_log_fields(SS_LOG_INFO, "x", fields);
	assert_string_equal(lines.data,
	                    "info Bearing [secret][secret] short\ninfo x seen=[secret]\n");

	/* A text that is cut hides a secret that lies across the cut. */
	memset(text, 'x', sizeof(text));
	memcpy(text + 1010, token, strlen(token));
	text[sizeof(text) - 1] = 0;
	ss_err_init(&err);
	ss_err_set(&err, SS_ERR_INVAL, "%s", text);
	assert_null(strstr(err.message, "eyJ"));
	memcpy(text + 80, token, strlen(token));
	ss_log_escape(text, strlen(text), out, sizeof(out));
	assert_null(strstr(out, "eyJ"));
}

static void the_newest_64_secrets_are_kept(void **state)
{
	char secret[32];

	for (int i = 0; i < 100; i++) {
		snprintf(secret, sizeof(secret), "secret-number-%03d", i);
		ss_log_add_secret(secret, strlen(secret));
	}
	ss_log(SS_LOG_INFO, "secret-number-099 secret-number-036 secret-number-035");
	assert_string_equal(lines.data, "info [secret] [secret] secret-number-035\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(records_have_level_message_and_fields, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(levels_filter, setup, teardown),
	        cmocka_unit_test_setup_teardown(hostile_text_is_escaped, setup, teardown),
	        cmocka_unit_test_setup_teardown(escaped_text_is_cut_to_fit, setup, teardown),
	        cmocka_unit_test_setup_teardown(records_are_capped, setup, teardown),
	        cmocka_unit_test_setup_teardown(secrets_never_appear, setup, teardown),
	        cmocka_unit_test_setup_teardown(the_newest_64_secrets_are_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
