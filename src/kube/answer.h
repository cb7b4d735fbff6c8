/* What a success may hold, checked once for every verb. */
#pragma once

#include <stdbool.h>

struct ss_doc;
struct ss_err;
struct ss_op;

/* 0, or SS_ERR_UNAVAILABLE with server and path: the document is no object of the API, or another
 * kind, name or namespace than op asked for. */
int ss_answer_check(const struct ss_op *op, const struct ss_doc *doc, struct ss_err *err);
/* May the reply as it came be the object that op asked for? No where only the document tells. */
bool ss_answer_is_likely(const struct ss_op *op);
