/* What a new object gets, and what is refused; the texts are the real server's. */
#include "cluster.h"

#define NS        "/api/v1/namespaces"
#define CM        NS "/default/configmaps"
#define SB        "/apis/agents.x-k8s.io/v1beta1/namespaces/default/sandboxes"
#define POD(spec) "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{" spec "}}"
#define SANDBOX(name, spec)                                                                        \
	"{'apiVersion':'agents.x-k8s.io/v1beta1','kind':'Sandbox','metadata':{'name':'" name       \
	"'},'spec':{" spec "}}"

static int create(struct cluster *c, const char *body)
{
	return call(c, "POST", CM "?fieldManager=t", JSON, "%s", body);
}

static void fills_in_metadata(void **state)
{
	struct cluster *c = *state;

	assert_int_equal(create(c, "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'},"
	                           "'data':{'k':'v'}}"),
	                 201);
	assert_string_equal(c->content_type, "application/json");
	assert_at(c, "metadata.namespace", "default");
	assert_int_equal(strlen(at(c, "metadata.uid")), 36);
	assert_int_equal(at(c, "metadata.uid")[14], '4');
	assert_true(atoll(at(c, "metadata.resourceVersion")) > 0);
	assert_int_equal(strlen(at(c, "metadata.creationTimestamp")), 20);
	assert_at(c, "metadata.generation", "");
	assert_string_equal(json_at(c, "metadata.managedFields.0.fieldsV1"),
	                    "{\"f:data\":{\".\":{},\"f:k\":{}}}");
	assert_at(c, "metadata.managedFields.0.manager", "t");
	assert_at(c, "metadata.managedFields.0.operation", "Update");
	assert_int_equal(call(c, "GET", CM "/a", NULL, NULL), 200);
	assert_at(c, "data.k", "v");
}

static void refuses_what_exists(void **state)
{
	struct cluster *c = *state;

	create(c, "{'metadata':{'name':'a'}}");
	create(c, "{'metadata':{'name':'a'}}");
	assert_failure(c, 409, "AlreadyExists", "configmaps \"a\" already exists");
	assert_at(c, "details.name", "a");
	assert_at(c, "details.kind", "configmaps");
}

static void generates_names(void **state)
{
	struct cluster *c = *state;

	assert_int_equal(create(c, "{'metadata':{'generateName':'x-'}}"), 201);
	assert_int_equal(strlen(at(c, "metadata.name")), 7);
	assert_memory_equal(at(c, "metadata.name"), "x-", 2);
	assert_at(c, "metadata.generateName", "x-");
	create(c, "{'metadata':{}}");
	assert_failure(
	        c, 422, "Invalid",
	        "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is "
	        "required");
}

static void wants_a_namespace_that_is_there(void **state)
{
	struct cluster *c = *state;

	call(c, "POST", NS "/nope/configmaps", JSON, "{'metadata':{'name':'a'}}");
	assert_failure(c, 404, "NotFound", "namespaces \"nope\" not found");
	call(c, "POST", CM, JSON, "{'metadata':{'name':'a','namespace':'other'}}");
	assert_failure(
	        c, 400, "BadRequest",
	        "the namespace of the provided object does not match the namespace sent on the "
	        "request");
	assert_int_equal(call(c, "POST", NS, JSON, "{'metadata':{'name':'n1'}}"), 201);
	assert_at(c, "status.phase", "Active");
	assert_string_equal(json_at(c, "metadata.labels"),
	                    "{\"kubernetes.io/metadata.name\":\"n1\"}");
	assert_int_equal(call(c, "GET", NS "/n1/serviceaccounts/default", NULL, NULL), 200);
	assert_int_equal(call(c, "POST", NS "/n1/configmaps", JSON, "{'metadata':{'name':'a'}}"),
	                 201);
}

