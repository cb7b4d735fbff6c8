/* Shared by discovery.c (documents and who waits for them), discovery_answer.c
 * (which kind was meant) and discovery_describe.c (all kinds). */
#pragma once

#include "kube/discovery.h"

enum { SS_DISCOVERY_PATH = 512 }; /* bytes of a path */

/* The document fetched from this path, NULL when none; *ret_seq of its answer, *ret_status its HTTP
 * status (0 = not asked yet). */
const struct ss_doc *ss_discovery_document(struct ss_discovery *d, const char *path,
                                           uint64_t *ret_seq, int *ret_status);
/* The interned copy; NULL when out of memory or over the limit. */
const struct ss_kind *ss_discovery_intern(struct ss_discovery *d, const struct ss_kind *kind);
/* Answer from what is known: 0 and *ret; 1 and the path of the document to fetch first in
 * need; or the code of err. */
int ss_discovery_answer(struct ss_discovery *d, const struct ss_lookup *lookup,
                        char need[SS_DISCOVERY_PATH], const struct ss_kind **ret,
                        struct ss_err *err);

/* "/apis/GROUP/VERSION", "/api/VERSION" */
void ss_discovery_version_path(char out[SS_DISCOVERY_PATH], const char *group, const char *version);
bool ss_discovery_is_aggregated(const struct ss_doc *doc);
/* One resource of an APIResourceList or of an aggregated document; strings point into it. */
struct ss_discovery_row {
	const char *kind, *plural, *singular;
	ss_node shorts, verbs;
	bool namespaced;
};
/* False for subresources and what makes no sense. */
bool ss_discovery_read_row(const struct ss_doc *doc, ss_node node, struct ss_discovery_row *row);
