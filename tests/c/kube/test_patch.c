/* Patches: bodies of the three types, preconditions, and the rehearsal that the guard wants. */
#include "fake.h"
#include "kube/client_priv.h"

static int start(struct fake *f, const struct ss_ref *ref, enum ss_patch_type type,
                 const char *json, const char *subresource, const struct ss_call *call)
{
	struct ss_doc *doc = fake_json(json);
	struct ss_op *op;
	int code;

	fake_forget(f);
	code = ss_kube_patch(f->client, ref, type, doc, ss_doc_root(doc), subresource, call,
	                     fake_done, f, &op, &f->err);
	ss_doc_free(doc);
	return code;
}

#define QUERY      "?fieldManager=sandscript&fieldValidation=Strict"
#define PATH       "/api/v1/namespaces/demo/pods/p"
#define DRY        "&dryRun=All"
#define OBJECT(rv) "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"resourceVersion\":\"" rv "\"}}"

static const struct ss_ref pod = {.kind = "Pod", .name = "p"};

static void bodies(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start(&f, &pod, SS_PATCH_MERGE, "{\"metadata\":{\"labels\":{\"a\":null}}}", NULL, NULL);
	r = fake_take(&f, "PATCH", PATH QUERY);
	assert_string_equal(r->content_type, "application/merge-patch+json");
	assert_string_equal(r->body, "{\"metadata\":{\"labels\":{\"a\":null}}}");
	fake_reply(r, 200, OBJECT("2"));
	assert_int_equal(f.change, SS_CONFIGURED);

	start(&f, &pod, SS_PATCH_JSON, "[{\"op\":\"remove\",\"path\":\"/metadata/labels\"}]", NULL,
	      NULL);
	r = fake_take(&f, "PATCH", PATH QUERY);
	assert_string_equal(r->content_type, "application/json-patch+json");
	assert_string_equal(r->body, "[{\"op\":\"remove\",\"path\":\"/metadata/labels\"}]");
	fake_reply(r, 200, OBJECT("2"));

	start(&f, &pod, SS_PATCH_APPLY, "{\"status\":{\"x\":1}}", "status", NULL);
	r = fake_take(&f, "PATCH", PATH "/status" QUERY "&force=false");
	assert_string_equal(r->content_type, "application/apply-patch+yaml");
	assert_string_equal(r->body,
	                    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\","
	                    "\"namespace\":\"demo\"},\"status\":{\"x\":1}}");
	fake_reply(r, 201, OBJECT("2"));
	assert_int_equal(f.change, SS_CREATED);
	fake_close(&f);
}

static void preconditions(void **state)
{
	struct ss_ref ref = {.kind = "Pod", .name = "p", .uid = "u1", .resource_version = "7"};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start(&f, &ref, SS_PATCH_MERGE, "{\"metadata\":{\"uid\":\"x\",\"labels\":{}}}", NULL, NULL);
	r = fake_take(&f, "PATCH", PATH QUERY);
	assert_string_equal(
	        r->body, "{\"metadata\":{\"uid\":\"u1\",\"resourceVersion\":\"7\",\"labels\":{}}}");
	fake_status(r, 409, "Conflict", "modified");
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	start(&f, &ref, SS_PATCH_JSON, "[]", NULL, NULL);
	r = fake_take(&f, "PATCH", PATH QUERY);
	assert_string_equal(
	        r->body,
	        "[{\"op\":\"add\",\"path\":\"/metadata/uid\",\"value\":\"u1\"},"
	        "{\"op\":\"add\",\"path\":\"/metadata/resourceVersion\",\"value\":\"7\"}]");
	fake_status(r, 422, "Invalid", "Pod p is invalid: metadata.uid: field is immutable");
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	fake_has(f.err.message, "not the one with the uid u1");
	start(&f, &pod, SS_PATCH_JSON, "[]", NULL, NULL);
	fake_status(fake_take(&f, "PATCH", PATH QUERY), 422, "Invalid",
	            "the server rejected our request");
	assert_int_equal(f.err.code, SS_ERR_INVAL);
	fake_has(f.err.message, "an operation of the JSON patch does not fit");
	fake_close(&f);
}

