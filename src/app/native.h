/* The Lua module ss.native of the engine's own commands: what scripts have no need of. */
#pragma once

#include <lua.h>

/* { stderr = fn(text), kind_rank = fn(kind), same = fn(a, b), fail = fn(code, message),
 *   suggest = fn(word, list), embedded = fn(), and what native_session.h names } */
int ss_native_open(lua_State *L);
