/* How an adapter and a request become a manifest (design.md section 3). */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/suggest.h"
#include "sandbox/build.h"
#include "sandbox/guard.h"
#include "script/policy_layers.h"

#define DEFAULT_API_VERSION "agents.x-k8s.io/v1beta1"

enum { MAX_WORDS = 64 };

bool policy_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *mark = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			mark = text;
		} else if (*pattern == *text || (*pattern == '?' && *text != '/')) {
			pattern++;
			text++;
		} else if (star && *mark != '/') {
			pattern = star + 1;
			text = ++mark;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* --- merging ---------------------------------------------------------------------- */
static void merge(struct ss_doc *out, const struct ss_doc *base, ss_node a,
                  const struct ss_doc *over, ss_node b);

static bool absent(const struct ss_doc *doc, ss_node node)
{
	return node == SS_NO_NODE || ss_doc_type(doc, node) == SS_NULL;
}

/* One member of two objects, by the rule: maps merge by key, anything else is replaced. */
static void merge_value(struct ss_doc *out, const struct ss_doc *base, ss_node a,
                        const struct ss_doc *over, ss_node b)
{
	if (absent(over, b))
		ss_doc_copy(out, base, a);
	else if (ss_doc_type(base, a) == SS_OBJECT && ss_doc_type(over, b) == SS_OBJECT)
		merge(out, base, a, over, b);
	else
		ss_doc_copy(out, over, b);
}

static void merge(struct ss_doc *out, const struct ss_doc *base, ss_node a,
                  const struct ss_doc *over, ss_node b)
{
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(base, a); ss_iter_next(&it);) {
		ss_doc_key(out, it.key, it.key_len);
		merge_value(out, base, it.value, over, ss_doc_get(over, b, it.key));
	}
	for (struct ss_iter it = ss_iter(over, b); ss_iter_next(&it);) {
		if (absent(over, it.value) || ss_doc_get(base, a, it.key) != SS_NO_NODE)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, over, it.value);
	}
	ss_doc_end(out);
}

/* --- what a request may set ------------------------------------------------------------ */
static bool is_identity(const char *key)
{
	static const char *const identity[] = {"namespace",          "sandboxName", "envSecretName",
	                                       "serviceAccountName", "adapterType", "labels"};

	for (size_t i = 0; i < SS_ARRAY_LEN(identity); i++) {
		if (strcmp(key, identity[i]) == 0)
			return true;
	}
	return false;
}

static int unknown_field(const char *key, struct ss_err *err)
{
	const char *words[MAX_WORDS], *near;
	size_t n;
	const struct ss_build_field *fields = ss_build_fields(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(fields[i].name, key) == 0)
			return 0;
	}
	for (size_t i = 0; i < n && i < MAX_WORDS; i++)
		words[i] = fields[i].name;
	near = ss_suggest(key, words, n < MAX_WORDS ? n : MAX_WORDS);
	if (near)
		return ss_err_set(err, SS_ERR_INVAL, "unknown field '%s': did you mean '%s'?", key,
		                  near);
	return ss_err_set(err, SS_ERR_INVAL, "unknown field '%s'", key);
}

static bool matches(const struct ss_doc *doc, ss_node patterns, const char *text)
{
	for (struct ss_iter it = ss_iter(doc, patterns); ss_iter_next(&it);) {
		if (text && policy_glob(ss_doc_get_string(doc, it.value, NULL), text))
			return true;
	}
	return false;
}

/* The first text of a value that no pattern allows: the string itself, an element of a list, a
 * key of a map; NULL when all of it is allowed, "" for a value of another type. */
static const char *first_refused(const struct ss_doc *doc, ss_node value,
                                 const struct ss_doc *allow_doc, ss_node patterns)
{
	enum ss_type type = ss_doc_type(doc, value);

	if (type == SS_STRING) {
		const char *s = ss_doc_get_string(doc, value, NULL);

		return matches(allow_doc, patterns, s) ? NULL : s;
	}
	if (type != SS_ARRAY && type != SS_OBJECT)
		return "";
	for (struct ss_iter it = ss_iter(doc, value); ss_iter_next(&it);) {
		const char *s = it.key ? it.key : ss_doc_get_string(doc, it.value, NULL);

		if (!s || !matches(allow_doc, patterns, s))
			return s ? s : "";
	}
	return NULL;
}

static int check_allowed(const struct ss_adapter_version *adapter, const char *key,
                         const struct ss_doc *request, ss_node value, struct ss_err *err)
{
	const struct ss_doc *d = ss_adapter_declared(adapter);
	ss_node rule = ss_doc_find(d, ss_doc_root(d), "allow", key, NULL);
	const char *refused;

	if (ss_doc_get_bool(d, rule, false))
		return 0;
	if (ss_doc_type(d, rule) == SS_BOOL || rule == SS_NO_NODE)
		return ss_err_set(err, SS_ERR_INVAL,
		                  "%s: the adapter '%s' does not allow a request to set it "
		                  "(allow.%s in %s)",
		                  key, ss_adapter_name(adapter), key, ss_adapter_file(adapter));
	refused = first_refused(request, value, d, rule);
	if (!refused)
		return 0;
	return ss_err_set(err, SS_ERR_INVAL,
	                  "%s: '%s' is not among what the adapter '%s' allows (allow.%s in %s)",
	                  key, refused, ss_adapter_name(adapter), key, ss_adapter_file(adapter));
}

