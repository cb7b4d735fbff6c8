/* Create and apply: what is sent, what is said, and the version mapping (K43, K44; design.md
 * "API version"). */
#include "fake.h"
#include "kube/client_priv.h"

static struct ss_call no_call;

static int start(struct fake *f, const char *json, const char *namespace_,
                 const struct ss_call *call)
{
	struct ss_doc *doc = fake_json(json);
	struct ss_op *op;
	int code;

	fake_forget(f);
	code = ss_kube_apply(f->client, doc, ss_doc_root(doc), namespace_, call, fake_done, f, &op,
	                     &f->err);
	/* The object is the caller's again as soon as the call returns. */
	ss_doc_free(doc);
	return code;
}

#define CONFIGMAP                                                                                  \
	"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\"data\":{"   \
	"\"a\":\"b\"}}"
#define QUERY "?fieldManager=sandscript&fieldValidation=Strict&force=false"
#define PATH  "/api/v1/namespaces/demo/configmaps/c"

static void what_is_sent(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	assert_int_equal(start(&f, CONFIGMAP, NULL, &no_call), 0);
	r = fake_take(&f, "PATCH", PATH QUERY);
	assert_string_equal(r->content_type, "application/apply-patch+yaml");
	assert_string_equal(r->body,
	                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":"
	                    "{\"namespace\":\"demo\",\"name\":\"c\"},\"data\":{\"a\":\"b\"}}");
	assert_int_equal(r->timeout_ms, 30000);
	fake_reply(r, 201, CONFIGMAP);
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.change, SS_CREATED);
	assert_string_equal(fake_string(f.doc, "metadata", "name"), "c");
	assert_int_equal(f.n_checked, 1);
	fake_close(&f);
}

static void options(void **state)
{
	struct ss_call call = {.field_manager = "my tool", .force = true, .dry_run = true};
	struct fake f;

	fake_open(&f);
	assert_int_equal(start(&f, CONFIGMAP, "other", &call), 0);
	fake_reply(fake_take(&f, "PATCH",
	                     "/api/v1/namespaces/other/configmaps/c?fieldManager=my%20tool&"
	                     "fieldValidation=Strict&force=true&dryRun=All"),
	           200, CONFIGMAP);
	assert_int_equal(f.change, SS_CONFIGURED);
	fake_close(&f);
}

static void bad_field_manager(void **state)
{
	char many[130];
	struct ss_call call = {.field_manager = many};
	struct fake f;

	memset(many, 'x', 129);
	many[129] = 0;
	fake_open(&f);
	assert_int_equal(start(&f, CONFIGMAP, NULL, &call), SS_ERR_INVAL);
	call.field_manager = "a\r\nX-Evil: 1";
	assert_int_equal(start(&f, CONFIGMAP, NULL, &call), SS_ERR_INVAL);
	call.field_manager = "";
	assert_int_equal(start(&f, CONFIGMAP, NULL, &call), SS_ERR_INVAL);
	fake_close(&f);
}

/* An object that was read is applied without what only the server may say. */
static void managed_fields_are_left_out(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start(&f,
	      "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"managedFields\":[{"
	      "\"manager\":\"x\"}],"
	      "\"namespace\":\"demo\",\"name\":\"c\",\"resourceVersion\":\"5\"}}",
	      NULL, &no_call);
	r = fake_take(&f, "PATCH", PATH QUERY);
	assert_string_equal(r->body,
	                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":"
	                    "{\"namespace\":\"demo\",\"name\":\"c\",\"resourceVersion\":\"5\"}}");
	/* The version it was read at tells whether something changed, without a GET. */
	fake_reply(r, 200, "{\"metadata\":{\"resourceVersion\":\"5\"}}");
	assert_int_equal(f.change, SS_UNCHANGED);
	fake_close(&f);
}

#define NAMED "\"name\":\"c\",\"namespace\":\"demo\""

