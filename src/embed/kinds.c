#include "embed/kinds.h"

#include <string.h>

#include "base/attr.h"

/* What every kind says of itself. */
#define KIND(id_, group_, version_, kind_, plural_, singular_)                                     \
	.id = id_, .group = group_, .version = version_, .kind = kind_, .plural = plural_,         \
	.singular = singular_

static const struct ss_kind kinds[SS_KINDS] = {
        {KIND(SS_KIND_NAMESPACE, "", "v1", "Namespace", "namespaces", "namespace"),
         .short_names = {"ns"}, .status = true, .schema = &ss_schema_namespace,
         .name_rule = SS_NAME_LABEL},
        {KIND(SS_KIND_SERVICE_ACCOUNT, "", "v1", "ServiceAccount", "serviceaccounts",
              "serviceaccount"),
         .short_names = {"sa"}, .schema = &ss_schema_service_account, .namespaced = true},
        {KIND(SS_KIND_SECRET, "", "v1", "Secret", "secrets", "secret"), .schema = &ss_schema_secret,
         .namespaced = true},
        {KIND(SS_KIND_CONFIG_MAP, "", "v1", "ConfigMap", "configmaps", "configmap"),
         .short_names = {"cm"}, .schema = &ss_schema_config_map, .namespaced = true},
        {KIND(SS_KIND_POD, "", "v1", "Pod", "pods", "pod"), .short_names = {"po"},
         .category = "all", .status = true, .generation = true, .schema = &ss_schema_pod,
         .namespaced = true},
        {KIND(SS_KIND_EVENT, "", "v1", "Event", "events", "event"), .short_names = {"ev"},
         .schema = &ss_schema_event, .namespaced = true},
        {KIND(SS_KIND_RESOURCE_QUOTA, "", "v1", "ResourceQuota", "resourcequotas", "resourcequota"),
         .short_names = {"quota"}, .status = true, .schema = &ss_schema_quota, .namespaced = true},
        {KIND(SS_KIND_LIMIT_RANGE, "", "v1", "LimitRange", "limitranges", "limitrange"),
         .short_names = {"limits"}, .schema = &ss_schema_limit_range, .namespaced = true},
        {KIND(SS_KIND_ROLE, "rbac.authorization.k8s.io", "v1", "Role", "roles", "role"),
         .schema = &ss_schema_role, .name_rule = SS_NAME_SEGMENT, .namespaced = true},
        {KIND(SS_KIND_ROLE_BINDING, "rbac.authorization.k8s.io", "v1", "RoleBinding",
              "rolebindings", "rolebinding"),
         .schema = &ss_schema_role_binding, .name_rule = SS_NAME_SEGMENT, .namespaced = true},
        {KIND(SS_KIND_NETWORK_POLICY, "networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies",
              "networkpolicy"),
         .short_names = {"netpol"}, .generation = true, .schema = &ss_schema_network_policy,
         .namespaced = true},
        {KIND(SS_KIND_JOB, "batch", "v1", "Job", "jobs", "job"), .category = "all", .status = true,
         .generation = true, .schema = &ss_schema_job, .namespaced = true},
        {KIND(SS_KIND_SANDBOX, "agents.x-k8s.io", "v1beta1", "Sandbox", "sandboxes", "sandbox"),
         .short_names = {"sandbox"}, .status = true, .generation = true, .custom = true,
         .schema = &ss_schema_sandbox, .namespaced = true},
};

/* The joined names of kinds that have a group, spelled out so that they are constants. */
static const struct {
	const char *api_version, *resource, *qualified;
} names[SS_KINDS] = {
        [SS_KIND_ROLE] = {"rbac.authorization.k8s.io/v1", "roles.rbac.authorization.k8s.io",
                          "Role.rbac.authorization.k8s.io"},
        [SS_KIND_ROLE_BINDING] = {"rbac.authorization.k8s.io/v1",
                                  "rolebindings.rbac.authorization.k8s.io",
                                  "RoleBinding.rbac.authorization.k8s.io"},
        [SS_KIND_NETWORK_POLICY] = {"networking.k8s.io/v1", "networkpolicies.networking.k8s.io",
                                    "NetworkPolicy.networking.k8s.io"},
        [SS_KIND_JOB] = {"batch/v1", "jobs.batch", "Job.batch"},
        [SS_KIND_SANDBOX] = {"agents.x-k8s.io/v1beta1", "sandboxes.agents.x-k8s.io",
                             "Sandbox.agents.x-k8s.io"},
};

const struct ss_kind *ss_kind(enum ss_kind_id id)
{
	return id < SS_KINDS ? &kinds[id] : NULL;
}

const struct ss_kind *ss_kind_by_plural(const char *group, const char *version, const char *plural)
{
	for (size_t i = 0; i < SS_KINDS; i++)
		if (strcmp(kinds[i].group, group) == 0 && strcmp(kinds[i].version, version) == 0 &&
		    strcmp(kinds[i].plural, plural) == 0)
			return &kinds[i];
	return NULL;
}

const char *ss_kind_api_version(const struct ss_kind *kind)
{
	return *kind->group ? names[kind->id].api_version : kind->version;
}

const char *ss_kind_resource(const struct ss_kind *kind)
{
	return *kind->group ? names[kind->id].resource : kind->plural;
}

const char *ss_kind_qualified(const struct ss_kind *kind)
{
	return *kind->group ? names[kind->id].qualified : kind->kind;
}
