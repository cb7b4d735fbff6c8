/* PodSpecs in kinds that the guard has no table for. */
#include "support.h"

#define BAD_SC "\"securityContext\":{\"privileged\":true}"
#define BAD    "{\"name\":\"a\",\"image\":\"x\"," BAD_SC "}"
#define GOOD_SC                                                                                    \
	"\"securityContext\":{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":["     \
	"\"ALL\"]},\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}"
#define GOOD           "{\"name\":\"a\",\"image\":\"x\"," GOOD_SC "}"
#define POD(container) "{\"spec\":{\"containers\":[" container "]}}"

static const struct {
	const char *kind, *before, *good, *bad, *after, *path;
} rows[] = {
        {"argoproj.io/v1alpha1 Workflow", "\"spec\":{\"templates\":[{\"name\":\"m\",\"container\":",
         GOOD, BAD, "}]}", "spec.templates[0].container.securityContext.privileged"},
        {"argoproj.io/v1alpha1 Workflow", "\"spec\":{\"templates\":[{\"script\":", GOOD, BAD, "}]}",
         "spec.templates[0].script.securityContext.privileged"},
        {"argoproj.io/v1alpha1 Workflow",
         "\"spec\":{\"templates\":[{},{\"container\":" GOOD ",\"sidecars\":[", GOOD, BAD, "]}]}",
         "spec.templates[1].sidecars[0].securityContext.privileged"},
        {"argoproj.io/v1alpha1 Workflow",
         "\"spec\":{\"templates\":[{\"containerSet\":{\"containers\":[", GOOD, BAD, "]}}]}",
         "spec.templates[0].containerSet.containers[0].securityContext.privileged"},
        {"argoproj.io/v1alpha1 CronWorkflow",
         "\"spec\":{\"workflowSpec\":{\"templates\":[{\"container\":" GOOD "}],\"hostNetwork\":",
         "false", "true", "}}", "spec.workflowSpec.hostNetwork"},
        {"argoproj.io/v1alpha1 Workflow", "\"spec\":{\"volumes\":[{\"name\":\"v\",",
         "\"emptyDir\":{}", "\"hostPath\":{\"path\":\"/\"}", "}]}", "spec.volumes[0].hostPath"},
        {"argoproj.io/v1alpha1 Workflow", "\"spec\":{\"podSpecPatch\":", "\"\"",
         "\"hostNetwork: true\"", "}", "spec.podSpecPatch"},
        {"argoproj.io/v1alpha1 Rollout", "\"spec\":{\"template\":", POD(GOOD), POD(BAD), "}",
         "spec.template.spec.containers[0].securityContext.privileged"},
        {"jobset.x-k8s.io/v1alpha2 JobSet",
         "\"spec\":{\"replicatedJobs\":[{\"name\":\"j\",\"template\":{\"spec\":{\"template\":",
         POD(GOOD), POD(BAD), "}}}]}",
         "spec.replicatedJobs[0].template.spec.template.spec.containers[0].securityContext."
         "privileged"},
        {"serving.knative.dev/v1 Service", "\"spec\":{\"template\":", POD(GOOD), POD(BAD), "}",
         "spec.template.spec.containers[0].securityContext.privileged"},
        {"apps.kruise.io/v1alpha1 CloneSet", "\"spec\":{\"template\":", POD(GOOD), POD(BAD), "}",
         "spec.template.spec.containers[0].securityContext.privileged"},
        {"ray.io/v1 RayCluster", "\"spec\":{\"workerGroupSpecs\":[{\"template\":", POD(GOOD),
         POD(BAD), "}]}",
         "spec.workerGroupSpecs[0].template.spec.containers[0].securityContext.privileged"},
        {"example.com/v1 Template", "\"items\":[[", POD(GOOD), POD(BAD), "]]",
         "items[0][0].spec.containers[0].securityContext.privileged"},
        /* An operator's resource: what it overrides in a pod, and what it makes one of. */
        {"monitoring.coreos.com/v1 Prometheus", "\"spec\":{\"initContainers\":[",
         "{\"name\":\"a\"," GOOD_SC "}", "{\"name\":\"a\"," BAD_SC "}", "]}",
         "spec.initContainers[0].securityContext.privileged"},
        {"example.com/v1 Server", "\"spec\":{\"image\":\"x\",", "\"securityContext\":{}", BAD_SC,
         "}", "spec.securityContext.privileged"},
        {"example.com/v1 Server", "\"spec\":{\"image\":\"x\",\"securityContext\":{\"runAsUser\":",
         "1", "0", "}}", "spec.securityContext.runAsUser"},
        {"example.com/v1 Server", "\"spec\":{\"hostPID\":", "\"true\"", "true", "}",
         "spec.hostPID"},
        {"example.com/v1 Server", "\"spec\":{\"containers\":[{\"name\":\"a\",\"volumeMounts\":[]",
         "," GOOD_SC, "", "}]}", "spec.containers[0].securityContext.allowPrivilegeEscalation"},
        {"example.com/v1 Server", "\"spec\":{\"containers\":[{\"name\":\"a\",\"envFrom\":[]",
         "," GOOD_SC, "", "}]}", "spec.containers[0].securityContext.allowPrivilegeEscalation"},
        {"example.com/v1 Server", "\"spec\":{\"containers\":[{\"name\":\"a\",\"command\":[]",
         "," GOOD_SC, "", "}]}", "spec.containers[0].securityContext.allowPrivilegeEscalation"},
        /* Of its own words another kind may have made what it likes. */
        {"example.com/v1 Server", "\"spec\":{\"containers\":[{\"image\":\"x\",\"ports\":[\"80\"]",
         "," GOOD_SC, "", "}]}", "spec.containers[0].securityContext.allowPrivilegeEscalation"},
        /* Labels of agent-sandbox's controller. */
        {"v1 Pod", "\"spec\":{\"containers\":[" GOOD "]},\"metadata\":{\"annotations\":{",
         "\"a\":\"b\"", "\"agents.x-k8s.io/pod-name\":\"b\"", "}}",
         "metadata.annotations[\"agents.x-k8s.io/pod-name\"]"},
        {"v1 Pod", "\"spec\":{\"containers\":[" GOOD "]},\"metadata\":{\"labels\":{",
         "\"x.k8s.io/a\":\"b\"", "\"agents.x-k8s.io/claim-uid\":\"b\"", "}}",
         "metadata.labels[\"agents.x-k8s.io/claim-uid\"]"},
        {"apps.kruise.io/v1alpha1 CloneSet", "\"spec\":{\"template\":{\"metadata\":{\"labels\":{",
         "\"a\":\"b\"", "\"agents.x-k8s.io/sandbox-name-hash\":\"b\"",
         "}},\"spec\":{\"containers\":[" GOOD "]}}}",
         "spec.template.metadata.labels[\"agents.x-k8s.io/sandbox-name-hash\"]"},
        {"extensions.agents.x-k8s.io/v1beta1 SandboxClaim",
         "\"spec\":{\"additionalPodMetadata\":{\"labels\":{", "\"a\":\"b\"",
         "\"agents.x-k8s.io/claim-uid\":\"b\"", "}}}",
         "spec.additionalPodMetadata.labels[\"agents.x-k8s.io/claim-uid\"]"},
        {"extensions.agents.x-k8s.io/v1alpha1 SandboxClaim",
         "\"spec\":{\"additionalPodMetadata\":{\"annotations\":{", "\"a\":\"b\"",
         "\"x.kubernetes.io/y\":\"b\"", "}}}",
         "spec.additionalPodMetadata.annotations[\"x.kubernetes.io/y\"]"},
};

static char *verdict_on(const char *kind, const char *before, const char *what, const char *after)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	const char *space = strchr(kind, ' ');

	ss_buf_printf(&text, "{\"apiVersion\":\"%.*s\",\"kind\":\"%s\",%s%s%s}",
	              (int)(space - kind), kind, space + 1, before, what, after);
	doc = from_json(text.data);
	return verdict(NULL, doc);
}

