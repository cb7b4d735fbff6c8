#include "base/doc.h"

#include <math.h>

#include "base/doc_priv.h"
#include "base/err.h"
#include "base/scan.h"
#include "base/utf8.h"

enum { CHUNK_BYTES = 8192, CHUNK_MAX_BYTES = 1 << 20 };

struct ss_doc *ss_doc_new(void)
{
	struct ss_doc *doc = malloc(sizeof(*doc));

	if (!doc)
		return NULL;
	doc->nodes = doc->first;
	doc->cap = FIRST_NODES;
	doc->strings = (struct chunk){.cap = FIRST_BYTES, .data = doc->text};
	ss_doc_reset(doc);
	return doc;
}

void ss_doc_reset(struct ss_doc *doc)
{
	doc->n = 0;
	doc->open = SS_NO_NODE;
	doc->depth = 0;
	doc->keyed = false;
	doc->failed = 0;
	doc->why = NULL;
	doc->bytes = 0;
	doc->chunk = &doc->strings;
	doc->strings.used = 0;
}

void ss_doc_free(struct ss_doc *doc)
{
	struct chunk *next;

	if (!doc)
		return;
	for (struct chunk *c = doc->strings.next; c; c = next) {
		next = c->next;
		free(c);
	}
	if (doc->nodes != doc->first)
		free(doc->nodes);
	free(doc);
}

size_t ss_doc_bytes(const struct ss_doc *doc)
{
	size_t bytes = sizeof(*doc);

	if (doc->nodes != doc->first)
		bytes += (size_t)doc->cap * sizeof(struct node);
	for (const struct chunk *c = doc->strings.next; c; c = c->next)
		bytes += sizeof(*c) + c->cap;
	return bytes;
}

/* --- nodes and strings -------------------------------------------------- */

static __attribute__((noinline)) bool more_nodes(struct ss_doc *doc, size_t want)
{
	size_t need = doc->n + want, cap = doc->cap;
	struct node *nodes;

	if (need > SS_DOC_MAX_NODES) {
		ss_doc_fail_why(doc, SS_ERR_LIMIT, "more than 8388608 values");
		return false;
	}
	while (cap < need)
		cap *= 2;
	nodes = realloc(doc->nodes == doc->first ? NULL : doc->nodes, cap * sizeof(*nodes));
	if (!nodes) {
		ss_doc_fail(doc, SS_ERR_NOMEM);
		return false;
	}
	if (doc->nodes == doc->first)
		memcpy(nodes, doc->first, doc->n * sizeof(*nodes));
	doc->nodes = nodes;
	doc->cap = (uint32_t)cap;
	return true;
}

static inline bool room(struct ss_doc *doc, size_t want)
{
	return doc->cap - doc->n >= want || more_nodes(doc, want);
}

static bool misplaced(struct ss_doc *doc)
{
	ss_doc_fail_why(doc, SS_ERR_INTERNAL,
	                doc->open == SS_NO_NODE ? "a second value was written after the first"
	                                        : "a member's value was written without its key");
	return false;
}

/* Whether a value may be written here; counts it with its container. */
static inline bool place(struct ss_doc *doc, size_t want)
{
	struct node *box;

	if (doc->failed)
		return false;
	if (doc->open == SS_NO_NODE)
		return doc->n == 0 ? room(doc, want) : misplaced(doc);
	box = &doc->nodes[doc->open];
	if (box->type == SS_OBJECT) {
		if (!doc->keyed)
			return misplaced(doc);
		doc->keyed = false;
	} else {
		box->v.c.count++;
	}
	return room(doc, want);
}

static inline void put(struct ss_doc *doc, struct node node)
{
	doc->nodes[doc->n++] = node;
}

static struct chunk *add_chunk(struct ss_doc *doc, size_t need)
{
	struct chunk *c;
	size_t cap = doc->chunk == &doc->strings ? CHUNK_BYTES : doc->chunk->cap * 2;

	if (cap > CHUNK_MAX_BYTES)
		cap = CHUNK_MAX_BYTES;
	if (cap < need)
		cap = need;
	c = malloc(sizeof(*c) + cap);
	if (!c)
		return NULL;
	*c = (struct chunk){.next = doc->chunk->next, .cap = cap, .data = (char *)(c + 1)};
	doc->chunk->next = c;
	return c;
}

static __attribute__((noinline)) char *more_text(struct ss_doc *doc, size_t need)
{
	struct chunk *c = doc->chunk->next;

	if (!c || c->cap < need)
		c = add_chunk(doc, need);
	if (!c) {
		ss_doc_fail(doc, SS_ERR_NOMEM);
		return NULL;
	}
	c->used = need;
	doc->chunk = c;
	return c->data;
}

