/* Explain: which line each value of a manifest is named by, hooks above all. */
#include "policy_fixture.h"
#include "script/policy/explain.h"

/* The leaves of what an adapter makes of a request. A limit or the time may be what a slow machine
 * meets first: one code stands for the other. */
static struct ss_doc *explain_of(const char *text, const char *request, int code)
{
	static const struct ss_explain_request from = {"r.yaml", 0, NULL, 0, NULL};
	struct ss_doc *in = parse(request), *out = ss_doc_new(), *manifest = ss_doc_new();
	struct ss_doc *plain SS_AUTO_DOC = ss_doc_new();
	struct ss_buf a SS_AUTO_BUF = SS_BUF_INIT, b SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_policy *policy = NULL;
	struct ss_err err SS_AUTO_ERR;
	int rc;

	ss_err_init(&err);
	put("adapters/a.lua", text);
	assert_int_equal(ss_policy_load(dir, &policy, &err), 0);
	rc = ss_policy_explain(policy, "a", in, ss_doc_root(in), &from, manifest, out, &err);
	if ((code == SS_ERR_TIMEOUT && rc == SS_ERR_LIMIT) ||
	    (code == SS_ERR_LIMIT && rc == SS_ERR_TIMEOUT))
		rc = code;
	if (rc != code)
		fail_msg("%s: %s", ss_code_name(rc), err.message);
	if (rc == 0) {
		assert_int_equal(ss_policy_build(policy, "a", in, ss_doc_root(in),
		                                 SS_POLICY_OPERATOR, plain, NULL, &err),
		                 0);
		ss_json_encode(plain, ss_doc_root(plain), &a);
		ss_json_encode(manifest, ss_doc_root(manifest), &b);
		assert_string_equal(a.data, b.data);
	}
	ss_policy_free(policy);
	ss_doc_free(in);
	ss_doc_free(manifest);
	if (rc == 0)
		return out;
	ss_doc_free(out);
	return NULL;
}

static ss_node find_leaf(const struct ss_doc *leaves, const char *path)
{
	for (struct ss_iter it = ss_iter(leaves, ss_doc_root(leaves)); ss_iter_next(&it);) {
		if (strcmp(ss_doc_find_string(leaves, it.value, "path", NULL), path) == 0)
			return it.value;
	}
	fail_msg("no leaf %s", path);
	return SS_NO_NODE;
}

struct want {
	const char *path, *layer;
	int line;
	const char *was; /* JSON, NULL = nothing */
	const char *file;
};

static void check_leaf(const struct ss_doc *leaves, const struct want *want, const char *text)
{
	ss_node leaf = find_leaf(leaves, want->path);
	ss_node was = ss_doc_get(leaves, leaf, "was");
	const char *layer = ss_doc_find_string(leaves, leaf, "layer", NULL);
	const char *file = ss_doc_find_string(leaves, leaf, "file", NULL);
	int64_t line = ss_doc_get_int(leaves, ss_doc_get(leaves, leaf, "line"), 0);
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;

	if (was != SS_NO_NODE)
		ss_json_encode(leaves, was, &json);
	if (strcmp(layer, want->layer) != 0 || line != want->line ||
	    strcmp(json.data ? json.data : "", want->was ? want->was : "") != 0)
		fail_msg("%s: %s, line %d, was %s instead of %s, line %d, was %s\n%s", want->path,
		         layer, (int)line, json.data ? json.data : "nothing", want->layer,
		         want->line, want->was ? want->was : "nothing", text);
	if (want->file && !strstr(file ? file : "", want->file))
		fail_msg("%s: file is %s", want->path, file ? file : "missing");
}

#define LABEL(key) "metadata.labels." key
#define POD        "spec.podTemplate.spec."
#define CONTAINER  POD "containers[0]."

