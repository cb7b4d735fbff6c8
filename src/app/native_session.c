#include "app/native_session.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/log.h"
#include "bind/bind.h"
#include "io/trust.h"
#include "kube/client.h"
#include "kube/config.h"
#include "kube/verbs.h"
#include "script/await.h"
#include "script/conv.h"
#include "script/embedded.h"
#include "script/luax.h"
#include "script/unseen.h"

/* clock() --> seconds of the monotonic clock */
static int l_clock(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)ss_clock_mono_ns() / 1e9);
	return 1;
}

/* watch_errors(): of what fails from now on, unseen() tells what nobody looked at. */
static int l_watch_errors(lua_State *L)
{
	ss_unseen_watch(L);
	return 0;
}

/* unseen() --> list of errors. The end of watching. */
static int l_unseen(lua_State *L)
{
	ss_unseen_take(L);
	return 1;
}

/* is_error(value) --> whether it is an error of the engine */
static int l_is_error(lua_State *L)
{
	bool is = ss_lua_is_err(L, 1);

	/* Who asks reads it raw. */
	if (is)
		ss_unseen_fill(L, 1, false);
	lua_pushboolean(L, is);
	return 1;
}

/* is_list(value) --> whether json.array marks it */
static int l_is_list(lua_State *L)
{
	lua_pushboolean(L, lua_istable(L, 1) && ss_conv_is_array(L, 1));
	return 1;
}

/* type_name(value) --> what a userdata of the engine is called ("sandscript.watch") | nil */
static int l_type_name(lua_State *L)
{
	if (lua_type(L, 1) != LUA_TUSERDATA || luaL_getmetafield(L, 1, "__name") != LUA_TSTRING)
		return 0;
	return 1;
}

/* exit_code(code) --> integer: the program's exit code for err.code */
static int l_exit_code(lua_State *L)
{
	lua_pushinteger(L, ss_exit_code(ss_code_from_name(luaL_checkstring(L, 1))));
	return 1;
}

/* source(name) --> text of one of the engine's own modules | nil */
static int l_source(lua_State *L)
{
	const struct ss_embedded *e = ss_embedded_find(luaL_checkstring(L, 1));

	if (!e)
		return 0;
	lua_pushlstring(L, e->text, e->len);
	return 1;
}

/* --- the cluster ---------------------------------------------------------------------- */
static void free_config(void *config)
{
	ss_config_free(config);
}

static void put_string(lua_State *L, const char *field, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, field);
}

/* target() --> {context=, namespace=, server=, embedded=bool} | nil, err
 * What the k8s calls are sent to, from the configuration alone. */
static int l_target(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	struct ss_config *config;
	struct ss_err err;
	void **box = ss_lua_new_box(L, "sandscript.config", free_config);

	ss_err_init(&err);
	if (ss_config_load(&env->cluster, &config, &err))
		return ss_lua_fail(L, &err);
	*box = config;
	lua_createtable(L, 0, 4);
	put_string(L, "context", ss_config_context(config));
	put_string(L, "namespace", ss_config_namespace(config));
	put_string(L, "server", ss_config_server(config));
	lua_pushboolean(L, ss_config_source(config) == SS_CONFIG_EMBEDDED);
	lua_setfield(L, -2, "embedded");
	ss_lua_close_box(L, -2);
	return 1;
}

/* contexts() --> {{name=, cluster=, namespace=, current=}…} | nil, err */
static int l_contexts(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	struct ss_doc *doc;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_config_contexts(env->cluster.kubeconfig, &doc, &err))
		return ss_lua_fail(L, &err);
	ss_conv_box_doc(L, doc);
	ss_conv_to_lua(L, doc, ss_doc_root(doc), 0);
	ss_lua_close_box(L, -2);
	return 1;
}

/* switch{kubeconfig=, context=, namespace=, cluster=} --> true | nil, err
 * The k8s calls go there from now on; what is under way goes on where it began. */
