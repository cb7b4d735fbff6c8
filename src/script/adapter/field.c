/* Where a declared value is written. The text is followed from `adapter {` down the
 * path: through constructors, through locals of the file, and through modules that
 * it requires. What was found elsewhere than in the constructor itself counts only
 * when the literal there is the value: else the line that the value is given at is
 * named. */
#include "script/adapter/field.h"

#include <stdlib.h>
#include <string.h>

#include "script/adapter/adapter_priv.h"
#include "script/adapter/lua_scan.h"

enum { MAX_HOPS = 8 };

/* A place in the text where a value starts, and what is still to be found in it. */
struct search {
	const struct ss_adapter_version *v;
	const struct adapter_source *source;
	struct lua_scan s;
	struct adapter_step steps[ADAPTER_MAX_STEPS];
	size_t n;
	int hops; /* to other places so far */
};

/* --- constructors ------------------------------------------------------------------------ */
static bool same(const char *text, size_t len, const struct adapter_step *step)
{
	return step->key && step->len == len && memcmp(text, step->key, len) == 0;
}

/* At a field: its key, when it has one that the text shows, is compared; s is at its value then. */
static bool is_field(struct lua_scan *s, const struct adapter_step *step, size_t *position)
{
	struct lua_scan copy = *s;
	struct lua_token t = lua_scan_next(&copy);
	const char *text;
	size_t len;

	if (t.type == LUA_T_NAME && lua_scan_accept(&copy, "=")) {
		*s = copy;
		return same(t.p, t.len, step);
	}
	if (lua_token_is(&t, "[")) {
		t = lua_scan_peek(&copy);
		text = lua_token_text(&t, &len);
		lua_scan_expression(&copy);
		*s = copy;
		return lua_scan_accept(s, "]") && lua_scan_accept(s, "=") && text &&
		       same(text, len, step);
	}
	return !step->key && (*position)++ == step->index;
}

/* Behind "{": on to the value of a field; false when the text does not show it. */
static bool enter(struct lua_scan *s, const struct adapter_step *step)
{
	size_t position = 0;

	for (;;) {
		struct lua_token t = lua_scan_peek(s);
		const char *before = s->p;

		if (t.type == LUA_T_END || lua_token_is(&t, "}"))
			return false;
		if (is_field(s, step, &position))
			return true;
		lua_scan_expression(s);
		if (!lua_scan_accept(s, ","))
			lua_scan_accept(s, ";");
		if (s->p == before)
			return false;
	}
}

/* --- values made elsewhere ------------------------------------------------------------------ */
static const struct adapter_source *module_source(const struct ss_adapter_version *v,
                                                  const char *name, size_t len)
{
	static const char *const folders[] = {"adapters/", "lib/"};

	for (size_t f = 0; f < SS_ARRAY_LEN(folders); f++) {
		for (size_t i = 1; i < v->n_sources; i++) {
			const char *rel = v->sources[i].rel;
			size_t skip = strlen(folders[f]), j = 0;

			if (strncmp(rel, folders[f], skip) != 0)
				continue;
			rel += skip;
			while (j < len && rel[j] &&
			       (rel[j] == name[j] || (rel[j] == '/' && name[j] == '.')))
				j++;
			if (j == len && strcmp(rel + j, ".lua") == 0)
				return &v->sources[i];
		}
	}
	return NULL;
}

/* Put what an index expression says before the steps. */
static bool prepend(struct search *q, const struct adapter_step *chain, size_t n)
{
	if (q->n + n > ADAPTER_MAX_STEPS)
		return false;
	memmove(q->steps + n, q->steps, q->n * sizeof(*q->steps));
	memcpy(q->steps, chain, n * sizeof(*chain));
	q->n += n;
	return true;
}

static void drop_steps(struct search *q, size_t n)
{
	q->n -= n;
	memmove(q->steps, q->steps + n, q->n * sizeof(*q->steps));
}

/* Behind a name: how many of the steps does ".a.b =" take? 0 when it is no such assignment. */
static size_t assigned_steps(struct lua_scan *s, const struct search *q)
{
	size_t n = 0;

	while (n < q->n && lua_scan_accept(s, ".")) {
		struct lua_token t = lua_scan_next(s);

		if (!same(t.p, t.len, &q->steps[n]))
			return 0;
		n++;
	}
	return n && lua_scan_accept(s, "=") ? n : 0;
}

/* To the value of a local of the file: where it is declared, or a field of it is assigned, last
 * before the place that uses it. */
