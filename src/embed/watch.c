/* Watches: one look at the log per commit serves them all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/edit.h"
#include "base/json.h"
#include "embed/embed_priv.h"

enum {
	TICK_MS = 25,            /* how soon another process's change is seen */
	BOOKMARK_MS = 60 * 1000, /* as the API server's cacher sends them */
	DEFAULT_WATCH_S = 30 * 60,
	MAX_WATCH_S = 24 * 60 * 60,
};

/* --- events ------------------------------------------------------------------ */

static void put_event(struct ss_buf *out, const char *type, const char *object, size_t len)
{
	ss_buf_printf(out, "{\"type\":\"%s\",\"object\":", type);
	ss_buf_add(out, object, len);
	ss_buf_puts(out, "}\n");
}

static void put_bookmark(struct ss_watcher *w, int64_t rv, bool initial_end)
{
	ss_buf_printf(&w->out,
	              "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"%s\","
	              "\"metadata\":{"
	              "\"resourceVersion\":\"%lld\"%s}}}\n",
	              w->kind->kind, ss_kind_api_version(w->kind), (long long)rv,
	              initial_end ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}"
	                          : "");
}

static void put_gone(struct ss_ctx *ctx, struct ss_watcher *w, int64_t rv, int64_t oldest)
{
	struct ss_buf status SS_AUTO_BUF = SS_BUF_INIT;

	ss_fail(ctx, 410, "Expired", "too old resource version: %lld (%lld)", (long long)rv,
	        (long long)oldest);
	ss_status_encode(&ctx->status, &status);
	ctx->status.code = 0;
	put_event(&w->out, "ERROR", status.data ? status.data : "{}", status.len);
	w->over = true;
}

/* A row of the log with its documents, parsed when a selector asks for them. */
struct row {
	const struct ss_log_row *log;
	struct ss_doc *before, *after;
	struct ss_buf last; /* the state before, with the version of the deletion */
};

static bool passes(const struct ss_watcher *w, const char *body, size_t len, struct ss_doc **doc)
{
	if (!body)
		return false;
	if (!ss_selector_needs_body(&w->selector))
		return true;
	if (!*doc && ss_json_parse(body, len, doc, NULL) < 0)
		return false;
	return ss_selector_matches(&w->selector, (struct ss_value){*doc, ss_doc_root(*doc)});
}

static void put_deleted(struct ss_watcher *w, struct row *row)
{
	static const char *const path[] = {"metadata", "resourceVersion"};
	char rv[24];

	if (!row->last.len) {
		struct ss_doc *out SS_AUTO_DOC = ss_doc_new();

		if (!row->before &&
		    ss_json_parse(row->log->before, row->log->before_len, &row->before, NULL) < 0)
			return;
		if (!out)
			return;
		snprintf(rv, sizeof(rv), "%lld", (long long)row->log->rv);
		ss_edit_set_string(out, row->before, ss_doc_root(row->before), path, 2, rv);
		ss_json_encode(out, ss_doc_root(out), &row->last);
	}
	put_event(&w->out, "DELETED", row->last.data, row->last.len);
}

static bool concerns(const struct ss_watcher *w, const struct ss_log_row *log)
{
	return w->kind == log->kind && log->rv > w->rv && (!w->ns || strcmp(w->ns, log->ns) == 0) &&
	       (!w->selector.name || strcmp(w->selector.name, log->name) == 0) &&
	       (!w->selector.ns || strcmp(w->selector.ns, log->ns) == 0);
}

/* Entering the selection is ADDED, leaving it DELETED. */
static void give(struct ss_watcher *w, struct row *row)
{
	const struct ss_log_row *log = row->log;
	bool was, is;

	if (w->over || !concerns(w, log))
		return;
	was = passes(w, log->before, log->before_len, &row->before);
	is = passes(w, log->after, log->after_len, &row->after);
	if (is)
		put_event(&w->out, was ? "MODIFIED" : "ADDED", log->after, log->after_len);
	else if (was)
		put_deleted(w, row);
	w->rv = log->rv;
}

static void row_done(struct row *row)
{
	ss_doc_free(row->before);
	ss_doc_free(row->after);
	ss_buf_done(&row->last);
}

/* --- the beginning of a watch ------------------------------------------------- */

static int replay(void *ud, const struct ss_log_row *log)
{
	struct row row = {.log = log};

	give(ud, &row);
	row_done(&row);
	return ((struct ss_watcher *)ud)->out.failed;
}

static int add_existing(void *ud, const struct ss_record *record)
{
	struct ss_watcher *w = ud;
	struct ss_doc *doc = NULL;

	if (passes(w, record->body, record->len, &doc))
		put_event(&w->out, "ADDED", record->body, record->len);
	ss_doc_free(doc);
	return w->out.failed;
}

