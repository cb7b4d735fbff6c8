#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "script/policy/explain_priv.h"

struct ss_doc *explain_new_doc(struct explain *e)
{
	struct ss_doc **grown = realloc(e->docs, (e->n_docs + 1) * sizeof(*grown));

	if (!grown)
		return NULL;
	e->docs = grown;
	grown[e->n_docs] = ss_doc_new();
	return grown[e->n_docs] ? grown[e->n_docs++] : NULL;
}

void explain_done(struct explain *e)
{
	for (size_t i = 0; i < e->n_docs; i++)
		ss_doc_free(e->docs[i]);
	free(e->docs);
	free(e->origins);
}

/* --- marks --------------------------------------------------------------------------- */
/* A mark is "\x01" and the number of its origin. */
void explain_put(struct explain *e, struct ss_doc *out, const struct explain_origin *origin)
{
	char text[32];

	if (e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 64;
		struct explain_origin *grown = realloc(e->origins, cap * sizeof(*grown));

		if (!grown) {
			ss_doc_fail(out, SS_ERR_NOMEM);
			return;
		}
		e->origins = grown;
		e->cap = cap;
	}
	e->origins[e->n] = *origin;
	snprintf(text, sizeof(text), "\x01%zu", e->n++);
	ss_doc_string(out, text, strlen(text));
}

void explain_put_empty(struct explain *e, struct ss_doc *out, const struct explain_origin *origin)
{
	ss_doc_begin_object(out);
	ss_doc_key(out, EXPLAIN_EMPTY, 1);
	explain_put(e, out, origin);
	ss_doc_end(out);
}

const struct explain_origin *explain_find(const struct explain *e, const struct ss_doc *doc,
                                          ss_node node)
{
	const char *text = ss_doc_get_string(doc, node, NULL);
	size_t i;

	if (!text || text[0] != '\x01')
		return NULL;
	i = strtoul(text + 1, NULL, 10);
	return i < e->n ? &e->origins[i] : NULL;
}

/* --- documents of marks ------------------------------------------------------------------ */
struct walk {
	struct explain *e;
	struct ss_doc *out;
	const struct ss_doc *src, *before;
	struct adapter_step steps[ADAPTER_MAX_STEPS];
	explain_place_fn place;
	void *ud;
};

static void mark_leaf(struct walk *w, ss_node node, ss_node was, size_t n)
{
	struct explain_origin origin = w->place(w->ud, w->e, w->steps, n, w->src, node);

	/* A layer of two, a request and flags over it, knows what was between them. */
	if (!origin.was_doc || ss_doc_type(origin.was_doc, origin.was) <= SS_NULL) {
		origin.was_doc = w->before;
		origin.was = ss_doc_type(w->before, was) == SS_NULL ? SS_NO_NODE : was;
	}
	if (ss_doc_type(w->src, node) == SS_OBJECT)
		explain_put_empty(w->e, w->out, &origin);
	else
		explain_put(w->e, w->out, &origin);
}

/* n: steps that lead here; those that are too deep for the path are left out of it. */
static void mark(struct walk *w, ss_node node, ss_node was, size_t n)
{
	enum ss_type type = ss_doc_type(w->src, node);

	if (type == SS_NULL || (type == SS_ARRAY && !ss_doc_count(w->src, node))) {
		ss_doc_copy(w->out, w->src, node);
		return;
	}
	if (type < SS_ARRAY || !ss_doc_count(w->src, node)) {
		mark_leaf(w, node, was, n);
		return;
	}
	if (type == SS_OBJECT)
		ss_doc_begin_object(w->out);
	else
		ss_doc_begin_array(w->out);
	for (struct ss_iter it = ss_iter(w->src, node); ss_iter_next(&it);) {
		size_t deeper = n < ADAPTER_MAX_STEPS ? n + 1 : n;

		if (deeper > n)
			w->steps[n] = (struct adapter_step){it.key, it.key_len, it.index};
		if (it.key)
			ss_doc_key(w->out, it.key, it.key_len);
		mark(w, it.value,
		     it.key ? ss_doc_get(w->before, was, it.key)
		            : ss_doc_at(w->before, was, it.index),
		     deeper);
	}
	ss_doc_end(w->out);
}

void explain_mark(struct explain *e, struct ss_doc *out, const struct ss_doc *src, ss_node node,
                  const struct ss_doc *before, ss_node before_node, explain_place_fn place,
                  void *ud)
{
	struct walk w = {
	        .e = e, .out = out, .src = src, .before = before, .place = place, .ud = ud};

	mark(&w, node, before_node, 0);
}
