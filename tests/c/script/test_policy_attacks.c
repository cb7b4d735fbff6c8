/* Adapter files that mean harm, or come close to it by accident: each ends in an
 * error of the adapter or in a correct result, soon, and the next adapter never
 * notices (reliability.md 1.5). */
#include "base/utf8.h"
#include "policy_fixture.h"

enum {
	SOON_MS = 2000, /* with sanitizers; the budgets are 100 and 50 ms */
	CHARGED_MS = 400,
};

/* An adapter whose hook is this; the outcome may be anything but a crash or a hang. */
static void survive(const char *hook)
{
	struct ss_err err;
	struct ss_doc *out;
	int64_t start = spent_ms();
	char *text = malloc(strlen(hook) + 200);

	assert_non_null(text);
	sprintf(text, ADAPTER("build = %s"), hook);
	out = build("a", text, REQUEST, SS_POLICY_REQUEST, &err);
	if (spent_ms() - start > SOON_MS)
		fail_msg("%lld ms: %.200s", (long long)(spent_ms() - start), hook);
	if (!out) {
		assert_true(*err.message);
		assert_null(strchr(err.message, '\n'));
		assert_true(ss_utf8_valid(err.message, strlen(err.message)));
		ss_err_done(&err);
	}
	ss_doc_free(out);
	free(text);
}

static void test_hooks(void **state)
{
	static const char *const hooks[] = {
	        /* loops and recursion */
	        "function() goto a ::a:: goto a end",
	        "function() for _ in function() return 1 end do end end",
	        "function() local t = setmetatable({}, {}) t = setmetatable(t, {__index = "
	        "function(_, "
	        "k) return t[k] end}) return t.x end",
	        "function() local t = {} for n = 1, 3000 do t = setmetatable({}, {__index = t}) "
	        "end "
	        "return t.x end",
	        "function() local function f() return tostring(setmetatable({}, {__tostring = f})) "
	        "end "
	        "return f() end",
	        "function() local function f() return xpcall(f, f) end return f() end",
	        "function() local function f() return pcall(f) end return f() end",
	        "function() error(setmetatable({}, {__tostring = function() error() end})) end",
	        "function() error() end",
	        "function() error(print) end",
	        "function() error(('x'):rep(1000000)) end",
	        "function() error('\\27[31m\\n\\r\\8\\u{202e}\\255') end",
	        "function() local t = {} t.t = t error(t) end",
	        /* sorting */
	        "function() local t = {} for n = 1, 5000 do t[n] = n end table.sort(t, function() "
	        "return "
	        "true end) end",
	        "function() local t = {} for n = 1, 100 do t[n] = n end table.sort(t, function(a, "
	        "b) t[1] "
	        "= nil return a < b end) end",
	        "function() table.sort({3, 2, 1}, function() error('x') end) end",
	        /* one long C call each */
	        "function() return table.concat({}, '', 1, 1 << 62) end",
	        "function() return table.unpack({}, 1, 100000000) end",
	        "function() return select(-1, table.unpack({}, 1, 200)) end",
	        "function() return ('a-b'):rep(200000):gsub('-', '') end",
	        "function() return ('x'):rep(1000000):gsub('.-', 'y') end",
	        "function() return ('x'):rep(500000):find(('x'):rep(250000) .. 'y', 1, true) end",
	        "function() return ('a'):rep(100000):match('(a?)(a?)(a?)(a?)(a?)(a?)(a?)(a?)b') "
	        "end",
	        "function() return ('('):rep(100000):match('%b()') end",
	        "function() return ('x'):rep(300000):match(('(.)'):rep(31)) end",
	        "function() return ('x'):match(('('):rep(40)) end",
	        "function() return ('x'):find('%f') end",
	        "function() return ('x'):find('%') end",
	        "function() return ('x'):find('[]') end",
	        "function() return ('x'):gsub('x', '%9') end",
	        "function() return ('x'):gsub('x', {x = {}}) end",
	        "function() return string.format('%99.99f', 1e308) end",
	        "function() return string.format('%999d', 1) end",
	        "function() return string.format('%q', 0/0) end",
	        "function() local s = ('x'):rep(1 << 19) for _ = 1, 1e7 do s:upper() end end",
	        "function() local s = ('x'):rep(1 << 19) for _ = 1, 1e7 do local _ = s == s .. '' "
	        "end end",
	        "function() return utf8.char(1 << 40) end",
	        "function() return string.char(-1) end",
	        "function() for n = 1, 1e6 do print(n) end return {} end",
	        /* memory */
	        "function() local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(1 << "
	        "18) "
	        "end) end end",
	        "function() local f = print while true do local g = f f = function() return g end "
	        "end end",
	        "function() local t = {} for n = 1, 1e8 do t['k' .. n] = true end end",
	        "function() local t = {} for n = 1, 2e4 do t[n] = n end for n = 1, 2e4 do t[n] = "
	        "nil end "
	        "for _ = 1, 1e6 do next(t) end end",
	        "function() local t = {} for n = 1, 3e4 do t['k' .. n] = n end for _ = 1, 1e4 do "
	        "for _ in "
	        "pairs(t) do end end end",
	        /* what is returned */
	        "function(i) i.env = {} i.env.x = i.env return i end",
	        "function(i) local t = {} for _ = 1, 1000 do t = {t} end i.env = t return i end",
	        "function(i) local t = {'x'} for _ = 1, 40 do t = {t, t} end i.env = t return i "
	        "end",
	        "function(i) i.env = {[1e9] = 'x'} return i end",
	        "function(i) i.env = {'x', y = 'z'} return i end",
	        "function(i) i.env = {[true] = 'x'} return i end",
	        "function(i) i.env = {[0.5] = 'x'} return i end",
	        "function(i) i.activeDeadlineSeconds = 0/0 return i end",
	        "function(i) i.activeDeadlineSeconds = 1e308 * 10 return i end",
	        "function(i) i.activeDeadlineSeconds = 9007199254740993 return i end",
	        "function(i) i.activeDeadlineSeconds = -0.0 return i end",
	        "function(i) i.home = '/\\0' return i end",
	        "function(i) i.home = '/\\255\\254' return i end",
	        "function(i) i.home = '/' .. ('x'):rep(1000000) return i end",
	        "function(i) return setmetatable({}, {__index = i}) end",
	        "function(i) return setmetatable(i, {__index = function() error('x') end}) end",
	        "function(i) return 'x' end",
	        "function(i) return i, i, i end",
	        "function(i, c) c.adapter = nil c.file = {} return i end",
	        /* getting out */
	        "function(i) local _ENV = nil return i end",
	        "function(i) local _ENV = {} x = 1 i.labels = {x = 'y'} return i end",
	        "function(i) return require('adapters.a') end",
	        "function(i) return require(('a'):rep(200)) end",
	        "function(i) return require('a..b') end",
	        "function(i) return require('/etc/passwd') end",
	        "function(i) return require('a\\0b') end",
	        "function(i) setmetatable(i, {__newindex = function() error('x') end}) i.q = 1 "
	        "return i end",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(hooks); i++)
		survive(hooks[i]);
}