static int parse_version(struct ss_ctx *ctx, const char *text, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = text && *text ? strtoll(text, &end, 10) : 0;
	if (text && *text && (*end || errno || *ret < 0 || *text == '+' || *text == '-'))
		return ss_fail(ctx, 400, "BadRequest",
		               "resourceVersion: Invalid value: %s: strconv.ParseUint: parsing %s: "
		               "invalid syntax",
		               ss_quoted(ctx, text), ss_quoted(ctx, text));
	return 0;
}

static int check_initial(struct ss_ctx *ctx, const struct ss_request *r, bool initial)
{
	const char *match = ss_request_param(r, "resourceVersionMatch");
	bool not_older = match && strcmp(match, "NotOlderThan") == 0;

	if (initial && !not_older)
		ss_cause(ctx, "FieldValueForbidden", "resourceVersionMatch",
		         "Forbidden: sendInitialEvents requires setting resourceVersionMatch to "
		         "NotOlderThan");
	if (!initial && match && *match)
		ss_cause(ctx, "FieldValueForbidden", "resourceVersionMatch",
		         "Forbidden: resourceVersionMatch is forbidden for watch unless "
		         "sendInitialEvents is "
		         "provided");
	return ss_fail_causes(ctx, "meta.k8s.io", "ListOptions", "ListOptions.meta.k8s.io", "");
}

static void set_times(struct ss_watcher *w, const struct ss_request *r)
{
	const char *text = ss_request_param(r, "timeoutSeconds");
	int64_t seconds = text ? strtoll(text, NULL, 10) : 0;

	if (seconds <= 0)
		seconds = DEFAULT_WATCH_S;
	if (seconds > MAX_WATCH_S)
		seconds = MAX_WATCH_S;
	w->last_byte_ms = ss_clock_mono_ms();
	w->end_ms = w->last_byte_ms + seconds * 1000;
	w->next_bookmark_ms = w->last_byte_ms + BOOKMARK_MS;
}

int ss_watch_begin(struct ss_http_op *op)
{
	const struct ss_request *r = &op->request;
	struct ss_ctx *ctx = &op->ctx;
	struct ss_watcher *w = &op->watcher;
	struct ss_scan scan = {.kind = r->kind, .ns = r->kind->namespaced ? r->ns : ""};
	const char *initial_text = ss_request_param(r, "sendInitialEvents");
	bool initial = initial_text && ss_request_flag(r, "sendInitialEvents");
	int64_t newest, oldest, from = 0;
	int rc = ss_store_versions(ctx->store, &newest, &oldest, &ctx->err);

	w->kind = r->kind;
	w->ns = r->kind->namespaced ? r->ns : NULL;
	w->bookmarks = ss_request_flag(r, "allowWatchBookmarks");
	w->out.max = op->max_body;
	if (rc == 0)
		rc = ss_selector_parse(ctx, r->kind, ss_request_param(r, "labelSelector"),
		                       ss_request_param(r, "fieldSelector"), &w->selector);
	if (rc == 0)
		rc = parse_version(ctx, ss_request_param(r, "resourceVersion"), &from);
	if (rc == 0)
		rc = check_initial(ctx, r, initial);
	if (rc < 0)
		return rc;
	set_times(w, r);
	if (op->e->n_watches == 0)
		op->e->pumped = newest;
	scan.name = w->selector.name;
	if (initial || (from == 0 && !initial_text)) {
		rc = ss_store_scan(ctx->store, &scan, add_existing, w, &ctx->err);
		if (initial)
			put_bookmark(w, newest, true);
		w->rv = newest;
	} else if (from && from < oldest) {
		put_gone(ctx, w, from = 0, oldest);
	} else {
		w->rv = from ? from : newest;
		rc = ss_store_log(ctx->store, r->kind, w->rv, replay, w, &ctx->err);
	}
	if (w->rv < newest)
		w->rv = newest;
	return rc < 0 && !ctx->err.code ? ss_err_nomem(&ctx->err) : rc;
}

/* --- delivery ------------------------------------------------------------------ */

