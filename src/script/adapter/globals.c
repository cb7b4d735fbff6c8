/* The globals that a chunk uses, read from its code: a typing error in a branch
 * that no test takes is found when the file is loaded.
 *
 * A function reaches a global by GETTABUP or SETTABUP on the upvalue that is _ENV,
 * with a constant as key. Code that cannot be read gives no verdict; what is
 * executed is still watched (adapter/env.c). */
#include <string.h>

#include "base/err.h"
#include "base/suggest.h"
#include "script/adapter/adapter_priv.h"
#include "script/lint/code.h"

enum { MAX_KNOWN = 96 };

struct scan {
	struct ss_adapter_version *v;
	const struct adapter_source *source;
	const char *known[MAX_KNOWN];
	size_t n_known;
};

static bool was_assigned(const struct scan *s, const char *name)
{
	static const char start[] = "assignment to global '";
	size_t len = strlen(name);

	for (size_t i = 0; i < s->v->findings->n; i++) {
		const char *text = s->v->findings->list[i].message;

		if (text && strncmp(text, start, sizeof(start) - 1) == 0 &&
		    strncmp(text + sizeof(start) - 1, name, len) == 0 &&
		    text[sizeof(start) - 1 + len] == '\'')
			return true;
	}
	return false;
}

static void report(struct scan *s, const char *name, bool assigned, int line)
{
	const char *near;

	if (assigned) {
		ss_findings_add(s->v->findings, s->source->file, line, NULL,
		                "assignment to global '%s': declare it with 'local'", name);
		return;
	}
	for (size_t i = 0; i < s->n_known; i++) {
		if (strcmp(s->known[i], name) == 0)
			return;
	}
	if (was_assigned(s, name))
		return; /* one mistake, one finding */
	near = ss_suggest(name, s->known, s->n_known);
	if (near)
		ss_findings_add(s->v->findings, s->source->file, line, NULL,
		                "unknown global '%s': did you mean '%s'?", name, near);
	else
		ss_findings_add(s->v->findings, s->source->file, line, NULL, "unknown global '%s'",
		                name);
}

static void look(struct scan *s, const struct ss_lint_function *f, size_t pc)
{
	uint32_t i = ss_lint_instruction(f, pc);
	bool assigned = ss_lint_op(i) == SS_OP_SETTABUP;
	unsigned upvalue = assigned ? ss_lint_a(i) : ss_lint_b(i);
	unsigned key = assigned ? ss_lint_b(i) : ss_lint_c(i);
	char name[128];

	if (!assigned && ss_lint_op(i) != SS_OP_GETTABUP)
		return;
	if (!f->is_env[upvalue] || key >= f->n_constants || !f->constants[key] ||
	    f->constant_len[key] >= sizeof(name))
		return;
	memcpy(name, f->constants[key], f->constant_len[key]);
	name[f->constant_len[key]] = 0;
	report(s, name, assigned, f->lines[pc]);
}

static void scan_function(void *ud, const struct ss_lint_function *f)
{
	for (size_t pc = 0; pc < f->n_code; pc++)
		look(ud, f, pc);
}

bool adapter_scan_globals(struct ss_adapter_version *v, const struct adapter_source *source,
                          lua_State *L)
{
	struct scan s = {.v = v, .source = source};
	int rc;

	/* From here on nothing raises. The names stay alive in the environment. */
	s.n_known = ss_adapter_env_names(L, s.known, MAX_KNOWN);
	rc = ss_lint_code_read(L, scan_function, &s, NULL);
	if (rc == SS_ERR_NOMEM)
		v->findings->nomem = true;
	return rc == 0;
}
