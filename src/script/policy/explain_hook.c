/* Whose value is what, after the hook. The hook is called a second time, on stand-ins
 * (adapter/trace.h). Should it make anything else of them than of plain tables, its
 * writes are told apart by their results alone, and named by the line of its return. */
#include <lauxlib.h>
#include <string.h>

#include "base/err.h"
#include "script/adapter/adapter_priv.h"
#include "script/adapter/trace.h"
#include "script/conv.h"
#include "script/policy/explain_priv.h"

struct hooked {
	struct explain *e;
	struct ss_adapter_version *v; /* the one that serves; a clone is traced */
	const struct ss_adapter_context *context;
	const struct ss_doc *in, *marks, *result;
	struct ss_doc *again; /* what the traced call made */
	struct ss_doc *out;
	/* the hook itself */
	const struct adapter_source *source;
	int from, to;
	struct adapter_step steps[ADAPTER_MAX_STEPS];
	bool same; /* the traced call came to the same result */
};

/* Who set a value: the line, and how many steps lead to the field that was written there. */
struct setter {
	const struct adapter_source *source;
	int line;
	size_t depth; /* 0 = what the hook returned */
};

static const struct setter returned = {NULL, 0, 0};

/* --- leaves ----------------------------------------------------------------------------------- */
static struct explain_origin origin_of(struct hooked *h, const struct setter *by, size_t n,
                                       ss_node node, ss_node was)
{
	struct adapter_place place = {h->source, h->from};

	if (by->depth)
		place = (struct adapter_place){by->source, by->line};
	if (h->e->located++ >= EXPLAIN_MAX_LOOKUPS)
		;
	else if (by->depth && by->depth <= n)
		place = adapter_locate_write(h->v, by->source, by->line, &h->steps[by->depth - 1],
		                             h->steps + by->depth, n - by->depth, h->result, node);
	else if (h->source)
		place = adapter_locate_return(h->v, h->source, h->from, h->to, h->steps, n,
		                              h->result, node);
	return (struct explain_origin){
	        .layer = EXPLAIN_HOOK,
	        .file = place.source ? place.source->file : ss_adapter_file(h->v),
	        .line = place.line,
	        .was_doc = h->in,
	        .was = ss_doc_type(h->in, was) == SS_NULL ? SS_NO_NODE : was,
	};
}

static void put_set(struct hooked *h, const struct setter *by, size_t n, ss_node node, ss_node was)
{
	struct explain_origin origin = origin_of(h, by, n, node, was);

	if (ss_doc_type(h->result, node) >= SS_ARRAY)
		explain_put_empty(h->e, h->out, &origin);
	else
		explain_put(h->e, h->out, &origin);
}

static bool is_leaf(const struct ss_doc *doc, ss_node node)
{
	return ss_doc_type(doc, node) < SS_ARRAY || !ss_doc_count(doc, node);
}

static void begin(struct hooked *h, ss_node node)
{
	if (ss_doc_type(h->result, node) == SS_ARRAY)
		ss_doc_begin_array(h->out);
	else
		ss_doc_begin_object(h->out);
}

static ss_node child(const struct ss_doc *doc, ss_node node, const struct ss_iter *it)
{
	return it->key ? ss_doc_get(doc, node, it->key) : ss_doc_at(doc, node, it->index);
}

static size_t step(struct hooked *h, const struct ss_iter *it, size_t n)
{
	if (it->key)
		ss_doc_key(h->out, it->key, it->key_len);
	if (n == ADAPTER_MAX_STEPS)
		return n;
	h->steps[n] = (struct adapter_step){it->key, it->key_len, it->index};
	return n + 1;
}

/* --- by what was noted --------------------------------------------------------------------------- */
/* The value at the top of the stack is result/node, and was set by `by`, or, while that is NULL,
 * came with the input as marks/mark. */
