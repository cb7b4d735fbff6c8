/* Path segments, queries, field selectors (reliability.md 2: K09, K10, K13). */
#include "fake.h"

#include "kube/path.h"

static const struct ss_kind pods = {"", "v1", "v1", "Pod", "pods", "", true};
static const struct ss_kind sandboxes = {
        "agents.x-k8s.io", "v1beta1", "agents.x-k8s.io/v1beta1", "Sandbox", "sandboxes", "", true};

static void bad_segments(void **state)
{
	char long_name[255];
	const char *bad[] = {"",  ".",   "..",   "a/b",    "a%2fb", "a%2e%2e", "/",
	                     " ", "a b", "a\nb", "a\r\nb", "\x7f",  "\t",      long_name};
	struct ss_err err SS_AUTO_ERR;

	memset(long_name, 'a', 254);
	long_name[254] = 0;
	ss_err_init(&err);
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		assert_int_equal(ss_path_check("name", bad[i], &err), SS_ERR_INVAL);
		assert_null(strchr(err.message, '\n'));
	}
	long_name[253] = 0;
	assert_int_equal(ss_path_check("name", long_name, &err), 0);
	assert_int_equal(ss_path_check("name", "system:node:x", &err), 0);
	assert_int_equal(ss_path_check("name", "...", &err), 0);
}

static void paths(void **state)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

	ss_path_object(&b, &pods, "demo", "a?x=1#b", "log");
	assert_string_equal(b.data, "/api/v1/namespaces/demo/pods/a%3Fx%3D1%23b/log");
	ss_buf_reset(&b);
	ss_path_collection(&b, &sandboxes, NULL);
	assert_string_equal(b.data, "/apis/agents.x-k8s.io/v1beta1/sandboxes");
	ss_path_query(&b, "labelSelector", "a in (b,c)&limit=1");
	ss_path_query(&b, "fieldSelector", NULL);
	ss_path_query_int(&b, "limit", -5);
	assert_string_equal(b.data, "/apis/agents.x-k8s.io/v1beta1/sandboxes?labelSelector="
	                            "a%20in%20%28b%2Cc%29%26limit%3D1&limit=-5");
}

static void field_selectors(void **state)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

	ss_path_field(&b, "metadata.name", "a,metadata.namespace=b\\");
	ss_path_field(&b, "x", "y");
	assert_string_equal(b.data, "metadata.name=a\\,metadata.namespace\\=b\\\\,x=y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bad_segments),
	        cmocka_unit_test(paths),
	        cmocka_unit_test(field_selectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
