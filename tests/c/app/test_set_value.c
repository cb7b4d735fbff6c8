#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "base/json.h"

static struct ss_doc *parse(const char *text)
{
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	assert_int_equal(ss_json_parse(text, strlen(text), &doc, &err), 0);
	return doc;
}

static void assert_set(const char *before, const char *set, const char *expected)
{
	struct ss_doc *src SS_AUTO_DOC = parse(before);
	struct ss_doc *got SS_AUTO_DOC = NULL;
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (ss_set_values(src, ss_doc_root(src), &set, 1, &got, &err))
		fail_msg("--set %s: %s", set, err.message);
	ss_json_encode(got, ss_doc_root(got), &text);
	assert_string_equal(text.data, expected);
}

static void assert_refused(const char *set, const char *expected)
{
	struct ss_doc *src SS_AUTO_DOC = parse("{}");
	struct ss_doc *got SS_AUTO_DOC = NULL;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	assert_int_equal(ss_set_values(src, ss_doc_root(src), &set, 1, &got, &err), SS_ERR_USAGE);
	assert_null(got);
	if (!strstr(err.message, expected))
		fail_msg("'%s' lacks '%s'", err.message, expected);
}

static void test_types(void **state)
{
	assert_set("{}", "image=a=b", "{\"image\":\"a=b\"}");
	assert_set("{}", "image=", "{\"image\":\"\"}");
	assert_set("{}", "nodeName=1", "{\"nodeName\":\"1\"}");
	assert_set("{}", "activeDeadlineSeconds=9223372036854775807",
	           "{\"activeDeadlineSeconds\":9223372036854775807}");
	assert_set("{}", "hostUsers=false", "{\"hostUsers\":false}");
	assert_set("{}", "imagePullSecrets=a,b", "{\"imagePullSecrets\":[\"a\",\"b\"]}");
	assert_set("{}", "imagePullSecrets=", "{\"imagePullSecrets\":[]}");
	assert_set("{}", "labels={a: '1'}", "{\"labels\":{\"a\":\"1\"}}");
	assert_set("{}", "resources.limits.cpu=2", "{\"resources\":{\"limits\":{\"cpu\":\"2\"}}}");
}

static void test_paths(void **state)
{
	assert_set("{}", "labels.a\\.b/c=1", "{\"labels\":{\"a.b/c\":\"1\"}}");
	assert_set("{}", "labels.a\\\\b=1", "{\"labels\":{\"a\\\\b\":\"1\"}}");
	assert_set("{\"labels\":{\"a\":\"1\"}}", "labels.b=2",
	           "{\"labels\":{\"a\":\"1\",\"b\":\"2\"}}");
	assert_set("{\"image\":\"a\"}", "image=b", "{\"image\":\"b\"}");
}

static void test_refused(void **state)
{
	assert_refused("image", "is not of the form field=value");
	assert_refused("=x", "is not of the form field=value");
	assert_refused("imagge=x", "did you mean 'image'?");
	assert_refused("image.tag=x", "no fields that deep");
	assert_refused("labels.a.b=x", "a dot in a key is \\.");
	assert_refused("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=x", "is not of the form");
	assert_refused("activeDeadlineSeconds=1x", "is not an integer");
	assert_refused("activeDeadlineSeconds=9223372036854775808", "is not an integer");
	assert_refused("hostUsers=yes", "neither true nor false");
	assert_refused("labels={", "--set labels: line ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_types),
	        cmocka_unit_test(test_paths),
	        cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
