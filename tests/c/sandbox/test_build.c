/* The builder's inputs: what is refused and how it is said. */
#include <pthread.h>

#include "support.h"

/* One member replaced in the minimal input; the first message. */
struct row {
	const char *path, *value; /* value NULL = removed */
	const char *want;
};

static const struct row rows[] = {
        {"/runtimeClasName", "\"gvisor\"",
         "unknown field 'runtimeClasName': did you mean 'runtimeClassName'?"},
        {"/xyzzy", "1", "unknown field 'xyzzy'"},
        {"/a\\u001bb\\nc", "1", NULL},
        {"/image", NULL, "image: required field is missing (container image of the agent)"},
        {"/image", "null", "image: required field is missing (container image of the agent)"},
        {"/image", "\"\"", "image: must not be empty"},
        {"/image", "\"a b\"",
         "image: must not contain white space or control characters, is \"a b\""},
        {"/image", "\"a\\u0007\"", NULL},
        {"/image", "7", "image: must be a string such as \"ghcr.io/acme/agent:v1\", is an integer"},
        {"/namespace", "\"Demo\"",
         "namespace: must consist of lower case letters, digits and '-', and start and end with "
         "a letter or digit, is \"Demo\""},
        {"/namespace", "\"a.b\"", "namespace: must not contain dots, is \"a.b\""},
        {"/sandboxName", "\"../x\"", NULL},
        {"/sandboxName", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
         NULL},
        {"/adapterType", "\"\"", "adapterType: must not be empty"},
        {"/adapterType", "\"a\\tb\"", NULL},
        {"/envSecretName", "\"a_b\"", NULL},
        {"/serviceAccountName", "\"-\"", NULL},
        {"/labels", "[]", "labels: must be a map of strings, is a list"},
        {"/labels", "{\"a\":1}", "labels.a: must be a string, is an integer"},
        {"/labels", "{\"a/b/c\":\"x\"}", NULL},
        {"/labels", "{\"team.io/x\":\"not ok\"}", NULL},
        {"/labels", "{\"team.io/x\":true}",
         "labels[\"team.io/x\"]: must be a string, is a boolean"},
        {"/resources", "\"big\"", "resources: must be a map, is a string"},
        {"/resources", "{\"limts\":{}}",
         "resources.limts: unknown field 'limts': did you mean 'limits'?"},
        {"/resources", "{\"limits\":{\"cpu\":2}}",
         "resources.limits.cpu: must be a string such as \"500m\", is an integer"},
        {"/resources", "{\"limits\":{\"cpu\":\"2cores\"}}",
         "resources.limits.cpu: must be a quantity, such as \"500m\", \"2\" or \"4Gi\", is "
         "\"2cores\""},
        {"/resources", "{\"requests\":{\"memory\":\"-1Gi\"}}",
         "resources.requests.memory: must not be negative, is \"-1Gi\""},
        {"/resources", "{\"limits\":{\"gpu\":\"1\"}}",
         "resources.limits.gpu: unknown field 'gpu': did you mean 'cpu'?"},
        {"/runtimeClassName", "\"G\"", NULL},
        {"/imagePullSecrets", "\"x\"",
         "imagePullSecrets: must be a list of Secret names, is a string"},
        {"/imagePullSecrets", "[{\"name\":\"x\"}]",
         "imagePullSecrets[0]: must be a string such as \"registry-key\", is a map"},
        {"/imagePullSecrets", "[\"ok\",\"\"]", "imagePullSecrets[1]: must not be empty"},
        {"/apiVersion", "\"v1beta1\"",
         "apiVersion: must be agents.x-k8s.io/v1alpha1 or agents.x-k8s.io/v1beta1, is "
         "\"v1beta1\""},
        {"/annotations", "{\"a b\":\"x\"}", NULL},
        {"/env", "{\"1A\":\"x\"}", "env[\"1A\"]: the key must not start with a digit"},
        {"/env", "{\"A\":5}", "env.A: must be a string, is an integer"},
        {"/home", "\"home\"", "home: must be an absolute path, is \"home\""},
        {"/volumes", "{\"work\":\"1Gi\"}",
         "volumes.work: unknown field 'work' (known: workspace, home, cache, tmp)"},
        {"/volumes", "{\"workspce\":\"1Gi\"}",
         "volumes.workspce: unknown field 'workspce': did you mean 'workspace'?"},
        {"/volumes", "{\"tmp\":\"huge\"}", NULL},
        {"/nodeSelector", "{\"a\":\"b c\"}", NULL},
        {"/nodeName", "\"\"", "nodeName: must not be empty"},
        {"/tolerations", "{\"key\":\"a\"}", "tolerations: must be a list of tolerations, is a map"},
        {"/tolerations", "[7]", "tolerations[0]: must be a map, is an integer"},
        {"/tolerations", "[{\"key\":\"a\"},{\"oprator\":\"Exists\"}]",
         "tolerations[1].oprator: unknown field 'oprator': did you mean 'operator'?"},
        {"/tolerations", "[{\"key\":\"a\",\"operator\":\"In\"}]",
         "tolerations[0].operator: must be Exists or Equal, is \"In\""},
        {"/tolerations", "[{\"key\":\"a\",\"effect\":\"Never\"}]", NULL},
        {"/tolerations", "[{\"key\":\"a\",\"effect\":\"NoExecute\",\"tolerationSeconds\":1.5}]",
         "tolerations[0].tolerationSeconds: must be an integer, is a number with a fraction"},
        {"/tolerations", "[{\"key\":\"a\",\"tolerationSeconds\":1}]",
         "tolerations[0]: tolerationSeconds needs the effect NoExecute"},
        {"/tolerations", "[{\"value\":\"a\"}]",
         "tolerations[0]: without a key the operator must be Exists"},
        {"/tolerations", "[{\"operator\":\"Exists\",\"value\":\"a\"}]",
         "tolerations[0]: with the operator Exists there must be no value"},
        {"/shutdownTime", "\"tomorrow\"", NULL},
        {"/shutdownTime", "\"2030-01-02 15:04:05Z\"", NULL},
        {"/shutdownTime", "\"2030-02-30T15:04:05Z\"", NULL},
        {"/shutdownTime", "\"2030-01-02t15:04:05z\"", NULL},
        {"/shutdownTime", "\"2030-01-02T15:04:60Z\"", NULL},
        {"/shutdownPolicy", "\"delete\"",
         "shutdownPolicy: must be Retain or Delete, is \"delete\""},
        {"/activeDeadlineSeconds", "\"60\"",
         "activeDeadlineSeconds: must be an integer, is a string"},
        {"/activeDeadlineSeconds", "60.0",
         "activeDeadlineSeconds: must be an integer, is a number with a fraction"},
        {"/activeDeadlineSeconds", "0",
         "activeDeadlineSeconds: must be from 1 to 2147483647, is 0"},
        {"/activeDeadlineSeconds", "2147483648", NULL},
        {"/hostUsers", "\"false\"", "hostUsers: must be true or false, is a string"},
        {"/enableServiceLinks", "0", "enableServiceLinks: must be true or false, is an integer"},
        {"/ephemeralStorage", "\"x\"", NULL},
        {"/ephemeralStorage", "10", NULL},
};

