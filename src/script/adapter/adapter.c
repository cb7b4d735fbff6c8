#include "script/adapter/adapter.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "script/adapter/adapter_priv.h"
#include "script/conv.h"

static const char adapter_key; /* registry: the table given to adapter{} last, marked as one */
static const char build_key;   /* registry: the build function */

/* A message of Lua, whose place becomes file and line. */
static void add_lua_message(struct ss_adapter_version *v, const char *text)
{
	int line = 0;
	const struct adapter_source *s = adapter_split_where(v, &text, &line);

	const char *file = s ? s->file : v->sources[0].file;

	/* What the scan said about this line is the better message. */
	for (size_t i = 0; i < v->findings->n; i++) {
		if (line && v->findings->list[i].line == line &&
		    strcmp(v->findings->list[i].file, file) == 0)
			return;
	}
	ss_findings_add(v->findings, file, line, NULL, "%s", text);
}

/* --- loading ---------------------------------------------------------------------- */
/* A global was assigned or read back while the file was loading. */
static void on_global(void *ud, lua_State *L, const char *name, bool assigned)
{
	struct ss_adapter_version *v = ud;
	lua_Debug ar;
	char text[256];

	if (!assigned || !v->unscanned || !v->findings || !lua_getstack(L, 1, &ar))
		return;
	lua_getinfo(L, "Sl", &ar);
	snprintf(text, sizeof(text), "%s:%d: assignment to global '%.80s': declare it with 'local'",
	         ar.short_src, ar.currentline, name);
	add_lua_message(v, text);
}

/* What a file of this kind ends with. */
static const char *ending(const struct ss_adapter_version *v)
{
	return v->overlay ? "return overlay { adapter = \"…\", … }"
	                  : "return adapter { name = \"…\", … }";
}

/* adapter(t) -> t, overlay(t) -> t; the upvalues are the version and whether it is the right one. */
static int l_adapter(lua_State *L)
{
	struct ss_adapter_version *v = lua_touserdata(L, lua_upvalueindex(1));
	lua_Debug ar;

	if (!lua_toboolean(L, lua_upvalueindex(2)))
		return ss_adapter_raise(L,
		                        v->overlay ? "a file in local.d/ is an overlay: %s"
		                                   : "overlays belong in local.d/; here: %s",
		                        ending(v));
	if (!lua_istable(L, 1))
		return ss_adapter_raise(L, "%s expects a table: %s",
		                        v->overlay ? "overlay" : "adapter", ending(v));
	lua_settop(L, 1);
	/* What a clone reads does not change any more. */
	if (!v->declared && lua_getstack(L, 1, &ar) && lua_getinfo(L, "Sl", &ar) &&
	    strcmp(ar.source + 1, v->sources[0].rel) == 0)
		v->call_line = ar.currentline;
	lua_pushvalue(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &adapter_key);
	return 1;
}

/* The keys that are strings, without build: what becomes the declared document. */
static void push_declared(lua_State *L, struct ss_adapter_version *v, int adapter)
{
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, adapter)) {
		if (lua_type(L, -2) != LUA_TSTRING) {
			if (v->findings)
				adapter_finding(
				        v, "",
				        "%s has named fields only: is a name missing before a "
				        "value?",
				        v->overlay ? "an overlay" : "an adapter");
		} else if (strcmp(lua_tostring(L, -2), "build") != 0) {
			lua_pushvalue(L, -2);
			lua_pushvalue(L, -2);
			lua_rawset(L, -5);
		}
		lua_pop(L, 1);
	}
}

static void take_build(lua_State *L, struct ss_adapter_version *v, int adapter)
{
	lua_pushliteral(L, "build");
	lua_rawget(L, adapter);
	if (v->overlay && !lua_isnil(L, -1))
		adapter_finding(v, "build",
		                "an overlay has no build hook: it belongs to the adapter");
	v->has_build = lua_isfunction(L, -1) && !v->overlay;
	if (!v->overlay && !v->has_build && !lua_isnil(L, -1) && v->findings)
		adapter_finding(v, "build", "build must be a function (input, context), not a %s",
		                luaL_typename(L, -1));
	lua_rawsetp(L, LUA_REGISTRYINDEX, &build_key);
}