static void checks_names_and_labels(void **state)
{
	struct cluster *c = *state;

	create(c, "{'metadata':{'name':'A_b'}}");
	assert_int_equal(c->status, 422);
	assert_at(c, "details.causes.0.field", "metadata.name");
	assert_at(c, "details.causes.0.reason", "FieldValueInvalid");
	assert_at(c, "details.kind", "ConfigMap");
	assert_at(c, "details.name", "A_b");
	create(c, "{'metadata':{'name':'a','labels':{'a b':'c','x':'y z'}}}");
	assert_int_equal(c->status, 422);
	assert_at(c, "details.causes.0.field", "metadata.labels");
	assert_non_null(strstr(at(c, "details.causes.1.message"),
	                       "Invalid value: \"y z\": must be empty, or at most 63"));
	call(c, "POST", NS, JSON, "{'metadata':{'name':'a.b'}}");
	assert_int_equal(c->status, 422);
	call(c, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", JSON,
	     "{'metadata':{'name':'a:B'},'rules':[]}");
	assert_int_equal(c->status, 201);
	create(c, "{'metadata':{'name':'a','resourceVersion':'5'}}");
	assert_int_equal(c->status, 500);
}

static void checks_amounts(void **state)
{
	static const struct {
		const char *pods, *says;
	} rows[] = {{"1.5", "must be an integer"},
	            {"500m", "must be an integer"},
	            {"-1", "must be greater than or equal to 0"},
	            {"0", NULL}};
	struct cluster *c = *state;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		call(c, "POST", NS "/default/resourcequotas", JSON,
		     "{'metadata':{'name':'q%zu'},'spec':{'hard':{'pods':'%s','limits.cpu':'0.5'}}"
		     "}",
		     i, rows[i].pods);
		assert_int_equal(c->status, rows[i].says ? 422 : 201);
		if (!rows[i].says)
			continue;
		assert_non_null(strstr(at(c, "details.causes.0.message"), rows[i].says));
		assert_at(c, "details.causes.0.field", "spec.hard[pods]");
		assert_at(c, "details.causes.1", "");
	}
}

static void checks_types(void **state)
{
	struct cluster *c = *state;

	create(c, "{'metadata':{'name':'a'},'data':{'k':1}}");
	assert_failure(c, 400, "BadRequest",
	               "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: .data.k: "
	               "expected string, got integer");
	call(c, "POST", NS "/default/secrets", JSON, "{'metadata':{'name':'a'},'data':{'k':'?'}}");
	assert_int_equal(c->status, 400);
	create(c, "{'apiVersion':");
	assert_int_equal(c->status, 400);
	create(c, "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'a'}}");
	assert_int_equal(c->status, 400);
	call(c, "POST", SB, JSON, "{'apiVersion':'agents.x-k8s.io/v1alpha1','kind':'Sandbox'}");
	assert_failure(c, 400, "BadRequest",
	               "the API version in the data (agents.x-k8s.io/v1alpha1) does not match the "
	               "expected API "
	               "version (agents.x-k8s.io/v1beta1)");
	call(c, "POST", SB, JSON,
	     SANDBOX("a", "'operatingMode':'Foo','shutdownTime':'x',"
	                  "'podTemplate':{'spec':{'containers':'x','hostUsers':3}}"));
	assert_int_equal(c->status, 422);
	assert_at(c, "details.causes.0.message",
	          "Unsupported value: \"Foo\": supported values: \"Running\", \"Suspended\"");
	assert_at(c, "details.causes.1.field", "spec.podTemplate.spec.containers");
	assert_at(c, "details.causes.1.reason", "FieldValueTypeInvalid");
	assert_at(c, "details.causes.3.field", "spec.shutdownTime");
}

