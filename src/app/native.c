#include "app/native.h"

#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/native_files.h"
#include "app/native_help.h"
#include "app/native_policy.h"
#include "app/native_session.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "bind/bind.h"
#include "bind/text.h"
#include "kube/change.h"
#include "kube/order.h"
#include "script/embedded.h"
#include "script/host.h"
#include "script/luax.h"

/* native.tell(text): a line on standard error, escaped. */
static int l_native_tell(lua_State *L)
{
	const char *text = luaL_checkstring(L, 1);

	fflush(stdout);
	ss_log_print(stderr, "%s", text);
	return ss_host_wait_for_output(L);
}

/* native.question(text): the text on standard error, escaped, with no line break. What was typed before it
 * is no answer. */
static int l_native_question(lua_State *L)
{
	lua_settop(L, 1);
	fflush(stdout);
	tcflush(STDIN_FILENO, TCIFLUSH);
	fputs(luaL_checkstring(L, 1), stderr);
	return ss_host_wait_for_output(L);
}

/* native.escape(text) --> text without what a terminal would obey: controls, ESC, bidi. */
static int l_native_escape(lua_State *L)
{
	enum { LONGEST = 8 }; /* what one byte may become */
	size_t len, size;
	const char *text = luaL_checklstring(L, 1, &len);
	luaL_Buffer b;
	char *out;

	if (len > (SIZE_MAX - 1) / LONGEST)
		return luaL_error(L, "out of memory");
	size = len * LONGEST + 1;
	out = luaL_buffinitsize(L, &b, size);
	ss_log_escape(text, len, out, size);
	luaL_pushresultsize(&b, strlen(out));
	return 1;
}

/* native.holds_secret(text) --> boolean: would the log mask a part of it? */
static int l_native_holds_secret(lua_State *L)
{
	size_t len, at, n;
	const char *text = luaL_checklstring(L, 1, &len);

	lua_pushboolean(L, ss_secret_find(text, len, 0, &at, &n));
	return 1;
}

/* native.kind_rank(kind) --> integer: what others depend on has a lower one. */
static int l_native_kind_rank(lua_State *L)
{
	lua_pushinteger(L, ss_kube_order_rank(luaL_checkstring(L, 1)));
	return 1;
}

/* native.fail(code, message): raises an error as the k8s calls return it. It has no
 * traceback: the command line or a file is at fault, no line of Lua. */
static int l_native_fail(lua_State *L)
{
	const char *code = luaL_checkstring(L, 1), *message = luaL_checkstring(L, 2);
	struct ss_err err;

	ss_err_init(&err);
	ss_err_set(&err, ss_code_from_name(code), "%s", message);
	ss_lua_push_err(L, &err);
	return lua_error(L);
}

/* native.same(a, b) --> whether two states of an object differ in what the server keeps alone */
static int l_native_same(lua_State *L)
{
	struct ss_doc *a, *b;
	bool same;

	lua_settop(L, 2);
	a = ss_bind_read_value(L, 1, "same");
	b = ss_bind_read_value(L, 2, "same");
	same = ss_change_same(a, ss_doc_root(a), b, ss_doc_root(b));
	ss_lua_close_box(L, 4);
	ss_lua_close_box(L, 3);
	lua_pushboolean(L, same);
	return 1;
}

enum { MAX_WORDS = 512 };

/* native.suggest(word, list) --> the one that is likely meant, or nil */
static int l_native_suggest(lua_State *L)
{
	const char *word = luaL_checkstring(L, 1);
	const char *words[MAX_WORDS];
	size_t n = 0;

	luaL_checktype(L, 2, LUA_TTABLE);
	while (n < MAX_WORDS && lua_rawgeti(L, 2, (lua_Integer)n + 1) == LUA_TSTRING) {
		words[n++] = lua_tostring(L, -1); /* the list keeps it */
		lua_pop(L, 1);
	}
	lua_pushstring(L, ss_suggest(word, words, n));
	return 1;
}

/* native.embedded() --> names of the engine's own Lua modules */
static int l_native_embedded(lua_State *L)
{
	ss_embedded_list(L);
	return 1;
}

void ss_native_push_protected(lua_State *L, const struct ss_doc *config)
{
	ss_node list = ss_doc_find(config, ss_doc_root(config), "protected", NULL);
	lua_Integer n = 0;

	lua_newtable(L);
	for (struct ss_iter it = ss_iter(config, list); ss_iter_next(&it);) {
		lua_pushstring(L, ss_doc_get_string(config, it.value, NULL));
		lua_rawseti(L, -2, ++n);
	}
}

int ss_native_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"escape", l_native_escape},       {"holds_secret", l_native_holds_secret},
	        {"tell", l_native_tell},           {"question", l_native_question},
	        {"kind_rank", l_native_kind_rank}, {"fail", l_native_fail},
	        {"same", l_native_same},           {"suggest", l_native_suggest},
	        {"embedded", l_native_embedded},   {NULL, NULL},
	};

	luaL_newlib(L, functions);
	lua_pushliteral(L, SS_VERSION);
	lua_setfield(L, -2, "version");
	ss_native_add_session(L);
	ss_native_add_files(L);
	ss_native_add_help(L);
	ss_native_add_policy(L);
	return 1;
}

void ss_native_open_all(lua_State *L, void *ud)
{
	ss_bind_open_all(L, ud);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, ss_native_open);
	lua_setfield(L, -2, "ss.native");
	lua_pop(L, 1);
}
