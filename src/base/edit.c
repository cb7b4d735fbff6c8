#include "base/edit.h"

#include "base/err.h"

struct ss_doc *ss_doc_dup(const struct ss_doc *src, ss_node node)
{
	struct ss_doc *doc = ss_doc_new();

	if (!doc)
		return NULL;
	ss_doc_copy(doc, src, node);
	if (ss_doc_finish(doc, NULL)) {
		ss_doc_free(doc);
		return NULL;
	}
	return doc;
}

/* --- one member ---------------------------------------------------------- */

struct change {
	const char *const *path;
	size_t n;
	const char *string; /* or the value: */
	const struct ss_doc *value_doc;
	ss_node value; /* SS_NO_NODE with no string: remove */
};

static bool is_removal(const struct change *c)
{
	return !c->string && c->value == SS_NO_NODE;
}

static void put_value(struct ss_doc *out, const struct change *c)
{
	if (c->string)
		ss_doc_string(out, c->string, strlen(c->string));
	else
		ss_doc_copy(out, c->value_doc, c->value);
}

static bool key_is(const struct ss_iter *it, const char *key)
{
	return strlen(key) == it->key_len && memcmp(key, it->key, it->key_len) == 0;
}

static void set(struct ss_doc *out, const struct ss_doc *src, ss_node node, const struct change *c,
                size_t level)
{
	const char *key = level < c->n ? c->path[level] : NULL;
	bool last = level + 1 == c->n, found = false;

	if (!key) {
		put_value(out, c);
		return;
	}
	if (is_removal(c) && ss_doc_type(src, node) != SS_OBJECT) {
		ss_doc_copy(out, src, node);
		return;
	}
	ss_doc_begin_object(out);
	if (ss_doc_type(src, node) != SS_OBJECT)
		node = SS_NO_NODE;
	for (struct ss_iter it = ss_iter(src, node); ss_iter_next(&it);) {
		bool here = key_is(&it, key);

		found |= here;
		if (here && last && is_removal(c))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		if (here)
			set(out, src, it.value, c, level + 1);
		else
			ss_doc_copy(out, src, it.value);
	}
	if (!found && !is_removal(c) && !ss_doc_failed(out)) {
		ss_doc_key(out, key, strlen(key));
		set(out, src, SS_NO_NODE, c, level + 1);
	}
	ss_doc_end(out);
}

void ss_edit_set(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                 const char *const *path, size_t n, const struct ss_doc *value_doc, ss_node value)
{
	struct change c = {.path = path, .n = n, .value_doc = value_doc, .value = value};

	set(out, src, node, &c, 0);
}

void ss_edit_set_string(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                        const char *const *path, size_t n, const char *value)
{
	struct change c = {.path = path, .n = n, .string = value, .value = SS_NO_NODE};

	set(out, src, node, &c, 0);
}

/* --- merge patch --------------------------------------------------------- */

/* Members of the patch that the target does not have, after those it has. */
static void merge_new(struct ss_doc *out, const struct ss_doc *target, ss_node target_node,
                      const struct ss_doc *patch, ss_node patch_node)
{
	for (struct ss_iter it = ss_iter(patch, patch_node); ss_iter_next(&it);) {
		if (ss_doc_type(patch, it.value) == SS_NULL ||
		    ss_doc_get(target, target_node, it.key) != SS_NO_NODE)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_edit_merge(out, NULL, SS_NO_NODE, patch, it.value);
	}
}

void ss_edit_merge(struct ss_doc *out, const struct ss_doc *target, ss_node target_node,
                   const struct ss_doc *patch, ss_node patch_node)
{
	if (ss_doc_type(patch, patch_node) != SS_OBJECT) {
		ss_doc_copy(out, patch, patch_node);
		return;
	}
	if (ss_doc_type(target, target_node) != SS_OBJECT)
		target_node = SS_NO_NODE;
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(target, target_node); ss_iter_next(&it);) {
		ss_node change = ss_doc_get(patch, patch_node, it.key);

		if (ss_doc_type(patch, change) == SS_NULL)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		if (change == SS_NO_NODE)
			ss_doc_copy(out, target, it.value);
		else
			ss_edit_merge(out, target, it.value, patch, change);
	}
	merge_new(out, target, target_node, patch, patch_node);
	ss_doc_end(out);
}

/* --- canonical copy ------------------------------------------------------- */

enum { MEMBERS_ON_STACK = 24 };

struct member {
	const char *key;
	size_t len;
	ss_node value;
};

static int by_key(const void *x, const void *y)
{
	const struct member *a = x, *b = y;
	int order = memcmp(a->key, b->key, a->len < b->len ? a->len : b->len);

	if (order)
		return order;
	return (a->len > b->len) - (a->len < b->len);
}

static void canonical_object(struct ss_doc *out, const struct ss_doc *src, ss_node node)
{
	struct member few[MEMBERS_ON_STACK], *all = few;
	struct member *heap SS_AUTOFREE = NULL;
	size_t n = ss_doc_count(src, node);

	if (n > MEMBERS_ON_STACK) {
		all = heap = malloc(n * sizeof(*heap));
		if (!heap) {
			ss_doc_fail(out, SS_ERR_NOMEM);
			return;
		}
	}
	for (struct ss_iter it = ss_iter(src, node); ss_iter_next(&it);)
		all[it.index] = (struct member){it.key, it.key_len, it.value};
	if (n > 1)
		qsort(all, n, sizeof(*all), by_key);
	ss_doc_begin_object(out);
	for (size_t i = 0; i < n; i++) {
		ss_doc_key(out, all[i].key, all[i].len);
		ss_edit_canonical(out, src, all[i].value);
	}
	ss_doc_end(out);
}

void ss_edit_canonical(struct ss_doc *out, const struct ss_doc *src, ss_node node)
{
	switch (ss_doc_type(src, node)) {
	case SS_OBJECT:
		canonical_object(out, src, node);
		break;
	case SS_ARRAY:
		ss_doc_begin_array(out);
		for (struct ss_iter it = ss_iter(src, node); ss_iter_next(&it);)
			ss_edit_canonical(out, src, it.value);
		ss_doc_end(out);
		break;
	case SS_REAL:
		ss_doc_number(out, ss_doc_get_real(src, node, 0));
		break;
	default:
		ss_doc_copy(out, src, node);
		break;
	}
}
