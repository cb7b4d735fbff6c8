/* Values read through their schema: the path sets, comparison, merge and
 * removal that server-side apply is made of (structured-merge-diff's rules). */
#pragma once

#include "base/doc.h"
#include "embed/fields.h"
#include "embed/schema.h"

/* A value and where it lives; node may be SS_NO_NODE. */
struct ss_value {
	const struct ss_doc *doc;
	ss_node node;
};

/* The element of a list item in a set: k:{…} or v:…; NULL when a key is missing (or out of memory). */
const char *ss_typed_item_key(struct ss_pool *pool, const struct ss_schema *list,
                              struct ss_value item);
/* The element of a member: f:name. */
const char *ss_typed_field_key(struct ss_pool *pool, const char *name);
/* Whether ownership and merging stop here. */
bool ss_typed_is_leaf(const struct ss_schema *schema, struct ss_value value);

/* Every path that a value sets. */
const struct ss_fields *ss_typed_set(struct ss_pool *pool, const struct ss_schema *schema,
                                     struct ss_value value);

struct ss_typed_diff {
	const struct ss_fields *added, *modified, *removed;
};
struct ss_typed_diff ss_typed_compare(struct ss_pool *pool, const struct ss_schema *schema,
                                      struct ss_value old, struct ss_value new_);

/* Write old with new_ merged onto it: keyed lists by key, the order of new_ winning. */
void ss_typed_merge(struct ss_pool *pool, struct ss_doc *out, const struct ss_schema *schema,
                    struct ss_value old, struct ss_value new_);
/* Write value without the paths of set; containers left empty by that go too. */
void ss_typed_remove(struct ss_pool *pool, struct ss_doc *out, const struct ss_schema *schema,
                     struct ss_value value, const struct ss_fields *set);
