#include <stdio.h>

#include "sandbox/guard_priv.h"
#include "sandbox/quantity.h"

static const char *type_name(enum ss_type type)
{
	static const char *const names[] = {
	        [SS_NONE] = "absent",    [SS_NULL] = "null",        [SS_BOOL] = "a boolean",
	        [SS_INT] = "an integer", [SS_REAL] = "a number",    [SS_STRING] = "a string",
	        [SS_ARRAY] = "a list",   [SS_OBJECT] = "an object", [SS_DIGITS] = "a number",
	};

	return names[type];
}

static void malformed(struct guard_run *run, const struct at *at, enum ss_type want)
{
	enum ss_type is = ss_doc_type(run->doc, at->node);

	guard_refuse(run, R_MALFORMED, at, NULL, "correct the type, or leave the field out",
	             "must be %s, is %s", type_name(want), type_name(is));
}

/* A text with a NUL byte in it is none: no rule may take it for what stands before the NUL. */
static bool is_of(const struct ss_doc *doc, ss_node node, enum ss_type type)
{
	return ss_doc_type(doc, node) == type &&
	       (type != SS_STRING || ss_doc_get_string(doc, node, NULL));
}

static struct at member(const struct guard_run *run, const struct at *up, const char *key)
{
	struct at at = {.up = up, .key = key, .node = SS_NO_NODE};

	if (up->node == SS_NO_NODE)
		return at;
	at.node = ss_doc_get(run->doc, up->node, key);
	if (ss_doc_type(run->doc, at.node) == SS_NULL)
		at.node = SS_NO_NODE;
	return at;
}

struct at guard_get(struct guard_run *run, const struct at *up, const char *key, enum ss_type type)
{
	struct at at = member(run, up, key);

	if (at.node != SS_NO_NODE && !is_of(run->doc, at.node, type)) {
		malformed(run, &at, type);
		at.node = SS_NO_NODE;
	}
	return at;
}

bool guard_next(struct guard_run *run, const struct at *list, struct ss_iter *it, enum ss_type type,
                struct at *ret)
{
	enum ss_type is;

	if (!ss_iter_next(it))
		return false;
	*ret = (struct at){.up = list, .index = it->index, .node = it->value};
	is = ss_doc_type(run->doc, it->value);
	if (is_of(run->doc, it->value, type))
		return true;
	if (is != SS_NULL)
		malformed(run, ret, type);
	ret->node = SS_NO_NODE;
	return true;
}

enum tri guard_bool(struct guard_run *run, const struct at *up, const char *key)
{
	struct at at = member(run, up, key);

	if (at.node == SS_NO_NODE)
		return ABSENT;
	if (ss_doc_type(run->doc, at.node) != SS_BOOL) {
		malformed(run, &at, SS_BOOL);
		return BAD;
	}
	return ss_doc_get_bool(run->doc, at.node, false) ? YES : NO;
}

const char *guard_string(struct guard_run *run, const struct at *up, const char *key)
{
	struct at at = member(run, up, key);
	const char *s = ss_doc_get_string(run->doc, at.node, NULL);

	if (at.node == SS_NO_NODE)
		return "";
	if (!s)
		malformed(run, &at, SS_STRING);
	return s;
}

int64_t guard_int(struct guard_run *run, const struct at *up, const char *key, bool *ret_given)
{
	/* A real is no integer here even if it has no fraction: the server may take it for one. */
	struct at at = guard_get(run, up, key, SS_INT);

	if (ret_given)
		*ret_given = at.node != SS_NO_NODE;
	return ss_doc_get_int(run->doc, at.node, 0);
}

const char *guard_quantity(struct guard_run *run, const struct at *up, const char *key, char *buf,
                           size_t size)
{
	struct at at = member(run, up, key);
	size_t len;
	const char *s = ss_doc_get_string(run->doc, at.node, &len);

	if (at.node == SS_NO_NODE)
		return NULL;
	if (ss_doc_type(run->doc, at.node) == SS_INT) {
		snprintf(buf, size, "%lld", (long long)ss_doc_get_int(run->doc, at.node, 0));
		return buf;
	}
	if (s && ss_quantity_is_valid(s, len))
		return s;
	guard_refuse(run, R_MALFORMED, &at, NULL, "write a quantity, such as \"500m\" or \"4Gi\"",
	             "must be a quantity");
	return NULL;
}
