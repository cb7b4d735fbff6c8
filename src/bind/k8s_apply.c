/* k8s.apply: one object, a list of them, or YAML text, one after the other in
 * the order in which they depend on each other. One await for the whole; the
 * completion of one object starts the next. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/edit.h"
#include "base/yaml.h"
#include "bind/k8s_priv.h"
#include "kube/order.h"
#include "kube/verbs.h"
#include "script/conv.h"
#include "script/lazy.h"
#include "script/luax.h"

enum { MAX_OBJECTS = 10000 };

static const char *const names[] = {"fieldManager", "force",   "dryRun", "namespace",
                                    "exactVersion", "timeout", NULL};
static const struct k8s_verb verb = {"k8s.apply", names, 2};

struct item {
	struct ss_doc *doc;    /* to be sent; NULL once it is */
	struct ss_doc *stored; /* the answer, or */
	char *text;            /* its JSON */
	size_t text_len;
	size_t at; /* position in what was given */
	int rank;
};

struct batch {
	struct item *items; /* in the order of sending */
	size_t n, cap, done;
	bool single; /* one object was given, so one is returned */
	struct ss_client *client;
	struct ss_call call;
	char *field_manager, *namespace_;
	struct ss_await *await;
	struct ss_op *op;
	struct ss_err err; /* of the object that failed */
};

static void free_batch(void *ptr)
{
	struct batch *b = ptr;

	for (size_t i = 0; i < b->n; i++) {
		ss_doc_free(b->items[i].doc);
		ss_doc_free(b->items[i].stored);
		free(b->items[i].text);
	}
	ss_err_done(&b->err);
	free(b->items);
	free(b->field_manager);
	free(b->namespace_);
	free(b);
}

/* --- collecting ---------------------------------------------------------------------- */
/* Takes doc over, also when it fails. */
static int add_doc(struct batch *b, struct ss_doc *doc, struct ss_err *err)
{
	struct item *grown;

	if (b->n == MAX_OBJECTS) {
		ss_doc_free(doc);
		return ss_err_set(err, SS_ERR_LIMIT, "more than %d objects in one apply",
		                  MAX_OBJECTS);
	}
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 4;
		grown = realloc(b->items, b->cap * sizeof(*grown));
		if (!grown) {
			ss_doc_free(doc);
			return ss_err_nomem(err);
		}
		b->items = grown;
	}
	b->items[b->n] = (struct item){
	        .doc = doc,
	        .at = b->n,
	        .rank = ss_kube_order_rank(ss_doc_find_string(doc, ss_doc_root(doc), "kind", NULL)),
	};
	b->n++;
	return 0;
}

/* A List of kubectl: its items are objects of their own. */
static ss_node items_of(const struct ss_doc *doc)
{
	ss_node root = ss_doc_root(doc), items = ss_doc_get(doc, root, "items");
	const char *kind = ss_doc_find_string(doc, root, "kind", NULL);
	size_t len = kind ? strlen(kind) : 0;

	if (len < 4 || strcmp(kind + len - 4, "List") != 0 || ss_doc_type(doc, items) != SS_ARRAY)
		return SS_NO_NODE;
	return items;
}

/* Takes doc over. */
static int add_object(struct batch *b, struct ss_doc *doc, struct ss_err *err)
{
	ss_node items = items_of(doc);
	int rc = 0;

	if (items == SS_NO_NODE)
		return add_doc(b, doc, err);
	for (struct ss_iter it = ss_iter(doc, items); ss_iter_next(&it) && !rc;) {
		struct ss_doc *one = ss_doc_dup(doc, it.value);

		rc = one ? add_doc(b, one, err) : ss_err_nomem(err);
	}
	b->single = false;
	ss_doc_free(doc);
	return rc;
}

static int add_yaml(void *ud, struct ss_doc *doc, size_t line, struct ss_err *err)
{
	ss_node root = ss_doc_root(doc);

	if (ss_doc_find_string(doc, root, "kind", NULL) &&
	    ss_doc_find_string(doc, root, "apiVersion", NULL))
		return add_object(ud, doc, err);
	ss_doc_free(doc);
	return ss_err_set(err, SS_ERR_INVAL,
	                  "line %zu: not an object: apiVersion and kind are missing", line);
}

/* An empty table is a list that came out empty. */
static bool is_list(lua_State *L, int index)
{
	if (ss_conv_is_array(L, index))
		return true;
	if (!lua_istable(L, index))
		return false;
	ss_lazy_fill(L, index);
	lua_pushnil(L);
	if (!lua_next(L, index))
		return true;
	lua_pop(L, 2);
	return lua_rawlen(L, index) > 0;
}

/* The objects of index 1; raises for misuse. */
static int collect(lua_State *L, struct batch *b, struct ss_err *err)
{
	size_t len;
	const char *text;
	int rc = 0;

	b->single = true;
	if (lua_type(L, 1) == LUA_TSTRING) {
		b->single = false;
		text = lua_tolstring(L, 1, &len);
		return ss_yaml_parse_all(text, len, add_yaml, b, err);
	}
	if (!is_list(L, 1)) {
		k8s_check_object(L, 1, &verb);
		rc = add_object(b, ss_conv_take_doc(L, -1), err);
		lua_pop(L, 1);
		return rc;
	}
	b->single = false;
	k8s_check_misplaced(L, 1, &verb);
	for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, 1); i <= n && !rc; i++) {
		lua_rawgeti(L, 1, i);
		k8s_check_object(L, lua_gettop(L), &verb);
		rc = add_object(b, ss_conv_take_doc(L, -1), err);
		lua_pop(L, 2);
	}
	return rc;
}

