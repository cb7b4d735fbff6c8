#include "script/lazy.h"

#include <lauxlib.h>

#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "script/conv.h"
#include "script/luax.h"
#include "script/unseen.h"

static const char meta_key; /* registry: the metatable of tables that are not filled */
static const char text_key; /* in such a table: its JSON */

static bool is_lazy(lua_State *L, int index)
{
	bool same;

	if (!lua_istable(L, index) || !lua_getmetatable(L, index))
		return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key);
	same = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return same;
}

const char *ss_lazy_text(lua_State *L, int index, size_t *ret_len)
{
	const char *text;

	if (!is_lazy(L, index))
		return NULL;
	lua_rawgetp(L, index, &text_key);
	text = lua_tolstring(L, -1, ret_len);
	lua_pop(L, 1);
	return text;
}

static bool is_open(lua_State *L)
{
	bool open = lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key) == LUA_TTABLE;

	lua_pop(L, 1);
	return open;
}

/* --- filling ------------------------------------------------------------------------ */
/* Push the document of the text in a box. */
static struct ss_doc *push_parsed(lua_State *L, const char *text, size_t len)
{
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_json_parse(text, len, &doc, &err)) {
		lua_pushstring(L, err.message); /* only when out of memory: the text is ours */
		ss_err_done(&err);
		lua_error(L);
	}
	ss_conv_box_doc(L, doc);
	return doc;
}

void ss_lazy_fill(lua_State *L, int index)
{
	const struct ss_doc *doc;
	const char *text;
	size_t len;

	luaL_checkstack(L, 8, "object");
	index = lua_absindex(L, index);
	ss_unseen_fill(L, index, true);
	text = ss_lazy_text(L, index, &len);
	if (!text)
		return;
	doc = push_parsed(L, text, len);
	for (struct ss_iter it = ss_iter(doc, ss_doc_root(doc)); ss_iter_next(&it);) {
		lua_pushlstring(L, it.key, it.key_len);
		ss_conv_to_lua(L, doc, it.value, 0);
		lua_rawset(L, index);
	}
	/* Last, so that a raise on the way leaves a table that can be filled again. */
	lua_pushnil(L);
	lua_rawsetp(L, index, &text_key);
	lua_pushnil(L);
	lua_setmetatable(L, index);
	ss_lua_close_box(L, -1);
	lua_pop(L, 1);
}

/* Stack: value. Appends a table to the list at `list` unless it is there already. */
static void enlist(lua_State *L, int list, lua_Integer *n)
{
	lua_pushvalue(L, -1);
	if (!lua_istable(L, -1) || lua_rawget(L, list) != LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	lua_pop(L, 1);
	lua_pushvalue(L, -1);
	lua_rawseti(L, list, ++*n);
	lua_pushvalue(L, -1);
	lua_pushboolean(L, true);
	lua_rawset(L, list);
}

/* A list of what was found so far, not recursion: scripts make rings and deep chains. */
void ss_lazy_fill_all(lua_State *L, int index)
{
	int list;
	lua_Integer n = 0;

	if (!is_open(L))
		return;
	index = lua_absindex(L, index);
	luaL_checkstack(L, 8, "value");
	lua_newtable(L);
	list = lua_gettop(L);
	lua_pushvalue(L, index);
	enlist(L, list, &n);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_settop(L, list);
		lua_rawgeti(L, list, i);
		ss_lazy_fill(L, -1);
		for (lua_pushnil(L); lua_next(L, list + 1); lua_pop(L, 1))
			enlist(L, list, &n);
	}
	lua_settop(L, list - 1);
}

static int l_index(lua_State *L)
{
	ss_lazy_fill(L, 1);
	lua_settop(L, 2);
	lua_rawget(L, 1);
	return 1;
}

static int l_newindex(lua_State *L)
{
	ss_lazy_fill(L, 1);
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 0;
}

static int l_len(lua_State *L)
{
	ss_lazy_fill(L, 1);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
	return 1;
}

/* upvalue 1: next */
static int l_pairs(lua_State *L)
{
	ss_lazy_fill(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* upvalue 1: a raw function of the base library */
static int l_filled(lua_State *L)
{
	ss_lazy_fill(L, 1);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* --- opening -------------------------------------------------------------------------- */
static void push_meta(lua_State *L)
{
	static const luaL_Reg methods[] = {
	        {"__index", l_index}, {"__newindex", l_newindex}, {"__len", l_len}, {NULL, NULL}};

	luaL_newlib(L, methods);
	lua_getglobal(L, "next");
	lua_pushcclosure(L, l_pairs, 1);
	lua_setfield(L, -2, "__pairs");
}

void ss_lazy_open(lua_State *L)
{
	static const char *const raw[] = {"next",   "rawget",       "rawset",
	                                  "rawlen", "getmetatable", "setmetatable"};

	push_meta(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &meta_key);
	for (size_t i = 0; i < SS_ARRAY_LEN(raw); i++) {
		lua_getglobal(L, raw[i]);
		lua_pushcclosure(L, l_filled, 1);
		lua_setglobal(L, raw[i]);
	}
}

/* --- pushing --------------------------------------------------------------------------- */
void ss_lazy_push(lua_State *L, const char *text, size_t len)
{
	const struct ss_doc *doc;

	luaL_checkstack(L, 4, "object");
	if (!is_open(L)) {
		doc = push_parsed(L, text, len);
		ss_conv_to_lua(L, doc, ss_doc_root(doc), 0);
		lua_insert(L, -2);
		ss_lua_close_box(L, -1);
		lua_pop(L, 1);
		return;
	}
	lua_createtable(L, 0, 1);
	lua_pushlstring(L, text, len);
	lua_rawsetp(L, -2, &text_key);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key);
	lua_setmetatable(L, -2);
}
