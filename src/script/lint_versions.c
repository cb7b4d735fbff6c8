#include "script/lint_versions.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"

/* agent-sandbox serves v1alpha1 up to 0.5 with a warning, 1.0 no more; the others are Kubernetes'
 * removals (kubernetes.io/docs/reference/using-api/deprecation-guide). */
static const struct {
	const char *version;
	const char *kind; /* NULL = every kind of it */
	const char *instead;
} replaced[] = {
        {"agents.x-k8s.io/v1alpha1", NULL, "agents.x-k8s.io/v1beta1"},
        {"extensions.agents.x-k8s.io/v1alpha1", NULL, "extensions.agents.x-k8s.io/v1beta1"},
        {"apps/v1beta1", NULL, "apps/v1"},
        {"apps/v1beta2", NULL, "apps/v1"},
        {"extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"},
        {"extensions/v1beta1", "Ingress", "networking.k8s.io/v1"},
        {"extensions/v1beta1", NULL, "apps/v1"},
        {"batch/v1beta1", "CronJob", "batch/v1"},
        {"policy/v1beta1", "PodDisruptionBudget", "policy/v1"},
        {"networking.k8s.io/v1beta1", "Ingress", "networking.k8s.io/v1"},
        {"networking.k8s.io/v1beta1", "IngressClass", "networking.k8s.io/v1"},
        {"rbac.authorization.k8s.io/v1alpha1", NULL, "rbac.authorization.k8s.io/v1"},
        {"rbac.authorization.k8s.io/v1beta1", NULL, "rbac.authorization.k8s.io/v1"},
        {"node.k8s.io/v1beta1", "RuntimeClass", "node.k8s.io/v1"},
        {"scheduling.k8s.io/v1beta1", "PriorityClass", "scheduling.k8s.io/v1"},
        {"apiextensions.k8s.io/v1beta1", NULL, "apiextensions.k8s.io/v1"},
        {"autoscaling/v2beta1", NULL, "autoscaling/v2"},
        {"autoscaling/v2beta2", NULL, "autoscaling/v2"},
};

const char *ss_lint_version(const char *api_version, const char *kind)
{
	for (size_t i = 0; api_version && i < SS_ARRAY_LEN(replaced); i++) {
		if (strcmp(replaced[i].version, api_version) == 0 &&
		    (!replaced[i].kind || (kind && strcmp(replaced[i].kind, kind) == 0)))
			return replaced[i].instead;
	}
	return NULL;
}
