#include "embed/embed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "embed/embed_priv.h"

/* --- operations and their callbacks ---------------------------------------- */

static void unlink_op(struct ss_http_op *op)
{
	*op->link = op->next;
	if (op->next)
		op->next->link = op->link;
}

static void free_op(struct ss_http_op *op)
{
	if (op->open)
		ss_watch_close(op);
	unlink_op(op);
	ss_loop_unpost(op->e->base.loop, &op->run);
	ss_timer_stop(op->retry);
	ss_ctx_done(&op->ctx);
	ss_buf_done(&op->watcher.out);
	ss_pool_done(&op->texts);
	free(op->url);
	free(op->body);
	free(op);
}

static void free_embed(struct ss_embed *e)
{
	while (e->ops)
		free_op(e->ops);
	ss_loop_unpost(e->base.loop, &e->pump);
	ss_timer_stop(e->tick);
	ss_store_close(e->store);
	ss_store_close(e->blank);
	free(e->path);
	free(e->label);
	free(e);
}

static void enter(struct ss_http_op *op)
{
	op->busy = true;
	op->e->depth++;
}

/* False when the operation went away meanwhile. */
static bool leave(struct ss_http_op *op)
{
	bool alive = !op->canceled;

	op->busy = false;
	op->e->depth--;
	if (!alive)
		free_op(op);
	return alive;
}

/* Whoever may have run callbacks ends with this. */
void ss_embed_settle(struct ss_embed *e)
{
	if (e->dead && e->depth == 0)
		free_embed(e);
}

enum { MAX_WARNINGS = 64 };

bool ss_op_head(struct ss_http_op *op, int status, const char *content_type)
{
	const struct ss_ctx *ctx = &op->ctx;
	const char *warnings[MAX_WARNINGS];
	struct ss_http_head head = {.status = status,
	                            .content_type = content_type,
	                            .content_type_full = content_type,
	                            .etag = "",
	                            .retry_after_ms = -1,
	                            .warnings = warnings};
	char plain[64];

	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(content_type, ";"), content_type);
	head.content_type = plain;
	if (ctx->status.code && ctx->status.retry_after_s)
		head.retry_after_ms = ctx->status.retry_after_s * 1000;
	for (const struct ss_warning *w = ctx->warnings; w && head.n_warnings < MAX_WARNINGS;
	     w = w->next)
		warnings[head.n_warnings++] = w->text;
	enter(op);
	if (op->events.head)
		op->events.head(op->ud, &head);
	return leave(op);
}

bool ss_op_data(struct ss_http_op *op, const char *data, size_t len)
{
	enter(op);
	if (op->events.data && len)
		op->events.data(op->ud, data, len);
	return leave(op);
}

void ss_op_done(struct ss_http_op *op, const struct ss_err *err)
{
	struct ss_http_events events = op->events;
	struct ss_embed *e = op->e;
	void *ud = op->ud;
	struct ss_err kept SS_AUTO_ERR;

	/* The error may be the operation's own. */
	ss_err_init(&kept);
	if (err)
		ss_err_copy(&kept, err);
	free_op(op);
	e->depth++;
	if (events.done)
		events.done(ud, err ? &kept : NULL);
	e->depth--;
}

static void run(struct ss_completion *self)
{
	struct ss_http_op *op = SS_CONTAINER_OF(self, struct ss_http_op, run);
	struct ss_embed *e = op->e;

	/* Free may be called from inside a callback: not before the last of them is back. */
	e->depth++;
	ss_embed_serve(op);
	e->depth--;
	ss_embed_settle(e);
}

/* --- the transport ----------------------------------------------------------- */

static char *copy(const char *s, size_t len)
{
	char *out = malloc(len + 1);

	if (!out)
		return NULL;
	memcpy(out, s, len);
	out[len] = 0;
	return out;
}

static const char *user_agent(const struct ss_http_request *request)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (strncasecmp(request->headers[i], "User-Agent:", 11) == 0)
			return request->headers[i] + 11 + strspn(request->headers[i] + 11, " ");
	return "sandscript";
}

/* The small texts of a request, kept with its URL in one allocation each. */
static bool fill_in(struct ss_http_op *op, const struct ss_http_request *request)
{
	struct ss_request *r = &op->request;
	struct ss_pool *pool = &op->texts;

	op->url = copy(request->path, strlen(request->path));
	op->body = request->body ? copy(request->body, request->body_len) : NULL;
	r->method = ss_pool_strdup(pool, request->method);
	r->content_type = ss_pool_strdup(pool, request->content_type ? request->content_type : "");
	r->accept = ss_pool_strdup(pool, request->accept ? request->accept : "application/json");
	r->user_agent = ss_pool_strdup(pool, user_agent(request));
	r->body = op->body;
	r->len = op->body ? request->body_len : 0;
	return op->url && (op->body || !request->body) && !pool->failed;
}

static int start(struct ss_transport *t, const struct ss_http_request *request,
                 const struct ss_http_events *events, void *ud, struct ss_http_op **ret,
                 struct ss_err *err)
{
	struct ss_embed *e = (struct ss_embed *)t;
	struct ss_http_op *op = calloc(1, sizeof(*op));

	if (!op)
		return ss_err_nomem(err);
	op->e = e;
	op->run.fn = run;
	op->events = *events;
	op->ud = ud;
	op->begun_ms = ss_clock_mono_ms();
	op->timeout_ms = request->timeout_ms;
	op->idle_ms = request->idle_timeout_ms;
	op->max_body = request->max_body_bytes;
	op->next = e->ops;
	op->link = &e->ops;
	if (e->ops)
		e->ops->link = &op->next;
	e->ops = op;
	if (!fill_in(op, request)) {
		free_op(op);
		return ss_err_nomem(err);
	}
	ss_loop_post(e->base.loop, &op->run);
	*ret = op;
	return 0;
}

static void cancel(struct ss_transport *t, struct ss_http_op *op)
{
	if (op->busy)
		op->canceled = true;
	else
		free_op(op);
}

static void free_transport(struct ss_transport *t)
{
	struct ss_embed *e = (struct ss_embed *)t;

	if (e->depth)
		e->dead = true;
	else
		free_embed(e);
}

int ss_embed_new(struct ss_loop *loop, const char *path, struct ss_transport **ret,
                 struct ss_err *err)
{
	static const struct ss_transport_ops ops = {start, cancel, free_transport};
	struct ss_embed *e = calloc(1, sizeof(*e));
	size_t len = strlen(path) + sizeof("embedded cluster ");

	if (!e || !(e->path = copy(path, strlen(path))) || !(e->label = malloc(len))) {
		if (e)
			free(e->path);
		free(e);
		return ss_err_nomem(err);
	}
	snprintf(e->label, len, "embedded cluster %s", path);
	e->base = (struct ss_transport){&ops, loop, e->label,
	                                "the embedded cluster does not do it; use a real cluster"};
	*ret = &e->base;
	return 0;
}