static int check_request(const struct ss_adapter_version *adapter, const struct ss_doc *request,
                         ss_node node, enum ss_policy_caller caller, struct ss_err *err)
{
	int rc = 0;

	if (ss_doc_type(request, node) != SS_OBJECT)
		return ss_err_set(err, SS_ERR_INVAL, "the input must be an object");
	for (struct ss_iter it = ss_iter(request, node); ss_iter_next(&it) && !rc;) {
		rc = unknown_field(it.key, err);
		if (rc || absent(request, it.value) || is_identity(it.key))
			continue;
		if (caller == SS_POLICY_REQUEST)
			rc = check_allowed(adapter, it.key, request, it.value, err);
	}
	return rc;
}

/* --- layers -------------------------------------------------------------------------- */
/* What the layers pass on. A layer reads `in` and writes `out`, a fresh document. */
struct layering {
	const struct policy_view *view;
	const struct ss_doc *request;
	ss_node node;
	enum ss_policy_caller caller;
	const struct ss_doc *in;
};
typedef int (*layer_fn)(struct layering *l, struct ss_doc *out, bool *ret_used, struct ss_err *err);

static int layer_declared(struct layering *l, struct ss_doc *out, bool *ret_used,
                          struct ss_err *err)
{
	/* Immutable, so it need not be copied. */
	l->in = ss_adapter_fields(l->view->adapter);
	return 0;
}

static void put_labels(struct layering *l, struct ss_doc *out)
{
	ss_node theirs = ss_doc_get(l->request, l->node, "labels");
	ss_node ours = ss_doc_get(l->in, ss_doc_root(l->in), "labels");

	if (ours == SS_NO_NODE && absent(l->request, theirs) &&
	    !ss_adapter_has_build(l->view->adapter))
		return;
	ss_doc_key_lit(out, "labels");
	if (ours == SS_NO_NODE && absent(l->request, theirs)) {
		/* So that a hook may add one without asking. */
		ss_doc_begin_object(out);
		ss_doc_end(out);
	} else if (absent(l->request, theirs)) {
		ss_doc_copy(out, l->in, ours);
	} else if (ours == SS_NO_NODE || ss_doc_type(l->request, theirs) != SS_OBJECT) {
		ss_doc_copy(out, l->request, theirs); /* what is no map the builder refuses */
	} else {
		merge_value(out, l->request, theirs, l->in, ours); /* the policy's win */
	}
}

static int layer_request(struct layering *l, struct ss_doc *out, bool *ret_used, struct ss_err *err)
{
	ss_node base = ss_doc_root(l->in), node = l->node;
	int rc = check_request(l->view->adapter, l->request, node, l->caller, err);

	if (rc)
		return rc;
	*ret_used = true;
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(l->in, base); ss_iter_next(&it);) {
		if (strcmp(it.key, "labels") == 0)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		merge_value(out, l->in, it.value, l->request, ss_doc_get(l->request, node, it.key));
	}
	for (struct ss_iter it = ss_iter(l->request, node); ss_iter_next(&it);) {
		if (absent(l->request, it.value) || strcmp(it.key, "labels") == 0 ||
		    ss_doc_get(l->in, base, it.key) != SS_NO_NODE)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, l->request, it.value);
	}
	put_labels(l, out);
	if (ss_doc_get(l->in, base, "apiVersion") == SS_NO_NODE &&
	    absent(l->request, ss_doc_get(l->request, node, "apiVersion")))
		ss_doc_put_string(out, "apiVersion", DEFAULT_API_VERSION);
	if (absent(l->request, ss_doc_get(l->request, node, "adapterType")))
		ss_doc_put_string(out, "adapterType", ss_adapter_name(l->view->adapter));
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

static int layer_hook(struct layering *l, struct ss_doc *out, bool *ret_used, struct ss_err *err)
{
	if (!ss_adapter_has_build(l->view->adapter))
		return 0;
	*ret_used = true;
	return ss_adapter_call_build(l->view->adapter, l->view->generation, l->in, out, err);
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
	static const layer_fn layers[] = {layer_declared, layer_request, layer_hook};
	struct layering l = {view, request, node, caller, NULL};
	int side = 0, rc = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(layers) && !rc; i++) {
		struct ss_doc *out = scratch->doc[side];
		bool used = false;

		ss_doc_reset(out);
		rc = layers[i](&l, out, &used, err);
		if (used) {
			l.in = out;
			side = !side;
		}
	}
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

int policy_manifest(struct policy_scratch *scratch, const struct policy_view *view,
                    const struct ss_doc *request, ss_node node, enum ss_policy_caller caller,
                    struct ss_doc *out, struct ss_err *err)
{
	const struct ss_doc *input;
	int rc = policy_layers(scratch, view, request, node, caller, &input, err);

	if (rc == SS_ERR_INVAL)
		return ss_err_wrap(err, rc, "adapter '%s'", ss_adapter_name(view->adapter));
	if (rc)
		return rc;
	rc = ss_build_sandbox(input, ss_doc_root(input), out, err);
	if (rc == 0)
		rc = ss_doc_finish(out, err);
	if (rc)
		return in_adapter(view->adapter, rc, err);
	return ss_guard_check(view->guard, out, ss_doc_root(out), err);
}
