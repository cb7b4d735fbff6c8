#include "support.h"

static void grows_and_terminates(void **state)
{
	SS_AUTO_BUF struct ss_buf b = SS_BUF_INIT;

	assert_null(b.data);
	ss_buf_putc(&b, 'a');
	ss_buf_puts(&b, "bc");
	ss_buf_add(&b, "d\0e", 3);
	ss_buf_add(&b, NULL, 0);
	ss_buf_printf(&b, "%d-%s", 42, "x");
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "abcd\0e42-x", 11);
	for (int i = 0; i < 10000; i++)
		ss_buf_printf(&b, "%04d", i);
	assert_int_equal(b.len, 40010);
	assert_int_equal(strlen(b.data + 6), 40004);
	assert_string_equal(b.data + b.len - 4, "9999");
}

static void formats_longer_than_the_space_left(void **state)
{
	SS_AUTO_BUF struct ss_buf b = SS_BUF_INIT;
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = 0;
	ss_buf_printf(&b, "[%s]", text);
	assert_int_equal(b.len, 1002);
	assert_string_equal(b.data + 1000, "x]");
}

static void the_limit_sticks(void **state)
{
	struct ss_buf b = {.max = 10};
	struct ss_err err;

	ss_err_init(&err);
	ss_buf_puts(&b, "0123456789");
	assert_int_equal(ss_buf_check(&b, "x", &err), 0);
	ss_buf_putc(&b, 'x');
	assert_int_equal(b.failed, SS_ERR_LIMIT);
	ss_buf_printf(&b, "%s", "more");
	ss_buf_reset(&b);
	assert_int_equal(b.failed, 0);
	ss_buf_printf(&b, "%s", "01234567890");
	assert_int_equal(b.failed, SS_ERR_LIMIT);
	assert_string_equal(b.data, "");
	assert_int_equal(ss_buf_check(&b, "the answer", &err), SS_ERR_LIMIT);
	assert_string_equal(err.message, "the answer is over 10 bytes");
	assert_null(ss_buf_take(&b, NULL));
	assert_int_equal(b.max, 10);
	assert_false(ss_buf_grow(&b, SIZE_MAX));
	ss_buf_done(&b);
}

static void consumes_from_the_front(void **state)
{
	SS_AUTO_BUF struct ss_buf b = SS_BUF_INIT;

	ss_buf_consume(&b, 5);
	ss_buf_puts(&b, "hello world");
	ss_buf_consume(&b, 6);
	assert_string_equal(b.data, "world");
	assert_int_equal(b.len, 5);
	ss_buf_consume(&b, 0);
	ss_buf_consume(&b, 100);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
}

static void take_leaves_it_empty(void **state)
{
	struct ss_buf b = SS_BUF_INIT;
	size_t len = 9;
	char *text SS_AUTOFREE = ss_buf_take(&b, &len), *more SS_AUTOFREE = NULL;

	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	ss_buf_puts(&b, "abc");
	more = ss_buf_take(&b, &len);
	assert_string_equal(more, "abc");
	assert_int_equal(len, 3);
	assert_null(b.data);
	assert_int_equal(b.len + b.cap, 0);
}

static void reset_keeps_the_memory(void **state)
{
	SS_AUTO_BUF struct ss_buf b = SS_BUF_INIT;
	const char *data;

	ss_buf_puts(&b, "abc");
	data = b.data;
	ss_buf_reset(&b);
	assert_string_equal(b.data, "");
	ss_buf_puts(&b, "d");
	assert_ptr_equal(b.data, data);
	assert_string_equal(b.data, "d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(grows_and_terminates),
	        cmocka_unit_test(formats_longer_than_the_space_left),
	        cmocka_unit_test(the_limit_sticks),
	        cmocka_unit_test(consumes_from_the_front),
	        cmocka_unit_test(take_leaves_it_empty),
	        cmocka_unit_test(reset_keeps_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
