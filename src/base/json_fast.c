/* The straight way from JSON text to a document. jansson builds a tree of small
 * allocations first, which for an object of 3 KB costs more than the rest of the
 * request. This accepts what jansson accepts, with the same result (test_json
 * compares the two), and leaves it to jansson to say what is wrong with the rest. */
#include "base/json_priv.h"

#include <math.h>

#include "base/buf.h"
#include "base/doc_priv.h"
#include "base/err.h"
#include "base/json_text.h"
#include "base/keyset.h"
#include "base/real.h"
#include "base/utf8.h"

enum {
	FEW_MEMBERS = 16, /* up to here the keys of an object are compared one by one */
	MAX_REAL_BYTES = 512,
};

struct fast {
	struct cursor c;
	struct ss_doc *doc;
	struct ss_buf text; /* a string while its escapes are decoded */
	struct ss_keyset keys;
	const char *const *without; /* names of two members, or NULL */
};

/* --- strings --------------------------------------------------------------- */

static bool take_unicode(struct fast *f)
{
	uint32_t c, low;
	const char *behind;

	if (!cursor_take_hex4(&f->c, &c))
		return false;
	behind = f->c.at;
	if (c < 0xd800 || c > 0xdfff) {
		ss_utf8_add(&f->text, c);
	} else if (c <= 0xdbff && cursor_take(&f->c, '\\') && cursor_take(&f->c, 'u') &&
	           cursor_take_hex4(&f->c, &low) && low >= 0xdc00 && low <= 0xdfff) {
		ss_utf8_add(&f->text, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
	} else {
		/* Half a pair is no character; Go reads it so, too. */
		f->c.at = behind;
		ss_utf8_add(&f->text, 0xfffd);
	}
	return true;
}

/* Behind a backslash. */
static bool take_escape(struct fast *f)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *which;
	char c = f->c.at < f->c.end ? *f->c.at++ : 0;

	if (c == 'u')
		return take_unicode(f);
	which = c ? strchr(from, c) : NULL;
	if (!which)
		return false;
	ss_buf_putc(&f->text, to[which - from]);
	return true;
}

static void put_string(struct fast *f, const char *s, size_t len, bool key)
{
	if (key)
		ss_doc_key(f->doc, s, len);
	else
		ss_doc_string(f->doc, s, len);
}

static bool take_escaped(struct fast *f, bool key)
{
	bool high = false;

	ss_buf_reset(&f->text);
	for (;;) {
		const char *start = f->c.at;

		cursor_skip_plain(&f->c, &high);
		ss_buf_add(&f->text, start, (size_t)(f->c.at - start));
		if (cursor_take(&f->c, '"'))
			break;
		if (!cursor_take(&f->c, '\\') || !take_escape(f))
			return false;
	}
	if (f->text.failed) {
		ss_doc_fail(f->doc, f->text.failed);
		return false;
	}
	put_string(f, f->text.data ? f->text.data : "", f->text.len, key);
	return true;
}

static bool take_string(struct fast *f, bool key)
{
	const char *start;
	bool high = false;
	size_t n;

	if (!cursor_take(&f->c, '"'))
		return false;
	start = f->c.at;
	cursor_skip_plain(&f->c, &high);
	n = (size_t)(f->c.at - start);
	if (!cursor_take(&f->c, '"')) {
		f->c.at = start;
		return take_escaped(f, key);
	}
	if (high)
		put_string(f, start, n, key);
	else
		ss_doc_put_plain_(f->doc, start, n, key);
	return true;
}

/* --- keys ------------------------------------------------------------------ */

static bool is_new_among_few(const struct ss_doc *doc, const struct node *key)
{
	const struct node *n = &doc->nodes[doc->open + 1];

	for (; n < key; n += 1 + node_size(n + 1)) {
		if (n->len == key->len && memcmp(n->v.s, key->v.s, n->len) == 0)
			return false;
	}
	return true;
}

static bool add_key(struct fast *f, const struct node *key)
{
	int r = ss_keyset_add(&f->keys, f->doc->open, key->v.s, key->len);

	if (r < 0)
		ss_doc_fail(f->doc, r);
	return r > 0;
}

/* Once an object has more than a few members all of them go to the table. */
static bool is_new_among_many(struct fast *f, const struct node *key)
{
	struct ss_doc *doc = f->doc;
	const struct node *n = &doc->nodes[doc->open + 1];

	if (doc->nodes[doc->open].v.c.count == FEW_MEMBERS + 1) {
		for (; n < key; n += 1 + node_size(n + 1)) {
			if (!add_key(f, n))
				return false;
		}
	}
	return add_key(f, key);
}

/* --- the member that is not wanted --------------------------------------------- */

static bool is_text(const struct node *n, const char *text)
{
	return n->len == strlen(text) && memcmp(n->v.s, text, n->len) == 0;
}

static bool is_unwanted(const struct fast *f, const struct node *key)
{
	const struct ss_doc *doc = f->doc;

	return f->without && doc->depth == 2 && doc->nodes[0].type == SS_OBJECT &&
	       is_text(key, f->without[1]) && is_text(&doc->nodes[doc->open - 1], f->without[0]);
}

/* The key was written already; its value and the comma are skipped. */
static bool skip_member(struct fast *f)
{
	if (f->c.at == f->c.end || (*f->c.at != '[' && *f->c.at != '{') ||
	    !cursor_skip_container(&f->c))
		return false;
	cursor_skip_space(&f->c);
	if (!cursor_take(&f->c, ','))
		return false;
	cursor_skip_space(&f->c);
	f->doc->n--;
	f->doc->nodes[f->doc->open].v.c.count--;
	f->doc->keyed = false;
	return true;
}

