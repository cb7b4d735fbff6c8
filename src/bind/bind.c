#include "bind/bind.h"

#include <lauxlib.h>

#include "bind/modules.h"
#include "script/embedded.h"

/* Registry[&env_key] = light userdata struct ss_bind_env. */
static const char env_key;

static const luaL_Reg modules[] = {
        {"env", ss_bind_open_env},   {"fs", ss_bind_open_fs},
        {"json", ss_bind_open_json}, {"k8s", ss_bind_open_k8s},
        {"log", ss_bind_open_log},   {"policy", ss_bind_open_policy},
        {"task", ss_bind_open_task}, {"sandbox", ss_bind_open_sandbox},
        {"yaml", ss_bind_open_yaml},
};

struct ss_bind_env *ss_bind_env_of(lua_State *L)
{
	struct ss_bind_env *env;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_key);
	env = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return env;
}

void ss_bind_push_modules(lua_State *L, struct ss_bind_env *env)
{
	lua_pushlightuserdata(L, env);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_key);
	lua_createtable(L, 0, (int)SS_ARRAY_LEN(modules));
	for (size_t i = 0; i < SS_ARRAY_LEN(modules); i++) {
		lua_pushcfunction(L, modules[i].func);
		lua_call(L, 0, 1);
		lua_setfield(L, -2, modules[i].name);
	}
	lua_pushvalue(L, -1);
	ss_embedded_set_modules(L);
}

void ss_bind_open_all(lua_State *L, struct ss_bind_env *env)
{
	ss_bind_push_modules(L, env);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	for (size_t i = 0; i < SS_ARRAY_LEN(modules); i++) {
		lua_getfield(L, -2, modules[i].name);
		lua_pushvalue(L, -1);
		lua_setglobal(L, modules[i].name);
		lua_setfield(L, -2, modules[i].name);
	}
	lua_pop(L, 2);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, ss_bind_open_cjson);
	lua_setfield(L, -2, "cjson");
	lua_pop(L, 1);
}
