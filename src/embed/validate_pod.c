/* What the tables of schema_pod.c cannot say: one field of a pod beside another, and names. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "embed/validate.h"
#include "embed/walk.h"

static const char *member(struct ss_ctx *ctx, const char *path, const char *key)
{
	const char *out = ss_pool_printf(&ctx->pool, "%s.%s", path, key);

	return out ? out : path;
}

static void invalid(struct ss_ctx *ctx, const char *path, const char *key, const char *value,
                    const char *why)
{
	ss_cause(ctx, "FieldValueInvalid", member(ctx, path, key), "Invalid value: %s: %s",
	         ss_quoted(ctx, value), why);
}

static void required(struct ss_ctx *ctx, const char *path, const char *key)
{
	ss_cause(ctx, "FieldValueRequired", member(ctx, path, key), "Required value");
}

/* For each item of the list `key`: item, and its path. */
#define EACH(ctx, holder, key, holder_path, item, item_path)                                       \
	for (struct ss_iter it_ = ss_iter((holder).doc, ss_value_get(holder, key).node);           \
	     ss_iter_next(&it_);)                                                                  \
		for (struct ss_value item = {it_.doc, it_.value}, *once_ = &item; once_;           \
		     once_ = NULL)                                                                 \
			for (const char *item_path = ss_pool_printf(&(ctx)->pool, "%s.%s[%zu]",    \
			                                            holder_path, key, it_.index);  \
			     item_path && once_; once_ = NULL)

/* --- lists ------------------------------------------------------------------------------------- */
static bool has_item(struct ss_value list, const char *key, const char *value, size_t before)
{
	for (struct ss_iter it = ss_iter(list.doc, list.node);
	     ss_iter_next(&it) && it.index < before;)
		if (ss_doc_is_string(it.doc, ss_doc_get(it.doc, it.value, key), value))
			return true;
	return false;
}

/* --- amounts ------------------------------------------------------------------------------------- */
/* The schema has checked the form; exact enough to compare with. */
double ss_amount(struct ss_value value)
{
	static const char *const units[] = {"n", "u", "m", "k", "M", "G", "T", "P", "E"};
	static const double sizes[] = {1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e9, 1e12, 1e15, 1e18};
	const char *s = ss_doc_get_string(value.doc, value.node, NULL);
	char *end;
	double n;

	if (!s)
		return ss_doc_get_real(value.doc, value.node, 0);
	n = strtod(s, &end);
	if (end[0] && end[1] == 'i') {
		double size = 1;

		for (const char *u = "KMGTPE"; *u; u++) {
			size *= 1024;
			if (*u == *end)
				return n * size;
		}
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(units); i++)
		if (!strcmp(end, units[i]))
			return n * sizes[i];
	return n;
}

static bool is_whole(double n)
{
	return n == (double)(long long)n;
}

static void check_resource(struct ss_ctx *ctx, const char *name, struct ss_value value,
                           const char *path)
{
	static const char known[] = "cpu|memory|ephemeral-storage";
	size_t len = strlen(name);
	double n = ss_amount(value);
	bool plain = ss_is_word_of(known, name, len) || !strncmp(name, "hugepages-", 10);

	if (n < 0)
		invalid(ctx, path, name, name, "must be greater than or equal to 0");
	if (!plain && !strchr(name, '/'))
		invalid(ctx, path, name, name,
		        "must be a standard resource type or fully qualified");
	else if (!plain && !is_whole(n))
		invalid(ctx, path, name, name, "must be an integer");
}

static void check_resources(struct ss_ctx *ctx, struct ss_value container, const char *path)
{
	struct ss_value resources = ss_value_get(container, "resources");
	struct ss_value limits = ss_value_get(resources, "limits");
	static const char *const maps[] = {"limits", "requests"};

	for (size_t i = 0; i < SS_ARRAY_LEN(maps); i++) {
		struct ss_value map = ss_value_get(resources, maps[i]);
		const char *here = member(ctx, path, i ? "resources.requests" : "resources.limits");

		for (struct ss_iter it = ss_iter(map.doc, map.node); ss_iter_next(&it);) {
			struct ss_value one = {it.doc, it.value},
			                limit = ss_value_get(limits, it.key);
			bool counted = strchr(it.key, '/') != NULL;

			check_resource(ctx, it.key, one, here);
			if (i && limit.node != SS_NO_NODE && ss_amount(one) > ss_amount(limit))
				invalid(ctx, here, it.key, it.key,
				        "must be less than or equal to the limit");
			else if (i && counted &&
			         (limit.node == SS_NO_NODE || ss_amount(one) != ss_amount(limit)))
				invalid(ctx, here, it.key, it.key, "must be equal to the limit");
		}
	}
}

