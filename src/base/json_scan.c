/* Is this JSON, and where is the member that nobody wants? An answer that a script
 * only looks at for success is kept as it came; that it can be read must be known
 * while an error can still be returned. Accepts a part of what json_fast.c does
 * (test_json compares the two). */
#include "base/json.h"
#include "base/json_text.h"
#include "base/utf8.h"

enum {
	MAX_LEVELS = 48,
	MAX_KEYS = 200, /* of all objects that are open */
	MAX_DIGITS = 18,
};

struct key {
	const char *at;
	size_t len;
};

struct level {
	size_t first_key;
	bool object;
};

struct scan {
	struct cursor c;
	const char *const *names;
	struct ss_json_find *finds;
	size_t n_finds;
	size_t depth, n_keys;
	struct level levels[MAX_LEVELS];
	struct key keys[MAX_KEYS];
	const char *cut;
	size_t cut_len;
};

/* --- texts and numbers ----------------------------------------------------------------- */
/* Behind a backslash. */
static bool skip_escape(struct cursor *c)
{
	uint32_t code;
	char what = c->at < c->end ? *c->at++ : 0;

	if (what == 'u')
		return cursor_take_hex4(c, &code) && code && (code < 0xd800 || code > 0xdfff);
	return what && strchr("\"\\/bfnrt", what);
}

static bool skip_text(struct cursor *c)
{
	const char *start;
	bool high = false;

	if (!cursor_take(c, '"'))
		return false;
	for (start = c->at;;) {
		cursor_skip_plain(c, &high);
		if (cursor_take(c, '"'))
			return !high || ss_utf8_valid(start, (size_t)(c->at - 1 - start));
		if (!cursor_take(c, '\\') || !skip_escape(c))
			return false;
	}
}

static bool skip_number(struct cursor *c)
{
	const char *digits;

	cursor_take(c, '-');
	digits = c->at;
	if (!cursor_take_digits(c) || c->at - digits > MAX_DIGITS)
		return false;
	return *digits != '0' || c->at - digits == 1;
}

static bool skip_scalar(struct cursor *c)
{
	switch (c->at < c->end ? *c->at : 0) {
	case '"':
		return skip_text(c);
	case 't':
		return cursor_take_word(c, "true", 4);
	case 'f':
		return cursor_take_word(c, "false", 5);
	case 'n':
		return cursor_take_word(c, "null", 4);
	default:
		return skip_number(c);
	}
}

/* --- members ---------------------------------------------------------------------------- */
static bool is_text(const struct key *key, const char *text)
{
	return *key->at == *text && !strncmp(key->at, text, key->len) && !text[key->len];
}

/* Is the last key this one, of the root or of the root's member parent? */
static bool is_key(const struct scan *s, const char *parent, const char *key)
{
	return s->depth == (parent ? 2 : 1) && is_text(&s->keys[s->n_keys - 1], key) &&
	       (!parent || is_text(&s->keys[s->levels[1].first_key - 1], parent));
}

/* Before the value of the last key. */
static void note_text(struct scan *s, struct ss_json_find *find)
{
	struct cursor c = s->c;
	bool high = false;

	if (!cursor_take(&c, '"'))
		return;
	find->text = c.at;
	cursor_skip_plain(&c, &high);
	find->len = (size_t)(c.at - find->text);
	if (!cursor_take(&c, '"'))
		find->text = NULL;
}

static void note_texts(struct scan *s)
{
	for (size_t i = 0; i < s->n_finds; i++) {
		if (is_key(s, s->finds[i].parent, s->finds[i].key))
			note_text(s, &s->finds[i]);
	}
}

static bool is_new(const struct scan *s, const struct key *key)
{
	for (size_t i = s->levels[s->depth - 1].first_key; i < s->n_keys; i++) {
		if (s->keys[i].len == key->len && memcmp(s->keys[i].at, key->at, key->len) == 0)
			return false;
	}
	return true;
}

