/* The status of a Sandbox, computed from what the controller found. */
#pragma once

#include "embed/object.h"

struct ss_sandbox_view {
	struct ss_object pod;
	bool has_pod, owned; /* owned: the Pod is this Sandbox's */
	bool suspended, expired;
	bool waits;        /* another object may cure the error */
	const char *error; /* why the Pod cannot be had, or NULL */
	const char *hash;  /* the name's, as in the Pod's label */
};
/* Conditions keep their lastTransitionTime while their status stays. */
struct ss_value ss_sandbox_status(struct ss_ctx *ctx, const struct ss_object *sandbox,
                                  const struct ss_sandbox_view *view);
