#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/ending.h"
#include "app/native.h"
#include "app/output.h"
#include "base/buf.h"
#include "base/owed.h"
#include "base/yaml.h"
#include "io/loop.h"
#include "script/conv.h"
#include "script/embedded.h"
#include "script/host.h"
#include "script/luax.h"
#include "script/unseen.h"

/* The host that Ctrl-C goes to. A handler rather than a loop signal: a busy Lua
 * loop never comes back to the loop. */
static struct ss_host *volatile running_host;

/* The first stops softly, the second at once; what does not come back from C for that ends with the
 * process. */
static volatile sig_atomic_t interrupts, terminations;

static void on_interrupt(int signum)
{
	struct ss_host *host = running_host;
	int saved = errno;

	ss_ending_on_signal(signum, signum == SIGINT ? ++interrupts : ++terminations);
	if (host)
		ss_host_interrupt(host);
	errno = saved;
}

static void catch_interrupts(struct ss_host *host)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	interrupts = terminations = 0;
	running_host = host;
	ss_ending_start();
	ss_ending_set_host(host);
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void release_interrupts(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	running_host = NULL;
	ss_ending_set_host(NULL);
}

/* A table as YAML, which nobody wants to see as an address; false when it has no such form. */
static bool print_table(lua_State *L, int index)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	if (!doc || ss_conv_from_lua(L, index, doc, NULL) || ss_doc_finish(doc, NULL) ||
	    ss_yaml_encode(doc, ss_doc_root(doc), &text, NULL))
		return false;
	fwrite(text.data, 1, text.len, stdout);
	return true;
}

static bool has_text_form(lua_State *L, int index)
{
	return !lua_istable(L, index) || luaL_getmetafield(L, index, "__tostring") != LUA_TNIL;
}

/* As print does, but a table on lines of its own. */
static int print_values(lua_State *L)
{
	int n = lua_gettop(L);

	for (int i = 1; i <= n; i++) {
		size_t len;
		const char *text;

		if (!has_text_form(L, i) && print_table(L, i))
			continue;
		text = luaL_tolstring(L, i, &len);
		fwrite(text, 1, len, stdout);
		fputc(i < n ? '\t' : '\n', stdout);
		lua_settop(L, n);
	}
	return 0;
}

static int report(const struct ss_err *err, const struct ss_lua_job *job)
{
	int code;

	if (err->code == SS_ERR_TIMEOUT || err->code == SS_ERR_CANCELED)
		ss_owed_tell(STDERR_FILENO);
	code = ss_report(err);
	ss_ending_said();
	return code < job->error_exit ? job->error_exit : code;
}

/* The results on the stack: printed for -p (a raising __tostring is an error), or an exit code. */
static int finish_results(lua_State *L, int n, const struct ss_lua_job *job)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	if (job->returns_code)
		return n > 0 && lua_isinteger(L, -n) ? (int)lua_tointeger(L, -n) : SS_EXIT_OK;
	if (!job->print_results || n == 0)
		return SS_EXIT_OK;
	/* nil, err is the failure of what was asked for. */
	if (n >= 2 && lua_isnil(L, -n) && ss_lua_is_err(L, -n + 1)) {
		ss_lua_to_err(L, -n + 1, &err);
		return report(&err, job);
	}
	lua_pushcfunction(L, print_values);
	lua_insert(L, -n - 1);
	if (lua_pcall(L, n, 0, 0) == LUA_OK)
		return SS_EXIT_OK;
	ss_lua_to_err(L, -1, &err);
	return ss_report(&err);
}

/* In a loop one failure is like another. */
enum { MAX_TOLD = 3 };

static int l_take_unseen(lua_State *L)
{
	ss_unseen_take(L);
	return 1;
}

