/* The environment of adapter files: pure functions only, and nothing in it that
 * differs from run to run (addresses, the order of a hash table, clocks).
 *
 * _ENV is an empty table whose metatable answers reads from `api` and refuses
 * writes; so are string, table, math and utf8. Registry, keyed by the addresses
 * of the statics below:
 *	[env_key] = _ENV, [api_key] = api, [leaked_key] = {name = value} while loading */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/suggest.h"
#include "script/adapter/state.h"
#include "script/raise.h"

static const char env_key, api_key, leaked_key;

/* A table that scripts may not write carries this in its metatable. */
#define FROZEN "frozen"

/* --- values as text ------------------------------------------------------------ */
const char *ss_adapter_tostring(lua_State *L, int index, size_t *ret_len)
{
	index = lua_absindex(L, index);
	if (luaL_callmeta(L, index, "__tostring")) {
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "'__tostring' must return a string");
		return lua_tolstring(L, -1, ret_len);
	}
	switch (lua_type(L, index)) {
	case LUA_TSTRING:
		lua_pushvalue(L, index);
		break;
	case LUA_TNUMBER:
		lua_pushvalue(L, index);
		lua_tolstring(L, -1, NULL);
		break;
	case LUA_TBOOLEAN:
		lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
		break;
	default: /* without its address: that would differ from run to run */
		lua_pushstring(L, luaL_typename(L, index));
		break;
	}
	return lua_tolstring(L, -1, ret_len);
}

static int l_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	ss_adapter_tostring(L, 1, NULL);
	return 1;
}

/* print: one record of the log. */
static int l_print(lua_State *L)
{
	struct ss_adapter_state *st = ss_adapter_state_of(L);
	int n = lua_gettop(L);
	luaL_Buffer b;
	size_t len;
	const char *text;

	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		ss_adapter_tostring(L, i, NULL);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	text = lua_tolstring(L, -1, &len);
	if (ss_adapter_state_may_print(st, len))
		ss_log(SS_LOG_INFO, "policy %s: %s", ss_adapter_state_options(st)->label, text);
	return 0;
}

/* --- protected calls -------------------------------------------------------- */
static int l_pcall(lua_State *L)
{
	int status;

	luaL_checkany(L, 1);
	lua_pushboolean(L, 1);
	lua_insert(L, 1);
	status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
	ss_adapter_state_rethrow(L, status);
	if (status == LUA_OK)
		return lua_gettop(L);
	ss_raise_note(L, -1, "");
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

/* xpcall(f, handler, …): the handler runs after f is gone rather than on top of
 * it, where the count hook would be off. */
static int l_xpcall(lua_State *L)
{
	int status;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_pushvalue(L, 1); /* f handler args… f */
	lua_pushvalue(L, 2); /* f handler args… f handler */
	lua_replace(L, 1);
	lua_replace(L, 2); /* handler f args… */
	status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
	ss_adapter_state_rethrow(L, status);
	if (status == LUA_OK) {
		lua_pushboolean(L, 1);
		lua_replace(L, 1);
		return lua_gettop(L);
	}
	ss_raise_note(L, -1, "");
	lua_call(L, 1, LUA_MULTRET); /* handler(error) */
	lua_pushboolean(L, 0);
	lua_insert(L, 1);
	return lua_gettop(L);
}

/* --- metatables ------------------------------------------------------------- */
static bool is_frozen(lua_State *L, int index)
{
	bool frozen;

	if (!lua_getmetatable(L, index))
		return false;
	lua_pushstring(L, FROZEN);
	lua_rawget(L, -2);
	frozen = lua_toboolean(L, -1);
	lua_pop(L, 2);
	return frozen;
}

/* setmetatable(t, mt): mt is copied, so that later edits of it change nothing, and
 * only operators, __index, __newindex, __call and __tostring are taken. */
static int l_setmetatable(lua_State *L)
{
	static const char *const allowed[] = {
	        "__index", "__newindex", "__call", "__tostring", "__concat", "__eq",
	        "__lt",    "__le",       "__unm",  "__add",      "__sub",    "__mul",
	        "__div",   "__mod",      "__pow",  "__idiv",     "__band",   "__bor",
	        "__bxor",  "__shl",      "__shr",  "__bnot",
	};

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argcheck(L, lua_isnoneornil(L, 2) || lua_istable(L, 2), 2, "nil or table expected");
	if (is_frozen(L, 1))
		return ss_adapter_raise(L, "this table is read-only");
	lua_settop(L, 2);
	if (lua_isnil(L, 2)) {
		lua_setmetatable(L, 1);
		return 1;
	}
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, 2)) {
		bool ok = false;

		for (size_t i = 0; i < SS_ARRAY_LEN(allowed) && !ok; i++)
			ok = lua_type(L, -2) == LUA_TSTRING &&
			     strcmp(lua_tostring(L, -2), allowed[i]) == 0;
		/* Other fields starting with __ have a meaning to Lua that policies may not use. */
		if (!ok && lua_type(L, -2) == LUA_TSTRING &&
		    strncmp(lua_tostring(L, -2), "__", 2) == 0)
			return ss_adapter_raise(L, "metafield '%s' is not allowed in a policy",
			                        lua_tostring(L, -2));
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, 3);
	}
	lua_setmetatable(L, 1);
	lua_settop(L, 1);
	return 1;
}