static void test_declared_fields(void **state)
{
	static const char text[] = "local limits = require('limits')\n"
	                           "local team = 'agents'\n"
	                           "-- labels = { plain = 'no' }\n"
	                           "return adapter {\n"
	                           "  name = 'a', image =\n"
	                           "    'x.example/a:1',\n"
	                           "  labels = { ['a.b/c'] = 'x', team = team, n = tostring(2),\n"
	                           "    plain = 'y' },\n"
	                           "  resources = { limits = limits.small },\n"
	                           "  imagePullSecrets = { 'p',\n"
	                           "    'q' },\n"
	                           "  tolerations = { { key = 'k',\n"
	                           "    operator = 'Exists' } },\n"
	                           "  activeDeadlineSeconds = 60,\n"
	                           "  hostUsers = false,\n"
	                           "  env = { 'image', 'labels' },\n"
	                           "}\n";
	static const struct want wants[] = {
	        {CONTAINER "image", "adapter", 6, NULL, "adapters/a.lua"},
	        {"metadata.labels[\"a.b/c\"]", "adapter", 7, NULL, NULL},
	        {LABEL("team"), "adapter", 2, NULL, NULL},
	        {LABEL("n"), "adapter", 7, NULL, NULL},
	        {LABEL("plain"), "adapter", 8, NULL, NULL},
	        {CONTAINER "resources.limits.cpu", "adapter", 3, "\"2\"", "lib/limits.lua"},
	        {CONTAINER "resources.limits.memory", "adapter", 4, "\"4Gi\"", "lib/limits.lua"},
	        {CONTAINER "resources.requests.cpu", "builder default", 0, NULL, NULL},
	        {POD "imagePullSecrets[0].name", "adapter", 10, NULL, NULL},
	        {POD "imagePullSecrets[1].name", "adapter", 11, NULL, NULL},
	        {POD "tolerations[0].key", "adapter", 12, NULL, NULL},
	        {POD "tolerations[0].operator", "adapter", 13, NULL, NULL},
	        {POD "activeDeadlineSeconds", "adapter", 14, NULL, NULL},
	        {POD "hostUsers", "adapter", 15, NULL, NULL},
	        {"metadata.name", "request", 0, NULL, "r.yaml"},
	        {"apiVersion", "builder default", 0, NULL, NULL},
	};
	struct ss_doc *leaves;

	put("lib/limits.lua",
	    "local M = {}\nM.small = {\n cpu = '1',\n memory = '1Gi' }\nreturn M\n");
	leaves = explain_of(text, REQUEST, 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(wants); i++)
		check_leaf(leaves, &wants[i], text);
	ss_doc_free(leaves);
}

static void test_layers_in_turn(void **state)
{
	static const char text[] = "return adapter { name = 'a', image = 'x.example/a:1',\n"
	                           "  labels = { a = '1', b = '1' },\n"
	                           "  volumes = { tmp = '1Gi' },\n"
	                           "  resources = { limits = {} },\n"
	                           "}\n";
	static const struct want wants[] = {
	        {LABEL("a"), "adapter", 2, NULL, "adapters/a.lua"},
	        {LABEL("b"), "overlay", 3, "\"1\"", "local.d/o.lua"},
	        {LABEL("c"), "request", 0, NULL, "r.yaml"},
	        {CONTAINER "image", "request", 0, "\"x.example/o:1\"", "r.yaml"},
	        {POD "volumes[3].emptyDir.sizeLimit", "adapter", 3, "\"2Gi\"", NULL},
	        {CONTAINER "resources.limits.cpu", "overlay", 4, "\"2\"", NULL},
	        {CONTAINER "env[0].name", "request", 0, NULL, NULL},
	        {CONTAINER "env[0].value", "request", 0, NULL, NULL},
	};
	struct ss_doc *leaves;

	put("local.d/o.lua", "return overlay { adapter = '*', tenant = 'acme',\n"
	                     "  image = 'x.example/o:1', labels = {\n"
	                     "    b = '2' },\n"
	                     "  resources = { limits = { cpu = '1', memory = '1Gi' } } }\n");
	leaves = explain_of(text,
	                    "{" IDENTITY ",\"tenant\":\"acme\",\"image\":\"x.example/r:1\","
	                    "\"labels\":{\"a\":\"9\",\"c\":\"3\"},\"env\":{\"E\":\"1\"}}",
	                    0);
	for (size_t i = 0; i < SS_ARRAY_LEN(wants); i++)
		check_leaf(leaves, &wants[i], text);
	ss_doc_free(leaves);
}

