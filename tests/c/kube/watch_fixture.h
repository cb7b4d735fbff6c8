/* A watch whose events are written into a log, on the transport of fake.h. */
#pragma once

#include "fake.h"

struct seen {
	struct fake f;
	struct ss_watch *w;
	char log[4096]; /* "ADDED a/1 " … */
	int n;
	size_t bytes; /* of the biggest object */
	int n_failed;
	int pause_at, cancel_at; /* the n-th event, 0 = never */
};

static SS_UNUSED void on_event(void *ud, enum ss_event_type type, struct ss_doc *doc)
{
	static const char *const names[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK"};
	struct seen *s = ud;
	size_t used = strlen(s->log);
	const char *name = fake_string(doc, "metadata", "name");
	const char *rv = fake_string(doc, "metadata", "resourceVersion");

	snprintf(s->log + used, sizeof(s->log) - used, "%s %s/%s ", names[type], name ? name : "-",
	         rv ? rv : "-");
	if (ss_doc_bytes(doc) > s->bytes)
		s->bytes = ss_doc_bytes(doc);
	ss_doc_free(doc);
	s->n++;
	if (s->n == s->pause_at)
		ss_watch_pause(s->w, true);
	if (s->n == s->cancel_at) {
		ss_watch_cancel(s->w);
		s->w = NULL;
	}
}

static SS_UNUSED void on_failed(void *ud, const struct ss_err *err)
{
	struct seen *s = ud;

	s->n_failed++;
	s->w = NULL;
	ss_err_done(&s->f.err);
	ss_err_copy(&s->f.err, err);
}

static const struct ss_watch_events events = {on_event, on_failed};

static SS_UNUSED void start(struct seen *s, const char *version)
{
	struct ss_watch_spec spec = {.ref = {.kind = "pods"}, .resource_version = version};

	*s = (struct seen){0};
	fake_open(&s->f);
	assert_int_equal(ss_watch_start(s->f.client, &spec, &events, s, &s->w, NULL), 0);
}

static SS_UNUSED void stop(struct seen *s)
{
	ss_watch_cancel(s->w);
	fake_close(&s->f);
}

static SS_UNUSED struct ss_http_op *connection(struct seen *s, const char *version)
{
	char path[200];
	struct ss_http_op *r;

	snprintf(path, sizeof(path),
	         "/api/v1/namespaces/demo/"
	         "pods?watch=true&allowWatchBookmarks=true&resourceVersion=%s&*",
	         version);
	r = fake_take(&s->f, "GET", path);
	assert_int_equal(r->lane, SS_LANE_WATCH);
	assert_true(r->stream);
	return r;
}

static SS_UNUSED struct ss_http_op *opened(struct seen *s, const char *version)
{
	struct ss_http_op *r = connection(s, version);

	fake_head(r, 200);
	return r;
}

static SS_UNUSED void send_text(struct ss_http_op *r, const char *text)
{
	fake_data(r, text, strlen(text));
}

#define EVENT(type, name, rv)                                                                      \
	"{\"type\":\"" type "\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name       \
	"\",\"uid\":\"u-" name "\",\"resourceVersion\":\"" rv "\"}}}\n"
#define ITEM(name, uid, rv)                                                                        \
	"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name                   \
	"\",\"uid\":\"" uid "\",\"resourceVersion\":\"" rv "\"}}"
#define LIST(rv, items)                                                                            \
	"{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv      \
	"\"},\"items\":[" items "]}"
#define ERROR(code, reason)                                                                        \
	"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":"    \
	"\"Failure\",\"message\":\"m\",\"reason\":\"" reason "\",\"code\":" code "}}\n"
