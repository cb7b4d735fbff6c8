/* DELETE of one object and of a collection. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "embed/decode.h"
#include "embed/delete.h"
#include "embed/request.h"
#include "embed/select.h"

/* DeleteOptions from the body and, for those without a body, from the query. */
static int options(struct ss_ctx *ctx, const struct ss_request *r, struct ss_delete *ret)
{
	struct ss_value body = {NULL, SS_NO_NODE}, pre, grace;
	const char *text = ss_request_param(r, "gracePeriodSeconds"), *p;
	int rc = 0;

	*ret = (struct ss_delete){.grace_s = -1};
	if (r->body && r->len)
		rc = ss_decode_parse(ctx, r->kind, r->body, r->len, true, &body);
	if (rc < 0)
		return rc;
	pre = ss_value_get(body, "preconditions");
	ret->uid = ss_value_string(pre, "uid");
	ret->rv = ss_value_string(pre, "resourceVersion");
	ret->propagation = p = ss_value_string(body, "propagationPolicy");
	if (!p)
		ret->propagation = p = ss_request_param(r, "propagationPolicy");
	if (!p && ss_doc_get_bool(body.doc, ss_value_get(body, "orphanDependents").node, false))
		ret->propagation = p = "Orphan";
	grace = ss_value_get(body, "gracePeriodSeconds");
	if (grace.node != SS_NO_NODE)
		ret->grace_s = ss_doc_get_int(grace.doc, grace.node, -1);
	else if (text)
		ret->grace_s = strtoll(text, NULL, 10);
	if (ss_doc_count(body.doc, ss_value_get(body, "dryRun").node) > 0)
		ctx->dry_run = true;
	if (ret->grace_s < -1)
		ss_cause(ctx, "FieldValueInvalid", "gracePeriodSeconds",
		         "Invalid value: %lld: must be greater than or equal to 0",
		         (long long)ret->grace_s);
	if (p && strcmp(p, "Foreground") != 0 && strcmp(p, "Background") != 0 &&
	    strcmp(p, "Orphan") != 0)
		ss_cause(ctx, "FieldValueNotSupported", "propagationPolicy",
		         "Unsupported value: %s: supported values: \"Foreground\", \"Background\", "
		         "\"Orphan\", "
		         "\"nil\"",
		         ss_quoted(ctx, p));
	return ss_fail_causes(ctx, "meta.k8s.io", "DeleteOptions", "DeleteOptions.meta.k8s.io", "");
}

/* Some kinds answer with what was deleted, the others with a Status. */
static bool returns_object(const struct ss_kind *kind)
{
	return kind->id == SS_KIND_POD || kind->id == SS_KIND_SERVICE_ACCOUNT ||
	       kind->id == SS_KIND_RESOURCE_QUOTA || kind->id == SS_KIND_NAMESPACE;
}

static void reply_gone(struct ss_ctx *ctx, const struct ss_object *object, struct ss_reply *reply)
{
	struct ss_doc *doc = ss_ctx_doc(ctx);

	reply->status = 200;
	if (!doc)
		return;
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "kind", "Status");
	ss_doc_put_string(doc, "apiVersion", "v1");
	ss_doc_key_lit(doc, "metadata");
	ss_doc_begin_object(doc);
	ss_doc_end(doc);
	ss_doc_put_string(doc, "status", "Success");
	ss_doc_key_lit(doc, "details");
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "name", object->name);
	ss_doc_put_string(doc, "group", *object->kind->group ? object->kind->group : NULL);
	ss_doc_put_string(doc, "kind", object->kind->plural);
	ss_doc_put_string(doc, "uid", object->uid);
	ss_doc_end(doc);
	ss_doc_end(doc);
	if (ss_ctx_finish(ctx, doc) == 0)
		ss_json_encode(doc, ss_doc_root(doc), &reply->body);
}

