/* require "cjson": Debian's lua-cjson, for the data of scripts. */
#include <dlfcn.h>
#include <lauxlib.h>
#include <string.h>

#include "bind/modules.h"

#ifndef SS_CJSON_PATH
#define SS_CJSON_PATH "/usr/lib/x86_64-linux-gnu/lua/5.4/cjson.so"
#endif

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
	return 1;
}
