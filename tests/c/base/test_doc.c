#include "support.h"

static void writes_and_reads_every_type(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	ss_node root, list;
	size_t len;

	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "name", "s1");
	ss_doc_put_string(doc, "absent", NULL);
	ss_doc_put_int(doc, "least", INT64_MIN);
	ss_doc_put_bool(doc, "yes", true);
	ss_doc_key(doc, "list", 4);
	ss_doc_begin_array(doc);
	ss_doc_null(doc);
	ss_doc_real(doc, 2.5);
	ss_doc_string_lit(doc, "x");
	ss_doc_begin_object(doc);
	ss_doc_end(doc);
	ss_doc_end(doc);
	ss_doc_end(doc);
	assert_int_equal(ss_doc_finish(doc, NULL), 0);

	root = ss_doc_root(doc);
	assert_int_equal(ss_doc_type(doc, root), SS_OBJECT);
	assert_int_equal(ss_doc_count(doc, root), 4);
	assert_string_equal(ss_doc_get_string(doc, ss_doc_get(doc, root, "name"), &len), "s1");
	assert_int_equal(len, 2);
	assert_true(ss_doc_is_string(doc, ss_doc_get(doc, root, "name"), "s1"));
	assert_int_equal(ss_doc_get_int(doc, ss_doc_get(doc, root, "least"), 0), INT64_MIN);
	assert_true(ss_doc_get_bool(doc, ss_doc_get(doc, root, "yes"), false));
	assert_int_equal(ss_doc_get(doc, root, "absent"), SS_NO_NODE);
	list = ss_doc_get(doc, root, "list");
	assert_int_equal(ss_doc_count(doc, list), 4);
	assert_int_equal(ss_doc_type(doc, ss_doc_at(doc, list, 0)), SS_NULL);
	assert_true(ss_doc_get_real(doc, ss_doc_at(doc, list, 1), 0) == 2.5);
	assert_int_equal(ss_doc_type(doc, ss_doc_at(doc, list, 3)), SS_OBJECT);
	assert_int_equal(ss_doc_at(doc, list, 4), SS_NO_NODE);
	assert_json(doc, "{\"name\":\"s1\",\"least\":-9223372036854775808,\"yes\":true,"
	                 "\"list\":[null,2.5,\"x\",{}]}");
}

static void absent_nodes_answer_as_absent(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = from_json("{\"a\":{\"b\":\"c\"},\"n\":1}");
	ss_node root = ss_doc_root(doc);
	struct ss_iter it = ss_iter(doc, SS_NO_NODE);

	assert_string_equal(ss_doc_find_string(doc, root, "a", "b", NULL), "c");
	assert_null(ss_doc_find_string(doc, root, "a", "x", "y", NULL));
	assert_null(ss_doc_find_string(doc, root, "n", NULL));
	assert_int_equal(ss_doc_find(doc, root, NULL), root);
	assert_int_equal(ss_doc_type(doc, SS_NO_NODE), SS_NONE);
	assert_int_equal(ss_doc_count(doc, SS_NO_NODE), 0);
	assert_int_equal(ss_doc_get_int(doc, SS_NO_NODE, 7), 7);
	assert_int_equal(ss_doc_get_int(doc, ss_doc_get(doc, root, "a"), 7), 7);
	assert_true(ss_doc_get_bool(doc, SS_NO_NODE, true));
	assert_int_equal(ss_doc_get(doc, SS_NO_NODE, "a"), SS_NO_NODE);
	assert_int_equal(ss_doc_at(doc, root, 0), SS_NO_NODE);
	assert_false(ss_doc_is_string(doc, SS_NO_NODE, ""));
	assert_false(ss_iter_next(&it));
	assert_int_equal(ss_doc_root(NULL), SS_NO_NODE);
	assert_int_equal(ss_doc_type(doc, 1000), SS_NONE);
}