static int build(const struct ss_doc *in, struct ss_doc *out, struct ss_err *err)
{
	return ss_build_sandbox(in, ss_doc_root(in), out, err);
}

static void each_mistake_has_its_message(void **state)
{
	struct ss_doc *good SS_AUTO_DOC = from_json(MINIMAL_INPUT);

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_doc *in SS_AUTO_DOC = edited(good, rows[i].path, rows[i].value);
		struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
		struct ss_err err SS_AUTO_ERR;

		if (build(in, out, &err) != SS_ERR_INVAL)
			fail_msg("%s = %s is accepted", rows[i].path, rows[i].value);
		if (rows[i].want ? strcmp(err.message, rows[i].want) != 0
		                 : strpbrk(err.message, "\n\x1b\x07") != NULL)
			fail_msg("%s = %s\nwant %s\ngot  %s", rows[i].path, rows[i].value,
			         rows[i].want, err.message);
		assert_true(ss_doc_count(err.details, ss_doc_root(err.details)) > 0);
		assert_int_equal(ss_doc_nodes(out), 0);
	}
}

static void all_problems_are_told_at_once(void **state)
{
	struct ss_doc *in SS_AUTO_DOC = from_json(
	        "{\"imag\":\"x\",\"namespace\":\"demo\",\"sandboxName\":\"S\","
	        "\"adapterType\":\"a\",\"envSecretName\":\"e\",\"serviceAccountName\":\"s\","
	        "\"labels\":{\"b/\":\"x\",\"c\":{}}}");
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;
	static const char *const paths[] = {"imag", "sandboxName", "image", "labels[\"b/\"]",
	                                    "labels.c"};

	assert_int_equal(build(in, out, &err), SS_ERR_INVAL);
	assert_string_equal(err.message,
	                    "unknown field 'imag': did you mean 'image'? (and 4 more)");
	assert_int_equal(ss_doc_count(err.details, ss_doc_root(err.details)), 5);
	for (size_t i = 0; i < SS_ARRAY_LEN(paths); i++)
		assert_string_equal(
		        ss_doc_find_string(err.details,
		                           ss_doc_at(err.details, ss_doc_root(err.details), i),
		                           "path", NULL),
		        paths[i]);
}

