/* A stored object and what a change makes of it. The guard runs over both: what was there before
 * and stays as it is, is not held against the change, and no pod leaves the agent profile. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "sandbox/guard_priv.h"

struct violation {
	enum guard_rule rule;
	uint64_t where;
	ss_node part;
};

struct pod {
	ss_node node;
	bool agent;
	char *path;
};

struct guard_found {
	const struct ss_doc *doc;
	struct violation *violations;
	size_t n_violations;
	struct pod *pods;
	size_t n_pods, n_agents;
};

static void drop(struct guard_found *f)
{
	for (size_t i = 0; i < f->n_pods; i++)
		free(f->pods[i].path);
	free(f->pods);
	free(f->violations);
}

/* Room for one more; by powers of two, so that no capacity need be kept. */
static void *grown(struct guard_run *run, void *list, size_t n, size_t size)
{
	void *more = n & (n - 1) ? list : realloc(list, (n ? 2 * n : 1) * size);

	if (!more)
		run->nomem = true;
	return more;
}

static uint64_t hash_text(uint64_t h, const char *s)
{
	do
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	while (*s++);
	return h;
}

/* The place without the positions in lists, which shift when something is put in front. */
static uint64_t hash_place(const struct at *at, const char *key)
{
	uint64_t h = at->up ? hash_place(at->up, at->key ? at->key : "[]") : 0xcbf29ce484222325u;

	return key ? hash_text(h, key) : h;
}

/* What must be unchanged for a violation to be an old one: the whole container or volume that it
 * lies in, or the field itself. */
static ss_node part_of(const struct ss_doc *doc, const struct at *up, const char *key)
{
	ss_node part = key ? ss_doc_get(doc, up->node, key) : up->node;

	for (; up->up; up = up->up) {
		if (!up->key)
			part = up->node;
	}
	return part;
}

static bool is_old(const struct guard_found *before, const struct ss_doc *doc,
                   const struct violation *v)
{
	for (size_t i = 0; i < before->n_violations; i++) {
		const struct violation *old = &before->violations[i];

		if (old->rule == v->rule && old->where == v->where &&
		    (ss_doc_type(doc, v->part) == SS_NONE
		             ? ss_doc_type(before->doc, old->part) == SS_NONE
		             : ss_doc_equal(before->doc, old->part, doc, v->part)))
			return true;
	}
	return false;
}

bool guard_change_takes(struct guard_run *run, enum guard_rule rule, const struct at *up,
                        const char *key)
{
	struct guard_found *f = run->found;
	struct violation v = {.rule = rule};

	if (!f)
		return false;
	if (run->count_all)
		return rule == R_P19;
	v.where = hash_place(up, key);
	v.part = part_of(run->doc, up, key);
	if (run->before)
		return is_old(run->before, run->doc, &v);
	/* What is not noted counts as new. */
	if (f->n_violations < GUARD_DETAILS_MAX) {
		struct violation *list = grown(run, f->violations, f->n_violations, sizeof(*list));

		if (list) {
			f->violations = list;
			list[f->n_violations++] = v;
		}
	}
	return true;
}

void guard_change_pod(struct guard_run *run, const struct at *holder, bool agent)
{
	struct guard_found *f = run->found;
	char path[GUARD_PATH_SIZE] = "";
	struct pod *list = f ? grown(run, f->pods, f->n_pods, sizeof(*list)) : NULL;

	if (!list)
		return;
	f->pods = list;
	guard_path(holder, "metadata", path);
	list[f->n_pods] = (struct pod){holder->node, agent, strdup(path)};
	if (!list[f->n_pods++].path)
		run->nomem = true;
	f->n_agents += agent;
}

static bool was_no_agent(const struct guard_found *before, const struct ss_doc *doc, ss_node pod)
{
	for (size_t i = 0; i < before->n_pods; i++) {
		if (!before->pods[i].agent &&
		    ss_doc_equal(before->doc, before->pods[i].node, doc, pod))
			return true;
	}
	return false;
}

/* Without the label the rules for agents are gone, and so whatever they would refuse later. */
static void check_leaving(struct guard_run *run)
{
	const struct guard_found *after = run->found, *before = run->before;
	char path[GUARD_PATH_SIZE + 40];

	for (size_t i = 0; i < after->n_pods && after->n_agents < before->n_agents; i++) {
		const struct pod *pod = &after->pods[i];

		if (pod->agent || !pod->path || was_no_agent(before, run->doc, pod->node))
			continue;
		snprintf(path, sizeof(path), "%s.labels[\"paperclip.io/role\"]", pod->path);
		guard_refuse_at(run, R_AGENT, path, "leave the label as it is",
		                "must stay: what is an agent's is held to the rules for agents");
	}
}

int ss_guard_check_change(const struct ss_guard *guard, const struct ss_doc *before,
                          const struct ss_doc *after, bool whole, struct ss_err *err)
{
	struct guard_found was = {.doc = before}, is = {.doc = after};
	struct guard_run look = {.doc = before, .found = &was};
	struct guard_run run = {
	        .guard = guard, .doc = after, .found = &is, .before = &was, .count_all = whole};
	int code;

	if (before)
		guard_check_root(&look, ss_doc_root(before));
	guard_check_root(&run, ss_doc_root(after));
	check_leaving(&run);
	run.nomem = run.nomem || look.nomem;
	code = guard_report(&run, err);
	drop(&was);
	drop(&is);
	return code;
}
