/* Why a wait does not end well: causes of the Sandbox, its pod and the events (kubernetes.md
 * section 10, "Sandbox"). */
#include "wait_fixture.h"

static void terminal(const char *reason, const char *message, const char *want)
{
	struct ss_http_op *r;
	struct waiting w;

	r = open_after_write(&w);
	send_event(r, "MODIFIED", sandbox("False", reason, message, 2));
	if (want) {
		assert_int_equal(w.f.n_done, 1);
		assert_int_equal(w.f.err.code, SS_ERR_FAILED);
		assert_string_equal(w.f.err.message, want);
		assert_string_equal(w.f.err.reason, reason);
		assert_string_equal(w.f.err.object, "Sandbox demo/s1");
	} else {
		assert_int_equal(w.f.n_done, 0);
	}
	close_wait(&w);
}

static void causes_of_the_sandbox(void **state)
{
	terminal("SandboxExpired", "Sandbox has expired", "SandboxExpired: Sandbox has expired");
	terminal("SandboxSuspended", "Sandbox is suspended",
	         "SandboxSuspended: it is suspended: set spec.operatingMode to Running");
	terminal("ReconcilerError",
	         "Error seen: pods s1 is forbidden: violates PodSecurity restricted:latest",
	         "ReconcilerError: pods s1 is forbidden: violates PodSecurity restricted:latest");
	terminal("ReconcilerError", "Error seen: pods s1 is forbidden: exceeded quota: q",
	         "ReconcilerError: pods s1 is forbidden: exceeded quota: q");
	terminal("ReconcilerError", "Error seen: admission webhook w denied the request: no",
	         "ReconcilerError: admission webhook w denied the request: no");
	/* What can never be made (a service is named after its sandbox). */
	terminal("ReconcilerError",
	         "Error seen: Service s1 is invalid: metadata.name: Invalid value: s1: must be no "
	         "more than 63 characters",
	         "ReconcilerError: Service s1 is invalid: metadata.name: Invalid value: s1: must "
	         "be no more than 63 characters");
	terminal("ReconcilerError", "Error seen: Pod s1 is invalid: spec.x: Required value",
	         "ReconcilerError: Pod s1 is invalid: spec.x: Required value");
	terminal("ReconcilerError", "Error seen: spec.y: Unsupported value: z",
	         "ReconcilerError: spec.y: Unsupported value: z");
	terminal("InvalidConfiguration", "two templates", "InvalidConfiguration: two templates");
	/* These heal. */
	terminal("ReconcilerError",
	         "Error seen: pods s1 is forbidden: error looking up service account demo/default",
	         NULL);
	terminal("ReconcilerError", "Error seen: connection refused", NULL);
	terminal("ReconcilerError", "Error seen: pods s1 is forbidden: status unknown for quota: q",
	         NULL);
	terminal("DependenciesNotReady", "x", NULL);
	terminal("MultiplePods", "x", NULL);
}

/* Resumed: the condition tells of the time before, until the controller has looked again. */
static void a_resumed_sandbox_is_awaited(void **state)
{
	static const struct {
		const char *spec;
		bool ends;
	} rows[] = {
	        {"{\"operatingMode\":\"Suspended\"}", true},
	        {"{\"operatingMode\":\"Running\"}", false},
	        {"{\"replicas\":0}", true},
	        {"{\"replicas\":1}", false},
	        {"{}", false},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_http_op *r;
		struct waiting w;
		char text[1024];

		r = open_after_write(&w);
		snprintf(text, sizeof(text),
		         "{\"apiVersion\":\"agents.x-k8s.io/v1beta1\",\"kind\":\"Sandbox\","
		         "\"metadata\":{\"name\":\"s1\",\"namespace\":\"demo\",\"uid\":\"u1\","
		         "\"resourceVersion\":\"9\",\"generation\":2},\"spec\":%s,\"status\":{"
		         "\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":"
		         "\"SandboxSuspended\",\"message\":\"m\",\"observedGeneration\":2}]}}",
		         rows[i].spec);
		send_event(r, "MODIFIED", text);
		assert_int_equal(w.f.n_done, rows[i].ends);
		if (!rows[i].ends) {
			send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "m", 2));
			assert_int_equal(w.f.n_done, 1);
			assert_int_equal(w.f.err.code, 0);
		}
		close_wait(&w);
	}
}

