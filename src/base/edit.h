/* Edits of documents. A document is append-only, so an edit writes a changed
 * copy of a subtree to another document: `out` must be positioned where a value
 * may be written (fresh, or after a key). Failures stick to out. */
#pragma once

#include "base/doc.h"

/* Copy src/node, with the member at path (array of n keys, objects created as
 * needed) replaced by value_doc/value; value == SS_NO_NODE removes it. */
void ss_edit_set(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                 const char *const *path, size_t n, const struct ss_doc *value_doc, ss_node value);
/* As ss_edit_set, with a string. */
void ss_edit_set_string(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                        const char *const *path, size_t n, const char *value);
/* RFC 7386 JSON merge patch of patch onto target (target SS_NO_NODE = {}). */
void ss_edit_merge(struct ss_doc *out, const struct ss_doc *target, ss_node target_node,
                   const struct ss_doc *patch, ss_node patch_node);
/* RFC 6902 JSON patch. 0 and a new document in *ret, or SS_ERR_INVAL naming the operation's index. */
int ss_edit_json_patch(const struct ss_doc *target, ss_node target_node, const struct ss_doc *patch,
                       ss_node patch_node, struct ss_doc **ret, struct ss_err *err);
/* Copy in the form that scripts write, at every depth: members in byte order of their keys,
 * integral reals as integers (ss_doc_number). */
void ss_edit_canonical(struct ss_doc *out, const struct ss_doc *src, ss_node node);
/* A new document with a copy of one subtree; NULL when out of memory. */
struct ss_doc *ss_doc_dup(const struct ss_doc *src, ss_node node);