/* The state after any of them is as good as new: the canary's bytes are the same. */
/* Stock functions that take long in C get no further than those of our own: processor time,
 * which no other program of the machine uses up. */
static void test_charges(void **state)
{
	int64_t start = spent_ms();

	survive("function() local f, s = tonumber, ('z'):rep(1000000) while true do f(s, 36) end "
	        "end");
	if (spent_ms() - start > CHARGED_MS)
		fail_msg("%lld ms", (long long)(spent_ms() - start));
}

/* Two requests to one adapter: the second learns nothing of the first. */
static void test_calls_share_nothing(void **state)
{
	static const struct {
		const char *text, *changed; /* NULL = it keeps nothing */
	} rows[] = {
	        {"local n = 0 return adapter { name = 'a', image = 'x:1', build = function(i) "
	         "n = n + 1 i.annotations = { n = tostring(n) } return i end }",
	         "'n'"},
	        {"local seen = { list = {} } local function add(x) seen.list[#seen.list + 1] = x "
	         "end "
	         "return adapter { name = 'a', image = 'x:1', build = function(i) "
	         "i.annotations = { seen = table.concat(seen.list) } add(i.envSecretName) "
	         "return i end }",
	         "'seen'"},
	        {"local t = {} return adapter { name = 'a', image = 'x:1', build = function(i) "
	         "i.annotations = { s = t.secret } setmetatable(t, { __index = { secret = "
	         "i.envSecretName } }) return i end }",
	         "'t'"},
	        {"return adapter { name = 'a', image = 'x:1', build = function(i) local m = "
	         "require 'kept' i.annotations = { s = m.secret } m.secret = i.envSecretName "
	         "return i end }",
	         "'kept'"},
	        {"local m = require 'kept' return adapter { name = 'a', image = 'x:1', build = "
	         "function(i) i.annotations = { s = m.get() } m.set(i.envSecretName) return i "
	         "end }",
	         "'value'"},
	        {"local it = ('a b c'):gmatch('%a') return adapter { name = 'a', image = 'x:1', "
	         "build = function(i) i.annotations = { s = it() } return i end }",
	         "'it'"},
	        {"local it, t = pairs { 1, 2, 3 } return adapter { name = 'a', image = 'x:1', "
	         "build = function(i) i.annotations = { s = tostring(it(t)) } return i end }",
	         "'it'"},
	        /* The error comes before anybody could look, and takes the state along. */
	        {"local n = 0 return adapter { name = 'a', image = 'x:1', build = function(i) "
	         "n = n + 1 if n > 1 then i.annotations = { n = 'kept' } return i end error('no') "
	         "end }",
	         "no"},
	        {"local nan, m = 0/0, require 'kept' local t = { nan, { m } } return adapter { "
	         "name "
	         "= 'a', image = 'x:1', build = function(i) local mine = { t[1] } mine[2] = "
	         "require('kept').get() return i end }",
	         NULL},
	};

	put("lib/kept.lua",
	    "local value return { set = function(v) value = v end, get = function() "
	    "return value end }");
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_policy *policy = NULL;
		struct ss_doc *in = parse(REQUEST);

		put("adapters/a.lua", rows[i].text);
		assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
		for (int call = 0; call < 3; call++) {
			struct ss_doc *out = ss_doc_new();
			struct ss_err err;
			int rc;

			ss_err_init(&err);
			rc = ss_policy_build(policy, "a", in, ss_doc_root(in), SS_POLICY_OPERATOR,
			                     out, NULL, &err);
			if (rows[i].changed ? !rc || !strstr(err.message, rows[i].changed) ||
			                              !strstr(err.message, "a.lua:1: ")
			                    : rc)
				fail_msg("%zu, call %d: %s", i, call, err.message);
			ss_err_done(&err);
			ss_doc_free(out);
		}
		ss_doc_free(in);
		ss_policy_free(policy);
	}
}

