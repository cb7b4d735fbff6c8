/* A loop with a clock of its own and a transport without a network, for the tests
 * of kube/. The loop's functions are defined here, so the linker takes these
 * instead of io/loop.c; time passes only by fake_advance, and an answer comes only
 * when the test gives it:
 *
 *	fake_open(&f);
 *	ss_kube_get(f.client, …);
 *	r = fake_take(&f, "GET", "/api/v1/namespaces/demo/pods/p");
 *	fake_reply(r, 200, "{…}");
 *	fake_close(&f);            checks that nothing is left
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "io/http.h"
#include "io/loop.h"
#include "kube/client.h"
#include "kube/verbs.h"
#include "kube/watch.h"

/* --- the loop ---------------------------------------------------------------- */

struct ss_timer {
	struct ss_timer *next;
	int64_t due_ms;
	void (*fn)(void *ud);
	void *ud;
	bool fired;
};

struct ss_loop {
	struct ss_completion *head, **tail;
	struct ss_timer *timers;
};

static int64_t fake_now_ms;
static int fake_alive; /* timers and http operations not ended yet */

static int64_t fake_mono(void)
{
	return fake_now_ms;
}

static int64_t fake_wall(void)
{
	return 1767225600000 + fake_now_ms;
}

void ss_loop_post(struct ss_loop *loop, struct ss_completion *c)
{
	if (c->queued)
		return;
	c->queued = true;
	c->next_ = NULL;
	*loop->tail = c;
	loop->tail = &c->next_;
}

void ss_loop_unpost(struct ss_loop *loop, struct ss_completion *c)
{
	struct ss_completion **at = &loop->head;

	if (!c->queued)
		return;
	while (*at && *at != c)
		at = &(*at)->next_;
	assert_non_null(*at);
	*at = c->next_;
	if (loop->tail == &c->next_)
		loop->tail = at;
	c->queued = false;
}

struct ss_timer *ss_timer_start(struct ss_loop *loop, int64_t delay_ms, void (*fn)(void *ud),
                                void *ud)
{
	struct ss_timer *t = calloc(1, sizeof(*t)), **at = &loop->timers;

	assert_true(delay_ms >= 0);
	*t = (struct ss_timer){.due_ms = fake_now_ms + delay_ms, .fn = fn, .ud = ud};
	while (*at)
		at = &(*at)->next;
	*at = t;
	fake_alive++;
	return t;
}

static struct ss_loop *fake_loop;

void ss_timer_stop(struct ss_timer *timer)
{
	struct ss_timer **at = &fake_loop->timers;

	if (!timer)
		return;
	while (*at && *at != timer)
		at = &(*at)->next;
	assert_non_null(*at);
	*at = timer->next;
	free(timer);
	fake_alive--;
}

/* The rest of io/loop.h: nothing here calls it, but io/loop.c must not be linked as well. */
struct ss_loop *ss_loop_new(struct ss_err *err)
{
	return NULL;
}
void ss_loop_free(struct ss_loop *loop)
{
}
void *ss_loop_uv(struct ss_loop *loop)
{
	return NULL;
}
bool ss_loop_step(struct ss_loop *loop, bool wait)
{
	return false;
}
int ss_loop_on_signal(struct ss_loop *loop, int signum, void (*fn)(void *ud, int signum), void *ud,
                      struct ss_err *err)
{
	return SS_ERR_UNSUPPORTED;
}
void ss_loop_wakeup(struct ss_loop *loop)
{
}
struct ss_poll *ss_poll_start(struct ss_loop *loop, int fd, void (*fn)(void *ud), void *ud,
                              struct ss_err *err)
{
	return NULL;
}
void ss_poll_stop(struct ss_poll *poll)
{
}

/* --- the transport --------------------------------------------------------------- */