/* As it came, but for managedFields; what is no plain object is read as ever. */
static void wanted_text(void **state)
{
	static const struct {
		int status;
		const char *answer, *text;
		int code; /* of the error, or of a document: 0 */
	} rows[] = {
	        {201, "{\"kind\":\"ConfigMap\",\"metadata\":{\"managedFields\":[{}]," NAMED "}}",
	         "{\"kind\":\"ConfigMap\",\"metadata\":{" NAMED "}}", 0},
	        {200, "{\"kind\":\"ConfigMap\",\"metadata\":{" NAMED "}, \"a\":[\"Status\"]}",
	         "{\"kind\":\"ConfigMap\",\"metadata\":{" NAMED "}, \"a\":[\"Status\"]}", 0},
	        {200, "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"}}", NULL, 0},
	        {200,
	         "{\"kind\":\"List\",\"metadata\":{},\"items\":["
	         "{\"kind\":\"ConfigMap\",\"metadata\":{" NAMED "}}]}",
	         NULL, SS_ERR_UNAVAILABLE},
	        {200,
	         "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\",\"namespace\":\"other\"}}",
	         NULL, SS_ERR_UNAVAILABLE},
	        {200, "{\"metadata\":{\"name\":\"c\",\"managedFields\":[{}]}}", NULL, 0},
	        {200, "{\"metadata\":{\"name\":\"c\"}}", NULL, 0},
	        {200, "{\"metadata\":{\"name\":\"c\"},\"kind\":\"Status\"}", NULL,
	         SS_ERR_UNAVAILABLE},
	        {200, "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"d\"}}", NULL,
	         SS_ERR_UNAVAILABLE},
	        {200, "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"c\"}}", NULL,
	         SS_ERR_UNAVAILABLE},
	        {200,
	         "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":404,"
	         "\"reason\":\"NotFound\",\"message\":\"gone\"}",
	         NULL, SS_ERR_NOT_FOUND},
	        {200, "{\"metadata\":{\"name\":\"c\"", NULL, SS_ERR_UNAVAILABLE},
	        {200, "", NULL, SS_ERR_UNAVAILABLE},
	        {409, "{\"metadata\":{}}", NULL, SS_ERR_CONFLICT},
	};
	struct ss_call call = {.want_text = true};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct fake f;

		fake_open(&f);
		start(&f, CONFIGMAP, NULL, &call);
		fake_reply(fake_take(&f, "PATCH", PATH QUERY), rows[i].status, rows[i].answer);
		assert_int_equal(f.err.code, rows[i].code);
		assert_int_equal(f.doc != NULL, !rows[i].text && !rows[i].code);
		assert_int_equal(f.text != NULL, rows[i].text != NULL);
		if (f.text)
			assert_string_equal(f.text, rows[i].text);
		if (!rows[i].code)
			assert_int_equal(f.change,
			                 rows[i].status == 201 ? SS_CREATED : SS_CONFIGURED);
		fake_close(&f);
	}
}

/* What the server keeps for itself does not count, the rest does. */
static void wanted_change(void **state)
{
	static const struct {
		int get_status, status;
		const char *before, *after;
		enum ss_change change;
	} rows[] = {
	        {200, 200, "{\"data\":{\"a\":\"b\"},\"metadata\":{\"resourceVersion\":\"5\"}}",
	         "{\"data\":{\"a\":\"b\"},\"metadata\":{\"resourceVersion\":\"5\"}}", SS_UNCHANGED},
	        {200, 200, "{\"data\":{\"a\":\"b\"},\"metadata\":{\"resourceVersion\":\"5\"}}",
	         "{\"metadata\":{\"resourceVersion\":\"6\",\"managedFields\":[1]},\"status\":1,"
	         "\"data\":{\"a\":\"b\"}}",
	         SS_UNCHANGED},
	        {200, 200, "{\"data\":{\"a\":\"x\"},\"metadata\":{}}",
	         "{\"data\":{\"a\":\"b\"},\"metadata\":{}}", SS_CONFIGURED},
	        {404, 201, NULL, "{\"metadata\":{}}", SS_CREATED},
	        {403, 200, NULL, "{\"metadata\":{}}", SS_CONFIGURED},
	};
	struct ss_call call = {.want_change = true};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		start(&f, CONFIGMAP, NULL, &call);
		r = fake_take(&f, "GET", PATH);
		if (rows[i].before)
			fake_reply(r, 200, rows[i].before);
		else
			fake_status(r, rows[i].get_status,
			            rows[i].get_status == 404 ? "NotFound" : "Forbidden", "m");
		fake_reply(fake_take(&f, "PATCH", PATH QUERY), rows[i].status, rows[i].after);
		assert_int_equal(f.err.code, 0);
		assert_int_equal(f.change, rows[i].change);
	}
	start(&f, CONFIGMAP, NULL, &call);
	fake_end(fake_take(&f, "GET", PATH), SS_ERR_UNAVAILABLE);
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_close(&f);
}