static void test_neighbours(void **state)
{
	static const char canary[] =
	        "return adapter { name = 'canary', image = 'x:1', build = function(i)\n"
	        "  local keys = {} for k in pairs(i) do keys[#keys + 1] = k end\n"
	        "  i.annotations = { keys = table.concat(keys, ' '), t = tostring(keys) }\n"
	        "  return i end }";
	struct ss_policy *policy = NULL;
	struct ss_doc *in = parse(REQUEST), *first = ss_doc_new(), *again = ss_doc_new();

	put("adapters/canary.lua", canary);
	put("adapters/bad.lua", "local n = 0 return adapter { name = 'bad', image = 'x:1',\n"
	                        "build = function(i) n = n + 1 if n > 1 then while true do end end "
	                        "string.format = nil return i end }");
	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	assert_int_equal(ss_policy_build(policy, "canary", in, ss_doc_root(in), SS_POLICY_REQUEST,
	                                 first, NULL, NULL),
	                 0);
	for (int i = 0; i < 3; i++) {
		struct ss_doc *out = ss_doc_new();

		assert_int_not_equal(ss_policy_build(policy, "bad", in, ss_doc_root(in),
		                                     SS_POLICY_REQUEST, out, NULL, NULL),
		                     0);
		ss_doc_free(out);
		ss_doc_reset(again);
		assert_int_equal(ss_policy_build(policy, "canary", in, ss_doc_root(in),
		                                 SS_POLICY_REQUEST, again, NULL, NULL),
		                 0);
		assert_true(ss_doc_equal(first, ss_doc_root(first), again, ss_doc_root(again)));
	}
	ss_policy_free(policy);
	ss_doc_free(in);
	ss_doc_free(first);
	ss_doc_free(again);
}

/* A file that does not load, with this in its message. */
static void refuse_file(const char *text, const char *want)
{
	int64_t start = spent_ms();

	refused(text, REQUEST, SS_POLICY_OPERATOR, SS_ERR_NOT_FOUND, want);
	if (spent_ms() - start > SOON_MS)
		fail_msg("%lld ms: %.100s", (long long)(spent_ms() - start), text);
}

/* n times a, then middle, then n times b. */
static char *nested(size_t n, const char *a, const char *middle, const char *b)
{
	char *text = malloc(n * (strlen(a) + strlen(b)) + strlen(middle) + 64), *p = text;

	assert_non_null(text);
	p += sprintf(p, "local x = ");
	for (size_t i = 0; i < n; i++)
		p += sprintf(p, "%s", a);
	p += sprintf(p, "%s", middle);
	for (size_t i = 0; i < n; i++)
		p += sprintf(p, "%s", b);
	return text;
}

