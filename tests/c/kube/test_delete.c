/* Deletes: options, answers, waiting until it is gone, selectors (K42, K47). */
#include "fake.h"

static struct ss_op *start(struct fake *f, const struct ss_ref *ref,
                           const struct ss_delete_spec *spec)
{
	struct ss_op *op = NULL;

	fake_forget(f);
	ss_kube_delete(f->client, ref, spec, NULL, fake_done, f, &op, &f->err);
	return op;
}

#define PATH "/api/v1/namespaces/demo/pods/p"
#define LEAVING                                                                                    \
	"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"uid\":\"u1\",\"resourceVersion\":\"9\"," \
	"\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}}"
#define SUCCESS "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\"}"
#define LIST(rv, items)                                                                            \
	"{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv      \
	"\"},"                                                                                     \
	"\"items\":[" items "]}"
#define LIST_P "/api/v1/namespaces/demo/pods?limit=500&fieldSelector=metadata.name%3Dp"
#define WATCH_P                                                                                    \
	"/api/v1/namespaces/demo/pods?watch=true&allowWatchBookmarks=true&resourceVersion=11&*"

static const struct ss_ref pod = {.kind = "Pod", .name = "p"};
static const struct ss_delete_spec plain = {.grace_period_seconds = -1};

static void options(void **state)
{
	struct ss_ref ref = {.kind = "Pod", .name = "p", .uid = "u\"1", .resource_version = "7"};
	struct ss_delete_spec spec = {.propagation = "Foreground", .grace_period_seconds = 0};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start(&f, &pod, NULL);
	r = fake_take(&f, "DELETE", PATH);
	assert_string_equal(r->content_type, "application/json");
	assert_string_equal(r->body, "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\","
	                             "\"propagationPolicy\":\"Background\"}");
	fake_reply(r, 200, SUCCESS);
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.change, SS_DELETED);
	assert_null(f.doc);
	start(&f, &ref, &spec);
	r = fake_take(&f, "DELETE", PATH);
	assert_string_equal(
	        r->body,
	        "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"propagationPolicy\":"
	        "\"Foreground\",\"gracePeriodSeconds\":0,\"preconditions\":{\"uid\":\"u\\\"1\","
	        "\"resourceVersion\":\"7\"}}");
	fake_reply(r, 200, LEAVING);
	assert_int_equal(f.change, SS_DELETING);
	assert_string_equal(fake_string(f.doc, "metadata", "uid"), "u1");
	fake_close(&f);
}

static void dry_run(void **state)
{
	struct ss_delete_spec spec = {.wait = true, .grace_period_seconds = -1};
	struct ss_call call = {.dry_run = true};
	struct ss_http_op *r;
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	ss_kube_delete(f.client, &pod, &spec, &call, fake_done, &f, &op, NULL);
	r = fake_take(&f, "DELETE", PATH);
	fake_has(r->body, "\"dryRun\":[\"All\"]");
	fake_reply(r, 200, LEAVING);
	/* Nothing goes, so there is nothing to wait for. */
	assert_int_equal(f.n_done, 1);
	fake_close(&f);
}

static void not_found(void **state)
{
	struct ss_delete_spec ignore = {.ignore_not_found = true, .grace_period_seconds = -1};
	struct ss_ref with_uid = {.kind = "Pod", .name = "p", .uid = "u1"};
	struct fake f;

	fake_open(&f);
	start(&f, &pod, &plain);
	fake_status(fake_take(&f, "DELETE", PATH), 404, "NotFound", "pods p not found");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	start(&f, &pod, &ignore);
	fake_status(fake_take(&f, "DELETE", PATH), 404, "NotFound", "pods p not found");
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.change, SS_UNCHANGED);
	assert_null(f.doc);
	/* Another object took the name: ours is gone. */
	start(&f, &with_uid, &ignore);
	fake_status(fake_take(&f, "DELETE", PATH), 409, "Conflict",
	            "Precondition failed: UID in precondition: u1, UID in object meta: u2");
	assert_int_equal(f.err.code, 0);
	start(&f, &with_uid, &ignore);
	fake_status(fake_take(&f, "DELETE", PATH), 409, "Conflict",
	            "the ResourceVersion in the precondition");
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	/* A kind that is not there is no object that is not there. */
	start(&f, &pod, &ignore);
	fake_reply_type(fake_take(&f, "DELETE", PATH), 404, "text/plain", "404 page not found\n");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	fake_close(&f);
}

static void wait_until_gone(void **state)
{
	struct ss_delete_spec spec = {.wait = true, .grace_period_seconds = -1};
	struct ss_http_op *r;
	struct fake f;
	const char gone[] = "{\"type\":\"DELETED\",\"object\":" LEAVING "}\n";

	fake_open(&f);
	start(&f, &pod, &spec);
	fake_reply(fake_take(&f, "DELETE", PATH), 200, LEAVING);
	fake_reply(fake_take(&f, "GET", LIST_P), 200, LIST("11", LEAVING));
	r = fake_take(&f, "GET", WATCH_P);
	assert_int_equal(r->lane, SS_LANE_WATCH);
	fake_head(r, 200);
	assert_int_equal(f.n_done, 0);
	fake_data(r, gone, strlen(gone));
	assert_int_equal(f.n_done, 1);
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.change, SS_DELETED);
	assert_string_equal(fake_string(f.doc, "metadata", "uid"), "u1");
	assert_null(f.ops);
	fake_close(&f);
}

