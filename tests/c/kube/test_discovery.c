/* Kinds and their paths: what is asked, when, and what is not (K50-K53). */
#include "fake.h"

static void start_get(struct fake *f, const char *kind, const char *api_version)
{
	struct ss_ref ref = {.kind = kind, .api_version = api_version, .name = "x"};
	struct ss_op *op;

	fake_forget(f);
	if (ss_kube_get(f->client, &ref, NULL, fake_done, f, &op, &f->err))
		f->n_done = -1;
}

/* The path that a get of this kind asks for, without any question before. */
static void known(struct fake *f, const char *kind, const char *api_version, const char *path)
{
	start_get(f, kind, api_version);
	fake_reply(fake_take(f, "GET", path), 200, "{\"metadata\":{}}");
	assert_int_equal(f->err.code, 0);
}

static void built_in_kinds_cost_nothing(void **state)
{
	struct fake f;

	fake_open(&f);
	known(&f, "Pod", NULL, "/api/v1/namespaces/demo/pods/x");
	known(&f, "Pod", "v1", "/api/v1/namespaces/demo/pods/x");
	known(&f, "po", NULL, "/api/v1/namespaces/demo/pods/x");
	known(&f, "PODS", NULL, "/api/v1/namespaces/demo/pods/x");
	known(&f, "ns", NULL, "/api/v1/namespaces/x");
	known(&f, "deployments.apps", NULL, "/apis/apps/v1/namespaces/demo/deployments/x");
	known(&f, "deployments.v1.apps", NULL, "/apis/apps/v1/namespaces/demo/deployments/x");
	known(&f, "pods.v1.", NULL, "/api/v1/namespaces/demo/pods/x");
	known(&f, "netpol", NULL, "/apis/networking.k8s.io/v1/namespaces/demo/networkpolicies/x");
	known(&f, "crds", NULL, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/x");
	fake_close(&f);
}

static void sandbox_version(struct fake *f, const char *served, const char *wanted, const char *got)
{
	char path[200];

	fake_open(f);
	start_get(f, "Sandbox", wanted);
	fake_agents(f, served);
	if (!got) {
		assert_int_equal(f->err.code, SS_ERR_NOT_FOUND);
	} else {
		snprintf(path, sizeof(path), "/apis/agents.x-k8s.io/%s/namespaces/demo/sandboxes/x",
		         got);
		fake_reply(fake_take(f, "GET", path), 200, "{\"metadata\":{}}");
		/* Known from now on. */
		known(f, "sandboxes", wanted, path);
	}
}

static void sandbox_versions(void **state)
{
	struct fake f;

	sandbox_version(&f, "v1beta1 v1alpha1", NULL, "v1beta1");
	fake_close(&f);
	sandbox_version(&f, "v1beta1 v1alpha1", "agents.x-k8s.io/v1alpha1", "v1beta1");
	fake_close(&f);
	sandbox_version(&f, "v1alpha1", "agents.x-k8s.io/v1beta1", "v1alpha1");
	fake_close(&f);
	sandbox_version(&f, "v1alpha1", NULL, "v1alpha1");
	fake_close(&f);
	sandbox_version(&f, "v1 v1beta1", "agents.x-k8s.io/v1", "v1");
	fake_close(&f);
	sandbox_version(&f, "v1", NULL, "v1");
	fake_close(&f);
	sandbox_version(&f, "v1", "agents.x-k8s.io/v1beta1", NULL);
	fake_has(f.err.message, "does not serve agents.x-k8s.io/v1beta1 (it prefers v1)");
	fake_close(&f);
}

static void known_sandboxes(struct fake *f, const char *served)
{
	start_get(f, "Sandbox", NULL);
	fake_agents(f, served);
	fake_reply(fake_take(f, "GET", "/apis/agents.x-k8s.io/*"), 200, "{\"metadata\":{}}");
}

static void exact_version_asks_nothing(void **state)
{
	struct ss_ref ref = {
	        .kind = "Sandbox", .api_version = "agents.x-k8s.io/v1alpha1", .name = "x"};
	struct ss_call call = {.exact_version = true};
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	assert_int_equal(ss_kube_get(f.client, &ref, &call, fake_done, &f, &op, NULL), 0);
	fake_reply_type(
	        fake_take(&f, "GET", "/apis/agents.x-k8s.io/v1alpha1/namespaces/demo/sandboxes/x"),
	        404, "text/plain", "404 page not found\n");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	fake_has(f.err.message, "does not serve sandboxes in agents.x-k8s.io/v1alpha1");
	fake_close(&f);
}

/* One question for all that wait, also when one of them is cancelled meanwhile. */
static void questions_are_shared(void **state)
{
	struct ss_ref ref = {.kind = "Sandbox", .name = "x"};
	struct ss_op *op[4];
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 4; i++)
		assert_int_equal(ss_kube_get(f.client, &ref, NULL, fake_done, &f, &op[i], NULL), 0);
	assert_int_equal(f.n_started, 1);
	ss_op_cancel(op[1]);
	fake_agents(&f, "v1beta1");
	assert_int_equal(f.n_started, 4);
	for (int i = 0; i < 3; i++)
		fake_reply(fake_take(&f, "GET", "/apis/agents.x-k8s.io/v1beta1/*"), 200,
		           "{\"metadata\":{}}");
	assert_int_equal(f.n_done, 3);
	fake_close(&f);
}

