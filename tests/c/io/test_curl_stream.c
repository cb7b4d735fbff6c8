/* Streams, back-pressure and cancellation at every stage. */
#include "curl_fixture.h"

#include <uv.h>

#include "io/curl_priv.h"

static struct ss_http_request stream_of(const char *path)
{
	return (struct ss_http_request){
	        .method = "GET", .path = path, .lane = SS_LANE_WATCH, .stream = true};
}

static void test_stream_delivers_as_it_comes(void **state)
{
	struct ss_http_request request = stream_of("/stall");
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	start_request(f, &request, &r);
	while (!r.n_data)
		assert_true(ss_loop_step(f->loop, true));
	assert_string_equal(r.order, "hd");
	assert_string_equal(r.type, "application/json");
	assert_string_equal(r.body.data, "first");
	ss_http_cancel(f->t, r.op);
	run_loop(f); /* nothing keeps it alive */
	assert_false(r.done);
	reply_reset(&r);
}

static void test_stream_that_is_cut(void **state)
{
	struct ss_http_request request = stream_of("/cut");
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_string_equal(r.order, "hdD"); /* what came is delivered before */
	assert_string_equal(r.body.data, "half a");
	assert_int_equal(r.err.code, SS_ERR_UNAVAILABLE);
	reply_reset(&r);
}

static void test_idle_timeout(void **state)
{
	struct ss_http_request request = stream_of("/stall");
	struct fixture *f = *state;
	struct reply r = {0};

	request.idle_timeout_ms = 60;
	connect_to(f, "http", "plain", NULL);
	run_request(f, &request, &r);
	assert_string_equal(r.order, "hdD");
	assert_int_equal(r.err.code, SS_ERR_TIMEOUT);
	assert_non_null(strstr(r.err.message, "no data came for 60 ms"));
	/* What drips is not idle: the total limit ends it. */
	request.path = "/drip";
	request.idle_timeout_ms = 400;
	request.timeout_ms = 900;
	run_request(f, &request, &r);
	assert_non_null(strstr(r.err.message, "no complete answer within 900 ms"));
	assert_true(r.body.len > 1);
	reply_reset(&r);
}

/* --- a turn of the loop that takes long while the backlog is full ------------------- */
struct slow_turn {
	uv_check_t check; /* behind what was read, before the timers */
	const struct reply *r;
	int n;
};

static void be_slow(uv_check_t *check)
{
	struct slow_turn *slow = check->data;

	if (slow->n || slow->r->done || !slow->r->op->paused)
		return;
	slow->n++;
	usleep(120000);
}

static void test_who_takes_nothing_yet_is_not_idle(void **state)
{
	struct ss_http_request request = stream_of("/stream/8000/1000");
	struct fixture *f = *state;
	struct reply r = {0};
	struct slow_turn slow = {.r = &r};

	request.max_body_bytes = 1000;
	request.idle_timeout_ms = 100;
	connect_to(f, "http", "plain", NULL);
	uv_check_init(ss_loop_uv(f->loop), &slow.check);
	uv_unref((uv_handle_t *)&slow.check);
	slow.check.data = &slow;
	uv_check_start(&slow.check, be_slow);
	start_request(f, &request, &r);
	while (!slow.n && !r.done)
		assert_true(ss_loop_step(f->loop, true));
	assert_int_equal(slow.n, 1);
	assert_int_equal(r.err.code, 0);
	ss_http_cancel(f->t, r.op);
	uv_close((uv_handle_t *)&slow.check, NULL);
	run_loop(f);
	reply_reset(&r);
}

/* 8 MB of numbered lines through a backlog of 64 KiB: nothing lost, order kept. */
static void test_backlog_pauses_and_loses_nothing(void **state)
{
	struct ss_http_request request = stream_of("/stream/8000/1000");
	struct fixture *f = *state;
	struct reply r = {0};

	request.max_body_bytes = 65536;
	connect_tls(f, "tls", NULL);
	run_request(f, &request, &r);
	assert_string_equal(r.order, "hdD");
	assert_int_equal(r.err.code, 0);
	assert_int_equal(r.body.len, 8000000);
	for (int i = 0; i < 8000; i++)
		assert_int_equal(atoi(r.body.data + (size_t)i * 1000), i);
	reply_reset(&r);
}

static void test_watches_do_not_wait_for_each_other(void **state)
{
	struct ss_http_request request = stream_of("/stall");
	struct fixture *f = *state;
	struct reply r[20] = {0};
	bool all = false;

	/* Over TLS libcurl waits for the first to prove multiplexed, which it never does. */
	connect_tls(f, "tls", NULL);
	for (int i = 0; i < 20; i++)
		start_request(f, &request, &r[i]);
	while (!all) {
		assert_true(ss_loop_step(f->loop, true));
		all = true;
		for (int i = 0; i < 20; i++)
			all = all && r[i].n_data;
	}
	for (int i = 0; i < 20; i++) {
		ss_http_cancel(f->t, r[i].op);
		reply_reset(&r[i]);
	}
	run_loop(f);
}

/* --- cancel ---------------------------------------------------------------- */

static void test_cancel_at_once_and_queued(void **state)
{
	struct ss_http_request hang = {.method = "GET", .path = "/hang"};
	struct fixture *f = *state;
	struct reply r[30] = {0};

	connect_to(f, "http", "plain", NULL);
	for (int i = 0; i < 30; i++)
		start_request(f, &hang, &r[i]);
	for (int i = 29; i >= 0; i--)
		ss_http_cancel(f->t, r[i].op);
	ss_http_cancel(f->t, NULL);
	run_loop(f);
	for (int i = 0; i < 30; i++)
		assert_string_equal(r[i].order, "");
}

