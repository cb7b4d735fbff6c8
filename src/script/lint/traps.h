/* Code that Lua 5.4.4 (Debian 12's) compiles wrongly, found in the compiled chunk
 * itself: what is reported is wrong code that is really there, and with a Lua in
 * which these mistakes are mended nothing is found. Upstream's fixes:
 *	c764ca71  5.4.5  bitwise operation with a literal in front of `and`/`or`, in a
 *	                 function with more than 255 constants
 *	782ef85b  5.4.8  a comparison as the index of a variable of an outer function
 *	997f11f5  5.4.5  a generic for with a fourth (closing) value, `break`, and a
 *	                 function in its body that uses a variable of the loop */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct ss_err;
struct ss_findings;

/* Look at the function on top of L's stack, a whole file. Never raises. SS_ERR_INVAL when the
 * code has another format than this Lua's, SS_ERR_NOMEM. */
int ss_lint_traps(lua_State *L, const char *file, struct ss_findings *findings, struct ss_err *err);
/* Where the code of a Lua file begins: behind a #! line, whose break stays, so that lines keep their
 * numbers. */
const char *ss_lint_code_start(const char *text, size_t len);
/* Compile text, which is of a whole Lua file (a #! line is passed over), and look. A syntax error
 * is a finding when report_syntax is set. */
int ss_lint_text(const char *file, const char *text, size_t len, bool report_syntax,
                 struct ss_findings *findings, struct ss_err *err);
