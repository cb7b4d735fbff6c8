/* The part of ss.native that the REPL needs: its cluster, its clock, its files. */
#pragma once

#include <lua.h>

#include "base/attr.h"

/* Add to the table on top: clock, target, contexts, switch, request, read_only, tables, is_terminal, watch_policy, trace, names, is_error,
 * is_list, type_name, exit_code, source, temp_file,
 * remove. */
SS_MAY_RAISE void ss_native_add_session(lua_State *L);
