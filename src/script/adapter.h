/* One adapter, one version: the file adapters/NAME.lua with the modules it
 * requires, evaluated and checked against the contract of design.md section 3.
 * A version never changes once it is loaded (only its Lua state is made anew after
 * a kill, from the same text), so several generations may share it by reference.
 * Not thread safe, but nothing is shared between versions: one may be loaded on
 * another thread than the one that serves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"

struct ss_adapter_version;
struct ss_err;

/* What is wrong with a file, for people. line 0 = the file as a whole. */
struct ss_finding {
	char *file;
	int line;
	char *path; /* of the field, or NULL */
	char *message;
};
struct ss_findings {
	struct ss_finding *list;
	size_t n;
	bool nomem;
};
void ss_findings_done(struct ss_findings *findings);
/* A finding with the file of a version's folder; path may be NULL. */
void ss_findings_add(struct ss_findings *findings, const char *file, int line, const char *path,
                     const char *fmt, ...) SS_PRINTF(5, 6);

/* Load DIR/rel ("adapters/claude_local.lua"). Everything that is wrong with it goes
 * to findings; *ret is set when there was nothing. 0 also when there are findings;
 * SS_ERR_NOMEM. */
int ss_adapter_load(const char *dir, const char *rel, struct ss_findings *findings,
                    struct ss_adapter_version **ret, struct ss_err *err);
struct ss_adapter_version *ss_adapter_ref(struct ss_adapter_version *v);
void ss_adapter_unref(struct ss_adapter_version *v); /* NULL is fine */

const char *ss_adapter_name(const struct ss_adapter_version *v);
const char *ss_adapter_file(const struct ss_adapter_version *v); /* DIR/adapters/NAME.lua */
/* Of the file's bytes; with modules, of the lines "SHA256  PATH\n" of all files, in byte
 * order of PATH: what `sha256sum adapters/NAME.lua lib/X.lua | sha256sum` prints. */
const char *ss_adapter_sha256(const struct ss_adapter_version *v);
/* The root of each: layer 1 (fields of the builder only), all declared fields, `allow` (SS_NO_NODE
 * when absent). */
const struct ss_doc *ss_adapter_fields(const struct ss_adapter_version *v);
const struct ss_doc *ss_adapter_declared(const struct ss_adapter_version *v);
bool ss_adapter_has_build(const struct ss_adapter_version *v);

/* The build hook: input -> out (a fresh document). SS_ERR_SCRIPT, SS_ERR_TIMEOUT,
 * SS_ERR_LIMIT, each with "DIR/file:line: …", SS_ERR_INVAL for a result that is no document. */
int ss_adapter_call_build(struct ss_adapter_version *v, int64_t generation,
                          const struct ss_doc *input, struct ss_doc *out, struct ss_err *err);
