/* The environment of a script: what of stock Lua is there, and our require. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "io/file.h"
#include "script/embedded.h"
#include "script/host_priv.h"
#include "script/lazy.h"
#include "script/luax.h"

enum { MAX_MODULE_BYTES = 16 << 20 };

/* collectgarbage("count" | "collect" | "step", n): the rest could switch the cap's rescue off.
 * upvalue 1: stock collectgarbage. */
static int l_collectgarbage(lua_State *L)
{
	static const char *const allowed[] = {"collect", "count", "step", "isrunning", NULL};

	luaL_checkoption(L, 1, "collect", allowed);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

/* upvalue 1: the stock iterator, nil once it raised: it has lost count of its depth then, and
 * would overflow the C stack (Lua 5.4, efddc230). */
static int l_next_match(lua_State *L)
{
	lua_settop(L, 0);
	lua_pushvalue(L, lua_upvalueindex(1));
	if (lua_isnil(L, 1))
		return luaL_error(L, "this iterator of string.gmatch failed before");
	if (lua_pcall(L, 0, LUA_MULTRET, 0) == LUA_OK)
		return lua_gettop(L);
	lua_pushnil(L);
	lua_replace(L, lua_upvalueindex(1));
	luaL_where(L, 1);
	lua_insert(L, 1);
	lua_concat(L, 2);
	return lua_error(L);
}

/* string.gmatch(s, pattern, init). upvalue 1: the stock one. */
static int l_gmatch(lua_State *L)
{
	lua_tocfunction(L, lua_upvalueindex(1))(L);
	lua_pushcclosure(L, l_next_match, 1);
	return 1;
}

static void open_gmatch(lua_State *L)
{
	lua_getglobal(L, "string");
	lua_getfield(L, -1, "gmatch");
	lua_pushcclosure(L, l_gmatch, 1);
	lua_setfield(L, -2, "gmatch");
	lua_pop(L, 1);
}

/* Keep only these fields of the global table `name` (NULL-terminated). */
static void keep_only(lua_State *L, const char *name, const char *const *fields)
{
	lua_getglobal(L, name);
	lua_newtable(L);
	for (; *fields; fields++) {
		lua_getfield(L, -2, *fields);
		lua_setfield(L, -2, *fields);
	}
	lua_pushvalue(L, -1);
	lua_setglobal(L, name);
	lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_insert(L, -2);
	lua_setfield(L, -2, name);
	lua_pop(L, 2);
}

static void drop(lua_State *L, const char *table, const char *field)
{
	lua_getglobal(L, table);
	lua_pushnil(L);
	lua_setfield(L, -2, field);
	lua_pop(L, 1);
}

static void open_scripts(lua_State *L)
{
	static const luaL_Reg libraries[] = {
	        {LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table},
	        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
	        {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine},
	        {LUA_OSLIBNAME, luaopen_os},      {LUA_DBLIBNAME, luaopen_debug},
	};
	static const char *const os[] = {"time", "clock", "date", "difftime", NULL};
	static const char *const debug[] = {"traceback", "getinfo", NULL};

	for (size_t i = 0; i < SS_ARRAY_LEN(libraries); i++) {
		luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
		lua_pop(L, 1);
	}
	keep_only(L, "os", os);
	lua_getglobal(L, "os");
	lua_pushcfunction(L, ss_stop_exit);
	lua_setfield(L, -2, "exit");
	lua_pop(L, 1);
	keep_only(L, "debug", debug);
	drop(L, LUA_GNAME, "dofile");
	drop(L, LUA_GNAME, "loadfile");
	drop(L, "string", "dump");
	lua_getglobal(L, "collectgarbage");
	lua_pushcclosure(L, l_collectgarbage, 1);
	lua_setglobal(L, "collectgarbage");
	ss_lazy_open(L);
}

/* package = {loaded, preload} for scripts; in a full state the stock one, our folders first. */
static void open_package(lua_State *L, const struct ss_host *host)
{
	if (!host->full_libraries) {
		lua_createtable(L, 0, 2);
		luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
		lua_pushvalue(L, -2);
		lua_setfield(L, -2, "package");
		lua_setfield(L, -2, "loaded");
		luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
		lua_setfield(L, -2, "preload");
		lua_setglobal(L, "package");
		return;
	}
	lua_getglobal(L, "package");
	lua_getfield(L, -1, "path");
	lua_pushfstring(L, "%s%s%s", host->search ? host->search : "", host->search ? ";" : "",
	                lua_tostring(L, -1));
	lua_setfield(L, -3, "path");
	lua_pop(L, 2);
}

/* --- what lua/ss/require.lua is given ------------------------------------------------ */

static void free_text(void *text)
{
	ss_buf_done(text);
	free(text);
}

/* read(path) --> a function | nil when there is no such file; raises for one that is wrong */
static int l_read(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	void **box = ss_lua_new_box(L, "sandscript.text", free_text);
	struct ss_buf *text = calloc(1, sizeof(*text));
	struct ss_err err;

	*box = text;
	if (!text)
		return luaL_error(L, "out of memory");
	if (!ss_file_exists(path))
		return 0;
	ss_err_init(&err);
	if (ss_file_read_text(path, MAX_MODULE_BYTES, text, &err)) {
		lua_pushstring(L, err.message);
		ss_err_done(&err);
		return lua_error(L);
	}
	lua_pushfstring(L, "@%s", path);
	if (ss_host_load(L, text->data ? text->data : "", text->len, lua_tostring(L, -1)) != LUA_OK)
		return lua_error(L);
	ss_lua_close_box(L, 2);
	return 1;
}

/* embedded(name) --> value | nil */
static int l_embedded(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);

	if (!ss_embedded_find(name))
		return 0;
	ss_embedded_require(L, name);
	return 1;
}

static int l_latch(lua_State *L)
{
	ss_latch_new(L);
	return 1;
}

static int l_wait(lua_State *L)
{
	return ss_latch_wait(L, 1);
}

static int l_open(lua_State *L)
{
	ss_latch_open(L, 1);
	return 0;
}

/* current() --> what tells the running task from others, or nil */
static int l_current(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;

	if (!task)
		return 0;
	lua_pushlightuserdata(L, task);
	return 1;
}

static void open_require(lua_State *L, const struct ss_host *host)
{
	static const luaL_Reg functions[] = {
	        {"read", l_read}, {"embedded", l_embedded}, {"latch", l_latch}, {"wait", l_wait},
	        {"open", l_open}, {"current", l_current},   {NULL, NULL},
	};
	const struct ss_embedded *e = ss_embedded_find("ss.require");

	if (luaL_loadbufferx(L, e->text, e->len, "=ss.require", "t") != LUA_OK)
		lua_error(L);
	luaL_newlib(L, functions);
	lua_pushstring(L, host->search ? host->search : "");
	lua_setfield(L, -2, "search");
	lua_pushboolean(L, host->full_libraries);
	lua_setfield(L, -2, "full");
	lua_call(L, 1, 1);
	lua_setglobal(L, "require");
}

void ss_env_open(lua_State *L, struct ss_host *host)
{
	if (host->full_libraries)
		luaL_openlibs(L);
	else
		open_scripts(L);
	open_gmatch(L);
	ss_print_open(L);
	ss_coro_open(L, host->full_libraries);
	open_package(L, host);
	open_require(L, host);
}
