/* `require "sandscript"` in a stock interpreter: the same modules, in one table and
 * without globals. Outside of a task a call runs the loop until its own work is done. */
#include <lauxlib.h>
#include <stdlib.h>

#include "base/err.h"
#include "bind/bind.h"
#include "bind/modules.h"
#include "io/loop.h"
#include "script/host.h"
#include "script/luax.h"

/* Registry[&boxes_key] = {loop, env}. A state that closes runs the youngest object's
 * __gc first: what is made later may use what was made before. */
static const char boxes_key;

SS_EXPORT int luaopen_sandscript(lua_State *L);

static void free_loop(void *loop)
{
	ss_loop_free(loop);
}

static void free_env(void *ud)
{
	struct ss_bind_env *env = ud;

	ss_bind_env_done(env);
	free(env);
}

static int fail(lua_State *L, struct ss_err *err)
{
	lua_pushfstring(L, "sandscript: %s", err->message);
	ss_err_done(err);
	return lua_error(L);
}

int luaopen_sandscript(lua_State *L)
{
	struct ss_bind_env *env;
	struct ss_host *host;
	struct ss_err err;
	void **box;

	ss_err_init(&err);
	lua_settop(L, 0);
	lua_createtable(L, 2, 0);
	box = ss_lua_new_box(L, "sandscript.loop", free_loop);
	*box = ss_loop_new(&err);
	if (!*box)
		return fail(L, &err);
	lua_rawseti(L, 1, 1);
	if (ss_host_attach(L, *box, &host, &err))
		return fail(L, &err);
	box = ss_lua_new_box(L, "sandscript.env", free_env);
	env = *box = calloc(1, sizeof(*env));
	if (!env)
		return fail(L, (ss_err_nomem(&err), &err));
	env->loop = ss_host_loop(host);
	env->policy_dir = getenv("SANDSCRIPT_POLICY");
	lua_rawseti(L, 1, 2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &boxes_key);
	ss_bind_push_modules(L, env);
	return 1;
}
