/* Deletion: preconditions, finalizers, owners, namespaces. */
#include "cluster.h"

#define NS  "/api/v1/namespaces"
#define CM  NS "/default/configmaps"
#define SB  "/apis/agents.x-k8s.io/v1beta1/namespaces/default/sandboxes"
#define POD NS "/default/pods"

static void config_map(struct cluster *c, const char *name, const char *meta)
{
	assert_int_equal(call(c, "POST", CM, JSON, "{'metadata':{'name':'%s'%s}}", name, meta),
	                 201);
}

static void sandbox(struct cluster *c, const char *name)
{
	assert_int_equal(
	        call(c, "POST", SB, JSON,
	             "{'apiVersion':'agents.x-k8s.io/"
	             "v1beta1','kind':'Sandbox','metadata':{'name':'%s'},"
	             "'spec':{'podTemplate':{'spec':{'containers':[{'name':'a','image':'x'}]}}}}",
	             name),
	        201);
}

static int get(struct cluster *c, const char *path)
{
	return call(c, "GET", path, NULL, NULL);
}

static void answers_with_a_status(void **state)
{
	struct cluster *c = *state;

	config_map(c, "a", "");
	assert_int_equal(call(c, "DELETE", CM "/a?dryRun=All", NULL, NULL), 200);
	assert_int_equal(get(c, CM "/a"), 200);
	assert_int_equal(call(c, "DELETE", CM "/a", NULL, NULL), 200);
	assert_at(c, "status", "Success");
	assert_at(c, "details.name", "a");
	assert_at(c, "details.kind", "configmaps");
	assert_int_equal(strlen(at(c, "details.uid")), 36);
	call(c, "DELETE", CM "/a", NULL, NULL);
	assert_failure(c, 404, "NotFound", "configmaps \"a\" not found");
}

static void holds_preconditions(void **state)
{
	struct cluster *c = *state;
	char rv[32];

	config_map(c, "a", "");
	snprintf(rv, sizeof(rv), "%s", at(c, "metadata.resourceVersion"));
	call(c, "DELETE", CM "/a", JSON, "{'preconditions':{'uid':'abc'}}");
	assert_int_equal(c->status, 409);
	assert_non_null(
	        strstr(at(c, "message"), "the UID in the precondition (abc) does not match"));
	call(c, "DELETE", CM "/a", JSON, "{'preconditions':{'resourceVersion':'1'}}");
	assert_int_equal(c->status, 409);
	call(c, "DELETE", CM "/a", JSON, "{'propagationPolicy':'Foo'}");
	assert_int_equal(c->status, 422);
	assert_int_equal(
	        call(c, "DELETE", CM "/a", JSON, "{'preconditions':{'resourceVersion':'%s'}}", rv),
	        200);
}

static void waits_for_finalizers(void **state)
{
	struct cluster *c = *state;

	config_map(c, "a", ",'finalizers':['x.y/z']");
	assert_int_equal(call(c, "DELETE", CM "/a", NULL, NULL), 200);
	assert_at(c, "kind", "ConfigMap");
	assert_int_equal(strlen(at(c, "metadata.deletionTimestamp")), 20);
	assert_int_equal(get(c, CM "/a"), 200);
	call(c, "PATCH", CM "/a", MERGE, "{'metadata':{'finalizers':['x.y/z','x.y/more']}}");
	assert_int_equal(c->status, 422);
	assert_int_equal(call(c, "PATCH", CM "/a", MERGE, "{'metadata':{'finalizers':null}}"), 200);
	assert_int_equal(get(c, CM "/a"), 404);
}

