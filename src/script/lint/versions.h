/* API versions that manifests should not name any more: deprecated, or removed
 * from the servers of today. */
#pragma once

#include <lua.h>

struct ss_err;
struct ss_findings;

/* What to write instead of api_version for an object of this kind; NULL when it is fine (or NULL). */
const char *ss_lint_version(const char *api_version, const char *kind);
/* Report those that the code of a chunk (on top of L's stack) writes into a table as a literal:
 * {apiVersion = "…", kind = "…"}, input.apiVersion = "…". Never raises. SS_ERR_INVAL when the code has
 * another format than this Lua's, SS_ERR_NOMEM. */
int ss_lint_versions(lua_State *L, const char *file, struct ss_findings *findings,
                     struct ss_err *err);
