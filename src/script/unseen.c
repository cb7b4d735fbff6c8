/* The list lives in the registry while errors are watched: {[error] = its number}, and their count at [0]. */
#include "script/unseen.h"

#include <lauxlib.h>

#include "script/luax.h"

static const char list_key;   /* registry: the list */
static const char fields_key; /* in an error that is not filled: the table of its fields */

/* A script that fails in a loop: the first ones tell enough. */
enum { MAX_UNSEEN = 100 };

/* Push the list; false and nothing when errors are not watched. */
static bool push_list(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &list_key) == LUA_TTABLE)
		return true;
	lua_pop(L, 1);
	return false;
}

void ss_unseen_watch(lua_State *L)
{
	lua_newtable(L);
	lua_pushinteger(L, 0);
	lua_rawseti(L, -2, 0);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &list_key);
}

void ss_unseen_wrap(lua_State *L)
{
	lua_Integer n;

	luaL_checkstack(L, 5, "error");
	if (!push_list(L))
		return;
	lua_rawgeti(L, -1, 0);
	n = lua_tointeger(L, -1) + 1;
	lua_pop(L, 1);
	if (n > MAX_UNSEEN) {
		lua_pop(L, 1);
		return;
	}
	lua_pushinteger(L, n);
	lua_rawseti(L, -2, 0);
	lua_createtable(L, 0, 8);
	lua_getmetatable(L, -3);
	lua_setmetatable(L, -2);
	lua_pushvalue(L, -3);
	lua_rawsetp(L, -2, &fields_key);
	lua_pushvalue(L, -1);
	lua_pushinteger(L, n);
	lua_rawset(L, -4);
	/* error list waiting */
	lua_replace(L, -3);
	lua_pop(L, 1);
}

/* To nil, of a key that is there or not: allocates nothing. */
static void mark_seen(lua_State *L, int index)
{
	if (!push_list(L))
		return;
	lua_pushvalue(L, index);
	if (lua_rawget(L, -2) != LUA_TNIL) {
		lua_pushvalue(L, index);
		lua_pushnil(L);
		lua_rawset(L, -4);
	}
	lua_pop(L, 2);
}

bool ss_unseen_push_fields(lua_State *L, int index)
{
	index = lua_absindex(L, index);
	if (!lua_istable(L, index))
		return false;
	if (lua_rawgetp(L, index, &fields_key) == LUA_TTABLE) {
		mark_seen(L, index);
		return true;
	}
	lua_pop(L, 1);
	return false;
}

void ss_unseen_fill(lua_State *L, int index, bool look)
{
	index = lua_absindex(L, index);
	if (!lua_istable(L, index))
		return;
	luaL_checkstack(L, 5, "error");
	if (look)
		mark_seen(L, index);
	if (lua_rawgetp(L, index, &fields_key) != LUA_TTABLE) {
		lua_pop(L, 1);
		return;
	}
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, index);
	}
	lua_pop(L, 1);
	lua_pushnil(L);
	lua_rawsetp(L, index, &fields_key);
}

/* --- the metatable of errors ------------------------------------------------------------- */
static int l_index(lua_State *L)
{
	ss_unseen_fill(L, 1, true);
	lua_settop(L, 2);
	lua_rawget(L, 1);
	return 1;
}

static int l_newindex(lua_State *L)
{
	ss_unseen_fill(L, 1, true);
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 0;
}

static int l_len(lua_State *L)
{
	ss_unseen_fill(L, 1, true);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
	return 1;
}

static int l_next(lua_State *L)
{
	lua_settop(L, 2);
	if (lua_next(L, 1))
		return 2;
	lua_pushnil(L);
	return 1;
}

static int l_pairs(lua_State *L)
{
	ss_unseen_fill(L, 1, true);
	lua_pushcfunction(L, l_next);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

void ss_unseen_add_methods(lua_State *L)
{
	static const luaL_Reg methods[] = {{"__index", l_index},
	                                   {"__newindex", l_newindex},
	                                   {"__len", l_len},
	                                   {"__pairs", l_pairs},
	                                   {NULL, NULL}};

	luaL_setfuncs(L, methods, 0);
}

/* --- the end of an input ------------------------------------------------------------------ */
/* Stack: list. What the globals hold is not unseen. */
static void leave_out_globals(lua_State *L)
{
	lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		if (lua_istable(L, -1) && ss_lua_is_err(L, -1))
			mark_seen(L, lua_gettop(L));
	}
	lua_pop(L, 1);
}

void ss_unseen_take(lua_State *L)
{
	lua_Integer max, n = 0;

	luaL_checkstack(L, 8, "errors");
	if (!push_list(L)) {
		lua_newtable(L);
		return;
	}
	leave_out_globals(L);
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &list_key);
	lua_rawgeti(L, -1, 0);
	max = lua_tointeger(L, -1);
	lua_pop(L, 1);
	lua_pushnil(L);
	lua_rawseti(L, -2, 0);
	/* by number, then those that are left closed up */
	lua_createtable(L, (int)max, 0);
	for (lua_pushnil(L); lua_next(L, -3); lua_pop(L, 1)) {
		lua_pushvalue(L, -2);
		lua_rawseti(L, -4, lua_tointeger(L, -2));
	}
	lua_newtable(L);
	for (lua_Integer i = 1; i <= max; i++) {
		if (lua_rawgeti(L, -2, i) == LUA_TTABLE) {
			ss_unseen_fill(L, -1, false);
			lua_rawseti(L, -2, ++n);
		} else {
			lua_pop(L, 1);
		}
	}
	lua_replace(L, -3);
	lua_pop(L, 1);
}