/* The result of a dry run keeps the resourceVersion: content decides. */
static void wanted_change_of_a_dry_run(void **state)
{
	static const char live[] =
	        "{\"kind\":\"ConfigMap\",\"metadata\":{\"resourceVersion\":\"5\",\"managedFields\":"
	        "[1],"
	        "\"annotations\":{\"sandscript.dev/policy\":\"abc\"}},\"data\":{\"a\":\"%s\"}}";
	struct ss_call call = {.want_change = true, .dry_run = true};
	char body[300];
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 2; i++) {
		start(&f, CONFIGMAP, NULL, &call);
		snprintf(body, sizeof(body), live, i ? "c" : "b");
		fake_reply(fake_take(&f, "GET", PATH), 200, body);
		fake_reply(fake_take(&f, "PATCH", PATH QUERY "&dryRun=All"), 200,
		           "{\"kind\":\"ConfigMap\",\"metadata\":{\"resourceVersion\":\"5\"},"
		           "\"data\":{\"a\":\"b\"}}");
		assert_int_equal(f.change, i ? SS_CONFIGURED : SS_UNCHANGED);
	}
	fake_close(&f);
}

/* A namespace of a cluster-scoped object, in it or besides, is nothing to anybody. */
static void cluster_scoped_with_a_namespace(void **state)
{
	static const char *const namespaces[] = {NULL, "demo", "a"};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(namespaces); i++) {
		start(&f,
		      "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\","
		      "\"namespace\":\"a\",\"labels\":{\"l\":\"m\"}}}",
		      namespaces[i], &no_call);
		r = fake_take(&f, "PATCH", "/api/v1/namespaces/x?*");
		assert_string_equal(r->body,
		                    "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\","
		                    "\"metadata\":{\"name\":\"x\",\"labels\":{\"l\":\"m\"}}}");
		fake_reply(r, 200, "{\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\"}}");
		assert_int_equal(f.err.code, 0);
	}
	fake_close(&f);
}

static void refused(struct fake *f, const char *json, const char *namespace_, const char *why)
{
	assert_int_equal(start(f, json, namespace_, &no_call), SS_ERR_INVAL);
	fake_has(f->err.message, why);
	assert_string_equal(f->err.op, "apply");
	assert_int_equal(f->n_started, 0);
}

static void bad_objects(void **state)
{
	struct fake f;

	fake_open(&f);
	refused(&f, "[1]", NULL, "this is no object");
	refused(&f, "{\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}", NULL, "kind: missing");
	refused(&f, "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}", NULL,
	        "apiVersion: missing");
	refused(&f, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{}}", NULL,
	        "metadata.name: missing");
	refused(&f,
	        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"generateName\":\"a-\"}}",
	        NULL, "generateName works with create");
	refused(&f, "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}", NULL, "item by item");
	refused(&f, "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[]}", NULL,
	        "item by item");
	refused(&f, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"../x\"}}",
	        NULL, "may not hold '/'");
	refused(&f,
	        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\","
	        "\"namespace\":\"b/c\"}}",
	        NULL, "the namespace \"b/c\"");
	refused(&f,
	        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\","
	        "\"namespace\":\"a\"}}",
	        "b",
	        "the namespace from the provided object \"a\" does not match the namespace \"b\"");
	refused(&f, "{\"apiVersion\":\"v1\",\"kind\":\"pods\",\"metadata\":{\"name\":\"x\"}}", NULL,
	        "write \"Pod\" instead of \"pods\"");
	fake_close(&f);
}

