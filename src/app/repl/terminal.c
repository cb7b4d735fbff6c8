#include <lauxlib.h>

#include "app/repl/repl.h"
#include "script/host.h"

/* Upvalue of all: light userdata struct ss_repl. */
static struct ss_repl *repl_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(1));
}

/* size() --> columns, rows */
static int l_size(lua_State *L)
{
	int columns, rows;

	ss_screen_size(&columns, &rows);
	lua_pushinteger(L, columns);
	lua_pushinteger(L, rows);
	return 2;
}

/* write(text): data, to standard output; above a line that is being edited */
static int l_write(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	ss_screen_write(&repl_of(L)->screen, text, len);
	return ss_host_wait_for_output(L);
}

/* tell(text): as write, but to standard error: messages */
static int l_tell(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	ss_screen_tell(&repl_of(L)->screen, text, len);
	return 0;
}

/* history() --> {text…}, the oldest first */
static int l_history(lua_State *L)
{
	struct ss_repl *r = repl_of(L);
	const char *text;
	size_t len;

	lua_newtable(L);
	for (size_t i = 0; (text = ss_history_item(r->history, i, &len)); i++) {
		lua_pushlstring(L, text, len);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

void ss_terminal_push(lua_State *L, struct ss_repl *r)
{
	static const luaL_Reg functions[] = {
	        {"size", l_size},     {"write", l_write},     {"tell", l_tell},
	        {"ask", ss_repl_ask}, {"history", l_history}, {"edit_file", ss_repl_edit_file},
	        {NULL, NULL}};

	lua_createtable(L, 0, 8);
	lua_pushlightuserdata(L, r);
	luaL_setfuncs(L, functions, 1);
	lua_pushboolean(L, r->tty);
	lua_setfield(L, -2, "tty");
	lua_pushboolean(L, r->color);
	lua_setfield(L, -2, "color");
}
