/* The agent profile: P01 … P19, on the builder's own Sandbox. */
#include "support.h"

#define T        "/spec/podTemplate"
#define S        T "/spec"
#define A0       S "/containers/0"
#define TEMPLATE "spec.podTemplate"
#define SPEC     TEMPLATE ".spec"
#define AGENT    SPEC ".containers[0]"

static const struct edit rows[] = {
        /* P01 */
        {S "/automountServiceAccountToken", "true", "P01 " SPEC ".automountServiceAccountToken"},
        {S "/automountServiceAccountToken", NULL, "P01 " SPEC ".automountServiceAccountToken"},
        {S "/automountServiceAccountToken", "\"false\"",
         "malformed " SPEC ".automountServiceAccountToken"},
        {S "/volumes/-",
         "{\"name\":\"t\",\"projected\":{\"sources\":[{\"configMap\":{}},"
         "{\"serviceAccountToken\":{\"path\":\"x\"}}]}}",
         "P01 " SPEC ".volumes[4].projected.sources[1].serviceAccountToken"},
        {S "/volumes/-", "{\"name\":\"t\",\"projected\":{\"sources\":[{\"configMap\":{}}]}}", ""},
        /* P02 */
        {S "/serviceAccountName", "\"default\"", "P02 " SPEC ".serviceAccountName"},
        {S "/serviceAccountName", "\"\"", "P02 " SPEC ".serviceAccountName"},
        {S "/serviceAccountName", NULL, "P02 " SPEC ".serviceAccountName"},
        /* P05 */
        {S "/shareProcessNamespace", "true", "P05 " SPEC ".shareProcessNamespace"},
        {S "/shareProcessNamespace", "false", ""},
        /* P06 */
        {A0 "/securityContext/readOnlyRootFilesystem", "false",
         "P06 " AGENT ".securityContext.readOnlyRootFilesystem"},
        {A0 "/securityContext/readOnlyRootFilesystem", NULL,
         "P06 " AGENT ".securityContext.readOnlyRootFilesystem"},
        {S "/volumes/0/emptyDir/sizeLimit", NULL, "P06 " SPEC ".volumes[0].emptyDir.sizeLimit"},
        {S "/volumes/0/emptyDir/sizeLimit", "\"0\"", "P06 " SPEC ".volumes[0].emptyDir.sizeLimit"},
        {S "/volumes/0/emptyDir/sizeLimit", "1073741824", ""},
        {S "/volumes/0/emptyDir/sizeLimit", "\"big\"",
         "malformed " SPEC ".volumes[0].emptyDir.sizeLimit"},
        {S "/volumes/-", "{\"name\":\"x\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}", ""},
        /* P08 */
        {A0 "/resources", NULL,
         "P08 " AGENT ".resources.limits.cpu; P08 " AGENT ".resources.limits.memory"},
        {A0 "/resources/limits/cpu", NULL, "P08 " AGENT ".resources.limits.cpu"},
        {A0 "/resources/limits/memory", "\"0\"",
         "P08 " AGENT ".resources.limits.memory; P08 " AGENT ".resources.requests.memory"},
        {A0 "/resources/limits/cpu", "2", ""},
        {A0 "/resources/limits/cpu", "0.5", "malformed " AGENT ".resources.limits.cpu"},
        {A0 "/resources/limits/cpu", "\"lots\"", "malformed " AGENT ".resources.limits.cpu"},
        {A0 "/resources/requests/cpu", "\"2001m\"", "P08 " AGENT ".resources.requests.cpu"},
        {A0 "/resources/requests/cpu", "\"2000m\"", ""},
        {A0 "/resources/requests/memory", "\"4Gi\"", ""},
        {A0 "/resources/requests/memory", "4294967297", "P08 " AGENT ".resources.requests.memory"},
        {A0 "/resources/limits", "{\"cpu\":\"1\",\"memory\":\"1Gi\",\"ephemeral-storage\":\"x\"}",
         ""},
        {A0 "/resources/requests/ephemeral-storage", "\"1Gi\"", ""},
        {S "/initContainers",
         "[{\"name\":\"i\",\"securityContext\":{\"readOnlyRootFilesystem\":true,"
         "\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}]",
         "P08 " SPEC ".initContainers[0].resources.limits.cpu; "
         "P08 " SPEC ".initContainers[0].resources.limits.memory"},
        {A0 "/resources/limits/cpu", "null", "P08 " AGENT ".resources.limits.cpu"},
        {A0 "/resources/limits/cpu", "1", ""},
        {A0 "/resources/requests/cpu", "3", "P08 " AGENT ".resources.requests.cpu"},
        {A0 "/resources/requests/cpu", "null", ""},
        {A0 "/resources/requests/memory", "\"x\"", "malformed " AGENT ".resources.requests.memory"},
        {A0 "/resources/requests", "[]", "malformed " AGENT ".resources.requests"},
        {A0 "/resources",
         "{\"requests\":{\"ephemeral-storage\":\"2Gi\"},\"limits\":{\"cpu\":1,\"memory\":"
         "1048576,\"ephemeral-storage\":1}}",
         "P08 " AGENT ".resources.requests[\"ephemeral-storage\"]"},
        {A0 "/resources",
         "{\"requests\":{\"cpu\":\"1001m\",\"memory\":\"1Mi\"},\"limits\":{\"cpu\":1,"
         "\"memory\":1048576}}",
         "P08 " AGENT ".resources.requests.cpu"},
        {A0 "/resources",
         "{\"requests\":{\"ephemeral-storage\":\"1\"},\"limits\":{\"cpu\":1,\"memory\":1,"
         "\"ephemeral-storage\":\"x\"}}",
         "malformed " AGENT ".resources.limits[\"ephemeral-storage\"]"},
        {A0 "/resources", "{\"requests\":{\"cpu\":\"1\"},\"limits\":{\"cpu\":\"x\",\"memory\":1}}",
         "malformed " AGENT ".resources.limits.cpu"},
        {S "/volumes/0/emptyDir/sizeLimit", "null", "P06 " SPEC ".volumes[0].emptyDir.sizeLimit"},
        {S "/volumes/0/emptyDir", "null", "P06 " SPEC ".volumes[0].emptyDir.sizeLimit"},
        {S "/volumes/0/emptyDir", NULL, "P06 " SPEC ".volumes[0].emptyDir.sizeLimit"},
        {S "/ephemeralContainers", "[]", ""},
        {"/metadata/labels/kubectl.kubernetes.io~1last-applied-configuration", "\"\"",
         "P19 metadata.labels[\"kubectl.kubernetes.io/last-applied-configuration\"]"},
        {T, "null", "malformed spec.podTemplate"},
        {S, "null", "malformed " SPEC},
        {"/metadata/labels", "\"x\"", "malformed metadata.labels"},
        {"/metadata", "[]", "malformed metadata"},
        /* P17 */
        {S "/hostAliases", "[{\"ip\":\"1.2.3.4\"}]", "P17 " SPEC ".hostAliases"},
        {S "/dnsConfig", "{\"nameservers\":[\"1.2.3.4\"]}", "P17 " SPEC ".dnsConfig"},
        {S "/subdomain", "\"x\"", "P17 " SPEC ".subdomain"},
        {S "/schedulerName", "\"mine\"", "P17 " SPEC ".schedulerName"},
        {S "/schedulerName", "\"default-scheduler\"", ""},
        {S "/subdomain", "\"default-scheduler\"", "P17 " SPEC ".subdomain"},
        {S "/priorityClassName", "\"system-node-critical\"", "P17 " SPEC ".priorityClassName"},
        {S "/overhead", "{\"cpu\":\"1\"}", "P17 " SPEC ".overhead"},
        {S "/resourceClaims", "[{\"name\":\"gpu\"}]", "P17 " SPEC ".resourceClaims"},
        {S "/hostAliases", "[]", ""},
        {S "/dnsConfig", "\"x\"", "malformed " SPEC ".dnsConfig"},
        {S "/nodeName", "\"node-1\"", ""},
        {S "/tolerations", "[{\"operator\":\"Exists\"}]", ""},
        {S "/runtimeClassName", "\"gvisor\"", ""},
        /* P18 */
        {A0 "/lifecycle", "{\"postStart\":{\"exec\":{\"command\":[\"x\"]}}}",
         "P18 " AGENT ".lifecycle.postStart"},
        {A0 "/lifecycle", "{\"stopSignal\":\"SIGTERM\"}", "P18 " AGENT ".lifecycle.stopSignal"},
        {A0 "/lifecycle", "{\"preStop\":null}", ""},
        {A0 "/livenessProbe", "{\"exec\":{\"command\":[\"x\"]}}",
         "P18 " AGENT ".livenessProbe.exec"},
        {A0 "/startupProbe", "{\"exec\":{}}", "P18 " AGENT ".startupProbe.exec"},
        {A0 "/readinessProbe", "{\"httpGet\":{\"port\":80}}", ""},
        {S "/ephemeralContainers",
         "[{\"name\":\"e\",\"securityContext\":{\"readOnlyRootFilesystem\":true,"
         "\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}]",
         "P18 " SPEC ".ephemeralContainers"},
        /* P19 */
        {"/metadata/labels/agents.x-k8s.io~1sandbox-name-hash", "\"x\"",
         "P19 metadata.labels[\"agents.x-k8s.io/sandbox-name-hash\"]"},
        {T "/metadata/labels/agents.x-k8s.io~1sandbox-name-hash", "\"x\"",
         "P19 " TEMPLATE ".metadata.labels[\"agents.x-k8s.io/sandbox-name-hash\"]"},
        {T "/metadata/labels/extensions.agents.x-k8s.io~1x", "\"x\"",
         "P19 " TEMPLATE ".metadata.labels[\"extensions.agents.x-k8s.io/x\"]"},
        {T "/metadata/annotations", "{\"pod-security.kubernetes.io/enforce\":\"x\"}",
         "P19 " TEMPLATE ".metadata.annotations[\"pod-security.kubernetes.io/enforce\"]"},
        {"/metadata/annotations", "{\"kubernetes.io/x\":\"x\"}",
         "P19 metadata.annotations[\"kubernetes.io/x\"]"},
        {"/metadata/annotations", "{\"node.k8s.io/x\":\"x\"}",
         "P19 metadata.annotations[\"node.k8s.io/x\"]"},
        {"/metadata/annotations", "{\"kubectl.kubernetes.io/last-applied-configuration\":\"{}\"}",
         ""},
        {T "/metadata/annotations", "{\"kubectl.kubernetes.io/last-applied-configuration\":\"{}\"}",
         "P19 " TEMPLATE
         ".metadata.annotations[\"kubectl.kubernetes.io/last-applied-configuration\"]"},
        {"/metadata/labels/app.kubernetes.io~1name", "\"x\"", ""},
        {"/metadata/labels/x.app.kubernetes.io~1name", "\"x\"",
         "P19 metadata.labels[\"x.app.kubernetes.io/name\"]"},
        {"/metadata/labels/pod.kubernetes.io~1x", "\"x\"",
         "P19 metadata.labels[\"pod.kubernetes.io/x\"]"},
        {"/metadata/labels/k8s.io~1x", "\"x\"", "P19 metadata.labels[\"k8s.io/x\"]"},
        {"/metadata/labels/x-k8s.io~1x", "\"x\"", ""},
        {"/metadata/labels/mykubernetes.io~1x", "\"x\"", ""},
        {"/metadata/labels/kubernetes.io", "\"x\"", ""},
        {"/metadata/annotations", "{\"sandscript.dev/policy\":\"sha256:0\"}", ""},
        {T "/metadata/labels/paperclip.io~1run-id", "\"x\"", ""},
        /* Pod Security holds for Sandboxes too. */
        {S "/hostUsers", "false", ""},
        {S "/hostNetwork", "true", "hostNamespaces " SPEC ".hostNetwork"},
        {S "/volumes/-", "{\"name\":\"h\",\"hostPath\":{\"path\":\"/\"}}",
         "restrictedVolumes " SPEC ".volumes[4].hostPath"},
        {S "/securityContext", NULL, ""},
        /* The label does not matter for a Sandbox. */
        {T "/metadata", NULL, ""},
        {T, NULL, "malformed spec.podTemplate"},
        {S, NULL, "malformed " SPEC},
        {T, "\"x\"", "malformed spec.podTemplate"},
        {"/spec", NULL, "malformed spec"},
        {S "/containers", "[]", "malformed " SPEC ".containers"},
};

