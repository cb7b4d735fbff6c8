/* Discovery documents, old and aggregated, as rows; and all kinds as one document. */
#include <stdio.h>
#include <string.h>

#include "kube/discovery_priv.h"
#include "kube/path.h"

void ss_discovery_version_path(char out[SS_DISCOVERY_PATH], const char *group, const char *version)
{
	if (*group)
		snprintf(out, SS_DISCOVERY_PATH, "/apis/%s/%s", group, version);
	else
		snprintf(out, SS_DISCOVERY_PATH, "/api/%s", version);
}

bool ss_discovery_is_aggregated(const struct ss_doc *doc)
{
	return ss_doc_is_string(doc, ss_doc_get(doc, ss_doc_root(doc), "kind"),
	                        "APIGroupDiscoveryList");
}

bool ss_discovery_read_row(const struct ss_doc *doc, ss_node node, struct ss_discovery_row *row)
{
	const char *scope = ss_doc_find_string(doc, node, "scope", NULL);

	row->kind = ss_doc_find_string(doc, node, "kind", NULL);
	row->plural = ss_doc_find_string(doc, node, "name", NULL);
	row->singular = ss_doc_find_string(doc, node, "singularName", NULL);
	row->namespaced = ss_doc_get_bool(doc, ss_doc_get(doc, node, "namespaced"), false);
	if (!row->kind) {
		row->kind = ss_doc_find_string(doc, node, "responseKind", "kind", NULL);
		row->plural = ss_doc_find_string(doc, node, "resource", NULL);
		row->singular = ss_doc_find_string(doc, node, "singularResource", NULL);
		row->namespaced = scope && !strcmp(scope, "Namespaced");
	}
	row->shorts = ss_doc_get(doc, node, "shortNames");
	row->verbs = ss_doc_get(doc, node, "verbs");
	/* "pods/exec" is a subresource */
	return row->kind && row->plural && *row->kind && *row->plural &&
	       !strchr(row->plural, '/') && !ss_path_check("resource", row->plural, NULL);
}

/* --- all kinds ---------------------------------------------------------- */

static void describe_row(struct ss_doc *out, const struct ss_doc *doc,
                         const struct ss_discovery_row *row, const char *group, const char *version)
{
	char api_version[512];

	snprintf(api_version, sizeof(api_version), "%s%s%s", group, *group ? "/" : "", version);
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "kind", row->kind);
	ss_doc_put_string(out, "apiVersion", api_version);
	ss_doc_put_string(out, "resource", row->plural);
	ss_doc_put_bool(out, "namespaced", row->namespaced);
	ss_doc_key_lit(out, "shortNames");
	if (row->shorts != SS_NO_NODE) {
		ss_doc_copy(out, doc, row->shorts);
	} else {
		ss_doc_begin_array(out);
		ss_doc_end(out);
	}
	ss_doc_put_copy(out, "verbs", doc, row->verbs);
	ss_doc_end(out);
}

static void describe_rows(struct ss_doc *out, const struct ss_doc *doc, ss_node resources,
                          const char *group, const char *version)
{
	struct ss_discovery_row row;

	for (struct ss_iter it = ss_iter(doc, resources); ss_iter_next(&it);)
		if (ss_discovery_read_row(doc, it.value, &row))
			describe_row(out, doc, &row, group, version);
}

static void describe_path(struct ss_doc *out, struct ss_discovery *d, const char *group,
                          const char *version)
{
	char path[SS_DISCOVERY_PATH];
	uint64_t seq;
	int status;
	const struct ss_doc *doc;

	ss_discovery_version_path(path, group, version);
	doc = ss_discovery_document(d, path, &seq, &status);
	if (doc)
		describe_rows(out, doc, ss_doc_get(doc, ss_doc_root(doc), "resources"), group,
		              version);
}

/* The preferred version of each group, as kubectl api-resources shows them. */
static void describe_aggregated(struct ss_doc *out, const struct ss_doc *doc)
{
	for (struct ss_iter g = ss_iter(doc, ss_doc_get(doc, ss_doc_root(doc), "items"));
	     ss_iter_next(&g);) {
		const char *group = ss_doc_find_string(doc, g.value, "metadata", "name", NULL);
		ss_node first = ss_doc_at(doc, ss_doc_get(doc, g.value, "versions"), 0);
		const char *version = ss_doc_find_string(doc, first, "version", NULL);

		if (version)
			describe_rows(out, doc, ss_doc_get(doc, first, "resources"),
			              group ? group : "", version);
	}
}

int ss_discovery_describe(struct ss_discovery *d, struct ss_doc **ret, struct ss_err *err)
{
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	uint64_t seq;
	int status, code;
	const struct ss_doc *core = ss_discovery_document(d, "/api", &seq, &status);
	const struct ss_doc *groups = ss_discovery_document(d, "/apis", &seq, &status);

	if (!out)
		return ss_err_nomem(err);
	ss_doc_begin_array(out);
	if (ss_discovery_is_aggregated(core))
		describe_aggregated(out, core);
	else
		describe_path(out, d, "", "v1");
	if (ss_discovery_is_aggregated(groups))
		describe_aggregated(out, groups);
	else
		for (struct ss_iter g =
		             ss_iter(groups, ss_doc_get(groups, ss_doc_root(groups), "groups"));
		     ss_iter_next(&g);) {
			const char *group = ss_doc_find_string(groups, g.value, "name", NULL);
			const char *version = ss_doc_find_string(
			        groups, g.value, "preferredVersion", "version", NULL);

			if (group && version)
				describe_path(out, d, group, version);
		}
	ss_doc_end(out);
	code = ss_doc_finish(out, err);
	if (code)
		return code;
	*ret = out;
	out = NULL;
	return 0;
}
