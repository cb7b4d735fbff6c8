/* Waits: verdicts, deletion, time (kubernetes.md K40-K42). */
#include "wait_fixture.h"

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

/* --- other verdicts ---------------------------------------------------------------------------- */

static void conditions(void **state)
{
	static const struct {
		const char *condition, *status;
		bool done;
	} rows[] = {
	        {"Available=False", "False", true}, {"Available=False", "True", false},
	        {"Available", "True", true},        {"Available=Unknown", "Unknown", true},
	        {"available", "True", true},        {"aVAILABLE=false", "False", true},
	        {"Availabl", "True", false},
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
