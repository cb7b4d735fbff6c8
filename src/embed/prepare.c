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

static void namespace_(struct ss_ctx *ctx, struct ss_value in, struct ss_doc *out)
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
	if (!ss_has(in, "type"))
		ss_doc_put_string(out, "type", "Opaque");
}

static void sandbox(struct ss_value in, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(in, "spec");

	ss_copy_members(out, in, (const char *const[]){"spec", NULL});
	if (spec.node == SS_NO_NODE)
		return;
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	ss_copy_members(out, spec, NULL);
	if (!ss_has(spec, "operatingMode"))
		ss_doc_put_string(out, "operatingMode", "Running");
	if (!ss_has(spec, "shutdownPolicy"))
		ss_doc_put_string(out, "shutdownPolicy", "Retain");
	ss_doc_end(out);
}

static void network_policy(struct ss_value in, struct ss_doc *out)
{
	struct ss_value spec = ss_value_get(in, "spec");

	ss_copy_members(out, in, (const char *const[]){"spec", NULL});
	if (spec.node == SS_NO_NODE)
		return;
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	ss_copy_members(out, spec, NULL);
	if (!ss_has(spec, "podSelector")) {
		ss_doc_key_lit(out, "podSelector");
		ss_doc_begin_object(out);
		ss_doc_end(out);
	}
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
	struct ss_value subjects = ss_value_get(in, "subjects"), ref = ss_value_get(in, "roleRef");

	ss_copy_members(out, in, (const char *const[]){"subjects", "roleRef", NULL});
	if (subjects.node != SS_NO_NODE) {
		ss_doc_key_lit(out, "subjects");
		ss_doc_begin_array(out);
		for (struct ss_iter it = ss_iter(subjects.doc, subjects.node); ss_iter_next(&it);)
			api_group((struct ss_value){it.doc, it.value}, out);
		ss_doc_end(out);
	}
	if (ref.node != SS_NO_NODE) {
		ss_doc_key_lit(out, "roleRef");
		api_group(ref, out);
	}
}

static void job(struct ss_value in, struct ss_doc *out)
{
	static const struct {
		const char *key;
		int64_t value;
	} numbers[] = {{"parallelism", 1}, {"completions", 1}, {"backoffLimit", 6}};
	struct ss_value spec = ss_value_get(in, "spec"), template = ss_value_get(spec, "template");

	ss_copy_members(out, in, (const char *const[]){"spec", NULL});
	if (spec.node == SS_NO_NODE)
		return;
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	ss_copy_members(out, spec, (const char *const[]){"template", NULL});
	for (size_t i = 0; i < SS_ARRAY_LEN(numbers); i++)
		if (!ss_has(spec, numbers[i].key))
			ss_doc_put_int(out, numbers[i].key, numbers[i].value);
	if (!ss_has(spec, "completionMode"))
		ss_doc_put_string(out, "completionMode", "NonIndexed");
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

int ss_prepare(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value in,
               const struct ss_object *old, struct ss_value *ret)
{
	struct ss_doc *out;
	int rc;

	*ret = in;
	switch (kind->id) {
	case SS_KIND_NAMESPACE:
	case SS_KIND_SECRET:
	case SS_KIND_SANDBOX:
	case SS_KIND_NETWORK_POLICY:
	case SS_KIND_ROLE_BINDING:
	case SS_KIND_JOB:
	case SS_KIND_POD:
		break;
	default:
		return 0;
	}
	out = ss_ctx_doc(ctx);
	if (!out)
		return SS_ERR_NOMEM;
	ss_doc_begin_object(out);
	if (kind->id == SS_KIND_NAMESPACE)
		namespace_(ctx, in, out);
	else if (kind->id == SS_KIND_SECRET)
		secret(in, out);
	else if (kind->id == SS_KIND_SANDBOX)
		sandbox(in, out);
	else if (kind->id == SS_KIND_NETWORK_POLICY)
		network_policy(in, out);
	else if (kind->id == SS_KIND_ROLE_BINDING)
		role_binding(in, out);
	else if (kind->id == SS_KIND_JOB)
		job(in, out);
	else
		ss_prepare_pod(in, out);
	ss_doc_end(out);
	rc = ss_ctx_finish(ctx, out);
	*ret = (struct ss_value){out, ss_doc_root(out)};
	return rc;
}
