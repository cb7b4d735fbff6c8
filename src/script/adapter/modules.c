/* The files of an adapter: reading them, require, the digest, and the way back
 * from a message of Lua to a file. */
#include <ctype.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/log.h"
#include "script/adapter/adapter_priv.h"

static const char loaded_key; /* registry: {name = module value} */

char *adapter_name_of(const char *rel)
{
	const char *base = strrchr(rel, '/');
	size_t len;

	base = base ? base + 1 : rel;
	len = strlen(base);
	if (len > 4 && strcmp(base + len - 4, ".lua") == 0)
		len -= 4;
	return strndup(base, len);
}

int adapter_read_source(struct ss_adapter_version *v, const char *rel, struct adapter_source **ret,
                        struct ss_err *err)
{
	struct adapter_source *s = &v->sources[v->n_sources];
	struct ss_source *source;
	int rc;

	if (v->n_sources == ADAPTER_MAX_SOURCES)
		return ss_err_set(err, SS_ERR_LIMIT,
		                  "%s: an adapter may require at most %d modules", rel,
		                  ADAPTER_MAX_SOURCES - 1);
	rc = ss_sources_get(v->set, rel, &source, err);
	if (rc == 0 && v->seen)
		rc = ss_source_list_add(v->seen, source, err);
	if (rc)
		return rc;
	if (source->code == SS_ERR_NOT_FOUND && v->n_sources)
		return ss_err_set(err, SS_ERR_NOT_FOUND, "%s: %s", source->file, source->problem);
	*s = (struct adapter_source){
	        .source = ss_source_ref(source),
	        .rel = source->rel,
	        .file = source->file,
	        .text = source->text,
	        .len = source->len,
	};
	v->n_sources++; /* from here on dropped with the version */
	*ret = s;
	if (source->problem)
		return ss_err_set(err, source->code, "%s: %s", source->file, source->problem);
	return 0;
}

void adapter_push_chunk(lua_State *L, struct ss_adapter_version *v,
                        const struct adapter_source *source)
{
	lua_pushfstring(L, "@%s", source->rel);
	if (luaL_loadbufferx(L, source->text, source->len, lua_tostring(L, -1), "t"))
		lua_error(L);
	lua_remove(L, -2);
	if (v->findings && !adapter_scan_globals(v, source, L))
		v->unscanned = true;
	ss_adapter_env_push(L);
	lua_setupvalue(L, -2, 1);
}

/* Letters, digits, _ and - in parts joined by dots: nothing that leaves the folder. */
static bool is_module_name(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > 100 || name[0] == '.' || name[len - 1] == '.' || strstr(name, ".."))
		return false;
	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("_-.", *c))
			return false;
	}
	return true;
}

/* The source of a module: the one read at first, else from adapters/ or lib/. */
static int find_module(struct ss_adapter_version *v, const char *name, struct adapter_source **ret,
                       struct ss_err *err)
{
	static const char *const folders[] = {"adapters", "lib"};
	char rel[128];
	int rc = 0;

	for (size_t f = 0; f < SS_ARRAY_LEN(folders); f++) {
		snprintf(rel, sizeof(rel), "%s/%s", folders[f], name);
		for (char *c = strchr(rel, '/') + 1; *c; c++)
			*c = *c == '.' ? '/' : *c;
		strncat(rel, ".lua", sizeof(rel) - strlen(rel) - 1);
		for (size_t i = 0; i < v->n_sources; i++) {
			if (strcmp(v->sources[i].rel, rel) == 0) {
				*ret = &v->sources[i];
				return 0;
			}
		}
		/* A version that is loaded reads no more files: it stays what it was. */
		if (!v->findings)
			continue;
		ss_err_done(err);
		rc = adapter_read_source(v, rel, ret, err);
		if (rc != SS_ERR_NOT_FOUND)
			return rc;
	}
	ss_err_done(err);
	return ss_err_set(err, SS_ERR_NOT_FOUND,
	                  "module '%s' is not in adapters/ or lib/ of the policy folder", name);
}

/* Push the message of err at the script's line and raise; err is the caller's, which has no more use
 * for it. */
