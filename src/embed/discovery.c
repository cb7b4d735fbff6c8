/* /version, /api and /apis: what is served, as lists and aggregated (K50). */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "embed/request.h"

static const char aggregated_type[] =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

static void strings(struct ss_doc *out, const char *key, const char *const *list)
{
	ss_doc_key_lit(out, key);
	ss_doc_begin_array(out);
	for (; *list; list++)
		ss_doc_string_lit(out, *list);
	ss_doc_end(out);
}

static void verbs(struct ss_doc *out, const struct ss_kind *kind, bool status)
{
	static const char *const all[] = {"create", "delete", "deletecollection",
	                                  "get",    "list",   "patch",
	                                  "update", "watch",  NULL};
	static const char *const no_collection[] = {"create", "delete", "get",   "list",
	                                            "patch",  "update", "watch", NULL};
	static const char *const of_status[] = {"get", "patch", "update", NULL};

	strings(out, "verbs",
	        status                          ? of_status
	        : kind->id == SS_KIND_NAMESPACE ? no_collection
	                                        : all);
}

static void names(struct ss_doc *out, const struct ss_kind *kind)
{
	if (kind->short_names[0])
		strings(out, "shortNames", kind->short_names);
	if (kind->category)
		strings(out, "categories", (const char *const[]){kind->category, NULL});
}

/* --- aggregated ------------------------------------------------------------ */

static void response_kind(struct ss_doc *out, const struct ss_kind *kind)
{
	ss_doc_key_lit(out, "responseKind");
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "group", kind->group);
	ss_doc_put_string(out, "version", kind->version);
	ss_doc_put_string(out, "kind", kind->kind);
	ss_doc_end(out);
}

static void resource(struct ss_doc *out, const struct ss_kind *kind)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "resource", kind->plural);
	response_kind(out, kind);
	ss_doc_put_string(out, "scope", kind->namespaced ? "Namespaced" : "Cluster");
	ss_doc_put_string(out, "singularResource", kind->singular);
	verbs(out, kind, false);
	names(out, kind);
	if (kind->status) {
		ss_doc_key_lit(out, "subresources");
		ss_doc_begin_array(out);
		ss_doc_begin_object(out);
		ss_doc_put_string(out, "subresource", "status");
		response_kind(out, kind);
		verbs(out, kind, true);
		ss_doc_end(out);
		ss_doc_end(out);
	}
	ss_doc_end(out);
}

static bool first_of_group(int id)
{
	for (int i = 0; i < id; i++)
		if (strcmp(ss_kind((enum ss_kind_id)i)->group,
		           ss_kind((enum ss_kind_id)id)->group) == 0)
			return false;
	return true;
}

static void aggregated_group(struct ss_doc *out, const struct ss_kind *first)
{
	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "name", *first->group ? first->group : NULL);
	ss_doc_end(out);
	ss_doc_key_lit(out, "versions");
	ss_doc_begin_array(out);
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "version", first->version);
	ss_doc_key_lit(out, "resources");
	ss_doc_begin_array(out);
	for (int i = 0; i < SS_KINDS; i++)
		if (strcmp(ss_kind((enum ss_kind_id)i)->group, first->group) == 0)
			resource(out, ss_kind((enum ss_kind_id)i));
	ss_doc_end(out);
	ss_doc_put_string(out, "freshness", "Current");
	ss_doc_end(out);
	ss_doc_end(out);
	ss_doc_end(out);
}

static void aggregated(struct ss_doc *out, bool core)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "kind", "APIGroupDiscoveryList");
	ss_doc_put_string(out, "apiVersion", "apidiscovery.k8s.io/v2");
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	ss_doc_end(out);
	ss_doc_key_lit(out, "items");
	ss_doc_begin_array(out);
	for (int i = 0; i < SS_KINDS; i++) {
		const struct ss_kind *kind = ss_kind((enum ss_kind_id)i);

		if (first_of_group(i) && core == !*kind->group)
			aggregated_group(out, kind);
	}
	ss_doc_end(out);
	ss_doc_end(out);
}

/* --- one by one ------------------------------------------------------------ */

static void version_entry(struct ss_doc *out, const struct ss_kind *kind)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "groupVersion", ss_kind_api_version(kind));
	ss_doc_put_string(out, "version", kind->version);
	ss_doc_end(out);
}

static void group_members(struct ss_doc *out, const struct ss_kind *first)
{
	ss_doc_put_string(out, "name", first->group);
	ss_doc_key_lit(out, "versions");
	ss_doc_begin_array(out);
	version_entry(out, first);
	ss_doc_end(out);
	ss_doc_key_lit(out, "preferredVersion");
	version_entry(out, first);
}

static void group_list(struct ss_doc *out)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "kind", "APIGroupList");
	ss_doc_put_string(out, "apiVersion", "v1");
	ss_doc_key_lit(out, "groups");
	ss_doc_begin_array(out);
	for (int i = 0; i < SS_KINDS; i++) {
		const struct ss_kind *kind = ss_kind((enum ss_kind_id)i);

		if (!*kind->group || !first_of_group(i))
			continue;
		ss_doc_begin_object(out);
		group_members(out, kind);
		ss_doc_end(out);
	}
	ss_doc_end(out);
	ss_doc_end(out);
}

