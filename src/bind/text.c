#include "bind/text.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "base/err.h"
#include "script/conv.h"
#include "script/luax.h"

struct ss_doc *ss_bind_read_value(lua_State *L, int index, const char *func)
{
	return ss_bind_read_part(L, index, func, NULL, NULL);
}

struct ss_doc *ss_bind_read_part(lua_State *L, int index, const char *func, const char *api_version,
                                 const char *kind)
{
	struct ss_doc *doc;
	struct ss_err err;

	index = lua_absindex(L, index);
	doc = ss_conv_new_doc(L);
	ss_err_init(&err);
	if (ss_conv_from_lua_as(L, index, api_version, kind, doc, &err)) {
		ss_lua_close_box(L, -1);
		ss_lua_misuse(L, "%s: %s", func, err.message);
	}
	return doc;
}

static void free_text(void *text)
{
	ss_buf_done(text);
	free(text);
}

struct ss_buf *ss_bind_new_text(lua_State *L)
{
	void **box = ss_lua_new_box(L, "sandscript.text", free_text);

	*box = calloc(1, sizeof(struct ss_buf));
	if (!*box)
		luaL_error(L, "out of memory");
	return *box;
}

int ss_bind_return_text(lua_State *L, int doc_box, int text_box, const char *func)
{
	const struct ss_buf *text = *(struct ss_buf **)lua_touserdata(L, text_box);
	struct ss_err err;

	if (doc_box)
		ss_lua_close_box(L, doc_box);
	ss_err_init(&err);
	if (ss_buf_check(text, "the text", &err))
		return ss_lua_misuse(L, "%s: %s", func, err.message);
	lua_pushlstring(L, text->data ? text->data : "", text->len);
	ss_lua_close_box(L, text_box);
	return 1;
}

int ss_bind_return_doc(lua_State *L, struct ss_doc *doc)
{
	int box = lua_gettop(L) + 1;

	ss_conv_box_doc(L, doc);
	ss_conv_to_lua(L, doc, ss_doc_root(doc), 0);
	ss_lua_close_box(L, box);
	return 1;
}
