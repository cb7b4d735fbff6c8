/* require "cjson": Debian's lua-cjson, for the data of scripts. */
#include <dlfcn.h>
#include <lauxlib.h>
#include <string.h>

#include "base/attr.h"
#include "bind/modules.h"
#include "script/lazy.h"

#ifndef SS_CJSON_PATH
#define SS_CJSON_PATH "/usr/lib/x86_64-linux-gnu/lua/5.4/cjson.so"
#endif

/* encode(value), after its tables are filled: the library reads them raw. upvalue 1: its own. */
static int l_encode(lua_State *L)
{
	ss_lazy_fill_all(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static int l_new(lua_State *L);

/* Stack: a table of the library's functions. */
static void replace_functions(lua_State *L)
{
	static const luaL_Reg replaced[] = {{"encode", l_encode}, {"new", l_new}};

	for (size_t i = 0; i < SS_ARRAY_LEN(replaced); i++) {
		lua_getfield(L, -1, replaced[i].name);
		lua_pushcclosure(L, replaced[i].func, 1);
		lua_setfield(L, -2, replaced[i].name);
	}
}

/* new() --> functions with settings of their own. upvalue 1: the library's own. */
static int l_new(lua_State *L)
{
	lua_settop(L, 0);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_call(L, 0, 1);
	replace_functions(L);
	return 1;
}

/* The loader of package.preload.cjson. The library stays loaded: its functions live in it. */
int ss_bind_open_cjson(lua_State *L)
{
	void *library = dlopen(SS_CJSON_PATH, RTLD_NOW | RTLD_LOCAL);
	lua_CFunction open;
	void *symbol = library ? dlsym(library, "luaopen_cjson") : NULL;

	if (!symbol)
		return luaL_error(L, "cjson: %s; install the package lua-cjson", dlerror());
	memcpy(&open, &symbol, sizeof(open)); /* ISO C has no cast between the two */
	lua_settop(L, 0);
	lua_pushcfunction(L, open);
	lua_call(L, 0, 1);
	replace_functions(L);
	return 1;
}
