/* Sets of field paths: who owns what, in the form of metadata.managedFields.
 * A set is a tree of path elements spelled as FieldsV1 spells them ("f:name",
 * "k:{\"name\":\"agent\"}", "v:\"x\""), siblings in byte order; the empty set
 * is NULL. Sets are values: operations return new ones (sharing subtrees) from
 * the pool and never change their arguments. After KEP-555 and
 * sigs.k8s.io/structured-merge-diff. */
#pragma once

#include <stdbool.h>

#include "base/doc.h"

struct ss_buf;
struct ss_pool;
struct ss_schema;

struct ss_fields {
	const char *key;
	bool member;                   /* the path itself is in the set */
	const struct ss_fields *child; /* paths below it */
	const struct ss_fields *next;
};

/* A node of this key put in its place in *list (found or new); NULL when out of memory.
 * Only while *list is being built. */
struct ss_fields *ss_fields_insert(struct ss_pool *pool, struct ss_fields **list, const char *key);

const struct ss_fields *ss_fields_find(const struct ss_fields *set, const char *key);
const struct ss_fields *ss_fields_union(struct ss_pool *pool, const struct ss_fields *a,
                                        const struct ss_fields *b);
const struct ss_fields *ss_fields_intersection(struct ss_pool *pool, const struct ss_fields *a,
                                               const struct ss_fields *b);
/* a without the paths of b; what lies below a path of b stays. */
const struct ss_fields *ss_fields_difference(struct ss_pool *pool, const struct ss_fields *a,
                                             const struct ss_fields *b);
/* With every declared field on the way to a path added. */
const struct ss_fields *ss_fields_with_parents(struct ss_pool *pool, const struct ss_fields *set,
                                               const struct ss_schema *schema);
/* Only the part below this top-level field, or all but it. */
const struct ss_fields *ss_fields_only(struct ss_pool *pool, const struct ss_fields *set,
                                       const char *key);
const struct ss_fields *ss_fields_without(struct ss_pool *pool, const struct ss_fields *set,
                                          const char *key);
bool ss_fields_equal(const struct ss_fields *a, const struct ss_fields *b);

/* FieldsV1 <-> set. Unknown element forms are kept as they are. */
const struct ss_fields *ss_fields_parse(struct ss_pool *pool, const struct ss_doc *doc,
                                        ss_node node);
void ss_fields_encode(const struct ss_fields *set, struct ss_doc *out);
/* Append one path element: .spec, [name="agent"] */
void ss_fields_element(const struct ss_fields *at, struct ss_buf *path);
/* Call fn for every path, spelled as conflicts name it: .spec.containers[name="agent"].image */
void ss_fields_paths(const struct ss_fields *set, struct ss_buf *path,
                     void (*fn)(void *ud, const char *path), void *ud);
