/* Requests over the curl transport: what is sent, what comes back, and every way of
 * not coming back. */
#include "curl_fixture.h"

#include "io/curl_priv.h"

static void test_get(void **state)
{
	static const char *const headers[] = {"X-One: 1", "X-Two:  b c"};
	struct ss_http_request request = {
	        .method = "GET",
	        .path = "/echo?x=%20y",
	        .accept = "application/json;as=Table",
	        .headers = headers,
	        .n_headers = 2,
	};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_string_equal(r.order, "hdD");
	assert_int_equal(r.status, 200);
	assert_string_equal(r.type, "application/json");
	assert_string_equal(r.type_full, "Application/JSON; charset=UTF-8");
	assert_string_equal(r.etag, "\"abc\"");
	assert_int_equal(r.retry_after_ms, -1);
	assert_int_equal(r.n_warnings, 0);
	assert_non_null(strstr(r.body.data, "\"method\": \"GET\""));
	assert_non_null(strstr(r.body.data, "\"accept\": \"application/json;as=Table\""));
	assert_non_null(strstr(r.body.data, "\"x-one\": \"1\""));
	assert_non_null(strstr(r.body.data, "\"x-two\": \"b c\""));
	assert_non_null(strstr(r.body.data, "\"user-agent\": \"test/1\""));
	assert_null(strstr(r.body.data, "content-type"));
	assert_null(strstr(r.body.data, "accept-encoding")); /* loopback */
	reply_reset(&r);
}

static void test_bodies_and_methods(void **state)
{
	static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "GET"};
	struct ss_http_request request = {.path = "/echo"};
	struct fixture *f = *state;
	struct reply r = {0};
	char want[64];

	connect_to(f, "http", "plain", NULL);
	for (size_t i = 0; i < SS_ARRAY_LEN(methods); i++) {
		request.method = methods[i];
		request.body = "{\"a\":1}";
		request.body_len = 7;
		request.content_type = i ? "application/merge-patch+json" : NULL;
		run_request(f, &request, &r);
		snprintf(want, sizeof(want), "\"method\": \"%s\"", methods[i]);
		assert_non_null(strstr(r.body.data, want));
		assert_non_null(strstr(r.body.data, "\"length\": 7, \"body\": \"{\\\"a\\\":1}\""));
		assert_non_null(
		        strstr(r.body.data, i ? "\"content-type\": \"application/merge-patch+json\""
		                              : "\"content-type\": \"application/json\""));
		assert_null(strstr(r.body.data, "expect"));
		/* The next one with the same handle sends none. */
		request.body = NULL;
		run_request(f, &request, &r);
		assert_non_null(strstr(r.body.data, want));
		assert_non_null(strstr(r.body.data, "\"length\": 0"));
		assert_null(strstr(r.body.data, "content-type"));
	}
	reply_reset(&r);
}

static void test_empty_body_and_head(void **state)
{
	struct ss_http_request request = {.method = "POST", .path = "/echo", .body = ""};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_non_null(strstr(r.body.data, "\"content-length\": \"0\""));
	get(f, "/status/204", &r);
	assert_int_equal(r.status, 204);
	reply_reset(&r);
}

static void test_large_bodies(void **state)
{
	struct ss_http_request request = {.method = "POST", .path = "/echo"};
	size_t len = (size_t)3 << 20;
	char *body SS_AUTOFREE = malloc(len);
	struct fixture *f = *state;
	struct reply r = {0};

	memset(body, 'b', len);
	request.body = body;
	request.body_len = len;
	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_non_null(strstr(r.body.data, "\"length\": 3145728"));
	get(f, "/big/3145728", &r);
	assert_int_equal(r.n_data, 1);
	assert_int_equal(r.body.len, 3145728);
	assert_int_equal(strspn(r.body.data, "x"), 3145728);
	reply_reset(&r);
}

static void test_body_cap(void **state)
{
	struct ss_http_request request = {
	        .method = "GET", .path = "/big/5000", .max_body_bytes = 5000};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_int_equal(r.body.len, 5000);
	request.path = "/big/5001";
	run_request(f, &request, &r);
	assert_failed(&r, SS_ERR_LIMIT, "the answer is over 5000 bytes");
	assert_false(r.err.retryable);
	reply_reset(&r);
}

