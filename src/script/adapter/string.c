/* The string library of adapter files: stock functions where their work is
 * bounded by the size of a value, our own where it is not. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <string.h>

#include "script/adapter/match.h"
#include "script/adapter/state.h"

static void start(struct ss_match *m, lua_State *L, const char *s, size_t ls, const char *p,
                  size_t lp)
{
	if (lp > SS_MATCH_PATTERN_BYTES)
		luaL_error(L, "the pattern is longer than %d bytes", SS_MATCH_PATTERN_BYTES);
	m->L = L;
	m->src = s;
	m->src_end = s + ls;
	m->pattern_end = p + lp;
	m->depth = m->level = 0;
}

/* Lua's position (from 1, negative from the end) as an offset, cut to 0 … len. */
static size_t offset(lua_Integer pos, size_t len)
{
	if (pos > 0)
		return (size_t)pos - 1;
	if (pos == 0 || pos < -(lua_Integer)len)
		return 0;
	return len + (size_t)pos;
}

static int find_plain(lua_State *L, const char *s, size_t ls, const char *p, size_t lp, size_t from)
{
	/* glibc's memmem is linear. */
	const char *at = memmem(s + from, ls - from, p, lp);

	ss_adapter_state_charge(L, ls);
	if (!at) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, at - s + 1);
	lua_pushinteger(L, at - s + (lua_Integer)lp);
	return 2;
}

static bool has_specials(const char *p, size_t lp)
{
	for (size_t i = 0; i < lp; i++) {
		if (p[i] && strchr("^$*+?.([%-", p[i]))
			return true;
	}
	return false;
}

static int find(lua_State *L, bool positions)
{
	size_t ls, lp, from;
	const char *s = luaL_checklstring(L, 1, &ls), *p = luaL_checklstring(L, 2, &lp), *e;
	struct ss_match m;
	bool anchored;

	from = offset(luaL_optinteger(L, 3, 1), ls);
	if (from > ls) {
		lua_pushnil(L);
		return 1;
	}
	if (positions && (lua_toboolean(L, 4) || !has_specials(p, lp)))
		return find_plain(L, s, ls, p, lp, from);
	start(&m, L, s, ls, p, lp);
	anchored = lp && *p == '^';
	for (const char *at = s + from; at <= s + ls; at++) {
		e = ss_match_at(&m, at, p + anchored);
		if (e && positions) {
			lua_pushinteger(L, at - s + 1);
			lua_pushinteger(L, e - s);
			return ss_match_push(&m, NULL, NULL) + 2;
		}
		if (e)
			return ss_match_push(&m, at, e);
		if (anchored)
			break;
	}
	lua_pushnil(L);
	return 1;
}

static int l_find(lua_State *L)
{
	return find(L, true);
}

static int l_match(lua_State *L)
{
	return find(L, false);
}

/* upvalues: string, pattern, offset to go on from, end of the last match. All state is
 * in Lua values, so an error in the middle leaves nothing behind. */
static int gmatch_step(lua_State *L)
{
	size_t ls, lp;
	const char *s = lua_tolstring(L, lua_upvalueindex(1), &ls);
	const char *p = lua_tolstring(L, lua_upvalueindex(2), &lp), *e;
	lua_Integer from = lua_tointeger(L, lua_upvalueindex(3));
	lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
	struct ss_match m;

	start(&m, L, s, ls, p, lp);
	for (const char *at = s + from; at <= s + ls; at++) {
		e = ss_match_at(&m, at, p);
		if (e && e - s != last) {
			lua_pushinteger(L, e - s);
			lua_copy(L, -1, lua_upvalueindex(3));
			lua_replace(L, lua_upvalueindex(4));
			return ss_match_push(&m, at, e);
		}
	}
	lua_pushinteger(L, (lua_Integer)ls + 1);
	lua_replace(L, lua_upvalueindex(3));
	return 0;
}

static int l_gmatch(lua_State *L)
{
	luaL_checkstring(L, 1);
	luaL_checkstring(L, 2);
	lua_settop(L, 2);
	lua_pushinteger(L, 0);
	lua_pushinteger(L, -1);
	lua_pushcclosure(L, gmatch_step, 4);
	return 1;
}

/* The replacement text of gsub: %0 … %9 and %%. */
static void add_text(struct ss_match *m, luaL_Buffer *b, const char *s, const char *e)
{
	lua_State *L = m->L;
	size_t len;
	const char *news = lua_tolstring(L, 3, &len), *p;

	for (const char *end = news + len; news < end; news = p + 2) {
		p = memchr(news, '%', (size_t)(end - news));
		luaL_addlstring(b, news, (size_t)((p ? p : end) - news));
		if (!p)
			return;
		if (p + 1 < end && p[1] == '%') {
			luaL_addchar(b, '%');
		} else if (p + 1 < end && p[1] == '0') {
			luaL_addlstring(b, s, (size_t)(e - s));
		} else if (p + 1 < end && p[1] >= '1' && p[1] <= '9') {
			ss_match_push_one(m, p[1] - '1', s, e);
			luaL_tolstring(L, -1, NULL); /* a position is a number */
			lua_remove(L, -2);
			luaL_addvalue(b);
		} else {
			luaL_error(L, "invalid use of '%%' in replacement string");
		}
	}
}

