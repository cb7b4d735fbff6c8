/* RFC 6902 JSON patch. Each operation writes the next version of the document
 * into one of two that take turns. */
#include "base/edit.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"

enum { MAX_OPERATIONS = 10000 }; /* as kube-apiserver */

/* A JSON pointer (RFC 6901), split and unescaped. */
struct pointer {
	const char *text;
	char *copy; /* owned; the tokens point into it */
	const char *tokens[SS_DOC_MAX_DEPTH];
	size_t n;
};

enum kind { KIND_ADD, KIND_REMOVE, KIND_REPLACE, KIND_MOVE, KIND_COPY, KIND_TEST };

static const char *const kind_names[] = {"add", "remove", "replace", "move", "copy", "test"};

struct operation {
	size_t index;
	enum kind kind;
	struct pointer path, from;
	const struct ss_doc *value_doc;
	ss_node value;
};

static void operation_done(struct operation *op)
{
	free(op->path.copy);
	free(op->from.copy);
}

static SS_PRINTF(3, 4) int refuse(const struct operation *op, struct ss_err *err, const char *fmt,
                                  ...)
{
	char why[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return ss_err_set(err, SS_ERR_INVAL, "operation %zu (%s %.300s): %s", op->index,
	                  kind_names[op->kind], op->path.text ? op->path.text : "", why);
}

/* --- reading an operation ------------------------------------------------ */

/* ~1 is '/', ~0 is '~'; in place. */
static bool unescape(char *token)
{
	char *to = token;

	for (const char *s = token; *s; s++) {
		if (*s != '~') {
			*to++ = *s;
			continue;
		}
		s++;
		if (*s != '0' && *s != '1')
			return false;
		*to++ = *s == '0' ? '~' : '/';
	}
	*to = 0;
	return true;
}

static int parse_pointer(const struct operation *op, const char *text, struct pointer *p,
                         struct ss_err *err)
{
	char *at;

	p->text = text;
	if (*text && *text != '/')
		return refuse(op, err, "a path is empty or starts with '/'");
	p->copy = strdup(text);
	if (!p->copy)
		return ss_err_nomem(err);
	for (at = p->copy; *at;) {
		char *end;

		*at++ = 0;
		if (p->n == SS_ARRAY_LEN(p->tokens))
			return refuse(op, err, "a path has at most %d steps", SS_DOC_MAX_DEPTH);
		p->tokens[p->n++] = at;
		end = strchrnul(at, '/');
		at = end;
	}
	for (size_t i = 0; i < p->n; i++) {
		if (!unescape((char *)p->tokens[i]))
			return refuse(op, err, "'~' stands for nothing unless 0 or 1 follows");
	}
	return 0;
}

static int member_pointer(const struct operation *op, const struct ss_doc *patch, ss_node node,
                          const char *name, struct pointer *p, struct ss_err *err)
{
	size_t len;
	const char *text = ss_doc_get_string(patch, ss_doc_get(patch, node, name), &len);

	if (!text)
		return refuse(op, err, "\"%s\" must be a string", name);
	return parse_pointer(op, text, p, err);
}

static bool find_kind(const char *name, enum kind *ret)
{
	for (size_t i = 0; name && i < SS_ARRAY_LEN(kind_names); i++) {
		if (strcmp(name, kind_names[i]) == 0) {
			*ret = (enum kind)i;
			return true;
		}
	}
	return false;
}

static int read_operation(const struct ss_doc *patch, ss_node node, struct operation *op,
                          struct ss_err *err)
{
	int r;

	if (ss_doc_type(patch, node) != SS_OBJECT)
		return ss_err_set(err, SS_ERR_INVAL, "operation %zu: not an object", op->index);
	if (!find_kind(ss_doc_find_string(patch, node, "op", NULL), &op->kind))
		return ss_err_set(
		        err, SS_ERR_INVAL,
		        "operation %zu: \"op\" must be add, remove, replace, move, copy or test",
		        op->index);
	r = member_pointer(op, patch, node, "path", &op->path, err);
	if (!r && (op->kind == KIND_MOVE || op->kind == KIND_COPY))
		r = member_pointer(op, patch, node, "from", &op->from, err);
	if (r)
		return r;
	op->value_doc = patch;
	op->value = ss_doc_get(patch, node, "value");
	if (op->value == SS_NO_NODE &&
	    (op->kind == KIND_ADD || op->kind == KIND_REPLACE || op->kind == KIND_TEST))
		return refuse(op, err, "\"value\" is missing");
	return 0;
}

/* --- applying it --------------------------------------------------------- */

/* An array index without sign or leading zero; "-" is the end. SIZE_MAX otherwise. */
static size_t parse_index(const char *token, size_t count)
{
	size_t value = 0;

	if (strcmp(token, "-") == 0)
		return count;
	if (!*token || (token[0] == '0' && token[1]))
		return SIZE_MAX;
	for (; *token; token++) {
		if (*token < '0' || *token > '9' || value > SS_DOC_MAX_NODES)
			return SIZE_MAX;
		value = value * 10 + (size_t)(*token - '0');
	}
	return value;
}

static ss_node step(const struct ss_doc *doc, ss_node node, const char *token)
{
	if (ss_doc_type(doc, node) == SS_ARRAY)
		return ss_doc_at(doc, node, parse_index(token, ss_doc_count(doc, node)));
	return ss_doc_get(doc, node, token);
}

static ss_node resolve(const struct ss_doc *doc, const struct pointer *p, size_t n)
{
	ss_node node = ss_doc_root(doc);

	for (size_t i = 0; i < n; i++)
		node = step(doc, node, p->tokens[i]);
	return node;
}

static void rewrite(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                    const struct operation *op, enum kind kind, const struct pointer *p,
                    size_t level);

static void rewrite_object(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                           const struct operation *op, enum kind kind, const struct pointer *p,
                           size_t level)
{
	const char *token = p->tokens[level];
	bool last = level + 1 == p->n, found = false;

	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(src, node); ss_iter_next(&it);) {
		bool here = strcmp(it.key, token) == 0;

		found |= here;
		if (here && last && kind == KIND_REMOVE)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		if (here)
			rewrite(out, src, it.value, op, kind, p, level + 1);
		else
			ss_doc_copy(out, src, it.value);
	}
	if (!found && last) {
		ss_doc_key(out, token, strlen(token));
		ss_doc_copy(out, op->value_doc, op->value);
	}
	ss_doc_end(out);
}

