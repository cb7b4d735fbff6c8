/* The inside of the curl transport, shared by curl*.c.
 *
 * An operation (struct ss_http_op) waits in its lane's queue, gets a slot (an easy
 * handle, reused: some forty options stay set) while libcurl works on it, and ends by a
 * completion that delivers. libcurl's callbacks only fill buffers and post that
 * completion. Operations and slots are pooled per transport. */
#pragma once

#include <uv.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/curl.h"
#include "io/libcurl.h"
#include "io/loop.h"

enum {
	MAX_STREAMS = 90,      /* the API server closes its door at 100 per connection */
	HTTP1_CONNECTIONS = 8, /* what replaces streams on HTTP/1.1 */
	MAX_RESENDS = 20,      /* of a request that a closing server refused */
	MAX_QUEUED = 100000,   /* operations waiting, per lane */
	IDLE_SLOTS = 96,       /* kept for reuse, ~6 KB each */
	IDLE_OPS = 128,        /* kept for reuse, ~1 KB each */
	KEEP_BYTES = 4096,     /* a larger buffer is not kept with an idle operation */
	CONNECT_TIMEOUT_MS = 10000,
	HEAD_MAX_BYTES = 65536, /* of all response headers */
	WARNINGS = 16,
};
#define BODY_MAX_BYTES    ((size_t)32 << 20)
#define BACKLOG_MAX_BYTES ((size_t)4 << 20)

/* --- the response's head: curl_head.c -------------------------------------- */
struct head {
	int status;
	bool complete;      /* the final head (not of a 1xx) is here; what follows are trailers */
	bool http1;         /* the server answered in HTTP/1.x */
	size_t bytes;       /* of all header lines */
	struct ss_buf text; /* strings, at offsets; text[0] is "" */
	size_t type, type_full, etag;
	size_t warnings[WARNINGS];
	size_t n_warnings;
	int64_t retry_after_ms;
};
void ss_curl_head_reset(struct head *head);
/* One line as libcurl hands it on, with its end. 0, SS_ERR_LIMIT or SS_ERR_NOMEM. */
int ss_curl_head_line(struct head *head, const char *line, size_t len);
/* The public form; pointers into head, the array of warnings is the caller's. */
void ss_curl_head_view(const struct head *head, struct ss_http_head *ret,
                       const char *warnings[WARNINGS]);

/* --- structures ------------------------------------------------------------ */
struct slot {
	struct slot *next; /* in the pool */
	CURL *easy;
	char error[CURL_ERROR_SIZE];
};

struct op_list {
	struct ss_http_op *head, *tail;
	size_t n;
};

struct lane {
	struct ss_curl *t;
	CURLM *multi;          /* NULL until first used */
	uv_timer_t *timer;     /* libcurl's; freed by its close callback */
	size_t max_active;     /* 0 = no limit */
	bool http1;            /* the server speaks HTTP/1.x: a connection per request */
	bool saw_http1;        /* an answer told so */
	struct op_list queued; /* waiting for a stream */
	struct op_list active; /* inside libcurl */
	struct op_list ended;  /* not delivered yet, or canceled by its own callback */
};

struct ss_http_op {
	struct ss_http_op *prev, *next; /* in the list, or in the pool */
	struct op_list *list;           /* by state; NULL in the pool */
	struct ss_curl *t;              /* NULL once the transport was freed under a callback */
	struct lane *lane;
	struct slot *slot; /* while active and until delivered */

	struct ss_http_events events;
	void *ud;
	struct ss_completion turn; /* delivers */
	bool stream, head_given, data_given;
	bool delivering; /* a callback of this operation runs */
	bool canceled;   /* by that callback */
	bool paused;
	unsigned resends;
	bool sent; /* libcurl has a connection for it and begins to send */

	/* request */
	char method[12];
	struct ss_buf url;
	struct ss_buf lines; /* header lines, NUL after each; holds credentials */
	struct curl_slist *nodes;
	size_t n_nodes, cap_nodes;
	struct ss_buf body;
	bool has_body;

