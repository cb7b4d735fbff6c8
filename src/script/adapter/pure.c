/* What a build hook could keep from one call to the next: the upvalues of the
 * functions it reaches, and the tables in them. They are noted once the files
 * have run. A call that changed one of them would make the next one answer
 * differently, or show it what another tenant asked for.
 *
 * The notes are a list in the registry, NOTE_SIZE values each: the table or
 * function, a copy of what is in it, how many entries that has, its metatable (or
 * false), and the name it was found under. What is new in a call can only be kept
 * by changing something noted, so the list needs no second search. */
#include <lauxlib.h>

#include "script/adapter/adapter_priv.h"

enum { OBJECT, COPY, COUNT, METATABLE, NAME, NOTE_SIZE };

static const char notes_key; /* registry: the list */
static const char seen_key;  /* registry: {object = true} */

/* --- taking notes: the list at 1, seen at 2 ---------------------------------------- */
static void push_registered(lua_State *L, const void *key)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

/* The value at the top: could a script change it, and was it not noted before? */
static bool is_news(lua_State *L)
{
	bool news;

	/* C functions too: the iterators of gmatch and pairs count in their upvalues. */
	if (!lua_istable(L, -1) && !lua_isfunction(L, -1))
		return false;
	ss_adapter_env_push(L); /* refuses writes */
	news = !lua_rawequal(L, -1, -2);
	lua_pop(L, 1);
	if (!news)
		return false;
	lua_pushvalue(L, -1);
	news = lua_rawget(L, 2) == LUA_TNIL;
	lua_pop(L, 1);
	return news;
}

/* Append the value at the top to the list if it is news, and pop it. */
static void append(lua_State *L, const char *name)
{
	lua_Integer at = (lua_Integer)lua_rawlen(L, 1) + 1;

	if (!is_news(L)) {
		lua_pop(L, 1);
		return;
	}
	lua_pushvalue(L, -1);
	lua_pushboolean(L, 1);
	lua_rawset(L, 2);
	lua_rawseti(L, 1, at + OBJECT);
	lua_newtable(L);
	lua_rawseti(L, 1, at + COPY);
	lua_pushinteger(L, 0);
	lua_rawseti(L, 1, at + COUNT);
	lua_pushboolean(L, 0);
	lua_rawseti(L, 1, at + METATABLE);
	lua_pushstring(L, name);
	lua_rawseti(L, 1, at + NAME);
}

/* The object at 3, its copy at 4. */
static lua_Integer copy_entries(lua_State *L, const char *name)
{
	lua_Integer n = 0;

	lua_pushnil(L);
	while (lua_next(L, 3)) {
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, 4);
		append(L, name);
		lua_pushvalue(L, -1);
		append(L, name);
		n++;
	}
	return n;
}

/* Those of C functions have no names. */
static lua_Integer copy_upvalues(lua_State *L, const char *name)
{
	const char *own;
	int n = 0;

	while ((own = lua_getupvalue(L, 3, n + 1))) {
		lua_pushvalue(L, -1);
		lua_rawseti(L, 4, ++n);
		append(L, *own ? own : name);
	}
	return n;
}

static void fill(lua_State *L, lua_Integer at)
{
	bool table;
	const char *name;

	lua_rawgeti(L, 1, at + OBJECT);
	lua_rawgeti(L, 1, at + COPY);
	lua_rawgeti(L, 1, at + NAME);
	table = lua_istable(L, 3);
	name = lua_tostring(L, 5);
	lua_pushinteger(L, table ? copy_entries(L, name) : copy_upvalues(L, name));
	lua_rawseti(L, 1, at + COUNT);
	if (table && lua_getmetatable(L, 3)) {
		lua_pushvalue(L, -1);
		lua_rawseti(L, 1, at + METATABLE);
		append(L, name);
	}
	lua_settop(L, 2);
}

static int l_note(lua_State *L)
{
	lua_Integer at;

	push_registered(L, &notes_key);
	lua_insert(L, 1);
	push_registered(L, &seen_key);
	lua_insert(L, 2);
	at = (lua_Integer)lua_rawlen(L, 1) + 1;
	lua_pushvalue(L, 3);
	append(L, lua_tostring(L, 4));
	lua_settop(L, 2);
	for (; at <= (lua_Integer)lua_rawlen(L, 1); at += NOTE_SIZE)
		fill(L, at);
	return 0;
}

void adapter_pure_note(lua_State *L, const char *name)
{
	lua_pushcfunction(L, l_note);
	lua_insert(L, -2);
	lua_pushstring(L, name);
	lua_call(L, 2, 0);
}

/* --- looking again: the list at 1, an object at 2, its copy at 3 ------------------------ */
/* The two values at the top, which are popped. NaN is what it was. */
static bool pop_same(lua_State *L)
{
	bool same = lua_rawequal(L, -1, -2);

	if (!same && lua_type(L, -1) == LUA_TNUMBER && lua_type(L, -2) == LUA_TNUMBER)
		same = lua_tonumber(L, -1) != lua_tonumber(L, -1) &&
		       lua_tonumber(L, -2) != lua_tonumber(L, -2);
	lua_pop(L, 2);
	return same;
}

static bool same_entries(lua_State *L, lua_Integer count)
{
	lua_Integer n = 0;

	lua_pushnil(L);
	while (lua_next(L, 2)) {
		lua_pushvalue(L, -2);
		lua_rawget(L, 3);
		if (!pop_same(L))
			return false;
		n++;
	}
	return n == count;
}

/* The name of the first one that is another, or NULL. */
static const char *changed_upvalue(lua_State *L, lua_Integer count)
{
	for (int i = 1; i <= count; i++) {
		const char *name = lua_getupvalue(L, 2, i);

		lua_rawgeti(L, 3, i);
		if (!pop_same(L))
			return name;
	}
	return NULL;
}

static bool same_metatable(lua_State *L, lua_Integer at)
{
	if (!lua_getmetatable(L, 2))
		lua_pushboolean(L, 0);
	lua_rawgeti(L, 1, at + METATABLE);
	return pop_same(L);
}

/* What is to be said of the object noted at `at`, or NULL when it is as it was. */
static const char *changed(lua_State *L, lua_Integer at)
{
	lua_Integer count;

	lua_rawgeti(L, 1, at + COUNT);
	count = lua_tointeger(L, -1);
	lua_settop(L, 1);
	lua_rawgeti(L, 1, at + OBJECT);
	lua_rawgeti(L, 1, at + COPY);
	ss_adapter_state_charge(L, (size_t)(count + 1) * 16);
	if (lua_isfunction(L, 2)) {
		const char *name = changed_upvalue(L, count);

		if (!name || *name)
			return name;
	} else if (same_metatable(L, at) && same_entries(L, count)) {
		return NULL;
	}
	lua_rawgeti(L, 1, at + NAME);
	return lua_tostring(L, -1);
}

static int l_changed(lua_State *L)
{
	const char *name = NULL;

	lua_settop(L, 0);
	push_registered(L, &notes_key);
	for (lua_Integer at = 1, n = (lua_Integer)lua_rawlen(L, 1); at <= n && !name;
	     at += NOTE_SIZE)
		name = changed(L, at);
	lua_pushstring(L, name);
	return 1;
}

void adapter_pure_push_changed(lua_State *L)
{
	lua_pushcfunction(L, l_changed);
	lua_call(L, 0, 1);
}
