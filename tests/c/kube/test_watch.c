/* Watches: what comes, what is survived, what ends them (kubernetes.md K35-K40 and section 10;
 * reliability.md K17, K18). */
#include "watch_fixture.h"

static void from_a_version(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	r = opened(&s, "5");
	fake_has(r->path, "&timeoutSeconds=");
	assert_true(r->timeout_ms >= 305000 && r->timeout_ms <= 605000);
	assert_true(r->idle_timeout_ms >= 120000);
	send_text(r,
	          EVENT("ADDED", "a", "6") EVENT("MODIFIED", "a", "7") EVENT("BOOKMARK", "", "8"));
	send_text(r, EVENT("DELETED", "a", "9"));
	assert_string_equal(s.log, "ADDED a/6 MODIFIED a/7 BOOKMARK /8 DELETED a/9 ");
	stop(&s);
}

static void list_first(void **state)
{
	struct seen s;

	start(&s, NULL);
	fake_reply(fake_take(&s.f, "GET", "/api/v1/namespaces/demo/pods?limit=500"), 200,
	           LIST("20", ITEM("a", "1", "3") "," ITEM("b", "2", "4")));
	assert_string_equal(s.log, "ADDED a/3 ADDED b/4 BOOKMARK -/20 ");
	send_text(opened(&s, "20"), EVENT("ADDED", "c", "21"));
	assert_int_equal(s.n, 4);
	stop(&s);
	/* "0" is no place to go on from (K38). */
	start(&s, "0");
	fake_take(&s.f, "GET", "/api/v1/namespaces/demo/pods?limit=500");
	stop(&s);
}

static void one_object(void **state)
{
	struct ss_watch_spec spec = {.ref = {.kind = "Sandbox", .name = "s1", .namespace_ = "n"},
	                             .label_selector = "a=b",
	                             .field_selector = "x=y",
	                             .resource_version = "5"};
	struct seen s = {0};

	fake_open(&s.f);
	assert_int_equal(ss_watch_start(s.f.client, &spec, &events, &s, &s.w, NULL), 0);
	fake_agents(&s.f, "v1beta1");
	fake_has(fake_take(&s.f, "GET",
	                   "/apis/agents.x-k8s.io/v1beta1/namespaces/n/sandboxes?watch=true&*")
	                 ->path,
	         "&labelSelector=a%3Db&fieldSelector=metadata.name%3Ds1%2Cx%3Dy");
	stop(&s);
}

/* Cut at every byte, once; and every byte alone. */
/* What a server answers is not believed: neither another object nor another kind. */
static void what_was_not_asked_for(void **state)
{
	struct ss_watch_spec spec = {.ref = {.kind = "pods", .name = "b"}};
	struct seen s = {0};

	fake_open(&s.f);
	assert_int_equal(ss_watch_start(s.f.client, &spec, &events, &s, &s.w, NULL), 0);
	fake_reply(fake_take(&s.f, "GET", "/api*"), 200,
	           LIST("5", ITEM("a", "1", "3") "," ITEM("b", "2", "4")));
	assert_string_equal(s.log, "ADDED b/4 BOOKMARK -/5 ");
	fake_head(fake_take(&s.f, "GET", "/api*"), 200);
	send_text(s.f.ops, EVENT("MODIFIED", "a", "6"));
	send_text(s.f.ops, EVENT("MODIFIED", "b", "7"));
	assert_string_equal(s.log, "ADDED b/4 BOOKMARK -/5 MODIFIED b/7 ");
	send_text(s.f.ops, "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Secret\","
	                   "\"metadata\":{\"name\":\"b\",\"resourceVersion\":\"8\"}}}\n");
	assert_int_equal(s.n_failed, 1);
	fake_has(s.f.err.message, "answered a watch of pods with the kind \"Secret\"");
	stop(&s);
}