static void not_installed_is_asked_again(void **state)
{
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 2; i++) {
		start_get(&f, "Sandbox", NULL);
		fake_reply_type(fake_take(&f, "GET", "/apis/agents.x-k8s.io"), 404, "text/plain",
		                "404 page not found\n");
		assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
		fake_has(f.err.message, "install agent-sandbox");
		assert_true(fake_idle(&f));
	}
	start_get(&f, "Sandbox", NULL);
	fake_agents(&f, "v1beta1");
	fake_reply(fake_take(&f, "GET", "/apis/agents.x-k8s.io/v1beta1/*"), 200,
	           "{\"metadata\":{}}");
	assert_int_equal(f.err.code, 0);
	fake_close(&f);
}

#define NO_PAGE(f, path)                                                                           \
	fake_reply_type(fake_take(f, "GET", path), 404, "text/plain", "404 page not found\n")

/* The cluster was upgraded under a running client: one more look, and on in the new version (K52). */
static void version_withdrawn(void **state)
{
	struct fake f;

	fake_open(&f);
	known_sandboxes(&f, "v1alpha1");
	start_get(&f, "Sandbox", NULL);
	NO_PAGE(&f, "/apis/agents.x-k8s.io/v1alpha1/*");
	fake_agents(&f, "v1beta1");
	fake_reply(fake_take(&f, "GET", "/apis/agents.x-k8s.io/v1beta1/*"), 200,
	           "{\"metadata\":{}}");
	assert_int_equal(f.err.code, 0);
	assert_int_equal(f.n_done, 1);
	fake_close(&f);
}

/* Nothing new: the answer stands, and nobody asks for ever. */
static void page_not_found(void **state)
{
	struct fake f;

	fake_open(&f);
	known_sandboxes(&f, "v1beta1");
	for (int i = 0; i < 3; i++) {
		start_get(&f, "Sandbox", NULL);
		NO_PAGE(&f, "/apis/agents.x-k8s.io/v1beta1/*");
		if (i == 0)
			fake_agents(&f, "v1beta1");
		else if (i == 1)
			NO_PAGE(&f, "/apis/agents.x-k8s.io");
		else
			fake_end(fake_take(&f, "GET", "/apis/agents.x-k8s.io"), SS_ERR_UNAVAILABLE);
		assert_int_equal(f.n_done, 1);
		assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
		fake_has(f.err.message, "does not serve sandboxes in agents.x-k8s.io/v1beta1");
		assert_true(fake_idle(&f));
		/* The step that reports it forgets once more: the next call asks. */
		start_get(&f, "Sandbox", NULL);
		fake_agents(&f, "v1beta1");
		fake_reply(fake_take(&f, "GET", "/apis/agents.x-k8s.io/v1beta1/*"), 200,
		           "{\"metadata\":{}}");
	}
	fake_close(&f);
}

static const char widgets[] =
        "{\"kind\":\"APIResourceList\",\"groupVersion\":\"example.com/v1\",\"resources\":["
        "{\"name\":\"widgets\",\"singularName\":\"widget\",\"namespaced\":false,\"kind\":"
        "\"Widget\","
        "\"verbs\":[\"get\"],\"shortNames\":[\"wi\"]},"
        "{\"name\":\"widgets/"
        "status\",\"singularName\":\"\",\"namespaced\":false,\"kind\":\"Status\"}]}";