static void rewrite_array(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                          const struct operation *op, enum kind kind, const struct pointer *p,
                          size_t level)
{
	size_t count = ss_doc_count(src, node), index = parse_index(p->tokens[level], count);
	bool last = level + 1 == p->n;

	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(src, node); ss_iter_next(&it);) {
		if (it.index != index) {
			ss_doc_copy(out, src, it.value);
			continue;
		}
		if (last && kind == KIND_REMOVE)
			continue;
		rewrite(out, src, it.value, op, kind, p, level + 1);
		if (last && kind == KIND_ADD)
			ss_doc_copy(out, src, it.value);
	}
	if (last && index == count)
		ss_doc_copy(out, op->value_doc, op->value);
	ss_doc_end(out);
}

/* A copy of src/node in which the place p points at is changed; the place has
 * been looked up before. */
static void rewrite(struct ss_doc *out, const struct ss_doc *src, ss_node node,
                    const struct operation *op, enum kind kind, const struct pointer *p,
                    size_t level)
{
	if (level == p->n)
		ss_doc_copy(out, op->value_doc, op->value);
	else if (ss_doc_type(src, node) == SS_ARRAY)
		rewrite_array(out, src, node, op, kind, p, level);
	else
		rewrite_object(out, src, node, op, kind, p, level);
}

static int check_add(const struct ss_doc *doc, const struct operation *op, struct ss_err *err)
{
	const struct pointer *p = &op->path;
	ss_node parent;

	if (!p->n)
		return 0;
	parent = resolve(doc, p, p->n - 1);
	switch (ss_doc_type(doc, parent)) {
	case SS_OBJECT:
		return 0;
	case SS_ARRAY:
		if (parse_index(p->tokens[p->n - 1], ss_doc_count(doc, parent)) >
		    ss_doc_count(doc, parent))
			return refuse(op, err, "no index from 0 to %zu or \"-\"",
			              ss_doc_count(doc, parent));
		return 0;
	default:
		return refuse(op, err, "the parent is no object or array");
	}
}

static int check_there(const struct ss_doc *doc, const struct operation *op,
                       const struct pointer *p, struct ss_err *err)
{
	if (resolve(doc, p, p->n) == SS_NO_NODE)
		return refuse(op, err, "%.200s is not there", p->text);
	return 0;
}

/* Write the next version of doc to out. */
static int change(const struct ss_doc *doc, struct ss_doc *out, const struct operation *op,
                  enum kind kind, const struct pointer *p, struct ss_err *err)
{
	int r = kind == KIND_ADD ? check_add(doc, op, err) : check_there(doc, op, p, err);