static bool read_key(struct scan *s)
{
	struct key key;
	bool high = false;

	if (s->n_keys == MAX_KEYS || !cursor_take(&s->c, '"'))
		return false;
	key.at = s->c.at;
	cursor_skip_plain(&s->c, &high);
	key.len = (size_t)(s->c.at - key.at);
	if (high || !cursor_take(&s->c, '"') || !is_new(s, &key))
		return false;
	s->keys[s->n_keys++] = key;
	cursor_skip_space(&s->c);
	if (!cursor_take(&s->c, ':'))
		return false;
	cursor_skip_space(&s->c);
	return true;
}

/* The key was read already; its value and the comma are skipped. */
static bool skip_member(struct scan *s)
{
	const char *start = s->keys[--s->n_keys].at - 1;

	if (s->cut || s->c.at == s->c.end || (*s->c.at != '[' && *s->c.at != '{') ||
	    !cursor_skip_container(&s->c))
		return false;
	cursor_skip_space(&s->c);
	if (!cursor_take(&s->c, ','))
		return false;
	s->cut = start;
	s->cut_len = (size_t)(s->c.at - start);
	cursor_skip_space(&s->c);
	return true;
}

static bool take_key(struct scan *s)
{
	do {
		if (!read_key(s))
			return false;
		if (s->depth <= 2)
			note_texts(s);
		if (!is_key(s, s->names[0], s->names[1]))
			return true;
	} while (skip_member(s));
	return false;
}

/* --- containers --------------------------------------------------------------------------- */
/* Behind a value: closing brackets, up to the next value of the container that is still open, or
 * the end. */
static bool take_ends(struct scan *s)
{
	while (s->depth) {
		const struct level *level = &s->levels[s->depth - 1];

		cursor_skip_space(&s->c);
		if (cursor_take(&s->c, ',')) {
			cursor_skip_space(&s->c);
			return !level->object || take_key(s);
		}
		if (!cursor_take(&s->c, level->object ? '}' : ']'))
			return false;
		s->n_keys = level->first_key;
		s->depth--;
	}
	return true;
}

/* An opening bracket; *ret_closed when its end follows. */
static bool take_begin(struct scan *s, bool object, bool *ret_closed)
{
	if (s->depth == MAX_LEVELS)
		return false;
	s->c.at++;
	s->levels[s->depth++] = (struct level){s->n_keys, object};
	cursor_skip_space(&s->c);
	*ret_closed = cursor_take(&s->c, object ? '}' : ']');
	if (*ret_closed)
		s->depth--;
	return *ret_closed || !object || take_key(s);
}

static bool take_object(struct scan *s)
{
	cursor_skip_space(&s->c);
	if (s->c.at == s->c.end || *s->c.at != '{')
		return false;
	do {
		bool closed = true;

		if (s->c.at < s->c.end && (*s->c.at == '{' || *s->c.at == '[')) {
			if (!take_begin(s, *s->c.at == '{', &closed))
				return false;
		} else if (!skip_scalar(&s->c)) {
			return false;
		}
		if (closed && !take_ends(s))
			return false;
	} while (s->depth);
	cursor_skip_space(&s->c);
	return s->c.at == s->c.end;
}

bool ss_json_scan(const char *text, size_t len, const char *const names[2],
                  struct ss_json_find *finds, size_t n_finds, size_t *ret_at, size_t *ret_len)
{
	struct scan s;

	s.c = (struct cursor){text, text + len};
	s.names = names;
	s.finds = finds;
	s.n_finds = n_finds;
	for (size_t i = 0; i < n_finds; i++)
		finds[i].text = NULL;
	s.depth = s.n_keys = s.cut_len = 0;
	s.cut = NULL;
	if (len > SS_DOC_MAX_NODES || !take_object(&s))
		return false;
	*ret_at = s.cut ? (size_t)(s.cut - text) : 0;
	*ret_len = s.cut_len;
	return true;
}
