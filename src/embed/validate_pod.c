/* The parts of Pod validation that provisioning runs into. */
#include <ctype.h>
#include <string.h>

#include "embed/validate.h"

static const char *at(struct ss_ctx *ctx, const char *path, const char *key, size_t i)
{
	const char *out = ss_pool_printf(&ctx->pool, "%s.%s[%zu]", path, key, i);

	return out ? out : path;
}

static const char *member(struct ss_ctx *ctx, const char *path, const char *key)
{
	const char *out = ss_pool_printf(&ctx->pool, "%s.%s", path, key);

	return out ? out : path;
}

static void require_name(struct ss_ctx *ctx, struct ss_value item, const char *path)
{
	const char *name = ss_value_string(item, "name");
	const char *field = member(ctx, path, "name");

	if (!name || !*name)
		ss_cause(ctx, "FieldValueRequired", field, "Required value");
	else if (strlen(name) > 63)
		ss_cause(ctx, "FieldValueInvalid", field,
		         "Invalid value: %s: must be no more than 63 bytes", ss_quoted(ctx, name));
	else if (!ss_is_label_name(name))
		ss_cause(ctx, "FieldValueInvalid", field, "Invalid value: %s: %s",
		         ss_quoted(ctx, name), ss_label_rule);
}

static bool has_item(struct ss_value list, const char *key, const char *value, size_t before)
{
	for (struct ss_iter it = ss_iter(list.doc, list.node);
	     ss_iter_next(&it) && it.index < before;)
		if (ss_doc_is_string(it.doc, ss_doc_get(it.doc, it.value, key), value))
			return true;
	return false;
}

static void unique(struct ss_ctx *ctx, struct ss_value list, size_t i, const char *key,
                   const char *path)
{
	const char *value = ss_value_string(
	        (struct ss_value){list.doc, ss_doc_at(list.doc, list.node, i)}, key);

	if (value && has_item(list, key, value, i))
		ss_cause(ctx, "FieldValueDuplicate", member(ctx, path, key), "Duplicate value: %s",
		         ss_quoted(ctx, value));
}

static void check_mounts(struct ss_ctx *ctx, struct ss_value container, struct ss_value volumes,
                         const char *path)
{
	struct ss_value mounts = ss_value_get(container, "volumeMounts");

	for (struct ss_iter it = ss_iter(mounts.doc, mounts.node); ss_iter_next(&it);) {
		struct ss_value mount = {it.doc, it.value};
		const char *here = at(ctx, path, "volumeMounts", it.index);
		const char *name = ss_value_string(mount, "name"),
		           *where = ss_value_string(mount, "mountPath");

		if (!name || !*name)
			ss_cause(ctx, "FieldValueRequired", member(ctx, here, "name"),
			         "Required value");
		else if (!has_item(volumes, "name", name, SIZE_MAX))
			ss_cause(ctx, "FieldValueNotFound", member(ctx, here, "name"),
			         "Not found: %s", ss_quoted(ctx, name));
		if (!where || !*where)
			ss_cause(ctx, "FieldValueRequired", member(ctx, here, "mountPath"),
			         "Required value");
		else if (has_item(mounts, "mountPath", where, it.index))
			ss_cause(ctx, "FieldValueInvalid", member(ctx, here, "mountPath"),
			         "Invalid value: %s: must be unique", ss_quoted(ctx, where));
	}
}

static void check_env(struct ss_ctx *ctx, struct ss_value container, const char *path)
{
	struct ss_value env = ss_value_get(container, "env");

	for (struct ss_iter it = ss_iter(env.doc, env.node); ss_iter_next(&it);) {
		const char *name = ss_value_string((struct ss_value){it.doc, it.value}, "name");
		const char *field = member(ctx, at(ctx, path, "env", it.index), "name");

		if (!name || !*name)
			ss_cause(ctx, "FieldValueRequired", field, "Required value");
		else if (strchr(name, '='))
			ss_cause(ctx, "FieldValueInvalid", field,
			         "Invalid value: %s: a valid environment variable name must "
			         "consist only of "
			         "printable ASCII characters other than '='",
			         ss_quoted(ctx, name));
	}
}