static void split_everywhere(void **state)
{
	static const char text[] = EVENT("ADDED", "a\xc3\xa4", "6") "\r\n" EVENT(
	        "MODIFIED", "b",
	        "7") "{\"object\":{\"metadata\":{\"name\":\"c\",\"resourceVersion\":\"8\"}},"
	             "\"type\":\"DELETED\"}\r\n" EVENT("BOOKMARK", "d", "9");
	static const char want[] = "ADDED a\xc3\xa4/6 MODIFIED b/7 DELETED c/8 BOOKMARK d/9 ";
	struct ss_http_op *r;
	struct seen s;

	for (size_t cut = 0; cut < sizeof(text); cut++) {
		start(&s, "5");
		r = opened(&s, "5");
		fake_data(r, text, cut);
		fake_data(r, text + cut, sizeof(text) - 1 - cut);
		assert_string_equal(s.log, want);
		stop(&s);
	}
	start(&s, "5");
	r = opened(&s, "5");
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		fake_data(r, text + i, 1);
	assert_string_equal(s.log, want);
	stop(&s);
}

static void feed(struct seen *s, struct ss_http_op *r, const char *piece, size_t len, size_t total)
{
	for (size_t sent = 0; s->w && sent < total; sent += len)
		fake_data(r, piece, len < total - sent ? len : total - sent);
}

static void big_events(void **state)
{
	static char x[16384];
	static const char head[] = "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\","
	                           "\"resourceVersion\":\"6\"},\"data\":\"";
	struct ss_http_op *r;
	struct seen s;

	memset(x, 'x', sizeof(x));
	start(&s, "5");
	r = opened(&s, "5");
	send_text(r, head);
	feed(&s, r, x, sizeof(x), 1536 * 1024);
	send_text(r, "\"}}\n" EVENT("ADDED", "b", "7"));
	assert_string_equal(s.log, "ADDED a/6 ADDED b/7 ");
	assert_true(s.bytes >= 1536 * 1024);
	/* Beyond 4 MiB it is no event of an API server. */
	send_text(r, head);
	feed(&s, r, x, sizeof(x), 5 << 20);
	assert_int_equal(s.n_failed, 1);
	assert_int_equal(s.f.err.code, SS_ERR_LIMIT);
	assert_string_equal(s.f.err.object, "pods in namespace demo");
	assert_string_equal(s.f.err.op, "watch");
	stop(&s);
}

static void bookmarks_only(void **state)
{
	char version[24] = "5";
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	for (int i = 0; i < 3; i++) {
		char text[200];

		r = opened(&s, version);
		snprintf(version, sizeof(version), "%d", 10 + i);
		snprintf(text, sizeof(text),
		         "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"%"
		         "s\"}}}\n",
		         version);
		send_text(r, text);
		fake_now_ms += 60000;
		fake_end(r, i == 1 ? SS_ERR_TIMEOUT : 0); /* also when the idle deadline ended it */
		fake_advance(&s.f, i == 1 ? 800 : 0);
	}
	connection(&s, "12");
	stop(&s);
}

static void for_good(void **state)
{
	static const struct {
		int status;
		const char *reason;
		int code;
	} rows[] = {
	        {403, "Forbidden", SS_ERR_FORBIDDEN},
	        {400, "BadRequest", SS_ERR_INVAL},
	        {404, "NotFound", SS_ERR_NOT_FOUND},
	        {415, "UnsupportedMediaType", SS_ERR_UNSUPPORTED},
	};
	char text[300];
	struct ss_http_op *r;
	struct seen s;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows) * 2; i++) {
		start(&s, "5");
		r = connection(&s, "5");
		snprintf(text, sizeof(text),
		         "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":%d,"
		         "\"reason\":\"%s\"}}\n",
		         rows[i / 2].status, rows[i / 2].reason);
		if (i % 2) {
			fake_head(r, 200);
			send_text(r, text);
		} else {
			fake_status(r, rows[i / 2].status, rows[i / 2].reason, "m");
		}
		assert_int_equal(s.n_failed, 1);
		assert_int_equal(s.f.err.code, rows[i / 2].code);
		assert_null(s.f.ops);
		stop(&s);
	}
	start(&s, "5");
	fake_end(connection(&s, "5"), SS_ERR_TLS);
	assert_int_equal(s.f.err.code, SS_ERR_TLS);
	stop(&s);
}

