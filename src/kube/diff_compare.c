#include "kube/diff_compare.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "kube/change.h"

enum { MAX_CHANGES = 10000 };

struct compare {
	const struct ss_doc *a, *b;
	struct ss_doc *out; /* the array of changes */
	struct ss_buf path;
	size_t n;
};

/* --- paths --------------------------------------------------------------------- */

static bool is_plain(const char *key)
{
	for (const char *s = key; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '-')
			return false;
	return *key;
}

/* spec.containers[0].image, metadata.labels["app.kubernetes.io/name"] */
static void push_key(struct ss_buf *path, const char *key)
{
	if (is_plain(key))
		ss_buf_printf(path, "%s%s", path->len ? "." : "", key);
	else
		ss_buf_printf(path, "[\"%s\"]", key);
}

static void pop(struct ss_buf *path, size_t len)
{
	path->len = len;
	if (path->data)
		path->data[len] = 0;
}

/* --- one change ------------------------------------------------------------------ */

static void put_change(struct compare *c, ss_node from, ss_node to)
{
	const char *path = c->path.data ? c->path.data : "";

	if (c->n++ >= MAX_CHANGES)
		return;
	ss_doc_begin_object(c->out);
	ss_doc_key_lit(c->out, "path");
	ss_doc_string(c->out, path, strlen(path));
	ss_doc_put_string(c->out, "op",
	                  from == SS_NO_NODE ? "add"
	                  : to == SS_NO_NODE ? "remove"
	                                     : "replace");
	if (from != SS_NO_NODE)
		ss_doc_put_copy(c->out, "from", c->a, from);
	if (to != SS_NO_NODE)
		ss_doc_put_copy(c->out, "to", c->b, to);
	ss_doc_end(c->out);
}

static void compare_nodes(struct compare *c, ss_node a, ss_node b);

static void compare_members(struct compare *c, ss_node a, ss_node b)
{
	size_t len = c->path.len;

	for (struct ss_iter it = ss_iter(c->a, a); ss_iter_next(&it);) {
		push_key(&c->path, it.key);
		compare_nodes(c, it.value, ss_doc_get(c->b, b, it.key));
		pop(&c->path, len);
	}
	for (struct ss_iter it = ss_iter(c->b, b); ss_iter_next(&it);) {
		if (ss_doc_get(c->a, a, it.key) != SS_NO_NODE)
			continue;
		push_key(&c->path, it.key);
		compare_nodes(c, SS_NO_NODE, it.value);
		pop(&c->path, len);
	}
}

/* --- lists: by name where every element has one, else by position ------------------- */

static const char *name_of(const struct ss_doc *doc, ss_node element)
{
	return ss_doc_find_string(doc, element, "name", NULL);
}

static bool has_names(const struct ss_doc *doc, ss_node array)
{
	for (struct ss_iter it = ss_iter(doc, array); ss_iter_next(&it);)
		if (!name_of(doc, it.value))
			return false;
	return true;
}

static ss_node find_named(const struct ss_doc *doc, ss_node array, const char *name)
{
	for (struct ss_iter it = ss_iter(doc, array); ss_iter_next(&it);)
		if (!strcmp(name_of(doc, it.value), name))
			return it.value;
	return SS_NO_NODE;
}

static void compare_named(struct compare *c, ss_node a, ss_node b)
{
	size_t len = c->path.len;

	for (struct ss_iter it = ss_iter(c->a, a); ss_iter_next(&it);) {
		ss_buf_printf(&c->path, "[%zu]", it.index);
		compare_nodes(c, it.value, find_named(c->b, b, name_of(c->a, it.value)));
		pop(&c->path, len);
	}
	for (struct ss_iter it = ss_iter(c->b, b); ss_iter_next(&it);) {
		if (find_named(c->a, a, name_of(c->b, it.value)) != SS_NO_NODE)
			continue;
		ss_buf_printf(&c->path, "[%zu]", it.index);
		compare_nodes(c, SS_NO_NODE, it.value);
		pop(&c->path, len);
	}
}

static void compare_positions(struct compare *c, ss_node a, ss_node b)
{
	struct ss_iter ia = ss_iter(c->a, a), ib = ss_iter(c->b, b);
	bool more_a = ss_iter_next(&ia), more_b = ss_iter_next(&ib);
	size_t len = c->path.len;

	for (size_t i = 0; more_a || more_b; i++) {
		ss_buf_printf(&c->path, "[%zu]", i);
		compare_nodes(c, more_a ? ia.value : SS_NO_NODE, more_b ? ib.value : SS_NO_NODE);
		pop(&c->path, len);
		more_a = more_a && ss_iter_next(&ia);
		more_b = more_b && ss_iter_next(&ib);
	}
}

static void compare_nodes(struct compare *c, ss_node a, ss_node b)
{
	enum ss_type ta = ss_doc_type(c->a, a), tb = ss_doc_type(c->b, b);

	if (a == SS_NO_NODE || b == SS_NO_NODE || ta != tb || (ta != SS_OBJECT && ta != SS_ARRAY)) {
		if (a == SS_NO_NODE || b == SS_NO_NODE || !ss_doc_equal(c->a, a, c->b, b))
			put_change(c, a, b);
	} else if (ta == SS_OBJECT) {
		compare_members(c, a, b);
	} else if (has_names(c->a, a) && has_names(c->b, b)) {
		compare_named(c, a, b);
	} else {
		compare_positions(c, a, b);
	}
}

