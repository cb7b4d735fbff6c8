/* Waits: verdicts, causes, deletion, time (kubernetes.md K40-K42 and section 10, "Sandbox"). */
#include "fake.h"

struct waiting {
	struct fake f; /* first: fake_done and the callbacks get the same pointer */
	struct ss_wait *w;
	char told[4096]; /* progress lines */
	int n_told;
	enum ss_verdict verdict;
	bool cancel_when_told, cancel_in_verdict;
};

static void on_done(void *ud, struct ss_result *result, const struct ss_err *err)
{
	((struct waiting *)ud)->w = NULL;
	fake_done(ud, result, err);
}

static void on_progress(void *ud, const char *text)
{
	struct waiting *w = ud;
	size_t used = strlen(w->told);

	snprintf(w->told + used, sizeof(w->told) - used, "%s\n", text);
	w->n_told++;
	if (w->cancel_when_told) {
		ss_wait_cancel(w->w);
		w->w = NULL;
	}
}

static enum ss_verdict on_verdict(void *ud, const struct ss_doc *object, struct ss_err *err)
{
	struct waiting *w = ud;

	if (w->cancel_in_verdict) {
		ss_wait_cancel(w->w);
		w->w = NULL;
	}
	if (w->verdict == SS_WAIT_FAILED)
		ss_err_set(err, SS_ERR_FAILED, "my own words");
	return w->verdict;
}

static void start(struct waiting *w, const struct ss_wait_spec *spec)
{
	struct ss_wait_spec with = *spec;

	with.progress = on_progress;
	assert_int_equal(ss_wait_start(w->f.client, &with, on_done, w, &w->w, &w->f.err), 0);
}

static void open_wait(struct waiting *w, const struct ss_wait_spec *spec)
{
	*w = (struct waiting){0};
	fake_open(&w->f);
	start(w, spec);
}

static void close_wait(struct waiting *w)
{
	ss_wait_cancel(w->w);
	fake_close(&w->f);
}

#define SANDBOXES "/apis/agents.x-k8s.io/v1beta1/namespaces/demo/sandboxes"
#define PODS      "/api/v1/namespaces/demo/pods"

/* A Sandbox that is awaited after the write that returned version 5. */
static const struct ss_wait_spec after_write = {
        .ref = {.kind = "Sandbox", .name = "s1"}, .resource_version = "5", .terminal_causes = true};

static struct ss_http_op *stream(struct waiting *w, const char *path)
{
	struct ss_http_op *r = fake_take(&w->f, "GET", path);

	assert_int_equal(r->lane, SS_LANE_WATCH);
	fake_head(r, 200);
	return r;
}

static struct ss_http_op *open_after_write(struct waiting *w)
{
	struct ss_http_op *r;

	open_wait(w, &after_write);
	fake_agents(&w->f, "v1beta1");
	/* K40: no list, no poll: the first request is the watch of this one object from there. */
	r = stream(w, SANDBOXES "?watch=true&allowWatchBookmarks=true&resourceVersion=5&*");
	fake_has(r->path, "&fieldSelector=metadata.name%3Ds1");
	return r;
}

static void send_event(struct ss_http_op *r, const char *type, const char *object)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_printf(&b, "{\"type\":\"%s\",\"object\":%s}\n", type, object);
	fake_data(r, b.data, b.len);
}

/* generation 2; the condition was written for the generation `seen`. */
static const char *sandbox(const char *status, const char *reason, const char *message, int seen)
{
	static char text[2048];

	snprintf(text, sizeof(text),
	         "{\"apiVersion\":\"agents.x-k8s.io/"
	         "v1beta1\",\"kind\":\"Sandbox\",\"metadata\":{\"name\":\"s1\","
	         "\"namespace\":\"demo\",\"uid\":\"u1\",\"resourceVersion\":\"9\",\"generation\":2}"
	         ",\"spec\":"
	         "{\"operatingMode\":\"%s\"},\"status\":{\"conditions\":[{\"type\":\"Ready\","
	         "\"status\":\"%s\","
	         "\"reason\":\"%s\",\"message\":\"%s\",\"observedGeneration\":%d}]}}",
	         strcmp(reason, "SandboxSuspended") ? "Running" : "Suspended", status, reason,
	         message, seen);
	return text;
}

