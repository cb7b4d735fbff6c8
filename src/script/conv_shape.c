/* Which fields of the built-in kinds are lists, by their path: what a script means by a {} that it
 * wrote. A custom resource has none: there a {} is an object, whatever its field is called. */
#include <string.h>

#include "base/attr.h"
#include "script/conv_priv.h"

struct ss_conv_field {
	const char *name;
	bool list;
	const struct ss_conv_field
	        *type; /* of the value, or of an element; NULL = nothing inside */
};

#define LIST(name)                                                                                 \
	{                                                                                          \
		name, true, NULL                                                                   \
	}
#define LIST_OF(name, type)                                                                        \
	{                                                                                          \
		name, true, type                                                                   \
	}
#define ONE(name, type)                                                                            \
	{                                                                                          \
		name, false, type                                                                  \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, false, NULL                                                                  \
	}

typedef const struct ss_conv_field type[];

static type terms = {LIST("values"), END};
static type selector = {LIST_OF("matchExpressions", terms), END};
static type meta = {LIST("finalizers"), LIST("ownerReferences"), LIST("managedFields"), END};

/* --- pods ---------------------------------------------------------------------------------------- */
static type exec = {LIST("command"), END};
static type http_get = {LIST("httpHeaders"), END};
static type handler = {ONE("exec", exec), ONE("httpGet", http_get), END};
static type lifecycle = {ONE("postStart", handler), ONE("preStop", handler), END};
static type capabilities = {LIST("add"), LIST("drop"), END};
static type container_context = {ONE("capabilities", capabilities), END};
static type container_resources = {LIST("claims"), END};
static type container = {LIST("args"),
                         LIST("command"),
                         LIST("env"),
                         LIST("envFrom"),
                         LIST("ports"),
                         LIST("resizePolicy"),
                         LIST("restartPolicyRules"),
                         LIST("volumeDevices"),
                         LIST("volumeMounts"),
                         ONE("lifecycle", lifecycle),
                         ONE("livenessProbe", handler),
                         ONE("readinessProbe", handler),
                         ONE("startupProbe", handler),
                         ONE("resources", container_resources),
                         ONE("securityContext", container_context),
                         END};
static type items = {LIST("items"), END};
static type projection = {ONE("configMap", items), ONE("secret", items), ONE("downwardAPI", items),
                          END};
static type projected = {LIST_OF("sources", projection), END};
static type claim_spec = {LIST("accessModes"), ONE("selector", selector), END};
static type claim = {ONE("metadata", meta), ONE("spec", claim_spec), END};
static type ephemeral = {ONE("volumeClaimTemplate", claim), END};
static type monitors = {LIST("monitors"), END};
static type volume = {ONE("configMap", items),     ONE("secret", items),
                      ONE("downwardAPI", items),   ONE("projected", projected),
                      ONE("ephemeral", ephemeral), ONE("cephfs", monitors),
                      ONE("rbd", monitors),        END};
static type node_term = {LIST_OF("matchExpressions", terms), LIST_OF("matchFields", terms), END};
static type node_selector = {LIST_OF("nodeSelectorTerms", node_term), END};
static type node_preferred = {ONE("preference", node_term), END};
static type node_affinity = {
        ONE("requiredDuringSchedulingIgnoredDuringExecution", node_selector),
        LIST_OF("preferredDuringSchedulingIgnoredDuringExecution", node_preferred), END};
static type pod_term = {
        ONE("labelSelector", selector), ONE("namespaceSelector", selector), LIST("namespaces"),
        LIST("matchLabelKeys"),         LIST("mismatchLabelKeys"),          END};
static type pod_preferred = {ONE("podAffinityTerm", pod_term), END};
static type pod_affinity = {
        LIST_OF("requiredDuringSchedulingIgnoredDuringExecution", pod_term),
        LIST_OF("preferredDuringSchedulingIgnoredDuringExecution", pod_preferred), END};
static type affinity = {ONE("nodeAffinity", node_affinity), ONE("podAffinity", pod_affinity),
                        ONE("podAntiAffinity", pod_affinity), END};
static type pod_context = {LIST("supplementalGroups"), LIST("sysctls"), END};
static type dns_config = {LIST("nameservers"), LIST("searches"), LIST("options"), END};
static type host_alias = {LIST("hostnames"), END};
static type spread = {ONE("labelSelector", selector), LIST("matchLabelKeys"), END};
static type pod_spec = {LIST_OF("containers", container),
                        LIST_OF("initContainers", container),
                        LIST_OF("ephemeralContainers", container),
                        LIST_OF("volumes", volume),
                        LIST("imagePullSecrets"),
                        LIST("tolerations"),
                        LIST("readinessGates"),
                        LIST("schedulingGates"),
                        LIST("resourceClaims"),
                        LIST_OF("hostAliases", host_alias),
                        LIST_OF("topologySpreadConstraints", spread),
                        ONE("affinity", affinity),
                        ONE("dnsConfig", dns_config),
                        ONE("securityContext", pod_context),
                        END};
static type pod = {ONE("metadata", meta), ONE("spec", pod_spec), END};

/* --- what makes pods ----------------------------------------------------------------------------- */
static type pod_template = {ONE("metadata", meta), ONE("template", pod), END};
static type workload_spec = {ONE("selector", selector), ONE("template", pod),
                             LIST_OF("volumeClaimTemplates", claim), END};
static type workload = {ONE("metadata", meta), ONE("spec", workload_spec), END};
static type on_exit_codes = {LIST("values"), END};
static type failure_rule = {ONE("onExitCodes", on_exit_codes), LIST("onPodConditions"), END};
static type failure_policy = {LIST_OF("rules", failure_rule), END};
static type job_spec = {ONE("selector", selector), ONE("template", pod),
                        ONE("podFailurePolicy", failure_policy), END};
