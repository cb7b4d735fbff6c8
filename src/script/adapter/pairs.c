/* pairs and next of adapter files, in an order that does not depend on where a
 * table lies: equal inputs must give equal results. */
#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "script/adapter/state.h"

/* Order of keys: integers and other numbers by value, strings by bytes, booleans. */
static int class_of(lua_State *L, int index)
{
	switch (lua_type(L, index)) {
	case LUA_TNUMBER:
		return 1;
	case LUA_TSTRING:
		return 2;
	case LUA_TBOOLEAN:
		return 3;
	default:
		return 4;
	}
}

static bool key_less(lua_State *L, int a, int b)
{
	int ca = class_of(L, a), cb = class_of(L, b);
	size_t la, lb;
	const char *sa, *sb;
	int c;

	if (ca != cb)
		return ca < cb;
	switch (ca) {
	case 1:
		return lua_compare(L, a, b, LUA_OPLT);
	case 2:
		sa = lua_tolstring(L, a, &la);
		sb = lua_tolstring(L, b, &lb);
		c = memcmp(sa, sb, la < lb ? la : lb);
		return c < 0 || (c == 0 && la < lb);
	case 3:
		return !lua_toboolean(L, a) && lua_toboolean(L, b);
	default:
		return luaL_error(L,
		                  "a table with a %s as key has no order: use strings or numbers",
		                  luaL_typename(L, a));
	}
}

static bool slot_less(lua_State *L, int keys, lua_Integer i, lua_Integer j)
{
	bool less;

	lua_rawgeti(L, keys, i);
	lua_rawgeti(L, keys, j);
	less = key_less(L, lua_gettop(L) - 1, lua_gettop(L));
	lua_pop(L, 2);
	return less;
}

static void slot_swap(lua_State *L, int keys, lua_Integer i, lua_Integer j)
{
	lua_rawgeti(L, keys, i);
	lua_rawgeti(L, keys, j);
	lua_rawseti(L, keys, i);
	lua_rawseti(L, keys, j);
}

static void sift(lua_State *L, int keys, lua_Integer root, lua_Integer n)
{
	for (lua_Integer child; (child = 2 * root) <= n; root = child) {
		if (child < n && slot_less(L, keys, child, child + 1))
			child++;
		if (!slot_less(L, keys, root, child))
			return;
		slot_swap(L, keys, root, child);
	}
}

/* Heap sort of the list at index keys: no recursion, no worst case. */
static void sort_keys(lua_State *L, int keys, lua_Integer n)
{
	for (lua_Integer i = n / 2; i >= 1; i--)
		sift(L, keys, i, n);
	for (lua_Integer i = n; i > 1; i--) {
		slot_swap(L, keys, 1, i);
		sift(L, keys, 1, i - 1);
		ss_adapter_state_charge(L, 64);
	}
}

/* The sorted keys of the table at index, pushed; returns their count. */
static lua_Integer push_keys(lua_State *L, int index)
{
	lua_Integer n = 0;

	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, index)) {
		lua_pop(L, 1);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, ++n);
		ss_adapter_state_charge(L, 16);
	}
	sort_keys(L, lua_gettop(L), n);
	return n;
}

/* upvalues: keys, position. Keys that are gone meanwhile are left out. */
static int pairs_step(lua_State *L)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));

	for (;;) {
		lua_rawgeti(L, lua_upvalueindex(1), ++i);
		lua_pushinteger(L, i);
		lua_replace(L, lua_upvalueindex(2));
		if (lua_isnil(L, -1))
			return 1;
		lua_pushvalue(L, -1);
		lua_rawget(L, 1);
		if (!lua_isnil(L, -1))
			return 2;
		lua_pop(L, 2);
	}
}

int ss_adapter_pairs(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	push_keys(L, 1);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, pairs_step, 2);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* next(t, key): the least key above key. */
int ss_adapter_next(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2); /* t key */
	lua_pushnil(L);   /* best */
	lua_pushnil(L);
	while (lua_next(L, 1)) { /* t key best k v */
		lua_pop(L, 1);
		ss_adapter_state_charge(L, 16);
		if ((lua_isnil(L, 2) || key_less(L, 2, 4)) &&
		    (lua_isnil(L, 3) || key_less(L, 4, 3))) {
			lua_pushvalue(L, 4);
			lua_replace(L, 3);
		}
	}
	if (lua_isnil(L, 3))
		return 1;
	lua_pushvalue(L, 3);
	lua_rawget(L, 1);
	return 2;
}
