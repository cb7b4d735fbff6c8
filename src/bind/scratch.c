#include "bind/scratch.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "base/err.h"
#include "script/conv.h"
#include "script/luax.h"

/* What one huge value left behind is not kept. */
enum { KEEP_BYTES = 256 * 1024 };

/* Registry[&scratch_key] = the box. */
static const char scratch_key;

static void scratch_free(void *p)
{
	struct ss_scratch *scratch = p;

	ss_doc_free(scratch->in);
	ss_doc_free(scratch->out);
	ss_buf_done(&scratch->text);
	free(scratch);
}

static struct ss_scratch *scratch_new(lua_State *L)
{
	void **box = ss_lua_new_box(L, "sandscript.scratch", scratch_free);
	struct ss_scratch *scratch = calloc(1, sizeof(*scratch));

	*box = scratch;
	if (!scratch)
		luaL_error(L, "out of memory");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &scratch_key);
	return scratch;
}

static bool renew(struct ss_doc **doc)
{
	if (*doc && ss_doc_bytes(*doc) > KEEP_BYTES) {
		ss_doc_free(*doc);
		*doc = NULL;
	}
	if (*doc)
		ss_doc_reset(*doc);
	else
		*doc = ss_doc_new();
	return *doc;
}

struct ss_scratch *ss_bind_scratch(lua_State *L)
{
	struct ss_scratch *scratch;
	void **box;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &scratch_key);
	box = lua_touserdata(L, -1);
	lua_pop(L, 1);
	scratch = box ? *box : scratch_new(L);
	if (scratch->text.cap > KEEP_BYTES)
		ss_buf_done(&scratch->text);
	ss_buf_reset(&scratch->text);
	if (!renew(&scratch->in) || !renew(&scratch->out))
		luaL_error(L, "out of memory");
	return scratch;
}

void ss_bind_scratch_read(lua_State *L, struct ss_scratch *scratch, int index, const char *func)
{
	struct ss_err err;

	ss_err_init(&err);
	if (ss_conv_from_lua(L, index, scratch->in, &err))
		ss_lua_misuse(L, "%s: %s", func, err.message);
}

int ss_bind_scratch_return(lua_State *L, struct ss_scratch *scratch, const char *func)
{
	struct ss_err err;

	ss_err_init(&err);
	if (ss_buf_check(&scratch->text, "the text", &err))
		return ss_lua_misuse(L, "%s: %s", func, err.message);
	lua_pushlstring(L, scratch->text.data ? scratch->text.data : "", scratch->text.len);
	return 1;
}
