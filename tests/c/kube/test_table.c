/* What the server prints of objects (Table of meta.k8s.io/v1) stands in the form of what it is of. */
#include "kube/table.h"
#include "watch_fixture.h"

#define HEAD                                                                                       \
	"{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/"                                        \
	"v1\",\"metadata\":{\"resourceVersion\":\"7\""
#define COLUMNS                                                                                    \
	"},\"columnDefinitions\":[{\"name\":\"Name\",\"format\":\"name\",\"priority\":0}],"        \
	"\"rows\":"
#define ROW(n)                                                                                     \
	"{\"cells\":[\"" n "\",null,3],\"object\":{\"kind\":\"PartialObjectMetadata\","            \
	"\"metadata\":{\"name\":\"" n "\",\"namespace\":\"demo\",\"resourceVersion\":\"8\"}}}"

static void ask(struct fake *f, const char *name)
{
	struct ss_ref ref = {.kind = "pods", .name = name};
	struct ss_op *op = NULL;

	ss_client_set_tables(f->client);
	if (name)
		assert_int_equal(ss_kube_get(f->client, &ref, NULL, fake_done, f, &op, NULL), 0);
	else
		assert_int_equal(ss_kube_list(f->client, &ref, NULL, NULL, fake_done, f, &op, NULL),
		                 0);
}

/* The document as one line. */
static void assert_doc(const struct fake *f, const char *wanted)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	assert_int_equal(f->err.code, 0);
	ss_json_encode(f->doc, ss_doc_root(f->doc), &text);
	assert_string_equal(text.data, wanted);
}

static void rows_are_items(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	ask(&f, NULL);
	r = fake_take(&f, "GET", "/api/v1/namespaces/demo/pods?limit=500");
	assert_string_equal(r->accept, SS_TABLE_ACCEPT);
	fake_reply(r, 200, HEAD ",\"continue\":\"t\"" COLUMNS "[" ROW("a") "]}");
	fake_reply(fake_take(&f, "GET", "/api/*"), 200, HEAD "},\"rows\":[" ROW("b") "]}");
	assert_doc(&f, "{\"metadata\":{\"resourceVersion\":\"7\",\"columnDefinitions\":[{\"name\":"
	               "\"Name\","
	               "\"format\":\"name\",\"priority\":0}]},\"items\":["
	               "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\","
	               "\"namespace\":"
	               "\"demo\",\"resourceVersion\":\"8\"},\"cells\":[\"a\",null,3]},"
	               "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\","
	               "\"namespace\":"
	               "\"demo\",\"resourceVersion\":\"8\"},\"cells\":[\"b\",null,3]}]}");
	fake_close(&f);
}

static void one_object(void **state)
{
	struct fake f;

	fake_open(&f);
	ask(&f, "a");
	fake_reply(fake_take(&f, "GET", "/api/v1/namespaces/demo/pods/a"), 200,
	           HEAD COLUMNS "[" ROW("a") "]}");
	assert_doc(&f, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\","
	               "\"namespace\":"
	               "\"demo\",\"resourceVersion\":\"8\"},\"cells\":[\"a\",null,3],"
	               "\"columnDefinitions\":"
	               "[{\"name\":\"Name\",\"format\":\"name\",\"priority\":0}]}");
	/* The row of another object is no answer. */
	ask(&f, "a");
	fake_reply(fake_take(&f, "GET", "/api/*"), 200, HEAD COLUMNS "[" ROW("b") "]}");
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	ask(&f, "a");
	fake_reply(fake_take(&f, "GET", "/api/*"), 200, HEAD COLUMNS "5}");
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_close(&f);
}

/* A server that knows no tables answers with the objects. */
static void objects_instead(void **state)
{
	struct fake f;

	fake_open(&f);
	ask(&f, "a");
	fake_reply(fake_take(&f, "GET", "/api/*"), 200,
	           "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}");
	assert_doc(&f, "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}");
	fake_close(&f);
}

static void odd_tables(void **state)
{
	static const char *const rows[] = {"null", "5", "{}",
	                                   "[null,5,\"x\",{},{\"object\":null},{\"object\":{}}]"};
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

		ask(&f, NULL);
		ss_buf_printf(&text, HEAD "},\"columnDefinitions\":7,\"rows\":%s}", rows[i]);
		fake_reply(fake_take(&f, "GET", "/api/*"), 200, text.data);
		assert_doc(&f, "{\"metadata\":{\"resourceVersion\":\"7\",\"columnDefinitions\":7},"
		               "\"items\":[]}");
	}
	fake_close(&f);
}

/* One that cannot be read is left out of a Table, and of the objects that come in its place. */
static void one_that_cannot_be_read(void **state)
{
	struct fake f;

	fake_open(&f);
	ask(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api/*"), 200,
	           HEAD "},\"rows\":[{\"a\":1,\"a\":2}," ROW("b") "]}");
	assert_doc(&f,
	           "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"apiVersion\":\"v1\","
	           "\"kind\":\"Pod\","
	           "\"metadata\":{\"name\":\"b\",\"namespace\":\"demo\",\"resourceVersion\":\"8\"},"
	           "\"cells\":[\"b\",null,3]}]}");
	ask(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api/*"), 200,
	           "{\"kind\":\"PodList\",\"items\":[{\"a\":1,\"a\":2},{\"kind\":\"Pod\","
	           "\"metadata\":{}}]}");
	assert_doc(&f, "{\"kind\":\"PodList\",\"items\":[{\"kind\":\"Pod\",\"metadata\":{}}]}");
	fake_close(&f);
}

static void a_table_that_nobody_asked_for(void **state)
{
	struct ss_ref ref = {.kind = "pods"};
	struct ss_op *op = NULL;
	struct fake f;

	fake_open(&f);
	assert_int_equal(ss_kube_list(f.client, &ref, NULL, NULL, fake_done, &f, &op, NULL), 0);
	fake_reply(fake_take(&f, "GET", "/api/*"), 200, HEAD COLUMNS "[" ROW("a") "]}");
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_close(&f);
}

static void events_are_rows(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	ss_client_set_tables(s.f.client);
	r = opened(&s, "5");
	send_text(r, "{\"type\":\"ADDED\",\"object\":" HEAD COLUMNS
	             "[" ROW("a") "]}}\n"
	                          "{\"type\":\"BOOKMARK\",\"object\":" HEAD "},\"rows\":[]}}\n");
	assert_string_equal(s.log, "ADDED a/8 BOOKMARK -/7 ");
	stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_are_items),
	        cmocka_unit_test(one_object),
	        cmocka_unit_test(objects_instead),
	        cmocka_unit_test(odd_tables),
	        cmocka_unit_test(one_that_cannot_be_read),
	        cmocka_unit_test(a_table_that_nobody_asked_for),
	        cmocka_unit_test(events_are_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
