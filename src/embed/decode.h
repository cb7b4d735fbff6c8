/* Request bodies: parsed, held against the schema, stripped of what it does
 * not know. The wording of the failures is the API server's. */
#pragma once

#include "embed/ctx.h"

enum ss_decode_mode {
	SS_DECODE_OBJECT, /* create, update, the result of a patch */
	SS_DECODE_APPLY,  /* an applied configuration: strict */
};

/* JSON, or YAML when yaml is set. 400 when it is neither. */
int ss_decode_parse(struct ss_ctx *ctx, const struct ss_kind *kind, const char *body, size_t len,
                    bool yaml, struct ss_value *ret);
/* Hold a value against the kind's schema and drop unknown fields and nulls; keys with a
 * default (a port's protocol) are filled in. Unknown fields of an object are a warning each,
 * or a failure with strict. */
int ss_decode_object(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value in,
                     enum ss_decode_mode mode, bool strict, struct ss_value *ret);
/* Causes for the required fields that are missing below spec and the other parts that a
 * client writes. */
void ss_check_required(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value object);