static void group_and_version(void **state)
{
	struct fake f;

	fake_open(&f);
	start_get(&f, "Widget", "example.com/v1");
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1"), 200, widgets);
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1/widgets/x"), 200,
	           "{\"metadata\":{}}");
	known(&f, "wi", "example.com/v1", "/apis/example.com/v1/widgets/x");
	known(&f, "widgets.v1.example.com", NULL, "/apis/example.com/v1/widgets/x");
	/* Unknown there: asked once more, since it may have come meanwhile. */
	start_get(&f, "Gadget", "example.com/v1");
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1"), 200, widgets);
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	assert_string_equal(f.err.reason, "NoKindMatch");
	fake_has(f.err.message, "\"Gadget\" in apiVersion example.com/v1");
	fake_close(&f);
}

static void group_alone(void **state)
{
	static const char group[] =
	        "{\"kind\":\"APIGroup\",\"name\":\"example.com\",\"versions\":[{\"version\":\"v2\"}"
	        ","
	        "{\"version\":\"v1\"}],\"preferredVersion\":{\"version\":\"v2\"}}";
	struct fake f;

	fake_open(&f);
	start_get(&f, "widgets.example.com", NULL);
	fake_reply(fake_take(&f, "GET", "/apis/example.com"), 200, group);
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v2"), 200,
	           "{\"kind\":\"APIResourceList\",\"resources\":[]}");
	/* v2 was fetched for this very question; it lives in the older version only. */
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1"), 200, widgets);
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1/widgets/x"), 200,
	           "{\"metadata\":{}}");
	fake_close(&f);
}

static const char aggregated[] =
        "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/v2\",\"items\":["
        "{\"metadata\":{\"name\":\"example.com\"},\"versions\":[{\"version\":\"v1\",\"resources\":["
        "{\"resource\":\"widgets\",\"responseKind\":{\"kind\":\"Widget\"},\"scope\":\"Cluster\","
        "\"singularResource\":\"widget\",\"shortNames\":[\"wi\"],\"verbs\":[\"get\",\"list\"]},"
        "{\"resource\":\"things\",\"responseKind\":{\"kind\":\"Thing\"},\"scope\":\"Namespaced\","
        "\"verbs\":[\"get\"]}]}]},"
        "{\"metadata\":{\"name\":\"other.org\"},\"versions\":[{\"version\":\"v3\",\"resources\":["
        "{\"resource\":\"things\",\"responseKind\":{\"kind\":\"Thing\"},\"scope\":\"Namespaced\","
        "\"verbs\":[\"get\"]}]}]}]}";

static void bare_names(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	start_get(&f, "WIDGETS", NULL);
	r = fake_take(&f, "GET", "/apis");
	fake_has(r->accept, "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
	fake_reply(r, 200, aggregated);
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1/widgets/x"), 200,
	           "{\"metadata\":{}}");
	known(&f, "wi", NULL, "/apis/example.com/v1/widgets/x");
	start_get(&f, "things", NULL);
	assert_int_equal(f.err.code, SS_ERR_INVAL);
	fake_has(f.err.message, "things.example.com, things.other.org");
	fake_close(&f);
}

#define WIDGETS_OF(version)                                                                        \
	"{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{\"name\":\"example.com\"}," \
	"\"versions\":[{\"version\":\"" version                                                    \
	"\",\"resources\":[{\"resource\":\"widgets\",\"responseKind\":{\"kind\":\"Widget\"},"      \
	"\"scope\":\"Cluster\",\"verbs\":[\"get\"]}]}]}]}"

/* A name that only the list of all groups tells is looked up there anew, too. */
static void a_bare_name_whose_version_is_withdrawn(void **state)
{
	struct fake f;

	fake_open(&f);
	start_get(&f, "widgets", NULL);
	fake_reply(fake_take(&f, "GET", "/apis"), 200, WIDGETS_OF("v1"));
	NO_PAGE(&f, "/apis/example.com/v1/widgets/x");
	fake_reply(fake_take(&f, "GET", "/apis"), 200, WIDGETS_OF("v2"));
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v2/widgets/x"), 200,
	           "{\"metadata\":{}}");
	assert_int_equal(f.err.code, 0);
	known(&f, "widgets", NULL, "/apis/example.com/v2/widgets/x");
	fake_close(&f);
}

