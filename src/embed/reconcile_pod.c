/* The stand-in for scheduler and kubelet: a Pod's node and status. */
#include <string.h>

#include "embed/delete.h"
#include "embed/prepare.h"
#include "embed/prepare_pod.h"
#include "embed/reconcile.h"
#include "embed/write.h"

static const char node_name[] = "embedded-0", node_ip[] = "192.0.2.1"; /* RFC 5737 */

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static void condition(struct ss_doc *out, const char *type, bool ok, const char *reason,
                      const char *message, const struct ss_ctx *ctx, int64_t generation)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "type", type);
	ss_doc_put_int(out, "observedGeneration", generation);
	ss_doc_put_string(out, "status", ok ? "True" : "False");
	ss_doc_key_lit(out, "lastProbeTime");
	ss_doc_null(out);
	ss_doc_put_string(out, "lastTransitionTime", ctx->now);
	ss_doc_put_string(out, "reason", ok ? NULL : reason);
	ss_doc_put_string(out, "message", ok ? NULL : message);
	ss_doc_end(out);
}

static void conditions(struct ss_ctx *ctx, struct ss_doc *out, const struct ss_pod_trouble *t,
                       int64_t generation)
{
	const char *unready =
	        t->container ? ss_pool_printf(&ctx->pool, "containers with unready status: [%s]",
	                                      t->container)
	                     : "containers with unready status";
	bool ready = !t->reason;

	ss_doc_key_lit(out, "conditions");
	ss_doc_begin_array(out);
	if (!t->unscheduled) {
		condition(out, "PodReadyToStartContainers", ready || t->container, NULL, NULL, ctx,
		          generation);
		condition(out, "Initialized", true, NULL, NULL, ctx, generation);
		condition(out, "Ready", ready, "ContainersNotReady", unready, ctx, generation);
		condition(out, "ContainersReady", ready, "ContainersNotReady", unready, ctx,
		          generation);
	}
	condition(out, "PodScheduled", !t->unscheduled, t->reason, t->message, ctx, generation);
	ss_doc_end(out);
}

static void addresses(struct ss_doc *out, const char *one, const char *many, const char *ip)
{
	ss_doc_put_string(out, one, ip);
	ss_doc_key_lit(out, many);
	ss_doc_begin_array(out);
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "ip", ip);
	ss_doc_end(out);
	ss_doc_end(out);
}

static void state(struct ss_ctx *ctx, struct ss_doc *out, const struct ss_pod_trouble *t, bool mine)
{
	ss_doc_key_lit(out, "state");
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, t->reason ? "waiting" : "running");
	ss_doc_begin_object(out);
	if (!t->reason) {
		ss_doc_put_string(out, "startedAt", ctx->now);
	} else {
		ss_doc_put_string(out, "reason", mine ? t->reason : "ContainerCreating");
		ss_doc_put_string(out, "message", mine && t->container ? t->message : NULL);
	}
	ss_doc_end(out);
	ss_doc_end(out);
}

