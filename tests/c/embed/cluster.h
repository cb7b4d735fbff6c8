/* Helpers of the embedded cluster's tests: one cluster per test, requests that
 * wait for their answer, and watches that collect their events. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/edit.h"
#include "base/err.h"
#include "base/json.h"
#include "embed/embed.h"
#include "io/http.h"
#include "io/loop.h"

struct cluster {
	struct ss_loop *loop;
	struct ss_transport *transport;
	/* The last answer. */
	int status;
	char content_type[128];
	char warnings[512]; /* joined with "; " */
	int64_t retry_after_ms;
	struct ss_buf text;
	struct ss_doc *doc; /* of the text when it is JSON, else NULL */
	struct ss_err err;  /* of the transport */
	bool done;
	const char *accept; /* of the next requests, NULL = JSON */
	int64_t timeout_ms; /* of the next request, 0 = none */
};

#define JSON                     "application/json"
#define MERGE                    "application/merge-patch+json"
#define PATCH                    "application/json-patch+json"
#define APPLY                    "application/apply-patch+yaml"
#define assert_at(c, path, want) assert_string_equal(at(c, path), want)

static inline struct cluster *cluster_new(const char *path)
{
	struct cluster *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	ss_err_init(&c->err);
	c->loop = ss_loop_new(NULL);
	assert_non_null(c->loop);
	assert_int_equal(ss_embed_new(c->loop, path, &c->transport, NULL), 0);
	return c;
}

static inline void cluster_free(struct cluster *c)
{
	ss_transport_free(c->transport);
	ss_loop_free(c->loop);
	ss_buf_done(&c->text);
	ss_doc_free(c->doc);
	ss_err_done(&c->err);
	free(c);
}

/* One cluster in memory as cmocka's state. */
static inline int cluster_setup(void **state)
{
	*state = cluster_new(":memory:");
	return 0;
}

static inline int cluster_teardown(void **state)
{
	cluster_free(*state);
	return 0;
}

static inline void on_head(void *ud, const struct ss_http_head *head)
{
	struct cluster *c = ud;

	c->status = head->status;
	c->retry_after_ms = head->retry_after_ms;
	snprintf(c->content_type, sizeof(c->content_type), "%s", head->content_type_full);
	for (size_t i = 0; i < head->n_warnings; i++) {
		size_t len = strlen(c->warnings);

		snprintf(c->warnings + len, sizeof(c->warnings) - len, "%s%s", i ? "; " : "",
		         head->warnings[i]);
	}
}

static inline void on_data(void *ud, const char *data, size_t len)
{
	ss_buf_add(&((struct cluster *)ud)->text, data, len);
}

static inline void on_done(void *ud, const struct ss_err *err)
{
	struct cluster *c = ud;

	c->done = true;
	if (err)
		ss_err_copy(&c->err, err);
}

static inline void quotes(char *s)
{
	for (; *s; s++)
		if (*s == '\'')
			*s = '"';
}

/* Send and wait. body is a printf format in which ' stands for "; NULL = no body. Returns the status. */
__attribute__((format(printf, 5, 6))) static inline int call(struct cluster *c, const char *method,
                                                             const char *path, const char *type,
                                                             const char *body, ...)
{
	static const struct ss_http_events events = {on_head, on_data, on_done};
	struct ss_http_request request = {
	        .method = method, .path = path, .content_type = type, .accept = c->accept};
	struct ss_http_op *op;
	char *text = NULL;
	va_list args;

	if (body) {
		va_start(args, body);
		assert_true(vasprintf(&text, body, args) >= 0);
		va_end(args);
		quotes(text);
		request.body = text;
		request.body_len = strlen(text);
	}
	request.timeout_ms = c->timeout_ms;
	c->timeout_ms = 0;
	c->status = 0;
	c->done = false;
	*c->warnings = 0;
	ss_err_done(&c->err);
	ss_buf_reset(&c->text);
	ss_doc_free(c->doc);
	c->doc = NULL;
	assert_int_equal(ss_http_start(c->transport, &request, &events, c, &op, NULL), 0);
	assert_false(c->done); /* never from inside start */
	free(text);
	while (!c->done)
		ss_loop_step(c->loop, true);
	if (c->text.len && *c->text.data == '{')
		assert_int_equal(ss_json_parse(c->text.data, c->text.len, &c->doc, NULL), 0);
	return c->status;
}