static void pod_specs_are_known_by_their_shape(void **state)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		char *good SS_AUTOFREE =
		        verdict_on(rows[i].kind, rows[i].before, rows[i].good, rows[i].after);
		char *bad SS_AUTOFREE =
		        verdict_on(rows[i].kind, rows[i].before, rows[i].bad, rows[i].after);

		if (good[0] || !strstr(bad, rows[i].path))
			fail_msg("row %zu, %s: good: '%s', bad: '%s'", i, rows[i].kind, good, bad);
	}
}

/* What only shares a word with a PodSpec. */
static void other_shapes_are_left_alone(void **state)
{
	static const char *const specs[] = {
	        "{\"containers\":[{\"name\":\"blobs\",\"access\":\"private\"}]}",
	        "{\"containers\":3,\"volumes\":\"x\",\"container\":\"y\"}",
	        "{\"properties\":{\"containers\":{\"type\":\"array\"},\"hostNetwork\":{\"type\":"
	        "\"boolean\"}}}",
	        "{\"volumes\":[{\"name\":\"v\",\"hostPath\":null},{\"hostPath\":\"/x\"}]}",
	        "{\"image\":\"x\",\"script\":{\"language\":\"lua\"}}",
	        "[[[1,null,{}]]]",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(specs); i++) {
		char *got SS_AUTOFREE =
		        verdict_on("example.com/v1 Thing", "\"spec\":", specs[i], "");

		if (got[0])
			fail_msg("%s: %s", specs[i], got);
	}
}

