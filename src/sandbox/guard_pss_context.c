/* Pod Security, v1.37, restricted: securityContext as pods and containers have it in common. */
#include "sandbox/guard_priv.h"

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(s, words[i]) == 0)
			return true;
	}
	return false;
}

static void check_selinux(struct guard_run *run, const struct at *sc)
{
	static const char *const types[] = {"", "container_t", "container_init_t",
	                                    "container_kvm_t", "container_engine_t"};
	struct at options = guard_get(run, sc, "seLinuxOptions", SS_OBJECT);
	const char *type = guard_string(run, &options, "type");
	const char *user = guard_string(run, &options, "user");
	const char *role = guard_string(run, &options, "role");

	if (type && !is_one_of(type, types, SS_ARRAY_LEN(types)))
		guard_refuse(run, R_SELINUX, &options, "type", "write container_t or leave it out",
		             "must be a type for containers, is \"%.60s\"", type);
	if (user && user[0])
		guard_refuse(run, R_SELINUX, &options, "user", "leave it out", "must not be set");
	if (role && role[0])
		guard_refuse(run, R_SELINUX, &options, "role", "leave it out", "must not be set");
}

static void check_apparmor(struct guard_run *run, const struct at *sc)
{
	static const char *const types[] = {"RuntimeDefault", "Localhost"};
	struct at profile = guard_get(run, sc, "appArmorProfile", SS_OBJECT);
	const char *type = guard_string(run, &profile, "type");

	if (profile.node != SS_NO_NODE && type && !is_one_of(type, types, SS_ARRAY_LEN(types)))
		guard_refuse(run, R_APPARMOR, &profile, "type",
		             "write RuntimeDefault, or leave appArmorProfile out",
		             "must be RuntimeDefault or Localhost, is \"%.60s\"", type);
}

static void check_host_process(struct guard_run *run, const struct at *sc)
{
	struct at options = guard_get(run, sc, "windowsOptions", SS_OBJECT);

	if (guard_bool(run, &options, "hostProcess") == YES)
		guard_refuse(run, R_HOST_PROCESS, &options, "hostProcess",
		             "write false or leave it out", "must not be true");
}

static void check_user(struct guard_run *run, const struct at *sc)
{
	bool given;

	if (guard_int(run, sc, "runAsUser", &given) == 0 && given)
		guard_refuse(run, R_USER, sc, "runAsUser", "write 1000, or leave it out",
		             "must not be 0 (root)");
}

void guard_pss_context(struct guard_run *run, const struct at *sc)
{
	check_selinux(run, sc);
	check_apparmor(run, sc);
	check_host_process(run, sc);
	check_user(run, sc);
}

bool guard_pss_seccomp(struct guard_run *run, const struct at *sc)
{
	static const char *const types[] = {"RuntimeDefault", "Localhost"};
	struct at profile = guard_get(run, sc, "seccompProfile", SS_OBJECT);
	const char *type = guard_string(run, &profile, "type");

	if (profile.node != SS_NO_NODE && type && !is_one_of(type, types, SS_ARRAY_LEN(types)))
		guard_refuse(run, R_SECCOMP, &profile, "type",
		             "write seccompProfile: {type: RuntimeDefault}",
		             "must be RuntimeDefault or Localhost, is \"%.60s\"", type);
	return profile.node != SS_NO_NODE;
}
