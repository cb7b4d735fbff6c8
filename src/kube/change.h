/* Was an object changed? What differs in content, without what the server itself keeps. */
#pragma once

#include <stdbool.h>

#include "base/doc.h"

/* Copy an object without managedFields, resourceVersion, generation, uid, creationTimestamp,
 * selfLink, status and the annotations sandscript.dev/policy and /request. */
void ss_change_strip(struct ss_doc *out, const struct ss_doc *doc, ss_node object);
/* Is the content the same? False when out of memory. */
bool ss_change_same(const struct ss_doc *a, ss_node na, const struct ss_doc *b, ss_node nb);