static void test_header_flood(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	get(f, "/headers/60", &r);
	assert_reply(&r, 200, "{}");
	get(f, "/headers/70", &r);
	assert_failed(&r, SS_ERR_LIMIT, "the headers of the answer are over 65536 bytes");
	/* One line of ours, and one that is too long for libcurl, too. */
	get(f, "/longline/70", &r);
	assert_failed(&r, SS_ERR_LIMIT, "the headers of the answer are over 65536 bytes");
	get(f, "/longline/2000", &r);
	assert_failed(&r, SS_ERR_LIMIT, "the headers of the answer are over 65536 bytes");
	reply_reset(&r);
}

/* What libcurl takes for an empty answer of status 200. */
static void test_headers_cut(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	get(f, "/cuthead", &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "the answer was cut off within its headers");
	reply_reset(&r);
}

/* Compression is not asked of a loopback server: this address is one that is not taken
 * for it, and still leads here. */
static void connect_remote(struct fixture *f, bool disable_compression)
{
	struct ss_curl_target target = {.user_agent = "test/1",
	                                .disable_compression = disable_compression};
	char url[64];

	snprintf(url, sizeof(url), "http://0.0.0.0:%d", server_port("plain"));
	target.server = url;
	connect_target(f, &target);
}

static void test_gzip(void **state)
{
	struct ss_http_request bomb = {.method = "GET", .path = "/gzip/60000000"};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_remote(f, false);
	get(f, "/echo", &r);
	assert_non_null(strstr(r.body.data, "\"accept-encoding\": \"gzip\""));
	get(f, "/gzip/300000", &r);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.len, 300000);
	run_request(f, &bomb, &r);
	assert_failed(&r, SS_ERR_LIMIT, "the answer is over 33554432 bytes");
	get(f, "/badgzip", &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "malformed");
	connect_remote(f, true);
	get(f, "/echo", &r);
	assert_null(strstr(r.body.data, "accept-encoding"));
	reply_reset(&r);
}

static void test_warnings(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	get(f, "/warn", &r);
	assert_int_equal(r.n_warnings, 16);
	assert_non_null(
	        strstr(r.warnings, "one \"quoted\"\ntwo\nthree, with comma\nmore 0\nmore 1\n"));
	assert_non_null(strstr(r.warnings, "more 12\n"));
	assert_null(strstr(r.warnings, "more 13"));
	reply_reset(&r);
}

static void test_retry_after(void **state)
{
	static const struct {
		const char *path;
		int64_t ms;
	} rows[] = {
	        {"/retry/7", 7000},        {"/retry/0", 0},
	        {"/retry/-1", -1},         {"/retry/1.5", -1},
	        {"/retry/9999999999", -1}, {"/retry/Wed,_21_Oct_2026_07:28:00_GMT", -1},
	};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		get(f, rows[i].path, &r);
		assert_int_equal(r.status, 429);
		assert_int_equal(r.retry_after_ms, rows[i].ms);
	}
	reply_reset(&r);
}

static void test_statuses_are_answers(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	get(f, "/status/404", &r);
	assert_reply(&r, 404, "status 404");
	assert_string_equal(r.type, "");
	get(f, "/status/500", &r);
	assert_reply(&r, 500, "status 500");
	get(f, "/redirect", &r); /* never followed */
	assert_reply(&r, 302, "elsewhere");
	get(f, "/early", &r); /* informational heads and trailers are not the head */
	assert_reply(&r, 200, "body");
	assert_string_equal(r.etag, "right");
	reply_reset(&r);
}

static void test_no_connection(void **state)
{
	struct ss_curl_target refused = {.server = "http://127.0.0.1:1"};
	struct ss_curl_target unknown = {.server = "http://no-such-host.invalid:80"};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_target(f, &refused);
	get(f, "/", &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "http://127.0.0.1:1: connection refused");
	assert_true(r.err.retryable);
	connect_target(f, &unknown);
	get(f, "/", &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "cannot be resolved");
	reply_reset(&r);
}

static void test_connection_lost(void **state)
{
	struct ss_http_request post = {
	        .method = "POST", .path = "/reset", .body = "x", .body_len = 1};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	get(f, "/reset", &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "the connection was lost: ");
	get(f, "/cut", &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "the connection was lost: ");
	run_request(f, &post, &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "may have been executed");
	get(f, "/status/200", &r);
	assert_reply(&r, 200, "status 200");
	reply_reset(&r);
}

