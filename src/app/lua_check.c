#include "app/lua_check.h"

#include <lauxlib.h>
#include <string.h>

#include "app/app.h"
#include "app/native.h"
#include "base/buf.h"
#include "script/conv.h"
#include "script/embedded.h"
#include "script/findings.h"
#include "script/host.h"
#include "script/luax.h"

/* What the functions that run protected are given. */
struct job {
	const struct ss_app *app;
	struct ss_findings *findings;
	const char *file;
	const struct ss_buf *text;
	const struct ss_doc *doc;
	int line;
	size_t n_before;
};

static int push_function(lua_State *L, const char *module, const char *name)
{
	ss_embedded_require(L, module);
	lua_getfield(L, -1, name);
	lua_remove(L, -2);
	return lua_gettop(L);
}

static void push_text(lua_State *L, const struct ss_buf *text)
{
	lua_pushlstring(L, text->data ? text->data : "", text->len);
}

/* --- scripts ------------------------------------------------------------------------ */
static int l_add_script(lua_State *L)
{
	const struct job *job = lua_touserdata(L, 1);

	push_function(L, "ss.script_check", "add");
	lua_pushstring(L, job->file);
	push_text(L, job->text);
	lua_pushstring(L, job->app->policy_dir);
	lua_call(L, 3, 0);
	return 0;
}

static int l_script_findings(lua_State *L)
{
	const struct job *job = lua_touserdata(L, 1);

	push_function(L, "ss.script_check", "findings");
	lua_call(L, 0, 1);
	for (lua_Integer i = 1, n = luaL_len(L, 2); i <= n; i++) {
		lua_rawgeti(L, 2, i);
		lua_getfield(L, 3, "file");
		lua_getfield(L, 3, "line");
		lua_getfield(L, 3, "message");
		ss_findings_add(job->findings, luaL_checkstring(L, 4), (int)luaL_checkinteger(L, 5),
		                NULL, "%s", luaL_checkstring(L, 6));
		lua_settop(L, 2);
	}
	return 0;
}

/* --- manifests ------------------------------------------------------------------------ */
static int l_file(lua_State *L)
{
	const struct job *job = lua_touserdata(L, 1);

	push_function(L, "ss.manifest_line", "file");
	push_text(L, job->text);
	lua_call(L, 1, 0);
	return 0;
}

/* One mistake, one finding: the guard may have said it. */
static bool is_known(const struct job *job, const char *path)
{
	for (size_t i = job->n_before; i < job->findings->n; i++) {
		const char *other = job->findings->list[i].path;

		if (other && strcmp(other, path) == 0)
			return true;
	}
	return false;
}

static int l_manifest(lua_State *L)
{
	const struct job *job = lua_touserdata(L, 1);

	push_function(L, "ss.manifest_check", "findings");
	ss_conv_to_lua(L, job->doc, ss_doc_root(job->doc), 0);
	lua_call(L, 1, 1);
	for (lua_Integer i = 1, n = luaL_len(L, 2); i <= n; i++) {
		lua_rawgeti(L, 2, i);
		lua_getfield(L, 3, "path");
		lua_getfield(L, 3, "message");
		if (!is_known(job, luaL_checkstring(L, 4)))
			ss_findings_add(job->findings, job->file, job->line, lua_tostring(L, 4),
			                "%s", luaL_checkstring(L, 5));
		lua_settop(L, 2);
	}
	for (size_t i = job->n_before; i < job->findings->n; i++) {
		struct ss_finding *finding = &job->findings->list[i];

		if (!finding->path)
			continue;
		push_function(L, "ss.manifest_line", "of");
		lua_pushinteger(L, job->line);
		lua_pushstring(L, finding->path);
		lua_call(L, 2, 1);
		finding->line = (int)luaL_checkinteger(L, -1);
		lua_settop(L, 2);
	}
	return 0;
}

static int l_ask_server(lua_State *L)
{
	push_function(L, "ss.manifest_check", "ask_server");
	lua_call(L, 0, 0);
	return 0;
}

/* --- the state ---------------------------------------------------------------------------- */
/* A server that the command line names. The embedded cluster says no more than is known here. */
static bool names_server(const struct ss_config_request *cluster)
{
	return !cluster->cluster && (cluster->kubeconfig || cluster->context);
}

static int call(struct ss_lua_check *check, lua_CFunction fn, struct job *job, struct ss_err *err);

static int make_host(struct ss_lua_check *check, struct ss_err *err)
{
	struct ss_host_options options = {.open = ss_native_open_all};
	int rc = ss_app_env(check->app, err);

	options.loop = check->app->loop;
	options.open_ud = &check->app->env;
	rc = rc ? rc : ss_host_new(&options, &check->host, err);
	return rc || !names_server(&check->app->cluster)
	               ? rc
	               : call(check, l_ask_server, &(struct job){0}, err);
}

static int call(struct ss_lua_check *check, lua_CFunction fn, struct job *job, struct ss_err *err)
{
	int rc = check->host ? 0 : make_host(check, err);
	lua_State *L;

	if (rc)
		return rc;
	job->app = check->app;
	job->findings = check->findings;
	L = ss_host_state(check->host);
	lua_pushcfunction(L, fn);
	lua_pushlightuserdata(L, job);
	if (lua_pcall(L, 1, 0, 0) == LUA_OK)
		return 0;
	ss_lua_to_err(L, -1, err);
	lua_pop(L, 1);
	return err->code;
}

int ss_lua_check_script(struct ss_lua_check *check, const char *file, const struct ss_buf *text,
                        struct ss_err *err)
{
	static const char spec[] = "_spec.lua";
	size_t len = strlen(file), n = sizeof(spec) - 1;

	if (len >= n && strcmp(file + len - n, spec) == 0)
		return 0;
	return call(check, l_add_script, &(struct job){.file = file, .text = text}, err);
}

int ss_lua_check_scripts(struct ss_lua_check *check, struct ss_err *err)
{
	return check->host ? call(check, l_script_findings, &(struct job){0}, err) : 0;
}

int ss_lua_check_file(struct ss_lua_check *check, const struct ss_buf *text, struct ss_err *err)
{
	return call(check, l_file, &(struct job){.text = text}, err);
}

int ss_lua_check_manifest(struct ss_lua_check *check, const char *file, int line,
                          const struct ss_doc *doc, size_t n_before, struct ss_err *err)
{
	struct job job = {.file = file, .line = line, .doc = doc, .n_before = n_before};

	return call(check, l_manifest, &job, err);
}

void ss_lua_check_done(struct ss_lua_check *check)
{
	ss_host_free(check->host);
	check->host = NULL;
}
