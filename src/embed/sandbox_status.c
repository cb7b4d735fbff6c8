#include "embed/sandbox_status.h"

#include <string.h>

struct condition {
	const char *type, *status, *reason, *message;
	bool set; /* of this look; otherwise absent */
};

enum { SUSPENDED, FINISHED, SCHEDULED, READY, CONDITIONS };

static void set(struct condition *c, const char *status, const char *reason, const char *message)
{
	c->status = status;
	c->reason = reason;
	c->message = message;
	c->set = true;
}

static struct ss_value pod_condition(const struct ss_object *pod, const char *type)
{
	struct ss_value list =
	        ss_value_get(ss_value_get(ss_object_value(pod), "status"), "conditions");

	for (struct ss_iter it = ss_iter(list.doc, list.node); ss_iter_next(&it);)
		if (ss_doc_is_string(it.doc, ss_doc_get(it.doc, it.value, "type"), type))
			return (struct ss_value){it.doc, it.value};
	return (struct ss_value){list.doc, SS_NO_NODE};
}

static const char *text_or(const char *text, const char *fallback)
{
	return text && *text ? text : fallback;
}

static void compute_suspended(const struct ss_sandbox_view *v, struct condition *c)
{
	if (!v->suspended)
		set(c, "False", "NotSuspended", "Sandbox is not suspended");
	else if (!v->has_pod && v->error)
		set(c, "Unknown", "PodStateUnknown",
		    "Pod state is unknown. Sandbox suspension cannot be confirmed");
	else if (!v->has_pod)
		set(c, "True", "PodTerminated", "Pod has been terminated. Sandbox is suspended");
	else if (!v->owned)
		set(c, "False", "PodNotOwned",
		    "Refused to delete pod because it is not owned by this sandbox");
	else
		set(c, "False", "PodTerminating", "Pod is terminating. Sandbox is suspending");
}

static void compute_scheduled(const struct ss_sandbox_view *v, struct condition *c)
{
	struct ss_value from;
	const char *status;

	if (!v->has_pod && v->error) {
		set(c, "Unknown", "PodSchedulingUnknown",
		    "Pod state is unknown. Pod scheduling cannot be determined");
		return;
	}
	if (!v->has_pod || !v->owned)
		return;
	from = pod_condition(&v->pod, "PodScheduled");
	status = ss_value_string(from, "status");
	if (!status)
		set(c, "Unknown", "PodSchedulingUnknown",
		    "Pod has not reported a PodScheduled condition yet");
	else
		set(c, status,
		    text_or(ss_value_string(from, "reason"),
		            strcmp(status, "True") == 0 ? "PodScheduled" : "PodSchedulingUnknown"),
		    text_or(ss_value_string(from, "message"), ""));
}

static void compute_ready(struct ss_ctx *ctx, const struct ss_sandbox_view *v, const char *phase,
                          struct condition *c)
{
	if (v->error)
		set(c, "False", "ReconcilerError",
		    ss_pool_printf(&ctx->pool, "Error seen: %s", v->error));
	else if (v->suspended)
		set(c, "False", "SandboxSuspended",
		    v->has_pod ? "Sandbox is suspending" : "Sandbox is suspended");
	else if (!v->has_pod)
		set(c, "False", "DependenciesNotReady", "Pod does not exist");
	else if (strcmp(phase, "Succeeded") == 0)
		set(c, "False", "PodSucceeded", "Pod completed successfully");
	else if (strcmp(phase, "Failed") == 0)
		set(c, "False", "PodFailed", "Pod failed");
	else if (strcmp(phase, "Running") != 0)
		set(c, "False", "DependenciesNotReady",
		    ss_pool_printf(&ctx->pool, "Pod exists with phase: %s", phase));
	else if (!ss_doc_is_string(v->pod.doc,
	                           ss_value_get(pod_condition(&v->pod, "Ready"), "status").node,
	                           "True"))
		set(c, "False", "DependenciesNotReady", "Pod is Running but not Ready");
	else if (!ss_doc_find_string(v->pod.doc, v->pod.root, "status", "podIP", NULL))
		set(c, "False", "DependenciesNotReady", "Pod is Ready but has no podIPs yet");
	else
		set(c, "True", "DependenciesReady", "Pod is Ready");
}

static void write_condition(struct ss_doc *out, const struct condition *c, struct ss_value old,
                            int64_t generation, const char *now)
{
	const char *since = ss_value_string(old, "lastTransitionTime");
	const char *was = ss_value_string(old, "status");

	ss_doc_begin_object(out);
	ss_doc_put_string(out, "type", c->type);
	ss_doc_put_string(out, "status", c->status);
	ss_doc_put_int(out, "observedGeneration", generation);
	ss_doc_put_string(out, "lastTransitionTime",
	                  since && was && strcmp(was, c->status) == 0 ? since : now);
	ss_doc_put_string(out, "reason", c->reason);
	ss_doc_put_string(out, "message", c->message);
	ss_doc_end(out);
}

