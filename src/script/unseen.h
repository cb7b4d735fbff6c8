/* Failures that nobody has looked at. At the prompt and with -e whoever typed the input cannot know of an error
 * that the input dropped (`k8s.apply{…}` among other statements, `m = k8s.apply{…}`), so the end of the input tells
 * it. While errors are watched, the error table of a `nil, err` is empty at first and fills itself when it is looked
 * at: read, printed, turned into text, raised up to the end. Nothing else of it differs. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "base/attr.h"

/* From now on, until the next ss_unseen_take. */
SS_MAY_RAISE void ss_unseen_watch(lua_State *L);
/* Stack: error table, which is replaced by one that waits to be looked at where errors are watched. */
SS_MAY_RAISE void ss_unseen_wrap(lua_State *L);
/* Add to the metatable of errors on top what fills them. */
SS_MAY_RAISE void ss_unseen_add_methods(lua_State *L);
/* Fill the value at index when it waits for it; anything else is left alone. look: it counts as seen. */
SS_MAY_RAISE void ss_unseen_fill(lua_State *L, int index, bool look);
/* Push the fields of an error that is not filled, which counts as seen from here on; false and nothing for anything
 * else. Never raises; needs three free stack slots. */
bool ss_unseen_push_fields(lua_State *L, int index);
/* Push a list of the errors that were not looked at, in their order, but for those that a global holds: they were
 * taken to be looked at later. The end of watching. */
SS_MAY_RAISE void ss_unseen_take(lua_State *L);