static const char *pod(const char *status)
{
	static char text[2048];

	snprintf(text, sizeof(text),
	         "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"s1\",\"uid\":"
	         "\"p1\",\"resourceVersion\":"
	         "\"7\"},\"spec\":{\"nodeName\":\"n\"},\"status\":%s}",
	         status);
	return text;
}

static void ready(void **state)
{
	struct ss_http_op *r;
	struct waiting w;

	r = open_after_write(&w);
	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "Pod is Pending", 2));
	assert_int_equal(w.f.n_done, 0);
	assert_string_equal(w.told, "Sandbox s1: DependenciesNotReady: Pod is Pending\n");
	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "Pod is Pending", 2));
	assert_int_equal(w.n_told, 1);
	send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "", 2));
	assert_int_equal(w.f.n_done, 1);
	assert_int_equal(w.f.err.code, 0);
	assert_string_equal(fake_string(w.f.doc, "metadata", "name"), "s1");
	assert_null(w.f.ops);
	close_wait(&w);
}

/* Ready of an older generation says nothing about this one (K41). */
static void stale_conditions(void **state)
{
	struct ss_http_op *r;
	struct waiting w;

	r = open_after_write(&w);
	send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "", 1));
	send_event(r, "MODIFIED", sandbox("False", "PodFailed", "Pod failed", 1));
	assert_int_equal(w.f.n_done, 0);
	fake_has(w.told, "has not seen this generation");
	send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "", 2));
	assert_int_equal(w.f.err.code, 0);
	assert_int_equal(w.f.n_done, 1);
	close_wait(&w);
}

/* What the write returned is judged first; done still comes from the loop. */
static void ready_already(void **state)
{
	struct ss_doc *doc = fake_json(sandbox("True", "DependenciesReady", "", 2));
	struct ss_wait_spec spec = after_write;
	struct waiting w;

	spec.object_doc = doc;
	spec.object = ss_doc_root(doc);
	open_wait(&w, &spec);
	ss_doc_free(doc);
	assert_int_equal(w.f.n_done, 0);
	fake_turn(&w.f);
	assert_int_equal(w.f.n_done, 1);
	assert_int_equal(w.f.err.code, 0);
	assert_int_equal(w.f.n_started, 0);
	close_wait(&w);
}

/* A state that is not the awaited one: on from its version. */
static void not_ready_yet(void **state)
{
	struct ss_doc *doc = fake_json(sandbox("False", "DependenciesNotReady", "x", 2));
	struct ss_wait_spec spec = after_write;
	struct ss_http_op *r;
	struct waiting w;

	spec.object_doc = doc;
	spec.object = ss_doc_root(doc);
	for (int i = 0; i < 3; i++) {
		spec.verdict = i ? on_verdict : NULL;
		open_wait(&w, &spec);
		w.cancel_in_verdict = i == 1;
		w.cancel_when_told = i == 2;
		fake_turn(&w.f);
		if (!i) {
			fake_agents(&w.f, "v1beta1");
			r = stream(&w, SANDBOXES
			           "?watch=true&allowWatchBookmarks=true&resourceVersion=5&*");
			send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "", 2));
			assert_int_equal(w.f.err.code, 0);
			assert_int_equal(w.f.n_done, 1);
		} else {
			assert_null(w.w);
			assert_int_equal(w.f.n_started, 0);
		}
		close_wait(&w);
	}
	ss_doc_free(doc);
}

/* Silence from a version whose state is not known: one look, not a hang. */
static void silence(void **state)
{
	struct waiting w;
	struct ss_http_op *r;

	open_after_write(&w);
	fake_advance(&w.f, 249);
	assert_true(fake_idle(&w.f));
	fake_advance(&w.f, 2);
	r = fake_take(&w.f, "GET", SANDBOXES "/s1");
	fake_reply(r, 200, sandbox("True", "DependenciesReady", "", 2));
	assert_int_equal(w.f.n_done, 1);
	assert_int_equal(w.f.err.code, 0);
	close_wait(&w);
}

static void look_fails_or_is_late(void **state)
{
	struct ss_http_op *r, *look;
	struct waiting w;

	r = open_after_write(&w);
	fake_advance(&w.f, 300);
	fake_status(fake_take(&w.f, "GET", SANDBOXES "/s1"), 403, "Forbidden", "no get for you");
	assert_int_equal(w.f.n_done, 0);
	close_wait(&w);

	r = open_after_write(&w);
	fake_advance(&w.f, 300);
	look = fake_take(&w.f, "GET", SANDBOXES "/s1");
	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
	/* Older than what the watch has shown. */
	fake_reply(look, 200, sandbox("True", "DependenciesReady", "", 2));
	assert_int_equal(w.f.n_done, 0);
	close_wait(&w);
}

