#include "host_fixture.h"

#include <lualib.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/json.h"
#include "script/alloc.h"
#include "script/conv.h"
#include "script/luax.h"

static lua_State *new_state(void)
{
	lua_State *L = luaL_newstate();

	assert_non_null(L);
	luaL_openlibs(L);
	/* What the json module gives. */
	lua_pushlightuserdata(L, NULL);
	lua_setglobal(L, "null");
	ss_conv_push_array(L, 0);
	lua_setglobal(L, "empty");
	return L;
}

static struct ss_doc *parse(const char *text)
{
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_json_parse(text, strlen(text), &doc, &err))
		fail_msg("%s", err.message);
	return doc;
}

/* The value at the top as JSON; popped. Free the result. */
static char *top_to_json(lua_State *L)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	struct ss_buf out = SS_BUF_INIT;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_conv_from_lua(L, -1, doc, &err))
		fail_msg("%s", err.message);
	assert_int_equal(ss_doc_finish(doc, &err), 0);
	lua_pop(L, 1);
	ss_json_encode(doc, ss_doc_root(doc), &out);
	return ss_buf_take(&out, NULL);
}

static void expect_json(lua_State *L, const char *lua, const char *want)
{
	char *got;

	if (luaL_dostring(L, lua))
		fail_msg("%s", lua_tostring(L, -1));
	got = top_to_json(L);
	assert_string_equal(got, want);
	free(got);
}

static void expect_failure(lua_State *L, const char *lua, int code, const char *want)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	struct ss_err err;
	int top, rc;

	ss_err_init(&err);
	if (luaL_dostring(L, lua))
		fail_msg("%s", lua_tostring(L, -1));
	top = lua_gettop(L);
	rc = ss_conv_from_lua(L, -1, doc, &err);
	assert_int_equal(lua_gettop(L), top);
	if (rc != code || strcmp(err.message, want) != 0)
		fail_msg("%s: %d '%s'", lua, rc, err.message);
	assert_int_equal(ss_doc_root(doc), SS_NO_NODE);
	lua_pop(L, 1);
}

static void test_values(void **state)
{
	lua_State *L = new_state();

	expect_json(L, "return {b=1, a={1,2}, c=true, d='x', e=null, f=1.5}",
	            "{\"a\":[1,2],\"b\":1,\"c\":true,\"d\":\"x\",\"e\":null,\"f\":1.5}");
	expect_json(L, "return math.maxinteger", "9223372036854775807");
	expect_json(L, "return {2.0, -3.0, 2^53, 2^53 * 4}",
	            "[2,-3,9007199254740992,3.602879701896397e+16]");
	expect_json(L, "return {}", "{}");
	expect_json(L, "return empty", "[]");
	expect_json(
	        L, "return {args={}, containers={}, items={}, metadata={finalizers={}}}",
	        "{\"args\":{},\"containers\":{},\"items\":{},\"metadata\":{\"finalizers\":{}}}");
	expect_json(L, "local t={} for i=1,40 do t['k'..i]=i end return {t.k1, #t}", "[1,0]");
	expect_json(L, "return {abcdefgh=1, abcdefghi=2, abcdefg=3, ['abcdefgh\\0']=nil}",
	            "{\"abcdefg\":3,\"abcdefgh\":1,\"abcdefghi\":2}");
	/* Metamethods of a script do not run. */
	expect_json(L, "return setmetatable({a=1}, {__index=error, __pairs=error, __len=error})",
	            "{\"a\":1}");
	lua_close(L);
}

#define MIXED "keys of a list (1, 2 …) and of an object (texts) in one table"

