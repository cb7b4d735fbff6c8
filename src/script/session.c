/* Calls one after the other into a host whose other tasks go on meanwhile. */
#include <lauxlib.h>

#include "script/host_priv.h"
#include "script/luax.h"

struct calling {
	int n_args;
	int64_t timeout_ms;
	struct ss_task *task;
};

/* Stack: light userdata struct calling, the function, its arguments. Returns the task. */
static int l_spawn(lua_State *L)
{
	struct calling *c = lua_touserdata(L, 1);
	struct ss_err err;

	lua_remove(L, 1);
	ss_err_init(&err);
	if (ss_task_spawn(L, c->n_args, c->timeout_ms, &c->task, &err)) {
		ss_lua_push_err(L, &err);
		return lua_error(L);
	}
	c->task->limit = "the time of the input is over";
	return 1;
}

void ss_host_forget_interrupts(struct ss_host *host)
{
	atomic_store(&host->interrupts, 0);
	host->interrupts_done = 0;
}

/* An interrupt is for the call alone: background tasks are not what is typed at. */
static void check_interrupts(struct ss_host *host, struct ss_task *task)
{
	int n = atomic_load_explicit(&host->interrupts, memory_order_relaxed);

	if (n == host->interrupts_done)
		return;
	host->interrupts_done = n;
	if (n > 1)
		ss_stop_kill(task, SS_ERR_CANCELED, "interrupted");
	else
		ss_task_stop(task, SS_ERR_CANCELED, "interrupted");
}

static void run(struct ss_host *host, struct ss_task *task, void (*between)(void *ud), void *ud)
{
	while (task->state != TASK_DONE) {
		check_interrupts(host, task);
		if (!ss_loop_step(host->loop, true) && task->state != TASK_DONE &&
		    atomic_load(&host->interrupts) == host->interrupts_done)
			ss_task_stop(task, SS_ERR_FAILED,
			             "deadlock: every task waits for another one");
		if (between)
			between(ud);
	}
}

/* The results stay on the task's stack below its mark; here they go to the caller's. */
static int take_results(struct ss_host *host, struct ss_task *task, struct ss_err *err)
{
	int n = task->n_results;

	if (!lua_checkstack(host->L, n + LUA_MINSTACK))
		return ss_err_set(err, SS_ERR_LIMIT, "the call returned %d values", n);
	lua_pop(task->co, 1);
	lua_xmove(task->co, host->L, n);
	lua_pushlightuserdata(task->co, (void *)&ss_wait_token);
	task->n_results = 0;
	host->n_results = n;
	return 0;
}

int ss_host_call(struct ss_host *host, int n_args, int64_t timeout_ms, void (*between)(void *ud),
                 void *ud, struct ss_err *err)
{
	lua_State *L = host->L;
	struct calling c = {.n_args = n_args, .timeout_ms = timeout_ms};
	int base = lua_gettop(L) - n_args, rc;

	host->n_results = 0;
	lua_pushcfunction(L, l_spawn);
	lua_insert(L, base);
	lua_pushlightuserdata(L, &c);
	lua_insert(L, base + 1);
	if (lua_pcall(L, n_args + 2, 1, 0) != LUA_OK) {
		ss_lua_to_err(L, -1, err);
		lua_settop(L, base - 1);
		return err->code ? err->code : SS_ERR_SCRIPT;
	}
	run(host, c.task, between, ud);
	if (c.task->failed) {
		ss_task_to_err(c.task, err);
		ss_task_seen(c.task);
		rc = err->code ? err->code : SS_ERR_SCRIPT;
	} else {
		rc = take_results(host, c.task, err);
	}
	lua_remove(L, base); /* the task */
	ss_host_forget_interrupts(host);
	return rc;
}

bool ss_host_is_exiting(const struct ss_host *host)
{
	return host->exiting;
}
