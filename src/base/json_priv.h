/* Between json.c and json_fast.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/doc.h"

/* Parse what servers mostly send: false, with doc in any state, for every text
 * that is not plainly right; jansson then decides. */
bool ss_json_parse_fast(const char *text, size_t len, struct ss_doc *doc);