/* --- without a version ------------------------------------------------------------------ */

static const struct ss_wait_spec look_first = {.ref = {.kind = "Pod", .name = "s1"},
                                               .terminal_causes = true};

#define POD_LIST PODS "?limit=500&fieldSelector=metadata.name%3Ds1"
#define LIST(rv, items)                                                                            \
	"{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv      \
	"\"},\"items\":[" items "]}"

static void missing_is_awaited(void **state)
{
	struct ss_http_op *r;
	struct waiting w;

	open_wait(&w, &look_first);
	fake_reply(fake_take(&w.f, "GET", POD_LIST), 200, LIST("3", ""));
	assert_string_equal(w.told, "Pod s1: it does not exist yet\n");
	r = stream(&w, PODS "?watch=true&allowWatchBookmarks=true&resourceVersion=3&*");
	send_event(r, "ADDED",
	           pod("{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":"
	               "\"True\"}]}"));
	assert_int_equal(w.f.n_done, 1);
	assert_int_equal(w.f.err.code, 0);
	close_wait(&w);

	open_wait(&w, &look_first);
	fake_reply(fake_take(&w.f, "GET", POD_LIST), 200, LIST("3", ""));
	fake_advance(&w.f, 60001);
	assert_int_equal(w.f.err.code, SS_ERR_TIMEOUT);
	assert_string_equal(w.f.err.message, "timed out after 60 s: it does not exist yet");
	close_wait(&w);
}

static void unreachable(void **state)
{
	struct waiting w;

	open_wait(&w, &look_first);
	fake_end(fake_take(&w.f, "GET", POD_LIST), SS_ERR_UNAVAILABLE);
	assert_int_equal(w.f.err.code, SS_ERR_UNAVAILABLE);
	assert_string_equal(w.f.err.op, "wait");
	assert_string_equal(w.f.err.object, "Pod demo/s1");
	close_wait(&w);
}

/* The network is at fault, and that is what the timeout says. */
static void cut_off(void **state)
{
	struct ss_wait_spec spec = after_write;
	struct waiting w;

	spec.timeout_ms = 2000;
	open_wait(&w, &spec);
	fake_agents(&w.f, "v1beta1");
	fake_end(fake_take(&w.f, "GET", SANDBOXES "?watch*"), SS_ERR_UNAVAILABLE);
	while (!w.f.n_done) {
		fake_advance(&w.f, 100);
		while (!fake_idle(&w.f))
			fake_end(fake_take(&w.f, "GET", "/*"), SS_ERR_UNAVAILABLE);
	}
	assert_int_equal(w.f.err.code, SS_ERR_TIMEOUT);
	fake_has(w.f.err.message,
	         "timed out after 2 s: context test at https://fake:6443: the network failed");
	close_wait(&w);
}

/* --- deletion ------------------------------------------------------------------------------ */

static void deleted_while_awaited(void **state)
{
	struct ss_http_op *r;
	struct waiting w;

	r = open_after_write(&w);
	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
	send_event(r, "DELETED", sandbox("False", "DependenciesNotReady", "x", 2));
	assert_int_equal(w.f.err.code, SS_ERR_FAILED);
	assert_string_equal(w.f.err.reason, "Deleted");
	close_wait(&w);
}

/* Made anew under the same name while nobody looked: not the object that was meant. */
static void recreated(void **state)
{
	struct ss_wait_spec spec = after_write;
	char other[2048];
	struct ss_http_op *r;
	struct waiting w;

	snprintf(other, sizeof(other), "%s", sandbox("True", "DependenciesReady", "", 2));
	memcpy(strstr(other, "\"u1\""), "\"u2\"", 4);
	r = open_after_write(&w);
	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
	send_event(r, "ADDED", other);
	assert_int_equal(w.f.err.code, SS_ERR_FAILED);
	fake_has(w.f.err.message, "made anew");
	close_wait(&w);

	spec.ref.uid = "u1";
	open_wait(&w, &spec);
	fake_agents(&w.f, "v1beta1");
	send_event(stream(&w, SANDBOXES "?watch*"), "ADDED", other);
	assert_int_equal(w.f.err.code, SS_ERR_FAILED);
	close_wait(&w);
}

