/* Deletion, finalizers and the garbage collection of what an object owned. */
#pragma once

#include "embed/object.h"

struct ss_delete {
	const char *propagation; /* "Foreground", "Background", "Orphan", or NULL */
	const char *uid, *rv;    /* preconditions, or NULL */
	int64_t grace_s;         /* -1 = the object's own */
};

/* Begin or complete the deletion of an object. ret_gone: it is away; otherwise ret is how it
 * is left (waiting for finalizers or for its grace period). */
int ss_delete_object(struct ss_ctx *ctx, const struct ss_object *object,
                     const struct ss_delete *how, struct ss_object *ret, bool *ret_gone);
/* Take an object away, and what only it owned. */
int ss_remove_object(struct ss_ctx *ctx, const struct ss_object *object);
/* The collector's look at an object that is being deleted or that names owners. */
int ss_collect(struct ss_ctx *ctx, const struct ss_object *object, bool *ret_removed);
/* Empty a namespace that is being deleted, and remove it when it is empty. */
int ss_finish_namespace(struct ss_ctx *ctx, const struct ss_object *ns);
/* Default service account and such of a namespace. */
int ss_furnish_namespace(struct ss_ctx *ctx, const char *ns);
