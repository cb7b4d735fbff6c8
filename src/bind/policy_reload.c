/* The part of the policy module that loads anew: reload, wait, and the generations
 * of this process. */
#include <lauxlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "bind/bind.h"
#include "bind/diff_text.h"
#include "bind/policy_priv.h"
#include "bind/text.h"
#include "script/await.h"
#include "script/conv.h"
#include "script/luax.h"
#include "script/policy/policy.h"

enum { WAIT_MS = 60000 };

static void on_done(void *ud, const struct ss_err *err)
{
	ss_await_finish(ud, err);
}

static void cancel_wait(void *op)
{
	ss_policy_wait_cancel(op);
}

static lua_Integer check_generation(lua_State *L, int index)
{
	lua_Integer n = luaL_checkinteger(L, index);

	luaL_argcheck(L, n > 0, index, "a generation is a number from 1 on");
	return n;
}

/* --- reload ------------------------------------------------------------------------------ */
static int put_state(const struct ss_policy *policy, struct ss_doc *out, int64_t before,
                     struct ss_err *err)
{
	struct ss_doc *failed SS_AUTO_DOC = ss_doc_new(), *history SS_AUTO_DOC = ss_doc_new();
	ss_node last;
	int rc = failed && history ? ss_policy_failures(policy, failed, err) : ss_err_nomem(err);

	if (!rc)
		rc = ss_policy_history(policy, history, err);
	if (rc)
		return rc;
	last = ss_doc_at(history, ss_doc_root(history), 0);
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "changed");
	if (ss_policy_generation(policy) > before) {
		ss_doc_copy(out, history, ss_doc_get(history, last, "changed"));
	} else {
		ss_doc_begin_array(out);
		ss_doc_end(out);
	}
	ss_doc_put_copy(out, "failed", failed, ss_doc_root(failed));
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

static int push_reloaded(lua_State *L, struct ss_await *a)
{
	struct ss_policy *policy = ss_bind_env_of(L)->policy;
	struct ss_doc *out = ss_conv_new_doc(L);
	struct ss_err err;

	ss_err_init(&err);
	if (put_state(policy, out, a->value, &err))
		return ss_lua_fail(L, &err);
	lua_pushinteger(L, ss_policy_generation(policy));
	ss_conv_to_lua(L, out, ss_doc_root(out), 0);
	return 2;
}

/* policy.reload() --> generation, {changed={{name=, change=}…}, failed={…}}
 * Looks at the policy folder now and loads what changed, on a thread of its own;
 * other tasks go on. Ends a rollback. What fails keeps its last good version.
 * returns nil, err: not_found (the folder), io, limit
 * yields: yes */
static int l_policy_reload(lua_State *L)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	struct ss_policy_wait *wait;
	struct ss_policy *policy;
	struct ss_await *a;
	struct ss_err err;
	int rc;

	lua_settop(L, 0);
	a = ss_await_new(L, push_reloaded);
	ss_err_init(&err);
	rc = ss_bind_policy(env, &policy, &err);
	if (rc == 0) {
		a->value = ss_policy_generation(policy);
		rc = ss_policy_reload(policy, on_done, a, &wait, &err);
	}
	if (rc)
		return ss_await_fail(L, a, &err);
	ss_await_started(a, cancel_wait, wait);
	return ss_await_wait(L, a);
}

/* --- wait ---------------------------------------------------------------------------------- */
static int push_generation(lua_State *L, struct ss_await *a)
{
	(void)a;
	lua_pushinteger(L, ss_policy_generation(ss_bind_env_of(L)->policy));
	return 1;
}

/* policy.wait(generation, {timeout=60}) --> the generation that serves
 * Until this one, or a later one, serves.
 * raises: no generation, unknown option
 * returns nil, err: timeout, canceled
 * yields: yes */
static int l_policy_wait(lua_State *L)
{
	static const char *const names[] = {"timeout", NULL};
	struct ss_bind_env *env = ss_bind_env_of(L);
	lua_Integer n = check_generation(L, 1);
	struct ss_policy_wait *wait;
	struct ss_policy *policy;
	int64_t timeout_ms;
	struct ss_await *a;
	struct ss_err err;
	int rc;

	lua_settop(L, 2);
	ss_lua_check_options(L, 2, "policy.wait", names);
	timeout_ms = ss_lua_opt_seconds_ms(L, 2, "policy.wait", "timeout", WAIT_MS);
	a = ss_await_new(L, push_generation);
	ss_err_init(&err);
	rc = ss_bind_policy(env, &policy, &err);
	if (rc == 0)
		rc = ss_policy_wait(policy, n, timeout_ms, on_done, a, &wait, &err);
	if (rc)
		return ss_await_fail(L, a, &err);
	ss_await_started(a, cancel_wait, wait);
	return ss_await_wait(L, a);
}

