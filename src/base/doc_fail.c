/* The failure that sticks to a document, and where writing stopped. */
#include <stdio.h>

#include "base/doc_priv.h"
#include "base/err.h"

void ss_doc_fail_why(struct ss_doc *doc, int code, const char *lit_why)
{
	if (doc->failed)
		return;
	doc->failed = code ? code : SS_ERR_INTERNAL;
	doc->why = lit_why;
}

void ss_doc_fail(struct ss_doc *doc, int code)
{
	ss_doc_fail_why(doc, code, NULL);
}

int ss_doc_failed(const struct ss_doc *doc)
{
	return doc->failed;
}

/* The last child of an open container: its key (or the element's index) leads
 * to the place where writing stopped. */
static void path_step(const struct ss_doc *doc, uint32_t at, char *out, size_t size)
{
	const struct node *box = &doc->nodes[at];
	uint32_t i = at + 1, last = i;
	bool object = box->type == SS_OBJECT;

	out[0] = 0;
	if (!box->v.c.count)
		return;
	if (!object) {
		snprintf(out, size, "[%u]", box->v.c.count - 1);
		return;
	}
	for (uint32_t k = 0; i < doc->n && k < box->v.c.count; k++) {
		last = i;
		/* The innermost child may be open itself: then it is the last one. */
		if (i + 1 >= doc->n || k + 1 == box->v.c.count)
			break;
		i += 1 + node_size(&doc->nodes[i + 1]);
	}
	if (last < doc->n)
		snprintf(out, size, "%.*s",
		         (int)(doc->nodes[last].len < 200 ? doc->nodes[last].len : 200),
		         doc->nodes[last].v.s);
}

/* The place where writing stopped, built from its end; outer steps that do not fit are left out. */
static const char *failed_path(const struct ss_doc *doc, char *buf, size_t size)
{
	char step[256];
	char *out = buf + size - 1;

	*out = 0;
	for (uint32_t at = doc->open; at != SS_NO_NODE; at = doc->nodes[at].v.c.size) {
		bool dot = *out && *out != '[';
		size_t len;

		path_step(doc, at, step, sizeof(step));
		len = strlen(step);
		if (!len)
			continue;
		if (len + dot > (size_t)(out - buf))
			break;
		if (dot)
			*--out = '.';
		out -= len;
		memcpy(out, step, len);
	}
	return out;
}

static int report(struct ss_doc *doc, struct ss_err *err)
{
	char buf[640];
	const char *path;

	if (doc->failed == SS_ERR_NOMEM && !doc->why)
		return ss_err_nomem(err);
	path = failed_path(doc, buf, sizeof(buf));
	if (doc->why)
		return ss_err_set(err, doc->failed, "%s%s%s", path, path[0] ? ": " : "", doc->why);
	return ss_err_set(err, doc->failed, "%s%swriting the value failed (%s)", path,
	                  path[0] ? ": " : "", ss_code_name(doc->failed));
}

int ss_doc_finish(struct ss_doc *doc, struct ss_err *err)
{
	if (!doc->failed && doc->open != SS_NO_NODE)
		ss_doc_fail_why(doc, SS_ERR_INTERNAL, "an object or array was left open");
	if (!doc->failed && !doc->n)
		ss_doc_fail_why(doc, SS_ERR_INTERNAL, "nothing was written");
	return doc->failed ? report(doc, err) : 0;
}
