#include "script/adapter/lua_scan.h"

#include <ctype.h>
#include <string.h>

#include "base/attr.h"

struct lua_scan lua_scan_at(const char *text, size_t len)
{
	return (struct lua_scan){.p = text, .end = text + len, .line = 1, .last_line = 1};
}

static void forward(struct lua_scan *s, size_t n)
{
	for (; n && s->p < s->end; n--, s->p++)
		s->line += *s->p == '\n';
}

static int at(const struct lua_scan *s, size_t i)
{
	return (size_t)(s->end - s->p) > i ? (unsigned char)s->p[i] : 0;
}

/* At "[==[": past the closing bracket; false, unmoved, when it is no long bracket. */
static bool skip_long(struct lua_scan *s)
{
	size_t level = 0;

	while (at(s, 1 + level) == '=')
		level++;
	if (at(s, 0) != '[' || at(s, 1 + level) != '[')
		return false;
	forward(s, level + 2);
	while (s->p < s->end) {
		size_t i = 0;

		if (*s->p == ']') {
			while (i < level && at(s, 1 + i) == '=')
				i++;
			if (i == level && at(s, 1 + i) == ']') {
				forward(s, level + 2);
				return true;
			}
		}
		forward(s, 1);
	}
	return true;
}

static void skip_string(struct lua_scan *s)
{
	char quote = *s->p;

	forward(s, 1);
	while (s->p < s->end && *s->p != quote && *s->p != '\n')
		forward(s, *s->p == '\\' ? 2 : 1);
	forward(s, 1);
}

static void skip_space(struct lua_scan *s)
{
	for (;;) {
		while (s->p < s->end && isspace((unsigned char)*s->p))
			forward(s, 1);
		if (at(s, 0) != '-' || at(s, 1) != '-')
			return;
		forward(s, 2);
		if (skip_long(s))
			continue;
		while (s->p < s->end && *s->p != '\n')
			forward(s, 1);
	}
}

static void skip_number(struct lua_scan *s)
{
	while (isalnum(at(s, 0)) || at(s, 0) == '.') {
		bool exponent = strchr("eEpP", at(s, 0)) != NULL;

		forward(s, 1);
		if (exponent && (at(s, 0) == '-' || at(s, 0) == '+'))
			forward(s, 1);
	}
}

static size_t mark_len(const struct lua_scan *s)
{
	static const char *const marks[] = {
	        "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};

	for (size_t i = 0; i < SS_ARRAY_LEN(marks); i++) {
		size_t len = strlen(marks[i]);

		if ((size_t)(s->end - s->p) >= len && memcmp(s->p, marks[i], len) == 0)
			return len;
	}
	return 1;
}

struct lua_token lua_scan_next(struct lua_scan *s)
{
	struct lua_token t = {.type = LUA_T_END};
	int c;

	skip_space(s);
	t.p = s->p;
	t.line = s->line;
	c = at(s, 0);
	if (s->p >= s->end)
		return t;
	if (isalpha(c) || c == '_') {
		t.type = LUA_T_NAME;
		while (isalnum(at(s, 0)) || at(s, 0) == '_')
			forward(s, 1);
	} else if (c == '"' || c == '\'') {
		t.type = LUA_T_STRING;
		skip_string(s);
	} else if (c == '[' && skip_long(s)) {
		t.type = LUA_T_STRING;
	} else if (isdigit(c) || (c == '.' && isdigit(at(s, 1)))) {
		t.type = LUA_T_NUMBER;
		skip_number(s);
	} else {
		t.type = LUA_T_MARK;
		forward(s, mark_len(s));
	}
	t.len = (size_t)(s->p - t.p);
	s->last_line = s->line;
	return t;
}

struct lua_token lua_scan_peek(const struct lua_scan *s)
{
	struct lua_scan copy = *s;

	return lua_scan_next(&copy);
}

bool lua_token_is(const struct lua_token *t, const char *text)
{
	return (t->type == LUA_T_NAME || t->type == LUA_T_MARK) && t->len == strlen(text) &&
	       memcmp(t->p, text, t->len) == 0;
}

bool lua_scan_accept(struct lua_scan *s, const char *text)
{
	struct lua_scan copy = *s;
	struct lua_token t = lua_scan_next(&copy);

	if (!lua_token_is(&t, text))
		return false;
	*s = copy;
	return true;
}

const char *lua_token_text(const struct lua_token *t, size_t *ret_len)
{
	if (t->type != LUA_T_STRING || t->len < 2 || t->p[0] == '[' || memchr(t->p, '\\', t->len))
		return NULL;
	*ret_len = t->len - 2;
	return t->p + 1;
}

/* --- expressions --------------------------------------------------------------------- */
static bool is_any(const struct lua_token *t, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (lua_token_is(t, words[i]))
			return true;
	}
	return false;
}

