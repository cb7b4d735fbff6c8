/* The sandbox module: the builder and the guard. */
#include <lauxlib.h>

#include "base/err.h"
#include "base/json.h"
#include "bind/bind.h"
#include "bind/modules.h"
#include "bind/scratch.h"
#include "bind/text.h"
#include "sandbox/build.h"
#include "sandbox/guard.h"
#include "script/conv.h"
#include "script/luax.h"

static void build(lua_State *L, struct ss_scratch *scratch, struct ss_doc *out, const char *func)
{
	struct ss_err err;

	ss_bind_scratch_read(L, scratch, 1, func);
	ss_err_init(&err);
	if (ss_build_sandbox(scratch->in, ss_doc_root(scratch->in), out, &err) ||
	    ss_doc_finish(out, &err)) {
		ss_doc_free(err.details);
		err.details = NULL;
		ss_lua_misuse(L, "%s: %s", func, err.message);
	}
}

/* sandbox.build(input) --> manifest
 * The Sandbox object for the fields of design.md section 1; input is not changed.
 * raises: unknown, missing or malformed field, with its path and a suggestion
 * yields: no */
static int l_sandbox_build(lua_State *L)
{
	struct ss_doc *out;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	/* Not in the scratch: making tables may run finalizers. */
	out = ss_conv_new_doc(L);
	build(L, ss_bind_scratch(L), out, "sandbox.build");
	ss_conv_to_lua(L, out, ss_doc_root(out), SS_CONV_ORDERED);
	ss_lua_close_box(L, 2);
	return 1;
}

/* sandbox.encode(input) --> text
 * The same object as one line of JSON, equal to json.encode(sandbox.build(input)).
 * raises: as sandbox.build
 * yields: no */
static int l_sandbox_encode(lua_State *L)
{
	struct ss_scratch *scratch;

	luaL_checktype(L, 1, LUA_TTABLE);
	scratch = ss_bind_scratch(L);
	build(L, scratch, scratch->out, "sandbox.encode");
	ss_json_encode(scratch->out, ss_doc_root(scratch->out), &scratch->text);
	return ss_bind_scratch_return(L, scratch, "sandbox.encode");
}

/* sandbox.check(object) --> true
 * The guard's verdict on one object or a List; what holds no PodSpec passes.
 * raises: when object is no table, or holds what has no JSON form
 * returns nil, err: policy; err[i] = {path=, rule=, message=, fix=}
 * yields: no */
static int l_sandbox_check(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	struct ss_doc *doc;
	struct ss_err err;
	int rc;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	doc = ss_bind_read_value(L, 1, "sandbox.check");
	ss_err_init(&err);
	rc = ss_guard_check(env->guard, doc, ss_doc_root(doc), &err);
	ss_lua_close_box(L, 2);
	if (rc)
		return ss_lua_fail(L, &err);
	lua_pushboolean(L, 1);
	return 1;
}

int ss_bind_open_sandbox(lua_State *L)
{
	static const luaL_Reg functions[] = {{"build", l_sandbox_build},
	                                     {"encode", l_sandbox_encode},
	                                     {"check", l_sandbox_check},
	                                     {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
