/* What a change of a stored object is judged by: what it makes, and what was there before. */
#include "support.h"

/* An agent's pod as its controller made it: nothing of the profile but the labels is as it must be. */
static struct ss_doc *agent_pod(void)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);

	return edited(
	        pod, "/metadata/labels",
	        "{\"paperclip.io/role\":\"agent\",\"agents.x-k8s.io/sandbox-name-hash\":\"h\"}");
}

static char *outcome(const struct ss_guard *guard, const struct ss_doc *before,
                     const struct ss_doc *after, bool whole)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_buf out = SS_BUF_INIT;

	ss_buf_puts(&out, "");
	ss_guard_check_change(guard, before, after, whole, &err);
	for (struct ss_iter it = ss_iter(err.details, ss_doc_root(err.details)); ss_iter_next(&it);)
		ss_buf_printf(&out, "%s%s %s", out.len ? "; " : "",
		              ss_doc_find_string(err.details, it.value, "rule", NULL),
		              ss_doc_find_string(err.details, it.value, "path", NULL));
	return ss_buf_take(&out, NULL);
}

#define ROLE_GONE "agentProfile metadata.labels[\"paperclip.io/role\"]"

/* Each row edits the agent's pod; "" = no complaint. */
static const struct {
	const char *path, *value, *want;
} rows[] = {
        /* What is not touched is not held against a patch: the controller's label, missing limits. */
        {"/metadata/annotations/a", "\"b\"", ""},
        {"/metadata/labels/a", "\"b\"", ""},
        {"/spec/activeDeadlineSeconds", "60", ""},
        {"/spec/containers/0/image", "\"other\"",
         "P06 spec.containers[0].securityContext.readOnlyRootFilesystem; "
         "P08 spec.containers[0].resources.limits.cpu; "
         "P08 spec.containers[0].resources.limits.memory"},
        {"/spec/volumes/0/emptyDir", "{}", "P06 spec.volumes[0].emptyDir.sizeLimit"},
        {"/spec/ephemeralContainers", "[]", ""},
        {"/spec/hostNetwork", "true", "hostNamespaces spec.hostNetwork"},
        {"/metadata/labels/agents.x-k8s.io~1sandbox-name-hash", "\"other\"",
         "P19 metadata.labels[\"agents.x-k8s.io/sandbox-name-hash\"]"},
        {"/metadata/labels/agents.x-k8s.io~1claim-uid", "\"u\"",
         "P19 metadata.labels[\"agents.x-k8s.io/claim-uid\"]"},
        /* Either label keeps it an agent's; without both nothing would be held against it later. */
        {"/metadata/labels/paperclip.io~1role", NULL, ""},
        {"/metadata/labels", "{}", ROLE_GONE},
        {"/metadata", "{\"name\":\"p\"}", ROLE_GONE},
};

static void patches(void **state)
{
	struct ss_doc *before SS_AUTO_DOC = agent_pod();

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_doc *after SS_AUTO_DOC = edited(before, rows[i].path, rows[i].value);
		char *got SS_AUTOFREE = outcome(NULL, before, after, false);

		if (strcmp(got, rows[i].want))
			fail_msg("%s: %s", rows[i].path, got);
	}
}

static void the_label_of_an_agent_stays(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *before SS_AUTO_DOC =
	        edited(pod, "/metadata/labels/paperclip.io~1role", "\"agent\"");
	struct ss_doc *other SS_AUTO_DOC =
	        edited(pod, "/metadata/labels/paperclip.io~1role", "\"tool\"");
	const struct ss_waiver waiver = {.rule = "agentProfile", .namespace_ = "demo", .name = "p"};
	const struct ss_guard guard = {&waiver, 1, NULL, NULL};

	for (int whole = 0; whole < 2; whole++) {
		char *gone SS_AUTOFREE = outcome(NULL, before, pod, whole);
		char *changed SS_AUTOFREE = outcome(NULL, before, other, whole);
		char *waived SS_AUTOFREE = outcome(&guard, before, pod, whole);
		char *never SS_AUTOFREE = outcome(NULL, other, pod, whole);

		assert_string_equal(gone, ROLE_GONE);
		assert_string_equal(changed, ROLE_GONE);
		assert_string_equal(waived, "");
		assert_string_equal(never, "");
	}
}