static void cluster_scoped(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	/* -n is for what has a namespace. */
	start(&f, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\"}}",
	      "other", &no_call);
	r = fake_take(&f, "PATCH", "/api/v1/namespaces/x" QUERY);
	assert_string_equal(
	        r->body,
	        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\"}}");
	fake_reply(r, 200, "{\"metadata\":{}}");
	fake_close(&f);
}

static void the_guard(void **state)
{
	struct fake f;

	fake_open(&f);
	f.guard_code = SS_ERR_POLICY;
	assert_int_equal(start(&f, CONFIGMAP, NULL, &no_call), SS_ERR_POLICY);
	assert_string_equal(f.err.message, "the guard says no");
	assert_string_equal(f.err.object, "ConfigMap demo/c");
	ss_client_set_preflight(f.client, NULL);
	assert_int_equal(start(&f, CONFIGMAP, NULL, &no_call), SS_ERR_POLICY);
	fake_has(f.err.message, "no guard installed");
	assert_int_equal(f.n_started, 0);
	fake_close(&f);
}

static bool merges(void *ud, const struct ss_doc *doc, ss_node object)
{
	return !strcmp(ss_doc_find_string(doc, object, "kind", NULL), "ConfigMap");
}

/* before NULL = there is no such object yet. */
static struct ss_http_op *rehearse(struct fake *f, const char *before)
{
	struct ss_http_op *r;

	f->n_checked = 0;
	f->guard_code = 0;
	assert_int_equal(start(f, CONFIGMAP, NULL, &no_call), 0);
	r = fake_take(f, "GET", PATH);
	if (!before) {
		fake_status(r, 404, "NotFound", "configmaps c not found");
		return fake_take(f, "PATCH", PATH QUERY);
	}
	fake_reply(r, 200, before);
	r = fake_take(f, "PATCH", PATH QUERY "&dryRun=All");
	assert_string_equal(r->content_type, "application/apply-patch+yaml");
	fake_has(r->body, "\"resourceVersion\":\"5\"");
	return r;
}

/* Two managers may apply what passes, and make an object that does not: its whole is looked at in a
 * dry run, and what is sent holds for that very version only. */
static void the_union_is_guarded(void **state)
{
	static const char stored[] = "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\","
	                             "\"resourceVersion\":\"5\"}}";
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	f.client->preflight.merges = merges;
	fake_reply(rehearse(&f, stored), 200, stored);
	assert_int_equal(f.n_checked, 2);
	r = fake_take(&f, "PATCH", PATH QUERY);
	fake_has(r->body, "{\"namespace\":\"demo\",\"resourceVersion\":\"5\",\"name\":\"c\"}");
	fake_reply(r, 200, stored);
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.change, SS_UNCHANGED);

	r = rehearse(&f, stored);
	f.guard_code = SS_ERR_POLICY;
	fake_reply(r, 200, stored);
	assert_int_equal(f.err.code, SS_ERR_POLICY);
	assert_string_equal(f.err.op, "apply");
	assert_string_equal(f.err.object, "ConfigMap demo/c");
	assert_int_equal(f.n_started, 5);
	fake_close(&f);
}

