/* HTTP requests as an interface: a transport starts requests and answers by
 * completions. Two implement it: curl (io/curl.h) and the embedded cluster
 * (embed/embed.h).
 *
 * Without `stream`, head and data are called only when the whole response is there, so
 * never before a failure; with it, whatever came is delivered before done.
 * Callbacks come from ss_loop_step, never from inside start, in the order
 * head, data …, done; exactly one done, after which the op is gone. None comes
 * after ss_http_cancel. A callback may start and cancel other operations and
 * may cancel its own from head and data (then there is no done). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ss_err;
struct ss_loop;
struct ss_http_op;

enum ss_http_lane {
	SS_LANE_REQUEST, /* answered soon */
	SS_LANE_WATCH,   /* an endless response; has its own connection, since a server cuts a
			    watch that shares one with a burst of writes */
};

struct ss_http_request {
	const char *method; /* "GET" … */
	const char *
	        path; /* absolute path and query, percent-encoded; appended to the server's prefix */
	const char *content_type;   /* of body, or NULL */
	const char *accept;         /* NULL = application/json */
	const char *const *headers; /* "Name: value" …, may be NULL */
	size_t n_headers;
	const char *body; /* copied by start when not NULL */
	size_t body_len;
	enum ss_http_lane lane;
	bool stream;             /* deliver data as it comes; else once, whole, before done */
	int64_t timeout_ms;      /* whole operation, waiting for a connection included; 0 = none */
	int64_t idle_timeout_ms; /* streams: fail when no byte came for so long; 0 = none */
	size_t max_body_bytes;   /* 0 = 32 MiB; streams: per undelivered backlog */
};

struct ss_http_head {
	int status;
	const char *content_type;      /* "" when none; lower-case type without parameters */
	const char *content_type_full; /* as sent, "" when none */
	const char *etag;              /* "" when none */
	int64_t retry_after_ms;        /* -1 = none; integer seconds only */
	const char *const *warnings;   /* texts of Warning: 299 headers, unescaped */
	size_t n_warnings;
};

struct ss_http_events {
	void (*head)(void *ud,
	             const struct ss_http_head *head); /* may be NULL; head borrowed for the call */
	void (*data)(void *ud, const char *data, size_t len); /* may be NULL */
	/* err is NULL when the response arrived whole (whatever its status), else
	 * SS_ERR_UNAVAILABLE, SS_ERR_TIMEOUT, SS_ERR_TLS, SS_ERR_LIMIT, SS_ERR_NOMEM,
	 * SS_ERR_CONFIG; borrowed for the call. */
	void (*done)(void *ud, const struct ss_err *err);
};

struct ss_transport;
struct ss_transport_ops {
	/* 0 and *ret (owned by the transport until done or cancel), or an error and no callbacks. */
	int (*start)(struct ss_transport *t, const struct ss_http_request *request,
	             const struct ss_http_events *events, void *ud, struct ss_http_op **ret,
	             struct ss_err *err);
	void (*cancel)(struct ss_transport *t, struct ss_http_op *op);
	void (*free)(struct ss_transport *t); /* cancels what is left without callbacks */
};
/* Implementations embed this as their first member. */
struct ss_transport {
	const struct ss_transport_ops *ops;
	struct ss_loop *loop;
	const char *server; /* for messages: "https://10.0.0.1:6443", "embedded cluster /path" */
	const char
	        *limits; /* what to do about what it does not serve; NULL = nothing can be said */
};

static inline int ss_http_start(struct ss_transport *t, const struct ss_http_request *request,
                                const struct ss_http_events *events, void *ud,
                                struct ss_http_op **ret, struct ss_err *err)
{
	return t->ops->start(t, request, events, ud, ret, err);
}
static inline void ss_http_cancel(struct ss_transport *t, struct ss_http_op *op)
{
	if (op)
		t->ops->cancel(t, op);
}
static inline void ss_transport_free(struct ss_transport *t)
{
	if (t)
		t->ops->free(t);
}

struct ss_buf;
/* Append s percent-encoded as one path segment or query value (RFC 3986 unreserved stay). */
void ss_http_escape(struct ss_buf *out, const char *s);
