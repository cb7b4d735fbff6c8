/* Label and field selectors. */
#pragma once

#include "embed/object.h"

enum ss_match_op {
	SS_MATCH_EQ,
	SS_MATCH_NE,
	SS_MATCH_IN,
	SS_MATCH_NOT_IN,
	SS_MATCH_EXISTS,
	SS_MATCH_ABSENT
};

struct ss_match {
	enum ss_match_op op;
	const char *key;
	const char *const *values; /* NULL-terminated */
	struct ss_match *next;
};

struct ss_selector {
	struct ss_match *labels, *fields;
	const char *name; /* set when the fields pin metadata.name */
	const char *ns;   /* … and metadata.namespace */
};

/* Either text may be NULL or "". Strings live in the pool. 400 when malformed or when the kind
 * has no such field. */
int ss_selector_parse(struct ss_ctx *ctx, const struct ss_kind *kind, const char *labels,
                      const char *fields, struct ss_selector *ret);
/* The objects that it picks cannot be told from their keys alone. */
bool ss_selector_needs_body(const struct ss_selector *s);
bool ss_selector_matches(const struct ss_selector *s, struct ss_value object);
