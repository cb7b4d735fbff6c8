/* Two documents and a buffer that a state keeps for calls that turn a value into
 * text: building one manifest allocates nothing after the first call.
 *
 * One user at a time: from ss_bind_scratch until its contents were copied, nothing
 * may run that could call Lua code, a step of the garbage collector included (a
 * finalizer could come here again). Reading values is raw and allocates no Lua
 * objects, so a call that only reads, builds and pushes one string is safe. */
#pragma once

#include <lua.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/doc.h"

struct ss_scratch {
	struct ss_doc *in, *out;
	struct ss_buf text;
};

/* All three empty. Raises when out of memory. Pushes nothing. */
SS_MAY_RAISE struct ss_scratch *ss_bind_scratch(lua_State *L);
/* Read the value at index into scratch->in; raises, naming func and the path. */
SS_MAY_RAISE void ss_bind_scratch_read(lua_State *L, struct ss_scratch *scratch, int index,
                                       const char *func);
/* Push scratch->text; returns 1, or raises for a failure of the buffer. */
SS_MAY_RAISE int ss_bind_scratch_return(lua_State *L, struct ss_scratch *scratch, const char *func);