static void wait_for_deletion(void **state)
{
	struct ss_wait_spec spec = {.ref = {.kind = "Pod", .name = "s1", .uid = "p1"},
	                            .deleted = true};
	struct waiting w;

	/* Not there; another one is there; goes. */
	for (int i = 0; i < 3; i++) {
		open_wait(&w, &spec);
		fake_reply(fake_take(&w.f, "GET", POD_LIST), 200,
		           i == 0   ? LIST("3", "")
		           : i == 1 ? LIST("3", "{\"metadata\":{\"name\":\"s1\",\"uid\":\"p2\"}}")
		                    : LIST("3", "{\"metadata\":{\"name\":\"s1\",\"uid\":\"p1\"}}"));
		if (i == 2) {
			assert_int_equal(w.f.n_done, 0);
			send_event(stream(&w, PODS "?watch*"), "DELETED", pod("{}"));
		}
		assert_int_equal(w.f.n_done, 1);
		assert_int_equal(w.f.err.code, 0);
		assert_null(w.f.doc);
		close_wait(&w);
	}
}

/* --- causes ------------------------------------------------------------------------------------ */

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
	/* These heal. */
	terminal("ReconcilerError",
	         "Error seen: pods s1 is forbidden: error looking up service account demo/default",
	         NULL);
	terminal("ReconcilerError", "Error seen: connection refused", NULL);
	terminal("DependenciesNotReady", "x", NULL);
	terminal("MultiplePods", "x", NULL);
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
	static const char events[] = "{\"metadata\":{},\"items\":[{\"type\":\"Normal\",\"reason\":"
	                             "\"Scheduled\",\"lastTimestamp\":"
	                             "\"2026-01-01T00:00:03Z\"},{\"type\":\"Warning\",\"reason\":"
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

/* --- other verdicts ---------------------------------------------------------------------------- */

static void conditions(void **state)
{
	static const struct {
		const char *condition, *status;
		bool done;
	} rows[] = {
	        {"Available=False", "False", true}, {"Available=False", "True", false},
	        {"Available", "True", true},        {"Available=Unknown", "Unknown", true},
	        {"available", "True", false},
	};
	char text[300];
	struct waiting w;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_wait_spec spec = {.ref = {.kind = "Deployment", .name = "d"},
		                            .condition = rows[i].condition,
		                            .resource_version = "5",
		                            .terminal_causes = true};

		open_wait(&w, &spec);
		snprintf(text, sizeof(text),
		         "{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\",\"generation\":3},"
		         "\"status\":"
		         "{\"observedGeneration\":3,\"conditions\":[{\"type\":\"Available\","
		         "\"status\":\"%s\"}]}}",
		         rows[i].status);
		send_event(stream(&w, "/apis/apps/v1/namespaces/demo/deployments?*"), "MODIFIED",
		           text);
		assert_int_equal(w.f.n_done, rows[i].done);
		close_wait(&w);
	}
}

/* One who waits for the end of a pod is not told that it ended too early. */
static void causes_are_for_ready(void **state)
{
	struct ss_wait_spec spec = after_write;
	struct ss_http_op *r;
	struct waiting w;

	spec.condition = "Finished";
	open_wait(&w, &spec);
	fake_agents(&w.f, "v1beta1");
	r = stream(&w, SANDBOXES "?watch*");
	send_event(r, "MODIFIED", sandbox("False", "PodSucceeded", "Pod completed", 2));
	assert_int_equal(w.f.n_done, 0);
	assert_true(fake_idle(&w.f));
	close_wait(&w);
}

static void own_verdict(void **state)
{
	static const enum ss_verdict rows[] = {SS_WAIT_PENDING, SS_WAIT_DONE, SS_WAIT_FAILED};
	struct ss_wait_spec spec = after_write;
	struct ss_http_op *r;
	struct waiting w;

	spec.verdict = on_verdict;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		open_wait(&w, &spec);
		w.verdict = rows[i];
		fake_agents(&w.f, "v1beta1");
		r = stream(&w, SANDBOXES "?watch*");
		send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
		assert_int_equal(w.f.n_done, rows[i] != SS_WAIT_PENDING);
		assert_int_equal(w.f.err.code, rows[i] == SS_WAIT_FAILED ? SS_ERR_FAILED : 0);
		if (rows[i] == SS_WAIT_FAILED)
			assert_string_equal(w.f.err.message, "my own words");
		close_wait(&w);
	}
}

