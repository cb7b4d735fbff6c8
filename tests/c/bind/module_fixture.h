/* A host with the modules that need no cluster. */
#pragma once

#include "../script/host_fixture.h"

#include "base/attr.h"
#include "bind/modules.h"
#include "script/embedded.h"

static inline void fixture_modules(lua_State *L, void *ud)
{
	static const luaL_Reg modules[] = {
	        {"json", ss_bind_open_json}, {"yaml", ss_bind_open_yaml},
	        {"task", ss_bind_open_task}, {"log", ss_bind_open_log},
	        {"env", ss_bind_open_env},   {"fs", ss_bind_open_fs},
	};

	lua_newtable(L);
	for (size_t i = 0; i < SS_ARRAY_LEN(modules); i++) {
		luaL_requiref(L, modules[i].name, modules[i].func, 1);
		lua_setfield(L, -2, modules[i].name);
	}
	ss_embedded_set_modules(L);
}