static void takes_dependents_along(void **state)
{
	struct cluster *c = *state;
	struct watch *w;

	sandbox(c, "bg");
	w = watch_open(c, POD "?watch=true");
	assert_int_equal(call(c, "DELETE", SB "/bg", JSON, "{'propagationPolicy':'Background'}"),
	                 200);
	assert_at(c, "kind", "Status");
	watch_wait(w, 3);
	assert_string_equal(w->log.data, "ADDED bg\nMODIFIED bg\nDELETED bg\n");
	watch_close(w);
	sandbox(c, "fg");
	w = watch_open(c, SB "?watch=true");
	assert_int_equal(call(c, "DELETE", SB "/fg", JSON, "{'propagationPolicy':'Foreground'}"),
	                 200);
	assert_string_equal(json_at(c, "metadata.finalizers"), "[\"foregroundDeletion\"]");
	assert_int_equal(get(c, SB "/fg"), 404);
	assert_int_equal(get(c, POD "/fg"), 404);
	watch_wait(w, 4);
	assert_string_equal(w->log.data, "ADDED fg\nMODIFIED fg\nMODIFIED fg\nDELETED fg\n");
	watch_close(w);
	sandbox(c, "orphan");
	assert_int_equal(call(c, "DELETE", SB "/orphan?propagationPolicy=Orphan", NULL, NULL), 200);
	assert_int_equal(get(c, SB "/orphan"), 404);
	assert_int_equal(get(c, POD "/orphan"), 200);
	assert_string_equal(json_at(c, "metadata.ownerReferences"), "");
}

/* Each is deleted in its turn, not on the stack of its owner. */
static void a_long_chain_of_owners(void **state)
{
	enum { LENGTH = 2000 };
	struct cluster *c = *state;
	char uid[64] = "", meta[256] = "", name[32];

	for (int i = 0; i < LENGTH; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		config_map(c, name, meta);
		snprintf(uid, sizeof(uid), "%s", at(c, "metadata.uid"));
		snprintf(meta, sizeof(meta),
		         ",'ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','name':'%s',"
		         "'uid':'%s'}]",
		         name, uid);
	}
	assert_int_equal(call(c, "DELETE", CM "/c0", NULL, NULL), 200);
	assert_int_equal(get(c, CM), 200);
	assert_int_equal(ss_doc_count(c->doc, find(c->doc, "items")), 0);
}

static void counts_every_owner(void **state)
{
	struct cluster *c = *state;
	char one[40], two[40];

	config_map(c, "one", "");
	snprintf(one, sizeof(one), "%s", at(c, "metadata.uid"));
	config_map(c, "two", "");
	snprintf(two, sizeof(two), "%s", at(c, "metadata.uid"));
	assert_int_equal(call(c, "POST", CM, JSON,
	                      "{'metadata':{'name':'child','ownerReferences':["
	                      "{'apiVersion':'v1','kind':'ConfigMap','name':'one','uid':'%s'},"
	                      "{'apiVersion':'v1','kind':'ConfigMap','name':'two','uid':'%s'}]}}",
	                      one, two),
	                 201);
	call(c, "DELETE", CM "/one", NULL, NULL);
	assert_int_equal(get(c, CM "/child"), 200);
	assert_at(c, "metadata.ownerReferences.0.name", "two");
	assert_at(c, "metadata.ownerReferences.1.name", "");
	call(c, "DELETE", CM "/two", NULL, NULL);
	assert_int_equal(get(c, CM "/child"), 404);
	/* An owner that never was: collected at once. */
	call(c, "POST", CM, JSON,
	     "{'metadata':{'name':'lost','ownerReferences':[{'apiVersion':'v1','kind':'ConfigMap','"
	     "name':'no',"
	     "'uid':'no'}]}}");
	assert_int_equal(c->status, 201);
	assert_int_equal(get(c, CM "/lost"), 404);
}

static void foreground_waits_for_the_last(void **state)
{
	struct cluster *c = *state;
	char uid[40];

	config_map(c, "owner", "");
	snprintf(uid, sizeof(uid), "%s", at(c, "metadata.uid"));
	call(c, "POST", CM, JSON,
	     "{'metadata':{'name':'child','finalizers':['x.y/"
	     "z'],'ownerReferences':[{'apiVersion':'v1','kind':"
	     "'ConfigMap','name':'owner','uid':'%s','blockOwnerDeletion':true}]}}",
	     uid);
	call(c, "DELETE", CM "/owner", JSON, "{'propagationPolicy':'Foreground'}");
	assert_int_equal(get(c, CM "/owner"), 200);
	assert_int_equal(get(c, CM "/child"), 200);
	assert_int_equal(strlen(at(c, "metadata.deletionTimestamp")), 20);
	call(c, "PATCH", CM "/child", MERGE, "{'metadata':{'finalizers':null}}");
	assert_int_equal(get(c, CM "/child"), 404);
	assert_int_equal(get(c, CM "/owner"), 404);
}

