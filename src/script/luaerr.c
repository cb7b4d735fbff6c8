/* The error shape of Lua: struct ss_err to a table and back. */
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/log.h"
#include "script/conv.h"
#include "script/luax.h"
#include "script/unseen.h"

/* Registry[&meta_key] = the metatable of error tables. */
static const char meta_key;

static void put_text(lua_State *L, const char *field, const char *text)
{
	if (!text[0])
		return;
	lua_pushstring(L, field);
	lua_pushstring(L, text);
	lua_rawset(L, -3);
}

/* Push t[field] when it is a string that is not empty, else NULL and nothing. */
static const char *push_field(lua_State *L, int index, const char *field)
{
	lua_pushstring(L, field);
	if (lua_rawget(L, index) == LUA_TSTRING && lua_rawlen(L, -1))
		return lua_tostring(L, -1);
	lua_pop(L, 1);
	return NULL;
}

/* __tostring: "apply Sandbox demo/s1: message". */
static int l_err_tostring(lua_State *L)
{
	luaL_Buffer b;
	bool op, object;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	ss_unseen_fill(L, 1, true);
	if (!push_field(L, 1, "op"))
		lua_pushliteral(L, "");
	if (!push_field(L, 1, "object"))
		lua_pushliteral(L, "");
	if (!push_field(L, 1, "message") && !push_field(L, 1, "code"))
		lua_pushliteral(L, "error");
	/* Messages that are sentences about the object begin with it. */
	if (strncmp(lua_tostring(L, 4), lua_tostring(L, 3), lua_rawlen(L, 3)) == 0) {
		lua_pushliteral(L, "");
		lua_replace(L, 3);
	}
	op = lua_rawlen(L, 2) > 0;
	object = lua_rawlen(L, 3) > 0;
	luaL_buffinit(L, &b);
	lua_pushvalue(L, 2);
	luaL_addvalue(&b);
	if (op && object)
		luaL_addchar(&b, ' ');
	lua_pushvalue(L, 3);
	luaL_addvalue(&b);
	if (op || object)
		luaL_addstring(&b, ": ");
	lua_pushvalue(L, 4);
	luaL_addvalue(&b);
	luaL_pushresult(&b);
	return 1;
}

static void push_meta(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_createtable(L, 0, 7);
	ss_unseen_add_methods(L);
	lua_pushcfunction(L, l_err_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushliteral(L, "sandscript.error");
	lua_setfield(L, -2, "__name");
	lua_pushliteral(L, "sandscript.error");
	lua_setfield(L, -2, "__metatable");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &meta_key);
}

/* Stack: err. The guard's findings are the array part, other details are `causes`. */
static void put_details(lua_State *L, int code, const struct ss_doc *details)
{
	ss_node root = ss_doc_root(details);
	lua_Integer i = 0;

	if (ss_doc_type(details, root) != SS_ARRAY)
		return;
	if (code != SS_ERR_POLICY) {
		ss_conv_to_lua(L, details, root, 0);
		lua_setfield(L, -2, "causes");
		return;
	}
	for (struct ss_iter it = ss_iter(details, root); ss_iter_next(&it);) {
		ss_conv_to_lua(L, details, it.value, 0);
		lua_rawseti(L, -2, ++i);
	}
}

static void push_err(lua_State *L, const struct ss_err *err, const struct ss_doc *details)
{
	luaL_checkstack(L, 6, "error");
	lua_createtable(L, 0, 8);
	put_text(L, "code", ss_code_name(err->code));
	put_text(L, "message", err->message);
	put_text(L, "reason", err->reason);
	put_text(L, "op", err->op);
	put_text(L, "object", err->object);
	lua_pushboolean(L, err->retryable);
	lua_setfield(L, -2, "retryable");
	if (err->status) {
		lua_pushinteger(L, err->status);
		lua_setfield(L, -2, "status");
	}
	put_details(L, err->code, details);
	push_meta(L);
	lua_setmetatable(L, -2);
}

void ss_lua_push_err(lua_State *L, const struct ss_err *err)
{
	push_err(L, err, err->details);
}

int ss_lua_fail(lua_State *L, struct ss_err *err)
{
	struct ss_doc *details = err->details;

	err->details = NULL;
	if (details)
		ss_conv_box_doc(L, details);
	lua_pushnil(L);
	push_err(L, err, details);
	/* Who was told to stop has not failed. */
	if (err->code != SS_ERR_CANCELED)
		ss_unseen_wrap(L);
	ss_err_done(err);
	return 2;
}

