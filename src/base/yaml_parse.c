#include "base/yaml.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include <yaml.h>

#include "base/digest.h"
#include "base/doc_priv.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/yaml_priv.h"

enum {
	/* libyaml walks all open flow levels for every token, so a line of '{' is
	 * quadratic; it gets so little at a time that the level is seen in time. */
	FEED_BYTES = 1024,
	MAX_TAG_DIRECTIVES = 16, /* each is compared with all before */
	MAX_ANCHORS = 10000,     /* searched one by one for each alias */
};

#define TAG_PREFIX "tag:yaml.org,2002:"

struct anchor {
	char *name;
	ss_node node;
	bool open; /* its container is not complete */
	bool key;  /* the node is a key */
};

/* A container being read. */
struct frame {
	uint32_t object; /* the container's node */
	size_t anchor;   /* index + 1 of its anchor, 0 = none */
	bool mapping;
	bool want_key;
	bool merge; /* the next value belongs to "<<"; of a sequence: every one */
};

struct reader {
	yaml_parser_t parser;
	const char *text;
	size_t len, pos;
	const char *stopped; /* why feed() refused to go on */

	struct ss_doc *doc;
	struct ss_keyset keys;
	struct anchor *anchors;
	size_t n_anchors, cap_anchors;
	struct frame frames[SS_YAML_MAX_DEPTH];
	size_t depth;
	unsigned aliases;
	size_t expanded;
	bool merges; /* a merge key was seen */
	bool empty;  /* the document is not there at all */
	size_t line; /* where it begins, from 1 */

	yaml_mark_t mark; /* of the event at hand */
	struct ss_err *err;
};

static SS_PRINTF(3, 4) int fail(struct reader *r, int code, const char *fmt, ...)
{
	char why[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return ss_err_set(r->err, code, "line %zu, column %zu: %s", r->mark.line + 1,
	                  r->mark.column + 1, why);
}

/* --- libyaml --------------------------------------------------------------- */

static int feed(void *ud, unsigned char *to, size_t size, size_t *ret_size)
{
	struct reader *r = ud;
	size_t n = r->len - r->pos;

	if (r->parser.flow_level > SS_YAML_MAX_DEPTH)
		r->stopped = "nested deeper than 64 levels";
	if (r->parser.tag_directives.top - r->parser.tag_directives.start > MAX_TAG_DIRECTIVES)
		r->stopped = "more than 16 %TAG directives";
	if (r->stopped)
		return 0;
	n = n < size ? n : size;
	n = n < FEED_BYTES ? n : FEED_BYTES;
	memcpy(to, r->text + r->pos, n);
	r->pos += n;
	*ret_size = n;
	return 1;
}

/* Encoding errors come with an offset only. */
static void mark_offset(struct reader *r, size_t offset)
{
	r->mark.line = r->mark.column = 0;
	for (size_t i = 0; i < offset && i < r->len; i++) {
		r->mark.column++;
		if (r->text[i] == '\n') {
			r->mark.line++;
			r->mark.column = 0;
		}
	}
}

static int parser_failure(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem ? p->problem : "malformed";

	if (p->error == YAML_MEMORY_ERROR)
		return ss_err_nomem(r->err);
	r->mark = p->mark;
	if (r->stopped)
		return fail(r, SS_ERR_LIMIT, "%s", r->stopped);
	if (p->error == YAML_READER_ERROR)
		mark_offset(r, p->problem_offset);
	else if (p->problem)
		r->mark = p->problem_mark;
	if (p->context)
		return fail(r, SS_ERR_PARSE, "%s (%s, line %zu)", problem, p->context,
		            p->context_mark.line + 1);
	return fail(r, SS_ERR_PARSE, "%s", problem);
}

static void delete_event(yaml_event_t *event)
{
	yaml_event_delete(event);
}
#define AUTO_EVENT SS_CLEANUP(delete_event)

static int next_event(struct reader *r, yaml_event_t *event)
{
	if (!yaml_parser_parse(&r->parser, event))
		return parser_failure(r);
	r->mark = event->start_mark;
	return 0;
}

/* --- anchors --------------------------------------------------------------- */

static void clear_anchors(struct reader *r)
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
		return fail(r, SS_ERR_LIMIT, "more than %d anchors", MAX_ANCHORS);
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
		return fail(r, SS_ERR_LIMIT, "more than %d aliases", SS_YAML_MAX_ALIASES);
	for (size_t i = r->n_anchors; i-- > 0;) {
		if (strcmp(r->anchors[i].name, name) != 0)
			continue;
		if (r->anchors[i].open)
			return fail(r, SS_ERR_PARSE, "alias *%s stands inside its own anchor",
			            name);
		*ret = &r->anchors[i];
		return 0;
	}
	return fail(r, SS_ERR_PARSE, "alias *%s has no anchor &%s before it", name, name);
}

