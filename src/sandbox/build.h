/* The manifest builder: options -> agent-sandbox Sandbox document.
 * Pure: no I/O, no clock, no Lua. Equal inputs give equal bytes: keys come out
 * in the order of design.md section 1, free maps (labels, annotations, env,
 * nodeSelector, resources) sorted by key in byte order. It checks syntax, not
 * policy: what passes here may still be refused by the guard.
 *
 * Where the opt-in fields stand in that order:
 *   metadata             … labels, annotations
 *   container            … envFrom, env (HOME first, so that others may say $(HOME)),
 *                        securityContext …
 *   resources            ephemeral-storage in its sorted place, in requests and limits
 *   podTemplate.spec     … volumes, nodeSelector, tolerations, nodeName,
 *                        activeDeadlineSeconds, hostUsers, enableServiceLinks
 *   spec                 podTemplate, shutdownTime, shutdownPolicy
 * An empty map or list given for an opt-in field writes nothing, and neither
 * does an empty runtimeClassName. Absent labels count as {}. An empty object is
 * taken for an empty list: a Lua table cannot tell them apart.
 *
 * sandboxName is held to the RFC 1123 label rule (63 characters): agent-sandbox
 * gives the name to the Pod, its host name and the headless Service. */
#pragma once

#include "base/doc.h"

struct ss_err;

/* input/node: the object of design.md section 1 ("The manifest"), JSON null
 * counts as absent. Writes one value to out; nothing when it fails. No
 * allocation but out's own while no map has more than 32 members.
 * SS_ERR_INVAL: unknown field (with a suggestion), missing or mistyped field,
 * malformed name, label, quantity, time; message is that of the first problem,
 * starting with the field's path ("resources.limits.cpu: …"; an unknown field
 * at the top: "unknown field 'x': …"), with "(and N more)", and details holds
 * [{path, message}] of every problem (the first SS_BUILD_MAX_PROBLEMS). */
int ss_build_sandbox(const struct ss_doc *input, ss_node node, struct ss_doc *out,
                     struct ss_err *err);

/* Where each value of a manifest comes from. marks is a document of the shape of input, with a
 * string of the caller's in the place of every leaf (not null): out becomes the manifest with the
 * mark wherever ss_build_sandbox writes that leaf, and its own values elsewhere. Written by the same
 * code; errors as ss_build_sandbox's for input. */
int ss_build_marked(const struct ss_doc *input, ss_node node, const struct ss_doc *marks,
                    ss_node marks_node, struct ss_doc *out, struct ss_err *err);

enum { SS_BUILD_MAX_PROBLEMS = 100 };

/* One row per input field, for completion, `--set` typing and help. */
enum ss_field_kind {
	SS_FIELD_STRING,
	SS_FIELD_INT,
	SS_FIELD_BOOL,
	SS_FIELD_STRING_MAP, /* name -> string */
	SS_FIELD_STRING_LIST,
	SS_FIELD_QUANTITY,
	SS_FIELD_RESOURCES,   /* {requests={cpu,memory}, limits={cpu,memory}} */
	SS_FIELD_TOLERATIONS, /* as in PodSpec */
	SS_FIELD_VOLUMES,     /* workspace, home, cache, tmp -> quantity */
};
struct ss_build_field {
	const char *name;
	enum ss_field_kind kind;
	bool required;
	const char *help; /* one line */
	const char
	        *fallback; /* what the builder writes without it; NULL = nothing, or no one word */
};
#define SS_BUILD_API_VERSION "agents.x-k8s.io/v1alpha1"
const struct ss_build_field *ss_build_fields(size_t *ret_count);
