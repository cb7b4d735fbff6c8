/* The security guard: verdicts on documents that hold a PodSpec, wherever it lies.
 * All of them are held to the Pod Security Standard "restricted", pinned to
 * v1.37 (k8s.io/pod-security-admission), with two stricter points: hostUsers:
 * false relaxes nothing and os.name windows is refused. Sandboxes,
 * SandboxTemplates and pods labelled paperclip.io/role: agent are held to the
 * agent profile too (reliability.md 3.2: P01 P02 P05 P06 P08 P17 P18 P19).
 * Pure and reentrant; reads only. */
#pragma once

#include "base/doc.h"

struct ss_err;

/* One waiver of the operator: a rule, for one object or for all. */
struct ss_waiver {
	const char *rule; /* "P06", "runAsNonRoot" … as in ss_guard_rules, compared exactly */
	const char *namespace_; /* NULL = every object */
	const char *name;
};
struct ss_guard {
	const struct ss_waiver *waivers;
	size_t n_waivers;
	/* Called for each violation that a waiver let pass; may be NULL. */
	void (*waived)(void *ud, const char *rule, const char *path, const char *object);
	void *ud;
};

/* 0 when it passes or holds no PodSpec; SS_ERR_POLICY with
 * err->details = [{path, rule, message, fix}] of every violation (the first
 * 1000), object by object, the pod's before its volumes' before its containers',
 * and a message that names the object, the first violation and how many there
 * are. Lists are checked item by item (paths "items[2].spec…"). A document
 * without a kind, a kind of those without its PodSpec or without containers, and
 * a member of an unexpected type are violations of the rule "malformed".
 * A waiver for one object is compared with the document's own metadata, so fill
 * in the namespace before. guard may be NULL. SS_ERR_NOMEM refuses too. */
int ss_guard_check(const struct ss_guard *guard, const struct ss_doc *doc, ss_node object,
                   struct ss_err *err);

/* The same of what a change makes of a stored object; before is NULL when there was none or nobody
 * knows. whole: an apply, after which all of the object must pass, whoever set it, but for the keys
 * of P19, which are refused where they are sent. Otherwise what was there before and is unchanged
 * (a container or a volume counts as one) is not held against the change. A pod that was held to the
 * agent profile and would be no longer is a violation of "agentProfile". */
int ss_guard_check_change(const struct ss_guard *guard, const struct ss_doc *before,
                          const struct ss_doc *after, bool whole, struct ss_err *err);

/* May an object of this kind hold a PodSpec? apiVersion decides together with kind. Any custom
 * resource may: there a PodSpec is what looks like one. */
bool ss_guard_covers(const char *api_version, const char *kind);
/* Does this patch body (any patch type) touch what the guard looks at, for an
 * object of this kind? Errs towards true. */
bool ss_guard_patch_touches(const char *api_version, const char *kind, const struct ss_doc *patch,
                            ss_node node);

/* Can an apply of this object, which passes, change which rules hold for the stored one? Where the
 * label of an agent decides: one manager applies the label, another one the containers. */
bool ss_guard_merge_matters(const struct ss_doc *doc, ss_node object);

struct ss_guard_rule {
	const char *id;      /* "privileged", "P06" … */
	const char *level;   /* what it belongs to: "the agent profile" … */
	const char *summary; /* what it asks for, one line */
	const char *fix;     /* what to write instead, one line */
};
const struct ss_guard_rule *ss_guard_rules(size_t *ret_count);
/* Parse "RULE" or "RULE=NAMESPACE/NAME" into waiver (strings point into spec,
 * which is modified). SS_ERR_USAGE with a suggestion for an unknown rule. */
int ss_guard_parse_waiver(char *spec, struct ss_waiver *waiver, struct ss_err *err);