static void iterates_members_and_elements(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = from_json("{\"a\":[1,[2,3],{\"x\":4}],\"\":null,\"c\":5}");
	ss_node root = ss_doc_root(doc);
	const char *keys[] = {"a", "", "c"};
	size_t n = 0;

	for (struct ss_iter it = ss_iter(doc, root); ss_iter_next(&it); n++) {
		assert_string_equal(it.key, keys[n]);
		assert_int_equal(it.key_len, strlen(keys[n]));
		assert_int_equal(it.index, n);
	}
	assert_int_equal(n, 3);
	n = 0;
	for (struct ss_iter it = ss_iter(doc, ss_doc_get(doc, root, "a")); ss_iter_next(&it); n++) {
		assert_null(it.key);
		assert_int_equal(it.value, ss_doc_at(doc, ss_doc_get(doc, root, "a"), n));
	}
	assert_int_equal(n, 3);
}

static void first_of_equal_keys_is_read(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();

	ss_doc_begin_object(doc);
	ss_doc_put_int(doc, "k", 1);
	ss_doc_put_int(doc, "k", 2);
	ss_doc_end(doc);
	assert_int_equal(ss_doc_get_int(doc, ss_doc_get(doc, 0, "k"), 0), 1);
}

/* Writing 3000 nodes and 100 KB of strings crosses every growth step. */
static void write_much(struct ss_doc *doc)
{
	char text[200];

	memset(text, 'x', sizeof(text));
	ss_doc_begin_array(doc);
	for (int i = 0; i < 1000; i++) {
		ss_doc_begin_object(doc);
		ss_doc_key_lit(doc, "s");
		ss_doc_string(doc, text, (size_t)i % sizeof(text));
		ss_doc_end(doc);
	}
	ss_doc_string(doc, NULL, 0);
	ss_doc_end(doc);
}

static void strings_stay_where_they_are(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();

	write_much(doc);
	assert_int_equal(ss_doc_finish(doc, NULL), 0);
	for (size_t i = 0; i < 1000; i++) {
		size_t len;
		const char *s =
		        ss_doc_get_string(doc, ss_doc_get(doc, ss_doc_at(doc, 0, i), "s"), &len);

		assert_int_equal(len, i % 200);
		assert_int_equal(strlen(s), len);
		assert_int_equal(strspn(s, "x"), len);
	}
}

static void reset_keeps_the_memory(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	size_t small = ss_doc_bytes(doc), bytes;

	write_much(doc);
	bytes = ss_doc_bytes(doc);
	assert_true(bytes > small + 100000);
	for (int i = 0; i < 10; i++) {
		ss_doc_reset(doc);
		assert_int_equal(ss_doc_root(doc), SS_NO_NODE);
		write_much(doc);
		assert_int_equal(ss_doc_finish(doc, NULL), 0);
		assert_int_equal(ss_doc_bytes(doc), bytes);
	}
}

static void first_nodes_need_no_growth(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	size_t bytes = ss_doc_bytes(doc);

	ss_doc_begin_array(doc);
	for (int i = 0; i < 249; i++)
		ss_doc_string(doc, "1234567", 7);
	ss_doc_end(doc);
	assert_int_equal(ss_doc_finish(doc, NULL), 0);
	assert_int_equal(ss_doc_bytes(doc), bytes);
}

/* --- failures --------------------------------------------------------------- */

static void begin_spec_env(struct ss_doc *doc)
{
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "kind", "Pod");
	ss_doc_key_lit(doc, "spec");
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "env");
	ss_doc_begin_array(doc);
	ss_doc_string(doc, "first", 5);
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "name", "A");
	ss_doc_key_lit(doc, "value");
}

static void assert_fails(struct ss_doc *doc, int code, const char *message)
{
	struct ss_err err;

	ss_err_init(&err);
	/* What comes after the failure changes nothing. */
	ss_doc_null(doc);
	ss_doc_key_lit(doc, "later");
	ss_doc_end(doc);
	assert_int_equal(ss_doc_finish(doc, &err), code);
	assert_int_equal(err.code, code);
	assert_string_equal(err.message, message);
	assert_int_equal(ss_doc_root(doc), SS_NO_NODE);
	assert_int_equal(ss_doc_failed(doc), code);
}

static void text_must_be_text(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();

	begin_spec_env(doc);
	ss_doc_string(doc, "a\xff", 2);
	assert_fails(doc, SS_ERR_INVAL, "spec.env[1].value: the text is not valid UTF-8");
	ss_doc_reset(doc);
	ss_doc_string(doc, "\xed\xa0\x80", 3);
	assert_fails(doc, SS_ERR_INVAL, "the text is not valid UTF-8");
}

