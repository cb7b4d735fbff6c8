#include <stdio.h>

#include "base/err.h"
#include "base/suggest.h"
#include "sandbox/guard_priv.h"

#define BASELINE   "Pod Security Standard baseline"
#define RESTRICTED "Pod Security Standard restricted"
#define AGENT      "the agent profile"
#define OURS       "the guard's own, for every pod"
static const struct ss_guard_rule rules[] = {
        [R_MALFORMED] = {"malformed", OURS,
                         "what the guard looks at can be read: no member of another type than "
                         "Kubernetes has",
                         "write the member as Kubernetes has it"},
        [R_HOST_NAMESPACES] = {"hostNamespaces", BASELINE, "no hostNetwork, hostPID, hostIPC",
                               "write false or leave them out"},
        [R_PRIVILEGED] = {"privileged", BASELINE, "no privileged containers",
                          "write privileged: false or leave it out"},
        [R_CAPABILITIES] = {"capabilities_restricted", RESTRICTED,
                            "containers drop ALL capabilities and add at most NET_BIND_SERVICE",
                            "write capabilities: {drop: [ALL]}"},
        [R_VOLUMES] = {"restrictedVolumes", RESTRICTED,
                       "only configMap, csi, downwardAPI, emptyDir, ephemeral, image, "
                       "persistentVolumeClaim, projected and secret volumes",
                       "use one of these; hostPath has no place in a sandbox"},
        [R_HOST_PORTS] = {"hostPorts", BASELINE, "no hostPort", "leave it out and use a Service"},
        [R_HOST_PROBES] = {"hostProbesAndHostLifecycle", BASELINE,
                           "no host in probes and lifecycle handlers",
                           "leave it out: the pod's own address is used"},
        [R_APPARMOR] = {"appArmorProfile", BASELINE, "AppArmor profile RuntimeDefault or Localhost",
                        "write RuntimeDefault, or leave appArmorProfile out"},
        [R_SELINUX] = {"seLinuxOptions", BASELINE,
                       "SELinux types of containers only, no user, no role",
                       "write the type container_t or leave it out"},
        [R_PROC_MOUNT] = {"procMount_restricted", RESTRICTED, "the default /proc mount",
                          "write procMount: Default or leave it out"},
        [R_SECCOMP] = {"seccompProfile_restricted", RESTRICTED,
                       "seccomp profile RuntimeDefault or Localhost, for every container",
                       "write seccompProfile: {type: RuntimeDefault} in the pod's securityContext"},
        [R_SYSCTLS] = {"sysctls", BASELINE, "safe sysctls only", "leave the others out"},
        [R_HOST_PROCESS] = {"windowsHostProcess", BASELINE, "no Windows host processes",
                            "write hostProcess: false or leave it out"},
        [R_ESCALATION] = {"allowPrivilegeEscalation", RESTRICTED,
                          "every container says allowPrivilegeEscalation: false",
                          "write it in the securityContext of each"},
        [R_NON_ROOT] = {"runAsNonRoot", RESTRICTED, "runAsNonRoot: true for every container",
                        "write it in the pod's securityContext"},
        [R_USER] = {"runAsUser", RESTRICTED, "no runAsUser: 0",
                    "write another user, such as 1000, or leave it out"},
        [R_WINDOWS] = {"windowsPods", OURS, "no os.name: windows, which would lift other rules",
                       "write linux or leave os out"},
        [R_AGENT] = {"agentProfile", AGENT, "what is labelled paperclip.io/role: agent stays so",
                     "leave the label as it is"},
        [R_P01] = {"P01", AGENT, "automountServiceAccountToken: false, no projected token",
                   "write it in the pod's spec, and leave the token's volume out"},
        [R_P02] = {"P02", AGENT, "serviceAccountName set, and not default",
                   "name a service account made for agents"},
        [R_P05] = {"P05", AGENT, "no shareProcessNamespace", "write false or leave it out"},
        [R_P06] = {"P06", AGENT, "read-only root file system, every emptyDir with a sizeLimit",
                   "write readOnlyRootFilesystem: true and mount an emptyDir with a sizeLimit, "
                   "such as 1Gi, where the agent writes"},
        [R_P08] = {"P08", AGENT, "cpu and memory limits set, requests at most the limits",
                   "write resources.limits for every container, such as memory: 4Gi"},
        [R_P17] = {"P17", AGENT,
                   "no hostAliases, dnsConfig, subdomain, schedulerName, priorityClassName, "
                   "overhead, resourceClaims",
                   "leave them out"},
        [R_P18] = {"P18", AGENT, "no ephemeralContainers, lifecycle handlers, exec probes",
                   "leave them out; probes may use httpGet, tcpSocket or grpc"},
        [R_P19] = {"P19", AGENT,
                   "no labels or annotations with prefixes of Kubernetes or agent-sandbox, but "
                   "app.kubernetes.io/; every pod: none of agent-sandbox",
                   "use a prefix of your own, or app.kubernetes.io/"},
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