static void names_missing_fields(void **state)
{
	struct cluster *c = *state;

	call(c, "POST", SB, JSON,
	     "{'apiVersion':'agents.x-k8s.io/v1beta1','kind':'Sandbox','metadata':"
	     "{'name':'a'}}");
	assert_at(c, "details.causes.0.field", "spec");
	call(c, "POST", SB, JSON, SANDBOX("a", ""));
	assert_at(c, "details.causes.0.field", "spec.podTemplate");
	call(c, "POST", SB, JSON,
	     SANDBOX("a", "'podTemplate':{'spec':{'containers':[{'image':'x'}]}}"));
	assert_at(c, "details.causes.0.field", "spec.podTemplate.spec.containers[0].name");
	assert_at(c, "details.causes.0.reason", "FieldValueRequired");
}

static void warns_of_unknown_fields(void **state)
{
	struct cluster *c = *state;

	static const char body[] =
	        SANDBOX("a", "'nope':1,'podTemplate':{'spec':{'zzz':3,'containers':"
	                     "[{'name':'a','image':'a','bar':1}]}}");

	assert_int_equal(call(c, "POST", SB, JSON, body), 201);
	assert_string_equal(c->warnings,
	                    "unknown field \"spec.nope\"; unknown field "
	                    "\"spec.podTemplate.spec.containers[0].bar\"; unknown field "
	                    "\"spec.podTemplate.spec.zzz\"");
	assert_string_equal(json_at(c, "spec.podTemplate.spec"),
	                    "{\"containers\":[{\"image\":\"a\",\"name\":\"a\"}]}");
	call(c, "POST", SB "?fieldValidation=Strict", JSON, body);
	assert_failure(c, 400, "BadRequest",
	               "Sandbox in version \"v1beta1\" cannot be handled as a Sandbox: strict "
	               "decoding error: "
	               "unknown field \"spec.nope\", unknown field "
	               "\"spec.podTemplate.spec.containers[0].bar\", unknown field "
	               "\"spec.podTemplate.spec.zzz\"");
	assert_string_equal(c->warnings, "");
}

static void fills_in_defaults(void **state)
{
	struct cluster *c = *state;

	call(c, "POST", NS "/default/secrets", JSON,
	     "{'metadata':{'name':'s'},'stringData':{'a':'b'},'data':{'c':'ZA=='}}");
	assert_string_equal(json_at(c, "data"), "{\"a\":\"Yg==\",\"c\":\"ZA==\"}");
	assert_at(c, "type", "Opaque");
	assert_at(c, "stringData", "");
	call(c, "POST", SB, JSON,
	     SANDBOX("s", "'podTemplate':{'spec':{'containers':[{'name':'a','image':'x',"
	                  "'ports':[{'containerPort':80}]}]}}"));
	assert_at(c, "spec.operatingMode", "Running");
	assert_at(c, "spec.shutdownPolicy", "Retain");
	assert_at(c, "spec.podTemplate.spec.containers.0.ports.0.protocol", "TCP");
	assert_at(c, "metadata.generation", "1");
	assert_at(c, "status", "");
	call(c, "POST", NS "/default/pods", JSON,
	     POD("'containers':[{'name':'c','image':'x:1','resources':{'limits':{'cpu':'1'}}}]"));
	assert_int_equal(c->status, 201);
	assert_at(c, "spec.containers.0.imagePullPolicy", "IfNotPresent");
	assert_at(c, "spec.containers.0.resources.requests.cpu", "1");
	assert_at(c, "spec.serviceAccountName", "default");
	assert_at(c, "status.phase", "Pending");
	assert_at(c, "status.qosClass", "Burstable");
}

static void checks_pods(void **state)
{
	struct cluster *c = *state;

	call(c, "POST", NS "/default/pods", JSON,
	     POD("'restartPolicy':'foo','containers':[{'name':'C_','volumeMounts':[{'name':'v',"
	         "'mountPath':'/x'}]}]"));
	assert_int_equal(c->status, 422);
	assert_at(c, "details.causes.0.field", "spec.containers[0].name");
	assert_at(c, "details.causes.1.field", "spec.restartPolicy");
	assert_at(c, "details.causes.2.field", "spec.containers[0].image");
	assert_at(c, "details.causes.3.message", "Not found: \"v\"");
	call(c, "POST", NS "/default/pods", JSON,
	     POD("'serviceAccountName':'nope','containers':[{'name':'c','image':'x'}]"));
	assert_failure(c, 403, "Forbidden",
	               "pods \"p\" is forbidden: error looking up service account default/nope: "
	               "serviceaccount "
	               "\"nope\" not found");
}

