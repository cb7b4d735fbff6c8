/* One request at work: its transaction, its memory, and how it failed.
 * Handlers return 0, or a negative code after one of the ss_fail functions has
 * recorded the Status that the client gets. A failure of the machine itself
 * (memory, disk) is in err instead. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/doc.h"
#include "base/err.h"
#include "embed/kinds.h"
#include "embed/managed.h"
#include "embed/pool.h"
#include "embed/store.h"

struct ss_buf;

struct ss_cause {
	const char *reason, *message, *field;
	struct ss_cause *next;
};

/* A metav1.Status of a failure. */
struct ss_status {
	int code; /* HTTP; 0 = none */
	const char *reason;
	const char *message;
	bool details; /* there is a details object, possibly empty */
	const char *name, *group, *kind;
	struct ss_cause *causes;
	int retry_after_s;
	const char *continue_; /* metadata.continue of an expired list */
};

struct ss_warning {
	const char *text;
	struct ss_warning *next;
};

/* An object that the reconciler shall look at before the commit. */
struct ss_touched {
	const struct ss_kind *kind;
	struct ss_touched *next;
	const char *name; /* behind the namespace */
	char ns[];
};

struct ss_ctx {
	struct ss_store *store;
	struct ss_pool pool;
	struct ss_ctx_doc *docs; /* documents of this request, freed with it */
	int64_t now_ms;          /* wall time, one for the whole request */
	char now[32];            /* the same as RFC 3339 */
	bool dry_run;
	struct ss_status status;
	struct ss_cause *causes, *last_cause; /* problems found by validation so far */
	struct ss_warning *warnings;
	struct ss_touched *touched, *last_touched;
	struct ss_err err;
};

void ss_ctx_init(struct ss_ctx *ctx, struct ss_store *store);
void ss_ctx_done(struct ss_ctx *ctx);
/* A new document that is freed with the context; NULL when out of memory (recorded). */
struct ss_doc *ss_ctx_doc(struct ss_ctx *ctx);
/* As ss_ctx_doc, for one that exists; takes it over. */
struct ss_doc *ss_ctx_keep(struct ss_ctx *ctx, struct ss_doc *doc);
/* 0 when the document is whole, else its failure in ctx->err. */
int ss_ctx_finish(struct ss_ctx *ctx, struct ss_doc *doc);
/* Documents and pool memory made since the mark are freed by release: for steps of a long
 * transaction, whose results are in the store by then. */
struct ss_ctx_mark {
	struct ss_ctx_doc *docs;
	struct ss_pool_mark pool;
};
struct ss_ctx_mark ss_ctx_mark(const struct ss_ctx *ctx);
void ss_ctx_release(struct ss_ctx *ctx, struct ss_ctx_mark mark);
void ss_ctx_warn(struct ss_ctx *ctx, const char *text);
void ss_ctx_touch(struct ss_ctx *ctx, const struct ss_kind *kind, const char *ns, const char *name);
/* The next touched object, to be freed by the caller with free; NULL when there is none. */
struct ss_touched *ss_ctx_next_touched(struct ss_ctx *ctx);

/* --- failures; each returns a negative code ------------------------------- */
int ss_fail(struct ss_ctx *ctx, int http, const char *reason, const char *fmt, ...) SS_PRINTF(4, 5);
/* With details {name, group, kind} of the resource. */
int ss_fail_object(struct ss_ctx *ctx, int http, const char *reason, const struct ss_kind *kind,
                   const char *name, const char *fmt, ...) SS_PRINTF(6, 7);
int ss_fail_not_found(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name);
/* 409: the version in the request is not the stored one. */
int ss_fail_modified(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name);
/* One problem of one field; reason is "Required", "Invalid", "NotSupported" … */
void ss_cause(struct ss_ctx *ctx, const char *reason, const char *field, const char *fmt, ...)
        SS_PRINTF(4, 5);
/* 422 with the causes so far; 0 when there are none. group_kind as messages have it. */
int ss_fail_causes(struct ss_ctx *ctx, const char *group, const char *kind, const char *qualified,
                   const char *name);
int ss_fail_invalid(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name);
/* A JSON string, quoted, in the pool: for messages. */
const char *ss_quoted(struct ss_ctx *ctx, const char *s);

void ss_status_encode(const struct ss_status *status, struct ss_buf *out);
