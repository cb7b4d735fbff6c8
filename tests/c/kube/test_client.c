/* The client itself: what it says about itself, warnings, traces, /version; and the memory of
 * a watch (seen.c). */
#include "fake.h"

#include "kube/seen.h"

static struct ss_http_op *get_version(struct fake *f)
{
	struct ss_op *op;

	assert_int_equal(ss_kube_version(f->client, NULL, fake_done, f, &op, NULL), 0);
	return fake_take(f, "GET", "/version");
}

static void about(void **state)
{
	struct fake f;

	fake_open(&f);
	assert_string_equal(ss_client_context(f.client), "test");
	assert_string_equal(ss_client_namespace(f.client), "demo");
	assert_string_equal(ss_client_server(f.client), "https://fake:6443");
	assert_ptr_equal(ss_client_loop(f.client), &f.loop);
	assert_non_null(ss_client_transport(f.client));
	fake_close(&f);
	ss_client_free(NULL);
}

static void version(void **state)
{
	struct fake f;

	fake_open(&f);
	fake_reply(get_version(&f), 200, "{\"major\":\"1\",\"gitVersion\":\"v1.37.2\"}");
	assert_string_equal(fake_string(f.doc, "gitVersion", NULL), "v1.37.2");
	fake_status(get_version(&f), 403, "Forbidden", "no");
	assert_string_equal(f.err.op, "version");
	assert_string_equal(f.err.object, "");
	fake_close(&f);
}

/* The index comes as text/plain; nothing else that does is a document. */
static void openapi(void **state)
{
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	assert_int_equal(ss_kube_openapi(f.client, "/openapi/v3", NULL, fake_done, &f, &op, NULL),
	                 0);
	fake_reply_type(fake_take(&f, "GET", "/openapi/v3"), 200, "text/plain; charset=utf-8",
	                "{\"paths\":{\"api/v1\":{\"serverRelativeURL\":\"/openapi/v3/api/v1\"}}}");
	assert_string_equal(ss_doc_find_string(f.doc, ss_doc_root(f.doc), "paths", "api/v1",
	                                       "serverRelativeURL", NULL),
	                    "/openapi/v3/api/v1");
	assert_int_equal(ss_kube_openapi(f.client, "/openapi/v3", NULL, fake_done, &f, &op, NULL),
	                 0);
	fake_reply_type(fake_take(&f, "GET", "/openapi/v3"), 404, "text/plain",
	                "404 page not found");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	assert_string_equal(f.err.op, "openapi");
	fake_reply_type(get_version(&f), 200, "text/plain", "{}");
	assert_int_not_equal(f.err.code, 0);
	assert_int_equal(
	        ss_kube_openapi(f.client, "/api/v1/secrets", NULL, fake_done, &f, &op, NULL),
	        SS_ERR_INVAL);
	fake_close(&f);
}

struct traced {
	char line[200];
	int n;
};

static void on_trace(void *ud, const char *method, const char *path, int status, int64_t ms,
                     size_t bytes)
{
	struct traced *t = ud;

	snprintf(t->line, sizeof(t->line), "%s %s %d %lld %zu", method, path, status, (long long)ms,
	         bytes);
	t->n++;
}

static void trace(void **state)
{
	struct ss_http_op *r;
	struct traced t = {0};
	struct fake f;

	fake_open(&f);
	ss_client_set_trace(f.client, on_trace, &t);
	r = get_version(&f);
	fake_now_ms += 7;
	fake_reply(r, 200, "{}");
	assert_string_equal(t.line, "GET /version 200 7 2");
	fake_end(get_version(&f), SS_ERR_UNAVAILABLE);
	assert_string_equal(t.line, "GET /version 0 0 0");
	assert_int_equal(t.n, 2);
	fake_close(&f);
}

/* A server that makes up new texts must not flood a terminal (reliability.md K37). */
static void warning_flood(void **state)
{
	char texts[100][32];
	const char *list[100];
	struct ss_http_head head = {.status = 200,
	                            .content_type = "application/json",
	                            .content_type_full = "",
	                            .etag = "",
	                            .retry_after_ms = -1,
	                            .warnings = list,
	                            .n_warnings = 100};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 100; i++) {
			snprintf(texts[i], sizeof(texts[i]), "warning %d of %d", i, round);
			list[i] = texts[i];
		}
		r = get_version(&f);
		r->events.head(r->ud, &head);
		fake_data(r, "{}", 2);
		fake_end(r, 0);
		if (!round)
			assert_int_equal(f.n_warnings, 16);
	}
	assert_int_equal(f.n_warnings, 64);
	fake_close(&f);
}

/* The body is cut off by the cap of the request, not by the end of memory. */
static void huge_answer(void **state)
{
	static char x[65536];
	struct ss_http_op *r;
	struct fake f;

	memset(x, 'x', sizeof(x));
	fake_open(&f);
	r = get_version(&f);
	assert_int_equal(r->max_body_bytes, 4 << 20);
	fake_head(r, 200);
	for (int i = 0; i < 128; i++)
		fake_data(r, x, sizeof(x));
	fake_end(r, 0);
	assert_int_equal(f.err.code, SS_ERR_LIMIT);
	fake_close(&f);
}

static void seen_objects(void **state)
{
	struct ss_seen seen = {0};
	struct ss_seen_entry *e;
	char name[16];
	size_t at = 0;
	int n = 0;

	assert_null(ss_seen_find(&seen, "n", "a"));
	ss_seen_remove(&seen, "n", "a");
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "o%d", i);
		assert_true(ss_seen_put(&seen, i % 2 ? "n" : NULL, name, "u", "1", 1));
	}
	assert_true(ss_seen_put(&seen, "n", "o1", "u2", "2", 2));
	assert_int_equal(seen.n, 1000);
	e = ss_seen_find(&seen, "n", "o1");
	assert_string_equal(e->uid, "u2");
	assert_string_equal(e->version, "2");
	/* The namespace is part of the name. */
	assert_null(ss_seen_find(&seen, NULL, "o1"));
	assert_non_null(ss_seen_find(&seen, NULL, "o2"));
	ss_seen_remove(&seen, NULL, "o2");
	ss_seen_remove(&seen, NULL, "o2");
	assert_int_equal(seen.n, 999);
	while ((e = ss_seen_missing(&seen, 2, &at))) {
		ss_seen_remove(&seen, e->namespace_, e->name);
		n++;
	}
	assert_int_equal(n, 998);
	assert_int_equal(seen.n, 1);
	ss_seen_done(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(about),         cmocka_unit_test(version),
	        cmocka_unit_test(openapi),       cmocka_unit_test(trace),
	        cmocka_unit_test(warning_flood), cmocka_unit_test(huge_answer),
	        cmocka_unit_test(seen_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
