/* The k8s functions that write one object; k8s.apply is k8s_apply.c. */
#include <lauxlib.h>
#include <string.h>

#include "base/doc.h"
#include "bind/k8s_priv.h"
#include "bind/text.h"
#include "kube/verbs.h"
#include "script/luax.h"

/* k8s.create(object, {fieldManager="sandscript", dryRun=false, namespace=nil, exactVersion=false,
 *            timeout=30}) --> stored object
 * raises: no object with apiVersion and kind, unknown option
 * returns nil, err: already_exists, invalid (causes), policy (the guard), conflict, forbidden,
 *   not_found (of the kind or the namespace), … as k8s.get
 * yields: yes */
int l_k8s_create(lua_State *L)
{
	static const char *const names[] = {"fieldManager", "dryRun",  "namespace",
	                                    "exactVersion", "timeout", NULL};
	static const char func[] = "k8s.create";
	static const struct k8s_verb verb = {func, names, 2};
	const char *namespace_;
	struct ss_call call;
	struct ss_doc *doc;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_call(L, 2, &verb, &call);
	namespace_ = ss_lua_opt_string(L, 2, func, "namespace", NULL);
	doc = k8s_check_object(L, 1, &verb);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_create(op.client, doc, ss_doc_root(doc), namespace_, &call,
		                       k8s_on_done, op.await, &op.op, &op.err);
	ss_lua_close_box(L, 3);
	return k8s_wait_for(L, &op);
}

static enum ss_patch_type check_patch_type(lua_State *L, const char *func)
{
	static const char *const types[] = {"merge", "json", "apply"};
	const char *type = ss_lua_opt_string(L, 3, func, "type", "merge");

	for (int i = 0; i < 3; i++) {
		if (strcmp(type, types[i]) == 0)
			return (enum ss_patch_type)i;
	}
	ss_lua_misuse(L, "%s: option 'type' must be merge, json or apply, not '%s'", func, type);
	return SS_PATCH_MERGE;
}

/* k8s.patch(ref, patch, {type="merge"|"json"|"apply", subresource=nil, fieldManager="sandscript",
 *           force=false, dryRun=false, exactVersion=false, timeout=30}) --> stored object
 * A merge patch removes a field by json.null; a json patch is a list of operations.
 * A patch that touches a PodSpec is tried by dry run first, and its result must pass the guard.
 * raises: no kind or name, patch no table, unknown option
 * returns nil, err: not_found, conflict, invalid, policy, unsupported, … as k8s.get
 * yields: yes */
int l_k8s_patch(lua_State *L)
{
	static const char *const names[] = {"type",   "subresource",  "fieldManager", "force",
	                                    "dryRun", "exactVersion", "timeout",      NULL};
	static const char func[] = "k8s.patch";
	static const struct k8s_verb verb = {func, names, 3};
	enum ss_patch_type type;
	const char *subresource;
	struct ss_ref ref;
	struct ss_call call;
	struct ss_doc *doc;
	struct k8s_op op;

	lua_settop(L, 3);
	k8s_check_ref(L, 1, &verb, K8S_ONE, &ref);
	k8s_check_call(L, 3, &verb, &call);
	type = check_patch_type(L, func);
	subresource = ss_lua_opt_string(L, 3, func, "subresource", NULL);
	if (!lua_istable(L, 2))
		ss_lua_misuse(L, "k8s.patch: the patch must be a table, not a %s",
		              luaL_typename(L, 2));
	doc = type == SS_PATCH_JSON ? ss_bind_read_value(L, 2, func)
	                            : ss_bind_read_part(L, 2, func, ref.api_version, ref.kind);
	if (type == SS_PATCH_JSON && ss_doc_type(doc, ss_doc_root(doc)) != SS_ARRAY) {
		ss_lua_close_box(L, 4);
		ss_lua_misuse(L, "k8s.patch: a json patch is a list of {op=, path=, value=}");
	}
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_patch(op.client, &ref, type, doc, ss_doc_root(doc), subresource,
		                      &call, k8s_on_done, op.await, &op.op, &op.err);
	ss_lua_close_box(L, 4);
	return k8s_wait_for(L, &op);
}

static void check_propagation(lua_State *L, const char *value)
{
	if (value && strcmp(value, "Foreground") != 0 && strcmp(value, "Background") != 0 &&
	    strcmp(value, "Orphan") != 0)
		ss_lua_misuse(L,
		              "k8s.delete: option 'propagation' must be Foreground, Background or "
		              "Orphan, not '%s'",
		              value);
}

/* k8s.delete(ref | {kind=, namespace=, labelSelector=}, {propagation=, wait=false, uid=nil,
 *            ignoreNotFound=true, gracePeriodSeconds=nil, dryRun=false, exactVersion=false,
 *            timeout=30}) --> last object the server returned | true
 * raises: no kind; neither name nor labelSelector; unknown option
 * returns nil, err: conflict (another uid), not_found (without ignoreNotFound), timeout (of
 *   wait), forbidden, … as k8s.get
 * yields: yes */
int l_k8s_delete(lua_State *L)
{
	static const char *const names[] = {
	        "propagation",  "wait",    "uid", "ignoreNotFound", "gracePeriodSeconds", "dryRun",
	        "exactVersion", "timeout", NULL};
	static const char func[] = "k8s.delete";
	static const struct k8s_verb verb = {func, names, 2};
	struct ss_delete_spec spec = {0};
	struct ss_ref ref;
	struct ss_call call;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_ref(L, 1, &verb, K8S_ANY, &ref);
	k8s_check_call(L, 2, &verb, &call);
	if (!ref.name)
		spec.label_selector = ss_lua_opt_string(L, 1, func, "labelSelector", NULL);
	/* All of a kind is never meant by leaving something out. */
	if (!ref.name && (!spec.label_selector || !*spec.label_selector))
		ss_lua_misuse(L, "k8s.delete: 'name' or 'labelSelector' is missing: which %s?",
		              ref.kind);
	ref.uid = ss_lua_opt_string(L, 2, func, "uid", NULL);
	spec.propagation = ss_lua_opt_string(L, 2, func, "propagation", NULL);
	check_propagation(L, spec.propagation);
	spec.wait = ss_lua_opt_bool(L, 2, func, "wait", false);
	spec.ignore_not_found = ss_lua_opt_bool(L, 2, func, "ignoreNotFound", true);
	spec.grace_period_seconds =
	        ss_lua_opt_int(L, 2, func, "gracePeriodSeconds", 0, 1000000000, -1);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_delete(op.client, &ref, &spec, &call, k8s_on_done, op.await, &op.op,
		                       &op.err);
	return k8s_wait_for(L, &op);
}
