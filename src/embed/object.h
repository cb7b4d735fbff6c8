/* Stored objects and their metadata. */
#pragma once

#include "embed/ctx.h"

struct ss_object {
	const struct ss_kind *kind;
	const char *ns, *name, *uid; /* ns is "" for cluster-scoped kinds */
	int64_t rv;
	const struct ss_doc *doc;
	ss_node root;
	struct ss_record record; /* as stored; body is the JSON text */
};

/* 0, SS_ERR_NOT_FOUND (nothing recorded), or a failure in ctx->err. */
int ss_object_load(struct ss_ctx *ctx, const struct ss_kind *kind, const char *ns, const char *name,
                   struct ss_object *ret);
/* Parse a record that is at hand. */
int ss_object_parse(struct ss_ctx *ctx, const struct ss_record *record, struct ss_object *ret);
struct ss_value ss_object_value(const struct ss_object *object);
/* A member by path; empty when absent. */
struct ss_value ss_value_get(struct ss_value value, const char *key);
const char *ss_value_string(struct ss_value value, const char *key);

/* metadata, taken apart. Values are borrowed from the document they were read from. */
struct ss_meta {
	const char *name, *generate_name, *ns, *uid, *created, *deleted;
	int64_t grace_s;        /* deletionGracePeriodSeconds, -1 = none */
	int64_t rv, generation; /* 0 = none */
	struct ss_value labels, annotations, owners, finalizers;
	struct ss_manager *managers;
};
/* managers: also read managedFields (into the pool). */
void ss_meta_read(struct ss_ctx *ctx, struct ss_value object, bool managers, struct ss_meta *ret);
/* UIDs of the owners, NULL-terminated, in the pool. */
const char *const *ss_meta_owner_uids(struct ss_ctx *ctx, const struct ss_meta *meta);
bool ss_meta_has_finalizer(const struct ss_meta *meta, const char *name); /* NULL = any */
/* The finalizers with one added or removed, as a value in a new document. */
struct ss_value ss_finalizers_with(struct ss_ctx *ctx, const struct ss_meta *meta,
                                   const char *name);
struct ss_value ss_finalizers_without(struct ss_ctx *ctx, const struct ss_meta *meta,
                                      const char *name);

/* The whole object: apiVersion, kind, this metadata, the members of content other than those
 * and status, and this status (none when its node is SS_NO_NODE). NULL: failure in ctx->err. */
struct ss_doc *ss_object_compose(struct ss_ctx *ctx, const struct ss_kind *kind,
                                 const struct ss_meta *meta, struct ss_value content,
                                 struct ss_value status);

/* Store a changed or new object under the next version (which is put into meta->rv) and tell
 * the reconciler. ret is filled in. due_ms and pending: see struct ss_record. */
struct ss_put {
	const struct ss_kind *kind;
	struct ss_meta meta;
	struct ss_value content, status;
	bool create;
	bool quiet; /* the reconciler's own write: do not call it again for this object */
	bool pending;
};
int ss_object_put(struct ss_ctx *ctx, struct ss_put *put, struct ss_object *ret);
/* Take it away under the next version. */
int ss_object_remove(struct ss_ctx *ctx, const struct ss_object *object);
