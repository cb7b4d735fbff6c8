#include "app/script_check.h"

#include <lauxlib.h>
#include <string.h>

#include "app/app.h"
#include "app/native.h"
#include "base/buf.h"
#include "script/embedded.h"
#include "script/findings.h"
#include "script/host.h"
#include "script/luax.h"

/* What the functions that run protected are given. */
struct job {
	const struct ss_app *app;
	const char *file;
	const struct ss_buf *text;
	struct ss_findings *findings;
};

static int l_add(lua_State *L)
{
	const struct job *job = lua_touserdata(L, 1);

	ss_embedded_require(L, "ss.script_check");
	lua_getfield(L, -1, "add");
	lua_pushstring(L, job->file);
	lua_pushlstring(L, job->text->data ? job->text->data : "", job->text->len);
	lua_pushstring(L, job->app->policy_dir);
	lua_call(L, 3, 0);
	return 0;
}

static int l_findings(lua_State *L)
{
	const struct job *job = lua_touserdata(L, 1);

	ss_embedded_require(L, "ss.script_check");
	lua_getfield(L, -1, "findings");
	lua_call(L, 0, 1);
	for (lua_Integer i = 1, n = luaL_len(L, 3); i <= n; i++) {
		lua_rawgeti(L, 3, i);
		lua_getfield(L, 4, "file");
		lua_getfield(L, 4, "line");
		lua_getfield(L, 4, "message");
		ss_findings_add(job->findings, luaL_checkstring(L, 5), (int)luaL_checkinteger(L, 6),
		                NULL, "%s", luaL_checkstring(L, 7));
		lua_settop(L, 3);
	}
	return 0;
}

static int call(struct ss_host *host, lua_CFunction fn, struct job *job, struct ss_err *err)
{
	lua_State *L = ss_host_state(host);

	lua_pushcfunction(L, fn);
	lua_pushlightuserdata(L, job);
	if (lua_pcall(L, 1, 0, 0) == LUA_OK)
		return 0;
	ss_lua_to_err(L, -1, err);
	lua_pop(L, 1);
	return err->code;
}

static int make_host(struct ss_script_check *check, struct ss_err *err)
{
	struct ss_host_options options = {.open = ss_native_open_all};
	int rc = ss_app_env(check->app, err);

	options.loop = check->app->loop;
	options.open_ud = &check->app->env;
	return rc ? rc : ss_host_new(&options, &check->host, err);
}

int ss_script_check_add(struct ss_script_check *check, const char *file, const struct ss_buf *text,
                        struct ss_err *err)
{
	static const char spec[] = "_spec.lua";
	size_t len = strlen(file), n = sizeof(spec) - 1;
	struct job job = {.app = check->app, .file = file, .text = text};
	int rc = 0;

	if (len >= n && strcmp(file + len - n, spec) == 0)
		return 0;
	if (!check->host)
		rc = make_host(check, err);
	return rc ? rc : call(check->host, l_add, &job, err);
}

int ss_script_check_end(struct ss_script_check *check, struct ss_findings *findings,
                        struct ss_err *err)
{
	struct job job = {.app = check->app, .findings = findings};

	return check->host ? call(check->host, l_findings, &job, err) : 0;
}

void ss_script_check_done(struct ss_script_check *check)
{
	ss_host_free(check->host);
	check->host = NULL;
}
