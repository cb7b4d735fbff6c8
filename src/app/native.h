/* The Lua module ss.native of the engine's own commands: what scripts have no need of. */
#pragma once

#include <lua.h>

struct ss_doc;

/* { stderr = fn(text), kind_rank = fn(kind), same = fn(a, b), fail = fn(code, message),
 *   suggest = fn(word, list), embedded = fn(), and what native_session.h names } */
int ss_native_open(lua_State *L);
/* The contexts that the configuration (NULL = none) protects, as a list. May raise. */
void ss_native_push_protected(lua_State *L, const struct ss_doc *config);
/* For ss_host_options.open, ud = the app's struct ss_bind_env: the modules of scripts, and ss.native
 * to require. May raise. */
void ss_native_open_all(lua_State *L, void *ud);
