/* k8s.list. A page is one operation. All of them are a loop in lua/ss/k8s_list.lua, so that
 * what is in memory beside the script's own objects is a page. */
#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/doc.h"
#include "bind/k8s_priv.h"
#include "kube/verbs.h"
#include "script/conv.h"
#include "script/embedded.h"
#include "script/luax.h"
#include "script/task.h"

enum { DEFAULT_MAX_BYTES = 64 << 20 };
#define MAX_MAX_BYTES ((int64_t)1 << 40)

static const char func[] = "k8s.list";

/* items, metadata, size of the text */
static int push_list(lua_State *L, struct ss_await *a)
{
	ss_node root = ss_doc_root(a->doc);
	ss_node metadata = ss_doc_get(a->doc, root, "metadata");

	if (ss_doc_type(a->doc, ss_doc_get(a->doc, root, "items")) != SS_ARRAY)
		ss_conv_push_array(L, 0);
	else
		ss_conv_to_lua(L, a->doc, ss_doc_get(a->doc, root, "items"), 0);
	if (metadata == SS_NO_NODE)
		lua_newtable(L);
	else
		ss_conv_to_lua(L, a->doc, metadata, 0);
	lua_pushinteger(L, a->value);
	return 3;
}

static void on_page(void *ud, struct ss_result *result, const struct ss_err *err)
{
	struct ss_await *a = ud;

	if (!err) {
		a->doc = result->doc;
		result->doc = NULL;
		a->value = (int64_t)result->text_len;
	}
	ss_await_finish(a, err);
}

/* What the table at index asks for. */
struct query {
	struct ss_ref ref;
	struct ss_list_spec spec;
	struct ss_call call;
	int64_t max_bytes;
};

SS_MAY_RAISE static void check_query(lua_State *L, int index, struct query *q)
{
	static const char *const names[] = {
	        "kind",          "apiVersion",    "name",      "namespace", "allNamespaces",
	        "labelSelector", "fieldSelector", "chunkSize", "continue",  "maxBytes",
	        "timeout",       "exactVersion",  NULL};
	static const struct k8s_verb verb = {func, names, 1};

	*q = (struct query){.spec.one_page = true};
	k8s_check_ref(L, index, &verb, K8S_MANY, &q->ref);
	k8s_check_call(L, index, &verb, &q->call);
	if (q->ref.name)
		ss_lua_misuse(L, "k8s.list: 'name' names one object: use k8s.get");
	q->spec.label_selector = ss_lua_opt_string(L, index, func, "labelSelector", NULL);
	q->spec.field_selector = ss_lua_opt_string(L, index, func, "fieldSelector", NULL);
	q->spec.all_namespaces = ss_lua_opt_bool(L, index, func, "allNamespaces", false);
	q->spec.limit = ss_lua_opt_int(L, index, func, "chunkSize", 1, 100000, 0);
	q->spec.token = ss_lua_opt_string(L, index, func, "continue", NULL);
	q->max_bytes =
	        ss_lua_opt_int(L, index, func, "maxBytes", 1, MAX_MAX_BYTES, DEFAULT_MAX_BYTES);
}

SS_MAY_RAISE static int wait_for_page(lua_State *L, const struct query *q)
{
	struct k8s_op op;

	if (k8s_begin(L, &op, push_list))
		op.rc = ss_kube_list(op.client, &q->ref, &q->spec, &q->call, on_page, op.await,
		                     &op.op, &op.err);
	return k8s_wait_for(L, &op);
}

/* page(token) --> items, metadata, bytes | nil, err
 * token nil: all at once. Upvalues: client, options, deadline. */
static int l_page(lua_State *L)
{
	int64_t left_ms = lua_tointeger(L, lua_upvalueindex(3)) - ss_clock_mono_ms();
	struct query q;

	lua_settop(L, 1);
	lua_pushvalue(L, lua_upvalueindex(2));
	check_query(L, 2, &q);
	q.call.timeout_ms = left_ms > 0 ? left_ms : 1;
	q.spec.token = luaL_optstring(L, 1, NULL);
	q.spec.whole = lua_isnil(L, 1);
	q.spec.consistent = true;
	return wait_for_page(L, &q);
}

/* too_large(max_bytes) --> nil, err */
static int l_too_large(lua_State *L)
{
	struct ss_err err;

	ss_err_init(&err);
	ss_err_set(&err, SS_ERR_LIMIT,
	           "the list is over %lld bytes (maxBytes): narrow it by namespace or selector, "
	           "raise maxBytes, or read it page by page (continue=\"\")",
	           (long long)luaL_checkinteger(L, 1));
	memcpy(err.op, "list", sizeof("list"));
	return ss_lua_fail(L, &err);
}

static int k_all(lua_State *L, int status, lua_KContext context)
{
	return lua_gettop(L) - (int)context;
}

SS_MAY_RAISE static int wait_for_all(lua_State *L, const struct query *q)
{
	int64_t timeout_ms = q->call.timeout_ms ? q->call.timeout_ms : SS_CLIENT_TIMEOUT_MS;

	if (!ss_task_can_wait(L))
		ss_await_new(L, NULL); /* says so, at the line of the script */
	ss_embedded_require(L, "ss.k8s_list");
	lua_pushvalue(L, K8S_CLIENT);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, ss_clock_mono_ms() + timeout_ms);
	lua_pushcclosure(L, l_page, 3);
	lua_pushinteger(L, q->max_bytes);
	lua_pushcfunction(L, l_too_large);
	lua_callk(L, 3, LUA_MULTRET, 1, k_all);
	return k_all(L, LUA_OK, 1);
}

/* k8s.list{kind=, namespace=, allNamespaces=false, labelSelector=, fieldSelector=, chunkSize=500,
 *          continue=nil, maxBytes=67108864, timeout=30, exactVersion=false} --> array, list metadata
 * Every page; each item has its apiVersion and kind. With continue ("" first) one page alone;
 * metadata.continue is the next one's, nil or "" at the end. Where a token has expired the rest is
 * read as it is now.
 * raises: no kind, unknown option
 * returns nil, err: not_found (of the kind), invalid (selector), forbidden, limit (more than
 *   maxBytes of text), gone … as k8s.get
 * yields: yes */
int l_k8s_list(lua_State *L)
{
	struct query q;

	lua_settop(L, 1);
	check_query(L, 1, &q);
	return q.spec.token ? wait_for_page(L, &q) : wait_for_all(L, &q);
}
