/* Which policy and which request a manifest came from: what policy.build returned is
 * remembered by the identity of its table, weakly, and written as annotations when
 * that table is sent. The table itself is never changed.
 *
 *	sandscript.dev/policy    the adapter's sha256
 *	sandscript.dev/request   {"adapter": …, "input": …}: what policy.build was given, so
 *	                         that it can be built again under another policy; left out
 *	                         above SS_ORIGIN_REQUEST_BYTES (annotations share 256 KiB) */
#pragma once

#include <lua.h>

#include "base/attr.h"
#include "base/digest.h"

struct ss_doc;
struct ss_err;

enum { SS_ORIGIN_REQUEST_BYTES = 64 << 10 };

/* Push what is to be remembered of a build: one string. Uses the scratch of the state. */
SS_MAY_RAISE void ss_bind_origin_push(lua_State *L, const char *sha256, const char *adapter,
                                      const struct ss_doc *request);
/* Pop it, and remember it for the table at index. */
SS_MAY_RAISE void ss_bind_origin_set(lua_State *L, int index);
/* Read the value at index into doc (fresh), with the annotations when it has an origin.
 * Errors as ss_conv_from_lua. */
SS_MAY_RAISE int ss_bind_origin_read(lua_State *L, int index, struct ss_doc *doc,
                                     struct ss_err *err);
