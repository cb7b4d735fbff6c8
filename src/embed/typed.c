#include "embed/typed.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "embed/pool.h"

bool ss_typed_is_leaf(const struct ss_schema *schema, struct ss_value value)
{
	enum ss_type type = ss_doc_type(value.doc, value.node);

	if (schema && schema->type == SS_SCHEMA_OPEN)
		return type != SS_OBJECT;
	if (!schema || schema->type < SS_SCHEMA_LIST || schema->rel == SS_REL_ATOMIC)
		return true;
	return type != (schema->type == SS_SCHEMA_LIST ? SS_ARRAY : SS_OBJECT);
}

static char *take(struct ss_pool *pool, struct ss_buf *text)
{
	char *out = text->failed ? NULL : ss_pool_strndup(pool, text->data, text->len);

	if (!out)
		pool->failed = true;
	ss_buf_done(text);
	return out;
}

static const char *set_key(struct ss_pool *pool, struct ss_value item)
{
	struct ss_buf text = SS_BUF_INIT;

	ss_buf_puts(&text, "v:");
	ss_json_encode(item.doc, item.node, &text);
	return take(pool, &text);
}

/* One text field is by far the usual key: no buffer and no format for it. */
static const char *name_key(struct ss_pool *pool, const char *field, const char *value, size_t len)
{
	size_t n = strlen(field);
	char *out = ss_pool_alloc(pool, n + len + sizeof("k:{\"\":\"\"}"));

	if (!out)
		return NULL;
	memcpy(out, "k:{\"", 4);
	memcpy(out + 4, field, n);
	memcpy(out + 4 + n, "\":\"", 3);
	memcpy(out + 7 + n, value, len);
	memcpy(out + 7 + n + len, "\"}", 2);
	return out;
}

static bool is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || (unsigned char)s[i] > 0x7e || s[i] == '"' ||
		    s[i] == '\\')
			return false;
	return true;
}

const char *ss_typed_item_key(struct ss_pool *pool, const struct ss_schema *list,
                              struct ss_value item)
{
	struct ss_buf text = SS_BUF_INIT;
	const char *value;
	bool some = false;
	size_t value_len;

	if (list->rel == SS_REL_SET)
		return set_key(pool, item);
	value = ss_doc_get_string(item.doc, ss_doc_get(item.doc, item.node, list->keys[0]),
	                          &value_len);
	if (value && !list->keys[1] && is_plain(value, value_len))
		return name_key(pool, list->keys[0], value, value_len);
	ss_buf_puts(&text, "k:");
	for (const char *const *k = list->keys; *k; k++) {
		const char *eq = strchr(*k, '=');
		size_t len = eq ? (size_t)(eq - *k) : strlen(*k);
		char name[64];
		ss_node node;

		snprintf(name, sizeof(name), "%.*s", (int)len, *k);
		node = ss_doc_get(item.doc, item.node, name);
		if (node == SS_NO_NODE && !eq)
			continue;
		ss_buf_printf(&text, "%c\"%s\":", some ? ',' : '{', name);
		if (node == SS_NO_NODE)
			ss_json_quote(&text, eq + 1, strlen(eq + 1));
		else
			ss_json_encode(item.doc, node, &text);
		some = true;
	}
	ss_buf_putc(&text, '}');
	if (!some) {
		ss_buf_done(&text);
		return NULL;
	}
	return take(pool, &text);
}

const char *ss_typed_field_key(struct ss_pool *pool, const char *name)
{
	size_t len = strlen(name);
	char *out = ss_pool_alloc(pool, len + 3);

	if (!out)
		return NULL;
	out[0] = 'f';
	out[1] = ':';
	return memcpy(out + 2, name, len) ? out : NULL;
}

static bool is_empty_object(struct ss_value v)
{
	enum ss_type type = ss_doc_type(v.doc, v.node);

	return type == SS_NULL || (type == SS_OBJECT && ss_doc_count(v.doc, v.node) == 0);
}

static void collect(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value value,
                    struct ss_fields *at);

static void collect_list(struct ss_pool *pool, const struct ss_schema *schema,
                         struct ss_value value, struct ss_fields *at)
{
	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);) {
		struct ss_value item = {value.doc, it.value};
		const char *key = ss_typed_item_key(pool, schema, item);
		struct ss_fields *node =
		        ss_fields_insert(pool, (struct ss_fields **)&at->child, key);

		if (!node)
			continue;
		if (node->member) /* a second of the same key: they are owned together */
			node->child = NULL;
		else
			collect(pool, schema->elem, item, node);
		node->member = true;
	}
}

static void collect(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value value,
                    struct ss_fields *at)
{
	struct ss_fields *children = NULL, *node;

	if (ss_typed_is_leaf(schema, value)) {
		at->member = true;
		return;
	}
	if (schema->type == SS_SCHEMA_LIST) {
		collect_list(pool, schema, value, at);
		return;
	}
	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);) {
		struct ss_value member = {value.doc, it.value};
		struct ss_fields found = {0};

		collect(pool, ss_schema_member(schema, it.key), member, &found);
		if (is_empty_object(member) || !ss_schema_declares(schema, it.key))
			found.member = true;
		if (!found.member && !found.child)
			continue;
		node = ss_fields_insert(pool, &children, ss_typed_field_key(pool, it.key));
		if (node) {
			node->member = found.member;
			node->child = found.child;
		}
	}
	at->child = children;
}

