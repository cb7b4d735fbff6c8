/* Lists, selectors, pages; patches and replacement; discovery. */
#include "cluster.h"

#define CM "/api/v1/namespaces/default/configmaps"
#define SB "/apis/agents.x-k8s.io/v1beta1/namespaces/default/sandboxes"

static void fill(struct cluster *c, int n)
{
	for (int i = 0; i < n; i++)
		call(c, "POST", CM, JSON, "{'metadata':{'name':'c%02d','labels':{'n':'%d'%s}}}", i,
		     i % 3, i % 2 ? ",'odd':''" : "");
}

static size_t items(struct cluster *c)
{
	return ss_doc_count(c->doc, find(c->doc, "items"));
}

static void lists_as_the_kind_does(void **state)
{
	struct cluster *c = *state;

	fill(c, 1);
	call(c, "GET", CM, NULL, NULL);
	assert_at(c, "kind", "ConfigMapList");
	assert_at(c, "items.0.metadata.name", "c00");
	assert_at(c, "items.0.kind", "");
	call(c, "GET", SB, NULL, NULL);
	assert_at(c, "kind", "SandboxList");
	assert_string_equal(json_at(c, "items"), "[]");
	call(c, "GET", "/api/v1/namespaces", NULL, NULL);
	assert_int_equal(items(c), 4);
	call(c, "GET", "/api/v1/serviceaccounts", NULL, NULL);
	assert_int_equal(items(c), 4);
}

static void selects(void **state)
{
	static const struct {
		const char *query;
		size_t n;
	} rows[] = {
	        {"labelSelector=n%3D1", 4},
	        {"labelSelector=n%3D%3D1,odd", 2},
	        {"labelSelector=n!%3D1", 8},
	        {"labelSelector=n%20in%20(0,2)", 8},
	        {"labelSelector=n%20notin%20(0,2)", 4},
	        {"labelSelector=!odd", 6},
	        {"labelSelector=missing", 0},
	        {"labelSelector=odd%3D", 6},
	        {"fieldSelector=metadata.name%3Dc03", 1},
	        {"fieldSelector=metadata.name!%3Dc03", 11},
	        {"fieldSelector=metadata.namespace%3Dother", 0},
	        {"", 12},
	};
	struct cluster *c = *state;
	char path[256];

	fill(c, 12);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		snprintf(path, sizeof(path), CM "?%s", rows[i].query);
		assert_int_equal(call(c, "GET", path, NULL, NULL), 200);
		if (items(c) != rows[i].n)
			print_error("%s\n", rows[i].query);
		assert_int_equal(items(c), rows[i].n);
	}
	call(c, "GET", CM "?labelSelector=a%20b%20c", NULL, NULL);
	assert_failure(
	        c, 400, "BadRequest",
	        "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
	call(c, "GET", SB "?fieldSelector=foo%3Dbar", NULL, NULL);
	assert_failure(c, 400, "BadRequest", "field label not supported: foo");
}

