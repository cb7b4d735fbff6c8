/* The rule by which layers meet (design.md section 3): maps merge by key, anything
 * else is replaced; null says nothing. A matter of shape alone, never of values. */
#pragma once

#include <stdbool.h>

#include "base/doc.h"

bool policy_absent(const struct ss_doc *doc, ss_node node);
/* One value of two layers; over may be absent. base may not be. */
void policy_merge_value(struct ss_doc *out, const struct ss_doc *base, ss_node a,
                        const struct ss_doc *over, ss_node b);
/* Two objects. */
void policy_merge(struct ss_doc *out, const struct ss_doc *base, ss_node a,
                  const struct ss_doc *over, ss_node b);
