/* The Lua host: one state for an operator's scripts (or the REPL), with its
 * tasks, budgets and environment. Policies live in states of their own
 * (script/policy/policy.h).
 *
 * A chunk always runs as a task, so that whatever waits may yield; tasks are
 * resumed by the completions of ss_loop_step, never inside a callback of libuv. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct ss_err;
struct ss_host;
struct ss_loop;
struct ss_writer;

struct ss_host_options {
	struct ss_loop *loop;    /* borrowed */
	size_t memory_max_bytes; /* 0 = 1 GiB */
	size_t source_max_bytes; /* 0 = 16 MiB */
	int64_t timeout_ms;      /* whole run, 0 = none */
	bool full_libraries; /* a trusted state for specs: os, io, debug, package as in stock Lua */
	struct ss_writer *out;     /* print waits for room there; NULL = it does not. Borrowed */
	const char *const *search; /* absolute folders for require: "DIR/?.lua", "DIR/?/init.lua" */
	size_t n_search;
	/* Called once on the fresh state to add modules (bind/). May raise. */
	void (*open)(lua_State *L, void *ud);
	void *open_ud;
};

int ss_host_new(const struct ss_host_options *options, struct ss_host **ret, struct ss_err *err);
/* Cancels all tasks (their __close handlers run, bounded to 1 s) and closes the state, whose
 * finalizers run: a signal handler may still call what is safe there. */
void ss_host_close(struct ss_host *host);
/* And frees it; closes it first where that was not done. */
void ss_host_free(struct ss_host *host);
/* For `require "sandscript"` in a stock interpreter: a host over a foreign state, without budgets,
 * whose calls block by running the loop when no task is current. Owned by L's registry. */
int ss_host_attach(lua_State *L, struct ss_loop *loop, struct ss_host **ret, struct ss_err *err);
struct ss_host *ss_host_of(lua_State *L); /* never NULL inside our functions */
lua_State *ss_host_state(struct ss_host *host);
struct ss_loop *ss_host_loop(struct ss_host *host);

/* Compile text (no bytecode; a leading #! line is skipped) and start it as a
 * task with arguments argv as `...` and `arg`. name as in luaL_loadbuffer
 * ("@path"). SS_ERR_SCRIPT for syntax errors ("file:line: …"). */
int ss_host_start(struct ss_host *host, const char *text, size_t len, const char *name, int argc,
                  const char *const *argv, struct ss_err *err);
/* Run until every task has ended (or the time is over, or it is interrupted).
 * 0, or the error of the main chunk, else of the first unjoined failed task. Its message starts
 * with the place ("file:line: get Pod demo/p: …": op and object are in it, not in their fields)
 * and carries the traceback in the lines after the first. SS_ERR_TIMEOUT, SS_ERR_CANCELED (interrupt). */
int ss_host_run(struct ss_host *host, struct ss_err *err);
/* Ctrl-C: cancels waits and breaks busy loops soon; async-signal-safe. A second call is hard: the
 * current chunk is killed even if it catches the first. Tasks spawned after the first, or after
 * the run's time, may wait for SS_TASK_CLEANUP_MS more: that is how a script cleans up. */
void ss_host_interrupt(struct ss_host *host);
/* Async-signal-safe: one number for each turn of a task, the same for as long as it lasts; 0
 * between turns. What it does not change in the meantime does not come back from C. */
unsigned ss_host_turn(const struct ss_host *host);
/* Where the running task is, "" when none runs. For a signal handler that ends the process, after what
 * runs has not come back from C for long: its frames stand still then. */
void ss_host_where(const struct ss_host *host, char *out, size_t size);
/* Async-signal-safe: the run was stopped, and tasks made since then wait for what they clean up. */
bool ss_host_cleans_up(const struct ss_host *host);
/* What os.exit asked for in the run that ended with 0; 0 when nothing did. */
int ss_host_exit_code(const struct ss_host *host);
/* Results of the main chunk, left on ss_host_state after ss_host_run returned 0: count. */
int ss_host_results(struct ss_host *host);

/* For `return ss_host_wait_for_output(L)` after something was printed: no results, at once where there is
 * room, or where it cannot wait. */
SS_MAY_RAISE int ss_host_wait_for_output(lua_State *L);

/* --- a session: one call after the other, while other tasks go on (session.c) ---------- */
/* Call the function below its n_args arguments at the top of ss_host_state as a task and run the
 * loop until that task has ended. timeout_ms 0 = none. Pops them and leaves the results there:
 * ss_host_results says how many. between runs after each turn of the loop, outside of any task; NULL
 * is fine. An interrupt stops this task alone, the second kills it. Otherwise the task's error,
 * as ss_host_run has it. Not from a task. */
int ss_host_call(struct ss_host *host, int n_args, int64_t timeout_ms, void (*between)(void *ud),
                 void *ud, struct ss_err *err);
/* Between calls: what came was for nobody. One that comes later and before the next call is for that. */
void ss_host_forget_interrupts(struct ss_host *host);
/* os.exit was called: ss_host_exit_code says with what. */
bool ss_host_is_exiting(const struct ss_host *host);