bool ss_lua_is_err(lua_State *L, int index)
{
	bool same;

	if (!lua_istable(L, index) || !lua_getmetatable(L, index))
		return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key);
	same = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return same;
}

/* --- from Lua ------------------------------------------------------------------ */

static void take_text(lua_State *L, const char *field, char *out, size_t size)
{
	const char *text = push_field(L, 1, field);

	if (!text)
		return;
	ss_lua_escape_lines(text, lua_rawlen(L, -1), out, size);
	lua_pop(L, 1);
}

static void take_details(lua_State *L, struct ss_err *err)
{
	struct ss_doc *doc = ss_conv_new_doc(L);
	int box = lua_gettop(L), index = 1;

	if (err->code != SS_ERR_POLICY) {
		lua_pushliteral(L, "causes");
		if (lua_rawget(L, 1) != LUA_TTABLE)
			return;
		index = lua_gettop(L);
	}
	ss_doc_begin_array(doc);
	for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, index); i <= n; i++) {
		lua_rawgeti(L, index, i);
		if (ss_conv_from_lua(L, -1, doc, NULL))
			return;
		lua_pop(L, 1);
	}
	ss_doc_end(doc);
	if (!ss_doc_failed(doc) && ss_doc_count(doc, ss_doc_root(doc)))
		err->details = ss_conv_take_doc(L, box);
}

/* Stack: the error table, light userdata struct ss_err. */
static int take_table(lua_State *L)
{
	struct ss_err *err = lua_touserdata(L, 2);
	char code[32] = "internal";

	take_text(L, "code", code, sizeof(code));
	err->code = ss_code_from_name(code);
	take_text(L, "message", err->message, sizeof(err->message));
	take_text(L, "reason", err->reason, sizeof(err->reason));
	take_text(L, "op", err->op, sizeof(err->op));
	take_text(L, "object", err->object, sizeof(err->object));
	lua_pushliteral(L, "status");
	lua_rawget(L, 1);
	err->status = (int)lua_tointeger(L, -1);
	lua_pushliteral(L, "retryable");
	lua_rawget(L, 1);
	err->retryable = lua_toboolean(L, -1);
	take_details(L, err);
	return 0;
}

/* Stack: the value, light userdata struct ss_err. */
static int take_value(lua_State *L)
{
	struct ss_err *err = lua_touserdata(L, 2);
	const char *text;
	size_t len;

	if (ss_lua_is_err(L, 1)) {
		ss_unseen_fill(L, 1, true);
		return take_table(L);
	}
	err->code = SS_ERR_SCRIPT;
	if (lua_type(L, 1) != LUA_TSTRING && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL) {
		lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
		lua_replace(L, 1);
	}
	text = luaL_tolstring(L, 1, &len);
	ss_lua_escape_lines(text, len, err->message, sizeof(err->message));
	return 0;
}

void ss_lua_to_err(lua_State *L, int index, struct ss_err *err)
{
	ss_err_done(err);
	index = lua_absindex(L, index);
	if (!lua_checkstack(L, 4)) {
		ss_err_nomem(err);
		return;
	}
	lua_pushcfunction(L, take_value);
	lua_pushvalue(L, index);
	lua_pushlightuserdata(L, err);
	switch (lua_pcall(L, 2, 0, 0)) {
	case LUA_OK:
		return;
	case LUA_ERRMEM:
		ss_err_nomem(err);
		break;
	default:
		ss_err_set(err, SS_ERR_SCRIPT,
		           "(error object is a %s value whose __tostring fails)",
		           luaL_typename(L, index));
		break;
	}
	lua_pop(L, 1);
}

void ss_lua_escape_lines(const char *text, size_t len, char *out, size_t size)
{
	const char *end = text + len;

	if (!size)
		return;
	out[0] = 0;
	for (size_t used = 0; text < end && used + 8 < size;) {
		const char *stop = text;

		/* Line breaks and the tabs of a traceback stay. */
		while (stop < end && *stop != '\n' && *stop != '\t')
			stop++;
		ss_log_escape(text, (size_t)(stop - text), out + used, size - used - 1);
		used += strlen(out + used);
		if (stop < end)
			out[used++] = *stop;
		out[used] = 0;
		text = stop + 1;
	}
}
