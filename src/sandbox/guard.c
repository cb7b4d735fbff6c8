#include "sandbox/guard.h"

#include "sandbox/guard_priv.h"

static void check_object(struct guard_run *run, const struct at *object, const char *api_version,
                         const char *kind);

static void check_items(struct guard_run *run, const struct at *list, const char *api_version,
                        const char *kind)
{
	char item_kind[64] = "";
	size_t len = strlen(kind) - strlen("List");
	struct at items = guard_get(run, list, "items", SS_ARRAY), item;

	/* The items of a typed list need not repeat what they are. */
	if (len && len < sizeof(item_kind))
		memcpy(item_kind, kind, len);
	for (struct ss_iter it = ss_iter(run->doc, items.node);
	     guard_next(run, &items, &it, SS_OBJECT, &item);)
		check_object(run, &item, len ? api_version : "", item_kind);
}

static void check_holder(struct guard_run *run, const struct at *up, const struct guard_kind *kind,
                         const char *const *path)
{
	struct at at;

	if (!*path) {
		guard_check_pod(run, up, kind->agent);
		return;
	}
	at = guard_get(run, up, *path, SS_OBJECT);
	if (at.node != SS_NO_NODE)
		check_holder(run, &at, kind, path + 1);
	else if (ss_doc_type(run->doc, ss_doc_get(run->doc, up->node, *path)) <= SS_NULL)
		guard_refuse(run, R_MALFORMED, up, *path,
		             "give the whole PodSpec; to change other fields use a patch",
		             "must be there: this kind of object holds a PodSpec");
}

/* Sandboxes and templates are what agents are made of: their own metadata counts too. */
static void check_own_metadata(struct guard_run *run, const struct at *object)
{
	struct at meta = guard_get(run, object, "metadata", SS_OBJECT);
	struct at labels = guard_get(run, &meta, "labels", SS_OBJECT);
	struct at annotations = guard_get(run, &meta, "annotations", SS_OBJECT);

	guard_agent_keys(run, &labels, false);
	guard_agent_keys(run, &annotations, true);
}

/* What a claim adds to the pod's metadata is not in any template. */
static void check_claim(struct guard_run *run, const struct at *object)
{
	struct at spec = guard_get(run, object, "spec", SS_OBJECT);
	struct at meta = guard_get(run, &spec, "additionalPodMetadata", SS_OBJECT);
	struct at labels = guard_get(run, &meta, "labels", SS_OBJECT);
	struct at annotations = guard_get(run, &meta, "annotations", SS_OBJECT);

	guard_agent_keys(run, &labels, false);
	guard_agent_keys(run, &annotations, false);
}

static void check_unknown(struct guard_run *run, const struct at *object, const char *api_version,
                          const char *kind)
{
	if (guard_kind_is_claim(api_version, kind))
		check_claim(run, object);
	guard_check_shapes(run, object);
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static void identify(struct guard_run *run, const struct at *object, const char *kind)
{
	ss_node meta = ss_doc_get(run->doc, object->node, "metadata");

	run->kind = kind[0] ? kind : "object";
	run->name = or_empty(ss_doc_find_string(run->doc, meta, "name", NULL));
	run->namespace_ = or_empty(ss_doc_find_string(run->doc, meta, "namespace", NULL));
}

/* The server takes the kind of a document without one from the request's path,
 * so such a document may be a pod. */
static bool check_kind(struct guard_run *run, const struct at *object, const char *kind)
{
	if (object->node != SS_NO_NODE && kind && kind[0])
		return true;
	if (kind)
		guard_refuse(run, R_MALFORMED, object, "kind", "write apiVersion and kind",
		             "must be set: without it nobody knows what this document is");
	return false;
}

static void check_object(struct guard_run *run, const struct at *object, const char *api_version,
                         const char *kind)
{
	const char *own_version, *own_kind;
	const struct guard_kind *found;

	identify(run, object, kind);
	own_kind = guard_string(run, object, "kind");
	own_version = guard_string(run, object, "apiVersion");
	if (own_kind && own_kind[0])
		kind = own_kind;
	if (own_version && own_version[0])
		api_version = own_version;
	if (!check_kind(run, object, own_kind ? kind : NULL))
		return;
	identify(run, object, kind);
	found = guard_kind_find(api_version, kind);
	if (!found && guard_kind_is_list(api_version, kind))
		check_items(run, object, api_version, kind);
	else if (!found)
		check_unknown(run, object, api_version, kind);
	if (!found)
		return;
	if (found->agent)
		check_own_metadata(run, object);
	check_holder(run, object, found, found->path);
}

void guard_check_root(struct guard_run *run, ss_node node)
{
	struct at root = {.node = node};

	identify(run, &root, "");
	if (ss_doc_type(run->doc, node) == SS_OBJECT)
		check_object(run, &root, "", "");
	else
		guard_refuse(run, R_MALFORMED, &root, NULL, "give one Kubernetes object",
		             "the document must be an object");
}

int ss_guard_check(const struct ss_guard *guard, const struct ss_doc *doc, ss_node object,
                   struct ss_err *err)
{
	struct guard_run run = {.guard = guard, .doc = doc};

	guard_check_root(&run, object);
	return guard_report(&run, err);
}
