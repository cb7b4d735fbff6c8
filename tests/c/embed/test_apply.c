/* Server-side apply through the API: owners, conflicts, removal. */
#include "cluster.h"

#define CM "/api/v1/namespaces/default/configmaps/a"
#define SB "/apis/agents.x-k8s.io/v1beta1/namespaces/default/sandboxes/s"

static int apply(struct cluster *c, const char *query, const char *data)
{
	return call(c, "PATCH", query, APPLY,
	            "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'}%s%s}",
	            *data ? "," : "", data);
}

static int apply_sandbox(struct cluster *c, const char *query, const char *spec)
{
	return call(
	        c, "PATCH", query, APPLY,
	        "{'apiVersion':'agents.x-k8s.io/v1beta1','kind':'Sandbox','metadata':{'name':'s'},"
	        "'spec':{'podTemplate':{'spec':{%s}}}}",
	        spec);
}

static void creates_then_leaves_alone(void **state)
{
	struct cluster *c = *state;
	char rv[32];

	assert_int_equal(apply(c, CM "?fieldManager=m1", "'data':{'a':'1','b':'2'}"), 201);
	assert_string_equal(json_at(c, "metadata.managedFields.0.fieldsV1"),
	                    "{\"f:data\":{\"f:a\":{},\"f:b\":{}}}");
	assert_at(c, "metadata.managedFields.0.operation", "Apply");
	snprintf(rv, sizeof(rv), "%s", at(c, "metadata.resourceVersion"));
	assert_int_equal(apply(c, CM "?fieldManager=m1", "'data':{'a':'1','b':'2'}"), 200);
	assert_at(c, "metadata.resourceVersion", rv);
}

static void takes_yaml(void **state)
{
	struct cluster *c = *state;

	assert_int_equal(
	        call(c, "PATCH", CM "?fieldManager=m", APPLY,
	             "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n"),
	        201);
	assert_at(c, "data.k", "v");
}

static void names_conflicts(void **state)
{
	struct cluster *c = *state;

	apply(c, CM "?fieldManager=m1", "'data':{'a':'1'}");
	apply(c, CM "?fieldManager=m2", "'data':{'a':'9'}");
	assert_failure(c, 409, "Conflict",
	               "Apply failed with 1 conflict: conflict with \"m1\": .data.a");
	assert_at(c, "details.causes.0.reason", "FieldManagerConflict");
	assert_at(c, "details.causes.0.field", ".data.a");
	call(c, "PATCH", CM "?fieldManager=m5", MERGE, "{'data':{'b':'1'}}");
	apply(c, CM "?fieldManager=m2", "'data':{'a':'2','b':'2'}");
	assert_failure(c, 409, "Conflict",
	               "Apply failed with 2 conflicts: conflicts with \"m1\":\n- "
	               ".data.a\nconflicts with \"m5\" "
	               "using v1:\n- .data.b");
	assert_int_equal(apply(c, CM "?fieldManager=m2&force=true", "'data':{'a':'9'}"), 200);
	assert_at(c, "data.a", "9");
	assert_at(c, "metadata.managedFields.0.manager", "m2");
	assert_at(c, "metadata.managedFields.1.manager", "m5");
	assert_at(c, "metadata.managedFields.2", "");
}

static void shares_what_agrees(void **state)
{
	struct cluster *c = *state;

	apply(c, CM "?fieldManager=m1", "'data':{'a':'1','b':'1'}");
	assert_int_equal(apply(c, CM "?fieldManager=m2", "'data':{'a':'1'}"), 200);
	/* What another one still wants stays; what nobody wants any more goes. */
	assert_int_equal(apply(c, CM "?fieldManager=m1", ""), 200);
	assert_string_equal(json_at(c, "data"), "{\"a\":\"1\"}");
	assert_int_equal(apply(c, CM "?fieldManager=m2", ""), 200);
	assert_at(c, "data", "");
	assert_string_equal(json_at(c, "data"), "");
	assert_string_equal(json_at(c, "metadata.managedFields"), "");
}

