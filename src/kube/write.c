#include "kube/write.h"

#include <stdlib.h>
#include <string.h>

#include "base/edit.h"
#include "kube/path.h"

void ss_write_destroy(struct ss_op *op)
{
	struct ss_write *w = (struct ss_write *)op;

	ss_doc_free(w->copy);
	free(w->own_namespace);
	free(w->given_namespace);
	ss_buf_done(&w->body);
}

static int copy_string(char **to, const char *from, struct ss_err *err)
{
	if (!from || !*from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : ss_err_nomem(err);
}

/* "List", "PodList" … with items: kubectl would take it apart, and so do our callers. */
static bool is_list(const struct ss_doc *doc, ss_node object, const char *kind)
{
	size_t len = strlen(kind);

	return len >= 4 && !strcmp(kind + len - 4, "List") &&
	       ss_doc_type(doc, ss_doc_get(doc, object, "items")) == SS_ARRAY;
}

static int check_shape(const struct ss_doc *doc, ss_node object, bool needs_name,
                       struct ss_err *err)
{
	const char *kind = ss_doc_find_string(doc, object, "kind", NULL);
	const char *name = ss_doc_find_string(doc, object, "metadata", "name", NULL);
	const char *prefix = ss_doc_find_string(doc, object, "metadata", "generateName", NULL);

	if (ss_doc_type(doc, object) != SS_OBJECT)
		return ss_err_set(
		        err, SS_ERR_INVAL,
		        "this is no object: one with apiVersion, kind and metadata is wanted");
	if (!kind || !*kind)
		return ss_err_set(err, SS_ERR_INVAL, "kind: missing");
	if (is_list(doc, object, kind))
		return ss_err_set(err, SS_ERR_INVAL, "kind: a %s is written item by item", kind);
	if (!ss_doc_find_string(doc, object, "apiVersion", NULL))
		return ss_err_set(err, SS_ERR_INVAL, "apiVersion: missing");
	if (name && *name)
		return 0;
	if (needs_name)
		return ss_err_set(err, SS_ERR_INVAL, "metadata.name: missing%s",
		                  prefix ? " (generateName works with create, not with apply)"
		                         : "");
	return prefix && *prefix ? 0 : ss_err_set(err, SS_ERR_INVAL, "metadata.name: missing");
}

/* As kubectl: -n may fill in a namespace, never change it; of a cluster-scoped object neither counts. */
static int check_namespaces(const struct ss_write *w, struct ss_err *err)
{
	const char *own = w->own_namespace, *given = w->given_namespace;

	if (!w->op.kind->namespaced || !own || !given || !*given || !strcmp(own, given))
		return 0;
	return ss_err_set(
	        err, SS_ERR_INVAL,
	        "the namespace from the provided object \"%s\" does not match the namespace \"%s\"",
	        own, given);
}

static int fill(struct ss_write *w, const char *namespace_, bool needs_name, struct ss_err *err)
{
	const struct ss_doc *doc = w->doc;
	int code = check_shape(doc, w->node, needs_name, err);

	if (!code)
		code = copy_string(&w->own_namespace,
		                   ss_doc_find_string(doc, w->node, "metadata", "namespace", NULL),
		                   err);
	if (!code)
		code = ss_op_target(&w->op, ss_doc_find_string(doc, w->node, "kind", NULL),
		                    w->own_namespace ? w->own_namespace : namespace_,
		                    ss_doc_find_string(doc, w->node, "metadata", "name", NULL),
		                    err);
	if (!code)
		code = copy_string(&w->given_namespace, namespace_, err);
	return code ? code : ss_client_preflight(w->op.client, doc, w->node, err);
}

int ss_write_new(struct ss_client *client, const struct ss_op_class *class, size_t size,
                 const struct ss_doc *doc, ss_node object, const char *namespace_, bool needs_name,
                 const struct ss_call *call, ss_op_fn done, void *ud, struct ss_write **ret,
                 struct ss_err *err)
{
	struct ss_write *w = ss_op_new(client, class, size, call, done, ud, err);
	int code;

	if (!w)
		return err ? err->code : SS_ERR_NOMEM;
	w->doc = doc;
	w->node = object;
	code = fill(w, namespace_, needs_name, err);
	if (code)
		return ss_op_refuse(&w->op, code, err);
	*ret = w;
	return 0;
}

int ss_write_start(struct ss_write *w, struct ss_op **ret, struct ss_err *err)
{
	int code = ss_op_start(&w->op, ss_doc_find_string(w->doc, w->node, "apiVersion", NULL), ret,
	                       err);

	if (code)
		return code;
	if (!w->op.kind) {
		w->copy = ss_doc_dup(w->doc, w->node);
		if (!w->copy)
			return ss_op_refuse(&w->op, ss_err_nomem(err), err);
		w->node = ss_doc_root(w->copy);
	}
	w->doc = w->copy;
	return 0;
}

int ss_write_encode(struct ss_write *w, bool strip_managed_fields, struct ss_err *err)
{
	const struct ss_kind *kind = w->op.kind;
	struct ss_edits edits = {
	        .api_version = kind->api_version,
	        .mapping = ss_mapping_of(kind, w->op.api_version),
	        .kind = kind,
	        .namespace_ =
	                kind->namespaced && !w->own_namespace ? ss_op_namespace(&w->op) : NULL,
	        .strip_managed_fields = strip_managed_fields,
	        .strip_namespace = !kind->namespaced,
	};
	int code = check_namespaces(w, err);

	if (code)
		return code;
	if (strcmp(kind->kind, w->op.kind_text))
		return ss_err_set(err, SS_ERR_INVAL,
		                  "kind: write \"%s\" instead of \"%s\" in an object", kind->kind,
		                  w->op.kind_text);
	code = ss_mapping_check(edits.mapping, kind, w->doc, ss_doc_get(w->doc, w->node, "spec"),
	                        err);
	if (code)
		return code;
	ss_encode_object(w->doc, w->node, &edits, &w->body);
	return ss_buf_check(&w->body, "the object as JSON", err);
}

void ss_write_query(const struct ss_op *op, bool apply, bool dry_run, struct ss_buf *path)
{
	ss_path_query(path, "fieldManager", op->field_manager);
	/* As kubectl: a typo in a field name is an error, not a warning (K46). */
	ss_path_query(path, "fieldValidation", "Strict");
	if (apply)
		ss_path_query(path, "force", op->force ? "true" : "false");
	if (dry_run)
		ss_path_query(path, "dryRun", "All");
}