static type job = {ONE("metadata", meta), ONE("spec", job_spec), END};
static type cron_job_spec = {ONE("jobTemplate", job), END};
static type cron_job = {ONE("metadata", meta), ONE("spec", cron_job_spec), END};
static type sandbox_spec = {ONE("podTemplate", pod), LIST_OF("volumeClaimTemplates", claim), END};
static type sandbox = {ONE("metadata", meta), ONE("spec", sandbox_spec), END};

/* --- the rest ------------------------------------------------------------------------------------ */
static type plain = {ONE("metadata", meta), END};
static type namespace_spec = {LIST("finalizers"), END};
static type namespace = {ONE("metadata", meta), ONE("spec", namespace_spec), END};
static type account = {ONE("metadata", meta), LIST("secrets"), LIST("imagePullSecrets"), END};
static type rule = {LIST("apiGroups"),     LIST("resources"),       LIST("verbs"),
                    LIST("resourceNames"), LIST("nonResourceURLs"), END};
static type aggregation = {LIST_OF("clusterRoleSelectors", selector), END};
static type role = {ONE("metadata", meta), LIST_OF("rules", rule),
                    ONE("aggregationRule", aggregation), END};
static type binding = {ONE("metadata", meta), LIST("subjects"), END};
static type ip_block = {LIST("except"), END};
static type peer = {ONE("podSelector", selector), ONE("namespaceSelector", selector),
                    ONE("ipBlock", ip_block), END};
static type ingress_rule = {LIST_OF("from", peer), LIST("ports"), END};
static type egress_rule = {LIST_OF("to", peer), LIST("ports"), END};
static type policy_spec = {ONE("podSelector", selector), LIST_OF("ingress", ingress_rule),
                           LIST_OF("egress", egress_rule), LIST("policyTypes"), END};
static type network_policy = {ONE("metadata", meta), ONE("spec", policy_spec), END};
static type quota_spec = {LIST("scopes"), ONE("scopeSelector", selector), END};
static type quota = {ONE("metadata", meta), ONE("spec", quota_spec), END};
static type range_spec = {LIST("limits"), END};
static type limit_range = {ONE("metadata", meta), ONE("spec", range_spec), END};
static type service_spec = {LIST("clusterIPs"), LIST("externalIPs"),
                            LIST("ipFamilies"), LIST("loadBalancerSourceRanges"),
                            LIST("ports"),      END};
static type service = {ONE("metadata", meta), ONE("spec", service_spec), END};
static type volume_spec = {LIST("accessModes"), LIST("mountOptions"), END};
static type persistent = {ONE("metadata", meta), ONE("spec", volume_spec), END};
static type budget_spec = {ONE("selector", selector), END};
static type budget = {ONE("metadata", meta), ONE("spec", budget_spec), END};
static type scaler_spec = {LIST("metrics"), END};
static type scaler = {ONE("metadata", meta), ONE("spec", scaler_spec), END};
static type backend_paths = {LIST("paths"), END};
static type host_rule = {ONE("http", backend_paths), END};
static type ingress_tls = {LIST("hosts"), END};
static type ingress_spec = {LIST_OF("rules", host_rule), LIST_OF("tls", ingress_tls), END};
static type ingress = {ONE("metadata", meta), ONE("spec", ingress_spec), END};

static const struct {
	const char *group, *kind;
	const struct ss_conv_field *type;
} kinds[] = {
        {"", "ConfigMap", plain},
        {"", "Event", plain},
        {"", "LimitRange", limit_range},
        {"", "Namespace", namespace},
        {"", "PersistentVolume", persistent},
        {"", "PersistentVolumeClaim", claim},
        {"", "Pod", pod},
        {"", "PodTemplate", pod_template},
        {"", "ReplicationController", workload},
        {"", "ResourceQuota", quota},
        {"", "Secret", plain},
        {"", "Service", service},
        {"", "ServiceAccount", account},
        {"agents.x-k8s.io", "Sandbox", sandbox},
        {"apps", "DaemonSet", workload},
        {"apps", "Deployment", workload},
        {"apps", "ReplicaSet", workload},
        {"apps", "StatefulSet", workload},
        {"autoscaling", "HorizontalPodAutoscaler", scaler},
        {"batch", "CronJob", cron_job},
        {"batch", "Job", job},
        {"networking.k8s.io", "Ingress", ingress},
        {"networking.k8s.io", "NetworkPolicy", network_policy},
        {"policy", "PodDisruptionBudget", budget},
        {"rbac.authorization.k8s.io", "ClusterRole", role},
        {"rbac.authorization.k8s.io", "ClusterRoleBinding", binding},
        {"rbac.authorization.k8s.io", "Role", role},
        {"rbac.authorization.k8s.io", "RoleBinding", binding},
};

const struct ss_conv_field *ss_conv_type(const char *api_version, const char *kind)
{
	const char *slash = api_version ? strchr(api_version, '/') : NULL;
	size_t len = slash ? (size_t)(slash - api_version) : 0;

	if (!kind)
		return NULL;
	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		if (!api_version ||
		    (strlen(kinds[i].group) == len && !memcmp(kinds[i].group, api_version, len)))
			return kinds[i].type;
	}
	/* Every other object has metadata all the same. */
	return plain;
}

const struct ss_conv_field *ss_conv_member(const struct ss_conv_field *of, const char *key,
                                           size_t len, bool *ret_list)
{
	for (; of && of->name; of++) {
		if (strlen(of->name) == len && !memcmp(of->name, key, len)) {
			*ret_list = of->list;
			return of->type;
		}
	}
	*ret_list = false;
	return NULL;
}