/* The Sandbox says that its pod failed; the pod says why. */
static void cause_of_an_ended_pod(void **state)
{
	static const struct {
		int status;
		const char *pod_status, *want, *reason;
	} rows[] = {
	        {200,
	         "{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"The node was low on "
	         "memory\"}",
	         "Pod demo/s1: Evicted: The node was low on memory", "Evicted"},
	        {200,
	         "{\"phase\":\"Failed\",\"containerStatuses\":[{\"name\":\"agent\",\"state\":{"
	         "\"terminated\":"
	         "{\"exitCode\":137,\"reason\":\"OOMKilled\"}}}]}",
	         "Pod demo/s1: OOMKilled: container agent: exit code 137", "OOMKilled"},
	        {200, "{\"phase\":\"Succeeded\"}", "Pod demo/s1: PodSucceeded: the pod has ended",
	         "PodSucceeded"},
	        {404, "{}", "PodFailed: Pod failed", "PodFailed"},
	        {403, "{}", "PodFailed: Pod failed", "PodFailed"},
	};
	struct ss_http_op *r;
	struct waiting w;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		r = open_after_write(&w);
		send_event(r, "MODIFIED", sandbox("False", "PodFailed", "Pod failed", 2));
		assert_int_equal(w.f.n_done, 0);
		r = fake_take(&w.f, "GET", PODS "/s1");
		if (rows[i].status == 200)
			fake_reply(r, 200, pod(rows[i].pod_status));
		else
			fake_status(r, rows[i].status,
			            rows[i].status == 404 ? "NotFound" : "Forbidden", "m");
		assert_int_equal(w.f.err.code, SS_ERR_FAILED);
		assert_string_equal(w.f.err.message, rows[i].want);
		assert_string_equal(w.f.err.reason, rows[i].reason);
		close_wait(&w);
	}
}

/* After a second the pod is watched; what cannot heal ends the wait, the rest is told. */
static struct ss_http_op *drag_on(struct waiting *w, const char *pod_status)
{
	struct ss_http_op *r = open_after_write(w);
	struct ss_buf list SS_AUTO_BUF = SS_BUF_INIT;

	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
	fake_advance(&w->f, 999);
	assert_true(fake_idle(&w->f));
	fake_advance(&w->f, 2);
	ss_buf_printf(&list, "{\"metadata\":{\"resourceVersion\":\"8\"},\"items\":[%s]}",
	              pod_status ? pod(pod_status) : "");
	fake_reply(fake_take(&w->f, "GET", POD_LIST), 200, list.data);
	return r;
}

#define WAITING(reason, message)                                                                   \
	"{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"agent\",\"state\":{"            \
	"\"waiting\":{"                                                                            \
	"\"reason\":\"" reason "\",\"message\":\"" message "\"}}}]}"

static void causes_of_the_pod(void **state)
{
	static const struct {
		const char *status, *text;
		bool ends;
	} rows[] = {
	        {WAITING("InvalidImageName", "couldn't parse"),
	         "Pod demo/s1: InvalidImageName: container agent: couldn't parse", true},
	        {WAITING("ErrImageNeverPull", "m"),
	         "Pod demo/s1: ErrImageNeverPull: container agent: m", true},
	        {"{\"phase\":\"Failed\",\"reason\":\"Evicted\"}",
	         "Pod demo/s1: Evicted: the pod failed", true},
	        {WAITING("ImagePullBackOff", "back-off"),
	         "Pod demo/s1: ImagePullBackOff: container agent: back-off", false},
	        {WAITING("CrashLoopBackOff", "m"),
	         "Pod demo/s1: CrashLoopBackOff: container agent: m", false},
	        {WAITING("CreateContainerConfigError", "secret x not found"),
	         "Pod demo/s1: CreateContainerConfigError: container agent: secret x not found",
	         false},
	        {"{\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":"
	         "\"False\",\"reason\":"
	         "\"Unschedulable\",\"message\":\"0/1 nodes\"}]}",
	         "Pod demo/s1: Unschedulable: 0/1 nodes", false},
	        {"{\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"init\",\"state\":{"
	         "\"terminated\":"
	         "{\"exitCode\":3,\"reason\":\"Error\"}}}]}",
	         "Pod demo/s1: Error: container init: exit code 3", false},
	};
	char text[300];
	struct waiting w;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		drag_on(&w, rows[i].status);
		if (rows[i].ends) {
			assert_int_equal(w.f.err.code, SS_ERR_FAILED);
			assert_string_equal(w.f.err.message, rows[i].text);
		} else {
			assert_int_equal(w.f.n_done, 0);
			fake_has(w.told, rows[i].text);
			stream(&w, PODS "?watch*");
			fake_advance(&w.f, 58500);
			/* Who knows the reason by its name reads no events. */
			assert_true(fake_idle(&w.f));
			fake_advance(&w.f, 1500);
			assert_int_equal(w.f.err.code, SS_ERR_TIMEOUT);
			snprintf(text, sizeof(text), "timed out after 60 s: %s", rows[i].text);
			assert_string_equal(w.f.err.message, text);
		}
		close_wait(&w);
	}
}

