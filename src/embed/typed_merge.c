/* The writing half of typed.h: merging and removal. */
#include <stdlib.h>

#include "base/err.h"
#include "embed/pool.h"
#include "embed/typed.h"

static void copy(struct ss_doc *out, struct ss_value v)
{
	ss_doc_copy(out, v.doc, v.node);
}

static void merge_members(struct ss_pool *pool, struct ss_doc *out, const struct ss_schema *schema,
                          struct ss_value old, struct ss_value new_)
{
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(old.doc, old.node); ss_iter_next(&it);) {
		struct ss_value theirs = {new_.doc, ss_doc_get(new_.doc, new_.node, it.key)};

		ss_doc_key(out, it.key, it.key_len);
		ss_typed_merge(pool, out, ss_schema_member(schema, it.key),
		               (struct ss_value){old.doc, it.value}, theirs);
	}
	for (struct ss_iter it = ss_iter(new_.doc, new_.node); ss_iter_next(&it);) {
		if (ss_doc_get(old.doc, old.node, it.key) != SS_NO_NODE)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, new_.doc, it.value);
	}
	ss_doc_end(out);
}

/* The items of one list with their keys. */
struct items {
	size_t n;
	struct item {
		const char *key;
		struct ss_value value;
		struct item *twin; /* the item of the same key in the other list */
		bool written;
	} * at;
};

static struct items index_list(struct ss_pool *pool, const struct ss_schema *schema,
                               struct ss_value list)
{
	struct items out = {.n = ss_doc_count(list.doc, list.node)};

	out.at = ss_pool_alloc(pool, (out.n + 1) * sizeof(*out.at));
	if (!out.at)
		out.n = 0;
	for (struct ss_iter it = ss_iter(list.doc, list.node); out.at && ss_iter_next(&it);) {
		struct item *item = &out.at[it.index];

		item->value = (struct ss_value){list.doc, it.value};
		item->key = ss_typed_item_key(pool, schema, item->value);
	}
	return out;
}

static void pair(struct items *old, struct items *new_)
{
	for (size_t i = 0; i < new_->n; i++)
		for (size_t k = 0; k < old->n && new_->at[i].key; k++)
			if (old->at[k].key && !old->at[k].twin &&
			    strcmp(old->at[k].key, new_->at[i].key) == 0) {
				old->at[k].twin = &new_->at[i];
				new_->at[i].twin = &old->at[k];
				break;
			}
}

static void write_pair(struct ss_pool *pool, struct ss_doc *out, const struct ss_schema *elem,
                       struct item *item)
{
	struct ss_value none = {NULL, SS_NO_NODE};

	ss_typed_merge(pool, out, elem, item->twin ? item->twin->value : none, item->value);
	item->written = true;
	if (item->twin)
		item->twin->written = true;
}

/* Items of the old list keep their place as far as the order of the new one allows: each
 * shared item is written when its turn in the new list has come. */
static void merge_list(struct ss_pool *pool, struct ss_doc *out, const struct ss_schema *schema,
                       struct ss_value old_list, struct ss_value new_list)
{
	struct items old = index_list(pool, schema, old_list),
	             new_ = index_list(pool, schema, new_list);
	size_t l = 0, r = 0;

	pair(&old, &new_);
	ss_doc_begin_array(out);
	while (l < old.n || r < new_.n) {
		struct item *mine = l < old.n ? &old.at[l] : NULL;
		size_t shared = r; /* the next item of the new list that the old one has, too */

		while (shared < new_.n && !new_.at[shared].twin)
			shared++;
		if (mine && mine->twin && !mine->written && r < new_.n &&
		    mine->twin == &new_.at[r]) {
			write_pair(pool, out, schema->elem, &new_.at[r++]);
			l++;
		} else if (mine && mine->twin && shared < new_.n && new_.at[shared].twin != mine) {
			l++; /* written, or its turn comes later */
		} else if (mine && !mine->twin) {
			copy(out, mine->value);
			l++;
		} else if (mine && mine->written) {
			l++;
		} else {
			write_pair(pool, out, schema->elem, &new_.at[r++]);
		}
	}
	ss_doc_end(out);
}

void ss_typed_merge(struct ss_pool *pool, struct ss_doc *out, const struct ss_schema *schema,
                    struct ss_value old, struct ss_value new_)
{
	if (new_.node == SS_NO_NODE)
		copy(out, old);
	else if (old.node == SS_NO_NODE || ss_typed_is_leaf(schema, old) ||
	         ss_typed_is_leaf(schema, new_))
		copy(out, new_);
	else if (schema->type == SS_SCHEMA_LIST)
		merge_list(pool, out, schema, old, new_);
	else
		merge_members(pool, out, schema, old, new_);
}

/* --- removal --------------------------------------------------------------- */

static const struct ss_fields *element(struct ss_pool *pool, const struct ss_schema *schema,
                                       const struct ss_fields *set, const struct ss_iter *it)
{
	const char *key =
	        it->key ? ss_typed_field_key(pool, it->key)
	                : ss_typed_item_key(pool, schema, (struct ss_value){it->doc, it->value});

	return key ? ss_fields_find(set, key) : NULL;
}

static const struct ss_schema *part(const struct ss_schema *schema, const struct ss_iter *it)
{
	return it->key ? ss_schema_member(schema, it->key) : schema->elem;
}

/* Whether removal leaves nothing of a container that held something. */
static bool vanishes(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value value,
                     const struct ss_fields *set)
{
	if (!set || ss_typed_is_leaf(schema, value) || ss_doc_count(value.doc, value.node) == 0)
		return false;
	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);) {
		const struct ss_fields *at = element(pool, schema, set, &it);

		if (!at ||
		    (!at->member && !vanishes(pool, part(schema, &it),
		                              (struct ss_value){value.doc, it.value}, at->child)))
			return false;
	}
	return true;
}

void ss_typed_remove(struct ss_pool *pool, struct ss_doc *out, const struct ss_schema *schema,
                     struct ss_value value, const struct ss_fields *set)
{
	if (!set || ss_typed_is_leaf(schema, value)) {
		copy(out, value);
		return;
	}
	if (schema->type == SS_SCHEMA_LIST)
		ss_doc_begin_array(out);
	else
		ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);) {
		const struct ss_fields *at = element(pool, schema, set, &it);
		struct ss_value child = {value.doc, it.value};

		if (at && (at->member || vanishes(pool, part(schema, &it), child, at->child)))
			continue;
		if (it.key)
			ss_doc_key(out, it.key, it.key_len);
		ss_typed_remove(pool, out, part(schema, &it), child, at ? at->child : NULL);
	}
	ss_doc_end(out);
}
