/* Shared by yaml_parse.c, yaml_merge.c, yaml_scalar.c and yaml_encode.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/keyset.h"

/* What a plain scalar means. */
struct ss_yaml_scalar {
	enum ss_type type; /* SS_NULL, SS_BOOL, SS_INT, SS_REAL or SS_STRING (itself) */
	bool boolean;
	int64_t integer;
	double real;   /* may be infinite or NaN */
	bool fraction; /* written as a real, though the value may be an integer */
	bool too_big;  /* SS_INT: does not fit 64 bits */
};

struct ss_yaml_scalar ss_yaml_resolve(const char *s, size_t len);
/* Whether some reader of YAML 1.1 or 1.2 may take the plain text for anything but a string. */
bool ss_yaml_looks_typed(const char *s, size_t len);

/* Copy src to out with the members of NODE_MERGE keys moved into their objects. */
void ss_yaml_merge(struct ss_doc *out, const struct ss_doc *src, struct ss_keyset *keys);