static void test_flags(void **state)
{
	static const char *const image[] = {"image"}, *const limits[] = {"resources", "limits"};
	static const struct ss_explain_flag flags[] = {
	        {image, 1, "--set image=b"}, {limits, 2, "--set l"}, {image, 1, "--set image=c"}};
	static const struct ss_explain_request from = {"r.yaml", 0, flags, 3, NULL};
	struct ss_doc *in SS_AUTO_DOC =
	        parse("{" IDENTITY ",\"image\":\"c\",\"resources\":{\"limits\":{\"cpu\":\"1\","
	              "\"memory\":\"1Gi\"},\"requests\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}}");
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new(), *manifest SS_AUTO_DOC = ss_doc_new();
	struct ss_policy *policy = NULL;

	put("adapters/a.lua", ADAPTER(""));
	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	assert_int_equal(
	        ss_policy_explain(policy, "a", in, ss_doc_root(in), &from, manifest, out, NULL), 0);
	assert_string_equal(
	        ss_doc_find_string(out, find_leaf(out, CONTAINER "image"), "flag", NULL),
	        "--set image=c");
	assert_string_equal(ss_doc_find_string(out,
	                                       find_leaf(out, CONTAINER "resources.limits.cpu"),
	                                       "flag", NULL),
	                    "--set l");
	assert_string_equal(ss_doc_find_string(out,
	                                       find_leaf(out, CONTAINER "resources.requests.cpu"),
	                                       "layer", NULL),
	                    "request");
	ss_policy_free(policy);
}

/* A hook, and the leaf it is looked at. Its first line is line 2. */
static const struct {
	const char *hook;
	struct want want;
} hooks[] = {
        {"i.image = 'x.example/a:1'", {CONTAINER "image", "hook", 2, "\"x.example/a:1\"", NULL}},
        {"\n\ni.labels.t = 'u'", {LABEL("t"), "hook", 4, NULL, NULL}},
        {"i['labels']['t'] = 'u'", {LABEL("t"), "hook", 2, NULL, NULL}},
        {"i.labels = {\n  t = 'u',\n  v = 'w',\n}", {LABEL("v"), "hook", 4, NULL, NULL}},
        {"i.labels.t = i.labels.l ..\n  'x'", {LABEL("t"), "hook", 2, NULL, NULL}},
        {"local k = 'labels'\ni[k] = { t = 'u' }", {LABEL("t"), "hook", 3, NULL, NULL}},
        {"local l = i.labels\nl.t = 'u'\ni.labels = l", {LABEL("t"), "hook", 3, NULL, NULL}},
        {"local x = {\n  t = 'u' }\ni.labels = x", {LABEL("t"), "hook", 3, NULL, NULL}},
        {"table.insert(i.imagePullSecrets, 'z')",
         {POD "imagePullSecrets[2].name", "hook", 2, NULL, NULL}},
        {"table.insert(i.imagePullSecrets, 1, 'z')",
         {POD "imagePullSecrets[2].name", "hook", 2, NULL, NULL}},
        {"table.insert(i.imagePullSecrets, 'z')",
         {POD "imagePullSecrets[0].name", "adapter", 1, NULL, NULL}},
        {"i.imagePullSecrets[#i.imagePullSecrets + 1] = 'z'",
         {POD "imagePullSecrets[2].name", "hook", 2, NULL, NULL}},
        {"for k, v in pairs(i.labels) do\n  i.labels[k] = v .. 'x'\nend",
         {LABEL("l"), "hook", 3, "\"m\"", NULL}},
        {"for n, v in ipairs(i.imagePullSecrets) do\n  i.imagePullSecrets[n] = v .. 'x'\nend",
         {POD "imagePullSecrets[1].name", "hook", 3, "\"q\"", NULL}},
        {"local k = next(i.labels)\ni.labels.t = k", {LABEL("t"), "hook", 3, NULL, NULL}},
        {"i.resources.limits = {\n cpu = '1', memory = '1Gi' }",
         {CONTAINER "resources.limits.cpu", "hook", 3, "\"2\"", NULL}},
        {"i.labels.t = 'u'", {LABEL("l"), "adapter", 1, NULL, NULL}},
        {"i.labels.l = nil\ni.labels.l = 'm'", {LABEL("l"), "hook", 3, "\"m\"", NULL}},
        {"helper(i)", {LABEL("t"), "hook", 2, NULL, "lib/helper.lua"}},
        {"return { namespace = i.namespace, sandboxName = i.sandboxName,\n"
         "  envSecretName = 'e', serviceAccountName = 's', adapterType = 'a',\n"
         "  image = 'x.example/b:1', labels = i.labels,\n"
         "  apiVersion = i.apiVersion }",
         {CONTAINER "image", "hook", 4, "\"x.example/a:1\"", NULL}},
        {"local o = {}\nfor k, v in pairs(i) do o[k] = v end\no.labels.t = 'u'\ni = o",
         {LABEL("t"), "hook", 4, NULL, NULL}},
        {"i.labels.t = setmetatable({}, { __index = i.labels }).l",
         {LABEL("t"), "hook", 2, NULL, NULL}},
        {"setmetatable(i.labels, { __index = function() return 'd' end })\n"
         "i.labels.t = i.labels.nothing",
         {LABEL("t"), "hook", 3, NULL, NULL}},
        /* Plain tables to the hook: an error here would end the traced call. */
        {"assert(type(i.labels) == 'table' and i.labels == i.labels)\n"
         "assert(rawget(i.labels, 'l') == 'm' and rawlen(i.imagePullSecrets) == 2)\n"
         "assert(#i.imagePullSecrets == 2 and rawequal(i.labels, i.labels))\n"
         "local x = {} i.annotations = x\n"
         "assert(i.annotations == x and x == i.annotations and i.labels ~= x)\n"
         "assert(table.concat(i.imagePullSecrets, ',') == 'p,q')\n"
         "assert(select('#', table.unpack(i.imagePullSecrets)) == 2)\n"
         "table.sort(i.imagePullSecrets, function(a, b) return a > b end)\n"
         "assert(i.imagePullSecrets[1] == 'q' and table.remove(i.imagePullSecrets) == 'p')\n"
         "local f, s = pairs(i.labels) assert(s == i.labels)\n"
         "assert(next(i.labels) == 'l' and next(i.labels, 'l') == nil)\n"
         "assert(tostring(i) == 'table' and i.nothing == nil)\n"
         "assert(not pcall(function() return i.nothing.more end))\n"
         "i.labels.t = 'u'",
         {LABEL("t"), "hook", 15, NULL, NULL}},
};

