/* Where errors arise. Raised again by who caught it, an error keeps the place where it arose first: a
 * string begins with it, and gets no second one; a table is remembered with it for as long as it lives. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum { SS_RAISE_PLACE = LUA_IDSIZE + 24 };

/* "file:line" of the first frame of a script from level on, "" when there is none. */
void ss_raise_where(lua_State *at, int level, char *out, size_t size);
/* Remember what is raised or was caught; where is of use for the first time of a table. */
SS_MAY_RAISE void ss_raise_note(lua_State *L, int index, const char *where);
/* The place of a noted table, "" when its message has it; NULL for what is not noted. Valid while the
 * value is on the stack. */
SS_MAY_RAISE const char *ss_raise_place(lua_State *L, int index);
/* Does the string begin with a place? */
bool ss_raise_has_place(lua_State *L, int index);
/* Is it a string that was noted? */
SS_MAY_RAISE bool ss_raise_is_again(lua_State *L, int index);

/* error and assert as in stock Lua, but for the second place. */
int ss_raise_error(lua_State *L);
int ss_raise_assert(lua_State *L);
