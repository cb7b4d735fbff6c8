#include "script/await.h"

#include <assert.h>
#include <stdlib.h>

#include "script/conv.h"
#include "script/host_priv.h"
#include "script/luax.h"

/* Registry[&meta_key] = the metatable of awaits. */
static const char meta_key;

static void release(struct ss_await *a)
{
	void *op = a->op;
	struct ss_doc *doc = a->doc;
	struct ss_err *err = a->err;
	void (*data_free)(void *data) = a->data_free;

	a->op = NULL;
	a->doc = NULL;
	a->err = NULL;
	a->data_free = NULL;
	if (op && !a->done)
		a->cancel(op);
	a->done = true;
	ss_doc_free(doc);
	if (data_free)
		data_free(a->data);
	ss_err_done(err);
	free(err);
}

static int l_release(lua_State *L)
{
	release(lua_touserdata(L, 1));
	return 0;
}

static void push_meta(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"__gc", l_release}, {"__close", l_release}, {NULL, NULL}};

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_createtable(L, 0, 3);
	luaL_setfuncs(L, functions, 0);
	lua_pushliteral(L, "sandscript.await");
	lua_setfield(L, -2, "__name");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &meta_key);
}

bool ss_task_can_wait(lua_State *L)
{
	struct ss_host *host = ss_host_of(L);

	if (!host->current)
		return true;
	if (!lua_isyieldable(L) || host->nowait)
		return false;
	/* The coroutine library of a stock interpreter would take our yield for the script's. */
	return !host->attached || L == host->current->co;
}

struct ss_await *ss_await_new(lua_State *L, ss_await_push_fn push)
{
	struct ss_host *host = ss_host_of(L);
	struct ss_task *task = host->current;
	struct ss_await *a;

	luaL_checkstack(L, 8, "wait");
	if (!ss_task_can_wait(L))
		ss_lua_misuse(
		        L, "%s",
		        host->attached && lua_isyieldable(L)
		                ? "cannot wait inside a coroutine of stock Lua within a task: "
		                  "call it from the task's own function"
		                : "cannot wait here: C code that cannot be suspended is calling "
		                  "(a sort comparator, a gsub function, __gc, tostring); do the "
		                  "waiting before and use its result here");
	a = lua_newuserdatauv(L, sizeof(*a), 0);
	a->doc = NULL;
	a->value = 0;
	a->data = NULL;
	a->data_free = NULL;
	a->code = 0;
	a->err = NULL;
	a->push = push ? push : ss_await_push_doc;
	a->cancel = NULL;
	a->op = NULL;
	a->task = task;
	a->L = L;
	a->done = false;
	push_meta(L);
	lua_setmetatable(L, -2);
	return a;
}

/* Room for the failure's details: struct ss_err is large, and most waits have none. */
static struct ss_err *new_err(struct ss_await *a, int code)
{
	a->code = code;
	a->err = malloc(sizeof(*a->err));
	if (a->err)
		ss_err_init(a->err);
	return a->err;
}

/* The wait is over for its task: forget the operation, keep the reason. */
void ss_await_stop(struct ss_await *a, int code, const char *why)
{
	void *op = a->op;

	if (a->done)
		return;
	a->done = true;
	a->op = NULL;
	if (op)
		a->cancel(op);
	ss_err_set(new_err(a, code), code, "%s", why);
}

void ss_await_started(struct ss_await *a, void (*cancel)(void *op), void *op)
{
	assert(cancel && op);
	if (a->done)
		return; /* finished while it was being started */
	a->cancel = cancel;
	a->op = op;
	if (a->task && a->task->stop_code)
		ss_await_stop(a, a->task->stop_code, a->task->stop_why);
}

void ss_await_finish(struct ss_await *a, const struct ss_err *err)
{
	struct ss_task *task = a->task;

	if (a->done)
		return;
	a->done = true;
	a->op = NULL;
	if (err && new_err(a, err->code))
		ss_err_copy(a->err, err);
	if (task && task->state == TASK_WAITING && task->waiting == a)
		ss_sched_ready(task);
}

static int push_failure(lua_State *L, struct ss_await *a)
{
	struct ss_err err;

	if (a->err)
		return ss_lua_fail(L, a->err);
	ss_err_init(&err);
	ss_err_nomem(&err);
	return ss_lua_fail(L, &err);
}

static int push_results(lua_State *L, struct ss_await *a)
{
	int n = a->code ? push_failure(L, a) : a->push(L, a);

	release(a);
	return n;
}

static int k_wait(lua_State *L, int status, lua_KContext context)
{
	struct ss_await *a = (struct ss_await *)context;

	assert(a->done && a->task->state == TASK_RUNNING);
	if (a->task->killed) {
		release(a);
		return ss_stop_raise(L, a->task);
	}
	return push_results(L, a);
}

/* No task is current: stock Lua. */
static void run_until_done(struct ss_host *host, struct ss_await *a)
{
	struct ss_err err;

	while (!a->done) {
		if (ss_loop_step(host->loop, true) || a->done)
			continue;
		ss_err_init(&err);
		ss_err_set(&err, SS_ERR_FAILED, "nothing is left that could end this wait");
		a->cancel(a->op);
		ss_await_finish(a, &err);
	}
}

int ss_await_wait(lua_State *L, struct ss_await *a)
{
	struct ss_task *task = a->task;

	if (!task)
		run_until_done(ss_host_of(L), a);
	if (a->done)
		return push_results(L, a);
	assert(task->state == TASK_RUNNING && !task->waiting);
	task->state = TASK_WAITING;
	task->waiting = a;
	lua_pushlightuserdata(L, (void *)&ss_wait_token);
	return lua_yieldk(L, 1, (lua_KContext)a, k_wait);
}

int ss_await_fail(lua_State *L, struct ss_await *a, struct ss_err *err)
{
	int n = ss_lua_fail(L, err);

	release(a);
	return n;
}

int ss_await_push_doc(lua_State *L, struct ss_await *a)
{
	if (a->doc)
		ss_conv_to_lua(L, a->doc, ss_doc_root(a->doc), 0);
	else
		lua_pushboolean(L, 1);
	return 1;
}
