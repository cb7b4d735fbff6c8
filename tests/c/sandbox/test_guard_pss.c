/* Pod Security restricted: one hand-written attack per row, on a pod that passes. */
#include "support.h"

#define SC  "/spec/containers/0/securityContext"
#define PSC "/spec/securityContext"
#define C0  "spec.containers[0]"

static const struct edit rows[] = {
        /* Harmless: defaults spelled out. */
        {"/spec/hostNetwork", "false", ""},
        {"/spec/hostNetwork", "null", ""},
        {"/spec/initContainers", "null", ""},
        {"/spec/initContainers", "[]", ""},
        {SC "/privileged", "false", ""},
        {SC "/privileged", "null", ""},
        {SC "/procMount", "\"Default\"", ""},
        {SC "/capabilities/drop", "[\"NET_RAW\",\"ALL\"]", ""},
        {SC "/capabilities/add", "[\"NET_BIND_SERVICE\"]", ""},
        {SC "/runAsUser", "1000", ""},
        {PSC "/seLinuxOptions", "{\"type\":\"container_engine_t\",\"level\":\"s0\"}", ""},
        {PSC "/sysctls", "[{\"name\":\"net.ipv4.tcp_notsent_lowat\",\"value\":\"1\"}]", ""},
        {"/spec/containers/0/ports", "[{\"containerPort\":80,\"hostPort\":0}]", ""},
        {"/spec/containers/0/livenessProbe", "{\"httpGet\":{\"port\":80,\"host\":\"\"}}", ""},
        {"/spec/os", "{\"name\":\"linux\"}", ""},
        {"/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1a",
         "\"localhost/x\"", ""},
        {SC "/Privileged", "true", ""}, /* the server knows no such member */
        /* hostNamespaces */
        {"/spec/hostNetwork", "true", "hostNamespaces spec.hostNetwork"},
        {"/spec/hostPID", "true", "hostNamespaces spec.hostPID"},
        {"/spec/hostIPC", "true", "hostNamespaces spec.hostIPC"},
        /* containers */
        {SC "/privileged", "true", "privileged " C0 ".securityContext.privileged"},
        {SC "/allowPrivilegeEscalation", "true",
         "allowPrivilegeEscalation " C0 ".securityContext.allowPrivilegeEscalation"},
        {SC "/allowPrivilegeEscalation", NULL,
         "allowPrivilegeEscalation " C0 ".securityContext.allowPrivilegeEscalation"},
        {SC "/allowPrivilegeEscalation", "null",
         "allowPrivilegeEscalation " C0 ".securityContext.allowPrivilegeEscalation"},
        {SC "/capabilities", NULL,
         "capabilities_restricted " C0 ".securityContext.capabilities.drop"},
        {SC "/capabilities/drop", "[\"all\"]",
         "capabilities_restricted " C0 ".securityContext.capabilities.drop"},
        {SC "/capabilities/drop", "[]",
         "capabilities_restricted " C0 ".securityContext.capabilities.drop"},
        {SC "/capabilities/add", "[\"NET_BIND_SERVICE\",\"SYS_ADMIN\"]",
         "capabilities_restricted " C0 ".securityContext.capabilities.add[1]"},
        {SC "/capabilities/add", "[\"NET_RAW\",\"ALL\"]",
         "capabilities_restricted " C0 ".securityContext.capabilities.add[0]; "
         "capabilities_restricted " C0 ".securityContext.capabilities.add[1]"},
        {SC "/capabilities/add", "[null]",
         "capabilities_restricted " C0 ".securityContext.capabilities.add[0]"},
        {SC "/procMount", "\"Unmasked\"", "procMount_restricted " C0 ".securityContext.procMount"},
        {SC "/procMount", "\"\"", "procMount_restricted " C0 ".securityContext.procMount"},
        {SC, NULL,
         "capabilities_restricted " C0 ".securityContext.capabilities.drop; "
         "allowPrivilegeEscalation " C0 ".securityContext.allowPrivilegeEscalation"},
        {"/spec/containers/0/ports", "[{\"hostPort\":0},{\"hostPort\":8080}]",
         "hostPorts " C0 ".ports[1].hostPort"},
        {"/spec/containers/0/readinessProbe", "{\"tcpSocket\":{\"port\":1,\"host\":\"10.0.0.1\"}}",
         "hostProbesAndHostLifecycle " C0 ".readinessProbe.tcpSocket.host"},
        {"/spec/containers/0/startupProbe",
         "{\"httpGet\":{\"port\":1,\"host\":\"169.254.169.254\"}}",
         "hostProbesAndHostLifecycle " C0 ".startupProbe.httpGet.host"},
        {"/spec/containers/0/lifecycle", "{\"preStop\":{\"httpGet\":{\"host\":\"x\"}}}",
         "hostProbesAndHostLifecycle " C0 ".lifecycle.preStop.httpGet.host"},
        /* users: hostUsers false lifts nothing */
        {PSC "/runAsNonRoot", "false",
         "runAsNonRoot spec.securityContext.runAsNonRoot; "
         "runAsNonRoot " C0 ".securityContext.runAsNonRoot"},
        {PSC "/runAsNonRoot", NULL, "runAsNonRoot " C0 ".securityContext.runAsNonRoot"},
        {SC "/runAsNonRoot", "false", "runAsNonRoot " C0 ".securityContext.runAsNonRoot"},
        {PSC "/runAsUser", "0", "runAsUser spec.securityContext.runAsUser"},
        {SC "/runAsUser", "0", "runAsUser " C0 ".securityContext.runAsUser"},
        /* profiles */
        {PSC "/seccompProfile", NULL,
         "seccompProfile_restricted " C0 ".securityContext.seccompProfile"},
        {PSC "/seccompProfile", "{}",
         "seccompProfile_restricted spec.securityContext.seccompProfile.type"},
        {PSC "/seccompProfile/type", "\"Unconfined\"",
         "seccompProfile_restricted spec.securityContext.seccompProfile.type"},
        {SC "/seccompProfile", "{\"type\":\"Unconfined\"}",
         "seccompProfile_restricted " C0 ".securityContext.seccompProfile.type"},
        {PSC "/appArmorProfile", "{\"type\":\"Unconfined\"}",
         "appArmorProfile spec.securityContext.appArmorProfile.type"},
        {SC "/appArmorProfile", "{}",
         "appArmorProfile " C0 ".securityContext.appArmorProfile.type"},
        {"/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1a",
         "\"unconfined\"",
         "appArmorProfile "
         "metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/a\"]"},
        {PSC "/seLinuxOptions", "{\"type\":\"spc_t\",\"user\":\"u\",\"role\":\"r\"}",
         "seLinuxOptions spec.securityContext.seLinuxOptions.type; "
         "seLinuxOptions spec.securityContext.seLinuxOptions.user; "
         "seLinuxOptions spec.securityContext.seLinuxOptions.role"},
        {PSC "/sysctls", "[{\"name\":\"kernel.msgmax\",\"value\":\"1\"}]",
         "sysctls spec.securityContext.sysctls[0].name"},
        {PSC "/sysctls", "[null]", "sysctls spec.securityContext.sysctls[0].name"},
        {PSC "/windowsOptions", "{\"hostProcess\":true}",
         "windowsHostProcess spec.securityContext.windowsOptions.hostProcess"},
        {"/spec/os", "{\"name\":\"windows\"}", "windowsPods spec.os.name"},
        /* volumes */
        {"/spec/volumes/0", "{\"name\":\"v\",\"hostPath\":{\"path\":\"/\"}}",
         "restrictedVolumes spec.volumes[0].hostPath"},
        {"/spec/volumes/0", "{\"name\":\"v\",\"hostPath\":{}}",
         "restrictedVolumes spec.volumes[0].hostPath"},
        {"/spec/volumes/0", "{\"name\":\"v\",\"newKind\":{}}",
         "restrictedVolumes spec.volumes[0].newKind"},
        /* The server makes an emptyDir of what names no type. */
        {"/spec/volumes/0", "{\"name\":\"v\"}", ""},
        {"/spec/volumes/0", "{\"name\":\"v\",\"emptyDir\":null,\"hostPath\":null}", ""},
        {"/spec/volumes/0", "null", ""},
        /* every list of containers */
        {"/spec/initContainers", "[{\"name\":\"i\"}]",
         "capabilities_restricted spec.initContainers[0].securityContext.capabilities.drop; "
         "allowPrivilegeEscalation "
         "spec.initContainers[0].securityContext.allowPrivilegeEscalation"},
        {"/spec/ephemeralContainers", "[{\"name\":\"e\"}]",
         "capabilities_restricted "
         "spec.ephemeralContainers[0].securityContext.capabilities.drop; "
         "allowPrivilegeEscalation "
         "spec.ephemeralContainers[0].securityContext.allowPrivilegeEscalation"},
        {"/spec/containers/-", "null",
         "capabilities_restricted spec.containers[1].securityContext.capabilities.drop; "
         "allowPrivilegeEscalation spec.containers[1].securityContext.allowPrivilegeEscalation"},
        /* of another type than Kubernetes has */
        {"/spec", "\"x\"", "malformed spec"},
        {"/spec", "[]", "malformed spec"},
        {"/spec", "null", "malformed spec"},
        {"/spec", NULL, "malformed spec"},
        {"/spec/containers", "{\"name\":\"a\"}", "malformed spec.containers"},
        {"/spec/containers", "[]", "malformed spec.containers"},
        {"/spec/containers", NULL, "malformed spec.containers"},
        {"/spec/containers/-", "\"x\"",
         "malformed spec.containers[1]; "
         "capabilities_restricted spec.containers[1].securityContext.capabilities.drop; "
         "allowPrivilegeEscalation spec.containers[1].securityContext.allowPrivilegeEscalation"},
        {"/spec/hostNetwork", "\"true\"", "malformed spec.hostNetwork"},
        {"/spec/hostPID", "1", "malformed spec.hostPID"},
        {SC "/privileged", "\"true\"", "malformed " C0 ".securityContext.privileged"},
        {SC "/allowPrivilegeEscalation", "\"false\"",
         "malformed " C0 ".securityContext.allowPrivilegeEscalation"},
        {SC "/runAsUser", "0.0", "malformed " C0 ".securityContext.runAsUser"},
        {SC "/runAsUser", "\"1000\"", "malformed " C0 ".securityContext.runAsUser"},
        {SC "/capabilities", "[]",
         "malformed " C0 ".securityContext.capabilities; "
         "capabilities_restricted " C0 ".securityContext.capabilities.drop"},
        {SC "/seccompProfile", "\"RuntimeDefault\"",
         "malformed " C0 ".securityContext.seccompProfile"},
        {PSC "/runAsNonRoot", "1", "malformed spec.securityContext.runAsNonRoot"},
        {"/spec/volumes", "{}", "malformed spec.volumes"},
        {"/spec/volumes/0", "{\"name\":\"v\",\"emptyDir\":true}",
         "malformed spec.volumes[0].emptyDir"},
        {"/spec/containers/0/ports", "[{\"hostPort\":\"80\"}]",
         "malformed " C0 ".ports[0].hostPort"},
        {"/metadata/labels", "[]", "malformed metadata.labels"},
        {"/metadata/labels/paperclip.io~1role", "true",
         "malformed metadata.labels[\"paperclip.io/role\"]"},
        {"/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1a", "1",
         "malformed metadata.annotations[\"container.apparmor.security.beta.kubernetes.io/a\"]"},
        {"/metadata", "7", "malformed metadata"},
        {"/kind", "7", "malformed kind"},
        {"/kind", NULL, "malformed kind"},
        {"/kind", "\"\"", "malformed kind"},
        {"/apiVersion", "7", "malformed apiVersion"},
};