/* The server goes while we write: an error, and no SIGPIPE. */
static void test_reset_while_sending(void **state)
{
	struct ss_http_request request = {.method = "POST", .path = "/slam"};
	size_t len = (size_t)8 << 20;
	char *body SS_AUTOFREE = calloc(1, len);
	struct fixture *f = *state;
	struct reply r = {0};

	request.body = body;
	request.body_len = len;
	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "may have been executed");
	connect_tls(f, "tls", NULL);
	run_request(f, &request, &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "may have been executed");
	reply_reset(&r);
}

/* A reused connection that dies before the answer: a read is sent again, a write is not,
 * since the server may have executed it. */
static void test_stale_connection(void **state)
{
	struct ss_http_request write = {.path = "/stale/w", .body = "x", .body_len = 1};
	static const char *const methods[] = {"POST", "PATCH", "PUT", "DELETE"};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	get(f, "/stale/r", &r);
	assert_reply(&r, 200, "1");
	get(f, "/stale/r", &r);
	assert_reply(&r, 200, "3"); /* the second was lost */
	for (size_t i = 0; i < SS_ARRAY_LEN(methods); i++) {
		char want[8];

		get(f, "/status/200", &r); /* a connection to reuse */
		write.method = methods[i];
		run_request(f, &write, &r);
		assert_failed(&r, SS_ERR_UNAVAILABLE, "may have been executed");
		get(f, "/count/stale-w", &r);
		snprintf(want, sizeof(want), "%zu", i + 1);
		assert_reply(&r, 200, want);
	}
	reply_reset(&r);
}

static void test_timeout(void **state)
{
	struct ss_http_request request = {.method = "GET", .path = "/hang", .timeout_ms = 50};
	struct fixture *f = *state;
	struct reply r = {0};
	int64_t began = ss_clock_mono_ms();

	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_failed(&r, SS_ERR_TIMEOUT, "no complete answer within 50 ms");
	request.path = "/drip";
	run_request(f, &request, &r);
	assert_failed(&r, SS_ERR_TIMEOUT, "no complete answer within 50 ms");
	connect_to(f, "https", "silent", NULL);
	run_request(f, &request, &r); /* in the TLS handshake */
	assert_failed(&r, SS_ERR_TIMEOUT, "no complete answer within 50 ms");
	assert_true(ss_clock_mono_ms() - began < 10000);
	reply_reset(&r);
}

enum { PARALLEL = 200 };

static void test_parallel_requests_queue(void **state)
{
	struct ss_http_request request = {.method = "GET", .path = "/slow/5"};
	struct fixture *f = *state;
	struct reply *r = calloc(PARALLEL, sizeof(*r));

	connect_tls(f, "tls", NULL);
	for (int i = 0; i < PARALLEL; i++)
		start_request(f, &request, &r[i]);
	run_loop(f);
	for (int i = 0; i < PARALLEL; i++) {
		assert_reply(&r[i], 200, "slow");
		reply_reset(&r[i]);
	}
	get(f, "/live", &r[0]);
	assert_true(atoi(r[0].body.data) <= 8); /* the connections that HTTP/1.1 gets */
	reply_reset(&r[0]);
	free(r);
}

static void ignore_head(void *ud, const struct ss_http_head *head)
{
	(void)ud;
	(void)head;
}

static void ignore_data(void *ud, const char *data, size_t len)
{
	(void)ud;
	(void)data;
	(void)len;
}

static void ignore_done(void *ud, const struct ss_err *err)
{
	(void)ud;
	(void)err;
}

/* Requests that wait take memory: there is an end to them, which the error names. */
static void test_too_many_wait(void **state)
{
	static const struct ss_http_events none = {ignore_head, ignore_data, ignore_done};
	struct ss_http_request request = {.method = "GET", .path = "/hang"};
	struct fixture *f = *state;
	struct ss_http_op *op;
	struct ss_err err SS_AUTO_ERR;
	int n = 0;

	connect_to(f, "http", "plain", NULL);
	while (n < 200000 && !ss_http_start(f->t, &request, &none, NULL, &op, &err))
		n++;
	assert_int_equal(err.code, SS_ERR_LIMIT);
	assert_non_null(strstr(err.message, "100000 requests are waiting already"));
	assert_in_range(n, 100000, 100100);
}

