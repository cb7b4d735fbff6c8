/* A list of which one element cannot be read is a list without that element: whoever may store one odd
 * object must not take the others from everybody's sight. */
#include "base/err.h"
#include "base/json.h"
#include "base/json_text.h"

static bool skip_value(struct cursor *c)
{
	const char *start = c->at;
	char first = c->at < c->end ? *c->at : 0;

	if (first == '{' || first == '[')
		return cursor_skip_container(c);
	if (cursor_take(c, '"'))
		return cursor_skip_string(c);
	while (c->at < c->end && !strchr(",]} \t\r\n", *c->at))
		c->at++;
	return c->at > start;
}

/* Up to the value of the root's member. */
static bool find_member(struct cursor *c, const char *member)
{
	size_t len = strlen(member);

	cursor_skip_space(c);
	if (!cursor_take(c, '{'))
		return false;
	do {
		const char *key;
		bool found;

		cursor_skip_space(c);
		key = c->at + 1;
		if (!cursor_take(c, '"') || !cursor_skip_string(c))
			return false;
		found = (size_t)(c->at - 1 - key) == len && !memcmp(key, member, len);
		cursor_skip_space(c);
		if (!cursor_take(c, ':'))
			return false;
		cursor_skip_space(c);
		if (found)
			return true;
		if (!skip_value(c))
			return false;
		cursor_skip_space(c);
	} while (cursor_take(c, ','));
	return false;
}

static struct ss_doc *read_member(const char *text, size_t len, const char *member)
{
	struct cursor c = {text, text + len};
	struct ss_doc *doc = NULL;
	const char *start;

	if (!find_member(&c, member))
		return NULL;
	start = c.at;
	if (skip_value(&c))
		(void)ss_json_parse(start, (size_t)(c.at - start), &doc, NULL);
	return doc;
}

struct sift {
	struct ss_buf *out;
	ss_json_sifted_fn fn;
	void *ud;
	size_t index, n_kept, n_lost;
};

static int sift_one(struct sift *s, const char *text, size_t len, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = NULL, *metadata SS_AUTO_DOC = NULL;
	struct ss_err why SS_AUTO_ERR;
	int code;

	code = ss_json_parse(text, len, &doc, &why);
	if (code == SS_ERR_NOMEM)
		return ss_err_nomem(err);
	if (code) {
		s->n_lost++;
		metadata = read_member(text, len, "metadata");
		s->fn(s->ud, s->index, metadata, &why);
	} else {
		if (s->n_kept++)
			ss_buf_putc(s->out, ',');
		ss_buf_add(s->out, text, len);
	}
	s->index++;
	return 0;
}

int ss_json_sift(const char *text, size_t len, const char *member, ss_json_sifted_fn fn, void *ud,
                 struct ss_buf *out, struct ss_err *err)
{
	struct cursor c = {text, text + len};
	struct sift s = {.out = out, .fn = fn, .ud = ud};

	if (!find_member(&c, member) || !cursor_take(&c, '['))
		return 0;
	ss_buf_add(out, text, (size_t)(c.at - text));
	do {
		const char *start;
		int code;

		cursor_skip_space(&c);
		start = c.at;
		if (!skip_value(&c))
			return 0;
		code = sift_one(&s, start, (size_t)(c.at - start), err);
		if (code)
			return code;
		cursor_skip_space(&c);
	} while (cursor_take(&c, ','));
	ss_buf_add(out, c.at, (size_t)(c.end - c.at));
	return s.n_lost ? 1 : 0;
}