static void group(struct ss_doc *out, const struct ss_kind *first)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "kind", "APIGroup");
	ss_doc_put_string(out, "apiVersion", "v1");
	group_members(out, first);
	ss_doc_end(out);
}

static void list_entry(struct ss_doc *out, const struct ss_kind *kind, bool status)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", kind->plural, status ? "/status" : "");
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "name", name);
	ss_doc_put_string(out, "singularName", status ? "" : kind->singular);
	ss_doc_put_bool(out, "namespaced", kind->namespaced);
	ss_doc_put_string(out, "kind", kind->kind);
	verbs(out, kind, status);
	if (!status)
		names(out, kind);
	ss_doc_end(out);
}

static void resource_list(struct ss_doc *out, const struct ss_kind *first)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "kind", "APIResourceList");
	ss_doc_put_string(out, "apiVersion", *first->group ? "v1" : NULL);
	ss_doc_put_string(out, "groupVersion", ss_kind_api_version(first));
	ss_doc_key_lit(out, "resources");
	ss_doc_begin_array(out);
	for (int i = 0; i < SS_KINDS; i++) {
		const struct ss_kind *kind = ss_kind((enum ss_kind_id)i);

		if (strcmp(kind->group, first->group) != 0)
			continue;
		list_entry(out, kind, false);
		if (kind->status)
			list_entry(out, kind, true);
	}
	ss_doc_end(out);
	ss_doc_end(out);
}

static void api_versions(struct ss_doc *out)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "kind", "APIVersions");
	strings(out, "versions", (const char *const[]){"v1", NULL});
	strings(out, "serverAddressByClientCIDRs", (const char *const[]){NULL});
	ss_doc_end(out);
}

static void version(struct ss_doc *out)
{
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "major", "1");
	ss_doc_put_string(out, "minor", "37");
	ss_doc_put_string(out, "gitVersion", "v1.37.0+sandscript." SS_VERSION);
	ss_doc_put_string(out, "gitCommit", "");
	ss_doc_put_string(out, "gitTreeState", "");
	ss_doc_put_string(out, "buildDate", "1970-01-01T00:00:00Z");
	ss_doc_put_string(out, "goVersion", "");
	ss_doc_put_string(out, "compiler", "");
	ss_doc_put_string(out, "platform", "embedded");
	ss_doc_end(out);
}

static const struct ss_kind *find_group(const char *path, bool with_version)
{
	char text[128];

	for (int i = 0; i < SS_KINDS; i++) {
		const struct ss_kind *kind = ss_kind((enum ss_kind_id)i);

		if (!*kind->group)
			snprintf(text, sizeof(text), "%s", with_version ? "/api/v1" : "");
		else
			snprintf(text, sizeof(text), "/apis/%s%s%s", kind->group,
			         with_version ? "/" : "", with_version ? kind->version : "");
		if (*text && strcmp(text, path) == 0)
			return kind;
	}
	return NULL;
}

static bool write_answer(const struct ss_request *r, struct ss_doc *doc, struct ss_reply *reply)
{
	bool core = strcmp(r->path, "/api") == 0;
	const struct ss_kind *kind;

	if (core || strcmp(r->path, "/apis") == 0) {
		if (strstr(r->accept, "as=APIGroupDiscoveryList") && strstr(r->accept, "v=v2")) {
			reply->content_type = aggregated_type;
			aggregated(doc, core);
		} else if (core) {
			api_versions(doc);
		} else {
			group_list(doc);
		}
	} else if (strcmp(r->path, "/version") == 0) {
		version(doc);
	} else if ((kind = find_group(r->path, false))) {
		group(doc, kind);
	} else if ((kind = find_group(r->path, true))) {
		resource_list(doc, kind);
	} else {
		return false;
	}
	return true;
}

bool ss_discovery(struct ss_ctx *ctx, const struct ss_request *r, struct ss_reply *reply,
                  int *ret_rc)
{
	struct ss_doc *doc;

	*ret_rc = 0;
	if (strcmp(r->method, "GET") != 0)
		return false;
	reply->status = 200;
	if (strcmp(r->path, "/readyz") == 0 || strcmp(r->path, "/healthz") == 0 ||
	    strcmp(r->path, "/livez") == 0) {
		reply->content_type = "text/plain; charset=utf-8";
		ss_buf_puts(&reply->body, "ok");
		return true;
	}
	reply->content_type = "application/json";
	doc = ss_ctx_doc(ctx);
	if (!doc) {
		*ret_rc = SS_ERR_NOMEM;
		return true;
	}
	if (!write_answer(r, doc, reply))
		return false;
	*ret_rc = ss_ctx_finish(ctx, doc);
	ss_json_encode(doc, ss_doc_root(doc), &reply->body);
	return true;
}
