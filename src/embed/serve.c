/* Serving one request of the embedded cluster, and the work of its controllers
 * that falls due between requests. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "embed/embed_priv.h"
#include "embed/reconcile.h"

enum {
	MAX_REQUEST_BYTES = 3 * 1024 * 1024,
	BUSY_RETRY_MS = 10,
	BUSY_LIMIT_MS = 10 * 1000,
};
#define DEFAULT_MAX_BODY ((size_t)32 << 20)

/* A failure that is not the client's becomes a Status, too, except for a lack of memory. */
static void as_status(struct ss_ctx *ctx)
{
	if (ctx->status.code || ctx->err.code == SS_ERR_NOMEM || ctx->pool.failed)
		return;
	ss_fail(ctx, 500, "InternalError", "Internal error occurred: %s",
	        ctx->err.code ? ctx->err.message : "unknown");
}

static int execute(struct ss_http_op *op, struct ss_reply *reply)
{
	struct ss_ctx *ctx = &op->ctx;
	bool write = ss_request_writes(&op->request);
	int rc = ss_store_begin(ctx->store, write, &ctx->err);

	if (rc < 0)
		return rc;
	rc = op->watching ? ss_watch_begin(op) : ss_handle(ctx, &op->request, reply);
	if (rc == 0 && write && !ctx->dry_run)
		rc = ss_reconcile(ctx);
	if (rc == 0 && ctx->pool.failed)
		rc = ss_err_nomem(&ctx->err);
	if (rc == 0 && write && !ctx->dry_run)
		return ss_store_commit(ctx->store, &ctx->err);
	ss_store_rollback(ctx->store);
	return rc;
}

static int answer(struct ss_http_op *op, struct ss_reply *reply)
{
	struct ss_ctx *ctx = &op->ctx;
	bool done = false;
	int rc = ss_request_parse(ctx, op->url, &op->request);

	if (rc == 0)
		rc = ss_route(ctx, &op->request, reply, &done);
	if (rc < 0 || done)
		return rc;
	if (op->request.len > MAX_REQUEST_BYTES) {
		rc = ss_fail(ctx, 413, "RequestEntityTooLarge",
		             "Request entity too large: limit is %d", MAX_REQUEST_BYTES);
		ctx->status.details = true;
		return rc;
	}
	if (ctx->store == op->e->store)
		ss_embed_housekeeping(op->e);
	op->watching = ss_request_is_watch(&op->request);
	rc = execute(op, reply);
	if (rc == 0 && ss_request_writes(&op->request))
		ss_watch_wake(op->e);
	return rc;
}

static void fail_op(struct ss_http_op *op, int code, const char *message)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	ss_err_set(&err, code, "%s: %s", op->e->label, message);
	ss_op_done(op, &err);
}

/* Head, body, done; rc < 0: what ctx recorded. */
static void deliver(struct ss_http_op *op, struct ss_reply *reply, int rc)
{
	size_t max = op->max_body ? op->max_body : DEFAULT_MAX_BODY;
	int status = reply->status;

	op->watching = false;
	if (rc < 0) {
		as_status(&op->ctx);
		if (!op->ctx.status.code) {
			fail_op(op, SS_ERR_NOMEM, "out of memory");
			return;
		}
		ss_buf_reset(&reply->body);
		ss_status_encode(&op->ctx.status, &reply->body);
		reply->content_type = "application/json";
		status = op->ctx.status.code;
	}
	if (reply->body.failed || reply->body.len > max) {
		fail_op(op, reply->body.failed == SS_ERR_NOMEM ? SS_ERR_NOMEM : SS_ERR_LIMIT,
		        "the response is too large");
		return;
	}
	if (ss_op_head(op, status, reply->content_type) &&
	    ss_op_data(op, reply->body.data, reply->body.len))
		ss_op_done(op, NULL);
}

static void again(void *ud)
{
	struct ss_http_op *op = ud;

	ss_timer_stop(op->retry);
	op->retry = NULL;
	ss_loop_post(op->e->base.loop, &op->run);
}

/* Another process writes: come back soon. False when that has lasted too long. */
static bool retry(struct ss_http_op *op)
{
	int64_t limit = op->timeout_ms ? op->timeout_ms : BUSY_LIMIT_MS;

	if (op->ctx.status.code || ss_clock_mono_ms() - op->begun_ms > limit)
		return false;
	op->retry = ss_timer_start(op->e->base.loop, BUSY_RETRY_MS, again, op);
	return op->retry != NULL;
}

static void begin(struct ss_http_op *op, struct ss_store *store)
{
	ss_ctx_done(&op->ctx);
	ss_ctx_init(&op->ctx, store);
	op->request.query = NULL;
	op->request.kind = NULL;
	op->request.ns = op->request.name = op->request.subresource = NULL;
}

