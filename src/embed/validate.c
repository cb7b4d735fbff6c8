/* The rules of each kind. */
#include "embed/validate.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "embed/decode.h"

enum { MAX_DATA_BYTES = 1024 * 1024 };

void ss_validate_word(struct ss_ctx *ctx, struct ss_value object, const char *key, const char *path,
                      const char *const *words)
{
	const char *value = ss_value_string(object, key);
	struct ss_buf list SS_AUTO_BUF = SS_BUF_INIT;

	if (!value)
		return;
	for (const char *const *w = words; *w; w++) {
		if (strcmp(*w, value) == 0)
			return;
		ss_buf_printf(&list, "%s\"%s\"", w == words ? "" : ", ", *w);
	}
	ss_cause(ctx, "FieldValueNotSupported", path, "Unsupported value: %s: supported values: %s",
	         ss_quoted(ctx, value), list.data ? list.data : "");
}

static bool same(struct ss_value a, struct ss_value b)
{
	if (a.node == SS_NO_NODE || b.node == SS_NO_NODE)
		return a.node == b.node;
	return ss_doc_equal(a.doc, a.node, b.doc, b.node);
}

/* The keys and the size of a Secret's or ConfigMap's data. Base64 counts decoded. */
static size_t data_size(struct ss_ctx *ctx, struct ss_value data, const char *field, bool base64)
{
	size_t total = 0, len;

	for (struct ss_iter it = ss_iter(data.doc, data.node); ss_iter_next(&it);) {
		const char *c = it.key;
		const char *path = ss_pool_printf(&ctx->pool, "%s[%s]", field, it.key);

		while (isalnum((unsigned char)*c) || (*c && strchr("-._", *c)))
			c++;
		if (*c || it.key_len == 0 || it.key_len > 253)
			ss_cause(
			        ctx, "FieldValueInvalid", path,
			        "Invalid value: %s: a valid config key must consist of "
			        "alphanumeric "
			        "characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
			        "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
			        ss_quoted(ctx, it.key));
		len = 0;
		ss_doc_get_string(it.doc, it.value, &len);
		total += base64 ? len / 4 * 3 : len;
	}
	return total;
}

static void immutable(struct ss_ctx *ctx, struct ss_value object, const struct ss_object *old,
                      const char *const *fields)
{
	struct ss_value was = ss_object_value(old);

	if (!ss_doc_get_bool(was.doc, ss_value_get(was, "immutable").node, false))
		return;
	if (!ss_doc_get_bool(object.doc, ss_value_get(object, "immutable").node, false))
		ss_cause(ctx, "FieldValueForbidden", "immutable",
		         "Forbidden: field is immutable when `immutable` is set");
	for (; *fields; fields++)
		if (!same(ss_value_get(object, *fields), ss_value_get(was, *fields)))
			ss_cause(ctx, "FieldValueForbidden", *fields,
			         "Forbidden: field is immutable when `immutable` is set");
}

static void fixed(struct ss_ctx *ctx, struct ss_value object, const struct ss_object *old,
                  const char *key, const char *text)
{
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_value now = ss_value_get(object, key);

	if (same(now, ss_value_get(ss_object_value(old), key)))
		return;
	ss_json_encode(now.doc, now.node, &json);
	ss_cause(ctx, "FieldValueInvalid", key, "Invalid value: %s: %s",
	         json.data ? json.data : "null", text);
}

static void validate_secret(struct ss_ctx *ctx, struct ss_value object, const struct ss_object *old)
{
	const char *type = ss_value_string(object, "type");
	struct ss_value data = ss_value_get(object, "data");
	static const char *const fields[] = {"data", NULL};

	if (data_size(ctx, data, "data", true) > MAX_DATA_BYTES)
		ss_cause(ctx, "FieldValueTooLong", "data",
		         "Too long: may not be more than %d bytes", MAX_DATA_BYTES);
	if (type && strcmp(type, "kubernetes.io/dockerconfigjson") == 0 &&
	    ss_doc_get(data.doc, data.node, ".dockerconfigjson") == SS_NO_NODE)
		ss_cause(ctx, "FieldValueRequired", "data[.dockerconfigjson]", "Required value");
	if (old) {
		fixed(ctx, object, old, "type", "field is immutable");
		immutable(ctx, object, old, fields);
	}
}