int ss_handle_delete(struct ss_ctx *ctx, const struct ss_request *r, struct ss_reply *reply)
{
	struct ss_object object, left;
	struct ss_delete how;
	bool gone;
	int rc = options(ctx, r, &how);

	if (rc == 0)
		rc = ss_object_load(ctx, r->kind, r->kind->namespaced ? r->ns : "", r->name,
		                    &object);
	if (rc == SS_ERR_NOT_FOUND && !ctx->status.code)
		return ss_fail_not_found(ctx, r->kind, r->name);
	if (rc == 0)
		rc = ss_delete_object(ctx, &object, &how, &left, &gone);
	if (rc < 0)
		return rc;
	if (gone && !returns_object(r->kind))
		reply_gone(ctx, &object, reply);
	else
		ss_reply_object(reply, 200, &left);
	return ctx->err.code;
}

/* --- collections ----------------------------------------------------------- */
struct picked {
	struct ss_ctx *ctx;
	const struct ss_selector *selector;
	struct ss_record *at;
	size_t n, cap;
};

static int pick(void *ud, const struct ss_record *row)
{
	struct picked *p = ud;
	struct ss_pool *pool = &p->ctx->pool;
	struct ss_record *more;

	if (ss_selector_needs_body(p->selector)) {
		struct ss_doc *doc SS_AUTO_DOC = NULL;

		if (ss_json_parse(row->body, row->len, &doc, &p->ctx->err) < 0)
			return p->ctx->err.code;
		if (!ss_selector_matches(p->selector, (struct ss_value){doc, ss_doc_root(doc)}))
			return 0;
	}
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 32;
		more = ss_pool_alloc(pool, p->cap * sizeof(*more));
		if (more && p->n)
			memcpy(more, p->at, p->n * sizeof(*more));
		p->at = more;
	}
	if (!p->at)
		return ss_err_nomem(&p->ctx->err);
	p->at[p->n++] = (struct ss_record){.ns = ss_pool_strdup(pool, row->ns),
	                                   .name = ss_pool_strdup(pool, row->name)};
	return pool->failed ? ss_err_nomem(&p->ctx->err) : 0;
}

int ss_handle_delete_collection(struct ss_ctx *ctx, const struct ss_request *r,
                                struct ss_reply *reply)
{
	struct ss_scan scan = {.kind = r->kind, .ns = r->kind->namespaced ? r->ns : ""};
	struct ss_buf items SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_selector selector;
	struct picked picked = {.ctx = ctx, .selector = &selector};
	struct ss_object object, left;
	struct ss_delete how;
	int64_t newest = 0;
	bool gone;
	int rc = options(ctx, r, &how);

	if (rc == 0)
		rc = ss_selector_parse(ctx, r->kind, ss_request_param(r, "labelSelector"),
		                       ss_request_param(r, "fieldSelector"), &selector);
	if (rc < 0)
		return rc;
	scan.name = selector.name;
	rc = ss_store_scan(ctx->store, &scan, pick, &picked, &ctx->err);
	for (size_t i = 0; i < picked.n && rc == 0; i++) {
		struct ss_ctx_mark mark = ss_ctx_mark(ctx);

		rc = ss_object_load(ctx, r->kind, picked.at[i].ns, picked.at[i].name, &object);
		if (rc == 0)
			rc = ss_delete_object(ctx, &object, &how, &left, &gone);
		if (rc == 0) {
			if (items.len)
				ss_buf_putc(&items, ',');
			ss_json_encode(left.doc, left.root, &items);
		}
		rc = rc == SS_ERR_NOT_FOUND && !ctx->status.code ? 0 : rc;
		ss_ctx_release(ctx, mark);
	}
	if (rc == 0)
		rc = ss_store_versions(ctx->store, &newest, NULL, &ctx->err);
	if (rc == 0)
		ss_reply_list(ctx, reply, r->kind, newest, NULL, 0, &items);
	return rc;
}