static void a_dependent_holds_its_owner_only_if_it_says_so(void **state)
{
	static const char *const rows[] = {"", ",'blockOwnerDeletion':false",
	                                   ",'blockOwnerDeletion':true"};
	struct cluster *c = *state;
	char uid[40];

	for (size_t i = 0; i < 3; i++) {
		config_map(c, "owner", "");
		snprintf(uid, sizeof(uid), "%s", at(c, "metadata.uid"));
		call(c, "POST", CM, JSON,
		     "{'metadata':{'name':'child%zu','finalizers':['x.y/z'],'ownerReferences':[{"
		     "'apiVersion':'v1','kind':'ConfigMap','name':'owner','uid':'%s'%s}]}}",
		     i, uid, rows[i]);
		call(c, "DELETE", CM "/owner", JSON, "{'propagationPolicy':'Foreground'}");
		assert_int_equal(get(c, CM "/owner"), i == 2 ? 200 : 404);
	}
	assert_int_equal(get(c, CM "/child0"), 200);
	assert_int_equal(strlen(at(c, "metadata.deletionTimestamp")), 20);
}

static void empties_namespaces(void **state)
{
	struct cluster *c = *state;
	struct watch *w;

	call(c, "POST", NS, JSON, "{'metadata':{'name':'n'}}");
	call(c, "POST", NS "/n/configmaps", JSON,
	     "{'metadata':{'name':'a','finalizers':['x.y/z']}}");
	call(c, "POST", "/apis/agents.x-k8s.io/v1beta1/namespaces/n/sandboxes", JSON,
	     "{'apiVersion':'agents.x-k8s.io/v1beta1','kind':'Sandbox','metadata':{'name':'s'},"
	     "'spec':{'podTemplate':{'spec':{'containers':[{'name':'a','image':'x'}]}}}}");
	w = watch_open(c, NS "?watch=true&fieldSelector=metadata.name%3Dn");
	assert_int_equal(call(c, "DELETE", NS "/n", NULL, NULL), 200);
	assert_at(c, "status.phase", "Terminating");
	assert_int_equal(get(c, NS "/n/pods/s"), 404);
	assert_int_equal(get(c, "/apis/agents.x-k8s.io/v1beta1/namespaces/n/sandboxes/s"), 404);
	call(c, "POST", NS "/n/configmaps", JSON, "{'metadata':{'name':'late'}}");
	assert_failure(c, 403, "Forbidden",
	               "configmaps \"late\" is forbidden: unable to create new content in "
	               "namespace n because it "
	               "is being terminated");
	assert_at(c, "details.causes.0.reason", "NamespaceTerminating");
	assert_int_equal(get(c, NS "/n"), 200);
	call(c, "PATCH", NS "/n/configmaps/a", MERGE, "{'metadata':{'finalizers':null}}");
	assert_int_equal(get(c, NS "/n"), 404);
	watch_wait(w, 3);
	assert_string_equal(w->log.data, "ADDED n\nMODIFIED n\nDELETED n\n");
	watch_close(w);
	call(c, "DELETE", NS "/default", NULL, NULL);
	assert_failure(c, 403, "Forbidden",
	               "namespaces \"default\" is forbidden: this namespace may not be deleted");
}

static void deletes_collections(void **state)
{
	struct cluster *c = *state;

	config_map(c, "a", ",'labels':{'x':'1'}");
	config_map(c, "b", ",'labels':{'x':'1'}");
	config_map(c, "c", ",'labels':{'x':'2'}");
	assert_int_equal(call(c, "DELETE", CM "?labelSelector=x%3D1", NULL, NULL), 200);
	assert_at(c, "kind", "ConfigMapList");
	assert_at(c, "items.1.metadata.name", "b");
	get(c, CM);
	assert_at(c, "items.0.metadata.name", "c");
	assert_at(c, "items.1.metadata.name", "");
	assert_int_equal(call(c, "DELETE", NS, NULL, NULL), 405);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cluster_setup, cluster_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(answers_with_a_status),
	        TEST(holds_preconditions),
	        TEST(waits_for_finalizers),
	        TEST(takes_dependents_along),
	        TEST(counts_every_owner),
	        TEST(a_long_chain_of_owners),
	        TEST(foreground_waits_for_the_last),
	        TEST(a_dependent_holds_its_owner_only_if_it_says_so),
	        TEST(empties_namespaces),
	        TEST(deletes_collections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
