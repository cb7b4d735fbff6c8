/* The Lua state of one adapter version: an allocator with a cap, a budget of
 * time and instructions that a script cannot outlive, and an environment of pure
 * functions. Nothing of it can reach a file, a clock, an address or another
 * state.
 *
 * A kill is sticky: once a budget is spent every further instruction raises
 * again, pcall of the script included, and the state is thrown away.
 *
 *	ss_adapter_state_new(&options, &st, err);
 *	rc = ss_adapter_state_run(st, fn, ud, "build hook", &budget, err);
 *	if (rc) { ss_adapter_state_free(st); … make another … } */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct ss_err;
struct ss_adapter_state;

enum {
	SS_ADAPTER_LOAD_MS = 100,
	SS_ADAPTER_CALL_MS = 50,
	SS_ADAPTER_INSTRUCTIONS = 10000000,
	SS_ADAPTER_MEMORY_BYTES = 32 << 20,
	SS_ADAPTER_BLOCK_BYTES = 1 << 20, /* bounds every operation that is linear in one value */
	SS_ADAPTER_SOURCE_BYTES = 32 << 10,
	SS_ADAPTER_PRINT_LINES = 200, /* per run */
	SS_ADAPTER_PRINT_BYTES = 64 << 10,
};

struct ss_adapter_state_options {
	const char *label; /* of log lines: "claude_local"; borrowed for the life of the state */
	/* require(name): push the module's value, or raise. */
	SS_MAY_RAISE void (*require)(lua_State *L, const char *name, void *ud);
	/* While loading: a global was assigned, or read without being there (line of the script).
	 * Outside of it both raise. */
	void (*global)(void *ud, lua_State *L, const char *name, bool assigned);
	void *ud;
};

/* SS_ERR_NOMEM. The options are copied. */
int ss_adapter_state_new(const struct ss_adapter_state_options *options,
                         struct ss_adapter_state **ret, struct ss_err *err);
void ss_adapter_state_free(struct ss_adapter_state *st);
struct ss_adapter_state *ss_adapter_state_of(lua_State *L);
/* Leave (true) or forbid (false) what is only for loading; a new state is loading. */
void ss_adapter_state_set_loading(struct ss_adapter_state *st, bool loading);

struct ss_adapter_budget {
	int64_t time_ms; /* of this thread's processor: a call never waits, and a busy machine is
			    no fault of the script */
	int64_t instructions;
};
/* fn(L) with ud as light userdata at index 1, protected and within the budget.
 * SS_ERR_SCRIPT with the script's message, SS_ERR_TIMEOUT and SS_ERR_LIMIT for a
 * kill, naming `what` and the line that was running. */
int ss_adapter_state_run(struct ss_adapter_state *st, lua_CFunction fn, void *ud, const char *what,
                         const struct ss_adapter_budget *budget, struct ss_err *err);

/* --- for the libraries of the environment ---------------------------------- */
/* A C function did work worth `units` (bytes looked at, steps taken): raises the
 * kill when the budget is spent. The count hook does not see inside C functions. */
SS_MAY_RAISE void ss_adapter_state_charge(lua_State *L, size_t units);
/* After a lua_pcall of a library: raise again when the error may not be caught. */
SS_MAY_RAISE void ss_adapter_state_rethrow(lua_State *L, int status);
/* Raises at the script's line: "name is read-only" and the like. */
SS_MAY_RAISE int ss_adapter_raise(lua_State *L, const char *fmt, ...) SS_PRINTF(2, 3);
/* The string of a value without addresses, as tostring and print give it; pushed. */
SS_MAY_RAISE const char *ss_adapter_tostring(lua_State *L, int index, size_t *ret_len);

/* adapter/env.c: builds the environment and leaves it on the stack. */
SS_MAY_RAISE void ss_adapter_env_open(lua_State *L, const struct ss_adapter_state_options *options);
/* The table that chunks get as _ENV; pushed. */
SS_MAY_RAISE void ss_adapter_env_push(lua_State *L);
/* Add a function or value to the environment under name: pops the value. */
SS_MAY_RAISE void ss_adapter_env_set(lua_State *L, const char *name);
/* The names in the environment, at most max of them; borrowed from it. Never raises. */
size_t ss_adapter_env_names(lua_State *L, const char **names, size_t max);
/* Push a read-only stand-in of the table at the top, in its place. */
SS_MAY_RAISE void ss_adapter_env_freeze(lua_State *L, const char *name);
/* adapter/pairs.c: Lua functions. */
SS_MAY_RAISE int ss_adapter_pairs(lua_State *L);
SS_MAY_RAISE int ss_adapter_next(lua_State *L);
/* adapter/string.c: push the string library; sets the methods of strings. */
SS_MAY_RAISE void ss_adapter_string_open(lua_State *L);
bool ss_adapter_state_loading(const struct ss_adapter_state *st);
const struct ss_adapter_state_options *ss_adapter_state_options(const struct ss_adapter_state *st);
/* Room for one more printed line of len bytes in this run? */
bool ss_adapter_state_may_print(struct ss_adapter_state *st, size_t len);
