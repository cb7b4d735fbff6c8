/* The stand-in for agent-sandbox's controller, after its release 1.0.3: one Pod
 * per Sandbox, and the conditions that tell how it fares. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "embed/delete.h"
#include "embed/reconcile.h"
#include "embed/sandbox_status.h"
#include "embed/write.h"

#define RESERVED  "agents.x-k8s.io/"
#define NAME_HASH RESERVED "sandbox-name-hash"

static bool reserved(const char *key)
{
	return strncmp(key, RESERVED, strlen(RESERVED)) == 0 ||
	       strncmp(key, "extensions." RESERVED, strlen("extensions." RESERVED)) == 0;
}

/* FNV-1a, 32 bits, as eight hex digits. */
static const char *name_hash(struct ss_ctx *ctx, const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return ss_pool_printf(&ctx->pool, "%08x", h);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The template's keys that go onto the Pod, sorted and joined: how the controller remembers them. */
static const char *propagated(struct ss_ctx *ctx, struct ss_value map)
{
	size_t n = 0, count = ss_doc_count(map.doc, map.node);
	const char **keys = ss_pool_alloc(&ctx->pool, (count + 1) * sizeof(*keys)), *out = NULL;

	for (struct ss_iter it = ss_iter(map.doc, map.node); keys && ss_iter_next(&it);)
		if (!reserved(it.key))
			keys[n++] = it.key;
	if (keys)
		qsort(keys, n, sizeof(*keys), compare_text);
	for (size_t i = 0; i < n; i++)
		out = out ? ss_pool_printf(&ctx->pool, "%s,%s", out, keys[i]) : keys[i];
	return out;
}

static void copy_free_keys(struct ss_doc *out, struct ss_value map)
{
	for (struct ss_iter it = ss_iter(map.doc, map.node); ss_iter_next(&it);) {
		if (reserved(it.key))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, it.doc, it.value);
	}
}

static void write_owner(struct ss_doc *out, const struct ss_object *sandbox)
{
	ss_doc_key_lit(out, "ownerReferences");
	ss_doc_begin_array(out);
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "apiVersion", ss_kind_api_version(sandbox->kind));
	ss_doc_put_string(out, "kind", sandbox->kind->kind);
	ss_doc_put_string(out, "name", sandbox->name);
	ss_doc_put_string(out, "uid", sandbox->uid);
	ss_doc_put_bool(out, "controller", true);
	ss_doc_put_bool(out, "blockOwnerDeletion", true);
	ss_doc_end(out);
	ss_doc_end(out);
}

static void write_pod(struct ss_ctx *ctx, const struct ss_object *sandbox, struct ss_doc *out)
{
	struct ss_value object = ss_object_value(sandbox);
	struct ss_value template = ss_value_get(ss_value_get(object, "spec"), "podTemplate");
	struct ss_value meta = ss_value_get(template, "metadata");
	struct ss_value labels = ss_value_get(meta, "labels"),
	                notes = ss_value_get(meta, "annotations");
	const char *label_keys = propagated(ctx, labels), *note_keys = propagated(ctx, notes);

	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "name", sandbox->name);
	ss_doc_key_lit(out, "labels");
	ss_doc_begin_object(out);
	copy_free_keys(out, labels);
	ss_doc_put_string(out, NAME_HASH, name_hash(ctx, sandbox->name));
	ss_doc_end(out);
	if (label_keys || note_keys) {
		ss_doc_key_lit(out, "annotations");
		ss_doc_begin_object(out);
		copy_free_keys(out, notes);
		ss_doc_put_string(out, RESERVED "propagated-labels", label_keys);
		ss_doc_put_string(out, RESERVED "propagated-annotations", note_keys);
		ss_doc_end(out);
	}
	write_owner(out, sandbox);
	ss_doc_end(out);
	ss_doc_put_copy(out, "spec", template.doc, ss_value_get(template, "spec").node);
	ss_doc_end(out);
}

/* Failures of the kind that the controller reports in Ready. */
static int trouble(struct ss_ctx *ctx, struct ss_sandbox_view *view, int rc)
{
	if (rc == 0 || !ctx->status.code)
		return rc;
	view->error = ss_pool_strdup(&ctx->pool, ctx->status.message);
	ctx->status.code = 0;
	return 0;
}

static int create_pod(struct ss_ctx *ctx, const struct ss_object *sandbox,
                      struct ss_sandbox_view *view)
{
	struct ss_write w = {.kind = ss_kind(SS_KIND_POD),
	                     .ns = sandbox->ns,
	                     .subresource = "",
	                     .manager = "sandbox-controller"};
	struct ss_doc *doc = ss_ctx_doc(ctx);
	int rc;

	if (!doc)
		return SS_ERR_NOMEM;
	write_pod(ctx, sandbox, doc);
	rc = ss_ctx_finish(ctx, doc);
	if (rc == 0)
		rc = ss_create(ctx, &w, (struct ss_value){doc, ss_doc_root(doc)}, NULL, &view->pod);
	view->has_pod = rc == 0;
	view->owned = rc == 0;
	/* A service account may come later; the others stay wrong until the spec changes. */
	view->waits = rc == SS_ERR_FORBIDDEN;
	return trouble(ctx, view, rc);
}

