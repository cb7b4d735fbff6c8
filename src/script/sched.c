#include <assert.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "script/await.h"
#include "script/host_priv.h"
#include "script/luax.h"

/* Registry[&live_key] = {[light userdata task] = task}: those not done, and failures not seen. */
static const char live_key;
/* Registry[&meta_key] = the metatable of tasks. */
static const char meta_key;
const char ss_wait_token;

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

static void finish(struct ss_task *task)
{
	struct ss_host *host = task->host;

	assert(task->state != TASK_DONE);
	ss_loop_unpost(host->loop, &task->turn);
	stop_clock(task);
	task->state = TASK_DONE;
	task->waiting = NULL;
	ring_remove(&host->tasks, task);
	host->n_live--;
	/* Marks the stack that holds the results: no script can resume it. */
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

void ss_sched_seen(struct ss_task *task)
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
	task->trace = NULL;
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

void ss_sched_open(lua_State *L, struct ss_host *host)
{
	static const luaL_Reg functions[] = {
	        {"__gc", l_task_gc}, {"__tostring", l_task_tostring}, {NULL, NULL}};

	(void)host;
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

struct ss_task *ss_task_current(struct ss_host *host)
{
	return host->current;
}

/* --- the body of a task ---------------------------------------------------------- */

/* Frames of C and of our own Lua say nothing to the author of a script. */
static bool is_inner_frame(const char *line)
{
	static const char *const inner[] = {"\t[C]:", "\tss.", "\t(...tail calls...)"};

	for (size_t i = 0; i < SS_ARRAY_LEN(inner); i++)
		if (strncmp(line, inner[i], strlen(inner[i])) == 0)
			return true;
	return false;
}

/* "where\nstack traceback:\n…", the latter only when it holds more than the place itself. */
static char *make_trace(const char *where, const char *traceback)
{
	size_t len = strlen(where), room = len + strlen(traceback) + 2;
	char *trace = malloc(room), *out;
	int frames = 0;

	if (!trace)
		return NULL;
	memcpy(trace, where, len + 1);
	out = trace + len;
	for (const char *line = traceback; line && *line;) {
		const char *nl = strchr(line, '\n');
		size_t n = nl ? (size_t)(nl - line) : strlen(line);

		if (!is_inner_frame(line)) {
			*out++ = '\n';
			memcpy(out, line, n);
			out += n;
			frames++;
		}
		line = nl ? nl + 1 : NULL;
	}
	*out = 0;
	if (frames <= 2) /* the title and one frame */
		trace[len] = 0;
	return trace;
}

/* Message handler of a task: notes where it was raised; the value stays as it is. */
static int l_on_error(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;
	char where[LUA_IDSIZE + 24] = "";
	lua_Debug ar;

	luaL_checkstack(L, LUA_MINSTACK, NULL); /* luaL_traceback of 5.4.4 does not */
	for (int level = 1; !where[0] && lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline > 0 && strncmp(ar.short_src, "ss.", 3) != 0)
			snprintf(where, sizeof(where), "%s:%d", ar.short_src, ar.currentline);
	}
	luaL_traceback(L, L, NULL, 1);
	free(task->trace);
	task->trace = make_trace(where, lua_tostring(L, -1));
	lua_settop(L, 1);
	return 1;
}

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
static int task_main(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;
	int status;

	lua_pushcfunction(L, l_on_error);
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
	finish(task);
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
	if (task->stop_code && !task->killed)
		task->grace_until_ms = ss_clock_mono_ms() + SS_TASK_GRACE_MS;
	if (task->started)
		lua_pop(task->co, 1); /* the token */
	else
		n_args = lua_gettop(task->co) - 1;
	task->started = true;
	status = lua_resume(task->co, host->L, n_args, &n);
	host->current = outer;
	host->nowait = nowait;
	after_turn(task, status, n);
}

static void on_turn(struct ss_completion *self)
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
	finish(task);
}

/* --- starting ------------------------------------------------------------------ */

static void on_deadline(void *ud)
{
	struct ss_task *task = ud;

	ss_task_stop(task, SS_ERR_TIMEOUT, "the time given to task.timeout is over");
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
	task->turn.fn = on_turn;
	ss_waiters_init(&task->waiters);
	return task;
}

