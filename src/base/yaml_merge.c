/* Merge keys (yaml.org/type/merge.html): "<<" takes in the members of another
 * mapping, or of several, that the mapping itself does not have. An object's own
 * keys win wherever they stand, then the earlier source. */
#include "base/doc_priv.h"
#include "base/err.h"
#include "base/yaml_priv.h"

struct merge {
	struct ss_doc *out;
	const struct ss_doc *src;
	struct ss_keyset *keys;
};

static void copy_merged(struct merge *m, ss_node node);

static bool is_merge(const struct merge *m, const struct ss_iter *it)
{
	return m->src->nodes[it->value - 1].flags & NODE_MERGE;
}

/* Whether the object being written has not got the key; marks it. */
static bool claim(struct merge *m, uint32_t object, const struct ss_iter *it)
{
	int r = ss_keyset_add(m->keys, object, it->key, it->key_len);

	if (r < 0)
		ss_doc_fail(m->out, r);
	return r > 0;
}

static void take_member(struct merge *m, const struct ss_iter *it)
{
	ss_doc_key(m->out, it->key, it->key_len);
	copy_merged(m, it->value);
}

/* The members of source, its own before those it merges. */
static void take_members(struct merge *m, uint32_t object, ss_node source)
{
	if (ss_doc_type(m->src, source) == SS_ARRAY) {
		for (struct ss_iter it = ss_iter(m->src, source); ss_iter_next(&it);)
			take_members(m, object, it.value);
		return;
	}
	for (struct ss_iter it = ss_iter(m->src, source); ss_iter_next(&it);) {
		if (!is_merge(m, &it) && claim(m, object, &it))
			take_member(m, &it);
	}
	for (struct ss_iter it = ss_iter(m->src, source); ss_iter_next(&it);) {
		if (is_merge(m, &it))
			take_members(m, object, it.value);
	}
}

static void copy_merged(struct merge *m, ss_node node)
{
	uint32_t object;

	switch (ss_doc_type(m->src, node)) {
	case SS_OBJECT:
		object = m->out->n;
		ss_doc_begin_object(m->out);
		if (!ss_doc_failed(m->out))
			take_members(m, object, node);
		ss_doc_end(m->out);
		break;
	case SS_ARRAY:
		ss_doc_begin_array(m->out);
		for (struct ss_iter it = ss_iter(m->src, node); ss_iter_next(&it);)
			copy_merged(m, it.value);
		ss_doc_end(m->out);
		break;
	default:
		ss_doc_copy(m->out, m->src, node);
		break;
	}
}

void ss_yaml_merge(struct ss_doc *out, const struct ss_doc *src, struct ss_keyset *keys)
{
	struct merge m = {out, src, keys};

	ss_keyset_clear(keys);
	copy_merged(&m, ss_doc_root(src));
}