static void add_value(struct ss_match *m, luaL_Buffer *b, const char *s, const char *e)
{
	lua_State *L = m->L;

	switch (lua_type(L, 3)) {
	case LUA_TFUNCTION:
		lua_pushvalue(L, 3);
		lua_call(L, ss_match_push(m, s, e), 1);
		break;
	case LUA_TTABLE:
		ss_match_push_one(m, 0, s, e);
		lua_gettable(L, 3);
		break;
	default:
		add_text(m, b, s, e);
		return;
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		luaL_addlstring(b, s, (size_t)(e - s));
	} else if (lua_isstring(L, -1)) {
		luaL_addvalue(b);
	} else {
		luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
	}
}

static int l_gsub(lua_State *L)
{
	size_t ls, lp;
	const char *s = luaL_checklstring(L, 1, &ls), *p = luaL_checklstring(L, 2, &lp);
	const char *at = s, *last = NULL, *e;
	int type = lua_type(L, 3);
	lua_Integer max = luaL_optinteger(L, 4, (lua_Integer)ls + 1), n = 0;
	bool anchored = lp && *p == '^';
	struct ss_match m;
	luaL_Buffer b;

	luaL_argexpected(L,
	                 type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TTABLE ||
	                         type == LUA_TFUNCTION,
	                 3, "string/function/table");
	lua_settop(L, 3);
	luaL_buffinit(L, &b);
	start(&m, L, s, ls, p, lp);
	while (n < max) {
		e = ss_match_at(&m, at, p + anchored);
		if (e && e != last) {
			n++;
			add_value(&m, &b, at, e);
			at = last = e;
		} else if (at < m.src_end) {
			luaL_addchar(&b, *at++);
		} else {
			break;
		}
		if (anchored)
			break;
	}
	luaL_addlstring(&b, at, (size_t)(m.src_end - at));
	luaL_pushresult(&b);
	lua_pushinteger(L, n);
	return 2;
}

static int l_rep(lua_State *L)
{
	size_t ls, lsep;
	const char *s = luaL_checklstring(L, 1, &ls), *sep;
	lua_Integer n = luaL_checkinteger(L, 2);
	luaL_Buffer b;

	sep = luaL_optlstring(L, 3, "", &lsep);
	if (n <= 0 || ls + lsep == 0) {
		lua_pushliteral(L, "");
		return 1;
	}
	if ((lua_Unsigned)n > SS_ADAPTER_BLOCK_BYTES / (ls + lsep))
		return luaL_error(L, "the result would be longer than %d bytes",
		                  SS_ADAPTER_BLOCK_BYTES);
	ss_adapter_state_charge(L, (size_t)n * (ls + lsep));
	luaL_buffinitsize(L, &b, (size_t)n * (ls + lsep));
	while (n-- > 0) {
		luaL_addlstring(&b, s, ls);
		if (n > 0)
			luaL_addlstring(&b, sep, lsep);
	}
	luaL_pushresult(&b);
	return 1;
}

/* string.format without addresses: %p is refused, and what %s would print with one
 * is turned into text first. */
static int l_format(lua_State *L)
{
	const char *f = luaL_checkstring(L, 1);
	int top = lua_gettop(L);

	while ((f = strchr(f, '%'))) {
		f++;
		f += strspn(f, "-+ #0123456789.");
		if (*f == 'p')
			return luaL_error(L, "'%%p' is not available in a policy");
		if (*f)
			f++;
	}
	for (int i = 2; i <= top; i++) {
		int type = lua_type(L, i);

		if (type == LUA_TTABLE || type == LUA_TFUNCTION) {
			ss_adapter_tostring(L, i, NULL);
			lua_replace(L, i);
		}
		ss_adapter_state_charge(L, 16 + (type == LUA_TSTRING ? lua_rawlen(L, i) : 0));
	}
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int l_charged(lua_State *L)
{
	ss_adapter_state_charge(L, lua_rawlen(L, 1));
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void ss_adapter_string_open(lua_State *L)
{
	static const char *const stock[] = {"byte", "char",    "len",  "lower",
	                                    "sub",  "reverse", "upper"};
	static const luaL_Reg ours[] = {
	        {"find", l_find}, {"match", l_match}, {"gmatch", l_gmatch},
	        {"gsub", l_gsub}, {"rep", l_rep},     {NULL, NULL},
	};

	luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
	lua_createtable(L, 0, 16);
	for (size_t i = 0; i < SS_ARRAY_LEN(stock); i++) {
		lua_getfield(L, -2, stock[i]);
		lua_pushcclosure(L, l_charged, 1);
		lua_setfield(L, -2, stock[i]);
	}
	lua_getfield(L, -2, "format");
	lua_pushcclosure(L, l_format, 1);
	lua_setfield(L, -2, "format");
	luaL_setfuncs(L, ours, 0);
	lua_remove(L, -2);
	/* ("x"):upper() finds the same functions. Opening the library set the metatable. */
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 2);
}