/* --- the network while waiting ------------------------------------------------------------------ */

static void watch_is_resumed(void **state)
{
	struct ss_http_op *r;
	struct waiting w;

	r = open_after_write(&w);
	send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
	fake_end(r, SS_ERR_UNAVAILABLE);
	fake_advance(&w.f, 900);
	r = stream(&w, SANDBOXES "?watch=true&allowWatchBookmarks=true&resourceVersion=9&*");
	send_event(r, "MODIFIED", sandbox("True", "DependenciesReady", "", 2));
	assert_int_equal(w.f.err.code, 0);
	assert_int_equal(w.f.n_done, 1);
	close_wait(&w);
}

/* --- cancelling ----------------------------------------------------------------------------------- */

static void cancel_in_callbacks(void **state)
{
	struct ss_wait_spec spec = after_write;
	struct ss_http_op *r;
	struct waiting w;

	for (int i = 0; i < 2; i++) {
		spec.verdict = i ? on_verdict : NULL;
		open_wait(&w, &spec);
		w.cancel_when_told = !i;
		w.cancel_in_verdict = i;
		fake_agents(&w.f, "v1beta1");
		r = stream(&w, SANDBOXES "?watch*");
		send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
		assert_null(w.w);
		assert_int_equal(w.f.n_done, 0);
		assert_null(w.f.ops);
		close_wait(&w);
	}
}

static void cancel_at_every_step(void **state)
{
	struct ss_http_op *r = NULL;
	struct waiting w;

	for (int steps = 0; steps < 6; steps++) {
		open_wait(&w, &after_write);
		if (steps > 0)
			fake_agents(&w.f, "v1beta1");
		if (steps > 1)
			r = stream(&w, SANDBOXES "?watch*");
		if (steps > 2)
			send_event(r, "MODIFIED", sandbox("False", "DependenciesNotReady", "x", 2));
		if (steps > 3)
			fake_advance(&w.f, 1001); /* the pod's list */
		if (steps > 4)
			send_event(r, "MODIFIED",
			           sandbox("False", "PodFailed", "x", 2)); /* the pod's get */
		close_wait(&w);
		assert_int_equal(w.f.n_done, 0);
	}
}

static void bad_input(void **state)
{
	const struct ss_wait_spec rows[] = {
	        {.ref = {.name = "a"}},
	        {.ref = {.kind = "Pod"}},
	        {.ref = {.kind = "Pod", .name = ".."}},
	        {.ref = {.kind = "Pod", .name = "a"}, .condition = "=x"},
	        {.ref = {.kind = "Pod", .name = "a"}, .condition = "Ready="},
	        {.ref = {.kind = "po/d", .name = "a"}},
	};
	struct waiting w = {0};

	fake_open(&w.f);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		assert_int_equal(ss_wait_start(w.f.client, &rows[i], on_done, &w, &w.w, NULL),
		                 SS_ERR_INVAL);
	fake_close(&w.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ready),
	        cmocka_unit_test(stale_conditions),
	        cmocka_unit_test(ready_already),
	        cmocka_unit_test(not_ready_yet),
	        cmocka_unit_test(silence),
	        cmocka_unit_test(look_fails_or_is_late),
	        cmocka_unit_test(missing_is_awaited),
	        cmocka_unit_test(unreachable),
	        cmocka_unit_test(cut_off),
	        cmocka_unit_test(deleted_while_awaited),
	        cmocka_unit_test(recreated),
	        cmocka_unit_test(wait_for_deletion),
	        cmocka_unit_test(causes_of_the_sandbox),
	        cmocka_unit_test(cause_of_an_ended_pod),
	        cmocka_unit_test(causes_of_the_pod),
	        cmocka_unit_test(events_name_the_cause),
	        cmocka_unit_test(pods_are_forbidden),
	        cmocka_unit_test(pod_of_another_name),
	        cmocka_unit_test(conditions),
	        cmocka_unit_test(causes_are_for_ready),
	        cmocka_unit_test(own_verdict),
	        cmocka_unit_test(watch_is_resumed),
	        cmocka_unit_test(cancel_in_callbacks),
	        cmocka_unit_test(cancel_at_every_step),
	        cmocka_unit_test(bad_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