static void an_input_must_be_a_map(void **state)
{
	static const char *const inputs[] = {"null", "[]", "\"x\"", "7"};

	for (size_t i = 0; i < SS_ARRAY_LEN(inputs); i++) {
		struct ss_doc *in SS_AUTO_DOC = from_json(inputs[i]);
		struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
		struct ss_err err SS_AUTO_ERR;

		assert_int_equal(build(in, out, &err), SS_ERR_INVAL);
		assert_int_equal(strncmp(err.message, "the input must be a map", 23), 0);
		assert_int_equal(build(in, out, NULL), SS_ERR_INVAL);
	}
	assert_int_equal(ss_build_sandbox(NULL, SS_NO_NODE, NULL, NULL), SS_ERR_INVAL);
}

/* Values of env may be secrets that should not be there: no message shows them. */
static void env_values_never_appear(void **state)
{
	struct ss_doc *in SS_AUTO_DOC = from_json("{\"env\":{\"1BAD\":\"hunter2hunter2\",\"HOME\":"
	                                          "\"hunter2hunter2\"},\"home\":\"/x\"}");
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;
	char *details SS_AUTOFREE = NULL;

	assert_int_equal(build(in, out, &err), SS_ERR_INVAL);
	details = to_json(err.details, ss_doc_root(err.details));
	assert_null(strstr(err.message, "hunter2"));
	assert_null(strstr(details, "hunter2"));
	assert_non_null(strstr(details, "env.HOME"));
}

static void problems_are_counted_beyond_the_list(void **state)
{
	struct ss_doc *in SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;
	char key[24];

	ss_doc_begin_object(in);
	for (int i = 0; i < 500; i++) {
		snprintf(key, sizeof(key), "field%d", i);
		ss_doc_key(in, key, strlen(key));
		ss_doc_int(in, i);
	}
	ss_doc_end(in);
	assert_int_equal(build(in, out, &err), SS_ERR_INVAL);
	assert_int_equal(ss_doc_count(err.details, ss_doc_root(err.details)),
	                 SS_BUILD_MAX_PROBLEMS);
	assert_non_null(strstr(err.message, "(and 505 more)"));
}

static void a_field_given_twice(void **state)
{
	struct ss_doc *in SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;

	ss_doc_begin_object(in);
	ss_doc_put_string(in, "image", "a");
	ss_doc_put_string(in, "image", "b");
	ss_doc_key_lit(in, "labels");
	ss_doc_begin_object(in);
	ss_doc_put_string(in, "x", "1");
	ss_doc_put_string(in, "x", "2");
	ss_doc_end(in);
	ss_doc_end(in);
	/* A document may refuse duplicates when it is written. */
	if (ss_doc_finish(in, NULL) < 0)
		return;
	assert_int_equal(build(in, out, &err), SS_ERR_INVAL);
	assert_string_equal(err.message, "image: is given twice (and 6 more)");
}

static void maps_of_any_size_come_out_sorted(void **state)
{
	enum { N = 1000 };
	struct ss_doc *in SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *base SS_AUTO_DOC = from_json(MINIMAL_INPUT);
	char last[32] = "", key[24];
	size_t seen = 0;

	ss_doc_begin_object(in);
	for (struct ss_iter it = ss_iter(base, ss_doc_root(base)); ss_iter_next(&it);) {
		ss_doc_key(in, it.key, it.key_len);
		ss_doc_copy(in, base, it.value);
	}
	ss_doc_key_lit(in, "labels");
	ss_doc_begin_object(in);
	for (int i = 0; i < N; i++) {
		snprintf(key, sizeof(key), "k%d", (i * 7919) % N);
		ss_doc_key(in, key, strlen(key));
		ss_doc_string_lit(in, "v");
	}
	ss_doc_end(in);
	ss_doc_end(in);
	assert_int_equal(build(in, out, &err), 0);
	for (struct ss_iter it =
	             ss_iter(out, ss_doc_find(out, ss_doc_root(out), "metadata", "labels", NULL));
	     ss_iter_next(&it); seen++) {
		assert_true(strcmp(last, it.key) < 0);
		snprintf(last, sizeof(last), "%.20s", it.key);
	}
	assert_int_equal(seen, N);
}