static void test_texts(void **state)
{
	static const struct {
		size_t n;
		const char *a, *middle, *b;
	} rows[] = {
	        {10000, "(", "1", ")"},
	        {10000, "{", "", "}"},
	        {7000, "not ", "1", ""},
	        {7000, "1 ..", "1", ""},
	        {3000, "function() ", "", " end"},
	        {7000, "-", "1", ""},
	        {8000, "1 and ", "1", ""},
	        {1500, "x.", "x + 1", ""},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		char *text = nested(rows[i].n, rows[i].a, rows[i].middle, rows[i].b);

		refuse_file(text, "a.lua");
		free(text);
	}
	refuse_file("\x1bLua", "is compiled Lua");
	refuse_file("\xef\xbb\xbf\x1bLua", "a.lua");
	refuse_file("-- \xff\xfe", "is not UTF-8 text");
	refuse_file("local a <close> = setmetatable({}, {__close = function() end})",
	            "metafield '__close' is not allowed");
	refuse_file("", "the file must end with");
	refuse_file("return adapter", "the file must end with");
	refuse_file("return adapter { name = ('x'):rep(300) }", "must be lower-case");
	refuse_file("return adapter { name = '../a' }", "must be lower-case");
	refuse_file("return require 'a'", "requires itself");
}

/* What is no regular file is refused before it is read. */
static void test_kinds_of_files(void **state)
{
	struct ss_policy *policy = NULL;
	struct ss_doc *failed = ss_doc_new();
	char path[256], target[256];

	put("adapters/ok.lua", "return adapter { name = 'ok', image = 'x:1' }");
	snprintf(path, sizeof(path), "%s/adapters/fifo.lua", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/adapters/dir.lua", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/adapters/zero.lua", dir);
	assert_int_equal(symlink("/dev/zero", path), 0);
	snprintf(path, sizeof(path), "%s/adapters/gone.lua", dir);
	assert_int_equal(symlink("/nonexistent", path), 0);
	snprintf(path, sizeof(path), "%s/adapters/huge.lua", dir);
	put("adapters/huge.lua", "");
	assert_int_equal(truncate(path, 1LL << 33), 0);
	/* A mounted ConfigMap is symlinks all over. */
	snprintf(path, sizeof(path), "%s/adapters/link.lua", dir);
	snprintf(target, sizeof(target), "%s/real", dir);
	put("real", "return adapter { name = 'link', image = 'x:1' }");
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	assert_int_equal(ss_policy_failures(policy, failed, NULL), 0);
	assert_int_equal(ss_doc_count(failed, ss_doc_root(failed)), 5);
	ss_doc_reset(failed);
	assert_int_equal(ss_policy_list(policy, failed, NULL), 0);
	assert_int_equal(ss_doc_count(failed, ss_doc_root(failed)), 2);
	ss_policy_free(policy);
	ss_doc_free(failed);
}

/* Token soup: whatever it is, it is an error of the file. */
static void test_soup(void **state)
{
	static const char *const words[] = {
	        "return", "adapter", "{",        "}",  "name",    "=",      "'a'",   "image",
	        ",",      "build",   "function", "(",  ")",       "end",    "local", "x",
	        "if",     "then",    "for",      "do", "pairs",   "string", ".",     "rep",
	        ":",      "1",       "..",       "#",  "goto",    "::",     "while", "true",
	        "nil",    "[",       "]",        "--", "\n",      "[[",     "_ENV",  "setmetatable",
	        "error",  "pcall",   "require",  "~",  "<close>",
	};
	unsigned seed = 20261124;

	for (int round = 0; round < 3000; round++) {
		char text[600] = "", path[128];
		int n = 1 + rand_r(&seed) % 40, rc;
		struct ss_doc *out = ss_doc_new();

		if (round % 2)
			strcpy(text,
			       "return adapter { name = 'a', image = 'x', build = function(i) ");
		for (int i = 0; i < n; i++) {
			strcat(text, words[rand_r(&seed) % SS_ARRAY_LEN(words)]);
			strcat(text, " ");
		}
		if (round % 2)
			strcat(text, " return i end }");
		put("adapters/a.lua", text);
		snprintf(path, sizeof(path), "%s/adapters/a.lua", dir);
		ss_doc_begin_array(out);
		rc = check_file(path, out);
		if (rc < 0)
			fail_msg("%s: %s", ss_code_name(rc), text);
		ss_doc_free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_hooks),      TEST(test_charges), TEST(test_calls_share_nothing),
	        TEST(test_neighbours), TEST(test_texts),   TEST(test_kinds_of_files),
	        TEST(test_soup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
