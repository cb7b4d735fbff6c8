/* Which patches reach what the guard looks at. */
#include "support.h"

#define POD   "v1", "Pod"
#define DEP   "apps/v1", "Deployment"
#define CRON  "batch/v1", "CronJob"
#define CR    "argoproj.io/v1alpha1", "Workflow"
#define CLAIM "extensions.agents.x-k8s.io/v1beta1", "SandboxClaim"
#define SBX   "agents.x-k8s.io/v1beta1", "Sandbox"

static const struct {
	const char *version, *kind, *patch;
	bool touches;
} rows[] = {
        /* merge, strategic merge, apply */
        {POD, "{}", false},
        {POD, "{\"status\":{\"phase\":\"Running\"}}", false},
        {POD, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}", false},
        {POD, "{\"metadata\":{\"finalizers\":null}}", false},
        {POD, "{\"metadata\":{\"labels\":{\"paperclip.io/role\":\"agent\"}}}", true},
        {POD, "{\"metadata\":{\"labels\":null}}", true},
        {POD, "{\"metadata\":null}", true},
        {POD,
         "{\"metadata\":{\"annotations\":{\"container.apparmor.security.beta.kubernetes.io/"
         "a\":\"unconfined\"}}}",
         true},
        {POD, "{\"metadata\":{\"labels\":{\"$patch\":\"replace\"}}}", true},
        {POD, "{\"metadata\":{\"$patch\":\"replace\"}}", true},
        {POD, "{\"spec\":{\"hostNetwork\":true}}", true},
        {POD, "{\"spec\":null}", true},
        {POD, "{\"$patch\":\"replace\"}", true},
        {POD, "{\"Spec\":{\"hostNetwork\":true}}", false},
        {POD, "7", true},
        {POD, "null", true},
        {DEP, "{\"spec\":{\"replicas\":3}}", false},
        {DEP, "{\"metadata\":{\"labels\":{\"kubernetes.io/x\":\"y\"}}}", false},
        {DEP, "{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}}}}}", true},
        {DEP, "{\"spec\":{\"template\":null}}", true},
        {DEP, "{\"spec\":null}", true},
        {DEP, "{\"spec\":[]}", true},
        {DEP, "{\"spec\":{\"$retainKeys\":[\"replicas\"],\"replicas\":3}}", true},
        {CRON, "{\"spec\":{\"suspend\":true}}", false},
        {CRON, "{\"spec\":{\"jobTemplate\":{\"metadata\":{}}}}", false},
        {CRON, "{\"spec\":{\"jobTemplate\":{\"spec\":{\"backoffLimit\":1}}}}", false},
        {CRON, "{\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":{}}}}}", true},
        {CRON, "{\"spec\":{\"jobTemplate\":\"x\"}}", true},
        {SBX, "{\"spec\":{\"shutdownTime\":\"2030-01-02T15:04:05Z\"}}", false},
        {SBX, "{\"spec\":{\"podTemplate\":{\"spec\":{}}}}", true},
        {SBX, "{\"metadata\":{\"labels\":{\"agents.x-k8s.io/sandbox-name-hash\":\"x\"}}}", true},
        {SBX, "{\"metadata\":{\"annotations\":{\"sandscript.dev/policy\":\"x\"}}}", false},
        {CR, "{\"spec\":{\"x\":1}}", true},
        {CR, "{\"jobs\":[]}", true},
        {CR, "{\"$patch\":\"replace\"}", true},
        {CR, "{\"metadata\":{\"labels\":{\"paperclip.io/role\":null}}}", true},
        {CR, "{\"apiVersion\":\"a\",\"metadata\":{\"labels\":{\"a\":\"b\"}},\"status\":{}}", false},
        {CLAIM, "{\"spec\":{\"additionalPodMetadata\":{}}}", true},
        {"v1", "ConfigMap", "{\"spec\":{\"hostNetwork\":true}}", false},
        {"v1", "List", "{\"items\":[]}", true},
        {"v1", NULL, "{}", true},
        /* JSON patch */
        {POD, "[]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/spec/hostNetwork\",\"value\":true}]", true},
        {POD, "[{\"op\":\"test\",\"path\":\"/spec/hostNetwork\",\"value\":true}]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"}]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/labels/paperclip.io~1role\"}]", true},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/labels/paperclip.io~01role\"}]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/labels/x~1paperclip.io~1role\"}]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/annotations/a.k8s.io~1b/c\"}]", true},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/annotations\"}]", true},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/name\"}]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{}}]", true},
        {POD, "[{\"op\":\"add\",\"path\":\"/metadata\",\"value\":{}}]", true},
        {POD, "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]", false},
        {POD, "[{\"op\":\"replace\",\"path\":\"\",\"value\":{}}]", true},
        {POD, "[{\"op\":\"replace\",\"path\":\"spec\",\"value\":{}}]", true},
        {POD, "[{\"op\":\"replace\",\"path\":7}]", true},
        {POD, "[7]", true},
        {POD, "[{\"op\":\"add\",\"path\":\"/status/x\"},{\"op\":\"add\",\"path\":\"/spec\"}]",
         true},
        {POD, "[{\"op\":\"move\",\"from\":\"/spec/x\",\"path\":\"/status/x\"}]", true},
        {POD, "[{\"op\":\"copy\",\"from\":7,\"path\":\"/status/x\"}]", true},
        {POD, "[{\"op\":\"add\",\"path\":\"/spec~1x\"}]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/specs\"}]", false},
        {POD, "[{\"op\":\"add\",\"path\":\"/spe\"}]", false},
        {DEP, "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]", false},
        {DEP, "[{\"op\":\"replace\",\"path\":\"/spec\",\"value\":{}}]", true},
        {DEP, "[{\"op\":\"add\",\"path\":\"/spec/template/spec/containers/-\"}]", true},
        {DEP, "[{\"op\":\"add\",\"path\":\"/metadata/labels/kubernetes.io~1x\"}]", false},
        {SBX, "[{\"op\":\"add\",\"path\":\"/metadata/annotations/a.k8s.io~1x\"}]", true},
        {SBX, "[{\"op\":\"add\",\"path\":\"/spec/shutdownPolicy\",\"value\":\"Delete\"}]", false},
        {SBX, "[{\"op\":\"add\",\"path\":\"/spec/podTemplate/metadata/labels/a\"}]", true},
        {CR, "[{\"op\":\"add\",\"path\":\"/spec/templates/0/container/image\"}]", true},
        {CR, "[{\"op\":\"add\",\"path\":\"/metadata\",\"value\":{}}]", true},
        {CR, "[{\"op\":\"add\",\"path\":\"/metadata/labels/paperclip.io~1role\"}]", true},
        {CR, "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\"}]", false},
        {CR, "[{\"op\":\"add\",\"path\":\"/metadata/finalizers/-\"}]", false},
        {CR, "[{\"op\":\"add\",\"path\":\"/status/x\"}]", false},
        {CR, "[{\"op\":\"add\",\"path\":\"/statuses\"}]", true},
        {CR, "[{\"op\":\"add\",\"path\":\"/metadatas/x\"}]", true},
};

static void patches(void **state)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_doc *doc SS_AUTO_DOC = from_json(rows[i].patch);

		if (ss_guard_patch_touches(rows[i].version, rows[i].kind, doc, ss_doc_root(doc)) !=
		    rows[i].touches)
			fail_msg("row %zu: %s %s touches: %d wanted", i,
			         rows[i].kind ? rows[i].kind : "-", rows[i].patch, rows[i].touches);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(patches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
