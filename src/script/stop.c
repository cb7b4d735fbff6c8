/* Stopping tasks: softly by their wait, and by force from the instruction hook. */
#include <lauxlib.h>
#include <stdlib.h>

#include "base/clock.h"
#include "script/await.h"
#include "script/host_priv.h"
#include "script/luax.h"

static void end_wait(struct ss_task *task)
{
	if (task->state != TASK_WAITING)
		return;
	ss_await_stop(task->waiting, task->stop_code, task->stop_why);
	ss_sched_ready(task);
}

void ss_task_stop(struct ss_task *task, int code, const char *why)
{
	if (task->state == TASK_DONE || task->stop_code)
		return;
	task->stop_code = code;
	task->stop_why = why;
	task->grace_until_ms = ss_clock_mono_ms() + SS_TASK_GRACE_MS;
	end_wait(task);
}

void ss_stop_kill(struct ss_task *task, int code, const char *why)
{
	if (task->state == TASK_DONE)
		return;
	if (!task->stop_code) {
		task->stop_code = code;
		task->stop_why = why;
	}
	task->killed = true;
	task->grace_until_ms = ss_clock_mono_ms() + SS_TASK_GRACE_MS;
	end_wait(task);
}

void ss_stop_all(struct ss_host *host, int code, const char *why, bool kill)
{
	struct ss_task *task = host->tasks;

	/* Neither runs a task, so the ring stays as it is. */
	for (size_t n = host->n_live; n; n--, task = task->next) {
		if (kill)
			ss_stop_kill(task, code, why);
		else
			ss_task_stop(task, code, why);
	}
}

static const char run_is_over[] = "the time of the run is over";

const char *ss_stop_text(const struct ss_host *host)
{
	if (host->stop_code != SS_ERR_TIMEOUT)
		return "interrupted";
	return host->over ? host->over : run_is_over;
}

void ss_stop_run(struct ss_host *host, int code, bool kill)
{
	bool first = !host->stop_code;

	if (first && code == SS_ERR_TIMEOUT) {
		free(host->over);
		host->over = ss_doing(host, NULL, run_is_over);
	}
	if (first)
		host->stop_code = code;
	ss_stop_all(host, code, code == host->stop_code ? ss_stop_text(host) : "interrupted", kill);
	if (!first)
		return;
	host->cleanup_until_ms = ss_clock_mono_ms() + SS_TASK_CLEANUP_MS;
	host->deadline_ms = 0; /* else the hook would kill who cleans up */
}

int ss_stop_raise(lua_State *L, struct ss_task *task)
{
	struct ss_err err;

	luaL_checkstack(L, LUA_MINSTACK, NULL);
	ss_err_init(&err);
	ss_err_set(&err, task->stop_code, "%s", task->stop_why);
	ss_lua_push_err(L, &err);
	return lua_error(L);
}

static void kill_here(lua_State *L, struct ss_task *task, int code, const char *why)
{
	ss_stop_kill(task, code, why);
	ss_stop_raise(L, task);
}

static int exit_code_arg(lua_State *L)
{
	lua_Integer code;

	if (lua_isnoneornil(L, 1) || lua_isboolean(L, 1))
		return lua_isboolean(L, 1) && !lua_toboolean(L, 1);
	code = luaL_checkinteger(L, 1);
	luaL_argcheck(L, code >= 0 && code <= 255, 1, "an exit code is 0 to 255");
	return (int)code;
}

int ss_stop_exit(lua_State *L)
{
	struct ss_host *host = ss_host_of(L);
	int code = exit_code_arg(L);

	if (!host->exiting) {
		host->exiting = true;
		host->exit_code = code;
	}
	ss_stop_run(host, SS_ERR_CANCELED, false);
	if (!host->current)
		return luaL_error(L, "the run ends"); /* a finalizer, outside of any task */
	kill_here(L, host->current, SS_ERR_CANCELED, "the run ends");
	return 0;
}

/* The task runs and its time may be over. */
static void check_time(lua_State *L, struct ss_host *host, struct ss_task *task)
{
	int64_t now = ss_clock_mono_ms();

	if (task->stop_code) {
		if (now >= task->grace_until_ms)
			kill_here(L, task, task->stop_code, task->stop_why);
	} else if (host->stop_code) {
		/* It cleans up, which is waiting, not computing. */
		if (now >= task->grace_until_ms)
			kill_here(L, task, host->stop_code, ss_stop_text(host));
	} else if (task->deadline_ms && now >= task->deadline_ms) {
		kill_here(L, task, SS_ERR_TIMEOUT, task->limit);
	} else if (host->deadline_ms && now >= host->deadline_ms) {
		kill_here(L, task, SS_ERR_TIMEOUT, "the time of the run is over while this runs");
	}
}

void ss_stop_hook(lua_State *L, lua_Debug *ar)
{
	struct ss_host *host = ss_host_of(L);
	struct ss_task *task = host->current;
	int signals = atomic_load_explicit(&host->interrupts, memory_order_relaxed) -
	              host->interrupts_done;

	(void)ar;
	if (!task) {
		if (signals)
			luaL_error(L, "interrupted");
		return;
	}
	/* One breaks what is busy; one more also breaks what runs after that. */
	if (signals > (task->killed ? 1 : 0)) {
		host->interrupts_done += task->killed;
		kill_here(L, task, SS_ERR_CANCELED, "interrupted");
	}
	if (task->stop_code || task->deadline_ms || host->stop_code || host->deadline_ms)
		check_time(L, host, task);
}
