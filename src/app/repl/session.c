#include <lauxlib.h>
#include <string.h>

#include "app/ending.h"
#include "app/native.h"
#include "app/repl/repl.h"
#include "app/repl/signals.h"
#include "script/host.h"
#include "script/luax.h"

/* Registry[&session_key] = what ss.repl's new returned. */
static const char session_key;

static const char make_text[] = "local terminal, options = ...\n"
                                "return require('ss.repl').new(terminal, options)\n";

/* --- making one ------------------------------------------------------------------------------- */
struct making {
	struct ss_repl *repl;
	bool read_only;
};

/* Stack: light userdata struct making. Returns the function and its arguments. */
static int l_prepare(lua_State *L)
{
	struct making *m = lua_touserdata(L, 1);
	const struct ss_doc *config = m->repl->app->config_doc;

	if (luaL_loadbuffer(L, make_text, sizeof(make_text) - 1, "=sandscript") != LUA_OK)
		return lua_error(L);
	ss_terminal_push(L, m->repl);
	lua_createtable(L, 0, 2);
	lua_pushboolean(L, m->read_only);
	lua_setfield(L, -2, "read_only");
	lua_pushboolean(L, ss_app_option(m->repl->app, "yes") != NULL);
	lua_setfield(L, -2, "yes");
	ss_native_push_protected(L, config);
	lua_setfield(L, -2, "protected");
	return 3;
}

static int to_err(lua_State *L, struct ss_err *err)
{
	ss_lua_to_err(L, -1, err);
	lua_pop(L, 1);
	return err->code ? err->code : SS_ERR_SCRIPT;
}

int ss_session_open(struct ss_repl *r, bool read_only, struct ss_err *err)
{
	lua_State *L = ss_host_state(r->host);
	struct making m = {r, read_only};
	int rc;

	lua_settop(L, 0);
	lua_pushcfunction(L, l_prepare);
	lua_pushlightuserdata(L, &m);
	if (lua_pcall(L, 1, 3, 0) != LUA_OK)
		return to_err(L, err);
	rc = ss_host_call(r->host, 2, 0, NULL, NULL, err);
	if (rc)
		return rc;
	lua_settop(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &session_key);
	return 0;
}

/* --- short calls, which do not wait --------------------------------------------------------------- */
/* FIRST to -1 are the results. */
enum { MAX_RESULTS = 3, FIRST = -MAX_RESULTS };

struct call {
	const char *method;
	const char *text; /* first argument, NULL = none */
	size_t len;
	lua_Integer number; /* the next argument; 0 = none */
};

/* Stack: light userdata struct call. Returns MAX_RESULTS. */
static int l_call(lua_State *L)
{
	const struct call *c = lua_touserdata(L, 1);
	int n = 1;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &session_key);
	lua_getfield(L, -1, c->method);
	lua_insert(L, -2);
	if (c->text) {
		lua_pushlstring(L, c->text, c->len);
		n++;
	}
	if (c->number >= 0) {
		lua_pushinteger(L, c->number);
		n++;
	}
	lua_call(L, n, MAX_RESULTS);
	return MAX_RESULTS;
}

/* True leaves MAX_RESULTS values on the stack; false = it failed, which is told. */
static bool call(struct ss_repl *r, const struct call *c)
{
	lua_State *L = ss_host_state(r->host);
	struct ss_err err SS_AUTO_ERR;
	char line[1024];
	int n;

	ss_err_init(&err);
	lua_pushcfunction(L, l_call);
	lua_pushlightuserdata(L, (void *)c);
	if (lua_pcall(L, 1, MAX_RESULTS, 0) == LUA_OK)
		return true;
	to_err(L, &err);
	n = snprintf(line, sizeof(line), "sandscript: %s: %s\n", c->method, err.message);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	ss_screen_tell(&r->screen, line, (size_t)n);
	return false;
}

void ss_session_prompt(struct ss_repl *r, int depth, struct ss_buf *out)
{
	lua_State *L = ss_host_state(r->host);
	const struct call c = {.method = "prompt", .number = depth ? depth : -1};
	bool ok = call(r, &c);
	const char *text = ok ? lua_tostring(L, FIRST) : NULL;

	ss_buf_puts(out, text ? text : "> ");
	if (ok)
		lua_pop(L, MAX_RESULTS);
}

