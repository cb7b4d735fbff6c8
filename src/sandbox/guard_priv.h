/* The inside of the guard. guard.c finds the objects of a document and what
 * stands around their PodSpecs, guard_pod.c walks a PodSpec and hands its parts
 * to the rules: guard_pss_*.c (Pod Security) and guard_agent.c (P01 …).
 * guard_read.c reads members by type: what the guard cannot read it cannot vouch
 * for, so a member of an unexpected type is a violation itself. */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/doc.h"
#include "sandbox/guard.h"

/* In the order of the table in guard_rules.c. */
enum guard_rule {
	R_MALFORMED,
	/* Pod Security, named as the checks of k8s.io/pod-security-admission/policy. */
	R_HOST_NAMESPACES,
	R_PRIVILEGED,
	R_CAPABILITIES,
	R_VOLUMES,
	R_HOST_PORTS,
	R_HOST_PROBES,
	R_APPARMOR,
	R_SELINUX,
	R_PROC_MOUNT,
	R_SECCOMP,
	R_SYSCTLS,
	R_HOST_PROCESS,
	R_ESCALATION,
	R_NON_ROOT,
	R_USER,
	R_WINDOWS, /* ours: Pod Security exempts such pods from checks */
	/* The agent profile. */
	R_P01,
	R_P02,
	R_P05,
	R_P06,
	R_P08,
	R_P17,
	R_P18,
	R_P19,
	R_COUNT,
};

/* A place in the document, as a chain up to its root. It is made on the stack of
 * the function that visits it, so a path costs nothing until it must be shown. */
struct at {
	const struct at *up;
	const char *key; /* NULL for an element */
	size_t index;
	ss_node node; /* SS_NO_NODE when absent or null */
};

struct guard_run {
	const struct ss_guard *guard; /* may be NULL */
	const struct ss_doc *doc;
	/* The object being checked; never NULL. */
	const char *kind, *namespace_, *name;
	size_t count; /* of violations */
	struct ss_doc *details;
	bool nomem;
	char object[360]; /* of the first violation */
	char first[1100]; /* "path message (rule): fix" */
};

struct guard_pod {
	struct at meta, labels, annotations;
	struct at spec;
	struct at sc;           /* securityContext */
	bool agent;             /* the agent profile applies */
	bool non_root, seccomp; /* set for all containers by the pod */
};

struct guard_container {
	struct at self;
	struct at sc;
	struct at lifecycle;
	struct at probes[3];
	bool ephemeral;
};

/* --- guard_kinds.c: where a PodSpec stands -------------------------------- */
struct guard_kind {
	const char *group, *kind;
	const char *path[5]; /* from the object to what holds metadata and spec of the pod */
	bool agent;
};
/* NULL when no PodSpec is in it. api_version NULL or "" matches every group. */
const struct guard_kind *guard_kind_find(const char *api_version, const char *kind);
/* Is it "List", or a typed list ("PodList") of a kind that holds a PodSpec? */
bool guard_kind_is_list(const char *api_version, const char *kind);

/* --- guard_report.c ------------------------------------------------------- */
/* A violation at up's member key (NULL = at up itself), unless it is waived. */
void guard_refuse(struct guard_run *run, enum guard_rule rule, const struct at *up, const char *key,
                  const char *fix, const char *fmt, ...) SS_PRINTF(6, 7);

/* --- guard_read.c --------------------------------------------------------- */
/* The member key of up; a violation unless it is absent, null or of this type. */
struct at guard_get(struct guard_run *run, const struct at *up, const char *key, enum ss_type type);
/* The next element of a list; a null one reads as an empty object, as in Go. */
bool guard_next(struct guard_run *run, const struct at *list, struct ss_iter *it, enum ss_type type,
                struct at *ret);
/* BAD was reported as malformed: rules leave it alone. */
enum tri { ABSENT, NO, YES, BAD };
enum tri guard_bool(struct guard_run *run, const struct at *up, const char *key);
/* "" when absent, NULL when it is no string (reported). */
const char *guard_string(struct guard_run *run, const struct at *up, const char *key);
/* 0 when absent or no integer (reported); *ret_given may be NULL. */
int64_t guard_int(struct guard_run *run, const struct at *up, const char *key, bool *ret_given);
/* A quantity's text, in buf for a number; NULL when absent or none (reported). */
const char *guard_quantity(struct guard_run *run, const struct at *up, const char *key, char *buf,
                           size_t size);

/* --- guard_pod.c ---------------------------------------------------------- */
/* holder has the members metadata and spec. */
void guard_check_pod(struct guard_run *run, const struct at *holder, bool agent);

/* --- rules ---------------------------------------------------------------- */
void guard_pss_pod(struct guard_run *run, struct guard_pod *pod);
void guard_pss_volume(struct guard_run *run, const struct at *volume);
void guard_pss_container(struct guard_run *run, const struct guard_pod *pod,
                         const struct guard_container *c);
/* What pods and containers have in common. */
void guard_pss_context(struct guard_run *run, const struct at *sc);
/* Whether the profile is there; a bad one is refused. */
bool guard_pss_seccomp(struct guard_run *run, const struct at *sc);

void guard_agent_pod(struct guard_run *run, const struct guard_pod *pod);
void guard_agent_volume(struct guard_run *run, const struct at *volume);
void guard_agent_container(struct guard_run *run, const struct guard_container *c);
/* P19, on the labels or annotations at `map`; own_annotations: those of the object
 * itself, where kubectl keeps its record. */
void guard_agent_keys(struct guard_run *run, const struct at *map, bool own_annotations);
/* Is it a key that P19 keeps for Kubernetes and agent-sandbox? */
bool guard_key_is_reserved(const char *key);