static void test_failures(void **state)
{
	lua_State *L = new_state();

	expect_failure(L, "return {spec={env={1,2,print}}}", SS_ERR_INVAL,
	               "spec.env[3]: a function has no JSON form");
	expect_failure(L, "return {1, 2, x=3}", SS_ERR_INVAL, MIXED);
	expect_failure(L, "return {x=3, [1.5]=1}", SS_ERR_INVAL, MIXED);
	expect_failure(L, "return {a={[2]=1}}", SS_ERR_INVAL,
	               "a: a list of 1 values has the key 2: there are holes in it");
	expect_failure(L, "return {a=0/0}", SS_ERR_INVAL, "a: NaN has no JSON form");
	expect_failure(L, "return {1/0}", SS_ERR_INVAL, "[1]: infinity has no JSON form");
	expect_failure(L, "return {[true]=1}", SS_ERR_INVAL,
	               "a key is a boolean; keys are texts, or 1, 2 … of a list");
	expect_failure(L, "return {a={b='\\xff'}}", SS_ERR_INVAL,
	               "a.b: the text is not valid UTF-8");
	expect_failure(L, "local t={} t.a={t} return t", SS_ERR_INVAL,
	               "a[1]: the table holds itself");
	expect_failure(L, "local t={} for i=1,300 do t={x=t} end return t", SS_ERR_LIMIT,
	               "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x."
	               "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x."
	               "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x."
	               "x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x.x: nested deeper than 128 levels");
	/* One table shared ten thousand times a thousand. */
	expect_failure(
	        L,
	        "local a={} for i=1,1100 do a[i]=0 end local b={} for i=1,1100 do b[i]=a end "
	        "return {b}",
	        SS_ERR_LIMIT, "[1][909][290]: more than 1000000 values");
	lua_close(L);
}

static void test_order(void **state)
{
	lua_State *L = new_state();
	struct ss_doc *doc =
	        parse("{\"kind\":\"K\",\"a\":{\"x\":1,\"y\":2},\"b\":[{\"z\":1,\"c\":2}]}");
	char *got;

	ss_conv_box_doc(L, doc);
	ss_conv_to_lua(L, doc, ss_doc_root(doc), SS_CONV_ORDERED);
	lua_setglobal(L, "m");
	expect_json(L, "return m",
	            "{\"kind\":\"K\",\"a\":{\"x\":1,\"y\":2},\"b\":[{\"z\":1,\"c\":2}]}");
	expect_json(L, "m.kind=nil m.zz=1 m.aa=2 m.b[1].c=nil return m",
	            "{\"a\":{\"x\":1,\"y\":2},\"b\":[{\"z\":1}],\"aa\":2,\"zz\":1}");
	expect_json(L, "return {getmetatable(m), pcall(setmetatable, m, nil)}",
	            "[\"json.object\",false,\"cannot change a protected metatable\"]");
	/* Equal key sequences share one metatable. */
	for (int i = 0; i < 3; i++) {
		ss_conv_to_lua(L, doc, ss_doc_root(doc), SS_CONV_ORDERED);
		assert_true(lua_getmetatable(L, -1));
	}
	assert_ptr_equal(lua_topointer(L, -1), lua_topointer(L, -3));
	lua_pop(L, 6);
	ss_conv_to_lua(L, doc, ss_doc_root(doc), 0);
	got = top_to_json(L);
	assert_string_equal(got,
	                    "{\"a\":{\"x\":1,\"y\":2},\"b\":[{\"c\":2,\"z\":1}],\"kind\":\"K\"}");
	free(got);
	lua_close(L);
}

/* --- generated values ------------------------------------------------------------ */

static uint32_t seed = 1;

