#include "script/host.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "script/host_priv.h"
#include "script/luax.h"
#include "script/raise.h"

#define MEMORY_MAX_BYTES ((size_t)1 << 30)
#define SOURCE_MAX_BYTES ((size_t)16 << 20)

enum { HOOK_EVERY = 1000 }; /* instructions: costs nothing that can be measured */

const char ss_host_key;
/* Registry[&main_key] = the main task. */
static const char main_key;

struct ss_host *ss_host_of(lua_State *L)
{
	struct ss_host *host;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &ss_host_key);
	host = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return host;
}

lua_State *ss_host_state(struct ss_host *host)
{
	return host->L;
}

struct ss_loop *ss_host_loop(struct ss_host *host)
{
	return host->loop;
}

int ss_host_results(struct ss_host *host)
{
	return host->n_results;
}

int ss_host_exit_code(const struct ss_host *host)
{
	return host->exit_code;
}

/* --- making one ---------------------------------------------------------------- */

static int on_panic(lua_State *L)
{
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";

	fprintf(stderr, "sandscript: internal error: unprotected Lua error: %s\n", text);
	return 0;
}

/* Errors in __gc, and the script's own warn(): "@on" and "@off" are for stock Lua. */
static void on_warning(void *ud, const char *message, int more)
{
	struct ss_host *host = ud;

	if (!host->warning.len && !more && message[0] == '@')
		return;
	host->warning.max = 4096;
	ss_buf_puts(&host->warning, message);
	if (more)
		return;
	ss_log(SS_LOG_WARN, "%s", host->warning.data ? host->warning.data : "");
	ss_buf_reset(&host->warning);
	host->warning.failed = 0;
}

static int make_search(struct ss_host *host, const struct ss_host_options *options,
                       struct ss_err *err)
{
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	for (size_t i = 0; i < options->n_search; i++) {
		const char *dir = options->search[i];

		if (dir[0] != '/' || strpbrk(dir, ";?"))
			return ss_err_set(
			        err, SS_ERR_INVAL,
			        "module folder '%s': not an absolute path without ';' and '?'",
			        dir);
		ss_buf_printf(&path, "%s%s/?.lua;%s/?/init.lua", path.len ? ";" : "", dir, dir);
	}
	if (!path.len)
		return 0;
	host->search = ss_buf_take(&path, NULL);
	return host->search ? 0 : ss_err_nomem(err);
}

struct opening {
	struct ss_host *host;
	const struct ss_host_options *options;
};

/* Stack: light userdata struct opening. */
static int l_open(lua_State *L)
{
	struct opening *o = lua_touserdata(L, 1);

	lua_pushlightuserdata(L, o->host);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &ss_host_key);
	ss_task_open(L);
	ss_env_open(L, o->host);
	if (o->options->open)
		o->options->open(L, o->options->open_ud);
	return 0;
}

/* A call from C into the bare state: protected, with one light userdata. */
static int call_protected(struct ss_host *host, lua_CFunction fn, void *ud, struct ss_err *err)
{
	int status;

	lua_settop(host->L, 0);
	lua_pushcfunction(host->L, fn);
	lua_pushlightuserdata(host->L, ud);
	status = lua_pcall(host->L, 1, 0, 0);
	if (status == LUA_OK)
		return 0;
	ss_lua_to_err(host->L, -1, err);
	lua_settop(host->L, 0);
	if (status == LUA_ERRMEM)
		return ss_err_nomem(err);
	return err && err->code ? err->code : SS_ERR_SCRIPT;
}

int ss_host_new(const struct ss_host_options *options, struct ss_host **ret, struct ss_err *err)
{
	struct ss_host *host = calloc(1, sizeof(*host));
	struct opening opening = {host, options};
	struct ss_err own SS_AUTO_ERR;
	int rc;

	if (!host)
		return ss_err_nomem(err);
	host->loop = options->loop;
	host->alloc.max_bytes =
	        options->memory_max_bytes ? options->memory_max_bytes : MEMORY_MAX_BYTES;
	host->source_max_bytes =
	        options->source_max_bytes ? options->source_max_bytes : SOURCE_MAX_BYTES;
	host->timeout_ms = options->timeout_ms;
	host->full_libraries = options->full_libraries;
	host->out = options->out;
	rc = make_search(host, options, &own);
	host->L = rc ? NULL : lua_newstate(ss_alloc_realloc, &host->alloc);
	if (!rc && !host->L)
		rc = ss_err_nomem(&own);
	if (!rc) {
		lua_atpanic(host->L, on_panic);
		lua_setwarnf(host->L, on_warning, host);
		rc = call_protected(host, l_open, &opening, &own);
	}
	if (rc) {
		ss_err_move(err, &own);
		ss_host_free(host);
		return rc;
	}
	/* Coroutines made from here on inherit it. */
	lua_sethook(host->L, ss_stop_hook, LUA_MASKCOUNT, HOOK_EVERY);
	*ret = host;
	return 0;
}