static int find_pod(struct ss_ctx *ctx, const struct ss_object *sandbox,
                    struct ss_sandbox_view *view)
{
	const char *uid, *name = ss_doc_find_string(sandbox->doc, sandbox->root, "metadata",
	                                            "annotations", RESERVED "pod-name", NULL);
	int rc = ss_object_load(ctx, ss_kind(SS_KIND_POD), sandbox->ns,
	                        name && *name ? name : sandbox->name, &view->pod);

	if (rc < 0)
		return rc == SS_ERR_NOT_FOUND ? 0 : rc;
	uid = ss_controller_uid(ss_object_value(&view->pod));
	view->has_pod = true;
	view->owned = uid && strcmp(uid, sandbox->uid) == 0;
	return 0;
}

static int delete_pod(struct ss_ctx *ctx, struct ss_sandbox_view *view)
{
	static const struct ss_delete usual = {.grace_s = -1};
	struct ss_object ret;
	bool gone;
	int rc;

	if (!view->has_pod || !view->owned)
		return 0;
	rc = ss_delete_object(ctx, &view->pod, &usual, &ret, &gone);
	view->has_pod = rc == 0 && !gone;
	return rc;
}

/* A Pod of that name which is not ours is not touched; the controller says so. */
static void refuse_foreign(struct ss_ctx *ctx, const struct ss_object *sandbox,
                           struct ss_sandbox_view *view)
{
	const char *uid = ss_controller_uid(ss_object_value(&view->pod));

	view->has_pod = false;
	if (uid)
		view->error = ss_pool_printf(
		        &ctx->pool,
		        "pod \"%s\" is owned by another controller (UID: %s), not by sandbox "
		        "\"%s\"",
		        view->pod.name, uid, sandbox->name);
	else
		view->error = ss_pool_printf(
		        &ctx->pool,
		        "cannot adopt unowned pod \"%s\": missing required pool authorization "
		        "label "
		        "(\"agents.x-k8s.io/adoptable\") or sandbox tracking label (\"" NAME_HASH
		        "\")",
		        view->pod.name);
}

/* What a Sandbox can ask for and this cluster has not got. */
static const char *unsupported(struct ss_value spec)
{
	struct ss_value claims = ss_value_get(spec, "volumeClaimTemplates");

	if (ss_doc_get_bool(spec.doc, ss_value_get(spec, "service").node, false))
		return "the embedded cluster has no Services: leave spec.service out or use a real "
		       "cluster";
	if (ss_doc_count(claims.doc, claims.node) > 0)
		return "the embedded cluster has no PersistentVolumeClaims: leave "
		       "spec.volumeClaimTemplates out or use a real cluster";
	return NULL;
}

static bool is_expired(const struct ss_ctx *ctx, struct ss_value spec)
{
	const char *at = ss_value_string(spec, "shutdownTime");
	int64_t ms;

	return at && ss_clock_parse_rfc3339(at, &ms) == 0 && ms <= ctx->now_ms;
}

static int expire(struct ss_ctx *ctx, const struct ss_object *sandbox, struct ss_sandbox_view *view)
{
	static const struct ss_delete background = {.grace_s = -1};
	struct ss_object ret;
	bool gone;
	int rc = delete_pod(ctx, view);

	if (rc == 0 && ss_doc_is_string(sandbox->doc,
	                                ss_doc_find(sandbox->doc, sandbox->root, "spec",
	                                            "shutdownPolicy", NULL),
	                                "Delete"))
		return ss_delete_object(ctx, sandbox, &background, &ret, &gone);
	view->expired = true;
	return rc < 0 ? rc
	              : ss_update_status(ctx, sandbox, "agent-sandbox-controller",
	                                 ss_sandbox_status(ctx, sandbox, view), false, &ret);
}

int ss_reconcile_sandbox(struct ss_ctx *ctx, const struct ss_object *sandbox)
{
	struct ss_value spec = ss_value_get(ss_object_value(sandbox), "spec");
	struct ss_sandbox_view view = {.hash = name_hash(ctx, sandbox->name)};
	struct ss_object ret;
	int rc;

	if (ss_doc_find_string(sandbox->doc, sandbox->root, "metadata", "deletionTimestamp", NULL))
		return 0;
	rc = find_pod(ctx, sandbox, &view);
	if (rc < 0)
		return rc;
	if (is_expired(ctx, spec))
		return expire(ctx, sandbox, &view);
	view.suspended =
	        ss_doc_is_string(spec.doc, ss_value_get(spec, "operatingMode").node, "Suspended");
	view.error = unsupported(spec);
	if (view.error)
		rc = 0;
	else if (view.suspended)
		rc = delete_pod(ctx, &view);
	else if (!view.has_pod)
		rc = create_pod(ctx, sandbox, &view);
	else if (!view.owned)
		refuse_foreign(ctx, sandbox, &view);
	if (rc < 0)
		return rc;
	return ss_update_status(ctx, sandbox, "agent-sandbox-controller",
	                        ss_sandbox_status(ctx, sandbox, &view), view.waits, &ret);
}
