#include "script/policy/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "sandbox/build.h"
#include "script/adapter/adapter_priv.h"
#include "script/policy/explain_priv.h"
#include "script/policy/merge.h"
#include "script/policy/policy_priv.h"

enum { MAX_NODES = 10000 };

/* What the layers made so far: the values, and the marks of them. */
struct stage {
	const struct ss_doc *real, *marks;
};

/* --- places ------------------------------------------------------------------------------ */
static struct explain_origin place_declared(void *ud, struct explain *e,
                                            const struct adapter_step *steps, size_t n,
                                            const struct ss_doc *doc, ss_node node)
{
	const struct ss_adapter_version *v = ud;
	struct adapter_place place = {&v->sources[0], v->call_line};

	if (e->located++ < EXPLAIN_MAX_LOOKUPS)
		place = adapter_locate(v, steps, n, doc, node);
	return (struct explain_origin){
	        .layer = ss_adapter_is_overlay(v) ? EXPLAIN_OVERLAY : EXPLAIN_ADAPTER,
	        .file = place.source->file,
	        .line = place.line,
	};
}

static bool covers(const struct ss_explain_flag *flag, const struct adapter_step *steps, size_t n)
{
	for (size_t i = 0; i < flag->n; i++) {
		if (i == n || !steps[i].key || strlen(flag->path[i]) != steps[i].len ||
		    memcmp(flag->path[i], steps[i].key, steps[i].len) != 0)
			return false;
	}
	return true;
}

static struct explain_origin place_requested(void *ud, struct explain *e,
                                             const struct adapter_step *steps, size_t n,
                                             const struct ss_doc *doc, ss_node node)
{
	const struct ss_explain_request *from = ud;

	for (size_t i = from->n_flags; i-- > 0;) {
		if (covers(&from->flags[i], steps, n))
			return (struct explain_origin){
			        .layer = EXPLAIN_FLAG,
			        .flag = from->flags[i].text,
			        .was_doc = from->unset,
			        .was = from->unset ? adapter_follow(from->unset, steps, n)
			                           : SS_NO_NODE,
			};
	}
	return (struct explain_origin){
	        .layer = EXPLAIN_REQUEST, .file = from->file, .line = from->line};
}

/* --- layers -------------------------------------------------------------------------------- */
static int new_docs(struct explain *e, struct ss_doc **list, size_t n, struct ss_err *err)
{
	for (size_t i = 0; i < n; i++) {
		list[i] = explain_new_doc(e);
		if (!list[i])
			return ss_err_nomem(err);
	}
	return 0;
}

static int start(struct explain *e, const struct policy_view *view, struct stage *s,
                 struct ss_err *err)
{
	const struct ss_doc *fields = ss_adapter_fields(view->adapter);
	struct ss_doc *marks;
	int rc = new_docs(e, &marks, 1, err);

	if (rc)
		return rc;
	explain_mark(e, marks, fields, ss_doc_root(fields), NULL, SS_NO_NODE, place_declared,
	             view->adapter);
	*s = (struct stage){fields, marks};
	return ss_doc_finish(marks, err);
}

static int overlay(struct explain *e, struct ss_adapter_version *v, struct stage *s,
                   struct ss_err *err)
{
	const struct ss_doc *fields = ss_adapter_fields(v);
	struct ss_doc *d[3]; /* marks of the overlay; values and marks after it */
	int rc = new_docs(e, d, 3, err);

	if (rc)
		return rc;
	explain_mark(e, d[0], fields, ss_doc_root(fields), s->real, ss_doc_root(s->real),
	             place_declared, v);
	rc = ss_doc_finish(d[0], err);
	if (rc)
		return rc;
	policy_merge(d[1], s->real, ss_doc_root(s->real), fields, ss_doc_root(fields));
	policy_merge(d[2], s->marks, ss_doc_root(s->marks), d[0], ss_doc_root(d[0]));
	rc = ss_doc_finish(d[1], err);
	*s = (struct stage){d[1], d[2]};
	return rc ? rc : ss_doc_finish(d[2], err);
}

static int request_over(struct explain *e, const struct policy_view *view,
                        const struct ss_doc *request, ss_node node,
                        const struct ss_explain_request *from, struct stage *s, struct ss_err *err)
{
	struct ss_doc *d[3]; /* as of an overlay */
	int rc = new_docs(e, d, 3, err);

	if (rc)
		return rc;
	explain_mark(e, d[0], request, node, s->real, ss_doc_root(s->real), place_requested,
	             (void *)from);
	rc = ss_doc_finish(d[0], err);
	if (rc)
		return rc;
	policy_put_request(view, d[1], s->real, request, node);
	policy_put_request(view, d[2], s->marks, d[0], ss_doc_root(d[0]));
	rc = ss_doc_finish(d[1], err);
	*s = (struct stage){d[1], d[2]};
	return rc ? rc : ss_doc_finish(d[2], err);
}