/* --- secrets --------------------------------------------------------------------------- */

/* kubectl's words: equal values are "***", changed ones say before and after. */
static void mask_values(struct ss_doc *out, const struct ss_doc *doc, ss_node data,
                        const struct ss_doc *other, ss_node other_data, const char *when)
{
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(doc, data); ss_iter_next(&it);) {
		ss_node theirs = ss_doc_get(other, other_data, it.key);
		bool differs = theirs != SS_NO_NODE && !ss_doc_equal(doc, it.value, other, theirs);

		ss_doc_key(out, it.key, it.key_len);
		ss_doc_string_lit(out, differs ? when : "***");
	}
	ss_doc_end(out);
}

static void mask(struct ss_doc *out, const struct ss_doc *doc, const struct ss_doc *other,
                 const char *when)
{
	ss_node root = ss_doc_root(doc), other_root = ss_doc_root(other);

	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(doc, root); ss_iter_next(&it);) {
		bool secret = !strcmp(it.key, "data") || !strcmp(it.key, "stringData");

		ss_doc_key(out, it.key, it.key_len);
		if (secret && ss_doc_type(doc, it.value) == SS_OBJECT)
			mask_values(out, doc, it.value, other,
			            ss_doc_get(other, other_root, it.key), when);
		else
			ss_doc_copy(out, doc, it.value);
	}
	ss_doc_end(out);
}

static bool is_secret(const struct ss_doc *doc)
{
	ss_node root = ss_doc_root(doc);

	return ss_doc_is_string(doc, ss_doc_get(doc, root, "kind"), "Secret") &&
	       ss_doc_is_string(doc, ss_doc_get(doc, root, "apiVersion"), "v1");
}

/* --- all of it ---------------------------------------------------------------------------- */

static int strip(const struct ss_doc *doc, struct ss_doc **ret, struct ss_err *err)
{
	*ret = ss_doc_new();
	if (!*ret)
		return ss_err_nomem(err);
	if (doc)
		ss_change_strip(*ret, doc, ss_doc_root(doc));
	else
		ss_doc_null(*ret);
	return ss_doc_finish(*ret, err);
}

static int mask_both(struct ss_doc **live, struct ss_doc **merged, struct ss_err *err)
{
	struct ss_doc *a SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *b SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *old;
	int code;

	if (!a || !b)
		return ss_err_nomem(err);
	if (ss_doc_type(*live, ss_doc_root(*live)) == SS_OBJECT)
		mask(a, *live, *merged, "*** (before)");
	else
		ss_doc_null(a);
	mask(b, *merged, *live, "*** (after)");
	if ((code = ss_doc_finish(a, err)) || (code = ss_doc_finish(b, err)))
		return code;
	old = *live;
	*live = a;
	a = old;
	old = *merged;
	*merged = b;
	b = old;
	return 0;
}

static int write_result(const struct ss_doc *live, const struct ss_doc *merged,
                        const struct ss_doc *changes, size_t n, struct ss_doc **ret,
                        struct ss_err *err)
{
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	bool exists = ss_doc_type(live, ss_doc_root(live)) == SS_OBJECT;
	int code;

	if (!out)
		return ss_err_nomem(err);
	ss_doc_begin_object(out);
	ss_doc_put_bool(out, "same", exists && !n);
	ss_doc_put_bool(out, "exists", exists);
	ss_doc_put_copy(out, "changes", changes, ss_doc_root(changes));
	if (exists)
		ss_doc_put_copy(out, "live", live, ss_doc_root(live));
	ss_doc_put_copy(out, "merged", merged, ss_doc_root(merged));
	ss_doc_end(out);
	code = ss_doc_finish(out, err);
	if (!code) {
		*ret = out;
		out = NULL;
	}
	return code;
}

int ss_diff_compare(const struct ss_doc *live, const struct ss_doc *merged, struct ss_doc **ret,
                    struct ss_err *err)
{
	struct ss_doc *a SS_AUTO_DOC = NULL;
	struct ss_doc *b SS_AUTO_DOC = NULL;
	struct ss_doc *changes SS_AUTO_DOC = ss_doc_new();
	struct compare c = {.out = changes};
	int code;

	if (!changes)
		return ss_err_nomem(err);
	if ((code = strip(live, &a, err)) || (code = strip(merged, &b, err)))
		return code;
	if (is_secret(merged) && (code = mask_both(&a, &b, err)))
		return code;
	c.a = a;
	c.b = b;
	ss_doc_begin_array(changes);
	compare_nodes(&c, live ? ss_doc_root(a) : SS_NO_NODE, ss_doc_root(b));
	ss_doc_end(changes);
	code = ss_buf_check(&c.path, "a field path", err);
	ss_buf_done(&c.path);
	if (!code)
		code = ss_doc_finish(changes, err);
	return code ? code : write_result(a, b, changes, c.n, ret, err);
}
