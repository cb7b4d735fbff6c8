/* Why a Pod would not run. Nothing is pulled or started here; what can be told
 * from the objects alone is told as a kubelet and a scheduler would:
 *   more cpu or memory than the one node has    Unschedulable
 *   an image reference that is none             InvalidImageName
 *   an image below a name ending in .invalid    ImagePullBackOff (RFC 2606: no such host)
 *   a Secret, ConfigMap or key that is missing  CreateContainerConfigError, ContainerCreating */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "embed/reconcile.h"
#include "embed/validate.h"

static const double node_cpu = 64, node_memory = 256.0 * 1024 * 1024 * 1024;

static double request(struct ss_value container, const char *what)
{
	struct ss_value requests = ss_value_get(ss_value_get(container, "resources"), "requests");

	return ss_amount(ss_value_get(requests, what));
}

static bool schedule(struct ss_ctx *ctx, struct ss_value spec, struct ss_pod_trouble *ret)
{
	struct ss_value list = ss_value_get(spec, "containers");
	double cpu = 0, memory = 0;
	const char *short_of;

	for (struct ss_iter it = ss_iter(list.doc, list.node); ss_iter_next(&it);) {
		cpu += request((struct ss_value){it.doc, it.value}, "cpu");
		memory += request((struct ss_value){it.doc, it.value}, "memory");
	}
	short_of = cpu > node_cpu ? "cpu" : memory > node_memory ? "memory" : NULL;
	if (!short_of)
		return true;
	ret->unscheduled = true;
	ret->reason = "Unschedulable";
	ret->message = ss_pool_printf(
	        &ctx->pool,
	        "0/1 nodes are available: 1 Insufficient %s. preemption: 0/1 nodes are "
	        "available: 1 Preemption is not helpful for scheduling.",
	        short_of);
	return false;
}

/* The first part is a host when it looks like one; otherwise it belongs to the path. */
static size_t host_length(const char *s)
{
	size_t len = strcspn(s, "/");

	if (!s[len] ||
	    (!memchr(s, '.', len) && !memchr(s, ':', len) && strncmp(s, "localhost/", 10) != 0))
		return 0;
	return len;
}

/* [host[:port]/]path[:tag][@digest], as containerd's parser takes it. */
static bool is_image(const char *s)
{
	size_t host_len = host_length(s);
	const char *slash = strrchr(s, '/'), *name = slash ? slash + 1 : s, *tag,
	           *at = strchr(name, '@');
	size_t len = at ? (size_t)(at - name) : strlen(name);

	tag = memchr(name, ':', len);
	if (tag && (memchr(tag + 1, ':', (size_t)(name + len - tag - 1)) || tag + 1 == name + len ||
	            tag == name))
		return false;
	if (len == 0 || (at && !at[1]))
		return false;
	for (const char *c = s; *c && c != at; c++) {
		bool in_tag = tag && c > tag, host = (size_t)(c - s) < host_len;

		if (!isalnum((unsigned char)*c) && !strchr("._-/:", *c) &&
		    !(host && strchr("[]", *c)))
			return false;
		if (isupper((unsigned char)*c) && !in_tag && !host)
			return false;
		if (*c == '/' && (c == s || c[1] == '/' || !c[1]))
			return false;
	}
	return true;
}

static bool no_such_host(const char *image)
{
	size_t len = strcspn(image, "/");
	const char *port = memchr(image, ':', len);

	if (!image[len])
		return false;
	if (port)
		len = (size_t)(port - image);
	return len > 8 && memcmp(image + len - 8, ".invalid", 8) == 0;
}

static bool image_trouble(struct ss_ctx *ctx, struct ss_value container, struct ss_pod_trouble *ret)
{
	const char *image = ss_value_string(container, "image");

	if (!image)
		return false;
	if (!is_image(image)) {
		ret->reason = "InvalidImageName";
		ret->message = ss_pool_printf(
		        &ctx->pool,
		        "Failed to apply default image tag \"%s\": couldn't parse image name "
		        "\"%s\": invalid reference format",
		        image, image);
		return true;
	}
	if (!no_such_host(image))
		return false;
	ret->reason = "ImagePullBackOff";
	ret->message = ss_pool_printf(
	        &ctx->pool,
	        "Back-off pulling image \"%s\": ErrImagePull: failed to pull and unpack image "
	        "\"%s\": no such host",
	        image, image);
	return true;
}

