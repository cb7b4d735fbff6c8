#include <stdlib.h>
#include <string.h>

#include "kube/change.h"
#include "kube/path.h"
#include "kube/verbs.h"
#include "kube/write.h"

struct apply_op {
	struct ss_write write;
	char *version_before;  /* resourceVersion, when the caller's object or a GET told it */
	struct ss_doc *before; /* for a dry run, whose result keeps the old resourceVersion */
};

static void destroy(struct ss_op *op)
{
	struct apply_op *a = (struct apply_op *)op;

	free(a->version_before);
	ss_doc_free(a->before);
	ss_write_destroy(op);
}

/* Content decides where it is known: the server may write only managedFields, a controller
 * may write the status meanwhile, and a dry run keeps the resourceVersion. */
static enum ss_change change_of(const struct apply_op *a, int status, const struct ss_doc *doc)
{
	const char *version =
	        ss_doc_find_string(doc, ss_doc_root(doc), "metadata", "resourceVersion", NULL);

	if (status == 201)
		return SS_CREATED;
	if (a->before && ss_change_same(a->before, ss_doc_root(a->before), doc, ss_doc_root(doc)))
		return SS_UNCHANGED;
	if (a->version_before && version && !strcmp(a->version_before, version))
		return SS_UNCHANGED;
	return SS_CONFIGURED;
}

/* What others had set stays in an object that existed, and was not in what the guard saw. */
static int check_merged(struct ss_op *op, const struct ss_doc *doc, struct ss_err *err)
{
	int code = ss_client_check_change(op->client, NULL, doc, true, err);

	if (code == SS_ERR_POLICY)
		ss_err_wrap(err, code,
		            op->dry_run ? "with what others set in it"
		                        : "written, but with what others set in it");
	return code;
}

static int applied(struct ss_op *op, struct ss_err *err)
{
	struct apply_op *a = (struct apply_op *)op;
	bool merged = op->reply.status != 201 && ss_client_covers(op->client, op->kind);
	struct ss_doc *doc = NULL;
	int code;

	if (!merged && op->want_text && ss_op_is_text(op)) {
		ss_op_finish_text(op, op->reply.status == 201 ? SS_CREATED : SS_CONFIGURED);
		return 0;
	}
	code = ss_op_object(op, &doc, err);
	if (!code && merged)
		code = check_merged(op, doc, err);
	if (code)
		ss_doc_free(doc);
	else
		ss_op_finish(op, doc, change_of(a, op->reply.status, doc));
	return code;
}

static int send_apply(struct apply_op *a, struct ss_err *err)
{
	struct ss_op *op = &a->write.op;
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {
	        .method = "PATCH",
	        .path = &path,
	        .content_type =
	                "application/apply-patch+yaml", /* JSON is YAML; +json is refused (K43) */
	        .body = &a->write.body,
	};
	int code;

	ss_path_object(&path, op->kind, ss_op_namespace(op), op->name, NULL);
	ss_write_query(op, true, op->dry_run, &path);
	code = ss_op_send(op, &send, applied, err);
	ss_buf_done(&a->write.body); /* the request has its own copy, for as long as it takes */
	return code;
}

static int looked(struct ss_op *op, struct ss_err *err)
{
	struct apply_op *a = (struct apply_op *)op;
	int code = ss_op_document(op, &a->before, err);

	/* Someone who may write but not read still gets the write, only not the exact word for it. */
	if (code && code != SS_ERR_NOT_FOUND && code != SS_ERR_FORBIDDEN)
		return code;
	ss_err_done(err);
	return send_apply(a, err);
}

static int look(struct apply_op *a, struct ss_err *err)
{
	struct ss_op *op = &a->write.op;
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	ss_path_object(&path, op->kind, ss_op_namespace(op), op->name, NULL);
	return ss_op_send(op, &(struct ss_send){.method = "GET", .path = &path}, looked, err);
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct apply_op *a = (struct apply_op *)op;
	const char *version = ss_doc_find_string(a->write.doc, a->write.node, "metadata",
	                                         "resourceVersion", NULL);
	int code = ss_write_encode(&a->write, true, err);

	if (code)
		return code;
	if (version && *version && !op->dry_run) {
		a->version_before = strdup(version);
		return a->version_before ? send_apply(a, err) : ss_err_nomem(err);
	}
	return op->want_change ? look(a, err) : send_apply(a, err);
}

int ss_kube_apply(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                  const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                  struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "apply", .run = run, .destroy = destroy};
	const struct ss_preflight *guard = &client->preflight;
	struct ss_write *w = NULL;
	int code = ss_write_new(client, &class, sizeof(struct apply_op), doc, object, namespace_,
	                        true, call, done, ud, &w, err);

	if (code)
		return code;
	if (guard->merges && guard->merges(guard->ud, doc, object)) {
		ss_op_cancel(&w->op);
		return ss_write_rehearsed(client, doc, object, namespace_, call, done, ud, ret,
		                          err);
	}
	return ss_write_start(w, ret, err);
}
