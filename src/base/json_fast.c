/* The straight way from JSON text to a document. jansson builds a tree of small
 * allocations first, which for an object of 3 KB costs more than the rest of the
 * request. This accepts what jansson accepts, with the same result (test_json
 * compares the two), and leaves it to jansson to say what is wrong with the rest. */
#include "base/json_priv.h"

#include <math.h>

#include "base/buf.h"
#include "base/doc_priv.h"
#include "base/err.h"
#include "base/keyset.h"
#include "base/real.h"
#include "base/scan.h"

enum {
	FEW_MEMBERS = 16, /* up to here the keys of an object are compared one by one */
	MAX_REAL_BYTES = 512,
};

struct fast {
	const char *at, *end;
	struct ss_doc *doc;
	struct ss_buf text; /* a string while its escapes are decoded */
	struct ss_keyset keys;
	const char *const *without; /* names of two members, or NULL */
};

static void skip_space(struct fast *f)
{
	while (f->at < f->end &&
	       (*f->at == ' ' || *f->at == '\n' || *f->at == '\r' || *f->at == '\t'))
		f->at++;
}

static bool take(struct fast *f, char c)
{
	if (f->at == f->end || *f->at != c)
		return false;
	f->at++;
	return true;
}

/* --- strings --------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex4(struct fast *f, uint32_t *ret)
{
	*ret = 0;
	if (f->end - f->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(*f->at++);

		if (d < 0)
			return false;
		*ret = *ret << 4 | (uint32_t)d;
	}
	return true;
}

static void add_utf8(struct ss_buf *out, uint32_t c)
{
	if (c < 0x80) {
		ss_buf_putc(out, (char)c);
	} else if (c < 0x800) {
		ss_buf_putc(out, (char)(0xc0 | c >> 6));
		ss_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		ss_buf_putc(out, (char)(0xe0 | c >> 12));
		ss_buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ss_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		ss_buf_putc(out, (char)(0xf0 | c >> 18));
		ss_buf_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		ss_buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ss_buf_putc(out, (char)(0x80 | (c & 0x3f)));
	}
}

static bool take_unicode(struct fast *f)
{
	uint32_t c, low;

	if (!take_hex4(f, &c) || (c >= 0xdc00 && c <= 0xdfff))
		return false;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (!take(f, '\\') || !take(f, 'u') || !take_hex4(f, &low) || low < 0xdc00 ||
		    low > 0xdfff)
			return false;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(&f->text, c);
	return true;
}

/* Behind a backslash. */
static bool take_escape(struct fast *f)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *which;
	char c = f->at < f->end ? *f->at++ : 0;

	if (c == 'u')
		return take_unicode(f);
	which = c ? strchr(from, c) : NULL;
	if (!which)
		return false;
	ss_buf_putc(&f->text, to[which - from]);
	return true;
}