/* What the hook and the modules have when all files have run. */
static void note_all(lua_State *L)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &build_key);
	adapter_pure_note(L, "build");
	adapter_push_modules(L);
	lua_pushnil(L);
	while (lua_next(L, -2))
		adapter_pure_note(L, lua_tostring(L, -2));
	lua_pop(L, 1);
}

static void push_constructor(lua_State *L, struct ss_adapter_version *v, const char *name,
                             bool right)
{
	lua_pushlightuserdata(L, v);
	lua_pushboolean(L, right);
	lua_pushcclosure(L, l_adapter, 2);
	ss_adapter_env_set(L, name);
}

static int run_file(lua_State *L)
{
	struct ss_adapter_version *v = lua_touserdata(L, 1);
	struct ss_err err;

	push_constructor(L, v, "adapter", !v->overlay);
	push_constructor(L, v, "overlay", v->overlay);
	if (v->traced)
		adapter_trace_open(L);
	adapter_push_chunk(L, v, &v->sources[0]);
	lua_call(L, 0, 1);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &adapter_key);
	if (!lua_istable(L, -1) || !lua_rawequal(L, -1, -2)) {
		lua_pushfstring(L, "%s:0: the file must end with: %s", v->sources[0].rel,
		                ending(v));
		return lua_error(L);
	}
	take_build(L, v, lua_gettop(L));
	if (v->has_build)
		note_all(L);
	ss_adapter_state_set_loading(ss_adapter_state_of(L), false);
	if (v->declared)
		return 0; /* a new state of a version that is loaded */
	push_declared(L, v, lua_gettop(L));
	v->declared = ss_doc_new();
	ss_err_init(&err);
	if (!v->declared)
		v->findings->nomem = true;
	else if (ss_conv_from_lua(L, -1, v->declared, &err))
		adapter_finding(v, "", "%s", err.message);
	if (err.code == SS_ERR_NOMEM)
		v->findings->nomem = true;
	ss_err_done(&err);
	return 0;
}

int adapter_open_state(struct ss_adapter_version *v, struct ss_err *err)
{
	static const struct ss_adapter_budget budget = {SS_ADAPTER_LOAD_MS,
	                                                SS_ADAPTER_INSTRUCTIONS};
	const struct ss_adapter_state_options options = {
	        .label = v->name, .require = adapter_require, .global = on_global, .ud = v};
	int rc = ss_adapter_state_new(&options, &v->state, err);

	if (rc)
		return rc;
	rc = ss_adapter_state_run(v->state, run_file, v, "loading the file", &budget, err);
	if (rc) {
		ss_adapter_state_free(v->state);
		v->state = NULL;
	}
	return rc;
}

/* Why the file cannot be read, without the file's name, which stands beside it. */
static void add_read_error(struct ss_adapter_version *v, const char *rel, const char *text)
{
	const char *file = v->sources[0].file;
	size_t len = file ? strlen(file) : 0;

	if (len && strncmp(text, file, len) == 0 && strncmp(text + len, ": ", 2) == 0)
		text += len + 2;
	ss_findings_add(v->findings, file ? file : rel, 0, NULL, "%s", text);
}

/* Findings, or SS_ERR_NOMEM. */
static int load(struct ss_adapter_version *v, const char *rel, struct ss_err *err)
{
	struct adapter_source *source;
	struct ss_err nested SS_AUTO_ERR;
	int rc;

	ss_err_init(&nested);
	rc = adapter_read_source(v, rel, &source, &nested);
	if (rc && rc != SS_ERR_NOMEM) {
		add_read_error(v, rel, nested.message);
		return 0;
	}
	if (rc == 0) {
		rc = adapter_open_state(v, &nested);
		if (rc && rc != SS_ERR_NOMEM) {
			add_lua_message(v, nested.message);
			return 0;
		}
	}
	if (rc == 0 && v->declared && ss_doc_root(v->declared) != SS_NO_NODE)
		rc = adapter_check_contract(v, &nested);
	if (rc)
		ss_err_move(err, &nested);
	return rc;
}

static struct ss_adapter_version *new_version(const char *rel)
{
	struct ss_adapter_version *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	atomic_init(&v->refs, 1);
	v->overlay = strncmp(rel, "local.d/", 8) == 0;
	v->name = adapter_name_of(rel);
	if (v->name)
		return v;
	ss_adapter_unref(v);
	return NULL;
}

