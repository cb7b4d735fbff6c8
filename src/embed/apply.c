/* Server-side apply: PATCH with application/apply-patch+yaml. */
#include <string.h>

#include "base/buf.h"
#include "embed/decode.h"
#include "embed/write.h"

static const char *owner_name(struct ss_ctx *ctx, const struct ss_manager *m)
{
	const char *name = ss_quoted(ctx, m->name);

	if (*m->subresource)
		name = ss_pool_printf(&ctx->pool, "%s with subresource \"%s\"", name,
		                      m->subresource);
	if (strcmp(m->operation, "Update") == 0)
		name = ss_pool_printf(&ctx->pool, "%s using %s", name, m->api_version);
	return name ? name : "";
}

static int fail_conflicts(struct ss_ctx *ctx, const struct ss_conflict *conflicts)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	const struct ss_manager *owner = NULL;
	size_t n = 0;
	int rc;

	for (const struct ss_conflict *c = conflicts; c; c = c->next, n++) {
		if (c->owner != owner)
			ss_buf_printf(&text, "%sconflicts with %s:", owner ? "\n" : "",
			              owner_name(ctx, c->owner));
		owner = c->owner;
		ss_buf_printf(&text, "\n- %s", c->path);
		ss_cause(ctx, "FieldManagerConflict", c->path, "conflict with %s",
		         owner_name(ctx, c->owner));
	}
	if (n == 1)
		rc = ss_fail(ctx, 409, "Conflict",
		             "Apply failed with 1 conflict: conflict with %s: %s",
		             owner_name(ctx, conflicts->owner), conflicts->path);
	else
		rc = ss_fail(ctx, 409, "Conflict", "Apply failed with %zu conflicts: %s", n,
		             text.data ? text.data : "");
	ctx->status.causes = ctx->causes;
	ctx->causes = ctx->last_cause = NULL;
	return rc;
}

/* The body names what it is, and it is what the URL names. */
static int check_body(struct ss_ctx *ctx, const struct ss_write *w, struct ss_value config)
{
	const char *version = ss_value_string(config, "apiVersion"),
	           *kind = ss_value_string(config, "kind");
	const char *slash = version ? strchr(version, '/') : NULL;
	const char *name = ss_doc_find_string(config.doc, config.node, "metadata", "name", NULL);

	if (!version || !kind || strcmp(version, ss_kind_api_version(w->kind)) != 0 ||
	    strcmp(kind, w->kind->kind) != 0)
		return ss_fail(ctx, 400, "BadRequest", "invalid object type: %s%s, Kind=%s",
		               slash ? "" : "/", version ? version : "", kind ? kind : "");
	if (name && strcmp(name, w->name) != 0)
		return ss_fail(
		        ctx, 400, "BadRequest",
		        "the name of the object (%s) does not match the name on the URL (%s)", name,
		        w->name);
	if (ss_doc_count(config.doc, ss_doc_find(config.doc, config.node, "metadata",
	                                         "managedFields", NULL)) > 0)
		return ss_fail(ctx, 400, "BadRequest", "metadata.managedFields must be nil");
	return 0;
}

static int check_absent(struct ss_ctx *ctx, const struct ss_write *w, struct ss_value config)
{
	const char *uid = ss_doc_find_string(config.doc, config.node, "metadata", "uid", NULL);

	if (*w->subresource)
		return ss_fail_not_found(ctx, w->kind, w->name);
	if (uid)
		return ss_fail_object(
		        ctx, 409, "Conflict", w->kind, w->name,
		        "Operation cannot be fulfilled on %s %s: uid mismatch: the provided object "
		        "specified uid %s, and no existing object was found",
		        ss_kind_resource(w->kind), ss_quoted(ctx, w->name), uid);
	return ss_require_namespace(ctx, w->kind, w->ns, w->name);
}

/* The part of a configuration that this (sub)resource takes. */
static int reachable(struct ss_ctx *ctx, const struct ss_write *w, struct ss_value in,
                     struct ss_value *ret)
{
	struct ss_doc *out;
	int rc;

	*ret = in;
	if (!w->kind->status || (!*w->subresource && ss_value_get(in, "status").node == SS_NO_NODE))
		return 0;
	out = ss_ctx_doc(ctx);
	if (!out)
		return SS_ERR_NOMEM;
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(in.doc, in.node); ss_iter_next(&it);) {
		bool status = strcmp(it.key, "status") == 0;
		bool frame = strcmp(it.key, "apiVersion") == 0 || strcmp(it.key, "kind") == 0;

		if (!frame && status != (*w->subresource != 0))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, it.doc, it.value);
	}
	ss_doc_end(out);
	rc = ss_ctx_finish(ctx, out);
	*ret = (struct ss_value){out, ss_doc_root(out)};
	return rc;
}

int ss_apply(struct ss_ctx *ctx, const struct ss_write *w, struct ss_value config,
             struct ss_object *ret, bool *ret_created)
{
	struct ss_actor actor = {w->manager, ss_kind_api_version(w->kind), w->subresource,
	                         ctx->now};
	struct ss_value live = {NULL, SS_NO_NODE}, merged;
	struct ss_applied applied;
	struct ss_meta was = {0};
	struct ss_object old;
	const char *rv;
	bool changed;
	int rc = check_body(ctx, w, config);

	if (rc == 0)
		rc = ss_decode_object(ctx, w->kind, config, SS_DECODE_APPLY, true, &config);
	if (rc == 0)
		rc = reachable(ctx, w, config, &config);
	if (rc < 0)
		return rc;
	rc = ss_object_load(ctx, w->kind, w->ns, w->name, &old);
	*ret_created = rc == SS_ERR_NOT_FOUND;
	if (*ret_created) {
		rc = check_absent(ctx, w, config);
	} else if (rc == 0) {
		live = ss_object_value(&old);
		ss_meta_read(ctx, live, true, &was);
		/* A version in the body is a precondition, checked before ownership is. */
		rv = ss_doc_find_string(config.doc, config.node, "metadata", "resourceVersion",
		                        NULL);
		if (rv && strcmp(rv, ss_doc_find_string(old.doc, old.root, "metadata",
		                                        "resourceVersion", NULL)) != 0)
			rc = ss_fail_modified(ctx, w->kind, w->name);
	}
	if (rc < 0)
		return rc;
	rc = ss_managed_apply(&ctx->pool, w->kind->schema, was.managers, live, config, &actor,
	                      w->force, &applied, &ctx->err);
	if (!ss_ctx_keep(ctx, applied.doc))
		return SS_ERR_NOMEM;
	if (rc == 0 && applied.conflicts)
		rc = fail_conflicts(ctx, applied.conflicts);
	if (rc < 0)
		return rc;
	merged = (struct ss_value){applied.doc, ss_doc_root(applied.doc)};
	/* Default keys of list items, which the configuration may leave out. */
	rc = ss_decode_object(ctx, w->kind, merged, SS_DECODE_OBJECT, false, &merged);
	if (rc < 0)
		return rc;
	if (*ret_created)
		return ss_create(ctx, w, merged, applied.managers, ret);
	return ss_update(ctx, w, &old, merged, applied.managers, ret, &changed);
}
