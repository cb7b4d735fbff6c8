/* The task module; task.map is lua/ss/task.lua. */
#include <lauxlib.h>
#include <stdlib.h>

#include "bind/modules.h"
#include "io/loop.h"
#include "script/await.h"
#include "script/embedded.h"
#include "script/host.h"
#include "script/luax.h"
#include "script/task.h"

/* task.spawn(fn, …) --> task
 * Runs fn(…) as a task of its own, from the next turn on. When it raises and nobody
 * joins it, the run ends with its error.
 * raises: when fn is no function
 * returns nil, err: limit (100,000 tasks)
 * yields: no */
static int l_task_spawn(lua_State *L)
{
	struct ss_task *task;
	struct ss_err err;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	ss_err_init(&err);
	if (ss_task_spawn(L, lua_gettop(L) - 1, 0, &task, &err))
		return ss_lua_fail(L, &err);
	return 1;
}

/* task.join(task) --> what its function returned
 * Waits for the end of the task; again and again gives the same.
 * raises: when it is no task, or the caller itself
 * returns nil, err: the error it raised (a table as it is, other values as code "script"); canceled
 * yields: yes; cancelled, the task goes on */
static int l_task_join(lua_State *L)
{
	ss_task_check(L, 1, "task.join");
	lua_settop(L, 1);
	return ss_task_join(L, 1);
}

/* task.cancel(task)
 * Its wait, and every later one, returns nil and an err with code "canceled"; one that goes on
 * for more than a second after that is ended. Nothing for a task that is done.
 * raises: when it is no task
 * yields: no */
static int l_task_cancel(lua_State *L)
{
	ss_task_stop(ss_task_check(L, 1, "task.cancel"), SS_ERR_CANCELED, "the task was cancelled");
	return 0;
}

/* --- sleep ------------------------------------------------------------------- */

struct nap {
	struct ss_await *await;
	struct ss_loop *loop;
	struct ss_timer *timer;    /* NULL: */
	struct ss_completion soon; /* for no time at all */
};

static void wake(void *ud)
{
	struct nap *nap = ud;

	ss_timer_stop(nap->timer);
	nap->timer = NULL;
	ss_await_finish(nap->await, NULL);
}

static void wake_soon(struct ss_completion *self)
{
	wake(SS_CONTAINER_OF(self, struct nap, soon));
}

static void cancel_nap(void *op)
{
	struct nap *nap = op;

	ss_timer_stop(nap->timer);
	nap->timer = NULL;
	ss_loop_unpost(nap->loop, &nap->soon);
}

static bool start_nap(struct nap *nap, int64_t ms)
{
	if (ms == 0) {
		ss_loop_post(nap->loop, &nap->soon);
		return true;
	}
	nap->timer = ss_timer_start(nap->loop, ms, wake, nap);
	return nap->timer != NULL;
}

/* task.sleep(seconds) --> true
 * 0 lets the other tasks run once.
 * raises: when seconds is no number, or below 0
 * returns nil, err: canceled, timeout
 * yields: yes */
static int l_task_sleep(lua_State *L)
{
	int64_t ms = ss_lua_seconds_to_ms(luaL_checknumber(L, 1));
	struct ss_await *a;
	struct nap *nap;
	struct ss_err err;

	luaL_argcheck(L, ms >= 0, 1, "seconds are 0 or more");
	a = ss_await_new(L, NULL);
	nap = calloc(1, sizeof(*nap));
	if (nap) {
		*nap = (struct nap){.await = a, .loop = ss_host_loop(ss_host_of(L))};
		nap->soon.fn = wake_soon;
		a->data = nap;
		a->data_free = free;
	}
	if (!nap || !start_nap(nap, ms)) {
		ss_err_init(&err);
		ss_err_nomem(&err);
		return ss_await_fail(L, a, &err);
	}
	ss_await_started(a, cancel_nap, nap);
	return ss_await_wait(L, a);
}

/* --- timeout ----------------------------------------------------------------- */

/* task.timeout(seconds, fn, …) --> what fn returns
 * Runs fn(…) as a task and stops it when the time is over: its waits then return nil and an
 * err with code "timeout"; a busy one is ended.
 * raises: what fn raises in time; for wrong types
 * returns nil, err: timeout, when fn had not ended in time, whatever it does after that; canceled
 * yields: yes; cancelled, it stops fn */
static int l_task_timeout(lua_State *L)
{
	int64_t ms = ss_lua_seconds_to_ms(luaL_checknumber(L, 1));
	struct ss_task *task;
	struct ss_err err;

	luaL_argcheck(L, ms > 0, 1, "seconds are more than 0");
	luaL_checktype(L, 2, LUA_TFUNCTION);
	if (!ss_task_can_wait(L))
		return luaL_error(L, "task.timeout cannot wait here");
	ss_err_init(&err);
	if (ss_task_spawn(L, lua_gettop(L) - 2, ms, &task, &err))
		return ss_lua_fail(L, &err);
	return ss_task_call(L, 2);
}

int ss_bind_open_task(lua_State *L)
{
	static const luaL_Reg functions[] = {{"spawn", l_task_spawn},     {"join", l_task_join},
	                                     {"cancel", l_task_cancel},   {"sleep", l_task_sleep},
	                                     {"timeout", l_task_timeout}, {NULL, NULL}};

	luaL_newlib(L, functions);
	ss_embedded_set_lazy(L, "ss.task");
	return 1;
}
