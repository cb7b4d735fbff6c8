#include "support.h"

#include "base/digest.h"

static void sha256_of_known_texts(void **state)
{
	static const char *const rows[][2] = {
	        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	};
	char out[SS_SHA256_HEX_SIZE];

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		assert_int_equal(ss_sha256_hex(rows[i][0], strlen(rows[i][0]), out), 0);
		assert_string_equal(out, rows[i][1]);
	}
}

static void base64_both_ways(void **state)
{
	/* RFC 4648 section 10 */
	static const char *const rows[][2] = {
	        {"", ""},
	        {"f", "Zg=="},
	        {"fo", "Zm8="},
	        {"foo", "Zm9v"},
	        {"foob", "Zm9vYg=="},
	        {"fooba", "Zm9vYmE="},
	        {"foobar", "Zm9vYmFy"},
	        {"\xff\xfe\xfd", "//79"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT, back = SS_BUF_INIT;

		ss_base64_encode(rows[i][0], strlen(rows[i][0]), &text);
		assert_string_equal(text.data, rows[i][1]);
		assert_int_equal(ss_base64_decode(text.data, text.len, &back), 0);
		assert_int_equal(back.len, strlen(rows[i][0]));
		assert_memory_equal(back.data ? back.data : "", rows[i][0], back.len);
	}
}

static void white_space_is_skipped(void **state)
{
	SS_AUTO_BUF struct ss_buf out = SS_BUF_INIT;

	assert_int_equal(ss_base64_decode(" Zm9v\r\n\tYg = = \n", 16, &out), 0);
	assert_string_equal(out.data, "foob");
}

static void malformed_base64_is_refused(void **state)
{
	static const char *const rows[] = {"Z",    "Zg",       "Zg=",   "Zg===", "=",
	                                   "====", "Zg==Zg==", "Zm9=v", "Z*==",  "Zh==",
	                                   "Zm9=", "Zm-_",     "Zm9v="};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_BUF struct ss_buf out = SS_BUF_INIT;

		if (ss_base64_decode(rows[i], strlen(rows[i]), &out) != SS_ERR_PARSE)
			fail_msg("%s: accepted", rows[i]);
	}
	{
		SS_AUTO_BUF struct ss_buf out = SS_BUF_INIT;

		assert_int_equal(ss_base64_decode("Zm9\0", 4, &out), SS_ERR_PARSE);
	}
}

static void decoding_respects_the_limit(void **state)
{
	struct ss_buf out = {.max = 3};

	assert_int_equal(ss_base64_decode("Zm9vYg==", 8, &out), SS_ERR_LIMIT);
	ss_buf_done(&out);
}

static void random_text_is_hex_and_differs(void **state)
{
	char a[201], b[201];

	assert_int_equal(ss_random_hex(100, a, sizeof(a)), 0);
	assert_int_equal(ss_random_hex(100, b, sizeof(b)), 0);
	assert_int_equal(strlen(a), 200);
	assert_int_equal(strspn(a, "0123456789abcdef"), 200);
	assert_string_not_equal(a, b);
	assert_int_equal(ss_random_hex(100, a, 200), SS_ERR_INVAL);
	assert_int_equal(ss_random_hex(0, a, 1), 0);
	assert_string_equal(a, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sha256_of_known_texts),
	        cmocka_unit_test(base64_both_ways),
	        cmocka_unit_test(white_space_is_skipped),
	        cmocka_unit_test(malformed_base64_is_refused),
	        cmocka_unit_test(decoding_respects_the_limit),
	        cmocka_unit_test(random_text_is_hex_and_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
