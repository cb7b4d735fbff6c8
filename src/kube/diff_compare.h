/* The difference between a live object and what applying would make of it. */
#pragma once

#include "base/doc.h"

struct ss_err;

/* live NULL = it does not exist yet. *ret is {same, exists, changes: [{path, op, from?, to?}], live?,
 * merged}, server-managed fields left out, and the values of a Secret masked as kubectl diff does. */
int ss_diff_compare(const struct ss_doc *live, const struct ss_doc *merged, struct ss_doc **ret,
                    struct ss_err *err);
