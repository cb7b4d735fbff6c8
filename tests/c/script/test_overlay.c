/* Overlays: layer 2 of a build, tenant by tenant, and their contract. */
#include "policy_fixture.h"
#include "script/policy/check.h"

static void put_overlay(const char *name, const char *fields)
{
	char rel[64], text[1024];

	snprintf(rel, sizeof(rel), "local.d/%s.lua", name);
	snprintf(text, sizeof(text), "return overlay { %s }", fields);
	put(rel, text);
}

static struct ss_doc *build_for(const char *fields, const char *extra, enum ss_policy_caller caller,
                                struct ss_err *err)
{
	char text[1024], request[512];

	snprintf(text, sizeof(text), "return adapter { name = 'a', image = 'x.example/a:1', %s }",
	         fields);
	snprintf(request, sizeof(request), "{" IDENTITY "%s}", extra);
	return build("a", text, request, caller, err);
}

static void expect(const char *fields, const char *extra, const char *want)
{
	struct ss_err err;
	struct ss_doc *out = build_for(fields, extra, SS_POLICY_OPERATOR, &err);
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;

	if (!out)
		fail_msg("%s: %s", extra, err.message);
	ss_json_encode(out, ss_doc_root(out), &json);
	if (!strstr(json.data, want))
		fail_msg("%s: not '%s' in %s", extra, want, json.data);
	ss_doc_free(out);
}

static void test_maps_merge_and_lists_replace(void **state)
{
	const char *fields = "labels = { a = '1', b = '1' }, imagePullSecrets = { 'x', 'y' },"
	                     "resources = { limits = { cpu = '1', memory = '1Gi' } }";

	put_overlay("10-all",
	            "adapter = '*', labels = { b = '2', c = '2' }, imagePullSecrets = { 'z' }");
	put_overlay("20-a", "adapter = 'a', labels = { c = '3' },"
	                    "resources = { limits = { memory = '2Gi' } }");
	put_overlay("15-other", "adapter = 'other', labels = { c = '4' }");
	expect(fields, "", "\"labels\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}");
	expect(fields, "", "\"imagePullSecrets\":[{\"name\":\"z\"}]");
	expect(fields, "", "\"limits\":{\"cpu\":\"1\",\"memory\":\"2Gi\"}");
	/* The request comes after; labels of the policy win. */
	expect(fields, ",\"labels\":{\"c\":\"9\",\"d\":\"9\"},\"imagePullSecrets\":[\"r\"]",
	       "\"labels\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\",\"d\":\"9\"}");
	expect(fields, ",\"imagePullSecrets\":[\"r\"]", "[{\"name\":\"r\"}]");
}

static void test_tenants(void **state)
{
	const char *hook = "build = function(input, context)\n"
	                   "  input.labels.hook = tostring(context.tenant)\n  return input\nend";

	put_overlay("all", "adapter = '*', image = 'x.example/all:1'");
	put_overlay("tenant", "adapter = '*', tenant = 'acme', image = 'x.example/acme:1'");
	expect("", "", "\"image\":\"x.example/all:1\"");
	expect("", ",\"tenant\":\"acme\"", "\"image\":\"x.example/acme:1\"");
	expect("", ",\"tenant\":\"other\"", "\"image\":\"x.example/all:1\"");
	expect("", ",\"tenant\":null", "\"image\":\"x.example/all:1\"");
	expect(hook, ",\"tenant\":\"acme\"", "\"hook\":\"acme\"");
	expect(hook, "", "\"hook\":\"nil\"");
}

static void test_tenant_is_a_name(void **state)
{
	refused(ADAPTER(""), "{" IDENTITY ",\"tenant\":\"A b\"}", SS_POLICY_REQUEST, SS_ERR_INVAL,
	        "tenant: must");
	refused(ADAPTER(""), "{" IDENTITY ",\"tenant\":7}", SS_POLICY_REQUEST, SS_ERR_INVAL,
	        "tenant: must be a string");
	refused(ADAPTER(""), "{" IDENTITY ",\"tenat\":\"a\"}", SS_POLICY_REQUEST, SS_ERR_INVAL,
	        "unknown field 'tenat': did you mean 'tenant'?");
	/* It does not reach the builder, nor may a hook bring it there. */
	refused(ADAPTER("build = function(i, c) i.tenant = 'x' return i end"),
	        "{" IDENTITY ",\"tenant\":\"x\"}", SS_POLICY_REQUEST, SS_ERR_INVAL,
	        "unknown field 'tenant'");
}

