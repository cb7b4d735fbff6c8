/* The verbs. Each starts an operation: 0 and *ret, or an error (and no done
 * call). All strings and documents are copied or serialised before the call
 * returns. Errors at the end are those of err.h with op, object, status, reason
 * and details (Status causes as [{field, reason, message}]) filled in. */
#pragma once

#include "kube/client.h"

/* done: the object. */
int ss_kube_get(struct ss_client *client, const struct ss_ref *ref, const struct ss_call *call,
                ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err);

struct ss_list_spec {
	const char *label_selector; /* NULL = none */
	const char *field_selector;
	bool all_namespaces;
	int64_t limit;      /* objects asked for at once, 0 = 500, fewer where they are large */
	bool metadata_only; /* items are PartialObjectMetadata (K34) where the server can */
	size_t max_items;   /* no further page once there are so many; 0 = all */
	/* One page alone, from token on (NULL or "" = the first); metadata.continue of the answer is
	 * the next one's token. When a token has expired the rest is read as it is now, where the
	 * server allows that; consistent: that is SS_ERR_GONE. whole: without a limit. */
	bool one_page, consistent, whole;
	const char *token;
};
/* done: {apiVersion, kind, metadata, items}, pages joined, metadata of the first page (K31, K32).
 * More than a document holds is SS_ERR_LIMIT, and no page is asked for after that. */
int ss_kube_list(struct ss_client *client, const struct ss_ref *ref,
                 const struct ss_list_spec *spec, const struct ss_call *call, ss_op_fn done,
                 void *ud, struct ss_op **ret, struct ss_err *err);

/* POST. done: the stored object. */
int ss_kube_create(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                   const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                   struct ss_op **ret, struct ss_err *err);

/* Server-side apply (K43, K44). done: the stored object, as text with want_text; change is CREATED on 201,
 * else CONFIGURED or, with want_change, UNCHANGED. namespace_ overrides nothing: it fills an absent
 * metadata.namespace, and another one there is SS_ERR_INVAL. metadata.managedFields is left
 * out of what is sent (K43), so that an object that was read can be applied, and of what is
 * returned, where it would be as much as the rest. Where it is merged into an object that existed,
 * the preflight sees the result, too: before it is written where the preflight asks for that, else
 * in the answer, and SS_ERR_POLICY says that it was written. */
int ss_kube_apply(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                  const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                  struct ss_op **ret, struct ss_err *err);

enum ss_patch_type { SS_PATCH_MERGE, SS_PATCH_JSON, SS_PATCH_APPLY };
/* A patch that the preflight says touches a PodSpec is dry-run first on the object as it is, the
 * result checked beside it, and sent for that very resourceVersion. */
int ss_kube_patch(struct ss_client *client, const struct ss_ref *ref, enum ss_patch_type type,
                  const struct ss_doc *patch, ss_node node, const char *subresource,
                  const struct ss_call *call, ss_op_fn done, void *ud, struct ss_op **ret,
                  struct ss_err *err);

struct ss_delete_spec {
	const char *propagation;      /* "Foreground", "Background", "Orphan"; NULL = Background */
	int64_t grace_period_seconds; /* -1 = the kind's */
	bool wait;                    /* until it is gone (404, DELETED or another uid) (K42) */
	bool ignore_not_found;
	const char *label_selector; /* with ref->name NULL: every match, one by one */
};
/* done: the last object the server returned, or NULL when there was none. */
int ss_kube_delete(struct ss_client *client, const struct ss_ref *ref,
                   const struct ss_delete_spec *spec, const struct ss_call *call, ss_op_fn done,
                   void *ud, struct ss_op **ret, struct ss_err *err);

/* done: {major, minor, gitVersion, …} of /version. */
int ss_kube_version(struct ss_client *client, const struct ss_call *call, ss_op_fn done, void *ud,
                    struct ss_op **ret, struct ss_err *err);
/* done: the document at path, which is "/openapi/v3" (an index) or what that names. */
int ss_kube_openapi(struct ss_client *client, const char *path, const struct ss_call *call,
                    ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err);
/* done: an array of {kind, apiVersion, resource, namespaced, shortNames, verbs}. */
int ss_kube_kinds(struct ss_client *client, const struct ss_call *call, ss_op_fn done, void *ud,
                  struct ss_op **ret, struct ss_err *err);
/* done: an array of Events about the object, oldest first. */
int ss_kube_events(struct ss_client *client, const struct ss_ref *ref, const struct ss_call *call,
                   ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err);
/* What applying would change: a dry-run apply against the live object, server-managed
 * fields (managedFields, resourceVersion, generation, uid, creationTimestamp, status,
 * the annotations sandscript.dev/policy and sandscript.dev/request) left out. done:
 * {same: bool, exists: bool, changes: [{path, op: "add"|"remove"|"replace", from?, to?}], live,
 * merged}. */
int ss_kube_diff(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                 const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                 struct ss_op **ret, struct ss_err *err);
