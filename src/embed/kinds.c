#include "embed/kinds.h"

#include <string.h>

#include "base/attr.h"

static const struct ss_kind kinds[SS_KINDS] = {
        {.id = SS_KIND_NAMESPACE,
         .group = "",
         .version = "v1",
         .kind = "Namespace",
         .plural = "namespaces",
         .singular = "namespace",
         .short_names = {"ns"},
         .status = true,
         .schema = &ss_schema_namespace,
         .name_rule = SS_NAME_LABEL},
        {.id = SS_KIND_SERVICE_ACCOUNT,
         .group = "",
         .version = "v1",
         .kind = "ServiceAccount",
         .plural = "serviceaccounts",
         .singular = "serviceaccount",
         .short_names = {"sa"},
         .schema = &ss_schema_service_account,
         .namespaced = true},
        {.id = SS_KIND_SECRET,
         .group = "",
         .version = "v1",
         .kind = "Secret",
         .plural = "secrets",
         .singular = "secret",
         .schema = &ss_schema_secret,
         .namespaced = true},
        {.id = SS_KIND_CONFIG_MAP,
         .group = "",
         .version = "v1",
         .kind = "ConfigMap",
         .plural = "configmaps",
         .singular = "configmap",
         .short_names = {"cm"},
         .schema = &ss_schema_config_map,
         .namespaced = true},
        {.id = SS_KIND_POD,
         .group = "",
         .version = "v1",
         .kind = "Pod",
         .plural = "pods",
         .singular = "pod",
         .short_names = {"po"},
         .category = "all",
         .status = true,
         .generation = true,
         .schema = &ss_schema_pod,
         .namespaced = true},
        {.id = SS_KIND_EVENT,
         .group = "",
         .version = "v1",
         .kind = "Event",
         .plural = "events",
         .singular = "event",
         .short_names = {"ev"},
         .schema = &ss_schema_event,
         .namespaced = true},
        {.id = SS_KIND_RESOURCE_QUOTA,
         .group = "",
         .version = "v1",
         .kind = "ResourceQuota",
         .plural = "resourcequotas",
         .singular = "resourcequota",
         .short_names = {"quota"},
         .status = true,
         .schema = &ss_schema_quota,
         .namespaced = true},
        {.id = SS_KIND_LIMIT_RANGE,
         .group = "",
         .version = "v1",
         .kind = "LimitRange",
         .plural = "limitranges",
         .singular = "limitrange",
         .short_names = {"limits"},
         .schema = &ss_schema_limit_range,
         .namespaced = true},
        {.id = SS_KIND_ROLE,
         .group = "rbac.authorization.k8s.io",
         .version = "v1",
         .kind = "Role",
         .plural = "roles",
         .singular = "role",
         .schema = &ss_schema_role,
         .name_rule = SS_NAME_SEGMENT,
         .namespaced = true},
        {.id = SS_KIND_ROLE_BINDING,
         .group = "rbac.authorization.k8s.io",
         .version = "v1",
         .kind = "RoleBinding",
         .plural = "rolebindings",
         .singular = "rolebinding",
         .schema = &ss_schema_role_binding,
         .name_rule = SS_NAME_SEGMENT,
         .namespaced = true},
        {.id = SS_KIND_NETWORK_POLICY,
         .group = "networking.k8s.io",
         .version = "v1",
         .kind = "NetworkPolicy",
         .plural = "networkpolicies",
         .singular = "networkpolicy",
         .short_names = {"netpol"},
         .generation = true,
         .schema = &ss_schema_network_policy,
         .namespaced = true},
        {.id = SS_KIND_JOB,
         .group = "batch",
         .version = "v1",
         .kind = "Job",
         .plural = "jobs",
         .singular = "job",
         .category = "all",
         .status = true,
         .generation = true,
         .schema = &ss_schema_job,
         .namespaced = true},
        {.id = SS_KIND_SANDBOX,
         .group = "agents.x-k8s.io",
         .version = "v1beta1",
         .kind = "Sandbox",
         .plural = "sandboxes",
         .singular = "sandbox",
         .short_names = {"sandbox"},
         .status = true,
         .generation = true,
         .custom = true,
         .schema = &ss_schema_sandbox,
         .namespaced = true},
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
