/* A build hook that is watched: its input is made of stand-ins, empty tables that
 * pass reads on to the real ones and note who wrote what. A script sees plain tables:
 * in a traced version pairs, next and the raw functions know stand-ins, and #, ipairs
 * and table.* go by metamethods anyway. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/doc.h"

/* Put a stand-in in the place of the table at the top; marks/node: what is noted of it and of the
 * tables in it (adapter_trace_node). */
SS_MAY_RAISE void adapter_trace_wrap_input(lua_State *L, const struct ss_doc *marks, ss_node node);
/* Put real tables in the place of all stand-ins in the value at the top, however deep. */
SS_MAY_RAISE void adapter_trace_unwrap(lua_State *L);
/* Of the real table at index: the node it was given with its input; SS_NO_NODE for one that the hook made. */
SS_MAY_RAISE ss_node adapter_trace_node(lua_State *L, int index);
/* Was the key (at key) of the real table at index written? *ret_source: number of the source,
 * *ret_line: in it, 0 = by something that has none. */
SS_MAY_RAISE bool adapter_trace_written(lua_State *L, int index, int key, int *ret_source,
                                        int *ret_line);
