/* The inside of the guard. guard.c finds the objects of a document and what
 * stands around their PodSpecs, guard_shape.c those of kinds it does not know, guard_pod.c
 * walks a PodSpec and hands its parts to the rules: guard_pss_*.c (Pod Security)
 * and guard_agent.c (P01 …). guard_change.c compares a stored object with its change.
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
	R_AGENT,
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

/* What a run finds in one version of a stored object (guard_change.c). */
struct guard_found;

struct guard_run {
	const struct ss_guard *guard; /* may be NULL */
	const struct ss_doc *doc;
	struct guard_found *found;        /* of a change; NULL for a document that is sent */
	const struct guard_found *before; /* in what a change makes: what it started from */
	bool count_all; /* all of the result counts, but for the keys that others set (P19) */
	bool loose;     /* in a kind that is not known a member of another type is another member */
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

/* Is it agent-sandbox's SandboxClaim? */
bool guard_kind_is_claim(const char *api_version, const char *kind);
/* A kind of the server's own that holds no PodSpec? Of others nobody knows. */
bool guard_kind_is_plain(const char *api_version);

/* --- guard.c --------------------------------------------------------------- */
void guard_check_root(struct guard_run *run, ss_node node);

/* --- guard_shape.c -------------------------------------------------------- */
/* Everything below at that looks like a PodSpec or a part of one. */
void guard_check_shapes(struct guard_run *run, const struct at *at);
/* Is there anything of that kind? */
bool guard_has_shape(const struct ss_doc *doc, ss_node node);

/* --- guard_change.c ------------------------------------------------------- */
/* Takes the violation off the report: noted in a run that only looks, or none of the change's. */
bool guard_change_takes(struct guard_run *run, enum guard_rule rule, const struct at *up,
                        const char *key);
/* A pod was found at holder. */
void guard_change_pod(struct guard_run *run, const struct at *holder, bool agent);

/* --- guard_report.c ------------------------------------------------------- */
/* A violation at up's member key (NULL = at up itself), unless it is waived. */
void guard_refuse(struct guard_run *run, enum guard_rule rule, const struct at *up, const char *key,
                  const char *fix, const char *fmt, ...) SS_PRINTF(6, 7);
enum { GUARD_DETAILS_MAX = 1000, GUARD_PATH_SIZE = 512 };
/* The path of a place, into buf of GUARD_PATH_SIZE bytes. */
void guard_path(const struct at *at, const char *key, char *buf);
/* guard_refuse at a path that was rendered before. */
void guard_refuse_at(struct guard_run *run, enum guard_rule rule, const char *path, const char *fix,
                     const char *message);
/* 0, or what was refused as err; the end of a run. */
int guard_report(struct guard_run *run, struct ss_err *err);

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
/* What has the shape of a PodSpec; non_root and seccomp: set by what stands around it. */
void guard_check_loose(struct guard_run *run, const struct at *holder, const struct at *spec,
                       bool non_root, bool seccomp);

/* --- rules ---------------------------------------------------------------- */
void guard_pss_pod(struct guard_run *run, struct guard_pod *pod);
void guard_pss_volume(struct guard_run *run, const struct at *volume);
/* The member that says what a volume is; NULL = none: the server makes it an emptyDir. */
const char *guard_volume_type(const struct guard_run *run, const struct at *volume);
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
/* The same of the keys that are agent-sandbox's own, for every pod. */
void guard_controller_keys(struct guard_run *run, const struct at *map);
bool guard_key_is_controllers(const char *key);
/* Is it a key that P19 keeps for Kubernetes and agent-sandbox? */
bool guard_key_is_reserved(const char *key);
