#include "kube/watch_stream.h"

#include <string.h>

#include "base/edit.h"
#include "base/err.h"
#include "base/json.h"
#include "kube/table.h"

void ss_stream_done(struct ss_stream *s)
{
	ss_buf_done(&s->buf);
	*s = (struct ss_stream){0};
}

void ss_stream_reset(struct ss_stream *s)
{
	ss_stream_done(s);
	s->buf.max = SS_STREAM_MAX_BYTES;
}

bool ss_stream_add(struct ss_stream *s, const char *data, size_t len)
{
	ss_buf_add(&s->buf, data, len);
	return !s->buf.failed;
}

size_t ss_stream_backlog(const struct ss_stream *s)
{
	return s->buf.len - s->at;
}

bool ss_stream_next(struct ss_stream *s, const char **ret_line, size_t *ret_len)
{
	const char *start, *newline;
	size_t len;

	for (;;) {
		newline = s->scanned < s->buf.len
		                  ? memchr(s->buf.data + s->scanned, '\n', s->buf.len - s->scanned)
		                  : NULL;
		if (!newline) {
			s->scanned = s->buf.len;
			return false;
		}
		start = s->buf.data + s->at;
		len = (size_t)(newline - start);
		s->at += len + 1;
		s->scanned = s->at;
		if (len && start[len - 1] == '\r')
			len--;
		if (!len)
			continue;
		*ret_line = start;
		*ret_len = len;
		return true;
	}
}

void ss_stream_compact(struct ss_stream *s)
{
	if (!s->at)
		return;
	if (s->at == s->buf.len) {
		/* One huge event must not pin its memory for the hours that follow. */
		if (s->buf.cap > 256 * 1024)
			ss_stream_reset(s);
		else
			ss_buf_reset(&s->buf);
		s->at = s->scanned = 0;
		return;
	}
	ss_buf_consume(&s->buf, s->at);
	s->scanned -= s->at;
	s->at = 0;
}

struct type_row {
	const char *name;
	enum ss_line_type type;
	enum ss_event_type event;
};

static const struct type_row types[] = {
        {"ADDED", SS_LINE_EVENT, SS_EVENT_ADDED},
        {"MODIFIED", SS_LINE_EVENT, SS_EVENT_MODIFIED},
        {"DELETED", SS_LINE_EVENT, SS_EVENT_DELETED},
        {"BOOKMARK", SS_LINE_EVENT, SS_EVENT_BOOKMARK},
        {"ERROR", SS_LINE_ERROR, SS_EVENT_BOOKMARK},
};

static const struct type_row *find_type(const char *name, size_t len)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(types); i++)
		if (strlen(types[i].name) == len && !memcmp(types[i].name, name, len))
			return &types[i];
	return NULL;
}

/* Takes object. */
static int fill(struct ss_line *ret, const struct type_row *row, struct ss_doc *object,
                struct ss_err *err)
{
	ret->type = row ? row->type : SS_LINE_UNKNOWN;
	ret->event = row ? row->event : SS_EVENT_BOOKMARK;
	if (ret->type == SS_LINE_EVENT) {
		int code = ss_table_unfold(&object, NULL, true, err);

		if (code) {
			ss_doc_free(object);
			return code;
		}
	}
	if (ret->type == SS_LINE_EVENT &&
	    ss_doc_type(object, ss_doc_get(object, ss_doc_root(object), "metadata")) != SS_OBJECT) {
		ss_doc_free(object);
		return ss_err_set(err, SS_ERR_INVAL, "an event holds no object with metadata");
	}
	ret->object = object;
	return 0;
}

/* The form every API server writes: {"type":"ADDED","object":{…}}. Parsing the inside
 * alone saves a copy; anything else after the object makes it no JSON, and the slow way is taken. */
static struct ss_doc *parse_usual(const char *line, size_t len, const struct type_row **ret)
{
	static const char head[] = "{\"type\":\"", middle[] = "\",\"object\":";
	const char *type = line + sizeof(head) - 1, *end, *object;
	struct ss_doc *doc = NULL;

	if (len < sizeof(head) + sizeof(middle) || memcmp(line, head, sizeof(head) - 1))
		return NULL;
	end = memchr(type, '"', len - (sizeof(head) - 1));
	if (!end || (size_t)(line + len - end) < sizeof(middle) + 1 ||
	    memcmp(end, middle, sizeof(middle) - 1) || line[len - 1] != '}')
		return NULL;
	object = end + sizeof(middle) - 1;
	if (ss_json_parse(object, (size_t)(line + len - 1 - object), &doc, NULL))
		return NULL;
	*ret = find_type(type, (size_t)(end - type));
	return doc;
}

int ss_stream_parse(const char *line, size_t len, struct ss_line *ret, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	const struct type_row *row;
	const char *type;
	size_t type_len = 0;
	struct ss_doc *object = parse_usual(line, len, &row);
	int code;

	if (object)
		return fill(ret, row, object, err);
	code = ss_json_parse(line, len, &doc, err);
	if (code)
		return ss_err_wrap(err, code, "a line of the watch");
	type = ss_doc_get_string(doc, ss_doc_get(doc, ss_doc_root(doc), "type"), &type_len);
	if (!type)
		return ss_err_set(err, SS_ERR_PARSE, "a line of the watch has no type");
	object = ss_doc_dup(doc, ss_doc_get(doc, ss_doc_root(doc), "object"));
	if (!object)
		return ss_err_nomem(err);
	return fill(ret, find_type(type, type_len), object, err);
}