int ss_adapter_load(const char *dir, const char *rel, struct ss_findings *findings,
                    struct ss_adapter_version **ret, struct ss_err *err)
{
	struct ss_sources *set;
	int rc = ss_sources_new(dir, &set, err);

	*ret = NULL;
	if (rc)
		return rc;
	rc = ss_adapter_load_from(set, rel, findings, NULL, ret, err);
	ss_sources_free(set);
	return rc;
}

int ss_adapter_load_from(struct ss_sources *set, const char *rel, struct ss_findings *findings,
                         struct ss_source_list *seen, struct ss_adapter_version **ret,
                         struct ss_err *err)
{
	struct ss_adapter_version *v = new_version(rel);
	size_t before = findings->n;
	int rc;

	*ret = NULL;
	if (!v)
		return ss_err_nomem(err);
	v->findings = findings;
	v->set = set;
	v->seen = seen;
	rc = load(v, rel, err);
	if (rc == 0 && findings->nomem)
		rc = ss_err_nomem(err);
	if (rc == 0 && findings->n == before)
		rc = adapter_digest(v, err);
	v->findings = NULL;
	v->set = NULL;
	v->seen = NULL;
	/* Only a hook needs it again. */
	if (!v->has_build)
		ss_adapter_rest(v);
	if (rc == 0 && findings->n == before)
		*ret = v;
	else
		ss_adapter_unref(v);
	return rc;
}

/* --- a version --------------------------------------------------------------------- */
struct ss_adapter_version *ss_adapter_ref(struct ss_adapter_version *v)
{
	atomic_fetch_add_explicit(&v->refs, 1, memory_order_relaxed);
	return v;
}

void ss_adapter_unref(struct ss_adapter_version *v)
{
	if (!v || atomic_fetch_sub_explicit(&v->refs, 1, memory_order_acq_rel) != 1)
		return;
	ss_adapter_state_free(v->state);
	for (size_t i = 0; i < v->n_sources; i++)
		ss_source_unref(v->sources[i].source);
	if (!v->of) {
		ss_doc_free(v->declared);
		ss_doc_free(v->fields);
	}
	ss_adapter_unref(v->of);
	free(v->name);
	free(v);
}

struct ss_adapter_version *ss_adapter_clone(struct ss_adapter_version *v)
{
	struct ss_adapter_version *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	atomic_init(&c->refs, 1);
	c->of = ss_adapter_ref(v);
	c->overlay = v->overlay;
	c->target = v->target;
	c->tenant = v->tenant;
	c->call_line = v->call_line;
	c->has_build = v->has_build;
	c->declared = v->declared;
	c->fields = v->fields;
	memcpy(c->sha256, v->sha256, sizeof(c->sha256));
	for (; c->n_sources < v->n_sources; c->n_sources++) {
		struct adapter_source *s = &c->sources[c->n_sources];

		/* Not the whole of it: `running` belongs to the other state. */
		*s = (struct adapter_source){
		        .source = ss_source_ref(v->sources[c->n_sources].source),
		        .rel = v->sources[c->n_sources].rel,
		        .file = v->sources[c->n_sources].file,
		        .text = v->sources[c->n_sources].text,
		        .len = v->sources[c->n_sources].len,
		};
	}
	c->name = strdup(v->name);
	if (c->name)
		return c;
	ss_adapter_unref(c);
	return NULL;
}

void ss_adapter_rest(struct ss_adapter_version *v)
{
	ss_adapter_state_free(v->state);
	v->state = NULL;
}

const char *ss_adapter_name(const struct ss_adapter_version *v)
{
	return v->name;
}

const char *ss_adapter_file(const struct ss_adapter_version *v)
{
	return v->sources[0].file;
}

const char *ss_adapter_rel(const struct ss_adapter_version *v)
{
	return v->sources[0].rel;
}

struct ss_source *ss_adapter_source(const struct ss_adapter_version *v, size_t i)
{
	return i < v->n_sources ? v->sources[i].source : NULL;
}

const char *ss_adapter_sha256(const struct ss_adapter_version *v)
{
	return v->sha256;
}

