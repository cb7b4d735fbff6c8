#include "script/adapter/state.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

enum {
	HOOK_EVERY = 1000,        /* instructions; below 100 the hook itself costs */
	CHARGE_EVERY = 64 * 1024, /* units of C work between two looks at the clock */
};

enum reason { ALIVE, OUT_OF_TIME, OUT_OF_INSTRUCTIONS, OUT_OF_MEMORY };

struct ss_adapter_state {
	lua_State *L;
	struct ss_adapter_state_options options;
	size_t bytes;
	bool loading;
	bool exhausted; /* the process itself had no memory left */
	/* the run */
	const struct ss_adapter_budget *budget;
	int64_t deadline_ns;
	int64_t instructions;
	size_t units;
	int lines;
	size_t printed_bytes;
	/* the end of it */
	enum reason killed;
	char where[LUA_IDSIZE + 16];
};

/* Its address is what a killed state raises. */
static const char kill_mark;

static int64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Where the script is, for people; the innermost Lua function. */
static void note_where(struct ss_adapter_state *st, lua_State *L)
{
	lua_Debug ar;

	snprintf(st->where, sizeof(st->where), "an unknown line");
	for (int level = 0; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline > 0) {
			snprintf(st->where, sizeof(st->where), "%s:%d", ar.short_src,
			         ar.currentline);
			return;
		}
	}
}

static void *alloc(void *ud, void *ptr, size_t old, size_t want)
{
	struct ss_adapter_state *st = ud;
	void *p;

	if (!ptr)
		old = 0; /* Lua passes a type here */
	if (!want) {
		free(ptr);
		st->bytes -= old;
		return NULL;
	}
	/* Shrinking never fails: Lua counts on it. */
	if (want > old &&
	    (want > SS_ADAPTER_BLOCK_BYTES || st->bytes - old + want > SS_ADAPTER_MEMORY_BYTES)) {
		/* Noted here, since no handler runs for a memory error. */
		if (st->L)
			note_where(st, st->L);
		return NULL;
	}
	p = realloc(ptr, want);
	if (p)
		st->bytes = st->bytes - old + want;
	else if (want <= old)
		p = ptr;
	else
		st->exhausted = true;
	return p;
}

struct ss_adapter_state *ss_adapter_state_of(lua_State *L)
{
	void *ud;

	lua_getallocf(L, &ud);
	return ud;
}

static void hook(lua_State *L, lua_Debug *ar);

static int die(lua_State *L, struct ss_adapter_state *st, enum reason reason)
{
	if (!st->killed) {
		st->killed = reason;
		if (reason != OUT_OF_MEMORY)
			note_where(st, L);
	}
	/* From here on every instruction raises: a pcall of the script cannot hold it up. */
	lua_sethook(L, hook, LUA_MASKCOUNT, 1);
	lua_pushlightuserdata(L, (void *)&kill_mark);
	return lua_error(L);
}

static void hook(lua_State *L, lua_Debug *ar)
{
	struct ss_adapter_state *st = ss_adapter_state_of(L);

	if (st->killed)
		die(L, st, st->killed);
	st->instructions += HOOK_EVERY;
	if (st->instructions >= st->budget->instructions)
		die(L, st, OUT_OF_INSTRUCTIONS);
	if (cpu_ns() >= st->deadline_ns)
		die(L, st, OUT_OF_TIME);
}

void ss_adapter_state_charge(lua_State *L, size_t units)
{
	struct ss_adapter_state *st = ss_adapter_state_of(L);

	st->units += units;
	if (st->units < CHARGE_EVERY || !st->budget)
		return;
	st->units = 0;
	if (st->killed || cpu_ns() >= st->deadline_ns)
		die(L, st, st->killed ? st->killed : OUT_OF_TIME);
}

void ss_adapter_state_rethrow(lua_State *L, int status)
{
	struct ss_adapter_state *st = ss_adapter_state_of(L);

	if (status == LUA_ERRMEM || st->killed)
		die(L, st, st->killed ? st->killed : OUT_OF_MEMORY);
}

int ss_adapter_raise(lua_State *L, const char *fmt, ...)
{
	va_list args;

	luaL_where(L, 1);
	va_start(args, fmt);
	lua_pushvfstring(L, fmt, args);
	va_end(args);
	lua_concat(L, 2);
	return lua_error(L);
}

/* --- life -------------------------------------------------------------------- */
static int panic(lua_State *L)
{
	/* Everything of a script runs under ss_adapter_state_run, so this is a bug of ours. */
	fprintf(stderr, "sandscript: internal error: unprotected error in a policy state\n");
	return 0;
}

static int open_state(lua_State *L)
{
	const struct ss_adapter_state *st = lua_touserdata(L, 1);

	ss_adapter_env_open(L, &st->options);
	return 0;
}

int ss_adapter_state_new(const struct ss_adapter_state_options *options,
                         struct ss_adapter_state **ret, struct ss_err *err)
{
	static const struct ss_adapter_budget budget = {SS_ADAPTER_LOAD_MS,
	                                                SS_ADAPTER_INSTRUCTIONS};
	struct ss_adapter_state *st = calloc(1, sizeof(*st));
	int rc;

