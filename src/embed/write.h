/* Creating and changing objects: what POST, PUT, PATCH and the reconciler share. */
#pragma once

#include "embed/object.h"

struct ss_write {
	const struct ss_kind *kind;
	const char *ns;          /* of the URL; "" for cluster-scoped kinds */
	const char *name;        /* of the URL; NULL on POST */
	const char *subresource; /* "" or "status" */
	const char *manager;     /* who: fieldManager, else the user agent */
	bool strict;             /* fieldValidation=Strict */
	bool force;              /* apply: take fields over */
	bool put;                /* a whole object by PUT, not the result of a patch */
};

/* The object that a create or update stores; in is a parsed body that has passed
 * ss_decode_object. managers: the owners that an apply computed, NULL otherwise. */
int ss_create(struct ss_ctx *ctx, const struct ss_write *w, struct ss_value in,
              struct ss_manager *managers, struct ss_object *ret);
/* ret_changed: false when the object is as it was (and keeps its version). May remove an object
 * that was only waiting for its finalizers. */
int ss_update(struct ss_ctx *ctx, const struct ss_write *w, const struct ss_object *old,
              struct ss_value in, struct ss_manager *managers, struct ss_object *ret,
              bool *ret_changed);
/* Merge an applied configuration; creates when there is no such object. */
int ss_apply(struct ss_ctx *ctx, const struct ss_write *w, struct ss_value config,
             struct ss_object *ret, bool *ret_created);
/* 404 or 403 when new objects cannot be put into the namespace. */
int ss_require_namespace(struct ss_ctx *ctx, const struct ss_kind *kind, const char *ns,
                         const char *name);
/* apiVersion and kind of a body against those of the URL. */
int ss_check_gvk(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value in);
/* A change of status by the reconciler itself (or of metadata when status.node is SS_NO_NODE
 * and meta is given): no checks, a no-op when nothing differs. */
int ss_update_status(struct ss_ctx *ctx, const struct ss_object *old, const char *manager,
                     struct ss_value status, bool pending, struct ss_object *ret);
