/* Waiting for what Lua itself brings about: the end of a task, a latch. */
#include <stdlib.h>

#include "script/await.h"
#include "script/host_priv.h"
#include "script/luax.h"
#include "script/raise.h"

struct latch {
	struct waiter waiters;
	bool open;
};

void ss_waiters_init(struct waiter *ring)
{
	ring->prev = ring->next = ring;
}

static void unlink_waiter(struct waiter *w)
{
	w->prev->next = w->next;
	w->next->prev = w->prev;
	w->prev = w->next = w;
}

static void cancel_waiter(void *op)
{
	struct waiter *w = op;
	const struct ss_task *caller = w->await->task;

	unlink_waiter(w);
	/* The caller was stopped: so is what it called. */
	if (w->child && caller && caller->stop_code)
		ss_task_stop(w->child, caller->stop_code, caller->stop_why);
}

void ss_waiters_wake(struct waiter *ring)
{
	while (ring->next != ring) {
		struct waiter *w = ring->next;

		unlink_waiter(w);
		ss_await_finish(w->await, NULL);
	}
}

static int wait_in(lua_State *L, struct waiter *ring, struct ss_task *child, ss_await_push_fn push)
{
	struct ss_await *a = ss_await_new(L, push);
	struct waiter *w = malloc(sizeof(*w));
	struct ss_err err;

	if (!w) {
		ss_err_init(&err);
		ss_err_nomem(&err);
		return ss_await_fail(L, a, &err);
	}
	*w = (struct waiter){.prev = ring->prev, .next = ring, .await = a, .child = child};
	w->prev->next = ring->prev = w;
	a->data = w;
	a->data_free = free;
	ss_await_started(a, cancel_waiter, w);
	return ss_await_wait(L, a);
}

/* --- tasks --------------------------------------------------------------------- */

static void push_raised(lua_State *L, struct ss_task *task)
{
	if (task->broken) {
		lua_pushstring(L, task->broken);
		return;
	}
	/* Below the mark that ends the stack of a task. */
	lua_pushvalue(task->co, lua_gettop(task->co) - 1);
	lua_xmove(task->co, L, 1);
}

/* nil, err: our error table as it is, anything else as one with code "script". */
static int push_failure(lua_State *L, struct ss_task *task)
{
	struct ss_err err;
	const char *place;

	lua_pushnil(L);
	push_raised(L, task);
	if (ss_lua_is_err(L, -1))
		return 2;
	place = ss_raise_place(L, -1);
	if (lua_type(L, -1) == LUA_TSTRING && ss_raise_has_place(L, -1))
		place = "";
	ss_err_init(&err);
	ss_lua_to_err(L, -1, &err);
	ss_lua_push_err(L, &err);
	if (place)
		ss_raise_note(L, -1, place);
	lua_insert(L, -2);
	if (lua_type(L, -1) == LUA_TSTRING)
		lua_pop(L, 1);
	else
		lua_setfield(L, -2, "cause");
	return 2;
}

/* Copies: a task may be joined again. */
static int push_results(lua_State *L, struct ss_task *task)
{
	int top = lua_gettop(task->co), first = top - task->n_results;

	luaL_checkstack(L, task->n_results + 4, "too many results");
	if (!lua_checkstack(task->co, task->n_results))
		return luaL_error(L, "too many results");
	for (int i = 0; i < task->n_results; i++)
		lua_pushvalue(task->co, first + i);
	lua_xmove(task->co, L, task->n_results);
	return task->n_results;
}

static int push_outcome(lua_State *L, struct ss_task *task)
{
	ss_task_seen(task);
	return task->failed ? push_failure(L, task) : push_results(L, task);
}

/* The task is argument 1 of the function that waits. */
static int push_join(lua_State *L, struct ss_await *a)
{
	return push_outcome(L, lua_touserdata(L, 1));
}

int ss_task_join(lua_State *L, int index)
{
	struct ss_task *task = lua_touserdata(L, index);

	if (task->state == TASK_DONE)
		return push_outcome(L, task);
	if (task == ss_host_of(L)->current)
		return ss_lua_misuse(L, "task.join: a task cannot wait for its own end");
	lua_pushvalue(L, index);
	lua_insert(L, 1);
	return wait_in(L, &task->waiters, NULL, push_join);
}

/* nil, err with code "timeout"; what it raised or returned after that is not asked for. */
static int push_timeout(lua_State *L, struct ss_task *task)
{
	struct ss_err err;

	ss_err_init(&err);
	ss_err_set(&err, SS_ERR_TIMEOUT, "%s", task->stop_why);
	lua_pushnil(L);
	ss_lua_push_err(L, &err);
	return 2;
}

static int push_call(lua_State *L, struct ss_await *a)
{
	struct ss_task *task = lua_touserdata(L, 1);

	ss_task_seen(task);
	if (task->stop_code == SS_ERR_TIMEOUT)
		return push_timeout(L, task);
	if (!task->failed)
		return push_results(L, task);
	push_raised(L, task);
	return lua_error(L);
}

int ss_task_call(lua_State *L, int index)
{
	struct ss_task *task = lua_touserdata(L, index);

	lua_pushvalue(L, index);
	lua_insert(L, 1);
	return wait_in(L, &task->waiters, task, push_call);
}

/* --- latches ------------------------------------------------------------------- */

static const char latch_type[] = "sandscript.latch";

static int push_true(lua_State *L, struct ss_await *a)
{
	lua_pushboolean(L, 1);
	return 1;
}

void ss_latch_new(lua_State *L)
{
	struct latch *latch = lua_newuserdatauv(L, sizeof(*latch), 0);

	latch->open = false;
	ss_waiters_init(&latch->waiters);
	luaL_newmetatable(L, latch_type);
	lua_setmetatable(L, -2);
}

int ss_latch_wait(lua_State *L, int index)
{
	struct latch *latch = luaL_checkudata(L, index, latch_type);

	if (latch->open) {
		lua_pushboolean(L, 1);
		return 1;
	}
	return wait_in(L, &latch->waiters, NULL, push_true);
}

void ss_latch_open(lua_State *L, int index)
{
	struct latch *latch = luaL_checkudata(L, index, latch_type);

	latch->open = true;
	ss_waiters_wake(&latch->waiters);
}