static inline ss_node find(const struct ss_doc *doc, const char *path)
{
	ss_node node = ss_doc_root(doc);
	char part[128];

	while (*path && node != SS_NO_NODE) {
		size_t len = *path == '/' ? strcspn(path + 1, "/") + 2 : strcspn(path, ".");

		if (*path == '/') /* a key that holds dots: /a.b/c */
			snprintf(part, sizeof(part), "%.*s", (int)len - 2, path + 1);
		else
			snprintf(part, sizeof(part), "%.*s", (int)len, path);
		node = ss_doc_type(doc, node) == SS_ARRAY ? ss_doc_at(doc, node, (size_t)atoi(part))
		                                          : ss_doc_get(doc, node, part);
		path += len;
		if (*path == '.')
			path++;
	}
	return node;
}

/* Text of a member of the last answer, by dotted path; numbers index lists, /a.b/ is a key with dots. */
static inline const char *at(struct cluster *c, const char *path)
{
	static char numbers[8][32];
	static int next;
	ss_node node = find(c->doc, path);
	const char *s = ss_doc_get_string(c->doc, node, NULL);

	if (s)
		return s;
	next = (next + 1) % 8;
	numbers[next][0] = 0;
	if (ss_doc_type(c->doc, node) == SS_INT)
		snprintf(numbers[next], sizeof(numbers[next]), "%lld",
		         (long long)ss_doc_get_int(c->doc, node, 0));
	else if (ss_doc_type(c->doc, node) == SS_BOOL)
		snprintf(numbers[next], sizeof(numbers[next]), "%s",
		         ss_doc_get_bool(c->doc, node, false) ? "true" : "false");
	return numbers[next];
}

/* JSON of it, keys sorted. */
static inline const char *json_at(struct cluster *c, const char *path)
{
	static char out[16384];
	struct ss_doc *sorted SS_AUTO_DOC = ss_doc_new();
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	ss_node node = find(c->doc, path);

	if (node == SS_NO_NODE)
		return "";
	ss_edit_canonical(sorted, c->doc, node);
	ss_json_encode(sorted, ss_doc_root(sorted), &text);
	snprintf(out, sizeof(out), "%s", text.data);
	return out;
}

static inline void assert_failure(struct cluster *c, int status, const char *reason,
                                  const char *message)
{
	if (c->status != status)
		print_error("%.*s\n", (int)c->text.len, c->text.data ? c->text.data : "");
	assert_int_equal(c->status, status);
	assert_at(c, "kind", "Status");
	assert_at(c, "status", "Failure");
	assert_at(c, "reason", reason);
	assert_at(c, "message", message);
	assert_int_equal(atoi(at(c, "code")), status);
}

/* --- watches --------------------------------------------------------------- */

/* A watch: events as "ADDED name", one per line, with their documents. */
struct watch {
	struct cluster *c;
	struct ss_http_op *op;
	struct ss_buf raw, log;
	int status;
	bool ended;
	struct ss_err err;
	size_t n;
	struct ss_doc *last; /* the newest event */
	int64_t rv;          /* of the newest event */
};
static inline void watch_head(void *ud, const struct ss_http_head *head)
{
	((struct watch *)ud)->status = head->status;
}