/* No version can ask for an object not to be there: then the answer tells. */
static void the_union_with_one_just_made(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	f.client->preflight.merges = merges;
	fake_reply(rehearse(&f, NULL), 201, CONFIGMAP);
	assert_int_equal(f.change, SS_CREATED);
	assert_int_equal(f.n_checked, 1);
	r = rehearse(&f, NULL);
	f.guard_code = SS_ERR_POLICY;
	fake_reply(r, 200, CONFIGMAP);
	assert_int_equal(f.err.code, SS_ERR_POLICY);
	fake_close(&f);
}

static bool covers(void *ud, const char *api_version, const char *kind)
{
	return true;
}

/* What is not tried first is looked at in the answer, when it was merged into what was there. */
static void the_answer_is_guarded(void **state)
{
	static const struct ss_call text = {.want_text = true};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	f.client->preflight.covers = covers;
	for (int i = 0; i < 2; i++) {
		f.guard_code = 0;
		start(&f, CONFIGMAP, NULL, i ? &text : &no_call);
		r = fake_take(&f, "PATCH", PATH QUERY);
		f.guard_code = SS_ERR_POLICY;
		fake_reply(r, 200, CONFIGMAP);
		assert_int_equal(f.err.code, SS_ERR_POLICY);
		assert_string_equal(f.err.op, "apply");
		fake_has(f.err.message,
		         "written, but with what others set in it: the guard says no");

		f.guard_code = 0;
		start(&f, CONFIGMAP, NULL, i ? &text : &no_call);
		r = fake_take(&f, "PATCH", PATH QUERY);
		f.guard_code = SS_ERR_POLICY;
		fake_reply(r, 201, CONFIGMAP);
		assert_int_equal(f.err.code, 0);
	}
	fake_close(&f);
}

static void conflict_of_managers(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f, CONFIGMAP, NULL, &no_call);
	fake_reply(fake_take(&f, "PATCH", PATH QUERY), 409,
	           "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":409,"
	           "\"reason\":"
	           "\"Conflict\",\"message\":\"Apply failed with 1 conflict: conflict with "
	           "\\\"kubectl\\\" using v1: .data.a\","
	           "\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\",\"message\":"
	           "\"conflict with "
	           "\\\"kubectl\\\" using v1\",\"field\":\".data.a\"}]}}");
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	fake_has(f.err.message, "conflict with \"kubectl\"");
	fake_has(f.err.message, "--force-conflicts");
	fake_has(f.err.message, "force=true");
	assert_string_equal(
	        ss_doc_find_string(f.err.details,
	                           ss_doc_at(f.err.details, ss_doc_root(f.err.details), 0), "field",
	                           NULL),
	        ".data.a");
	fake_close(&f);
}

/* --- the version mapping ---------------------------------------------------------- */

#define SANDBOX(version, spec)                                                                     \
	"{\"apiVersion\":\"agents.x-k8s.io/" version                                               \
	"\",\"kind\":\"Sandbox\",\"metadata\":{\"name\":\"s\",\"namespace\":\"demo\"},\"spec\":"   \
	"{" spec "}}"

static void mapped(const char *served, const char *sent, const char *written)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	assert_int_equal(start(&f, sent, NULL, &no_call), 0);
	fake_agents(&f, served);
	if (written) {
		r = fake_take(&f, "PATCH", "/apis/agents.x-k8s.io/*");
		assert_string_equal(r->body, written);
		fake_reply(r, 200, "{\"metadata\":{}}");
		/* With the version known it is encoded at once: the same bytes. */
		assert_int_equal(start(&f, sent, NULL, &no_call), 0);
		r = fake_take(&f, "PATCH", "/apis/agents.x-k8s.io/*");
		assert_string_equal(r->body, written);
	} else {
		assert_int_equal(f.err.code, SS_ERR_INVAL);
		fake_has(f.err.message, "spec.");
		assert_string_equal(f.err.object, "Sandbox demo/s");
		assert_true(fake_idle(&f));
		assert_int_equal(start(&f, sent, NULL, &no_call), SS_ERR_INVAL);
	}
	fake_close(&f);
}

