/* Pod Security, v1.37, restricted: what every container must say for itself. */
#include "sandbox/guard_priv.h"

static void check_privileged(struct guard_run *run, const struct guard_container *c)
{
	if (guard_bool(run, &c->sc, "privileged") == YES)
		guard_refuse(run, R_PRIVILEGED, &c->sc, "privileged", "write false or leave it out",
		             "must not be true");
}

static void check_escalation(struct guard_run *run, const struct guard_container *c)
{
	enum tri value = guard_bool(run, &c->sc, "allowPrivilegeEscalation");

	if (value == ABSENT || value == YES)
		guard_refuse(run, R_ESCALATION, &c->sc, "allowPrivilegeEscalation",
		             "write allowPrivilegeEscalation: false",
		             value == YES ? "must not be true" : "must be set to false");
}

static void check_drop(struct guard_run *run, const struct at *capabilities)
{
	struct at drop = guard_get(run, capabilities, "drop", SS_ARRAY), item;
	bool all = false;

	for (struct ss_iter it = ss_iter(run->doc, drop.node);
	     guard_next(run, &drop, &it, SS_STRING, &item);)
		all |= ss_doc_is_string(run->doc, item.node, "ALL");
	if (!all)
		guard_refuse(run, R_CAPABILITIES, capabilities, "drop",
		             "write capabilities: {drop: [ALL]}", "must hold ALL");
}

static void check_capabilities(struct guard_run *run, const struct guard_container *c)
{
	struct at capabilities = guard_get(run, &c->sc, "capabilities", SS_OBJECT);
	struct at add = guard_get(run, &capabilities, "add", SS_ARRAY), item;

	check_drop(run, &capabilities);
	for (struct ss_iter it = ss_iter(run->doc, add.node);
	     guard_next(run, &add, &it, SS_STRING, &item);) {
		const char *name = ss_doc_get_string(run->doc, item.node, NULL);

		if (!name || strcmp(name, "NET_BIND_SERVICE") != 0)
			guard_refuse(run, R_CAPABILITIES, &item, NULL,
			             "leave it out; only NET_BIND_SERVICE may be added",
			             "must not be added: \"%.60s\"", name ? name : "");
	}
}

static void check_host_ports(struct guard_run *run, const struct guard_container *c)
{
	struct at ports = guard_get(run, &c->self, "ports", SS_ARRAY), port;

	for (struct ss_iter it = ss_iter(run->doc, ports.node);
	     guard_next(run, &ports, &it, SS_OBJECT, &port);) {
		int64_t host_port = guard_int(run, &port, "hostPort", NULL);

		if (host_port != 0)
			guard_refuse(run, R_HOST_PORTS, &port, "hostPort",
			             "leave it out and use a Service", "must not be set, is %lld",
			             (long long)host_port);
	}
}

/* Of a probe or a lifecycle handler. */
static void check_handler_host(struct guard_run *run, const struct at *handler)
{
	static const char *const actions[] = {"httpGet", "tcpSocket"};

	for (size_t i = 0; i < SS_ARRAY_LEN(actions); i++) {
		struct at action = guard_get(run, handler, actions[i], SS_OBJECT);
		const char *host = guard_string(run, &action, "host");

		if (host && host[0])
			guard_refuse(run, R_HOST_PROBES, &action, "host",
			             "leave it out: the pod's own address is used",
			             "must not be set");
	}
}

static void check_hosts(struct guard_run *run, const struct guard_container *c)
{
	static const char *const handlers[] = {"postStart", "preStop"};

	for (size_t i = 0; i < SS_ARRAY_LEN(c->probes); i++)
		check_handler_host(run, &c->probes[i]);
	for (size_t i = 0; i < SS_ARRAY_LEN(handlers); i++) {
		struct at handler = guard_get(run, &c->lifecycle, handlers[i], SS_OBJECT);

		check_handler_host(run, &handler);
	}
}

static void check_proc_mount(struct guard_run *run, const struct guard_container *c)
{
	struct at at = guard_get(run, &c->sc, "procMount", SS_STRING);
	const char *value = ss_doc_get_string(run->doc, at.node, NULL);

	if (value && strcmp(value, "Default") != 0)
		guard_refuse(run, R_PROC_MOUNT, &at, NULL, "write Default or leave it out",
		             "must be Default, is \"%.60s\"", value);
}

static void check_non_root(struct guard_run *run, const struct guard_pod *pod,
                           const struct guard_container *c)
{
	enum tri value = guard_bool(run, &c->sc, "runAsNonRoot");

	if (value == NO || (value == ABSENT && !pod->non_root))
		guard_refuse(run, R_NON_ROOT, &c->sc, "runAsNonRoot",
		             "write runAsNonRoot: true here or in the pod's securityContext",
		             value == NO ? "must not be false" : "must be true");
}

static void check_seccomp(struct guard_run *run, const struct guard_pod *pod,
                          const struct guard_container *c)
{
	enum ss_type type =
	        ss_doc_type(run->doc, ss_doc_get(run->doc, c->sc.node, "seccompProfile"));

	if (guard_pss_seccomp(run, &c->sc) || pod->seccomp || type > SS_NULL)
		return;
	guard_refuse(run, R_SECCOMP, &c->sc, "seccompProfile",
	             "write seccompProfile: {type: RuntimeDefault} here or in the pod's "
	             "securityContext",
	             "must be set");
}

void guard_pss_container(struct guard_run *run, const struct guard_pod *pod,
                         const struct guard_container *c)
{
	check_privileged(run, c);
	check_capabilities(run, c);
	check_host_ports(run, c);
	check_hosts(run, c);
	guard_pss_context(run, &c->sc);
	check_proc_mount(run, c);
	check_escalation(run, c);
	check_non_root(run, pod, c);
	check_seccomp(run, pod, c);
}
