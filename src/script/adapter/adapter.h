/* One adapter, one version: the file adapters/NAME.lua with the modules it
 * requires, evaluated and checked against the contract of design.md section 3. An
 * overlay local.d/NAME.lua is a version of another kind: declared fields only.
 * A version never changes once it is loaded (only its Lua state is made anew after
 * a kill, from the same text), so several generations may share it by reference.
 * Its state is used by one thread at a time; all else of it may be read, and
 * references be taken and dropped, by any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "script/findings.h"

struct ss_adapter_version;
struct ss_err;
struct ss_source_list;
struct ss_sources;

/* Load DIR/rel ("adapters/claude_local.lua"; below local.d/ an overlay). Everything
 * that is wrong with it goes to findings; *ret is set when there was nothing. 0 also
 * when there are findings; SS_ERR_NOMEM. */
int ss_adapter_load(const char *dir, const char *rel, struct ss_findings *findings,
                    struct ss_adapter_version **ret, struct ss_err *err);
/* The same from the texts of a set. What was looked at is added to seen (may be NULL). */
int ss_adapter_load_from(struct ss_sources *set, const char *rel, struct ss_findings *findings,
                         struct ss_source_list *seen, struct ss_adapter_version **ret,
                         struct ss_err *err);
struct ss_adapter_version *ss_adapter_ref(struct ss_adapter_version *v);
void ss_adapter_unref(struct ss_adapter_version *v); /* NULL is fine */
/* The same version with a Lua state of its own, for another thread. NULL when out of memory. */
struct ss_adapter_version *ss_adapter_clone(struct ss_adapter_version *v);
/* Free its Lua state; the next call makes one again. */
void ss_adapter_rest(struct ss_adapter_version *v);

const char *ss_adapter_name(const struct ss_adapter_version *v); /* of an overlay: its file's */
const char *ss_adapter_file(const struct ss_adapter_version *v); /* DIR/adapters/NAME.lua */
const char *ss_adapter_rel(const struct ss_adapter_version *v);  /* adapters/NAME.lua */
/* An overlay: local.d/NAME.lua; it has no build hook. */
bool ss_adapter_is_overlay(const struct ss_adapter_version *v);
const char *ss_overlay_adapter(const struct ss_adapter_version *v); /* a name, or "*" */
const char *ss_overlay_tenant(const struct ss_adapter_version *v);  /* NULL = every tenant */
/* Is it an overlay of this adapter for this tenant (NULL = none)? */
bool ss_overlay_applies(const struct ss_adapter_version *v, const char *adapter,
                        const char *tenant);
/* Where a declared field ("resources.limits.cpu", "allow.image[1]") is written: the line of its value's
 * start or of the nearest key around it that the text shows; a value made elsewhere names the
 * line of the key it is given to. *ret_file is the file, borrowed. 0 = unknown. */
int ss_adapter_field_line(const struct ss_adapter_version *v, const char *path,
                          const char **ret_file);
/* The i-th file it was made from, its own first; NULL behind the last. Borrowed. */
struct ss_source *ss_adapter_source(const struct ss_adapter_version *v, size_t i);
/* Of the file's bytes; with modules, of the lines "SHA256  PATH\n" of all files, in byte
 * order of PATH: what `sha256sum adapters/NAME.lua lib/X.lua | sha256sum` prints. */
const char *ss_adapter_sha256(const struct ss_adapter_version *v);
/* The root of each: the fields of the builder only (layer 1, or 2), and all declared fields; of an
 * overlay with its `adapter` and `tenant`. */
const struct ss_doc *ss_adapter_fields(const struct ss_adapter_version *v);
const struct ss_doc *ss_adapter_declared(const struct ss_adapter_version *v);
bool ss_adapter_has_build(const struct ss_adapter_version *v);

/* What a hook's second argument holds beside `adapter` and `file`. */
struct ss_adapter_context {
	int64_t generation;
	const char *tenant; /* NULL = none */
};
/* The build hook: input -> out (a fresh document). SS_ERR_SCRIPT, SS_ERR_TIMEOUT,
 * SS_ERR_LIMIT, each with "DIR/file:line: …", SS_ERR_INVAL for a result that is no document. */
int ss_adapter_call_hook(struct ss_adapter_version *v, const struct ss_adapter_context *context,
                         const struct ss_doc *input, struct ss_doc *out, struct ss_err *err);
