/* Which kinds the cluster serves, asked as late and as little as possible:
 * built-in kinds are known beforehand, the agent-sandbox groups cost one small
 * request (K53), other kinds the document of their group and version, and only
 * a bare unknown name the aggregated document (K50). Answers are kept for the
 * life of the client; what they do not hold is asked again once per lookup, so
 * that a definition created a moment ago is found (K52). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/err.h"
#include "kube/list.h"

struct ss_client;

/* One kind in one version; lives as long as the client (or the program). */
struct ss_kind {
	const char *group; /* "" = core */
	const char *version;
	const char *api_version; /* "v1", "agents.x-k8s.io/v1beta1" */
	const char *kind;        /* "Sandbox" */
	const char *plural;      /* "sandboxes" */
	const char *shorts;      /* short names, comma separated, "" = none */
	bool namespaced;
};

enum {
	SS_DISCOVERY_MAX_KINDS = 20000,
	SS_DISCOVERY_MAX_ENTRIES = 1024, /* documents kept */
};

struct ss_discovery {
	struct ss_client *client;
	struct ss_link entries; /* documents by path */
	size_t n_entries;
	struct ss_link kinds; /* interned */
	size_t n_kinds;
	uint64_t seq; /* of the last answer */
};

void ss_discovery_init(struct ss_discovery *d, struct ss_client *client);
void ss_discovery_done(struct ss_discovery *d); /* cancels requests in flight */

/* One question: which kind is this? Embedded in what asks. */
struct ss_lookup {
	struct ss_client *client; /* NULL = not running */
	char *kind; /* as written: Kind, plural, singular, short; "kind.group", "kind.version.group" */
	char *api_version; /* NULL = the cluster's choice */
	bool exact;        /* Sandboxes: do not map the version */
	bool all;          /* no kind: both aggregated documents, for ss_kube_kinds */
	uint64_t since;    /* answers after this one are new to this lookup */
	unsigned rounds;
	struct ss_link link; /* in the waiters of an entry */
	/* Once, from the loop; kind is NULL on failure and err set. */
	void (*done)(struct ss_lookup *lookup, const struct ss_kind *kind, struct ss_err *err);
};

/* 0 and *ret: known already (no done call). 1: done follows. Else the code of err.
 * kind and api_version are copied when the answer is not known. */
int ss_lookup_start(struct ss_lookup *lookup, struct ss_client *client, const char *kind,
                    const char *api_version, bool exact, const struct ss_kind **ret,
                    struct ss_err *err);
/* As ss_lookup_start, for all kinds: done comes with kind NULL and err NULL. */
int ss_lookup_all(struct ss_lookup *lookup, struct ss_client *client, struct ss_err *err);
/* No done call follows; harmless on a zeroed or finished lookup. */
void ss_lookup_cancel(struct ss_lookup *lookup);

/* The server answered "404 page not found" for this kind: ask again next time. */
void ss_discovery_forget(struct ss_discovery *d, const struct ss_kind *kind);
/* Every kind of the documents that ss_lookup_all fetched, as the array of ss_kube_kinds. */
int ss_discovery_describe(struct ss_discovery *d, struct ss_doc **ret, struct ss_err *err);
