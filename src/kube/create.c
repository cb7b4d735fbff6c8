#include "kube/path.h"
#include "kube/verbs.h"
#include "kube/write.h"

static int created(struct ss_op *op, struct ss_err *err)
{
	struct ss_doc *doc = NULL;
	int code = ss_op_document(op, &doc, err);

	if (!code)
		ss_op_finish(op, doc, SS_CREATED);
	return code;
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct ss_write *w = (struct ss_write *)op;
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {
	        .method = "POST",
	        .path = &path,
	        .content_type = "application/json",
	        .body = &w->body,
	};
	int code = ss_write_encode(w, false, err);

	if (code)
		return code;
	ss_path_collection(&path, op->kind, ss_op_namespace(op));
	ss_write_query(op, false, op->dry_run, &path);
	return ss_op_send(op, &send, created, err);
}

int ss_kube_create(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                   const char *namespace_, const struct ss_call *call, ss_op_fn done, void *ud,
                   struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {
	        .name = "create", .run = run, .destroy = ss_write_destroy};
	struct ss_write *w = NULL;
	int code = ss_write_new(client, &class, sizeof(*w), doc, object, namespace_, false, call,
	                        done, ud, &w, err);

	return code ? code : ss_write_start(w, ret, err);
}