static void walk(struct hooked *h, lua_State *L, ss_node node, ss_node was, ss_node mark,
                 const struct setter *by, size_t n)
{
	ss_node own;

	if (is_leaf(h->result, node)) {
		if (!by && mark != SS_NO_NODE && is_leaf(h->in, was))
			ss_doc_copy(h->out, h->marks, mark);
		else
			put_set(h, by ? by : &returned, n, node, was);
		return;
	}
	luaL_checkstack(L, 8, "the result is nested too deep");
	own = adapter_trace_node(L, -1);
	begin(h, node);
	for (struct ss_iter it = ss_iter(h->result, node); ss_iter_next(&it);) {
		size_t deeper = step(h, &it, n);
		struct setter write = {.depth = deeper};
		const struct setter *next = by;
		int source = 0;

		if (it.key)
			lua_pushlstring(L, it.key, it.key_len);
		else
			lua_pushinteger(L, (lua_Integer)it.index + 1);
		if (adapter_trace_written(L, -2, -1, &source, &write.line)) {
			write.source = &h->v->sources[source];
			next = &write;
		}
		lua_rawget(L, -2);
		walk(h, L, it.value, child(h->in, was, &it),
		     next ? SS_NO_NODE : child(h->marks, own, &it), next, deeper);
		lua_pop(L, 1);
	}
	ss_doc_end(h->out);
}

static void note_function(struct hooked *h, lua_State *L)
{
	lua_Debug ar;

	if (!lua_getinfo(L, ">S", &ar) || ar.linedefined <= 0)
		return;
	for (size_t i = 0; i < h->v->n_sources; i++) {
		if (strcmp(ar.source + 1, h->v->sources[i].rel) == 0)
			h->source = &h->v->sources[i];
	}
	h->from = ar.linedefined;
	h->to = ar.lastlinedefined;
}

static int run_traced(lua_State *L)
{
	struct hooked *h = lua_touserdata(L, 1);

	adapter_push_hook(L, h->v, h->context, h->in);
	lua_pushvalue(L, -3);
	note_function(h, L);
	lua_insert(L, -2); /* hook context input */
	adapter_trace_wrap_input(L, h->marks, ss_doc_root(h->marks));
	lua_insert(L, -2);
	lua_call(L, 2, 1);
	adapter_trace_unwrap(L);
	if (ss_conv_from_lua(L, -1, h->again, NULL) || ss_doc_finish(h->again, NULL))
		return 0;
	h->same = ss_doc_equal(h->again, ss_doc_root(h->again), h->result, ss_doc_root(h->result));
	if (h->same)
		walk(h, L, ss_doc_root(h->result), ss_doc_root(h->in), ss_doc_root(h->marks),
		     adapter_trace_node(L, -1) == SS_NO_NODE ? &returned : NULL, 0);
	return 0;
}

/* --- by what differs ------------------------------------------------------------------------------- */
static void compare(struct hooked *h, ss_node node, ss_node was, ss_node mark, size_t n)
{
	if (is_leaf(h->result, node)) {
		if (mark != SS_NO_NODE && ss_doc_equal(h->result, node, h->in, was))
			ss_doc_copy(h->out, h->marks, mark);
		else
			put_set(h, &returned, n, node, was);
		return;
	}
	begin(h, node);
	for (struct ss_iter it = ss_iter(h->result, node); ss_iter_next(&it);) {
		size_t deeper = step(h, &it, n);

		compare(h, it.value, child(h->in, was, &it), child(h->marks, mark, &it), deeper);
	}
	ss_doc_end(h->out);
}

int explain_hook(struct explain *e, struct ss_adapter_version *v,
                 const struct ss_adapter_context *context, const struct ss_doc *in,
                 const struct ss_doc *marks, const struct ss_doc *result, struct ss_doc *out,
                 struct ss_err *err)
{
	/* Each access of the hook is a call here. */
	static const struct ss_adapter_budget budget = {20 * SS_ADAPTER_CALL_MS,
	                                                5 * SS_ADAPTER_INSTRUCTIONS};
	struct ss_adapter_version *traced = ss_adapter_clone(v);
	struct hooked h = {.e = e,
	                   .v = v,
	                   .context = context,
	                   .in = in,
	                   .marks = marks,
	                   .result = result,
	                   .again = explain_new_doc(e),
	                   .out = out};
	struct ss_err ignored SS_AUTO_ERR; /* it worked on plain tables */
	int rc = traced && h.again ? 0 : ss_err_nomem(err);

	ss_err_init(&ignored);
	if (traced)
		traced->traced = true;
	if (!rc && !adapter_open_state(traced, &ignored))
		rc = ss_adapter_state_run(traced->state, run_traced, &h, "the build hook", &budget,
		                          &ignored);
	ss_adapter_unref(traced);
	if (rc == SS_ERR_NOMEM)
		return ss_err_nomem(err);
	if (!rc && h.same)
		return 0;
	ss_doc_reset(out);
	compare(&h, ss_doc_root(result), ss_doc_root(in), ss_doc_root(marks), 0);
	return 0;
}
