#include "script/embedded.h"

#include <lauxlib.h>
#include <string.h>

/* Registry[&values_key] = {[name] = value}; registry[&modules_key] = the engine's modules. */
static const char values_key, modules_key;

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

void ss_embedded_set_modules(lua_State *L)
{
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