/* --- history --------------------------------------------------------------------------------- */
/* policy.history() --> {{generation=, at=, reason=, of=, serving=, changed={{name=, change=}…}}…}
 * The last 32 generations of this process, newest first. reason is start, files,
 * reload or rollback (to the content of generation `of`).
 * returns nil, err: not_found, io (the policy folder)
 * yields: no */
static int l_policy_history(lua_State *L)
{
	struct ss_policy *policy;
	struct ss_doc *out;
	struct ss_err err;
	int rc;

	lua_settop(L, 0);
	out = ss_conv_new_doc(L);
	ss_err_init(&err);
	rc = ss_bind_policy(ss_bind_env_of(L), &policy, &err);
	if (rc == 0)
		rc = ss_policy_history(policy, out, &err);
	if (rc)
		return ss_lua_fail(L, &err);
	ss_conv_to_lua(L, out, ss_doc_root(out), 0);
	return 1;
}

/* policy.rollback(n) --> the new generation
 * The content of generation n serves again until a file changes or policy.reload().
 * raises: no generation
 * returns nil, err: not_found (it is not kept)
 * yields: no */
static int l_policy_rollback(lua_State *L)
{
	lua_Integer n = check_generation(L, 1);
	struct ss_policy *policy;
	struct ss_err err;
	int rc;

	ss_err_init(&err);
	rc = ss_bind_policy(ss_bind_env_of(L), &policy, &err);
	if (rc == 0)
		rc = ss_policy_rollback(policy, n, &err);
	if (rc)
		return ss_lua_fail(L, &err);
	lua_pushinteger(L, ss_policy_generation(policy));
	return 1;
}

/* --- diff -------------------------------------------------------------------------------------- */
struct diff {
	struct ss_buf *text;
	struct ss_doc *files;
};

static int add_file(void *ud, const char *rel, const char *a, size_t a_len, const char *b,
                    size_t b_len)
{
	struct diff *d = ud;

	ss_doc_string(d->files, rel, strlen(rel));
	ss_buf_printf(d->text, "--- %s%s\n+++ %s%s\n", a ? "" : "/dev/null", a ? rel : "",
	              b ? "" : "/dev/null", b ? rel : "");
	ss_diff_lines(a ? a : "", a_len, b ? b : "", b_len, d->text);
	return d->text->failed;
}

static int make_diff(const struct ss_policy *policy, int64_t a, int64_t b, struct ss_doc *out,
                     struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *files SS_AUTO_DOC = ss_doc_new();
	struct diff d = {&text, files};
	int rc;

	if (!files)
		return ss_err_nomem(err);
	ss_doc_begin_array(files);
	rc = ss_policy_diff(policy, a, b, add_file, &d, err);
	ss_doc_end(files);
	if (text.failed)
		return ss_buf_check(&text, "the difference", err);
	if (!rc)
		rc = ss_doc_finish(files, err);
	if (rc)
		return rc;
	ss_doc_begin_object(out);
	ss_doc_put_bool(out, "same", !text.len);
	ss_doc_put_string(out, "text", text.data ? text.data : "");
	ss_doc_put_copy(out, "files", files, ss_doc_root(files));
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* policy.diff(a, b) --> {same=, text=, files={"adapters/x.lua"…}}
 * What differs in the texts of two generations, as a unified diff. b defaults to the
 * one that serves, a to the one before b.
 * raises: no generation
 * returns nil, err: not_found (one of them is not kept)
 * yields: no */
static int l_policy_diff(lua_State *L)
{
	struct ss_policy *policy = NULL;
	lua_Integer a, b;
	struct ss_doc *out;
	struct ss_err err;
	int rc;

	lua_settop(L, 2);
	a = lua_isnil(L, 1) ? 0 : check_generation(L, 1);
	b = lua_isnil(L, 2) ? 0 : check_generation(L, 2);
	out = ss_conv_new_doc(L);
	ss_err_init(&err);
	rc = ss_bind_policy(ss_bind_env_of(L), &policy, &err);
	if (rc == 0) {
		b = b ? b : ss_policy_generation(policy);
		a = a ? a : b > 1 ? b - 1 : b;
		rc = make_diff(policy, a, b, out, &err);
	}
	if (rc)
		return ss_lua_fail(L, &err);
	ss_conv_to_lua(L, out, ss_doc_root(out), 0);
	return 1;
}

void ss_bind_policy_add_reload(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"reload", l_policy_reload},   {"wait", l_policy_wait},
	        {"history", l_policy_history}, {"rollback", l_policy_rollback},
	        {"diff", l_policy_diff},       {NULL, NULL}};

	luaL_setfuncs(L, functions, 0);
}