const struct ss_fields *ss_typed_set(struct ss_pool *pool, const struct ss_schema *schema,
                                     struct ss_value value)
{
	struct ss_fields root = {0};

	collect(pool, schema, value, &root);
	return root.child;
}

/* --- comparison ---------------------------------------------------------- */
enum { ADDED, MODIFIED, REMOVED, CHANGES };

static void compare(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value old,
                    struct ss_value new_, struct ss_fields at[CHANGES]);

static void compare_child(struct ss_pool *pool, const struct ss_schema *schema, const char *key,
                          struct ss_value old, struct ss_value new_, struct ss_fields at[CHANGES])
{
	struct ss_fields child[CHANGES] = {0}, *node;

	compare(pool, schema, old, new_, child);
	for (int i = 0; i < CHANGES; i++) {
		if (!child[i].member && !child[i].child)
			continue;
		node = ss_fields_insert(pool, (struct ss_fields **)&at[i].child, key);
		if (node) {
			node->member = child[i].member;
			node->child = child[i].child;
		}
	}
}

static ss_node find_item(struct ss_pool *pool, const struct ss_schema *list, struct ss_value value,
                         const char *key)
{
	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);) {
		const char *k =
		        ss_typed_item_key(pool, list, (struct ss_value){value.doc, it.value});

		if (k && strcmp(k, key) == 0)
			return it.value;
	}
	return SS_NO_NODE;
}

/* Items of `from`, against those of `to`; only_missing: those that `to` lacks. */
static void compare_items(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value old,
                          struct ss_value new_, bool removed_only, struct ss_fields at[CHANGES])
{
	struct ss_value from = removed_only ? old : new_, to = removed_only ? new_ : old;

	for (struct ss_iter it = ss_iter(from.doc, from.node); ss_iter_next(&it);) {
		struct ss_value mine = {from.doc, it.value}, other = {to.doc, SS_NO_NODE};
		const char *key = ss_typed_item_key(pool, schema, mine);

		if (!key)
			continue;
		other.node = find_item(pool, schema, to, key);
		if (!removed_only)
			compare_child(pool, schema->elem, key, other, mine, at);
		else if (other.node == SS_NO_NODE)
			compare_child(pool, schema->elem, key, mine, other, at);
	}
}

static void compare_members(struct ss_pool *pool, const struct ss_schema *schema,
                            struct ss_value old, struct ss_value new_, struct ss_fields at[CHANGES])
{
	for (struct ss_iter it = ss_iter(new_.doc, new_.node); ss_iter_next(&it);) {
		struct ss_value was = {old.doc, ss_doc_get(old.doc, old.node, it.key)};

		compare_child(pool, ss_schema_member(schema, it.key),
		              ss_typed_field_key(pool, it.key), was,
		              (struct ss_value){new_.doc, it.value}, at);
	}
	for (struct ss_iter it = ss_iter(old.doc, old.node); ss_iter_next(&it);)
		if (ss_doc_get(new_.doc, new_.node, it.key) == SS_NO_NODE)
			compare_child(pool, ss_schema_member(schema, it.key),
			              ss_typed_field_key(pool, it.key),
			              (struct ss_value){old.doc, it.value},
			              (struct ss_value){new_.doc, SS_NO_NODE}, at);
}

static void compare(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value old,
                    struct ss_value new_, struct ss_fields at[CHANGES])
{
	bool no_old = old.node == SS_NO_NODE, no_new = new_.node == SS_NO_NODE;
	bool leaf =
	        ss_typed_is_leaf(schema, no_new ? old : new_) ||
	        (!no_old && ss_typed_is_leaf(schema, old)) ||
	        (ss_doc_count(old.doc, old.node) == 0 && ss_doc_count(new_.doc, new_.node) == 0);

	if (!no_old && !no_new && ss_doc_equal(old.doc, old.node, new_.doc, new_.node))
		return;
	if (!leaf && schema->type == SS_SCHEMA_LIST) {
		compare_items(pool, schema, old, new_, false, at);
		compare_items(pool, schema, old, new_, true, at);
	} else if (!leaf) {
		compare_members(pool, schema, old, new_, at);
	} else if (!no_old && !no_new) {
		at[MODIFIED].member = true;
	}
	if (no_old)
		at[ADDED].member = true;
	else if (no_new)
		at[REMOVED].member = true;
}

struct ss_typed_diff ss_typed_compare(struct ss_pool *pool, const struct ss_schema *schema,
                                      struct ss_value old, struct ss_value new_)
{
	struct ss_fields at[CHANGES] = {0};

	compare(pool, schema, old, new_, at);
	return (struct ss_typed_diff){at[ADDED].child, at[MODIFIED].child, at[REMOVED].child};
}