static int frozen_newindex(lua_State *L)
{
	return ss_adapter_raise(L, "%s is read-only", lua_tostring(L, lua_upvalueindex(1)));
}

void ss_adapter_env_freeze(lua_State *L, const char *name)
{
	lua_newtable(L);          /* real proxy */
	lua_createtable(L, 0, 3); /* real proxy mt */
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushstring(L, name);
	lua_pushcclosure(L, frozen_newindex, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 1);
	lua_setfield(L, -2, FROZEN);
	lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

/* --- globals ------------------------------------------------------------------- */
enum { MAX_WORDS = 96 };

size_t ss_adapter_env_names(lua_State *L, const char **names, size_t max)
{
	size_t n = 0;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &api_key);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (n < max && lua_type(L, -2) == LUA_TSTRING)
			names[n++] = lua_tostring(L, -2);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return n;
}

/* "unknown global 'tabel': did you mean 'table'?" */
static int unknown_global(lua_State *L, const char *name)
{
	const char *words[MAX_WORDS], *near;
	size_t n = ss_adapter_env_names(L, words, MAX_WORDS);

	near = ss_suggest(name, words, n);
	if (near)
		return ss_adapter_raise(L, "unknown global '%s': did you mean '%s'?", name, near);
	return ss_adapter_raise(L, "unknown global '%s'", name);
}

static int env_index(lua_State *L)
{
	struct ss_adapter_state *st = ss_adapter_state_of(L);
	const struct ss_adapter_state_options *o = ss_adapter_state_options(st);
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";

	if (!ss_adapter_state_loading(st))
		return unknown_global(L, name);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &leaked_key);
	lua_pushvalue(L, 2);
	lua_rawget(L, -2);
	if (lua_isnil(L, -1))
		return unknown_global(L, name);
	o->global(o->ud, L, name, false);
	return 1;
}

static int env_newindex(lua_State *L)
{
	struct ss_adapter_state *st = ss_adapter_state_of(L);
	const struct ss_adapter_state_options *o = ss_adapter_state_options(st);
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";

	if (!ss_adapter_state_loading(st))
		return ss_adapter_raise(L, "assignment to global '%s': declare it with 'local %s'",
		                        name, name);
	/* Told, and remembered: the rest of the file shall be looked at too. */
	o->global(o->ud, L, name, true);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &leaked_key);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, 3);
	lua_rawset(L, -3);
	return 0;
}

void ss_adapter_env_push(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_key);
}

void ss_adapter_env_set(lua_State *L, const char *name)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &api_key);
	lua_insert(L, -2);
	lua_setfield(L, -2, name);
	lua_pop(L, 1);
}

static int l_require(lua_State *L)
{
	const struct ss_adapter_state_options *o = ss_adapter_state_options(ss_adapter_state_of(L));

	o->require(L, luaL_checkstring(L, 1), o->ud);
	return 1;
}

