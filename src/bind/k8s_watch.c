/* k8s.watch: an iterator over events. The watch runs by itself; what it delivers
 * waits in a queue until the script asks, and a full queue stops the reading. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "bind/k8s_priv.h"
#include "io/loop.h"
#include "kube/watch.h"
#include "script/conv.h"
#include "script/host.h"
#include "script/luax.h"

static const char watch_type[] = "sandscript.watch";

/* Events, and the memory of their objects: whichever is reached first. */
enum {
	QUEUE_FULL = 1000,
	QUEUE_LOW = 200,
	QUEUE_FULL_BYTES = 4 << 20,
	QUEUE_LOW_BYTES = 1 << 20,
};

struct event {
	struct event *next;
	enum ss_event_type type;
	struct ss_doc *doc;
};

struct watch {
	struct ss_watch *watch; /* NULL once it has failed or its time is over */
	struct event *first, **last;
	size_t n, bytes;
	bool paused, over;
	struct ss_err failed; /* code != 0: it has failed for good */
	struct ss_await *waiting;
	struct ss_timer *timer;
	lua_State *owner; /* where it was made; held by the box's user value */
};

static void free_watch(void *ptr)
{
	struct watch *w = ptr;
	struct event *next;

	ss_watch_cancel(w->watch);
	ss_timer_stop(w->timer);
	for (struct event *e = w->first; e; e = next) {
		next = e->next;
		ss_doc_free(e->doc);
		free(e);
	}
	ss_err_done(&w->failed);
	free(w);
}

static void wake(struct watch *w, const struct ss_err *err)
{
	struct ss_await *a = w->waiting;

	w->waiting = NULL;
	if (a)
		ss_await_finish(a, err);
}

static void stop(struct watch *w)
{
	ss_watch_cancel(w->watch);
	w->watch = NULL;
	w->over = true;
}

/* Has the coroutine that made it come to its end? Then nobody will ask again. */
static bool is_orphan(const struct watch *w)
{
	int status = lua_status(w->owner);
	lua_Debug ar;

	if (w->waiting || status == LUA_YIELD)
		return false;
	return status != LUA_OK || !lua_getstack(w->owner, 0, &ar);
}

/* --- from the watch ------------------------------------------------------------------- */
static void fail(struct watch *w, const struct ss_err *err)
{
	ss_err_copy(&w->failed, err);
	wake(w, NULL);
}

static void on_event(void *ud, enum ss_event_type type, struct ss_doc *doc)
{
	struct watch *w = ud;
	struct event *e;

	if (type == SS_EVENT_BOOKMARK || is_orphan(w)) {
		ss_doc_free(doc);
		if (type != SS_EVENT_BOOKMARK)
			stop(w);
		return;
	}
	e = malloc(sizeof(*e));
	if (!e) {
		struct ss_err err;

		ss_err_init(&err);
		ss_err_nomem(&err);
		ss_doc_free(doc);
		stop(w);
		fail(w, &err);
		return;
	}
	*e = (struct event){.type = type, .doc = doc};
	*w->last = e;
	w->last = &e->next;
	w->n++;
	w->bytes += ss_doc_bytes(doc);
	if (!w->paused && (w->n >= QUEUE_FULL || w->bytes >= QUEUE_FULL_BYTES)) {
		w->paused = true;
		ss_watch_pause(w->watch, true);
	}
	wake(w, NULL);
}

static void on_failed(void *ud, const struct ss_err *err)
{
	struct watch *w = ud;

	w->watch = NULL;
	fail(w, err);
}

static void on_timeout(void *ud)
{
	struct watch *w = ud;

	stop(w);
	wake(w, NULL);
}

/* --- the handle ------------------------------------------------------------------------ */
static struct watch *check_watch(lua_State *L, int index)
{
	struct watch **box = luaL_checkudata(L, index, watch_type);

	return *box;
}

static struct event *take_event(struct watch *w)
{
	struct event *e = w->first;

	if (!e)
		return NULL;
	w->first = e->next;
	if (!w->first)
		w->last = &w->first;
	w->n--;
	w->bytes -= ss_doc_bytes(e->doc);
	if (w->paused && w->n <= QUEUE_LOW && w->bytes <= QUEUE_LOW_BYTES && w->watch) {
		w->paused = false;
		ss_watch_pause(w->watch, false);
	}
	return e;
}