/* So is what is known of a version that the caller names. */
static void a_named_version_is_asked_about_again(void **state)
{
	static const char served[] =
	        "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"widgets\",\"kind\":"
	        "\"Widget\",\"namespaced\":false,\"verbs\":[\"get\"]}]}",
	                  other[] = "{\"kind\":\"APIResourceList\",\"resources\":[]}";
	struct fake f;

	fake_open(&f);
	start_get(&f, "Widget", "example.com/v1");
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1"), 200, served);
	NO_PAGE(&f, "/apis/example.com/v1/widgets/x");
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1"), 200, other);
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	fake_close(&f);
}

static void unknown_name_has_a_suggestion(void **state)
{
	struct fake f;

	fake_open(&f);
	start_get(&f, "sandbxes", NULL);
	fake_reply(fake_take(&f, "GET", "/apis"), 200, aggregated);
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	fake_has(f.err.message, "did you mean sandboxes?");
	fake_close(&f);
}

/* Servers without the aggregated document: group by group. */
static void no_aggregation(void **state)
{
	static const char groups[] =
	        "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"a.b\",\"preferredVersion\":"
	        "{\"version\":\"v1\"}},{\"name\":\"example.com\",\"preferredVersion\":{\"version\":"
	        "\"v1\"}}]}";
	struct fake f;

	fake_open(&f);
	start_get(&f, "widgets", NULL);
	fake_reply(fake_take(&f, "GET", "/apis"), 200, groups);
	/* An aggregated API whose server is down hides nothing but itself. */
	fake_reply_type(fake_take(&f, "GET", "/apis/a.b/v1"), 503, "text/plain", "down");
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1"), 200, widgets);
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1/widgets/x"), 200,
	           "{\"metadata\":{}}");
	fake_close(&f);
}

static void kinds(void **state)
{
	static const char core[] =
	        "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{},\"versions\":[{"
	        "\"version\":"
	        "\"v1\",\"resources\":[{\"resource\":\"pods\",\"responseKind\":{\"kind\":\"Pod\"},"
	        "\"scope\":"
	        "\"Namespaced\",\"shortNames\":[\"po\"],\"verbs\":[\"get\"]}]}]}]}";
	struct ss_op *op;
	ss_node row;
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ss_kube_kinds(f.client, NULL, fake_done, &f, &op, NULL), 0);
		fake_reply(fake_take(&f, "GET", "/api"), 200, core);
		fake_reply(fake_take(&f, "GET", "/apis"), 200, aggregated);
		assert_int_equal(f.err.code, 0);
		assert_int_equal(ss_doc_count(f.doc, ss_doc_root(f.doc)), 4);
	}
	row = ss_doc_at(f.doc, ss_doc_root(f.doc), 0);
	assert_string_equal(ss_doc_find_string(f.doc, row, "kind", NULL), "Pod");
	assert_string_equal(ss_doc_find_string(f.doc, row, "apiVersion", NULL), "v1");
	row = ss_doc_at(f.doc, ss_doc_root(f.doc), 1);
	assert_string_equal(ss_doc_find_string(f.doc, row, "apiVersion", NULL), "example.com/v1");
	assert_false(ss_doc_get_bool(f.doc, ss_doc_get(f.doc, row, "namespaced"), true));
	fake_close(&f);
}

static void kinds_without_aggregation(void **state)
{
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	assert_int_equal(ss_kube_kinds(f.client, NULL, fake_done, &f, &op, NULL), 0);
	fake_reply(fake_take(&f, "GET", "/api"), 200,
	           "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}");
	fake_reply(fake_take(&f, "GET", "/api/v1"), 200,
	           "{\"resources\":[{\"name\":\"pods\",\"kind\":\"Pod\",\"namespaced\":true,"
	           "\"verbs\":[]}]}");
	fake_reply(fake_take(&f, "GET", "/apis"), 200,
	           "{\"kind\":\"APIGroupList\",\"groups\":[{\"name\":\"example.com\","
	           "\"preferredVersion\":"
	           "{\"version\":\"v1\"}}]}");
	fake_reply(fake_take(&f, "GET", "/apis/example.com/v1"), 200, widgets);
	assert_int_equal(ss_doc_count(f.doc, ss_doc_root(f.doc)), 2);
	fake_close(&f);
}