static void annotations_have_a_limit(void **state)
{
	struct ss_buf value SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *good SS_AUTO_DOC = from_json(MINIMAL_INPUT);
	struct ss_doc *in SS_AUTO_DOC = NULL;
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;

	ss_buf_puts(&value, "{\"a\":\"");
	for (int i = 0; i < 256 * 1024; i++)
		ss_buf_putc(&value, 'x');
	ss_buf_puts(&value, "\"}");
	in = edited(good, "/annotations", value.data);
	assert_int_equal(build(in, out, &err), SS_ERR_INVAL);
	assert_string_equal(err.message,
	                    "annotations: must be at most 256 KiB together, are 262145 bytes");
}

static void limits_are_inclusive(void **state)
{
	static const struct row fine[] = {
	        {"/activeDeadlineSeconds", "1", NULL},
	        {"/activeDeadlineSeconds", "2147483647", NULL},
	        {"/shutdownTime", "\"2030-01-02T15:04:59Z\"", NULL},
	        {"/shutdownTime", "\"2030-01-02T15:04:05.123-11:30\"", NULL},
	        {"/ephemeralStorage", "\"0\"", NULL},
	        {"/sandboxName",
	         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", NULL},
	        {"/home", "\"/\"", NULL},
	};
	struct ss_doc *good SS_AUTO_DOC = from_json(MINIMAL_INPUT);
	struct ss_buf value SS_AUTO_BUF = SS_BUF_INIT;

	for (size_t i = 0; i < SS_ARRAY_LEN(fine); i++) {
		struct ss_doc *in SS_AUTO_DOC = edited(good, fine[i].path, fine[i].value);
		struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
		struct ss_err err SS_AUTO_ERR;

		if (build(in, out, &err) < 0)
			fail_msg("%s = %s: %s", fine[i].path, fine[i].value, err.message);
	}
	ss_buf_puts(&value, "{\"a\":\"");
	for (int i = 0; i < 256 * 1024 - 1; i++)
		ss_buf_putc(&value, 'x');
	ss_buf_puts(&value, "\"}");
	{
		struct ss_doc *in SS_AUTO_DOC = edited(good, "/annotations", value.data);
		struct ss_doc *out SS_AUTO_DOC = ss_doc_new();

		assert_int_equal(build(in, out, NULL), 0);
	}
}

static void equal_inputs_give_equal_bytes(void **state)
{
	struct ss_doc *a SS_AUTO_DOC = built(MINIMAL_INPUT);
	struct ss_doc *b SS_AUTO_DOC = built(
	        "{\"serviceAccountName\":\"agent\",\"envSecretName\":\"s1-env\",\"labels\":{},"
	        "\"image\":\"busybox\",\"adapterType\":\"claude_local\",\"sandboxName\":\"s1\","
	        "\"tolerations\":{},\"imagePullSecrets\":[],\"env\":{},\"annotations\":null,"
	        "\"runtimeClassName\":\"\",\"resources\":{},\"namespace\":\"demo\"}");
	char *x SS_AUTOFREE = to_json(a, ss_doc_root(a));
	char *y SS_AUTOFREE = to_json(b, ss_doc_root(b));

	assert_string_equal(x, y);
}

static void *build_many(void *ud)
{
	struct ss_doc *first SS_AUTO_DOC = built(MINIMAL_INPUT);

	for (int i = 0; i < 200; i++) {
		struct ss_doc *doc SS_AUTO_DOC = built(MINIMAL_INPUT);

		if (!ss_doc_equal(doc, ss_doc_root(doc), first, ss_doc_root(first)))
			return ud;
	}
	return NULL;
}

/* The first test of the group, so that the threads race for the shared parts. */
static void threads_build_at_once(void **state)
{
	pthread_t threads[4];
	void *differs;

	for (size_t i = 0; i < SS_ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, build_many, threads), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &differs), 0);
		assert_null(differs);
	}
}

static void the_table_of_fields_is_complete(void **state)
{
	size_t n, required = 0;
	const struct ss_build_field *fields = ss_build_fields(&n);

	assert_int_equal(n, 24);
	for (size_t i = 0; i < n; i++) {
		assert_true(fields[i].name[0] && fields[i].help[0]);
		required += fields[i].required;
	}
	assert_int_equal(required, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(threads_build_at_once),
	        cmocka_unit_test(each_mistake_has_its_message),
	        cmocka_unit_test(all_problems_are_told_at_once),
	        cmocka_unit_test(an_input_must_be_a_map),
	        cmocka_unit_test(env_values_never_appear),
	        cmocka_unit_test(problems_are_counted_beyond_the_list),
	        cmocka_unit_test(a_field_given_twice),
	        cmocka_unit_test(maps_of_any_size_come_out_sorted),
	        cmocka_unit_test(annotations_have_a_limit),
	        cmocka_unit_test(limits_are_inclusive),
	        cmocka_unit_test(equal_inputs_give_equal_bytes),
	        cmocka_unit_test(the_table_of_fields_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
