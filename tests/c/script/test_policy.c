/* Adapters: the contract, the layers from a request to a manifest, and what
 * cannot be done in an adapter file. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "policy_fixture.h"

static const char *image_of(const struct ss_doc *doc)
{
	ss_node c = ss_doc_find(doc, ss_doc_root(doc), "spec", "podTemplate", "spec", "containers",
	                        NULL);

	return ss_doc_find_string(doc, ss_doc_at(doc, c, 0), "image", NULL);
}

/* --- layers ------------------------------------------------------------------------- */
static void test_declared_fields_and_defaults(void **state)
{
	struct ss_err err;
	struct ss_doc *out = build("a", ADAPTER("labels = { team = 'agents' }"), REQUEST,
	                           SS_POLICY_OPERATOR, &err);

	assert_non_null(out);
	assert_string_equal(ss_doc_find_string(out, ss_doc_root(out), "apiVersion", NULL),
	                    "agents.x-k8s.io/v1beta1");
	assert_string_equal(image_of(out), "ghcr.io/acme/a:1");
	assert_string_equal(
	        ss_doc_find_string(out, ss_doc_root(out), "metadata", "labels", "team", NULL),
	        "agents");
	ss_doc_free(out);
}

static void test_request_overrides_and_labels_of_the_policy_win(void **state)
{
	struct ss_err err;
	struct ss_doc *out = build(
	        "a",
	        ADAPTER("labels = { team = 'agents' }, resources = {limits={cpu='1',"
	                "memory='1Gi'}}"),
	        "{" IDENTITY ",\"image\":\"x/y:2\",\"labels\":{\"team\":\"evil\",\"run\":\"7\"},"
	        "\"resources\":{\"limits\":{\"memory\":\"2Gi\"}},\"runtimeClassName\":null}",
	        SS_POLICY_OPERATOR, &err);
	ss_node root = ss_doc_root(out), c;

	assert_non_null(out);
	assert_string_equal(image_of(out), "x/y:2");
	assert_string_equal(ss_doc_find_string(out, root, "metadata", "labels", "team", NULL),
	                    "agents");
	assert_string_equal(ss_doc_find_string(out, root, "metadata", "labels", "run", NULL), "7");
	c = ss_doc_at(out,
	              ss_doc_find(out, root, "spec", "podTemplate", "spec", "containers", NULL), 0);
	assert_string_equal(ss_doc_find_string(out, c, "resources", "limits", "cpu", NULL), "1");
	assert_string_equal(ss_doc_find_string(out, c, "resources", "limits", "memory", NULL),
	                    "2Gi");
	ss_doc_free(out);
}