struct fake;
struct ss_http_op {
	struct ss_http_op *next;
	struct fake *f;
	char method[8];
	char *path;
	char *body; /* "" when none */
	char content_type[64], accept[256];
	enum ss_http_lane lane;
	bool stream;
	int64_t timeout_ms, idle_timeout_ms;
	size_t max_body_bytes;
	struct ss_http_events events;
	void *ud;
	bool taken;
};

struct fake {
	struct ss_loop loop;
	struct ss_client *client;
	struct ss_http_op *ops; /* in flight, oldest first */
	size_t n_started, n_cancelled;
	int refuse; /* the code with which the next starts fail */
	/* The end of the last operation. */
	int n_done;
	char *text; /* instead of doc, as it came */
	struct ss_doc *doc;
	enum ss_change change;
	struct ss_err err;
	/* The guard. */
	int guard_code;
	int n_checked;
	bool touches;
	/* Warnings. */
	char warnings[2048];
	int n_warnings;
};

struct fake_transport {
	struct ss_transport t;
	struct fake *f;
};

static char *fake_dup(const char *s, size_t len)
{
	char *p = malloc(len + 1);

	memcpy(p, s, len);
	p[len] = 0;
	return p;
}

static int fake_start(struct ss_transport *t, const struct ss_http_request *request,
                      const struct ss_http_events *events, void *ud, struct ss_http_op **ret,
                      struct ss_err *err)
{
	struct fake *f = ((struct fake_transport *)t)->f;
	struct ss_http_op *op, **at = &f->ops;

	if (f->refuse)
		return ss_err_set(err, f->refuse, "start refused");
	op = calloc(1, sizeof(*op));
	op->f = f;
	snprintf(op->method, sizeof(op->method), "%s", request->method);
	op->path = fake_dup(request->path, strlen(request->path));
	op->body =
	        fake_dup(request->body ? request->body : "", request->body ? request->body_len : 0);
	snprintf(op->content_type, sizeof(op->content_type), "%s",
	         request->content_type ? request->content_type : "");
	snprintf(op->accept, sizeof(op->accept), "%s", request->accept ? request->accept : "");
	op->lane = request->lane;
	op->stream = request->stream;
	op->timeout_ms = request->timeout_ms;
	op->idle_timeout_ms = request->idle_timeout_ms;
	op->max_body_bytes = request->max_body_bytes;
	op->events = *events;
	op->ud = ud;
	while (*at)
		at = &(*at)->next;
	*at = op;
	f->n_started++;
	fake_alive++;
	*ret = op;
	return 0;
}

static void fake_unlink(struct ss_http_op *op)
{
	struct ss_http_op **at = &op->f->ops;

	while (*at && *at != op)
		at = &(*at)->next;
	assert_non_null(*at);
	*at = op->next;
	free(op->path);
	free(op->body);
	free(op);
	fake_alive--;
}

static void fake_cancel(struct ss_transport *t, struct ss_http_op *op)
{
	op->f->n_cancelled++;
	fake_unlink(op);
}

static void fake_free(struct ss_transport *t)
{
	struct fake *f = ((struct fake_transport *)t)->f;

	while (f->ops)
		fake_unlink(f->ops);
	free(t);
}

/* --- the guard and the ends ---------------------------------------------------------- */

static int fake_check(void *ud, const struct ss_doc *doc, ss_node object, struct ss_err *err)
{
	struct fake *f = ud;

	f->n_checked++;
	return f->guard_code ? ss_err_set(err, f->guard_code, "the guard says no") : 0;
}

static bool fake_touches(void *ud, const char *api_version, const char *kind,
                         const struct ss_doc *patch, ss_node node)
{
	return ((struct fake *)ud)->touches;
}

static void fake_warning(void *ud, const char *text)
{
	struct fake *f = ud;
	size_t used = strlen(f->warnings);

	f->n_warnings++;
	snprintf(f->warnings + used, sizeof(f->warnings) - used, "%s\n", text);
}

