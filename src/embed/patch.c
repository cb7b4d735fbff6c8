/* PATCH: apply, merge patch (RFC 7386), JSON patch (RFC 6902). */
#include <string.h>

#include "base/edit.h"
#include "base/json.h"
#include "embed/decode.h"
#include "embed/request.h"

static int fail_media_type(struct ss_ctx *ctx)
{
	return ss_fail(
	        ctx, 415, "UnsupportedMediaType",
	        "the body of the request was in an unknown format - accepted media types include: "
	        "application/json-patch+json, application/merge-patch+json, "
	        "application/apply-patch+yaml");
}

static int apply(struct ss_ctx *ctx, const struct ss_request *r, struct ss_write *w,
                 struct ss_reply *reply)
{
	const char *manager = ss_request_param(r, "fieldManager");
	struct ss_object object;
	struct ss_value config;
	bool created;
	int rc;

	if (!manager || !*manager) {
		ss_cause(ctx, "FieldValueRequired", "fieldManager",
		         "Required value: is required for apply patch");
		return ss_fail_causes(ctx, "meta.k8s.io", "PatchOptions",
		                      "PatchOptions.meta.k8s.io", "");
	}
	rc = ss_decode_parse(ctx, r->kind, r->body ? r->body : "", r->len, true, &config);
	if (rc == 0)
		rc = ss_apply(ctx, w, config, &object, &created);
	if (rc == 0)
		ss_reply_object(reply, created ? 201 : 200, &object);
	return rc;
}

static int parse_patch(struct ss_ctx *ctx, const struct ss_request *r, enum ss_type want,
                       struct ss_value *ret)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc = NULL;
	int rc;

	ss_err_init(&err);
	rc = ss_json_parse(r->body ? r->body : "", r->len, &doc, &err);
	if (rc == SS_ERR_NOMEM)
		return ss_err_nomem(&ctx->err);
	if (rc < 0)
		return ss_fail(ctx, 400, "BadRequest", "error decoding patch: %s", err.message);
	if (!ss_ctx_keep(ctx, doc))
		return SS_ERR_NOMEM;
	*ret = (struct ss_value){doc, ss_doc_root(doc)};
	if (ss_doc_type(doc, ret->node) != want)
		return ss_fail(ctx, 400, "BadRequest", "error decoding patch: %s expected",
		               want == SS_ARRAY ? "a list of operations" : "an object");
	return 0;
}

static int merged(struct ss_ctx *ctx, const struct ss_request *r, struct ss_value live,
                  struct ss_value *ret)
{
	struct ss_value patch;
	struct ss_doc *out;
	int rc = parse_patch(ctx, r, SS_OBJECT, &patch);

	out = rc < 0 ? NULL : ss_ctx_doc(ctx);
	if (!out)
		return rc < 0 ? rc : SS_ERR_NOMEM;
	ss_edit_merge(out, live.doc, live.node, patch.doc, patch.node);
	rc = ss_ctx_finish(ctx, out);
	*ret = (struct ss_value){out, ss_doc_root(out)};
	return rc;
}

static int patched(struct ss_ctx *ctx, const struct ss_request *r, struct ss_value live,
                   struct ss_value *ret)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_value patch;
	struct ss_doc *out = NULL;
	int rc = parse_patch(ctx, r, SS_ARRAY, &patch);

	ss_err_init(&err);
	if (rc < 0)
		return rc;
	rc = ss_edit_json_patch(live.doc, live.node, patch.doc, patch.node, &out, &err);
	if (rc == SS_ERR_NOMEM)
		return ss_err_nomem(&ctx->err);
	if (rc < 0) {
		rc = ss_fail(ctx, 422, "Invalid",
		             "the server rejected our request due to an error in our request: %s",
		             err.message);
		ctx->status.details = true;
		return rc;
	}
	if (!ss_ctx_keep(ctx, out))
		return SS_ERR_NOMEM;
	*ret = (struct ss_value){out, ss_doc_root(out)};
	if (ss_doc_type(out, ret->node) == SS_OBJECT)
		return 0;
	return ss_fail(ctx, 422, "Invalid", "the patched object is no object");
}

int ss_handle_patch(struct ss_ctx *ctx, const struct ss_request *r, struct ss_write *w,
                    struct ss_reply *reply)
{
	struct ss_object old, object;
	struct ss_value in;
	bool changed, json = strcmp(r->content_type, "application/json-patch+json") == 0;
	int rc;

	if (strncmp(r->content_type, "application/apply-patch+yaml", 28) == 0)
		return apply(ctx, r, w, reply);
	if (!json && strcmp(r->content_type, "application/merge-patch+json") != 0)
		return fail_media_type(ctx);
	rc = ss_object_load(ctx, w->kind, w->ns, w->name, &old);
	if (rc == SS_ERR_NOT_FOUND)
		return ss_fail_not_found(ctx, w->kind, w->name);
	if (rc == 0)
		rc = (json ? patched : merged)(ctx, r, ss_object_value(&old), &in);
	if (rc == 0)
		rc = ss_decode_object(ctx, w->kind, in, SS_DECODE_OBJECT, w->strict, &in);
	if (rc == 0)
		rc = ss_update(ctx, w, &old, in, NULL, &object, &changed);
	if (rc == 0)
		ss_reply_object(reply, 200, &object);
	return rc;
}
