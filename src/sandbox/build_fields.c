#include "base/attr.h"
#include "sandbox/build.h"
#include "sandbox/build_priv.h"

static const struct ss_build_field fields[] = {
        [B_NAMESPACE] = {"namespace", SS_FIELD_STRING, true, "namespace of the Sandbox", NULL},
        [B_SANDBOX_NAME] = {"sandboxName", SS_FIELD_STRING, true,
                            "name of the Sandbox and of its pod", NULL},
        [B_ADAPTER_TYPE] = {"adapterType", SS_FIELD_STRING, true,
                            "kind of agent, such as claude_local or codex_local", NULL},
        [B_IMAGE] = {"image", SS_FIELD_STRING, true, "container image of the agent", NULL},
        [B_ENV_SECRET_NAME] = {"envSecretName", SS_FIELD_STRING, true,
                               "Secret whose keys become environment variables", NULL},
        [B_SERVICE_ACCOUNT_NAME] = {"serviceAccountName", SS_FIELD_STRING, true,
                                    "service account of the pod (its token is not mounted)", NULL},
        [B_LABELS] = {"labels", SS_FIELD_STRING_MAP, false, "labels of the Sandbox and its pod",
                      NULL},
        [B_RESOURCES] = {"resources", SS_FIELD_RESOURCES, false,
                         "cpu and memory; requests and limits are each replaced as a whole", NULL},
        [B_RUNTIME_CLASS_NAME] = {"runtimeClassName", SS_FIELD_STRING, false,
                                  "RuntimeClass, such as gvisor or kata", NULL},
        [B_IMAGE_PULL_SECRETS] = {"imagePullSecrets", SS_FIELD_STRING_LIST, false,
                                  "names of Secrets to pull the image with", NULL},
        [B_API_VERSION] = {"apiVersion", SS_FIELD_STRING, false,
                           "agents.x-k8s.io/v1beta1 or agents.x-k8s.io/v1alpha1",
                           SS_BUILD_API_VERSION},
        [B_ANNOTATIONS] = {"annotations", SS_FIELD_STRING_MAP, false, "annotations of the Sandbox",
                           NULL},
        [B_ENV] = {"env", SS_FIELD_STRING_MAP, false,
                   "environment variables (no secrets: they are readable in the object)", NULL},
        [B_HOME] = {"home", SS_FIELD_STRING, false, "value of HOME, an absolute path", NULL},
        [B_VOLUMES] = {"volumes", SS_FIELD_VOLUMES, false,
                       "size limits of workspace, home, cache and tmp", NULL},
        [B_NODE_SELECTOR] = {"nodeSelector", SS_FIELD_STRING_MAP, false,
                             "labels that the node must have", NULL},
        [B_TOLERATIONS] = {"tolerations", SS_FIELD_TOLERATIONS, false,
                           "taints that the pod tolerates, as in PodSpec", NULL},
        [B_NODE_NAME] = {"nodeName", SS_FIELD_STRING, false, "node to run on, past the scheduler",
                         NULL},
        [B_SHUTDOWN_TIME] = {"shutdownTime", SS_FIELD_STRING, false,
                             "when the Sandbox expires, RFC 3339", NULL},
        [B_SHUTDOWN_POLICY] = {"shutdownPolicy", SS_FIELD_STRING, false,
                               "what happens to the Sandbox then: Retain or Delete", NULL},
        [B_ACTIVE_DEADLINE_SECONDS] = {"activeDeadlineSeconds", SS_FIELD_INT, false,
                                       "seconds after which the pod is ended", NULL},
        [B_HOST_USERS] = {"hostUsers", SS_FIELD_BOOL, false,
                          "false runs the pod in a user namespace", NULL},
        [B_ENABLE_SERVICE_LINKS] = {"enableServiceLinks", SS_FIELD_BOOL, false,
                                    "false keeps the namespace's Services out of the environment",
                                    NULL},
        [B_EPHEMERAL_STORAGE] = {"ephemeralStorage", SS_FIELD_QUANTITY, false,
                                 "request and limit of ephemeral storage", NULL},
};
_Static_assert(SS_ARRAY_LEN(fields) == B_COUNT, "one row per field");

const struct ss_build_field *ss_build_fields(size_t *ret_count)
{
	*ret_count = B_COUNT;
	return fields;
}

enum build_id build_field_id(const char *name, size_t len)
{
	for (enum build_id id = 0; id < B_COUNT; id++) {
		const char *known = fields[id].name;

		if (known[0] == name[0] && strncmp(known, name, len) == 0 && !known[len])
			return id;
	}
	return B_NONE;
}

const char *build_field_name(enum build_id id)
{
	return fields[id].name;
}
