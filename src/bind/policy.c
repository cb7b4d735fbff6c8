/* The policy module: adapters and requests become manifests. */
#include "script/policy/policy.h"

#include <lauxlib.h>
#include <string.h>

#include "base/err.h"
#include "bind/bind.h"
#include "bind/modules.h"
#include "bind/origin.h"
#include "bind/policy_priv.h"
#include "bind/text.h"
#include "sandbox/names.h"
#include "script/conv.h"
#include "script/luax.h"
#include "script/policy/explain.h"

/* policy.build(adapter, input) --> manifest, {generation=, sha256=}
 * The adapter's declared fields, the input, its build hook, the builder and the
 * guard, in this order; input is not changed. apiVersion defaults to v1beta1,
 * adapterType to the adapter's name.
 * raises: when adapter is no string or input no table
 * returns nil, err: not_found, invalid, policy, script, limit, timeout
 * yields: no */
static int l_policy_build(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	const char *adapter = luaL_checkstring(L, 1);
	struct ss_policy_result result;
	struct ss_policy *policy;
	struct ss_doc *out, *in;
	struct ss_err err;
	int rc;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	out = ss_conv_new_doc(L);
	in = ss_bind_read_value(L, 2, "policy.build");
	ss_err_init(&err);
	rc = ss_bind_policy(env, &policy, &err);
	if (rc == 0)
		rc = ss_policy_build(policy, adapter, in, ss_doc_root(in), SS_POLICY_OPERATOR, out,
		                     &result, &err);
	if (rc) {
		ss_lua_close_box(L, 4);
		ss_lua_close_box(L, 3);
		return ss_lua_fail(L, &err);
	}
	ss_bind_origin_push(L, result.sha256, adapter, in);
	ss_lua_close_box(L, 4);
	ss_conv_to_lua(L, out, ss_doc_root(out), SS_CONV_ORDERED);
	ss_lua_close_box(L, 3);
	lua_insert(L, -2);
	ss_bind_origin_set(L, -2);
	lua_createtable(L, 0, 2);
	lua_pushinteger(L, result.generation);
	lua_setfield(L, -2, "generation");
	lua_pushstring(L, result.sha256);
	lua_setfield(L, -2, "sha256");
	return 2;
}

