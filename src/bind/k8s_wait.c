/* k8s.wait. Without functions of the script it is one operation. With them the
 * wait below (kube/wait.h) still watches and knows the causes, but each state and
 * each line of progress is handed to the script's task, which runs the functions
 * (lua/ss/k8s_wait.lua) and may wait in them. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/edit.h"
#include "bind/bind.h"
#include "bind/k8s_priv.h"
#include "kube/watch.h"
#include "script/conv.h"
#include "script/embedded.h"
#include "script/luax.h"

static const char wait_type[] = "sandscript.wait";

/* A wait whose states a task looks at. Of several states that come before the
 * task runs only the last matters. */
struct wait {
	struct ss_wait *wait;  /* NULL once it is over */
	struct ss_doc *object; /* a state to be looked at */
	char *progress;        /* a line to be told */
	struct ss_doc *result;
	bool done;
	struct ss_err err; /* of done */
	struct ss_await *waiting;
};

static void free_wait(void *ptr)
{
	struct wait *w = ptr;

	ss_wait_cancel(w->wait);
	ss_doc_free(w->object);
	ss_doc_free(w->result);
	free(w->progress);
	ss_err_done(&w->err);
	free(w);
}

static void wake(struct wait *w)
{
	struct ss_await *a = w->waiting;

	w->waiting = NULL;
	if (a)
		ss_await_finish(a, NULL);
}

/* --- from the wait --------------------------------------------------------------------- */
static enum ss_verdict on_state(void *ud, const struct ss_doc *object, struct ss_err *err)
{
	struct wait *w = ud;
	struct ss_doc *copy = ss_doc_dup(object, ss_doc_root(object));

	if (!copy) {
		ss_err_nomem(err);
		return SS_WAIT_FAILED;
	}
	ss_doc_free(w->object);
	w->object = copy;
	wake(w);
	return SS_WAIT_PENDING;
}

static void on_progress(void *ud, const char *text)
{
	struct wait *w = ud;
	char *copy = strdup(text);

	if (!copy)
		return; /* only a line for people */
	free(w->progress);
	w->progress = copy;
	wake(w);
}

static void on_done(void *ud, struct ss_result *result, const struct ss_err *err)
{
	struct wait *w = ud;

	w->wait = NULL;
	w->done = true;
	if (err) {
		ss_err_copy(&w->err, err);
	} else {
		w->result = result->doc;
		result->doc = NULL;
	}
	wake(w);
}

/* --- to the task ------------------------------------------------------------------------- */
static int push_doc(lua_State *L, struct ss_doc **slot)
{
	struct ss_doc *doc = *slot;

	*slot = NULL;
	ss_conv_box_doc(L, doc);
	ss_conv_to_lua(L, doc, ss_doc_root(doc), 0);
	ss_lua_close_box(L, -2);
	lua_remove(L, -2);
	return 1;
}

static bool has_news(const struct wait *w)
{
	return w->progress || w->object || w->done;
}

/* "progress", text | "object", object | "done", object or true | nil, err */
static int push_news(lua_State *L, struct wait *w)
{
	if (w->progress) {
		lua_pushliteral(L, "progress");
		lua_pushstring(L, w->progress);
		free(w->progress);
		w->progress = NULL;
		return 2;
	}
	if (w->object) {
		lua_pushliteral(L, "object");
		push_doc(L, &w->object);
		return 2;
	}
	if (w->err.code)
		return ss_lua_fail(L, &w->err);
	lua_pushliteral(L, "done");
	if (w->result)
		push_doc(L, &w->result);
	else
		lua_pushboolean(L, 1);
	return 2;
}

static int push_waited(lua_State *L, struct ss_await *a)
{
	return push_news(L, a->data);
}

static void cancel_wait(void *op)
{
	struct wait *w = op;

	w->waiting = NULL;
}

/* handle:next(), for lua/ss/k8s_wait.lua alone. */
static int l_wait_next(lua_State *L)
{
	struct wait **box = luaL_checkudata(L, 1, wait_type);
	struct wait *w = *box;
	struct ss_await *a;

	lua_settop(L, 1);
	if (!w)
		return luaL_error(L, "k8s.wait: the wait is closed");
	if (has_news(w))
		return push_news(L, w);
	a = ss_await_new(L, push_waited);
	a->data = w;
	w->waiting = a;
	ss_await_started(a, cancel_wait, w);
	return ss_await_wait(L, a);
}

/* fail(ref, message) --> nil, err: what the script's own test said. */
static int l_wait_failed(lua_State *L)
{
	const char *message = luaL_checkstring(L, 2);
	const char *namespace_ = k8s_metadata(L, 1, "namespace"), *kind;
	struct ss_err err;

	ss_err_init(&err);
	lua_getfield(L, 1, "kind");
	kind = lua_tostring(L, -1);
	ss_err_set_object(&err, kind ? kind : "object", namespace_, k8s_metadata(L, 1, "name"));
	memcpy(err.op, "wait", sizeof("wait"));
	ss_err_set(&err, SS_ERR_FAILED, "%s", message);
	return ss_lua_fail(L, &err);
}

static struct wait *push_wait(lua_State *L)
{
	struct wait *w;
	void **box;

	if (luaL_newmetatable(L, wait_type)) {
		lua_createtable(L, 0, 1);
		lua_pushcfunction(L, l_wait_next);
		lua_setfield(L, -2, "next");
		lua_setfield(L, -2, "__index");
	}
	lua_pop(L, 1);
	box = ss_lua_new_box(L, wait_type, free_wait);
	w = calloc(1, sizeof(*w));
	if (!w)
		luaL_error(L, "out of memory");
	ss_err_init(&w->err);
	*box = w;
	return w;
}

