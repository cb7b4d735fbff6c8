/* Waiting from a Lua C function: start a C operation, yield, and push the
 * results when it is done.
 *
 *	struct ss_await *a = ss_await_new(L, push_object);	// checked arguments first
 *	int rc = ss_kube_get(client, &ref, &call, on_done, a, &op, &err);
 *	if (rc) return ss_await_fail(L, a, &err);		// nil, err
 *	ss_await_started(a, cancel_op, op);
 *	return ss_await_wait(L, a);				// yields; returns push_object's results
 *
 *	static void on_done(void *ud, struct ss_result *r, const struct ss_err *e)
 *	{ struct ss_await *a = ud; a->doc = r->doc; r->doc = NULL; a->value = r->change; ss_await_finish(a, e); }
 *
 * In a task it yields; with no task current (stock Lua) it runs the loop until
 * this operation is done. Where a task cannot yield (sort comparator,
 * metamethod called from C, gsub callback) ss_await_new raises before anything
 * is started, and says so. Cancelling the task calls cancel and the call
 * returns nil, err with code "canceled"; the same at the task's deadline with
 * code "timeout". When the task is stopped already, what was started is
 * cancelled at once by ss_await_started: cancel must work from the first moment
 * on, and there must be one. */
#pragma once

#include <lua.h>

#include "base/attr.h"
#include "base/err.h"

struct ss_doc;
struct ss_await;

/* Push the results of an await that finished without failure (a->doc, a->value); return their count. The
 * document stays owned by the await, which is a box. May raise. */
typedef int (*ss_await_push_fn)(lua_State *L, struct ss_await *a);

struct ss_await {
	struct ss_doc *doc; /* owned */
	int64_t value;
	void *data; /* the starter's own; freed by data_free */
	void (*data_free)(void *data);
	/* private to await.c */
	int code;           /* the failure, 0 = none */
	struct ss_err *err; /* its details; NULL when there was no memory for them */
	ss_await_push_fn push;
	void (*cancel)(void *op);
	void *op;
	struct ss_task *task;
	lua_State *L; /* the coroutine that waits: the task's, or one of the script within it */
	bool done;
};

/* Pushes the box. Raises where waiting is not possible. */
SS_MAY_RAISE struct ss_await *ss_await_new(lua_State *L, ss_await_push_fn push);
/* The operation runs; cancel(op) stops it without a callback. */
void ss_await_started(struct ss_await *a, void (*cancel)(void *op), void *op);
/* From the completion; err NULL = success (copied). The waiting task is queued. A second call, or
 * one after the wait was stopped, does nothing. */
void ss_await_finish(struct ss_await *a, const struct ss_err *err);
/* To be returned by the C function. */
SS_MAY_RAISE int ss_await_wait(lua_State *L, struct ss_await *a);
/* The start failed: nil, err. */
SS_MAY_RAISE int ss_await_fail(lua_State *L, struct ss_await *a, struct ss_err *err);
/* Default push: a->doc as a Lua value (json.null when none -> true). */
SS_MAY_RAISE int ss_await_push_doc(lua_State *L, struct ss_await *a);