/* --- table ---------------------------------------------------------------------- */
enum { MOVE_MAX = 1 << 20 };

/* table.move with a bound: the stock one runs as long as its arguments say. */
static int l_move(lua_State *L)
{
	lua_Integer f = luaL_checkinteger(L, 2), e = luaL_checkinteger(L, 3);

	if (e >= f && (lua_Unsigned)e - (lua_Unsigned)f >= MOVE_MAX)
		return luaL_argerror(L, 3, "too many elements to move");
	ss_adapter_state_charge(L, e >= f ? (size_t)(e - f) * 16 : 0);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* A stock function that is linear in its first argument, charged for it. */
static int l_charged(lua_State *L)
{
	ss_adapter_state_charge(L, lua_rawlen(L, 1));
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* The functions named (ending in NULL) of the table at the top go to a new table, in its place. */
static void pick(lua_State *L, const char *const *names)
{
	lua_newtable(L);
	for (; *names; names++) {
		lua_getfield(L, -2, *names);
		if (lua_iscfunction(L, -1))
			lua_pushcclosure(L, l_charged, 1);
		lua_setfield(L, -2, *names);
	}
	lua_remove(L, -2);
}

static void open_libraries(lua_State *L)
{
	static const char *const tables[] = {"concat", "insert", "move",   "pack",
	                                     "remove", "sort",   "unpack", NULL};
	static const char *const maths[] = {"abs",        "ceil",       "floor", "fmod", "max",
	                                    "min",        "modf",       "sqrt",  "exp",  "log",
	                                    "tointeger",  "type",       "ult",   "pi",   "huge",
	                                    "maxinteger", "mininteger", NULL};
	static const char *const utf8s[] = {"char", "charpattern", "codepoint", "codes",
	                                    "len",  "offset",      NULL};

	luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 0);
	lua_getfield(L, -1, "move");
	lua_insert(L, -2); /* move table */
	pick(L, tables);
	lua_insert(L, -2);
	lua_pushcclosure(L, l_move, 1);
	lua_setfield(L, -2, "move");
	ss_adapter_env_freeze(L, "table");
	ss_adapter_env_set(L, "table");
	luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 0);
	pick(L, maths);
	ss_adapter_env_freeze(L, "math");
	ss_adapter_env_set(L, "math");
	luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 0);
	pick(L, utf8s);
	ss_adapter_env_freeze(L, "utf8");
	ss_adapter_env_set(L, "utf8");
	ss_adapter_string_open(L);
	ss_adapter_env_freeze(L, "string");
	ss_adapter_env_set(L, "string");
}

static void open_base(lua_State *L)
{
	static const char *const stock[] = {"ipairs", "rawequal", "rawget", "rawlen",
	                                    "select", "type",     NULL};
	static const luaL_Reg ours[] = {
	        {"assert", ss_raise_assert},
	        {"error", ss_raise_error},
	        {"next", ss_adapter_next},
	        {"pairs", ss_adapter_pairs},
	        {"pcall", l_pcall},
	        {"print", l_print},
	        {"setmetatable", l_setmetatable},
	        {"tostring", l_tostring},
	        {"xpcall", l_xpcall},
	        {"require", l_require},
	        {NULL, NULL},
	};

	luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
	for (const char *const *name = stock; *name; name++) {
		lua_getfield(L, -1, *name);
		ss_adapter_env_set(L, *name);
	}
	lua_getfield(L, -1, "tonumber");
	lua_pushcclosure(L, l_charged, 1);
	ss_adapter_env_set(L, "tonumber");
	lua_pop(L, 1);
	for (const luaL_Reg *f = ours; f->name; f++) {
		lua_pushcfunction(L, f->func);
		ss_adapter_env_set(L, f->name);
	}
}

void ss_adapter_env_open(lua_State *L, const struct ss_adapter_state_options *options)
{
	lua_newtable(L); /* _ENV */
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_key);
	lua_newtable(L); /* its metatable */
	lua_newtable(L); /* api */
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, env_index);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &api_key);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, env_newindex);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 1);
	lua_setfield(L, -2, FROZEN);
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &leaked_key);
	open_base(L);
	open_libraries(L);
}
