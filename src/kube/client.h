/* The Kubernetes client: one cluster, one transport, discovery cache, the
 * mandatory preflight. Loop thread only. Operations are asynchronous; each ends
 * with one call of its done function, from ss_loop_step, never from inside the
 * call that started it, and never after ss_op_cancel. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/err.h"

struct ss_client;
struct ss_loop;
struct ss_op;
struct ss_transport;

/* Takes the transport over (also on failure). context and namespace_ are copied. */
int ss_client_new(struct ss_loop *loop, struct ss_transport *transport, const char *context,
                  const char *namespace_, struct ss_client **ret, struct ss_err *err);
/* Cancels every operation (without done calls) and frees. */
void ss_client_free(struct ss_client *client);

struct ss_loop *ss_client_loop(const struct ss_client *client);
struct ss_transport *ss_client_transport(const struct ss_client *client);
const char *ss_client_context(const struct ss_client *client);
const char *ss_client_namespace(const struct ss_client *client);
const char *ss_client_server(const struct ss_client *client);

/* The guard. check: is this whole object allowed to be written? touches: does
 * this patch reach what check looks at? A client without a preflight refuses
 * every write with SS_ERR_POLICY. */
struct ss_preflight {
	int (*check)(void *ud, const struct ss_doc *doc, ss_node object, struct ss_err *err);
	bool (*touches)(void *ud, const char *api_version, const char *kind,
	                const struct ss_doc *patch, ss_node node);
	void *ud;
	/* May what is applied pass and yet what it makes of the stored object not be told from the
	 * answer alone? Then the apply is tried first, and the result checked. NULL = never. */
	bool (*merges)(void *ud, const struct ss_doc *doc, ss_node object);
	/* Is what a write made of a stored object allowed? before is NULL when there was none; whole:
	 * the object was applied, not some of its fields patched. NULL = check(after). */
	int (*change)(void *ud, const struct ss_doc *before, const struct ss_doc *after, bool whole,
	              struct ss_err *err);
	/* Must the answer to an apply of this kind be checked, where it was merged into an object
	 * that existed? NULL = never. */
	bool (*covers)(void *ud, const char *api_version, const char *kind);
};
void ss_client_set_preflight(struct ss_client *client, const struct ss_preflight *preflight);

/* A Warning header of the server (K27), once per text and client, escaped; NULL clears. */
typedef void (*ss_client_warning_fn)(void *ud, const char *text);
void ss_client_set_warning(struct ss_client *client, ss_client_warning_fn fn, void *ud);

/* From now on every POST, PUT, PATCH and DELETE that is no dry run is refused with
 * SS_ERR_FORBIDDEN before it is sent, whichever verb it belongs to. There is no way back. */
void ss_client_set_read_only(struct ss_client *client);

/* From now on what is got, listed and watched comes as the server prints it where it can
 * (kube/table.h): for people, and of no use to what looks at objects. */
void ss_client_set_tables(struct ss_client *client);

/* Every request as it ends, for --log debug and `:trace http`: no headers, no bodies. */
typedef void (*ss_client_trace_fn)(void *ud, const char *method, const char *path, int status,
                                   int64_t ms, size_t bytes);
void ss_client_set_trace(struct ss_client *client, ss_client_trace_fn fn, void *ud);

/* --- a reference to one object or a kind --------------------------------- */
struct ss_ref {
	const char *api_version; /* NULL = whatever the cluster prefers for the kind */
	const char *kind; /* Kind, plural, singular or short name, any case; "sandboxes", "po" … */
	const char
	        *namespace_; /* NULL = the client's namespace (ignored for cluster-scoped kinds) */
	const char *name;    /* NULL for lists */
	const char *resource_version; /* a precondition, or NULL */
	const char *uid;              /* a precondition, or NULL */
};

enum { SS_CLIENT_TIMEOUT_MS = 30000 };
/* Options of one call; zero-initialise. Strings are copied by the call. */
struct ss_call {
	int64_t timeout_ms;        /* 0 = SS_CLIENT_TIMEOUT_MS */
	const char *field_manager; /* NULL = "sandscript" */
	bool force;
	bool dry_run;
	bool exact_version; /* do not map the apiVersion of Sandboxes to a served one */
	/* apply and patch: say CONFIGURED or UNCHANGED truthfully, at the price of a GET before the
	 * write (none for an object that carries its metadata.resourceVersion). apply compares the
	 * content without what the server keeps, patch the resourceVersion. Without it every write of
	 * an object that existed reports CONFIGURED. */
	bool want_change;
	/* apply: where it can, hand the stored object on as the JSON that came (result->text), which
	 * costs less than a document; without want_change. */
	bool want_text;
};

/* What an operation ends with. */
enum ss_change { SS_UNCHANGED, SS_CONFIGURED, SS_CREATED, SS_DELETED, SS_DELETING };
struct ss_result {
	struct ss_doc *doc; /* owned by the callee of done (take it: set NULL), may be NULL */
	char *text;         /* instead of doc, when want_text asked for it; taken the same way */
	size_t text_len; /* ss_json_parse takes it: an object; of a list, the size of its doc as text */
	enum ss_change change; /* writes */
};
/* err is NULL on success; both borrowed for the call, result->doc and text may be taken. */
typedef void (*ss_op_fn)(void *ud, struct ss_result *result, const struct ss_err *err);
/* No done call follows. NULL is fine; an op is gone once done was called. */
void ss_op_cancel(struct ss_op *op);