static void check_ports(struct ss_ctx *ctx, struct ss_value container, const char *path)
{
	struct ss_value ports = ss_value_get(container, "ports");

	for (struct ss_iter it = ss_iter(ports.doc, ports.node); ss_iter_next(&it);) {
		int64_t port =
		        ss_doc_get_int(it.doc, ss_doc_get(it.doc, it.value, "containerPort"), 0);
		const char *field = member(ctx, at(ctx, path, "ports", it.index), "containerPort");

		if (port == 0)
			ss_cause(ctx, "FieldValueRequired", field, "Required value");
		else if (port < 1 || port > 65535)
			ss_cause(ctx, "FieldValueInvalid", field,
			         "Invalid value: %lld: must be between 1 and 65535, inclusive",
			         (long long)port);
	}
}

static void check_container(struct ss_ctx *ctx, struct ss_value container, struct ss_value volumes,
                            const char *path)
{
	static const char *const pull[] = {"Always", "IfNotPresent", "Never", NULL};
	const char *image = ss_value_string(container, "image");
	size_t len = image ? strlen(image) : 0;

	require_name(ctx, container, path);
	if (len == 0)
		ss_cause(ctx, "FieldValueRequired", member(ctx, path, "image"), "Required value");
	else if (isspace((unsigned char)image[0]) || isspace((unsigned char)image[len - 1]))
		ss_cause(ctx, "FieldValueInvalid", member(ctx, path, "image"),
		         "Invalid value: %s: must not have leading or trailing whitespace",
		         ss_quoted(ctx, image));
	ss_validate_word(ctx, container, "imagePullPolicy", member(ctx, path, "imagePullPolicy"),
	                 pull);
	check_ports(ctx, container, path);
	check_env(ctx, container, path);
	check_mounts(ctx, container, volumes, path);
}

static void check_containers(struct ss_ctx *ctx, struct ss_value spec, const char *key,
                             const char *path)
{
	struct ss_value list = ss_value_get(spec, key), volumes = ss_value_get(spec, "volumes");

	for (struct ss_iter it = ss_iter(list.doc, list.node); ss_iter_next(&it);) {
		const char *here = at(ctx, path, key, it.index);

		check_container(ctx, (struct ss_value){it.doc, it.value}, volumes, here);
		unique(ctx, list, it.index, "name", here);
	}
}

void ss_validate_pod_spec(struct ss_ctx *ctx, struct ss_value spec, const char *path)
{
	static const char *const restart[] = {"Always", "OnFailure", "Never", NULL};
	static const char *const dns[] = {"ClusterFirstWithHostNet", "ClusterFirst", "Default",
	                                  "None", NULL};
	struct ss_value volumes = ss_value_get(spec, "volumes"),
	                list = ss_value_get(spec, "containers");

	for (struct ss_iter it = ss_iter(volumes.doc, volumes.node); ss_iter_next(&it);) {
		const char *here = at(ctx, path, "volumes", it.index);

		require_name(ctx, (struct ss_value){it.doc, it.value}, here);
		unique(ctx, volumes, it.index, "name", here);
	}
	if (ss_doc_count(list.doc, list.node) == 0)
		ss_cause(ctx, "FieldValueRequired", member(ctx, path, "containers"),
		         "Required value");
	check_containers(ctx, spec, "containers", path);
	check_containers(ctx, spec, "initContainers", path);
	ss_validate_word(ctx, spec, "restartPolicy", member(ctx, path, "restartPolicy"), restart);
	ss_validate_word(ctx, spec, "dnsPolicy", member(ctx, path, "dnsPolicy"), dns);
}
