#include "script/raise.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

/* Errors are raised again soon, so a few strings do. */
enum { REMEMBERED = 16 };
static const char strings_key, places_key;

void ss_raise_where(lua_State *at, int level, char *out, size_t size)
{
	lua_Debug ar;

	*out = 0;
	for (; !*out && lua_getstack(at, level, &ar); level++) {
		lua_getinfo(at, "Sl", &ar);
		if (ar.currentline > 0 && strncmp(ar.short_src, "ss.", 3) != 0)
			snprintf(out, size, "%s:%d", ar.short_src, ar.currentline);
	}
}

bool ss_raise_has_place(lua_State *L, int index)
{
	const char *text = lua_tostring(L, index), *at = text;

	while ((at = strchr(at, ':')) && at - text <= LUA_IDSIZE) {
		size_t digits = strspn(++at, "0123456789");

		if (digits && at[digits] == ':' && at[digits + 1] == ' ')
			return true;
	}
	return false;
}

bool ss_raise_is_again(lua_State *L, int index)
{
	bool is = false;

	index = lua_absindex(L, index);
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &strings_key) == LUA_TTABLE) {
		for (int i = 1; i <= REMEMBERED && !is; i++) {
			lua_rawgeti(L, -1, i);
			is = lua_rawequal(L, -1, index);
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
	return is;
}

/* Stack: the table of key, made on first use. */
static void push_table(lua_State *L, const void *key, const char *mode)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushstring(L, mode);
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static void note_string(lua_State *L, int index)
{
	lua_Integer n;

	if (!ss_raise_has_place(L, index) || ss_raise_is_again(L, index))
		return;
	push_table(L, &strings_key, "");
	lua_rawgeti(L, -1, 0);
	n = lua_tointeger(L, -1) % REMEMBERED + 1;
	lua_pushvalue(L, index);
	lua_rawseti(L, -3, n);
	lua_pushinteger(L, n);
	lua_rawseti(L, -3, 0);
	lua_pop(L, 2);
}

void ss_raise_note(lua_State *L, int index, const char *where)
{
	index = lua_absindex(L, index);
	if (lua_type(L, index) == LUA_TSTRING)
		note_string(L, index);
	if (!lua_istable(L, index) || ss_raise_place(L, index))
		return;
	push_table(L, &places_key, "k");
	lua_pushvalue(L, index);
	lua_pushstring(L, where);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

const char *ss_raise_place(lua_State *L, int index)
{
	const char *place;

	index = lua_absindex(L, index);
	if (!lua_istable(L, index))
		return NULL;
	push_table(L, &places_key, "k");
	lua_pushvalue(L, index);
	lua_rawget(L, -2);
	place = lua_tostring(L, -1);
	lua_pop(L, 2);
	return place;
}

int ss_raise_error(lua_State *L)
{
	int level = (int)luaL_optinteger(L, 2, 1);

	lua_settop(L, 1);
	if (lua_type(L, 1) == LUA_TSTRING && level > 0 && !ss_raise_is_again(L, 1)) {
		luaL_where(L, level);
		lua_insert(L, 1);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

int ss_raise_assert(lua_State *L)
{
	if (lua_toboolean(L, 1))
		return lua_gettop(L);
	luaL_checkany(L, 1);
	lua_remove(L, 1);
	lua_pushliteral(L, "assertion failed!");
	lua_settop(L, 1);
	return ss_raise_error(L);
}