static void merges_lists_by_key(void **state)
{
	struct cluster *c = *state;

	apply_sandbox(c, SB "?fieldManager=m1",
	              "'containers':[{'name':'a','image':'x','env':[{'name':'A','value':'1'}],"
	              "'ports':[{'containerPort':80}]}],'volumes':[{'name':'v','emptyDir':{}}]");
	assert_int_equal(c->status, 201);
	assert_string_equal(
	        json_at(c, "metadata.managedFields.0.fieldsV1.f:spec.f:podTemplate.f:spec.f:"
	                   "containers"),
	        "{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},\"f:env\":{\"k:{\\\"name\\\":\\\"A\\\"}"
	        "\":{\".\":{},"
	        "\"f:name\":{},\"f:value\":{}}},\"f:image\":{},\"f:name\":{},\"f:ports\":{"
	        "\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:"
	        "containerPort\":{}}}}}");
	apply_sandbox(c, SB "?fieldManager=m2",
	              "'containers':[{'name':'b','image':'y'},{'name':'a','env':[{'name':'B','"
	              "value':'2'}]}]");
	assert_int_equal(c->status, 200);
	assert_at(c, "metadata.generation", "2");
	/* The order of the newer configuration, its items merged with those that were there. */
	assert_string_equal(
	        json_at(c, "spec.podTemplate.spec.containers"),
	        "[{\"image\":\"y\",\"name\":\"b\"},{\"env\":[{\"name\":\"A\",\"value\":\"1\"},"
	        "{\"name\":\"B\",\"value\":\"2\"}],\"image\":\"x\",\"name\":\"a\",\"ports\":"
	        "[{\"containerPort\":80,\"protocol\":\"TCP\"}]}]");
	apply_sandbox(c, SB "?fieldManager=m2", "'containers':[{'name':'b','image':'y'}]");
	assert_string_equal(json_at(c, "spec.podTemplate.spec.containers.1.env"),
	                    "[{\"name\":\"A\",\"value\":\"1\"}]");
	/* Lists without keys are owned and replaced as a whole. */
	apply_sandbox(c, SB "?fieldManager=m1",
	              "'containers':[{'name':'a','image':'x','command':['1','2']}]");
	apply_sandbox(c, SB "?fieldManager=m2", "'containers':[{'name':'a','command':['1']}]");
	assert_int_equal(c->status, 409);
	assert_at(c, "details.causes.0.field",
	          ".spec.podTemplate.spec.containers[name=\"a\"].command");
}

static void refuses_bad_configurations(void **state)
{
	struct cluster *c = *state;

	apply(c, CM, "");
	assert_failure(c, 422, "Invalid",
	               "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is "
	               "required for "
	               "apply patch");
	apply(c, CM "?fieldManager=m", "'foo':1");
	assert_failure(c, 500, "",
	               "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field "
	               "not declared "
	               "in schema");
	apply_sandbox(c, SB "?fieldManager=m", "'containers':[{'name':'a'},{'name':'a'}]");
	assert_failure(
	        c, 500, "",
	        "failed to create typed patch object (/s; agents.x-k8s.io/v1beta1, Kind=Sandbox): "
	        ".spec.podTemplate.spec.containers: duplicate entries for key [name=\"a\"]");
	apply_sandbox(c, SB "?fieldManager=m", "'containers':[{'image':'a'}]");
	assert_failure(
	        c, 500, "",
	        "failed to create typed patch object (/s; agents.x-k8s.io/v1beta1, Kind=Sandbox): "
	        ".spec.podTemplate.spec.containers: element 0: associative list with keys has an "
	        "element "
	        "that omits all key fields [\"name\"] (and doesn't have default values for any key "
	        "fields)");
	call(c, "PATCH", CM "?fieldManager=m", APPLY, "{'metadata':{'name':'a'}}");
	assert_failure(c, 400, "BadRequest", "invalid object type: /, Kind=");
	call(c, "PATCH", CM "?fieldManager=m", APPLY,
	     "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'b'}}");
	assert_failure(c, 400, "BadRequest",
	               "the name of the object (b) does not match the name on the URL (a)");
	call(c, "PATCH", CM "?fieldManager=m", APPLY,
	     "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','managedFields':[{}]}}");
	assert_failure(c, 400, "BadRequest", "metadata.managedFields must be nil");
}

