#include "embed/managed.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "embed/pool.h"

/* Updating managers beyond this many are folded into one, "ancient-changes". */
enum { MAX_UPDATERS = 10 };

static const char *text(struct ss_pool *pool, const struct ss_doc *doc, ss_node entry,
                        const char *key)
{
	return ss_pool_strdup(pool, ss_doc_get_string(doc, ss_doc_get(doc, entry, key), NULL));
}

struct ss_manager *ss_managed_parse(struct ss_pool *pool, const struct ss_doc *doc, ss_node node)
{
	struct ss_manager *head = NULL, **tail = &head, *m;
	const char *sub;

	for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) {
		m = ss_pool_alloc(pool, sizeof(*m));
		if (!m)
			break;
		m->name = text(pool, doc, it.value, "manager");
		m->operation = text(pool, doc, it.value, "operation");
		m->api_version = text(pool, doc, it.value, "apiVersion");
		m->time = text(pool, doc, it.value, "time");
		sub = text(pool, doc, it.value, "subresource");
		m->subresource = sub ? sub : "";
		m->set = ss_fields_parse(pool, doc, ss_doc_get(doc, it.value, "fieldsV1"));
		if (!m->name || !m->operation || !m->api_version)
			continue;
		*tail = m;
		tail = &m->next;
	}
	return head;
}

/* Times compare as text: RFC 3339 in UTC with whole seconds sorts by time. */
static int order(const struct ss_manager *a, const struct ss_manager *b)
{
	int c = strcmp(a->operation, b->operation);

	if (c == 0)
		c = strcmp(a->time ? a->time : "", b->time ? b->time : "");
	if (c == 0)
		c = strcmp(a->name, b->name);
	if (c == 0)
		c = strcmp(a->api_version, b->api_version);
	return c ? c : strcmp(a->subresource, b->subresource);
}

static struct ss_manager *sorted(struct ss_pool *pool, const struct ss_manager *list)
{
	struct ss_manager *head = NULL, **at, *copy;

	for (; list; list = list->next) {
		copy = ss_pool_alloc(pool, sizeof(*copy));
		if (!copy)
			break;
		*copy = *list;
		for (at = &head; *at && order(*at, copy) <= 0;)
			at = &(*at)->next;
		copy->next = *at;
		*at = copy;
	}
	return head;
}

static void encode_one(const struct ss_manager *m, struct ss_doc *out)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "manager", m->name);
	ss_doc_put_string(out, "operation", m->operation);
	ss_doc_put_string(out, "apiVersion", m->api_version);
	ss_doc_put_string(out, "time", m->time);
	ss_doc_put_string(out, "fieldsType", "FieldsV1");
	ss_doc_key_lit(out, "fieldsV1");
	ss_fields_encode(m->set, out);
	if (*m->subresource)
		ss_doc_put_string(out, "subresource", m->subresource);
	ss_doc_end(out);
}

void ss_managed_encode(struct ss_pool *pool, const struct ss_manager *list, struct ss_doc *out)
{
	ss_doc_begin_array(out);
	for (const struct ss_manager *m = sorted(pool, list); m; m = m->next)
		encode_one(m, out);
	ss_doc_end(out);
}

static bool same_identity(const struct ss_manager *a, const char *name, const char *operation,
                          const char *api_version, const char *subresource)
{
	return strcmp(a->operation, operation) == 0 && strcmp(a->name, name) == 0 &&
	       strcmp(a->subresource, subresource) == 0 &&
	       (strcmp(operation, "Apply") == 0 || strcmp(a->api_version, api_version) == 0);
}

static bool has_equal(const struct ss_manager *list, const struct ss_manager *m)
{
	for (; list; list = list->next)
		if (same_identity(list, m->name, m->operation, m->api_version, m->subresource))
			return ss_fields_equal(list->set, m->set);
	return false;
}

bool ss_managed_equal(const struct ss_manager *a, const struct ss_manager *b)
{
	size_t n_a = 0, n_b = 0;

	for (const struct ss_manager *m = b; m; m = m->next)
		n_b++;
	for (; a; a = a->next, n_a++)
		if (!has_equal(b, a))
			return false;
	return n_a == n_b;
}