static void versions_are_mapped(void **state)
{
	mapped("v1beta1", SANDBOX("v1alpha1", "\"podTemplate\":{\"spec\":{}}"),
	       SANDBOX("v1beta1", "\"podTemplate\":{\"spec\":{}}"));
	mapped("v1beta1 v1alpha1", SANDBOX("v1alpha1", "\"service\":true"),
	       SANDBOX("v1beta1", "\"service\":true"));
	mapped("v1alpha1", SANDBOX("v1beta1", "\"shutdownPolicy\":\"Delete\""),
	       SANDBOX("v1alpha1", "\"shutdownPolicy\":\"Delete\""));
	mapped("v1beta1", SANDBOX("v1alpha1", "\"replicas\":0,\"service\":true"),
	       SANDBOX("v1beta1", "\"operatingMode\":\"Suspended\",\"service\":true"));
	mapped("v1beta1", SANDBOX("v1alpha1", "\"replicas\":1"),
	       SANDBOX("v1beta1", "\"operatingMode\":\"Running\""));
	mapped("v1beta1", SANDBOX("v1alpha1", "\"replicas\":null"),
	       SANDBOX("v1beta1", "\"operatingMode\":null"));
	mapped("v1alpha1", SANDBOX("v1beta1", "\"operatingMode\":\"Suspended\""),
	       SANDBOX("v1alpha1", "\"replicas\":0"));
	mapped("v1alpha1", SANDBOX("v1beta1", "\"operatingMode\":\"Running\""),
	       SANDBOX("v1alpha1", "\"replicas\":1"));
	/* In the version it is written in nothing is touched, not even nonsense. */
	mapped("v1beta1", SANDBOX("v1beta1", "\"replicas\":7"),
	       SANDBOX("v1beta1", "\"replicas\":7"));
}

static void versions_that_do_not_map(void **state)
{
	mapped("v1beta1", SANDBOX("v1alpha1", "\"replicas\":2"), NULL);
	mapped("v1beta1", SANDBOX("v1alpha1", "\"replicas\":\"1\""), NULL);
	mapped("v1beta1", SANDBOX("v1alpha1", "\"replicas\":\"Running\""), NULL);
	mapped("v1beta1", SANDBOX("v1alpha1", "\"operatingMode\":\"Suspended\""), NULL);
	mapped("v1alpha1", SANDBOX("v1beta1", "\"operatingMode\":\"Paused\""), NULL);
	mapped("v1alpha1", SANDBOX("v1beta1", "\"operatingMode\":1"), NULL);
	mapped("v1alpha1", SANDBOX("v1beta1", "\"replicas\":1"), NULL);
}

static void exact_version(void **state)
{
	struct ss_call call = {.exact_version = true};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start(&f, SANDBOX("v1alpha1", "\"replicas\":0"), NULL, &call);
	r = fake_take(&f, "PATCH",
	              "/apis/agents.x-k8s.io/v1alpha1/namespaces/demo/sandboxes/s" QUERY);
	assert_string_equal(r->body, SANDBOX("v1alpha1", "\"replicas\":0"));
	fake_reply(r, 200, "{\"metadata\":{}}");
	fake_close(&f);
}

static void claims_do_not_map(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f,
	      "{\"apiVersion\":\"extensions.agents.x-k8s.io/"
	      "v1alpha1\",\"kind\":\"SandboxClaim\",\"metadata\":"
	      "{\"name\":\"c\"},\"spec\":{\"sandboxTemplateRef\":{\"name\":\"t\"}}}",
	      NULL, &no_call);
	fake_reply(fake_take(&f, "GET", "/apis/extensions.agents.x-k8s.io"), 200,
	           "{\"versions\":[{\"version\":\"v1beta1\"}],\"preferredVersion\":{\"version\":"
	           "\"v1beta1\"}}");
	assert_int_equal(f.err.code, SS_ERR_INVAL);
	fake_has(f.err.message, "spec.sandboxTemplateRef");
	fake_has(f.err.message, "write spec.warmPoolRef");
	fake_close(&f);
}