/* The history is gone: list again, tell the differences, go on. */
static void lost_history(struct seen *s, struct ss_http_op *r, bool as_event)
{
	if (as_event) {
		send_text(r, ERROR("410", "Expired"));
	} else {
		fake_end(r, 0);
		fake_advance(&s->f, 0);
		fake_status(connection(s, "8"), 410, "Expired", "too old resource version");
	}
	fake_advance(&s->f, 0);
}

static void relist_tells_differences(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	for (int as_event = 0; as_event < 2; as_event++) {
		start(&s, NULL);
		fake_reply(fake_take(&s.f, "GET", "/api*"), 200,
		           LIST("5", ITEM("same", "u1", "1") "," ITEM("goes", "u2", "2") "," ITEM(
		                             "twin", "u3", "3")));
		r = opened(&s, "5");
		send_text(r, "{\"type\":\"ADDED\",\"object\":" ITEM("changes", "u4", "8") "}\n");
		s.log[0] = 0;
		lost_history(&s, r, as_event);
		fake_reply(fake_take(&s.f, "GET", "/api/v1/namespaces/demo/pods?limit=500"), 200,
		           LIST("30", ITEM("same", "u1", "1") "," ITEM("twin", "u9", "25") "," ITEM(
		                              "changes", "u4", "21") "," ITEM("new", "u5", "22")));
		assert_string_equal(s.log,
		                    "DELETED twin/3 ADDED twin/25 MODIFIED changes/21 ADDED new/22 "
		                    "DELETED goes/2 BOOKMARK -/30 ");
		send_text(opened(&s, "30"), EVENT("ADDED", "x", "31"));
		assert_int_equal(s.n_failed, 0);
		stop(&s);
	}
}

/* A relist that fails for a while is tried again; 410 without end backs off. */
static void relist_fails(void **state)
{
	struct ss_http_op *r;
	int lists = 0;
	int64_t began;
	struct seen s;

	start(&s, "5");
	r = opened(&s, "5");
	send_text(r, EVENT("ADDED", "a", "6") ERROR("410", "Gone"));
	fake_advance(&s.f, 0);
	fake_end(fake_take(&s.f, "GET", "/api*"), SS_ERR_UNAVAILABLE);
	fake_advance(&s.f, 1600);
	fake_reply(fake_take(&s.f, "GET", "/api*"), 200, LIST("9", ITEM("a", "u-a", "6")));
	began = fake_now_ms;
	while (fake_now_ms - began < 300000) {
		if (fake_idle(&s.f)) {
			fake_advance(&s.f, 100);
			continue;
		}
		fake_status(connection(&s, "9"), 410, "Expired", "m");
		fake_advance(&s.f, 0);
		while (fake_idle(&s.f))
			fake_advance(&s.f, 100);
		lists++;
		fake_reply(fake_take(&s.f, "GET", "/api*"), 200, LIST("9", ITEM("a", "u-a", "6")));
	}
	assert_in_range(lists, 8, 100);
	assert_null(strstr(s.log, "DELETED"));
	stop(&s);
}

static void temporary_error_events(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	r = opened(&s, "5");
	send_text(r, EVENT("ADDED", "a", "6") ERROR("500", "InternalError"));
	fake_advance(&s.f, 800);
	r = opened(&s, "6");
	send_text(r, ERROR("429", "TooManyRequests"));
	fake_advance(&s.f, 1600);
	connection(&s, "6");
	assert_int_equal(s.n_failed, 0);
	stop(&s);
}

