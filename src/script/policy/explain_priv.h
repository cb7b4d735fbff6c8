/* The inside of explain: policy/explain.c runs the layers over marks, policy/explain_marks.c makes
 * them, policy/explain_hook.c follows the hook. */
#pragma once

#include "script/adapter/field.h"
#include "script/policy/explain.h"
#include "script/policy/layers.h"

enum explain_layer {
	EXPLAIN_BUILDER,
	EXPLAIN_ADAPTER,
	EXPLAIN_OVERLAY,
	EXPLAIN_REQUEST,
	EXPLAIN_FLAG,
	EXPLAIN_HOOK,
};

/* What a mark stands for. Strings and documents are borrowed. */
struct explain_origin {
	enum explain_layer layer;
	const char *file;
	int line;
	const char *flag;
	const struct ss_doc *was_doc;
	ss_node was; /* SS_NO_NODE = there was nothing */
};

struct explain {
	struct explain_origin *origins;
	size_t n, cap;
	struct ss_doc **docs; /* of the stages, kept for what was */
	size_t n_docs;
	size_t located; /* lines looked up */
};

/* Past so many the place of a whole file must do: a lookup reads the text. */
enum { EXPLAIN_MAX_LOOKUPS = 4096 };
/* The member that stands for an empty container. */
#define EXPLAIN_EMPTY "\x01"

/* A document that lives as long as e; NULL when out of memory. */
struct ss_doc *explain_new_doc(struct explain *e);
void explain_done(struct explain *e);

/* The origin of the leaf at a path of what a layer brings; the value before is filled in. */
typedef struct explain_origin (*explain_place_fn)(void *ud, struct explain *e,
                                                  const struct adapter_step *steps, size_t n,
                                                  const struct ss_doc *doc, ss_node node);
/* Write the marks of src/node to out; before: what the layers before made of it. */
void explain_mark(struct explain *e, struct ss_doc *out, const struct ss_doc *src, ss_node node,
                  const struct ss_doc *before, ss_node before_node, explain_place_fn place,
                  void *ud);
/* Write one mark. */
void explain_put(struct explain *e, struct ss_doc *out, const struct explain_origin *origin);
/* The same for an empty container. */
void explain_put_empty(struct explain *e, struct ss_doc *out, const struct explain_origin *origin);
/* The origin of a mark, NULL for what is none. */
const struct explain_origin *explain_find(const struct explain *e, const struct ss_doc *doc,
                                          ss_node node);

/* policy/explain_hook.c: of what the hook made of in (result, by a plain call of it), with the marks of
 * in, to out. SS_ERR_NOMEM. */
int explain_hook(struct explain *e, struct ss_adapter_version *v,
                 const struct ss_adapter_context *context, const struct ss_doc *in,
                 const struct ss_doc *marks, const struct ss_doc *result, struct ss_doc *out,
                 struct ss_err *err);
