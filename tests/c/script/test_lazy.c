#include "host_fixture.h"

#include <lualib.h>

#include "base/doc.h"
#include "base/json.h"
#include "script/conv.h"
#include "script/lazy.h"

static const char text[] = "{\"kind\":\"ConfigMap\",\"data\":{\"k\":[1,null,{}]},\"a\":1.0}";
static const char sorted[] = "{\"a\":1,\"data\":{\"k\":[1,null,{}]},\"kind\":\"ConfigMap\"}";

/* An allocator that fails from the n-th allocation on; negative = never. */
static long left = -1;

static void *failing(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	(void)ud;
	if (!new_size) {
		free(ptr);
		return NULL;
	}
	if ((!ptr || new_size > old_size) && left >= 0 && left-- == 0) {
		left = 0;
		return NULL;
	}
	return realloc(ptr, new_size);
}

static lua_State *new_state(void)
{
	lua_State *L = lua_newstate(failing, NULL);

	assert_non_null(L);
	luaL_openlibs(L);
	ss_lazy_open(L);
	return L;
}

static void push_object(lua_State *L)
{
	ss_lazy_push(L, text, sizeof(text) - 1);
}

static void expect_json(lua_State *L, int index, const char *want)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err;

	ss_err_init(&err);
	assert_int_equal(ss_conv_from_lua(L, index, doc, &err), 0);
	assert_int_equal(ss_doc_finish(doc, &err), 0);
	ss_json_encode(doc, ss_doc_root(doc), &out);
	assert_string_equal(out.data, want);
}

static void test_reads_the_same_before_and_after(void **state)
{
	lua_State *L = new_state();

	(void)state;
	push_object(L);
	assert_non_null(ss_lazy_text(L, -1, NULL));
	expect_json(L, -1, sorted);
	assert_non_null(ss_lazy_text(L, -1, NULL)); /* reading filled nothing */
	ss_lazy_fill(L, -1);
	assert_null(ss_lazy_text(L, -1, NULL));
	assert_false(lua_getmetatable(L, -1));
	expect_json(L, -1, sorted);
	ss_lazy_fill(L, -1); /* a filled table is left alone */
	assert_int_equal(lua_gettop(L), 1);
	lua_close(L);
}

static int l_fill(lua_State *L)
{
	ss_lazy_fill(L, 1);
	return 0;
}

/* Whatever allocation fails, the object can be filled later. */
static void test_survives_lack_of_memory(void **state)
{
	lua_State *L = new_state();
	int failures = 0;

	(void)state;
	for (long n = 0;; n++) {
		int rc;

		lua_settop(L, 0);
		push_object(L);
		lua_pushcfunction(L, l_fill);
		lua_pushvalue(L, 1);
		left = n;
		rc = lua_pcall(L, 1, 0, 0);
		left = -1;
		if (rc == LUA_OK)
			break;
		failures++;
		lua_settop(L, 1);
		ss_lazy_fill(L, 1);
		expect_json(L, 1, sorted);
	}
	assert_true(failures > 3);
	lua_close(L);
}

/* Rings and shared tables end the search. */
static void test_fills_all_that_a_value_holds(void **state)
{
	lua_State *L = new_state();

	(void)state;
	lua_newtable(L);
	lua_pushvalue(L, 1);
	lua_setfield(L, 1, "itself");
	lua_newtable(L);
	push_object(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, 1, "again");
	lua_rawseti(L, 2, 1);
	lua_setfield(L, 1, "list");
	ss_lazy_fill_all(L, 1);
	assert_int_equal(lua_gettop(L), 1);
	lua_getfield(L, 1, "again");
	assert_null(ss_lazy_text(L, -1, NULL));
	expect_json(L, -1, sorted);
	lua_pushinteger(L, 1);
	ss_lazy_fill_all(L, -1);
	assert_int_equal(lua_gettop(L), 3);
	lua_close(L);
}

static void test_is_eager_where_nobody_opened_it(void **state)
{
	lua_State *L = luaL_newstate();

	(void)state;
	push_object(L);
	assert_null(ss_lazy_text(L, -1, NULL));
	expect_json(L, -1, sorted);
	assert_int_equal(lua_gettop(L), 1);
	lua_close(L);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_reads_the_same_before_and_after),
	        cmocka_unit_test(test_survives_lack_of_memory),
	        cmocka_unit_test(test_fills_all_that_a_value_holds),
	        cmocka_unit_test(test_is_eager_where_nobody_opened_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