static void fake_forget(struct fake *f)
{
	ss_doc_free(f->doc);
	f->doc = NULL;
	free(f->text);
	f->text = NULL;
	ss_err_done(&f->err);
	f->n_done = 0;
}

/* The done function of every operation in the tests; ud is the struct fake. */
static SS_UNUSED void fake_done(void *ud, struct ss_result *result, const struct ss_err *err)
{
	struct fake *f = ud;
	int n = f->n_done;

	fake_forget(f);
	f->n_done = n + 1;
	f->doc = result->doc;
	result->doc = NULL;
	f->text = result->text;
	result->text = NULL;
	f->change = result->change;
	if (err)
		ss_err_copy(&f->err, err);
}

static SS_UNUSED void fake_open(struct fake *f)
{
	static const struct ss_transport_ops ops = {fake_start, fake_cancel, fake_free};
	struct fake_transport *t = calloc(1, sizeof(*t));
	struct ss_preflight preflight = {.check = fake_check, .touches = fake_touches, .ud = f};

	*f = (struct fake){0};
	ss_err_init(&f->err);
	f->loop.tail = &f->loop.head;
	fake_loop = &f->loop;
	fake_now_ms = 1000000;
	fake_alive = 0;
	ss_clock_set_for_test(fake_mono, fake_wall);
	t->t = (struct ss_transport){.ops = &ops, .loop = &f->loop, .server = "https://fake:6443"};
	t->f = f;
	assert_int_equal(ss_client_new(&f->loop, &t->t, "test", "demo", &f->client, NULL), 0);
	ss_client_set_preflight(f->client, &preflight);
	ss_client_set_warning(f->client, fake_warning, f);
}

static SS_UNUSED void fake_close(struct fake *f)
{
	ss_client_free(f->client);
	fake_forget(f);
	assert_int_equal(fake_alive, 0);
	assert_null(f->loop.head);
	ss_clock_set_for_test(NULL, NULL);
}

/* --- driving -------------------------------------------------------------------------- */

/* Run what was posted. */
static SS_UNUSED void fake_turn(struct fake *f)
{
	struct ss_completion *c;

	while ((c = f->loop.head)) {
		ss_loop_unpost(&f->loop, c);
		c->fn(c);
	}
}

static struct ss_timer *fake_due(struct fake *f, int64_t until_ms)
{
	struct ss_timer *first = NULL;

	for (struct ss_timer *t = f->loop.timers; t; t = t->next)
		if (!t->fired && t->due_ms <= until_ms && (!first || t->due_ms < first->due_ms))
			first = t;
	return first;
}

/* Let time pass, firing the timers on the way in their order. */
static SS_UNUSED void fake_advance(struct fake *f, int64_t ms)
{
	int64_t until_ms = fake_now_ms + ms;
	struct ss_timer *t;

	fake_turn(f);
	while ((t = fake_due(f, until_ms))) {
		if (t->due_ms > fake_now_ms)
			fake_now_ms = t->due_ms;
		t->fired = true;
		t->fn(t->ud);
		fake_turn(f);
	}
	fake_now_ms = until_ms;
}

/* The oldest request that was not taken yet; it must be this one. path is a prefix when it ends in '*'. */
static SS_UNUSED struct ss_http_op *fake_take(struct fake *f, const char *method, const char *path)
{
	struct ss_http_op *op = f->ops;
	size_t len = strlen(path);

	while (op && op->taken)
		op = op->next;
	if (!op)
		fail_msg("no request, wanted %s %s", method, path);
	op->taken = true;
	assert_string_equal(op->method, method);
	if (len && path[len - 1] == '*') {
		if (strncmp(op->path, path, len - 1))
			fail_msg("request %s, wanted %s", op->path, path);
	} else {
		assert_string_equal(op->path, path);
	}
	return op;
}

static SS_UNUSED bool fake_idle(struct fake *f)
{
	for (struct ss_http_op *op = f->ops; op; op = op->next)
		if (!op->taken)
			return false;
	return true;
}

