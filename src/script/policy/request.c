/* What a request may ask of an adapter: identity always, fields of policy as far as
 * `allow` says, overlays included. */
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/suggest.h"
#include "sandbox/build.h"
#include "sandbox/names.h"
#include "script/policy/layers.h"
#include "script/policy/merge.h"

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

static bool is_identity(const char *key)
{
	static const char *const identity[] = {
	        "namespace",   "sandboxName", "envSecretName", "serviceAccountName",
	        "adapterType", "labels",      "tenant"};

	for (size_t i = 0; i < SS_ARRAY_LEN(identity); i++) {
		if (strcmp(key, identity[i]) == 0)
			return true;
	}
	return false;
}

static int unknown_field(const char *key, struct ss_err *err)
{
	const char *words[MAX_WORDS], *near;
	size_t n, count = 0;
	const struct ss_build_field *fields = ss_build_fields(&n);

	if (is_identity(key))
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(fields[i].name, key) == 0)
			return 0;
	}
	words[count++] = "tenant";
	for (size_t i = 0; i < n && count < MAX_WORDS; i++)
		words[count++] = fields[i].name;
	near = ss_suggest(key, words, count);
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

/* `allow.KEY`, as the last overlay that says it, or the adapter. *ret_from: whose it is. */
static ss_node find_rule(const struct policy_view *view, const char *tenant, const char *key,
                         const struct ss_adapter_version **ret_from)
{
	const struct ss_adapter_version *v;
	const struct ss_doc *d;
	ss_node rule;

	for (size_t i = view->n_overlays; i-- > 0;) {
		v = view->overlays[i];
		d = ss_adapter_declared(v);
		if (!ss_overlay_applies(v, ss_adapter_name(view->adapter), tenant))
			continue;
		rule = ss_doc_find(d, ss_doc_root(d), "allow", key, NULL);
		if (policy_absent(d, rule))
			continue;
		*ret_from = v;
		return rule;
	}
	*ret_from = view->adapter;
	d = ss_adapter_declared(view->adapter);
	return ss_doc_find(d, ss_doc_root(d), "allow", key, NULL);
}

static int check_allowed(const struct policy_view *view, const char *tenant, const char *key,
                         const struct ss_doc *request, ss_node value, struct ss_err *err)
{
	const struct ss_adapter_version *from;
	ss_node rule = find_rule(view, tenant, key, &from);
	const struct ss_doc *d = ss_adapter_declared(from);
	const char *refused;

	if (ss_doc_get_bool(d, rule, false))
		return 0;
	if (ss_doc_type(d, rule) == SS_BOOL || rule == SS_NO_NODE)
		return ss_err_set(err, SS_ERR_INVAL,
		                  "%s: the adapter '%s' does not allow a request to set it "
		                  "(allow.%s in %s)",
		                  key, ss_adapter_name(view->adapter), key, ss_adapter_file(from));
	refused = first_refused(request, value, d, rule);
	if (!refused)
		return 0;
	return ss_err_set(err, SS_ERR_INVAL,
	                  "%s: '%s' is not among what the adapter '%s' allows (allow.%s in %s)",
	                  key, refused, ss_adapter_name(view->adapter), key, ss_adapter_file(from));
}

int policy_tenant(const struct ss_doc *request, ss_node node, const char **ret, struct ss_err *err)
{
	ss_node tenant = ss_doc_get(request, node, "tenant");
	size_t len = 0;
	const char *why;

	*ret = NULL;
	if (policy_absent(request, tenant))
		return 0;
	*ret = ss_doc_get_string(request, tenant, &len);
	why = *ret ? ss_name_check_dns_label(*ret, len) : "must be a string";
	return why ? ss_err_set(err, SS_ERR_INVAL, "tenant: %s", why) : 0;
}

int policy_check_request(const struct policy_view *view, const struct ss_doc *request, ss_node node,
                         enum ss_policy_caller caller, const char **ret_tenant, struct ss_err *err)
{
	int rc;

	if (ss_doc_type(request, node) != SS_OBJECT)
		return ss_err_set(err, SS_ERR_INVAL, "the input must be an object");
	rc = policy_tenant(request, node, ret_tenant, err);
	for (struct ss_iter it = ss_iter(request, node); !rc && ss_iter_next(&it);) {
		rc = unknown_field(it.key, err);
		if (rc || policy_absent(request, it.value) || is_identity(it.key))
			continue;
		if (caller == SS_POLICY_REQUEST)
			rc = check_allowed(view, *ret_tenant, it.key, request, it.value, err);
	}
	return rc;
}