static void pages_one_snapshot(void **state)
{
	struct cluster *c = *state;
	char path[512], rv[32];
	size_t n = 0;

	fill(c, 10);
	call(c, "GET", CM "?limit=4", NULL, NULL);
	assert_at(c, "metadata.remainingItemCount", "6");
	snprintf(rv, sizeof(rv), "%s", at(c, "metadata.resourceVersion"));
	snprintf(path, sizeof(path), CM "?limit=4&continue=%s", at(c, "metadata.continue"));
	n += items(c);
	/* What happens meanwhile is not in the pages that follow. */
	call(c, "DELETE", CM "/c05", NULL, NULL);
	call(c, "DELETE", CM "/c09", NULL, NULL);
	call(c, "POST", CM, JSON, "{'metadata':{'name':'c055'}}");
	call(c, "PATCH", CM "/c06", MERGE, "{'data':{'k':'new'}}");
	call(c, "PATCH", CM "/c06", MERGE, "{'data':{'k':'newer'}}");
	call(c, "GET", path, NULL, NULL);
	assert_at(c, "metadata.resourceVersion", rv);
	assert_at(c, "items.1.metadata.name", "c05");
	assert_at(c, "items.2.metadata.name", "c06");
	assert_at(c, "items.2.data.k", "");
	n += items(c);
	snprintf(path, sizeof(path), CM "?limit=4&continue=%s", at(c, "metadata.continue"));
	call(c, "GET", path, NULL, NULL);
	n += items(c);
	assert_int_equal(n, 10);
	assert_at(c, "items.1.metadata.name", "c09");
	assert_at(c, "metadata.continue", "");
	snprintf(path, sizeof(path), CM "?resourceVersion=%s&resourceVersionMatch=Exact", rv);
	call(c, "GET", path, NULL, NULL);
	assert_int_equal(items(c), 10);
	call(c, "GET", CM "?continue=abc", NULL, NULL);
	assert_int_equal(c->status, 400);
	call(c, "GET", CM "?resourceVersion=99999999", NULL, NULL);
	assert_int_equal(c->status, 504);
	assert_at(c, "details.causes.0.reason", "ResourceVersionTooLarge");
	assert_int_equal(c->retry_after_ms, 1000);
	call(c, "GET", CM "?resourceVersion=abc", NULL, NULL);
	assert_int_equal(c->status, 400);
}

static void patches(void **state)
{
	struct cluster *c = *state;
	char rv[32];

	call(c, "POST", CM, JSON, "{'metadata':{'name':'a'},'data':{'k':'1','l':'2'}}");
	call(c, "PATCH", CM "/a?fieldManager=m", MERGE, "{'data':{'k':null,'m':'3'}}");
	assert_string_equal(json_at(c, "data"), "{\"l\":\"2\",\"m\":\"3\"}");
	call(c, "PATCH", CM "/a", PATCH, "[{'op':'add','path':'/data/n','value':'4'}]");
	assert_at(c, "data.n", "4");
	snprintf(rv, sizeof(rv), "%s", at(c, "metadata.resourceVersion"));
	call(c, "PATCH", CM "/a", MERGE, "{}");
	assert_at(c, "metadata.resourceVersion", rv);
	call(c, "PATCH", CM "/a", PATCH, "[{'op':'test','path':'/data/n','value':'5'}]");
	assert_int_equal(c->status, 422);
	assert_int_equal(call(c, "PATCH", CM "/a", PATCH, "{'a':1}"), 400);
	call(c, "PATCH", CM "/a", MERGE, "{'metadata':{'name':'b'}}");
	assert_failure(c, 400, "BadRequest",
	               "the name of the object (b) does not match the name on the URL (a)");
	call(c, "PATCH", CM "/a", MERGE, "{'metadata':{'uid':'b'}}");
	assert_failure(c, 422, "Invalid",
	               "ConfigMap \"a\" is invalid: metadata.uid: Invalid value: \"b\": field is "
	               "immutable");
	call(c, "PATCH", CM "/a", MERGE, "{'metadata':{'resourceVersion':'1'},'data':{'q':'q'}}");
	assert_int_equal(c->status, 409);
	call(c, "PATCH", CM "/none", MERGE, "{}");
	assert_failure(c, 404, "NotFound", "configmaps \"none\" not found");
	call(c, "PATCH", CM "/a", "application/strategic-merge-patch+json", "{}");
	assert_int_equal(c->status, 415);
	assert_at(c, "reason", "UnsupportedMediaType");
}

