/* Defaults of Pods and pod templates, and copying with additions. */
#pragma once

#include "embed/object.h"

/* The members of an object except those named (NULL-terminated, may be NULL). */
void ss_copy_members(struct ss_doc *out, struct ss_value object, const char *const *except);
/* holder's list `key`, each of its items written by item; nothing without one. */
void ss_prepare_list(struct ss_value holder, const char *key,
                     void (*item)(struct ss_value, struct ss_doc *), struct ss_doc *out);
/* `key`: the members of all maps, each from the first that has it; nothing when there is none. */
void ss_put_first(struct ss_doc *out, const char *key, const struct ss_value *maps, size_t n);
/* A member that in does not have. */
void ss_put_text(struct ss_value in, struct ss_doc *out, const char *key, const char *value);
void ss_put_number(struct ss_value in, struct ss_doc *out, const char *key, int64_t value);
void ss_put_empty(struct ss_value in, struct ss_doc *out, const char *key);
/* A quantity as a server writes it: text, with the largest unit that leaves no fraction. */
void ss_put_amount(struct ss_doc *out, struct ss_value in);
bool ss_has(struct ss_value object, const char *key);
/* The members of a Pod (or template) with the defaults of its spec. */
void ss_prepare_pod(struct ss_value pod, struct ss_doc *out);
