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
	static const struct k8s_verb verb = {"k8s.get", names, 2};
	struct ss_ref ref;
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_ref(L, 1, &verb, K8S_ONE, &ref);
	k8s_check_call(L, 2, &verb, &call);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_get(op.client, &ref, &call, k8s_on_done, op.await, &op.op, &op.err);
	return k8s_wait_for(L, &op);
}

/* k8s.events(ref, {timeout=30}) --> array of Events about the object, oldest first
 * raises: no kind or name, unknown option
 * returns nil, err: as k8s.get
 * yields: yes */
int l_k8s_events(lua_State *L)
{
	static const char *const names[] = {"timeout", NULL};
	static const struct k8s_verb verb = {"k8s.events", names, 2};
	struct ss_ref ref;
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_ref(L, 1, &verb, K8S_ONE, &ref);
	ref.uid = k8s_metadata(L, 1, "uid");
	k8s_check_call(L, 2, &verb, &call);
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
	static const struct k8s_verb verb = {"k8s.kinds", names, 1};
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 1);
	k8s_check_call(L, 1, &verb, &call);
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
	static const struct k8s_verb verb = {"k8s.version", names, 1};
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 1);
	k8s_check_call(L, 1, &verb, &call);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_version(op.client, &call, k8s_on_done, op.await, &op.op, &op.err);
	return k8s_wait_for(L, &op);
}