static inline void take_event(struct watch *w, const char *line, size_t len)
{
	const char *name;

	ss_doc_free(w->last);
	w->last = NULL;
	assert_int_equal(ss_json_parse(line, len, &w->last, NULL), 0);
	name = ss_doc_find_string(w->last, ss_doc_root(w->last), "object", "metadata", "name",
	                          NULL);
	if (!name)
		name = ss_doc_find_string(w->last, ss_doc_root(w->last), "object", "reason", NULL);
	w->rv = atoll(ss_doc_find_string(w->last, ss_doc_root(w->last), "object", "metadata",
	                                 "resourceVersion", NULL)
	                      ?: "0");
	ss_buf_printf(&w->log, "%s %s\n",
	              ss_doc_find_string(w->last, ss_doc_root(w->last), "type", NULL),
	              name ? name : "-");
	w->n++;
}

static inline void watch_data(void *ud, const char *data, size_t len)
{
	struct watch *w = ud;
	char *end;

	ss_buf_add(&w->raw, data, len);
	while (w->raw.len && (end = memchr(w->raw.data, '\n', w->raw.len))) {
		take_event(w, w->raw.data, (size_t)(end - w->raw.data));
		ss_buf_consume(&w->raw, (size_t)(end - w->raw.data) + 1);
	}
}

static inline void watch_done(void *ud, const struct ss_err *err)
{
	struct watch *w = ud;

	w->ended = true;
	w->op = NULL;
	if (err)
		ss_err_copy(&w->err, err);
}

static inline struct watch *watch_open(struct cluster *c, const char *path)
{
	static const struct ss_http_events events = {watch_head, watch_data, watch_done};
	struct ss_http_request request = {
	        .method = "GET", .path = path, .lane = SS_LANE_WATCH, .stream = true};
	struct watch *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	ss_err_init(&w->err);
	w->c = c;
	ss_buf_puts(&w->log, "");
	assert_int_equal(ss_http_start(c->transport, &request, &events, w, &w->op, NULL), 0);
	while (!w->status && !w->ended)
		ss_loop_step(c->loop, true);
	return w;
}

static inline void watch_close(struct watch *w)
{
	ss_http_cancel(w->c->transport, w->op);
	ss_buf_done(&w->raw);
	ss_buf_done(&w->log);
	ss_doc_free(w->last);
	ss_err_done(&w->err);
	free(w);
}

/* Run the loop until n events have come (or the watch has ended); fails after 5 s. */
static inline void watch_wait(struct watch *w, size_t n)
{
	int64_t limit = ss_clock_mono_ms() + 5000;

	while (w->n < n && !w->ended) {
		ss_loop_step(w->c->loop, true);
		if (ss_clock_mono_ms() > limit)
			fail_msg("only %zu of %zu events:\n%s", w->n, n,
			         w->log.data ? w->log.data : "");
	}
}

static inline void watch_wait_end(struct watch *w)
{
	int64_t limit = ss_clock_mono_ms() + 5000;

	while (!w->ended) {
		ss_loop_step(w->c->loop, true);
		if (ss_clock_mono_ms() > limit)
			fail_msg("the watch did not end:\n%s", w->log.data ? w->log.data : "");
	}
}

/* Run what is queued. */
static inline void settle(struct cluster *c)
{
	for (int i = 0; i < 4; i++)
		ss_loop_step(c->loop, false);
}

/* --- files ------------------------------------------------------------------- */
static char temp[64];

/* A folder for files of this test, removed with its content by temp_done. */
static inline const char *temp_dir(void)
{
	snprintf(temp, sizeof(temp), "/tmp/ss-embed-XXXXXX");
	assert_non_null(mkdtemp(temp));
	return temp;
}

static inline void temp_done(void)
{
	DIR *dir = opendir(temp);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(temp);
}

/* base/name and what follows, in a static buffer. */
static inline const char *ss_path(const char *base, const char *name, const char *rest)
{
	static char path[1024];

	snprintf(path, sizeof(path), "%s/%s%s", base, name, rest);
	return path;
}
