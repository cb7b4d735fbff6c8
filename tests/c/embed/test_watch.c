/* Watches: what they deliver, when, and how they end. */
#include "cluster.h"

#define CM "/api/v1/namespaces/default/configmaps"
#define W  CM "?watch=true"

static void put(struct cluster *c, const char *name, const char *label)
{
	assert_true(call(c, "PATCH", ss_path(CM, name, "?fieldManager=t&force=true"), APPLY,
	                 "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'%s','labels':{'"
	                 "l':'%s'}}}",
	                 name, label) < 300);
}

static void follows_changes(void **state)
{
	struct cluster *c = *state;
	struct watch *w;

	put(c, "old", "1");
	w = watch_open(c, W);
	assert_int_equal(w->status, 200);
	put(c, "a", "1");
	put(c, "a", "2");
	call(c, "DELETE", CM "/a", NULL, NULL);
	watch_wait(w, 4);
	assert_string_equal(w->log.data, "ADDED old\nADDED a\nMODIFIED a\nDELETED a\n");
	/* A deletion carries the last state under the version of the deletion. */
	call(c, "GET", CM, NULL, NULL);
	assert_int_equal(w->rv, atoll(at(c, "metadata.resourceVersion")));
	watch_close(w);
}

static void resumes_from_a_version(void **state)
{
	struct cluster *c = *state;
	struct watch *w;
	char path[128];

	put(c, "a", "1");
	snprintf(path, sizeof(path), W "&resourceVersion=%s", at(c, "metadata.resourceVersion"));
	put(c, "b", "1");
	put(c, "a", "2");
	w = watch_open(c, path);
	put(c, "c", "1");
	watch_wait(w, 3);
	assert_string_equal(w->log.data, "ADDED b\nMODIFIED a\nADDED c\n");
	watch_close(w);
}

static void translates_for_selectors(void **state)
{
	struct cluster *c = *state;
	struct watch *w;

	put(c, "a", "x");
	put(c, "b", "y");
	w = watch_open(c, W "&labelSelector=l%3Dx");
	put(c, "b", "x");
	put(c, "a", "y");
	put(c, "a", "z");
	call(c, "PATCH", CM "/b", MERGE, "{'data':{'k':'v'}}");
	watch_wait(w, 4);
	assert_string_equal(w->log.data, "ADDED a\nADDED b\nDELETED a\nMODIFIED b\n");
	watch_close(w);
	w = watch_open(c, W "&fieldSelector=metadata.name%3Db");
	put(c, "a", "q");
	put(c, "b", "q");
	watch_wait(w, 2);
	assert_string_equal(w->log.data, "ADDED b\nMODIFIED b\n");
	watch_close(w);
}