void ss_host_close(struct ss_host *host)
{
	if (!host || !host->L)
		return;
	ss_stop_all(host, SS_ERR_CANCELED, "the run ended", true);
	while (host->tasks)
		ss_sched_finish(host->tasks);
	atomic_fetch_add(&host->turn, 1);
	lua_close(host->L);
	atomic_fetch_add(&host->turn, 1);
	host->L = NULL;
}

void ss_host_free(struct ss_host *host)
{
	if (!host)
		return;
	ss_host_close(host);
	ss_timer_stop(host->timer);
	ss_buf_done(&host->warning);
	free(host->search);
	free(host->over);
	free(host);
}

/* --- stock Lua ------------------------------------------------------------------- */

static void free_attached(void *ud)
{
	struct ss_host *host = ud;

	ss_buf_done(&host->warning);
	free(host->over);
	free(host);
}

int ss_host_attach(lua_State *L, struct ss_loop *loop, struct ss_host **ret, struct ss_err *err)
{
	void **slot = ss_lua_new_box(L, "sandscript.host", free_attached);
	struct ss_host *host = calloc(1, sizeof(*host));

	if (!host) {
		lua_pop(L, 1);
		return ss_err_nomem(err);
	}
	*slot = host;
	host->loop = loop;
	host->attached = true;
	/* The thread that made it may be collected; the main one stays. */
	lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
	host->L = lua_tothread(L, -1);
	lua_pop(L, 1);
	/* Registry[&main_key] holds the box: an attached host has no main task. */
	lua_rawsetp(L, LUA_REGISTRYINDEX, &main_key);
	lua_pushlightuserdata(L, host);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &ss_host_key);
	ss_task_open(L);
	*ret = host;
	return 0;
}

/* --- starting ------------------------------------------------------------------- */

struct starting {
	struct ss_host *host;
	const char *text, *name;
	size_t len;
	int argc;
	const char *const *argv;
};

int ss_host_load(lua_State *L, const char *text, size_t len, const char *name)
{
	/* The line break stays, so that lines keep their numbers. */
	if (len && text[0] == '#') {
		const char *nl = memchr(text, '\n', len);

		len = nl ? len - (size_t)(nl - text) : 0;
		text = nl ? nl : "";
	}
	return luaL_loadbufferx(L, text, len, name, "t");
}

static void set_arg(lua_State *L, int argc, const char *const *argv)
{
	lua_createtable(L, argc, 1);
	for (int i = 0; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i);
	}
	lua_setglobal(L, "arg");
}

static int l_start(lua_State *L)
{
	struct starting *s = lua_touserdata(L, 1);
	struct ss_err err;

	luaL_checkstack(L, s->argc + 8, "too many arguments");
	if (ss_host_load(L, s->text, s->len, s->name) != LUA_OK)
		return lua_error(L);
	set_arg(L, s->argc, s->argv);
	for (int i = 1; i < s->argc; i++)
		lua_pushstring(L, s->argv[i]);
	ss_err_init(&err);
	if (ss_task_spawn(L, s->argc > 0 ? s->argc - 1 : 0, 0, &s->host->main, &err))
		return luaL_error(L, "%s", err.message);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &main_key);
	return 0;
}

int ss_host_start(struct ss_host *host, const char *text, size_t len, const char *name, int argc,
                  const char *const *argv, struct ss_err *err)
{
	struct starting s = {host, text, name, len, argc, argv};

	if (len > host->source_max_bytes)
		return ss_err_set(err, SS_ERR_LIMIT,
		                  "%s: %zu bytes of source; at most %zu are read",
		                  name[0] == '@' || name[0] == '=' ? name + 1 : name, len,
		                  host->source_max_bytes);
	host->n_results = 0;
	return call_protected(host, l_start, &s, err);
}

/* --- running -------------------------------------------------------------------- */