/* Before the request is parsed. A watch needs the file, to be told of what others do with it. */
static bool only_reads(const struct ss_http_op *op)
{
	return !ss_request_writes(&op->request) && !strstr(op->url, "watch=");
}

void ss_embed_serve(struct ss_http_op *op)
{
	struct ss_reply reply = {.content_type = "application/json"};
	struct ss_err err SS_AUTO_ERR;
	struct ss_store *store;
	int rc;

	ss_err_init(&err);
	rc = ss_embed_open(op->e, only_reads(op), &store, &err);
	if (rc == SS_ERR_UNAVAILABLE && err.retryable && retry(op))
		return;
	if (rc < 0) {
		ss_op_done(op, &err);
		return;
	}
	begin(op, store);
	rc = answer(op, &reply);
	if (rc == SS_ERR_UNAVAILABLE && op->ctx.err.retryable && retry(op)) {
		ss_buf_done(&reply.body);
		return;
	}
	if (rc == SS_ERR_UNAVAILABLE && !op->ctx.status.code) {
		ss_fail(&op->ctx, 504, "Timeout", "Timeout: %s", op->ctx.err.message);
		op->ctx.status.retry_after_s = 1;
	}
	if (rc == 0 && op->watching) {
		if (ss_op_head(op, 200, "application/json"))
			ss_watch_open(op);
	} else {
		deliver(op, &reply, rc);
	}
	ss_buf_done(&reply.body);
}

/* --- housekeeping ------------------------------------------------------------ */

static int transaction(struct ss_store *store, int (*fn)(struct ss_ctx *ctx))
{
	struct ss_ctx ctx;
	int rc;

	ss_ctx_init(&ctx, store);
	rc = ss_store_begin(store, true, &ctx.err);
	if (rc == 0) {
		rc = fn(&ctx);
		if (rc == 0)
			rc = ss_reconcile(&ctx);
		if (rc == 0)
			rc = ss_store_commit(store, &ctx.err);
		else
			ss_store_rollback(store);
	}
	ss_ctx_done(&ctx);
	return rc;
}

void ss_embed_housekeeping(struct ss_embed *e)
{
	int64_t due;

	if (ss_store_next_due(e->store, &due, NULL) == 0 && due && due <= ss_clock_wall_ms() &&
	    transaction(e->store, ss_reconcile_due) == 0)
		ss_watch_wake(e);
}

/* The namespaces that every cluster has. */
static int furnish(struct ss_ctx *ctx)
{
	static const char *const names[] = {"default", "kube-node-lease", "kube-public",
	                                    "kube-system"};
	const struct ss_kind *kind = ss_kind(SS_KIND_NAMESPACE);
	int64_t newest;
	int rc = ss_store_versions(ctx->store, &newest, NULL, &ctx->err);

	for (size_t i = 0; i < SS_ARRAY_LEN(names) && rc == 0 && newest == 0; i++) {
		struct ss_write w = {.kind = kind,
		                     .ns = "",
		                     .name = names[i],
		                     .subresource = "",
		                     .manager = "kube-apiserver"};
		struct ss_doc *doc = ss_ctx_doc(ctx);
		struct ss_object ret;

		if (!doc)
			return SS_ERR_NOMEM;
		ss_doc_begin_object(doc);
		ss_doc_key_lit(doc, "metadata");
		ss_doc_begin_object(doc);
		ss_doc_put_string(doc, "name", names[i]);
		ss_doc_end(doc);
		ss_doc_end(doc);
		rc = ss_create(ctx, &w, (struct ss_value){doc, ss_doc_root(doc)}, NULL, &ret);
	}
	return rc;
}

static int open_store(const char *path, struct ss_store **ret, struct ss_err *err)
{
	int64_t newest = 0;
	int rc = ss_store_open(path, ret, err);

	if (rc == 0)
		rc = ss_store_begin(*ret, false, err);
	if (rc == 0) {
		rc = ss_store_versions(*ret, &newest, NULL, err);
		ss_store_rollback(*ret);
	}
	/* Only one process wins this; the other finds the namespaces there. */
	if (rc == 0 && newest == 0)
		transaction(*ret, furnish);
	if (rc < 0) {
		ss_store_close(*ret);
		*ret = NULL;
	}
	return rc;
}

int ss_embed_open(struct ss_embed *e, bool reads, struct ss_store **ret, struct ss_err *err)
{
	bool blank = !e->store && reads && access(e->path, F_OK) && errno == ENOENT;
	struct ss_store **store = blank ? &e->blank : &e->store;
	int rc = *store ? 0 : open_store(blank ? ":memory:" : e->path, store, err);

	*ret = *store;
	return rc;
}
