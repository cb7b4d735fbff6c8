/* What tasks wait for, as text for people: "k8s.wait Pod demo/s1 (s.lua:3)". */
#include <lauxlib.h>
#include <string.h>

#include "script/await.h"
#include "script/host_priv.h"
#include "script/lazy.h"

enum { MAX_NAMED = 3 };

/* A line of a traceback is of C or of our own Lua. */
static bool is_inner(const char *line)
{
	return strncmp(line, "\t[C]:", 5) == 0 || strncmp(line, "\tss.", 4) == 0;
}

static bool is_protected_call(const char *name, size_t len)
{
	return (len == 5 && memcmp(name, "pcall", 5) == 0) ||
	       (len == 6 && memcmp(name, "xpcall", 6) == 0);
}

/* The function that a script waits in, and where. */
struct wait_place {
	const char *name, *place;
	size_t name_len, place_len;
	int level; /* of the function */
};

/* The outermost of ours: what it does inside is no business of the script. */
static void find_place(const char *traceback, struct wait_place *w)
{
	int level = 0;

	for (const char *line = strchr(traceback, '\n'); line; line = strchr(line, '\n')) {
		const char *quote = strpbrk(++line, "'\n"), *end;

		if (strncmp(line, "\t(...tail", 9) == 0)
			continue;
		if (!is_inner(line)) {
			end = strstr(line, ": in ");
			w->place = line + 1;
			w->place_len = end ? (size_t)(end - w->place) : 0;
			return;
		}
		end = quote && *quote == '\'' ? strchr(quote + 1, '\'') : NULL;
		if (end && !is_protected_call(quote + 1, (size_t)(end - quote - 1))) {
			w->name = quote + 1;
			w->name_len = (size_t)(end - w->name);
			w->level = level;
		}
		level++;
	}
}

static const char *raw_text(lua_State *L, int index, const char *key)
{
	const char *text;

	lua_pushstring(L, key);
	text = lua_rawget(L, index) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
	lua_pop(L, 1); /* the table still holds it */
	return text;
}

/* Stack: what the function was called with. Replaced by " Pod demo/s1", or "". */
static void name_object(lua_State *L)
{
	int at = lua_gettop(L);
	const char *kind = NULL, *name = NULL, *namespace_ = NULL;

	if (lua_istable(L, at)) {
		ss_lazy_fill(L, at);
		kind = raw_text(L, at, "kind");
		name = raw_text(L, at, "name");
		namespace_ = raw_text(L, at, "namespace");
		lua_pushliteral(L, "metadata");
		if (lua_rawget(L, at) == LUA_TTABLE) {
			name = raw_text(L, at + 1, "name");
			namespace_ = raw_text(L, at + 1, "namespace");
		}
	}
	lua_pushfstring(L, "%s%s%s%s%s%s", kind ? " " : "", kind ? kind : "",
	                kind && name ? " " : "", kind && name && namespace_ ? namespace_ : "",
	                kind && name && namespace_ ? "/" : "", kind && name ? name : "");
	lua_replace(L, at);
	lua_settop(L, at);
}

/* Pushes its text, nil where the function that waits has no name. */
static void push_wait(lua_State *L, lua_State *co)
{
	struct wait_place w = {0};
	int top = lua_gettop(L);
	lua_Debug ar;
	const char *type = NULL;

	luaL_traceback(L, co, NULL, 0);
	find_place(lua_tostring(L, -1), &w);
	if (!w.name) {
		lua_settop(L, top);
		lua_pushnil(L);
		return;
	}
	lua_pushlstring(L, w.name, w.name_len);
	lua_pushfstring(L, w.place ? " (%s)" : "", lua_pushlstring(L, w.place, w.place_len));
	lua_remove(L, -2);
	if (lua_getstack(co, w.level, &ar) && lua_checkstack(co, 1) && lua_getlocal(co, &ar, 1))
		lua_xmove(co, L, 1);
	else
		lua_pushnil(L);
	/* An iterator has no name but that of its variable. */
	if (lua_type(L, -1) == LUA_TUSERDATA && luaL_getmetafield(L, -1, "__name") == LUA_TSTRING) {
		type = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	name_object(L);
	lua_pushfstring(L, "%s%s%s",
	                type && strcmp(type, "sandscript.watch") == 0 ? "k8s.watch"
	                                                              : lua_tostring(L, top + 2),
	                lua_tostring(L, top + 4), lua_tostring(L, top + 3));
	lua_replace(L, top + 1);
	lua_settop(L, top + 1);
}

struct asked {
	struct ss_host *host;
	const struct ss_task *only;
};

/* Stack: light userdata struct asked. Returns the text. */
static int l_doing(lua_State *L)
{
	const struct asked *asked = lua_touserdata(L, 1);
	const struct ss_task *task = asked->only ? asked->only : asked->host->tasks;
	size_t n = asked->only ? 1 : asked->host->n_live;
	int named = 0, more = 0;

	lua_pushliteral(L, "");
	for (; n; n--, task = task->next) {
		if (task->state != TASK_WAITING || task->waiting->done)
			continue;
		push_wait(L, task->waiting->L);
		if (lua_isnil(L, -1) || strstr(lua_tostring(L, 2), lua_tostring(L, -1))) {
			lua_pop(L, 1);
		} else if (named == MAX_NAMED) {
			more++;
			lua_pop(L, 1);
		} else {
			lua_pushfstring(L, "%s%s%s", lua_tostring(L, 2), named++ ? ", " : "",
			                lua_tostring(L, -1));
			lua_replace(L, 2);
			lua_settop(L, 2);
		}
	}
	if (more)
		lua_pushfstring(L, "%s and %d more", lua_tostring(L, 2), more);
	return 1;
}

char *ss_doing(struct ss_host *host, const struct ss_task *only, const char *before)
{
	struct asked asked = {host, only};
	lua_State *L = host->L;
	int top = lua_gettop(L);
	const char *doing = "";
	char *text = NULL;

	/* Without memory for it the rest is said all the same. */
	if (lua_checkstack(L, 4)) {
		lua_pushcfunction(L, l_doing);
		lua_pushlightuserdata(L, &asked);
		if (lua_pcall(L, 1, 1, 0) == LUA_OK)
			doing = lua_tostring(L, -1);
	}
	if (asprintf(&text, "%s%s%s", before, *doing ? ": waiting in " : "", doing) < 0)
		text = NULL;
	lua_settop(L, top);
	return text;
}
