/* What the cluster is: its version and its kinds. */
#include <stdio.h>
#include <string.h>

#include "kube/op.h"
#include "kube/verbs.h"

struct read {
	struct ss_op op;
	ss_op_step_fn then;
	char path[512];
};

static int got_document(struct ss_op *op, struct ss_err *err)
{
	struct ss_doc *doc = NULL;
	int code = ss_op_document(op, &doc, err);

	if (!code)
		ss_op_finish(op, doc, SS_UNCHANGED);
	return code;
}

/* Servers call the index text/plain. */
static int got_openapi(struct ss_op *op, struct ss_err *err)
{
	static const char plain[] = "text/plain";

	if (op->reply.status == 200 &&
	    strncmp(op->reply.content_type, plain, sizeof(plain) - 1) == 0)
		snprintf(op->reply.content_type, sizeof(op->reply.content_type), "%s",
		         "application/json");
	return got_document(op, err);
}

static int run_read(struct ss_op *op, struct ss_err *err)
{
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_puts(&path, ((struct read *)op)->path);
	return ss_op_send(op, &(struct ss_send){.method = "GET", .path = &path},
	                  ((struct read *)op)->then, err);
}

static int start_read(struct ss_client *client, const struct ss_op_class *class, const char *path,
                      ss_op_step_fn then, const struct ss_call *call, ss_op_fn done, void *ud,
                      struct ss_op **ret, struct ss_err *err)
{
	struct read *read;

	if (strlen(path) >= sizeof(read->path))
		return ss_err_set(err, SS_ERR_LIMIT, "%s: the path is too long", class->name);
	read = ss_op_new(client, class, sizeof(*read), call, done, ud, err);
	if (!read)
		return err ? err->code : SS_ERR_NOMEM;
	read->then = then;
	snprintf(read->path, sizeof(read->path), "%s", path);
	return ss_op_start_plain(&read->op, ret, err);
}

int ss_kube_version(struct ss_client *client, const struct ss_call *call, ss_op_fn done, void *ud,
                    struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "version", .run = run_read};

	return start_read(client, &class, "/version", got_document, call, done, ud, ret, err);
}

int ss_kube_openapi(struct ss_client *client, const char *path, const struct ss_call *call,
                    ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "openapi", .run = run_read};

	if (strncmp(path, "/openapi/v3", strlen("/openapi/v3")) != 0)
		return ss_err_set(err, SS_ERR_INVAL, "openapi: %s is no path of it", path);
	return start_read(client, &class, path, got_openapi, call, done, ud, ret, err);
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