/* A server that closes connections without taking what was sent over them is asked again, and
 * not for ever. libcurl's own words say which end that was. */
static void test_a_refused_request_is_sent_again_so_often(void **state)
{
	struct ss_http_request request = {.method = "GET", .path = "/hang"};
	struct fixture *f = *state;
	struct reply r = {0};
	int times = 0;

	connect_to(f, "http", "plain", NULL);
	start_request(f, &request, &r);
	for (;;) {
		struct lane *lane = r.op->lane;

		assert_non_null(r.op->slot);
		strcpy(r.op->slot->error, "Connection died, tried 5 times before giving up");
		assert_false(ss_curl_queue_resend(r.op, CURLE_COULDNT_CONNECT));
		if (!ss_curl_queue_resend(r.op, CURLE_SEND_ERROR))
			break;
		times++;
		ss_curl_queue_pump(lane);
	}
	assert_int_equal(times, 20);
	ss_http_cancel(f->t, r.op);
	run_loop(f);
	reply_reset(&r);
}

static void test_deadline_counts_in_the_queue(void **state)
{
	struct ss_http_request blocker = {.method = "GET", .path = "/hang", .timeout_ms = 300};
	struct ss_http_request request = {.method = "GET", .path = "/echo", .timeout_ms = 50};
	struct fixture *f = *state;
	struct reply r[9] = {0};

	connect_to(f, "http", "plain", NULL);
	for (int i = 0; i < 8; i++)
		start_request(f, &blocker, &r[i]);
	start_request(f, &request, &r[8]);
	while (!r[8].done)
		ss_loop_step(f->loop, true);
	assert_failed(&r[8], SS_ERR_TIMEOUT, "all connections were busy for 50 ms");
	assert_false(r[0].done);
	run_loop(f);
	for (int i = 0; i < 9; i++)
		reply_reset(&r[i]);
}

static void test_bad_requests_are_refused_at_once(void **state)
{
	static const char *const split[] = {"X: a\r\nY: b"}, *const bare_cr[] = {"X: a\rY: b"},
	                         *const bare_lf[] = {"X: a\nY: b"}, *const del[] = {"X: a\x7f"},
	                         *const bell[] = {"X: a\a"};
	const struct ss_http_request rows[] = {
	        {.method = "GET", .path = "no-slash"},
	        {.method = "GET", .path = "/with space"},
	        {.method = "GET", .path = "/line\nbreak"},
	        {.method = "GET", .path = "/fragment#x"},
	        {.method = "get", .path = "/"},
	        {.method = "GET / HTTP/1.1\r\nX: y", .path = "/"},
	        {.method = "GET", .path = "/", .accept = "a\r\nX: y"},
	        {.method = "GET", .path = "/", .content_type = "a\nb"},
	        {.method = "GET", .path = "/", .content_type = "a\rb"},
	        {.method = "GET", .path = "/", .headers = split, .n_headers = 1},
	        {.method = "GET", .path = "/", .headers = bare_cr, .n_headers = 1},
	        {.method = "GET", .path = "/", .headers = bare_lf, .n_headers = 1},
	        {.method = "GET", .path = "/", .headers = del, .n_headers = 1},
	        {.method = "GET", .path = "/", .headers = bell, .n_headers = 1},
	};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_err err SS_AUTO_ERR;

		assert_int_equal(ss_http_start(f->t, &rows[i], &reply_events, &r, &r.op, &err),
		                 SS_ERR_INVAL);
		assert_true(err.message[0]);
	}
	run_loop(f);
	assert_string_equal(r.order, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	        T(test_get),
	        T(test_bodies_and_methods),
	        T(test_empty_body_and_head),
	        T(test_large_bodies),
	        T(test_body_cap),
	        T(test_header_flood),
	        T(test_headers_cut),
	        T(test_gzip),
	        T(test_warnings),
	        T(test_retry_after),
	        T(test_statuses_are_answers),
	        T(test_no_connection),
	        T(test_connection_lost),
	        T(test_reset_while_sending),
	        T(test_stale_connection),
	        T(test_timeout),
	        T(test_too_many_wait),
	        T(test_a_refused_request_is_sent_again_so_often),
	        T(test_deadline_counts_in_the_queue),
	        T(test_bad_requests_are_refused_at_once),
	        T(test_parallel_requests_queue),
#undef T
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
