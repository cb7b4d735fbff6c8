/* The nodes of a YAML document: keys, values, anchors and aliases. */
#include <stdio.h>
#include <stdlib.h>

#include "base/doc_priv.h"
#include "base/yaml_reader.h"

enum { MAX_ANCHORS = 10000 }; /* searched one by one for each alias */

/* --- anchors --------------------------------------------------------------- */

void ss_yaml_clear_anchors(struct reader *r)
{
	for (size_t i = 0; i < r->n_anchors; i++)
		free(r->anchors[i].name);
	r->n_anchors = 0;
}

/* Remember the node that is written next; *ret is its index + 1, or 0 without a name. */
static int add_anchor(struct reader *r, const yaml_char_t *name, struct anchor anchor, size_t *ret)
{
	*ret = 0;
	if (!name)
		return 0;
	if (r->n_anchors == MAX_ANCHORS)
		return ss_yaml_fail(r, SS_ERR_LIMIT, "more than %d anchors", MAX_ANCHORS);
	if (r->n_anchors == r->cap_anchors) {
		size_t cap = r->cap_anchors ? r->cap_anchors * 2 : 16;
		struct anchor *more = realloc(r->anchors, cap * sizeof(*more));

		if (!more)
			return ss_err_nomem(r->err);
		r->anchors = more;
		r->cap_anchors = cap;
	}
	anchor.name = strdup((const char *)name);
	if (!anchor.name)
		return ss_err_nomem(r->err);
	anchor.node = r->doc->n;
	r->anchors[r->n_anchors++] = anchor;
	*ret = r->n_anchors;
	return 0;
}

/* The last one of that name counts. */
static int find_anchor(struct reader *r, const char *name, const struct anchor **ret)
{
	if (++r->aliases > SS_YAML_MAX_ALIASES)
		return ss_yaml_fail(r, SS_ERR_LIMIT, "more than %d aliases", SS_YAML_MAX_ALIASES);
	for (size_t i = r->n_anchors; i-- > 0;) {
		if (strcmp(r->anchors[i].name, name) != 0)
			continue;
		if (r->anchors[i].open)
			return ss_yaml_fail(r, SS_ERR_PARSE,
			                    "alias *%s stands inside its own anchor", name);
		*ret = &r->anchors[i];
		return 0;
	}
	/* Without the name: it may be a password that nobody quoted. */
	return ss_yaml_fail(r, SS_ERR_PARSE,
	                    "this alias has no anchor before it (text that begins with '*' needs "
	                    "quotes)");
}

/* --- keys ------------------------------------------------------------------ */

static int put_key(struct reader *r, const char *key, size_t len)
{
	struct frame *f = &r->frames[r->depth - 1];
	const struct node *node;
	int added;

	ss_doc_key(r->doc, key, len);
	f->want_key = false;
	if (ss_doc_failed(r->doc))
		return 0;
	node = &r->doc->nodes[r->doc->n - 1];
	added = ss_keyset_add(&r->keys, f->object, node->v.s, len);
	if (added < 0)
		return ss_err_nomem(r->err);
	return added ? 0 : ss_yaml_fail(r, SS_ERR_PARSE, "the key \"%.100s\" is there twice", key);
}

static int put_merge_key(struct reader *r)
{
	struct frame *f = &r->frames[r->depth - 1];

	ss_doc_key_lit(r->doc, "<<");
	if (!ss_doc_failed(r->doc))
		r->doc->nodes[r->doc->n - 1].flags |= NODE_MERGE;
	f->want_key = false;
	f->merge = r->merges = true;
	return 0;
}

