#include <stdlib.h>
#include <string.h>

#include "base/edit.h"
#include "base/json.h"
#include "kube/change.h"
#include "kube/encode.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/status.h"
#include "kube/verbs.h"
#include "kube/write.h"

enum { MAX_TRIES = 3 };

struct patch_op {
	struct ss_op op;
	enum ss_patch_type type;
	struct ss_doc *patch;
	char *subresource;
	char *uid, *precondition; /* of the caller; NULL = none */
	char *version; /* resourceVersion to send: the precondition, or that of the dry run */
	char *version_before; /* to tell whether something changed */
	struct ss_doc
	        *before; /* guarded: the object that the patch changes; NULL = there is none */
	bool whole;      /* an apply of the whole object, not a patch of some fields */
	bool guarded;    /* the preflight looks at the result of a dry run first */
	unsigned tries;
};

static void destroy(struct ss_op *op)
{
	struct patch_op *p = (struct patch_op *)op;

	ss_doc_free(p->patch);
	ss_doc_free(p->before);
	free(p->subresource);
	free(p->uid);
	free(p->precondition);
	free(p->version);
	free(p->version_before);
}

static int replace(char **to, const char *from, struct ss_err *err)
{
	free(*to);
	*to = from && *from ? strdup(from) : NULL;
	return *to || !from || !*from ? 0 : ss_err_nomem(err);
}

/* --- the body -------------------------------------------------------------- */

static void encode_object(const struct patch_op *p, struct ss_buf *out)
{
	const struct ss_kind *kind = p->op.kind;
	ss_node root = ss_doc_root(p->patch);
	bool apply = p->type == SS_PATCH_APPLY;
	struct ss_edits edits = {
	        .mapping = ss_mapping_of(kind, p->op.api_version),
	        .kind = kind,
	        .uid = p->uid,
	        .resource_version = p->version,
	        .strip_managed_fields = apply,
	};

	if (apply || ss_doc_get(p->patch, root, "apiVersion") != SS_NO_NODE)
		edits.api_version = kind->api_version;
	if (apply) {
		edits.kind_name = kind->kind;
		edits.name = p->op.name;
		edits.namespace_ = ss_op_namespace(&p->op);
	}
	ss_encode_object(p->patch, root, &edits, out);
}

static void put_operation(struct ss_buf *out, const char *op, const char *path, const char *value)
{
	ss_buf_printf(out, "%s{\"op\":\"%s\",\"path\":\"%s\",\"value\":", out->len > 1 ? "," : "",
	              op, path);
	ss_json_quote(out, value, strlen(value));
	ss_buf_putc(out, '}');
}

/* Setting the resourceVersion, as the last word, makes the update conditional on it. */
static void encode_operations(const struct patch_op *p, struct ss_buf *out)
{
	const struct ss_kind *kind = p->op.kind;
	enum ss_mapping mapping = ss_mapping_of(kind, p->op.api_version);

	ss_buf_putc(out, '[');
	/* Not a "test": the server does not say which operation failed. */
	if (p->uid)
		put_operation(out, "add", "/metadata/uid", p->uid);
	for (struct ss_iter it = ss_iter(p->patch, ss_doc_root(p->patch)); ss_iter_next(&it);) {
		if (out->len > 1)
			ss_buf_putc(out, ',');
		ss_mapping_encode_operation(mapping, kind, p->patch, it.value, out);
	}
	if (p->version)
		put_operation(out, "add", "/metadata/resourceVersion", p->version);
	ss_buf_putc(out, ']');
}

static int check_body(const struct patch_op *p, struct ss_err *err)
{
	const struct ss_kind *kind = p->op.kind;
	enum ss_mapping mapping = ss_mapping_of(kind, p->op.api_version);
	ss_node root = ss_doc_root(p->patch);

	if (p->type == SS_PATCH_JSON)
		return ss_mapping_check_json_patch(mapping, kind, p->patch, root, err);
	return ss_mapping_check(mapping, kind, p->patch, ss_doc_get(p->patch, root, "spec"), err);
}

static int send_patch(struct patch_op *p, bool dry_run, ss_op_step_fn then, struct ss_err *err)
{
	static const char *const types[] = {
	        [SS_PATCH_MERGE] = "application/merge-patch+json",
	        [SS_PATCH_JSON] = "application/json-patch+json",
	        [SS_PATCH_APPLY] = "application/apply-patch+yaml",
	};
	struct ss_op *op = &p->op;
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_buf body SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {
	        .method = "PATCH", .path = &path, .content_type = types[p->type], .body = &body};

	ss_path_object(&path, op->kind, ss_op_namespace(op), op->name, p->subresource);
	ss_write_query(op, p->type == SS_PATCH_APPLY, dry_run, &path);
	if (p->type == SS_PATCH_JSON)
		encode_operations(p, &body);
	else
		encode_object(p, &body);
	return ss_op_send(op, &send, then, err);
}

/* --- the answer --------------------------------------------------------------- */

