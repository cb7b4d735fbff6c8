/* The part of ss.native that writes what was not there: the files of a new policy folder. */
#pragma once

#include <lua.h>

#include "base/attr.h"

/* Add to the table on top: exists, create. */
SS_MAY_RAISE void ss_native_add_files(lua_State *L);
