/* What the API server checks beyond types. Problems become causes in the
 * context; ss_fail_invalid turns them into the 422. */
#pragma once

#include "embed/object.h"

/* Name, labels, annotations, owners, finalizers. */
void ss_validate_meta(struct ss_ctx *ctx, const struct ss_kind *kind, const struct ss_meta *meta);
/* Body of a new object, or of a changed one when old is not NULL. */
void ss_validate_object(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value object,
                        const struct ss_object *old);
/* A Pod's spec; path is "spec". */
void ss_validate_pod_spec(struct ss_ctx *ctx, struct ss_value spec, const char *path);
/* What a quantity that the schema took is worth; 0 for none. Exact enough to compare. */
double ss_amount(struct ss_value value);
/* One of a NULL-terminated list of words, else a cause. An absent value is fine. */
void ss_validate_word(struct ss_ctx *ctx, struct ss_value object, const char *key, const char *path,
                      const char *const *words);

/* Shapes of names; the text of the rule goes into messages. */
bool ss_is_label_name(const char *s);     /* RFC 1123 label */
bool ss_is_subdomain(const char *s);      /* RFC 1123 subdomain */
bool ss_is_qualified_name(const char *s); /* label keys: [prefix/]name */
bool ss_is_label_value(const char *s);
extern const char ss_label_rule[], ss_subdomain_rule[], ss_value_rule[], ss_key_rule[];