static bool read_key(struct fast *f)
{
	const struct node *key;

	if (!take_string(f, true) || ss_doc_failed(f->doc))
		return false;
	key = &f->doc->nodes[f->doc->n - 1];
	if (f->doc->nodes[f->doc->open].v.c.count > FEW_MEMBERS ? !is_new_among_many(f, key)
	                                                        : !is_new_among_few(f->doc, key))
		return false;
	cursor_skip_space(&f->c);
	if (!cursor_take(&f->c, ':'))
		return false;
	cursor_skip_space(&f->c);
	return true;
}

static bool take_key(struct fast *f)
{
	do {
		if (!read_key(f))
			return false;
		if (!is_unwanted(f, &f->doc->nodes[f->doc->n - 1]))
			return true;
	} while (skip_member(f));
	return false;
}

/* --- values ---------------------------------------------------------------- */

static void put_int(struct fast *f, const char *start, const char *digits)
{
	bool negative = digits > start;
	uint64_t value = 0, limit = (uint64_t)INT64_MAX + negative;

	/* 19 digits fit 64 bits without a sign. */
	for (const char *p = digits; p < f->c.at && f->c.at - digits <= 19; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	if (f->c.at - digits > 19 || value > limit)
		ss_doc_digits(f->doc, start, (size_t)(f->c.at - start));
	else
		ss_doc_int(f->doc, (int64_t)(negative ? 0 - value : value));
}

static void put_real(struct fast *f, const char *start)
{
	char text[MAX_REAL_BYTES];
	size_t len = (size_t)(f->c.at - start);
	double value = HUGE_VAL;

	if (len < sizeof(text)) {
		memcpy(text, start, len);
		text[len] = 0;
		value = ss_real_parse(text);
	}
	if (isfinite(value))
		ss_doc_real(f->doc, value);
	else
		ss_doc_digits(f->doc, start, len);
}

static bool take_number(struct fast *f)
{
	const char *start = f->c.at, *digits;
	bool real = false;

	cursor_take(&f->c, '-');
	digits = f->c.at;
	if (!cursor_take_digits(&f->c) || (*digits == '0' && f->c.at - digits > 1))
		return false;
	if (cursor_take(&f->c, '.')) {
		real = true;
		if (!cursor_take_digits(&f->c))
			return false;
	}
	if (cursor_take(&f->c, 'e') || cursor_take(&f->c, 'E')) {
		real = true;
		if (!cursor_take(&f->c, '+'))
			cursor_take(&f->c, '-');
		if (!cursor_take_digits(&f->c))
			return false;
	}
	if (real)
		put_real(f, start);
	else
		put_int(f, start, digits);
	return true;
}

static bool take_scalar(struct fast *f)
{
	switch (f->c.at < f->c.end ? *f->c.at : 0) {
	case '"':
		return take_string(f, false);
	case 't':
		ss_doc_bool(f->doc, true);
		return cursor_take_word(&f->c, "true", 4);
	case 'f':
		ss_doc_bool(f->doc, false);
		return cursor_take_word(&f->c, "false", 5);
	case 'n':
		ss_doc_null(f->doc);
		return cursor_take_word(&f->c, "null", 4);
	default:
		return take_number(f);
	}
}

/* Behind a value: closing brackets, up to the next value of the container that
 * is still open, or the end. */
static bool take_ends(struct fast *f)
{
	struct ss_doc *doc = f->doc;

	while (doc->open != SS_NO_NODE) {
		bool object = doc->nodes[doc->open].type == SS_OBJECT;

		cursor_skip_space(&f->c);
		if (cursor_take(&f->c, ',')) {
			cursor_skip_space(&f->c);
			return !object || take_key(f);
		}
		if (!cursor_take(&f->c, object ? '}' : ']'))
			return false;
		ss_doc_end(doc);
	}
	return true;
}

/* An opening bracket; *ret_empty when its end follows. */
static bool take_begin(struct fast *f, bool object, bool *ret_empty)
{
	f->c.at++;
	if (object)
		ss_doc_begin_object(f->doc);
	else
		ss_doc_begin_array(f->doc);
	cursor_skip_space(&f->c);
	*ret_empty = !ss_doc_failed(f->doc) && cursor_take(&f->c, object ? '}' : ']');
	if (*ret_empty)
		ss_doc_end(f->doc);
	return !ss_doc_failed(f->doc) && (*ret_empty || !object || take_key(f));
}

static bool take_document(struct fast *f)
{
	cursor_skip_space(&f->c);
	do {
		bool closed = true;

		if (f->c.at < f->c.end && (*f->c.at == '{' || *f->c.at == '[')) {
			if (!take_begin(f, *f->c.at == '{', &closed))
				return false;
		} else if (!take_scalar(f)) {
			return false;
		}
		if (ss_doc_failed(f->doc) || (closed && !take_ends(f)))
			return false;
	} while (f->doc->open != SS_NO_NODE);
	cursor_skip_space(&f->c);
	return f->c.at == f->c.end && !ss_doc_finish(f->doc, NULL);
}

int ss_json_parse_fast(const char *text, size_t len, const char *const *without, struct ss_doc *doc)
{
	struct fast f = {.c = {text, text + len}, .doc = doc, .without = without};
	bool ok = take_document(&f);

	ss_buf_done(&f.text);
	ss_keyset_done(&f.keys);
	if (!ok && ss_doc_failed(doc) == SS_ERR_NOMEM)
		return SS_ERR_NOMEM;
	return ok;
}