/* What the code called that failed, and whose error it did not look at; the exit code is the first one's. */
static int tell_unseen(lua_State *L, const struct ss_lua_job *job, int code)
{
	lua_Integer n;
	int list;

	lua_pushcfunction(L, l_take_unseen);
	if (lua_pcall(L, 0, 1, 0) != LUA_OK) {
		lua_pop(L, 1);
		return code;
	}
	list = lua_gettop(L);
	n = (lua_Integer)lua_rawlen(L, list);
	for (lua_Integer i = 1; i <= n && i <= MAX_TOLD; i++) {
		struct ss_err err SS_AUTO_ERR;
		int one;

		lua_rawgeti(L, list, i);
		ss_lua_to_err(L, -1, &err);
		one = report(&err, job);
		code = code ? code : one;
		lua_pop(L, 1);
	}
	if (n > MAX_TOLD)
		fprintf(stderr, "sandscript: %lld more calls failed\n", (long long)(n - MAX_TOLD));
	lua_settop(L, list - 1);
	return code;
}

/* Stack: light userdata struct ss_app. */
static int l_protect(lua_State *L)
{
	const struct ss_app *app = lua_touserdata(L, 1);

	ss_embedded_require(L, "ss.protected");
	lua_getfield(L, -1, "install_for_run");
	ss_native_push_protected(L, app->config_doc);
	lua_pushboolean(L, isatty(STDIN_FILENO) && isatty(STDERR_FILENO));
	lua_pushboolean(L, ss_app_option(app, "yes") != NULL);
	lua_call(L, 3, 0);
	return 0;
}

/* What the configuration protects is asked about; who protects nothing pays nothing. */
static int protect(struct ss_host *host, const struct ss_app *app, struct ss_err *err)
{
	const struct ss_doc *config = app->config_doc;
	lua_State *L = ss_host_state(host);
	int rc = 0;

	if (!ss_doc_count(config, ss_doc_find(config, ss_doc_root(config), "protected", NULL)))
		return 0;
	lua_pushcfunction(L, l_protect);
	lua_pushlightuserdata(L, (void *)app);
	if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
		ss_lua_to_err(L, -1, err);
		rc = err->code ? err->code : SS_ERR_SCRIPT;
	}
	lua_settop(L, 0);
	return rc;
}

int ss_app_run_lua(struct ss_app *app, const struct ss_lua_job *job)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_host *host = NULL;
	struct ss_host_options options = {
	        .full_libraries = job->full_libraries,
	        .search = job->search,
	        .open = ss_native_open_all,
	        .timeout_ms = job->returns_code ? 0 : app->timeout_ms,
	};
	int code, rc;

	ss_err_init(&err);
	while (options.n_search < SS_ARRAY_LEN(job->search) && job->search[options.n_search])
		options.n_search++;
	rc = ss_app_env(app, &err);
	if (!rc) {
		options.loop = app->loop;
		options.open_ud = &app->env;
		options.out = ss_output_writer();
		rc = ss_host_new(&options, &host, &err);
	}
	if (!rc)
		rc = protect(host, app, &err);
	if (!rc && job->print_results)
		ss_unseen_watch(ss_host_state(host));
	if (!rc) {
		catch_interrupts(host);
		if (options.timeout_ms)
			ss_ending_in(options.timeout_ms + SS_ENDING_MS, SS_EXIT_TIMEOUT, true);
		rc = ss_host_start(host, job->text, job->len, job->name, job->argc, job->argv,
		                   &err);
	}
	if (!rc)
		rc = ss_host_run(host, &err);
	code = rc ? report(&err, job)
	          : finish_results(ss_host_state(host), ss_host_results(host), job);
	if (!rc && code == SS_EXIT_OK)
		code = ss_host_exit_code(host);
	if (job->print_results)
		code = tell_unseen(ss_host_state(host), job, code);
	ss_host_close(host);
	if (terminations && code == SS_EXIT_INTERRUPTED)
		code = SS_EXIT_TERMINATED;
	release_interrupts();
	ss_host_free(host);
	return code;
}