/* Another object under the name, or a JSON patch that does not fit, in words that help. */
static int explain(const struct patch_op *p, struct ss_err *err)
{
	if (p->uid && err->code == SS_ERR_INVAL && strstr(err->message, "metadata.uid"))
		return ss_err_set(err, SS_ERR_CONFLICT,
		                  "the object of this name is not the one with the uid %.64s",
		                  p->uid);
	if (p->type == SS_PATCH_JSON && err->status == 422 && !err->details)
		return ss_err_wrap(err, err->code,
		                   "an operation of the JSON patch does not fit the "
		                   "object (a test fails, or a path does not exist)");
	return err->code;
}

static int document(struct patch_op *p, struct ss_doc **ret, struct ss_err *err)
{
	int code = p->type == SS_PATCH_APPLY ? ss_op_object(&p->op, ret, err)
	                                     : ss_op_document(&p->op, ret, err);

	return code ? explain(p, err) : 0;
}

/* --- the steps --------------------------------------------------------------- */

static int begin_dance(struct patch_op *p, struct ss_err *err);

static enum ss_change change_of(const struct patch_op *p, const struct ss_doc *doc)
{
	const char *version =
	        ss_doc_find_string(doc, ss_doc_root(doc), "metadata", "resourceVersion", NULL);

	if (p->op.reply.status == 201)
		return SS_CREATED;
	return p->version_before && version && !strcmp(version, p->version_before) ? SS_UNCHANGED
	                                                                           : SS_CONFIGURED;
}

/* Somebody wrote between the dry run and the patch: what was checked is no longer what comes out. */
static bool overtaken(const struct patch_op *p, const struct ss_err *err)
{
	return p->guarded && !p->precondition && p->tries < MAX_TRIES &&
	       err->code == SS_ERR_CONFLICT && !err->details;
}

static int check_result(struct patch_op *p, const struct ss_doc *doc, struct ss_err *err)
{
	return ss_client_check_change(p->op.client, p->before, doc, p->whole, err);
}

static int patched(struct ss_op *op, struct ss_err *err)
{
	struct patch_op *p = (struct patch_op *)op;
	struct ss_doc *doc = NULL;
	int code = document(p, &doc, err);

	if (code && overtaken(p, err)) {
		ss_err_done(err);
		return begin_dance(p, err);
	}
	/* There was no object, and no version can ask for that: somebody made one since. */
	if (!code && p->guarded && !p->version && op->reply.status != 201)
		code = check_result(p, doc, err);
	if (code)
		ss_doc_free(doc);
	else
		ss_op_finish(op, doc, change_of(p, doc));
	return code;
}

static int rehearsed(struct ss_op *op, struct ss_err *err)
{
	struct patch_op *p = (struct patch_op *)op;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	bool same;
	int code = document(p, &doc, err);

	if (code && overtaken(p, err)) {
		ss_err_done(err);
		return begin_dance(p, err);
	}
	if (!code)
		code = check_result(p, doc, err);
	if (code)
		return code;
	if (op->dry_run) {
		struct ss_doc *result = doc;

		same = p->before &&
		       ss_change_same(p->before, ss_doc_root(p->before), doc, ss_doc_root(doc));
		doc = NULL;
		ss_op_finish(op, result,
		             same        ? SS_UNCHANGED
		             : p->before ? SS_CONFIGURED
		                         : SS_CREATED);
		return 0;
	}
	return send_patch(p, false, patched, err);
}

/* The object as it is now: what the change is measured by, and the version it is for. */
static int seen(struct patch_op *p, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	const char *version;
	int code = ss_op_document(&p->op, &doc, err);

	/* A patch of type apply makes the object, and not all of it has been checked. */
	if (code == SS_ERR_NOT_FOUND && p->type == SS_PATCH_APPLY && !ss_status_no_such_path(err)) {
		ss_err_done(err);
		return p->whole && !p->op.dry_run ? send_patch(p, false, patched, err)
		                                  : send_patch(p, true, rehearsed, err);
	}
	if (code)
		return code;
	version = ss_doc_find_string(doc, ss_doc_root(doc), "metadata", "resourceVersion", NULL);
	if ((code = p->precondition ? 0 : replace(&p->version, version, err)) ||
	    (code = replace(&p->version_before, version, err)))
		return code;
	p->before = doc;
	doc = NULL;
	return send_patch(p, true, rehearsed, err);
}

static int seen_by_patch(struct ss_op *op, struct ss_err *err)
{
	return seen((struct patch_op *)op, err);
}

/* Who may patch but not read is shown the object by a patch of nothing. */
static int seen_by_get(struct ss_op *op, struct ss_err *err)
{
	struct patch_op *p = (struct patch_op *)op;
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_buf body SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {.method = "PATCH",
	                       .path = &path,
	                       .content_type = "application/merge-patch+json",
	                       .body = &body};

	if (op->reply.status != 403)
		return seen(p, err);
	ss_buf_puts(&body, "{}");
	ss_path_object(&path, op->kind, ss_op_namespace(op), op->name, NULL);
	ss_write_query(op, false, true, &path);
	return ss_op_send(op, &send, seen_by_patch, err);
}

