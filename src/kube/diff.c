#include <stdlib.h>
#include <string.h>

#include "kube/diff_compare.h"
#include "kube/path.h"
#include "kube/status.h"
#include "kube/verbs.h"
#include "kube/write.h"

struct diff_op {
	struct ss_write write;
	struct ss_doc *live; /* NULL = it does not exist */
};

static void destroy(struct ss_op *op)
{
	ss_doc_free(((struct diff_op *)op)->live);
	ss_write_destroy(op);
}

static int rehearsed(struct ss_op *op, struct ss_err *err)
{
	struct diff_op *d = (struct diff_op *)op;
	struct ss_doc *merged SS_AUTO_DOC = NULL;
	struct ss_doc *result = NULL;
	int code = ss_op_document(op, &merged, err);

	if (!code)
		code = ss_diff_compare(d->live, merged, &result, err);
	if (!code)
		ss_op_finish(op, result, SS_UNCHANGED);
	return code;
}

/* What force would take over is part of what applying would change, not a reason to say nothing. */
static int rehearse(struct diff_op *d, struct ss_err *err)
{
	struct ss_op *op = &d->write.op;
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {
	        .method = "PATCH",
	        .path = &path,
	        .content_type = "application/apply-patch+yaml",
	        .body = &d->write.body,
	};

	ss_path_object(&path, op->kind, ss_op_namespace(op), op->name, NULL);
	ss_write_query(op, true, true, &path);
	return ss_op_send(op, &send, rehearsed, err);
}

static int looked(struct ss_op *op, struct ss_err *err)
{
	struct diff_op *d = (struct diff_op *)op;
	int code = ss_op_document(op, &d->live, err);

	if (code && (code != SS_ERR_NOT_FOUND || ss_status_no_such_path(err)))
		return code;
	ss_err_done(err);
	return rehearse(d, err);
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct diff_op *d = (struct diff_op *)op;
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	int code = ss_write_encode(&d->write, true, err);

	if (code)
		return code;
	ss_path_object(&path, op->kind, ss_op_namespace(op), op->name, NULL);
	return ss_op_send(op, &(struct ss_send){.method = "GET", .path = &path}, looked, err);
}

int ss_kube_diff(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                 const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                 struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "diff", .run = run, .destroy = destroy};
	struct ss_write *w = NULL;
	int code = ss_write_new(client, &class, sizeof(struct diff_op), doc, object, namespace_,
	                        true, call, done, ud, &w, err);

	return code ? code : ss_write_start(w, ret, err);
}
