/* agent-sandbox objects in the version that the cluster serves (design.md "API
 * version"): v1alpha1 <-> v1beta1, where the spec means the same in both, by the
 * rules of agent-sandbox's own conversion (0.5.6, sandbox_conversion.go). */
#pragma once

#include "base/buf.h"
#include "base/doc.h"
#include "kube/discovery.h"

struct ss_err;

enum ss_mapping { SS_MAPPING_NONE, SS_MAPPING_TO_BETA, SS_MAPPING_TO_ALPHA };

/* What sending an object written for api_version (NULL = none said) as kind takes. */
enum ss_mapping ss_mapping_of(const struct ss_kind *kind, const char *api_version);
/* Can this spec (of an object or of a merge patch) be mapped? SS_ERR_INVAL names the field that cannot. */
int ss_mapping_check(enum ss_mapping mapping, const struct ss_kind *kind, const struct ss_doc *doc,
                     ss_node spec, struct ss_err *err);
/* The spec as JSON, mapped; ss_mapping_check has passed. */
void ss_mapping_encode(enum ss_mapping mapping, const struct ss_kind *kind,
                       const struct ss_doc *doc, ss_node spec, struct ss_buf *out);
/* A JSON patch (RFC 6902): operations below a field that differs are refused, those on
 * spec.replicas and spec.operatingMode themselves mapped. */
int ss_mapping_check_json_patch(enum ss_mapping mapping, const struct ss_kind *kind,
                                const struct ss_doc *doc, ss_node patch, struct ss_err *err);
void ss_mapping_encode_operation(enum ss_mapping mapping, const struct ss_kind *kind,
                                 const struct ss_doc *doc, ss_node operation, struct ss_buf *out);
