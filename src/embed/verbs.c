/* get, create, update, and the way to the others. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "embed/decode.h"
#include "embed/request.h"

void ss_reply_object(struct ss_reply *reply, int status, const struct ss_object *object)
{
	reply->status = status;
	if (object->record.body && object->doc && object->record.rv == object->rv && object->rv)
		ss_buf_add(&reply->body, object->record.body, object->record.len);
	else
		ss_json_encode(object->doc, object->root, &reply->body);
}

static const char *namespace_of(const struct ss_request *r)
{
	return r->kind->namespaced && r->ns ? r->ns : "";
}

static int get(struct ss_ctx *ctx, const struct ss_request *r, struct ss_reply *reply)
{
	struct ss_record record;
	int rc = ss_store_get(ctx->store, &ctx->pool, r->kind, namespace_of(r), r->name, &record,
	                      &ctx->err);

	if (rc == SS_ERR_NOT_FOUND)
		return ss_fail_not_found(ctx, r->kind, r->name);
	if (rc < 0)
		return rc;
	reply->status = 200;
	ss_buf_add(&reply->body, record.body, record.len);
	return 0;
}

static int body_object(struct ss_ctx *ctx, const struct ss_request *r, const struct ss_write *w,
                       struct ss_value *ret)
{
	bool yaml = strcmp(r->content_type, "application/yaml") == 0;
	int rc;

	if (*r->content_type && !yaml && strncmp(r->content_type, "application/json", 16) != 0) {
		rc = ss_fail(ctx, 415, "UnsupportedMediaType",
		             "the body of the request was in an unknown format - accepted media "
		             "types include: "
		             "application/json, application/yaml");
		return rc;
	}
	rc = ss_decode_parse(ctx, r->kind, r->body ? r->body : "", r->len, yaml, ret);
	if (rc == 0)
		rc = ss_check_gvk(ctx, r->kind, *ret);
	return rc < 0 ? rc : ss_decode_object(ctx, r->kind, *ret, SS_DECODE_OBJECT, w->strict, ret);
}

/* Type problems of a custom resource are causes, to be told together with the rest. */
static int create(struct ss_ctx *ctx, const struct ss_request *r, struct ss_write *w,
                  struct ss_reply *reply)
{
	struct ss_object object;
	struct ss_value in;
	int rc = body_object(ctx, r, w, &in);

	if (rc == 0)
		rc = ss_create(ctx, w, in, NULL, &object);
	if (rc == 0)
		ss_reply_object(reply, 201, &object);
	return rc;
}

static int replace(struct ss_ctx *ctx, const struct ss_request *r, struct ss_write *w,
                   struct ss_reply *reply)
{
	struct ss_object old, object;
	struct ss_value in;
	bool changed;
	int rc = body_object(ctx, r, w, &in);

	w->put = true;
	if (rc == 0)
		rc = ss_object_load(ctx, w->kind, w->ns, w->name, &old);
	if (rc == SS_ERR_NOT_FOUND && !ctx->status.code)
		return ss_fail_not_found(ctx, w->kind, w->name);
	if (rc == 0)
		rc = ss_update(ctx, w, &old, in, NULL, &object, &changed);
	if (rc == 0)
		ss_reply_object(reply, 200, &object);
	return rc;
}

/* The manager of a request that names none: the program's name in its User-Agent. */
static const char *manager_of(struct ss_ctx *ctx, const struct ss_request *r)
{
	const char *manager = ss_request_param(r, "fieldManager");
	size_t len = strcspn(r->user_agent, "/");

	if (manager && *manager)
		return manager;
	manager = ss_pool_strndup(&ctx->pool, r->user_agent, len < 128 ? len : 128);
	return manager && *manager ? manager : "unknown";
}

int ss_handle(struct ss_ctx *ctx, const struct ss_request *r, struct ss_reply *reply)
{
	const char *validation = ss_request_param(r, "fieldValidation");
	struct ss_write w = {.kind = r->kind,
	                     .ns = namespace_of(r),
	                     .name = r->name,
	                     .subresource = r->subresource ? r->subresource : "",
	                     .manager = manager_of(ctx, r),
	                     .strict = validation && strcmp(validation, "Strict") == 0,
	                     .force = ss_request_flag(r, "force")};

	reply->content_type = "application/json";
	if (strcmp(r->method, "GET") == 0)
		return r->name ? get(ctx, r, reply) : ss_handle_list(ctx, r, reply);
	if (strcmp(r->method, "POST") == 0)
		return create(ctx, r, &w, reply);
	if (strcmp(r->method, "PUT") == 0)
		return replace(ctx, r, &w, reply);
	if (strcmp(r->method, "PATCH") == 0)
		return ss_handle_patch(ctx, r, &w, reply);
	return r->name ? ss_handle_delete(ctx, r, reply)
	               : ss_handle_delete_collection(ctx, r, reply);
}
