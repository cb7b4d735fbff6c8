#include "embed/walk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "embed/pool.h"

struct walk {
	struct ss_pool *pool;
	struct ss_buf path;
	ss_walk_fn fn;
	void *ud;
};

static void report(struct walk *w, enum ss_walk_problem what, const struct ss_schema *schema,
                   struct ss_value value, const char *key)
{
	w->fn(w->ud, what, schema, value, w->path.data ? w->path.data : "", key);
}

static size_t enter_member(struct walk *w, const char *name)
{
	size_t len = w->path.len;

	if (len)
		ss_buf_putc(&w->path, '.');
	ss_buf_puts(&w->path, name);
	return len;
}

static void leave(struct walk *w, size_t len)
{
	w->path.len = len;
	if (w->path.data)
		w->path.data[len] = 0;
}

/* A Kubernetes quantity: sign, digits with a point, then a suffix or an exponent. */
static bool is_quantity(const char *s)
{
	static const char *const suffixes[] = {"",  "n", "u",  "m",  "k",  "M",  "G",  "T",
	                                       "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
	size_t digits = 0;

	if (*s == '+' || *s == '-')
		s++;
	for (; isdigit((unsigned char)*s); s++)
		digits++;
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++)
			digits++;
	if (!digits)
		return false;
	for (size_t i = 0; i < SS_ARRAY_LEN(suffixes); i++)
		if (strcmp(s, suffixes[i]) == 0)
			return true;
	if (*s != 'e' && *s != 'E')
		return false;
	s += s[1] == '+' || s[1] == '-' ? 2 : 1;
	return *s && strspn(s, "0123456789") == strlen(s);
}

static bool is_base64(const char *s, size_t len)
{
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;

	return ss_base64_decode(s, len, &out) == 0;
}

static bool has_format(const struct ss_schema *schema, struct ss_value value)
{
	size_t len = 0;
	const char *s = ss_doc_get_string(value.doc, value.node, &len);
	int64_t ms;

	if (!s)
		return true;
	switch (schema->type) {
	case SS_SCHEMA_TIME:
		return ss_clock_parse_rfc3339(s, &ms) == 0;
	case SS_SCHEMA_QUANTITY:
		return is_quantity(s);
	case SS_SCHEMA_BYTES:
		return is_base64(s, len);
	default:
		return true;
	}
}

static bool fits(const struct ss_schema *schema, enum ss_type type)
{
	switch (schema->type) {
	case SS_SCHEMA_STRING:
	case SS_SCHEMA_BYTES:
	case SS_SCHEMA_TIME:
		return type == SS_STRING;
	case SS_SCHEMA_QUANTITY:
		return type == SS_STRING || type == SS_INT || type == SS_REAL;
	case SS_SCHEMA_INT:
		return type == SS_INT;
	case SS_SCHEMA_INT_OR_STRING:
		return type == SS_INT || type == SS_STRING;
	case SS_SCHEMA_BOOL:
		return type == SS_BOOL;
	case SS_SCHEMA_LIST:
		return type == SS_ARRAY;
	case SS_SCHEMA_MAP:
	case SS_SCHEMA_OBJECT:
		return type == SS_OBJECT;
	default:
		return true;
	}
}

bool ss_is_word_of(const char *words, const char *word, size_t len)
{
	for (const char *at = words;; at++) {
		size_t n = strcspn(at, "|");

		if (n == len && !memcmp(at, word, n))
			return true;
		at += n;
		if (!*at)
			return false;
	}
}

static bool is_valid(const struct ss_schema *schema, struct ss_value value)
{
	int64_t n = ss_doc_get_int(value.doc, value.node, schema->min);
	size_t len;
	const char *s = ss_doc_get_string(value.doc, value.node, &len);

	if (!s)
		return schema->min == schema->max || (n >= schema->min && n <= schema->max);
	if (schema->words)
		return ss_is_word_of(schema->words, s, len);
	return *s ? !schema->form || schema->form(s) : schema->min != 1;
}

static void check_one_of(struct walk *w, const struct ss_schema *schema, struct ss_value value)
{
	size_t n = 0;

	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);)
		n += ss_doc_type(it.doc, it.value) != SS_NULL &&
		     ss_is_word_of(schema->one_of, it.key, it.key_len);
	if (n != 1)
		report(w, SS_WALK_ONE_OF, schema, value, n ? "may not have more than 1 of" : NULL);
}

