/* What the cluster is: its version and its kinds. */
#include "kube/op.h"
#include "kube/verbs.h"

static int got_version(struct ss_op *op, struct ss_err *err)
{
	struct ss_doc *doc = NULL;
	int code = ss_op_document(op, &doc, err);

	if (!code)
		ss_op_finish(op, doc, SS_UNCHANGED);
	return code;
}

static int run_version(struct ss_op *op, struct ss_err *err)
{
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_puts(&path, "/version");
	return ss_op_send(op, &(struct ss_send){.method = "GET", .path = &path}, got_version, err);
}

int ss_kube_version(struct ss_client *client, const struct ss_call *call, ss_op_fn done, void *ud,
                    struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "version", .run = run_version};
	struct ss_op *op = ss_op_new(client, &class, sizeof(*op), call, done, ud, err);

	return op ? ss_op_start_plain(op, ret, err) : err ? err->code : SS_ERR_NOMEM;
}

/* Called when the lookup of everything has ended. */
static int describe_kinds(struct ss_op *op, struct ss_err *err)
{
	struct ss_doc *doc = NULL;
	int code = ss_discovery_describe(&op->client->discovery, &doc, err);

	if (!code)
		ss_op_finish(op, doc, SS_UNCHANGED);
	return code;
}

int ss_kube_kinds(struct ss_client *client, const struct ss_call *call, ss_op_fn done, void *ud,
                  struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "kinds", .run = describe_kinds};
	struct ss_op *op = ss_op_new(client, &class, sizeof(*op), call, done, ud, err);
	int code;

	if (!op)
		return err ? err->code : SS_ERR_NOMEM;
	/* Always asked anew, so an answer never comes at once. */
	code = ss_lookup_all(&op->lookup, client, err);
	if (code == 1)
		code = ss_op_arm(op, err);
	if (code)
		return ss_op_refuse(op, code, err);
	*ret = op;
	return 0;
}
