/* Defaults of Pods and pod templates, and copying with additions. */
#pragma once

#include "embed/object.h"

/* The members of an object except those named (NULL-terminated, may be NULL). */
void ss_copy_members(struct ss_doc *out, struct ss_value object, const char *const *except);
bool ss_has(struct ss_value object, const char *key);
/* The members of a Pod (or template) with the defaults of its spec. */
void ss_prepare_pod(struct ss_value pod, struct ss_doc *out);
