/* YAML <-> document, over libyaml.
 * Reading follows what kubectl accepts (sigs.k8s.io/yaml: YAML 1.1 scalars as
 * JSON values): yes/no/on/off are not booleans in Kubernetes' decoder since
 * go-yaml v3 semantics, true/false are; 0x/0o and underscores per YAML 1.2 core
 * plus 1.1 octal. Anchors and aliases are expanded within limits, merge keys
 * work, duplicate keys and custom tags are errors. Nesting is cut at 64 before
 * libyaml's quadratic cases can bite (reliability.md fact 4).
 * Writing quotes every string that any YAML 1.1 or 1.2 reader would take for
 * something else. */
#pragma once

#include "base/buf.h"
#include "base/doc.h"

enum {
	SS_YAML_MAX_DEPTH = 64,
	SS_YAML_MAX_ALIASES = 100,
	SS_YAML_MAX_DOCUMENTS = 10000,
	SS_YAML_MAX_EXPANDED = 100000, /* nodes that aliases may add */
};

/* Called once per document; return 0 to go on, else that code is returned. The callee owns doc. */
typedef int (*ss_yaml_doc_fn)(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err);
/* All documents of a stream; empty ones ("---" twice) are skipped. SS_ERR_PARSE names line and column. */
int ss_yaml_parse_all(const char *text, size_t len, ss_yaml_doc_fn fn, void *ud,
                      struct ss_err *err);
/* Exactly one document; none is null. */
int ss_yaml_parse(const char *text, size_t len, struct ss_doc **ret, struct ss_err *err);
/* Append one document in block style, without "---". Lists are indented as kubectl prints them. */
int ss_yaml_encode(const struct ss_doc *doc, ss_node node, struct ss_buf *out, struct ss_err *err);
