/* The files of the policy module. */
#pragma once

#include <lua.h>

#include "base/attr.h"

/* policy_reload.c: reload, wait, history, rollback, diff; into the table at the top. */
SS_MAY_RAISE void ss_bind_policy_add_reload(lua_State *L);