static bool find_local(struct search *q, const struct lua_token *name)
{
	struct lua_scan s = lua_scan_at(q->source->text, q->source->len), found = s;
	struct lua_token t, before = {.type = LUA_T_END};
	bool any = false;
	size_t taken = 0;

	while (s.p < name->p && (t = lua_scan_next(&s)).type != LUA_T_END && t.p < name->p) {
		struct lua_scan copy = s;
		size_t n;

		if (t.type == LUA_T_NAME && t.len == name->len &&
		    memcmp(t.p, name->p, t.len) == 0) {
			bool declared = lua_token_is(&before, "local");

			if (declared && lua_scan_accept(&copy, "<")) {
				lua_scan_next(&copy);
				lua_scan_accept(&copy, ">");
			}
			n = declared ? 0 : assigned_steps(&copy, q);
			if (n || (declared && lua_scan_accept(&copy, "="))) {
				found = copy;
				taken = n;
				any = true;
			}
		}
		before = t;
	}
	if (any) {
		q->s = found;
		drop_steps(q, taken);
	}
	return any;
}

/* To what a module returns. */
static bool find_return(struct search *q, const struct adapter_source *source)
{
	struct lua_scan s = lua_scan_at(source->text, source->len);
	bool any = false;
	struct lua_token t;

	while ((t = lua_scan_next(&s)).type != LUA_T_END) {
		if (!lua_token_is(&t, "return"))
			continue;
		q->s = s;
		any = true;
	}
	q->source = source;
	return any;
}

/* The ".a" and "[\"b\"]" that follow; false for anything else before the end of the expression. */
static bool read_chain(struct lua_scan *s, const char *end, struct adapter_step *chain, size_t *n)
{
	while (*n < ADAPTER_MAX_STEPS) {
		struct adapter_step *step = &chain[*n];
		struct lua_token t;

		if (lua_scan_accept(s, ".")) {
			t = lua_scan_next(s);
			*step = (struct adapter_step){.key = t.p, .len = t.len};
		} else if (lua_scan_accept(s, "[")) {
			t = lua_scan_next(s);
			*step = (struct adapter_step){0};
			step->key = lua_token_text(&t, &step->len);
			if (!step->key || !lua_scan_accept(s, "]"))
				return false;
		} else {
			return s->p == end;
		}
		(*n)++;
	}
	return false;
}

/* require "name", require("name") */
static const struct adapter_source *read_require(const struct search *q, struct lua_scan *s)
{
	bool paren = lua_scan_accept(s, "(");
	struct lua_token t = lua_scan_next(s);
	size_t len;
	const char *name = lua_token_text(&t, &len);

	if (!name || (paren && !lua_scan_accept(s, ")")))
		return NULL;
	return module_source(q->v, name, len);
}

/* At a name or a require, with fields behind it: to what it leads to. False, and unmoved, when it is
 * anything else or the text does not show it. */
static bool hop(struct search *q)
{
	struct search to = *q;
	struct lua_scan s = q->s, end = q->s;
	struct lua_token root = lua_scan_next(&s);
	struct adapter_step chain[ADAPTER_MAX_STEPS];
	const struct adapter_source *module = NULL;
	size_t n = 0;

	lua_scan_expression(&end);
	if (root.type != LUA_T_NAME || ++to.hops > MAX_HOPS)
		return false;
	if (lua_token_is(&root, "require") && !(module = read_require(q, &s)))
		return false;
	if (!read_chain(&s, end.p, chain, &n) || !prepend(&to, chain, n))
		return false;
	if (module ? !find_return(&to, module) : !find_local(&to, &root))
		return false;
	*q = to;
	return true;
}

/* --- literals --------------------------------------------------------------------------------- */
static bool is_number(const struct lua_token *t, bool negative, const struct ss_doc *doc,
                      ss_node node)
{
	char text[64];
	double value;

	if (t->len >= sizeof(text))
		return false;
	memcpy(text, t->p, t->len);
	text[t->len] = 0;
	value = strtod(text, NULL);
	return ss_doc_type(doc, node) >= SS_INT && ss_doc_type(doc, node) <= SS_REAL &&
	       ss_doc_get_real(doc, node, 0) == (negative ? -value : value);
}

