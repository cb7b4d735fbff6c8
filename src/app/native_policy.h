/* The part of ss.native that reads policy folders beside the one that serves. */
#pragma once

#include <lua.h>

#include "base/attr.h"

/* Add to the table on top: policy, tenants. */
SS_MAY_RAISE void ss_native_add_policy(lua_State *L);