/* What a workflow sets for all of its templates need not be repeated; what it takes back must be. */
static void templates_inherit(void **state)
{
	static const char container[] =
	        ",\"templates\":[{\"container\":{\"image\":\"x\",\"securityContext\":{"
	        "\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}}]}";
	static const struct {
		const char *context, *want;
	} contexts[] = {
	        {"{\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}", ""},
	        {"{\"runAsNonRoot\":true}",
	         "seccompProfile_restricted "
	         "spec.templates[0].container.securityContext.seccompProfile"},
	        {"{\"runAsNonRoot\":false,\"seccompProfile\":{\"type\":\"Localhost\"}}",
	         "runAsNonRoot spec.templates[0].container.securityContext.runAsNonRoot"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(contexts); i++) {
		char *got SS_AUTOFREE = verdict_on(
		        "argoproj.io/v1alpha1 Workflow",
		        "\"spec\":{\"securityContext\":", contexts[i].context, container);

		assert_string_equal(got, contexts[i].want);
	}
}

/* A set of containers is a part of its template; a PodSpec within another resource is not. */
static void what_stands_around_a_set_is_meant_for_it(void **state)
{
	static const char context[] =
	        "\"spec\":{\"securityContext\":{\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":"
	        "\"RuntimeDefault\"}},\"template\":{\"";
	static const char containers[] =
	        "\":{\"containers\":[{\"image\":\"x\",\"securityContext\":{"
	        "\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}]}}}";
	char *set SS_AUTOFREE =
	        verdict_on("argoproj.io/v1alpha1 Workflow", context, "containerSet", containers);
	char *pod SS_AUTOFREE =
	        verdict_on("argoproj.io/v1alpha1 Rollout", context, "spec", containers);

	assert_string_equal(set, "");
	assert_non_null(strstr(pod, "runAsNonRoot spec.template.spec.containers[0]"));
}

static void an_agent_is_one_in_every_kind(void **state)
{
	char *got SS_AUTOFREE = verdict_on(
	        "apps.kruise.io/v1alpha1 CloneSet",
	        "\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"paperclip.io/role\":",
	        "\"agent\"", "}},\"spec\":{\"containers\":[" GOOD "]}}}");

	assert_non_null(strstr(got, "P01 spec.template.spec.automountServiceAccountToken"));
	assert_non_null(strstr(got, "P08 spec.template.spec.containers[0].resources.limits.cpu"));
}

static bool matters(const char *text)
{
	struct ss_doc *doc SS_AUTO_DOC = from_json(text);

	return ss_guard_merge_matters(doc, ss_doc_root(doc));
}

static void what_is_tried_first(void **state)
{
	assert_true(
	        matters("{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"spec\":{"
	                "\"template\":" POD(GOOD) "}}"));
	assert_false(
	        matters("{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"spec\":{"
	                "\"paused\":true}}"));
	assert_false(
	        matters("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"spec\":" POD(GOOD) "}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pod_specs_are_known_by_their_shape),
	        cmocka_unit_test(other_shapes_are_left_alone),
	        cmocka_unit_test(templates_inherit),
	        cmocka_unit_test(what_stands_around_a_set_is_meant_for_it),
	        cmocka_unit_test(an_agent_is_one_in_every_kind),
	        cmocka_unit_test(what_is_tried_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