static uint32_t draw(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void write_key(struct ss_doc *doc, unsigned i)
{
	char key[32];
	int len = snprintf(key, sizeof(key), "%c%x/%u", 'a' + (int)draw(26), draw(1 << 20), i);

	ss_doc_key(doc, key, (size_t)len);
}

static void write_value(struct ss_doc *doc, int depth)
{
	static const char *const texts[] = {"", "x", "ünïcödé ✓", "line\nbreak\t\"quoted\"",
	                                    "256Mi"};
	unsigned n = draw(6);

	switch (draw(depth > 5 ? 6 : 9)) {
	case 0:
		ss_doc_null(doc);
		return;
	case 1:
		ss_doc_bool(doc, draw(2));
		return;
	case 2:
		ss_doc_int(doc, (int64_t)((uint64_t)draw(1 << 24) << 40 | draw(1 << 24)) *
		                        (draw(2) ? 1 : -1));
		return;
	case 3:
		if (n % 2)
			ss_doc_real(doc, draw(1000) + 0.25);
		else
			ss_doc_digits(doc, "-18446744073709551616", 21);
		return;
	case 4:
	case 5:
		ss_doc_string(doc, texts[n % 5], strlen(texts[n % 5]));
		return;
	case 6:
		ss_doc_begin_array(doc);
		for (unsigned i = 0; i < n; i++)
			write_value(doc, depth + 1);
		break;
	default:
		ss_doc_begin_object(doc);
		for (unsigned i = 0; i < n; i++) {
			write_key(doc, i);
			write_value(doc, depth + 1);
		}
		break;
	}
	ss_doc_end(doc);
}

/* document -> Lua -> document, equal as values; and through JSON, equal as bytes where the order
 * is kept. */
static void test_round_trips(void **state)
{
	lua_State *L = new_state();
	struct ss_err err;

	ss_err_init(&err);
	for (int i = 0; i < 10000; i++) {
		struct ss_doc *doc = ss_conv_new_doc(L), *back SS_AUTO_DOC = ss_doc_new();
		struct ss_buf a SS_AUTO_BUF = SS_BUF_INIT, b SS_AUTO_BUF = SS_BUF_INIT;

		write_value(doc, 0);
		assert_int_equal(ss_doc_finish(doc, &err), 0);
		ss_conv_to_lua(L, doc, ss_doc_root(doc), i & 1 ? SS_CONV_ORDERED : 0);
		if (ss_conv_from_lua(L, -1, back, &err))
			fail_msg("%d: %s", i, err.message);
		assert_true(ss_doc_equal(doc, ss_doc_root(doc), back, ss_doc_root(back)));
		ss_json_encode(doc, ss_doc_root(doc), &a);
		ss_json_encode(back, ss_doc_root(back), &b);
		if (i & 1)
			assert_string_equal(a.data, b.data);
		assert_int_equal(a.len, b.len);
		ss_lua_close_box(L, 1);
		lua_settop(L, 0);
	}
	lua_close(L);
}

/* --- no memory --------------------------------------------------------------------- */

static int push_and_read(lua_State *L)
{
	struct ss_doc *doc = *(struct ss_doc **)lua_touserdata(L, 1), *back;
	struct ss_err err;

	ss_err_init(&err);
	back = ss_conv_new_doc(L);
	ss_conv_to_lua(L, doc, ss_doc_root(doc), SS_CONV_ORDERED);
	if (ss_conv_from_lua(L, -1, back, &err))
		return luaL_error(L, "%s", err.message);
	if (!ss_doc_equal(doc, ss_doc_root(doc), back, ss_doc_root(back)))
		return luaL_error(L, "not equal");
	return 0;
}

/* Lua's allocator fails from the k-th request on: a clean memory error for each k, then success. */
static void test_torture(void **state)
{
	struct ss_doc *doc =
	        parse("{\"kind\":\"K\",\"a\":{\"x\":1,\"y\":[1,2,{\"q\":{}}]},\"b\":[{\"z\":1,"
	              "\"c\":\"a long text that is not interned by Lua, of 60 bytes\"}]}");
	int failures = 0;

	for (size_t k = 1;; k++) {
		struct ss_alloc alloc = {.max_bytes = 1 << 20};
		lua_State *L = lua_newstate(ss_alloc_realloc, &alloc);
		int status;

		assert_non_null(L);
		lua_pushcfunction(L, push_and_read);
		lua_pushlightuserdata(L, &doc);
		alloc.fail_after = k;
		status = lua_pcall(L, 1, 0, 0);
		alloc.fail_after = 0;
		if (status != LUA_OK)
			assert_int_equal(status, LUA_ERRMEM);
		failures += status != LUA_OK;
		lua_close(L);
		assert_int_equal(alloc.used_bytes, 0);
		if (status == LUA_OK)
			break;
	}
	assert_true(failures > 20);
	ss_doc_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_values),  cmocka_unit_test(test_failures),
	        cmocka_unit_test(test_order),   cmocka_unit_test(test_round_trips),
	        cmocka_unit_test(test_torture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
