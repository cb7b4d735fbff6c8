/* pcall, xpcall, load and the coroutine library of our states: as in stock Lua,
 * except that a wait inside a script's own coroutine travels up to its task, that
 * no script resumes or closes what waits, that nothing catches a kill, and that
 * an error keeps the place where it arose. */
#include <lauxlib.h>
#include <string.h>

#include "script/host_priv.h"
#include "script/raise.h"

enum { MAX_NESTED_CLOSES = 100 }; /* lua_resetthread does not count C frames: deeper is a crash */

static bool is_killed(lua_State *L)
{
	return ss_task_is_killed(ss_host_of(L)->current);
}

/* --- pcall, xpcall, load --------------------------------------------------------- */

static int k_pcall(lua_State *L, int status, lua_KContext extra)
{
	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L) - (int)extra;
	if (is_killed(L))
		return lua_error(L);
	if (lua_type(L, -1) == LUA_TSTRING) /* what a handler made of it */
		ss_raise_note(L, -1, "");
	lua_pushboolean(L, 0);
	lua_pushvalue(L, -2);
	return 2;
}

/* Message handler: where it arose is known only while its frames are there. */
static int note(lua_State *L)
{
	char where[SS_RAISE_PLACE];

	lua_settop(L, 1);
	if (!is_killed(L)) {
		ss_raise_where(L, 1, where, sizeof(where));
		ss_raise_note(L, 1, where);
	}
	return 1;
}

/* pcall(f, …) --> true, results | false, error.  Yields with f.  A kill passes through. */
static int l_pcall(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_pushcfunction(L, note);
	lua_pushboolean(L, 1);
	lua_rotate(L, 1, 2);
	return k_pcall(L, lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 1, k_pcall), 1);
}

/* upvalue 1: the script's handler. It would run with hooks off when the hook itself raised. */
static int l_handler(lua_State *L)
{
	char where[SS_RAISE_PLACE];

	if (is_killed(L))
		return 1;
	lua_settop(L, 1);
	ss_raise_where(L, 1, where, sizeof(where));
	ss_raise_note(L, 1, where);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	ss_raise_note(L, 1, where);
	return 1;
}

/* xpcall(f, handler, …) --> as pcall.  Yields with f, not with the handler. */
static int l_xpcall(lua_State *L)
{
	int n = lua_gettop(L);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	if (!lua_iscfunction(L, 2)) { /* debug.traceback counts frames from its caller */
		lua_pushvalue(L, 2);
		lua_pushcclosure(L, l_handler, 1);
		lua_replace(L, 2);
	}
	lua_pushboolean(L, 1);
	lua_pushvalue(L, 1);
	lua_rotate(L, 3, 2);
	return k_pcall(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, k_pcall), 2);
}

/* load(chunk, name, mode, env): text only, whatever the mode says.  upvalue 1: stock load.
 * A chunk function cannot wait. */
static int l_load(lua_State *L)
{
	const char *mode = luaL_optstring(L, 3, "t");
	int n = lua_gettop(L);

	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	if (n < 3) {
		lua_settop(L, 3);
		lua_pushnil(L);
		n = 3;
	}
	lua_pushstring(L, strchr(mode, 't') ? "t" : "");
	lua_replace(L, 4);
	lua_call(L, n, LUA_MULTRET);
	if (is_killed(L) && lua_isnil(L, 1))
		return lua_error(L);
	return lua_gettop(L);
}

/* --- coroutines -------------------------------------------------------------------- */

/* It waits for the host, or it was a task and has ended. */
static bool is_ours(lua_State *co)
{
	return lua_gettop(co) > 0 && lua_touserdata(co, -1) == &ss_wait_token;
}

static lua_State *check_co(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argexpected(L, co, 1, "coroutine");
	return co;
}

/* Close what a broken or given-up coroutine holds; its error, if any, is left on co. */
static int close_co(lua_State *L, lua_State *co)
{
	struct ss_host *host = ss_host_of(L);
	int status;

	if (host->n_closing >= MAX_NESTED_CLOSES)
		return luaL_error(L, "too many nested closes of coroutines");
	host->n_closing++;
	host->nowait++; /* a yield out of lua_resetthread would be lost */
	status = lua_resetthread(co);
	host->nowait--;
	host->n_closing--;
	return status;
}

/* The coroutine raised: its error is on top of co. Pushes it on L. */
static void move_error(lua_State *L, lua_State *co, bool close)
{
	int status = lua_status(co);

	if (close && status != LUA_OK && status != LUA_YIELD)
		close_co(L, co);
	lua_xmove(co, L, 1);
}

enum { RESUME, WRAP };

static int k_go(lua_State *L, int status, lua_KContext form);

static int go_results(lua_State *L, lua_State *co, int n, lua_KContext form)
{
	if (!lua_checkstack(L, n + 1)) {
		lua_pop(co, n);
		return luaL_error(L, "too many results to resume");
	}
	if (form == RESUME)
		lua_pushboolean(L, 1);
	lua_xmove(co, L, n);
	return form == RESUME ? n + 1 : n;
}

