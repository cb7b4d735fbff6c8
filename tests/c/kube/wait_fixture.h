/* What the tests of waits share: a wait on the fake server and the objects it sees. */
#pragma once

#include "fake.h"

#define POD_LIST PODS "?limit=500&fieldSelector=metadata.name%3Ds1"

struct waiting {
	struct fake f; /* first: fake_done and the callbacks get the same pointer */
	struct ss_wait *w;
	char told[4096]; /* progress lines */
	int n_told;
	enum ss_verdict verdict;
	bool cancel_when_told, cancel_in_verdict;
};

static SS_UNUSED void on_done(void *ud, struct ss_result *result, const struct ss_err *err)
{
	((struct waiting *)ud)->w = NULL;
	fake_done(ud, result, err);
}

static SS_UNUSED void on_progress(void *ud, const char *text)
{
	struct waiting *w = ud;
	size_t used = strlen(w->told);

	snprintf(w->told + used, sizeof(w->told) - used, "%s\n", text);
	w->n_told++;
	if (w->cancel_when_told) {
		ss_wait_cancel(w->w);
		w->w = NULL;
	}
}

static SS_UNUSED enum ss_verdict on_verdict(void *ud, const struct ss_doc *object,
                                            struct ss_err *err)
{
	struct waiting *w = ud;

	if (w->cancel_in_verdict) {
		ss_wait_cancel(w->w);
		w->w = NULL;
	}
	if (w->verdict == SS_WAIT_FAILED)
		ss_err_set(err, SS_ERR_FAILED, "my own words");
	return w->verdict;
}

static SS_UNUSED void start(struct waiting *w, const struct ss_wait_spec *spec)
{
	struct ss_wait_spec with = *spec;

	with.progress = on_progress;
	assert_int_equal(ss_wait_start(w->f.client, &with, on_done, w, &w->w, &w->f.err), 0);
}

static SS_UNUSED void open_wait(struct waiting *w, const struct ss_wait_spec *spec)
{
	*w = (struct waiting){0};
	fake_open(&w->f);
	start(w, spec);
}

static SS_UNUSED void close_wait(struct waiting *w)
{
	ss_wait_cancel(w->w);
	fake_close(&w->f);
}

#define SANDBOXES "/apis/agents.x-k8s.io/v1beta1/namespaces/demo/sandboxes"
#define PODS      "/api/v1/namespaces/demo/pods"

/* A Sandbox that is awaited after the write that returned version 5. */
static SS_UNUSED const struct ss_wait_spec after_write = {
        .ref = {.kind = "Sandbox", .name = "s1"}, .resource_version = "5", .terminal_causes = true};

static SS_UNUSED struct ss_http_op *stream(struct waiting *w, const char *path)
{
	struct ss_http_op *r = fake_take(&w->f, "GET", path);

	assert_int_equal(r->lane, SS_LANE_WATCH);
	fake_head(r, 200);
	return r;
}

static SS_UNUSED struct ss_http_op *open_after_write(struct waiting *w)
{
	struct ss_http_op *r;

	open_wait(w, &after_write);
	fake_agents(&w->f, "v1beta1");
	/* K40: no list, no poll: the first request is the watch of this one object from there. */
	r = stream(w, SANDBOXES "?watch=true&allowWatchBookmarks=true&resourceVersion=5&*");
	fake_has(r->path, "&fieldSelector=metadata.name%3Ds1");
	return r;
}

static SS_UNUSED void send_event(struct ss_http_op *r, const char *type, const char *object)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_printf(&b, "{\"type\":\"%s\",\"object\":%s}\n", type, object);
	fake_data(r, b.data, b.len);
}

/* generation 2; the condition was written for the generation `seen`. */
static SS_UNUSED const char *sandbox(const char *status, const char *reason, const char *message,
                                     int seen)
{
	static char text[2048];

	snprintf(text, sizeof(text),
	         "{\"apiVersion\":\"agents.x-k8s.io/"
	         "v1beta1\",\"kind\":\"Sandbox\",\"metadata\":{\"name\":\"s1\","
	         "\"namespace\":\"demo\",\"uid\":\"u1\",\"resourceVersion\":\"9\",\"generation\":2}"
	         ",\"spec\":"
	         "{\"operatingMode\":\"%s\"},\"status\":{\"conditions\":[{\"type\":\"Ready\","
	         "\"status\":\"%s\","
	         "\"reason\":\"%s\",\"message\":\"%s\",\"observedGeneration\":%d}]}}",
	         strcmp(reason, "SandboxSuspended") ? "Running" : "Suspended", status, reason,
	         message, seen);
	return text;
}

static SS_UNUSED const char *pod(const char *status)
{
	static char text[2048];

	snprintf(text, sizeof(text),
	         "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"s1\",\"uid\":"
	         "\"p1\",\"resourceVersion\":"
	         "\"7\"},\"spec\":{\"nodeName\":\"n\"},\"status\":%s}",
	         status);
	return text;
}