static void test_allow_of_the_tenant(void **state)
{
	const char *allow = "allow = { image = { 'ok/*' }, home = true }";
	struct ss_err err;
	struct ss_doc *out;

	put_overlay(
	        "t",
	        "adapter = 'a', tenant = 'acme', allow = { image = { 'acme/*' }, home = false }");
	out = build_for(allow, ",\"image\":\"ok/a:1\",\"home\":\"/h\"", SS_POLICY_REQUEST, &err);
	assert_non_null(out);
	ss_doc_free(out);
	out = build_for(allow, ",\"tenant\":\"acme\",\"image\":\"acme/a:1\"", SS_POLICY_REQUEST,
	                &err);
	assert_non_null(out);
	ss_doc_free(out);
	assert_null(build_for(allow, ",\"tenant\":\"acme\",\"image\":\"ok/a:1\"", SS_POLICY_REQUEST,
	                      &err));
	check_text(&err, "local.d/t.lua)");
	assert_null(
	        build_for(allow, ",\"tenant\":\"acme\",\"home\":\"/h\"", SS_POLICY_REQUEST, &err));
	check_text(&err, "home: the adapter 'a' does not allow");
}

/* The overlays that apply are asked from the last to the first, key by key; the adapter is asked when
 * none says anything. */
static void test_the_last_overlay_decides_what_is_allowed(void **state)
{
	static const struct {
		const char *first, *last; /* their `allow`; NULL = no such overlay */
		bool image, home;         /* may a request set them? */
	} rows[] = {
	        {"home = true", "home = false", false, false},
	        {"home = false", "home = true", false, true},
	        {"image = { 'x/*' }", "image = { 'y/*' }", false, true},
	        {"image = { 'y/*' }", "image = { 'x/*' }", true, true},
	        {"image = { 'x/*' }", "home = false", true, false},
	        {"image = { 'x/*' }", NULL, true, true},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		const char *allow = "allow = { image = { 'ok/*' }, home = true }";
		char text[256];
		struct ss_err err;
		struct ss_doc *out;

		snprintf(text, sizeof(text), "adapter = '*', allow = { %s }", rows[i].first);
		put_overlay("10-all", text);
		snprintf(text, sizeof(text), "adapter = 'a', tenant = 'acme', allow = { %s }",
		         rows[i].last ? rows[i].last : "");
		put_overlay("20-acme", text);
		put_overlay("30-other", "adapter = 'a', tenant = 'other', allow = { home = false, "
		                        "image = { 'none/*' } }");
		out = build_for(allow, ",\"tenant\":\"acme\",\"image\":\"x/a:1\"",
		                SS_POLICY_REQUEST, &err);
		assert_int_equal(out != NULL, rows[i].image);
		ss_err_done(&err);
		ss_doc_free(out);
		out = build_for(allow, ",\"tenant\":\"acme\",\"home\":\"/h\"", SS_POLICY_REQUEST,
		                &err);
		assert_int_equal(out != NULL, rows[i].home);
		ss_err_done(&err);
		ss_doc_free(out);
	}
}

static void test_get_is_merged(void **state)
{
	struct ss_policy *policy = NULL;
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;

	put("adapters/a.lua",
	    ADAPTER("env = { 'A', 'B' }, egress = { hosts = { 'a.example' } }, probe = { 'a' }"));
	put_overlay("t", "adapter = 'a', tenant = 'acme', env = { 'C' }, probe = { 'b', 'c' }");
	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	assert_int_equal(ss_policy_get(policy, "a", "acme", out, NULL), 0);
	ss_json_encode(out, ss_doc_root(out), &json);
	assert_non_null(strstr(json.data, "\"env\":[\"C\"]"));
	assert_non_null(strstr(json.data, "\"probe\":[\"b\",\"c\"]"));
	assert_non_null(strstr(json.data, "\"hosts\":[\"a.example\"]"));
	assert_null(strstr(json.data, "tenant"));
	assert_null(strstr(json.data, "\"adapter\""));
	ss_doc_reset(out);
	ss_buf_reset(&json);
	assert_int_equal(ss_policy_get(policy, "a", NULL, out, NULL), 0);
	ss_json_encode(out, ss_doc_root(out), &json);
	assert_non_null(strstr(json.data, "\"env\":[\"A\",\"B\"]"));
	ss_policy_free(policy);
}

