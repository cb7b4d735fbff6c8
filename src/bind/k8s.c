/* The k8s module: its table, its clients, and k8s.connect. */
#include <lauxlib.h>
#include <stdlib.h>

#include "bind/bind.h"
#include "bind/k8s_priv.h"
#include "bind/modules.h"
#include "script/luax.h"

/* --- clients ------------------------------------------------------------------------ */
static void free_client(void *ptr)
{
	struct k8s_client *c = ptr;

	ss_connection_free(c->own);
	free(c);
}

/* A box for env's client, pushed; its pointer is filled. */
static struct k8s_client *push_client(lua_State *L, struct ss_bind_env *env)
{
	void **box = ss_lua_new_box(L, "sandscript.k8s", free_client);
	struct k8s_client *c = calloc(1, sizeof(*c));

	if (!c)
		luaL_error(L, "out of memory");
	c->env = env;
	*box = c;
	return c;
}

struct ss_client *k8s_client(lua_State *L, struct ss_err *err)
{
	struct k8s_client *c = *(struct k8s_client **)lua_touserdata(L, K8S_CLIENT);
	struct ss_connection *connection = c->own;

	if (!connection && ss_bind_connection(c->env, &connection, err))
		return NULL;
	return connection->client;
}

static void put_string(lua_State *L, const char *field, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, field);
}

/* k8s.connect{kubeconfig=, context=, namespace=, cluster="embedded:FILE"} --> client
 * A client of its own: a table with the functions of k8s, and context, namespace and
 * server as strings. Closed when nothing refers to it any more.
 * raises: unknown option, wrong type
 * returns nil, err: config (names file, entry and cause), unsupported
 * yields: no */
static int l_k8s_connect(lua_State *L)
{
	static const char *const names[] = {"kubeconfig", "context", "namespace", "cluster", NULL};
	static const char func[] = "k8s.connect";
	struct ss_bind_env *env = ss_bind_env_of(L);
	struct ss_config_request request;
	struct k8s_client *c;
	struct ss_err err;

	lua_settop(L, 1);
	ss_lua_check_options(L, 1, func, names);
	request.kubeconfig = ss_lua_opt_string(L, 1, func, "kubeconfig", NULL);
	request.context = ss_lua_opt_string(L, 1, func, "context", NULL);
	request.namespace_ = ss_lua_opt_string(L, 1, func, "namespace", NULL);
	request.cluster = ss_lua_opt_string(L, 1, func, "cluster", NULL);
	c = push_client(L, env);
	ss_err_init(&err);
	if (ss_bind_connect(env, &request, &c->own, &err))
		return ss_lua_fail(L, &err);
	k8s_push_functions(L);
	put_string(L, "context", ss_client_context(c->own->client));
	put_string(L, "namespace", ss_client_namespace(c->own->client));
	put_string(L, "server", ss_client_server(c->own->client));
	return 1;
}

/* --- operations -------------------------------------------------------------------------- */
bool k8s_begin(lua_State *L, struct k8s_op *op, ss_await_push_fn push)
{
	ss_err_init(&op->err);
	op->op = NULL;
	op->rc = 0;
	op->await = ss_await_new(L, push);
	op->client = k8s_client(L, &op->err);
	if (!op->client)
		op->rc = op->err.code;
	return op->client != NULL;
}

void k8s_on_done(void *ud, struct ss_result *result, const struct ss_err *err)
{
	struct ss_await *a = ud;

	if (!err) {
		a->doc = result->doc;
		result->doc = NULL;
		a->value = result->change;
	}
	ss_await_finish(a, err);
}

static void cancel_op(void *op)
{
	ss_op_cancel(op);
}

int k8s_wait_for(lua_State *L, struct k8s_op *op)
{
	if (op->rc)
		return ss_await_fail(L, op->await, &op->err);
	ss_await_started(op->await, cancel_op, op->op);
	return ss_await_wait(L, op->await);
}

/* --- the table -------------------------------------------------------------------------- */
static const luaL_Reg functions[] = {
        {"apply", l_k8s_apply},     {"connect", l_k8s_connect},
        {"create", l_k8s_create},   {"delete", l_k8s_delete},
        {"diff", l_k8s_diff},       {"events", l_k8s_events},
        {"get", l_k8s_get},         {"kinds", l_k8s_kinds},
        {"list", l_k8s_list},       {"patch", l_k8s_patch},
        {"version", l_k8s_version}, {"wait", l_k8s_wait},
        {"watch", l_k8s_watch},     {NULL, NULL},
};

void k8s_push_functions(lua_State *L)
{
	luaL_newlibtable(L, functions);
	lua_insert(L, -2);
	luaL_setfuncs(L, functions, 1);
}

int ss_bind_open_k8s(lua_State *L)
{
	push_client(L, ss_bind_env_of(L));
	k8s_push_functions(L);
	return 1;
}