/* --- create ------------------------------------------------------------------------- */

static void create(void **state)
{
	struct ss_doc *doc = fake_json(
	        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"generateName\":\"a-\"}}");
	struct ss_http_op *r;
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	assert_int_equal(ss_kube_create(f.client, doc, ss_doc_root(doc), NULL, NULL, fake_done, &f,
	                                &op, NULL),
	                 0);
	r = fake_take(
	        &f, "POST",
	        "/api/v1/namespaces/demo/pods?fieldManager=sandscript&fieldValidation=Strict");
	assert_string_equal(r->content_type, "application/json");
	fake_has(r->body, "\"metadata\":{\"namespace\":\"demo\",\"generateName\":\"a-\"}");
	fake_reply(r, 201, "{\"metadata\":{\"name\":\"a-x\"}}");
	assert_int_equal(f.change, SS_CREATED);
	assert_int_equal(ss_kube_create(f.client, doc, ss_doc_root(doc), NULL, NULL, fake_done, &f,
	                                &op, NULL),
	                 0);
	fake_status(fake_take(&f, "POST", "/api*"), 409, "AlreadyExists",
	            "object is being deleted: pods a already exists");
	assert_int_equal(f.err.code, SS_ERR_ALREADY_EXISTS);
	assert_true(f.err.retryable);
	assert_string_equal(f.err.op, "create");
	ss_doc_free(doc);
	fake_close(&f);
}

static void cancel_at_every_step(void **state)
{
	struct ss_doc *doc = fake_json(SANDBOX("v1alpha1", "\"replicas\":1"));
	struct ss_call call = {.want_change = true};
	struct ss_op *op;
	struct fake f;

	for (int steps = 0; steps < 3; steps++) {
		fake_open(&f);
		assert_int_equal(ss_kube_apply(f.client, doc, ss_doc_root(doc), NULL, &call,
		                               fake_done, &f, &op, NULL),
		                 0);
		if (steps > 0)
			fake_agents(&f, "v1beta1");
		if (steps > 1)
			fake_reply(fake_take(&f, "GET", "/apis*"), 200, "{\"metadata\":{}}");
		ss_op_cancel(op);
		assert_int_equal(f.n_done, 0);
		fake_close(&f);
	}
	/* Freeing the client is a cancel too; so is a transport that does not start. */
	fake_open(&f);
	assert_int_equal(ss_kube_apply(f.client, doc, ss_doc_root(doc), NULL, &call, fake_done, &f,
	                               &op, NULL),
	                 0);
	fake_close(&f);
	fake_open(&f);
	f.refuse = SS_ERR_NOMEM;
	assert_int_equal(ss_kube_apply(f.client, doc, ss_doc_root(doc), NULL, &call, fake_done, &f,
	                               &op, &f.err),
	                 SS_ERR_NOMEM);
	fake_close(&f);
	ss_doc_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_sent),
	        cmocka_unit_test(options),
	        cmocka_unit_test(bad_field_manager),
	        cmocka_unit_test(managed_fields_are_left_out),
	        cmocka_unit_test(wanted_text),
	        cmocka_unit_test(wanted_change),
	        cmocka_unit_test(wanted_change_of_a_dry_run),
	        cmocka_unit_test(bad_objects),
	        cmocka_unit_test(cluster_scoped_with_a_namespace),
	        cmocka_unit_test(cluster_scoped),
	        cmocka_unit_test(the_guard),
	        cmocka_unit_test(the_union_is_guarded),
	        cmocka_unit_test(the_union_with_one_just_made),
	        cmocka_unit_test(the_answer_is_guarded),
	        cmocka_unit_test(conflict_of_managers),
	        cmocka_unit_test(versions_are_mapped),
	        cmocka_unit_test(versions_that_do_not_map),
	        cmocka_unit_test(exact_version),
	        cmocka_unit_test(claims_do_not_map),
	        cmocka_unit_test(create),
	        cmocka_unit_test(cancel_at_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