/* --- scalars --------------------------------------------------------------- */

static bool tag_is(const char *tag, const char *name)
{
	return strcmp(tag, name) == 0;
}

static int bad_tag(struct reader *r, const yaml_char_t *tag, const char *allowed)
{
	const char *name = (const char *)tag;
	size_t prefix = strlen(TAG_PREFIX);
	bool core = strncmp(name, TAG_PREFIX, prefix) == 0;

	return fail(r, SS_ERR_PARSE, "the tag %s%.100s is not allowed here (only %s)",
	            core ? "!!" : "", core ? name + prefix : name, allowed);
}

/* Decide what a scalar is, from its tag and style. */
static int scalar_value(struct reader *r, const yaml_event_t *event, struct ss_yaml_scalar *ret)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	const char *tag = (const char *)event->data.scalar.tag;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	bool fits;

	*ret = (struct ss_yaml_scalar){.type = SS_STRING};
	if (memchr(text, 0, len))
		return fail(r, SS_ERR_PARSE, "a string holds the character NUL");
	if (!tag && plain)
		*ret = ss_yaml_resolve(text, len);
	if (!tag || tag_is(tag, "!") || tag_is(tag, YAML_STR_TAG) ||
	    tag_is(tag, TAG_PREFIX "binary"))
		return 0;
	*ret = ss_yaml_resolve(text, len);
	if (tag_is(tag, YAML_INT_TAG))
		fits = ret->type == SS_INT;
	else if (tag_is(tag, YAML_FLOAT_TAG))
		fits = ret->type == SS_INT || ret->type == SS_REAL;
	else if (tag_is(tag, YAML_BOOL_TAG))
		fits = ret->type == SS_BOOL;
	else if (tag_is(tag, YAML_NULL_TAG))
		fits = ret->type == SS_NULL;
	else
		return bad_tag(r, event->data.scalar.tag,
		               "!!str, !!int, !!float, !!bool, !!null and !!binary");
	if (!fits)
		return fail(r, SS_ERR_PARSE, "\"%.100s\" is no %s", text, tag + strlen(TAG_PREFIX));
	return 0;
}

/* Numbers that JSON or int64 cannot hold would be changed silently. */
static int check_number(struct reader *r, const yaml_event_t *event, const struct ss_yaml_scalar *s)
{
	if (s->type == SS_INT && s->too_big)
		return fail(r, SS_ERR_PARSE,
		            "the integer %.60s does not fit 64 bits; quote it if it is text",
		            (const char *)event->data.scalar.value);
	if (s->type == SS_REAL && !isfinite(s->real))
		return fail(r, SS_ERR_PARSE, "%s cannot be written as JSON; quote it if it is text",
		            (const char *)event->data.scalar.value);
	return 0;
}

static bool is_binary(const yaml_event_t *event)
{
	const char *tag = (const char *)event->data.scalar.tag;

	return tag && tag_is(tag, TAG_PREFIX "binary");
}

/* !!binary is base64; JSON has text only, so the bytes must be UTF-8. */
static int decode_binary(struct reader *r, const yaml_event_t *event, struct ss_buf *out)
{
	int code = ss_base64_decode((const char *)event->data.scalar.value,
	                            event->data.scalar.length, out);

	if (code == SS_ERR_NOMEM)
		return ss_err_nomem(r->err);
	if (code)
		return fail(r, SS_ERR_PARSE, "!!binary is not valid base64");
	if (out->len && (memchr(out->data, 0, out->len) || !ss_utf8_valid(out->data, out->len)))
		return fail(r, SS_ERR_PARSE, "!!binary does not hold UTF-8 text");
	return 0;
}