static bool is_merge_key(const yaml_event_t *event)
{
	const char *tag = (const char *)event->data.scalar.tag;

	return strcmp((const char *)event->data.scalar.value, "<<") == 0 &&
	       (tag ? tag_is(tag, TAG_PREFIX "merge")
	            : event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

static int read_key(struct reader *r, const yaml_event_t *event)
{
	char number[40];
	struct ss_yaml_scalar s;
	size_t ignored;
	int code;

	if (event->type != YAML_SCALAR_EVENT)
		return ss_yaml_fail(r, SS_ERR_PARSE, "a mapping's key must be a scalar");
	if (is_merge_key(event))
		return put_merge_key(r);
	if (ss_yaml_is_binary(event))
		return ss_yaml_bad_tag(r, event->data.scalar.tag,
		                       "!!str, !!int, !!float and !!bool");
	code = ss_yaml_scalar_value(r, event, &s);
	if (!code)
		code = ss_yaml_check_number(r, event, &s);
	if (code)
		return code;
	/* kubectl makes "1.1" of the key 1.10, and "1e+06" of 1e6. */
	if (s.fraction)
		return ss_yaml_fail(r, SS_ERR_PARSE, "the key %.60s is a real number; quote it",
		                    (const char *)event->data.scalar.value);
	if (event->data.scalar.anchor && s.type != SS_STRING)
		return ss_yaml_fail(r, SS_ERR_PARSE, "an anchor on a key that is no string");
	code = add_anchor(r, event->data.scalar.anchor, (struct anchor){.key = true}, &ignored);
	if (code)
		return code;
	switch (s.type) {
	case SS_NULL:
		return ss_yaml_fail(r, SS_ERR_PARSE, "a key is null; quote it if it is text");
	case SS_BOOL:
		return put_key(r, s.boolean ? "true" : "false", s.boolean ? 4 : 5);
	case SS_INT:
		snprintf(number, sizeof(number), "%lld", (long long)s.integer);
		return put_key(r, number, strlen(number));
	default:
		return put_key(r, (const char *)event->data.scalar.value,
		               event->data.scalar.length);
	}
}

/* --- values ---------------------------------------------------------------- */

static int put_alias(struct reader *r, const char *name, bool merge)
{
	const struct anchor *anchor = NULL;
	const struct node *node;
	int code = find_anchor(r, name, &anchor);

	if (code)
		return code;
	node = &r->doc->nodes[anchor->node];
	if (merge && node->type != SS_OBJECT)
		return ss_yaml_fail(r, SS_ERR_PARSE,
		                    "\"<<\" takes a mapping or a list of mappings");
	r->expanded += node_size(node);
	if (r->expanded > SS_YAML_MAX_EXPANDED)
		return ss_yaml_fail(r, SS_ERR_LIMIT, "aliases add more than %d values",
		                    SS_YAML_MAX_EXPANDED);
	if (anchor->key)
		ss_doc_string(r->doc, node->v.s, node->len);
	else
		ss_doc_repeat_(r->doc, anchor->node);
	return 0;
}

/* The key that an alias stands for. */
static int read_alias_key(struct reader *r, const char *name)
{
	const struct anchor *anchor = NULL;
	const struct node *node;
	int code = find_anchor(r, name, &anchor);

	if (code)
		return code;
	node = &r->doc->nodes[anchor->node];
	if (node->type != SS_STRING)
		return ss_yaml_fail(r, SS_ERR_PARSE, "alias *%s as a key is no string", name);
	return put_key(r, node->v.s, node->len);
}

static int open_container(struct reader *r, const yaml_event_t *event, bool merge)
{
	bool mapping = event->type == YAML_MAPPING_START_EVENT;
	const yaml_char_t *tag =
	        mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;
	const yaml_char_t *name =
	        mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
	struct frame f = {.object = r->doc->n, .mapping = mapping, .want_key = mapping};
	int code;

	if (tag && !tag_is((const char *)tag, "!") &&
	    !tag_is((const char *)tag, mapping ? YAML_MAP_TAG : YAML_SEQ_TAG))
		return ss_yaml_bad_tag(r, tag, mapping ? "!!map" : "!!seq");
	if (r->depth == SS_YAML_MAX_DEPTH)
		return ss_yaml_fail(r, SS_ERR_LIMIT, "nested deeper than %d levels",
		                    SS_YAML_MAX_DEPTH);
	code = add_anchor(r, name, (struct anchor){.open = true}, &f.anchor);
	if (code)
		return code;
	f.merge = merge && !mapping;
	r->frames[r->depth++] = f;
	if (mapping)
		ss_doc_begin_object(r->doc);
	else
		ss_doc_begin_array(r->doc);
	return 0;
}

static void close_container(struct reader *r)
{
	struct frame *f = &r->frames[--r->depth];

	if (f->anchor)
		r->anchors[f->anchor - 1].open = false;
	ss_doc_end(r->doc);
}

static int read_value(struct reader *r, const yaml_event_t *event)
{
	struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
	bool merge = f && f->merge;
	struct ss_yaml_scalar s;
	size_t ignored;
	int code;

	if (f && f->mapping) {
		f->want_key = true;
		f->merge = false;
	}
	if (event->type == YAML_ALIAS_EVENT)
		return put_alias(r, (const char *)event->data.alias.anchor, merge);
	if (merge && (event->type == YAML_SCALAR_EVENT ||
	              (event->type == YAML_SEQUENCE_START_EVENT && !f->mapping)))
		return ss_yaml_fail(r, SS_ERR_PARSE,
		                    "\"<<\" takes a mapping or a list of mappings");
	if (event->type != YAML_SCALAR_EVENT)
		return open_container(r, event, merge);
	code = ss_yaml_scalar_value(r, event, &s);
	if (!code)
		code = add_anchor(r, event->data.scalar.anchor, (struct anchor){0}, &ignored);
	return code ? code : ss_yaml_put_scalar(r, event, &s);
}

int ss_yaml_read_node(struct reader *r, const yaml_event_t *event)
{
	struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;

	if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT) {
		close_container(r);
		return 0;
	}
	if (!f || !f->want_key)
		return read_value(r, event);
	if (event->type == YAML_ALIAS_EVENT)
		return read_alias_key(r, (const char *)event->data.alias.anchor);
	return read_key(r, event);
}