/* --- containers ---------------------------------------------------------------------------------- */
static void check_mounts(struct ss_ctx *ctx, struct ss_value container, struct ss_value volumes,
                         const char *path)
{
	struct ss_value mounts = ss_value_get(container, "volumeMounts");

	EACH(ctx, container, "volumeMounts", path, mount, here)
	{
		const char *name = ss_value_string(mount, "name"),
		           *where = ss_value_string(mount, "mountPath"),
		           *sub = ss_value_string(mount, "subPath"),
		           *expr = ss_value_string(mount, "subPathExpr");

		if (name && *name && !has_item(volumes, "name", name, SIZE_MAX))
			ss_cause(ctx, "FieldValueNotFound", member(ctx, here, "name"),
			         "Not found: %s", ss_quoted(ctx, name));
		if (where && *where && has_item(mounts, "mountPath", where, it_.index))
			invalid(ctx, here, "mountPath", where, "must be unique");
		if (sub && *sub && expr && *expr)
			invalid(ctx, here, "subPathExpr", expr, "subPath is set, too");
	}
}

static void check_env(struct ss_ctx *ctx, struct ss_value container, const char *path)
{
	EACH(ctx, container, "env", path, var, here)
	{
		const char *value = ss_value_string(var, "value");

		if (value && *value && ss_value_get(var, "valueFrom").node != SS_NO_NODE)
			invalid(ctx, here, "valueFrom", "",
			        "may not be specified when `value` is not empty");
	}
}

static void check_ports(struct ss_ctx *ctx, struct ss_value container, const char *path)
{
	EACH(ctx, container, "ports", path, port, here)
	{
		const char *name = ss_value_string(port, "name");

		if (name && *name &&
		    has_item(ss_value_get(container, "ports"), "name", name, it_.index))
			ss_cause(ctx, "FieldValueDuplicate", member(ctx, here, "name"),
			         "Duplicate value: %s", ss_quoted(ctx, name));
	}
}

static void check_probes(struct ss_ctx *ctx, struct ss_value container, const char *path)
{
	static const char *const probes[] = {"livenessProbe", "startupProbe", "readinessProbe"};

	for (size_t i = 0; i < SS_ARRAY_LEN(probes); i++) {
		struct ss_value probe = ss_value_get(container, probes[i]);
		struct ss_value times = ss_value_get(probe, "successThreshold");
		const char *here = member(ctx, path, probes[i]);

		if (i < 2 && ss_doc_get_int(times.doc, times.node, 1) != 1)
			invalid(ctx, here, "successThreshold", "", "must be 1");
	}
}

static void check_image(struct ss_ctx *ctx, struct ss_value container, const char *path)
{
	const char *image = ss_value_string(container, "image");
	size_t len = image ? strlen(image) : 0;

	if (len == 0)
		required(ctx, path, "image");
	else if (isspace((unsigned char)image[0]) || isspace((unsigned char)image[len - 1]))
		invalid(ctx, path, "image", image, "must not have leading or trailing whitespace");
}

static void check_containers(struct ss_ctx *ctx, struct ss_value spec, const char *key,
                             const char *path)
{
	struct ss_value list = ss_value_get(spec, key), volumes = ss_value_get(spec, "volumes");
	bool init = !strcmp(key, "initContainers");

	EACH(ctx, spec, key, path, container, here)
	{
		const char *name = ss_value_string(container, "name");

		if (name &&
		    (has_item(list, "name", name, it_.index) ||
		     (init && has_item(ss_value_get(spec, "containers"), "name", name, SIZE_MAX))))
			ss_cause(ctx, "FieldValueDuplicate", member(ctx, here, "name"),
			         "Duplicate value: %s", ss_quoted(ctx, name));
		check_image(ctx, container, here);
		check_ports(ctx, container, here);
		check_env(ctx, container, here);
		check_mounts(ctx, container, volumes, here);
		check_probes(ctx, container, here);
		check_resources(ctx, container, here);
	}
}

