/* The controllers of the embedded cluster, run inside the transaction of the
 * request that gives them something to do: each of their writes is a change of
 * its own in the history, as it would be on a real cluster.
 *
 * Stand-ins: the agent-sandbox controller (a Sandbox's Pod and conditions), a
 * scheduler and a kubelet (a Pod's status; nothing really runs), the garbage
 * collector and the namespace controller (delete.h). */
#pragma once

#include "embed/object.h"

/* Look at everything touched until nothing is. */
int ss_reconcile(struct ss_ctx *ctx);
/* Touch what is due by ctx->now_ms (a Sandbox past its shutdownTime). */
int ss_reconcile_due(struct ss_ctx *ctx);

int ss_reconcile_sandbox(struct ss_ctx *ctx, const struct ss_object *sandbox);
int ss_reconcile_pod(struct ss_ctx *ctx, const struct ss_object *pod);
/* What keeps a Pod from running. */
struct ss_pod_trouble {
	bool unscheduled;   /* no node for it: message says why */
	bool waits;         /* another object may cure it */
	const char *reason; /* "ImagePullBackOff" …, NULL = nothing */
	const char *message;
	const char *container; /* the container concerned, or NULL for all */
};
int ss_pod_trouble(struct ss_ctx *ctx, const struct ss_object *pod, struct ss_pod_trouble *ret);
/* A Warning event about an object. */
int ss_record_event(struct ss_ctx *ctx, const struct ss_object *about, const char *component,
                    const char *reason, const char *message);
/* UID of the controlling owner, or NULL. */
const char *ss_controller_uid(struct ss_value object);
