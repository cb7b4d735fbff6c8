/* What the modules that turn values into text and back share. */
#pragma once

#include <lua.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/doc.h"

struct ss_err;

/* The value at index as a document in a box, which is pushed; raises, naming func and the path. */
SS_MAY_RAISE struct ss_doc *ss_bind_read_value(lua_State *L, int index, const char *func);
/* The same for a part of an object of this kind, such as a merge patch. */
SS_MAY_RAISE struct ss_doc *ss_bind_read_part(lua_State *L, int index, const char *func,
                                              const char *api_version, const char *kind);
/* A buffer in a box, which is pushed. */
SS_MAY_RAISE struct ss_buf *ss_bind_new_text(lua_State *L);
/* Push the text of the box at text_box; closes it and the box at doc_box (0 = none). Returns 1, or
 * raises for a failure of the buffer. */
SS_MAY_RAISE int ss_bind_return_text(lua_State *L, int doc_box, int text_box, const char *func);
typedef int (*ss_bind_parse_all_fn)(const char *text, size_t len, ss_doc_fn fn, void *ud,
                                    struct ss_err *err);
/* The documents of the text at index 1 as one list; returns what the function of Lua does. */
SS_MAY_RAISE int ss_bind_decode_all(lua_State *L, ss_bind_parse_all_fn parse_all);
/* Push the root of doc, which is freed; returns 1. */
SS_MAY_RAISE int ss_bind_return_doc(lua_State *L, struct ss_doc *doc);
