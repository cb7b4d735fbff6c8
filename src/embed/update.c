/* Changes of stored objects. */
#include <stdio.h>
#include <string.h>

#include "embed/decode.h"
#include "embed/delete.h"
#include "embed/prepare.h"
#include "embed/validate.h"
#include "embed/write.h"

static bool same(struct ss_value a, struct ss_value b)
{
	if (a.node == SS_NO_NODE || b.node == SS_NO_NODE)
		return a.node == b.node;
	return ss_doc_equal(a.doc, a.node, b.doc, b.node);
}

static bool is_frame(const char *key)
{
	return strcmp(key, "apiVersion") == 0 || strcmp(key, "kind") == 0 ||
	       strcmp(key, "metadata") == 0 || strcmp(key, "status") == 0;
}

/* Whether two objects agree in all but apiVersion, kind, metadata and status. */
static bool same_content(struct ss_value a, struct ss_value b)
{
	size_t n_a = 0, n_b = 0;

	for (struct ss_iter it = ss_iter(a.doc, a.node); ss_iter_next(&it);) {
		if (is_frame(it.key))
			continue;
		n_a++;
		if (!same((struct ss_value){it.doc, it.value}, ss_value_get(b, it.key)))
			return false;
	}
	for (struct ss_iter it = ss_iter(b.doc, b.node); ss_iter_next(&it);)
		n_b += !is_frame(it.key);
	return n_a == n_b;
}

static bool same_meta(const struct ss_meta *a, const struct ss_meta *b)
{
	return same(a->labels, b->labels) && same(a->annotations, b->annotations) &&
	       same(a->owners, b->owners) && same(a->finalizers, b->finalizers) &&
	       (a->deleted == NULL) == (b->deleted == NULL);
}

static int check_identity(struct ss_ctx *ctx, const struct ss_write *w, const struct ss_object *old,
                          const struct ss_meta *in)
{
	if (in->name && strcmp(in->name, old->name) != 0)
		return ss_fail(
		        ctx, 400, "BadRequest",
		        "the name of the object (%s) does not match the name on the URL (%s)",
		        in->name, old->name);
	if (in->ns && strcmp(in->ns, old->ns) != 0)
		return ss_fail(ctx, 400, "BadRequest",
		               "the namespace of the object (%s) does not match the namespace on "
		               "the request (%s)",
		               in->ns, old->ns);
	if (in->uid && strcmp(in->uid, old->uid) != 0) {
		if (w->put)
			return ss_fail_object(ctx, 409, "Conflict", w->kind, old->name,
			                      "Operation cannot be fulfilled on %s %s: "
			                      "Precondition failed: UID in "
			                      "precondition: %s, UID in object meta: %s",
			                      ss_kind_resource(w->kind), ss_quoted(ctx, old->name),
			                      in->uid, old->uid);
		ss_cause(ctx, "FieldValueInvalid", "metadata.uid",
		         "Invalid value: %s: field is immutable", ss_quoted(ctx, in->uid));
		return ss_fail_invalid(ctx, w->kind, old->name);
	}
	if (in->rv && in->rv != old->rv)
		return ss_fail_modified(ctx, w->kind, old->name);
	if (!in->rv && w->put && w->kind->custom) {
		ss_cause(ctx, "FieldValueInvalid", "metadata.resourceVersion",
		         "Invalid value: 0: must be specified for an update");
		return ss_fail_causes(ctx, w->kind->group, w->kind->plural,
		                      ss_kind_resource(w->kind), old->name);
	}
	return 0;
}

/* While an object is being deleted, its finalizers can only become fewer. */
static void check_finalizers(struct ss_ctx *ctx, const struct ss_meta *old,
                             const struct ss_meta *now)
{
	if (!old->deleted)
		return;
	for (struct ss_iter it = ss_iter(now->finalizers.doc, now->finalizers.node);
	     ss_iter_next(&it);) {
		const char *name = ss_doc_get_string(it.doc, it.value, NULL);

		if (name && !ss_meta_has_finalizer(old, name))
			ss_cause(ctx, "FieldValueForbidden", "metadata.finalizers",
			         "Forbidden: no new finalizers can be added if the object is being "
			         "deleted, "
			         "found new finalizers []string{%s}",
			         ss_quoted(ctx, name));
	}
}

/* The stored identity with what a client may change taken from in. */
static struct ss_meta merged_meta(const struct ss_meta *old, const struct ss_meta *in)
{
	struct ss_meta out = *old;

