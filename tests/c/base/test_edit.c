#include "support.h"

#include "base/edit.h"

/* --- RFC 7386 ---------------------------------------------------------------- */

static void merges_as_the_rfc_shows(void **state)
{
	/* Appendix A, and what follows from the text. */
	static const char *const rows[][3] = {
	        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
	        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
	        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
	        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
	        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
	         "{\"a\":{\"b\":\"d\"}}"},
	        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
	        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
	        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
	        {"{\"a\":\"foo\"}", "null", "null"},
	        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
	        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
	        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
	        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
	        {"{\"a\":{\"x\":1}}", "{}", "{\"a\":{\"x\":1}}"},
	        {"{\"a\":1}", "{\"a\":{\"b\":{\"c\":2,\"d\":null}}}", "{\"a\":{\"b\":{\"c\":2}}}"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *target = from_json(rows[i][0]);
		SS_AUTO_DOC struct ss_doc *patch = from_json(rows[i][1]);
		SS_AUTO_DOC struct ss_doc *out = ss_doc_new();

		ss_edit_merge(out, target, ss_doc_root(target), patch, ss_doc_root(patch));
		assert_int_equal(ss_doc_finish(out, NULL), 0);
		assert_json(out, rows[i][2]);
	}
}

static void merging_into_nothing_makes_an_object(void **state)
{
	SS_AUTO_DOC struct ss_doc *patch = from_json("{\"a\":{\"b\":null,\"c\":1}}");
	SS_AUTO_DOC struct ss_doc *out = ss_doc_new();

	ss_edit_merge(out, NULL, SS_NO_NODE, patch, ss_doc_root(patch));
	assert_json(out, "{\"a\":{\"c\":1}}");
}

/* --- RFC 6902 ---------------------------------------------------------------- */

static void patches_as_the_rfc_shows(void **state)
{
	/* Appendix A by number, and the corners. */
	static const char *const rows[][3] = {
	        /* A.1 */
	        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]",
	         "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
	        /* A.2 */
	        {"{\"foo\":[\"bar\",\"baz\"]}",
	         "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
	         "{\"foo\":[\"bar\",\"qux\",\"baz\"]}"},
	        /* A.3 */
	        {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]",
	         "{\"foo\":\"bar\"}"},
	        /* A.4 */
	        {"{\"foo\":[\"bar\",\"qux\",\"baz\"]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]",
	         "{\"foo\":[\"bar\",\"baz\"]}"},
	        /* A.5 */
	        {"{\"baz\":\"qux\",\"foo\":\"bar\"}",
	         "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]",
	         "{\"baz\":\"boo\",\"foo\":\"bar\"}"},
	        /* A.6 */
	        {"{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
	         "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
	         "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}"},
	        /* A.7 */
	        {"{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}",
	         "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
	         "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}"},
	        /* A.8 */
	        {"{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
	         "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},"
	         "{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]",
	         "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}"},
	        /* A.10 */
	        {"{\"foo\":\"bar\"}",
	         "[{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]",
	         "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}"},
	        /* A.11 */
	        {"{\"foo\":\"bar\"}",
	         "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]",
	         "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
	        /* A.14 */
	        {"{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}]",
	         "{\"/\":9,\"~1\":10}"},
	        /* A.16 */
	        {"{\"foo\":[\"bar\"]}",
	         "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]",
	         "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}"},
	        {"[1,2]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":3}]", "[1,2,3]"},
	        {"[]", "[{\"op\":\"add\",\"path\":\"/0\",\"value\":1}]", "[1]"},
	        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":2}]", "{\"a\":2}"},
	        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"\",\"value\":[3]}]", "[3]"},
	        {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":null}]", "null"},
	        {"{\"\":{\"\":1}}", "[{\"op\":\"replace\",\"path\":\"//\",\"value\":2}]",
	         "{\"\":{\"\":2}}"},
	        {"{\"a\":[1,{\"b\":2}]}", "[{\"op\":\"copy\",\"from\":\"/a/1\",\"path\":\"/c\"}]",
	         "{\"a\":[1,{\"b\":2}],\"c\":{\"b\":2}}"},
	        {"{\"a\":{\"b\":1}}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/b\"}]",
	         "{\"a\":{\"b\":{\"b\":1}}}"},
	        {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]", "{\"a\":1}"},
	        {"{\"a\":{\"b\":1}}", "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/a\"}]",
	         "{\"a\":1}"},
	        {"{\"a\":1.0}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1}]", "{\"a\":1.0}"},
	        {"{\"a\":1}", "[]", "{\"a\":1}"},
	        {"{\"a~b/c\":1}", "[{\"op\":\"remove\",\"path\":\"/a~0b~1c\"}]", "{}"},
	        {"{}",
	         "[{\"op\":\"add\",\"path\":\"/a\",\"value\":{}},"
	         "{\"op\":\"add\",\"path\":\"/a/b\",\"value\":[]},"
	         "{\"op\":\"add\",\"path\":\"/a/b/-\",\"value\":1},"
	         "{\"op\":\"add\",\"path\":\"/a/b/0\",\"value\":0}]",
	         "{\"a\":{\"b\":[0,1]}}"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *target = from_json(rows[i][0]);
		SS_AUTO_DOC struct ss_doc *patch = from_json(rows[i][1]);
		SS_AUTO_DOC struct ss_doc *out = NULL;
		struct ss_err err;

		ss_err_init(&err);
		if (ss_edit_json_patch(target, 0, patch, 0, &out, &err))
			fail_msg("%s: %s", rows[i][1], err.message);
		assert_json(out, rows[i][2]);
	}
}

