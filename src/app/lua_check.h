/* What Lua does of `check` (lua/ss/script_check.lua, manifest_check.lua), in a state that scripts run in. */
#pragma once

#include <stddef.h>

struct ss_app;
struct ss_buf;
struct ss_doc;
struct ss_err;
struct ss_findings;
struct ss_host;

struct ss_lua_check {
	struct ss_app *app;
	struct ss_findings *findings;
	struct ss_host *host; /* made for the first file */
};

/* A script more. Specs are left out: they make mistakes on purpose. */
int ss_lua_check_script(struct ss_lua_check *check, const char *file, const struct ss_buf *text,
                        struct ss_err *err);
/* What is wrong with the scripts, now that all are known. */
int ss_lua_check_scripts(struct ss_lua_check *check, struct ss_err *err);
/* A file of manifests begins. */
int ss_lua_check_file(struct ss_lua_check *check, const struct ss_buf *text, struct ss_err *err);
/* The fields of a document of it, which begins at this line. Findings of it from n_before on get the line
 * of their field. */
int ss_lua_check_manifest(struct ss_lua_check *check, const char *file, int line,
                          const struct ss_doc *doc, size_t n_before, struct ss_err *err);
void ss_lua_check_done(struct ss_lua_check *check);