/* Fields that nobody owns: identity and what the server itself keeps. */
static const struct ss_fields *strip(struct ss_pool *pool, const struct ss_fields *set)
{
	static const char *const meta[] = {"f:name",       "f:namespace",     "f:creationTimestamp",
	                                   "f:selfLink",   "f:uid",           "f:clusterName",
	                                   "f:generation", "f:managedFields", "f:resourceVersion"};
	struct ss_fields *names = NULL, *top = NULL, *node;

	for (size_t i = 0; i < SS_ARRAY_LEN(meta); i++) {
		node = ss_fields_insert(pool, &names, meta[i]);
		if (node)
			node->member = true;
	}
	for (size_t i = 0; i < 3; i++) {
		node = ss_fields_insert(
		        pool, &top, (const char *[]){"f:apiVersion", "f:kind", "f:metadata"}[i]);
		if (!node)
			return NULL;
		node->member = true;
		if (i == 2)
			node->child = names;
	}
	return ss_fields_difference(pool, set, top);
}

/* The part of a set that a request to this (sub)resource can touch. */
static const struct ss_fields *reachable(struct ss_pool *pool, const struct ss_fields *set,
                                         const char *subresource)
{
	return *subresource ? ss_fields_only(pool, set, "f:status")
	                    : ss_fields_without(pool, set, "f:status");
}

