#include "script/luax.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "script/lazy.h"

enum { MAX_OPTION_NAMES = 64 };

int ss_lua_misuse(lua_State *L, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	luaL_checkstack(L, 3, NULL);
	luaL_where(L, 1);
	lua_pushstring(L, text);
	lua_concat(L, 2);
	return lua_error(L);
}

/* --- option tables ----------------------------------------------------------- */

static void unknown_option(lua_State *L, const char *func, const char *name,
                           const char *const *names)
{
	const char *near;
	size_t n = 0;

	while (names[n] && n < MAX_OPTION_NAMES)
		n++;
	near = ss_suggest(name, names, n);
	if (near)
		ss_lua_misuse(L, "%s: unknown option '%s': did you mean '%s'?", func, name, near);
	ss_lua_misuse(L, "%s: unknown option '%s'", func, name);
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

void ss_lua_check_options(lua_State *L, int index, const char *func, const char *const *names)
{
	if (lua_isnoneornil(L, index))
		return;
	if (!lua_istable(L, index))
		ss_lua_misuse(L, "%s: the options must be a table, not a %s", func,
		              luaL_typename(L, index));
	index = lua_absindex(L, index);
	luaL_checkstack(L, 4, "options");
	ss_lazy_fill(L, index);
	lua_pushnil(L);
	while (lua_next(L, index)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			ss_lua_misuse(L, "%s: option names are strings, not a %s", func,
			              luaL_typename(L, -2));
		if (!is_one_of(lua_tostring(L, -2), names))
			unknown_option(L, func, lua_tostring(L, -2), names);
		lua_pop(L, 1);
	}
}

/* Push t[name], raw; LUA_TNIL when there is no table. */
static int push_option(lua_State *L, int index, const char *name)
{
	if (!lua_istable(L, index)) {
		lua_pushnil(L);
		return LUA_TNIL;
	}
	index = lua_absindex(L, index);
	lua_pushstring(L, name);
	return lua_rawget(L, index);
}

static int wrong_option(lua_State *L, const char *func, const char *name, const char *want)
{
	return ss_lua_misuse(L, "%s: option '%s' must be %s, not a %s", func, name, want,
	                     luaL_typename(L, -1));
}

const char *ss_lua_opt_string(lua_State *L, int index, const char *func, const char *name,
                              const char *fallback)
{
	int type = push_option(L, index, name);
	const char *value = fallback;

	if (type == LUA_TSTRING)
		value = lua_tostring(L, -1);
	else if (type != LUA_TNIL)
		wrong_option(L, func, name, "a string");
	if (value && value != fallback && strlen(value) != lua_rawlen(L, -1))
		ss_lua_misuse(L, "%s: option '%s' holds a NUL byte", func, name);
	lua_pop(L, 1);
	return value;
}

bool ss_lua_opt_bool(lua_State *L, int index, const char *func, const char *name, bool fallback)
{
	int type = push_option(L, index, name);
	bool value = fallback;

	if (type == LUA_TBOOLEAN)
		value = lua_toboolean(L, -1);
	else if (type != LUA_TNIL)
		wrong_option(L, func, name, "true or false");
	lua_pop(L, 1);
	return value;
}

int64_t ss_lua_opt_int(lua_State *L, int index, const char *func, const char *name, int64_t min,
                       int64_t max, int64_t fallback)
{
	int type = push_option(L, index, name), exact = 1;
	int64_t value = fallback;

	if (type == LUA_TNUMBER)
		value = lua_tointegerx(L, -1, &exact);
	else if (type != LUA_TNIL)
		wrong_option(L, func, name, "an integer");
	if (!exact)
		ss_lua_misuse(L, "%s: option '%s' must be an integer", func, name);
	if (type == LUA_TNUMBER && (value < min || value > max))
		ss_lua_misuse(L, "%s: option '%s' must be from %lld to %lld", func, name,
		              (long long)min, (long long)max);
	lua_pop(L, 1);
	return value;
}

int64_t ss_lua_opt_seconds_ms(lua_State *L, int index, const char *func, const char *name,
                              int64_t fallback_ms)
{
	int type = push_option(L, index, name);
	int64_t ms = fallback_ms;

	if (type == LUA_TNUMBER) {
		ms = ss_lua_seconds_to_ms(lua_tonumber(L, -1));
		if (ms <= 0)
			ss_lua_misuse(L, "%s: option '%s' must be seconds above 0", func, name);
	} else if (type != LUA_TNIL) {
		wrong_option(L, func, name, "a number of seconds");
	}
	lua_pop(L, 1);
	return ms;
}

int64_t ss_lua_seconds_to_ms(double seconds)
{
	if (!(seconds >= 0))
		return -1;
	/* About 31 years; also keeps infinity out of the arithmetic with deadlines. */
	return seconds < 1e9 ? (int64_t)ceil(seconds * 1000) : (int64_t)1e12;
}

/* --- boxes ------------------------------------------------------------------- */

struct box {
	void *ptr;
	void (*free)(void *ptr);
};

static void release(struct box *box)
{
	void *ptr = box ? box->ptr : NULL;

	if (!ptr)
		return;
	box->ptr = NULL; /* before: free may come back here */
	box->free(ptr);
}

static int l_box_release(lua_State *L)
{
	release(lua_touserdata(L, 1));
	return 0;
}

/* Registry[type] = the metatable too, by address: no string is looked up for a
 * box that is made often. */
static void push_new_box_meta(lua_State *L, const char *type)
{
	static const luaL_Reg functions[] = {
	        {"__gc", l_box_release}, {"__close", l_box_release}, {NULL, NULL}};

	/* A module may have put methods into it before. */
	luaL_newmetatable(L, type);
	luaL_setfuncs(L, functions, 0);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, type);
}

void **ss_lua_new_box(lua_State *L, const char *type, void (*free)(void *))
{
	struct box *box = lua_newuserdatauv(L, sizeof(*box), 1);

	*box = (struct box){.free = free};
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, type) != LUA_TTABLE) {
		lua_pop(L, 1);
		push_new_box_meta(L, type);
	}
	lua_setmetatable(L, -2);
	return &box->ptr;
}

void ss_lua_close_box(lua_State *L, int index)
{
	release(lua_touserdata(L, index));
}

void ss_lua_fill_box(lua_State *L, int index, void *ptr)
{
	((struct box *)lua_touserdata(L, index))->ptr = ptr;
}

void *ss_lua_take_box(lua_State *L, int index)
{
	struct box *box = lua_touserdata(L, index);
	void *ptr = box->ptr;

	box->ptr = NULL;
	return ptr;
}
