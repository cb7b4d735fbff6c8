/* The stand-ins for controllers: a Sandbox's way to Ready, and what keeps it from it. */
#include "cluster.h"

#define SB  "/apis/agents.x-k8s.io/v1beta1/namespaces/default/sandboxes"
#define POD "/api/v1/namespaces/default/pods"

static void create(struct cluster *c, const char *name, const char *pod_spec, const char *spec)
{
	assert_int_equal(call(c, "POST", SB, JSON,
	                      "{'apiVersion':'agents.x-k8s.io/"
	                      "v1beta1','kind':'Sandbox','metadata':{'name':'%s'},"
	                      "'spec':{'podTemplate':{'metadata':{'labels':{'a':'b','agents.x-k8s."
	                      "io/x':'no'}},"
	                      "'spec':{%s}}%s}}",
	                      name, pod_spec, spec),
	                 201);
}

static const char *condition(struct cluster *c, const char *type, const char *field)
{
	static char path[64];

	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "status.conditions.%d.type", i);
		if (strcmp(at(c, path), type) != 0)
			continue;
		snprintf(path, sizeof(path), "status.conditions.%d.%s", i, field);
		return at(c, path);
	}
	return "";
}

#define PLAIN "'containers':[{'name':'a','image':'x'}]"

static void becomes_ready_step_by_step(void **state)
{
	struct cluster *c = *state;
	struct watch *w, *pods;

	w = watch_open(c, SB "?watch=true");
	pods = watch_open(c, POD "?watch=true");
	create(c, "s1", PLAIN, "");
	assert_at(c, "status", ""); /* as the write left it: the controller came after */
	watch_wait(w, 3);
	assert_string_equal(w->log.data, "ADDED s1\nMODIFIED s1\nMODIFIED s1\n");
	watch_wait(pods, 2);
	assert_string_equal(pods->log.data, "ADDED s1\nMODIFIED s1\n");
	watch_close(w);
	watch_close(pods);
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "status"), "True");
	assert_string_equal(condition(c, "Ready", "reason"), "DependenciesReady");
	assert_string_equal(condition(c, "Ready", "observedGeneration"), "1");
	assert_string_equal(condition(c, "PodScheduled", "status"), "True");
	assert_at(c, "status.selector", "agents.x-k8s.io/sandbox-name-hash=0851b8c9");
	assert_at(c, "status.nodeName", "embedded-0");
	assert_memory_equal(at(c, "status.podIPs.0"), "10.244.", 7);
	call(c, "GET", POD "/s1", NULL, NULL);
	assert_at(c, "status.phase", "Running");
	assert_at(c, "metadata.ownerReferences.0.kind", "Sandbox");
	assert_at(c, "metadata.ownerReferences.0.controller", "true");
	assert_string_equal(json_at(c, "metadata.labels"),
	                    "{\"a\":\"b\",\"agents.x-k8s.io/sandbox-name-hash\":\"0851b8c9\"}");
}

static void suspends_and_resumes(void **state)
{
	struct cluster *c = *state;

	create(c, "s1", PLAIN, "");
	call(c, "PATCH", SB "/s1", MERGE, "{'spec':{'operatingMode':'Suspended'}}");
	assert_at(c, "metadata.generation", "2");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "reason"), "SandboxSuspended");
	assert_string_equal(condition(c, "Suspended", "reason"), "PodTerminated");
	assert_string_equal(condition(c, "PodScheduled", "reason"), "");
	assert_at(c, "status.nodeName", "");
	assert_int_equal(call(c, "GET", POD "/s1", NULL, NULL), 404);
	call(c, "PATCH", SB "/s1", MERGE, "{'spec':{'operatingMode':'Running'}}");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "status"), "True");
	assert_string_equal(condition(c, "Suspended", "status"), "False");
}

static void replaces_a_lost_pod(void **state)
{
	struct cluster *c = *state;
	char uid[64];

	create(c, "s1", PLAIN, "");
	call(c, "GET", POD "/s1", NULL, NULL);
	snprintf(uid, sizeof(uid), "%s", at(c, "metadata.uid"));
	assert_int_equal(call(c, "DELETE", POD "/s1", NULL, NULL), 200);
	assert_at(c, "kind", "Pod");
	assert_at(c, "metadata.deletionGracePeriodSeconds", "30");
	assert_int_equal(call(c, "GET", POD "/s1", NULL, NULL), 200);
	assert_string_not_equal(at(c, "metadata.uid"), uid);
}

static void expires(void **state)
{
	struct cluster *c = *state;

	create(c, "s1", PLAIN, ",'shutdownTime':'2020-01-01T00:00:00Z'");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "reason"), "SandboxExpired");
	assert_int_equal(call(c, "GET", POD "/s1", NULL, NULL), 404);
	create(c, "s2", PLAIN, ",'shutdownTime':'2020-01-01T00:00:00Z','shutdownPolicy':'Delete'");
	assert_int_equal(call(c, "GET", SB "/s2", NULL, NULL), 404);
}