/* A pod whose state says nothing, or none at all: the events do. */
static void events_name_the_cause(void **state)
{
	static const char events[] =
	        "{\"metadata\":{},\"items\":[{\"metadata\":{},\"type\":\"Normal\",\"reason\":"
	        "\"Scheduled\",\"lastTimestamp\":"
	        "\"2026-01-01T00:00:03Z\"},{\"metadata\":{},\"type\":\"Warning\",\"reason\":"
	        "\"FailedMount\",\"message\":\"secret x "
	        "not found\",\"lastTimestamp\":\"2026-01-01T00:00:02Z\"}]}";
	struct ss_http_op *r;
	struct waiting w;

	drag_on(&w, "{\"phase\":\"Pending\"}");
	fake_has(w.told, "its containers are being created");
	stream(&w, PODS "?watch*");
	fake_advance(&w.f, 58000);
	r = fake_take(&w.f, "GET", "/api/v1/namespaces/demo/events?*");
	fake_has(r->path, "involvedObject.kind%3DPod");
	fake_reply(r, 200, events);
	fake_advance(&w.f, 2000);
	assert_string_equal(w.f.err.message,
	                    "timed out after 60 s: FailedMount: secret x not found");
	assert_string_equal(w.f.err.reason, "FailedMount");
	close_wait(&w);

	drag_on(&w, NULL);
	stream(&w, PODS "?watch*");
	fake_advance(&w.f, 58000);
	r = fake_take(&w.f, "GET", "/api/v1/namespaces/demo/events?*");
	fake_has(r->path, "involvedObject.kind%3DSandbox");
	fake_status(r, 403, "Forbidden", "m");
	fake_advance(&w.f, 2000);
	assert_string_equal(w.f.err.message, "timed out after 60 s: DependenciesNotReady: x");
	close_wait(&w);
}

/* A user who may not read pods still can wait for his sandbox. */
static void pods_are_forbidden(void **state)
{
	struct ss_http_op *r;
	struct waiting w;

	r = open_after_write(&w);
	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
	fake_advance(&w.f, 1001);
	fake_status(fake_take(&w.f, "GET", POD_LIST), 403, "Forbidden", "m");
	assert_int_equal(w.f.n_done, 0);
	send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "", 2));
	assert_int_equal(w.f.err.code, 0);
	assert_int_equal(w.f.n_done, 1);
	close_wait(&w);
}

#define OLD_POD(meta)                                                                              \
	"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"s1\"," meta                                    \
	"},\"status\":{\"phase\":\"Failed\",\"reason\":\"ContainerStatusUnknown\"}}"

/* The sandbox (uid u1) was made anew under its name: what is left of the old pod is not its own. */
static void pod_of_the_one_before(void **state)
{
	static const char *const pods[] = {
	        OLD_POD("\"ownerReferences\":[{\"kind\":\"Sandbox\",\"uid\":\"u0\"}]"),
	        OLD_POD("\"deletionTimestamp\":\"2026-01-01T00:00:00Z\""),
	};
	struct ss_http_op *r;
	struct waiting w;

	for (size_t i = 0; i < SS_ARRAY_LEN(pods); i++) {
		struct ss_buf list SS_AUTO_BUF = SS_BUF_INIT;

		r = open_after_write(&w);
		send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
		fake_advance(&w.f, 1001);
		ss_buf_printf(&list, "{\"metadata\":{\"resourceVersion\":\"8\"},\"items\":[%s]}",
		              pods[i]);
		fake_reply(fake_take(&w.f, "GET", POD_LIST), 200, list.data);
		assert_int_equal(w.f.n_done, 0);
		/* The controller saw the old one, too. */
		send_event(r, "MODIFIED", sandbox("False", "PodFailed", "x", 2));
		stream(&w, PODS "?watch*");
		fake_reply(fake_take(&w.f, "GET", PODS "/s1"), 200, pods[i]);
		assert_int_equal(w.f.n_done, 0);
		send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "", 2));
		assert_int_equal(w.f.n_done, 1);
		assert_int_equal(w.f.err.code, 0);
		close_wait(&w);
	}
}

static void pod_of_another_name(void **state)
{
	struct ss_http_op *r;
	struct waiting w;

	r = open_after_write(&w);
	send_event(r, "MODIFIED",
	           "{\"kind\":\"Sandbox\",\"metadata\":{\"name\":\"s1\",\"annotations\":{\"agents."
	           "x-k8s.io/pod-name\":"
	           "\"warm-7\"}}}");
	fake_advance(&w.f, 1001);
	fake_take(&w.f, "GET", PODS "?limit=500&fieldSelector=metadata.name%3Dwarm-7");
	close_wait(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(causes_of_the_sandbox),
	        cmocka_unit_test(a_resumed_sandbox_is_awaited),
	        cmocka_unit_test(cause_of_an_ended_pod),
	        cmocka_unit_test(causes_of_the_pod),
	        cmocka_unit_test(events_name_the_cause),
	        cmocka_unit_test(pods_are_forbidden),
	        cmocka_unit_test(pod_of_another_name),
	        cmocka_unit_test(pod_of_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
