/* The inside of a document, shared by doc.c, doc_read.c and json_encode.c.
 *
 * A value is one node, or a container's node followed by those of its children;
 * a member is a key node followed by its value. So [{"a": [1]}] is
 *   0 ARRAY size 5   1 OBJECT size 4   2 key "a"   3 ARRAY size 2   4 INT 1
 * Sizes are relative: a subtree moves to another array unchanged. */
#pragma once

#include "base/doc.h"

enum {
	NODE_LIT = 1,   /* the string is borrowed */
	NODE_KEY = 2,   /* the key of the member whose value follows */
	NODE_PLAIN = 4, /* the string is known to need no escapes in JSON */
	NODE_MERGE = 8, /* a YAML merge key, while a document is read */
	NODE_NUL = 16,  /* the string holds a NUL byte */
};

struct node {
	uint8_t type; /* enum ss_type */
	uint8_t flags;
	uint16_t height; /* containers: levels of the subtree, 1 for an empty one */
	uint32_t len;    /* strings, digits */
	union {
		int64_t i; /* SS_INT, SS_BOOL */
		double d;
		const char *s;
		struct {
			uint32_t count; /* elements or members */
			uint32_t size;  /* nodes of the subtree; the parent while it is open */
		} c;
	} v;
};
_Static_assert(sizeof(struct node) == 16, "four nodes per cache line");

enum { FIRST_NODES = 256, FIRST_BYTES = 2048 };

/* Strings live in chunks, which are never moved. */
struct chunk {
	struct chunk *next;
	size_t used, cap;
	char *data;
};

struct ss_doc {
	struct node *nodes; /* first, or the heap's once that is full */
	uint32_t n, cap;
	uint32_t open;  /* innermost open container or SS_NO_NODE */
	uint16_t depth; /* open containers */
	bool keyed;     /* a key waits for its value */
	int failed;     /* sticky, enum ss_code */
	const char *why;
	struct chunk *chunk;  /* where strings go; chunks after it are spare */
	size_t bytes;         /* of strings, for the limit */
	struct chunk strings; /* the first chunk, on text[] */
	struct node first[FIRST_NODES];
	char text[FIRST_BYTES];
};

/* Append another copy of a closed subtree of the document itself. */
void ss_doc_repeat_(struct ss_doc *doc, ss_node node);

/* A key or string that is known to be ASCII without anything that JSON escapes. */
void ss_doc_put_plain_(struct ss_doc *doc, const char *s, size_t len, bool key);

static inline bool is_container(const struct node *n)
{
	return n->type >= SS_ARRAY;
}

/* The text it brings: a string, or the digits of a number. */
static inline bool has_text(const struct node *n)
{
	return n->type == SS_STRING || n->type == SS_DIGITS;
}

static inline uint32_t node_size(const struct node *n)
{
	return is_container(n) ? n->v.c.size : 1;
}

/* NULL for a node that is not there. Only closed documents are read. */
static inline const struct node *node_at(const struct ss_doc *doc, ss_node node)
{
	if (!doc || node >= doc->n || doc->failed || doc->open != SS_NO_NODE)
		return NULL;
	return &doc->nodes[node];
}
