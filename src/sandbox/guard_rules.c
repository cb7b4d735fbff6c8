#include <stdio.h>

#include "base/err.h"
#include "base/suggest.h"
#include "sandbox/guard_priv.h"

static const struct ss_guard_rule rules[] = {
        [R_MALFORMED] = {"malformed", "what the guard looks at must be readable: a member of "
                                      "another type than Kubernetes has (cannot be waived)"},
        [R_HOST_NAMESPACES] = {"hostNamespaces", "no hostNetwork, hostPID, hostIPC"},
        [R_PRIVILEGED] = {"privileged", "no privileged containers"},
        [R_CAPABILITIES] = {"capabilities_restricted",
                            "containers drop ALL capabilities and add at most NET_BIND_SERVICE"},
        [R_VOLUMES] = {"restrictedVolumes",
                       "only configMap, csi, downwardAPI, emptyDir, ephemeral, image, "
                       "persistentVolumeClaim, projected and secret volumes"},
        [R_HOST_PORTS] = {"hostPorts", "no hostPort"},
        [R_HOST_PROBES] = {"hostProbesAndHostLifecycle",
                           "no host in probes and lifecycle handlers"},
        [R_APPARMOR] = {"appArmorProfile", "AppArmor profile RuntimeDefault or Localhost"},
        [R_SELINUX] = {"seLinuxOptions", "SELinux types of containers only, no user, no role"},
        [R_PROC_MOUNT] = {"procMount_restricted", "the default /proc mount"},
        [R_SECCOMP] = {"seccompProfile_restricted",
                       "seccomp profile RuntimeDefault or Localhost, for every container"},
        [R_SYSCTLS] = {"sysctls", "safe sysctls only"},
        [R_HOST_PROCESS] = {"windowsHostProcess", "no Windows host processes"},
        [R_ESCALATION] = {"allowPrivilegeEscalation",
                          "every container says allowPrivilegeEscalation: false"},
        [R_NON_ROOT] = {"runAsNonRoot", "runAsNonRoot: true for every container"},
        [R_USER] = {"runAsUser", "no runAsUser: 0"},
        [R_WINDOWS] = {"windowsPods", "no os.name: windows, which would lift other rules"},
        [R_AGENT] = {"agentProfile", "agent: what is labelled paperclip.io/role: agent stays so"},
        [R_P01] = {"P01", "agent: automountServiceAccountToken: false, no projected token"},
        [R_P02] = {"P02", "agent: serviceAccountName set, and not default"},
        [R_P05] = {"P05", "agent: no shareProcessNamespace"},
        [R_P06] = {"P06", "agent: read-only root file system, every emptyDir with a sizeLimit"},
        [R_P08] = {"P08", "agent: cpu and memory limits set, requests at most the limits"},
        [R_P17] = {"P17", "agent: no hostAliases, dnsConfig, subdomain, schedulerName, "
                          "priorityClassName, overhead, resourceClaims"},
        [R_P18] = {"P18", "agent: no ephemeralContainers, lifecycle handlers, exec probes"},
        [R_P19] = {"P19", "agent: no labels or annotations with prefixes of Kubernetes or "
                          "agent-sandbox, but app.kubernetes.io/; every pod: none of "
                          "agent-sandbox"},
};
_Static_assert(SS_ARRAY_LEN(rules) == R_COUNT, "one row per rule");

const struct ss_guard_rule *ss_guard_rules(size_t *ret_count)
{
	*ret_count = R_COUNT;
	return rules;
}

static int unknown_rule(const char *rule, struct ss_err *err)
{
	const char *ids[R_COUNT], *near;

	for (size_t i = 0; i < R_COUNT; i++)
		ids[i] = i == R_MALFORMED ? NULL : rules[i].id;
	near = ss_suggest(rule, ids, R_COUNT);
	if (near)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "cannot waive '%s': no such rule; did you mean '%s'?", rule,
		                  near);
	return ss_err_set(err, SS_ERR_USAGE,
	                  "cannot waive '%s': no such rule; rules are named as in the guard's "
	                  "messages, such as runAsNonRoot or P06",
	                  rule);
}

static int find_rule(const char *rule, struct ss_err *err)
{
	if (strcmp(rule, rules[R_MALFORMED].id) == 0)
		return ss_err_set(err, SS_ERR_USAGE,
		                  "cannot waive 'malformed': the guard could not read the "
		                  "document; correct it");
	for (size_t i = 0; i < R_COUNT; i++) {
		if (strcmp(rules[i].id, rule) == 0)
			return 0;
	}
	return unknown_rule(rule, err);
}

int ss_guard_parse_waiver(char *spec, struct ss_waiver *waiver, struct ss_err *err)
{
	char *equals = strchr(spec, '='), *slash = equals ? strchr(equals, '/') : NULL;

	*waiver = (struct ss_waiver){.rule = spec};
	if (equals && (!slash || slash == equals + 1 || !slash[1] || strchr(slash + 1, '/')))
		return ss_err_set(err, SS_ERR_USAGE,
		                  "waiver '%s': after '=' must stand NAMESPACE/NAME of one object",
		                  spec);
	if (equals) {
		*equals = 0;
		*slash = 0;
		waiver->namespace_ = equals + 1;
		waiver->name = slash + 1;
	}
	return find_rule(spec, err);
}