/* 0 with *ret set when the object (and the key in its data, if given) is missing. */
static int missing(struct ss_ctx *ctx, enum ss_kind_id id, const char *ns, struct ss_value ref,
                   const char *name_key, const char *key, const char **ret)
{
	const struct ss_kind *kind = ss_kind(id);
	const char *name = ss_value_string(ref, name_key);
	struct ss_object object;
	int rc;

	if (!name || ss_doc_get_bool(ref.doc, ss_value_get(ref, "optional").node, false))
		return 0;
	rc = ss_object_load(ctx, kind, ns, name, &object);
	if (rc == SS_ERR_NOT_FOUND) {
		*ret = ss_pool_printf(&ctx->pool, "%s \"%s\" not found", kind->singular, name);
		return 0;
	}
	if (rc == 0 && key && ss_doc_find(object.doc, object.root, "data", key, NULL) == SS_NO_NODE)
		*ret = ss_pool_printf(&ctx->pool, "couldn't find key %s in %s %s/%s", key,
		                      kind->kind, ns, name);
	return rc;
}

static int env_trouble(struct ss_ctx *ctx, const char *ns, struct ss_value container,
                       const char **ret)
{
	struct ss_value from = ss_value_get(container, "envFrom"),
	                env = ss_value_get(container, "env");
	int rc = 0;

	for (struct ss_iter it = ss_iter(from.doc, from.node);
	     ss_iter_next(&it) && rc == 0 && !*ret;) {
		struct ss_value source = {it.doc, it.value};

		rc = missing(ctx, SS_KIND_SECRET, ns, ss_value_get(source, "secretRef"), "name",
		             NULL, ret);
		if (rc == 0 && !*ret)
			rc = missing(ctx, SS_KIND_CONFIG_MAP, ns,
			             ss_value_get(source, "configMapRef"), "name", NULL, ret);
	}
	for (struct ss_iter it = ss_iter(env.doc, env.node);
	     ss_iter_next(&it) && rc == 0 && !*ret;) {
		struct ss_value source =
		        ss_value_get((struct ss_value){it.doc, it.value}, "valueFrom");
		struct ss_value secret = ss_value_get(source, "secretKeyRef");
		struct ss_value map = ss_value_get(source, "configMapKeyRef");

		rc = missing(ctx, SS_KIND_SECRET, ns, secret, "name",
		             ss_value_string(secret, "key"), ret);
		if (rc == 0 && !*ret)
			rc = missing(ctx, SS_KIND_CONFIG_MAP, ns, map, "name",
			             ss_value_string(map, "key"), ret);
	}
	return rc;
}

static int volume_trouble(struct ss_ctx *ctx, const char *ns, struct ss_value spec,
                          struct ss_pod_trouble *ret)
{
	struct ss_value volumes = ss_value_get(spec, "volumes");
	const char *what = NULL;
	int rc = 0;

	for (struct ss_iter it = ss_iter(volumes.doc, volumes.node);
	     ss_iter_next(&it) && rc == 0 && !what;) {
		struct ss_value volume = {it.doc, it.value};

		rc = missing(ctx, SS_KIND_SECRET, ns, ss_value_get(volume, "secret"), "secretName",
		             NULL, &what);
		if (rc == 0 && !what)
			rc = missing(ctx, SS_KIND_CONFIG_MAP, ns, ss_value_get(volume, "configMap"),
			             "name", NULL, &what);
		if (what) {
			ret->reason = "ContainerCreating";
			ret->waits = true;
			ret->message = ss_pool_printf(
			        &ctx->pool, "MountVolume.SetUp failed for volume \"%s\" : %s",
			        ss_value_string(volume, "name"), what);
		}
	}
	return rc;
}

int ss_pod_trouble(struct ss_ctx *ctx, const struct ss_object *pod, struct ss_pod_trouble *ret)
{
	struct ss_value spec = ss_value_get(ss_object_value(pod), "spec");
	struct ss_value list = ss_value_get(spec, "containers");
	const char *what = NULL;
	int rc;

	*ret = (struct ss_pod_trouble){0};
	if (!schedule(ctx, spec, ret))
		return 0;
	rc = volume_trouble(ctx, pod->ns, spec, ret);
	for (struct ss_iter it = ss_iter(list.doc, list.node);
	     ss_iter_next(&it) && rc == 0 && !ret->reason;) {
		struct ss_value container = {it.doc, it.value};

		ret->container = ss_value_string(container, "name");
		if (image_trouble(ctx, container, ret))
			break;
		rc = env_trouble(ctx, pod->ns, container, &what);
		if (rc == 0 && what) {
			ret->reason = "CreateContainerConfigError";
			ret->message = what;
			ret->waits = true;
		}
	}
	return rc;
}