static int push_event(lua_State *L, struct watch *w)
{
	static const char *const types[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK"};
	struct event *e = take_event(w);
	struct ss_doc *doc;
	const char *type;

	if (!e) {
		lua_pushnil(L); /* its time is over */
		return 1;
	}
	doc = e->doc;
	type = types[e->type];
	free(e);
	ss_conv_box_doc(L, doc);
	lua_createtable(L, 0, 2);
	lua_pushstring(L, type);
	lua_setfield(L, -2, "type");
	ss_conv_to_lua(L, doc, ss_doc_root(doc), 0);
	lua_setfield(L, -2, "object");
	ss_lua_close_box(L, -2);
	return 1;
}

static int push_next(lua_State *L, struct watch *w)
{
	if (!w->first && w->failed.code) {
		ss_lua_push_err(L, &w->failed);
		return lua_error(L);
	}
	return push_event(L, w);
}

static int push_waited(lua_State *L, struct ss_await *a)
{
	return push_next(L, a->data);
}

static void cancel_wait(void *op)
{
	struct watch *w = op;

	w->waiting = NULL;
}

/* watch() --> {type="ADDED"|"MODIFIED"|"DELETED", object=} | nil when it is closed or its time is over
 * raises: a failure of the watch for good (the error table); use of a closed watch by hand
 * yields: yes */
static int l_watch_call(lua_State *L)
{
	struct watch *w = check_watch(L, 1);
	struct ss_await *a;

	lua_settop(L, 1);
	if (!w) { /* closed inside its own loop */
		lua_pushnil(L);
		return 1;
	}
	if (w->first || w->failed.code || w->over)
		return push_next(L, w);
	if (w->waiting)
		return ss_lua_misuse(L, "k8s.watch: another task waits for this watch");
	a = ss_await_new(L, push_waited);
	a->data = w;
	w->waiting = a;
	ss_await_started(a, cancel_wait, w);
	return ss_await_wait(L, a);
}

/* watch:close()
 * Ends the watch; a task that waits for it gets nil. Closing twice is fine.
 * yields: no */
static int l_watch_close(lua_State *L)
{
	struct watch *w = check_watch(L, 1);
	struct ss_await *a;

	if (!w)
		return 0;
	/* The one who waits looks at w once more when it runs, so w outlives the close. */
	a = w->waiting;
	stop(w);
	wake(w, NULL);
	if (!a)
		ss_lua_close_box(L, 1);
	return 0;
}

static void push_watch_type(lua_State *L)
{
	if (luaL_newmetatable(L, watch_type)) {
		lua_pushcfunction(L, l_watch_call);
		lua_setfield(L, -2, "__call");
		lua_createtable(L, 0, 1);
		lua_pushcfunction(L, l_watch_close);
		lua_setfield(L, -2, "close");
		lua_setfield(L, -2, "__index");
	}
	lua_pop(L, 1);
}

/* The box, pushed; closed until the watch runs. */
static struct watch *push_watch(lua_State *L)
{
	struct watch *w;
	void **box;

	push_watch_type(L);
	box = ss_lua_new_box(L, watch_type, free_watch);
	w = calloc(1, sizeof(*w));
	if (!w)
		luaL_error(L, "out of memory");
	w->last = &w->first;
	ss_err_init(&w->failed);
	w->owner = L;
	*box = w;
	lua_createtable(L, 2, 0);
	lua_pushthread(L);
	lua_rawseti(L, -2, 1);
	lua_pushvalue(L, K8S_CLIENT); /* the client outlives its watches */
	lua_rawseti(L, -2, 2);
	lua_setiuservalue(L, -2, 1);
	return w;
}

/* k8s.watch{kind=, apiVersion=, namespace=, name=, allNamespaces=false, labelSelector=, fieldSelector=,
 *           resourceVersion=, timeout=nil} --> watch
 * `for ev in watch do … ev.type, ev.object … end`. Without resourceVersion what is there comes first,
 * as ADDED. It resumes by itself, and lists again when it was away for too long. It ends by
 * watch:close(), <close>, the end of the coroutine that made it, or after timeout seconds.
 * raises: no kind, unknown option
 * returns nil, err: config, and what the connection says at once; later failures raise from the iterator
 * yields: no (the iterator does) */
int l_k8s_watch(lua_State *L)
{
	static const char *const names[] = {
	        "kind",          "apiVersion",    "namespace",       "name",    "allNamespaces",
	        "labelSelector", "fieldSelector", "resourceVersion", "timeout", NULL};
	static const struct ss_watch_events events = {on_event, on_failed};
	static const char func[] = "k8s.watch";
	static const struct k8s_verb verb = {func, names, 1};
	struct ss_watch_spec spec = {0};
	struct ss_client *client;
	int64_t timeout_ms;
	struct watch *w;
	struct ss_err err;

	lua_settop(L, 1);
	k8s_check_ref(L, 1, &verb, K8S_MANY, &spec.ref);
	k8s_check_options(L, 1, &verb);
	spec.all_namespaces = ss_lua_opt_bool(L, 1, func, "allNamespaces", false);
	spec.label_selector = ss_lua_opt_string(L, 1, func, "labelSelector", NULL);
	spec.field_selector = ss_lua_opt_string(L, 1, func, "fieldSelector", NULL);
	spec.resource_version = ss_lua_opt_string(L, 1, func, "resourceVersion", NULL);
	timeout_ms = ss_lua_opt_seconds_ms(L, 1, func, "timeout", 0);
	w = push_watch(L);
	ss_err_init(&err);
	client = k8s_client(L, &err);
	if (!client || ss_watch_start(client, &spec, &events, w, &w->watch, &err)) {
		ss_lua_close_box(L, 2);
		return ss_lua_fail(L, &err);
	}
	if (timeout_ms) {
		w->timer = ss_timer_start(ss_client_loop(client), timeout_ms, on_timeout, w);
		if (!w->timer) {
			ss_lua_close_box(L, 2);
			ss_err_nomem(&err);
			return ss_lua_fail(L, &err);
		}
	}
	return 1;
}
