/* What the garbage collector and the namespace controller of a real cluster do,
 * inside the transaction that makes it necessary. */
#include <string.h>

#include "embed/delete.h"
#include "embed/write.h"

static bool exists(struct ss_ctx *ctx, const char *uid)
{
	struct ss_record record;

	return ss_store_get_uid(ctx->store, &ctx->pool, uid, &record, &ctx->err) == 0;
}

/* The owner references other than those to uid; with living_only, those whose object exists. */
static struct ss_value other_owners(struct ss_ctx *ctx, const struct ss_meta *meta, const char *uid,
                                    bool living_only)
{
	struct ss_doc *doc = ss_ctx_doc(ctx);
	struct ss_value none = {NULL, SS_NO_NODE};

	if (!doc)
		return none;
	ss_doc_begin_array(doc);
	for (struct ss_iter it = ss_iter(meta->owners.doc, meta->owners.node); ss_iter_next(&it);) {
		const char *owner = ss_value_string((struct ss_value){it.doc, it.value}, "uid");

		if (owner && (!uid || strcmp(owner, uid) != 0) &&
		    (!living_only || exists(ctx, owner)))
			ss_doc_copy(doc, it.doc, it.value);
	}
	ss_doc_end(doc);
	if (ss_doc_count(doc, ss_doc_root(doc)) == 0)
		return none;
	return (struct ss_value){doc, ss_doc_root(doc)};
}

static int set_owners(struct ss_ctx *ctx, const struct ss_object *object, struct ss_value owners)
{
	struct ss_put put = {.kind = object->kind,
	                     .content = ss_object_value(object),
	                     .status = ss_value_get(ss_object_value(object), "status"),
	                     .pending = object->record.pending};
	struct ss_object changed;

	ss_meta_read(ctx, put.content, true, &put.meta);
	put.meta.owners = owners;
	return ss_object_put(ctx, &put, &changed);
}

/* Owners that wait for their dependents, and a namespace that waits to be empty. */
static int wake_waiting(struct ss_ctx *ctx, const struct ss_object *removed)
{
	struct ss_record owner;
	struct ss_meta meta;
	int rc = 0;

	ss_meta_read(ctx, ss_object_value(removed), false, &meta);
	for (const char *const *uid = ss_meta_owner_uids(ctx, &meta); uid && *uid && rc == 0;
	     uid++) {
		rc = ss_store_get_uid(ctx->store, &ctx->pool, *uid, &owner, &ctx->err);
		if (rc == 0)
			ss_ctx_touch(ctx, owner.kind, owner.ns, owner.name);
		rc = rc == SS_ERR_NOT_FOUND ? 0 : rc;
	}
	if (*removed->ns)
		ss_ctx_touch(ctx, ss_kind(SS_KIND_NAMESPACE), "", removed->ns);
	return rc;
}

int ss_remove_object(struct ss_ctx *ctx, const struct ss_object *object)
{
	struct ss_record *owned = NULL;
	size_t n = 0;
	int rc = ss_object_remove(ctx, object);

	if (rc == 0)
		rc = ss_store_owned(ctx->store, &ctx->pool, object->uid, &owned, &n, &ctx->err);
	/* ss_collect looks at each of them in its turn: a chain of owners may be as long as it likes. */
	for (size_t i = 0; i < n && rc == 0; i++)
		ss_ctx_touch(ctx, owned[i].kind, owned[i].ns, owned[i].name);
	return rc < 0 ? rc : wake_waiting(ctx, object);
}

static int release(struct ss_ctx *ctx, const struct ss_object *object, const char *finalizer,
                   bool *ret_removed)
{
	struct ss_put put = {.kind = object->kind,
	                     .content = ss_object_value(object),
	                     .status = ss_value_get(ss_object_value(object), "status"),
	                     .pending = object->record.pending};
	struct ss_object changed;
	int rc;

	ss_meta_read(ctx, put.content, true, &put.meta);
	put.meta.finalizers = ss_finalizers_without(ctx, &put.meta, finalizer);
	rc = ss_object_put(ctx, &put, &changed);
	if (rc < 0 || ss_meta_has_finalizer(&put.meta, NULL) || put.meta.grace_s > 0)
		return rc;
	*ret_removed = true;
	return ss_remove_object(ctx, &changed);
}

static int orphan_dependents(struct ss_ctx *ctx, const struct ss_object *owner)
{
	struct ss_record *owned = NULL;
	struct ss_object object;
	struct ss_meta meta;
	size_t n = 0;
	int rc = ss_store_owned(ctx->store, &ctx->pool, owner->uid, &owned, &n, &ctx->err);

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = ss_object_load(ctx, owned[i].kind, owned[i].ns, owned[i].name, &object);
		if (rc < 0)
			continue;
		ss_meta_read(ctx, ss_object_value(&object), false, &meta);
		rc = set_owners(ctx, &object, other_owners(ctx, &meta, owner->uid, false));
	}
	return rc == SS_ERR_NOT_FOUND ? 0 : rc;
}

static bool blocks(struct ss_ctx *ctx, const struct ss_object *dependent, const char *uid)
{
	struct ss_meta meta;

	ss_meta_read(ctx, ss_object_value(dependent), false, &meta);
	for (struct ss_iter it = ss_iter(meta.owners.doc, meta.owners.node); ss_iter_next(&it);) {
		struct ss_value ref = {it.doc, it.value};

		if (ss_doc_is_string(it.doc, ss_value_get(ref, "uid").node, uid) &&
		    ss_doc_get_bool(it.doc, ss_value_get(ref, "blockOwnerDeletion").node, false))
			return true;
	}
	return false;
}

