#include "embed/prepare.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "embed/prepare_pod.h"

static bool is_one_of(const char *key, const char *const *keys)
{
	for (; keys && *keys; keys++)
		if (strcmp(*keys, key) == 0)
			return true;
	return false;
}

void ss_copy_members(struct ss_doc *out, struct ss_value object, const char *const *except)
{
	for (struct ss_iter it = ss_iter(object.doc, object.node); ss_iter_next(&it);) {
		if (is_one_of(it.key, except))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, it.doc, it.value);
	}
}

bool ss_has(struct ss_value object, const char *key)
{
	return ss_doc_get(object.doc, object.node, key) != SS_NO_NODE;
}

static void namespace_(struct ss_value in, struct ss_doc *out)
{
	struct ss_value meta = ss_value_get(in, "metadata"), labels = ss_value_get(meta, "labels");
	const char *name = ss_value_string(meta, "name");

	ss_copy_members(out, in, (const char *const[]){"metadata", "spec", NULL});
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	ss_copy_members(out, meta, (const char *const[]){"labels", NULL});
	ss_doc_key_lit(out, "labels");
	ss_doc_begin_object(out);
	ss_copy_members(out, labels, (const char *const[]){"kubernetes.io/metadata.name", NULL});
	ss_doc_put_string(out, "kubernetes.io/metadata.name", name ? name : "");
	ss_doc_end(out);
	ss_doc_end(out);
	ss_doc_key_lit(out, "spec");
	if (ss_has(in, "spec")) {
		ss_doc_copy(out, in.doc, ss_value_get(in, "spec").node);
		return;
	}
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "finalizers");
	ss_doc_begin_array(out);
	ss_doc_string_lit(out, "kubernetes");
	ss_doc_end(out);
	ss_doc_end(out);
}

static void secret_data(struct ss_value in, struct ss_doc *out)
{
	struct ss_value data = ss_value_get(in, "data"), text = ss_value_get(in, "stringData");
	size_t len;

	if (!ss_has(in, "data") && !ss_has(in, "stringData"))
		return;
	ss_doc_key_lit(out, "data");
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(data.doc, data.node); ss_iter_next(&it);) {
		if (ss_has(text, it.key))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, it.doc, it.value);
	}
	for (struct ss_iter it = ss_iter(text.doc, text.node); ss_iter_next(&it);) {
		struct ss_buf b64 SS_AUTO_BUF = SS_BUF_INIT;
		const char *plain = ss_doc_get_string(it.doc, it.value, &len);

		if (!plain)
			continue;
		ss_base64_encode(plain, len, &b64);
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_string(out, b64.data ? b64.data : "", b64.len);
		if (b64.failed)
			ss_doc_fail(out, b64.failed);
	}
	ss_doc_end(out);
}

static void secret(struct ss_value in, struct ss_doc *out)
{
	ss_copy_members(out, in, (const char *const[]){"data", "stringData", NULL});
	secret_data(in, out);
	ss_put_text(in, out, "type", "Opaque");
}

/* The object without its spec, then the begin of that with its members but for those of except;
 * false when there is none. */
static bool begin_spec(struct ss_value in, const char *const *except, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(in, "spec");

	ss_copy_members(out, in, (const char *const[]){"spec", NULL});
	if (spec.node == SS_NO_NODE)
		return false;
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	ss_copy_members(out, spec, except);
	return true;
}

static void sandbox(struct ss_value in, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(in, "spec");

	if (!begin_spec(in, NULL, out))
		return;
	ss_put_text(spec, out, "operatingMode", "Running");
	ss_put_text(spec, out, "shutdownPolicy", "Retain");
	ss_doc_end(out);
}

static void policy_port(struct ss_value in, struct ss_doc *out)
{
	ss_doc_begin_object(out);
	ss_copy_members(out, in, NULL);
	ss_put_text(in, out, "protocol", "TCP");
	ss_doc_end(out);
}

static void policy_rule(struct ss_value in, struct ss_doc *out)
{
	ss_doc_begin_object(out);
	ss_copy_members(out, in, (const char *const[]){"ports", NULL});
	ss_prepare_list(in, "ports", policy_port, out);
	ss_doc_end(out);
}

