/* Which policy a manifest came from: what policy.build returned is remembered by
 * the identity of its table, weakly, and written as the annotation
 * sandscript.dev/policy when that table is sent. The table itself is never changed. */
#pragma once

#include <lua.h>

#include "base/attr.h"
#include "base/digest.h"

struct ss_doc;
struct ss_err;

/* Remember that the table at index was built by the policy of this digest. */
SS_MAY_RAISE void ss_bind_origin_set(lua_State *L, int index, const char *sha256);
/* Read the value at index into doc (fresh), with the annotation when it has an origin.
 * Errors as ss_conv_from_lua. */
SS_MAY_RAISE int ss_bind_origin_read(lua_State *L, int index, struct ss_doc *doc,
                                     struct ss_err *err);