/* Delete the dependents; *ret_left counts those that still block their owner. */
static int delete_dependents(struct ss_ctx *ctx, const struct ss_object *owner, size_t *ret_left)
{
	static const struct ss_delete foreground = {.propagation = "Foreground", .grace_s = -1};
	struct ss_record *owned = NULL;
	struct ss_object object, ret;
	size_t n = 0;
	bool gone;
	int rc = ss_store_owned(ctx->store, &ctx->pool, owner->uid, &owned, &n, &ctx->err);

	*ret_left = 0;
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = ss_object_load(ctx, owned[i].kind, owned[i].ns, owned[i].name, &object);
		if (rc == SS_ERR_NOT_FOUND) {
			rc = 0;
			continue;
		}
		if (rc == 0)
			rc = ss_delete_object(ctx, &object, &foreground, &ret, &gone);
		if (rc == 0 && !gone)
			*ret_left += blocks(ctx, &object, owner->uid);
	}
	return rc;
}

int ss_collect(struct ss_ctx *ctx, const struct ss_object *object, bool *ret_removed)
{
	static const struct ss_delete background = {.grace_s = -1};
	struct ss_value living;
	struct ss_object ret;
	struct ss_meta meta;
	size_t left;
	int rc;

	*ret_removed = false;
	ss_meta_read(ctx, ss_object_value(object), false, &meta);
	if (meta.deleted && ss_meta_has_finalizer(&meta, "orphan")) {
		rc = orphan_dependents(ctx, object);
		return rc < 0 ? rc : release(ctx, object, "orphan", ret_removed);
	}
	if (meta.deleted && ss_meta_has_finalizer(&meta, "foregroundDeletion")) {
		rc = delete_dependents(ctx, object, &left);
		return rc < 0 || left ? rc
		                      : release(ctx, object, "foregroundDeletion", ret_removed);
	}
	if (meta.deleted || meta.owners.node == SS_NO_NODE)
		return 0;
	/* Without a living owner it goes, too; with one, those that are away are forgotten. */
	living = other_owners(ctx, &meta, NULL, true);
	if (living.node != SS_NO_NODE)
		return ss_doc_count(living.doc, living.node) ==
		                       ss_doc_count(meta.owners.doc, meta.owners.node)
		               ? 0
		               : set_owners(ctx, object, living);
	return ss_delete_object(ctx, object, &background, &ret, ret_removed);
}

/* --- namespaces ------------------------------------------------------------ */
struct keys {
	struct ss_ctx *ctx;
	struct ss_record *at;
	size_t n, cap;
};

static int keep_key(void *ud, const struct ss_record *row)
{
	struct keys *k = ud;
	struct ss_record *more;

	if (k->n == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 32;
		more = ss_pool_alloc(&k->ctx->pool, k->cap * sizeof(*more));
		if (!more)
			return ss_err_nomem(&k->ctx->err);
		if (k->n)
			memcpy(more, k->at, k->n * sizeof(*more));
		k->at = more;
	}
	k->at[k->n++] = (struct ss_record){.kind = row->kind,
	                                   .ns = ss_pool_strdup(&k->ctx->pool, row->ns),
	                                   .name = ss_pool_strdup(&k->ctx->pool, row->name)};
	return k->ctx->pool.failed ? ss_err_nomem(&k->ctx->err) : 0;
}

static int content_of(struct ss_ctx *ctx, const char *ns, struct keys *ret)
{
	int rc = 0;

	*ret = (struct keys){.ctx = ctx};
	for (int id = 0; id < SS_KINDS && rc == 0; id++) {
		struct ss_scan scan = {.kind = ss_kind((enum ss_kind_id)id), .ns = ns};

		if (scan.kind->namespaced)
			rc = ss_store_scan(ctx->store, &scan, keep_key, ret, &ctx->err);
	}
	return rc;
}

int ss_finish_namespace(struct ss_ctx *ctx, const struct ss_object *ns)
{
	static const struct ss_delete now = {.grace_s = 0};
	struct ss_object object, ret;
	struct keys content;
	bool gone;
	int rc = content_of(ctx, ns->name, &content);

	for (size_t i = 0; i < content.n && rc == 0; i++) {
		struct ss_ctx_mark mark = ss_ctx_mark(ctx);

		rc = ss_object_load(ctx, content.at[i].kind, content.at[i].ns, content.at[i].name,
		                    &object);
		if (rc == 0)
			rc = ss_delete_object(ctx, &object, &now, &ret, &gone);
		else if (rc == SS_ERR_NOT_FOUND)
			rc = 0;
		ss_ctx_release(ctx, mark);
	}
	if (rc == 0)
		rc = content_of(ctx, ns->name, &content);
	if (rc < 0 || content.n > 0)
		return rc; /* comes back when the last of them is removed */
	return ss_remove_object(ctx, ns);
}

int ss_furnish_namespace(struct ss_ctx *ctx, const char *ns)
{
	const struct ss_kind *kind = ss_kind(SS_KIND_SERVICE_ACCOUNT);
	struct ss_write w = {.kind = kind,
	                     .ns = ns,
	                     .name = "default",
	                     .subresource = "",
	                     .manager = "kube-controller-manager"};
	struct ss_record record;
	struct ss_object ret;
	struct ss_doc *doc;
	int rc = ss_store_get(ctx->store, &ctx->pool, kind, ns, "default", &record, &ctx->err);

	if (rc != SS_ERR_NOT_FOUND)
		return rc;
	doc = ss_ctx_doc(ctx);
	if (!doc)
		return SS_ERR_NOMEM;
	ss_doc_begin_object(doc);
	ss_doc_end(doc);
	return ss_create(ctx, &w, (struct ss_value){doc, ss_doc_root(doc)}, NULL, &ret);
}
