/* Which kinds hold a PodSpec, where, and which patches reach it. */
#include "sandbox/guard_priv.h"

static const struct guard_kind kinds[] = {
        {.group = "", .kind = "Pod"},
        {.group = "", .kind = "PodTemplate", .path = {"template"}},
        {.group = "", .kind = "ReplicationController", .path = {"spec", "template"}},
        {.group = "apps", .kind = "ReplicaSet", .path = {"spec", "template"}},
        {.group = "apps", .kind = "Deployment", .path = {"spec", "template"}},
        {.group = "apps", .kind = "StatefulSet", .path = {"spec", "template"}},
        {.group = "apps", .kind = "DaemonSet", .path = {"spec", "template"}},
        {.group = "extensions", .kind = "ReplicaSet", .path = {"spec", "template"}},
        {.group = "extensions", .kind = "Deployment", .path = {"spec", "template"}},
        {.group = "extensions", .kind = "DaemonSet", .path = {"spec", "template"}},
        {.group = "batch", .kind = "Job", .path = {"spec", "template"}},
        {.group = "batch", .kind = "CronJob", .path = {"spec", "jobTemplate", "spec", "template"}},
        {.group = "agents.x-k8s.io",
         .kind = "Sandbox",
         .path = {"spec", "podTemplate"},
         .agent = true},
        {.group = "extensions.agents.x-k8s.io",
         .kind = "SandboxTemplate",
         .path = {"spec", "podTemplate"},
         .agent = true},
};

/* "apps" of "apps/v1"; "v1" has none. */
static bool group_is(const char *api_version, const char *group)
{
	const char *slash = strchr(api_version, '/');
	size_t len = slash ? (size_t)(slash - api_version) : 0;

	return strlen(group) == len && memcmp(api_version, group, len) == 0;
}

static const struct guard_kind *find(const char *api_version, const char *kind, size_t kind_len)
{
	bool any = !api_version || !api_version[0];

	for (size_t i = 0; i < SS_ARRAY_LEN(kinds); i++) {
		if (strncmp(kinds[i].kind, kind, kind_len) == 0 && !kinds[i].kind[kind_len] &&
		    (any || group_is(api_version, kinds[i].group)))
			return &kinds[i];
	}
	return NULL;
}

const struct guard_kind *guard_kind_find(const char *api_version, const char *kind)
{
	return find(api_version, kind, strlen(kind));
}

bool guard_kind_is_list(const char *api_version, const char *kind)
{
	size_t len = strlen(kind);

	if (len < 4 || strcmp(kind + len - 4, "List") != 0)
		return false;
	if (len == 4)
		return !api_version || !api_version[0] || group_is(api_version, "");
	return find(api_version, kind, len - 4) != NULL;
}

bool guard_kind_is_claim(const char *api_version, const char *kind)
{
	return group_is(api_version, "extensions.agents.x-k8s.io") &&
	       strcmp(kind, "SandboxClaim") == 0;
}

/* The groups of custom resources have a dot, and .k8s.io is kept for what Kubernetes approved. */
bool guard_kind_is_plain(const char *api_version)
{
	static const char own[] = ".k8s.io";
	const char *slash = strchr(api_version, '/');
	size_t len = slash ? (size_t)(slash - api_version) : 0;

	return !memchr(api_version, '.', len) ||
	       (len >= sizeof(own) && memcmp(slash - (sizeof(own) - 1), own, sizeof(own) - 1) == 0);
}

bool ss_guard_covers(const char *api_version, const char *kind)
{
	if (!kind)
		return false;
	return (api_version && !guard_kind_is_plain(api_version)) ||
	       guard_kind_find(api_version, kind) || guard_kind_is_list(api_version, kind);
}

bool ss_guard_merge_matters(const struct ss_doc *doc, ss_node object)
{
	const char *api_version = ss_doc_find_string(doc, object, "apiVersion", NULL);
	const char *kind = ss_doc_find_string(doc, object, "kind", NULL);
	const struct guard_kind *found = kind ? guard_kind_find(api_version, kind) : NULL;

	if (found)
		return !found->agent;
	return ss_guard_covers(api_version, kind) && guard_has_shape(doc, object);
}
