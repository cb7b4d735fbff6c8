/* What every Lua C function of ours uses: argument and option checks that
 * raise, boxes that own C resources, and the one error shape of Lua.
 *
 * Rule: check all arguments first, then acquire, then push. A C resource is held
 * across something that may raise only inside a box, which is created closed
 * and has __gc and __close. */
#pragma once

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

/* --- errors ------------------------------------------------------------------ */
/* Push {code=, status=, reason=, message=, causes=, retryable=, op=, object=, [i]=…}
 * with the metatable whose __tostring reads "apply Sandbox demo/s1: message".
 * For code "policy" the details are the array part, else `causes`. */
SS_MAY_RAISE void ss_lua_push_err(lua_State *L, const struct ss_err *err);
/* nil, err: for `return ss_lua_fail(L, &err)`. Clears err. */
SS_MAY_RAISE int ss_lua_fail(lua_State *L, struct ss_err *err);
/* Fill err from the value at index: our own table, or any other value as SS_ERR_SCRIPT with its text. */
void ss_lua_to_err(lua_State *L, int index, struct ss_err *err);
bool ss_lua_is_err(lua_State *L, int index);
/* Copy text into out (cut to size): control characters escaped, line breaks and the tabs after them kept. */
void ss_lua_escape_lines(const char *text, size_t len, char *out, size_t size);
/* Raise "message" at the line of the caller of the C function; no return. */
SS_MAY_RAISE int ss_lua_misuse(lua_State *L, const char *fmt, ...) SS_PRINTF(2, 3);

/* --- option tables ----------------------------------------------------------- */
/* The options table at index (absent or nil = none): raises for an unknown key
 * with a suggestion. names is NULL-terminated. Fix the arguments with lua_settop
 * before: what is pushed later would stand where an absent table is looked for. After the check the values are
 * read with the ss_lua_opt_* below. `func` names the function: "k8s.get". */
SS_MAY_RAISE void ss_lua_check_options(lua_State *L, int index, const char *func,
                                       const char *const *names);
/* Value of t[name] or the fallback; raise for a wrong type: "k8s.get: option 'timeout' must be a number". */
SS_MAY_RAISE const char *ss_lua_opt_string(lua_State *L, int index, const char *func,
                                           const char *name,
                                           const char *fallback); /* borrowed from the table */
SS_MAY_RAISE bool ss_lua_opt_bool(lua_State *L, int index, const char *func, const char *name,
                                  bool fallback);
SS_MAY_RAISE int64_t ss_lua_opt_int(lua_State *L, int index, const char *func, const char *name,
                                    int64_t min, int64_t max, int64_t fallback);
/* Seconds (integer or float, > 0) as ms. */
SS_MAY_RAISE int64_t ss_lua_opt_seconds_ms(lua_State *L, int index, const char *func,
                                           const char *name, int64_t fallback_ms);

/* Whole milliseconds, rounded up; -1 for what is no duration (negative, NaN). */
int64_t ss_lua_seconds_to_ms(double seconds);

/* --- boxes ------------------------------------------------------------------- */
/* A userdata that owns one pointer: pushed with *slot == NULL, to be filled; free
 * runs once on __gc or __close when it is not NULL. Its metatable is that of
 * luaL_newmetatable(type), which may hold methods already. It has one user value.
 * Close the box when the work is done: the collector does not know how much
 * memory hangs on it. */
SS_MAY_RAISE void **ss_lua_new_box(lua_State *L, const char *type, void (*free)(void *));
/* Set the pointer of a closed box; take it out again, leaving the box closed. */
void ss_lua_fill_box(lua_State *L, int index, void *ptr);
void *ss_lua_take_box(lua_State *L, int index);
/* Release the pointer now (free runs), leaving the box closed. */
void ss_lua_close_box(lua_State *L, int index);