static void containers(struct ss_ctx *ctx, struct ss_doc *out, struct ss_value spec,
                       const struct ss_pod_trouble *t)
{
	struct ss_value list = ss_value_get(spec, "containers");

	ss_doc_key_lit(out, "containerStatuses");
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(list.doc, list.node); ss_iter_next(&it);) {
		struct ss_value c = {it.doc, it.value};
		const char *name = ss_value_string(c, "name");

		ss_doc_begin_object(out);
		ss_doc_put_string(out, "name", name);
		state(ctx, out, t, !t->container || strcmp(t->container, name) == 0);
		ss_doc_key_lit(out, "lastState");
		ss_doc_begin_object(out);
		ss_doc_end(out);
		ss_doc_put_bool(out, "ready", !t->reason);
		ss_doc_put_int(out, "restartCount", 0);
		ss_doc_put_string(out, "image", ss_value_string(c, "image"));
		ss_doc_put_string(out, "imageID", "");
		ss_doc_put_bool(out, "started", !t->reason);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

static struct ss_value status_of(struct ss_ctx *ctx, const struct ss_object *pod,
                                 const struct ss_pod_trouble *t)
{
	struct ss_value object = ss_object_value(pod), spec = ss_value_get(object, "spec");
	int64_t generation = ss_doc_get_int(
	        pod->doc, ss_doc_find(pod->doc, pod->root, "metadata", "generation", NULL), 1);
	struct ss_doc *out = ss_ctx_doc(ctx);
	uint32_t h = hash(pod->uid);

	if (!out)
		return (struct ss_value){NULL, SS_NO_NODE};
	ss_doc_begin_object(out);
	ss_doc_put_int(out, "observedGeneration", generation);
	ss_doc_put_string(out, "phase", t->reason ? "Pending" : "Running");
	conditions(ctx, out, t, generation);
	if (!t->unscheduled) {
		addresses(out, "hostIP", "hostIPs", node_ip);
		if (!t->reason || t->container)
			addresses(
			        out, "podIP", "podIPs",
			        ss_pool_printf(&ctx->pool, "10.244.%u.%u", h >> 8 & 255, h & 255));
		ss_doc_put_string(out, "startTime", ctx->now);
		containers(ctx, out, spec, t);
	}
	ss_doc_put_string(out, "qosClass", ss_pod_qos(spec));
	ss_doc_end(out);
	return (struct ss_value){out, ss_doc_root(out)};
}

/* What the last look found, to write and tell only what is new. */
static bool already_told(const struct ss_object *pod, const struct ss_pod_trouble *t)
{
	struct ss_value status = ss_value_get(ss_object_value(pod), "status");
	struct ss_value list =
	        ss_value_get(status, t->unscheduled ? "conditions" : "containerStatuses");

	for (struct ss_iter it = ss_iter(list.doc, list.node); ss_iter_next(&it);) {
		struct ss_value item = {it.doc, it.value};
		const char *reason;

		if (!t->unscheduled)
			item = ss_value_get(ss_value_get(item, "state"), "waiting");
		reason = ss_value_string(item, "reason");
		if (!reason || strcmp(reason, t->reason) != 0)
			continue;
		if (!t->unscheduled && !t->container)
			return true;
		return ss_doc_is_string(item.doc, ss_value_get(item, "message").node, t->message);
	}
	return false;
}

static int tell(struct ss_ctx *ctx, const struct ss_object *pod, const struct ss_pod_trouble *t)
{
	const char *reason = t->unscheduled ? "FailedScheduling"
	                     : t->container ? "Failed"
	                                    : "FailedMount";
	const char *component = t->unscheduled ? "default-scheduler" : "kubelet";
	const char *message =
	        t->container ? ss_pool_printf(&ctx->pool, "Error: %s", t->message) : t->message;

	return ss_record_event(ctx, pod, component, reason, message);
}

/* The pod with its node, which the scheduler sets once. */
static int bind_node(struct ss_ctx *ctx, const struct ss_object *pod, struct ss_object *ret)
{
	struct ss_value object = ss_object_value(pod), spec = ss_value_get(object, "spec");
	struct ss_doc *out;
	int rc;

	*ret = *pod;
	if (ss_has(spec, "nodeName"))
		return 0;
	out = ss_ctx_doc(ctx);
	if (!out)
		return SS_ERR_NOMEM;
	ss_doc_begin_object(out);
	ss_copy_members(out, object, (const char *const[]){"spec", NULL});
	ss_doc_key_lit(out, "spec");
	ss_doc_begin_object(out);
	ss_copy_members(out, spec, NULL);
	ss_doc_put_string(out, "nodeName", node_name);
	ss_doc_end(out);
	ss_doc_end(out);
	rc = ss_ctx_finish(ctx, out);
	ret->doc = out;
	ret->root = ss_doc_root(out);
	return rc;
}

static int touch_owner(struct ss_ctx *ctx, const struct ss_object *pod)
{
	const char *uid = ss_controller_uid(ss_object_value(pod));
	struct ss_record owner;
	int rc;

	if (!uid)
		return 0;
	rc = ss_store_get_uid(ctx->store, &ctx->pool, uid, &owner, &ctx->err);
	if (rc == 0)
		ss_ctx_touch(ctx, owner.kind, owner.ns, owner.name);
	return rc == SS_ERR_NOT_FOUND ? 0 : rc;
}

int ss_reconcile_pod(struct ss_ctx *ctx, const struct ss_object *pod)
{
	const char *phase = ss_doc_find_string(pod->doc, pod->root, "status", "phase", NULL);
	struct ss_pod_trouble trouble;
	struct ss_object bound, ret;
	struct ss_meta meta;
	int rc;

	ss_meta_read(ctx, ss_object_value(pod), false, &meta);
	if (meta.deleted) /* stopped at once: nothing runs */
		return ss_meta_has_finalizer(&meta, NULL) ? 0 : ss_remove_object(ctx, pod);
	rc = touch_owner(ctx, pod);
	if (rc < 0 || !phase || strcmp(phase, "Pending") != 0)
		return rc;
	rc = ss_pod_trouble(ctx, pod, &trouble);
	if (rc < 0 || (trouble.reason && already_told(pod, &trouble)))
		return rc;
	bound = *pod;
	if (!trouble.unscheduled)
		rc = bind_node(ctx, pod, &bound);
	if (rc == 0)
		rc = ss_update_status(ctx, &bound, "kubelet", status_of(ctx, pod, &trouble),
		                      trouble.waits, &ret);
	if (rc == 0 && trouble.reason)
		rc = tell(ctx, pod, &trouble);
	return rc;
}
