/* The guard as a whole: kinds, lists, messages, waivers. */
#include "support.h"

static const struct {
	const char *version, *kind, *before, *after; /* around a pod template */
	const char *path;                            /* of its spec */
} kinds[] = {
        {"v1", "PodTemplate", "\"template\":", "", "template"},
        {"v1", "ReplicationController", "\"spec\":{\"template\":", "}", "spec.template"},
        {"apps/v1", "ReplicaSet", "\"spec\":{\"template\":", "}", "spec.template"},
        {"apps/v1", "Deployment", "\"spec\":{\"template\":", "}", "spec.template"},
        {"apps/v1beta2", "Deployment", "\"spec\":{\"template\":", "}", "spec.template"},
        {"apps/v1", "StatefulSet", "\"spec\":{\"template\":", "}", "spec.template"},
        {"apps/v1", "DaemonSet", "\"spec\":{\"template\":", "}", "spec.template"},
        {"extensions/v1beta1", "Deployment", "\"spec\":{\"template\":", "}", "spec.template"},
        {"batch/v1", "Job", "\"spec\":{\"template\":", "}", "spec.template"},
        {"batch/v1", "CronJob", "\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":", "}}}",
         "spec.jobTemplate.spec.template"},
        {"agents.x-k8s.io/v1alpha1", "Sandbox", "\"spec\":{\"podTemplate\":", "}",
         "spec.podTemplate"},
        {"agents.x-k8s.io/v1beta1", "Sandbox", "\"spec\":{\"podTemplate\":", "}",
         "spec.podTemplate"},
        {"extensions.agents.x-k8s.io/v1beta1", "SandboxTemplate", "\"spec\":{\"podTemplate\":", "}",
         "spec.podTemplate"},
};

static char *verdict_of(const char *text)
{
	struct ss_doc *doc SS_AUTO_DOC = from_json(text);

	return verdict(NULL, doc);
}

static void every_kind_with_a_pod_spec(void **state)
{
	char want[128], text[512];

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		struct ss_doc *doc SS_AUTO_DOC = NULL;
		char *got SS_AUTOFREE = NULL;

		assert_true(ss_guard_covers(kinds[i].version, kinds[i].kind));
		snprintf(
		        text, sizeof(text),
		        "{\"apiVersion\":\"%s\",\"kind\":\"%s\",%s{\"spec\":{\"hostPID\":true}}%s}",
		        kinds[i].version, kinds[i].kind, kinds[i].before, kinds[i].after);
		snprintf(want, sizeof(want), "hostNamespaces %s.spec.hostPID", kinds[i].path);
		got = verdict_of(text);
		if (!strstr(got, want))
			fail_msg("%s: %s", text, got);
		/* All of a Sandbox is held to the agent profile, whoever applied it. */
		doc = from_json(text);
		assert_int_equal(ss_guard_merge_matters(doc, ss_doc_root(doc)),
		                 strncmp(kinds[i].kind, "Sandbox", 7) != 0);
	}
}

static void kinds_without_their_pod_spec(void **state)
{
	char text[256];

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		char *got SS_AUTOFREE = NULL;

		snprintf(text, sizeof(text), "{\"apiVersion\":\"%s\",\"kind\":\"%s\"}",
		         kinds[i].version, kinds[i].kind);
		got = verdict_of(text);
		if (strncmp(got, "malformed ", 10) != 0)
			fail_msg("%s: %s", text, got);
	}
}

static void other_kinds_are_not_checked(void **state)
{
	static const char *const documents[] = {
	        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"spec\":{\"hostNetwork\":false}}",
	        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{}}",
	        "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Pod\"}",
	        "{\"apiVersion\":\"example.com/v1\",\"kind\":\"List\",\"items\":[1]}",
	        "{\"apiVersion\":\"extensions.agents.x-k8s.io/v1beta1\",\"kind\":\"SandboxClaim\"}",
	        "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}",
	        "{\"apiVersion\":\"v1\",\"kind\":\"SecretList\",\"items\":7}",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(documents); i++) {
		char *got SS_AUTOFREE = verdict_of(documents[i]);

		if (got[0])
			fail_msg("%s: %s", documents[i], got);
	}
	assert_false(ss_guard_covers("v1", "ConfigMap"));
	assert_false(ss_guard_covers("rbac.authorization.k8s.io/v1", "Role"));
	assert_false(ss_guard_covers("batch/v1", "Sandbox"));
	assert_true(ss_guard_covers("example.com/v1", "Sandbox"));
	assert_true(ss_guard_covers("jobset.x-k8s.io/v1alpha2", "JobSet"));
	assert_false(ss_guard_covers("v1", "Deployment"));
	assert_false(ss_guard_covers("v1", "pod"));
	assert_false(ss_guard_covers("v1", NULL));
	/* Without a version any group may be meant. */
	assert_true(ss_guard_covers(NULL, "Deployment"));
	assert_true(ss_guard_covers("v1", "List"));
	assert_true(ss_guard_covers("v1", "PodList"));
	assert_false(ss_guard_covers("v1", "ConfigMapList"));
}

