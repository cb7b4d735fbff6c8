#include "embed/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

int ss_object_parse(struct ss_ctx *ctx, const struct ss_record *record, struct ss_object *ret)
{
	struct ss_doc *doc = NULL;
	int rc = ss_json_parse(record->body, record->len, &doc, &ctx->err);

	if (rc < 0)
		return ss_err_wrap(&ctx->err, rc, "stored %s %s/%s", record->kind->singular,
		                   record->ns, record->name);
	if (!ss_ctx_keep(ctx, doc))
		return SS_ERR_NOMEM;
	*ret = (struct ss_object){.kind = record->kind,
	                          .ns = record->ns,
	                          .name = record->name,
	                          .uid = record->uid,
	                          .rv = record->rv,
	                          .doc = doc,
	                          .root = ss_doc_root(doc),
	                          .record = *record};
	return 0;
}

int ss_object_load(struct ss_ctx *ctx, const struct ss_kind *kind, const char *ns, const char *name,
                   struct ss_object *ret)
{
	struct ss_record record;
	int rc = ss_store_get(ctx->store, &ctx->pool, kind, ns, name, &record, &ctx->err);

	return rc < 0 ? rc : ss_object_parse(ctx, &record, ret);
}

struct ss_value ss_object_value(const struct ss_object *object)
{
	return (struct ss_value){object->doc, object->root};
}

struct ss_value ss_value_get(struct ss_value value, const char *key)
{
	return (struct ss_value){value.doc, ss_doc_get(value.doc, value.node, key)};
}

const char *ss_value_string(struct ss_value value, const char *key)
{
	return ss_doc_get_string(value.doc, ss_doc_get(value.doc, value.node, key), NULL);
}

static struct ss_value filled(struct ss_value value)
{
	if (ss_doc_count(value.doc, value.node) == 0)
		value.node = SS_NO_NODE;
	return value;
}

void ss_meta_read(struct ss_ctx *ctx, struct ss_value object, bool managers, struct ss_meta *ret)
{
	struct ss_value meta = ss_value_get(object, "metadata");
	struct ss_value managed = ss_value_get(meta, "managedFields");
	const char *rv = ss_value_string(meta, "resourceVersion");

	*ret = (struct ss_meta){
	        .name = ss_value_string(meta, "name"),
	        .generate_name = ss_value_string(meta, "generateName"),
	        .ns = ss_value_string(meta, "namespace"),
	        .uid = ss_value_string(meta, "uid"),
	        .created = ss_value_string(meta, "creationTimestamp"),
	        .deleted = ss_value_string(meta, "deletionTimestamp"),
	        .grace_s = ss_doc_get_int(
	                meta.doc, ss_value_get(meta, "deletionGracePeriodSeconds").node, -1),
	        .rv = rv ? strtoll(rv, NULL, 10) : 0,
	        .generation = ss_doc_get_int(meta.doc, ss_value_get(meta, "generation").node, 0),
	        .labels = filled(ss_value_get(meta, "labels")),
	        .annotations = filled(ss_value_get(meta, "annotations")),
	        .owners = filled(ss_value_get(meta, "ownerReferences")),
	        .finalizers = filled(ss_value_get(meta, "finalizers")),
	};
	if (managers)
		ret->managers = ss_managed_parse(&ctx->pool, managed.doc, managed.node);
}

const char *const *ss_meta_owner_uids(struct ss_ctx *ctx, const struct ss_meta *meta)
{
	size_t n = ss_doc_count(meta->owners.doc, meta->owners.node), i = 0;
	const char **uids = ss_pool_alloc(&ctx->pool, (n + 1) * sizeof(*uids));

	for (struct ss_iter it = ss_iter(meta->owners.doc, meta->owners.node);
	     uids && ss_iter_next(&it);) {
		const char *uid = ss_value_string((struct ss_value){it.doc, it.value}, "uid");

		if (uid)
			uids[i++] = uid;
	}
	return uids;
}

bool ss_meta_has_finalizer(const struct ss_meta *meta, const char *name)
{
	if (!name)
		return ss_doc_count(meta->finalizers.doc, meta->finalizers.node) > 0;
	for (struct ss_iter it = ss_iter(meta->finalizers.doc, meta->finalizers.node);
	     ss_iter_next(&it);)
		if (ss_doc_is_string(it.doc, it.value, name))
			return true;
	return false;
}

static struct ss_value finalizers(struct ss_ctx *ctx, const struct ss_meta *meta, const char *name,
                                  bool add)
{
	struct ss_doc *doc = ss_ctx_doc(ctx);

	if (!doc)
		return (struct ss_value){NULL, SS_NO_NODE};
	ss_doc_begin_array(doc);
	for (struct ss_iter it = ss_iter(meta->finalizers.doc, meta->finalizers.node);
	     ss_iter_next(&it);)
		if (!ss_doc_is_string(it.doc, it.value, name))
			ss_doc_copy(doc, it.doc, it.value);
	if (add)
		ss_doc_string(doc, name, strlen(name));
	ss_doc_end(doc);
	return filled((struct ss_value){doc, ss_doc_root(doc)});
}

struct ss_value ss_finalizers_with(struct ss_ctx *ctx, const struct ss_meta *meta, const char *name)
{
	return finalizers(ctx, meta, name, true);
}

struct ss_value ss_finalizers_without(struct ss_ctx *ctx, const struct ss_meta *meta,
                                      const char *name)
{
	return finalizers(ctx, meta, name, false);
}