static void marks_the_end_of_the_initial_events(void **state)
{
	struct cluster *c = *state;
	struct watch *w;

	put(c, "a", "1");
	w = watch_open(c, W "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
	                    "allowWatchBookmarks=true");
	watch_wait(w, 2);
	assert_string_equal(w->log.data, "ADDED a\nBOOKMARK -\n");
	assert_non_null(ss_doc_find_string(w->last, ss_doc_root(w->last), "object", "metadata",
	                                   "annotations", "k8s.io/initial-events-end", NULL));
	watch_close(w);
	call(c, "GET", W "&sendInitialEvents=true", NULL, NULL);
	assert_failure(c, 422, "Invalid",
	               "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
	               "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
}

static void says_when_the_history_is_gone(void **state)
{
	struct cluster *c = *state;
	struct watch *w;

	put(c, "a", "1");
	for (int i = 0; i < 11300; i++)
		call(c, "PATCH", CM "/a", MERGE, "{'data':{'k':'%d'}}", i);
	w = watch_open(c, W "&resourceVersion=5");
	watch_wait_end(w);
	assert_int_equal(w->err.code, 0);
	assert_string_equal(w->log.data, "ERROR Expired\n");
	assert_int_equal(
	        ss_doc_get_int(w->last,
	                       ss_doc_find(w->last, ss_doc_root(w->last), "object", "code", NULL),
	                       0),
	        410);
	watch_close(w);
	call(c, "GET", CM "?limit=1&resourceVersion=5&resourceVersionMatch=Exact", NULL, NULL);
	assert_failure(c, 410, "Expired", "The resourceVersion for the provided list is too old.");
}

static void ends_in_time(void **state)
{
	struct cluster *c = *state;
	struct watch *w = watch_open(c, W "&timeoutSeconds=1");

	watch_wait_end(w);
	assert_int_equal(w->err.code, 0);
	watch_close(w);
	call(c, "GET", W "&resourceVersion=abc", NULL, NULL);
	assert_int_equal(c->status, 400);
	call(c, "GET", W "&labelSelector=a%20b", NULL, NULL);
	assert_int_equal(c->status, 400);
}

static void sees_other_processes(void **state)
{
	char path[128];
	struct cluster *a, *b;
	struct watch *w;

	snprintf(path, sizeof(path), "%s/cluster.db", temp_dir());
	a = cluster_new(path);
	b = cluster_new(path); /* another connection: what another process is to SQLite */
	w = watch_open(a, W);
	put(b, "a", "1");
	put(b, "a", "2");
	watch_wait(w, 2);
	assert_string_equal(w->log.data, "ADDED a\nMODIFIED a\n");
	put(a, "c", "1");
	call(b, "GET", CM "/c", NULL, NULL);
	assert_int_equal(b->status, 200);
	watch_close(w);
	cluster_free(a);
	cluster_free(b);
	temp_done();
}

/* --- cancelling from inside ------------------------------------------------------ */
static void cancel_in_data(void *ud, const char *data, size_t len)
{
	struct watch *w = ud;

	w->n++;
	ss_http_cancel(w->c->transport, w->op);
	w->op = NULL;
}

static void may_be_cancelled_in_a_callback(void **state)
{
	static const struct ss_http_events events = {NULL, cancel_in_data, watch_done};
	struct cluster *c = *state;
	struct ss_http_request request = {.method = "GET", .path = W, .stream = true};
	struct watch w = {.c = c}, *other = watch_open(c, W);

	assert_int_equal(ss_http_start(c->transport, &request, &events, &w, &w.op, NULL), 0);
	put(c, "a", "1");
	put(c, "b", "1");
	watch_wait(other, 2);
	settle(c);
	assert_int_equal(w.n, 1);
	assert_false(w.ended);
	watch_close(other);
	put(c, "d", "1");
}

static void free_in_done(void *ud, const struct ss_err *err)
{
	struct cluster *c = ud;

	ss_transport_free(c->transport);
	c->transport = NULL;
	c->done = true;
}

static void may_be_freed_in_a_callback(void **state)
{
	static const struct ss_http_events events = {.done = free_in_done};
	struct cluster *c = *state;
	struct ss_http_request request = {.method = "GET", .path = CM};
	struct ss_http_op *op;

	c->done = false;
	assert_int_equal(ss_http_start(c->transport, &request, &events, c, &op, NULL), 0);
	/* One that is still waiting then gets no callback. */
	assert_int_equal(ss_http_start(c->transport, &request, &events, c, &op, NULL), 0);
	while (!c->done)
		ss_loop_step(c->loop, true);
	settle(c);
	assert_null(c->transport);
}

static void nothing_keeps_the_loop(void **state)
{
	struct cluster *c = *state;

	put(c, "a", "1");
	watch_close(watch_open(c, W));
	for (int i = 0; i < 10 && ss_loop_step(c->loop, false); i++)
		;
	assert_false(ss_loop_step(c->loop, false));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, cluster_setup, cluster_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(follows_changes),
	        TEST(resumes_from_a_version),
	        TEST(translates_for_selectors),
	        TEST(marks_the_end_of_the_initial_events),
	        TEST(says_when_the_history_is_gone),
	        TEST(ends_in_time),
	        cmocka_unit_test(sees_other_processes),
	        TEST(may_be_cancelled_in_a_callback),
	        TEST(may_be_freed_in_a_callback),
	        TEST(nothing_keeps_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