/* --- volumes ------------------------------------------------------------------------------------- */
static void check_volume(struct ss_ctx *ctx, struct ss_value volume, const char *path)
{
	struct ss_value limit = ss_value_get(ss_value_get(volume, "emptyDir"), "sizeLimit");

	if (ss_doc_count(volume.doc, volume.node) > 2)
		ss_cause(ctx, "FieldValueForbidden", path,
		         "may not specify more than 1 volume type");
	if (limit.node != SS_NO_NODE && ss_amount(limit) < 0)
		invalid(ctx, path, "emptyDir.sizeLimit", "",
		        "SizeLimit field must be a valid resource quantity");
}

/* --- scheduling ---------------------------------------------------------------------------------- */
static void check_tolerations(struct ss_ctx *ctx, struct ss_value spec, const char *path)
{
	EACH(ctx, spec, "tolerations", path, toleration, here)
	{
		const char *key = ss_value_string(toleration, "key"),
		           *operator= ss_value_string(toleration, "operator"),
		           *value = ss_value_string(toleration, "value"),
		           *effect = ss_value_string(toleration, "effect");
		bool exists = operator&& !strcmp(operator, "Exists");

		if (key && *key && !ss_is_qualified_name(key))
			invalid(ctx, here, "key", key, ss_key_rule);
		if ((!key || !*key) && !exists)
			invalid(ctx, here, "operator", operator ? operator : "",
			        "operator must be Exists when `key` is empty, which means \"match all "
			        "values and all keys\"");
		if (exists && value && *value)
			invalid(ctx, here, "operator", operator,
			        "value must be empty when `operator` is 'Exists'");
		if (!exists && value && !ss_is_label_value(value))
			invalid(ctx, here, "value", value, ss_value_rule);
		if (ss_value_get(toleration, "tolerationSeconds").node != SS_NO_NODE &&
		    (!effect || strcmp(effect, "NoExecute") != 0))
			invalid(ctx, here, "effect", effect ? effect : "",
			        "effect must be 'NoExecute' when `tolerationSeconds` is set");
	}
}

static void check_node_terms(struct ss_ctx *ctx, struct ss_value spec, const char *path)
{
	struct ss_value needed =
	        ss_value_get(ss_value_get(ss_value_get(spec, "affinity"), "nodeAffinity"),
	                     "requiredDuringSchedulingIgnoredDuringExecution");
	struct ss_value terms = ss_value_get(needed, "nodeSelectorTerms");

	if (needed.node != SS_NO_NODE && ss_doc_count(terms.doc, terms.node) == 0)
		required(ctx, path,
		         "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
		         "nodeSelectorTerms");
}

static void check_network(struct ss_ctx *ctx, struct ss_value spec, const char *path)
{
	struct ss_value servers = ss_value_get(ss_value_get(spec, "dnsConfig"), "nameservers");
	const char *dns = ss_value_string(spec, "dnsPolicy");

	if (dns && !strcmp(dns, "None") && ss_doc_count(servers.doc, servers.node) == 0)
		required(ctx, path, "dnsConfig.nameservers");
}

void ss_validate_pod_spec(struct ss_ctx *ctx, struct ss_value spec, const char *path)
{
	struct ss_value volumes = ss_value_get(spec, "volumes"),
	                list = ss_value_get(spec, "containers");

	EACH(ctx, spec, "volumes", path, volume, here)
	{
		const char *name = ss_value_string(volume, "name");

		if (name && has_item(volumes, "name", name, it_.index))
			ss_cause(ctx, "FieldValueDuplicate", member(ctx, here, "name"),
			         "Duplicate value: %s", ss_quoted(ctx, name));
		check_volume(ctx, volume, here);
	}
	if (list.node != SS_NO_NODE && ss_doc_count(list.doc, list.node) == 0)
		required(ctx, path, "containers");
	check_containers(ctx, spec, "containers", path);
	check_containers(ctx, spec, "initContainers", path);
	check_tolerations(ctx, spec, path);
	check_node_terms(ctx, spec, path);
	check_network(ctx, spec, path);
}