static int hook(struct explain *e, const struct policy_view *view, const char *tenant,
                struct stage *s, struct ss_err *err)
{
	const struct ss_adapter_context context = {view->generation, tenant};
	struct ss_doc *d[2];
	int rc = new_docs(e, d, 2, err);

	if (!rc)
		rc = ss_adapter_call_hook(view->adapter, &context, s->real, d[0], err);
	if (!rc)
		rc = explain_hook(e, view->adapter, &context, s->real, s->marks, d[0], d[1], err);
	if (!rc)
		rc = ss_doc_finish(d[1], err);
	*s = (struct stage){d[0], d[1]};
	return rc;
}

static int run_layers(struct explain *e, const struct policy_view *view,
                      const struct ss_doc *request, ss_node node,
                      const struct ss_explain_request *from, struct stage *s, struct ss_err *err)
{
	const char *tenant;
	int rc = policy_check_request(view, request, node, SS_POLICY_OPERATOR, &tenant, err);

	if (!rc)
		rc = start(e, view, s, err);
	for (size_t i = 0; i < view->n_overlays && !rc; i++) {
		if (ss_overlay_applies(view->overlays[i], ss_adapter_name(view->adapter), tenant))
			rc = overlay(e, view->overlays[i], s, err);
	}
	if (!rc)
		rc = request_over(e, view, request, node, from, s, err);
	if (!rc && ss_adapter_has_build(view->adapter))
		rc = hook(e, view, tenant, s, err);
	return rc;
}

/* --- the builder's own ------------------------------------------------------------------------ */
/* What the builder makes of a request that says as little as it may, with marks for what such a
 * request brings: the rest are its defaults. */
static int build_defaults(struct explain *e, const struct ss_doc **ret, struct ss_err *err)
{
	static const char *const required[] = {"namespace", "sandboxName",   "adapterType",
	                                       "image",     "envSecretName", "serviceAccountName"};
	const struct explain_origin given = {.layer = EXPLAIN_REQUEST, .was = SS_NO_NODE};
	struct ss_doc *d[3]; /* request, marks, manifest */
	int rc = new_docs(e, d, 3, err);

	if (rc)
		return rc;
	ss_doc_begin_object(d[0]);
	ss_doc_begin_object(d[1]);
	for (size_t i = 0; i < SS_ARRAY_LEN(required); i++) {
		ss_doc_put_string(d[0], required[i], "sample");
		ss_doc_key_lit(d[1], required[i]);
		explain_put(e, d[1], &given);
	}
	for (size_t i = 0; i < 2; i++) {
		ss_doc_put_string(d[i], "apiVersion", SS_POLICY_API_VERSION);
		ss_doc_end(d[i]);
		rc = rc ? rc : ss_doc_finish(d[i], err);
	}
	if (!rc)
		rc = ss_build_marked(d[0], ss_doc_root(d[0]), d[1], ss_doc_root(d[1]), d[2], err);
	*ret = d[2];
	return rc ? rc : ss_doc_finish(d[2], err);
}

/* --- the result -------------------------------------------------------------------------------- */
struct report {
	const struct explain *e;
	const struct stage *last;
	const struct ss_doc *manifest, *marks, *defaults;
	struct ss_buf path;
	struct ss_doc *out;
};

/* Of an empty container, which the marked manifest has no mark in. */
static const struct explain_origin *find_empty(const struct report *r, const char *key)
{
	const struct ss_doc *d = r->last->marks;
	ss_node root = ss_doc_root(d);
	ss_node node = key && strcmp(key, "labels") == 0
	                       ? ss_doc_get(d, root, "labels")
	                       : ss_doc_find(d, root, "resources", key ? key : "", NULL);

	return explain_find(r->e, d, ss_doc_get(d, node, EXPLAIN_EMPTY));
}

/* "….env[3].name": a key, marked as its value is. */
static bool is_key(const struct ss_buf *path)
{
	const char *env = path->data ? strstr(path->data, ".env[") : NULL;

	return env && path->len > 5 && strcmp(path->data + path->len - 5, ".name") == 0;
}

static void put_was(struct report *r, const struct explain_origin *origin, ss_node fallback)
{
	if (is_key(&r->path))
		return;
	if (origin->was != SS_NO_NODE)
		ss_doc_put_copy(r->out, "was", origin->was_doc, origin->was);
	else if (fallback != SS_NO_NODE && !explain_find(r->e, r->defaults, fallback))
		ss_doc_put_copy(r->out, "was", r->defaults, fallback);
}

