/* Request paths: segments checked and percent-encoded (reliability.md 2, K10). */
#pragma once

#include "base/buf.h"
#include "kube/discovery.h"

/* 0 or SS_ERR_INVAL: empty, over 253 bytes, "." or "..", or holding '/', '%', white space
 * or control characters. what is "name", "namespace" … */
int ss_path_check(const char *what, const char *s, struct ss_err *err);
/* "/api/v1/namespaces/demo/pods", "/apis/agents.x-k8s.io/v1beta1/sandboxes" (namespace_ NULL). */
void ss_path_collection(struct ss_buf *out, const struct ss_kind *kind, const char *namespace_);
/* … and "/name", "/name/subresource" (subresource may be NULL). */
void ss_path_object(struct ss_buf *out, const struct ss_kind *kind, const char *namespace_,
                    const char *name, const char *subresource);
/* "?key=value" or "&key=value", value encoded; nothing when value is NULL. */
void ss_path_query(struct ss_buf *out, const char *key, const char *value);
void ss_path_query_int(struct ss_buf *out, const char *key, int64_t value);
/* ",field=value" (without the comma at the start of a selector), value escaped as fields.EscapeValue
 * does, so that a name cannot add a term of its own. */
void ss_path_field(struct ss_buf *out, const char *field, const char *value);
