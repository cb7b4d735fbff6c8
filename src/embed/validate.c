/* The rules of each kind that its table does not say. */
#include "embed/validate.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "embed/decode.h"
#include "embed/walk.h"

enum { MAX_DATA_BYTES = 1024 * 1024 };

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
			ss_cause(ctx, "FieldValueInvalid", path,
			         "Invalid value: %s: must be of letters, digits, '-', '_' and '.'",
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

static void validate_role(struct ss_ctx *ctx, struct ss_value object)
{
	struct ss_value rules = ss_value_get(object, "rules");

	for (struct ss_iter it = ss_iter(rules.doc, rules.node); ss_iter_next(&it);)
		if (ss_doc_count(it.doc, ss_doc_get(it.doc, it.value, "verbs")) == 0)
			ss_cause(ctx, "FieldValueRequired",
			         ss_pool_printf(&ctx->pool, "rules[%zu].verbs", it.index),
			         "Required value: verbs must contain at least one value");
}

static struct ss_value spec_of(struct ss_value object)
{
	return ss_value_get(object, "spec");
}

/* Amounts of what is counted are whole, and none is negative. */
static void validate_amounts(struct ss_ctx *ctx, struct ss_value map, const char *path)
{
	static const char measured[] = "cpu|memory|storage|ephemeral-storage";

	for (struct ss_iter it = ss_iter(map.doc, map.node); ss_iter_next(&it);) {
		const char *name = strrchr(it.key, '.');
		double n = ss_amount((struct ss_value){it.doc, it.value});
		bool whole = n == (double)(long long)n;

		name = name ? name + 1 : it.key;
		if (n < 0 || (!whole && !ss_is_word_of(measured, name, strlen(name))))
			ss_cause(ctx, "FieldValueInvalid",
			         ss_pool_printf(&ctx->pool, "%s[%s]", path, it.key),
			         "Invalid value: %s",
			         n < 0 ? "must be greater than or equal to 0"
			               : "must be an integer");
	}
}

static void validate_quota(struct ss_ctx *ctx, struct ss_value object, const struct ss_object *old)
{
	validate_amounts(ctx, ss_value_get(spec_of(object), "hard"), "spec.hard");
	if (old && !same(ss_value_get(spec_of(object), "scopes"),
	                 ss_value_get(spec_of(ss_object_value(old)), "scopes")))
		ss_cause(ctx, "FieldValueInvalid", "spec.scopes",
		         "Invalid value: field is immutable");
}

/* No amount of `low` is above that of `high`. */
static void validate_order(struct ss_ctx *ctx, struct ss_value item, size_t index, const char *low,
                           const char *high)
{
	struct ss_value lows = ss_value_get(item, low), highs = ss_value_get(item, high);

	for (struct ss_iter it = ss_iter(lows.doc, lows.node); ss_iter_next(&it);) {
		struct ss_value top = ss_value_get(highs, it.key);

		if (top.node != SS_NO_NODE &&
		    ss_amount((struct ss_value){it.doc, it.value}) > ss_amount(top))
			ss_cause(ctx, "FieldValueInvalid",
			         ss_pool_printf(&ctx->pool, "spec.limits[%zu].%s[%s]", index, low,
			                        it.key),
			         "Invalid value: %s value is greater than %s value", low, high);
	}
}

static void validate_limit_range(struct ss_ctx *ctx, struct ss_value object)
{
	static const char *const order[][2] = {{"min", "max"},
	                                       {"min", "default"},
	                                       {"min", "defaultRequest"},
	                                       {"defaultRequest", "default"},
	                                       {"default", "max"},
	                                       {"defaultRequest", "max"}};
	struct ss_value limits = ss_value_get(spec_of(object), "limits");

	for (struct ss_iter it = ss_iter(limits.doc, limits.node); ss_iter_next(&it);)
		for (size_t i = 0; i < SS_ARRAY_LEN(order); i++)
			validate_order(ctx, (struct ss_value){it.doc, it.value}, it.index,
			               order[i][0], order[i][1]);
}

static void validate_job(struct ss_ctx *ctx, struct ss_value object, const struct ss_object *old)
{
	static const char *const kept[] = {"completions", "completionMode", "selector", "template"};
	struct ss_value pod = spec_of(ss_value_get(spec_of(object), "template"));

	ss_validate_pod_spec(ctx, pod, "spec.template.spec");
	if (pod.node != SS_NO_NODE &&
	    ss_doc_is_string(pod.doc, ss_value_get(pod, "restartPolicy").node, "Always"))
		ss_cause(ctx, "FieldValueNotSupported", "spec.template.spec.restartPolicy",
		         "Unsupported value: \"Always\": supported values: \"OnFailure\", "
		         "\"Never\"");
	for (size_t i = 0; old && i < SS_ARRAY_LEN(kept); i++)
		if (!same(ss_value_get(spec_of(object), kept[i]),
		          ss_value_get(spec_of(ss_object_value(old)), kept[i])))
			ss_cause(ctx, "FieldValueInvalid",
			         ss_pool_printf(&ctx->pool, "spec.%s", kept[i]),
			         "Invalid value: field is immutable");
}

static void validate_sandbox(struct ss_ctx *ctx, struct ss_value object,
                             const struct ss_object *old)
{
	if (old && !same(ss_value_get(spec_of(object), "volumeClaimTemplates"),
	                 ss_value_get(spec_of(ss_object_value(old)), "volumeClaimTemplates")))
		ss_cause(ctx, "FieldValueInvalid", "spec",
		         "Invalid value: volumeClaimTemplates is immutable");
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
		         "Forbidden: of a pod only images, `activeDeadlineSeconds`, `tolerations` "
		         "and `terminationGracePeriodSeconds` may change");
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
		if (old)
			fixed(ctx, object, old, "roleRef", "cannot change roleRef");
		break;
	case SS_KIND_RESOURCE_QUOTA:
		validate_quota(ctx, object, old);
		break;
	case SS_KIND_LIMIT_RANGE:
		validate_limit_range(ctx, object);
		break;
	case SS_KIND_JOB:
		validate_job(ctx, object, old);
		break;
	case SS_KIND_SANDBOX:
		validate_sandbox(ctx, object, old);
		break;
	case SS_KIND_POD:
		ss_validate_pod_spec(ctx, spec_of(object), "spec");
		if (old)
			validate_pod_update(ctx, object, old);
		break;
	default:
		break;
	}
}