static int l_switch(lua_State *L)
{
	static const char *const names[] = {"kubeconfig", "context", "namespace", "cluster", NULL};
	struct ss_config_request request;
	struct ss_err err;

	lua_settop(L, 1);
	ss_lua_check_options(L, 1, "switch", names);
	request.kubeconfig = ss_lua_opt_string(L, 1, "switch", "kubeconfig", NULL);
	request.context = ss_lua_opt_string(L, 1, "switch", "context", NULL);
	request.namespace_ = ss_lua_opt_string(L, 1, "switch", "namespace", NULL);
	request.cluster = ss_lua_opt_string(L, 1, "switch", "cluster", NULL);
	ss_err_init(&err);
	if (ss_bind_switch(ss_bind_env_of(L), &request, &err))
		return ss_lua_fail(L, &err);
	lua_pushboolean(L, 1);
	return 1;
}

/* request() --> what switch would be given to come back to where the calls go */
static int l_request(lua_State *L)
{
	const struct ss_config_request *request = &ss_bind_env_of(L)->cluster;

	lua_createtable(L, 0, 4);
	put_string(L, "kubeconfig", request->kubeconfig);
	put_string(L, "context", request->context);
	put_string(L, "namespace", request->namespace_);
	put_string(L, "cluster", request->cluster);
	return 1;
}

/* read_only(): the session writes nothing but dry runs from now on, with no way back. */
static int l_read_only(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);

	env->read_only = true;
	if (env->connection)
		ss_client_set_read_only(env->connection->client);
	return 0;
}

/* tables(): what is got, listed and watched comes as the server prints it from now on. */
static int l_tables(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);

	env->tables = true;
	if (env->connection)
		ss_client_set_tables(env->connection->client);
	return 0;
}

/* is_terminal() --> does standard output go to one? */
static int l_is_terminal(lua_State *L)
{
	lua_pushboolean(L, isatty(STDOUT_FILENO));
	return 1;
}

/* watch_policy(): the policy folder is loaded anew whenever a file of it changes; before its first use. */
static int l_watch_policy(lua_State *L)
{
	ss_trust_be_strict();
	ss_bind_env_of(L)->watch_policy = true;
	return 0;
}

/* trace(on): every request is logged as it ends, whatever --log says. */
static int l_trace(lua_State *L)
{
	static enum ss_log_level before = SS_LOG_INFO;
	struct ss_bind_env *env = ss_bind_env_of(L);
	bool on = lua_toboolean(L, 1);

	if (on == env->trace)
		return 0;
	env->trace = on;
	if (on) {
		before = ss_log_get_level();
		if (before > SS_LOG_INFO)
			ss_log_set_level(SS_LOG_INFO);
	} else {
		ss_log_set_level(before);
	}
	return 0;
}

/* --- names ------------------------------------------------------------------------------ */
enum { NAMES_MAX = 10000, NAMES_TIMEOUT_MS = 10000 };