static int put_info(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err)
{
	struct ss_doc *failed SS_AUTO_DOC = ss_doc_new();
	int rc = failed ? ss_policy_failures(policy, failed, err) : ss_err_nomem(err);

	if (rc)
		return rc;
	ss_doc_begin_object(out);
	ss_doc_put_int(out, "generation", ss_policy_generation(policy));
	ss_doc_put_copy(out, "failed", failed, ss_doc_root(failed));
	ss_policy_put_metrics(policy, out);
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* policy.list() --> {{name=, file=, sha256=, hooks=}…}, {generation=, failed={…}, reload={…}}
 * The adapters that serve, by name; what does not serve in its newest content:
 * {name=, file=, line=, path=, message=, since=, held=, cached=}; and what loading
 * anew did: {watching=, rolled_back=, passes=, loads=, failures=, last_ms=, problem=}.
 * returns nil, err: not_found, io (the policy folder)
 * yields: no */
static int l_policy_list(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	struct ss_doc *list, *info;
	struct ss_policy *policy;
	struct ss_err err;
	int rc;

	lua_settop(L, 0);
	list = ss_conv_new_doc(L);
	info = ss_conv_new_doc(L);
	ss_err_init(&err);
	rc = ss_bind_policy(env, &policy, &err);
	if (rc == 0)
		rc = ss_policy_list(policy, list, &err);
	if (rc == 0)
		rc = put_info(policy, info, &err);
	if (rc)
		return ss_lua_fail(L, &err);
	ss_conv_to_lua(L, list, ss_doc_root(list), 0);
	ss_conv_to_lua(L, info, ss_doc_root(info), 0);
	return 2;
}

/* {layer=, file=, line=, was=} of one leaf. */
static void push_origin(lua_State *L, const struct ss_doc *doc, ss_node leaf)
{
	static const char *const keys[] = {"layer", "file", "line", "was"};

	lua_createtable(L, 0, 4);
	for (size_t i = 0; i < SS_ARRAY_LEN(keys); i++) {
		ss_node node = ss_doc_get(doc, leaf, keys[i]);

		if (node == SS_NO_NODE)
			continue;
		ss_conv_to_lua(L, doc, node, 0);
		lua_setfield(L, -2, keys[i]);
	}
}

/* policy.explain(adapter, input) --> {["spec.podTemplate…"] = {layer=, file=, line=, was=}…}
 * For each leaf of the manifest that policy.build makes, by its path: the layer that set it
 * ("builder default", "adapter", "overlay", "request", "hook"), where, and the value before. What
 * came with input names the line of the call.
 * raises: when adapter is no string or input no table
 * returns nil, err: as policy.build
 * yields: no */
static int l_policy_explain(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	const char *adapter = luaL_checkstring(L, 1);
	struct ss_explain_request from = {0};
	struct ss_policy *policy;
	struct ss_doc *leaves, *manifest, *in;
	struct ss_err err;
	lua_Debug ar;
	int rc;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	if (lua_getstack(L, 1, &ar) && lua_getinfo(L, "Sl", &ar) && ar.currentline > 0) {
		from.file = ar.short_src;
		from.line = ar.currentline;
	}
	leaves = ss_conv_new_doc(L);
	manifest = ss_conv_new_doc(L);
	in = ss_bind_read_value(L, 2, "policy.explain");
	ss_err_init(&err);
	rc = ss_bind_policy(env, &policy, &err);
	if (rc == 0)
		rc = ss_policy_explain(policy, adapter, in, ss_doc_root(in), &from, manifest,
		                       leaves, &err);
	if (rc)
		return ss_lua_fail(L, &err);
	lua_createtable(L, 0, (int)ss_doc_count(leaves, ss_doc_root(leaves)));
	for (struct ss_iter it = ss_iter(leaves, ss_doc_root(leaves)); ss_iter_next(&it);) {
		push_origin(L, leaves, it.value);
		lua_setfield(L, -2, ss_doc_find_string(leaves, it.value, "path", NULL));
	}
	return 1;
}

/* The option of policy.get, NULL when it is not given; its string stays in the table at index. */
static const char *check_tenant(lua_State *L, int index)
{
	const char *tenant = NULL, *why;
	size_t len;

	if (lua_isnoneornil(L, index))
		return NULL;
	luaL_checktype(L, index, LUA_TTABLE);
	lua_pushnil(L);
	while (lua_next(L, index)) {
		if (lua_type(L, -2) != LUA_TSTRING || strcmp(lua_tostring(L, -2), "tenant") != 0)
			ss_lua_misuse(L, "policy.get: unknown option '%s' (known: tenant)",
			              lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
			                                             : luaL_typename(L, -2));
		if (lua_type(L, -1) != LUA_TSTRING)
			ss_lua_misuse(L, "policy.get: tenant must be a string, is a %s",
			              luaL_typename(L, -1));
		tenant = lua_tolstring(L, -1, &len);
		why = ss_name_check_dns_label(tenant, len);
		if (why)
			ss_lua_misuse(L, "policy.get: tenant %s", why);
		lua_pop(L, 1);
	}
	return tenant;
}

/* policy.get(adapter, {tenant=nil}) --> what the adapter declares, with file and sha256
 * With a tenant, the overlays of it are merged in, as in a build.
 * raises: when adapter is no string, tenant no name, an option unknown
 * returns nil, err: not_found (with a suggestion, or why it did not load), script, io
 * yields: no */
static int l_policy_get(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	const char *adapter = luaL_checkstring(L, 1);
	const char *tenant = check_tenant(L, 2);
	struct ss_policy *policy;
	struct ss_doc *out;
	struct ss_err err;
	int rc;

	lua_settop(L, 2);
	out = ss_conv_new_doc(L);
	ss_err_init(&err);
	rc = ss_bind_policy(env, &policy, &err);
	if (rc == 0)
		rc = ss_policy_get(policy, adapter, tenant, out, &err);
	if (rc)
		return ss_lua_fail(L, &err);
	ss_conv_to_lua(L, out, ss_doc_root(out), 0);
	return 1;
}

int ss_bind_open_policy(lua_State *L)
{
	static const luaL_Reg functions[] = {{"build", l_policy_build},
	                                     {"list", l_policy_list},
	                                     {"get", l_policy_get},
	                                     {"explain", l_policy_explain},
	                                     {NULL, NULL}};

	luaL_newlib(L, functions);
	ss_bind_policy_add_reload(L);
	return 1;
}
