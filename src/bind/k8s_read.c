/* The k8s functions that only read. */
#include <lauxlib.h>

#include "base/doc.h"
#include "bind/k8s_priv.h"
#include "kube/verbs.h"
#include "script/conv.h"
#include "script/luax.h"

/* k8s.get(ref, {timeout=30, exactVersion=false}) --> object
 * raises: no kind or name, unknown option
 * returns nil, err: not_found, forbidden, unauthorized, unavailable, timeout, tls, canceled, config
 * yields: yes */
int l_k8s_get(lua_State *L)
{
	static const char *const names[] = {"timeout", "exactVersion", NULL};
	struct ss_ref ref;
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_ref(L, 1, "k8s.get", K8S_ONE, &ref);
	k8s_check_call(L, 2, "k8s.get", names, &call);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_get(op.client, &ref, &call, k8s_on_done, op.await, &op.op, &op.err);
	return k8s_wait_for(L, &op);
}

static int push_list(lua_State *L, struct ss_await *a)
{
	ss_node root = ss_doc_root(a->doc);
	ss_node metadata = ss_doc_get(a->doc, root, "metadata");

	if (ss_doc_get(a->doc, root, "items") == SS_NO_NODE)
		ss_conv_push_array(L, 0);
	else
		ss_conv_to_lua(L, a->doc, ss_doc_get(a->doc, root, "items"), 0);
	if (metadata == SS_NO_NODE)
		lua_newtable(L);
	else
		ss_conv_to_lua(L, a->doc, metadata, 0);
	return 2;
}

/* k8s.list{kind=, namespace=, allNamespaces=false, labelSelector=, fieldSelector=, chunkSize=500,
 *          timeout=30, exactVersion=false} --> array, list metadata
 * Every page; each item has its apiVersion and kind.
 * raises: no kind, unknown option
 * returns nil, err: not_found (of the kind), invalid (selector), forbidden, limit, … as k8s.get
 * yields: yes */
int l_k8s_list(lua_State *L)
{
	static const char *const names[] = {"kind",
	                                    "apiVersion",
	                                    "name",
	                                    "namespace",
	                                    "allNamespaces",
	                                    "labelSelector",
	                                    "fieldSelector",
	                                    "chunkSize",
	                                    "timeout",
	                                    "exactVersion",
	                                    NULL};
	static const char func[] = "k8s.list";
	struct ss_list_spec spec = {0};
	struct ss_ref ref;
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 1);
	k8s_check_ref(L, 1, func, K8S_MANY, &ref);
	k8s_check_call(L, 1, func, names, &call);
	if (ref.name)
		ss_lua_misuse(L, "k8s.list: 'name' names one object: use k8s.get");
	spec.label_selector = ss_lua_opt_string(L, 1, func, "labelSelector", NULL);
	spec.field_selector = ss_lua_opt_string(L, 1, func, "fieldSelector", NULL);
	spec.all_namespaces = ss_lua_opt_bool(L, 1, func, "allNamespaces", false);
	spec.limit = ss_lua_opt_int(L, 1, func, "chunkSize", 1, 100000, 0);
	if (k8s_begin(L, &op, push_list))
		op.rc = ss_kube_list(op.client, &ref, &spec, &call, k8s_on_done, op.await, &op.op,
		                     &op.err);
	return k8s_wait_for(L, &op);
}

/* k8s.events(ref, {timeout=30}) --> array of Events about the object, oldest first
 * raises: no kind or name, unknown option
 * returns nil, err: as k8s.get
 * yields: yes */
int l_k8s_events(lua_State *L)
{
	static const char *const names[] = {"timeout", NULL};
	struct ss_ref ref;
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_ref(L, 1, "k8s.events", K8S_ONE, &ref);
	ref.uid = k8s_metadata(L, 1, "uid");
	k8s_check_call(L, 2, "k8s.events", names, &call);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_events(op.client, &ref, &call, k8s_on_done, op.await, &op.op,
		                       &op.err);
	return k8s_wait_for(L, &op);
}

/* k8s.kinds({timeout=30}) --> array of {kind=, apiVersion=, resource=, namespaced=, shortNames=, verbs=}
 * What the cluster serves.
 * raises: unknown option
 * returns nil, err: forbidden, unauthorized, unavailable, timeout, tls, canceled, config
 * yields: yes */
int l_k8s_kinds(lua_State *L)
{
	static const char *const names[] = {"timeout", NULL};
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 1);
	k8s_check_call(L, 1, "k8s.kinds", names, &call);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_kinds(op.client, &call, k8s_on_done, op.await, &op.op, &op.err);
	return k8s_wait_for(L, &op);
}

/* k8s.version({timeout=30}) --> {major=, minor=, gitVersion=, …}
 * raises: unknown option
 * returns nil, err: as k8s.kinds
 * yields: yes */
int l_k8s_version(lua_State *L)
{
	static const char *const names[] = {"timeout", NULL};
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 1);
	k8s_check_call(L, 1, "k8s.version", names, &call);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_version(op.client, &call, k8s_on_done, op.await, &op.op, &op.err);
	return k8s_wait_for(L, &op);
}