static void wanted_change(void **state)
{
	struct ss_call call = {.want_change = true};
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 2; i++) {
		start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, &call);
		fake_reply(fake_take(&f, "GET", PATH), 200, OBJECT("5"));
		fake_reply(fake_take(&f, "PATCH", PATH QUERY), 200, i ? OBJECT("6") : OBJECT("5"));
		assert_int_equal(f.change, i ? SS_CONFIGURED : SS_UNCHANGED);
	}
	start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, &call);
	fake_status(fake_take(&f, "GET", PATH), 404, "NotFound", "pods p not found");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	/* Who may write but not read: it is written, and called changed. */
	start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, &call);
	fake_status(fake_take(&f, "GET", PATH), 403, "Forbidden", "no");
	fake_reply(fake_take(&f, "PATCH", PATH QUERY), 200, OBJECT("5"));
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.change, SS_CONFIGURED);
	/* What an apply makes is not there before. */
	start(&f, &pod, SS_PATCH_APPLY, "{}", NULL, &call);
	fake_status(fake_take(&f, "GET", PATH), 404, "NotFound", "pods p not found");
	fake_reply(fake_take(&f, "PATCH", PATH QUERY "&force=false"), 201, OBJECT("5"));
	assert_int_equal(f.err.code, 0);
	fake_close(&f);
}

/* What touches a PodSpec is tried first; the result is judged beside what it was made of, and sent on
 * that very version. */
static struct ss_http_op *looked_at(struct fake *f, const char *query)
{
	fake_reply(fake_take(f, "GET", PATH), 200, OBJECT("5"));
	return fake_take(f, "PATCH", query);
}

static void rehearsal(void **state)
{
	static const struct {
		enum ss_patch_type type;
		const char *patch, *body;
	} rows[] = {
	        {SS_PATCH_MERGE, "{\"spec\":{}}",
	         "{\"metadata\":{\"resourceVersion\":\"5\"},\"spec\":{}}"},
	        {SS_PATCH_JSON, "[{\"op\":\"x\"}]",
	         "[{\"op\":\"x\"},{\"op\":\"add\",\"path\":\"/metadata/"
	         "resourceVersion\",\"value\":\"5\"}]"},
	};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	f.touches = true;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		f.n_checked = 0;
		start(&f, &pod, rows[i].type, rows[i].patch, NULL, NULL);
		r = looked_at(&f, PATH QUERY DRY);
		assert_string_equal(r->body, rows[i].body);
		fake_reply(r, 200, OBJECT("5"));
		assert_int_equal(f.n_checked, 1);
		r = fake_take(&f, "PATCH", PATH QUERY);
		assert_string_equal(r->body, rows[i].body);
		fake_reply(r, 200, OBJECT("6"));
		assert_int_equal(f.err.code, 0);
		assert_int_equal(f.change, SS_CONFIGURED);
	}
	fake_close(&f);
}

static int change_seen(void *ud, const struct ss_doc *before, const struct ss_doc *after,
                       bool whole, struct ss_err *err)
{
	struct fake *f = ud;

	f->n_checked++;
	assert_false(whole);
	assert_true(ss_doc_is_string(
	        before, ss_doc_find(before, ss_doc_root(before), "metadata", "name", NULL), "p"));
	assert_true(ss_doc_is_string(
	        after, ss_doc_find(after, ss_doc_root(after), "metadata", "uid", NULL), "after"));
	return ss_err_set(err, SS_ERR_POLICY, "the guard says no");
}

static void before_and_after_are_shown_to_the_guard(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	f.touches = true;
	f.client->preflight.change = change_seen;
	start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, NULL);
	fake_reply(looked_at(&f, PATH QUERY DRY), 200,
	           "{\"kind\":\"Pod\",\"metadata\":{\"uid\":\"after\"}}");
	assert_int_equal(f.err.code, SS_ERR_POLICY);
	assert_int_equal(f.n_checked, 1);

	/* Who may not read is shown it by a patch of nothing. */
	start(&f, &pod, SS_PATCH_JSON, "[]", NULL, NULL);
	fake_status(fake_take(&f, "GET", PATH), 403, "Forbidden", "no");
	r = fake_take(&f, "PATCH", PATH QUERY DRY);
	assert_string_equal(r->content_type, "application/merge-patch+json");
	assert_string_equal(r->body, "{}");
	fake_reply(r, 200, OBJECT("5"));
	r = fake_take(&f, "PATCH", PATH QUERY DRY);
	assert_string_equal(r->content_type, "application/json-patch+json");
	fake_reply(r, 200, "{\"kind\":\"Pod\",\"metadata\":{\"uid\":\"after\"}}");
	assert_int_equal(f.err.code, SS_ERR_POLICY);
	assert_true(fake_idle(&f));
	fake_close(&f);
}

