#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/yaml_reader.h"

enum {
	/* libyaml compares each %TAG directive with all before it: it gets its text in
	 * pieces, and no more after too many of them. (Its other quadratic case, many
	 * levels of flow brackets, needs no such care: events lag behind by at most the
	 * 1024 bytes of a simple key, so SS_YAML_MAX_DEPTH ends it in time.) */
	FEED_BYTES = 1024,
	MAX_TAG_DIRECTIVES = 16,
};

int ss_yaml_fail(struct reader *r, int code, const char *fmt, ...)
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
		return ss_yaml_fail(r, SS_ERR_LIMIT, "%s", r->stopped);
	if (p->error == YAML_READER_ERROR)
		mark_offset(r, p->problem_offset);
	else if (p->problem)
		r->mark = p->problem_mark;
	if (p->context)
		return ss_yaml_fail(r, SS_ERR_PARSE, "%s (%s, line %zu)", problem, p->context,
		                    p->context_mark.line + 1);
	return ss_yaml_fail(r, SS_ERR_PARSE, "%s", problem);
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

/* --- documents ------------------------------------------------------------- */

static bool is_nothing(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT && !event->data.scalar.length &&
	       !event->data.scalar.tag && !event->data.scalar.anchor &&
	       event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static int begin_document(struct reader *r)
{
	ss_yaml_clear_anchors(r);
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
		code = ss_yaml_read_node(r, &event);
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
			return ss_yaml_fail(r, SS_ERR_LIMIT, "more than %d documents",
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
	ss_yaml_clear_anchors(&r);
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