static void put_value(struct ss_doc *out, const char *key, struct ss_value value)
{
	if (value.node != SS_NO_NODE)
		ss_doc_put_copy(out, key, value.doc, value.node);
}

static void write_meta(struct ss_ctx *ctx, const struct ss_meta *meta, struct ss_doc *out)
{
	char rv[24];

	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "name", meta->name);
	ss_doc_put_string(out, "generateName", meta->generate_name);
	ss_doc_put_string(out, "namespace", meta->ns && *meta->ns ? meta->ns : NULL);
	ss_doc_put_string(out, "uid", meta->uid);
	if (meta->rv) {
		snprintf(rv, sizeof(rv), "%lld", (long long)meta->rv);
		ss_doc_put_string(out, "resourceVersion", rv);
	}
	if (meta->generation)
		ss_doc_put_int(out, "generation", meta->generation);
	ss_doc_put_string(out, "creationTimestamp", meta->created);
	ss_doc_put_string(out, "deletionTimestamp", meta->deleted);
	if (meta->deleted && meta->grace_s >= 0)
		ss_doc_put_int(out, "deletionGracePeriodSeconds", meta->grace_s);
	put_value(out, "labels", meta->labels);
	put_value(out, "annotations", meta->annotations);
	put_value(out, "ownerReferences", meta->owners);
	put_value(out, "finalizers", meta->finalizers);
	if (meta->managers) {
		ss_doc_key_lit(out, "managedFields");
		ss_managed_encode(&ctx->pool, meta->managers, out);
	}
	ss_doc_end(out);
}

static bool is_frame(const char *key)
{
	return strcmp(key, "apiVersion") == 0 || strcmp(key, "kind") == 0 ||
	       strcmp(key, "metadata") == 0 || strcmp(key, "status") == 0;
}

struct ss_doc *ss_object_compose(struct ss_ctx *ctx, const struct ss_kind *kind,
                                 const struct ss_meta *meta, struct ss_value content,
                                 struct ss_value status)
{
	struct ss_doc *out = ss_ctx_doc(ctx);

	if (!out)
		return NULL;
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "apiVersion", ss_kind_api_version(kind));
	ss_doc_put_string(out, "kind", kind->kind);
	write_meta(ctx, meta, out);
	for (struct ss_iter it = ss_iter(content.doc, content.node); ss_iter_next(&it);) {
		if (is_frame(it.key))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, it.doc, it.value);
	}
	put_value(out, "status", status);
	ss_doc_end(out);
	return ss_ctx_finish(ctx, out) < 0 ? NULL : out;
}

/* When the reconciler must look at a Sandbox again by itself. */
static int64_t due_of(struct ss_ctx *ctx, const struct ss_kind *kind, const struct ss_doc *doc)
{
	const char *at = ss_doc_find_string(doc, ss_doc_root(doc), "spec", "shutdownTime", NULL);
	int64_t ms;

	if (kind->id != SS_KIND_SANDBOX || !at || ss_clock_parse_rfc3339(at, &ms) < 0)
		return 0;
	return ms > ctx->now_ms ? ms : 0; /* one in the past is dealt with at once */
}

int ss_object_put(struct ss_ctx *ctx, struct ss_put *put, struct ss_object *ret)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *doc;
	int64_t newest;
	int rc = ss_store_versions(ctx->store, &newest, NULL, &ctx->err);

	if (rc < 0)
		return rc;
	put->meta.rv = newest + 1;
	doc = ss_object_compose(ctx, put->kind, &put->meta, put->content, put->status);
	if (!doc)
		return ctx->err.code ? ctx->err.code : ss_err_nomem(&ctx->err);
	ss_json_encode(doc, ss_doc_root(doc), &text);
	rc = ss_buf_check(&text, "the object", &ctx->err);
	if (rc < 0)
		return rc;
	*ret = (struct ss_object){
	        .kind = put->kind,
	        .ns = put->meta.ns ? put->meta.ns : "",
	        .name = put->meta.name,
	        .uid = put->meta.uid,
	        .rv = put->meta.rv,
	        .doc = doc,
	        .root = ss_doc_root(doc),
	};
	ret->record = (struct ss_record){
	        .kind = put->kind,
	        .ns = ret->ns,
	        .name = ret->name,
	        .uid = ret->uid,
	        .rv = ret->rv,
	        .body = ss_pool_strndup(&ctx->pool, text.data, text.len),
	        .len = text.len,
	        .due_ms = due_of(ctx, put->kind, doc),
	        .pending = put->pending,
	        .owners = ss_meta_owner_uids(ctx, &put->meta),
	};
	if (ctx->pool.failed)
		return ss_err_nomem(&ctx->err);
	rc = ss_store_put(ctx->store, &ret->record, put->create, &ctx->err);
	if (rc == 0 && !put->quiet)
		ss_ctx_touch(ctx, put->kind, ret->ns, ret->name);
	return rc;
}

int ss_object_remove(struct ss_ctx *ctx, const struct ss_object *object)
{
	int64_t newest;
	int rc = ss_store_versions(ctx->store, &newest, NULL, &ctx->err);

	if (rc == 0)
		rc = ss_store_remove(ctx->store, &object->record, newest + 1, &ctx->err);
	if (rc == 0)
		ss_ctx_touch(ctx, object->kind, object->ns, object->name);
	return rc;
}