static void test_hooks(void **state)
{
	put("lib/helper.lua", "return function(i)\n  i.labels.t = 'u'\nend\n");
	for (size_t i = 0; i < SS_ARRAY_LEN(hooks); i++) {
		struct ss_doc *leaves;
		char text[2048];

		snprintf(text, sizeof(text),
		         "local helper = require('helper') return adapter { name = 'a', image = "
		         "'x.example/a:1', labels = { l = 'm' }, imagePullSecrets = { 'p', 'q' }, "
		         "resources = { limits = { cpu = '2', memory = '2Gi' } }, build = "
		         "function(i, context)\n%s\nreturn i\nend }",
		         hooks[i].hook);
		if (strncmp(hooks[i].hook, "return", 6) == 0)
			*strstr(text, "\nreturn i\n") = 0, strcat(text, "\nend }");
		leaves = explain_of(text, REQUEST, 0);
		check_leaf(leaves, &hooks[i].want, text);
		ss_doc_free(leaves);
	}
}

/* What a stand-in cannot pretend: the values stay right, the line is that of the hook's return. */
static void test_falls_back_to_the_hook(void **state)
{
	static const char text[] = "return adapter { name = 'a', image = 'x.example/a:1',\n"
	                           "  labels = { l = 'm' },\n"
	                           "  build = function(i)\n"
	                           "    local t = { [i.labels] = 'plain' }\n"
	                           "    local x = {} i.annotations = x\n"
	                           "    t[x] = 'same'\n"
	                           "    i.labels.t = t[i.annotations] or 'other'\n"
	                           "    return i\n"
	                           "  end }\n";
	static const struct want wants[] = {
	        {LABEL("t"), "hook", 8, NULL, NULL},
	        {LABEL("l"), "adapter", 2, NULL, NULL},
	};
	struct ss_doc *leaves = explain_of(text, REQUEST, 0);

	for (size_t i = 0; i < SS_ARRAY_LEN(wants); i++)
		check_leaf(leaves, &wants[i], text);
	assert_true(ss_doc_is_string(
	        leaves, ss_doc_get(leaves, find_leaf(leaves, LABEL("t")), "value"), "same"));
	ss_doc_free(leaves);
}

