#include "script/adapter/match.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "script/adapter/state.h"

enum { MAX_DEPTH = 200 };

/* The end of the single-character class that starts at p. */
static const char *class_end(struct ss_match *m, const char *p)
{
	if (p == m->pattern_end)
		luaL_error(m->L, "malformed pattern (ends early)");
	if (*p == '%') {
		if (p + 1 == m->pattern_end)
			luaL_error(m->L, "malformed pattern (ends with '%%')");
		return p + 2;
	}
	if (*p++ != '[')
		return p;
	if (p < m->pattern_end && *p == '^')
		p++;
	do { /* a ']' in the first place stands for itself */
		if (p == m->pattern_end)
			luaL_error(m->L, "malformed pattern (missing ']')");
		if (*p++ == '%') {
			if (p == m->pattern_end)
				luaL_error(m->L, "malformed pattern (missing ']')");
			p++;
		}
	} while (p == m->pattern_end || *p != ']');
	return p + 1;
}

static bool in_class(int c, int class)
{
	bool yes;

	switch (tolower(class)) {
	case 'a':
		yes = isalpha(c);
		break;
	case 'c':
		yes = iscntrl(c);
		break;
	case 'd':
		yes = isdigit(c);
		break;
	case 'g':
		yes = isgraph(c);
		break;
	case 'l':
		yes = islower(c);
		break;
	case 'p':
		yes = ispunct(c);
		break;
	case 's':
		yes = isspace(c);
		break;
	case 'u':
		yes = isupper(c);
		break;
	case 'w':
		yes = isalnum(c);
		break;
	case 'x':
		yes = isxdigit(c);
		break;
	default:
		return class == c;
	}
	return isupper(class) ? !yes : yes;
}

/* Is c in the set p = "[…", whose last byte is *end = ']'? */
static bool in_set(int c, const char *p, const char *end)
{
	bool negated = p[1] == '^';

	p += negated ? 2 : 1;
	for (; p < end; p++) {
		if (*p == '%') {
			p++;
			if (in_class(c, (unsigned char)*p))
				return !negated;
		} else if (p + 2 < end && p[1] == '-') {
			if ((unsigned char)p[0] <= c && c <= (unsigned char)p[2])
				return !negated;
			p += 2;
		} else if ((unsigned char)*p == c) {
			return !negated;
		}
	}
	return negated;
}

/* Does the class p..end match the character at s? */
static bool single(struct ss_match *m, const char *s, const char *p, const char *end)
{
	int c;

	if (s >= m->src_end)
		return false;
	c = (unsigned char)*s;
	switch (*p) {
	case '.':
		return true;
	case '%':
		return in_class(c, (unsigned char)p[1]);
	case '[':
		return in_set(c, p, end - 1);
	default:
		return (unsigned char)*p == c;
	}
}

static const char *balance(struct ss_match *m, const char *s, const char *p)
{
	int depth = 1;

	if (p + 1 >= m->pattern_end)
		luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
	if (s >= m->src_end || *s != p[0])
		return NULL;
	ss_adapter_state_charge(m->L, (size_t)(m->src_end - s));
	for (const char *c = s + 1; c < m->src_end; c++) {
		if (*c == p[1]) {
			if (--depth == 0)
				return c + 1;
		} else if (*c == p[0]) {
			depth++;
		}
	}
	return NULL;
}

static const char *match(struct ss_match *m, const char *s, const char *p);

static const char *max_expand(struct ss_match *m, const char *s, const char *p, const char *end)
{
	ptrdiff_t i = 0;

	while (single(m, s + i, p, end))
		i++;
	ss_adapter_state_charge(m->L, (size_t)i);
	for (; i >= 0; i--) {
		const char *r = match(m, s + i, end + 1);

		if (r)
			return r;
	}
	return NULL;
}

static const char *min_expand(struct ss_match *m, const char *s, const char *p, const char *end)
{
	for (;; s++) {
		const char *r = match(m, s, end + 1);

		if (r)
			return r;
		if (!single(m, s, p, end))
			return NULL;
	}
}

static const char *open_capture(struct ss_match *m, const char *s, const char *p, ptrdiff_t what)
{
	const char *r;

	if (m->level >= SS_MATCH_CAPTURES)
		luaL_error(m->L, "too many captures");
	m->capture[m->level].start = s;
	m->capture[m->level].len = what;
	m->level++;
	r = match(m, s, p);
	if (!r)
		m->level--;
	return r;
}

static const char *close_capture(struct ss_match *m, const char *s, const char *p)
{
	const char *r;
	int i = m->level - 1;

	while (i >= 0 && m->capture[i].len != SS_MATCH_OPEN)
		i--;
	if (i < 0)
		luaL_error(m->L, "invalid pattern capture");
	m->capture[i].len = s - m->capture[i].start;
	r = match(m, s, p);
	if (!r)
		m->capture[i].len = SS_MATCH_OPEN;
	return r;
}

