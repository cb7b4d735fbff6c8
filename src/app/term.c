#include "app/term.h"

#include <lauxlib.h>
#include <stdio.h>

/* term.stderr(text): written as it is; raises for a wrong type, returns nothing. */
static int l_term_stderr(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	fflush(stdout);
	fwrite(text, 1, len, stderr);
	return 0;
}

int ss_term_open(lua_State *L)
{
	static const luaL_Reg functions[] = {{"stderr", l_term_stderr}, {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