static int64_t now_ms = 1767225600000; /* 2026-01-01 */

static int64_t fake_wall(void)
{
	return now_ms;
}

static void expires_when_its_time_has_come(void **state)
{
	struct cluster *c = *state;

	ss_clock_set_for_test(NULL, fake_wall);
	create(c, "s1", PLAIN, ",'shutdownTime':'2026-01-01T00:01:00Z'");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "status"), "True");
	now_ms += 61000;
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "reason"), "SandboxExpired");
	ss_clock_set_for_test(NULL, NULL);
}

static void waits_for_a_service_account(void **state)
{
	struct cluster *c = *state;

	create(c, "s1", "'serviceAccountName':'later'," PLAIN, "");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "reason"), "ReconcilerError");
	assert_string_equal(
	        condition(c, "Ready", "message"),
	        "Error seen: pods \"s1\" is forbidden: error looking up service account "
	        "default/later: serviceaccount \"later\" not found");
	call(c, "POST", "/api/v1/namespaces/default/serviceaccounts", JSON,
	     "{'metadata':{'name':'later'}}");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "status"), "True");
}

static void waits_for_a_secret(void **state)
{
	struct cluster *c = *state;

	create(c, "s1",
	       "'containers':[{'name':'a','image':'x','envFrom':[{'secretRef':{'name':'env'}}]}]",
	       "");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "message"), "Pod exists with phase: Pending");
	call(c, "GET", POD "/s1", NULL, NULL);
	assert_at(c, "status.containerStatuses.0.state.waiting.reason",
	          "CreateContainerConfigError");
	assert_at(c, "status.containerStatuses.0.state.waiting.message",
	          "secret \"env\" not found");
	call(c, "POST", "/api/v1/namespaces/default/secrets", JSON, "{'metadata':{'name':'env'}}");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "status"), "True");
}

static void tells_what_cannot_run(void **state)
{
	static const struct {
		const char *container, *reason, *event;
	} rows[] = {
	        {"'image':'invalid:image:name'", "InvalidImageName", "Failed"},
	        {"'image':'UPPER/x'", "InvalidImageName", "Failed"},
	        {"'image':'nowhere.invalid/x:1'", "ImagePullBackOff", "Failed"},
	        {"'image':'x','resources':{'requests':{'cpu':'65'}}", "", "FailedScheduling"},
	        {"'image':'x','resources':{'requests':{'memory':'300Gi'}}", "", "FailedScheduling"},
	        {"'image':'reg.example:5000/a/b:V1'", "", ""},
	        {"'image':'a@sha256:0123'", "", ""},
	};
	struct cluster *c = *state;
	char name[16], spec[256], path[256];

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		snprintf(name, sizeof(name), "s%zu", i);
		snprintf(spec, sizeof(spec), "'containers':[{'name':'a',%s}]", rows[i].container);
		create(c, name, spec, "");
		call(c, "GET", ss_path(POD, name, ""), NULL, NULL);
		assert_at(c, "status.containerStatuses.0.state.waiting.reason", rows[i].reason);
		assert_at(c, "status.phase", *rows[i].event ? "Pending" : "Running");
		snprintf(
		        path, sizeof(path),
		        "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%%3D%s",
		        name);
		call(c, "GET", path, NULL, NULL);
		assert_at(c, "items.0.reason", rows[i].event);
		assert_at(c, "items.1.reason", "");
	}
	call(c, "GET", SB "/s3", NULL, NULL);
	assert_string_equal(condition(c, "PodScheduled", "reason"), "Unschedulable");
}

static void refuses_what_it_has_not_got(void **state)
{
	struct cluster *c = *state;

	create(c, "s1", PLAIN, ",'service':true");
	call(c, "GET", SB "/s1", NULL, NULL);
	assert_string_equal(
	        condition(c, "Ready", "message"),
	        "Error seen: the embedded cluster has no Services: leave spec.service out or use a "
	        "real cluster");
	/* A Pod of that name that is not the Sandbox's own is not touched. */
	call(c, "POST", POD, JSON, "{'metadata':{'name':'s2'},'spec':{" PLAIN "}}");
	create(c, "s2", PLAIN, "");
	call(c, "GET", SB "/s2", NULL, NULL);
	assert_string_equal(condition(c, "Ready", "reason"), "ReconcilerError");
	assert_memory_equal(condition(c, "Ready", "message"),
	                    "Error seen: cannot adopt unowned pod \"s2\"", 41);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cluster_setup, cluster_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(becomes_ready_step_by_step),
	        TEST(suspends_and_resumes),
	        TEST(replaces_a_lost_pod),
	        TEST(expires),
	        TEST(expires_when_its_time_has_come),
	        TEST(waits_for_a_service_account),
	        TEST(waits_for_a_secret),
	        TEST(tells_what_cannot_run),
	        TEST(refuses_what_it_has_not_got),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