static void garbage(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	r = opened(&s, "5");
	/* Newer clients may know it. */
	send_text(
	        r,
	        "{\"type\":\"SNAPSHOT\",\"object\":{\"metadata\":{\"resourceVersion\":\"99\"}}}\n");
	send_text(r, EVENT("ADDED", "a", "6"));
	send_text(r, "<html>proxy</html>\n");
	fake_advance(&s.f, 800);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(s.n_failed, 0);
		send_text(opened(&s, "6"), i % 2 ? "{\"object\":{}}\n" : "\xef\xbb\xbf{}\n");
		fake_advance(&s.f, 30000);
	}
	assert_int_equal(s.n_failed, 1);
	assert_int_equal(s.f.err.code, SS_ERR_PARSE);
	assert_string_equal(s.log, "ADDED a/6 ");
	stop(&s);
}

/* Five in a row are the end; what is damaged now and then is a lost connection each time. */
static void garbage_now_and_then(void **state)
{
	struct seen s;

	start(&s, "5");
	for (int i = 0; i < 12; i++) {
		struct ss_http_op *r = opened(&s, "5");

		send_text(r, EVENT("BOOKMARK", "", "5"));
		send_text(r, "<html>proxy</html>\n");
		fake_advance(&s.f, 30000);
	}
	assert_int_equal(s.n_failed, 0);
	opened(&s, "5");
	stop(&s);
}

static void null_objects(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	r = opened(&s, "5");
	send_text(r, "{\"type\":\"ADDED\",\"object\":null}\n{\"type\":\"MODIFIED\"}\n" EVENT(
	                     "ADDED", "a", "6"));
	assert_int_equal(s.n, 1);
	fake_end(r, 0);
	fake_advance(&s.f, 0);
	connection(&s, "6");
	stop(&s);
}

/* --- pausing and cancelling ------------------------------------------------------- */

static void pause_and_go_on(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	s.pause_at = 2;
	r = opened(&s, "5");
	send_text(r, EVENT("ADDED", "a", "6") EVENT("ADDED", "b", "7") EVENT("ADDED", "c", "8"));
	send_text(r, EVENT("ADDED", "d", "9"));
	assert_int_equal(s.n, 2);
	fake_end(r, 0); /* what had come is not lost with the connection */
	fake_advance(&s.f, 1000);
	assert_int_equal(s.n, 2);
	ss_watch_pause(s.w, false);
	assert_int_equal(s.n, 2);
	fake_turn(&s.f);
	assert_string_equal(s.log, "ADDED a/6 ADDED b/7 ADDED c/8 ADDED d/9 ");
	fake_advance(&s.f, 0);
	connection(&s, "9");
	stop(&s);
}

static void pause_in_a_list(void **state)
{
	struct seen s;

	for (int at = 1; at <= 3; at++) {
		start(&s, NULL);
		s.pause_at = at;
		fake_reply(fake_take(&s.f, "GET", "/api*"), 200,
		           LIST("5", ITEM("a", "1", "1") "," ITEM("b", "2", "2")));
		assert_int_equal(s.n, at);
		assert_true(fake_idle(&s.f));
		ss_watch_pause(s.w, false);
		fake_turn(&s.f);
		assert_string_equal(s.log, "ADDED a/1 ADDED b/2 BOOKMARK -/5 ");
		connection(&s, "5");
		stop(&s);
	}
}

/* A consumer that does not come back costs the connection, not memory. */
static void slow_consumer(void **state)
{
	char line[8300];
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	s.pause_at = 1;
	r = opened(&s, "5");
	send_text(r, EVENT("ADDED", "a", "6"));
	snprintf(line, sizeof(line), "{\"type\":\"MODIFIED\",\"object\":{\"x\":\"%08000d\"}}\n", 1);
	for (int i = 0; i < 1000 && fake_lives(&s.f, r); i++)
		send_text(r, line);
	assert_false(fake_lives(&s.f, r));
	assert_int_equal(s.n, 1);
	ss_watch_pause(s.w, false);
	fake_turn(&s.f);
	/* From the last one it has taken. */
	send_text(opened(&s, "6"), EVENT("ADDED", "b", "7"));
	assert_string_equal(s.log, "ADDED a/6 ADDED b/7 ");
	stop(&s);
}