const struct ss_doc *ss_adapter_fields(const struct ss_adapter_version *v)
{
	return v->fields;
}

const struct ss_doc *ss_adapter_declared(const struct ss_adapter_version *v)
{
	return v->declared;
}

bool ss_adapter_has_build(const struct ss_adapter_version *v)
{
	return v->has_build;
}

/* --- the hook --------------------------------------------------------------------- */
struct build_call {
	const struct ss_adapter_version *v;
	const struct ss_adapter_context *context;
	const struct ss_doc *input;
	struct ss_doc *out;
	struct ss_err *err; /* of the conversion */
	int rc;
};

/* Raise "FILE:LINE of the hook: the build hook …". */
static int refuse(lua_State *L, const struct ss_adapter_version *v, const char *fmt,
                  const char *word)
{
	const struct adapter_source *s = &v->sources[0];

	lua_pushfstring(L, "%s:%d: the build hook ", s->rel,
	                adapter_find_line(s->text, s->len, v->call_line, "build"));
	lua_pushfstring(L, fmt, word);
	lua_concat(L, 2);
	return lua_error(L);
}

void adapter_push_hook(lua_State *L, const struct ss_adapter_version *v,
                       const struct ss_adapter_context *context, const struct ss_doc *input)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &build_key);
	ss_conv_to_lua(L, input, ss_doc_root(input), 0);
	lua_createtable(L, 0, 4);
	lua_pushstring(L, v->name);
	lua_setfield(L, -2, "adapter");
	lua_pushstring(L, v->sources[0].rel);
	lua_setfield(L, -2, "file");
	lua_pushinteger(L, context->generation);
	lua_setfield(L, -2, "generation");
	lua_pushstring(L, context->tenant); /* NULL is nil */
	lua_setfield(L, -2, "tenant");
}

static int run_build(lua_State *L)
{
	struct build_call *call = lua_touserdata(L, 1);

	adapter_push_hook(L, call->v, call->context, call->input);
	lua_call(L, 2, 1);
	if (!lua_istable(L, -1))
		return refuse(L, call->v, "must return a table, not %s",
		              lua_isnil(L, -1) ? "nothing (is a return missing?)"
		                               : luaL_typename(L, -1));
	adapter_pure_push_changed(L);
	if (!lua_isnil(L, -1))
		return refuse(L, call->v,
		              "changed '%s', which outlives the call: a policy depends on its "
		              "input only, so make it a local of the hook",
		              lua_tostring(L, -1));
	lua_pop(L, 1);
	call->rc = ss_conv_from_lua(L, -1, call->out, call->err);
	return 0;
}

/* "lib/x.lua:3: text" -> "DIR/lib/x.lua:3: text" */
static int expand_where(const struct ss_adapter_version *v, int rc, struct ss_err *err)
{
	char old[sizeof(err->message)];
	const char *text = old;
	const struct adapter_source *s;
	int line;

	if (!err)
		return rc;
	memcpy(old, err->message, sizeof(old));
	s = adapter_split_where(v, &text, &line);
	if (s)
		return ss_err_set(err, rc, "%s:%d: %s", s->file, line, text);
	return ss_err_wrap(err, rc, "%s", v->sources[0].file);
}

int ss_adapter_call_hook(struct ss_adapter_version *v, const struct ss_adapter_context *context,
                         const struct ss_doc *input, struct ss_doc *out, struct ss_err *err)
{
	static const struct ss_adapter_budget budget = {SS_ADAPTER_CALL_MS,
	                                                SS_ADAPTER_INSTRUCTIONS};
	struct build_call call = {
	        .v = v, .context = context, .input = input, .out = out, .err = err};
	int rc = v->state ? 0 : adapter_open_state(v, err);

	if (rc == 0)
		rc = ss_adapter_state_run(v->state, run_build, &call, "the build hook", &budget,
		                          err);
	/* A call that failed may have changed what outlives it. */
	if (v->state && rc) {
		ss_adapter_state_free(v->state);
		v->state = NULL;
	}
	if (rc)
		return expand_where(v, rc, err);
	if (call.rc)
		return ss_err_wrap(err, call.rc, "%s: the build hook's result", v->sources[0].file);
	return ss_doc_finish(out, err);
}
