/* Walking a PodSpec: each part is read once and shown to all rules. */
#include "sandbox/guard_priv.h"

#define ROLE_KEY "paperclip.io/role"

static void check_volumes(struct guard_run *run, const struct guard_pod *pod)
{
	struct at volumes = guard_get(run, &pod->spec, "volumes", SS_ARRAY), volume;

	for (struct ss_iter it = ss_iter(run->doc, volumes.node);
	     guard_next(run, &volumes, &it, SS_OBJECT, &volume);) {
		guard_pss_volume(run, &volume);
		if (pod->agent)
			guard_agent_volume(run, &volume);
	}
}

static void check_container(struct guard_run *run, const struct guard_pod *pod,
                            const struct at *self, bool ephemeral)
{
	static const char *const probes[] = {"livenessProbe", "readinessProbe", "startupProbe"};
	struct guard_container c = {.self = *self, .ephemeral = ephemeral};

	c.sc = guard_get(run, &c.self, "securityContext", SS_OBJECT);
	c.lifecycle = guard_get(run, &c.self, "lifecycle", SS_OBJECT);
	for (size_t i = 0; i < SS_ARRAY_LEN(probes); i++)
		c.probes[i] = guard_get(run, &c.self, probes[i], SS_OBJECT);
	guard_pss_container(run, pod, &c);
	if (pod->agent)
		guard_agent_container(run, &c);
}

static void check_containers(struct guard_run *run, const struct guard_pod *pod, const char *key,
                             bool ephemeral)
{
	struct at list = guard_get(run, &pod->spec, key, SS_ARRAY), container;

	for (struct ss_iter it = ss_iter(run->doc, list.node);
	     guard_next(run, &list, &it, SS_OBJECT, &container);)
		check_container(run, pod, &container, ephemeral);
}

/* An apply without containers would leave those of the stored object unseen. */
static void check_presence(struct guard_run *run, const struct guard_pod *pod)
{
	ss_node containers = ss_doc_get(run->doc, pod->spec.node, "containers");
	enum ss_type type = ss_doc_type(run->doc, containers);

	if (type == SS_NONE || type == SS_NULL ||
	    (type == SS_ARRAY && !ss_doc_count(run->doc, containers)))
		guard_refuse(run, R_MALFORMED, &pod->spec, "containers",
		             "give the whole PodSpec; to change other fields use a patch",
		             "must hold at least one container");
}

static bool has_spec(struct guard_run *run, const struct at *holder, const struct guard_pod *pod)
{
	enum ss_type type = ss_doc_type(run->doc, ss_doc_get(run->doc, holder->node, "spec"));

	if (pod->spec.node != SS_NO_NODE)
		return true;
	/* Of another type: reported when it was read. */
	if (type == SS_NONE || type == SS_NULL)
		guard_refuse(run, R_MALFORMED, holder, "spec",
		             "give the whole PodSpec; to change other fields use a patch",
		             "must be there: this kind of object holds a PodSpec");
	return false;
}

/* A stored pod with the controller's label is an agent's, whatever role it says. */
static bool is_sandbox_pod(const struct guard_run *run, const struct at *labels)
{
	if (!run->found)
		return false;
	for (struct ss_iter it = ss_iter(run->doc, labels->node); ss_iter_next(&it);) {
		if (guard_key_is_controllers(it.key))
			return true;
	}
	return false;
}

static void read_metadata(struct guard_run *run, const struct at *holder, bool agent,
                          struct guard_pod *pod)
{
	const char *role;

	pod->meta = guard_get(run, holder, "metadata", SS_OBJECT);
	pod->labels = guard_get(run, &pod->meta, "labels", SS_OBJECT);
	pod->annotations = guard_get(run, &pod->meta, "annotations", SS_OBJECT);
	role = guard_string(run, &pod->labels, ROLE_KEY);
	pod->agent =
	        agent || (role && strcmp(role, "agent") == 0) || is_sandbox_pod(run, &pod->labels);
	guard_change_pod(run, holder, pod->agent);
	if (pod->agent) {
		guard_agent_keys(run, &pod->labels, false);
		guard_agent_keys(run, &pod->annotations, false);
	} else {
		guard_controller_keys(run, &pod->labels);
		guard_controller_keys(run, &pod->annotations);
	}
}

static void check_spec(struct guard_run *run, struct guard_pod *pod)
{
	pod->sc = guard_get(run, &pod->spec, "securityContext", SS_OBJECT);
	guard_pss_pod(run, pod);
	if (pod->agent)
		guard_agent_pod(run, pod);
	check_volumes(run, pod);
	check_containers(run, pod, "initContainers", false);
	check_containers(run, pod, "containers", false);
	check_containers(run, pod, "ephemeralContainers", true);
}

void guard_check_pod(struct guard_run *run, const struct at *holder, bool agent)
{
	struct guard_pod pod = {0};

	read_metadata(run, holder, agent, &pod);
	pod.spec = guard_get(run, holder, "spec", SS_OBJECT);
	if (!has_spec(run, holder, &pod))
		return;
	check_presence(run, &pod);
	check_spec(run, &pod);
}

static void check_lone(struct guard_run *run, const struct guard_pod *pod, const char *key)
{
	struct at container = guard_get(run, &pod->spec, key, SS_OBJECT);

	if (container.node != SS_NO_NODE)
		check_container(run, pod, &container, false);
}

/* sidecars, container and script are those of an Argo template. */
void guard_check_loose(struct guard_run *run, const struct at *holder, const struct at *spec,
                       bool non_root, bool seccomp)
{
	struct guard_pod pod = {.spec = *spec, .non_root = non_root, .seccomp = seccomp};

	read_metadata(run, holder, false, &pod);
	check_spec(run, &pod);
	check_containers(run, &pod, "sidecars", false);
	check_lone(run, &pod, "container");
	check_lone(run, &pod, "script");
}
