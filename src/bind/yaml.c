/* The yaml module: what kubectl reads and writes, over the same exact values as json. */
#include <lauxlib.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/yaml.h"
#include "bind/modules.h"
#include "bind/text.h"
#include "script/conv.h"
#include "script/luax.h"

/* yaml.encode(value) --> text
 * One document in block style, without "---".
 * raises: for what has no JSON form, with its path
 * yields: no */
static int l_yaml_encode(lua_State *L)
{
	struct ss_buf *out;
	struct ss_doc *doc;
	struct ss_err err;

	luaL_checkany(L, 1);
	lua_settop(L, 1);
	doc = ss_bind_read_value(L, 1, "yaml.encode");
	out = ss_bind_new_text(L);
	ss_err_init(&err);
	if (ss_yaml_encode(doc, ss_doc_root(doc), out, &err))
		return ss_lua_misuse(L, "yaml.encode: %s", err.message);
	return ss_bind_return_text(L, 2, 3, "yaml.encode");
}

/* yaml.decode(text) --> value
 * The one document of the text; json.null when it holds none.
 * raises: when text is no string
 * returns nil, err: parse (line and column; also for a second document), limit
 * yields: no */
static int l_yaml_decode(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_yaml_parse(text, len, &doc, &err))
		return ss_lua_fail(L, &err);
	return ss_bind_return_doc(L, doc);
}

/* yaml.decode_all(text) --> list of values
 * Every document of a stream; empty ones are left out.
 * raises: when text is no string
 * returns nil, err: parse (line and column), limit
 * yields: no */
static int l_yaml_decode_all(lua_State *L)
{
	return ss_bind_decode_all(L, ss_yaml_parse_all);
}

int ss_bind_open_yaml(lua_State *L)
{
	static const luaL_Reg functions[] = {{"encode", l_yaml_encode},
	                                     {"decode", l_yaml_decode},
	                                     {"decode_all", l_yaml_decode_all},
	                                     {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
