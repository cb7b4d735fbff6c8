/* How an adapter and a request become a manifest (design.md section 3). */
#include <string.h>

#include "base/err.h"
#include "sandbox/build.h"
#include "sandbox/guard.h"
#include "script/policy/layers.h"
#include "script/policy/merge.h"

/* --- the request over the policy ------------------------------------------------------ */
static void put_labels(const struct policy_view *view, struct ss_doc *out, const struct ss_doc *in,
                       const struct ss_doc *request, ss_node node)
{
	ss_node theirs = ss_doc_get(request, node, "labels");
	ss_node ours = ss_doc_get(in, ss_doc_root(in), "labels");

	if (ours == SS_NO_NODE && policy_absent(request, theirs) &&
	    !ss_adapter_has_build(view->adapter))
		return;
	ss_doc_key_lit(out, "labels");
	if (ours == SS_NO_NODE && policy_absent(request, theirs)) {
		/* So that a hook may add one without asking. */
		ss_doc_begin_object(out);
		ss_doc_end(out);
	} else if (policy_absent(request, theirs)) {
		ss_doc_copy(out, in, ours);
	} else if (ours == SS_NO_NODE || ss_doc_type(request, theirs) != SS_OBJECT) {
		ss_doc_copy(out, request, theirs); /* what is no map the builder refuses */
	} else {
		policy_merge_value(out, request, theirs, in, ours); /* the policy's win */
	}
}

/* Chooses overlays, and reaches the hook as context.tenant: no field of the builder. */
static bool is_put_apart(const char *key)
{
	return strcmp(key, "labels") == 0 || strcmp(key, "tenant") == 0;
}

void policy_put_request(const struct policy_view *view, struct ss_doc *out, const struct ss_doc *in,
                        const struct ss_doc *request, ss_node node)
{
	ss_node base = ss_doc_root(in);

	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(in, base); ss_iter_next(&it);) {
		if (is_put_apart(it.key))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		policy_merge_value(out, in, it.value, request, ss_doc_get(request, node, it.key));
	}
	for (struct ss_iter it = ss_iter(request, node); ss_iter_next(&it);) {
		if (policy_absent(request, it.value) || is_put_apart(it.key) ||
		    ss_doc_get(in, base, it.key) != SS_NO_NODE)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, request, it.value);
	}
	put_labels(view, out, in, request, node);
	if (ss_doc_get(in, base, "apiVersion") == SS_NO_NODE &&
	    policy_absent(request, ss_doc_get(request, node, "apiVersion")))
		ss_doc_put_string(out, "apiVersion", SS_POLICY_API_VERSION);
	if (policy_absent(request, ss_doc_get(request, node, "adapterType")))
		ss_doc_put_string(out, "adapterType", ss_adapter_name(view->adapter));
	ss_doc_end(out);
}

const char *ss_policy_fallback(const struct ss_build_field *field)
{
	if (strcmp(field->name, "apiVersion") == 0)
		return SS_POLICY_API_VERSION;
	return strcmp(field->name, "adapterType") == 0 ? "the adapter's name" : field->fallback;
}

/* --- layers -------------------------------------------------------------------------- */
/* What the layers pass on. A layer reads `in`, which may be one of the scratch documents or an
 * immutable one, writes another and makes that `in`. */
struct layering {
	struct policy_scratch *scratch;
	const struct policy_view *view;
	const char *tenant;
	const struct ss_doc *in;
};

/* A document that `in` is not. */
static struct ss_doc *fresh(struct layering *l)
{
	struct ss_doc *out = l->scratch->doc[l->in == l->scratch->doc[0]];

	ss_doc_reset(out);
	return out;
}

static int layer_overlays(struct layering *l, struct ss_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < l->view->n_overlays && !rc; i++) {
		const struct ss_adapter_version *v = l->view->overlays[i];
		const struct ss_doc *over = ss_adapter_fields(v);
		struct ss_doc *out;

		if (!ss_overlay_applies(v, ss_adapter_name(l->view->adapter), l->tenant))
			continue;
		out = fresh(l);
		policy_merge(out, l->in, ss_doc_root(l->in), over, ss_doc_root(over));
		rc = ss_doc_finish(out, err);
		l->in = out;
	}
	return rc;
}

static int layer_request(struct layering *l, const struct ss_doc *request, ss_node node,
                         struct ss_err *err)
{
	struct ss_doc *out = fresh(l);

	policy_put_request(l->view, out, l->in, request, node);
	l->in = out;
	return ss_doc_finish(out, err);
}

static int layer_hook(struct layering *l, struct ss_err *err)
{
	const struct ss_adapter_context context = {l->view->generation, l->tenant};
	struct ss_doc *out;
	int rc;

	if (!ss_adapter_has_build(l->view->adapter))
		return 0;
	out = fresh(l);
	rc = ss_adapter_call_hook(l->view->adapter, &context, l->in, out, err);
	l->in = out;
	return rc;
}

int policy_scratch_init(struct policy_scratch *scratch, struct ss_err *err)
{
	scratch->doc[0] = ss_doc_new();
	scratch->doc[1] = ss_doc_new();
	return scratch->doc[0] && scratch->doc[1] ? 0 : ss_err_nomem(err);
}

void policy_scratch_done(struct policy_scratch *scratch)
{
	ss_doc_free(scratch->doc[0]);
	ss_doc_free(scratch->doc[1]);
}

int policy_layers(struct policy_scratch *scratch, const struct policy_view *view,
                  const struct ss_doc *request, ss_node node, enum ss_policy_caller caller,
                  const struct ss_doc **ret, struct ss_err *err)
{
	/* Layer 1 is immutable, so it need not be copied. */
	struct layering l = {
	        .scratch = scratch, .view = view, .in = ss_adapter_fields(view->adapter)};
	int rc = policy_check_request(view, request, node, caller, &l.tenant, err);

	if (!rc)
		rc = layer_overlays(&l, err);
	if (!rc)
		rc = layer_request(&l, request, node, err);
	if (!rc)
		rc = layer_hook(&l, err);
	*ret = l.in;
	return rc;
}

/* The builder's complaint, with the file to look at when a hook had the last word. */
static int in_adapter(const struct ss_adapter_version *adapter, int rc, struct ss_err *err)
{
	if (ss_adapter_has_build(adapter))
		return ss_err_wrap(err, rc, "adapter '%s' (after the build hook of %s)",
		                   ss_adapter_name(adapter), ss_adapter_file(adapter));
	return ss_err_wrap(err, rc, "adapter '%s'", ss_adapter_name(adapter));
}

int policy_finish(const struct policy_view *view, const struct ss_doc *input, struct ss_doc *out,
                  struct ss_err *err)
{
	int rc = ss_build_sandbox(input, ss_doc_root(input), out, err);

	if (rc == 0)
		rc = ss_doc_finish(out, err);
	if (rc)
		return in_adapter(view->adapter, rc, err);
	return ss_guard_check(view->guard, out, ss_doc_root(out), err);
}

int policy_manifest(struct policy_scratch *scratch, const struct policy_view *view,
                    const struct ss_doc *request, ss_node node, enum ss_policy_caller caller,
                    struct ss_doc *out, struct ss_err *err)
{
	const struct ss_doc *input;
	int rc = policy_layers(scratch, view, request, node, caller, &input, err);

	if (rc == SS_ERR_INVAL)
		return ss_err_wrap(err, rc, "adapter '%s'", ss_adapter_name(view->adapter));
	return rc ? rc : policy_finish(view, input, out, err);
}