/* Without the pod's securityContext a container must say it all. */
static struct ss_doc *self_sufficient(void)
{
	struct ss_doc *doc SS_AUTO_DOC = built(MINIMAL_INPUT);

	return edited(doc, A0 "/securityContext/seccompProfile", "{\"type\":\"RuntimeDefault\"}");
}

static void attacks_on_the_builders_sandbox(void **state)
{
	struct ss_doc *good SS_AUTO_DOC = self_sufficient();

	check_edits(good, rows, SS_ARRAY_LEN(rows));
}

static void builder_output_passes(void **state)
{
	static const char *const inputs[] = {
	        MINIMAL_INPUT,
	        "{\"namespace\":\"demo\",\"sandboxName\":\"s1\",\"adapterType\":\"x\",\"image\":"
	        "\"i\","
	        "\"envSecretName\":\"e\",\"serviceAccountName\":\"a\",\"apiVersion\":"
	        "\"agents.x-k8s.io/v1beta1\",\"hostUsers\":false,\"enableServiceLinks\":false,"
	        "\"nodeName\":\"n\",\"tolerations\":[{\"operator\":\"Exists\"}],"
	        "\"ephemeralStorage\":\"1Gi\",\"home\":\"/home/x\",\"env\":{\"A\":\"b\"},"
	        "\"annotations\":{\"a\":\"b\"},\"labels\":{\"app.kubernetes.io/name\":\"x\"}}",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(inputs); i++) {
		struct ss_doc *doc SS_AUTO_DOC = built(inputs[i]);
		char *got SS_AUTOFREE = verdict(NULL, doc);

		assert_string_equal(got, "");
	}
}

static void the_role_label_makes_an_agent(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *other SS_AUTO_DOC =
	        edited(pod, "/metadata/labels/paperclip.io~1role", "\"server\"");
	struct ss_doc *agent SS_AUTO_DOC =
	        edited(pod, "/metadata/labels/paperclip.io~1role", "\"agent\"");
	char *passed SS_AUTOFREE = verdict(NULL, other);
	char *refused SS_AUTOFREE = verdict(NULL, agent);

	assert_string_equal(passed, "");
	assert_string_equal(refused,
	                    "P01 spec.automountServiceAccountToken; "
	                    "P02 spec.serviceAccountName; "
	                    "P06 spec.containers[0].securityContext.readOnlyRootFilesystem; "
	                    "P08 spec.containers[0].resources.limits.cpu; "
	                    "P08 spec.containers[0].resources.limits.memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(attacks_on_the_builders_sandbox),
	        cmocka_unit_test(builder_output_passes),
	        cmocka_unit_test(the_role_label_makes_an_agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