static void walk(struct walk *w, const struct ss_schema *schema, struct ss_value value);

static void walk_members(struct walk *w, const struct ss_schema *schema, struct ss_value value)
{
	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);) {
		const struct ss_schema *part = ss_schema_member(schema, it.key);
		struct ss_value member = {it.doc, it.value};
		size_t len = enter_member(w, it.key);

		if (schema->type == SS_SCHEMA_MAP && schema->form && !schema->form(it.key))
			report(w, SS_WALK_VALUE, schema, member, it.key);
		if (!part)
			report(w, SS_WALK_UNKNOWN, schema, member, NULL);
		else if (ss_doc_type(it.doc, it.value) == SS_NULL)
			report(w, SS_WALK_NULL, part, member, NULL);
		else
			walk(w, part, member);
		leave(w, len);
	}
	if (schema->one_of)
		check_one_of(w, schema, value);
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct ss_schema_field *field = &schema->fields[i];

		if (!field->required ||
		    ss_doc_get(value.doc, value.node, field->name) != SS_NO_NODE)
			continue;
		size_t len = enter_member(w, field->name);
		report(w, SS_WALK_MISSING, field->type, (struct ss_value){value.doc, SS_NO_NODE},
		       NULL);
		leave(w, len);
	}
}

static bool lacks_default(const struct ss_schema *list, struct ss_value item)
{
	char name[64];

	for (const char *const *k = list->keys; k && *k; k++) {
		const char *eq = strchr(*k, '=');

		if (!eq)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(eq - *k), *k);
		if (ss_doc_get(item.doc, item.node, name) == SS_NO_NODE)
			return true;
	}
	return false;
}

static void check_key(struct walk *w, const struct ss_schema *list, struct ss_value item,
                      struct ss_fields **seen)
{
	const char *key;
	struct ss_fields *at;

	if (ss_doc_type(item.doc, item.node) != SS_OBJECT && list->rel == SS_REL_KEYED)
		return;
	if (lacks_default(list, item))
		report(w, SS_WALK_NO_DEFAULT_KEY, list, item, NULL);
	key = ss_typed_item_key(w->pool, list, item);
	at = key ? ss_fields_insert(w->pool, seen, key) : NULL;
	if (!key || (at && at->member))
		report(w, SS_WALK_KEY, list, item, key);
	if (at)
		at->member = true;
}

static void walk_items(struct walk *w, const struct ss_schema *schema, struct ss_value value)
{
	struct ss_fields *seen = NULL;

	for (struct ss_iter it = ss_iter(value.doc, value.node); ss_iter_next(&it);) {
		size_t len = w->path.len;
		struct ss_value item = {it.doc, it.value};

		ss_buf_printf(&w->path, "[%zu]", it.index);
		if (schema->rel == SS_REL_KEYED || schema->rel == SS_REL_SET)
			check_key(w, schema, item, &seen);
		walk(w, schema->elem, item);
		leave(w, len);
	}
}

static void walk(struct walk *w, const struct ss_schema *schema, struct ss_value value)
{
	if (schema->type == SS_SCHEMA_OPEN && ss_doc_type(value.doc, value.node) != SS_OBJECT)
		return;
	if (!fits(schema, ss_doc_type(value.doc, value.node)))
		report(w, SS_WALK_TYPE, schema, value, NULL);
	else if (schema->type == SS_SCHEMA_LIST)
		walk_items(w, schema, value);
	else if (schema->type == SS_SCHEMA_OPEN || schema->type >= SS_SCHEMA_MAP)
		walk_members(w, schema, value);
	else if (!has_format(schema, value))
		report(w, SS_WALK_FORMAT, schema, value, NULL);
	else if (!is_valid(schema, value))
		report(w, SS_WALK_VALUE, schema, value, NULL);
}

int ss_walk(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value value,
            ss_walk_fn fn, void *ud)
{
	struct walk w = {.pool = pool, .fn = fn, .ud = ud};

	walk(&w, schema, value);
	ss_buf_done(&w.path);
	return pool->failed || w.path.failed ? SS_ERR_NOMEM : 0;
}
