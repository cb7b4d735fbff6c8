/* Between json.c and json_fast.c. */
#pragma once

#include <stddef.h>

#include "base/doc.h"

/* 1 and doc complete; 0 and doc in any state for every text that is not right,
 * which jansson then explains; SS_ERR_NOMEM. without: as in ss_json_parse_without, or NULL;
 * 0 also where the member stands last in its object. */
int ss_json_parse_fast(const char *text, size_t len, const char *const *without,
                       struct ss_doc *doc);