static void cancel_in_an_event(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	for (int at = 1; at <= 2; at++) {
		start(&s, "5");
		s.cancel_at = at;
		r = opened(&s, "5");
		send_text(r, EVENT("ADDED", "a", "6") EVENT("ADDED", "b", "7")
		                     EVENT("ADDED", "c", "8"));
		assert_int_equal(s.n, at);
		assert_null(s.f.ops);
		stop(&s);
	}
	for (int at = 1; at <= 3; at++) {
		start(&s, NULL);
		s.cancel_at = at;
		fake_reply(fake_take(&s.f, "GET", "/api*"), 200,
		           LIST("5", ITEM("a", "1", "1") "," ITEM("b", "2", "2")));
		assert_int_equal(s.n, at);
		assert_null(s.f.ops);
		stop(&s);
	}
}

static void cancel_at_every_step(void **state)
{
	struct ss_watch_spec spec = {.ref = {.kind = "Sandbox"}};
	struct seen s;

	for (int steps = 0; steps < 5; steps++) {
		s = (struct seen){0};
		fake_open(&s.f);
		assert_int_equal(ss_watch_start(s.f.client, &spec, &events, &s, &s.w, NULL), 0);
		if (steps > 0)
			fake_agents(&s.f, "v1beta1");
		if (steps > 1)
			fake_reply(fake_take(&s.f, "GET", "/apis*"), 200, LIST("5", ""));
		if (steps > 2)
			fake_head(fake_take(&s.f, "GET", "/apis*"), 200);
		if (steps > 3)
			fake_end(s.f.ops, SS_ERR_UNAVAILABLE); /* in the back-off */
		stop(&s);
	}
}

static void bad_input(void **state)
{
	struct ss_watch_spec rows[] = {
	        {.ref = {.kind = NULL}},
	        {.ref = {.kind = "pods", .name = ".."}},
	        {.ref = {.kind = "pods", .namespace_ = "a/b"}},
	        {.ref = {.kind = "a/b"}},
	};
	struct seen s = {0};

	fake_open(&s.f);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		ss_err_done(&s.f.err);
		assert_int_equal(ss_watch_start(s.f.client, &rows[i], &events, &s, &s.w, &s.f.err),
		                 SS_ERR_INVAL);
		assert_string_equal(s.f.err.op, "watch");
	}
	s.f.refuse = SS_ERR_NOMEM;
	assert_int_equal(ss_watch_start(s.f.client,
	                                &(struct ss_watch_spec){.ref = {.kind = "pods"}}, &events,
	                                &s, &s.w, NULL),
	                 SS_ERR_NOMEM);
	fake_close(&s.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(from_a_version),
	        cmocka_unit_test(list_first),
	        cmocka_unit_test(one_object),
	        cmocka_unit_test(what_was_not_asked_for),
	        cmocka_unit_test(split_everywhere),
	        cmocka_unit_test(big_events),
	        cmocka_unit_test(bookmarks_only),
	        cmocka_unit_test(for_good),
	        cmocka_unit_test(relist_tells_differences),
	        cmocka_unit_test(relist_fails),
	        cmocka_unit_test(temporary_error_events),
	        cmocka_unit_test(garbage),
	        cmocka_unit_test(garbage_now_and_then),
	        cmocka_unit_test(null_objects),
	        cmocka_unit_test(pause_and_go_on),
	        cmocka_unit_test(pause_in_a_list),
	        cmocka_unit_test(slow_consumer),
	        cmocka_unit_test(cancel_in_an_event),
	        cmocka_unit_test(cancel_at_every_step),
	        cmocka_unit_test(bad_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