static void on_timeout(void *ud)
{
	struct ss_host *host = ud;

	ss_stop_run(host, SS_ERR_TIMEOUT, false);
}

void ss_host_interrupt(struct ss_host *host)
{
	atomic_fetch_add_explicit(&host->interrupts, 1, memory_order_relaxed);
	ss_loop_wakeup(host->loop);
}

static void check_interrupts(struct ss_host *host)
{
	int n = atomic_load_explicit(&host->interrupts, memory_order_relaxed);

	if (n == host->interrupts_done)
		return;
	host->interrupts_done = n;
	ss_stop_run(host, SS_ERR_CANCELED, host->stop_code || n > 1);
}

unsigned ss_host_turn(const struct ss_host *host)
{
	unsigned turn = atomic_load_explicit(&host->turn, memory_order_relaxed);

	return turn & 1 ? turn : 0;
}

void ss_host_where(const struct ss_host *host, char *out, size_t size)
{
	*out = 0;
	if (host->current)
		ss_raise_where(host->current->co, 0, out, size);
}

bool ss_host_cleans_up(const struct ss_host *host)
{
	return atomic_load_explicit(&host->cleans_up, memory_order_relaxed);
}

static bool cleans_up(const struct ss_host *host)
{
	const struct ss_task *task = host->tasks;

	for (size_t n = host->stop_code ? host->n_live : 0; n; n--) {
		task = task->prev; /* the newest first */
		if (!task->stop_code)
			return true;
	}
	return false;
}

static void run_tasks(struct ss_host *host)
{
	while (host->tasks) {
		check_interrupts(host);
		atomic_store_explicit(&host->cleans_up, cleans_up(host), memory_order_relaxed);
		if (ss_loop_step(host->loop, true) || !host->tasks)
			continue;
		/* Nothing is queued and nothing can come. */
		if (atomic_load(&host->interrupts) == host->interrupts_done)
			ss_stop_all(host, SS_ERR_FAILED,
			            "deadlock: every task waits for another one", false);
	}
	check_interrupts(host);
	atomic_store_explicit(&host->cleans_up, false, memory_order_relaxed);
}

/* An interrupt that came before counts: it is for this run. */
static int start_clock(struct ss_host *host, struct ss_err *err)
{
	host->stop_code = 0;
	host->exiting = false;
	host->exit_code = 0;
	if (!host->timeout_ms)
		return 0;
	host->deadline_ms = ss_clock_mono_ms() + host->timeout_ms;
	host->timer = ss_timer_start(host->loop, host->timeout_ms, on_timeout, host);
	return host->timer ? 0 : ss_err_nomem(err);
}

static void stop_clock(struct ss_host *host)
{
	ss_timer_stop(host->timer);
	host->timer = NULL;
	host->deadline_ms = 0;
}

/* Move the main task's results to the bare state. */
static int take_results(struct ss_host *host, struct ss_err *err)
{
	lua_State *co = host->main->co;
	int n = host->main->n_results;

	lua_settop(host->L, 0);
	if (!lua_checkstack(host->L, n + LUA_MINSTACK))
		return ss_err_set(err, SS_ERR_LIMIT, "the script returned %d values", n);
	lua_pop(co, 1); /* the mark of its end */
	lua_xmove(co, host->L, n);
	lua_pushlightuserdata(co, (void *)&ss_wait_token);
	host->main->n_results = 0;
	host->n_results = n;
	return 0;
}

static int outcome(struct ss_host *host, struct ss_err *err)
{
	struct ss_task *failed = host->main && host->main->failed ? host->main : host->first_failed;
	int code = host->stop_code;

	if (host->exiting) {
		code = 0;
	} else if (failed) {
		ss_err_done(err);
		ss_task_to_err(failed, err);
		code = code ? code : err->code;
		err->code = code;
	} else if (code) {
		ss_err_set(err, code, "%s", ss_stop_text(host));
	} else {
		code = host->main ? take_results(host, err) : 0;
	}
	while (host->first_failed)
		ss_task_seen(host->first_failed);
	return code;
}

int ss_host_run(struct ss_host *host, struct ss_err *err)
{
	struct ss_err own SS_AUTO_ERR;
	int rc;

	rc = start_clock(host, &own);
	if (!rc) {
		run_tasks(host);
		rc = outcome(host, &own);
	}
	stop_clock(host);
	ss_host_forget_interrupts(host);
	host->main = NULL;
	if (rc && err)
		ss_err_move(err, &own);
	return rc;
}