static void network_policy(struct ss_value in, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(in, "spec");

	if (!begin_spec(in, (const char *const[]){"egress", "ingress", NULL}, out))
		return;
	ss_prepare_list(spec, "egress", policy_rule, out);
	ss_prepare_list(spec, "ingress", policy_rule, out);
	ss_put_empty(spec, out, "podSelector");
	if (!ss_has(spec, "policyTypes")) {
		ss_doc_key_lit(out, "policyTypes");
		ss_doc_begin_array(out);
		ss_doc_string_lit(out, "Ingress");
		if (ss_doc_count(spec.doc, ss_value_get(spec, "egress").node) > 0)
			ss_doc_string_lit(out, "Egress");
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

/* What a container gets where it says nothing: at most the maximum, and as request the limit,
 * else the minimum. */
static void limit(struct ss_value in, struct ss_doc *out)
{
	struct ss_value max = ss_value_get(in, "max"), low = ss_value_get(in, "min"),
	                limits = ss_value_get(in, "default"),
	                requests = ss_value_get(in, "defaultRequest");

	ss_doc_begin_object(out);
	if (!ss_doc_is_string(in.doc, ss_value_get(in, "type").node, "Container")) {
		ss_copy_members(out, in, NULL);
	} else {
		ss_copy_members(out, in, (const char *const[]){"default", "defaultRequest", NULL});
		ss_put_first(out, "default", (struct ss_value[]){limits, max}, 2);
		ss_put_first(out, "defaultRequest", (struct ss_value[]){requests, limits, max, low},
		             4);
	}
	ss_doc_end(out);
}

static void limit_range(struct ss_value in, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(in, "spec");

	if (!begin_spec(in, (const char *const[]){"limits", NULL}, out))
		return;
	ss_prepare_list(spec, "limits", limit, out);
	ss_doc_end(out);
}

static void api_group(struct ss_value in, struct ss_doc *out)
{
	const char *kind = ss_value_string(in, "kind");

	ss_doc_begin_object(out);
	ss_copy_members(out, in, NULL);
	if (!ss_has(in, "apiGroup") && kind && strcmp(kind, "ServiceAccount") != 0)
		ss_doc_put_string(out, "apiGroup", "rbac.authorization.k8s.io");
	ss_doc_end(out);
}

static void role_binding(struct ss_value in, struct ss_doc *out)
{
	struct ss_value ref = ss_value_get(in, "roleRef");

	ss_copy_members(out, in, (const char *const[]){"subjects", "roleRef", NULL});
	ss_prepare_list(in, "subjects", api_group, out);
	if (ref.node != SS_NO_NODE) {
		ss_doc_key_lit(out, "roleRef");
		api_group(ref, out);
	}
}

static void job(struct ss_value in, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(in, "spec"), template = ss_value_get(spec, "template");

	if (!begin_spec(in, (const char *const[]){"template", NULL}, out))
		return;
	/* Without completions, parallelism says that this is a queue of work. */
	if (!ss_has(spec, "completions") && !ss_has(spec, "parallelism"))
		ss_doc_put_int(out, "completions", 1);
	ss_put_number(spec, out, "parallelism", 1);
	ss_put_number(spec, out, "backoffLimit", 6);
	ss_put_text(spec, out, "completionMode", "NonIndexed");
	ss_put_text(spec, out, "podReplacementPolicy",
	            ss_has(spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
	if (!ss_has(spec, "suspend"))
		ss_doc_put_bool(out, "suspend", false);
	if (template.node != SS_NO_NODE) {
		ss_doc_key_lit(out, "template");
		ss_doc_begin_object(out);
		ss_prepare_pod(template, out);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

/* The value with its amounts as a server writes them. */
static void canonical(const struct ss_schema *schema, struct ss_value in, struct ss_doc *out)
{
	enum ss_type type = ss_doc_type(in.doc, in.node);

	if (schema && schema->type == SS_SCHEMA_QUANTITY) {
		ss_put_amount(out, in);
		return;
	}
	if (!schema || schema->type < SS_SCHEMA_LIST || type < SS_ARRAY) {
		ss_doc_copy(out, in.doc, in.node);
		return;
	}
	if (type == SS_ARRAY)
		ss_doc_begin_array(out);
	else
		ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(in.doc, in.node); ss_iter_next(&it);) {
		if (it.key)
			ss_doc_key(out, it.key, it.key_len);
		canonical(it.key ? ss_schema_member(schema, it.key) : schema->elem,
		          (struct ss_value){it.doc, it.value}, out);
	}
	ss_doc_end(out);
}

int ss_prepare(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value in,
               const struct ss_object *old, struct ss_value *ret)
{
	static const struct {
		bool amounts;
		void (*prepare)(struct ss_value in, struct ss_doc *out);
	} rows[SS_KINDS] = {
	        [SS_KIND_NAMESPACE] = {false, namespace_},
	        [SS_KIND_SECRET] = {false, secret},
	        [SS_KIND_SANDBOX] = {false, sandbox},
	        [SS_KIND_NETWORK_POLICY] = {false, network_policy},
	        [SS_KIND_ROLE_BINDING] = {false, role_binding},
	        [SS_KIND_RESOURCE_QUOTA] = {true, NULL},
	        [SS_KIND_LIMIT_RANGE] = {true, limit_range},
	        [SS_KIND_JOB] = {true, job},
	        [SS_KIND_POD] = {true, ss_prepare_pod},
	};
	struct ss_doc *out;
	int rc = 0;

	*ret = in;
	if (rows[kind->id].amounts) {
		out = ss_ctx_doc(ctx);
		if (!out)
			return SS_ERR_NOMEM;
		canonical(kind->schema, in, out);
		rc = ss_ctx_finish(ctx, out);
		*ret = (struct ss_value){out, ss_doc_root(out)};
	}
	if (rc < 0 || !rows[kind->id].prepare)
		return rc;
	out = ss_ctx_doc(ctx);
	if (!out)
		return SS_ERR_NOMEM;
	ss_doc_begin_object(out);
	rows[kind->id].prepare(*ret, out);
	ss_doc_end(out);
	rc = ss_ctx_finish(ctx, out);
	*ret = (struct ss_value){out, ss_doc_root(out)};
	return rc;
}