static void what_is_no_object(void **state)
{
	static const char *const documents[] = {"null", "7", "\"Pod\"", "[]", "{}"};

	for (size_t i = 0; i < SS_ARRAY_LEN(documents); i++) {
		char *got SS_AUTOFREE = verdict_of(documents[i]);

		assert_int_equal(strncmp(got, "malformed ", 10), 0);
	}
}

static void lists_item_by_item(void **state)
{
	char *got SS_AUTOFREE =
	        verdict_of("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[" GOOD_POD
	                   ",{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"},"
	                   "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":"
	                   "\"v1\",\"kind\":"
	                   "\"Pod\"}]},7,{\"apiVersion\":\"v1\"},null]}");
	char *typed SS_AUTOFREE =
	        verdict_of("{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[{},null]}");
	char *broken SS_AUTOFREE =
	        verdict_of("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":{}}");

	assert_string_equal(got, "malformed items[2].items[0].spec; malformed items[3]; "
	                         "malformed items[3].kind; malformed items[4].kind; "
	                         "malformed items[5].kind");
	assert_string_equal(typed, "malformed items[0].spec; malformed items[1].kind");
	assert_string_equal(broken, "malformed items");
}

static void message_of(const char *text, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = from_json(text);

	assert_int_equal(ss_guard_check(NULL, doc, ss_doc_root(doc), err), SS_ERR_POLICY);
}

static void messages_name_object_rule_and_remedy(void **state)
{
	struct ss_err err SS_AUTO_ERR;

	message_of("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\","
	           "\"namespace\":\"demo\"},\"spec\":{\"hostPID\":true,\"containers\":[{}]}}",
	           &err);
	assert_string_equal(err.message,
	                    "Pod demo/p is refused by the guard: spec.hostPID must not be true "
	                    "(hostNamespaces): write false or leave it out (and 4 more)");
	assert_string_equal(err.object, "Pod demo/p");
	assert_int_equal(err.code, SS_ERR_POLICY);
	assert_int_equal(ss_doc_count(err.details, ss_doc_root(err.details)), 5);
	ss_err_done(&err);
	message_of("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\\nb\\u001b["
	           "2J\"}}",
	           &err);
	assert_null(strpbrk(err.message, "\n\x1b"));
	assert_int_equal(ss_guard_check(NULL, NULL, SS_NO_NODE, NULL), SS_ERR_POLICY);
}

/* Who is told that a type of volume does not do is told every one that does. */
static void advice_lists_every_type_of_volume(void **state)
{
	static const char *const types[] = {"configMap", "csi",    "downwardAPI",
	                                    "emptyDir",  "image",  "persistentVolumeClaim",
	                                    "ephemeral", "secret", "projected"};
	struct ss_err err SS_AUTO_ERR;

	message_of("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"volumes\":[{\"name\":\"v\","
	           "\"hostPath\":{\"path\":\"/\"}}],\"containers\":[]}}",
	           &err);
	for (size_t i = 0; i < SS_ARRAY_LEN(types); i++) {
		const char *fix = NULL;

		for (struct ss_iter it = ss_iter(err.details, ss_doc_root(err.details));
		     ss_iter_next(&it);) {
			if (ss_doc_is_string(err.details, ss_doc_get(err.details, it.value, "rule"),
			                     "restrictedVolumes"))
				fix = ss_doc_find_string(err.details, it.value, "fix", NULL);
		}
		if (!fix || !strstr(fix, types[i]))
			fail_msg("%s is not in '%s'", types[i], fix);
	}
}

static void the_number_of_details_is_limited(void **state)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;

	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "apiVersion", "v1");
	ss_doc_put_string(doc, "kind", "List");
	ss_doc_key_lit(doc, "items");
	ss_doc_begin_array(doc);
	for (int i = 0; i < 5000; i++)
		ss_doc_int(doc, i);
	ss_doc_end(doc);
	ss_doc_end(doc);
	assert_int_equal(ss_guard_check(NULL, doc, ss_doc_root(doc), &err), SS_ERR_POLICY);
	assert_int_equal(ss_doc_count(err.details, ss_doc_root(err.details)), 1000);
	assert_non_null(strstr(err.message, "(and 9999 more)"));
}

/* --- waivers -------------------------------------------------------------- */

static void note(void *ud, const char *rule, const char *path, const char *object)
{
	ss_buf_printf(ud, "%s %s %s; ", rule, path, object);
}

