#include "embed/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

struct ss_ctx_doc {
	struct ss_doc *doc;
	struct ss_ctx_doc *next;
};

void ss_ctx_init(struct ss_ctx *ctx, struct ss_store *store)
{
	*ctx = (struct ss_ctx){.store = store, .now_ms = ss_clock_wall_ms()};
	ss_err_init(&ctx->err);
	ss_clock_rfc3339(ctx->now_ms, ctx->now, sizeof(ctx->now));
}

void ss_ctx_done(struct ss_ctx *ctx)
{
	struct ss_touched *t;

	for (struct ss_ctx_doc *d = ctx->docs; d; d = d->next)
		ss_doc_free(d->doc);
	while ((t = ss_ctx_next_touched(ctx)))
		free(t);
	ctx->docs = NULL;
	ss_pool_done(&ctx->pool);
	ss_err_done(&ctx->err);
}

struct ss_doc *ss_ctx_keep(struct ss_ctx *ctx, struct ss_doc *doc)
{
	struct ss_ctx_doc *d = ss_pool_alloc(&ctx->pool, sizeof(*d));

	if (!d || !doc) {
		ss_doc_free(doc);
		ss_err_nomem(&ctx->err);
		return NULL;
	}
	*d = (struct ss_ctx_doc){doc, ctx->docs};
	ctx->docs = d;
	return doc;
}

struct ss_doc *ss_ctx_doc(struct ss_ctx *ctx)
{
	return ss_ctx_keep(ctx, ss_doc_new());
}

int ss_ctx_finish(struct ss_ctx *ctx, struct ss_doc *doc)
{
	if (ctx->pool.failed || !doc)
		return ss_err_nomem(&ctx->err);
	return ss_doc_finish(doc, &ctx->err);
}

void ss_ctx_warn(struct ss_ctx *ctx, const char *text)
{
	struct ss_warning **at = &ctx->warnings, *w;

	while (*at && strcmp((*at)->text, text) < 0)
		at = &(*at)->next;
	if (*at && strcmp((*at)->text, text) == 0)
		return;
	w = ss_pool_alloc(&ctx->pool, sizeof(*w));
	if (!w)
		return;
	w->text = ss_pool_strdup(&ctx->pool, text);
	w->next = *at;
	*at = w;
}

void ss_ctx_touch(struct ss_ctx *ctx, const struct ss_kind *kind, const char *ns, const char *name)
{
	size_t ns_len = strlen(ns) + 1, name_len = strlen(name) + 1;
	struct ss_touched *t = ctx->last_touched;

	if (t && t->kind == kind && strcmp(t->ns, ns) == 0 && strcmp(t->name, name) == 0)
		return;
	t = malloc(sizeof(*t) + ns_len + name_len);
	if (!t) {
		ctx->pool.failed = true;
		return;
	}
	*t = (struct ss_touched){.kind = kind, .name = t->ns + ns_len};
	memcpy(t->ns, ns, ns_len);
	memcpy(t->ns + ns_len, name, name_len);
	if (ctx->last_touched)
		ctx->last_touched->next = t;
	else
		ctx->touched = t;
	ctx->last_touched = t;
}

struct ss_touched *ss_ctx_next_touched(struct ss_ctx *ctx)
{
	struct ss_touched *t = ctx->touched;

	if (!t)
		return NULL;
	ctx->touched = t->next;
	if (!ctx->touched)
		ctx->last_touched = NULL;
	return t;
}

struct ss_ctx_mark ss_ctx_mark(const struct ss_ctx *ctx)
{
	return (struct ss_ctx_mark){ctx->docs, ss_pool_mark(&ctx->pool)};
}

void ss_ctx_release(struct ss_ctx *ctx, struct ss_ctx_mark mark)
{
	for (; ctx->docs != mark.docs; ctx->docs = ctx->docs->next)
		ss_doc_free(ctx->docs->doc);
	ss_pool_release(&ctx->pool, mark.pool);
}

static const char *format(struct ss_ctx *ctx, const char *fmt, va_list args)
{
	va_list again;
	char *out;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	out = len < 0 ? NULL : ss_pool_alloc(&ctx->pool, (size_t)len + 1);
	if (out)
		vsnprintf(out, (size_t)len + 1, fmt, args);
	return out ? out : "";
}

static int code_of(int http)
{
	switch (http) {
	case 404:
		return SS_ERR_NOT_FOUND;
	case 409:
		return SS_ERR_CONFLICT;
	case 403:
		return SS_ERR_FORBIDDEN;
	case 410:
		return SS_ERR_GONE;
	default:
		return SS_ERR_INVAL;
	}
}

int ss_fail(struct ss_ctx *ctx, int http, const char *reason, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ctx->status = (struct ss_status){
	        .code = http, .reason = reason, .message = format(ctx, fmt, args)};
	va_end(args);
	return code_of(http);
}

int ss_fail_object(struct ss_ctx *ctx, int http, const char *reason, const struct ss_kind *kind,
                   const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ctx->status = (struct ss_status){.code = http,
	                                 .reason = reason,
	                                 .message = format(ctx, fmt, args),
	                                 .details = true,
	                                 .name = ss_pool_strdup(&ctx->pool, name),
	                                 .group = kind->group,
	                                 .kind = kind->plural};
	va_end(args);
	return code_of(http);
}