/* A NUL-terminated copy, or NULL with the failure set. */
static inline const char *keep(struct ss_doc *doc, const char *s, size_t len)
{
	struct chunk *c = doc->chunk;
	char *to;

	if (len >= SS_DOC_MAX_BYTES || doc->bytes > SS_DOC_MAX_BYTES - len - 1) {
		ss_doc_fail_why(doc, SS_ERR_LIMIT, "more than 64 MiB of text");
		return NULL;
	}
	if (c->cap - c->used > len) {
		to = c->data + c->used;
		c->used += len + 1;
	} else {
		to = more_text(doc, len + 1);
		if (!to)
			return NULL;
	}
	doc->bytes += len + 1;
	ss_scan_copy(to, s, len);
	to[len] = 0;
	return to;
}

/* The flags of a text from outside, or -1 with the failure set. */
static inline int text_flags(struct ss_doc *doc, const char *s, size_t len)
{
	if (!ss_scan_special(s, len, true))
		return NODE_PLAIN;
	if (!ss_utf8_valid(s, len)) {
		ss_doc_fail_why(doc, SS_ERR_INVAL, "the text is not valid UTF-8");
		return -1;
	}
	if (!ss_scan_special(s, len, false))
		return NODE_PLAIN;
	return memchr(s, 0, len) ? NODE_NUL : 0;
}

/* --- writers ------------------------------------------------------------ */

static void begin(struct ss_doc *doc, enum ss_type type)
{
	uint32_t at = doc->n;

	if (!place(doc, 1))
		return;
	if (doc->depth >= SS_DOC_MAX_DEPTH) {
		ss_doc_fail_why(doc, SS_ERR_LIMIT, "nested deeper than 128 levels");
		return;
	}
	doc->depth++;
	put(doc, (struct node){.type = (uint8_t)type, .height = 1, .v.c = {.size = doc->open}});
	doc->open = at;
}

void ss_doc_begin_object(struct ss_doc *doc)
{
	begin(doc, SS_OBJECT);
}

void ss_doc_begin_array(struct ss_doc *doc)
{
	begin(doc, SS_ARRAY);
}

static inline void raise_height(struct ss_doc *doc, uint16_t child)
{
	struct node *box;

	if (doc->open == SS_NO_NODE)
		return;
	box = &doc->nodes[doc->open];
	if (box->height <= child)
		box->height = (uint16_t)(child + 1);
}

void ss_doc_end(struct ss_doc *doc)
{
	struct node *box;
	uint32_t at = doc->open;

	if (doc->failed)
		return;
	if (at == SS_NO_NODE || doc->keyed) {
		ss_doc_fail_why(doc, SS_ERR_INTERNAL,
		                doc->keyed ? "a key was written without its value"
		                           : "an end was written without its begin");
		return;
	}
	box = &doc->nodes[at];
	doc->open = box->v.c.size;
	doc->depth--;
	box->v.c.size = doc->n - at;
	raise_height(doc, box->height);
}

static inline bool place_key(struct ss_doc *doc)
{
	struct node *box;

	if (doc->failed)
		return false;
	box = doc->open == SS_NO_NODE ? NULL : &doc->nodes[doc->open];
	if (!box || box->type != SS_OBJECT || doc->keyed) {
		ss_doc_fail_why(doc, SS_ERR_INTERNAL,
		                doc->keyed ? "a key was written without its value"
		                           : "a key was written outside an object");
		return false;
	}
	if (!room(doc, 2))
		return false;
	doc->nodes[doc->open].v.c.count++;
	doc->keyed = true;
	return true;
}

static inline void put_text(struct ss_doc *doc, const char *s, size_t len, int flags)
{
	put(doc,
	    (struct node){
	            .type = SS_STRING, .flags = (uint8_t)flags, .len = (uint32_t)len, .v.s = s});
}

void ss_doc_key(struct ss_doc *doc, const char *key, size_t len)
{
	int flags;
	const char *copy;

	if (!place_key(doc))
		return;
	flags = text_flags(doc, key, len);
	copy = flags < 0 ? NULL : keep(doc, key, len);
	if (copy)
		put_text(doc, copy, len, flags | NODE_KEY);
}

void ss_doc_string(struct ss_doc *doc, const char *s, size_t len)
{
	int flags;
	const char *copy;

	if (!place(doc, 1))
		return;
	flags = text_flags(doc, s, len);
	copy = flags < 0 ? NULL : keep(doc, s, len);
	if (copy)
		put_text(doc, copy, len, flags);
}

