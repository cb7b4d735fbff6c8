/* The transport's inside, shared by embed.c (operations) and watch.c. */
#pragma once

#include "base/buf.h"
#include "embed/request.h"
#include "embed/select.h"
#include "io/http.h"
#include "io/loop.h"

struct ss_embed {
	struct ss_transport base;
	struct ss_store *store; /* NULL until the first request */
	struct ss_store *blank; /* in memory, for reads while there is no file */
	char *path;
	char *label; /* "embedded cluster PATH" */
	struct ss_http_op *ops;
	struct ss_completion pump; /* bring watches up to date */
	struct ss_timer *tick;     /* runs while a watch is open */
	size_t n_watches;
	int64_t pumped;       /* version up to which watches have been served */
	int64_t data_version; /* SQLite's, at the last look */
	int depth;            /* callbacks on the stack */
	bool dead;            /* free was called from inside one */
};

/* A watch that has been answered with its head. */
struct ss_watcher {
	const struct ss_kind *kind;
	const char *ns; /* NULL = all */
	struct ss_selector selector;
	bool bookmarks;
	int64_t rv; /* the newest version delivered or passed over */
	int64_t end_ms, next_bookmark_ms, last_byte_ms; /* monotonic */
	struct ss_buf out;                              /* rendered, not yet delivered */
	bool over;                                      /* ends cleanly once out is delivered */
	bool timed_out;                                 /* ends with SS_ERR_TIMEOUT */
};

struct ss_http_op {
	struct ss_embed *e;
	struct ss_http_op *next, **link;
	struct ss_completion run;
	struct ss_timer *retry; /* the database was busy */
	struct ss_pool texts;   /* of the request as it was given */
	struct ss_ctx ctx;      /* of the serving; a watch's lives as long as it does */
	struct ss_request request;
	struct ss_http_events events;
	void *ud;
	char *url, *body;
	int64_t begun_ms, timeout_ms, idle_ms;
	size_t max_body;
	bool busy;     /* one of its callbacks is running */
	bool canceled; /* meanwhile */
	bool watching; /* the request is a watch */
	bool open;     /* … that has begun */
	struct ss_watcher watcher;
};

/* Callbacks; false when the operation was cancelled in one (it is freed then). */
bool ss_op_head(struct ss_http_op *op, int status, const char *content_type);
bool ss_op_data(struct ss_http_op *op, const char *data, size_t len);
void ss_op_done(struct ss_http_op *op, const struct ss_err *err);

/* Answer a request: callbacks, or a retry later, or an open watch. */
void ss_embed_serve(struct ss_http_op *op);
/* Open the database if it is not. A read makes no file: where there is none, *ret is a cluster in
 * which nothing has happened yet. SS_ERR_UNAVAILABLE, retryable: another process is at it. */
int ss_embed_open(struct ss_embed *e, bool reads, struct ss_store **ret, struct ss_err *err);
/* Whoever may have run callbacks ends with this: frees a transport that was freed inside one. */
void ss_embed_settle(struct ss_embed *e);

/* Begin the watch that op->request asks for: inside a read transaction. Events that are there
 * already go to op->watcher.out. */
int ss_watch_begin(struct ss_http_op *op);
/* After the head was delivered: deliver, and keep it open. */
void ss_watch_open(struct ss_http_op *op);
void ss_watch_close(struct ss_http_op *op);
/* Something was committed. */
void ss_watch_wake(struct ss_embed *e);
/* A controller's work that has become due. */
void ss_embed_housekeeping(struct ss_embed *e);