static void attacks_on_a_good_pod(void **state)
{
	struct ss_doc *good SS_AUTO_DOC = from_json(GOOD_POD);

	check_edits(good, rows, SS_ARRAY_LEN(rows));
}

static void host_users_false_relaxes_nothing(void **state)
{
	static const struct edit users[] = {
	        {PSC "/runAsUser", "0", "runAsUser spec.securityContext.runAsUser"},
	        {PSC "/runAsNonRoot", NULL, "runAsNonRoot " C0 ".securityContext.runAsNonRoot"},
	        {SC "/procMount", "\"Unmasked\"",
	         "procMount_restricted " C0 ".securityContext.procMount"},
	};
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *good SS_AUTO_DOC = edited(pod, "/spec/hostUsers", "false");

	check_edits(good, users, SS_ARRAY_LEN(users));
}

static void windows_lifts_nothing(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *windows SS_AUTO_DOC = edited(pod, "/spec/os", "{\"name\":\"windows\"}");
	struct ss_doc *bare SS_AUTO_DOC = edited(windows, SC, NULL);
	char *got SS_AUTOFREE = verdict(NULL, bare);

	assert_string_equal(
	        got, "windowsPods spec.os.name; "
	             "capabilities_restricted " C0 ".securityContext.capabilities.drop; "
	             "allowPrivilegeEscalation " C0 ".securityContext.allowPrivilegeEscalation");
}

static void containers_may_speak_for_themselves(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *bare SS_AUTO_DOC = edited(pod, PSC, NULL);
	struct ss_doc *half SS_AUTO_DOC = edited(bare, SC "/runAsNonRoot", "true");
	struct ss_doc *whole SS_AUTO_DOC =
	        edited(half, SC "/seccompProfile", "{\"type\":\"Localhost\"}");
	char *refused SS_AUTOFREE = verdict(NULL, half);
	char *passed SS_AUTOFREE = verdict(NULL, whole);

	assert_string_equal(refused,
	                    "seccompProfile_restricted " C0 ".securityContext.seccompProfile");
	assert_string_equal(passed, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(attacks_on_a_good_pod),
	        cmocka_unit_test(host_users_false_relaxes_nothing),
	        cmocka_unit_test(windows_lifts_nothing),
	        cmocka_unit_test(containers_may_speak_for_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