static struct ss_manager *add(struct ss_pool *pool, struct ss_manager **list,
                              const struct ss_manager *m)
{
	struct ss_manager *copy = ss_pool_alloc(pool, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *m;
	copy->next = NULL;
	while (*list)
		list = &(*list)->next;
	*list = copy;
	return copy;
}

/* Fold the oldest updaters into one entry per API version until few enough are left. */
static struct ss_manager *cap_updaters(struct ss_pool *pool, struct ss_manager *list)
{
	struct ss_manager *out = NULL, *bucket = NULL;
	size_t n = 0;

	for (const struct ss_manager *m = list; m; m = m->next)
		n += strcmp(m->operation, "Update") == 0;
	if (n <= MAX_UPDATERS)
		return list;
	for (const struct ss_manager *m = sorted(pool, list); m; m = m->next) {
		if (strcmp(m->operation, "Update") != 0 || n < MAX_UPDATERS) {
			add(pool, &out, m);
			continue;
		}
		n--;
		if (!bucket) {
			bucket = add(pool, &out, m);
			if (!bucket)
				return out;
			bucket->name = "ancient-changes";
			bucket->subresource = "";
			continue;
		}
		bucket->set = ss_fields_union(pool, bucket->set, m->set);
		bucket->time = m->time;
	}
	return out;
}

struct ss_manager *ss_managed_update(struct ss_pool *pool, const struct ss_schema *schema,
                                     const struct ss_manager *list, struct ss_value old,
                                     struct ss_value new_, const struct ss_actor *actor)
{
	struct ss_typed_diff diff = ss_typed_compare(pool, schema, old, new_);
	const struct ss_fields *taken =
	        ss_fields_union(pool, reachable(pool, diff.modified, actor->subresource),
	                        reachable(pool, diff.added, actor->subresource));
	const struct ss_fields *lost =
	        ss_fields_union(pool, taken, reachable(pool, diff.removed, actor->subresource));
	struct ss_manager *out = NULL, *mine = NULL, *m;

	for (; list; list = list->next) {
		struct ss_manager kept = *list;

		kept.set = ss_fields_difference(pool, list->set, lost);
		bool self = same_identity(list, actor->name, "Update", actor->api_version,
		                          actor->subresource);
		if (!kept.set && !self)
			continue;
		m = add(pool, &out, &kept);
		if (self)
			mine = m;
	}
	taken = strip(pool, taken);
	if (!mine && taken)
		mine = add(pool, &out,
		           &(struct ss_manager){.name = actor->name,
		                                .operation = "Update",
		                                .api_version = actor->api_version,
		                                .subresource = actor->subresource});
	if (mine && taken) {
		mine->set = ss_fields_union(pool, taken, mine->set);
		mine->time = actor->now;
	}
	/* The own entry may have lost its last field. */
	for (struct ss_manager **at = &out; *at;)
		if ((*at)->set)
			at = &(*at)->next;
		else
			*at = (*at)->next;
	return cap_updaters(pool, out);
}

/* --- apply ------------------------------------------------------------------ */
struct gather {
	struct ss_pool *pool;
	const struct ss_manager *owner;
	struct ss_conflict **tail;
};

static void add_conflict(void *ud, const char *path)
{
	struct gather *g = ud;
	struct ss_conflict *c = ss_pool_alloc(g->pool, sizeof(*c));

	if (!c)
		return;
	c->owner = g->owner;
	c->path = ss_pool_strdup(g->pool, path);
	*g->tail = c;
	g->tail = &c->next;
}

/* What the actor set before and does not set any more, as far as nobody else owns it. */
static int prune(struct ss_pool *pool, const struct ss_schema *schema, const struct ss_fields *last,
                 const struct ss_manager *managers, struct ss_doc **merged, struct ss_err *err)
{
	/* The server's own metadata has no owner and stays, whoever lets go of the rest. */
	static const struct ss_fields metadata = {.key = "f:metadata", .member = true};
	const struct ss_fields *owned = &metadata, *gone;
	struct ss_doc *out;

	if (!last)
		return 0;
	for (const struct ss_manager *m = managers; m; m = m->next)
		owned = ss_fields_union(pool, owned, m->set);
	gone = ss_fields_difference(pool, ss_fields_with_parents(pool, last, schema),
	                            ss_fields_with_parents(pool, owned, schema));
	if (!gone)
		return 0;
	out = ss_doc_new();
	if (!out)
		return ss_err_nomem(err);
	ss_typed_remove(pool, out, schema, (struct ss_value){*merged, ss_doc_root(*merged)}, gone);
	ss_doc_free(*merged);
	*merged = out;
	return ss_doc_finish(out, err);
}

static void settle(struct ss_pool *pool, struct ss_typed_diff diff, const struct ss_manager *self,
                   bool force, struct ss_applied *ret)
{
	const struct ss_fields *taken = ss_fields_union(pool, diff.modified, diff.added), *clash;
	struct gather g = {.pool = pool, .tail = &ret->conflicts};
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	for (struct ss_manager *m = sorted(pool, ret->managers); m && !force; m = m->next) {
		clash = ss_fields_intersection(pool, m->set, taken);
		g.owner = m;
		if (clash && !same_identity(m, self->name, "Apply", "", self->subresource))
			ss_fields_paths(clash, &path, add_conflict, &g);
	}
	for (struct ss_manager **at = &ret->managers; *at;) {
		if (*at != self) {
			(*at)->set = ss_fields_difference(pool, (*at)->set, taken);
			(*at)->set = ss_fields_difference(pool, (*at)->set, diff.removed);
		}
		if ((*at)->set)
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
}

int ss_managed_apply(struct ss_pool *pool, const struct ss_schema *schema,
                     const struct ss_manager *list, struct ss_value live, struct ss_value config,
                     const struct ss_actor *actor, bool force, struct ss_applied *ret,
                     struct ss_err *err)
{
	const struct ss_fields *last = NULL;
	struct ss_manager mine = {.name = actor->name,
	                          .operation = "Apply",
	                          .api_version = actor->api_version,
	                          .subresource = actor->subresource};
	struct ss_manager *self;
	int rc;

	*ret = (struct ss_applied){.doc = ss_doc_new()};
	if (!ret->doc)
		return ss_err_nomem(err);
	for (; list; list = list->next) {
		if (!same_identity(list, actor->name, "Apply", "", actor->subresource)) {
			add(pool, &ret->managers, list);
			continue;
		}
		last = list->set;
		mine.time = list->time;
	}
	mine.set = reachable(pool, ss_typed_set(pool, schema, config), actor->subresource);
	self = add(pool, &ret->managers, &mine);
	if (!self)
		return ss_err_nomem(err);
	ss_typed_merge(pool, ret->doc, schema, live, config);
	rc = ss_doc_finish(ret->doc, err);
	if (rc == 0)
		rc = prune(pool, schema, last, ret->managers, &ret->doc, err);
	if (rc < 0)
		return rc;
	self->set = strip(pool, self->set); /* not before: what it names must outlive pruning */
	ret->changed = live.node == SS_NO_NODE ||
	               !ss_doc_equal(live.doc, live.node, ret->doc, ss_doc_root(ret->doc));
	if (ret->changed)
		self->time = actor->now;
	settle(pool,
	       ss_typed_compare(pool, schema, live,
	                        (struct ss_value){ret->doc, ss_doc_root(ret->doc)}),
	       self, force, ret);
	return pool->failed ? ss_err_nomem(err) : 0;
}
