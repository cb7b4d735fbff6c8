#include "embed/delete.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static int check_preconditions(struct ss_ctx *ctx, const struct ss_object *object,
                               const struct ss_delete *how)
{
	const struct ss_kind *kind = object->kind;
	const char *what = NULL;

	if (how->uid && strcmp(how->uid, object->uid) != 0)
		what = ss_pool_printf(&ctx->pool,
		                      "the UID in the precondition (%s) does not match the UID in "
		                      "record (%s). The "
		                      "object might have been deleted and then recreated",
		                      how->uid, object->uid);
	else if (how->rv && strtoll(how->rv, NULL, 10) != object->rv)
		what = ss_pool_printf(
		        &ctx->pool,
		        "the ResourceVersion in the precondition (%s) does not match the "
		        "ResourceVersion in record (%lld). The object might have been modified",
		        how->rv, (long long)object->rv);
	if (!what)
		return 0;
	ss_fail_object(ctx, 409, "Conflict", kind, object->name,
	               "Operation cannot be fulfilled on %s %s: %s", ss_kind_qualified(kind),
	               ss_quoted(ctx, object->name), what);
	ctx->status.kind = kind->kind;
	return SS_ERR_CONFLICT;
}

static int check_protected(struct ss_ctx *ctx, const struct ss_object *object)
{
	static const char *const names[] = {"default", "kube-system", "kube-public"};

	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++)
		if (object->kind->id == SS_KIND_NAMESPACE && strcmp(object->name, names[i]) == 0)
			return ss_fail_object(
			        ctx, 403, "Forbidden", object->kind, object->name,
			        "namespaces %s is forbidden: this namespace may not be deleted",
			        ss_quoted(ctx, object->name));
	return 0;
}

/* Only a Pod that may be running has a grace period. */
static int64_t grace_of(const struct ss_object *object, const struct ss_delete *how)
{
	struct ss_value pod = ss_object_value(object), spec = ss_value_get(pod, "spec");
	const char *phase = ss_value_string(ss_value_get(pod, "status"), "phase");
	const char *node = ss_value_string(spec, "nodeName");

	if (object->kind->id != SS_KIND_POD || !node || !*node)
		return 0;
	if (phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0))
		return 0;
	if (how->grace_s >= 0)
		return how->grace_s;
	return ss_doc_get_int(pod.doc, ss_value_get(spec, "terminationGracePeriodSeconds").node,
	                      30);
}

static struct ss_value finalizers_for(struct ss_ctx *ctx, const struct ss_meta *meta,
                                      const char *propagation)
{
	struct ss_meta step = *meta;

	if (!propagation)
		return meta->finalizers;
	step.finalizers = ss_finalizers_without(ctx, &step, "orphan");
	step.finalizers = ss_finalizers_without(ctx, &step, "foregroundDeletion");
	if (strcmp(propagation, "Orphan") == 0)
		return ss_finalizers_with(ctx, &step, "orphan");
	if (strcmp(propagation, "Foreground") == 0)
		return ss_finalizers_with(ctx, &step, "foregroundDeletion");
	return step.finalizers;
}

static struct ss_value status_of(struct ss_ctx *ctx, const struct ss_object *object)
{
	struct ss_value status = ss_value_get(ss_object_value(object), "status");
	struct ss_doc *doc;

	if (object->kind->id != SS_KIND_NAMESPACE)
		return status;
	doc = ss_ctx_doc(ctx);
	if (!doc)
		return status;
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "phase", "Terminating");
	ss_doc_end(doc);
	return (struct ss_value){doc, ss_doc_root(doc)};
}

static bool same_finalizers(const struct ss_meta *a, struct ss_value b)
{
	if (a->finalizers.node == SS_NO_NODE || b.node == SS_NO_NODE)
		return a->finalizers.node == b.node;
	return ss_doc_equal(a->finalizers.doc, a->finalizers.node, b.doc, b.node);
}

/* Mark the object as being deleted. */
static int mark(struct ss_ctx *ctx, const struct ss_object *object, struct ss_put *put,
                int64_t grace_s, struct ss_object *ret)
{
	char at[32];
	struct ss_doc *doc;

	if (!put->meta.deleted) {
		ss_clock_rfc3339(ctx->now_ms + grace_s * 1000, at, sizeof(at));
		put->meta.deleted = ss_pool_strdup(&ctx->pool, at);
		put->meta.grace_s = object->kind->id == SS_KIND_NAMESPACE ? -1 : grace_s;
		if (object->kind->generation)
			put->meta.generation++;
	} else if (put->meta.grace_s > grace_s) {
		put->meta.grace_s = grace_s;
	}
	put->status = status_of(ctx, object);
	if (!ctx->dry_run)
		return ss_object_put(ctx, put, ret);
	doc = ss_object_compose(ctx, put->kind, &put->meta, put->content, put->status);
	*ret = *object;
	ret->doc = doc;
	ret->root = ss_doc_root(doc);
	return doc ? 0 : SS_ERR_NOMEM;
}

int ss_delete_object(struct ss_ctx *ctx, const struct ss_object *object,
                     const struct ss_delete *how, struct ss_object *ret, bool *ret_gone)
{
	struct ss_put put = {.kind = object->kind,
	                     .content = ss_object_value(object),
	                     .pending = object->record.pending};
	struct ss_value finalizers;
	int64_t grace_s = grace_of(object, how);
	int rc = check_preconditions(ctx, object, how);

	if (rc == 0)
		rc = check_protected(ctx, object);
	if (rc < 0)
		return rc;
	*ret = *object;
	*ret_gone = false;
	ss_meta_read(ctx, put.content, true, &put.meta);
	finalizers = finalizers_for(ctx, &put.meta, how->propagation);
	if (put.meta.deleted && same_finalizers(&put.meta, finalizers) &&
	    (put.meta.grace_s <= grace_s || object->kind->id == SS_KIND_NAMESPACE))
		return 0; /* on its way already */
	put.meta.finalizers = finalizers;
	if (ss_meta_has_finalizer(&put.meta, NULL) || grace_s > 0 ||
	    object->kind->id == SS_KIND_NAMESPACE)
		return mark(ctx, object, &put, grace_s, ret);
	*ret_gone = true;
	return ctx->dry_run ? 0 : ss_remove_object(ctx, object);
}
