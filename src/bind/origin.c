#include "bind/origin.h"

#include <lauxlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/edit.h"
#include "base/err.h"
#include "script/conv.h"

#define ANNOTATION "sandscript.dev/policy"

/* Registry[&origins_key] = {[manifest] = sha256}, weak keys. */
static const char origins_key;

static void push_origins(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &origins_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &origins_key);
}

void ss_bind_origin_set(lua_State *L, int index, const char *sha256)
{
	index = lua_absindex(L, index);
	push_origins(L);
	lua_pushvalue(L, index);
	lua_pushstring(L, sha256);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

/* The digest, or NULL; its string stays alive in the table of origins. */
static const char *find_origin(lua_State *L, int index)
{
	const char *sha256 = NULL;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &origins_key) == LUA_TTABLE) {
		lua_pushvalue(L, index);
		lua_rawget(L, -2);
		sha256 = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return sha256;
}

int ss_bind_origin_read(lua_State *L, int index, struct ss_doc *doc, struct ss_err *err)
{
	static const char *const path[] = {"metadata", "annotations", ANNOTATION};
	struct ss_doc *plain;
	const char *sha256;
	int rc;

	index = lua_absindex(L, index);
	sha256 = lua_istable(L, index) ? find_origin(L, index) : NULL;
	if (!sha256) {
		rc = ss_conv_from_lua(L, index, doc, err);
		return rc ? rc : ss_doc_finish(doc, err);
	}
	plain = ss_doc_new();
	if (!plain)
		return ss_err_nomem(err);
	rc = ss_conv_from_lua(L, index, plain, err);
	if (rc == 0)
		rc = ss_doc_finish(plain, err);
	if (rc == 0)
		ss_edit_set_string(doc, plain, ss_doc_root(plain), path, SS_ARRAY_LEN(path),
		                   sha256);
	ss_doc_free(plain);
	return rc ? rc : ss_doc_finish(doc, err);
}
