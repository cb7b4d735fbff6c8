/* YAML <-> document, over libyaml.
 * Reading follows what kubectl makes of a file (sigs.k8s.io/yaml over go-yaml v2;
 * tests/c/base/kubectl_reads.h holds a table taken from it): the words of YAML 1.1
 * are booleans, so yes, no, on, off, y and n are, in three spellings; 0x, 0o, 0b
 * and a leading 0 give a base; underscores are skipped; "12:30" and dates are
 * strings; a float with an integral value becomes an integer; keys that are
 * integers or booleans become their text. What is JSON in the stream is read as JSON, one
 * value after the other. A byte order mark is skipped wherever a document begins, and UTF-16
 * with one is read; a last line without its break reads as if it had one.
 * A decimal integer beyond 64 bits keeps its digits.
 * Errors where kubectl would change the value silently: such integers in another base,
 * infinities, bytes that are no text, duplicate keys, keys that are null or a
 * real number, and tags but !!str, !!int, !!float, !!bool, !!null, !!binary, !!map
 * and !!seq. Anchors and aliases are expanded within the limits below; merge keys
 * work (a mapping's own keys win, then the earlier source). Nesting is cut before
 * libyaml's quadratic cases bite.
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

/* All documents of a stream; empty ones ("---" twice) are skipped. Errors: SS_ERR_PARSE ("line 3,
 * column 7: ..."), SS_ERR_LIMIT, SS_ERR_NOMEM, and what fn returns. */
int ss_yaml_parse_all(const char *text, size_t len, ss_doc_fn fn, void *ud, struct ss_err *err);
/* Exactly one document; none is null, a second one is SS_ERR_PARSE. */
int ss_yaml_parse(const char *text, size_t len, struct ss_doc **ret, struct ss_err *err);
/* Append one document in block style, without "---". Lists are indented as kubectl prints them.
 * Nesting below SS_YAML_MAX_DEPTH is written, but not read back. */
int ss_yaml_encode(const struct ss_doc *doc, ss_node node, struct ss_buf *out, struct ss_err *err);
