#include "embed/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "embed/delete.h"
#include "embed/write.h"

const char *ss_controller_uid(struct ss_value object)
{
	struct ss_value owners = ss_value_get(ss_value_get(object, "metadata"), "ownerReferences");

	for (struct ss_iter it = ss_iter(owners.doc, owners.node); ss_iter_next(&it);) {
		struct ss_value ref = {it.doc, it.value};

		if (ss_doc_get_bool(it.doc, ss_value_get(ref, "controller").node, false))
			return ss_value_string(ref, "uid");
	}
	return NULL;
}

int ss_record_event(struct ss_ctx *ctx, const struct ss_object *about, const char *component,
                    const char *reason, const char *message)
{
	struct ss_write w = {.kind = ss_kind(SS_KIND_EVENT),
	                     .ns = about->ns,
	                     .subresource = "",
	                     .manager = component};
	struct ss_doc *doc = ss_ctx_doc(ctx);
	struct ss_object ret;
	char suffix[17], rv[24];
	int rc;

	if (!doc || ss_random_hex(8, suffix, sizeof(suffix)) < 0)
		return SS_ERR_NOMEM;
	snprintf(rv, sizeof(rv), "%lld", (long long)about->rv);
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "metadata");
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "name",
	                  ss_pool_printf(&ctx->pool, "%.230s.%s", about->name, suffix));
	ss_doc_end(doc);
	ss_doc_key_lit(doc, "involvedObject");
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "kind", about->kind->kind);
	ss_doc_put_string(doc, "namespace", about->ns);
	ss_doc_put_string(doc, "name", about->name);
	ss_doc_put_string(doc, "uid", about->uid);
	ss_doc_put_string(doc, "apiVersion", ss_kind_api_version(about->kind));
	ss_doc_put_string(doc, "resourceVersion", rv);
	ss_doc_end(doc);
	ss_doc_put_string(doc, "reason", reason);
	ss_doc_put_string(doc, "message", message);
	ss_doc_key_lit(doc, "source");
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "component", component);
	ss_doc_end(doc);
	ss_doc_put_string(doc, "firstTimestamp", ctx->now);
	ss_doc_put_string(doc, "lastTimestamp", ctx->now);
	ss_doc_put_int(doc, "count", 1);
	ss_doc_put_string(doc, "type", "Warning");
	ss_doc_put_string(doc, "reportingComponent", component);
	ss_doc_end(doc);
	rc = ss_ctx_finish(ctx, doc);
	return rc < 0 ? rc
	              : ss_create(ctx, &w, (struct ss_value){doc, ss_doc_root(doc)}, NULL, &ret);
}

/* A new Secret, ConfigMap or ServiceAccount may be what others wait for. */
static int wake_pending(struct ss_ctx *ctx, const char *ns)
{
	struct ss_record *waiting = NULL;
	size_t n = 0;
	int rc = ss_store_pending(ctx->store, &ctx->pool, ns, &waiting, &n, &ctx->err);

	for (size_t i = 0; i < n && rc == 0; i++)
		ss_ctx_touch(ctx, waiting[i].kind, waiting[i].ns, waiting[i].name);
	return rc;
}

static int reconcile_namespace(struct ss_ctx *ctx, const struct ss_object *ns)
{
	if (ss_doc_find_string(ns->doc, ns->root, "metadata", "deletionTimestamp", NULL))
		return ss_finish_namespace(ctx, ns);
	return ss_furnish_namespace(ctx, ns->name);
}

static int reconcile_one(struct ss_ctx *ctx, const struct ss_touched *t)
{
	struct ss_object object;
	bool removed = false;
	int rc = ss_object_load(ctx, t->kind, t->ns, t->name, &object);

	if (rc == 0)
		rc = ss_collect(ctx, &object, &removed);
	if (rc < 0 || removed)
		return rc == SS_ERR_NOT_FOUND ? 0 : rc;
	switch (t->kind->id) {
	case SS_KIND_SANDBOX:
		return ss_reconcile_sandbox(ctx, &object);
	case SS_KIND_POD:
		return ss_reconcile_pod(ctx, &object);
	case SS_KIND_NAMESPACE:
		return reconcile_namespace(ctx, &object);
	case SS_KIND_SECRET:
	case SS_KIND_CONFIG_MAP:
	case SS_KIND_SERVICE_ACCOUNT:
		return wake_pending(ctx, t->ns);
	default:
		return 0;
	}
}

int ss_reconcile(struct ss_ctx *ctx)
{
	struct ss_touched *t;
	int rc = 0;

	while (rc == 0 && (t = ss_ctx_next_touched(ctx))) {
		struct ss_ctx_mark mark = ss_ctx_mark(ctx);

		rc = reconcile_one(ctx, t);
		/* A Status that a controller ran into is its own affair, never the client's. */
		if (rc == 0)
			ctx->status.code = 0;
		ss_ctx_release(ctx, mark);
		free(t);
	}
	if (rc < 0 && !ctx->err.code)
		ss_err_set(&ctx->err, SS_ERR_INTERNAL, "embedded cluster: a controller failed");
	return rc < 0 || !ctx->pool.failed ? rc : ss_err_nomem(&ctx->err);
}

int ss_reconcile_due(struct ss_ctx *ctx)
{
	struct ss_record *due = NULL;
	size_t n = 0;
	int rc = ss_store_due(ctx->store, &ctx->pool, ctx->now_ms, &due, &n, &ctx->err);

	for (size_t i = 0; i < n && rc == 0; i++)
		ss_ctx_touch(ctx, due[i].kind, due[i].ns, due[i].name);
	return rc;
}