static int k_functions(lua_State *L, int status, lua_KContext context)
{
	return lua_gettop(L) - (int)context;
}

/* Run the script's functions over the wait. Stack: ref, options. */
static int wait_with_functions(lua_State *L, struct ss_wait_spec *spec)
{
	struct ss_client *client;
	struct wait *w;
	struct ss_err err;
	bool judged;
	int base;

	ss_err_init(&err);
	lua_getfield(L, 2, "ready");
	lua_getfield(L, 2, "fail");
	judged = lua_isfunction(L, 3) || lua_isfunction(L, 4);
	lua_settop(L, 2);
	w = push_wait(L);
	if (judged)
		spec->verdict = on_state;
	spec->progress = on_progress;
	client = k8s_client(L, &err);
	if (!client || ss_wait_start(client, spec, on_done, w, &w->wait, &err)) {
		ss_lua_close_box(L, 3);
		return ss_lua_fail(L, &err);
	}
	base = lua_gettop(L);
	ss_embedded_require(L, "ss.k8s_wait");
	lua_pushvalue(L, 3);
	lua_pushvalue(L, 2);
	lua_pushcfunction(L, l_wait_failed);
	lua_callk(L, 3, LUA_MULTRET, base, k_functions);
	return k_functions(L, LUA_OK, base);
}

static void cancel_plain(void *op)
{
	ss_wait_cancel(op);
}

/* --- arguments ------------------------------------------------------------------------------- */
/* Is there a function among the options? Raises for options of a wrong type. */
static bool check_functions(lua_State *L)
{
	static const char *const names[] = {"ready", "fail", "progress"};
	bool any = false;

	for (size_t i = 0; i < SS_ARRAY_LEN(names) && !lua_isnil(L, 2); i++) {
		int type = lua_getfield(L, 2, names[i]);

		if (type == LUA_TFUNCTION)
			any = true;
		else if (type != LUA_TNIL && !(i == 0 && type == LUA_TSTRING))
			ss_lua_misuse(L, "k8s.wait: option '%s' must be %s, not a %s", names[i],
			              i == 0 ? "the name of a condition or a function"
			                     : "a function",
			              lua_typename(L, type));
		lua_pop(L, 1);
	}
	return any;
}

static bool has_conditions(lua_State *L)
{
	bool has = false;

	if (lua_getfield(L, 1, "status") == LUA_TTABLE) {
		has = lua_getfield(L, -1, "conditions") == LUA_TTABLE;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return has;
}

static const char *check_ready(lua_State *L, bool deleted)
{
	const char *ready = NULL;

	if (!lua_isnil(L, 2) && lua_getfield(L, 2, "ready") == LUA_TSTRING)
		ready = lua_tostring(L, -1);
	if (deleted && !lua_isnil(L, 2) && !lua_isnil(L, -1) && lua_gettop(L) > 2)
		ss_lua_misuse(L, "k8s.wait: 'ready' and 'deleted' are two different waits");
	lua_settop(L, 2);
	return ready ? ready : "Ready";
}

/* k8s.wait(ref, {ready="Ready" | "Available=False" | fn(object), fail=fn(object), deleted=false,
 *          timeout=60, progress=fn(text)}) --> object | true for deleted
 * By watch, from the version of a stored object. A missing object is waited for; causes that will not
 * heal (an image name that is none, a failed pod, an expired sandbox …) fail at once, with the pod's
 * own reason; so does the deletion of the object. fail may return the reason as a string.
 * raises: no kind or name, unknown option; what the functions raise
 * returns nil, err: failed, timeout (with the last reason seen), forbidden, not_found (of the kind),
 *   unavailable, canceled, config
 * yields: yes */
int l_k8s_wait(lua_State *L)
{
	static const char *const names[] = {"ready",   "fail",     "deleted",
	                                    "timeout", "progress", NULL};
	static const char func[] = "k8s.wait";
	static const struct k8s_verb verb = {func, names, 2};
	struct ss_bind_env *env = ss_bind_env_of(L);
	struct ss_wait_spec spec = {0};
	bool functions;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_ref(L, 1, &verb, K8S_ONE, &spec.ref);
	k8s_check_options(L, 2, &verb);
	functions = check_functions(L);
	spec.deleted = ss_lua_opt_bool(L, 2, func, "deleted", false);
	spec.timeout_ms = ss_lua_opt_seconds_ms(L, 2, func, "timeout", env->timeout_ms);
	spec.condition = check_ready(L, spec.deleted);
	spec.terminal_causes = true;
	spec.ref.uid = k8s_metadata(L, 1, "uid");
	/* From the version of a fresh write no list is needed. A state with conditions may be the
	 * awaited one already, and nothing would follow. */
	if (!spec.deleted && !has_conditions(L))
		spec.resource_version = k8s_metadata(L, 1, "resourceVersion");
	if (functions)
		return wait_with_functions(L, &spec);
	if (k8s_begin(L, &op, NULL)) {
		struct ss_wait *wait = NULL;

		op.rc = ss_wait_start(op.client, &spec, k8s_on_done, op.await, &wait, &op.err);
		if (op.rc == 0) {
			ss_await_started(op.await, cancel_plain, wait);
			return ss_await_wait(L, op.await);
		}
	}
	return ss_await_fail(L, op.await, &op.err);
}
