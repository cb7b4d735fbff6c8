/* PodSpecs of kinds that nobody told us about (an Argo Workflow, a JobSet, a CloneSet
 * …), recognised by what they look like, wherever they lie. */
#include "sandbox/guard_priv.h"

/* What the PodSpecs further out set for the containers within (an Argo Workflow). */
struct around {
	bool non_root, seccomp;
};

static bool member_is(const struct ss_doc *doc, ss_node object, const char *key, enum ss_type type)
{
	return ss_doc_type(doc, ss_doc_get(doc, object, key)) == type;
}

/* An image, or a part that only containers have: an override in an operator's own
 * resource names no image. */
static bool is_container(const struct ss_doc *doc, ss_node node)
{
	return member_is(doc, node, "image", SS_STRING) ||
	       member_is(doc, node, "securityContext", SS_OBJECT) ||
	       member_is(doc, node, "volumeMounts", SS_ARRAY) ||
	       member_is(doc, node, "envFrom", SS_ARRAY) ||
	       (member_is(doc, node, "command", SS_ARRAY) &&
	        member_is(doc, node, "name", SS_STRING));
}

static bool any(const struct ss_doc *doc, ss_node list,
                bool (*is)(const struct ss_doc *doc, ss_node node))
{
	if (ss_doc_type(doc, list) != SS_ARRAY)
		return false;
	for (struct ss_iter it = ss_iter(doc, list); ss_iter_next(&it);) {
		if (is(doc, it.value))
			return true;
	}
	return false;
}

static const char *const lists[] = {"containers", "initContainers", "ephemeralContainers",
                                    "sidecars"};
static const char *const lone[] = {"container", "script"};

static bool is_host_path(const struct ss_doc *doc, ss_node volume)
{
	return member_is(doc, volume, "hostPath", SS_OBJECT);
}

static bool is_pod_spec(const struct ss_doc *doc, ss_node node)
{
	static const char *const host[] = {"hostNetwork", "hostPID", "hostIPC"};

	for (size_t i = 0; i < SS_ARRAY_LEN(lists); i++) {
		if (any(doc, ss_doc_get(doc, node, lists[i]), is_container))
			return true;
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(lone); i++) {
		ss_node container = ss_doc_get(doc, node, lone[i]);

		if (member_is(doc, container, "image", SS_STRING))
			return true;
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(host); i++) {
		if (ss_doc_get_bool(doc, ss_doc_get(doc, node, host[i]), false))
			return true;
	}
	return any(doc, ss_doc_get(doc, node, "volumes"), is_host_path);
}

bool guard_has_shape(const struct ss_doc *doc, ss_node node)
{
	if (ss_doc_type(doc, node) == SS_OBJECT && is_pod_spec(doc, node))
		return true;
	for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) {
		if (guard_has_shape(doc, it.value))
			return true;
	}
	return false;
}

/* --- the walk ---------------------------------------------------------------- */

/* Outside of any PodSpec: what it asks for is refused, what it leaves out is not missed. */
static void check_stray_context(struct guard_run *run, const struct at *at)
{
	struct at sc = guard_get(run, at, "securityContext", SS_OBJECT);

	guard_pss_context(run, &sc);
	if (guard_bool(run, &sc, "privileged") == YES)
		guard_refuse(run, R_PRIVILEGED, &sc, "privileged", "write false or leave it out",
		             "must not be true");
}

/* A patch of the pod as text, which Argo applies after everything that can be seen here. */
static void check_patch_text(struct guard_run *run, const struct at *at)
{
	const char *text = ss_doc_find_string(run->doc, at->node, "podSpecPatch", NULL);

	if (text && text[0])
		guard_refuse(run, R_PRIVILEGED, at, "podSpecPatch",
		             "write the fields into the PodSpec itself",
		             "changes the pod in a way that nobody can check");
}

static struct around within(const struct guard_run *run, const struct at *at, struct around around)
{
	ss_node sc = ss_doc_get(run->doc, at->node, "securityContext");
	ss_node non_root = ss_doc_get(run->doc, sc, "runAsNonRoot");

	if (ss_doc_type(run->doc, non_root) == SS_BOOL)
		around.non_root = ss_doc_get_bool(run->doc, non_root, false);
	around.seccomp = around.seccomp || member_is(run->doc, sc, "seccompProfile", SS_OBJECT);
	return around;
}

/* Only what lies in a template, or in a set within one, is meant by what stands around it: a
 * PodSpec of its own says all of it itself. */
static struct around meant_for(const struct ss_doc *doc, const struct at *at, struct around around)
{
	bool set = at->key && strcmp(at->key, "containerSet") == 0;

	return set || !any(doc, ss_doc_get(doc, at->node, "containers"), is_container)
	               ? around
	               : (struct around){0};
}

static void check_pod_spec(struct guard_run *run, const struct at *at, struct around around)
{
	bool own = member_is(run->doc, at->node, "metadata", SS_OBJECT);

	around = meant_for(run->doc, at, around);
	guard_check_loose(run, own || !at->up ? at : at->up, at, around.non_root, around.seccomp);
}

/* Was it read as a part of the PodSpec? */
static bool is_part(const char *key)
{
	static const char *const parts[] = {"securityContext", "volumes"};

	for (size_t i = 0; i < SS_ARRAY_LEN(lists); i++) {
		if (strcmp(key, lists[i]) == 0)
			return true;
	}
	for (size_t i = 0; i < 2; i++) {
		if (strcmp(key, lone[i]) == 0 || strcmp(key, parts[i]) == 0)
			return true;
	}
	return false;
}

static void walk(struct guard_run *run, const struct at *at, struct around around)
{
	bool spec = ss_doc_type(run->doc, at->node) == SS_OBJECT && is_pod_spec(run->doc, at->node);

	if (spec)
		check_pod_spec(run, at, around);
	else
		check_stray_context(run, at);
	check_patch_text(run, at);
	around = within(run, at, around);
	for (struct ss_iter it = ss_iter(run->doc, at->node); ss_iter_next(&it);) {
		struct at next = {.up = at, .key = it.key, .index = it.index, .node = it.value};

		if (ss_doc_type(run->doc, it.value) >= SS_ARRAY &&
		    !(spec && it.key && is_part(it.key)))
			walk(run, &next, around);
	}
}

void guard_check_shapes(struct guard_run *run, const struct at *at)
{
	run->loose = true;
	walk(run, at, (struct around){0});
	run->loose = false;
}
