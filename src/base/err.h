/* The one error shape of the C side; script/ turns it into the one of Lua.
 * A function that can fail returns 0 or a negative enum ss_code and fills the
 * caller's struct ss_err (last argument, may be NULL). A lower error is passed
 * on or prefixed with ss_err_wrap, never overwritten. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct ss_doc;

enum ss_code {
	SS_OK = 0,
	SS_ERR_NOMEM = -1,     /* "nomem"          a C allocation failed */
	SS_ERR_INVAL = -2,     /* "invalid"        input that can never be right; HTTP 400, 422 */
	SS_ERR_PARSE = -3,     /* "parse"          malformed JSON, YAML, kubeconfig … */
	SS_ERR_LIMIT = -4,     /* "limit"          a size, depth or count limit was reached */
	SS_ERR_NOT_FOUND = -5, /* "not_found"      HTTP 404 */
	SS_ERR_ALREADY_EXISTS = -6, /* "already_exists" HTTP 409 AlreadyExists */
	SS_ERR_CONFLICT = -7,       /* "conflict"       HTTP 409 otherwise */
	SS_ERR_FORBIDDEN = -8,      /* "forbidden"      HTTP 403 */
	SS_ERR_UNAUTHORIZED = -9,   /* "unauthorized"   HTTP 401 */
	SS_ERR_GONE = -10,          /* "gone"           HTTP 410 */
	SS_ERR_RATE_LIMITED = -11,  /* "rate_limited"   HTTP 429 */
	SS_ERR_UNAVAILABLE = -12,   /* "unavailable"    no connection, HTTP 5xx */
	SS_ERR_TIMEOUT = -13,       /* "timeout" */
	SS_ERR_CANCELED = -14,      /* "canceled" */
	SS_ERR_TLS = -15,           /* "tls"            certificate or handshake */
	SS_ERR_POLICY = -16,        /* "policy"         the guard refused it */
	SS_ERR_CONFIG = -17,        /* "config"         kubeconfig or configuration file */
	SS_ERR_IO = -18,            /* "io"             files, pipes */
	SS_ERR_UNSUPPORTED = -19,   /* "unsupported"    the other side does not do this */
	SS_ERR_FAILED = -20,        /* "failed"         the awaited object failed for good */
	SS_ERR_SCRIPT = -21,        /* "script"         a Lua error */
	SS_ERR_USAGE = -22,         /* "usage"          the command line */
	SS_ERR_INTERNAL = -23, /* "internal"       a bug of ours, or a reply that makes no sense */
};

struct ss_err {
	int code;               /* enum ss_code */
	int status;             /* HTTP status, 0 = none */
	int64_t retry_after_ms; /* -1 = none */
	bool retryable;         /* the same call may succeed later */
	char reason[64];        /* Status.reason, or "" */
	char op[24];            /* "apply", "get" …, or "" */
	char object[360];       /* "Sandbox demo/s1", or "" */
	char message[1024];     /* one line, UTF-8, control characters escaped */
	struct ss_doc
	        *details; /* owned: an array of {path|field, reason|rule, message, fix}, or NULL */
};

/* Before first use: the setters free the details that are there. Cheap: clears the scalar
 * fields and the first byte of the texts. */
void ss_err_init(struct ss_err *err);
/* Frees details and clears; NULL is fine. */
void ss_err_done(struct ss_err *err);
/* struct ss_err err SS_AUTO_ERR; is ready to use, and done when it leaves its scope. */
#define SS_AUTO_ERR SS_CLEANUP(ss_err_done) = {.retry_after_ms = -1}

/* Set code and message; returns code, so `return ss_err_set(err, …)`. err may be NULL. */
int ss_err_set(struct ss_err *err, int code, const char *fmt, ...) SS_PRINTF(3, 4);
/* Put "text: " in front of the message that is there; returns err->code (or code when err is NULL). */
int ss_err_wrap(struct ss_err *err, int code, const char *fmt, ...) SS_PRINTF(3, 4);
int ss_err_nomem(struct ss_err *err);
/* Move: to takes everything, from is left clear. Either may be NULL (details are then freed). */
void ss_err_move(struct ss_err *to, struct ss_err *from);
/* Deep copy; SS_ERR_NOMEM drops only the details. */
void ss_err_copy(struct ss_err *to, const struct ss_err *from);
/* Set object to "Kind namespace/name" (namespace may be NULL or ""). */
void ss_err_set_object(struct ss_err *err, const char *kind, const char *ns, const char *name);

/* "not_found" for SS_ERR_NOT_FOUND …; never NULL. */
const char *ss_code_name(int code);
/* What it means, one line; NULL = there is no such code. */
const char *ss_code_meaning(int code);
/* Inverse of ss_code_name; SS_ERR_INTERNAL for an unknown name. */
int ss_code_from_name(const char *name);