static void test_cancel_makes_room(void **state)
{
	struct ss_http_request hang = {.method = "GET", .path = "/hang"};
	struct ss_http_request request = {.method = "GET", .path = "/status/200"};
	struct fixture *f = *state;
	struct reply blockers[8] = {0}, r = {0};

	connect_to(f, "http", "plain", NULL);
	for (int i = 0; i < 8; i++)
		start_request(f, &hang, &blockers[i]);
	start_request(f, &request, &r);
	ss_loop_step(f->loop, true);
	ss_http_cancel(f->t, blockers[3].op);
	while (!r.done)
		ss_loop_step(f->loop, true);
	assert_reply(&r, 200, "status 200");
	for (int i = 0; i < 8; i++) {
		if (i != 3)
			ss_http_cancel(f->t, blockers[i].op);
	}
	run_loop(f);
	reply_reset(&r);
}

/* After any number of turns of the loop, wherever the request then is. */
static void test_cancel_after_each_turn(void **state)
{
	struct ss_http_request request = {
	        .method = "POST", .path = "/echo", .body = "body", .body_len = 4};
	struct fixture *f = *state;
	bool reached_the_end = false;

	for (int turns = 0; !reached_the_end; turns++) {
		struct reply r = {0};

		connect_tls(f, "tls", NULL);
		start_request(f, &request, &r);
		for (int i = 0; i < turns && !r.done; i++)
			ss_loop_step(f->loop, true);
		reached_the_end = r.done;
		if (!r.done) {
			ss_http_cancel(f->t, r.op);
			run_loop(f);
			assert_string_equal(r.order, "");
		}
		assert_true(turns < 500);
		reply_reset(&r);
	}
}

static void cancel_self(struct reply *r)
{
	ss_http_cancel(r->f->t, r->op);
	ss_http_cancel(r->f->t, r->op); /* once is enough, twice no harm */
}

static void test_cancel_from_head_and_data(void **state)
{
	struct ss_http_request requests[] = {stream_of("/drip"),
	                                     {.method = "GET", .path = "/status/200"}};
	struct fixture *f = *state;
	struct reply r = {0};

	connect_to(f, "http", "plain", NULL);
	for (size_t i = 0; i < SS_ARRAY_LEN(requests); i++) {
		reply_reset(&r);
		r.then = cancel_self;
		start_request(f, &requests[i], &r);
		run_loop(f);
		assert_string_equal(r.order, "h");
	}
	get(f, "/status/200", &r);
	assert_reply(&r, 200, "status 200");
	reply_reset(&r);
}

static void cancel_at_data(struct reply *r)
{
	if (r->n_data)
		cancel_self(r);
}

static void free_at_data(struct reply *r)
{
	if (!r->n_data)
		return;
	ss_transport_free(r->f->t);
	r->f->t = NULL;
}

static void test_cancel_and_free_from_data(void **state)
{
	struct ss_http_request request = stream_of("/drip");
	struct fixture *f = *state;
	struct reply r = {.then = cancel_at_data};

	connect_to(f, "http", "plain", NULL);
	start_request(f, &request, &r);
	run_loop(f);
	assert_string_equal(r.order, "hd");
	reply_reset(&r);
	r.then = free_at_data;
	start_request(f, &request, &r);
	run_loop(f);
	assert_string_equal(r.order, "hd");
	reply_reset(&r);
}

/* A callback may run the loop: what arrives meanwhile waits for it to return. */
static void step_inside(struct reply *r)
{
	for (int i = 0; i < 3; i++)
		ss_loop_step(r->f->loop, true);
}

static void test_callbacks_may_run_the_loop(void **state)
{
	struct ss_http_request request = stream_of("/stream/200/1000");
	struct fixture *f = *state;
	struct reply r = {.then = step_inside};

	connect_to(f, "http", "plain", NULL);
	start_request(f, &request, &r);
	run_loop(f);
	assert_string_equal(r.order, "hdD");
	assert_int_equal(r.body.len, 200000);
	assert_int_equal(atoi(r.body.data + 199000), 199);
	reply_reset(&r);
}

static void test_free_with_everything_in_flight(void **state)
{
	struct ss_http_request requests[] = {
	        stream_of("/drip"), {.method = "GET", .path = "/hang", .timeout_ms = 9999}};
	struct fixture *f = *state;
	struct reply r[40] = {0};

	connect_tls(f, "tls", NULL);
	for (int i = 0; i < 40; i++)
		start_request(f, &requests[i % 2], &r[i]);
	while (!r[0].n_data)
		ss_loop_step(f->loop, true);
	ss_transport_free(f->t);
	f->t = NULL;
	run_loop(f);
	for (int i = 0; i < 40; i++) {
		assert_false(r[i].done);
		reply_reset(&r[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	        T(test_stream_delivers_as_it_comes),
	        T(test_stream_that_is_cut),
	        T(test_idle_timeout),
	        T(test_who_takes_nothing_yet_is_not_idle),
	        T(test_backlog_pauses_and_loses_nothing),
	        T(test_watches_do_not_wait_for_each_other),
	        T(test_cancel_at_once_and_queued),
	        T(test_cancel_makes_room),
	        T(test_cancel_after_each_turn),
	        T(test_cancel_from_head_and_data),
	        T(test_cancel_and_free_from_data),
	        T(test_callbacks_may_run_the_loop),
	        T(test_free_with_everything_in_flight),
#undef T
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
