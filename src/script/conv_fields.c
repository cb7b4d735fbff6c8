#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "script/conv_priv.h"

/* Members that are a list wherever they stand in the API of Kubernetes and of
 * agent-sandbox. Names with both forms are left out (resources: an object in a
 * container, a list in a Role; limits; requiredDuringSchedulingIgnoredDuringExecution).
 * Sorted bytewise. */
static const char *const list_fields[] = {
        "accessModes",
        "add",
        "additionalPrinterColumns",
        "addresses",
        "allowedTopologies",
        "apiGroups",
        "args",
        "categories",
        "claims",
        "clusterIPs",
        "clusterRoleSelectors",
        "command",
        "conditions",
        "containerStatuses",
        "containers",
        "drop",
        "egress",
        "endpoints",
        "env",
        "envFrom",
        "ephemeralContainerStatuses",
        "ephemeralContainers",
        "except",
        "externalIPs",
        "finalizers",
        "from",
        "hostAliases",
        "hostIPs",
        "hostnames",
        "httpHeaders",
        "imagePullSecrets",
        "images",
        "ingress",
        "initContainerStatuses",
        "initContainers",
        "ipFamilies",
        "items",
        "loadBalancerSourceRanges",
        "managedFields",
        "matchConditions",
        "matchExpressions",
        "matchFields",
        "matchLabelKeys",
        "mismatchLabelKeys",
        "mountOptions",
        "nameservers",
        "nodeSelectorTerms",
        "nonResourceURLs",
        "notReadyAddresses",
        "ownerReferences",
        "podIPs",
        "policyTypes",
        "ports",
        "preferredDuringSchedulingIgnoredDuringExecution",
        "readinessGates",
        "resourceClaims",
        "resourceNames",
        "rules",
        "schedulingGates",
        "scopes",
        "searches",
        "secrets",
        "shortNames",
        "sources",
        "subjects",
        "subsets",
        "supplementalGroups",
        "sysctls",
        "taints",
        "to",
        "tolerations",
        "topologySpreadConstraints",
        "validations",
        "values",
        "verbs",
        "versions",
        "volumeClaimTemplates",
        "volumeDevices",
        "volumeMounts",
        "volumes",
        "webhooks",
};

static int compare(const void *key, const void *member)
{
	return strcmp(key, *(const char *const *)member);
}

int ss_conv_is_list_field(const char *name, size_t len)
{
	return strlen(name) == len && bsearch(name, list_fields, SS_ARRAY_LEN(list_fields),
	                                      sizeof(*list_fields), compare) != NULL;
}
