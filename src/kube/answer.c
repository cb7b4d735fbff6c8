/* Is the answer what was asked for? A login page's JSON, another kind, another object under the name:
 * a script must not act on what stands between it and the server. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "kube/answer.h"
#include "kube/op.h"

enum { SHOWN_BYTES = 80 };

static int refuse(const struct ss_op *op, const char *is, const char *of, struct ss_err *err)
{
	return ss_err_set(err, SS_ERR_UNAVAILABLE, "%s answered %s %s with %s%s",
	                  ss_client_server(op->client), op->method, op->path, is, of);
}

static int no_object(const struct ss_op *op, const struct ss_doc *doc, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	ss_json_encode(doc, ss_doc_root(doc), &text);
	if (text.len > SHOWN_BYTES)
		memcpy(text.data + SHOWN_BYTES - 3, "...", 4);
	return refuse(op, text.data ? text.data : "nothing",
	              ", which is no Kubernetes object: is it a Kubernetes API server?", err);
}

static int another(const struct ss_op *op, const char *what, const char *is, const char *wanted,
                   struct ss_err *err)
{
	char text[300];

	snprintf(text, sizeof(text), "the %s \"%.100s\", not \"%.100s\"", what, is ? is : "",
	         wanted);
	return refuse(op, text, "", err);
}

static bool is_list_of(const char *kind, const char *wanted)
{
	size_t len = strlen(wanted);

	/* The second is what is asked for where metadata is enough (K34). */
	return !strcmp(kind, "List") || !strcmp(kind, "PartialObjectMetadataList") ||
	       (!strncmp(kind, wanted, len) && !strcmp(kind + len, "List"));
}

/* …/NAME/scale answers with another kind. */
static bool is_subresource(const struct ss_op *op)
{
	const char *end = strchrnul(op->path, '?'),
	           *last = memrchr(op->path, '/', (size_t)(end - op->path));
	size_t len = op->name ? strlen(op->name) : 0;

	return op->name && last &&
	       ((size_t)(end - last - 1) != len || memcmp(last + 1, op->name, len));
}

static int check_list(const struct ss_op *op, const struct ss_doc *doc, const char *kind,
                      struct ss_err *err)
{
	enum ss_type items = ss_doc_type(doc, ss_doc_get(doc, ss_doc_root(doc), "items"));

	/* Go writes an empty list as null. */
	if (items != SS_ARRAY && items != SS_NULL)
		return no_object(op, doc, err);
	/* A definition names its list as it likes. */
	if (!kind || op->kind->group[0] || is_list_of(kind, op->kind->kind))
		return 0;
	return another(op, "kind", kind, op->kind->kind, err);
}

static bool differs(const char *is, const char *wanted)
{
	return is && wanted && strcmp(is, wanted) != 0;
}

static int check_object(const struct ss_op *op, const struct ss_doc *doc, const char *kind,
                        struct ss_err *err)
{
	ss_node meta = ss_doc_get(doc, ss_doc_root(doc), "metadata");
	const char *name = ss_doc_find_string(doc, meta, "name", NULL);
	const char *namespace_ = ss_doc_find_string(doc, meta, "namespace", NULL);

	if (ss_doc_type(doc, meta) != SS_OBJECT)
		return no_object(op, doc, err);
	if (differs(kind, op->kind->kind))
		return another(op, "kind", kind, op->kind->kind, err);
	if (differs(name, op->name))
		return another(op, "name", name, op->name, err);
	if (differs(namespace_, ss_op_namespace(op)))
		return another(op, "namespace", namespace_, ss_op_namespace(op), err);
	return 0;
}

int ss_answer_check(const struct ss_op *op, const struct ss_doc *doc, struct ss_err *err)
{
	const char *kind = ss_doc_find_string(doc, ss_doc_root(doc), "kind", NULL);

	if (ss_doc_type(doc, ss_doc_root(doc)) != SS_OBJECT)
		return no_object(op, doc, err);
	/* /version is of no kind; a delete answers with a Status, or with the last of the object. */
	if (!op->kind || !strcmp(op->method, "DELETE") || is_subresource(op))
		return 0;
	if (!strcmp(op->method, "GET") && !op->name)
		return check_list(op, doc, kind, err);
	return check_object(op, doc, kind, err);
}

static bool is(const struct ss_json_find *found, const char *wanted)
{
	return found->text && wanted && found->len == strlen(wanted) &&
	       !memcmp(found->text, wanted, found->len);
}

bool ss_answer_scan(struct ss_op *op, const char *const cut[2])
{
	struct ss_json_find finds[] = {
	        {.key = "kind"},
	        {.parent = "metadata", .key = "name"},
	        {.parent = "metadata", .key = "namespace"},
	};
	const char *namespace_ = ss_op_namespace(op);
	struct ss_reply *r = &op->reply;

	return ss_json_scan(r->body.data, r->body.len, cut, finds, SS_ARRAY_LEN(finds), &r->cut_at,
	                    &r->cut_len) &&
	       is(&finds[0], op->kind->kind) && is(&finds[1], op->name) &&
	       (!namespace_ || is(&finds[2], namespace_));
}
