#include "app/native_policy.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "bind/bind.h"
#include "bind/text.h"
#include "io/file.h"
#include "script/adapter/adapter.h"
#include "script/conv.h"
#include "script/luax.h"
#include "script/policy/policy.h"

static const char TYPE[] = "sandscript.policy";

static struct ss_policy *check_policy(lua_State *L)
{
	struct ss_policy *policy = *(struct ss_policy **)luaL_checkudata(L, 1, TYPE);

	luaL_argcheck(L, policy, 1, "the policy is closed");
	return policy;
}

/* --- the methods ------------------------------------------------------------------ */
/* p:list() --> {{name=, file=, sha256=, hooks=}…}, {{name=, file=, line=, message=}…} */
static int l_list(lua_State *L)
{
	struct ss_policy *policy = check_policy(L);
	struct ss_doc *list = ss_conv_new_doc(L), *failed = ss_conv_new_doc(L);
	struct ss_err err;

	ss_err_init(&err);
	if (ss_policy_list(policy, list, &err) || ss_policy_failures(policy, failed, &err))
		return ss_lua_fail(L, &err);
	ss_conv_to_lua(L, list, ss_doc_root(list), 0);
	ss_conv_to_lua(L, failed, ss_doc_root(failed), 0);
	return 2;
}

/* p:get(adapter, tenant) --> what it declares, with the overlays of the tenant (or nil) | nil, err */
static int l_get(lua_State *L)
{
	struct ss_policy *policy = check_policy(L);
	const char *adapter = luaL_checkstring(L, 2), *tenant = luaL_optstring(L, 3, NULL);
	struct ss_doc *out = ss_conv_new_doc(L);
	struct ss_err err;

	ss_err_init(&err);
	if (ss_policy_get(policy, adapter, tenant, out, &err))
		return ss_lua_fail(L, &err);
	ss_conv_to_lua(L, out, ss_doc_root(out), 0);
	return 1;
}

/* p:build(adapter, request) --> manifest | nil, err */
static int l_build(lua_State *L)
{
	struct ss_policy *policy = check_policy(L);
	const char *adapter = luaL_checkstring(L, 2);
	struct ss_policy_result result;
	struct ss_doc *in, *out;
	struct ss_err err;

	luaL_checktype(L, 3, LUA_TTABLE);
	lua_settop(L, 3);
	out = ss_conv_new_doc(L);
	in = ss_bind_read_value(L, 3, "build");
	ss_err_init(&err);
	if (ss_policy_build(policy, adapter, in, ss_doc_root(in), SS_POLICY_OPERATOR, out, &result,
	                    &err))
		return ss_lua_fail(L, &err);
	ss_conv_to_lua(L, out, ss_doc_root(out), 0);
	return 1;
}

static void push_methods(lua_State *L)
{
	static const luaL_Reg methods[] = {
	        {"list", l_list}, {"get", l_get}, {"build", l_build}, {NULL, NULL}};

	if (luaL_newmetatable(L, TYPE)) {
		luaL_newlib(L, methods);
		lua_setfield(L, -2, "__index");
	}
	lua_pop(L, 1);
}

static void free_policy(void *policy)
{
	ss_policy_free(policy);
}

/* policy(dir) --> the policy of a folder, apart from the one that serves | nil, err */
static int l_policy(lua_State *L)
{
	const char *dir = luaL_checkstring(L, 1);
	struct ss_policy *policy;
	struct ss_err err;
	void **box;

	push_methods(L);
	box = ss_lua_new_box(L, TYPE, free_policy);
	ss_err_init(&err);
	if (ss_policy_load(dir, &policy, &err))
		return ss_lua_fail(L, &err);
	*box = policy;
	ss_policy_set_guard(policy, ss_bind_env_of(L)->guard);
	return 1;
}

/* --- tenants ----------------------------------------------------------------------- */
struct names {
	char **list;
	size_t n;
};

static void free_names(void *ud)
{
	struct names *names = ud;

	for (size_t i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	free(names);
}

static int add_name(struct names *names, const char *name)
{
	char **grown = realloc(names->list, (names->n + 1) * sizeof(*grown));

	if (grown)
		names->list = grown;
	if (!grown || !(grown[names->n] = strdup(name)))
		return SS_ERR_NOMEM;
	names->n++;
	return 0;
}

/* The tenant of one overlay, if it loads and has one. */
static int add_tenant(struct names *names, const char *dir, const char *file, struct ss_err *err)
{
	char *rel SS_AUTOFREE = ss_file_join("local.d", file);
	struct ss_findings findings = {0};
	struct ss_adapter_version *v = NULL;
	int rc = rel ? ss_adapter_load(dir, rel, &findings, &v, err) : ss_err_nomem(err);

	if (!rc && v) {
		const struct ss_doc *declared = ss_adapter_declared(v);
		const char *tenant =
		        ss_doc_find_string(declared, ss_doc_root(declared), "tenant", NULL);

		if (tenant && add_name(names, tenant))
			rc = ss_err_nomem(err);
	}
	ss_adapter_unref(v);
	ss_findings_done(&findings);
	return rc;
}

static bool is_lua(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

static int read_tenants(struct names *names, const char *dir, struct ss_err *err)
{
	char *folder SS_AUTOFREE = ss_file_join(dir, "local.d");
	char **files;
	int rc;

	if (!folder)
		return ss_err_nomem(err);
	if (!ss_file_is_dir(folder))
		return 0;
	rc = ss_file_list(folder, &files, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && files[i]; i++)
		if (is_lua(files[i]))
			rc = add_tenant(names, dir, files[i], err);
	ss_file_free_list(files);
	return rc;
}

/* tenants(dir) --> names of the tenants that overlays of the folder are for, with repeats | nil, err */
static int l_tenants(lua_State *L)
{
	const char *dir = luaL_checkstring(L, 1);
	void **box = ss_lua_new_box(L, "sandscript.names", free_names);
	struct names *names = *box = calloc(1, sizeof(*names));
	struct ss_err err;

	ss_err_init(&err);
	if (names ? read_tenants(names, dir, &err) : ss_err_nomem(&err))
		return ss_lua_fail(L, &err);
	lua_createtable(L, (int)names->n, 0);
	for (size_t i = 0; i < names->n; i++) {
		lua_pushstring(L, names->list[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

void ss_native_add_policy(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"policy", l_policy}, {"tenants", l_tenants}, {NULL, NULL}};

	luaL_setfuncs(L, functions, 0);
}
