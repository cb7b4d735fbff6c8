#include "kube/op.h"
#include "kube/path.h"
#include "kube/table.h"
#include "kube/verbs.h"

static int got(struct ss_op *op, struct ss_err *err)
{
	struct ss_doc *doc = NULL;
	int code = ss_op_document(op, &doc, err);

	if (!code)
		ss_op_finish(op, doc, SS_UNCHANGED);
	return code;
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	ss_path_object(&path, op->kind, ss_op_namespace(op), op->name, NULL);
	return ss_op_send(op,
	                  &(struct ss_send){.method = "GET",
	                                    .path = &path,
	                                    .accept = op->client->tables ? SS_TABLE_ACCEPT : NULL},
	                  got, err);
}

int ss_kube_get(struct ss_client *client, const struct ss_ref *ref, const struct ss_call *call,
                ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "get", .run = run, .reruns = true};
	struct ss_op *op = ss_op_new(client, &class, sizeof(*op), call, done, ud, err);
	int code;

	if (!op)
		return err ? err->code : SS_ERR_NOMEM;
	code = ss_op_target(op, ref->kind, ref->namespace_, ref->name, err);
	if (!code && !op->name)
		code = ss_err_set(err, SS_ERR_INVAL, "name: missing");
	if (code)
		return ss_op_refuse(op, code, err);
	return ss_op_start(op, ref->api_version, ret, err);
}