static int go_error(lua_State *L, lua_State *co, int status, lua_KContext form)
{
	char where[SS_RAISE_PLACE];
	bool killed = is_killed(L);

	ss_raise_where(co, 0, where, sizeof(where));
	move_error(L, co, form == WRAP || killed);
	if (killed)
		return lua_error(L);
	ss_raise_note(L, -1, where);
	if (form == RESUME) {
		lua_pushboolean(L, 0);
		lua_insert(L, -2);
		return 2;
	}
	if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING && !ss_raise_is_again(L, -1)) {
		luaL_where(L, 1);
		lua_insert(L, -2);
		lua_concat(L, 2);
	}
	return lua_error(L);
}

/* Run co with n_args on its stack until it ends or yields to the script; a wait is passed on. */
static int go(lua_State *L, lua_State *co, int n_args, lua_KContext form)
{
	struct ss_host *host = ss_host_of(L);
	int n, status, blocked = !lua_isyieldable(L);

	host->nowait += blocked;
	status = lua_resume(co, L, n_args, &n);
	host->nowait -= blocked;
	if (status == LUA_YIELD && is_ours(co)) {
		lua_pushlightuserdata(L, (void *)&ss_wait_token);
		return lua_yieldk(L, 1, form, k_go);
	}
	if (status == LUA_OK || status == LUA_YIELD)
		return go_results(L, co, n, form);
	return go_error(L, co, status, form);
}

static int k_go(lua_State *L, int status, lua_KContext form)
{
	lua_State *co = lua_tothread(L, form == WRAP ? lua_upvalueindex(1) : 1);

	(void)status;
	lua_pop(co, 1); /* the token */
	return go(L, co, 0, form);
}

static int start(lua_State *L, lua_State *co, int n_args, lua_KContext form)
{
	const char *why = is_ours(co)                  ? "cannot resume a coroutine that is waiting"
	                  : lua_checkstack(co, n_args) ? NULL
	                                               : "too many arguments to resume";

	if (why && form == WRAP)
		return luaL_error(L, "%s", why);
	if (why) {
		lua_pushboolean(L, 0);
		lua_pushstring(L, why);
		return 2;
	}
	lua_xmove(L, co, n_args);
	return go(L, co, n_args, form);
}

/* coroutine.resume(co, …) --> true, values | false, error.  Yields when co waits. */
static int l_resume(lua_State *L)
{
	lua_State *co = check_co(L);

	return start(L, co, lua_gettop(L) - 1, RESUME);
}

static int l_wrap_call(lua_State *L)
{
	return start(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L), WRAP);
}

/* coroutine.wrap(f) --> a function that resumes f.  It yields when f waits. */
static int l_wrap(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	lua_pushcclosure(L, l_wrap_call, 1);
	return 1;
}

/* coroutine.yield(…) --> what resume passes.  Raises in a task's own function. */
static int l_yield(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;

	if (task && task->co == L)
		return luaL_error(L, "attempt to yield from outside a coroutine");
	return lua_yield(L, lua_gettop(L));
}

/* coroutine.isyieldable([co]) --> boolean */
static int l_isyieldable(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;
	lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;

	lua_pushboolean(L, lua_isyieldable(co) && !(task && task->co == co));
	return 1;
}

/* coroutine.running() --> co, whether it is a task's own */
static int l_running(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;
	int main = lua_pushthread(L);

	lua_pushboolean(L, main || (task && task->co == L));
	return 2;
}

static const char *co_status(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	if (L == co)
		return "running";
	switch (lua_status(co)) {
	case LUA_YIELD:
		return is_ours(co) ? "normal" : "suspended";
	case LUA_OK:
		if (lua_getstack(co, 0, &ar))
			return "normal";
		return lua_gettop(co) == 0 || is_ours(co) ? "dead" : "suspended";
	default:
		return "dead";
	}
}

/* coroutine.status(co) --> "running" | "suspended" | "normal" | "dead"; what waits is normal. */
static int l_status(lua_State *L)
{
	lua_pushstring(L, co_status(L, check_co(L)));
	return 1;
}

/* coroutine.close(co) --> true | false, error.  Raises for one that runs or waits; its
 * __close handlers cannot wait. */
static int l_close(lua_State *L)
{
	lua_State *co = check_co(L);
	const char *status = co_status(L, co);

	if (strcmp(status, "suspended") != 0 && strcmp(status, "dead") != 0)
		return luaL_error(L, "cannot close a %s coroutine", status);
	if (is_ours(co) || close_co(L, co) == LUA_OK) {
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_xmove(co, L, 1);
	if (is_killed(L))
		return lua_error(L);
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

void ss_coro_open(lua_State *L, bool full_libraries)
{
	static const luaL_Reg functions[] = {
	        {"resume", l_resume},   {"wrap", l_wrap},
	        {"yield", l_yield},     {"isyieldable", l_isyieldable},
	        {"running", l_running}, {"status", l_status},
	        {"close", l_close},     {NULL, NULL},
	};

	lua_getglobal(L, "coroutine");
	luaL_setfuncs(L, functions, 0);
	lua_pop(L, 1);
	lua_register(L, "error", ss_raise_error);
	lua_register(L, "assert", ss_raise_assert);
	lua_register(L, "pcall", l_pcall);
	lua_register(L, "xpcall", l_xpcall);
	if (full_libraries)
		return;
	lua_getglobal(L, "load");
	lua_pushcclosure(L, l_load, 1);
	lua_setglobal(L, "load");
}
