/* Maps of strings: read, checked and sorted. */
#include <stdlib.h>

#include "sandbox/build_priv.h"

static int compare_keys(const void *a, const void *b)
{
	const struct text *x = &((const struct pair *)a)->key, *y = &((const struct pair *)b)->key;
	int c = memcmp(x->s, y->s, x->len < y->len ? x->len : y->len);

	return c ? c : (x->len > y->len) - (x->len < y->len);
}

/* Input mostly comes sorted; qsort of the C library may allocate. */
static void sort_pairs(struct pairs *m)
{
	if (m->n > SS_ARRAY_LEN(m->small)) {
		qsort(m->at, m->n, sizeof(*m->at), compare_keys);
		return;
	}
	for (size_t i = 1; i < m->n; i++) {
		struct pair moved = m->at[i];
		size_t j = i;

		for (; j > 0 && compare_keys(&m->at[j - 1], &moved) > 0; j--)
			m->at[j] = m->at[j - 1];
		if (j < i)
			m->at[j] = moved;
	}
}

static void no_duplicates(const struct pairs *m, const char *field, struct build_problems *p)
{
	char path[256];

	for (size_t i = 1; i < m->n; i++) {
		if (compare_keys(&m->at[i - 1], &m->at[i]) == 0)
			build_problem(p, build_path(path, sizeof(path), field, m->at[i].key.s),
			              "is given twice");
	}
}

static void read_pair(const struct build_input *in, const struct ss_iter *it, const char *field,
                      build_check_fn check_key, build_check_fn check_value, struct pairs *m,
                      struct build_problems *p)
{
	struct pair pair = {.key = {it->key, it->key_len}};
	const char *why;
	char path[256];

	if (ss_doc_type(in->doc, it->value) == SS_NULL)
		return;
	why = check_key(it->key, it->key_len);
	if (why)
		build_problem(p, build_path(path, sizeof(path), field, it->key), "the key %s", why);
	pair.value = build_string(in, it->value, field, it->key, check_value, NULL, p);
	if (pair.value.s)
		m->at[m->n++] = pair;
}

void build_read_pairs(const struct build_input *in, enum build_id id, build_check_fn check_key,
                      build_check_fn check_value, struct pairs *m, struct build_problems *p)
{
	const char *field = build_field_name(id);
	ss_node node = in->node[id];
	size_t count = ss_doc_count(in->doc, node);

	if (node == SS_NO_NODE)
		return;
	if (ss_doc_type(in->doc, node) != SS_OBJECT) {
		build_problem(p, field, "must be a map of strings, is %s",
		              build_type_name(ss_doc_type(in->doc, node)));
		return;
	}
	if (count > SS_ARRAY_LEN(m->small)) {
		m->at = malloc(count * sizeof(*m->at));
		if (!m->at) {
			m->at = m->small;
			p->nomem = true;
			return;
		}
	}
	for (struct ss_iter it = ss_iter(in->doc, node); ss_iter_next(&it);)
		read_pair(in, &it, field, check_key, check_value, m, p);
	sort_pairs(m);
	no_duplicates(m, field, p);
}