static void replaces(void **state)
{
	struct cluster *c = *state;
	char rv[32];

	call(c, "POST", CM, JSON, "{'metadata':{'name':'a'},'data':{'k':'1'}}");
	snprintf(rv, sizeof(rv), "%s", at(c, "metadata.resourceVersion"));
	call(c, "PUT", CM "/a", JSON, "{'metadata':{'name':'a','resourceVersion':'1'}}");
	assert_failure(c, 409, "Conflict",
	               "Operation cannot be fulfilled on configmaps \"a\": the object has been "
	               "modified; please "
	               "apply your changes to the latest version and try again");
	assert_int_equal(call(c, "PUT", CM "/a", JSON,
	                      "{'metadata':{'name':'a','resourceVersion':'%s'},'data':{'l':'2'}}",
	                      rv),
	                 200);
	assert_string_equal(json_at(c, "data"), "{\"l\":\"2\"}");
	assert_int_equal(call(c, "PUT", CM "/b", JSON, "{'metadata':{'name':'b'}}"), 404);
	call(c, "POST", CM, JSON, "{'metadata':{'name':'fix'},'immutable':true,'data':{'k':'1'}}");
	call(c, "PATCH", CM "/fix", MERGE, "{'data':{'k':'2'}}");
	assert_failure(c, 422, "Invalid",
	               "ConfigMap \"fix\" is invalid: data: Forbidden: field is immutable when "
	               "`immutable` is set");
}

static void status_is_a_resource_of_its_own(void **state)
{
	struct cluster *c = *state;

	call(c, "POST", SB, JSON,
	     "{'apiVersion':'agents.x-k8s.io/v1beta1','kind':'Sandbox','metadata':{'name':'s'},"
	     "'spec':{'podTemplate':{'spec':{'containers':[{'name':'a','image':'x'}]}}},'status':{'"
	     "service':'no'}}");
	assert_at(c, "status.service", "");
	call(c, "PATCH", SB "/s/status", MERGE,
	     "{'status':{'service':'svc'},'spec':{'operatingMode':'Suspended'}}");
	assert_at(c, "status.service", "svc");
	assert_at(c, "spec.operatingMode", "Running");
	call(c, "PATCH", SB "/s", MERGE,
	     "{'status':{'service':'no'},'spec':{'shutdownPolicy':'Delete'}}");
	assert_string_not_equal(at(c, "status.service"), "no");
	assert_at(c, "metadata.generation", "2");
	assert_int_equal(call(c, "PATCH", CM "/s/status", MERGE, "{}"), 501);
}

static void tells_what_it_serves(void **state)
{
	struct cluster *c = *state;

	assert_int_equal(call(c, "GET", "/version", NULL, NULL), 200);
	assert_at(c, "minor", "37");
	call(c, "GET", "/apis", NULL, NULL);
	assert_at(c, "kind", "APIGroupList");
	assert_at(c, "groups.3.preferredVersion.groupVersion", "agents.x-k8s.io/v1beta1");
	call(c, "GET", "/apis/agents.x-k8s.io", NULL, NULL);
	assert_at(c, "kind", "APIGroup");
	call(c, "GET", "/apis/agents.x-k8s.io/v1beta1", NULL, NULL);
	assert_at(c, "kind", "APIResourceList");
	assert_at(c, "resources.0.name", "sandboxes");
	assert_at(c, "resources.1.name", "sandboxes/status");
	call(c, "GET", "/api", NULL, NULL);
	assert_at(c, "kind", "APIVersions");
	c->accept = "application/"
	            "json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
	call(c, "GET", "/apis", NULL, NULL);
	assert_at(c, "kind", "APIGroupDiscoveryList");
	assert_string_equal(c->content_type,
	                    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
	assert_at(c, "items.3.versions.0.resources.0.responseKind.kind", "Sandbox");
	assert_at(c, "items.3.versions.0.resources.0.scope", "Namespaced");
	assert_at(c, "items.3.versions.0.freshness", "Current");
	call(c, "GET", "/api", NULL, NULL);
	assert_at(c, "items.0.versions.0.resources.0.resource", "namespaces");
	c->accept = NULL;
	assert_int_equal(call(c, "GET", "/readyz", NULL, NULL), 200);
	assert_string_equal(c->text.data, "ok");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cluster_setup, cluster_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(lists_as_the_kind_does),
	        TEST(selects),
	        TEST(pages_one_snapshot),
	        TEST(patches),
	        TEST(replaces),
	        TEST(status_is_a_resource_of_its_own),
	        TEST(tells_what_it_serves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
