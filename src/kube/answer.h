/* What a success may hold, checked once for every verb. */
#pragma once

#include <stdbool.h>

struct ss_doc;
struct ss_err;
struct ss_op;

/* 0, or SS_ERR_UNAVAILABLE with server and path: the document is no object of the API, or another
 * kind, name or namespace than op asked for. */
int ss_answer_check(const struct ss_op *op, const struct ss_doc *doc, struct ss_err *err);
/* Is the reply as it came the object that op asked for by name? No where only the document tells.
 * Sets cut_at and cut_len of the reply to where the member cut[1] of the root's cut[0] is. */
bool ss_answer_scan(struct ss_op *op, const char *const cut[2]);
