#include "base/doc.h"

#include <stdarg.h>

#include "base/doc_priv.h"

ss_node ss_doc_root(const struct ss_doc *doc)
{
	return node_at(doc, 0) ? 0 : SS_NO_NODE;
}

size_t ss_doc_nodes(const struct ss_doc *doc)
{
	return doc->n;
}

enum ss_type ss_doc_type(const struct ss_doc *doc, ss_node node)
{
	const struct node *n = node_at(doc, node);

	return n ? (enum ss_type)n->type : SS_NONE;
}

static const struct node *typed(const struct ss_doc *doc, ss_node node, enum ss_type type)
{
	const struct node *n = node_at(doc, node);

	return n && n->type == type ? n : NULL;
}

size_t ss_doc_count(const struct ss_doc *doc, ss_node node)
{
	const struct node *n = node_at(doc, node);

	return n && is_container(n) ? n->v.c.count : 0;
}

int64_t ss_doc_get_int(const struct ss_doc *doc, ss_node node, int64_t fallback)
{
	const struct node *n = typed(doc, node, SS_INT);

	return n ? n->v.i : fallback;
}

double ss_doc_get_real(const struct ss_doc *doc, ss_node node, double fallback)
{
	const struct node *n = node_at(doc, node);

	if (n && n->type == SS_INT)
		return (double)n->v.i;
	return n && n->type == SS_REAL ? n->v.d : fallback;
}

bool ss_doc_get_bool(const struct ss_doc *doc, ss_node node, bool fallback)
{
	const struct node *n = typed(doc, node, SS_BOOL);

	return n ? n->v.i != 0 : fallback;
}

const char *ss_doc_get_string(const struct ss_doc *doc, ss_node node, size_t *ret_len)
{
	const struct node *n = typed(doc, node, SS_STRING);

	if (ret_len)
		*ret_len = n ? n->len : 0;
	return n && (ret_len || !(n->flags & NODE_NUL)) ? n->v.s : NULL;
}

const char *ss_doc_get_digits(const struct ss_doc *doc, ss_node node, size_t *ret_len)
{
	const struct node *n = typed(doc, node, SS_DIGITS);

	*ret_len = n ? n->len : 0;
	return n ? n->v.s : NULL;
}

bool ss_doc_is_string(const struct ss_doc *doc, ss_node node, const char *value)
{
	const struct node *n = typed(doc, node, SS_STRING);

	return n && !(n->flags & NODE_NUL) && strcmp(n->v.s, value) == 0;
}

/* The value of a member of the object at index box. */
static ss_node member(const struct ss_doc *doc, ss_node box, const char *key, size_t len)
{
	const struct node *nodes = doc->nodes;
	uint32_t end = box + nodes[box].v.c.size;

	for (uint32_t i = box + 1; i < end; i += 1 + node_size(&nodes[i + 1])) {
		if (nodes[i].len == len && memcmp(nodes[i].v.s, key, len) == 0)
			return i + 1;
	}
	return SS_NO_NODE;
}

ss_node ss_doc_get(const struct ss_doc *doc, ss_node object, const char *key)
{
	return typed(doc, object, SS_OBJECT) ? member(doc, object, key, strlen(key)) : SS_NO_NODE;
}

ss_node ss_doc_at(const struct ss_doc *doc, ss_node array, size_t index)
{
	const struct node *n = typed(doc, array, SS_ARRAY);
	ss_node at = array + 1;

	if (!n || index >= n->v.c.count)
		return SS_NO_NODE;
	for (size_t i = 0; i < index; i++)
		at += node_size(&doc->nodes[at]);
	return at;
}

static ss_node find(const struct ss_doc *doc, ss_node node, va_list keys)
{
	const char *key;

	while (node != SS_NO_NODE && (key = va_arg(keys, const char *)))
		node = ss_doc_get(doc, node, key);
	return node;
}

ss_node ss_doc_find(const struct ss_doc *doc, ss_node node, ...)
{
	va_list keys;

	va_start(keys, node);
	node = find(doc, node, keys);
	va_end(keys);
	return node;
}