static void validate_config_map(struct ss_ctx *ctx, struct ss_value object,
                                const struct ss_object *old)
{
	struct ss_value data = ss_value_get(object, "data"),
	                binary = ss_value_get(object, "binaryData");
	static const char *const fields[] = {"data", "binaryData", NULL};

	if (data_size(ctx, data, "data", false) + data_size(ctx, binary, "binaryData", true) >
	    MAX_DATA_BYTES)
		ss_cause(ctx, "FieldValueTooLong", "", "Too long: may not be more than %d bytes",
		         MAX_DATA_BYTES);
	for (struct ss_iter it = ss_iter(binary.doc, binary.node); ss_iter_next(&it);)
		if (ss_doc_get(data.doc, data.node, it.key) != SS_NO_NODE)
			ss_cause(ctx, "FieldValueInvalid",
			         ss_pool_printf(&ctx->pool, "data[%s]", it.key),
			         "Invalid value: %s: duplicate of key present in binaryData",
			         ss_quoted(ctx, it.key));
	if (old)
		immutable(ctx, object, old, fields);
}

static void validate_role_binding(struct ss_ctx *ctx, struct ss_value object,
                                  const struct ss_object *old)
{
	static const char *const kinds[] = {"Role", "ClusterRole", NULL};
	static const char *const subjects[] = {"ServiceAccount", "User", "Group", NULL};
	struct ss_value list = ss_value_get(object, "subjects");

	ss_validate_word(ctx, ss_value_get(object, "roleRef"), "kind", "roleRef.kind", kinds);
	for (struct ss_iter it = ss_iter(list.doc, list.node); ss_iter_next(&it);)
		ss_validate_word(ctx, (struct ss_value){it.doc, it.value}, "kind",
		                 ss_pool_printf(&ctx->pool, "subjects[%zu].kind", it.index),
		                 subjects);
	if (old)
		fixed(ctx, object, old, "roleRef", "cannot change roleRef");
}

static void validate_role(struct ss_ctx *ctx, struct ss_value object)
{
	struct ss_value rules = ss_value_get(object, "rules");

	for (struct ss_iter it = ss_iter(rules.doc, rules.node); ss_iter_next(&it);)
		if (ss_doc_count(it.doc, ss_doc_get(it.doc, it.value, "verbs")) == 0)
			ss_cause(ctx, "FieldValueRequired",
			         ss_pool_printf(&ctx->pool, "rules[%zu].verbs", it.index),
			         "Required value: verbs must contain at least one value");
}

static void validate_network_policy(struct ss_ctx *ctx, struct ss_value object)
{
	struct ss_value types = ss_value_get(ss_value_get(object, "spec"), "policyTypes");

	for (struct ss_iter it = ss_iter(types.doc, types.node); ss_iter_next(&it);) {
		const char *type = ss_doc_get_string(it.doc, it.value, NULL);

		if (type && strcmp(type, "Ingress") != 0 && strcmp(type, "Egress") != 0)
			ss_cause(ctx, "FieldValueNotSupported",
			         ss_pool_printf(&ctx->pool, "spec.policyTypes[%zu]", it.index),
			         "Unsupported value: %s: supported values: \"Egress\", \"Ingress\"",
			         ss_quoted(ctx, type));
	}
}