	if (!st)
		return ss_err_nomem(err);
	st->options = *options;
	st->loading = true;
	st->L = lua_newstate(alloc, st);
	if (!st->L) {
		free(st);
		return ss_err_nomem(err);
	}
	lua_atpanic(st->L, panic);
	rc = ss_adapter_state_run(st, open_state, st, "opening a policy state", &budget, err);
	if (rc) {
		ss_adapter_state_free(st);
		return rc;
	}
	*ret = st;
	return 0;
}

void ss_adapter_state_free(struct ss_adapter_state *st)
{
	if (!st)
		return;
	lua_sethook(st->L, NULL, 0, 0);
	lua_close(st->L);
	free(st);
}

bool ss_adapter_state_loading(const struct ss_adapter_state *st)
{
	return st->loading;
}

void ss_adapter_state_set_loading(struct ss_adapter_state *st, bool loading)
{
	st->loading = loading;
}

const struct ss_adapter_state_options *ss_adapter_state_options(const struct ss_adapter_state *st)
{
	return &st->options;
}

bool ss_adapter_state_may_print(struct ss_adapter_state *st, size_t len)
{
	st->lines++;
	st->printed_bytes += len;
	return st->lines <= SS_ADAPTER_PRINT_LINES && st->printed_bytes <= SS_ADAPTER_PRINT_BYTES;
}

/* --- running ----------------------------------------------------------------- */
static int killed_error(const struct ss_adapter_state *st, const char *what, struct ss_err *err)
{
	switch (st->killed) {
	case OUT_OF_TIME:
		return ss_err_set(err, SS_ERR_TIMEOUT, "%s: %s ran for more than %lld ms",
		                  st->where, what, (long long)st->budget->time_ms);
	case OUT_OF_INSTRUCTIONS:
		return ss_err_set(err, SS_ERR_LIMIT, "%s: %s took more than %lld instructions",
		                  st->where, what, (long long)st->budget->instructions);
	default:
		return ss_err_set(
		        err, SS_ERR_LIMIT,
		        "%s: %s needed more than %d MiB, or one value of more than %d MiB",
		        st->where, what, SS_ADAPTER_MEMORY_BYTES >> 20,
		        SS_ADAPTER_BLOCK_BYTES >> 20);
	}
}

/* The error object at the top: read raw, since a metamethod would be script code. */
static int script_error(lua_State *L, const char *what, struct ss_err *err)
{
	const char *text = NULL;

	if (lua_type(L, -1) == LUA_TSTRING) {
		text = lua_tostring(L, -1);
	} else if (lua_type(L, -1) == LUA_TTABLE) {
		lua_Integer n = 0;

		/* lua_next rather than a key of ours: pushing one could run out of memory. */
		lua_pushnil(L);
		while (!text && n++ < 32 && lua_next(L, -2)) {
			if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING &&
			    strcmp(lua_tostring(L, -2), "message") == 0)
				text = lua_tostring(L, -1);
			lua_pop(L, 1);
		}
	}
	if (text)
		return ss_err_set(err, SS_ERR_SCRIPT, "%s", text);
	return ss_err_set(err, SS_ERR_SCRIPT, "%s raised a %s without a message", what,
	                  luaL_typename(L, -1));
}

int ss_adapter_state_run(struct ss_adapter_state *st, lua_CFunction fn, void *ud, const char *what,
                         const struct ss_adapter_budget *budget, struct ss_err *err)
{
	int top = lua_gettop(st->L), status, rc = 0;

	if (st->killed)
		return ss_err_set(err, SS_ERR_INTERNAL, "a killed policy state was used again");
	st->budget = budget;
	st->deadline_ns = cpu_ns() + budget->time_ms * 1000000;
	st->instructions = 0;
	st->exhausted = false;
	st->units = 0;
	st->lines = 0;
	st->printed_bytes = 0;
	lua_sethook(st->L, hook, LUA_MASKCOUNT, HOOK_EVERY);
	/* Neither push allocates: the state always keeps LUA_MINSTACK free slots at its base. */
	lua_pushcfunction(st->L, fn);
	lua_pushlightuserdata(st->L, ud);
	status = lua_pcall(st->L, 1, 0, 0);
	lua_sethook(st->L, NULL, 0, 0);
	if (status == LUA_ERRMEM && !st->killed)
		st->killed = OUT_OF_MEMORY;
	/* C that took too long ran no instruction that the hook counts. */
	if (!st->killed && cpu_ns() >= st->deadline_ns) {
		st->killed = OUT_OF_TIME;
		snprintf(st->where, sizeof(st->where), "a function of the library");
	}
	if (st->killed)
		rc = killed_error(st, what, err);
	else if (status != LUA_OK)
		rc = script_error(st->L, what, err);
	lua_settop(st->L, top);
	st->budget = NULL;
	return rc;
}