const char *ss_doc_find_string(const struct ss_doc *doc, ss_node node, ...)
{
	va_list keys;

	va_start(keys, node);
	node = find(doc, node, keys);
	va_end(keys);
	return ss_doc_get_string(doc, node, NULL);
}

struct ss_iter ss_iter(const struct ss_doc *doc, ss_node container)
{
	const struct node *n = node_at(doc, container);
	struct ss_iter it = {.doc = doc, .value = SS_NO_NODE, .index = SIZE_MAX};

	if (n && is_container(n)) {
		it.next_ = container + 1;
		it.end_ = container + n->v.c.size;
		it.object_ = n->type == SS_OBJECT;
	}
	return it;
}

bool ss_iter_next(struct ss_iter *it)
{
	const struct node *nodes;

	if (it->next_ >= it->end_) {
		it->value = SS_NO_NODE;
		return false;
	}
	nodes = it->doc->nodes;
	if (it->object_) {
		it->key = nodes[it->next_].v.s;
		it->key_len = nodes[it->next_].len;
		it->next_++;
	}
	it->value = it->next_;
	it->next_ += node_size(&nodes[it->value]);
	it->index++;
	return true;
}

/* --- comparison --------------------------------------------------------- */

/* Exact: a conversion of the integer would round above 2^53. */
static bool int_equals_real(int64_t i, double d)
{
	return d >= -0x1p63 && d < 0x1p63 && (double)(int64_t)d == d && (int64_t)d == i;
}

static bool number_equal(const struct node *a, const struct node *b)
{
	if (a->type == b->type)
		return a->type == SS_INT ? a->v.i == b->v.i : a->v.d == b->v.d;
	if (a->type == SS_INT && b->type == SS_REAL)
		return int_equals_real(a->v.i, b->v.d);
	if (a->type == SS_REAL && b->type == SS_INT)
		return int_equals_real(b->v.i, a->v.d);
	return false;
}

static bool array_equal(const struct ss_doc *a, ss_node na, const struct ss_doc *b, ss_node nb)
{
	struct ss_iter ia = ss_iter(a, na), ib = ss_iter(b, nb);

	while (ss_iter_next(&ia) && ss_iter_next(&ib)) {
		if (!ss_doc_equal(a, ia.value, b, ib.value))
			return false;
	}
	return true;
}

static bool object_equal(const struct ss_doc *a, ss_node na, const struct ss_doc *b, ss_node nb)
{
	struct ss_iter ia = ss_iter(a, na), ib = ss_iter(b, nb);

	while (ss_iter_next(&ia)) {
		ss_node other;

		/* Mostly both have the same order: look at the next one first. */
		if (ss_iter_next(&ib) && ib.key_len == ia.key_len &&
		    memcmp(ib.key, ia.key, ia.key_len) == 0)
			other = ib.value;
		else
			other = member(b, nb, ia.key, ia.key_len);
		if (other == SS_NO_NODE || !ss_doc_equal(a, ia.value, b, other))
			return false;
	}
	return true;
}

bool ss_doc_equal(const struct ss_doc *a, ss_node na, const struct ss_doc *b, ss_node nb)
{
	const struct node *x = node_at(a, na), *y = node_at(b, nb);

	if (!x || !y)
		return !x && !y;
	if (x->type != y->type)
		return number_equal(x, y);
	switch (x->type) {
	case SS_BOOL:
		return !x->v.i == !y->v.i;
	case SS_INT:
	case SS_REAL:
		return number_equal(x, y);
	case SS_DIGITS:
	case SS_STRING:
		return x->len == y->len && memcmp(x->v.s, y->v.s, x->len) == 0;
	case SS_ARRAY:
		return x->v.c.count == y->v.c.count && array_equal(a, na, b, nb);
	case SS_OBJECT:
		return x->v.c.count == y->v.c.count && object_equal(a, na, b, nb);
	default:
		return true;
	}
}
