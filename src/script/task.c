/* The life of a task: made, held by the host, ended. */
#include "script/task.h"

#include <assert.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "script/host_priv.h"
#include "script/luax.h"

/* Registry[&live_key] = {[light userdata task] = task}: those not done, and failures not seen. */
static const char live_key;
/* Registry[&meta_key] = the metatable of tasks. */
static const char meta_key;

/* --- rings --------------------------------------------------------------------- */

static void ring_add(struct ss_task **ring, struct ss_task *task)
{
	if (!*ring) {
		task->prev = task->next = task;
		*ring = task;
		return;
	}
	task->next = *ring;
	task->prev = (*ring)->prev;
	task->prev->next = task->next->prev = task;
}

static void ring_remove(struct ss_task **ring, struct ss_task *task)
{
	if (*ring == task)
		*ring = task->next == task ? NULL : task->next;
	task->prev->next = task->next;
	task->next->prev = task->prev;
	task->prev = task->next = NULL;
}

/* --- life ---------------------------------------------------------------------- */

static void stop_clock(struct ss_task *task)
{
	ss_timer_stop(task->timer);
	task->timer = NULL;
}

/* The host lets go of the task; a handle of the script may still hold it. */
static void unanchor(struct ss_task *task)
{
	lua_State *L = task->host->L;

	if (!lua_checkstack(L, 3))
		return; /* kept until the state closes */
	lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
	lua_pushnil(L);
	lua_rawsetp(L, -2, task);
	lua_pop(L, 1);
}

void ss_task_end(struct ss_task *task)
{
	struct ss_host *host = task->host;

	assert(task->state != TASK_DONE);
	ss_loop_unpost(host->loop, &task->turn);
	stop_clock(task);
	task->state = TASK_DONE;
	task->waiting = NULL;
	ring_remove(&host->tasks, task);
	host->n_live--;
	/* Marks the stack that holds the results: no script can resume it. There is a slot for it
	 * also when the results fill the stack: Lua keeps a few spare ones. */
	lua_checkstack(task->co, 1);
	lua_pushlightuserdata(task->co, (void *)&ss_wait_token);
	ss_waiters_wake(&task->waiters);
	/* What was stopped may well fail. */
	if (task->failed && !task->seen && !task->stop_code) {
		ring_add(&host->first_failed, task);
		host->n_failed++;
	} else {
		task->seen = true;
		unanchor(task);
	}
}

void ss_task_seen(struct ss_task *task)
{
	if (task->state == TASK_DONE && !task->seen) {
		ring_remove(&task->host->first_failed, task);
		task->host->n_failed--;
		unanchor(task);
	}
	task->seen = true;
}

/* The state closes under it, or nobody holds it any more. */
static int l_task_gc(lua_State *L)
{
	struct ss_task *task = lua_touserdata(L, 1);

	if (!task->host)
		return 0;
	stop_clock(task);
	if (task->state != TASK_DONE) {
		ss_loop_unpost(task->host->loop, &task->turn);
		ring_remove(&task->host->tasks, task);
		task->host->n_live--;
	} else if (!task->seen) {
		ring_remove(&task->host->first_failed, task);
		task->host->n_failed--;
	}
	free(task->trace);
	free(task->over);
	task->trace = task->over = NULL;
	task->host = NULL;
	return 0;
}

const char *ss_task_state(const struct ss_task *task)
{
	static const char *const names[] = {[TASK_READY] = "ready",
	                                    [TASK_RUNNING] = "running",
	                                    [TASK_WAITING] = "waiting",
	                                    [TASK_DONE] = "done"};

	return task->failed ? "failed" : names[task->state];
}

static int l_task_tostring(lua_State *L)
{
	const struct ss_task *task = lua_touserdata(L, 1);

	lua_pushfstring(L, "task %I (%s)", (LUAI_UACINT)task->number, ss_task_state(task));
	return 1;
}