/* A text with a NUL is given whole, or not at all. */
static void a_nul_ends_no_text(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	ss_node root;
	size_t len;

	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "a");
	ss_doc_string(doc, "x\0y", 3);
	ss_doc_key(doc, "b\0", 2);
	ss_doc_string(doc, "z", 1);
	ss_doc_end(doc);
	assert_int_equal(ss_doc_finish(doc, NULL), 0);
	root = ss_doc_root(doc);
	assert_null(ss_doc_find_string(doc, root, "a", NULL));
	assert_null(ss_doc_get_string(doc, ss_doc_get(doc, root, "a"), NULL));
	assert_false(ss_doc_is_string(doc, ss_doc_get(doc, root, "a"), "x"));
	assert_memory_equal(ss_doc_get_string(doc, ss_doc_get(doc, root, "a"), &len), "x\0y", 4);
	assert_int_equal(len, 3);
	assert_int_equal(ss_doc_get(doc, root, "b"), SS_NO_NODE);
}

static void numbers_must_be_finite(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();

	begin_spec_env(doc);
	ss_doc_real(doc, 1.0 / 0.0);
	assert_fails(doc, SS_ERR_INVAL, "spec.env[1].value: a number is not finite");
}

static void depth_is_limited(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new(), *deep = ss_doc_new();

	for (int i = 0; i < SS_DOC_MAX_DEPTH; i++)
		ss_doc_begin_array(doc);
	for (int i = 0; i < SS_DOC_MAX_DEPTH; i++)
		ss_doc_end(doc);
	assert_int_equal(ss_doc_finish(doc, NULL), 0);

	/* A copy counts with all its levels. */
	ss_doc_begin_array(deep);
	ss_doc_copy(deep, doc, ss_doc_root(doc));
	assert_fails(deep, SS_ERR_LIMIT, "[0]: nested deeper than 128 levels");
	ss_doc_reset(deep);
	ss_doc_begin_array(deep);
	ss_doc_copy(deep, doc, ss_doc_at(doc, ss_doc_root(doc), 0));
	ss_doc_end(deep);
	assert_int_equal(ss_doc_finish(deep, NULL), 0);
	assert_true(ss_doc_equal(deep, 0, doc, 0));

	ss_doc_reset(doc);
	for (int i = 0; i <= SS_DOC_MAX_DEPTH; i++)
		ss_doc_begin_object(doc), ss_doc_key_lit(doc, "a");
	assert_int_equal(ss_doc_failed(doc), SS_ERR_LIMIT);
}

static void text_is_limited(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	size_t n = 1 << 20;
	char *text SS_AUTOFREE = malloc(n);

	memset(text, 'x', n);
	ss_doc_begin_array(doc);
	for (int i = 0; i < 63; i++)
		ss_doc_string(doc, text, n);
	assert_int_equal(ss_doc_failed(doc), 0);
	ss_doc_string(doc, text, n);
	assert_fails(doc, SS_ERR_LIMIT, "[63]: more than 64 MiB of text");
}

static void misuse_is_reported(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();

	assert_fails(doc, SS_ERR_INTERNAL, "a key was written outside an object");
	ss_doc_reset(doc);
	ss_doc_begin_object(doc);
	ss_doc_int(doc, 1);
	assert_fails(doc, SS_ERR_INTERNAL, "a member's value was written without its key");
	ss_doc_reset(doc);
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "a");
	ss_doc_end(doc);
	assert_fails(doc, SS_ERR_INTERNAL, "a: a key was written without its value");
	ss_doc_reset(doc);
	ss_doc_int(doc, 1);
	ss_doc_int(doc, 1);
	assert_fails(doc, SS_ERR_INTERNAL, "a second value was written after the first");
	ss_doc_reset(doc);
	ss_doc_end(doc);
	assert_fails(doc, SS_ERR_INTERNAL, "an end was written without its begin");
}

