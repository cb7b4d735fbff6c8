#include "embed/fields.h"

#include <string.h>

#include "embed/pool.h"
#include "embed/schema.h"

struct ss_fields *ss_fields_insert(struct ss_pool *pool, struct ss_fields **list, const char *key)
{
	struct ss_fields **at = list, *node;
	int c = 1;

	if (!key)
		return NULL;
	while (*at && (c = strcmp((*at)->key, key)) < 0)
		at = (struct ss_fields **)&(*at)->next;
	if (*at && c == 0)
		return *at;
	node = ss_pool_alloc(pool, sizeof(*node));
	if (!node)
		return NULL;
	node->key = key;
	node->next = *at;
	*at = node;
	return node;
}

const struct ss_fields *ss_fields_find(const struct ss_fields *set, const char *key)
{
	int c = 1;

	while (set && (c = strcmp(set->key, key)) < 0)
		set = set->next;
	return set && c == 0 ? set : NULL;
}

/* Lists are built by appending at a tail, since operations walk in order. */
struct build {
	struct ss_pool *pool;
	struct ss_fields *head, *last;
};

static void append(struct build *b, const char *key, bool member, const struct ss_fields *child)
{
	struct ss_fields *node;

	if (!member && !child)
		return;
	node = ss_pool_alloc(b->pool, sizeof(*node));
	if (!node)
		return;
	*node = (struct ss_fields){.key = key, .member = member, .child = child};
	if (b->last)
		b->last->next = node;
	else
		b->head = node;
	b->last = node;
}

const struct ss_fields *ss_fields_union(struct ss_pool *pool, const struct ss_fields *a,
                                        const struct ss_fields *b)
{
	struct build out = {.pool = pool};

	if (!a || !b)
		return a ? a : b;
	while (a || b) {
		int c = !a ? 1 : !b ? -1 : strcmp(a->key, b->key);

		if (c == 0)
			append(&out, a->key, a->member || b->member,
			       ss_fields_union(pool, a->child, b->child));
		else if (c < 0)
			append(&out, a->key, a->member, a->child);
		else
			append(&out, b->key, b->member, b->child);
		if (c <= 0)
			a = a->next;
		if (c >= 0)
			b = b->next;
	}
	return out.head;
}

const struct ss_fields *ss_fields_intersection(struct ss_pool *pool, const struct ss_fields *a,
                                               const struct ss_fields *b)
{
	struct build out = {.pool = pool};

	while (a && b) {
		int c = strcmp(a->key, b->key);

		if (c == 0)
			append(&out, a->key, a->member && b->member,
			       ss_fields_intersection(pool, a->child, b->child));
		if (c <= 0)
			a = a->next;
		if (c >= 0)
			b = b->next;
	}
	return out.head;
}

const struct ss_fields *ss_fields_difference(struct ss_pool *pool, const struct ss_fields *a,
                                             const struct ss_fields *b)
{
	struct build out = {.pool = pool};

	if (!b)
		return a;
	for (; a; a = a->next) {
		while (b && strcmp(b->key, a->key) < 0)
			b = b->next;
		if (b && strcmp(b->key, a->key) == 0)
			append(&out, a->key, a->member && !b->member,
			       ss_fields_difference(pool, a->child, b->child));
		else
			append(&out, a->key, a->member, a->child);
	}
	return out.head;
}

static const struct ss_schema *below(const struct ss_schema *schema, const char *key)
{
	if (!schema)
		return NULL;
	return strncmp(key, "f:", 2) == 0 ? ss_schema_member(schema, key + 2) : schema->elem;
}

const struct ss_fields *ss_fields_with_parents(struct ss_pool *pool, const struct ss_fields *set,
                                               const struct ss_schema *schema)
{
	struct build out = {.pool = pool};

	for (; set; set = set->next) {
		bool declared =
		        strncmp(set->key, "f:", 2) == 0 && ss_schema_declares(schema, set->key + 2);

		append(&out, set->key, set->member || (declared && set->child),
		       ss_fields_with_parents(pool, set->child, below(schema, set->key)));
	}
	return out.head;
}

const struct ss_fields *ss_fields_only(struct ss_pool *pool, const struct ss_fields *set,
                                       const char *key)
{
	struct build out = {.pool = pool};

	set = ss_fields_find(set, key);
	if (set)
		append(&out, set->key, set->member, set->child);
	return out.head;
}

const struct ss_fields *ss_fields_without(struct ss_pool *pool, const struct ss_fields *set,
                                          const char *key)
{
	struct build out = {.pool = pool};

	for (; set; set = set->next)
		if (strcmp(set->key, key) != 0)
			append(&out, set->key, set->member, set->child);
	return out.head;
}

bool ss_fields_equal(const struct ss_fields *a, const struct ss_fields *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (a->member != b->member || strcmp(a->key, b->key) != 0 ||
		    !ss_fields_equal(a->child, b->child))
			return false;
	return !a && !b;
}