	/* response */
	struct head head;
	struct ss_buf in;  /* received */
	struct ss_buf out; /* being delivered */
	size_t max_bytes;
	CURLcode result;
	int failure; /* what our callback or timer stopped it with, SS_ERR_*, or 0 */
	bool idle_failure;

	/* time; loop milliseconds except started_mono_ms */
	uv_timer_t timer;
	uint64_t started_ms, received_ms;
	int64_t timeout_ms, idle_timeout_ms;
	int64_t started_mono_ms;
};

struct ss_curl {
	struct ss_transport base;
	struct ss_curl_target target; /* our copies, see `strings` */
	char *strings[8];
	char *url_base; /* what requests are appended to; its host is the TLS server name */
	bool secure;    /* https */
	bool loopback;
	bool initialised;              /* holds a reference to libcurl's global state */
	struct curl_slist *connect_to; /* tls_server_name: where it really is */
	struct curl_slist *fixed;      /* headers that end every request's list */
	struct curl_blob ca, cert, key;
	struct lane lanes[2]; /* by enum ss_http_lane */
	struct slot *idle_slots;
	size_t n_idle_slots;
	struct ss_http_op *idle_ops;
	size_t n_idle_ops;
};

/* --- curl_multi.c: libcurl's multi interface on libuv ---------------------- */
int ss_curl_lane_open(struct lane *lane, struct ss_err *err);
/* Nothing may be active. */
void ss_curl_lane_close(struct lane *lane);

/* --- curl_slot.c: easy handles --------------------------------------------- */
struct slot *ss_curl_slot_get(struct ss_curl *t);
void ss_curl_slot_put(struct ss_curl *t, struct slot *slot);
void ss_curl_slot_free(struct slot *slot);
/* Set what differs per request. */
CURLcode ss_curl_slot_prepare(struct slot *slot, struct ss_http_op *op);

/* --- curl_queue.c: which operations libcurl has --------------------------- */
static inline bool ss_curl_op_ended(const struct ss_http_op *op)
{
	return op->list == &op->lane->ended;
}
/* Start waiting operations while there are streams. */
void ss_curl_queue_pump(struct lane *lane);
int ss_curl_queue_add(struct ss_http_op *op, struct ss_err *err);
/* Take the operation out of its list, and out of libcurl. */
void ss_curl_queue_remove(struct ss_http_op *op);
/* libcurl is done with it (or it is stopped): it ends at the end of this turn. */
void ss_curl_queue_end(struct ss_http_op *op, CURLcode result);
/* What waits inside libcurl for the first connection to prove multiplexed, in vain, goes
 * back to the head of the queue. */
void ss_curl_queue_take_back(struct lane *lane);
/* Queue it again when the server is known not to have touched it; false when it is not. */
bool ss_curl_queue_resend(struct ss_http_op *op, CURLcode result);
/* libcurl gave up on a request whose every stream was refused. */
bool ss_curl_op_refused(const struct ss_http_op *op, CURLcode result);
/* As ss_curl_queue_end, with nothing to deliver: its own callback canceled it. */
void ss_curl_queue_drop(struct ss_http_op *op);

/* --- curl_op.c: operations ------------------------------------------------- */
int ss_curl_op_new(struct ss_curl *t, const struct ss_http_request *request,
                   const struct ss_http_events *events, void *ud, struct ss_http_op **ret,
                   struct ss_err *err);
/* Back to the pool, out of list and libcurl. */
void ss_curl_op_release(struct ss_http_op *op);
void ss_curl_op_free(struct ss_http_op *op);

/* --- curl_event.c: what libcurl receives, and its delivery ----------------- */
size_t ss_curl_on_header(char *line, size_t size, size_t n, void *ud);
size_t ss_curl_on_body(char *data, size_t size, size_t n, void *ud);
void ss_curl_op_deliver(struct ss_completion *turn);

/* --- curl_error.c ---------------------------------------------------------- */
/* The code, also set in err with server, cause and what to do. */
int ss_curl_op_error(const struct ss_http_op *op, struct ss_err *err);

/* --- curl_url.c ------------------------------------------------------------ */
/* Check target->server and set url_base, connect_to, secure, loopback and the Host header. */
int ss_curl_url_setup(struct ss_curl *t, struct ss_err *err);
