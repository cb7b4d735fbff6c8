/* Where each value of a manifest comes from: the layer that set it, the line, and
 * the value before.
 *
 * The layers run a second time over documents in which a mark stands for each leaf
 * (policy/merge.h and the builder look at shapes, not at values), so that the marks
 * arrive in the manifest where the values did. Only the hook is told apart: it runs
 * once more on tables that note each write (adapter/trace.h). */
#pragma once

#include <stddef.h>

#include "base/doc.h"

struct ss_err;
struct ss_policy;

/* What is known of the request. */
struct ss_explain_flag {
	const char *const *path; /* n members deep */
	size_t n;
	const char *text; /* "--set a.b=c" */
};
struct ss_explain_request {
	const char *file; /* it was read from, or the script that calls; NULL = unknown */
	int line;         /* 0 = none */
	const struct ss_explain_flag *flags; /* set over it, in order */
	size_t n_flags;
	const struct ss_doc *unset; /* the request before them; NULL without flags */
};

/* The manifest that ss_policy_build makes for an operator, to manifest (a fresh document), and
 * of each of its leaves (scalars and empty containers), in its order, to out:
 *	[{path, value, layer, file, line, flag, was}]
 * layer: "builder default", "adapter", "overlay", "request", "flag" or "hook"; file, line, flag and
 * was are missing where there is none. Errors as ss_policy_build; SS_ERR_LIMIT also for a
 * manifest of more than 10,000 values. */
int ss_policy_explain(struct ss_policy *policy, const char *adapter, const struct ss_doc *request,
                      ss_node node, const struct ss_explain_request *from, struct ss_doc *manifest,
                      struct ss_doc *out, struct ss_err *err);