static void put_leaf(struct report *r, ss_node node, ss_node marked, ss_node fallback,
                     const char *key)
{
	static const char *const names[] = {"builder default", "adapter", "overlay",
	                                    "request",         "flag",    "hook"};
	const struct explain_origin *origin = ss_doc_type(r->manifest, node) < SS_ARRAY
	                                              ? explain_find(r->e, r->marks, marked)
	                                              : find_empty(r, key);

	ss_doc_begin_object(r->out);
	ss_doc_key_lit(r->out, "path");
	ss_doc_string(r->out, r->path.data, r->path.len);
	ss_doc_put_copy(r->out, "value", r->manifest, node);
	ss_doc_put_string(r->out, "layer", names[origin ? origin->layer : EXPLAIN_BUILDER]);
	if (origin) {
		ss_doc_put_string(r->out, "file", origin->file);
		if (origin->line)
			ss_doc_put_int(r->out, "line", origin->line);
		ss_doc_put_string(r->out, "flag", origin->flag);
		put_was(r, origin, fallback);
	}
	ss_doc_end(r->out);
}

static bool is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n && !s[n] && !(s[0] >= '0' && s[0] <= '9');
}

static void add_step(struct ss_buf *path, const struct ss_iter *it)
{
	if (!it->key)
		ss_buf_printf(path, "[%zu]", it->index);
	else if (is_word(it->key))
		ss_buf_printf(path, "%s%s", path->len ? "." : "", it->key);
	else
		ss_buf_printf(path, "[\"%s\"]", it->key);
}

static void put_leaves(struct report *r, ss_node node, ss_node marked, ss_node fallback)
{
	for (struct ss_iter it = ss_iter(r->manifest, node); ss_iter_next(&it);) {
		size_t len = r->path.len;
		ss_node m = it.key ? ss_doc_get(r->marks, marked, it.key)
		                   : ss_doc_at(r->marks, marked, it.index);
		ss_node d = it.key ? ss_doc_get(r->defaults, fallback, it.key)
		                   : ss_doc_at(r->defaults, fallback, it.index);

		add_step(&r->path, &it);
		if (ss_doc_type(r->manifest, it.value) >= SS_ARRAY &&
		    ss_doc_count(r->manifest, it.value))
			put_leaves(r, it.value, m, d);
		else
			put_leaf(r, it.value, m, d, it.key);
		r->path.len = len;
		if (r->path.data)
			r->path.data[len] = 0;
	}
}

static int report(struct report *r, struct ss_err *err)
{
	int rc;

	ss_doc_begin_array(r->out);
	put_leaves(r, ss_doc_root(r->manifest), ss_doc_root(r->marks), ss_doc_root(r->defaults));
	ss_doc_end(r->out);
	rc = ss_buf_check(&r->path, "a path", err);
	ss_buf_done(&r->path);
	return rc ? rc : ss_doc_finish(r->out, err);
}

/* The search for members is linear, and so is that for lines. */
static int check_size(const struct ss_doc *manifest, struct ss_err *err)
{
	if (ss_doc_nodes(manifest) <= MAX_NODES)
		return 0;
	return ss_err_set(err, SS_ERR_LIMIT, "explain: the manifest has more than %d values",
	                  MAX_NODES);
}

static int explain(struct explain *e, const struct policy_view *view, const struct ss_doc *request,
                   ss_node node, const struct ss_explain_request *from, struct ss_doc *manifest,
                   struct ss_doc *out, struct ss_err *err)
{
	struct stage last = {NULL, NULL};
	struct report r = {.e = e, .last = &last, .manifest = manifest, .out = out};
	struct ss_doc *marks;
	int rc = run_layers(e, view, request, node, from, &last, err);

	if (rc == SS_ERR_INVAL)
		return ss_err_wrap(err, rc, "adapter '%s'", ss_adapter_name(view->adapter));
	if (!rc)
		rc = policy_finish(view, last.real, manifest, err);
	if (!rc)
		rc = check_size(manifest, err);
	if (!rc)
		rc = new_docs(e, &marks, 1, err);
	if (!rc)
		rc = ss_build_marked(last.real, ss_doc_root(last.real), last.marks,
		                     ss_doc_root(last.marks), marks, err);
	if (!rc)
		rc = ss_doc_finish(marks, err);
	if (!rc)
		rc = build_defaults(e, &r.defaults, err);
	if (rc)
		return rc;
	r.marks = marks;
	return report(&r, err);
}

int ss_policy_explain(struct ss_policy *policy, const char *adapter, const struct ss_doc *request,
                      ss_node node, const struct ss_explain_request *from, struct ss_doc *manifest,
                      struct ss_doc *out, struct ss_err *err)
{
	struct policy_generation *g;
	struct explain e = {0};
	struct policy_view view;
	int rc = policy_find(policy, adapter, &view, err);

	if (rc)
		return rc;
	g = policy_generation_ref(policy->current);
	rc = explain(&e, &view, request, node, from, manifest, out, err);
	explain_done(&e);
	policy_generation_unref(g);
	return rc;
}
