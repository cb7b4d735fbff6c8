#include "support.h"

static void sets_code_and_message(void **state)
{
	struct ss_err err;

	ss_err_init(&err);
	assert_int_equal(err.retry_after_ms, -1);
	assert_int_equal(ss_err_set(&err, SS_ERR_INVAL, "spec.%s: %d", "x", 5), SS_ERR_INVAL);
	assert_int_equal(err.code, SS_ERR_INVAL);
	assert_string_equal(err.message, "spec.x: 5");
	assert_int_equal(ss_err_set(NULL, SS_ERR_IO, "%s", "ignored"), SS_ERR_IO);
	assert_int_equal(ss_err_nomem(&err), SS_ERR_NOMEM);
	assert_string_equal(err.message, "out of memory");
	assert_int_equal(ss_err_nomem(NULL), SS_ERR_NOMEM);
}

static void messages_stay_on_one_line(void **state)
{
	struct ss_err err;

	ss_err_init(&err);
	ss_err_set(&err, SS_ERR_INVAL, "a\nb\r\x1b[31m\x7f é \xff %s", "\xe2\x80\xae");
	assert_string_equal(err.message, "a\\x0ab\\x0d\\x1b[31m\\x7f é \\xff \\u202e");
	ss_err_wrap(&err, SS_ERR_INVAL, "file\n%s", "x");
	assert_string_equal(err.message, "file\\x0ax: a\\x0ab\\x0d\\x1b[31m\\x7f é \\xff \\u202e");
}

static void wrapping_keeps_the_code(void **state)
{
	struct ss_err err;

	ss_err_init(&err);
	ss_err_set(&err, SS_ERR_PARSE, "line 1: bad");
	assert_int_equal(ss_err_wrap(&err, SS_ERR_CONFIG, "%s", "a.yaml"), SS_ERR_PARSE);
	assert_string_equal(err.message, "a.yaml: line 1: bad");
	ss_err_init(&err);
	assert_int_equal(ss_err_wrap(&err, SS_ERR_CONFIG, "alone"), SS_ERR_CONFIG);
	assert_string_equal(err.message, "alone");
	assert_int_equal(ss_err_wrap(NULL, SS_ERR_CONFIG, "x"), SS_ERR_CONFIG);
}

static void long_messages_are_cut(void **state)
{
	struct ss_err err;
	char text[5000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	ss_err_init(&err);
	ss_err_set(&err, SS_ERR_INVAL, "%s", text);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	assert_string_equal(err.message + sizeof(err.message) - 5, "x...");
	ss_err_wrap(&err, 0, "%s", text);
	assert_in_range(strlen(err.message), 1000, sizeof(err.message) - 1);
	assert_string_equal(err.message + strlen(err.message) - 4, "x...");
	ss_err_set_object(&err, "Pod", "ns", text);
	assert_true(strlen(err.object) < sizeof(err.object));
}

static void details_are_owned_once(void **state)
{
	struct ss_err a, b;

	ss_err_init(&a);
	ss_err_init(&b);
	ss_err_set(&a, SS_ERR_POLICY, "refused");
	a.details = from_json("[{\"rule\":\"P01\"}]");
	a.status = 422;
	ss_err_copy(&b, &a);
	assert_json(b.details, "[{\"rule\":\"P01\"}]");
	assert_ptr_not_equal(a.details, b.details);
	assert_int_equal(b.status, 422);
	/* What b had is freed, what a has goes over. */
	ss_err_move(&b, &a);
	assert_json(b.details, "[{\"rule\":\"P01\"}]");
	assert_null(a.details);
	assert_int_equal(a.code, 0);
	assert_string_equal(a.message, "");
	assert_string_equal(b.message, "refused");
	ss_err_move(&a, NULL);
	ss_err_move(&b, &b);
	ss_err_move(NULL, &b);
	assert_null(b.details);
	a.details = from_json("[]");
	ss_err_set(&a, SS_ERR_IO, "another");
	assert_null(a.details);
	ss_err_done(&a);
	ss_err_done(NULL);
}

static void names_the_object(void **state)
{
	struct ss_err err;

	ss_err_init(&err);
	ss_err_set_object(&err, "Sandbox", "demo", "s1");
	assert_string_equal(err.object, "Sandbox demo/s1");
	ss_err_set_object(&err, "Namespace", "", "demo");
	assert_string_equal(err.object, "Namespace demo");
	ss_err_set_object(&err, "Namespace", NULL, "d\n");
	assert_string_equal(err.object, "Namespace d\\x0a");
	ss_err_set_object(NULL, "a", "b", "c");
}

static void every_code_has_a_name(void **state)
{
	for (int code = 0; code >= SS_ERR_INTERNAL; code--)
		assert_int_equal(ss_code_from_name(ss_code_name(code)), code);
	assert_string_equal(ss_code_name(SS_ERR_NOT_FOUND), "not_found");
	assert_string_equal(ss_code_name(SS_ERR_INVAL), "invalid");
	assert_string_equal(ss_code_name(1), "internal");
	assert_string_equal(ss_code_name(-1000), "internal");
	assert_string_equal(ss_code_name(INT32_MIN), "internal");
	assert_int_equal(ss_code_from_name("no such"), SS_ERR_INTERNAL);
}

static int leave_early(bool early)
{
	struct ss_err err SS_AUTO_ERR;

	if (early)
		return err.code;
	return ss_err_set(&err, SS_ERR_IO, "late");
}

static void dirty_the_stack(void)
{
	volatile char garbage[2 * sizeof(struct ss_err)];

	memset((void *)garbage, 0x5a, sizeof(garbage));
}

static void test_an_early_return_frees_nothing_that_was_not_set(void **state)
{
	struct ss_err err SS_AUTO_ERR;

	(void)state;
	assert_null(err.details);
	assert_int_equal(err.code, 0);
	assert_int_equal(err.retry_after_ms, -1);
	dirty_the_stack();
	assert_int_equal(leave_early(true), 0);
	assert_int_equal(leave_early(false), SS_ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_an_early_return_frees_nothing_that_was_not_set),
	        cmocka_unit_test(sets_code_and_message),
	        cmocka_unit_test(messages_stay_on_one_line),
	        cmocka_unit_test(wrapping_keeps_the_code),
	        cmocka_unit_test(long_messages_are_cut),
	        cmocka_unit_test(details_are_owned_once),
	        cmocka_unit_test(names_the_object),
	        cmocka_unit_test(every_code_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
