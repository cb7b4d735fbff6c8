/* The one table of served kinds. Adding a kind is adding a row (and its schema). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "embed/schema.h"

/* Rows of the table; the numbers are stored in database files: never renumber. */
enum ss_kind_id {
	SS_KIND_NAMESPACE,
	SS_KIND_SERVICE_ACCOUNT,
	SS_KIND_SECRET,
	SS_KIND_CONFIG_MAP,
	SS_KIND_POD,
	SS_KIND_EVENT,
	SS_KIND_RESOURCE_QUOTA,
	SS_KIND_LIMIT_RANGE,
	SS_KIND_ROLE,
	SS_KIND_ROLE_BINDING,
	SS_KIND_NETWORK_POLICY,
	SS_KIND_JOB,
	SS_KIND_SANDBOX,
	SS_KINDS,
};

/* How metadata.name is checked. */
enum ss_name_rule {
	SS_NAME_SUBDOMAIN, /* RFC 1123 subdomain, at most 253 bytes */
	SS_NAME_LABEL,     /* RFC 1123 label, at most 63 */
	SS_NAME_SEGMENT,   /* anything that is a path segment (RBAC) */
};

struct ss_kind {
	enum ss_kind_id id;
	const char *group; /* "" for core */
	const char *version;
	const char *kind, *plural, *singular;
	const char *short_names[3]; /* NULL-terminated */
	const char *category;       /* "all", or NULL */
	const struct ss_schema *schema;
	enum ss_name_rule name_rule;
	bool namespaced;
	bool status;     /* has the /status subresource */
	bool generation; /* metadata.generation is kept */
	bool custom;     /* comes from a CRD: its errors and lists are worded as those do */
};

const struct ss_kind *ss_kind(enum ss_kind_id id);
const struct ss_kind *ss_kind_by_plural(const char *group, const char *version, const char *plural);
/* "v1", "agents.x-k8s.io/v1beta1". Static text. */
const char *ss_kind_api_version(const struct ss_kind *kind);
/* "configmaps", "sandboxes.agents.x-k8s.io": how messages name the resource. Static text. */
const char *ss_kind_resource(const struct ss_kind *kind);
/* "ConfigMap", "Sandbox.agents.x-k8s.io": how validation messages name the kind. Static text. */
const char *ss_kind_qualified(const struct ss_kind *kind);