/* Bytes from s that stand for themselves; *high says whether all are ASCII. */
static size_t plain_run(const char *s, const char *end, bool *high)
{
	const char *start = s;
	uint64_t x;

	for (; end - s >= 8; s += 8) {
		memcpy(&x, s, 8);
		if (ss_scan_special8(x))
			break;
		*high |= (x & SS_SCAN_HIGH) != 0;
	}
	for (; s < end && (unsigned char)*s >= 0x20 && *s != '"' && *s != '\\'; s++)
		*high |= (unsigned char)*s >= 0x80;
	return (size_t)(s - start);
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
		size_t n = plain_run(f->at, f->end, &high);

		ss_buf_add(&f->text, f->at, n);
		f->at += n;
		if (take(f, '"'))
			break;
		if (!take(f, '\\') || !take_escape(f))
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

	if (!take(f, '"'))
		return false;
	start = f->at;
	n = plain_run(start, f->end, &high);
	f->at += n;
	if (!take(f, '"')) {
		f->at = start;
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

static bool skip_string(struct fast *f)
{
	bool high = false;

	while (!take(f, '"')) {
		f->at += plain_run(f->at, f->end, &high);
		if (f->at < f->end && *f->at == '\\')
			f->at++;
		else if (f->at == f->end || *f->at != '"')
			return false;
		else
			continue;
		if (f->at++ == f->end)
			return false;
	}
	return true;
}

static bool skip_container(struct fast *f)
{
	size_t open = 0;

	do {
		char c = f->at < f->end ? *f->at++ : 0;

		if (c == '[' || c == '{')
			open++;
		else if (c == ']' || c == '}')
			open--;
		else if (!c || (c == '"' && !skip_string(f)))
			return false;
	} while (open);
	return true;
}

/* The key was written already; its value and the comma are skipped. */
static bool skip_member(struct fast *f)
{
	if (f->at == f->end || (*f->at != '[' && *f->at != '{') || !skip_container(f))
		return false;
	skip_space(f);
	if (!take(f, ','))
		return false;
	skip_space(f);
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
	skip_space(f);
	if (!take(f, ':'))
		return false;
	skip_space(f);
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

static bool take_word(struct fast *f, const char *word, size_t len)
{
	if ((size_t)(f->end - f->at) < len || memcmp(f->at, word, len) != 0)
		return false;
	f->at += len;
	return true;
}

/* At least one digit. */
static bool take_digits(struct fast *f)
{
	const char *start = f->at;

	while (f->at < f->end && *f->at >= '0' && *f->at <= '9')
		f->at++;
	return f->at > start;
}

static bool put_int(struct fast *f, const char *digits, bool negative)
{
	uint64_t value = 0, limit = (uint64_t)INT64_MAX + negative;

	/* 19 digits fit 64 bits without a sign. */
	if (f->at - digits > 19)
		return false;
	for (const char *p = digits; p < f->at; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	if (value > limit)
		return false;
	ss_doc_int(f->doc, (int64_t)(negative ? 0 - value : value));
	return true;
}

static bool put_real(struct fast *f, const char *start)
{
	char text[MAX_REAL_BYTES];
	size_t len = (size_t)(f->at - start);
	double value;

	if (len >= sizeof(text))
		return false;
	memcpy(text, start, len);
	text[len] = 0;
	value = ss_real_parse(text);
	if (!isfinite(value))
		return false;
	ss_doc_real(f->doc, value);
	return true;
}

static bool take_number(struct fast *f)
{
	const char *start = f->at, *digits;
	bool negative = take(f, '-'), real = false;

	digits = f->at;
	if (!take_digits(f) || (*digits == '0' && f->at - digits > 1))
		return false;
	if (take(f, '.')) {
		real = true;
		if (!take_digits(f))
			return false;
	}
	if (take(f, 'e') || take(f, 'E')) {
		real = true;
		if (!take(f, '+'))
			take(f, '-');
		if (!take_digits(f))
			return false;
	}
	return real ? put_real(f, start) : put_int(f, digits, negative);
}

static bool take_scalar(struct fast *f)
{
	switch (f->at < f->end ? *f->at : 0) {
	case '"':
		return take_string(f, false);
	case 't':
		ss_doc_bool(f->doc, true);
		return take_word(f, "true", 4);
	case 'f':
		ss_doc_bool(f->doc, false);
		return take_word(f, "false", 5);
	case 'n':
		ss_doc_null(f->doc);
		return take_word(f, "null", 4);
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

		skip_space(f);
		if (take(f, ',')) {
			skip_space(f);
			return !object || take_key(f);
		}
		if (!take(f, object ? '}' : ']'))
			return false;
		ss_doc_end(doc);
	}
	return true;
}

/* An opening bracket; *ret_empty when its end follows. */
static bool take_begin(struct fast *f, bool object, bool *ret_empty)
{
	f->at++;
	if (object)
		ss_doc_begin_object(f->doc);
	else
		ss_doc_begin_array(f->doc);
	skip_space(f);
	*ret_empty = !ss_doc_failed(f->doc) && take(f, object ? '}' : ']');
	if (*ret_empty)
		ss_doc_end(f->doc);
	return !ss_doc_failed(f->doc) && (*ret_empty || !object || take_key(f));
}

static bool take_document(struct fast *f)
{
	skip_space(f);
	do {
		bool closed = true;

		if (f->at < f->end && (*f->at == '{' || *f->at == '[')) {
			if (!take_begin(f, *f->at == '{', &closed))
				return false;
		} else if (!take_scalar(f)) {
			return false;
		}
		if (ss_doc_failed(f->doc) || (closed && !take_ends(f)))
			return false;
	} while (f->doc->open != SS_NO_NODE);
	skip_space(f);
	return f->at == f->end && !ss_doc_finish(f->doc, NULL);
}

int ss_json_parse_fast(const char *text, size_t len, const char *const *without, struct ss_doc *doc)
{
	struct fast f = {.at = text, .end = text + len, .doc = doc, .without = without};
	bool ok = take_document(&f);

	ss_buf_done(&f.text);
	ss_keyset_done(&f.keys);
	if (!ok && ss_doc_failed(doc) == SS_ERR_NOMEM)
		return SS_ERR_NOMEM;
	return ok;
}