/* After an apply all of the object counts, whoever set it, but for the labels of others. */
static void applies(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *labelled SS_AUTO_DOC = edited(
	        pod, "/metadata/labels", "{\"paperclip.io/role\":\"agent\",\"x.k8s.io/a\":\"b\"}");
	struct ss_doc *bad SS_AUTO_DOC = edited(pod, "/spec/hostNetwork", "true");
	char *kept SS_AUTOFREE = outcome(NULL, bad, bad, true);
	char *answer SS_AUTOFREE = outcome(NULL, NULL, bad, true);
	char *patched SS_AUTOFREE = outcome(NULL, bad, bad, false);
	char *made SS_AUTOFREE = outcome(NULL, NULL, bad, false);
	char *keys SS_AUTOFREE = outcome(NULL, labelled, labelled, true);

	assert_string_equal(kept, "hostNamespaces spec.hostNetwork");
	assert_string_equal(answer, kept);
	assert_string_equal(patched, "");
	assert_string_equal(made, kept);
	assert_null(strstr(keys, "P19"));
	assert_non_null(strstr(keys, "P01"));
}

#define JOB(label)                                                                                 \
	"{\"metadata\":{\"labels\":{" label "}},\"spec\":{\"containers\":[{\"image\":\"x\"}]}}"
#define AGENT      JOB("\"paperclip.io/role\":\"agent\"")
#define JOBS(list) "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Set\",\"jobs\":[" list "]}"

/* Of several pods in one object it is the changed one that left; what moved did not change. */
static void one_of_several_pods(void **state)
{
	static const struct {
		const char *before, *after, *want;
	} sets[] = {
	        {JOBS(AGENT "," JOB("")), JOBS(JOB("") "," AGENT), ""},
	        {JOBS(AGENT "," JOB("")), JOBS(JOB("")), ""},
	        {JOBS(AGENT "," JOB("")), JOBS(JOB("") "," JOB("\"a\":\"b\"")),
	         "agentProfile jobs[1].metadata.labels[\"paperclip.io/role\"]"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(sets); i++) {
		struct ss_doc *before SS_AUTO_DOC = from_json(sets[i].before);
		struct ss_doc *after SS_AUTO_DOC = from_json(sets[i].after);
		char *got SS_AUTOFREE = outcome(NULL, before, after, false);
		const char *left = strstr(got, "agentProfile");

		if (strcmp(left ? left : "", sets[i].want))
			fail_msg("row %zu: %s", i, got);
	}
}

/* A violation is as old as the container that it lies in, not as its place in the list. */
static void containers_count_as_one(void **state)
{
	static const char bad[] =
	        "{\"name\":\"old\",\"image\":\"x\",\"securityContext\":{\"privileged\":true}}";
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *before SS_AUTO_DOC = edited(pod, "/spec/containers/-", bad);
	struct ss_doc *moved SS_AUTO_DOC =
	        edited(before, "/spec/containers/0", "{\"name\":\"new\",\"image\":\"y\"}");
	struct ss_doc *swapped SS_AUTO_DOC = edited(before, "/spec/containers/1/image", "\"evil\"");
	char *front SS_AUTOFREE = outcome(NULL, before, moved, false);
	char *other SS_AUTOFREE = outcome(NULL, before, swapped, false);

	assert_non_null(strstr(front, "spec.containers[0]"));
	assert_null(strstr(front, "privileged"));
	assert_non_null(strstr(other, "privileged spec.containers[1].securityContext.privileged"));
}

static void what_moves_to_another_place_is_new(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *before SS_AUTO_DOC =
	        edited(pod, "/spec/containers/-",
	               "{\"name\":\"old\",\"securityContext\":{\"privileged\":true}}");
	struct ss_doc *less SS_AUTO_DOC = edited(before, "/spec/containers/1", NULL);
	struct ss_doc *moved SS_AUTO_DOC =
	        edited(less, "/spec/initContainers",
	               "[{\"name\":\"old\",\"securityContext\":{\"privileged\":true}}]");
	char *got SS_AUTOFREE = outcome(NULL, before, moved, false);

	assert_non_null(
	        strstr(got, "privileged spec.initContainers[0].securityContext.privileged"));
}

/* A patch that makes the object sets all of its keys. */
static void what_a_patch_makes_is_all_its_own(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *made SS_AUTO_DOC =
	        edited(pod, "/metadata/labels/agents.x-k8s.io~1claim-uid", "\"u\"");
	char *got SS_AUTOFREE = outcome(NULL, NULL, made, false);

	assert_non_null(strstr(got, "P19 metadata.labels[\"agents.x-k8s.io/claim-uid\"]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(patches),
	        cmocka_unit_test(the_label_of_an_agent_stays),
	        cmocka_unit_test(applies),
	        cmocka_unit_test(one_of_several_pods),
	        cmocka_unit_test(containers_count_as_one),
	        cmocka_unit_test(what_moves_to_another_place_is_new),
	        cmocka_unit_test(what_a_patch_makes_is_all_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
