/* Turns: the only place that resumes a task. */
#include <assert.h>
#include <lauxlib.h>

#include "base/clock.h"
#include "script/await.h"
#include "script/host_priv.h"

const char ss_wait_token;

/* --- the body of a task ---------------------------------------------------------- */

static int k_main(lua_State *L, int status, lua_KContext context)
{
	struct ss_task *task = (struct ss_task *)context;

	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L) - 1;
	task->failed = true;
	task->no_memory = status == LUA_ERRMEM;
	return 1;
}

/* Stack: the function, its arguments. Protected from within the coroutine, so that
 * __close handlers run after an error as they do otherwise: with the hook, and free
 * to wait. */
int ss_sched_main(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;
	int status;

	lua_pushcfunction(L, ss_task_on_error);
	lua_insert(L, 1);
	status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, (lua_KContext)task, k_main);
	return k_main(L, status, (lua_KContext)task);
}

/* --- turns --------------------------------------------------------------------- */

static bool is_at_wait(lua_State *co)
{
	return lua_gettop(co) > 0 && lua_touserdata(co, -1) == &ss_wait_token;
}

/* The coroutine broke: an error outside task_main's protection, or a yield that was not ours. */
static void break_task(struct ss_task *task, const char *why)
{
	task->failed = true;
	task->host->nowait++;
	lua_resetthread(task->co);
	task->host->nowait--;
	lua_settop(task->co, 0);
	task->broken = why;
}

static void after_turn(struct ss_task *task, int status, int n)
{
	if (status == LUA_YIELD && task->state == TASK_WAITING && is_at_wait(task->co))
		return;
	if (status == LUA_OK)
		task->n_results = n;
	else if (status == LUA_YIELD)
		break_task(task, "coroutine.yield was called outside a coroutine of the script");
	else
		break_task(task, status == LUA_ERRMEM ? "not enough memory" : "the task broke");
	ss_task_end(task);
}

static void run_turn(struct ss_task *task)
{
	struct ss_host *host = task->host;
	struct ss_task *outer = host->current;
	int nowait = host->nowait, n_args = 0, n = 0, status;

	assert(task->state == TASK_READY);
	task->state = TASK_RUNNING;
	task->waiting = NULL;
	host->current = task;
	host->nowait = 0;
	if ((task->stop_code || host->stop_code) && !task->killed)
		task->grace_until_ms = ss_clock_mono_ms() + SS_TASK_GRACE_MS;
	if (task->started)
		lua_pop(task->co, 1); /* the token */
	else
		n_args = lua_gettop(task->co) - 1;
	task->started = true;
	if (!outer)
		atomic_fetch_add_explicit(&host->turn, 1, memory_order_relaxed);
	status = lua_resume(task->co, host->L, n_args, &n);
	if (!outer)
		atomic_fetch_add_explicit(&host->turn, 1, memory_order_relaxed);
	host->current = outer;
	host->nowait = nowait;
	after_turn(task, status, n);
}

void ss_sched_turn(struct ss_completion *self)
{
	run_turn(SS_CONTAINER_OF(self, struct ss_task, turn));
}

void ss_sched_ready(struct ss_task *task)
{
	assert(task->state == TASK_WAITING);
	task->state = TASK_READY;
	ss_loop_post(task->host->loop, &task->turn);
}

void ss_sched_finish(struct ss_task *task)
{
	ss_loop_unpost(task->host->loop, &task->turn);
	if (task->state == TASK_READY && task->started)
		run_turn(task);
	/* Killed, it cannot wait again; what never ran has nothing to clean up. */
	if (task->state == TASK_DONE)
		return;
	break_task(task, "the run ended");
	ss_task_end(task);
}