static void unfinished_documents_read_as_empty(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();
	struct ss_err err;

	ss_err_init(&err);
	assert_int_equal(ss_doc_finish(doc, &err), SS_ERR_INTERNAL);
	assert_string_equal(err.message, "nothing was written");
	ss_doc_reset(doc);
	ss_doc_begin_array(doc);
	assert_int_equal(ss_doc_root(doc), SS_NO_NODE);
	assert_int_equal(ss_doc_finish(doc, &err), SS_ERR_INTERNAL);
	assert_string_equal(err.message, "an object or array was left open");
}

static void the_first_failure_wins(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = ss_doc_new();

	begin_spec_env(doc);
	ss_doc_fail_why(doc, SS_ERR_LIMIT, "too much");
	ss_doc_fail(doc, SS_ERR_INVAL);
	assert_fails(doc, SS_ERR_LIMIT, "spec.env[1].value: too much");
	ss_doc_reset(doc);
	ss_doc_fail(doc, SS_ERR_INVAL);
	assert_fails(doc, SS_ERR_INVAL, "writing the value failed (invalid)");
}

/* --- copies and comparison --------------------------------------------------- */

static void copies_do_not_depend_on_the_source(void **state)
{
	SS_AUTO_DOC struct ss_doc *copy = ss_doc_new();
	struct ss_doc *src = from_json("{\"a\":[1,{\"b\":\"text\"}],\"c\":null}");

	ss_doc_begin_object(copy);
	ss_doc_put_copy(copy, "all", src, ss_doc_root(src));
	ss_doc_put_copy(copy, "part", src, ss_doc_find(src, 0, "a", NULL));
	ss_doc_put_copy(copy, "none", src, SS_NO_NODE);
	ss_doc_end(copy);
	ss_doc_free(src);
	assert_int_equal(ss_doc_finish(copy, NULL), 0);
	assert_json(copy, "{\"all\":{\"a\":[1,{\"b\":\"text\"}],\"c\":null},"
	                  "\"part\":[1,{\"b\":\"text\"}],\"none\":null}");
}

static void compares_values(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
	        {"1", "1", true},
	        {"1", "1.0", true},
	        {"1.0", "1", true},
	        {"1", "2", false},
	        {"9007199254740993", "9007199254740992.0", false},
	        {"9223372036854775807", "9223372036854775808.0", false},
	        {"-9223372036854775808", "-9223372036854775808.0", true},
	        {"1", "true", false},
	        {"0", "null", false},
	        {"\"a\"", "\"a\"", true},
	        {"\"a\"", "\"ab\"", false},
	        {"[]", "{}", false},
	        {"[1,2]", "[1,2]", true},
	        {"[1,2]", "[2,1]", false},
	        {"[1]", "[1,2]", false},
	        {"{\"a\":1,\"b\":{\"c\":[2]}}", "{\"b\":{\"c\":[2]},\"a\":1}", true},
	        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
	        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
	        {"{\"a\":null}", "{\"b\":null}", false},
	        {"true", "true", true},
	        {"true", "false", false},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *a = from_json(rows[i].a), *b = from_json(rows[i].b);

		if (ss_doc_equal(a, 0, b, 0) != rows[i].equal)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		assert_int_equal(ss_doc_equal(b, 0, a, 0), rows[i].equal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(writes_and_reads_every_type),
	        cmocka_unit_test(absent_nodes_answer_as_absent),
	        cmocka_unit_test(iterates_members_and_elements),
	        cmocka_unit_test(first_of_equal_keys_is_read),
	        cmocka_unit_test(strings_stay_where_they_are),
	        cmocka_unit_test(reset_keeps_the_memory),
	        cmocka_unit_test(first_nodes_need_no_growth),
	        cmocka_unit_test(text_must_be_text),
	        cmocka_unit_test(a_nul_ends_no_text),
	        cmocka_unit_test(numbers_must_be_finite),
	        cmocka_unit_test(depth_is_limited),
	        cmocka_unit_test(text_is_limited),
	        cmocka_unit_test(misuse_is_reported),
	        cmocka_unit_test(unfinished_documents_read_as_empty),
	        cmocka_unit_test(the_first_failure_wins),
	        cmocka_unit_test(copies_do_not_depend_on_the_source),
	        cmocka_unit_test(compares_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
