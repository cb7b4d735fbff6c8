/* One operation of the client: a state machine over requests with one deadline.
 *
 * A verb embeds struct ss_op first, fills it with ss_op_new and ss_op_target,
 * and starts it with ss_op_start, which calls run once the kind is known: at
 * once when it is, else from the loop. Steps (run and what is given to
 * ss_op_send) return 0 after they sent the next request or called
 * ss_op_finish, or the code of err, with which the operation then ends. The
 * operation is gone after ss_op_finish: a step returns at once. */
#pragma once

#include "base/buf.h"
#include "kube/client_priv.h"

struct ss_timer;
typedef int (*ss_op_step_fn)(struct ss_op *op, struct ss_err *err);

struct ss_op_class {
	const char *name; /* err.op */
	ss_op_step_fn run;
	void (*destroy)(struct ss_op *op); /* what the verb added; may be NULL */
	/* run may be called again, as the first time, when the server no longer serves the version
	 * that it did ("404 page not found") and another look finds a different one (K52). */
	bool reruns;
};

struct ss_reply {
	int status;
	int64_t retry_after_ms;
	char content_type[64];
	struct ss_buf body;
	size_t cut_at, cut_len; /* what ss_op_is_text found: metadata.managedFields */
};

struct ss_op {
	struct ss_link link; /* in client->ops */
	struct ss_client *client;
	const struct ss_op_class *class;
	ss_op_fn done;
	void *ud;
	int64_t timeout_ms;
	int64_t deadline_ms; /* monotonic */
	/* Options of the call. */
	char field_manager[132];
	int owed; /* slot of a write without an answer, 0 = none */
	bool force, dry_run, exact_version, want_change, want_text;
	/* The target. kind_text is what the caller wrote; kind is set when run is called. */
	char *kind_text, *api_version, *namespace_, *name;
	bool everywhere; /* all namespaces */
	const struct ss_kind *kind;
	size_t text_len; /* of the result, for who joins answers */
	bool rerun;      /* the second look has been taken */
	struct ss_lookup lookup;
	struct ss_timer *timer; /* the deadline while no request is in flight */
	/* The request in flight and its reply. */
	struct ss_http_op *http;
	ss_op_step_fn then, too_large;
	const char *method;
	char *path; /* for the trace */
	int64_t started_ms;
	struct ss_reply reply;
};

/* size is that of the verb's struct; NULL with err set (bad options, no memory). */
void *ss_op_new(struct ss_client *client, const struct ss_op_class *class, size_t size,
                const struct ss_call *call, ss_op_fn done, void *ud, struct ss_err *err);
/* Copy what the operation is about; namespace_ and name may be NULL. */
int ss_op_target(struct ss_op *op, const char *kind, const char *namespace_, const char *name,
                 struct ss_err *err);
/* Look the kind up and run. 0, or the code of err with the operation freed. */
int ss_op_start(struct ss_op *op, const char *api_version, struct ss_op **ret, struct ss_err *err);
/* As ss_op_start for an operation that needs no kind. */
int ss_op_start_plain(struct ss_op *op, struct ss_op **ret, struct ss_err *err);
/* Free an operation that never started; returns code, with op and object in err. */
int ss_op_refuse(struct ss_op *op, int code, struct ss_err *err);

struct ss_send {
	const char *method;
	struct ss_buf *path; /* a failure of the buffer is reported */
	const char *content_type;
	const char *accept;
	struct ss_buf *body; /* NULL = none */
	size_t max_body_bytes;
	/* The answer is taken as it comes, so that it is in memory once; one that is over
	 * max_body_bytes is stopped there, and too_large called instead of then. */
	ss_op_step_fn too_large;
};
/* Start a request; then is called with op->reply when the answer is there, whatever its status. */
int ss_op_send(struct ss_op *op, const struct ss_send *send, ss_op_step_fn then,
               struct ss_err *err);
/* 0 when the reply is a success, else its Status as err. */
int ss_op_check(struct ss_op *op, struct ss_err *err);
/* ss_op_check, then the body as a document. */
int ss_op_document(struct ss_op *op, struct ss_doc **ret, struct ss_err *err);
/* The same of an object, without metadata.managedFields, which are as much as the rest of it. */
int ss_op_object(struct ss_op *op, struct ss_doc **ret, struct ss_err *err);
/* Whether the reply is an object that can be handed on as text (ss_op_finish_text): a success, plain
 * JSON and no Status. False leaves everything to ss_op_object. */
bool ss_op_is_text(struct ss_op *op);
/* ss_op_finish with the reply itself, metadata.managedFields cut out; after ss_op_is_text. */
void ss_op_finish_text(struct ss_op *op, enum ss_change change);
/* The end: calls done with doc (given away; may be NULL) and frees the operation. */
void ss_op_finish(struct ss_op *op, struct ss_doc *doc, enum ss_change change);
void ss_op_fail(struct ss_op *op, struct ss_err *err);
/* Fill err's op and object where they are empty; kind and name may be NULL. */
void ss_op_describe(struct ss_err *err, const char *op, const char *kind_text,
                    const struct ss_kind *kind, const char *namespace_, const char *name);
/* Milliseconds until the deadline, at least 1. */
int64_t ss_op_left_ms(const struct ss_op *op);
/* Arm the deadline for a stretch without a request; fails the operation when it passes. */
int ss_op_arm(struct ss_op *op, struct ss_err *err);

/* Where the object lives: op->namespace_, else the client's; NULL for a cluster-scoped kind. */
const char *ss_op_namespace(const struct ss_op *op);