/* False when the operation is gone. */
static bool flush(struct ss_http_op *op)
{
	struct ss_watcher *w = &op->watcher;
	struct ss_err err SS_AUTO_ERR;
	size_t len;
	char *text;
	bool alive;

	if (op->busy) /* a callback of its own runs the loop: what follows comes after it */
		return true;
	ss_err_init(&err);
	if (w->out.failed || w->timed_out) {
		if (w->timed_out)
			ss_err_set(&err, SS_ERR_TIMEOUT, "%s: the watch timed out", op->e->label);
		else
			ss_err_set(&err, w->out.failed, "%s: a watch fell behind", op->e->label);
		ss_op_done(op, &err);
		return false;
	}
	while (w->out.len) {
		text = ss_buf_take(&w->out, &len);
		w->out.max = op->max_body;
		w->last_byte_ms = ss_clock_mono_ms();
		alive = text && ss_op_data(op, text, len);
		free(text);
		if (!alive)
			return false;
	}
	if (!w->over)
		return true;
	ss_op_done(op, NULL);
	return false;
}

static bool has_news(const struct ss_watcher *w)
{
	return w->out.len || w->out.failed || w->over || w->timed_out;
}

static void flush_all(struct ss_embed *e)
{
	struct ss_http_op *op;

	/* Callbacks may end any of them: begin anew after each that had something to deliver. */
	do {
		for (op = e->ops; op; op = op->next)
			if (op->open && !op->busy && has_news(&op->watcher))
				break;
		if (op)
			flush(op);
	} while (op && !e->dead);
}

static int pump_row(void *ud, const struct ss_log_row *log)
{
	struct ss_embed *e = ud;
	struct row row = {.log = log};

	for (struct ss_http_op *op = e->ops; op; op = op->next)
		if (op->open)
			give(&op->watcher, &row);
	row_done(&row);
	e->pumped = log->rv;
	return 0;
}

static void expire_all(struct ss_embed *e, int64_t oldest)
{
	for (struct ss_http_op *op = e->ops; op; op = op->next)
		if (op->open && !op->watcher.over)
			put_gone(&op->ctx, &op->watcher, op->watcher.rv, oldest);
	e->pumped = oldest;
}

static void read_log(struct ss_embed *e)
{
	int64_t newest, oldest;

	if (ss_store_begin(e->store, false, NULL) < 0)
		return; /* the next tick tries again */
	if (ss_store_versions(e->store, &newest, &oldest, NULL) == 0) {
		if (e->pumped < oldest)
			expire_all(e, oldest);
		ss_store_log(e->store, NULL, e->pumped, pump_row, e, NULL);
	}
	ss_store_rollback(e->store);
}

static void pump(struct ss_completion *self)
{
	struct ss_embed *e = SS_CONTAINER_OF(self, struct ss_embed, pump);

	if (!e->n_watches)
		return;
	e->depth++;
	read_log(e);
	flush_all(e);
	e->depth--;
	ss_embed_settle(e);
}

void ss_watch_wake(struct ss_embed *e)
{
	e->pump.fn = pump;
	if (e->n_watches)
		ss_loop_post(e->base.loop, &e->pump);
}

/* --- time ----------------------------------------------------------------------- */

static void check_times(struct ss_http_op *op, int64_t now)
{
	struct ss_watcher *w = &op->watcher;

	if ((op->timeout_ms && now - op->begun_ms >= op->timeout_ms) ||
	    (op->idle_ms && now - w->last_byte_ms >= op->idle_ms))
		w->timed_out = true;
	if (now >= w->end_ms)
		w->over = true;
	if (w->bookmarks && now >= w->next_bookmark_ms) {
		put_bookmark(w, w->rv > op->e->pumped ? w->rv : op->e->pumped, false);
		w->next_bookmark_ms = now + BOOKMARK_MS;
	}
}

static void tick(void *ud)
{
	struct ss_embed *e = ud;
	int64_t now = ss_clock_mono_ms(), version;

	ss_timer_stop(e->tick);
	e->tick = ss_timer_start(e->base.loop, TICK_MS, tick, e);
	e->depth++;
	for (struct ss_http_op *op = e->ops; op; op = op->next)
		if (op->open && !op->busy)
			check_times(op, now);
	ss_embed_housekeeping(e);
	version = ss_store_data_version(e->store);
	if (version != e->data_version)
		read_log(e);
	e->data_version = version;
	flush_all(e);
	e->depth--;
	ss_embed_settle(e);
}

void ss_watch_open(struct ss_http_op *op)
{
	struct ss_embed *e = op->e;

	op->open = true;
	if (e->n_watches++ == 0) {
		e->data_version = ss_store_data_version(e->store);
		e->tick = ss_timer_start(e->base.loop, TICK_MS, tick, e);
	}
	flush(op);
}

void ss_watch_close(struct ss_http_op *op)
{
	struct ss_embed *e = op->e;

	if (--e->n_watches > 0)
		return;
	ss_timer_stop(e->tick);
	e->tick = NULL;
	ss_loop_unpost(e->base.loop, &e->pump);
}
