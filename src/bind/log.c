#include <lauxlib.h>
#include <string.h>

#include "base/log.h"
#include "bind/modules.h"
#include "bind/text.h"
#include "script/conv.h"
#include "script/luax.h"

static int log_at(lua_State *L, enum ss_log_level level, const char *func)
{
	const char *message = luaL_checkstring(L, 1);
	struct ss_doc *fields = NULL;

	lua_settop(L, 2);
	if (!lua_isnil(L, 2) && !lua_istable(L, 2))
		return ss_lua_misuse(L, "%s: the fields must be a table, not a %s", func,
		                     luaL_typename(L, 2));
	if (level < ss_log_get_level())
		return 0;
	if (!lua_isnil(L, 2)) {
		fields = ss_bind_read_value(L, 2, func);
		if (ss_doc_count(fields, ss_doc_root(fields)) &&
		    ss_doc_type(fields, ss_doc_root(fields)) != SS_OBJECT)
			return ss_lua_misuse(L, "%s: the fields need names: {name = value}", func);
	}
	ss_log_fields(level, message, fields);
	if (fields)
		ss_lua_close_box(L, 3);
	return 0;
}

/* log.debug(message, {name = value, …}), and the same for info, warn and error
 * One line on stderr, when --log lets the level through. Fields are written as name=value.
 * raises: for wrong types, and fields without a JSON form
 * yields: no */
static int l_log_debug(lua_State *L)
{
	return log_at(L, SS_LOG_DEBUG, "log.debug");
}

static int l_log_info(lua_State *L)
{
	return log_at(L, SS_LOG_INFO, "log.info");
}

static int l_log_warn(lua_State *L)
{
	return log_at(L, SS_LOG_WARN, "log.warn");
}

static int l_log_error(lua_State *L)
{
	return log_at(L, SS_LOG_ERROR, "log.error");
}

int ss_bind_open_log(lua_State *L)
{
	static const luaL_Reg functions[] = {{"debug", l_log_debug},
	                                     {"info", l_log_info},
	                                     {"warn", l_log_warn},
	                                     {"error", l_log_error},
	                                     {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
