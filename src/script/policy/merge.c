#include "script/policy/merge.h"

bool policy_absent(const struct ss_doc *doc, ss_node node)
{
	return node == SS_NO_NODE || ss_doc_type(doc, node) == SS_NULL;
}

void policy_merge_value(struct ss_doc *out, const struct ss_doc *base, ss_node a,
                        const struct ss_doc *over, ss_node b)
{
	if (policy_absent(over, b))
		ss_doc_copy(out, base, a);
	else if (ss_doc_type(base, a) == SS_OBJECT && ss_doc_type(over, b) == SS_OBJECT)
		policy_merge(out, base, a, over, b);
	else
		ss_doc_copy(out, over, b);
}

void policy_merge(struct ss_doc *out, const struct ss_doc *base, ss_node a,
                  const struct ss_doc *over, ss_node b)
{
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(base, a); ss_iter_next(&it);) {
		ss_doc_key(out, it.key, it.key_len);
		policy_merge_value(out, base, it.value, over, ss_doc_get(over, b, it.key));
	}
	for (struct ss_iter it = ss_iter(over, b); ss_iter_next(&it);) {
		if (policy_absent(over, it.value) || ss_doc_get(base, a, it.key) != SS_NO_NODE)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, over, it.value);
	}
	ss_doc_end(out);
}