static struct call about(const char *method, const struct ss_buf *text)
{
	return (struct call){.method = method,
	                     .text = text->data ? text->data : "",
	                     .len = text->len,
	                     .number = -1};
}

bool ss_session_is_complete(struct ss_repl *r, const struct ss_buf *text, int *ret_depth)
{
	lua_State *L = ss_host_state(r->host);
	const struct call c = about("check", text);
	bool complete;

	*ret_depth = 0;
	if (!call(r, &c))
		return true;
	complete = lua_toboolean(L, FIRST);
	if (!complete)
		*ret_depth = lua_tointeger(L, FIRST + 1) < 1 ? 1 : (int)lua_tointeger(L, FIRST + 1);
	lua_pop(L, MAX_RESULTS);
	return complete;
}

bool ss_session_is_storable(struct ss_repl *r, const struct ss_buf *text)
{
	lua_State *L = ss_host_state(r->host);
	const struct call c = about("storable", text);
	bool storable;

	if (!call(r, &c))
		return false;
	storable = lua_toboolean(L, FIRST);
	lua_pop(L, MAX_RESULTS);
	return storable;
}

bool ss_session_may_leave(struct ss_repl *r)
{
	lua_State *L = ss_host_state(r->host);
	const struct call c = {.method = "leave", .number = -1};
	bool may;

	if (!call(r, &c))
		return true;
	may = lua_toboolean(L, FIRST);
	lua_pop(L, MAX_RESULTS);
	return may;
}

bool ss_session_candidates(struct ss_repl *r, const struct ss_buf *text, size_t cursor)
{
	struct call c = about("complete", text);

	c.number = (lua_Integer)cursor;
	return call(r, &c);
}

void ss_session_close(struct ss_repl *r)
{
	const struct call c = {.method = "close", .number = -1};

	if (call(r, &c))
		lua_pop(ss_host_state(r->host), MAX_RESULTS);
}

/* --- running ------------------------------------------------------------------------------------------ */
static int l_prepare_run(lua_State *L)
{
	const struct ss_buf *text = lua_touserdata(L, 1);

	lua_rawgetp(L, LUA_REGISTRYINDEX, &session_key);
	lua_getfield(L, -1, "run");
	lua_insert(L, -2);
	lua_pushlstring(L, text->data ? text->data : "", text->len);
	return 3;
}

static void between_turns(void *ud)
{
	struct ss_repl *r = ud;

	if (r->wanted)
		ss_repl_answer(r);
}

/* A killed task has said so; anything else is a fault of the session itself. */
static void report(struct ss_repl *r, struct ss_err *err)
{
	if (err->code == SS_ERR_CANCELED || err->code == SS_ERR_TIMEOUT)
		return;
	fflush(stdout);
	ss_report(err);
	(void)r;
}

bool ss_session_run(struct ss_repl *r, const struct ss_buf *text, int *ret_code)
{
	lua_State *L = ss_host_state(r->host);
	struct ss_err err SS_AUTO_ERR;
	bool over = false;
	int rc;

	ss_err_init(&err);
	lua_settop(L, 0);
	lua_pushcfunction(L, l_prepare_run);
	lua_pushlightuserdata(L, (void *)text);
	if (r->app->timeout_ms)
		ss_ending_in(r->app->timeout_ms + SS_ENDING_MS, SS_EXIT_TIMEOUT, false);
	rc = lua_pcall(L, 1, 3, 0) == LUA_OK
	             ? ss_host_call(r->host, 2, r->app->timeout_ms, between_turns, r, &err)
	             : to_err(L, &err);
	ss_signals_settled();
	if (rc) {
		report(r, &err);
		*ret_code = ss_exit_code(rc);
		over = !r->tty;
	} else {
		over = lua_toboolean(L, 1);
		*ret_code = (int)lua_tointeger(L, 2);
	}
	if (ss_host_is_exiting(r->host)) {
		*ret_code = ss_host_exit_code(r->host);
		over = true;
	}
	lua_settop(L, 0);
	return over;
}
