/* Lua values <-> documents, exactly: int64, null, {} and [] survive.
 *
 * Marks: a table with the metatable of json.array is a list (also when empty);
 * a table with keys 1..n and nothing else is a list; any other table is an
 * object, its keys sorted bytewise. What was decoded is marked when it is empty, so it
 * goes back as it came; an unmarked {}, which a script wrote, is an object, except at the
 * path of a list in a built-in kind (spec.containers of a Pod …). A table that came
 * from an ordered document (the builder's) carries a hidden order: its known keys
 * come first in that order, later additions sorted; an object whose keys were in
 * byte order needs none. A number beyond int64 and double is a userdata that keeps its
 * digits, which tostring shows. json.null is a light
 * userdata NULL, the same as cjson.null. Integral floats within 2^53 become
 * integers. Reading is raw: no metamethod of a script runs. */
#pragma once

#include <lua.h>

#include "base/attr.h"
#include "base/doc.h"

struct ss_err;

enum { SS_CONV_MAX_NODES = 1000000, SS_CONV_MAX_DEPTH = SS_DOC_MAX_DEPTH };

/* Append the value at index to doc. SS_ERR_INVAL with the path ("spec.env[3]") for functions,
 * mixed keys, NaN, invalid UTF-8, cycles; SS_ERR_LIMIT. Never raises (checks the Lua stack itself). */
int ss_conv_from_lua(lua_State *L, int index, struct ss_doc *doc, struct ss_err *err);
/* The same for a value that is of this kind without saying so, as a merge patch is. */
int ss_conv_from_lua_as(lua_State *L, int index, const char *api_version, const char *kind,
                        struct ss_doc *doc, struct ss_err *err);
/* The digits of a number that Lua has no type for, borrowed from it; NULL when it is none. */
const char *ss_conv_digits(lua_State *L, int index, size_t *ret_len);
enum { SS_CONV_ORDERED = 1 }; /* remember the order of keys (objects not sorted bytewise) */
/* Push node as a Lua value; lists get the array mark, null is json.null. doc must be held by a box
 * (or otherwise outlive a raise). */
SS_MAY_RAISE void ss_conv_to_lua(lua_State *L, const struct ss_doc *doc, ss_node node,
                                 unsigned flags);
/* A new document held in a box pushed on the stack: safe to raise over. Raises on out of memory.
 * ss_lua_close_box frees it early, which a function that is called often should do. */
SS_MAY_RAISE struct ss_doc *ss_conv_new_doc(lua_State *L);
/* Take the document out of its box at index, which is closed then. */
struct ss_doc *ss_conv_take_doc(lua_State *L, int index);
/* Take doc over into a box pushed on the stack; when that raises, doc is freed. */
SS_MAY_RAISE void ss_conv_box_doc(lua_State *L, struct ss_doc *doc);
/* Push an empty table marked as a list. */
SS_MAY_RAISE void ss_conv_push_array(lua_State *L, int n);
bool ss_conv_is_array(lua_State *L, int index);
/* Mark the table at index as a list (metatable). */
SS_MAY_RAISE void ss_conv_mark_array(lua_State *L, int index);