static void refuses_bad_patches(void **state)
{
	static const char target_text[] = "{\"a\":[1,2],\"b\":{\"c\":1}}";
	static const char *const rows[][2] = {
	        {"{}", "a JSON patch is an array of operations"},
	        {"[1]", "operation 0: not an object"},
	        {"[{\"op\":\"spam\",\"path\":\"/a\"}]",
	         "operation 0: \"op\" must be add, remove, replace, move, copy or test"},
	        {"[{\"path\":\"/a\"}]",
	         "operation 0: \"op\" must be add, remove, replace, move, copy or test"},
	        {"[{\"op\":\"add\",\"value\":1}]", "operation 0 (add ): \"path\" must be a string"},
	        {"[{\"op\":\"add\",\"path\":\"/x\"}]",
	         "operation 0 (add /x): \"value\" is missing"},
	        {"[{\"op\":\"add\",\"path\":\"x\",\"value\":1}]",
	         "operation 0 (add x): a path is empty or starts with '/'"},
	        {"[{\"op\":\"add\",\"path\":\"/x~2\",\"value\":1}]",
	         "operation 0 (add /x~2): '~' stands for nothing unless 0 or 1 follows"},
	        {"[{\"op\":\"move\",\"path\":\"/x\"}]",
	         "operation 0 (move /x): \"from\" must be a string"},
	        {"[{\"op\":\"add\",\"path\":\"/a/3\",\"value\":1}]",
	         "operation 0 (add /a/3): no index from 0 to 2 or \"-\""},
	        {"[{\"op\":\"add\",\"path\":\"/a/01\",\"value\":1}]",
	         "operation 0 (add /a/01): no index from 0 to 2 or \"-\""},
	        {"[{\"op\":\"add\",\"path\":\"/a/-1\",\"value\":1}]",
	         "operation 0 (add /a/-1): no index from 0 to 2 or \"-\""},
	        {"[{\"op\":\"add\",\"path\":\"/a/9999999999999999999999\",\"value\":1}]",
	         "operation 0 (add /a/9999999999999999999999): no index from 0 to 2 or \"-\""},
	        {"[{\"op\":\"add\",\"path\":\"/x/y\",\"value\":1}]",
	         "operation 0 (add /x/y): the parent is no object or array"},
	        {"[{\"op\":\"add\",\"path\":\"/b/c/d\",\"value\":1}]",
	         "operation 0 (add /b/c/d): the parent is no object or array"},
	        {"[{\"op\":\"remove\",\"path\":\"/x\"}]",
	         "operation 0 (remove /x): /x is not there"},
	        {"[{\"op\":\"remove\",\"path\":\"/a/-\"}]",
	         "operation 0 (remove /a/-): /a/- is not there"},
	        {"[{\"op\":\"remove\",\"path\":\"\"}]",
	         "operation 0 (remove ): the whole document cannot be removed"},
	        {"[{\"op\":\"test\",\"path\":\"/a\",\"value\":[1,2]},"
	         "{\"op\":\"replace\",\"path\":\"/x\",\"value\":1}]",
	         "operation 1 (replace /x): /x is not there"},
	        {"[{\"op\":\"test\",\"path\":\"/a\",\"value\":[1,3]}]",
	         "operation 0 (test /a): the value there is another one"},
	        {"[{\"op\":\"test\",\"path\":\"/x\",\"value\":null}]",
	         "operation 0 (test /x): /x is not there"},
	        {"[{\"op\":\"copy\",\"from\":\"/x\",\"path\":\"/y\"}]",
	         "operation 0 (copy /y): /x is not there"},
	        {"[{\"op\":\"move\",\"from\":\"/x\",\"path\":\"/y\"}]",
	         "operation 0 (move /y): /x is not there"},
	        {"[{\"op\":\"move\",\"from\":\"/b\",\"path\":\"/b/c\"}]",
	         "operation 0 (move /b/c): a value cannot be moved into itself"},
	};
	SS_AUTO_DOC struct ss_doc *target = from_json(target_text);

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *patch = from_json(rows[i][0]);
		struct ss_doc *out = NULL;
		struct ss_err err;

		ss_err_init(&err);
		if (ss_edit_json_patch(target, 0, patch, 0, &out, &err) != SS_ERR_INVAL)
			fail_msg("%s: accepted", rows[i][0]);
		assert_null(out);
		assert_string_equal(err.message, rows[i][1]);
	}
	assert_json(target, target_text);
}