/* The old list with the new findings in their old places, then what is new. Finished and
 * PodScheduled vanish when they no longer apply; an expired Sandbox keeps Finished and Suspended. */
static void write_conditions(struct ss_ctx *ctx, const struct ss_object *sandbox,
                             struct condition *all, bool expired, struct ss_doc *out)
{
	struct ss_value old =
	        ss_value_get(ss_value_get(ss_object_value(sandbox), "status"), "conditions");
	struct ss_value none = {NULL, SS_NO_NODE};
	int64_t generation = ss_doc_get_int(
	        sandbox->doc,
	        ss_doc_find(sandbox->doc, sandbox->root, "metadata", "generation", NULL), 1);

	ss_doc_key_lit(out, "conditions");
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(old.doc, old.node); ss_iter_next(&it);) {
		struct ss_value item = {it.doc, it.value};
		const char *type = ss_value_string(item, "type");
		struct condition *c = NULL;

		for (int i = 0; i < CONDITIONS && type; i++)
			if (strcmp(all[i].type, type) == 0)
				c = &all[i];
		if (c && c->set)
			write_condition(out, c, item, generation, ctx->now);
		else if (!c || c == &all[SUSPENDED] || (expired && c == &all[FINISHED]))
			ss_doc_copy(out, it.doc, it.value);
		if (c)
			c->set = false;
	}
	for (int i = 0; i < CONDITIONS; i++)
		if (all[i].set)
			write_condition(out, &all[i], none, generation, ctx->now);
	ss_doc_end(out);
}

static void write_pod_ips(const struct ss_object *pod, struct ss_doc *out)
{
	struct ss_value ips = ss_value_get(ss_value_get(ss_object_value(pod), "status"), "podIPs");

	if (ss_doc_count(ips.doc, ips.node) == 0)
		return;
	ss_doc_key_lit(out, "podIPs");
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(ips.doc, ips.node); ss_iter_next(&it);)
		ss_doc_copy(out, it.doc, ss_doc_get(it.doc, it.value, "ip"));
	ss_doc_end(out);
}

struct ss_value ss_sandbox_status(struct ss_ctx *ctx, const struct ss_object *sandbox,
                                  const struct ss_sandbox_view *v)
{
	struct condition all[CONDITIONS] = {[SUSPENDED].type = "Suspended",
	                                    [FINISHED].type = "Finished",
	                                    [SCHEDULED].type = "PodScheduled",
	                                    [READY].type = "Ready"};
	const char *phase =
	        v->has_pod ? ss_doc_find_string(v->pod.doc, v->pod.root, "status", "phase", NULL)
	                   : NULL;
	struct ss_doc *out = ss_ctx_doc(ctx);

	if (!out)
		return (struct ss_value){NULL, SS_NO_NODE};
	phase = phase ? phase : "";
	if (v->expired) {
		set(&all[READY], "False", "SandboxExpired", "Sandbox has expired");
	} else {
		compute_suspended(v, &all[SUSPENDED]);
		if (v->has_pod && v->owned && strcmp(phase, "Succeeded") == 0)
			set(&all[FINISHED], "True", "PodSucceeded", "Pod completed successfully");
		if (v->has_pod && v->owned && strcmp(phase, "Failed") == 0)
			set(&all[FINISHED], "True", "PodFailed", "Pod failed");
		compute_scheduled(v, &all[SCHEDULED]);
		compute_ready(ctx, v, phase, &all[READY]);
	}
	ss_doc_begin_object(out);
	write_conditions(ctx, sandbox, all, v->expired, out);
	if (!v->expired) {
		const char *selector =
		        ss_doc_find_string(sandbox->doc, sandbox->root, "status", "selector", NULL);

		if (v->has_pod)
			selector = ss_pool_printf(&ctx->pool,
			                          "agents.x-k8s.io/sandbox-name-hash=%s", v->hash);
		ss_doc_put_string(out, "selector", selector);
		if (v->has_pod && v->owned) {
			write_pod_ips(&v->pod, out);
			ss_doc_put_string(out, "nodeName",
			                  ss_doc_find_string(v->pod.doc, v->pod.root, "spec",
			                                     "nodeName", NULL));
		}
	}
	ss_doc_end(out);
	return (struct ss_value){out, ss_doc_root(out)};
}