static int put_scalar(struct reader *r, const yaml_event_t *event, const struct ss_yaml_scalar *s)
{
	SS_AUTO_BUF struct ss_buf binary = SS_BUF_INIT;
	int code = check_number(r, event, s);

	if (!code && is_binary(event)) {
		code = decode_binary(r, event, &binary);
		if (!code)
			ss_doc_string(r->doc, binary.data ? binary.data : "", binary.len);
		return code;
	}
	switch (s->type) {
	case SS_NULL:
		ss_doc_null(r->doc);
		break;
	case SS_BOOL:
		ss_doc_bool(r->doc, s->boolean);
		break;
	case SS_INT:
		ss_doc_int(r->doc, s->integer);
		break;
	case SS_REAL:
		ss_doc_real(r->doc, s->real);
		break;
	default:
		ss_doc_string(r->doc, (const char *)event->data.scalar.value,
		              event->data.scalar.length);
		break;
	}
	return code;
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
	return added ? 0 : fail(r, SS_ERR_PARSE, "the key \"%.100s\" is there twice", key);
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
		return fail(r, SS_ERR_PARSE, "a mapping's key must be a scalar");
	if (is_merge_key(event))
		return put_merge_key(r);
	if (is_binary(event))
		return bad_tag(r, event->data.scalar.tag, "!!str, !!int, !!float and !!bool");
	code = scalar_value(r, event, &s);
	if (!code)
		code = check_number(r, event, &s);
	if (code)
		return code;
	if (event->data.scalar.anchor && s.type != SS_STRING)
		return fail(r, SS_ERR_PARSE, "an anchor on a key that is no string");
	code = add_anchor(r, event->data.scalar.anchor, (struct anchor){.key = true}, &ignored);
	if (code)
		return code;
	switch (s.type) {
	case SS_NULL:
		return fail(r, SS_ERR_PARSE, "a key is null; quote it if it is text");
	case SS_BOOL:
		return put_key(r, s.boolean ? "true" : "false", s.boolean ? 4 : 5);
	case SS_INT:
		snprintf(number, sizeof(number), "%lld", (long long)s.integer);
		return put_key(r, number, strlen(number));
	case SS_REAL:
		snprintf(number, sizeof(number), "%.9g", s.real);
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
		return fail(r, SS_ERR_PARSE, "\"<<\" takes a mapping or a list of mappings");
	r->expanded += node_size(node);
	if (r->expanded > SS_YAML_MAX_EXPANDED)
		return fail(r, SS_ERR_LIMIT, "aliases add more than %d values",
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
		return fail(r, SS_ERR_PARSE, "alias *%s as a key is no string", name);
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
		return bad_tag(r, tag, mapping ? "!!map" : "!!seq");
	if (r->depth == SS_YAML_MAX_DEPTH)
		return fail(r, SS_ERR_LIMIT, "nested deeper than %d levels", SS_YAML_MAX_DEPTH);
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
		return fail(r, SS_ERR_PARSE, "\"<<\" takes a mapping or a list of mappings");
	if (event->type != YAML_SCALAR_EVENT)
		return open_container(r, event, merge);
	code = scalar_value(r, event, &s);
	if (!code)
		code = add_anchor(r, event->data.scalar.anchor, (struct anchor){0}, &ignored);
	return code ? code : put_scalar(r, event, &s);
}

static int read_node(struct reader *r, const yaml_event_t *event)
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

/* --- documents ------------------------------------------------------------- */

static bool is_nothing(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT && !event->data.scalar.length &&
	       !event->data.scalar.tag && !event->data.scalar.anchor &&
	       event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static int begin_document(struct reader *r)
{
	clear_anchors(r);
	ss_keyset_clear(&r->keys);
	r->depth = 0;
	r->aliases = 0;
	r->expanded = 0;
	r->merges = false;
	r->line = 0;
	r->doc = ss_doc_new();
	return r->doc ? 0 : ss_err_nomem(r->err);
}

static int finish_document(struct reader *r)
{
	struct ss_doc *merged;
	int code = ss_doc_finish(r->doc, r->err);

	if (code || !r->merges)
		return code ? ss_err_wrap(r->err, code, "document at line %zu", r->line) : 0;
	merged = ss_doc_new();
	if (!merged)
		return ss_err_nomem(r->err);
	ss_yaml_merge(merged, r->doc, &r->keys);
	ss_doc_free(r->doc);
	r->doc = merged;
	return ss_doc_finish(r->doc, r->err);
}

/* The events of one document up to its end. */
static int read_document(struct reader *r)
{
	int code = begin_document(r);

	while (!code) {
		AUTO_EVENT yaml_event_t event = {0};

		code = next_event(r, &event);
		if (code)
			break;
		if (event.type == YAML_DOCUMENT_END_EVENT)
			return finish_document(r);
		if (!r->line) {
			r->line = r->mark.line + 1;
			r->empty = is_nothing(&event);
		}
		code = read_node(r, &event);
		if (!code && ss_doc_failed(r->doc)) {
			code = ss_doc_finish(r->doc, r->err);
			ss_err_wrap(r->err, code, "line %zu", r->mark.line + 1);
		}
	}
	return code;
}

static int read_stream(struct reader *r, ss_yaml_doc_fn fn, void *ud)
{
	for (size_t n = 0;;) {
		yaml_event_type_t type;
		struct ss_doc *doc;
		int code;

		{
			AUTO_EVENT yaml_event_t event = {0};

			code = next_event(r, &event);
			type = event.type;
		}
		if (code || type == YAML_STREAM_END_EVENT)
			return code;
		if (type != YAML_DOCUMENT_START_EVENT)
			continue;
		if (++n > SS_YAML_MAX_DOCUMENTS)
			return fail(r, SS_ERR_LIMIT, "more than %d documents",
			            SS_YAML_MAX_DOCUMENTS);
		code = read_document(r);
		doc = r->doc;
		r->doc = NULL;
		if (code || r->empty) {
			ss_doc_free(doc);
			r->empty = false;
		} else {
			code = fn(ud, doc, r->line, r->err);
		}
		if (code)
			return code;
	}
}

static int parse_stream(const char *text, size_t len, ss_yaml_doc_fn fn, void *ud,
                        struct ss_err *err)
{
	struct reader r = {.text = text, .len = len, .err = err};
	int code;

	if (!yaml_parser_initialize(&r.parser))
		return ss_err_nomem(err);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&r.parser, feed, &r);
	code = read_stream(&r, fn, ud);
	clear_anchors(&r);
	free(r.anchors);
	ss_keyset_done(&r.keys);
	yaml_parser_delete(&r.parser);
	return code;
}

/* kubectl reads a file that is JSON as JSON. The two differ: YAML has no
 * surrogate pairs in \u escapes, and no tabs between tokens. */
static struct ss_doc *try_json(const char *text, size_t len, size_t *ret_line)
{
	struct ss_doc *doc = NULL;
	size_t i = 0;

	*ret_line = 1;
	for (; i < len && strchr(" \t\r\n", text[i]); i++)
		*ret_line += text[i] == '\n';
	if (i < len && (text[i] == '{' || text[i] == '['))
		ss_json_parse(text, len, &doc, NULL);
	return doc;
}

int ss_yaml_parse_all(const char *text, size_t len, ss_yaml_doc_fn fn, void *ud, struct ss_err *err)
{
	struct ss_doc *doc;
	size_t line;

	if (len > SS_DOC_MAX_BYTES)
		return ss_err_set(err, SS_ERR_LIMIT, "YAML text of %zu bytes: the limit is %zu",
		                  len, SS_DOC_MAX_BYTES);
	doc = try_json(text, len, &line);
	return doc ? fn(ud, doc, line, err) : parse_stream(text, len, fn, ud, err);
}

static int keep_only(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err)
{
	struct ss_doc **kept = ud;

	if (*kept) {
		ss_doc_free(doc);
		return ss_err_set(err, SS_ERR_PARSE,
		                  "line %zu: a second document where one is expected", line);
	}
	*kept = doc;
	return 0;
}

int ss_yaml_parse(const char *text, size_t len, struct ss_doc **ret, struct ss_err *err)
{
	struct ss_doc *doc = NULL;
	int code = ss_yaml_parse_all(text, len, keep_only, &doc, err);

	*ret = NULL;
	if (!code && !doc) {
		doc = ss_doc_new();
		if (!doc)
			return ss_err_nomem(err);
		ss_doc_null(doc);
	}
	if (code) {
		ss_doc_free(doc);
		return code;
	}
	*ret = doc;
	return 0;
}