static void patches_are_limited(void **state)
{
	static const char test[] = "{\"op\":\"test\",\"path\":\"\",\"value\":{}}";
	SS_AUTO_DOC struct ss_doc *target = from_json("{}"), *patch = NULL;
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *out = NULL;

	ss_buf_puts(&text, "[");
	for (int i = 0; i < 10000; i++)
		ss_buf_printf(&text, "%s,", test);
	ss_buf_printf(&text, "%s]", test);
	patch = from_json(text.data);
	assert_int_equal(ss_edit_json_patch(target, 0, patch, 0, &out, NULL), SS_ERR_LIMIT);
	ss_doc_free(patch);

	ss_buf_reset(&text);
	ss_buf_puts(&text, "[{\"op\":\"remove\",\"path\":\"");
	for (int i = 0; i <= SS_DOC_MAX_DEPTH; i++)
		ss_buf_puts(&text, "/a");
	ss_buf_puts(&text, "\"}]");
	patch = from_json(text.data);
	assert_int_equal(ss_edit_json_patch(target, 0, patch, 0, &out, NULL), SS_ERR_INVAL);
}

/* Copies of copies double the document with each operation. */
static void growth_by_copies_is_limited(void **state)
{
	SS_AUTO_DOC struct ss_doc *target = from_json("{\"a\":[0,1,2,3,4,5,6,7,8,9]}"),
	                          *patch = NULL;
	SS_AUTO_BUF struct ss_buf text = SS_BUF_INIT;
	struct ss_doc *out = NULL;
	struct ss_err err;

	ss_err_init(&err);
	ss_buf_puts(&text, "[");
	for (int i = 0; i < 40; i++)
		ss_buf_printf(&text, "%s{\"op\":\"copy\",\"from\":\"\",\"path\":\"/c%d\"}",
		              i ? "," : "", i);
	ss_buf_puts(&text, "]");
	patch = from_json(text.data);
	assert_int_equal(ss_edit_json_patch(target, 0, patch, 0, &out, &err), SS_ERR_LIMIT);
	assert_null(out);
	assert_int_equal(strncmp(err.message, "operation ", 10), 0);
}

/* --- single members ------------------------------------------------------------ */