static int by_rank(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* --- sending ---------------------------------------------------------------------------- */
static int send_next(struct batch *b, struct ss_err *err);

static void on_applied(void *ud, struct ss_result *result, const struct ss_err *err)
{
	struct batch *b = ud;

	b->op = NULL;
	if (err) {
		ss_err_copy(&b->err, err);
	} else {
		struct item *item = &b->items[b->done++];

		item->stored = result->doc;
		item->text = result->text;
		item->text_len = result->text_len;
		result->doc = NULL;
		result->text = NULL;
	}
	if (err || b->done == b->n || send_next(b, &b->err))
		ss_await_finish(b->await, NULL);
}

static int send_next(struct batch *b, struct ss_err *err)
{
	struct item *item = &b->items[b->done];
	int rc;

	rc = ss_kube_apply(b->client, item->doc, ss_doc_root(item->doc), b->namespace_, &b->call,
	                   on_applied, b, &b->op, err);
	ss_doc_free(item->doc);
	item->doc = NULL;
	return rc;
}

static void cancel_batch(void *ptr)
{
	struct batch *b = ptr;

	ss_op_cancel(b->op);
	b->op = NULL;
}

/* --- answers -------------------------------------------------------------------------------- */
static void push_stored(lua_State *L, const struct item *item)
{
	if (item->text)
		ss_lazy_push(L, item->text, item->text_len);
	else if (item->stored)
		ss_conv_to_lua(L, item->stored, ss_doc_root(item->stored), 0);
	else
		lua_pushboolean(L, 1);
}

/* nil, err with err.applied: what is there now, in the order of sending. */
static int push_failure(lua_State *L, struct batch *b)
{
	size_t done = b->done;

	ss_lua_fail(L, &b->err);
	ss_conv_push_array(L, (int)done);
	for (size_t i = 0; i < done; i++) {
		push_stored(L, &b->items[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "applied");
	return 2;
}

static int push_batch(lua_State *L, struct ss_await *a)
{
	struct batch *b = a->data;

	if (b->err.code && b->single)
		return ss_lua_fail(L, &b->err);
	if (b->err.code)
		return push_failure(L, b);
	if (b->single) {
		push_stored(L, &b->items[0]);
		return 1;
	}
	ss_conv_push_array(L, (int)b->n);
	for (size_t i = 0; i < b->n; i++) {
		push_stored(L, &b->items[i]);
		lua_rawseti(L, -2, (lua_Integer)b->items[i].at + 1);
	}
	return 1;
}

/* The batch in a box, pushed: what may raise comes while it is there. */
static struct batch *push_new_batch(lua_State *L, const struct ss_call *call,
                                    const char *namespace_)
{
	void **box = ss_lua_new_box(L, "sandscript.batch", free_batch);
	struct batch *b = calloc(1, sizeof(*b));

	if (!b)
		luaL_error(L, "out of memory");
	*box = b;
	ss_err_init(&b->err);
	b->call = *call;
	b->call.want_text = true;
	b->field_manager = call->field_manager ? strdup(call->field_manager) : NULL;
	b->call.field_manager = b->field_manager;
	b->namespace_ = namespace_ ? strdup(namespace_) : NULL;
	if ((call->field_manager && !b->field_manager) || (namespace_ && !b->namespace_))
		luaL_error(L, "out of memory");
	return b;
}

/* k8s.apply(object | {object…} | "yaml text", {fieldManager="sandscript", force=false, dryRun=false,
 *           namespace=nil, exactVersion=false, timeout=30}) --> stored object | array of them
 * Server-side apply. A list is sent in the order of its dependencies and returned in its own; it
 * stops at the first error, with what was stored in err.applied. timeout is for each object.
 * raises: no object with apiVersion and kind, unknown option
 * returns nil, err: conflict (causes: fields and their managers), invalid (causes), policy (the
 *   guard), parse (YAML), forbidden, not_found (of the kind or the namespace), … as k8s.get
 * yields: yes */
int l_k8s_apply(lua_State *L)
{
	const char *namespace_;
	struct ss_call call;
	struct batch *b;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_call(L, 2, &verb, &call);
	namespace_ = ss_lua_opt_string(L, 2, verb.func, "namespace", NULL);
	b = push_new_batch(L, &call, namespace_);
	if (collect(L, b, &b->err))
		return ss_lua_fail(L, &b->err);
	if (!b->n) {
		ss_conv_push_array(L, 0);
		return 1;
	}
	qsort(b->items, b->n, sizeof(*b->items), by_rank);
	if (k8s_begin(L, &op, push_batch)) {
		op.await->data = ss_lua_take_box(L, 3);
		op.await->data_free = free_batch;
		b->client = op.client;
		b->await = op.await;
		op.rc = send_next(b, &op.err);
	}
	if (op.rc && op.client && !b->single) {
		ss_err_move(&b->err, &op.err);
		return push_failure(L, b);
	}
	if (op.rc)
		return ss_await_fail(L, op.await, &op.err);
	ss_await_started(op.await, cancel_batch, b);
	return ss_await_wait(L, op.await);
}