static SS_UNUSED bool fake_lives(struct fake *f, const struct ss_http_op *op)
{
	for (struct ss_http_op *o = f->ops; o; o = o->next)
		if (o == op)
			return true;
	return false;
}

static SS_UNUSED void fake_head_type(struct ss_http_op *op, int status, const char *content_type,
                                     int64_t retry_after_ms)
{
	struct ss_http_head head = {.status = status,
	                            .content_type = content_type,
	                            .content_type_full = content_type,
	                            .etag = "",
	                            .retry_after_ms = retry_after_ms};

	op->events.head(op->ud, &head);
}

static SS_UNUSED void fake_head(struct ss_http_op *op, int status)
{
	fake_head_type(op, status, "application/json", -1);
}

static SS_UNUSED void fake_data(struct ss_http_op *op, const char *text, size_t len)
{
	op->events.data(op->ud, text, len);
}

static SS_UNUSED void fake_end(struct ss_http_op *op, int code)
{
	struct ss_http_events events = op->events;
	void *ud = op->ud;
	struct ss_err err;

	fake_unlink(op);
	ss_err_init(&err);
	if (code)
		ss_err_set(&err, code, "the network failed");
	events.done(ud, code ? &err : NULL);
	ss_err_done(&err);
}

static SS_UNUSED void fake_reply_type(struct ss_http_op *op, int status, const char *content_type,
                                      const char *body)
{
	struct fake *f = op->f;

	fake_head_type(op, status, content_type, -1);
	if (fake_lives(f, op) && *body)
		fake_data(op, body, strlen(body));
	if (fake_lives(f, op))
		fake_end(op, 0);
	fake_turn(f);
}

static SS_UNUSED void fake_reply(struct ss_http_op *op, int status, const char *body)
{
	fake_reply_type(op, status, "application/json", body);
}

static SS_UNUSED void fake_status(struct ss_http_op *op, int status, const char *reason,
                                  const char *message)
{
	char body[1024];

	snprintf(
	        body, sizeof(body),
	        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
	        "\"message\":\"%s\",\"reason\":\"%s\",\"code\":%d}",
	        message, reason, status);
	fake_reply(op, status, body);
}

/* The answer to the one question that agent-sandbox's kinds cost. */
static SS_UNUSED void fake_agents(struct fake *f, const char *versions)
{
	char body[1024];
	struct ss_buf list = SS_BUF_INIT;
	char copy[128], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", versions);
	for (char *v = strtok_r(copy, " ", &save); v; v = strtok_r(NULL, " ", &save))
		ss_buf_printf(&list,
		              "%s{\"groupVersion\":\"agents.x-k8s.io/%s\",\"version\":\"%s\"}",
		              list.len ? "," : "", v, v);
	snprintf(body, sizeof(body),
	         "{\"kind\":\"APIGroup\",\"apiVersion\":\"v1\",\"name\":\"agents.x-k8s.io\","
	         "\"versions\":[%s],"
	         "\"preferredVersion\":{\"groupVersion\":\"agents.x-k8s.io/"
	         "%.*s\",\"version\":\"%.*s\"}}",
	         list.data, (int)strcspn(versions, " "), versions, (int)strcspn(versions, " "),
	         versions);
	ss_buf_done(&list);
	fake_reply(fake_take(f, "GET", "/apis/agents.x-k8s.io"), 200, body);
}

static SS_UNUSED struct ss_doc *fake_json(const char *text)
{
	struct ss_doc *doc = NULL;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_json_parse(text, strlen(text), &doc, &err))
		fail_msg("test data: %s", err.message);
	return doc;
}

/* Does the text hold what was wanted? */
static SS_UNUSED void fake_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static SS_UNUSED const char *fake_string(const struct ss_doc *doc, const char *a, const char *b)
{
	return ss_doc_find_string(doc, ss_doc_root(doc), a, b, NULL);
}