	out.labels = in->labels;
	out.annotations = in->annotations;
	out.owners = in->owners;
	out.finalizers = in->finalizers;
	return out;
}

static int store(struct ss_ctx *ctx, const struct ss_object *old, struct ss_put *put,
                 struct ss_object *ret)
{
	struct ss_doc *doc;
	int rc;

	put->pending = old->record.pending;
	if (!ctx->dry_run) {
		rc = ss_object_put(ctx, put, ret);
		if (rc < 0 || !put->meta.deleted || ss_meta_has_finalizer(&put->meta, NULL) ||
		    put->meta.grace_s > 0 || put->kind->id == SS_KIND_NAMESPACE)
			return rc;
		/* The last finalizer is gone. */
		return ss_remove_object(ctx, ret);
	}
	doc = ss_object_compose(ctx, put->kind, &put->meta, put->content, put->status);
	*ret = *old;
	ret->record.body = NULL; /* the stored text, which a reply would prefer to the document */
	ret->doc = doc;
	ret->root = ss_doc_root(doc);
	return doc ? 0 : SS_ERR_NOMEM;
}

int ss_update(struct ss_ctx *ctx, const struct ss_write *w, const struct ss_object *old,
              struct ss_value in, struct ss_manager *managers, struct ss_object *ret,
              bool *ret_changed)
{
	struct ss_value live = ss_object_value(old);
	struct ss_actor actor = {w->manager, ss_kind_api_version(w->kind), w->subresource,
	                         ctx->now};
	struct ss_put put = {.kind = w->kind, .status = ss_value_get(live, "status")};
	struct ss_meta was, now;
	bool content_same;
	int rc;

	ss_meta_read(ctx, in, false, &now);
	rc = check_identity(ctx, w, old, &now);
	if (rc == 0 && !*w->subresource)
		rc = ss_prepare(ctx, w->kind, in, old, &in);
	if (rc < 0)
		return rc;
	ss_meta_read(ctx, live, true, &was);
	ss_meta_read(ctx, in, false, &now);
	if (*w->subresource) {
		put.meta = was;
		put.content = live;
		put.status = ss_value_get(in, "status");
		rc = ss_fail_invalid(ctx, w->kind, old->name); /* what the types found */
		if (rc < 0)
			return rc;
	} else {
		put.meta = merged_meta(&was, &now);
		put.content = in;
		check_finalizers(ctx, &was, &put.meta);
		ss_validate_meta(ctx, w->kind, &put.meta);
		ss_validate_object(ctx, w->kind, in, old);
		rc = ss_fail_invalid(ctx, w->kind, old->name);
		if (rc < 0)
			return rc;
	}
	put.meta.managers = managers ? managers
	                             : ss_managed_update(&ctx->pool, w->kind->schema, was.managers,
	                                                 live, in, &actor);
	content_same = same_content(live, put.content);
	if (w->kind->generation && !content_same)
		put.meta.generation = was.generation + 1;
	*ret_changed = !content_same || !same_meta(&was, &put.meta) ||
	               !same(ss_value_get(live, "status"), put.status) ||
	               !ss_managed_equal(was.managers, put.meta.managers);
	if (*ret_changed)
		return store(ctx, old, &put, ret);
	*ret = *old;
	return ctx->pool.failed ? ss_err_nomem(&ctx->err) : 0;
}

int ss_update_status(struct ss_ctx *ctx, const struct ss_object *old, const char *manager,
                     struct ss_value status, bool pending, struct ss_object *ret)
{
	struct ss_value live = ss_object_value(old), next;
	struct ss_actor actor = {manager, ss_kind_api_version(old->kind), "status", ctx->now};
	struct ss_put put = {.kind = old->kind,
	                     .content = live,
	                     .status = status,
	                     .pending = pending,
	                     .quiet = old->kind->id == SS_KIND_SANDBOX};
	struct ss_doc *doc;

	*ret = *old;
	if (same(ss_value_get(live, "status"), status) && pending == old->record.pending)
		return 0;
	ss_meta_read(ctx, live, true, &put.meta);
	doc = ss_object_compose(ctx, old->kind, &put.meta, live, status);
	if (!doc)
		return SS_ERR_NOMEM;
	next = (struct ss_value){doc, ss_doc_root(doc)};
	put.meta.managers = ss_managed_update(&ctx->pool, old->kind->schema, put.meta.managers,
	                                      live, next, &actor);
	return ss_object_put(ctx, &put, ret);
}
