/* How connections of a watch end, and what follows (kubernetes.md K8, K35, K37). */
#include "watch_fixture.h"

/* A clean end is normal: on from the last version at once. */
static void clean_end(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	r = opened(&s, "5");
	send_text(r, EVENT("ADDED", "a", "6") EVENT("BOOKMARK", "", "8"));
	fake_now_ms += 300000;
	fake_end(r, 0);
	fake_advance(&s.f, 0);
	r = opened(&s, "8");
	/* Half a line at the end is lost with its connection, not glued to the next. */
	send_text(r, EVENT("ADDED", "b", "9") "{\"type\":\"ADD");
	fake_end(r, 0);
	fake_advance(&s.f, 0);
	send_text(opened(&s, "9"), EVENT("ADDED", "c", "10"));
	assert_string_equal(s.log, "ADDED a/6 BOOKMARK /8 ADDED b/9 ADDED c/10 ");
	stop(&s);
}

/* An event whose object cannot be shown is no end for the others. */
static void odd_events_hide_no_others(void **state)
{
	char deep[700] = "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\"},\"a\":";
	size_t n = strlen(deep);
	struct ss_http_op *r;
	struct seen s;

	memset(deep + n, '[', 200);
	memset(deep + n + 200, ']', 200);
	strcpy(deep + n + 400, "}}\n");
	start(&s, "5");
	r = opened(&s, "5");
	send_text(r, EVENT("ADDED", "a", "6"));
	send_text(r, deep);
	send_text(r,
	          "{\"type\":\"ADDED\",\"object\":null}\n{\"type\":\"MODIFIED\",\"object\":{}}\n");
	send_text(r, EVENT("ADDED", "b", "9"));
	assert_string_equal(s.log, "ADDED a/6 ADDED b/9 ");
	stop(&s);
}

/* Closed within a second and without an event, again and again: not a busy loop. */
static void short_connections_back_off(void **state)
{
	int64_t began;
	int tries = 0, lists = 0;
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	began = fake_now_ms;
	while (fake_now_ms - began < 600000) {
		if (fake_idle(&s.f)) {
			fake_advance(&s.f, 100);
			continue;
		}
		tries++;
		r = fake_take(&s.f, "GET", "/api/v1/namespaces/demo/pods?*");
		if (strstr(r->path, "watch=true")) {
			fake_head(r, 200);
			fake_end(r, 0);
		} else {
			lists++;
			fake_reply(r, 200,
			           "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"5\"},"
			           "\"items\":[]}");
		}
	}
	/* Each is followed by a list: what the watch does not tell is seen. */
	assert_in_range(lists, tries / 2 - 1, tries / 2);
	/* Up to 30 s apart with full jitter: about 40 in ten minutes. */
	assert_in_range(tries, 15, 120);
	stop(&s);
}

static void lost_connections(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	/* Refused at once: the write that told the version proves that the server lives. */
	fake_end(connection(&s, "5"), SS_ERR_UNAVAILABLE);
	fake_advance(&s.f, 800);
	r = opened(&s, "5");
	send_text(r, EVENT("ADDED", "a", "6"));
	fake_end(r, SS_ERR_UNAVAILABLE);
	fake_advance(&s.f, 800);
	r = connection(&s, "6");
	fake_status(r, 503, "ServiceUnavailable", "shutting down");
	fake_advance(&s.f, 1600);
	r = connection(&s, "6");
	fake_head_type(r, 429, "text/plain", 5000);
	fake_end(r, 0);
	fake_advance(&s.f, 4999);
	assert_true(fake_idle(&s.f));
	fake_advance(&s.f, 2);
	connection(&s, "6");
	assert_int_equal(s.n_failed, 0);
	stop(&s);
}

static void never_reached(void **state)
{
	struct seen s;

	start(&s, NULL);
	fake_end(fake_take(&s.f, "GET", "/api*"), SS_ERR_UNAVAILABLE);
	assert_int_equal(s.n_failed, 1);
	assert_int_equal(s.f.err.code, SS_ERR_UNAVAILABLE);
	fake_has(s.f.err.message, "https://fake:6443");
	stop(&s);
}

/* K8: the first 401 made the transport drop its credentials; the second is final. */
static void unauthorized(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	/* Once in a row, however often in the life of a watch. */
	for (int i = 0; i < 5; i++) {
		fake_status(connection(&s, "5"), 401, "Unauthorized", "Unauthorized");
		fake_advance(&s.f, 0);
		r = opened(&s, "5");
		send_text(r, EVENT("BOOKMARK", "", "5"));
		fake_advance(&s.f, 60000);
		fake_end(r, 0);
		fake_advance(&s.f, 0);
	}
	fake_status(connection(&s, "5"), 401, "Unauthorized", "Unauthorized");
	fake_advance(&s.f, 0);
	fake_status(connection(&s, "5"), 401, "Unauthorized", "Unauthorized");
	assert_int_equal(s.n_failed, 1);
	assert_int_equal(s.f.err.code, SS_ERR_UNAUTHORIZED);
	stop(&s);
	/* The list of a watch as well. */
	start(&s, NULL);
	fake_status(fake_take(&s.f, "GET", "/api*"), 401, "Unauthorized", "Unauthorized");
	fake_advance(&s.f, 0);
	fake_reply(fake_take(&s.f, "GET", "/api*"), 200, LIST("5", ""));
	/* A server that accepts and then says no in the stream does not keep us busy. */
	send_text(opened(&s, "5"), ERROR("401", "Unauthorized"));
	fake_advance(&s.f, 0);
	send_text(opened(&s, "5"), ERROR("401", "Unauthorized"));
	assert_int_equal(s.f.err.code, SS_ERR_UNAUTHORIZED);
	stop(&s);
}

/* Neither short nor of any use: a list says what such connections do not. */
static void connections_that_tell_nothing(void **state)
{
	struct ss_http_op *r;
	struct seen s;

	start(&s, "5");
	for (int i = 0; i < 3; i++) {
		r = opened(&s, "5");
		fake_advance(&s.f, 2000);
		fake_end(r, 0);
		fake_advance(&s.f, 1000);
	}
	fake_reply(fake_take(&s.f, "GET", "/api/v1/namespaces/demo/pods?limit=500"), 200,
	           LIST("9", ITEM("a", "u-a", "6")));
	assert_string_equal(s.log, "ADDED a/6 BOOKMARK -/9 ");
	stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(clean_end),
	        cmocka_unit_test(odd_events_hide_no_others),
	        cmocka_unit_test(short_connections_back_off),
	        cmocka_unit_test(lost_connections),
	        cmocka_unit_test(never_reached),
	        cmocka_unit_test(unauthorized),
	        cmocka_unit_test(connections_that_tell_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