static void test_contract(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	        {"return overlay { tenant = 'a' }", "adapter must name the adapter it is for"},
	        {"return overlay { adapter = 1 }", "adapter must name the adapter it is for"},
	        {"return overlay { adapter = '../x' }", "adapter '../x' is no name of an adapter"},
	        {"return overlay { adapter = '*', tenant = 'A' }", "tenant 'A' must"},
	        {"return overlay { adapter = '*', tenant = {} }", "tenant must be a string"},
	        {"return overlay { adapter = '*', name = 'x' }", "an overlay has no name"},
	        {"return overlay { adapter = '*', namespace = 'x' }", "belongs to one run"},
	        {"return overlay { adapter = '*', tenat = 'x' }", "did you mean 'tenant'?"},
	        {"return overlay { adapter = '*', build = function() end }", "no build hook"},
	        {"return overlay { adapter = '*', image = 5 }", "image: must be a string"},
	        {"return overlay { adapter = '*', allow = { tenant = true } }",
	         "a request may always set 'tenant'"},
	        {"return overlay { adapter = '*', 'x' }", "an overlay has named fields only"},
	        {"return adapter { name = 'o' }", "a file in local.d/ is an overlay"},
	        {"return overlay { adapter = 'b' }", "there is no adapter 'b'"},
	};

	put("adapters/a.lua", ADAPTER(""));
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
		struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
		char path[128];

		put("local.d/o.lua", rows[i].text);
		snprintf(path, sizeof(path), "%s/local.d/o.lua", dir);
		ss_doc_begin_array(out);
		assert_int_equal(check_file(path, out), 1);
		ss_doc_end(out);
		assert_int_equal(ss_doc_finish(out, NULL), 0);
		ss_json_encode(out, ss_doc_root(out), &json);
		if (!strstr(json.data, rows[i].want))
			fail_msg("row %zu: %s", i, json.data);
	}
}

static void test_check_builds_for_each_tenant(void **state)
{
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	char path[128];

	put("adapters/a.lua", ADAPTER("build = function(i, c)\n"
	                              "  if c.tenant == 'two' then error('no two') end\n"
	                              "  return i end"));
	put_overlay("1", "adapter = 'a', tenant = 'one', labels = { a = 'b' }");
	put_overlay("2", "adapter = '*', tenant = 'two', labels = { a = 'b' }");
	snprintf(path, sizeof(path), "%s/adapters/a.lua", dir);
	ss_doc_begin_array(out);
	assert_int_equal(check_file(path, out), 1);
	ss_doc_end(out);
	ss_json_encode(out, ss_doc_root(out), &json);
	assert_non_null(strstr(json.data, "\"line\":2"));
	assert_non_null(strstr(json.data, "a build from it for tenant 'two' fails: no two"));
}

/* What an overlay alone gives is tried with it: no image is made up over it. */
static void test_image_of_an_overlay(void **state)
{
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	char path[128];

	put("adapters/a.lua", "return adapter { name = 'a', build = function(i)\n"
	                      "  if i.image ~= 'x.example/o:1' then error(i.image) end\n"
	                      "  return i end }");
	put_overlay("1", "adapter = 'a', image = 'x.example/o:1'");
	snprintf(path, sizeof(path), "%s/adapters/a.lua", dir);
	ss_doc_begin_array(out);
	assert_int_equal(check_file(path, out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_maps_merge_and_lists_replace),
	        TEST(test_tenants),
	        TEST(test_tenant_is_a_name),
	        TEST(test_allow_of_the_tenant),
	        TEST(test_the_last_overlay_decides_what_is_allowed),
	        TEST(test_get_is_merged),
	        TEST(test_contract),
	        TEST(test_check_builds_for_each_tenant),
	        TEST(test_image_of_an_overlay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