static const char *back_reference(struct ss_match *m, const char *s, int digit)
{
	int i = digit - '1';
	size_t len;

	if (i < 0 || i >= m->level || m->capture[i].len < 0)
		luaL_error(m->L, "invalid capture index %%%d", i + 1);
	len = (size_t)m->capture[i].len;
	ss_adapter_state_charge(m->L, len);
	if ((size_t)(m->src_end - s) >= len && memcmp(m->capture[i].start, s, len) == 0)
		return s + len;
	return NULL;
}

/* %f[set]: the place between a character outside and one inside the set. */
static bool frontier(struct ss_match *m, const char *s, const char *p, const char *end)
{
	int before = s == m->src ? 0 : (unsigned char)s[-1];
	int after = s < m->src_end ? (unsigned char)*s : 0;

	return !in_set(before, p, end - 1) && in_set(after, p, end - 1);
}

/* The forms that start with '%' and are no class; *ret_p is where to go on, NULL for a class. */
static const char *special(struct ss_match *m, const char *s, const char *p, const char **ret_p)
{
	const char *end;

	switch (p + 1 < m->pattern_end ? p[1] : 0) {
	case 'b':
		*ret_p = p + 4;
		return balance(m, s, p + 2);
	case 'f':
		p += 2;
		if (p >= m->pattern_end || *p != '[')
			luaL_error(m->L, "missing '[' after '%%f' in pattern");
		end = class_end(m, p);
		*ret_p = end;
		return frontier(m, s, p, end) ? s : NULL;
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		*ret_p = p + 2;
		return back_reference(m, s, p[1]);
	default:
		*ret_p = NULL;
		return NULL;
	}
}

/* One class with its suffix. Goes on in the caller's loop for what needs no recursion:
 * true with *s and *p advanced, or false with the verdict in *ret. */
static bool plain(struct ss_match *m, const char **s, const char **p, const char **ret)
{
	const char *end = class_end(m, *p);
	char suffix = end < m->pattern_end ? *end : 0;

	switch (suffix) {
	case '*':
		*ret = max_expand(m, *s, *p, end);
		return false;
	case '+':
		*ret = single(m, *s, *p, end) ? max_expand(m, *s + 1, *p, end) : NULL;
		return false;
	case '-':
		*ret = min_expand(m, *s, *p, end);
		return false;
	case '?':
		if (single(m, *s, *p, end)) {
			*ret = match(m, *s + 1, end + 1);
			if (*ret)
				return false;
		}
		*p = end + 1;
		return true;
	default:
		*ret = NULL;
		if (!single(m, *s, *p, end))
			return false;
		(*s)++;
		*p = end;
		return true;
	}
}

static const char *step(struct ss_match *m, const char *s, const char *p)
{
	const char *next, *r;

	while (p != m->pattern_end) {
		ss_adapter_state_charge(m->L, 1);
		if (*p == '(' && p + 1 < m->pattern_end && p[1] == ')')
			return open_capture(m, s, p + 2, SS_MATCH_POSITION);
		if (*p == '(')
			return open_capture(m, s, p + 1, SS_MATCH_OPEN);
		if (*p == ')')
			return close_capture(m, s, p + 1);
		if (*p == '$' && p + 1 == m->pattern_end)
			return s == m->src_end ? s : NULL;
		if (*p == '%') {
			s = special(m, (r = s), p, &next);
			if (next) {
				if (!s)
					return NULL;
				p = next;
				continue;
			}
			s = r;
		}
		if (!plain(m, &s, &p, &r))
			return r;
	}
	return s;
}

static const char *match(struct ss_match *m, const char *s, const char *p)
{
	const char *r;

	if (++m->depth > MAX_DEPTH) {
		m->depth = 0;
		luaL_error(m->L, "pattern too complex");
	}
	r = step(m, s, p);
	m->depth--;
	return r;
}

const char *ss_match_at(struct ss_match *m, const char *s, const char *pattern)
{
	m->level = 0;
	m->depth = 0;
	return match(m, s, pattern);
}

void ss_match_push_one(struct ss_match *m, int i, const char *s, const char *e)
{
	if (i >= m->level) {
		if (i != 0)
			luaL_error(m->L, "invalid capture index %%%d", i + 1);
		lua_pushlstring(m->L, s, (size_t)(e - s));
	} else if (m->capture[i].len == SS_MATCH_POSITION) {
		lua_pushinteger(m->L, m->capture[i].start - m->src + 1);
	} else if (m->capture[i].len == SS_MATCH_OPEN) {
		luaL_error(m->L, "unfinished capture");
	} else {
		lua_pushlstring(m->L, m->capture[i].start, (size_t)m->capture[i].len);
	}
}

int ss_match_push(struct ss_match *m, const char *s, const char *e)
{
	int n = m->level == 0 && s ? 1 : m->level;

	luaL_checkstack(m->L, n, "too many captures");
	for (int i = 0; i < n; i++)
		ss_match_push_one(m, i, s, e);
	return n;
}