static void holds_preconditions(void **state)
{
	struct cluster *c = *state;

	call(c, "PATCH", CM "?fieldManager=m", APPLY,
	     "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','uid':'abc'}}");
	assert_failure(c, 409, "Conflict",
	               "Operation cannot be fulfilled on configmaps \"a\": uid mismatch: the "
	               "provided object "
	               "specified uid abc, and no existing object was found");
	apply(c, CM "?fieldManager=m", "");
	call(c, "PATCH", CM "?fieldManager=m", APPLY,
	     "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','resourceVersion':'1'}"
	     "}");
	assert_failure(c, 409, "Conflict",
	               "Operation cannot be fulfilled on configmaps \"a\": the object has been "
	               "modified; please "
	               "apply your changes to the latest version and try again");
}

static void owns_status_apart(void **state)
{
	struct cluster *c = *state;

	apply_sandbox(c, SB "?fieldManager=m", "'containers':[{'name':'a','image':'x'}]");
	call(c, "PATCH", SB "/status?fieldManager=m&force=true", APPLY,
	     "{'apiVersion':'agents.x-k8s.io/v1beta1','kind':'Sandbox','metadata':{'name':'s'},"
	     "'status':{'service':'svc'}}");
	assert_int_equal(c->status, 200);
	assert_at(c, "status.service", "svc");
	assert_at(c, "metadata.generation", "1");
	assert_at(c, "spec.podTemplate.spec.containers.0.image", "x");
}

static void dry_run_shows_the_result(void **state)
{
	struct cluster *c = *state;
	char rv[32];

	apply(c, CM "?fieldManager=m", "'data':{'a':'1'}");
	snprintf(rv, sizeof(rv), "%s", at(c, "metadata.resourceVersion"));
	assert_int_equal(apply(c, CM "?fieldManager=m&dryRun=All", "'data':{'a':'2'}"), 200);
	assert_at(c, "data.a", "2");
	assert_at(c, "metadata.resourceVersion", rv);
	call(c, "GET", CM, NULL, NULL);
	assert_at(c, "data.a", "1");
}

static void folds_old_updaters(void **state)
{
	struct cluster *c = *state;
	char path[128];

	apply(c, CM "?fieldManager=m", "");
	for (int i = 0; i < 14; i++) {
		snprintf(path, sizeof(path), CM "?fieldManager=u%02d", i);
		call(c, "PATCH", path, MERGE, "{'data':{'k%d':'v'}}", i);
	}
	assert_at(c, "metadata.managedFields.9.operation", "Update");
	assert_at(c, "metadata.managedFields.10.operation", "");
	assert_non_null(strstr(c->text.data, "ancient-changes"));
}

/* --- owners over time ------------------------------------------------------------------ */
static int64_t wall_ms;

static int64_t wall(void)
{
	return wall_ms;
}

static const char *owned(struct cluster *c, const char *manager, const char *key)
{
	const struct ss_doc *doc = c->doc;
	ss_node list = find(doc, "metadata.managedFields");

	for (struct ss_iter it = ss_iter(doc, list); ss_iter_next(&it);) {
		char path[64];

		snprintf(path, sizeof(path), "metadata.managedFields.%zu.%s", it.index, key);
		if (ss_doc_is_string(doc, ss_doc_get(doc, it.value, "manager"), manager))
			return !strcmp(key, "fieldsV1") ? json_at(c, path) : at(c, path);
	}
	return "";
}

/* Of 14 updaters ten are named; the oldest five are one, which owns what each of them did,
 * since the newest of them. */
static void those_folded_own_what_they_owned(void **state)
{
	struct cluster *c = *state;
	char path[128];

	wall_ms = 1767225600000;
	ss_clock_set_for_test(NULL, wall);
	apply(c, CM "?fieldManager=m", "");
	for (int i = 0; i < 14; i++) {
		wall_ms += 1000;
		snprintf(path, sizeof(path), CM "?fieldManager=u%02d", i);
		call(c, "PATCH", path, MERGE, "{'data':{'k%d':'v'}}", i);
	}
	assert_string_equal(owned(c, "ancient-changes", "fieldsV1"),
	                    "{\"f:data\":{\".\":{},\"f:k0\":{},\"f:k1\":{},\"f:k2\":{},"
	                    "\"f:k3\":{},\"f:k4\":{}}}");
	assert_string_equal(owned(c, "ancient-changes", "time"), "2026-01-01T00:00:05Z");
	assert_string_equal(owned(c, "u04", "time"), "");
	assert_string_equal(owned(c, "u05", "time"), "2026-01-01T00:00:06Z");
	ss_clock_set_for_test(NULL, NULL);
}