static void test_empty_containers(void **state)
{
	static const char text[] = "return adapter { name = 'a', image = 'x.example/a:1',\n"
	                           "  resources = {\n"
	                           "    requests = {} } }\n";
	static const struct want wants[] = {
	        {CONTAINER "resources.requests", "adapter", 3, NULL, NULL},
	        {"metadata.labels", "builder default", 0, NULL, NULL},
	};
	struct ss_doc *leaves = explain_of(text, REQUEST, 0);

	for (size_t i = 0; i < SS_ARRAY_LEN(wants); i++) {
		struct want want = wants[i];

		want.was = i == 0 ? "{\"cpu\":\"250m\",\"memory\":\"512Mi\"}" : NULL;
		check_leaf(leaves, &want, text);
	}
	ss_doc_free(leaves);
}

static void test_errors_are_those_of_a_build(void **state)
{
	explain_of(ADAPTER(""), "{" IDENTITY ",\"imgae\":\"x\"}", SS_ERR_INVAL);
	explain_of(ADAPTER("build = function(i) error('no') end"), REQUEST, SS_ERR_SCRIPT);
	explain_of(ADAPTER("build = function(i) while true do end end"), REQUEST, SS_ERR_TIMEOUT);
	explain_of(ADAPTER("resources = { limits = {} }"), REQUEST, SS_ERR_POLICY);
}

/* Hooks that do their worst to the tables they are given: explained as they are built. */
static void test_hostile_hooks(void **state)
{
	static const struct {
		const char *hook;
		int code;
	} rows[] = {
	        {"local t = {} local r = t for n = 1, 90 do t.x = {} t = t.x end i.annotations = r",
	         SS_ERR_INVAL},
	        {"i.labels.self = i", SS_ERR_INVAL},
	        {"i.labels.self = i i.labels.self = nil", 0},
	        {"i.annotations = { big = ('x'):rep(200000) }", 0},
	        {"i.annotations = { big = ('x'):rep(1000000) }", SS_ERR_INVAL},
	        {"local l = {} for n = 1, 10100 do l['k' .. n] = 'v' end i.annotations = l",
	         SS_ERR_LIMIT},
	        {"setmetatable(i, { __index = function(t, k) return k end }) i.labels.a = i.zzz",
	         0},
	        {"setmetatable(i.labels, { __index = i.labels }) i.labels.q = i.labels.nothing",
	         SS_ERR_SCRIPT},
	        {"setmetatable(i.labels, { __newindex = i.labels }) i.labels.q = 'r'",
	         SS_ERR_SCRIPT},
	        {"setmetatable(i.labels, { __pairs = function() end })", SS_ERR_SCRIPT},
	        {"setmetatable(i.labels, { __gc = function() end })", SS_ERR_SCRIPT},
	        {"local t = setmetatable({}, { __eq = function() return true end })\n"
	         "i.labels.a = tostring(t == i.labels)",
	         0},
	        {"setmetatable(i.labels, { __tostring = function() return 'L' end })\n"
	         "i.labels.b = tostring(i.labels)",
	         0},
	        {"pcall(function() i.labels[nil] = 1 end) pcall(function() i.labels[0/0] = 1 end)",
	         0},
	        {"local function f(n) i.labels['a' .. n % 10] = 'v' if n > 0 then f(n - 1) end "
	         "end\n"
	         "f(150)",
	         0},
	        {"table.sort(i.labels, function() error('x') end) i = { i }", SS_ERR_INVAL},
	        {"return setmetatable({}, { __index = i })", SS_ERR_INVAL},
	        {"return i.labels", SS_ERR_INVAL},
	        {"return nil", SS_ERR_SCRIPT},
	};

	for (size_t n = 0; n < SS_ARRAY_LEN(rows); n++) {
		char text[1024];

		snprintf(text, sizeof(text),
		         "return adapter { name = 'a', image = 'x.example/a:1', labels = { l = "
		         "'m' }, build = function(i)\n do %s end\nreturn i\nend }",
		         rows[n].hook);
		ss_doc_free(explain_of(text, REQUEST, rows[n].code));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_declared_fields),
	        TEST(test_layers_in_turn),
	        TEST(test_flags),
	        TEST(test_hooks),
	        TEST(test_falls_back_to_the_hook),
	        TEST(test_empty_containers),
	        TEST(test_errors_are_those_of_a_build),
	        TEST(test_hostile_hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
