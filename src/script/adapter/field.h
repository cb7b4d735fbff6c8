/* Where in the texts of a policy a value is written, for messages and explain. */
#pragma once

#include <stddef.h>

#include "base/doc.h"

struct adapter_source;
struct ss_adapter_version;

/* One step of a path: a member, or (key NULL) an element from 0. */
struct adapter_step {
	const char *key; /* len bytes, not terminated */
	size_t len;
	size_t index;
};
enum { ADAPTER_MAX_STEPS = 32 };

struct adapter_place {
	const struct adapter_source *source;
	int line;
};

/* The node that the steps lead to from the root, or SS_NO_NODE. */
ss_node adapter_follow(const struct ss_doc *doc, const struct adapter_step *steps, size_t n);
/* The declared value at the path: where it starts, or the nearest value around it that the text
 * shows. A value that comes from a local or a module is named there when a literal there equals it
 * (doc/node), else where it is given. */
struct adapter_place adapter_locate(const struct ss_adapter_version *v,
                                    const struct adapter_step *steps, size_t n,
                                    const struct ss_doc *doc, ss_node node);
/* Of an assignment to a field called key that ends in this line: the place of the value at the
 * path below it. The line itself when the text shows no such assignment. */
struct adapter_place adapter_locate_write(const struct ss_adapter_version *v,
                                          const struct adapter_source *source, int line,
                                          const struct adapter_step *key,
                                          const struct adapter_step *steps, size_t n,
                                          const struct ss_doc *doc, ss_node node);
/* Of what a function of these lines returns: the place of the value at the path in the last `return`, or of
 * what is returned when the text does not show it; the first line when nothing is. */
struct adapter_place adapter_locate_return(const struct ss_adapter_version *v,
                                           const struct adapter_source *source, int from, int to,
                                           const struct adapter_step *steps, size_t n,
                                           const struct ss_doc *doc, ss_node node);