/* It went between the DELETE and the look, or another one has come. */
static void gone_at_once(void **state)
{
	struct ss_delete_spec spec = {.wait = true, .grace_period_seconds = -1};
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 2; i++) {
		start(&f, &pod, &spec);
		fake_reply(fake_take(&f, "DELETE", PATH), 200, LEAVING);
		fake_reply(fake_take(&f, "GET", LIST_P), 200,
		           i ? LIST("11", "{\"metadata\":{\"name\":\"p\",\"uid\":\"u2\"}}")
		             : LIST("11", ""));
		assert_int_equal(f.n_done, 1);
		assert_int_equal(f.err.code, 0);
		assert_int_equal(f.change, SS_DELETED);
	}
	start(&f, &pod, &spec);
	fake_reply(fake_take(&f, "DELETE", PATH), 200, SUCCESS);
	assert_int_equal(f.change, SS_DELETED);
	assert_null(f.ops);
	fake_close(&f);
}

static void wait_times_out(void **state)
{
	struct ss_delete_spec spec = {.wait = true, .grace_period_seconds = -1};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start(&f, &pod, &spec);
	fake_reply(fake_take(&f, "DELETE", PATH), 200, LEAVING);
	fake_advance(&f, 10000);
	fake_reply(fake_take(&f, "GET", LIST_P), 200, LIST("11", LEAVING));
	r = fake_take(&f, "GET", WATCH_P);
	fake_head(r, 200);
	fake_advance(&f, 19999);
	assert_int_equal(f.n_done, 0);
	fake_advance(&f, 2);
	assert_int_equal(f.err.code, SS_ERR_TIMEOUT);
	fake_has(f.err.message, "finalizer");
	assert_string_equal(f.err.op, "delete");
	assert_string_equal(f.err.object, "Pod demo/p");
	fake_close(&f);
}

static void by_selector(void **state)
{
	struct ss_ref pods = {.kind = "pods"};
	struct ss_delete_spec spec = {.label_selector = "a=b", .grace_period_seconds = -1};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start(&f, &pods, &spec);
	r = fake_take(&f, "GET", "/api/v1/namespaces/demo/pods?limit=500&labelSelector=a%3Db");
	fake_has(r->accept, "PartialObjectMetadataList");
	fake_reply(r, 200,
	           LIST("4", "{\"metadata\":{\"name\":\"p\",\"uid\":\"u1\"}},{\"metadata\":{"
	                     "\"name\":\"q\"}},"
	                     "{\"metadata\":{\"name\":\"r\",\"uid\":\"u3\"}}"));
	r = fake_take(&f, "DELETE", PATH);
	fake_has(r->body, "\"preconditions\":{\"uid\":\"u1\"}");
	fake_reply(r, 200, LEAVING);
	fake_status(fake_take(&f, "DELETE", "/api/v1/namespaces/demo/pods/q"), 404, "NotFound",
	            "gone already");
	fake_reply(fake_take(&f, "DELETE", "/api/v1/namespaces/demo/pods/r"), 200, SUCCESS);
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.change, SS_DELETING);
	/* Nothing matches. */
	start(&f, &pods, &spec);
	fake_reply(fake_take(&f, "GET", "/api*"), 200, LIST("4", ""));
	assert_int_equal(f.n_done, 1);
	assert_int_equal(f.change, SS_UNCHANGED);
	start(&f, &pods, &spec);
	fake_status(fake_take(&f, "GET", "/api*"), 403, "Forbidden", "no");
	assert_string_equal(f.err.op, "delete");
	assert_true(fake_idle(&f));
	fake_close(&f);
}

static void bad_input(void **state)
{
	struct ss_ref all = {.kind = "pods"};
	struct ss_delete_spec both = {.label_selector = "a"}, word = {.propagation = "Sideways"};
	struct fake f;

	fake_open(&f);
	/* Neither name nor selector must never mean everything. */
	assert_null(start(&f, &all, &plain));
	assert_int_equal(f.err.code, SS_ERR_INVAL);
	assert_null(start(&f, &pod, &both));
	assert_null(start(&f, &pod, &word));
	fake_has(f.err.message, "Sideways");
	assert_int_equal(f.n_started, 0);
	fake_close(&f);
}

static void cancel_at_every_step(void **state)
{
	struct ss_ref pods = {.kind = "pods"};
	struct ss_delete_spec spec = {
	        .label_selector = "a", .wait = true, .grace_period_seconds = -1};
	struct ss_op *op;
	struct fake f;

	for (int steps = 0; steps < 4; steps++) {
		fake_open(&f);
		op = start(&f, &pods, &spec);
		if (steps > 0)
			fake_reply(fake_take(&f, "GET", "/api*"), 200, LIST("4", LEAVING));
		if (steps > 1)
			fake_reply(fake_take(&f, "DELETE", PATH), 200, LEAVING);
		if (steps > 2)
			fake_reply(fake_take(&f, "GET", LIST_P), 200, LIST("11", LEAVING));
		ss_op_cancel(op);
		assert_int_equal(f.n_done, 0);
		assert_null(f.ops);
		fake_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(options),
	        cmocka_unit_test(dry_run),
	        cmocka_unit_test(not_found),
	        cmocka_unit_test(wait_until_gone),
	        cmocka_unit_test(gone_at_once),
	        cmocka_unit_test(wait_times_out),
	        cmocka_unit_test(by_selector),
	        cmocka_unit_test(bad_input),
	        cmocka_unit_test(cancel_at_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