/* An apply of some fields that makes the object: there is nothing to compare with. */
static void a_patch_that_makes_the_object(void **state)
{
	struct fake f;

	fake_open(&f);
	f.touches = true;
	start(&f, &pod, SS_PATCH_APPLY, "{}", NULL, NULL);
	fake_status(fake_take(&f, "GET", PATH), 404, "NotFound", "pods p not found");
	fake_reply(fake_take(&f, "PATCH", PATH QUERY "&force=false" DRY), 201, OBJECT(""));
	assert_int_equal(f.n_checked, 1);
	fake_reply(fake_take(&f, "PATCH", PATH QUERY "&force=false"), 201, OBJECT("5"));
	assert_int_equal(f.change, SS_CREATED);
	start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, NULL);
	fake_status(fake_take(&f, "GET", PATH), 404, "NotFound", "pods p not found");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	fake_close(&f);
}

static void rehearsal_refused(void **state)
{
	struct fake f;

	fake_open(&f);
	f.touches = true;
	f.guard_code = SS_ERR_POLICY;
	start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, NULL);
	fake_reply(looked_at(&f, PATH QUERY DRY), 200, OBJECT("5"));
	assert_int_equal(f.err.code, SS_ERR_POLICY);
	assert_string_equal(f.err.op, "patch");
	assert_true(fake_idle(&f));
	fake_close(&f);
}

static void modified(struct ss_http_op *r)
{
	fake_status(r, 409, "Conflict", "the object has been modified");
}

/* A writer in between: three tries, then the conflict is the caller's. */
static void overtaken(void **state)
{
	struct fake f;

	fake_open(&f);
	f.touches = true;
	start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, NULL);
	modified(looked_at(&f, PATH QUERY DRY));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(f.n_done, 0);
		fake_reply(looked_at(&f, PATH QUERY DRY), 200, OBJECT("5"));
		modified(fake_take(&f, "PATCH", PATH QUERY));
	}
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	assert_int_equal(f.n_checked, 2);
	assert_true(fake_idle(&f));
	fake_close(&f);
}

/* A version that the caller gave is the caller's to renew; a conflict of managers does not pass. */
static void no_second_try(void **state)
{
	struct ss_ref ref = {.kind = "Pod", .name = "p", .resource_version = "4"};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	f.touches = true;
	start(&f, &ref, SS_PATCH_MERGE, "{}", NULL, NULL);
	r = looked_at(&f, PATH QUERY DRY);
	assert_string_equal(r->body, "{\"metadata\":{\"resourceVersion\":\"4\"}}");
	modified(r);
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	start(&f, &pod, SS_PATCH_APPLY, "{}", NULL, NULL);
	fake_reply(looked_at(&f, PATH QUERY "&force=false" DRY), 200, OBJECT("5"));
	fake_reply(fake_take(&f, "PATCH", PATH QUERY "&force=false"), 409,
	           "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"code\":409,\"message\":\"m\","
	           "\"details\":"
	           "{\"causes\":[{\"reason\":\"FieldManagerConflict\"}]}}");
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	assert_true(fake_idle(&f));
	fake_close(&f);
}

static void a_dry_run_ends_with_the_rehearsal(void **state)
{
	struct ss_call call = {.dry_run = true};
	struct fake f;

	fake_open(&f);
	f.touches = true;
	for (int i = 0; i < 2; i++) {
		f.n_checked = 0;
		start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, &call);
		fake_reply(looked_at(&f, PATH QUERY DRY), 200,
		           i ? OBJECT("5")
		             : "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\","
		               "\"labels\":{\"a\":\"b\"},\"resourceVersion\":\"5\"}}");
		assert_int_equal(f.n_done, 1);
		assert_int_equal(f.n_checked, 1);
		assert_int_equal(f.err.code, 0);
		assert_int_equal(f.change, i ? SS_UNCHANGED : SS_CONFIGURED);
	}
	fake_close(&f);
}

/* A guard that cannot say what a patch touches makes every patch touch it. */
static void guard_without_touches(void **state)
{
	struct ss_preflight guard = {.check = fake_check};
	struct fake f;

	fake_open(&f);
	guard.ud = &f;
	ss_client_set_preflight(f.client, &guard);
	start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, NULL);
	fake_reply(looked_at(&f, PATH QUERY DRY), 200, OBJECT("5"));
	fake_reply(fake_take(&f, "PATCH", PATH QUERY), 200, OBJECT("5"));
	assert_int_equal(f.change, SS_UNCHANGED);
	ss_client_set_preflight(f.client, NULL);
	assert_int_equal(start(&f, &pod, SS_PATCH_MERGE, "{}", NULL, NULL), SS_ERR_POLICY);
	fake_close(&f);
}

