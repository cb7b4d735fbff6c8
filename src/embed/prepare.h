/* What the server fills in before it stores an object. */
#pragma once

#include "embed/object.h"

/* in with its kind's defaults (old: the stored object of an update, or NULL). */
int ss_prepare(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value in,
               const struct ss_object *old, struct ss_value *ret);
/* The admission of a new Pod: its service account (which must exist), priority and
 * tolerations. Fields that nobody owns. */
int ss_admit_pod(struct ss_ctx *ctx, const char *ns, const char *name, struct ss_value in,
                 struct ss_value *ret);
/* "Guaranteed", "Burstable", "BestEffort". */
const char *ss_pod_qos(struct ss_value spec);
