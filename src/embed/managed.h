/* metadata.managedFields: who owns which fields of an object (KEP-555). The
 * managers of one object are a list in the request's pool; operations return a
 * new list. */
#pragma once

#include "embed/fields.h"
#include "embed/typed.h"

struct ss_manager {
	const char *name;
	const char *operation; /* "Apply" or "Update" */
	const char *api_version;
	const char *subresource; /* "" or "status" */
	const char *time;        /* RFC 3339, or NULL */
	const struct ss_fields *set;
	struct ss_manager *next;
};

/* Who makes a change. */
struct ss_actor {
	const char *name;
	const char *api_version;
	const char *subresource; /* "" or "status" */
	const char *now;         /* RFC 3339 */
};

struct ss_manager *ss_managed_parse(struct ss_pool *pool, const struct ss_doc *doc, ss_node node);
/* The list in the API server's order: operation, time, manager. */
void ss_managed_encode(struct ss_pool *pool, const struct ss_manager *list, struct ss_doc *out);
/* Same owners of the same fields, times aside. */
bool ss_managed_equal(const struct ss_manager *a, const struct ss_manager *b);

/* The list after a create, update or patch that turned old into new_. */
struct ss_manager *ss_managed_update(struct ss_pool *pool, const struct ss_schema *schema,
                                     const struct ss_manager *list, struct ss_value old,
                                     struct ss_value new_, const struct ss_actor *actor);

/* One field that an apply wants and another manager owns. */
struct ss_conflict {
	const struct ss_manager *owner;
	const char *path;
	struct ss_conflict *next; /* by manager, then by path */
};

struct ss_applied {
	struct ss_doc *doc;            /* the merged object, owned by the caller */
	struct ss_manager *managers;   /* the new list */
	struct ss_conflict *conflicts; /* not NULL: nothing may be stored (unless forced) */
	bool changed;
};
/* Merge an applied configuration into the live object (node SS_NO_NODE: create).
 * 0, or SS_ERR_NOMEM and such. */
int ss_managed_apply(struct ss_pool *pool, const struct ss_schema *schema,
                     const struct ss_manager *list, struct ss_value live, struct ss_value config,
                     const struct ss_actor *actor, bool force, struct ss_applied *ret,
                     struct ss_err *err);
