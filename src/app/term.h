/* The Lua module ss.term of the engine's own commands: standard error. */
#pragma once

#include <lua.h>

/* { stderr = function(text) } */
int ss_term_open(lua_State *L);
