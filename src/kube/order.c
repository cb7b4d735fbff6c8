#include "kube/order.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"

int ss_kube_order_rank(const char *kind)
{
	static const char *const order[] = {
	        "CustomResourceDefinition",
	        "Namespace",
	        "ResourceQuota",
	        "LimitRange",
	        "ServiceAccount",
	        "Secret",
	        "ConfigMap",
	        "Role",
	        "ClusterRole",
	        "RoleBinding",
	        "ClusterRoleBinding",
	        "NetworkPolicy",
	        "Service",
	        "PersistentVolumeClaim",
	        "RuntimeClass",
	};

	for (size_t i = 0; kind && i < SS_ARRAY_LEN(order); i++)
		if (strcmp(kind, order[i]) == 0)
			return (int)i;
	return (int)SS_ARRAY_LEN(order);
}
