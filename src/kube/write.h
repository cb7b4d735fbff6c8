/* What create, apply and diff share: an object that is checked by the preflight,
 * addressed, and encoded once its kind is known. */
#pragma once

#include "kube/encode.h"
#include "kube/op.h"

struct ss_write {
	struct ss_op op; /* first */
	/* The object: the caller's during the call that starts the operation, else our copy. */
	const struct ss_doc *doc;
	ss_node node;
	struct ss_doc *copy;
	char *own_namespace;   /* metadata.namespace, or NULL */
	char *given_namespace; /* the caller's, or NULL */
	struct ss_buf body;
};

void ss_write_destroy(struct ss_op *op);
/* A new write of an object: kind, apiVersion, name and namespaces read and checked, preflight
 * passed. 0 and *ret, or the code of err. needs_name: generateName does not do. */
int ss_write_new(struct ss_client *client, const struct ss_op_class *class, size_t size,
                 const struct ss_doc *doc, ss_node object, const char *namespace_, bool needs_name,
                 const struct ss_call *call, ss_op_fn done, void *ud, struct ss_write **ret,
                 struct ss_err *err);
/* Start it; keeps a copy of the object when the kind is not known yet. */
int ss_write_start(struct ss_write *w, struct ss_op **ret, struct ss_err *err);
/* In run: fill w->body, version mapped and namespace filled in. */
int ss_write_encode(struct ss_write *w, bool strip_managed_fields, struct ss_err *err);
/* fieldManager, fieldValidation, dryRun and (apply) force. */
void ss_write_query(const struct ss_op *op, bool apply, bool dry_run, struct ss_buf *path);
/* An apply of an object that passed ss_write_new, by way of a dry run whose result must pass the
 * preflight too; patch.c. */
int ss_write_rehearsed(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                       const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                       struct ss_op **ret, struct ss_err *err);
