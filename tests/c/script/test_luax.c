#include "host_fixture.h"

#include <lualib.h>

#include "base/doc.h"
#include "script/luax.h"

static int freed;

static void count_free(void *ptr)
{
	assert_non_null(ptr);
	freed++;
}

static int l_box(lua_State *L)
{
	void **slot = ss_lua_new_box(L, "test.box", count_free);

	*slot = &freed;
	if (lua_toboolean(L, 1))
		ss_lua_close_box(L, -1);
	return 1;
}

static int l_options(lua_State *L)
{
	static const char *const names[] = {"timeout", "wait", "name", "count", NULL};

	lua_settop(L, 1);
	ss_lua_check_options(L, 1, "t.f", names);
	lua_pushinteger(L, ss_lua_opt_seconds_ms(L, 1, "t.f", "timeout", 30000));
	lua_pushboolean(L, ss_lua_opt_bool(L, 1, "t.f", "wait", true));
	lua_pushstring(L, ss_lua_opt_string(L, 1, "t.f", "name", "none"));
	lua_pushinteger(L, ss_lua_opt_int(L, 1, "t.f", "count", 1, 10, 5));
	return 4;
}

static int l_fail(lua_State *L)
{
	struct ss_err err;
	bool policy = lua_toboolean(L, 1);

	ss_err_init(&err);
	ss_err_set(&err, policy ? SS_ERR_POLICY : SS_ERR_CONFLICT, "it is taken");
	err.status = 409;
	err.retryable = true;
	snprintf(err.reason, sizeof(err.reason), "Conflict");
	snprintf(err.op, sizeof(err.op), "apply");
	ss_err_set_object(&err, "Sandbox", "demo", "s1");
	err.details = ss_doc_new();
	ss_doc_begin_array(err.details);
	ss_doc_begin_object(err.details);
	ss_doc_put_string(err.details, "path", "spec.x");
	ss_doc_end(err.details);
	ss_doc_end(err.details);
	return ss_lua_fail(L, &err);
}

static lua_State *new_state(void)
{
	lua_State *L = luaL_newstate();

	luaL_openlibs(L);
	lua_register(L, "box", l_box);
	lua_register(L, "options", l_options);
	lua_register(L, "fail", l_fail);
	freed = 0;
	return L;
}

static void expect(lua_State *L, const char *lua, const char *want)
{
	lua_settop(L, 0);
	luaL_loadbuffer(L, lua, strlen(lua), "=t");
	lua_pcall(L, 0, 1, 0);
	assert_string_equal(luaL_tolstring(L, 1, NULL), want);
}

static void test_options(void **state)
{
	lua_State *L = new_state();

	expect(L,
	       "return table.concat({tostring(select(1, options())), select(3, options(nil))}, ' "
	       "')",
	       "30000 none 5");
	expect(L, "return (options{timeout=0.0015})", "2");
	expect(L, "return select(2, options{wait=false})", "false");
	expect(L, "options{timout=1}",
	       "t:1: t.f: unknown option 'timout': did you mean 'timeout'?");
	expect(L, "options{[1]=1}", "t:1: t.f: option names are strings, not a number");
	expect(L, "options('x')", "t:1: t.f: the options must be a table, not a string");
	expect(L, "options{timeout='1'}",
	       "t:1: t.f: option 'timeout' must be a number of seconds, not a string");
	expect(L, "options{timeout=0}", "t:1: t.f: option 'timeout' must be seconds above 0");
	expect(L, "options{wait=1}", "t:1: t.f: option 'wait' must be true or false, not a number");
	expect(L, "options{name={}}", "t:1: t.f: option 'name' must be a string, not a table");
	expect(L, "options{name='a\\0b'}", "t:1: t.f: option 'name' holds a NUL byte");
	expect(L, "options{count=11}", "t:1: t.f: option 'count' must be from 1 to 10");
	expect(L, "options{count=1.5}", "t:1: t.f: option 'count' must be an integer");
	lua_close(L);
}