static void test_allow(void **state)
{
	static const struct {
		const char *allow, *extra, *want; /* want NULL = accepted */
	} rows[] = {
	        {"allow = {image={'ghcr.io/acme/*'}}", "\"image\":\"ghcr.io/acme/b:1\"", NULL},
	        {"allow = {image={'ghcr.io/acme/*'}}", "\"image\":\"ghcr.io/acme/x/b:1\"",
	         "'ghcr.io/acme/x/b:1' is not among"},
	        {"allow = {image={'ghcr.io/acme/*'}}", "\"image\":\"ghcr.io/acmeb:1\"", "image: '"},
	        {"allow = {image={'a?c/*', 'b/*:1'}}", "\"image\":\"b/z:1\"", NULL},
	        {"allow = {image={'a?c/*'}}", "\"image\":\"a/c/z\"", "image: 'a/c/z'"},
	        {"allow = {image=false}", "\"image\":\"b\"",
	         "image: the adapter 'a' does not allow"},
	        {"", "\"image\":\"b\"", "does not allow a request to set it (allow.image in "},
	        {"allow = {resources=true}",
	         "\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":"
	         "\"2Gi\"}}",
	         NULL},
	        {"", "\"resources\":{}", "resources: the adapter"},
	        {"allow = {env={'LOG_*'}}", "\"env\":{\"LOG_LEVEL\":\"x\"}", NULL},
	        {"allow = {env={'LOG_*'}}", "\"env\":{\"LD_PRELOAD\":\"x\"}", "'LD_PRELOAD'"},
	        {"allow = {imagePullSecrets={'reg-*'}}", "\"imagePullSecrets\":[\"reg-1\"]", NULL},
	        {"allow = {imagePullSecrets={'reg-*'}}", "\"imagePullSecrets\":[\"reg-1\",\"k\"]",
	         "'k' is not among"},
	        {"", "\"labels\":{\"run\":\"7\"}", NULL},
	        {"", "\"image\":null", NULL},
	        {"labels = {a='b'}", "\"labels\":5", "labels"},
	        {"", "\"imgae\":\"b\"", "unknown field 'imgae': did you mean 'image'?"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		char text[512], request[512];
		struct ss_err err;
		struct ss_doc *out;

		snprintf(text, sizeof(text),
		         "return adapter { name = 'a', image = 'ghcr.io/acme/a:1', %s }",
		         rows[i].allow);
		snprintf(request, sizeof(request), "{" IDENTITY ",%s}", rows[i].extra);
		if (rows[i].want) {
			refused(text, request, SS_POLICY_REQUEST, SS_ERR_INVAL, rows[i].want);
			continue;
		}
		out = build("a", text, request, SS_POLICY_REQUEST, &err);
		if (!out)
			fail_msg("row %zu: %s", i, err.message);
		ss_doc_free(out);
	}
}

static void test_hook(void **state)
{
	struct ss_err err;
	struct ss_doc *out = build("a",
	                           ADAPTER("build = function(input, context)\n"
	                                   "  input.labels = { who = context.adapter, gen = "
	                                   "tostring(context.generation) }\n"
	                                   "  input.activeDeadlineSeconds = 60 * 2\n"
	                                   "  input.tolerations = {}\n"
	                                   "  return input end"),
	                           REQUEST, SS_POLICY_REQUEST, &err);
	ss_node root = ss_doc_root(out);

	assert_non_null(out);
	assert_string_equal(ss_doc_find_string(out, root, "metadata", "labels", "who", NULL), "a");
	assert_string_equal(ss_doc_find_string(out, root, "metadata", "labels", "gen", NULL), "1");
	assert_int_equal(ss_doc_get_int(out,
	                                ss_doc_find(out, root, "spec", "podTemplate", "spec",
	                                            "activeDeadlineSeconds", NULL),
	                                0),
	                 120);
	ss_doc_free(out);
}

static void test_hook_may_add_a_label(void **state)
{
	struct ss_err err;
	struct ss_doc *out =
	        build("a", ADAPTER("build = function(i) i.labels.a = 'b' return i end"), REQUEST,
	              SS_POLICY_REQUEST, &err);

	assert_non_null(out);
	assert_string_equal(
	        ss_doc_find_string(out, ss_doc_root(out), "metadata", "labels", "a", NULL), "b");
	ss_doc_free(out);
}

static void test_hook_errors(void **state)
{
	refused(ADAPTER("build = function(i)\n return i.x.y end"), REQUEST, SS_POLICY_OPERATOR,
	        SS_ERR_SCRIPT, "adapters/a.lua:2: attempt to index a nil value (field 'x')");
	refused(ADAPTER("\nbuild = function(i) end"), REQUEST, SS_POLICY_OPERATOR, SS_ERR_SCRIPT,
	        "adapters/a.lua:2: the build hook must return a table, not nothing");
	refused(ADAPTER("build = function(i) i.imgae = 1 return i end"), REQUEST,
	        SS_POLICY_OPERATOR, SS_ERR_INVAL, "did you mean 'image'?");
	refused(ADAPTER("build = function(i) i.env = {X = print} return i end"), REQUEST,
	        SS_POLICY_OPERATOR, SS_ERR_INVAL, "env.X: a function has no JSON form");
	refused(ADAPTER("build = function(i) error({message = 'no'}) end"), REQUEST,
	        SS_POLICY_OPERATOR, SS_ERR_SCRIPT, ": no");
	refused(ADAPTER("build = function(i)\n _ENV['x' .. 1] = 1 return i end"), REQUEST,
	        SS_POLICY_OPERATOR, SS_ERR_SCRIPT, "adapters/a.lua:2: assignment to global 'x1'");
	refused(ADAPTER("build = function(i) return _ENV['tab' .. 'el'] end"), REQUEST,
	        SS_POLICY_OPERATOR, SS_ERR_SCRIPT, "unknown global 'tabel': did you mean 'table'?");
	/* What the code says is refused before it runs. */
	refused(ADAPTER("build = function(i)\n if i.x then y = 1 end return i end"), REQUEST,
	        SS_POLICY_OPERATOR, SS_ERR_NOT_FOUND, "a.lua:2: assignment to global 'y'");
	refused(ADAPTER("build = function(i)\n if i.x then\n prnt(i) end return i end"), REQUEST,
	        SS_POLICY_OPERATOR, SS_ERR_NOT_FOUND,
	        "a.lua:3: unknown global 'prnt': did you mean 'print'?");
}

static void test_guard_has_the_last_word(void **state)
{
	refused(ADAPTER("build = function(i) i.labels = {['agents.x-k8s.io/pod-name']='x'} return "
	                "i end"),
	        REQUEST, SS_POLICY_OPERATOR, SS_ERR_POLICY, "P19");
}

/* --- budgets ----------------------------------------------------------------------------- */
static void test_budgets(void **state)
{
	static const struct {
		const char *hook;
		int code;
		const char *want;
	} rows[] = {
	        {"function(i)\n while true do end end", 0, "adapters/a.lua:2: the build hook "},
	        {"function(i) while true do pcall(function() while true do end end) end end", 0,
	         "the build hook"},
	        {"function(i) local function f() while true do end end xpcall(f, f) end", 0,
	         "the build hook"},
	        {"function(i) local s, t = ('x'):rep(1 << 19), {} "
	         "for n = 1, 1e9 do t[n] = s .. n end end",
	         SS_ERR_LIMIT, "needed more than 32 MiB"},
	        {"function(i) local s = 'x' while true do pcall(function() s = s .. s end) end end",
	         SS_ERR_LIMIT, "one value of more than 1 MiB"},
	        {"function(i) return (('a'):rep(3000)):find(('.-'):rep(12)..'b') end",
	         SS_ERR_TIMEOUT, "50 ms"},
	        {"function(i) for _ = 1, 1e9 do ('x'):rep(1 << 20) end end", 0, "the build hook"},
	        {"function(i) return ('x'):rep(1 << 40) end", SS_ERR_SCRIPT, "would be longer"},
	        {"function(i) return table.move({}, 1, 1 << 60, 2) end", SS_ERR_SCRIPT, "too many"},
	        {"function(i) return ('x'):rep(5000):gsub(('x?'):rep(40) .. ('x'):rep(40)..'y', "
	         "'') end",
	         SS_ERR_TIMEOUT, "50 ms"},
	        {"function(i) local function f() return 1 + f() end return f() end", SS_ERR_LIMIT,
	         "MiB"},
	        {"function(i) local g = ('x'):gmatch(('(x-)'):rep(31)) g() g() return {} end",
	         SS_ERR_INVAL, "namespace: required field is missing"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		char text[512];
		int64_t start = spent_ms(), took;

		snprintf(text, sizeof(text), ADAPTER("build = %s"), rows[i].hook);
		refused(text, REQUEST, SS_POLICY_OPERATOR, rows[i].code, rows[i].want);
		took = spent_ms() - start;
		if (took > 1500)
			fail_msg("row %zu took %lld ms", i, (long long)took);
	}
}

/* A state that was killed is replaced: the adapter serves again. */
static void test_a_kill_is_not_the_end(void **state)
{
	struct ss_policy *policy = NULL;
	struct ss_doc *in = parse("{" IDENTITY ",\"home\":\"/loop\"}");
	struct ss_doc *good = parse(REQUEST);
	struct ss_doc *out = ss_doc_new();
	struct ss_err err;

	ss_err_init(&err);
	put("lib/spin.lua", "return function() while true do end end");
	put("adapters/a.lua",
	    "local spin = require 'spin'\n" ADAPTER(
	            "build = function(i) if i.home == '/loop' then spin() end return i end"));
	assert_int_equal(ss_policy_load(dir, &policy, &err), 0);
	for (int i = 0; i < 3; i++) {
		ss_doc_reset(out);
		assert_int_not_equal(ss_policy_build(policy, "a", in, ss_doc_root(in),
		                                     SS_POLICY_OPERATOR, out, NULL, &err),
		                     0);
		check_text(&err, "lib/spin.lua:1");
		ss_err_done(&err);
		ss_doc_reset(out);
		assert_int_equal(ss_policy_build(policy, "a", good, ss_doc_root(good),
		                                 SS_POLICY_OPERATOR, out, NULL, &err),
		                 0);
	}
	ss_policy_free(policy);
	ss_doc_free(in);
	ss_doc_free(good);
	ss_doc_free(out);
}

/* --- what adapter files cannot do -------------------------------------------------------- */
static void test_environment(void **state)
{
	/* Each is an expression that must be true inside a hook. */
	static const char *const truths[] = {
	        "not pcall(function() return _ENV[('o')..'s'] end)",
	        "not pcall(function() return _ENV[('i')..'o'] end)",
	        "not pcall(function() return _ENV[('l')..'oad'] end)",
	        "not pcall(function() return _ENV[('d')..'ebug'] end)",
	        "not pcall(function() return _ENV[('c')..'oroutine'] end)",
	        "not pcall(function() return _ENV[('c')..'ollectgarbage'] end)",
	        "not pcall(function() return _ENV[('g')..'etmetatable'] end)",
	        "not pcall(function() return _ENV[('r')..'awset'] end)",
	        "not pcall(function() return _ENV[('p')..'ackage'] end)",
	        "not pcall(function() return _ENV[('_')..'G'] end)",
	        "not pcall(function() return math.random() end)",
	        "string.dump == nil and string.pack == nil",
	        "not pcall(function() string.format = 1 end)",
	        "not pcall(function() table.insert(string, 1) end)",
	        "not pcall(setmetatable, string, {})",
	        "not pcall(setmetatable, _ENV, {})",
	        "not pcall(setmetatable, {}, {__gc = function() end})",
	        "not pcall(setmetatable, {}, {__mode = 'k'})",
	        "not pcall(setmetatable, {}, {__close = function() end})",
	        "not pcall(string.format, '%p', {})",
	        "tostring({}) == 'table' and tostring(print) == 'function'",
	        "string.format('%s %d', {}, 3) == 'table 3'",
	        "tostring(setmetatable({}, {__tostring = function() return 'me' end})) == 'me'",
	        "setmetatable({}, {__index = function(_, k) return k end}).x == 'x'",
	        "select('#', pcall(error)) == 2",
	        "select(2, pcall(error, {1}))[1] == 1",
	        "select(2, xpcall(error, function(m) return m .. '!' end, 'a')) == 'a!'",
	        "select(2, xpcall(function(...) return ... end, print, 5)) == 5",
	        "('key = value'):match('^(%w+)%s*=%s*(%w+)$') == 'key'",
	        "('a,b,,c'):gsub(',', ';') == 'a;b;;c'",
	        "('hello world'):gsub('o', {o = '0'}) == 'hell0 w0rld'",
	        "('abc'):gsub('%w', '%0%0') == 'aabbcc'",
	        "('abc'):gsub('', '-') == '-a-b-c-'",
	        "('THE (quick) fox'):find('%((%a+)%)') == 5",
	        "('f(a(b)c)d'):match('%b()') == '(a(b)c)'",
	        "('THE (quick) fox'):gsub('%f[%a]%a+', 'x') == 'x (x) x'",
	        "('x^y'):find('^', 1, true) == 2",
	        "('aXb'):find('X', -2) == 2 and ('abc'):find('b', 10) == nil",
	        "('  x  '):match('^%s*(.-)%s*$') == 'x'",
	        "('abab'):match('(ab)%1') == 'ab' and ('a.b'):match('()%.') == 2",
	        "('a]c'):match('[]]') == ']' and ('a-c'):match('[a-]+') == 'a-'",
	        "('ab'):rep(3, '-') == 'ab-ab-ab' and (''):rep(1 << 62) == ''",
	        "not pcall(string.find, 'x', '[a')",
	        "not pcall(string.rep)",
	        "next({}) == nil and next({b = 1, a = 2}) == 'a'",
	        "utf8.len('äö') == 2 and math.max(1, 7) == 7",
	        "#table.pack(table.unpack({1, 2, 3})) == 3",
	        "(function() local s = '' for k in pairs{b=1, a=1, c=1, 10, 20} do s = s .. k end "
	        "return s end)() == '12abc'",
	        "(function() local n = 0 for w in ('a b c'):gmatch('%a') do n = n + 1 end return n "
	        "end)() == 3",
	        "(function() local t = {a=1, b=2, c=3} for k in pairs(t) do t[k] = nil end return "
	        "next(t) == nil end)()",
	        "(function() local t = {3, 1, 2} table.sort(t) return table.concat(t) end)() == "
	        "'123'",
	        "not pcall(require, '../x') and not pcall(require, 'nowhere') and not "
	        "pcall(require, "
	        "'a')",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(truths); i++) {
		char text[1024];
		struct ss_err err;
		struct ss_doc *out;

		snprintf(text, sizeof(text),
		         ADAPTER("build = function(i) if not (%s) then error('no') end return i "
		                 "end"),
		         truths[i]);
		out = build("a", text, REQUEST, SS_POLICY_OPERATOR, &err);
		if (!out)
			fail_msg("%s: %s", truths[i], err.message);
		ss_doc_free(out);
	}
}

static char logged[4096];

static void sink(void *ud, const char *line, size_t len)
{
	if (strlen(logged) + len < sizeof(logged))
		strncat(logged, line, len);
}

static void test_print_goes_to_the_log(void **state)
{
	struct ss_err err;
	struct ss_doc *out;
	enum ss_log_level level = ss_log_get_level();

	logged[0] = 0;
	ss_log_set_level(SS_LOG_INFO);
	ss_log_set_sink(sink, NULL);
	out = build("a",
	            ADAPTER("build = function(i) print('x', 1, {}) for n = 1, 500 do print('') end "
	                    "return i end"),
	            REQUEST, SS_POLICY_OPERATOR, &err);
	ss_log_set_sink(NULL, NULL);
	ss_log_set_level(level);
	assert_non_null(out);
	assert_non_null(strstr(logged, "policy a: x"));
	ss_doc_free(out);
}

/* --- the contract ---------------------------------------------------------------------------- */
static int count_findings(const char *text, struct ss_doc **ret)
{
	struct ss_doc *out = ss_doc_new();
	char path[128];
	int n;

	put("adapters/a.lua", text);
	snprintf(path, sizeof(path), "%s/adapters/a.lua", dir);
	ss_doc_begin_array(out);
	n = check_file(path, out);
	ss_doc_end(out);
	assert_int_equal(ss_doc_finish(out, NULL), 0);
	assert_int_equal(n, ss_doc_count(out, ss_doc_root(out)));
	*ret = out;
	return n;
}

static void test_findings(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *want;
	} rows[] = {
	        {"return adapter {\n name = 'a',\n imgae = 'x',\n}", 3,
	         "unknown field 'imgae': did you mean 'image'?"},
	        {"return adapter {\n name = 'a', image = 'x', -- imgae = 1\n env = 'X' }", 3,
	         "env must be a list of strings, not a string"},
	        {"return adapter {\n name = 'a', image = 'x', env = {\n'1X' } }", 2,
	         "env[1]: '1X'"},
	        {"return adapter { name = 'a', image = 'x',\n egress = { host = {} } }", 2,
	         "unknown field 'egress.host': did you mean 'egress.hosts'?"},
	        {"return adapter { name = 'a', image = 'x',\n egress = { hosts = {'a b'} } }", 2,
	         "egress.hosts[1]: 'a b' is no host name"},
	        {"return adapter { name = 'b', image = 'x' }", 1,
	         "name is 'b', but the file is a.lua"},
	        {"return adapter { image = 'x' }", 1, "name must be a string"},
	        {"return adapter { name = 'a', image = 'x', namespace = 'n' }", 1,
	         "'namespace' belongs to one run"},
	        {"return adapter { name = 'a', image = 'x',\nresources = {\nlimits = {\ncpu = '2 "
	         "'}}}",
	         4, "resources.limits.cpu"},
	        {"return adapter { name = 'a', image = 'x', build = 1 }", 1,
	         "build must be a function"},
	        {"return adapter { name = 'a', image = 'x', allow = { resources = {'*'} } }", 1,
	         "allow.resources must be true or false"},
	        {"return adapter { name = 'a', image = 'x', allow = { imgae = true } }", 1,
	         "unknown field 'allow.imgae': did you mean 'allow.image'?"},
	        {"return adapter { name = 'a', image = 'x', 'y' }", 1, "named fields only"},
	        {"helper = 1\nreturn adapter { name = 'a', image = 'x' }", 1,
	         "assignment to global 'helper'"},
	        {"local t = {\nreturn t", 2, "unexpected symbol near 'return'"},
	        {"return { name = 'a' }", 0, "the file must end with: return adapter"},
	        {"error('boom')", 1, "boom"},
	        {"local x = nope", 1, "unknown global 'nope'"},
	        {"while true do end", 1, "loading the file "},
	        {"local m = require 'gone'", 1, "module 'gone' is not in adapters/ or lib/"},
	        {"\x1bLua", 0, "is compiled Lua"},
	        {"return adapter { name = 'a', image = 'x', build = function(i)\n i.x.y = 1 end }",
	         2, "a build from it fails: attempt to index"},
	        {"local n = 0\nreturn adapter { name = 'a', image = 'x', build = function(i)\n n = "
	         "n + "
	         "1 i.labels = {n = tostring(n)} return i end }",
	         2, "changed 'n', which outlives the call"},
	        {"return adapter { name = 'a', image = 'x', build = function(i) "
	         "i.serviceAccountName "
	         "= 'default' return i end }",
	         0, "a build from it fails: "},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_doc *out;
		int n = count_findings(rows[i].text, &out);
		ss_node first = ss_doc_at(out, ss_doc_root(out), 0);
		const char *message = ss_doc_find_string(out, first, "message", NULL);

		if (n != 1 || !strstr(message, rows[i].want))
			fail_msg("row %zu: %d findings, '%s'", i, n, n ? message : "");
		if (ss_doc_get_int(out, ss_doc_get(out, first, "line"), -1) != rows[i].line)
			fail_msg("row %zu: line %lld: %s", i,
			         (long long)ss_doc_get_int(out, ss_doc_get(out, first, "line"), -1),
			         message);
		ss_doc_free(out);
	}
}

static void test_every_problem_is_found(void **state)
{
	struct ss_doc *out;

	assert_int_equal(count_findings("leak = 1\nlocal x = leak\nother = x\nreturn adapter {\n"
	                                " name = 'z',\n imgae = 'x',\n env = { 1, '' },\n"
	                                " resources = { limits = { cpu = 'two' } },\n}",
	                                &out),
	                 7);
	ss_doc_free(out);
	assert_int_equal(count_findings(ADAPTER(""), &out), 0);
	ss_doc_free(out);
}

/* --- the folder -------------------------------------------------------------------------------- */
static void test_a_broken_file_leaves_the_others(void **state)
{
	struct ss_policy *policy = NULL;
	struct ss_doc *out = ss_doc_new(), *in = parse(REQUEST);
	struct ss_err err;
	ss_node first;

	ss_err_init(&err);
	put("adapters/a.lua", ADAPTER(""));
	put("adapters/b.lua", "return adapter {\n name = 'b', imagee = 1 }");
	put("adapters/.hidden.lua", "x");
	put("adapters/README", "x");
	assert_int_equal(ss_policy_load(dir, &policy, &err), 0);
	assert_int_equal(ss_policy_generation(policy), 1);
	assert_int_equal(ss_policy_list(policy, out, &err), 0);
	assert_int_equal(ss_doc_count(out, ss_doc_root(out)), 1);
	ss_doc_reset(out);
	assert_int_equal(ss_policy_failures(policy, out, &err), 0);
	assert_int_equal(ss_doc_count(out, ss_doc_root(out)), 1);
	first = ss_doc_at(out, ss_doc_root(out), 0);
	assert_string_equal(ss_doc_find_string(out, first, "name", NULL), "b");
	assert_int_equal(ss_doc_get_int(out, ss_doc_get(out, first, "line"), 0), 2);
	ss_doc_reset(out);
	assert_int_equal(ss_policy_build(policy, "b", in, ss_doc_root(in), SS_POLICY_OPERATOR, out,
	                                 NULL, &err),
	                 SS_ERR_NOT_FOUND);
	check_text(&err, "adapter 'b' did not load: ");
	check_text(&err, "b.lua:2: unknown field 'imagee'");
	ss_err_done(&err);
	ss_doc_reset(out);
	assert_int_equal(ss_policy_get(policy, "aa", NULL, out, &err), SS_ERR_NOT_FOUND);
	ss_err_done(&err);
	ss_policy_free(policy);
	ss_doc_free(out);
	ss_doc_free(in);
}

static void test_no_folder(void **state)
{
	struct ss_policy *policy = NULL;
	struct ss_err err;
	char path[128];

	ss_err_init(&err);
	snprintf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(ss_policy_load(path, &policy, &err), SS_ERR_NOT_FOUND);
	assert_int_equal(ss_policy_load(dir, &policy, &err), SS_ERR_NOT_FOUND);
	check_text(&err, "has no folder adapters/");
	ss_err_done(&err);
}

static void test_digest(void **state)
{
	static const char lib[] = "return { cpu = '1', memory = '1Gi' }";
	static const char one[] = ADAPTER("");
	static const char two[] = ADAPTER("resources = { limits = require 'sizes' }");
	struct ss_policy *policy = NULL;
	struct ss_doc *out = ss_doc_new();
	char hex[65], lines[256], want[65];

	put("adapters/a.lua", one);
	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	assert_int_equal(ss_policy_get(policy, "a", NULL, out, NULL), 0);
	ss_sha256_hex(one, strlen(one), want);
	assert_string_equal(ss_doc_find_string(out, ss_doc_root(out), "sha256", NULL), want);
	ss_policy_free(policy);
	put("adapters/a.lua", two);
	put("lib/sizes.lua", lib);
	ss_sha256_hex(two, strlen(two), hex);
	snprintf(lines, sizeof(lines), "%s  adapters/a.lua\n", hex);
	ss_sha256_hex(lib, strlen(lib), hex);
	snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s  lib/sizes.lua\n", hex);
	ss_sha256_hex(lines, strlen(lines), want);
	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	ss_doc_reset(out);
	assert_int_equal(ss_policy_get(policy, "a", NULL, out, NULL), 0);
	assert_string_equal(ss_doc_find_string(out, ss_doc_root(out), "sha256", NULL), want);
	ss_policy_free(policy);
	ss_doc_free(out);
}

static void test_source_limits(void **state)
{
	struct ss_doc *out;
	char *big = malloc(40000);

	assert_non_null(big);
	memset(big, ' ', 40000);
	big[39999] = 0;
	assert_int_equal(count_findings(big, &out), 1);
	ss_doc_free(out);
	/* 32 KiB of field chain: Lua 5.4.4 explains such an error recursively. */
	strcpy(big, "local a = {} return a");
	while (strlen(big) < 32000)
		strcat(big, ".x");
	strcat(big, "+1");
	assert_int_equal(count_findings(big, &out), 1);
	ss_doc_free(out);
	free(big);
}

static void test_shipped_adapters(void **state)
{
	struct ss_policy *policy = NULL;
	struct ss_doc *out = ss_doc_new(), *in = parse(REQUEST), *manifest = ss_doc_new();
	char path[512];

	snprintf(path, sizeof(path), "%s/scripts", getenv("SS_SOURCE_DIR"));
	assert_int_equal(ss_policy_load(path, &policy, NULL), 0);
	assert_int_equal(ss_policy_list(policy, out, NULL), 0);
	assert_int_equal(ss_doc_count(out, ss_doc_root(out)), 6);
	for (struct ss_iter it = ss_iter(out, ss_doc_root(out)); ss_iter_next(&it);) {
		struct ss_err err;

		ss_err_init(&err);
		ss_doc_reset(manifest);
		if (ss_policy_build(policy, ss_doc_find_string(out, it.value, "name", NULL), in,
		                    ss_doc_root(in), SS_POLICY_REQUEST, manifest, NULL, &err))
			fail_msg("%s", err.message);
	}
	ss_policy_free(policy);
	ss_doc_free(out);
	ss_doc_free(in);
	ss_doc_free(manifest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_declared_fields_and_defaults),
	        TEST(test_request_overrides_and_labels_of_the_policy_win),
	        TEST(test_allow),
	        TEST(test_hook),
	        TEST(test_hook_may_add_a_label),
	        TEST(test_hook_errors),
	        TEST(test_guard_has_the_last_word),
	        TEST(test_budgets),
	        TEST(test_a_kill_is_not_the_end),
	        TEST(test_environment),
	        TEST(test_print_goes_to_the_log),
	        TEST(test_findings),
	        TEST(test_every_problem_is_found),
	        TEST(test_a_broken_file_leaves_the_others),
	        TEST(test_no_folder),
	        TEST(test_digest),
	        TEST(test_source_limits),
	        TEST(test_shipped_adapters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