static const char *stop_text(int code)
{
	return code == SS_ERR_TIMEOUT ? "the time of the run is over" : "interrupted";
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
	if (host->stop_code)
		ss_task_stop(task, host->stop_code, stop_text(host->stop_code));
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
	lua_pushcfunction(task->co, task_main);
	lua_xmove(L, task->co, n_args + 1);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &live_key);
	lua_pushvalue(L, first);
	lua_rawsetp(L, -2, task);
	lua_pop(L, 1);
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

/* --- stopping ------------------------------------------------------------------ */

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

void ss_sched_kill(struct ss_task *task, int code, const char *why)
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

void ss_sched_stop_all(struct ss_host *host, int code, const char *why, bool kill)
{
	struct ss_task *task = host->tasks;

	/* Neither runs a task, so the ring stays as it is. */
	for (size_t n = host->n_live; n; n--, task = task->next) {
		if (kill)
			ss_sched_kill(task, code, why);
		else
			ss_task_stop(task, code, why);
	}
}

int ss_sched_raise_kill(lua_State *L, struct ss_task *task)
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
	ss_sched_kill(task, code, why);
	ss_sched_raise_kill(L, task);
}

/* The task runs and its time may be over. */
static void check_time(lua_State *L, struct ss_host *host, struct ss_task *task)
{
	int64_t now = ss_clock_mono_ms();

	if (task->stop_code) {
		if (now >= task->grace_until_ms)
			kill_here(L, task, task->stop_code, task->stop_why);
	} else if (task->deadline_ms && now >= task->deadline_ms) {
		kill_here(L, task, SS_ERR_TIMEOUT, "the time given to task.timeout is over");
	} else if (host->deadline_ms && now >= host->deadline_ms) {
		kill_here(L, task, SS_ERR_TIMEOUT, "the time of the run is over");
	}
}

void ss_sched_hook(lua_State *L, lua_Debug *ar)
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
	if (task->stop_code || task->deadline_ms || host->deadline_ms)
		check_time(L, host, task);
}

/* --- failures ------------------------------------------------------------------ */

static void take_value(struct ss_task *task, struct ss_err *err)
{
	int at = lua_gettop(task->co) - 1; /* below the mark of finish */

	if (task->broken)
		ss_err_set(err, SS_ERR_SCRIPT, "%s", task->broken);
	else if (task->killed) /* whatever its handlers raised after that */
		ss_err_set(err, task->stop_code, "%s", task->stop_why);
	else if (task->no_memory)
		ss_err_set(err, SS_ERR_LIMIT, "not enough memory: the script may hold %zu MiB",
		           task->host->alloc.max_bytes >> 20);
	else
		ss_lua_to_err(task->co, at, err);
}

/* Into the message, since its other readers would put op and object before the place. */
static void add_place(struct ss_err *err, const char *place, size_t len)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	bool subject = err->op[0] || err->object[0];

	ss_buf_add(&text, place, len);
	ss_buf_printf(&text, "%s%s%s%s%s%s", len ? ": " : "", err->op,
	              err->op[0] && err->object[0] ? " " : "", err->object, subject ? ": " : "",
	              err->message);
	if (text.failed)
		return;
	text.data[ss_utf8_cut(
	        text.data, text.len < sizeof(err->message) ? text.len : sizeof(err->message) - 1)] =
	        0;
	memcpy(err->message, text.data, strlen(text.data) + 1);
	err->op[0] = err->object[0] = 0;
}

void ss_sched_to_err(struct ss_task *task, struct ss_err *err)
{
	const char *nl = task->trace ? strchr(task->trace, '\n') : NULL;
	size_t used;

	take_value(task, err);
	/* A string has its place already. */
	if (task->trace &&
	    (task->killed || lua_type(task->co, lua_gettop(task->co) - 1) != LUA_TSTRING))
		add_place(err, task->trace, nl ? (size_t)(nl - task->trace) : strlen(task->trace));
	used = strlen(err->message);
	if (nl && used + 64 < sizeof(err->message))
		ss_lua_escape_lines(nl, strlen(nl), err->message + used,
		                    sizeof(err->message) - used);
}