void ss_doc_put_plain_(struct ss_doc *doc, const char *s, size_t len, bool key)
{
	const char *copy;

	if (!(key ? place_key(doc) : place(doc, 1)))
		return;
	copy = keep(doc, s, len);
	if (copy)
		put_text(doc, copy, len, key ? NODE_PLAIN | NODE_KEY : NODE_PLAIN);
}

void ss_doc_key_lit_(struct ss_doc *doc, const char *key, size_t len)
{
	if (place_key(doc))
		put_text(doc, key, len, NODE_LIT | NODE_KEY);
}

void ss_doc_string_lit_(struct ss_doc *doc, const char *s, size_t len)
{
	if (place(doc, 1))
		put_text(doc, s, len, NODE_LIT);
}

void ss_doc_int(struct ss_doc *doc, int64_t value)
{
	if (place(doc, 1))
		put(doc, (struct node){.type = SS_INT, .v.i = value});
}

void ss_doc_real(struct ss_doc *doc, double value)
{
	if (!isfinite(value))
		ss_doc_fail_why(doc, SS_ERR_INVAL, "a number is not finite");
	if (place(doc, 1))
		put(doc, (struct node){.type = SS_REAL, .v.d = value});
}

void ss_doc_digits(struct ss_doc *doc, const char *s, size_t len)
{
	const char *copy = place(doc, 1) ? keep(doc, s, len) : NULL;

	if (copy)
		put(doc, (struct node){.type = SS_DIGITS, .len = (uint32_t)len, .v.s = copy});
}

void ss_doc_number(struct ss_doc *doc, double value)
{
	if (value >= -0x1p53 && value <= 0x1p53 && value == floor(value))
		ss_doc_int(doc, (int64_t)value);
	else
		ss_doc_real(doc, value);
}

void ss_doc_bool(struct ss_doc *doc, bool value)
{
	if (place(doc, 1))
		put(doc, (struct node){.type = SS_BOOL, .v.i = value});
}

void ss_doc_null(struct ss_doc *doc)
{
	if (place(doc, 1))
		put(doc, (struct node){.type = SS_NULL});
}

void ss_doc_copy(struct ss_doc *doc, const struct ss_doc *src, ss_node node)
{
	const struct node *from = node_at(src, node);
	uint32_t size = from ? node_size(from) : 1;
	uint16_t height = from && is_container(from) ? from->height : 0;
	struct node *to;

	if (!from) {
		ss_doc_null(doc);
		return;
	}
	if (!place(doc, size))
		return;
	if (doc->depth + height > SS_DOC_MAX_DEPTH) {
		ss_doc_fail_why(doc, SS_ERR_LIMIT, "nested deeper than 128 levels");
		return;
	}
	to = doc->nodes + doc->n;
	memcpy(to, from, size * sizeof(*to));
	for (uint32_t i = 0; i < size; i++) {
		if (!has_text(&to[i]) || to[i].flags & NODE_LIT)
			continue;
		to[i].v.s = keep(doc, to[i].v.s, to[i].len);
		if (!to[i].v.s)
			return;
	}
	doc->n += size;
	raise_height(doc, height);
}

void ss_doc_repeat_(struct ss_doc *doc, ss_node node)
{
	uint32_t size = node_size(&doc->nodes[node]);
	uint16_t height = is_container(&doc->nodes[node]) ? doc->nodes[node].height : 0;

	if (!place(doc, size))
		return;
	if (doc->depth + height > SS_DOC_MAX_DEPTH) {
		ss_doc_fail_why(doc, SS_ERR_LIMIT, "nested deeper than 128 levels");
		return;
	}
	memcpy(doc->nodes + doc->n, doc->nodes + node, size * sizeof(*doc->nodes));
	doc->n += size;
	raise_height(doc, height);
}

/* --- shorthands --------------------------------------------------------- */

void ss_doc_put_string_(struct ss_doc *doc, const char *lit_key, size_t key_len, const char *s)
{
	if (!s)
		return;
	ss_doc_key_lit_(doc, lit_key, key_len);
	ss_doc_string(doc, s, strlen(s));
}

void ss_doc_put_int_(struct ss_doc *doc, const char *lit_key, size_t key_len, int64_t value)
{
	ss_doc_key_lit_(doc, lit_key, key_len);
	ss_doc_int(doc, value);
}

void ss_doc_put_bool_(struct ss_doc *doc, const char *lit_key, size_t key_len, bool value)
{
	ss_doc_key_lit_(doc, lit_key, key_len);
	ss_doc_bool(doc, value);
}

void ss_doc_put_copy(struct ss_doc *doc, const char *lit_key, const struct ss_doc *src,
                     ss_node node)
{
	ss_doc_key_lit(doc, lit_key);
	ss_doc_copy(doc, src, node);
}