static void test_boxes(void **state)
{
	lua_State *L = new_state();

	expect(L, "do local b <close> = box() end return 1", "1");
	assert_int_equal(freed, 1);
	expect(L, "pcall(function() local b <close> = box() error('x') end) return 1", "1");
	assert_int_equal(freed, 2);
	expect(L, "box(true) collectgarbage() return 1", "1");
	assert_int_equal(freed, 3);
	expect(L, "B = box() return tostring(getmetatable(B))", "false");
	lua_close(L);
	assert_int_equal(freed, 4);
}

static void test_error_tables(void **state)
{
	lua_State *L = new_state();

	expect(L, "local ok, e = fail() return tostring(e)", "apply Sandbox demo/s1: it is taken");
	expect(L,
	       "local ok, e = fail() return table.concat({tostring(ok), e.code, e.status, "
	       "e.reason, "
	       "tostring(e.retryable), e.op, e.object, e.causes[1].path, #e}, ' ')",
	       "nil conflict 409 Conflict true apply Sandbox demo/s1 spec.x 0");
	expect(L, "local ok, e = fail(true) return e.code .. e[1].path .. tostring(e.causes)",
	       "policyspec.xnil");
	expect(L, "local ok, e = pcall(function() assert(fail()) end) return e.code", "conflict");
	expect(L, "return getmetatable(select(2, fail()))", "sandscript.error");
	lua_close(L);
}

static void test_to_err(void **state)
{
	lua_State *L = new_state();
	struct ss_err err;

	ss_err_init(&err);
	luaL_dostring(L, "return select(2, fail(true))");
	ss_lua_to_err(L, -1, &err);
	assert_int_equal(err.code, SS_ERR_POLICY);
	assert_int_equal(err.status, 409);
	assert_true(err.retryable);
	luaL_dostring(L, "local _, e = fail(true) rawset(e, 'retryable', false) return e");
	ss_lua_to_err(L, -1, &err);
	assert_false(err.retryable);
	assert_string_equal(err.message, "it is taken");
	assert_string_equal(err.object, "Sandbox demo/s1");
	assert_string_equal(ss_doc_find_string(err.details,
	                                       ss_doc_at(err.details, ss_doc_root(err.details), 0),
	                                       "path", NULL),
	                    "spec.x");
	luaL_dostring(L, "return 'a\\nb\\27'");
	ss_lua_to_err(L, -1, &err);
	assert_int_equal(err.code, SS_ERR_SCRIPT);
	assert_string_equal(err.message, "a\nb\\x1b");
	assert_null(err.details);
	luaL_dostring(L, "return {}");
	ss_lua_to_err(L, -1, &err);
	assert_string_equal(err.message, "(error object is a table value)");
	luaL_dostring(L, "return setmetatable({}, {__tostring = function() return 'shown' end})");
	ss_lua_to_err(L, -1, &err);
	assert_string_equal(err.message, "shown");
	luaL_dostring(L, "return setmetatable({}, {__tostring = error})");
	ss_lua_to_err(L, -1, &err);
	assert_string_equal(err.message, "(error object is a table value whose __tostring fails)");
	ss_err_done(&err);
	lua_close(L);
}

static void test_escape_lines(void **state)
{
	char out[32];

	ss_lua_escape_lines("a\n\tb\x01", 5, out, sizeof(out));
	assert_string_equal(out, "a\n\tb\\x01");
	ss_lua_escape_lines("0123456789012345678901234567890123456789", 40, out, sizeof(out));
	assert_true(strlen(out) < sizeof(out));
	ss_lua_escape_lines("", 0, out, sizeof(out));
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_options),      cmocka_unit_test(test_boxes),
	        cmocka_unit_test(test_error_tables), cmocka_unit_test(test_to_err),
	        cmocka_unit_test(test_escape_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
