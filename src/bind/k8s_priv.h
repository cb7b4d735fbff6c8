/* The inside of the k8s module: one file per group of functions, each a C closure
 * whose first upvalue is the box of its client, so that the functions of
 * k8s.connect and the global ones are the same.
 *
 * A function checks all of its arguments (which may raise), starts an await, then
 * the operation, and waits:
 *	k8s_check_ref(L, 1, &verb, K8S_ONE, &ref);
 *	k8s_check_call(L, 2, &verb, &call);
 *	if (k8s_begin(L, &op, push))
 *		op.rc = ss_kube_get(op.client, &ref, &call, k8s_on_done, op.await, &op.op, &op.err);
 *	return k8s_wait_for(L, &op); */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "kube/client.h"
#include "script/await.h"

struct ss_bind_env;
struct ss_connection;

#define K8S_CLIENT lua_upvalueindex(1)

/* What the box of a client holds. */
struct k8s_client {
	struct ss_bind_env *env;
	struct ss_connection *own; /* of k8s.connect; NULL: the environment's */
};
/* The client of the running function, connected on first use; NULL with err. */
struct ss_client *k8s_client(lua_State *L, struct ss_err *err);
/* Push a client's table: the functions of the module over the box at the top, which is popped. */
SS_MAY_RAISE void k8s_push_functions(lua_State *L);

/* --- arguments (k8s_args.c) ------------------------------------------------------ */
struct k8s_verb {
	const char *func;           /* "k8s.get" */
	const char *const *options; /* those it takes; ends with NULL */
	int at;                     /* which argument they are: 1 when the ref is that table */
};
enum k8s_ref_form {
	K8S_ONE,  /* one object: kind and name */
	K8S_MANY, /* a kind; the table is the options too, so other keys are not looked at */
	K8S_ANY,  /* one object, or a kind with a labelSelector */
};
/* The ref at index: an object or {kind=, name=, namespace=, apiVersion=}. Strings are borrowed
 * from the table. Raises for what is none; preconditions stay NULL. */
SS_MAY_RAISE void k8s_check_ref(lua_State *L, int index, const struct k8s_verb *verb,
                                enum k8s_ref_form form, struct ss_ref *ref);
/* A string of the object's metadata, or NULL; borrowed. */
SS_MAY_RAISE const char *k8s_metadata(lua_State *L, int index, const char *field);
/* Raises for an option that the verb does not take, or that is in the wrong table. */
SS_MAY_RAISE void k8s_check_options(lua_State *L, int index, const struct k8s_verb *verb);
/* These, and the common ones of them. */
SS_MAY_RAISE void k8s_check_call(lua_State *L, int index, const struct k8s_verb *verb,
                                 struct ss_call *call);
/* The object at index as a document in a box that is pushed, with its policy's annotation;
 * raises for what is no object with a kind. */
SS_MAY_RAISE struct ss_doc *k8s_check_object(lua_State *L, int index, const struct k8s_verb *verb);
/* Raises for options of the verb that stand in the table of what it is about: as a field of an object
 * they would be sent, beside a list of objects passed over. */
SS_MAY_RAISE void k8s_check_misplaced(lua_State *L, int index, const struct k8s_verb *verb);

/* --- operations ---------------------------------------------------------------------- */
struct k8s_op {
	struct ss_await *await;
	struct ss_client *client;
	struct ss_op *op;
	struct ss_err err;
	int rc;
};
/* Makes the await (pushed) and finds the client; false with rc and err. push NULL: the document. */
SS_MAY_RAISE bool k8s_begin(lua_State *L, struct k8s_op *op, ss_await_push_fn push);
/* The completion: document and change go to the await, which is ud. */
void k8s_on_done(void *ud, struct ss_result *result, const struct ss_err *err);
/* Wait for op->op, or return nil, err when rc is not 0. */
SS_MAY_RAISE int k8s_wait_for(lua_State *L, struct k8s_op *op);

/* --- the functions ---------------------------------------------------------------------- */
SS_MAY_RAISE int l_k8s_get(lua_State *L);
SS_MAY_RAISE int l_k8s_list(lua_State *L);
SS_MAY_RAISE int l_k8s_events(lua_State *L);
SS_MAY_RAISE int l_k8s_kinds(lua_State *L);
SS_MAY_RAISE int l_k8s_version(lua_State *L);
SS_MAY_RAISE int l_k8s_apply(lua_State *L);
SS_MAY_RAISE int l_k8s_create(lua_State *L);
SS_MAY_RAISE int l_k8s_patch(lua_State *L);
SS_MAY_RAISE int l_k8s_delete(lua_State *L);
SS_MAY_RAISE int l_k8s_diff(lua_State *L);
SS_MAY_RAISE int l_k8s_watch(lua_State *L);
SS_MAY_RAISE int l_k8s_wait(lua_State *L);
