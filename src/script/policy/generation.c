/* The set that serves. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "script/policy/policy_priv.h"

static void failure_done(struct policy_failure *f)
{
	free(f->name);
	free(f->rel);
	free(f->finding.file);
	free(f->finding.path);
	free(f->finding.message);
}

struct policy_generation *policy_generation_new(size_t n_adapters, size_t n_overlays,
                                                size_t n_failures)
{
	struct policy_generation *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->refs = 1;
	g->adapters = calloc(n_adapters + 1, sizeof(struct ss_adapter_version *));
	g->overlays = calloc(n_overlays + 1, sizeof(struct ss_adapter_version *));
	g->failures = calloc(n_failures + 1, sizeof(*g->failures));
	if (g->adapters && g->overlays && g->failures)
		return g;
	policy_generation_unref(g);
	return NULL;
}

struct policy_generation *policy_generation_ref(struct policy_generation *g)
{
	g->refs++;
	return g;
}

void policy_generation_unref(struct policy_generation *g)
{
	if (!g || --g->refs)
		return;
	for (size_t i = 0; i < g->n_adapters; i++)
		ss_adapter_unref(g->adapters[i]);
	for (size_t i = 0; i < g->n_overlays; i++)
		ss_adapter_unref(g->overlays[i]);
	for (size_t i = 0; i < g->n_failures; i++)
		failure_done(&g->failures[i]);
	free(g->adapters);
	free(g->overlays);
	free(g->failures);
	free(g);
}

bool policy_is_overlay(const char *rel)
{
	return strncmp(rel, "local.d/", 8) == 0;
}

void policy_generation_add(struct policy_generation *g, struct ss_adapter_version *v)
{
	if (policy_is_overlay(ss_adapter_rel(v)))
		g->overlays[g->n_overlays++] = ss_adapter_ref(v);
	else
		g->adapters[g->n_adapters++] = ss_adapter_ref(v);
}

static bool dup_string(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

int policy_generation_add_failure(struct policy_generation *g, const struct policy_failure *f,
                                  struct ss_err *err)
{
	struct policy_failure *to = &g->failures[g->n_failures];

	*to = *f;
	to->finding = (struct ss_finding){.line = f->finding.line};
	to->name = to->rel = NULL;
	g->n_failures++; /* from here on dropped with the generation */
	return dup_string(&to->name, f->name) && dup_string(&to->rel, f->rel) &&
	                       dup_string(&to->finding.file, f->finding.file) &&
	                       dup_string(&to->finding.path, f->finding.path) &&
	                       dup_string(&to->finding.message, f->finding.message)
	               ? 0
	               : ss_err_nomem(err);
}

struct policy_generation *policy_generation_with(const struct policy_generation *versions,
                                                 const struct policy_generation *failures)
{
	struct policy_generation *g = policy_generation_new(
	        versions->n_adapters, versions->n_overlays, failures->n_failures);
	int rc = 0;

	if (!g)
		return NULL;
	for (size_t i = 0; i < versions->n_adapters; i++)
		policy_generation_add(g, versions->adapters[i]);
	for (size_t i = 0; i < versions->n_overlays; i++)
		policy_generation_add(g, versions->overlays[i]);
	for (size_t i = 0; !rc && i < failures->n_failures; i++)
		rc = policy_generation_add_failure(g, &failures->failures[i], NULL);
	if (!rc)
		return g;
	policy_generation_unref(g);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(ss_adapter_name(*(struct ss_adapter_version *const *)a),
	              ss_adapter_name(*(struct ss_adapter_version *const *)b));
}

void policy_generation_sort(struct policy_generation *g)
{
	qsort(g->adapters, g->n_adapters, sizeof(struct ss_adapter_version *), by_name);
	qsort(g->overlays, g->n_overlays, sizeof(struct ss_adapter_version *), by_name);
}

static struct ss_adapter_version *find(struct ss_adapter_version *const *list, size_t n,
                                       const char *name)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(name, ss_adapter_name(list[mid]));

		if (c == 0)
			return list[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

struct ss_adapter_version *policy_generation_find(const struct policy_generation *g,
                                                  const char *name)
{
	return find(g->adapters, g->n_adapters, name);
}

bool policy_generation_holds(const struct policy_generation *g, const struct ss_adapter_version *v)
{
	const char *name = ss_adapter_name(v);

	return policy_is_overlay(ss_adapter_rel(v)) ? find(g->overlays, g->n_overlays, name) == v
	                                            : find(g->adapters, g->n_adapters, name) == v;
}

const struct policy_failure *policy_generation_unsafe(const struct policy_generation *g)
{
	for (size_t i = 0; i < g->n_failures; i++) {
		if (g->failures[i].unsafe)
			return &g->failures[i];
	}
	return NULL;
}
