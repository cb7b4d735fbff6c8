#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/buf.h"
#include "base/suggest.h"
#include "io/file.h"
#include "io/own.h"
#include "io/trust.h"
#include "script/conv.h"

/* The configuration file is Lua text that returns a table: no libraries, no
 * loops that matter, so a plain state with a small memory cap and an instruction
 * limit is enough. */
enum { MAX_SOURCE_BYTES = 64 * 1024, MAX_INSTRUCTIONS = 1000000 };

static void stop(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	luaL_error(L, "runs too long: a configuration file only returns a table");
}

/* Whatever is wrong with the file is the configuration's fault. */
static int wrap(struct ss_err *err, const char *path)
{
	ss_err_wrap(err, SS_ERR_CONFIG, "configuration%s%s", path ? " " : "", path ? path : "");
	err->code = SS_ERR_CONFIG;
	return err->code;
}

static int evaluate(const char *path, const struct ss_buf *text, struct ss_doc **ret,
                    struct ss_err *err)
{
	lua_State *L = luaL_newstate();
	char *chunk SS_AUTOFREE = NULL;
	int rc = 0;

	if (!L)
		return ss_err_nomem(err);
	*ret = ss_doc_new();
	if (!*ret || asprintf(&chunk, "@%s", path) < 0) {
		rc = ss_err_nomem(err);
		goto out;
	}
	if (text->len && text->data[0] == LUA_SIGNATURE[0]) {
		rc = ss_err_set(err, SS_ERR_CONFIG,
		                "configuration %s: is compiled Lua; give the source", path);
		goto out;
	}
	lua_sethook(L, stop, LUA_MASKCOUNT, MAX_INSTRUCTIONS);
	if (luaL_loadbufferx(L, text->data ? text->data : "", text->len, chunk, "t") ||
	    lua_pcall(L, 0, 1, 0)) {
		const char *message = lua_tostring(L, -1);
		rc = ss_err_set(err, SS_ERR_CONFIG, "configuration: %s", message ? message : path);
		goto out;
	}
	if (!lua_istable(L, -1)) {
		rc = ss_err_set(err, SS_ERR_CONFIG,
		                "configuration %s: must return a table, not a %s", path,
		                luaL_typename(L, -1));
		goto out;
	}
	rc = ss_conv_from_lua(L, -1, *ret, err);
	if (!rc)
		rc = ss_doc_finish(*ret, err);
	if (rc)
		rc = wrap(err, path);
out:
	lua_close(L);
	return rc;
}

static int check_strings(const char *path, const struct ss_iter *it, struct ss_err *err)
{
	for (struct ss_iter e = ss_iter(it->doc, it->value); ss_iter_next(&e);)
		if (!ss_doc_get_string(e.doc, e.value, NULL))
			return ss_err_set(err, SS_ERR_CONFIG,
			                  "configuration %s: %s[%zu] must be a string", path,
			                  it->key, e.index + 1);
	return 0;
}

static const struct ss_config_field fields[] = {
        {"waive", true, "guard rules to let pass, RULE or RULE=NAMESPACE/NAME (`help waive`)"},
        {"protected", true, "contexts in which a write asks first (`help safety`)"},
        {"policy", false,
         "the policy folder, where neither --policy nor $SANDSCRIPT_POLICY names one"},
};

const struct ss_config_field *ss_config_fields(size_t *ret_count)
{
	*ret_count = SS_ARRAY_LEN(fields);
	return fields;
}

/* {} may be either. */
static bool is_list(const struct ss_iter *it)
{
	enum ss_type type = ss_doc_type(it->doc, it->value);

	return type == SS_ARRAY || (type == SS_OBJECT && !ss_doc_count(it->doc, it->value));
}

static int check_field(const char *path, const struct ss_iter *it, struct ss_err *err)
{
	const char *names[SS_ARRAY_LEN(fields)], *near;

	for (size_t i = 0; i < SS_ARRAY_LEN(fields); i++) {
		names[i] = fields[i].name;
		if (strcmp(it->key, names[i]) != 0)
			continue;
		if (fields[i].list && is_list(it))
			return check_strings(path, it, err);
		if (!fields[i].list && ss_doc_get_string(it->doc, it->value, NULL))
			return 0;
		return ss_err_set(err, SS_ERR_CONFIG, "configuration %s: '%s' must be a %s", path,
		                  it->key, fields[i].list ? "list of strings" : "string");
	}
	near = ss_suggest(it->key, names, SS_ARRAY_LEN(fields));
	return ss_err_set(err, SS_ERR_CONFIG, "configuration %s: unknown field '%s'%s%s%s", path,
	                  it->key, near ? ": did you mean '" : "", near ? near : "",
	                  near ? "'?" : "");
}

static int check(const char *path, const struct ss_doc *doc, struct ss_err *err)
{
	int rc = 0;

	for (struct ss_iter it = ss_iter(doc, ss_doc_root(doc)); !rc && ss_iter_next(&it);)
		rc = check_field(path, &it, err);
	return rc;
}

static const char in_etc[] = "/etc/sandscript/config.lua";

/* The first that exists; malloc'd, NULL when there is none. Scripts get to write neither. */
static char *find_file(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char *path = NULL;

	if (xdg && xdg[0] == '/')
		path = ss_file_join(xdg, "sandscript/config.lua");
	else if (home && home[0] == '/')
		path = ss_file_join(home, ".config/sandscript/config.lua");
	ss_own_file(in_etc);
	if (path)
		ss_own_file(path);
	if (path && ss_file_exists(path))
		return path;
	free(path);
	return ss_file_exists(in_etc) ? strdup(in_etc) : NULL;
}

int ss_config_file_load(struct ss_doc **ret, struct ss_err *err)
{
	char *path SS_AUTOFREE = find_file();
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	int rc;

	*ret = NULL;
	if (!path)
		return 0;
	rc = ss_file_read_text(path, MAX_SOURCE_BYTES, &text, err);
	if (rc)
		return wrap(err, NULL);
	rc = ss_trust_check("configuration", path, err);
	if (!rc)
		rc = evaluate(path, &text, &doc, err);
	if (!rc)
		rc = check(path, doc, err);
	if (rc)
		return rc;
	*ret = doc;
	doc = NULL;
	return 0;
}
