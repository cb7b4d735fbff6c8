/* The part of ss.native that help texts are made from. */
#pragma once

#include <lua.h>

#include "base/attr.h"

/* Add to the table on top: fill, commands, command_help, build_fields, guard_rules, error_codes,
 * exit_codes, config_fields. */
SS_MAY_RAISE void ss_native_add_help(lua_State *L);
