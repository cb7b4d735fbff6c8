/* print, which waits where nobody reads what was printed. */
#include <lauxlib.h>
#include <stdlib.h>

#include "io/writer.h"
#include "script/await.h"
#include "script/host_priv.h"

struct waiting {
	struct ss_writer_wait wait;
	struct ss_await *await;
};

static void on_room(struct ss_writer_wait *wait)
{
	ss_await_finish(SS_CONTAINER_OF(wait, struct waiting, wait)->await, NULL);
}

static void free_waiting(void *data)
{
	struct waiting *w = data;

	ss_writer_unwait(&w->wait);
	free(w);
}

static void cancel(void *op)
{
	ss_writer_unwait(op);
}

static int push_nothing(lua_State *L, struct ss_await *a)
{
	(void)L;
	(void)a;
	return 0;
}

int ss_host_wait_for_output(lua_State *L)
{
	struct ss_host *host = ss_host_of(L);
	struct ss_await *a;
	struct waiting *w;

	/* A finalizer, and what is to end, do not wait. */
	if (!host->out || !ss_writer_is_full(host->out) || !host->current ||
	    host->current->stop_code || !ss_task_can_wait(L))
		return 0;
	a = ss_await_new(L, push_nothing);
	w = calloc(1, sizeof(*w));
	if (!w)
		return luaL_error(L, "out of memory");
	w->await = a;
	w->wait.fn = on_room;
	a->data = w;
	a->data_free = free_waiting;
	ss_writer_wait(host->out, &w->wait);
	ss_await_started(a, cancel, &w->wait);
	return ss_await_wait(L, a);
}

/* print(...). upvalue 1: the stock one, in whose place an error is. */
static int l_print(lua_State *L)
{
	lua_tocfunction(L, lua_upvalueindex(1))(L);
	return ss_host_wait_for_output(L);
}

void ss_print_open(lua_State *L)
{
	lua_getglobal(L, "print");
	lua_pushcclosure(L, l_print, 1);
	lua_setglobal(L, "print");
}
