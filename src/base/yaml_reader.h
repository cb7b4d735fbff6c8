/* The state of one reading of YAML, shared by yaml_parse.c (stream and documents),
 * yaml_node.c (keys, values, anchors) and yaml_tag.c (what a scalar is). */
#pragma once

#include <yaml.h>

#include "base/err.h"
#include "base/keyset.h"
#include "base/yaml.h"
#include "base/yaml_priv.h"

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
	size_t lines_before; /* of the stream, where this part of it is not its beginning */
	const char *stopped; /* why feed() refused to go on */
	bool ended;          /* the break that the last line lacked was given */

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

/* "line 3, column 7: …"; returns code. */
int ss_yaml_fail(struct reader *r, int code, const char *fmt, ...) SS_PRINTF(3, 4);
/* A tag that is not allowed where it stands. */
int ss_yaml_bad_tag(struct reader *r, const yaml_char_t *tag, const char *allowed);

/* One event between the start and the end of a document. */
int ss_yaml_read_node(struct reader *r, const yaml_event_t *event);
void ss_yaml_clear_anchors(struct reader *r);

/* Decide what a scalar is, from its tag and style. */
int ss_yaml_scalar_value(struct reader *r, const yaml_event_t *event, struct ss_yaml_scalar *ret);
/* Numbers that JSON or int64 cannot hold would be changed silently: an error. */
int ss_yaml_check_number(struct reader *r, const yaml_event_t *event,
                         const struct ss_yaml_scalar *s);
bool ss_yaml_is_binary(const yaml_event_t *event);
/* Write the scalar as a value. */
int ss_yaml_put_scalar(struct reader *r, const yaml_event_t *event, const struct ss_yaml_scalar *s);

static inline bool tag_is(const char *tag, const char *name)
{
	return strcmp(tag, name) == 0;
}
