/* The json module: exact, as script/conv.h says. */
#include <lauxlib.h>
#include <stdlib.h>

#include "base/json.h"
#include "bind/modules.h"
#include "bind/scratch.h"
#include "bind/text.h"
#include "script/conv.h"
#include "script/lazy.h"
#include "script/luax.h"

/* json.encode(value, {indent = false}) --> text
 * One line without spaces, or indented by two. Keys sorted, save in what the builder made.
 * raises: for what has no JSON form (a function, NaN, mixed keys, a cycle …), with its path
 * yields: no */
static int l_json_encode(lua_State *L)
{
	static const char *const names[] = {"indent", NULL};
	struct ss_scratch *scratch;
	bool indent;

	luaL_checkany(L, 1);
	lua_settop(L, 2);
	ss_lua_check_options(L, 2, "json.encode", names);
	indent = ss_lua_opt_bool(L, 2, "json.encode", "indent", false);
	scratch = ss_bind_scratch(L);
	ss_bind_scratch_read(L, scratch, 1, "json.encode");
	if (indent)
		ss_json_encode_pretty(scratch->in, ss_doc_root(scratch->in), &scratch->text);
	else
		ss_json_encode(scratch->in, ss_doc_root(scratch->in), &scratch->text);
	return ss_bind_scratch_return(L, scratch, "json.encode");
}

/* json.decode(text) --> value
 * null is json.null, a list is marked as json.array does, integers stay exact.
 * raises: when text is no string
 * returns nil, err: parse (line and column), limit
 * yields: no */
static int l_json_decode(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_json_parse(text, len, &doc, &err))
		return ss_lua_fail(L, &err);
	return ss_bind_return_doc(L, doc);
}

/* json.decode_all(text) --> list of values
 * Every value of a stream of them, as `jq -c` writes it.
 * raises: when text is no string
 * returns nil, err: parse (line and column), limit
 * yields: no */
static int l_json_decode_all(lua_State *L)
{
	return ss_bind_decode_all(L, ss_json_parse_all);
}

/* json.array([table]) --> table
 * Marks a table (default: a new one) as a list, also when it is empty.
 * raises: when it is no table, or has a metatable of its own
 * yields: no */
static int l_json_array(lua_State *L)
{
	if (lua_isnoneornil(L, 1)) {
		ss_conv_push_array(L, 0);
		return 1;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	ss_lazy_fill(L, 1);
	if (lua_getmetatable(L, 1) && !ss_conv_is_array(L, 1))
		return ss_lua_misuse(L, "json.array: the table has a metatable already");
	lua_settop(L, 1);
	ss_conv_mark_array(L, 1);
	return 1;
}

int ss_bind_open_json(lua_State *L)
{
	static const luaL_Reg functions[] = {{"encode", l_json_encode},
	                                     {"decode", l_json_decode},
	                                     {"decode_all", l_json_decode_all},
	                                     {"array", l_json_array},
	                                     {NULL, NULL}};

	luaL_newlib(L, functions);
	lua_pushlightuserdata(L, NULL); /* the same as cjson.null */
	lua_setfield(L, -2, "null");
	return 1;
}
