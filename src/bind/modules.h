/* The openers of the Lua modules: ss_bind_open_<module> pushes the module's table.
 * Adding one: its file, one line here, one line in bind.c, its lua/ss/api/<module>.lua. */
#pragma once

#include <lua.h>

#include "base/attr.h"

SS_MAY_RAISE int ss_bind_open_env(lua_State *L);
SS_MAY_RAISE int ss_bind_open_fs(lua_State *L);
SS_MAY_RAISE int ss_bind_open_json(lua_State *L);
SS_MAY_RAISE int ss_bind_open_k8s(lua_State *L);
SS_MAY_RAISE int ss_bind_open_log(lua_State *L);
SS_MAY_RAISE int ss_bind_open_policy(lua_State *L);
SS_MAY_RAISE int ss_bind_open_sandbox(lua_State *L);
SS_MAY_RAISE int ss_bind_open_task(lua_State *L);
SS_MAY_RAISE int ss_bind_open_yaml(lua_State *L);
/* require "cjson": Debian's lua-cjson. */
SS_MAY_RAISE int ss_bind_open_cjson(lua_State *L);

/* Push {json = …, k8s = …}; env goes to the registry. Sets no globals. */
struct ss_bind_env;
SS_MAY_RAISE void ss_bind_push_modules(lua_State *L, struct ss_bind_env *env);
