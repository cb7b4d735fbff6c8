#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "bind/modules.h"

/* env.get(name) --> text | nil
 * A variable of the process's environment.
 * raises: when name is no string
 * yields: no */
static int l_env_get(lua_State *L)
{
	lua_pushstring(L, getenv(luaL_checkstring(L, 1)));
	return 1;
}

int ss_bind_open_env(lua_State *L)
{
	static const luaL_Reg functions[] = {{"get", l_env_get}, {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
