#include "script/embedded.h"

#include <lauxlib.h>
#include <string.h>

/* Registry[&values_key] = {[name] = value}; registry[&modules_key] = the engine's modules;
 * registry[&env_key] = the globals that the embedded Lua sees. */
static const char values_key, modules_key, env_key;

const struct ss_embedded *ss_embedded_find(const char *name)
{
	for (const struct ss_embedded *e = ss_embedded_modules; e->name; e++) {
		if (strcmp(e->name, name) == 0)
			return e;
	}
	return NULL;
}

void ss_embedded_list(lua_State *L)
{
	lua_Integer i = 0;

	lua_newtable(L);
	for (const struct ss_embedded *e = ss_embedded_modules; e->name; e++) {
		lua_pushstring(L, e->name);
		lua_rawseti(L, -2, ++i);
	}
}

/* Copy what the table at from has into the one at to. */
static void copy_fields(lua_State *L, int from, int to)
{
	for (lua_pushnil(L); lua_next(L, from);) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, to); /* env key */
	}
}

/* A person may call a variable `table` or `type`, and the embedded Lua is loaded late: it sees the
 * globals as they were when the state was made, and what is not among them where it is now. print
 * is left out: what replaces it is meant to be used. */
static void push_env(lua_State *L, int modules)
{
	int env;

	luaL_checkstack(L, 8, "module");
	lua_newtable(L);
	env = lua_gettop(L);
	lua_pushglobaltable(L);
	copy_fields(L, env + 1, env);
	copy_fields(L, modules, env);
	lua_pushnil(L);
	lua_setfield(L, env, "print");
	lua_createtable(L, 0, 2);
	lua_insert(L, -2); /* env meta _G */
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "__index");
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, env);
}

void ss_embedded_set_modules(lua_State *L)
{
	push_env(L, lua_gettop(L));
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_key);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &modules_key);
}

static void push_values(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &values_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &values_key);
}

void ss_embedded_require(lua_State *L, const char *name)
{
	const struct ss_embedded *e = ss_embedded_find(name);
	int top = lua_gettop(L);

	luaL_checkstack(L, 8, "module");
	push_values(L);
	if (lua_getfield(L, -1, name) != LUA_TNIL) {
		lua_remove(L, top + 1);
		return;
	}
	lua_pop(L, 1);
	if (!e)
		luaL_error(L, "there is no module '%s' in this program", name);
	/* "=ss.x": tracebacks shown to people leave these frames out. */
	lua_pushfstring(L, "=%s", name);
	if (luaL_loadbufferx(L, e->text, e->len, lua_tostring(L, -1), "t") != LUA_OK)
		lua_error(L);
	lua_remove(L, -2);
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &env_key) == LUA_TNIL || !lua_setupvalue(L, -2, 1))
		lua_pop(L, 1);
	lua_pushstring(L, name);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &modules_key);
	lua_call(L, 2, 1);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, 1);
	}
	lua_pushvalue(L, -1);
	lua_setfield(L, top + 1, name);
	lua_remove(L, top + 1);
}

/* __index(t, key); upvalue: module name. */
static int l_lazy_index(lua_State *L)
{
	ss_embedded_require(L, lua_tostring(L, lua_upvalueindex(1)));
	lua_pushvalue(L, 2);
	lua_rawget(L, 3);
	if (lua_isnil(L, -1))
		return 1;
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -2);
	lua_rawset(L, 1);
	return 1;
}

void ss_embedded_set_lazy(lua_State *L, const char *module)
{
	lua_createtable(L, 0, 1);
	lua_pushstring(L, module);
	lua_pushcclosure(L, l_lazy_index, 1);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
}
