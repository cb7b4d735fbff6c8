/* Objects as Lua tables that fill themselves on first use: the answer of a write
 * is often only looked at for success, and its hundred small tables would cost
 * more than the rest of the call's Lua. Until then the table holds its JSON as one
 * string, which the collector knows the size of.
 *
 * A script cannot tell: every operator fills the table first, and so do the
 * functions of the script environment that are raw (next, rawget, getmetatable …)
 * and cjson's encode. Where such functions cannot be replaced tables are filled
 * from the start: in specs, which have the whole debug library, and in a stock
 * lua5.4 that requires sandscript. C code that reads a table raw calls
 * ss_lazy_fill, or ss_lazy_text where it must not raise. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "base/attr.h"

/* Make tables of this state lazy, and its globals next, rawget, rawset, rawlen, getmetatable and
 * setmetatable aware of it. Once, while the environment is made. */
SS_MAY_RAISE void ss_lazy_open(lua_State *L);
/* Push the object of a JSON text that ss_json_parse takes and that outlives a raise; lazily where
 * ss_lazy_open was called. */
SS_MAY_RAISE void ss_lazy_push(lua_State *L, const char *text, size_t len);
/* Fill the value at index when it is a table that waits for it; anything else is left alone. */
SS_MAY_RAISE void ss_lazy_fill(lua_State *L, int index);
/* ss_lazy_fill for the value at index and every table that it holds, for a reader of whole values
 * that is not ours. */
SS_MAY_RAISE void ss_lazy_fill_all(lua_State *L, int index);
/* The JSON of a table that is not filled, borrowed from it; else NULL. Never raises; needs two
 * free stack slots. */
const char *ss_lazy_text(lua_State *L, int index, size_t *ret_len);
