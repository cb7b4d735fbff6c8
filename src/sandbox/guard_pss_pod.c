/* Pod Security, v1.37, restricted: what is set once for the pod. */
#include "sandbox/guard_priv.h"

/* hostUsers: false lifts runAsNonRoot and runAsUser in Pod Security since v1.35;
 * here it lifts nothing, so it is never looked at. */

static void check_os(struct guard_run *run, const struct guard_pod *pod)
{
	struct at os = guard_get(run, &pod->spec, "os", SS_OBJECT);
	const char *name = guard_string(run, &os, "name");

	if (name && strcmp(name, "windows") == 0)
		guard_refuse(run, R_WINDOWS, &os, "name", "write linux or leave os out",
		             "must not be windows");
}

static void check_host_namespaces(struct guard_run *run, const struct guard_pod *pod)
{
	static const char *const keys[] = {"hostNetwork", "hostPID", "hostIPC"};

	for (size_t i = 0; i < SS_ARRAY_LEN(keys); i++) {
		if (guard_bool(run, &pod->spec, keys[i]) == YES)
			guard_refuse(run, R_HOST_NAMESPACES, &pod->spec, keys[i],
			             "write false or leave it out", "must not be true");
	}
}

static bool sysctl_is_safe(const char *name)
{
	static const char *const safe[] = {
	        "kernel.shm_rmid_forced",
	        "net.ipv4.ip_local_port_range",
	        "net.ipv4.ip_local_reserved_ports",
	        "net.ipv4.ip_unprivileged_port_start",
	        "net.ipv4.ping_group_range",
	        "net.ipv4.tcp_fin_timeout",
	        "net.ipv4.tcp_keepalive_intvl",
	        "net.ipv4.tcp_keepalive_probes",
	        "net.ipv4.tcp_keepalive_time",
	        "net.ipv4.tcp_notsent_lowat",
	        "net.ipv4.tcp_rmem",
	        "net.ipv4.tcp_slow_start_after_idle",
	        "net.ipv4.tcp_syncookies",
	        "net.ipv4.tcp_wmem",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(safe); i++) {
		if (strcmp(name, safe[i]) == 0)
			return true;
	}
	return false;
}

static void check_sysctls(struct guard_run *run, const struct guard_pod *pod)
{
	struct at list = guard_get(run, &pod->sc, "sysctls", SS_ARRAY), sysctl;

	for (struct ss_iter it = ss_iter(run->doc, list.node);
	     guard_next(run, &list, &it, SS_OBJECT, &sysctl);) {
		const char *name = guard_string(run, &sysctl, "name");

		if (name && !sysctl_is_safe(name))
			guard_refuse(run, R_SYSCTLS, &sysctl, "name", "leave this sysctl out",
			             "must be a safe sysctl, is \"%.80s\"", name);
	}
}

static void check_apparmor_annotations(struct guard_run *run, const struct guard_pod *pod)
{
	static const char prefix[] = "container.apparmor.security.beta.kubernetes.io/";

	for (struct ss_iter it = ss_iter(run->doc, pod->annotations.node); ss_iter_next(&it);) {
		const char *value;

		if (strncmp(it.key, prefix, sizeof(prefix) - 1) != 0)
			continue;
		value = guard_string(run, &pod->annotations, it.key);
		if (value && value[0] && strcmp(value, "runtime/default") != 0 &&
		    strncmp(value, "localhost/", 10) != 0)
			guard_refuse(run, R_APPARMOR, &pod->annotations, it.key,
			             "leave this annotation out",
			             "must be runtime/default or localhost/…, is \"%.60s\"", value);
	}
}

static void check_non_root(struct guard_run *run, struct guard_pod *pod)
{
	enum tri value = guard_bool(run, &pod->sc, "runAsNonRoot");

	if (value == NO)
		guard_refuse(run, R_NON_ROOT, &pod->sc, "runAsNonRoot", "write runAsNonRoot: true",
		             "must not be false");
	pod->non_root = value == YES || value == BAD || (value == ABSENT && pod->non_root);
}

void guard_pss_pod(struct guard_run *run, struct guard_pod *pod)
{
	check_os(run, pod);
	check_host_namespaces(run, pod);
	check_apparmor_annotations(run, pod);
	guard_pss_context(run, &pod->sc);
	check_sysctls(run, pod);
	check_non_root(run, pod);
	pod->seccomp = guard_pss_seccomp(run, &pod->sc) || pod->seccomp;
}

const char *guard_volume_type(const struct guard_run *run, const struct at *volume)
{
	for (struct ss_iter it = ss_iter(run->doc, volume->node); ss_iter_next(&it);) {
		if (strcmp(it.key, "name") != 0 && ss_doc_type(run->doc, it.value) != SS_NULL)
			return it.key;
	}
	return NULL;
}

/* Allowed when any allowed source is there: the API server refuses more than one. */
void guard_pss_volume(struct guard_run *run, const struct at *volume)
{
	static const char *const allowed[] = {
	        "configMap", "csi",   "downwardAPI",           "emptyDir",
	        "ephemeral", "image", "persistentVolumeClaim", "projected",
	        "secret",
	};
	const char *type = guard_volume_type(run, volume);

	for (size_t i = 0; i < SS_ARRAY_LEN(allowed); i++) {
		struct at at = guard_get(run, volume, allowed[i], SS_OBJECT);

		if (at.node != SS_NO_NODE)
			return;
		/* Of another type: reported. */
		if (ss_doc_type(run->doc, ss_doc_get(run->doc, volume->node, allowed[i])) > SS_NULL)
			return;
	}
	if (type)
		guard_refuse(run, R_VOLUMES, volume, type,
		             "use configMap, csi, downwardAPI, emptyDir, ephemeral, image, "
		             "persistentVolumeClaim, projected or secret",
		             "is a volume type that is not allowed");
}