/* Is the expression a literal of this value? */
static bool is_literal(struct lua_scan s, const struct ss_doc *doc, ss_node node)
{
	struct lua_scan end = s;
	bool negative = lua_scan_accept(&s, "-");
	struct lua_token t = lua_scan_next(&s);
	const char *text, *value;
	size_t len, value_len = 0;

	lua_scan_expression(&end);
	if (end.p != s.p)
		return false;
	if (t.type == LUA_T_NUMBER)
		return is_number(&t, negative, doc, node);
	if (ss_doc_type(doc, node) == SS_BOOL)
		return lua_token_is(&t, ss_doc_get_bool(doc, node, false) ? "true" : "false");
	text = lua_token_text(&t, &len);
	value = ss_doc_get_string(doc, node, &value_len);
	return text && value && len == value_len && memcmp(text, value, len) == 0;
}

/* --- the search --------------------------------------------------------------------------------- */
static struct adapter_place place_of(const struct search *q)
{
	struct lua_token t = lua_scan_peek(&q->s);

	return (struct adapter_place){q->source, t.line};
}

/* Down the steps from a value. */
static struct adapter_place descend(struct search *q, const struct ss_doc *doc, ss_node node)
{
	struct adapter_place here = place_of(q);
	bool away = false;

	for (;;) {
		while (q->n && lua_scan_accept(&q->s, "{")) {
			if (!enter(&q->s, &q->steps[0]))
				return here;
			drop_steps(q, 1);
			if (!away)
				here = place_of(q);
		}
		if (!q->n && is_literal(q->s, doc, node))
			return place_of(q);
		if (!hop(q))
			return here;
		away = true;
	}
}

static bool init(struct search *q, const struct ss_adapter_version *v,
                 const struct adapter_source *source, const struct adapter_step *steps, size_t n)
{
	*q = (struct search){.v = v, .source = source, .s = lua_scan_at(source->text, source->len)};
	return prepend(q, steps, n);
}

struct adapter_place adapter_locate(const struct ss_adapter_version *v,
                                    const struct adapter_step *steps, size_t n,
                                    const struct ss_doc *doc, ss_node node)
{
	const char *word = v->overlay ? "overlay" : "adapter";
	struct adapter_place unknown = {&v->sources[0], v->call_line};
	struct lua_token t;
	struct search q;

	if (!init(&q, v, &v->sources[0], steps, n))
		return unknown;
	while ((t = lua_scan_next(&q.s)).type != LUA_T_END) {
		if (t.line < v->call_line || !lua_token_is(&t, word))
			continue;
		lua_scan_accept(&q.s, "(");
		return descend(&q, doc, node);
	}
	return unknown;
}

/* At ".key =" or "[\"key\"] =", behind the first of these marks: is it this key? */
static bool is_target(struct lua_scan *s, bool bracket, const struct adapter_step *key)
{
	struct lua_token t = lua_scan_next(s);
	const char *text = t.p;
	size_t len = t.len;

	if (bracket && !(text = lua_token_text(&t, &len)))
		return false;
	return same(text, len, key) && (!bracket || lua_scan_accept(s, "]")) &&
	       lua_scan_accept(s, "=");
}

struct adapter_place adapter_locate_write(const struct ss_adapter_version *v,
                                          const struct adapter_source *source, int line,
                                          const struct adapter_step *key,
                                          const struct adapter_step *steps, size_t n,
                                          const struct ss_doc *doc, ss_node node)
{
	struct adapter_place place = {source, line};
	struct lua_token t;
	struct search q;

	if (!init(&q, v, source, steps, n))
		return place;
	while ((t = lua_scan_next(&q.s)).type != LUA_T_END && t.line <= line) {
		bool bracket = lua_token_is(&t, "[");
		struct lua_scan target = q.s, end;

		if (!key->key || (!bracket && !lua_token_is(&t, ".")) ||
		    !is_target(&target, bracket, key))
			continue;
		end = target;
		lua_scan_expression(&end);
		if (end.last_line != line)
			continue;
		q.s = target;
		return descend(&q, doc, node);
	}
	return place;
}

struct adapter_place adapter_locate_return(const struct ss_adapter_version *v,
                                           const struct adapter_source *source, int from, int to,
                                           const struct adapter_step *steps, size_t n,
                                           const struct ss_doc *doc, ss_node node)
{
	struct adapter_place place = {source, from};
	struct lua_scan s;
	struct lua_token t;
	struct search q;
	bool any = false;

	if (!init(&q, v, source, steps, n))
		return place;
	s = q.s;
	while ((t = lua_scan_next(&s)).type != LUA_T_END && t.line <= to) {
		if (t.line < from || !lua_token_is(&t, "return"))
			continue;
		q.s = s;
		any = true;
	}
	return any ? descend(&q, doc, node) : place;
}