static int push_names(lua_State *L, struct ss_await *a)
{
	ss_node items = ss_doc_get(a->doc, ss_doc_root(a->doc), "items");
	lua_Integer n = 0;

	lua_newtable(L);
	for (struct ss_iter it = ss_iter(a->doc, items); n < NAMES_MAX && ss_iter_next(&it);) {
		const char *name = ss_doc_find_string(it.doc, it.value, "metadata", "name", NULL);

		if (!name)
			continue;
		lua_pushstring(L, name);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

static void on_done(void *ud, struct ss_result *result, const struct ss_err *err)
{
	struct ss_await *a = ud;

	if (!err) {
		a->doc = result->doc;
		result->doc = NULL;
	}
	ss_await_finish(a, err);
}

static void cancel(void *op)
{
	ss_op_cancel(op);
}

/* names{kind=, namespace=} --> names of the first 10,000 objects | nil, err
 * By a list of metadata alone, where the server has that. Yields. */
static int l_names(lua_State *L)
{
	static const char *const names[] = {"kind", "namespace", NULL};
	struct ss_list_spec spec = {.metadata_only = true, .max_items = NAMES_MAX};
	struct ss_call call = {.timeout_ms = NAMES_TIMEOUT_MS};
	struct ss_connection *connection;
	struct ss_await *a;
	struct ss_ref ref = {0};
	struct ss_op *op;
	struct ss_err err;
	int rc;

	lua_settop(L, 1);
	ss_lua_check_options(L, 1, "names", names);
	ref.kind = ss_lua_opt_string(L, 1, "names", "kind", NULL);
	ref.namespace_ = ss_lua_opt_string(L, 1, "names", "namespace", NULL);
	luaL_argcheck(L, ref.kind, 1, "a kind is needed");
	a = ss_await_new(L, push_names);
	ss_err_init(&err);
	rc = ss_bind_connection(ss_bind_env_of(L), &connection, &err);
	if (!rc)
		rc = ss_kube_list(connection->client, &ref, &spec, &call, on_done, a, &op, &err);
	if (rc)
		return ss_await_fail(L, a, &err);
	ss_await_started(a, cancel, op);
	return ss_await_wait(L, a);
}

/* openapi(path) --> the server's document there, of "/openapi/v3" | nil, err. Yields. */
static int l_openapi(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct ss_call call = {.timeout_ms = NAMES_TIMEOUT_MS};
	struct ss_connection *connection;
	struct ss_await *a = ss_await_new(L, NULL);
	struct ss_op *op;
	struct ss_err err;
	int rc;

	ss_err_init(&err);
	rc = ss_bind_connection(ss_bind_env_of(L), &connection, &err);
	if (!rc)
		rc = ss_kube_openapi(connection->client, path, &call, on_done, a, &op, &err);
	if (rc)
		return ss_await_fail(L, a, &err);
	ss_await_started(a, cancel, op);
	return ss_await_wait(L, a);
}

/* --- files of its own ----------------------------------------------------------------------- */
static int fail_io(lua_State *L, const char *path)
{
	struct ss_err err;

	ss_err_init(&err);
	ss_err_set(&err, SS_ERR_IO, "%s: %s", path, strerror(errno));
	return ss_lua_fail(L, &err);
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* temp_file(text) --> path of a new file that nobody else can read (0600), ending in .lua | nil, err */
static int l_temp_file(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	const char *dir = getenv("TMPDIR");
	char path[4096];
	bool written;
	int fd;

	snprintf(path, sizeof(path), "%s/sandscript-XXXXXX.lua", dir && *dir ? dir : "/tmp");
	fd = mkostemps(path, 4, O_CLOEXEC);
	if (fd < 0)
		return fail_io(L, path);
	written = write_all(fd, text, len);
	close(fd);
	if (!written) {
		unlink(path);
		return fail_io(L, path);
	}
	lua_pushstring(L, path);
	return 1;
}

/* remove(path) --> true | nil, err; for files of temp_file */
static int l_remove(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);

	if (unlink(path) < 0)
		return fail_io(L, path);
	lua_pushboolean(L, 1);
	return 1;
}

void ss_native_add_session(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"clock", l_clock},
	        {"target", l_target},
	        {"openapi", l_openapi},
	        {"contexts", l_contexts},
	        {"switch", l_switch},
	        {"request", l_request},
	        {"read_only", l_read_only},
	        {"tables", l_tables},
	        {"is_terminal", l_is_terminal},
	        {"trace", l_trace},
	        {"names", l_names},
	        {"is_error", l_is_error},
	        {"watch_errors", l_watch_errors},
	        {"unseen", l_unseen},
	        {"is_list", l_is_list},
	        {"exit_code", l_exit_code},
	        {"source", l_source},
	        {"temp_file", l_temp_file},
	        {"remove", l_remove},
	        {"type_name", l_type_name},
	        {"watch_policy", l_watch_policy},
	        {NULL, NULL},
	};

	luaL_setfuncs(L, functions, 0);
}