static void mapping(void **state)
{
	static const struct {
		enum ss_patch_type type;
		const char *patch, *body; /* NULL = refused */
	} rows[] = {
	        {SS_PATCH_MERGE, "{\"spec\":{\"replicas\":0}}",
	         "{\"spec\":{\"operatingMode\":\"Suspended\"}}"},
	        {SS_PATCH_MERGE,
	         "{\"apiVersion\":\"agents.x-k8s.io/v1alpha1\",\"spec\":{\"replicas\":null}}",
	         "{\"apiVersion\":\"agents.x-k8s.io/v1beta1\",\"spec\":{\"operatingMode\":null}}"},
	        {SS_PATCH_MERGE, "{\"spec\":{\"replicas\":3}}", NULL},
	        {SS_PATCH_JSON, "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":1}]",
	         "[{\"op\":\"replace\",\"path\":\"/spec/operatingMode\",\"value\":\"Running\"}]"},
	        {SS_PATCH_JSON, "[{\"op\":\"remove\",\"path\":\"/spec/replicas\"}]",
	         "[{\"op\":\"remove\",\"path\":\"/spec/operatingMode\"}]"},
	        {SS_PATCH_JSON,
	         "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"}]",
	         "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"}]"},
	        {SS_PATCH_JSON, "[{\"op\":\"add\",\"path\":\"/spec\",\"value\":{}}]", NULL},
	        {SS_PATCH_JSON, "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":2}]",
	         NULL},
	        {SS_PATCH_JSON,
	         "[{\"op\":\"copy\",\"from\":\"/spec/replicas\",\"path\":\"/metadata/x\"}]", NULL},
	        {SS_PATCH_JSON,
	         "[{\"op\":\"add\",\"path\":\"/spec/operatingMode\",\"value\":\"Running\"}]", NULL},
	};
	struct ss_ref ref = {
	        .kind = "Sandbox", .api_version = "agents.x-k8s.io/v1alpha1", .name = "s"};
	struct ss_http_op *r;
	struct fake f;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		fake_open(&f);
		assert_int_equal(start(&f, &ref, rows[i].type, rows[i].patch, NULL, NULL), 0);
		fake_agents(&f, "v1beta1");
		if (rows[i].body) {
			r = fake_take(&f, "PATCH", "/apis/agents.x-k8s.io/v1beta1/*");
			assert_string_equal(r->body, rows[i].body);
			fake_reply(r, 200, "{\"metadata\":{}}");
			assert_int_equal(f.err.code, 0);
		} else {
			assert_int_equal(f.err.code, SS_ERR_INVAL);
			assert_true(fake_idle(&f));
		}
		fake_close(&f);
	}
}

static void bad_input(void **state)
{
	struct ss_ref nameless = {.kind = "Pod"};
	struct fake f;

	fake_open(&f);
	assert_int_equal(start(&f, &nameless, SS_PATCH_MERGE, "{}", NULL, NULL), SS_ERR_INVAL);
	assert_int_equal(start(&f, &pod, SS_PATCH_MERGE, "[]", NULL, NULL), SS_ERR_INVAL);
	assert_int_equal(start(&f, &pod, SS_PATCH_JSON, "{}", NULL, NULL), SS_ERR_INVAL);
	assert_int_equal(start(&f, &pod, SS_PATCH_MERGE, "{}", "../x", NULL), SS_ERR_INVAL);
	assert_int_equal(f.n_started, 0);
	fake_close(&f);
}

static void cancel_at_every_step(void **state)
{
	struct ss_doc *doc = fake_json("{}");
	struct ss_op *op;
	struct fake f;

	for (int steps = 0; steps < 3; steps++) {
		fake_open(&f);
		f.touches = true;
		ss_kube_patch(f.client, &pod, SS_PATCH_MERGE, doc, ss_doc_root(doc), NULL, NULL,
		              fake_done, &f, &op, NULL);
		if (steps)
			fake_reply(fake_take(&f, "GET", PATH), 200, OBJECT("5"));
		if (steps > 1)
			fake_reply(fake_take(&f, "PATCH", PATH QUERY DRY), 200, OBJECT("5"));
		ss_op_cancel(op);
		assert_int_equal(f.n_done, 0);
		fake_close(&f);
	}
	ss_doc_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bodies),
	        cmocka_unit_test(preconditions),
	        cmocka_unit_test(wanted_change),
	        cmocka_unit_test(rehearsal),
	        cmocka_unit_test(before_and_after_are_shown_to_the_guard),
	        cmocka_unit_test(a_patch_that_makes_the_object),
	        cmocka_unit_test(rehearsal_refused),
	        cmocka_unit_test(overtaken),
	        cmocka_unit_test(no_second_try),
	        cmocka_unit_test(a_dry_run_ends_with_the_rehearsal),
	        cmocka_unit_test(guard_without_touches),
	        cmocka_unit_test(mapping),
	        cmocka_unit_test(bad_input),
	        cmocka_unit_test(cancel_at_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