static void sets_members(void **state)
{
	static const struct {
		const char *target, *path[3], *value, *want;
	} rows[] = {
	        {"{\"a\":1}", {"a"}, "2", "{\"a\":2}"},
	        {"{\"a\":1}", {"b"}, "{\"c\":[]}", "{\"a\":1,\"b\":{\"c\":[]}}"},
	        {"{\"a\":{\"b\":1,\"c\":2}}", {"a", "b"}, "3", "{\"a\":{\"b\":3,\"c\":2}}"},
	        {"{}", {"a", "b", "c"}, "1", "{\"a\":{\"b\":{\"c\":1}}}"},
	        {"{\"a\":5}", {"a", "b"}, "1", "{\"a\":{\"b\":1}}"},
	        {"null", {"a"}, "1", "{\"a\":1}"},
	        {"{\"a\":1}", {NULL}, "[2]", "[2]"},
	        {"{\"a\":1,\"b\":2}", {"a"}, NULL, "{\"b\":2}"},
	        {"{\"a\":{\"b\":1}}", {"a", "b"}, NULL, "{\"a\":{}}"},
	        {"{\"a\":{\"b\":1}}", {"x", "b"}, NULL, "{\"a\":{\"b\":1}}"},
	        {"{\"a\":5}", {"a", "b"}, NULL, "{\"a\":5}"},
	        {"{\"a\":null}", {"a"}, "null", "{\"a\":null}"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		SS_AUTO_DOC struct ss_doc *target = from_json(rows[i].target);
		SS_AUTO_DOC struct ss_doc *value = rows[i].value ? from_json(rows[i].value) : NULL;
		SS_AUTO_DOC struct ss_doc *out = ss_doc_new();
		size_t n = 0;

		while (n < 3 && rows[i].path[n])
			n++;
		ss_edit_set(out, target, 0, rows[i].path, n, value, value ? 0 : SS_NO_NODE);
		assert_int_equal(ss_doc_finish(out, NULL), 0);
		assert_json(out, rows[i].want);
	}
}

static void sets_a_string_inside_another_value(void **state)
{
	static const char *const path[] = {"metadata", "annotations", "x/y"};
	SS_AUTO_DOC struct ss_doc *target =
	        from_json("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}");
	SS_AUTO_DOC struct ss_doc *out = ss_doc_new();

	ss_doc_begin_array(out);
	ss_edit_set_string(out, target, 0, path, 3, "text");
	ss_doc_end(out);
	assert_int_equal(ss_doc_finish(out, NULL), 0);
	assert_json(out, "[{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\","
	                 "\"annotations\":{\"x/y\":\"text\"}}}]");
}

static void failures_stick_to_the_output(void **state)
{
	static const char *const path[] = {"a"};
	SS_AUTO_DOC struct ss_doc *target = from_json("{\"a\":1}"), *out = ss_doc_new();

	ss_edit_set_string(out, target, 0, path, 1, "\xff");
	assert_int_equal(ss_doc_finish(out, NULL), SS_ERR_INVAL);
}

/* --- order ---------------------------------------------------------------------- */

static void canonical_sorts_by_bytes_at_every_depth(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc =
	        from_json("{\"b\":{\"z\":1,\"a\":[{\"d\":1,\"c\":2}]},\"é\":0,\"aa\":1,\"a\":2,"
	                  "\"B\":3,\"\":4}");
	SS_AUTO_DOC struct ss_doc *out = ss_doc_new();

	ss_edit_canonical(out, doc, 0);
	assert_json(out, "{\"\":4,\"B\":3,\"a\":2,\"aa\":1,\"b\":{\"a\":[{\"c\":2,\"d\":1}],"
	                 "\"z\":1},\"é\":0}");
}

static void canonical_has_integers_where_it_can(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc =
	        from_json("[1.0,-0.0,1.5,{\"a\":1e3},9007199254740992.0,1e16,1e300,-2.0]");
	SS_AUTO_DOC struct ss_doc *out = ss_doc_new();

	ss_edit_canonical(out, doc, 0);
	assert_json(out, "[1,0,1.5,{\"a\":1000},9007199254740992,1e+16,1e+300,-2]");
}

static void canonical_changes_no_value(void **state)
{
	for (uint64_t i = 0; i < 2000; i++) {
		SS_AUTO_DOC struct ss_doc *doc = random_doc(i), *out = ss_doc_new(),
		                          *again = ss_doc_new();
		char *a SS_AUTOFREE = NULL, *b SS_AUTOFREE = NULL;

		ss_edit_canonical(out, doc, 0);
		assert_true(ss_doc_equal(doc, 0, out, 0));
		ss_edit_canonical(again, out, 0);
		a = to_json(out);
		b = to_json(again);
		assert_string_equal(a, b);
	}
}

static void dup_copies_a_part(void **state)
{
	SS_AUTO_DOC struct ss_doc *doc = from_json("{\"a\":{\"b\":[1,\"x\"]}}"), *part = NULL;

	part = ss_doc_dup(doc, ss_doc_find(doc, 0, "a", NULL));
	assert_json(part, "{\"b\":[1,\"x\"]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(merges_as_the_rfc_shows),
	        cmocka_unit_test(merging_into_nothing_makes_an_object),
	        cmocka_unit_test(patches_as_the_rfc_shows),
	        cmocka_unit_test(refuses_bad_patches),
	        cmocka_unit_test(patches_are_limited),
	        cmocka_unit_test(growth_by_copies_is_limited),
	        cmocka_unit_test(sets_members),
	        cmocka_unit_test(sets_a_string_inside_another_value),
	        cmocka_unit_test(failures_stick_to_the_output),
	        cmocka_unit_test(canonical_sorts_by_bytes_at_every_depth),
	        cmocka_unit_test(canonical_has_integers_where_it_can),
	        cmocka_unit_test(canonical_changes_no_value),
	        cmocka_unit_test(dup_copies_a_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
