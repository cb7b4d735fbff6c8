#include "script/lint/versions.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "script/findings.h"
#include "script/lint/code.h"

/* agent-sandbox serves v1alpha1 up to 0.5 with a warning, 1.0 no more; the others are Kubernetes'
 * removals (kubernetes.io/docs/reference/using-api/deprecation-guide). */
static const struct {
	const char *version;
	const char *kind; /* NULL = every kind of it */
	const char *instead;
} replaced[] = {
        {"agents.x-k8s.io/v1alpha1", NULL, "agents.x-k8s.io/v1beta1"},
        {"extensions.agents.x-k8s.io/v1alpha1", NULL, "extensions.agents.x-k8s.io/v1beta1"},
        {"apps/v1beta1", NULL, "apps/v1"},
        {"apps/v1beta2", NULL, "apps/v1"},
        {"extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"},
        {"extensions/v1beta1", "Ingress", "networking.k8s.io/v1"},
        {"extensions/v1beta1", NULL, "apps/v1"},
        {"batch/v1beta1", "CronJob", "batch/v1"},
        {"policy/v1beta1", "PodDisruptionBudget", "policy/v1"},
        {"networking.k8s.io/v1beta1", "Ingress", "networking.k8s.io/v1"},
        {"networking.k8s.io/v1beta1", "IngressClass", "networking.k8s.io/v1"},
        {"rbac.authorization.k8s.io/v1alpha1", NULL, "rbac.authorization.k8s.io/v1"},
        {"rbac.authorization.k8s.io/v1beta1", NULL, "rbac.authorization.k8s.io/v1"},
        {"node.k8s.io/v1beta1", "RuntimeClass", "node.k8s.io/v1"},
        {"scheduling.k8s.io/v1beta1", "PriorityClass", "scheduling.k8s.io/v1"},
        {"apiextensions.k8s.io/v1beta1", NULL, "apiextensions.k8s.io/v1"},
        {"autoscaling/v2beta1", NULL, "autoscaling/v2"},
        {"autoscaling/v2beta2", NULL, "autoscaling/v2"},
};

const char *ss_lint_version(const char *api_version, const char *kind)
{
	for (size_t i = 0; api_version && i < SS_ARRAY_LEN(replaced); i++) {
		if (strcmp(replaced[i].version, api_version) == 0 &&
		    (!replaced[i].kind || (kind && strcmp(replaced[i].kind, kind) == 0)))
			return replaced[i].instead;
	}
	return NULL;
}

/* --- in code -------------------------------------------------------------------------------- */
struct look {
	const char *file;
	struct ss_findings *findings;
};

enum { LONGEST = 64 };

/* The literal that the instruction writes to the field `key` of some table; out is empty when it does
 * something else. */
static const char *literal_of(const struct ss_lint_function *f, uint32_t i, const char *key,
                              char out[LONGEST])
{
	unsigned k = ss_lint_c(i);

	out[0] = 0;
	if (ss_lint_op(i) == SS_OP_SETFIELD && ss_lint_k(i) && k < f->n_constants &&
	    f->constants[k] && f->constant_len[k] < LONGEST &&
	    ss_lint_is_constant(f, ss_lint_b(i), key)) {
		memcpy(out, f->constants[k], f->constant_len[k]);
		out[f->constant_len[k]] = 0;
	}
	return out[0] ? out : NULL;
}

/* The literal `kind` of the table whose apiVersion is written at pc: in the same constructor. */
static const char *kind_beside(const struct ss_lint_function *f, size_t pc, char out[LONGEST])
{
	enum { FARTHEST = 100 };
	unsigned table = ss_lint_a(ss_lint_instruction(f, pc));

	for (int step = -1; step <= 1; step += 2) {
		size_t at = pc + (size_t)step;

		for (int n = 0; n < FARTHEST && at < f->n_code; n++, at += (size_t)step) {
			uint32_t i = ss_lint_instruction(f, at);

			if (ss_lint_op(i) == SS_OP_NEWTABLE && ss_lint_a(i) == table)
				break;
			if (ss_lint_a(i) == table && literal_of(f, i, "kind", out))
				return out;
		}
	}
	return NULL;
}

static void look_at(void *ud, const struct ss_lint_function *f)
{
	const struct look *look = ud;
	char version[LONGEST], kind[LONGEST];

	for (size_t pc = 0; pc < f->n_code; pc++) {
		const char *better;

		if (!literal_of(f, ss_lint_instruction(f, pc), "apiVersion", version))
			continue;
		better = ss_lint_version(version, kind_beside(f, pc, kind));
		if (better)
			ss_findings_add(look->findings, look->file, f->lines[pc], "apiVersion",
			                "%s is deprecated: write %s", version, better);
	}
}

int ss_lint_versions(lua_State *L, const char *file, struct ss_findings *findings,
                     struct ss_err *err)
{
	struct look look = {file, findings};

	return ss_lint_code_read(L, look_at, &look, err);
}
