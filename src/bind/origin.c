#include "bind/origin.h"

#include <lauxlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/edit.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "bind/scratch.h"
#include "script/conv.h"

#define POLICY  "sandscript.dev/policy"
#define REQUEST "sandscript.dev/request"

enum { DIGEST = SS_SHA256_HEX_SIZE - 1 };

/* Registry[&origins_key] = {[manifest] = digest .. request}, weak keys; the request is missing
 * when it is too long. */
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

void ss_bind_origin_push(lua_State *L, const char *sha256, const char *adapter,
                         const struct ss_doc *request)
{
	struct ss_scratch *scratch = ss_bind_scratch(L);
	struct ss_doc *out = scratch->out;

	ss_doc_begin_object(out);
	ss_doc_put_string(out, "adapter", adapter);
	ss_doc_put_copy(out, "input", request, ss_doc_root(request));
	ss_doc_end(out);
	ss_buf_add(&scratch->text, sha256, DIGEST);
	if (ss_doc_finish(out, NULL) == 0)
		ss_json_encode(out, ss_doc_root(out), &scratch->text);
	if (scratch->text.len > DIGEST + SS_ORIGIN_REQUEST_BYTES)
		lua_pushlstring(L, sha256, DIGEST);
	else
		ss_bind_scratch_return(L, scratch, "policy.build");
}

void ss_bind_origin_set(lua_State *L, int index)
{
	index = lua_absindex(L, index);
	push_origins(L);
	lua_pushvalue(L, index);
	lua_pushvalue(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 2);
}

/* The origin, or NULL; its string stays alive in the table of origins. */
static const char *find_origin(lua_State *L, int index)
{
	const char *origin = NULL;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &origins_key) == LUA_TTABLE) {
		lua_pushvalue(L, index);
		lua_rawget(L, -2);
		origin = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return origin;
}

static void warn_long_request(const struct ss_doc *manifest)
{
	static const char *const path[] = {"metadata", "name"};
	ss_node name = ss_doc_root(manifest);

	for (size_t i = 0; i < SS_ARRAY_LEN(path); i++)
		name = ss_doc_get(manifest, name, path[i]);
	ss_log(SS_LOG_WARN,
	       "%s: the request it was made from is over %d KiB and not recorded: policy diff "
	       "--live "
	       "will pass it over",
	       ss_doc_get_string(manifest, name, NULL), SS_ORIGIN_REQUEST_BYTES >> 10);
}

static int annotate(struct ss_doc *out, struct ss_doc *half, const struct ss_doc *manifest,
                    const char *origin, struct ss_err *err)
{
	static const char *const policy[] = {"metadata", "annotations", POLICY};
	static const char *const request[] = {"metadata", "annotations", REQUEST};
	char sha256[SS_SHA256_HEX_SIZE] = "";
	int rc;

	memcpy(sha256, origin, DIGEST);
	if (!origin[DIGEST]) {
		warn_long_request(manifest);
		ss_edit_set_string(out, manifest, ss_doc_root(manifest), policy,
		                   SS_ARRAY_LEN(policy), sha256);
		return ss_doc_finish(out, err);
	}
	ss_edit_set_string(half, manifest, ss_doc_root(manifest), policy, SS_ARRAY_LEN(policy),
	                   sha256);
	rc = ss_doc_finish(half, err);
	if (rc)
		return rc;
	ss_edit_set_string(out, half, ss_doc_root(half), request, SS_ARRAY_LEN(request),
	                   origin + DIGEST);
	return ss_doc_finish(out, err);
}

int ss_bind_origin_read(lua_State *L, int index, struct ss_doc *doc, struct ss_err *err)
{
	struct ss_doc *plain SS_AUTO_DOC = NULL, *half SS_AUTO_DOC = NULL;
	const char *origin;
	int rc;

	index = lua_absindex(L, index);
	origin = lua_istable(L, index) ? find_origin(L, index) : NULL;
	if (!origin) {
		rc = ss_conv_from_lua(L, index, doc, err);
		return rc ? rc : ss_doc_finish(doc, err);
	}
	plain = ss_doc_new();
	half = ss_doc_new();
	if (!plain || !half)
		return ss_err_nomem(err);
	rc = ss_conv_from_lua(L, index, plain, err);
	if (rc == 0)
		rc = ss_doc_finish(plain, err);
	return rc ? rc : annotate(doc, half, plain, origin, err);
}
