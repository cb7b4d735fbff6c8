/* What a script makes of globals and of what they hold, read from its compiled code: for `check`, which
 * knows what there is. Names are as ss_lint_value gives them. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Compile the text of a Lua file (a #! line is passed over) and push a list, in the order of the code:
 *	{what="read", name=, line=, tested=}    tested: nil there is no mistake
 *	{what="write", name=, line=}
 *	{what="open", line=}                    globals are reached in ways that cannot be followed
 *	{what="require", name=, line=}
 *	{what="method", name=, line=}           k8s:apply
 *	{what="call", name=, line=, lost=, args={{key=value…}…}}
 * A name has a dot where a field of a global is meant. lost: no one can see the results; the name of the
 * variable that they end in, or true. args are what is written there, as far as it is literal: strings as they
 * are, a number and a boolean for any, json.null for what is only known at run time; the `lines` of a table's
 * metatable are those of its fields.
 * nil when the file does not compile, or its code cannot be read. */
int ss_lint_push_uses(lua_State *L, const char *text, size_t len);
/* Does the text of a Lua file end with `return adapter {…}`? One that does not compile: where it says so. */
bool ss_lint_returns_adapter(const char *text, size_t len);