static int look(struct patch_op *p, ss_op_step_fn then, struct ss_err *err)
{
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	ss_path_object(&path, p->op.kind, ss_op_namespace(&p->op), p->op.name, NULL);
	return ss_op_send(&p->op, &(struct ss_send){.method = "GET", .path = &path}, then, err);
}

static int begin_dance(struct patch_op *p, struct ss_err *err)
{
	int code = replace(&p->version, p->precondition, err);

	ss_doc_free(p->before);
	p->before = NULL;
	p->tries++;
	return code ? code : look(p, seen_by_get, err);
}

static int looked(struct ss_op *op, struct ss_err *err)
{
	struct patch_op *p = (struct patch_op *)op;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	int code = ss_op_document(op, &doc, err);

	if (!code)
		code = replace(&p->version_before,
		               ss_doc_find_string(doc, ss_doc_root(doc), "metadata",
		                                  "resourceVersion", NULL),
		               err);
	else if (code == SS_ERR_FORBIDDEN ||
	         (code == SS_ERR_NOT_FOUND && p->type == SS_PATCH_APPLY))
		code = 0;
	if (code)
		return code;
	ss_err_done(err);
	return send_patch(p, op->dry_run, patched, err);
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct patch_op *p = (struct patch_op *)op;
	const struct ss_preflight *guard = &op->client->preflight;
	int code = check_body(p, err);

	if (code)
		return code;
	p->guarded = p->whole || !guard->touches ||
	             guard->touches(guard->ud, op->kind->api_version, op->kind->kind, p->patch,
	                            ss_doc_root(p->patch));
	if (p->guarded)
		return begin_dance(p, err);
	return op->want_change ? look(p, looked, err) : send_patch(p, op->dry_run, patched, err);
}

static int fill(struct patch_op *p, const struct ss_ref *ref, const struct ss_doc *patch,
                ss_node node, const char *subresource, struct ss_err *err)
{
	enum ss_type wanted = p->type == SS_PATCH_JSON ? SS_ARRAY : SS_OBJECT;
	int code;

	if (!p->op.client->preflight.check)
		return ss_client_preflight(p->op.client, patch, node, err);
	if ((code = ss_op_target(&p->op, ref->kind, ref->namespace_, ref->name, err)))
		return code;
	if (!p->op.name)
		return ss_err_set(err, SS_ERR_INVAL, "name: missing");
	if (ss_doc_type(patch, node) != wanted)
		return ss_err_set(err, SS_ERR_INVAL, "the patch must be %s",
		                  wanted == SS_ARRAY ? "a list of operations (type json)"
		                                     : "an object");
	if (subresource && (code = ss_path_check("subresource", subresource, err)))
		return code;
	if ((code = replace(&p->subresource, subresource, err)) ||
	    (code = replace(&p->uid, ref->uid, err)) ||
	    (code = replace(&p->precondition, ref->resource_version, err)) ||
	    (code = replace(&p->version, ref->resource_version, err)))
		return code;
	p->patch = ss_doc_dup(patch, node);
	return p->patch ? 0 : ss_err_nomem(err);
}

static int start(struct patch_op *p, const struct ss_ref *ref, const struct ss_doc *patch,
                 ss_node node, const char *subresource, struct ss_op **ret, struct ss_err *err)
{
	int code = fill(p, ref, patch, node, subresource, err);

	return code ? ss_op_refuse(&p->op, code, err)
	            : ss_op_start(&p->op, ref->api_version, ret, err);
}

int ss_kube_patch(struct ss_client *client, const struct ss_ref *ref, enum ss_patch_type type,
                  const struct ss_doc *patch, ss_node node, const char *subresource,
                  const struct ss_call *call, ss_op_fn done, void *ud, struct ss_op **ret,
                  struct ss_err *err)
{
	static const struct ss_op_class class = {
	        .name = "patch", .run = run, .destroy = destroy, .reruns = true};
	struct patch_op *p = ss_op_new(client, &class, sizeof(*p), call, done, ud, err);

	if (!p)
		return err ? err->code : SS_ERR_NOMEM;
	p->type = type;
	return start(p, ref, patch, node, subresource, ret, err);
}

int ss_write_rehearsed(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                       const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                       struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "apply", .run = run, .destroy = destroy};
	const char *own = ss_doc_find_string(doc, object, "metadata", "namespace", NULL);
	const struct ss_ref ref = {
	        .api_version = ss_doc_find_string(doc, object, "apiVersion", NULL),
	        .kind = ss_doc_find_string(doc, object, "kind", NULL),
	        .namespace_ = own ? own : namespace_,
	        .name = ss_doc_find_string(doc, object, "metadata", "name", NULL),
	};
	struct patch_op *p = ss_op_new(client, &class, sizeof(*p), call, done, ud, err);

	if (!p)
		return err ? err->code : SS_ERR_NOMEM;
	p->type = SS_PATCH_APPLY;
	p->whole = true;
	return start(p, &ref, doc, object, NULL, ret, err);
}
