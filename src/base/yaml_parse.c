#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
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
	return ss_err_set(r->err, code, "line %zu, column %zu: %s",
	                  r->lines_before + r->mark.line + 1, r->mark.column + 1, why);
}

/* --- libyaml --------------------------------------------------------------- */

static int feed(void *ud, unsigned char *to, size_t size, size_t *ret_size)
{
	struct reader *r = ud;
	size_t n = r->len - r->pos;

	/* kubectl reads line by line, and ends the last one. */
	if (!n && r->len && r->text[r->len - 1] != '\n' && !r->ended) {
		r->ended = true;
		*to = '\n';
		*ret_size = 1;
		return 1;
	}
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
		                    r->lines_before + p->context_mark.line + 1);
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
			r->line = r->lines_before + r->mark.line + 1;
			r->empty = is_nothing(&event);
		}
		code = ss_yaml_read_node(r, &event);
		if (!code && ss_doc_failed(r->doc)) {
			code = ss_doc_finish(r->doc, r->err);
			ss_err_wrap(r->err, code, "line %zu", r->lines_before + r->mark.line + 1);
		}
	}
	return code;
}

static int read_stream(struct reader *r, ss_doc_fn fn, void *ud)
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

/* --- a stream of YAML and JSON ------------------------------------------------- */
/* kubectl reads what is JSON as JSON. The two differ: YAML has no surrogate pairs in \u
 * escapes, no tabs between tokens, and no two values without "---" between them. */
struct stream {
	const char *text;
	size_t len, at;    /* what stands before was read */
	size_t line, seen; /* the lines up to seen */
	ss_doc_fn fn;
	void *ud;
	struct ss_err *err;
};

static size_t line_at(struct stream *s, size_t at)
{
	for (; s->seen < at; s->seen++)
		s->line += s->text[s->seen] == '\n';
	return s->line;
}

/* The next line that begins with "---", from at on; no value of JSON reaches over one. */
static size_t next_mark(const struct stream *s, size_t at)
{
	const char *found = at < s->len ? memmem(s->text + at, s->len - at, "\n---", 4) : NULL;

	return found ? (size_t)(found - s->text) + 1 : s->len;
}

/* Is there a value of JSON at `at`, with nothing else on its last line? Returns its end, or 0. */
static size_t read_json(const struct stream *s, size_t at, struct ss_doc **ret)
{
	size_t end = ss_json_end(s->text, next_mark(s, at), at), next;

	*ret = NULL;
	if (!end || ss_json_parse(s->text + at, end - at, ret, NULL))
		return 0;
	next = ss_json_next(s->text, s->len, end);
	if (next == s->len || s->text[next] == '{' || s->text[next] == '[' ||
	    memchr(s->text + end, '\n', next - end))
		return end;
	ss_doc_free(*ret);
	*ret = NULL;
	return 0;
}

/* How far a stretch of YAML goes: to the first mark before a value of JSON. */
static size_t yaml_end(const struct stream *s)
{
	size_t mark = s->at;

	while ((mark = next_mark(s, mark)) < s->len) {
		struct ss_doc *doc;
		size_t end = read_json(s, ss_json_next(s->text, s->len, mark), &doc);

		ss_doc_free(doc);
		if (end)
			break;
	}
	return mark;
}

static int read_yaml(struct stream *s)
{
	size_t end = yaml_end(s);
	struct reader r = {.text = s->text + s->at, .len = end - s->at, .err = s->err};
	int code;

	r.lines_before = line_at(s, s->at) - 1;
	s->at = end;
	if (!yaml_parser_initialize(&r.parser))
		return ss_err_nomem(s->err);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&r.parser, feed, &r);
	code = read_stream(&r, s->fn, s->ud);
	ss_yaml_clear_anchors(&r);
	free(r.anchors);
	ss_keyset_done(&r.keys);
	yaml_parser_delete(&r.parser);
	return code;
}

static int read_next(struct stream *s)
{
	size_t at = ss_json_next(s->text, s->len, s->at);
	struct ss_doc *doc;
	size_t end = read_json(s, at, &doc);

	if (!end)
		return read_yaml(s);
	s->at = end;
	return s->fn(s->ud, doc, line_at(s, at), s->err);
}

/* libyaml takes a byte order mark at the begin of the text only. */
static void drop_marks(struct ss_buf *text)
{
	static const char mark[] = "\n\xef\xbb\xbf";
	size_t kept = 0, at = 0;

	for (char *found; (found = memmem(text->data + at, text->len - at, mark, 4));) {
		size_t n = (size_t)(found - text->data) + 1 - at;

		memmove(text->data + kept, text->data + at, n);
		kept += n;
		at += n + 3;
	}
	memmove(text->data + kept, text->data + at, text->len - at + 1);
	text->len -= at - kept;
}

int ss_yaml_parse_all(const char *text, size_t len, ss_doc_fn fn, void *ud, struct ss_err *err)
{
	struct stream s = {text, len, 0, 1, 0, fn, ud, err};
	struct ss_buf utf8 SS_AUTO_BUF = SS_BUF_INIT;
	size_t documents = 0;
	int code = 0;

	if (len > SS_DOC_MAX_BYTES)
		return ss_err_set(err, SS_ERR_LIMIT, "YAML text of %zu bytes: the limit is %zu",
		                  len, SS_DOC_MAX_BYTES);
	if (ss_text_has_mark(text, len) || memmem(text, len, "\xef\xbb\xbf", 3)) {
		ss_buf_add(&utf8, text, len);
		code = ss_buf_check(&utf8, "YAML text", err);
		if (!code)
			code = ss_text_decode(&utf8, err);
		if (code)
			return code;
		drop_marks(&utf8);
		s.text = utf8.data;
		s.len = utf8.len;
	}
	while (!code && s.at < s.len) {
		if (++documents > SS_YAML_MAX_DOCUMENTS)
			return ss_err_set(err, SS_ERR_LIMIT, "more than %d documents",
			                  SS_YAML_MAX_DOCUMENTS);
		code = read_next(&s);
	}
	return code;
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
