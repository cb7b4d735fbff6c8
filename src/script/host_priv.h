/* The inside of the host, shared by host.c, env.c, coro.c and what makes up tasks. */
#pragma once

#include <lua.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "io/loop.h"
#include "script/alloc.h"
#include "script/host.h"
#include "script/task.h"

struct ss_await;

/* Those who wait for something of Lua: a task's end, a latch. A ring. */
struct waiter {
	struct waiter *prev, *next;
	struct ss_await *await;
	struct ss_task *child; /* stopped with the one who waits; NULL = none */
};

enum task_state { TASK_READY, TASK_RUNNING, TASK_WAITING, TASK_DONE };

struct ss_task {
	struct ss_task *prev, *next; /* host->tasks, until DONE */
	struct ss_host *host;
	lua_State *co; /* the task's user value holds it */
	struct ss_completion turn;
	struct ss_await *waiting; /* WAITING only */
	struct waiter waiters;
	struct ss_timer *timer; /* of deadline_ms */
	int64_t number;
	int64_t deadline_ms; /* monotonic, 0 = none */
	int64_t grace_until_ms;
	const char *stop_why;
	const char *broken; /* what it failed with when there is no value on its stack */
	char *trace;        /* of an uncaught error: "file:line\ntraceback" */
	const char *limit;  /* what deadline_ms is called */
	char *over;    /* that it is over, and what was waited for then; stop_why points here */
	int stop_code; /* 0, or why it was stopped */
	int n_results;
	enum task_state state;
	bool started, killed, failed, no_memory, seen;
};

struct ss_host {
	struct ss_loop *loop;
	lua_State *L;
	struct ss_alloc alloc;
	bool attached, full_libraries;
	struct ss_writer *out;
	size_t source_max_bytes;
	int64_t timeout_ms, deadline_ms;
	struct ss_timer *timer;
	struct ss_buf warning; /* a message of warn() that comes in pieces */
	char *search;          /* "DIR/?.lua;DIR/?/init.lua;…" */
	/* tasks */
	struct ss_task *tasks; /* ring of those not DONE, the oldest */
	struct ss_task *current;
	struct ss_task *main;
	struct ss_task *first_failed; /* not seen; among the failures the oldest */
	size_t n_live, n_failed;
	int64_t last_number;
	int nowait;    /* frames below that a yield cannot cross */
	int n_closing; /* nested closes of coroutines */
	int n_results;
	/* stopping */
	atomic_int interrupts;
	atomic_uint turn; /* odd while a task runs */
	atomic_bool cleans_up;
	int interrupts_done;
	int stop_code;
	char *over;               /* that the time is over, and what was waited for then */
	int64_t cleanup_until_ms; /* with stop_code */
	bool exiting;             /* os.exit: the run ends with exit_code, whatever else it was */
	int exit_code;
};

/* Registry[&ss_host_key] = light userdata struct ss_host. */
extern const char ss_host_key;
/* What a wait yields; its address never reaches a script. */
extern const char ss_wait_token;

/* host.c: compile text; a first line that starts with # and a byte order mark are skipped. The
 * status of luaL_loadbufferx. */
int ss_host_load(lua_State *L, const char *text, size_t len, const char *name);
/* task.c */
SS_MAY_RAISE void ss_task_open(lua_State *L);
/* DONE: takes it off the host, wakes who joins it, counts it when it failed unseen. */
void ss_task_end(struct ss_task *task);
/* Its outcome was asked for. */
void ss_task_seen(struct ss_task *task);
/* task_error.c */
/* Message handler of a task: notes the place and the traceback, leaves the value as it is. */
int ss_task_on_error(lua_State *L);
/* The failure of a DONE task as a C error, its place first and its traceback in the lines after. */
void ss_task_to_err(struct ss_task *task, struct ss_err *err);
/* sched.c */
int ss_sched_main(lua_State *L); /* the body of every task */
void ss_sched_turn(struct ss_completion *turn);
/* The task's wait is over: queue its turn. */
void ss_sched_ready(struct ss_task *task);
/* Run what is left of a killed task, so that it is DONE. */
void ss_sched_finish(struct ss_task *task);
/* stop.c */
void ss_stop_hook(lua_State *L, lua_Debug *ar);
void ss_stop_kill(struct ss_task *task, int code, const char *why);
void ss_stop_all(struct ss_host *host, int code, const char *why, bool kill);
/* The run is over: ss_stop_all, and the time for cleaning up begins. */
void ss_stop_run(struct ss_host *host, int code, bool kill);
/* os.exit([code = true]), for scripts: the run ends as by Ctrl-C (handlers of __close run), with this
 * exit code: true is 0, false 1. Does not return, and cannot be caught. */
SS_MAY_RAISE int ss_stop_exit(lua_State *L);
/* What tasks of a run that ended are told. */
const char *ss_stop_text(const struct ss_host *host);
SS_MAY_RAISE int ss_stop_raise(lua_State *L, struct ss_task *task);
/* doing.c: before, and what the tasks (or this one alone) wait for now; malloc'd, NULL without memory. */
char *ss_doing(struct ss_host *host, const struct ss_task *only, const char *before);
/* await.c */
void ss_await_stop(struct ss_await *a, int code, const char *why);
/* join.c */
void ss_waiters_init(struct waiter *ring);
void ss_waiters_wake(struct waiter *ring);
/* coro.c: pcall, xpcall, load and the coroutine library, over the stock ones. */
SS_MAY_RAISE void ss_coro_open(lua_State *L, bool full_libraries);
/* print.c: over the stock one. */
SS_MAY_RAISE void ss_print_open(lua_State *L);
/* env.c */
SS_MAY_RAISE void ss_env_open(lua_State *L, struct ss_host *host);

static inline bool ss_task_is_killed(const struct ss_task *task)
{
	return task && task->killed;
}
