#include "bind/text.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/text.h"
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

/* All documents of a stream as one array: the values of many in one arena. */
static int add_document(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err)
{
	ss_doc_copy(ud, doc, ss_doc_root(doc));
	ss_doc_free(doc);
	return ss_doc_failed(ud);
}

static int read_all(const char *text, size_t len, ss_bind_parse_all_fn parse_all,
                    struct ss_doc *all, struct ss_err *err)
{
	struct ss_buf utf8 SS_AUTO_BUF = SS_BUF_INIT;
	int rc;

	if (!ss_text_has_mark(text, len))
		return parse_all(text, len, add_document, all, err);
	ss_buf_add(&utf8, text, len);
	rc = ss_buf_check(&utf8, "the text", err);
	if (!rc)
		rc = ss_text_decode(&utf8, err);
	return rc ? rc : parse_all(utf8.data, utf8.len, add_document, all, err);
}

int ss_bind_decode_all(lua_State *L, ss_bind_parse_all_fn parse_all)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	struct ss_doc *all;
	struct ss_err err;
	int rc;

	lua_settop(L, 1);
	all = ss_conv_new_doc(L);
	ss_err_init(&err);
	ss_doc_begin_array(all);
	rc = read_all(text, len, parse_all, all, &err);
	if (!rc || ss_doc_failed(all)) {
		ss_doc_end(all);
		rc = ss_doc_finish(all, &err);
	}
	if (rc) {
		ss_lua_close_box(L, 2);
		return ss_lua_fail(L, &err);
	}
	ss_conv_to_lua(L, all, ss_doc_root(all), 0);
	ss_lua_close_box(L, 2);
	return 1;
}