void ss_task_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"__gc", l_task_gc}, {"__tostring", l_task_tostring}, {NULL, NULL}};

	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &live_key);
	lua_createtable(L, 0, 4);
	luaL_setfuncs(L, functions, 0);
	lua_pushliteral(L, "sandscript.task");
	lua_setfield(L, -2, "__name");
	lua_pushliteral(L, "sandscript.task");
	lua_setfield(L, -2, "__metatable");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &meta_key);
}

struct ss_task *ss_task_check(lua_State *L, int index, const char *func)
{
	bool same = false;

	if (lua_type(L, index) == LUA_TUSERDATA && lua_getmetatable(L, index)) {
		lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key);
		same = lua_rawequal(L, -1, -2);
		lua_pop(L, 2);
	}
	if (!same)
		ss_lua_misuse(L, "%s: expected a task of task.spawn, got %s", func,
		              luaL_typename(L, index));
	return lua_touserdata(L, index);
}

/* --- starting ------------------------------------------------------------------ */

static void on_deadline(void *ud)
{
	struct ss_task *task = ud;

	if (!task->over)
		task->over = ss_doing(task->host, task, task->limit);
	ss_task_stop(task, SS_ERR_TIMEOUT, task->over ? task->over : task->limit);
}

/* Pushes the task, whose fields are set so far that it may be collected. */
static struct ss_task *new_task(lua_State *L)
{
	struct ss_task *task = lua_newuserdatauv(L, sizeof(*task), 1);

	memset(task, 0, sizeof(*task));
	lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key);
	lua_setmetatable(L, -2);
	task->co = lua_newthread(L);
	lua_setiuservalue(L, -2, 1);
	task->turn.fn = ss_sched_turn;
	task->limit = "the time given to task.timeout is over";
	ss_waiters_init(&task->waiters);
	return task;
}

/* Nothing in here raises: from now on the host has the task. */
static void link_task(struct ss_host *host, struct ss_task *task, struct ss_timer *timer)
{
	task->host = host;
	task->timer = timer;
	task->number = ++host->last_number;
	ring_add(&host->tasks, task);
	host->n_live++;
	ss_loop_post(host->loop, &task->turn);
	if (host->stop_code && ss_clock_mono_ms() >= host->cleanup_until_ms)
		ss_task_stop(task, host->stop_code, ss_stop_text(host));
}

/* A task of a run that was stopped cleans up, within what is left of the time for that. */
static int64_t limit_cleanup(const struct ss_host *host, int64_t timeout_ms)
{
	int64_t left_ms = host->cleanup_until_ms - ss_clock_mono_ms();

	if (!host->stop_code || left_ms <= 0)
		return timeout_ms;
	return timeout_ms && timeout_ms < left_ms ? timeout_ms : left_ms;
}

int ss_task_spawn(lua_State *L, int n_args, int64_t timeout_ms, struct ss_task **ret,
                  struct ss_err *err)
{
	struct ss_host *host = ss_host_of(L);
	struct ss_timer *timer = NULL;
	struct ss_task *task;
	int first = lua_gettop(L) - n_args;

	if (host->n_live + host->n_failed >= SS_TASK_MAX)
		return ss_err_set(err, SS_ERR_LIMIT, "more than %d tasks at once", SS_TASK_MAX);
	luaL_checkstack(L, 6, "task");
	task = new_task(L);
	if (!lua_checkstack(task->co, n_args + 8))
		return ss_err_set(err, SS_ERR_LIMIT, "%d arguments are too many", n_args);
	lua_insert(L, first);
	lua_pushcfunction(task->co, ss_sched_main);
	lua_xmove(L, task->co, n_args + 1);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
	lua_pushvalue(L, first);
	lua_rawsetp(L, -2, task);
	lua_pop(L, 1);
	timeout_ms = limit_cleanup(host, timeout_ms);
	if (timeout_ms) {
		task->deadline_ms = ss_clock_mono_ms() + timeout_ms;
		timer = ss_timer_start(host->loop, timeout_ms, on_deadline, task);
		if (!timer)
			return ss_err_nomem(err);
	}
	link_task(host, task, timer);
	*ret = task;
	return 0;
}