static void validate_sandbox(struct ss_ctx *ctx, struct ss_value object,
                             const struct ss_object *old)
{
	static const char *const modes[] = {"Running", "Suspended", NULL};
	static const char *const policies[] = {"Delete", "Retain", NULL};
	struct ss_value spec = ss_value_get(object, "spec");

	ss_validate_word(ctx, spec, "operatingMode", "spec.operatingMode", modes);
	ss_validate_word(ctx, spec, "shutdownPolicy", "spec.shutdownPolicy", policies);
	if (old &&
	    !same(ss_value_get(spec, "volumeClaimTemplates"),
	          ss_value_get(ss_value_get(ss_object_value(old), "spec"), "volumeClaimTemplates")))
		ss_cause(ctx, "FieldValueInvalid", "spec",
		         "Invalid value: volumeClaimTemplates is immutable");
	/* Rules of the whole object wait until its parts are right; the server says so. */
	if (ctx->causes)
		ss_cause(ctx, "FieldValueInvalid", "<nil>",
		         "Invalid value: null: some validation rules were not checked because the "
		         "object was "
		         "invalid; correct the existing errors to complete validation");
}

/* What may change in a Pod: images, the deadline, more tolerations, scheduling (by the reconciler). */
static void validate_pod_update(struct ss_ctx *ctx, struct ss_value object,
                                const struct ss_object *old)
{
	static const char *const free_fields[] = {"containers",
	                                          "initContainers",
	                                          "activeDeadlineSeconds",
	                                          "tolerations",
	                                          "terminationGracePeriodSeconds",
	                                          "nodeName",
	                                          NULL};
	struct ss_value now = ss_value_get(object, "spec");
	struct ss_value was = ss_value_get(ss_object_value(old), "spec");
	bool changed = false;

	for (struct ss_iter it = ss_iter(now.doc, now.node); ss_iter_next(&it) && !changed;) {
		const char *const *f = free_fields;

		while (*f && strcmp(*f, it.key) != 0)
			f++;
		changed = !*f &&
		          !same((struct ss_value){it.doc, it.value}, ss_value_get(was, it.key));
	}
	for (struct ss_iter it = ss_iter(was.doc, was.node); ss_iter_next(&it) && !changed;)
		changed = ss_value_get(now, it.key).node == SS_NO_NODE &&
		          strcmp(it.key, "activeDeadlineSeconds") != 0;
	for (int i = 0; i < 2 && !changed; i++) {
		struct ss_value a = ss_value_get(now, free_fields[i]),
		                b = ss_value_get(was, free_fields[i]);

		changed = ss_doc_count(a.doc, a.node) != ss_doc_count(b.doc, b.node);
		for (struct ss_iter it = ss_iter(a.doc, a.node); ss_iter_next(&it) && !changed;) {
			ss_node other = ss_doc_at(b.doc, b.node, it.index);

			for (struct ss_iter m = ss_iter(it.doc, it.value);
			     ss_iter_next(&m) && !changed;)
				changed = strcmp(m.key, "image") != 0 &&
				          !ss_doc_equal(m.doc, m.value, b.doc,
				                        ss_doc_get(b.doc, other, m.key));
		}
	}
	if (changed)
		ss_cause(ctx, "FieldValueForbidden", "spec",
		         "Forbidden: pod updates may not change fields other than "
		         "`spec.containers[*].image`,"
		         "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec."
		         "tolerations` (only "
		         "additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
		         "(allow it to "
		         "be set to 1 if it was previously negative)");
}

void ss_validate_object(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value object,
                        const struct ss_object *old)
{
	ss_check_required(ctx, kind, object);
	switch (kind->id) {
	case SS_KIND_SECRET:
		validate_secret(ctx, object, old);
		break;
	case SS_KIND_CONFIG_MAP:
		validate_config_map(ctx, object, old);
		break;
	case SS_KIND_ROLE:
		validate_role(ctx, object);
		break;
	case SS_KIND_ROLE_BINDING:
		validate_role_binding(ctx, object, old);
		break;
	case SS_KIND_NETWORK_POLICY:
		validate_network_policy(ctx, object);
		break;
	case SS_KIND_SANDBOX:
		validate_sandbox(ctx, object, old);
		break;
	case SS_KIND_POD:
		ss_validate_pod_spec(ctx, ss_value_get(object, "spec"), "spec");
		if (old)
			validate_pod_update(ctx, object, old);
		break;
	default:
		break;
	}
}