static void waivers_let_pass_and_are_told(void **state)
{
	struct ss_buf told SS_AUTO_BUF = SS_BUF_INIT;
	const struct ss_waiver waivers[] = {
	        {.rule = "hostNamespaces"},
	        {.rule = "runAsUser", .namespace_ = "demo", .name = "p"},
	        {.rule = "restrictedVolumes", .namespace_ = "demo", .name = "other"},
	        {.rule = "malformed"},
	};
	const struct ss_guard guard = {waivers, SS_ARRAY_LEN(waivers), note, &told};
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *a SS_AUTO_DOC = edited(pod, "/spec/hostPID", "true");
	struct ss_doc *b SS_AUTO_DOC = edited(a, "/spec/securityContext/runAsUser", "0");
	struct ss_doc *c SS_AUTO_DOC = edited(b, "/spec/volumes/0", "{\"hostPath\":{}}");
	struct ss_doc *d SS_AUTO_DOC = edited(c, "/spec/hostIPC", "1");
	char *none SS_AUTOFREE = verdict(&guard, b);
	char *some SS_AUTOFREE = NULL;

	assert_string_equal(none, "");
	assert_string_equal(told.data, "hostNamespaces spec.hostPID Pod demo/p; "
	                               "runAsUser spec.securityContext.runAsUser Pod demo/p; ");
	some = verdict(&guard, d);
	assert_string_equal(some,
	                    "malformed spec.hostIPC; restrictedVolumes spec.volumes[0].hostPath");
}

static void a_waiver_for_one_object_needs_its_name(void **state)
{
	const struct ss_waiver waiver = {.rule = "hostNamespaces", .namespace_ = "", .name = ""};
	const struct ss_guard guard = {&waiver, 1, NULL, NULL};
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *bad SS_AUTO_DOC = edited(pod, "/spec/hostPID", "true");
	struct ss_doc *nameless SS_AUTO_DOC = edited(bad, "/metadata", "{}");
	char *got SS_AUTOFREE = verdict(&guard, nameless);

	assert_string_equal(got, "hostNamespaces spec.hostPID");
}

static void waivers_are_parsed(void **state)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_waiver w;
	char all[] = "P06", one[] = "runAsNonRoot=demo/s1";

	assert_int_equal(ss_guard_parse_waiver(all, &w, &err), 0);
	assert_string_equal(w.rule, "P06");
	assert_null(w.namespace_);
	assert_int_equal(ss_guard_parse_waiver(one, &w, &err), 0);
	assert_string_equal(w.rule, "runAsNonRoot");
	assert_string_equal(w.namespace_, "demo");
	assert_string_equal(w.name, "s1");
}

static void bad_waivers_are_usage_errors(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	        {"runasnonroot", "did you mean 'runAsNonRoot'?"},
	        {"privilegd", "did you mean 'privileged'?"},
	        {"", "no such rule"},
	        {"xyz", "no such rule"},
	        {"P03", "no such rule"},
	        {"malformed", "correct it"},
	        {"P06=", "NAMESPACE/NAME"},
	        {"P06=demo", "NAMESPACE/NAME"},
	        {"P06=/s1", "NAMESPACE/NAME"},
	        {"P06=demo/", "NAMESPACE/NAME"},
	        {"P06=a/b/c", "NAMESPACE/NAME"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_err err SS_AUTO_ERR;
		struct ss_waiver w;
		char text[64];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		assert_int_equal(ss_guard_parse_waiver(text, &w, &err), SS_ERR_USAGE);
		if (!strstr(err.message, rows[i].want))
			fail_msg("'%s': %s", rows[i].text, err.message);
	}
}

static void every_rule_has_its_row(void **state)
{
	size_t n;
	const struct ss_guard_rule *rules = ss_guard_rules(&n);

	assert_int_equal(n, 26);
	for (size_t i = 0; i < n; i++) {
		assert_true(rules[i].id[0] && rules[i].level[0] && rules[i].summary[0] &&
		            rules[i].fix[0]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rules[i].id, rules[k].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_kind_with_a_pod_spec),
	        cmocka_unit_test(kinds_without_their_pod_spec),
	        cmocka_unit_test(other_kinds_are_not_checked),
	        cmocka_unit_test(what_is_no_object),
	        cmocka_unit_test(lists_item_by_item),
	        cmocka_unit_test(messages_name_object_rule_and_remedy),
	        cmocka_unit_test(advice_lists_every_type_of_volume),
	        cmocka_unit_test(the_number_of_details_is_limited),
	        cmocka_unit_test(waivers_let_pass_and_are_told),
	        cmocka_unit_test(a_waiver_for_one_object_needs_its_name),
	        cmocka_unit_test(waivers_are_parsed),
	        cmocka_unit_test(bad_waivers_are_usage_errors),
	        cmocka_unit_test(every_rule_has_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