/* What goes has no owner any more, whoever takes it away and however. */
static void what_is_removed_is_owned_by_nobody(void **state)
{
	struct cluster *c = *state;

	apply(c, CM "?fieldManager=m1", "'data':{'a':'1','b':'1'}");
	call(c, "PATCH", CM "?fieldManager=u", MERGE, "{'data':{'c':'1'}}");
	call(c, "PATCH", CM "?fieldManager=v", MERGE, "{'data':{'a':null}}");
	assert_string_equal(owned(c, "m1", "fieldsV1"), "{\"f:data\":{\"f:b\":{}}}");
	assert_string_equal(owned(c, "v", "fieldsV1"), "");
	call(c, "PATCH", CM "?fieldManager=v", PATCH, "[{'op':'remove','path':'/data/c'}]");
	assert_string_equal(owned(c, "u", "fieldsV1"), "");
}

static void an_owner_is_as_old_as_its_last_change(void **state)
{
	struct cluster *c = *state;

	wall_ms = 1767225600000;
	ss_clock_set_for_test(NULL, wall);
	apply(c, CM "?fieldManager=m1", "'data':{'a':'1'}");
	call(c, "PATCH", CM "?fieldManager=u", MERGE, "{'data':{'b':'1'}}");
	wall_ms += 5000;
	apply(c, CM "?fieldManager=m1", "'data':{'a':'1'}");
	call(c, "PATCH", CM "?fieldManager=u", MERGE, "{'data':{'b':'1'}}");
	assert_string_equal(owned(c, "m1", "time"), "2026-01-01T00:00:00Z");
	assert_string_equal(owned(c, "u", "time"), "2026-01-01T00:00:00Z");
	/* Owners that change without the object: who lets go of what another one keeps. */
	wall_ms -= 5000;
	apply(c, CM "?fieldManager=m1", "'data':{'a':'1','c':'1'}");
	apply(c, CM "?fieldManager=m2", "'data':{'c':'1'}");
	wall_ms += 5000;
	apply(c, CM "?fieldManager=m1", "'data':{'a':'1'}");
	assert_string_equal(owned(c, "m1", "fieldsV1"), "{\"f:data\":{\"f:a\":{}}}");
	assert_string_equal(owned(c, "m1", "time"), "2026-01-01T00:00:00Z");
	apply(c, CM "?fieldManager=m1", "'data':{'a':'2'}");
	assert_string_equal(owned(c, "m1", "time"), "2026-01-01T00:00:05Z");
	assert_string_equal(owned(c, "u", "time"), "2026-01-01T00:00:00Z");
	ss_clock_set_for_test(NULL, NULL);
}

/* A server's own metadata, sent back with the rest, has no owner. */
static void identity_has_no_owner(void **state)
{
	struct cluster *c = *state;
	char uid[40];

	apply(c, CM "?fieldManager=m1", "'data':{'a':'1'}");
	snprintf(uid, sizeof(uid), "%s", at(c, "metadata.uid"));
	call(c, "PATCH", CM "?fieldManager=m2", APPLY,
	     "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'default',"
	     "'uid':'%s','labels':{'l':'1'}}}",
	     uid);
	assert_int_equal(c->status, 200);
	assert_string_equal(owned(c, "m2", "fieldsV1"),
	                    "{\"f:metadata\":{\"f:labels\":{\"f:l\":{}}}}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cluster_setup, cluster_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(creates_then_leaves_alone),
	        TEST(takes_yaml),
	        TEST(names_conflicts),
	        TEST(shares_what_agrees),
	        TEST(merges_lists_by_key),
	        TEST(refuses_bad_configurations),
	        TEST(holds_preconditions),
	        TEST(owns_status_apart),
	        TEST(dry_run_shows_the_result),
	        TEST(folds_old_updaters),
	        TEST(those_folded_own_what_they_owned),
	        TEST(what_is_removed_is_owned_by_nobody),
	        TEST(an_owner_is_as_old_as_its_last_change),
	        TEST(identity_has_no_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
