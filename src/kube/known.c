#include "kube/known.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"

#define CORE(kind, plural, shorts, ns)                                                             \
	{                                                                                          \
		"", "v1", "v1", kind, plural, shorts, ns                                           \
	}
#define IN(group, version, kind, plural, shorts, ns)                                               \
	{                                                                                          \
		group, version, group "/" version, kind, plural, shorts, ns                        \
	}
#define AGENTS     "agents.x-k8s.io"
#define EXTENSIONS "extensions.agents.x-k8s.io"
#define AGENT(group, kind, plural, shorts)                                                         \
	IN(group, "v1beta1", kind, plural, shorts, true),                                          \
	        IN(group, "v1alpha1", kind, plural, shorts, true)

static const struct ss_kind kinds[] = {
        CORE("Pod", "pods", "po", true),
        CORE("Secret", "secrets", "", true),
        CORE("ConfigMap", "configmaps", "cm", true),
        CORE("Namespace", "namespaces", "ns", false),
        CORE("ServiceAccount", "serviceaccounts", "sa", true),
        CORE("Service", "services", "svc", true),
        CORE("Endpoints", "endpoints", "ep", true),
        CORE("Event", "events", "ev", true),
        CORE("Node", "nodes", "no", false),
        CORE("PersistentVolume", "persistentvolumes", "pv", false),
        CORE("PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true),
        CORE("ResourceQuota", "resourcequotas", "quota", true),
        CORE("LimitRange", "limitranges", "limits", true),
        CORE("PodTemplate", "podtemplates", "", true),
        CORE("ReplicationController", "replicationcontrollers", "rc", true),
        AGENT(AGENTS, "Sandbox", "sandboxes", "sandbox"),
        AGENT(EXTENSIONS, "SandboxTemplate", "sandboxtemplates", "sandboxtemplate"),
        AGENT(EXTENSIONS, "SandboxWarmPool", "sandboxwarmpools", "sandboxwarmpool,swp"),
        AGENT(EXTENSIONS, "SandboxClaim", "sandboxclaims", "sandboxclaim"),
        IN("apps", "v1", "Deployment", "deployments", "deploy", true),
        IN("apps", "v1", "ReplicaSet", "replicasets", "rs", true),
        IN("apps", "v1", "StatefulSet", "statefulsets", "sts", true),
        IN("apps", "v1", "DaemonSet", "daemonsets", "ds", true),
        IN("batch", "v1", "Job", "jobs", "", true),
        IN("batch", "v1", "CronJob", "cronjobs", "cj", true),
        IN("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", true),
        IN("networking.k8s.io", "v1", "Ingress", "ingresses", "ing", true),
        IN("rbac.authorization.k8s.io", "v1", "Role", "roles", "", true),
        IN("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", true),
        IN("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", false),
        IN("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "",
           false),
        IN("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", true),
        IN("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", true),
        IN("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", false),
        IN("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", false),
        IN("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "", false),
        IN("coordination.k8s.io", "v1", "Lease", "leases", "", true),
        IN("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", true),
        IN("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions",
           "crd,crds", false),
};

bool ss_known_has_short(const char *shorts, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = shorts; *s; s += strcspn(s, ","), s += *s == ',')
		if (strcspn(s, ",") == len && !strncasecmp(s, word, len))
			return true;
	return false;
}

/* The singular of every kind is its name in lower case. */
static bool is_called(const struct ss_kind *kind, const char *name)
{
	return !strcasecmp(kind->kind, name) || !strcasecmp(kind->plural, name) ||
	       ss_known_has_short(kind->shorts, name);
}

const struct ss_kind *ss_known_find(const char *name, const char *group, const char *version)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++)
		if ((!group || !strcmp(kinds[i].group, group)) &&
		    (!version || !strcmp(kinds[i].version, version)) && is_called(&kinds[i], name))
			return &kinds[i];
	return NULL;
}

const struct ss_kind *ss_known_all(size_t *ret_count)
{
	*ret_count = SS_ARRAY_LEN(kinds);
	return kinds;
}

bool ss_known_is_agent_group(const char *group)
{
	return !strcmp(group, AGENTS) || !strcmp(group, EXTENSIONS);
}