/* Behind what closes the bracket that was read. */
static void skip_brackets(struct lua_scan *s)
{
	static const char *const opening[] = {"(", "{", "["}, *const closing[] = {")", "}", "]"};
	struct lua_token t;

	for (int depth = 1; depth && (t = lua_scan_next(s)).type != LUA_T_END;)
		depth += is_any(&t, opening, 3) - is_any(&t, closing, 3);
}

/* Behind the `end` of the function whose word was read. */
static void skip_function(struct lua_scan *s)
{
	/* while and for have a do. */
	static const char *const opening[] = {"function", "if", "do", "repeat"};
	static const char *const closing[] = {"end", "until"};
	struct lua_token t;

	for (int depth = 1; depth && (t = lua_scan_next(s)).type != LUA_T_END;)
		depth += is_any(&t, opening, 4) - is_any(&t, closing, 2);
}

/* Reads an operand, or what stands before one; *need: is one still needed? False when there is none. */
static bool read_operand(struct lua_scan *s, bool *need)
{
	static const char *const before[] = {"not", "#", "-", "~"};
	static const char *const statement[] = {
	        "and", "break", "do", "else",  "elseif", "end",    "for",    "goto", "if",
	        "in",  "local", "or", "until", "while",  "return", "repeat", "then"};
	struct lua_token t = lua_scan_peek(s);

	if (t.type == LUA_T_END || is_any(&t, statement, SS_ARRAY_LEN(statement)))
		return false;
	if (is_any(&t, before, SS_ARRAY_LEN(before))) {
		lua_scan_next(s);
		return true;
	}
	if (t.type == LUA_T_MARK && !lua_token_is(&t, "(") && !lua_token_is(&t, "{") &&
	    !lua_token_is(&t, "..."))
		return false;
	lua_scan_next(s);
	*need = false;
	if (lua_token_is(&t, "(") || lua_token_is(&t, "{"))
		skip_brackets(s);
	else if (lua_token_is(&t, "function"))
		skip_function(s);
	return true;
}

/* Reads what goes on with an operand: an operator, an index, a call. False when nothing does. */
static bool read_suffix(struct lua_scan *s, bool *need)
{
	static const char *const operators[] = {
	        "+", "-",  "*",  "/", "//", "%", "^",  "..", "==",  "~=", "<",
	        ">", "<=", ">=", "&", "|",  "~", "<<", ">>", "and", "or"};
	struct lua_token t = lua_scan_peek(s);

	if (is_any(&t, operators, SS_ARRAY_LEN(operators))) {
		*need = true;
	} else if (lua_token_is(&t, ".") || lua_token_is(&t, ":")) {
		lua_scan_next(s);
	} else if (lua_token_is(&t, "(") || lua_token_is(&t, "{") || lua_token_is(&t, "[")) {
		lua_scan_next(s);
		skip_brackets(s);
		return true;
	} else if (t.type != LUA_T_STRING) {
		return false;
	}
	lua_scan_next(s);
	return true;
}

void lua_scan_expression(struct lua_scan *s)
{
	bool need = true;

	while (need ? read_operand(s, &need) : read_suffix(s, &need))
		;
}
