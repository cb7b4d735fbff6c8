/* fs.stdin. */
#pragma once

#include <lua.h>

#include "base/attr.h"

SS_MAY_RAISE int ss_bind_l_stdin(lua_State *L);
