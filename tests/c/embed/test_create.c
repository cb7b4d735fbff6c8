/* What a new object gets, and what is refused. */
#include "cluster.h"

#define CM "/api/v1/namespaces/default/configmaps"
#define SB "/apis/agents.x-k8s.io/v1beta1/namespaces/default/sandboxes"

static void fills_in_metadata(void **state)
{
	struct cluster *c = *state;

	assert_int_equal(call(c, "POST", CM "?fieldManager=t", JSON,
	                      "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'},'data'"
	                      ":{'k':'v'}}"),
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(fills_in_metadata, cluster_setup, cluster_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