	if (r)
		return r;
	if (kind == KIND_REMOVE && !p->n)
		return refuse(op, err, "the whole document cannot be removed");
	ss_doc_reset(out);
	rewrite(out, doc, ss_doc_root(doc), op, kind, p, 0);
	r = ss_doc_finish(out, err);
	return r ? ss_err_wrap(err, r, "operation %zu", op->index) : 0;
}

/* Removing first, as the RFC says: it may shift the indices that path means. */
static int move(struct ss_doc *docs[2], struct operation *op, struct ss_err *err)
{
	SS_AUTO_DOC struct ss_doc *value = NULL;
	ss_node from = resolve(docs[0], &op->from, op->from.n);
	size_t n = op->from.n;
	struct ss_doc *spare;
	int r;

	if (from == SS_NO_NODE)
		return check_there(docs[0], op, &op->from, err);
	if (n <= op->path.n) {
		size_t same = 0;

		while (same < n && strcmp(op->from.tokens[same], op->path.tokens[same]) == 0)
			same++;
		if (same == n && n == op->path.n)
			return 1; /* onto itself: nothing changes */
		if (same == n)
			return refuse(op, err, "a value cannot be moved into itself");
	}
	value = ss_doc_dup(docs[0], from);
	if (!value)
		return ss_err_nomem(err);
	r = change(docs[0], docs[1], op, KIND_REMOVE, &op->from, err);
	if (r)
		return r;
	spare = docs[0];
	docs[0] = docs[1];
	docs[1] = spare;
	op->value_doc = value;
	op->value = ss_doc_root(value);
	return change(docs[0], docs[1], op, KIND_ADD, &op->path, err);
}

/* 0 when docs[1] holds the next version, 1 when docs[0] stays, else an error. */
static int apply(struct ss_doc *docs[2], struct operation *op, struct ss_err *err)
{
	int r;

	switch (op->kind) {
	case KIND_TEST:
		r = check_there(docs[0], op, &op->path, err);
		if (r)
			return r;
		if (!ss_doc_equal(docs[0], resolve(docs[0], &op->path, op->path.n), op->value_doc,
		                  op->value))
			return refuse(op, err, "the value there is another one");
		return 1;
	case KIND_MOVE:
		return move(docs, op, err);
	case KIND_COPY:
		r = check_there(docs[0], op, &op->from, err);
		if (r)
			return r;
		op->value_doc = docs[0];
		op->value = resolve(docs[0], &op->from, op->from.n);
		return change(docs[0], docs[1], op, KIND_ADD, &op->path, err);
	default:
		return change(docs[0], docs[1], op, op->kind, &op->path, err);
	}
}

static int apply_all(struct ss_doc *docs[2], const struct ss_doc *patch, ss_node patch_node,
                     struct ss_err *err)
{
	for (struct ss_iter it = ss_iter(patch, patch_node); ss_iter_next(&it);) {
		struct operation op = {.index = it.index};
		int r = read_operation(patch, it.value, &op, err);

		if (!r)
			r = apply(docs, &op, err);
		operation_done(&op);
		if (r < 0)
			return r;
		if (r == 0) {
			struct ss_doc *spare = docs[0];

			docs[0] = docs[1];
			docs[1] = spare;
		}
	}
	return 0;
}

int ss_edit_json_patch(const struct ss_doc *target, ss_node target_node, const struct ss_doc *patch,
                       ss_node patch_node, struct ss_doc **ret, struct ss_err *err)
{
	struct ss_doc *docs[2];
	int r;

	*ret = NULL;
	if (ss_doc_type(patch, patch_node) != SS_ARRAY)
		return ss_err_set(err, SS_ERR_INVAL, "a JSON patch is an array of operations");
	if (ss_doc_count(patch, patch_node) > MAX_OPERATIONS)
		return ss_err_set(err, SS_ERR_LIMIT, "a JSON patch has at most %d operations",
		                  MAX_OPERATIONS);
	docs[0] = ss_doc_dup(target, target_node);
	docs[1] = ss_doc_new();
	r = docs[0] && docs[1] ? apply_all(docs, patch, patch_node, err) : ss_err_nomem(err);
	if (!r) {
		*ret = docs[0];
		docs[0] = NULL;
	}
	ss_doc_free(docs[0]);
	ss_doc_free(docs[1]);
	return r;
}