static int raise_err(lua_State *L, struct ss_err *err)
{
	char text[sizeof(err->message)];

	memcpy(text, err->message, sizeof(text));
	ss_err_done(err);
	return ss_adapter_raise(L, "%s", text);
}

void adapter_push_modules(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &loaded_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &loaded_key);
}

void adapter_require(lua_State *L, const char *name, void *ud)
{
	struct ss_adapter_version *v = ud;
	struct adapter_source *source = NULL;
	struct ss_err err;

	ss_err_init(&err);
	if (!is_module_name(name))
		ss_adapter_raise(L, "'%s' is not a module name", name);
	adapter_push_modules(L);
	lua_getfield(L, -1, name);
	if (!lua_isnil(L, -1))
		return;
	lua_pop(L, 1);
	if (find_module(v, name, &source, &err)) {
		if (err.code == SS_ERR_NOMEM && v->findings)
			v->findings->nomem = true;
		raise_err(L, &err);
	}
	if (source->running || source == &v->sources[0])
		ss_adapter_raise(L, "module '%s' requires itself", name);
	source->running = true;
	adapter_push_chunk(L, v, source);
	lua_call(L, 0, 1);
	source->running = false;
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, 1);
	}
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, name);
	if (!ss_adapter_state_loading(ss_adapter_state_of(L))) {
		lua_pushvalue(L, -1);
		adapter_pure_note(L, name);
	}
}

/* The name that Lua gives a chunk in messages: LUA_IDSIZE - 1 bytes at most, its end kept. */
static void chunk_id(const char *rel, char out[LUA_IDSIZE])
{
	size_t len = strlen(rel);

	if (len < LUA_IDSIZE)
		memcpy(out, rel, len + 1);
	else
		snprintf(out, LUA_IDSIZE, "...%s", rel + len - (LUA_IDSIZE - 4));
}

/* How much of text is this name before a colon; 0 = none. A name is escaped where the text is. */
static size_t name_length(const char *text, const char *name)
{
	char escaped[PATH_MAX];
	size_t len = strlen(name);

	if (strncmp(text, name, len) == 0 && text[len] == ':')
		return len;
	ss_log_escape(name, len, escaped, sizeof(escaped));
	len = strlen(escaped);
	return strncmp(text, escaped, len) == 0 && text[len] == ':' ? len : 0;
}

const struct adapter_source *adapter_split_where(const struct ss_adapter_version *v,
                                                 const char **text, int *ret_line)
{
	char id[LUA_IDSIZE], *end;

	for (size_t i = 0; i < v->n_sources; i++) {
		const char *rel = v->sources[i].rel;
		size_t len;
		long line;

		chunk_id(rel, id);
		len = name_length(*text, id);
		if (!len) /* of a message of ours */
			len = name_length(*text, rel);
		if (!len)
			continue;
		line = strtol(*text + len + 1, &end, 10);
		if (end == *text + len + 1 || *end != ':')
			continue;
		*ret_line = (int)line;
		*text = end + 1 + strspn(end + 1, " ");
		return &v->sources[i];
	}
	return NULL;
}

static int by_rel(const void *a, const void *b)
{
	return strcmp((*(const struct adapter_source *const *)a)->rel,
	              (*(const struct adapter_source *const *)b)->rel);
}

int adapter_digest(struct ss_adapter_version *v, struct ss_err *err)
{
	const struct adapter_source *sorted[ADAPTER_MAX_SOURCES];
	struct ss_buf lines SS_AUTO_BUF = SS_BUF_INIT;

	if (v->n_sources == 1) {
		memcpy(v->sha256, v->sources[0].source->sha256, sizeof(v->sha256));
		return 0;
	}
	for (size_t i = 0; i < v->n_sources; i++)
		sorted[i] = &v->sources[i];
	qsort(sorted, v->n_sources, sizeof(sorted[0]), by_rel);
	for (size_t i = 0; i < v->n_sources; i++)
		ss_buf_printf(&lines, "%s  %s\n", sorted[i]->source->sha256, sorted[i]->rel);
	if (ss_buf_check(&lines, "the digest", err) ||
	    ss_sha256_hex(lines.data, lines.len, v->sha256))
		return ss_err_nomem(err);
	return 0;
}
