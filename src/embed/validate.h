/* What the API server checks beyond types. Problems become causes in the
 * context; ss_fail_invalid turns them into the 422.
 * Not checked, of all that a server checks: volume sources of clouds and storage systems,
 * valueFrom.fileKeyRef, ephemeral claims; that an exception of an ipBlock lies within it; which
 * resources there are, in quotas and ranges; a quota's scopeSelector and a Job's failure policies;
 * expressions in selectors beyond their operators; whatever a status holds. Quotas, ranges,
 * network policies, roles and Jobs are kept and do nothing: no controller runs here but that of
 * Sandboxes. */
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

/* Shapes of names; the text of the rule goes into messages. */
bool ss_is_label_name(const char *s);     /* RFC 1123 label */
bool ss_is_subdomain(const char *s);      /* RFC 1123 subdomain */
bool ss_is_qualified_name(const char *s); /* label keys: [prefix/]name */
bool ss_is_label_value(const char *s);
bool ss_is_port_name(const char *s); /* at most 15 of a-z, 0-9 and '-', at least one letter */
bool ss_is_env_name(const char *s);
bool ss_is_inner_path(const char *s); /* relative, and stays where it is */
bool ss_is_ip(const char *s);
bool ss_is_block(const char *s);   /* an IP address, a slash, and how many bits count */
bool ss_is_segment(const char *s); /* of a path */
extern const char ss_label_rule[], ss_subdomain_rule[], ss_value_rule[], ss_key_rule[],
        ss_segment_rule[];