const char *ss_quoted(struct ss_ctx *ctx, const char *s)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	const char *out;

	ss_json_quote(&text, s, strlen(s));
	out = text.failed ? NULL : ss_pool_strndup(&ctx->pool, text.data, text.len);
	return out ? out : "\"\"";
}

int ss_fail_not_found(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name)
{
	return ss_fail_object(ctx, 404, "NotFound", kind, name, "%s %s not found",
	                      ss_kind_resource(kind), ss_quoted(ctx, name));
}

int ss_fail_modified(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name)
{
	return ss_fail_object(
	        ctx, 409, "Conflict", kind, name,
	        "Operation cannot be fulfilled on %s %s: the object has been modified; please "
	        "apply your changes to the latest version and try again",
	        ss_kind_resource(kind), ss_quoted(ctx, name));
}

void ss_cause(struct ss_ctx *ctx, const char *reason, const char *field, const char *fmt, ...)
{
	struct ss_cause *cause = ss_pool_alloc(&ctx->pool, sizeof(*cause));
	va_list args;

	if (!cause)
		return;
	va_start(args, fmt);
	cause->message = format(ctx, fmt, args);
	va_end(args);
	cause->reason = reason;
	cause->field = ss_pool_strdup(&ctx->pool, field);
	if (ctx->last_cause)
		ctx->last_cause->next = cause;
	else
		ctx->causes = cause;
	ctx->last_cause = cause;
}

int ss_fail_causes(struct ss_ctx *ctx, const char *group, const char *kind, const char *qualified,
                   const char *name)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	bool many = ctx->causes && ctx->causes->next;

	if (!ctx->causes)
		return ctx->pool.failed ? ss_err_nomem(&ctx->err) : 0;
	for (const struct ss_cause *c = ctx->causes; c; c = c->next)
		ss_buf_printf(&text, "%s%s: %s", c == ctx->causes ? "" : ", ", c->field,
		              c->message);
	ss_fail(ctx, 422, "Invalid", "%s %s is invalid: %s%s%s", qualified, ss_quoted(ctx, name),
	        many ? "[" : "", text.data ? text.data : "", many ? "]" : "");
	ctx->status.details = true;
	ctx->status.name = name;
	ctx->status.group = group;
	ctx->status.kind = kind;
	ctx->status.causes = ctx->causes;
	ctx->causes = ctx->last_cause = NULL;
	return SS_ERR_INVAL;
}

/* A CRD's problems come in the order of their fields, those of the whole object last. */
static void sort_causes(struct ss_ctx *ctx)
{
	struct ss_cause *sorted = NULL, **at, *next;

	for (struct ss_cause *c = ctx->causes; c; c = next) {
		next = c->next;
		for (at = &sorted; *at; at = &(*at)->next)
			if (*c->field != '<' &&
			    (*(*at)->field == '<' || strcmp((*at)->field, c->field) > 0))
				break;
		c->next = *at;
		*at = c;
	}
	ctx->causes = sorted;
}

int ss_fail_invalid(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name)
{
	if (kind->custom)
		sort_causes(ctx);
	return ss_fail_causes(ctx, kind->group, kind->kind, ss_kind_qualified(kind), name);
}

static const char *filled(const char *s)
{
	return s && *s ? s : NULL;
}

static void encode_details(const struct ss_status *s, struct ss_doc *out)
{
	ss_doc_key_lit(out, "details");
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "name", filled(s->name));
	ss_doc_put_string(out, "group", filled(s->group));
	ss_doc_put_string(out, "kind", filled(s->kind));
	if (s->causes) {
		ss_doc_key_lit(out, "causes");
		ss_doc_begin_array(out);
		for (const struct ss_cause *c = s->causes; c; c = c->next) {
			ss_doc_begin_object(out);
			ss_doc_put_string(out, "reason", c->reason);
			ss_doc_put_string(out, "message", c->message);
			ss_doc_put_string(out, "field", filled(c->field));
			ss_doc_end(out);
		}
		ss_doc_end(out);
	}
	if (s->retry_after_s)
		ss_doc_put_int(out, "retryAfterSeconds", s->retry_after_s);
	ss_doc_end(out);
}

void ss_status_encode(const struct ss_status *s, struct ss_buf *out)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();

	if (!doc) {
		out->failed = SS_ERR_NOMEM;
		return;
	}
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "kind", "Status");
	ss_doc_put_string(doc, "apiVersion", "v1");
	ss_doc_key_lit(doc, "metadata");
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "continue", s->continue_);
	ss_doc_end(doc);
	ss_doc_put_string(doc, "status", "Failure");
	ss_doc_put_string(doc, "message", s->message);
	ss_doc_put_string(doc, "reason", s->reason);
	if (s->details || s->causes || s->retry_after_s)
		encode_details(s, doc);
	ss_doc_put_int(doc, "code", s->code);
	ss_doc_end(doc);
	ss_json_encode(doc, ss_doc_root(doc), out);
}