static void failures(void **state)
{
	struct fake f;

	fake_open(&f);
	start_get(&f, "Sandbox", NULL);
	fake_end(fake_take(&f, "GET", "/apis/agents.x-k8s.io"), SS_ERR_UNAVAILABLE);
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_has(f.err.message, "https://fake:6443");
	start_get(&f, "Sandbox", NULL);
	fake_status(fake_take(&f, "GET", "/apis/agents.x-k8s.io"), 403, "Forbidden",
	            "no discovery");
	assert_int_equal(f.err.code, SS_ERR_FORBIDDEN);
	start_get(&f, "Sandbox", NULL);
	fake_reply(fake_take(&f, "GET", "/apis/agents.x-k8s.io"), 200, "{\"kind\"");
	assert_int_equal(f.err.code, SS_ERR_PARSE);
	start_get(&f, "Widget", "example.com/v1");
	fake_reply_type(fake_take(&f, "GET", "/apis/example.com/v1"), 503, "text/plain", "down");
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_close(&f);
}

static void lookup_has_the_deadline_of_the_call(void **state)
{
	struct ss_ref ref = {.kind = "Sandbox", .name = "x"};
	struct ss_call call = {.timeout_ms = 500};
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	assert_int_equal(ss_kube_get(f.client, &ref, &call, fake_done, &f, &op, NULL), 0);
	fake_advance(&f, 499);
	assert_int_equal(f.n_done, 0);
	fake_advance(&f, 2);
	assert_int_equal(f.err.code, SS_ERR_TIMEOUT);
	/* The answer that comes late is not lost. */
	fake_agents(&f, "v1beta1");
	known(&f, "Sandbox", NULL, "/apis/agents.x-k8s.io/v1beta1/namespaces/demo/sandboxes/x");
	fake_close(&f);
}

/* One of the waiters frees the client: the others, the question and the transport go with it. */
static void free_client(void *ud, struct ss_result *result, const struct ss_err *err)
{
	struct fake *f = ud;

	f->n_done++;
	ss_client_free(f->client);
	f->client = NULL;
}

static void client_freed_by_a_waiter(void **state)
{
	struct ss_ref ref = {.kind = "Sandbox", .name = "x"};
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ss_kube_get(f.client, &ref, NULL, free_client, &f, &op, NULL), 0);
	fake_end(fake_take(&f, "GET", "/apis/agents.x-k8s.io"), SS_ERR_UNAVAILABLE);
	assert_int_equal(f.n_done, 1);
	fake_close(&f);
}

static void bad_names(void **state)
{
	static const struct {
		const char *kind, *api_version;
	} rows[] = {
	        {"a/b", NULL},     {"..", "v1"},      {"Pod", "a/b/c"},  {"Pod", "/v1"},
	        {"Pod", "g/"},     {"x y", NULL},     {"Foo", "../v1"},  {"Foo", "g/.."},
	        {"a%2f", NULL},    {"Foo", "v1?x=1"}, {"Foo", "g?x/v1"}, {"Foo", "v1#x"},
	        {"foo.g?x", NULL},
	};
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		start_get(&f, rows[i].kind, rows[i].api_version);
		assert_int_equal(f.n_done, -1);
		assert_int_equal(f.err.code, SS_ERR_INVAL);
		assert_string_equal(f.err.op, "get");
	}
	assert_int_equal(f.n_started, 0);
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(built_in_kinds_cost_nothing),
	        cmocka_unit_test(sandbox_versions),
	        cmocka_unit_test(exact_version_asks_nothing),
	        cmocka_unit_test(questions_are_shared),
	        cmocka_unit_test(not_installed_is_asked_again),
	        cmocka_unit_test(version_withdrawn),
	        cmocka_unit_test(page_not_found),
	        cmocka_unit_test(group_and_version),
	        cmocka_unit_test(group_alone),
	        cmocka_unit_test(bare_names),
	        cmocka_unit_test(a_bare_name_whose_version_is_withdrawn),
	        cmocka_unit_test(a_named_version_is_asked_about_again),
	        cmocka_unit_test(unknown_name_has_a_suggestion),
	        cmocka_unit_test(no_aggregation),
	        cmocka_unit_test(kinds),
	        cmocka_unit_test(kinds_without_aggregation),
	        cmocka_unit_test(failures),
	        cmocka_unit_test(lookup_has_the_deadline_of_the_call),
	        cmocka_unit_test(client_freed_by_a_waiter),
	        cmocka_unit_test(bad_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