static void dry_run_leaves_nothing(void **state)
{
	struct cluster *c = *state;
	char before[32];

	call(c, "GET", CM, NULL, NULL);
	snprintf(before, sizeof(before), "%s", at(c, "metadata.resourceVersion"));
	assert_int_equal(call(c, "POST", CM "?dryRun=All", JSON, "{'metadata':{'name':'a'}}"), 201);
	assert_at(c, "metadata.resourceVersion", "");
	assert_int_equal(strlen(at(c, "metadata.uid")), 36);
	call(c, "GET", CM, NULL, NULL);
	assert_at(c, "metadata.resourceVersion", before);
	assert_string_equal(json_at(c, "items"), "[]");
	call(c, "POST", CM "?dryRun=Foo", JSON, "{'metadata':{'name':'a'}}");
	assert_failure(
	        c, 422, "Invalid",
	        "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Foo\"]: "
	        "supported values: \"All\"");
}

static void limits_sizes(void **state)
{
	struct cluster *c = *state;
	size_t len = 1200 * 1024;
	char *text = malloc(3 * len);

	assert_non_null(text);
	memset(text, 'x', 3 * len);
	text[len] = 0;
	call(c, "POST", CM, JSON, "{'metadata':{'name':'a'},'data':{'k':'%s'}}", text);
	assert_int_equal(c->status, 422);
	assert_non_null(strstr(at(c, "message"), "Too long: may not be more than 1048576 bytes"));
	text[len] = 'x';
	text[3 * len - 1] = 0;
	call(c, "POST", CM, JSON, "{'metadata':{'name':'a'},'data':{'k':'%s'}}", text);
	assert_failure(c, 413, "RequestEntityTooLarge",
	               "Request entity too large: limit is 3145728");
	free(text);
}

static void refuses_by_name(void **state)
{
	struct cluster *c = *state;

	call(c, "GET", "/apis/apps/v1/namespaces/default/deployments", NULL, NULL);
	assert_failure(c, 404, "NotFound",
	               "the server could not find the requested resource: the embedded cluster "
	               "does not do "
	               "deployments.apps (v1); use a real cluster");
	call(c, "GET", "/apis/agents.x-k8s.io/v1alpha1/namespaces/default/sandboxes", NULL, NULL);
	assert_int_equal(c->status, 404);
	call(c, "GET", NS "/default/pods/p/exec?command=ls", NULL, NULL);
	assert_failure(c, 501, "NotImplemented",
	               "the embedded cluster does not do exec of pods; use a real cluster");
	call(c, "POST", CM "/a", JSON, "{}");
	assert_failure(c, 405, "MethodNotAllowed",
	               "the server does not allow this method on the requested resource");
	assert_int_equal(call(c, "GET", "/foo", NULL, NULL), 404);
	assert_string_equal(c->text.data, "404 page not found\n");
	c->accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
	assert_int_equal(call(c, "GET", CM, NULL, NULL), 406);
	c->accept = NULL;
	call(c, "GET", CM "/%zz", NULL, NULL);
	assert_int_equal(c->status, 400);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cluster_setup, cluster_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(fills_in_metadata),
	        TEST(refuses_what_exists),
	        TEST(generates_names),
	        TEST(wants_a_namespace_that_is_there),
	        TEST(checks_names_and_labels),
	        TEST(checks_amounts),
	        TEST(checks_types),
	        TEST(names_missing_fields),
	        TEST(warns_of_unknown_fields),
	        TEST(fills_in_defaults),
	        TEST(checks_pods),
	        TEST(dry_run_leaves_nothing),
	        TEST(limits_sizes),
	        TEST(refuses_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
