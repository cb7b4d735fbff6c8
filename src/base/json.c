#include "base/json.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/edit.h"
#include "base/err.h"
#include "base/json_priv.h"
#include "base/json_text.h"

static void replay(struct ss_doc *doc, json_t *value);

/* Stops by itself at SS_DOC_MAX_DEPTH: the failure sticks to the document. */
static void replay_object(struct ss_doc *doc, json_t *object)
{
	ss_doc_begin_object(doc);
	for (void *it = json_object_iter(object); it && !ss_doc_failed(doc);
	     it = json_object_iter_next(object, it)) {
		ss_doc_key(doc, json_object_iter_key(it), json_object_iter_key_len(it));
		replay(doc, json_object_iter_value(it));
	}
	ss_doc_end(doc);
}

static void replay_array(struct ss_doc *doc, json_t *array)
{
	size_t n = json_array_size(array);

	ss_doc_begin_array(doc);
	for (size_t i = 0; i < n && !ss_doc_failed(doc); i++)
		replay(doc, json_array_get(array, i));
	ss_doc_end(doc);
}

static void replay(struct ss_doc *doc, json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		replay_object(doc, value);
		break;
	case JSON_ARRAY:
		replay_array(doc, value);
		break;
	case JSON_STRING:
		ss_doc_string(doc, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		ss_doc_int(doc, json_integer_value(value));
		break;
	case JSON_REAL:
		ss_doc_real(doc, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		ss_doc_bool(doc, json_is_true(value));
		break;
	case JSON_NULL:
		ss_doc_null(doc);
		break;
	}
}

/* Values cost jansson 20 times their text: count them before they are built.
 * Only long texts can hold too many; strings make the count too high, which is
 * why they are skipped. */
static bool has_too_many(const char *text, size_t len)
{
	size_t n = 1;
	bool quoted = false;

	if (len <= SS_DOC_MAX_NODES)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted)
			n += text[i] == ',' || text[i] == ':' || text[i] == '[' || text[i] == '{';
	}
	return n > SS_DOC_MAX_NODES;
}

static int parse_failure(const json_error_t *e, struct ss_err *err)
{
	/* Without memory jansson mostly just stops; every other error has a text. */
	if (!e->text[0] || json_error_code(e) == json_error_out_of_memory)
		return ss_err_nomem(err);
	if (json_error_code(e) == json_error_stack_overflow)
		return ss_err_set(err, SS_ERR_LIMIT,
		                  "line %d, column %d: nested deeper than %d levels", e->line,
		                  e->column, SS_DOC_MAX_DEPTH);
	return ss_err_set(err, SS_ERR_PARSE, "line %d, column %d: %s", e->line, e->column, e->text);
}

static int parse_tree(const char *text, size_t len, struct ss_doc *doc, struct ss_err *err)
{
	json_error_t e;
	json_t *root;

	/* jansson loses a NUL that follows a number. */
	if (memchr(text, 0, len))
		return ss_err_set(err, SS_ERR_PARSE, "byte %zu is NUL",
		                  (size_t)((const char *)memchr(text, 0, len) - text) + 1);
	if (has_too_many(text, len))
		return ss_err_set(err, SS_ERR_LIMIT, "JSON text holds more than %d values",
		                  SS_DOC_MAX_NODES);
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!root)
		return parse_failure(&e, err);
	replay(doc, root);
	json_decref(root);
	return ss_doc_finish(doc, err);
}

static int remove_member(const struct ss_doc *doc, const char *const names[2], struct ss_doc **ret,
                         struct ss_err *err)
{
	SS_AUTO_DOC struct ss_doc *out = ss_doc_new();
	int r;

