#include <lauxlib.h>
#include <string.h>

#include "bind/bind.h"
#include "bind/k8s_priv.h"
#include "bind/origin.h"
#include "script/conv.h"
#include "script/lazy.h"
#include "script/luax.h"

/* t[field] as a borrowed string: NULL when absent; raises for another type. Raw: a script's
 * metamethods have no say in what is sent. */
static const char *field_of(lua_State *L, int index, const char *func, const char *field)
{
	const char *s;
	size_t len = 0;
	int type;

	lua_pushstring(L, field);
	type = lua_rawget(L, index);
	if (type != LUA_TNIL && type != LUA_TSTRING && !(type == LUA_TLIGHTUSERDATA))
		ss_lua_misuse(L, "%s: '%s' must be a string, not a %s", func, field,
		              luaL_typename(L, -1));
	s = type == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
	/* What is behind the NUL would be lost, and another object meant. */
	if (s && strlen(s) != len)
		ss_lua_misuse(L, "%s: '%s' holds a NUL byte", func, field);
	lua_pop(L, 1);
	return s && *s ? s : NULL;
}

const char *k8s_metadata(lua_State *L, int index, const char *field)
{
	const char *s = NULL;

	index = lua_absindex(L, index);
	ss_lazy_fill(L, index);
	lua_pushliteral(L, "metadata");
	if (lua_rawget(L, index) == LUA_TTABLE) {
		lua_pushstring(L, field);
		if (lua_rawget(L, -2) == LUA_TSTRING)
			s = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return s;
}

static bool has_metadata(lua_State *L, int index)
{
	bool yes;

	lua_pushliteral(L, "metadata");
	yes = lua_rawget(L, index) == LUA_TTABLE;
	lua_pop(L, 1);
	return yes;
}

static bool takes(const char *const *names, const char *name)
{
	for (; *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

static const char *const ref_fields[] = {"kind",       "name",          "namespace",
                                         "apiVersion", "labelSelector", NULL};

void k8s_check_misplaced(lua_State *L, int index, const struct k8s_verb *verb)
{
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";

		if (takes(verb->options, key) && !lua_istable(L, -1))
			ss_lua_misuse(L, "%s: '%s' goes into the %s table: %s({…}, %s{%s=…})",
			              verb->func, key, verb->at == 3 ? "third" : "second",
			              verb->func, verb->at == 3 ? "{…}, " : "", key);
	}
}

static void check_plain(lua_State *L, int index, const struct k8s_verb *verb,
                        enum k8s_ref_form form)
{
	static const char *const one[] = {"kind", "name", "namespace", "apiVersion", NULL};

	if (form == K8S_MANY)
		return;
	k8s_check_misplaced(L, index, verb);
	ss_lua_check_options(L, index, verb->func, form == K8S_ANY ? ref_fields : one);
}

void k8s_check_options(lua_State *L, int index, const struct k8s_verb *verb)
{
	bool beside_ref = verb->at > 1 && lua_istable(L, index);

	if (beside_ref)
		ss_lazy_fill(L, index);
	for (int i = 0; beside_ref && ref_fields[i]; i++) {
		const char *key = ref_fields[i];

		lua_pushstring(L, key);
		if (lua_rawget(L, index) != LUA_TNIL && !takes(verb->options, key))
			ss_lua_misuse(L, "%s: '%s' goes into the first table: %s({%s=…})",
			              verb->func, key, verb->func, key);
		lua_pop(L, 1);
	}
	ss_lua_check_options(L, index, verb->func, verb->options);
}

void k8s_check_ref(lua_State *L, int index, const struct k8s_verb *verb, enum k8s_ref_form form,
                   struct ss_ref *ref)
{
	const char *func = verb->func;

	index = lua_absindex(L, index);
	if (!lua_istable(L, index))
		ss_lua_misuse(L, "%s: expected an object or {kind=, name=, namespace=}, not %s%s",
		              func, lua_isnoneornil(L, index) ? "" : "a ",
		              lua_isnoneornil(L, index) ? "nothing" : luaL_typename(L, index));
	ss_lazy_fill(L, index);
	memset(ref, 0, sizeof(*ref));
	ref->kind = field_of(L, index, func, "kind");
	ref->api_version = field_of(L, index, func, "apiVersion");
	if (has_metadata(L, index)) {
		lua_pushliteral(L, "metadata");
		lua_rawget(L, index);
		ref->name = field_of(L, lua_gettop(L), func, "name");
		ref->namespace_ = field_of(L, lua_gettop(L), func, "namespace");
		lua_pop(L, 1);
	} else {
		check_plain(L, index, verb, form);
		ref->name = field_of(L, index, func, "name");
		ref->namespace_ = field_of(L, index, func, "namespace");
	}
	if (!ref->kind)
		ss_lua_misuse(L, "%s: 'kind' is missing: which kind of object?", func);
	if (!ref->name && form == K8S_ONE)
		ss_lua_misuse(L, "%s: 'name' is missing: which %s?", func, ref->kind);
}

void k8s_check_call(lua_State *L, int index, const struct k8s_verb *verb, struct ss_call *call)
{
	struct ss_bind_env *env = ss_bind_env_of(L);
	const char *const *names = verb->options, *func = verb->func;

	k8s_check_options(L, index, verb);
	memset(call, 0, sizeof(*call));
	call->timeout_ms = ss_lua_opt_seconds_ms(L, index, func, "timeout", env->timeout_ms);
	if (takes(names, "fieldManager"))
		call->field_manager = ss_lua_opt_string(L, index, func, "fieldManager", NULL);
	if (takes(names, "force"))
		call->force = ss_lua_opt_bool(L, index, func, "force", false);
	if (takes(names, "dryRun"))
		call->dry_run = ss_lua_opt_bool(L, index, func, "dryRun", false);
	if (takes(names, "exactVersion"))
		call->exact_version = ss_lua_opt_bool(L, index, func, "exactVersion", false);
}

static bool has_text(const struct ss_doc *doc, ss_node object, const char *key)
{
	const char *s = ss_doc_find_string(doc, object, key, NULL);

	return s && *s;
}

/* A custom resource may have a field of any name; its group has a dot (apiextensions.k8s.io). */
static bool is_built_in(lua_State *L, int index, const char *func)
{
	const char *version = field_of(L, index, func, "apiVersion");
	const char *group_end = version ? strchr(version, '/') : NULL;

	return version && (!group_end || !memchr(version, '.', (size_t)(group_end - version)));
}

struct ss_doc *k8s_check_object(lua_State *L, int index, const struct k8s_verb *verb)
{
	const char *func = verb->func;
	struct ss_doc *doc;
	struct ss_err err;
	ss_node root;

	index = lua_absindex(L, index);
	if (!lua_istable(L, index))
		ss_lua_misuse(L, "%s: expected an object, not %s%s", func,
		              lua_isnoneornil(L, index) ? "" : "a ",
		              lua_isnoneornil(L, index) ? "nothing" : luaL_typename(L, index));
	ss_lazy_fill(L, index);
	if (is_built_in(L, index, func))
		k8s_check_misplaced(L, index, verb);
	doc = ss_conv_new_doc(L);
	ss_err_init(&err);
	if (ss_bind_origin_read(L, index, doc, &err)) {
		ss_lua_close_box(L, -1);
		ss_lua_misuse(L, "%s: %s", func, err.message);
	}
	root = ss_doc_root(doc);
	if (!has_text(doc, root, "kind") || !has_text(doc, root, "apiVersion")) {
		const char *missing = has_text(doc, root, "kind") ? "apiVersion" : "kind";

		ss_lua_close_box(L, -1);
		ss_lua_misuse(L, "%s: '%s' is missing: an object has apiVersion, kind and metadata",
		              func, missing);
	}
	return doc;
}
