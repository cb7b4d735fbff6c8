/* One HTTP request and its reply, as the handlers see them. */
#pragma once

#include "base/buf.h"
#include "embed/object.h"
#include "embed/write.h"

struct ss_query {
	const char *key, *value;
	struct ss_query *next;
};

struct ss_request {
	const char *method;
	const char *path;         /* without query, still percent-encoded */
	const char *content_type; /* "" when none */
	const char *accept;
	const char *user_agent;
	const char *body;
	size_t len;
	struct ss_query *query; /* decoded */
	/* What the path names. */
	const struct ss_kind *kind;
	const char *ns; /* NULL: all, or cluster-scoped */
	const char *name, *subresource;
};

struct ss_reply {
	int status;
	const char *content_type; /* static text */
	struct ss_buf body;
	int64_t rv; /* of lists: what a watch goes on from */
};

/* Take the URL apart into request (strings in the pool). */
int ss_request_parse(struct ss_ctx *ctx, const char *url, struct ss_request *ret);
/* A query parameter, NULL when absent. */
const char *ss_request_param(const struct ss_request *request, const char *key);
bool ss_request_flag(const struct ss_request *request, const char *key);
bool ss_request_is_watch(const struct ss_request *request);
/* Resolve the path: discovery is answered at once (*ret_done), a resource is put into
 * request. 404, 405, 406 and such. */
int ss_route(struct ss_ctx *ctx, struct ss_request *request, struct ss_reply *reply,
             bool *ret_done);
bool ss_request_writes(const struct ss_request *request);
/* Do what a request for a resource asks for (not a watch), inside a transaction. */
int ss_handle(struct ss_ctx *ctx, const struct ss_request *request, struct ss_reply *reply);

int ss_handle_list(struct ss_ctx *ctx, const struct ss_request *request, struct ss_reply *reply);
int ss_handle_patch(struct ss_ctx *ctx, const struct ss_request *request, struct ss_write *w,
                    struct ss_reply *reply);
int ss_handle_delete(struct ss_ctx *ctx, const struct ss_request *request, struct ss_reply *reply);
int ss_handle_delete_collection(struct ss_ctx *ctx, const struct ss_request *request,
                                struct ss_reply *reply);

void ss_reply_object(struct ss_reply *reply, int status, const struct ss_object *object);
/* An item of a list: built-in kinds leave apiVersion and kind to the list. */
void ss_reply_item(struct ss_buf *out, const struct ss_kind *kind, const char *body, size_t len);
/* The frame of a list up to its items, and its end. */
void ss_reply_list(struct ss_ctx *ctx, struct ss_reply *reply, const struct ss_kind *kind,
                   int64_t rv, const char *continue_, int64_t remaining,
                   const struct ss_buf *items);

/* /api, /apis, /version …: true when it was one of those. */
bool ss_discovery(struct ss_ctx *ctx, const struct ss_request *request, struct ss_reply *reply,
                  int *ret_rc);