	if (!out)
		return ss_err_nomem(err);
	if (ss_doc_find(doc, ss_doc_root(doc), names[0], names[1], NULL) == SS_NO_NODE)
		ss_doc_copy(out, doc, ss_doc_root(doc));
	else
		ss_edit_set(out, doc, ss_doc_root(doc), names, 2, NULL, SS_NO_NODE);
	r = ss_doc_finish(out, err);
	if (r)
		return r;
	*ret = out;
	out = NULL;
	return 0;
}

static int parse(const char *text, size_t len, const char *const *without, struct ss_doc **ret,
                 struct ss_err *err)
{
	SS_AUTO_DOC struct ss_doc *doc = NULL;
	int r;

	*ret = NULL;
	if (len > SS_DOC_MAX_BYTES)
		return ss_err_set(err, SS_ERR_LIMIT, "JSON text of %zu bytes: the limit is %zu",
		                  len, SS_DOC_MAX_BYTES);
	/* Some editors' mark at the beginning, which RFC 8259 allows to ignore. */
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	doc = ss_doc_new();
	if (!doc)
		return ss_err_nomem(err);
	r = ss_json_parse_fast(text, len, without, doc);
	if (r < 0)
		return ss_err_nomem(err);
	if (!r) {
		ss_doc_reset(doc);
		r = parse_tree(text, len, doc, err);
		if (r)
			return r;
		if (without)
			return remove_member(doc, without, ret, err);
	}
	*ret = doc;
	doc = NULL;
	return 0;
}

int ss_json_parse(const char *text, size_t len, struct ss_doc **ret, struct ss_err *err)
{
	return parse(text, len, NULL, ret, err);
}

size_t ss_json_end(const char *text, size_t len, size_t at)
{
	struct cursor c = {text + at, text + len};

	return at < len && (text[at] == '{' || text[at] == '[') && cursor_skip_container(&c)
	               ? (size_t)(c.at - text)
	               : 0;
}

size_t ss_json_next(const char *text, size_t len, size_t at)
{
	while (at < len) {
		if (strchr(" \t\r\n", text[at]) && text[at])
			at++;
		else if (len - at >= 3 && !memcmp(text + at, "\xef\xbb\xbf", 3))
			at += 3;
		else if (len - at >= 3 && !memcmp(text + at, "---", 3) &&
		         (len - at == 3 || strchr(" \t\r\n", text[at + 3])))
			at += 3;
		else
			break;
	}
	return at;
}

/* A message that counts lines from the value's begin, as one that counts from the text's. */
static int move_line(struct ss_err *err, int rc, size_t line)
{
	unsigned first;
	int n = 0;
	char rest[sizeof(err->message)];

	if (!err || line == 1 || sscanf(err->message, "line %u%n", &first, &n) != 1)
		return rc;
	snprintf(rest, sizeof(rest), "%s", err->message + n);
	snprintf(err->message, sizeof(err->message), "line %zu%.*s", first + line - 1,
	         (int)sizeof(rest) - 40, rest);
	return rc;
}

int ss_json_parse_all(const char *text, size_t len, ss_doc_fn fn, void *ud, struct ss_err *err)
{
	size_t line = 1, seen = 0, at = ss_json_next(text, len, 0);
	int rc = 0;

	for (size_t n = 0; at < len && !rc; n++) {
		size_t end = ss_json_end(text, len, at);
		struct ss_doc *doc;

		if (n == SS_JSON_MAX_VALUES)
			return ss_err_set(err, SS_ERR_LIMIT, "more than %d values",
			                  SS_JSON_MAX_VALUES);
		for (; seen < at; seen++)
			line += text[seen] == '\n';
		if (!end)
			end = len;
		rc = ss_json_parse(text + at, end - at, &doc, err);
		rc = rc ? move_line(err, rc, line) : fn(ud, doc, line, err);
		at = ss_json_next(text, len, end);
	}
	return rc;
}

int ss_json_parse_without(const char *text, size_t len, const char *const names[2],
                          struct ss_doc **ret, struct ss_err *err)
{
	return parse(text, len, names, ret, err);
}
