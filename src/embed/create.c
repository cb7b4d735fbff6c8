/* New objects. */
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "embed/decode.h"
#include "embed/prepare.h"
#include "embed/validate.h"
#include "embed/write.h"

/* apimachinery's rand.String: no vowels, nothing that looks like another letter. */
static const char suffix_alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
enum { SUFFIX_LEN = 5, MAX_GENERATED_PREFIX = 63 - SUFFIX_LEN, MAX_TRIES = 8 };

static const char *generate_name(struct ss_ctx *ctx, const char *prefix)
{
	char hex[2 * SUFFIX_LEN + 1], suffix[SUFFIX_LEN + 1];
	unsigned byte;

	if (ss_random_hex(SUFFIX_LEN, hex, sizeof(hex)) < 0)
		return NULL;
	for (int i = 0; i < SUFFIX_LEN; i++) {
		sscanf(hex + 2 * i, "%2x", &byte);
		suffix[i] = suffix_alphabet[byte % (sizeof(suffix_alphabet) - 1)];
	}
	suffix[SUFFIX_LEN] = 0;
	return ss_pool_printf(&ctx->pool, "%.*s%s", MAX_GENERATED_PREFIX, prefix, suffix);
}

/* A random UUID (RFC 4122, version 4). */
static const char *new_uid(struct ss_ctx *ctx)
{
	char h[33];

	if (ss_random_hex(16, h, sizeof(h)) < 0)
		return NULL;
	return ss_pool_printf(&ctx->pool, "%.8s-%.4s-4%.3s-%c%.3s-%.12s", h, h + 8, h + 13,
	                      "89ab"[(h[16] <= '9' ? h[16] - '0' : h[16] - 'a' + 10) & 3], h + 17,
	                      h + 20);
}

int ss_require_namespace(struct ss_ctx *ctx, const struct ss_kind *kind, const char *ns,
                         const char *name)
{
	const struct ss_kind *namespaces = ss_kind(SS_KIND_NAMESPACE);
	struct ss_object object;
	int rc;

	if (!kind->namespaced)
		return 0;
	rc = ss_object_load(ctx, namespaces, "", ns, &object);
	if (rc == SS_ERR_NOT_FOUND)
		return ss_fail_not_found(ctx, namespaces, ns);
	if (rc < 0)
		return rc;
	if (!ss_doc_find_string(object.doc, object.root, "metadata", "deletionTimestamp", NULL))
		return 0;
	ss_cause(ctx, "NamespaceTerminating", "metadata.namespace",
	         "namespace %s is being terminated", ns);
	rc = ss_fail_object(
	        ctx, 403, "Forbidden", kind, name,
	        "%s %s is forbidden: unable to create new content in namespace %s because it is "
	        "being terminated",
	        ss_kind_resource(kind), ss_quoted(ctx, name), ns);
	ctx->status.causes = ctx->causes;
	ctx->causes = ctx->last_cause = NULL;
	return rc;
}

int ss_check_gvk(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value in)
{
	const char *version = ss_value_string(in, "apiVersion"),
	           *name = ss_value_string(in, "kind");

	if (kind->custom && (!version || !name))
		return ss_fail(ctx, 400, "BadRequest",
		               "the object provided is unrecognized (must be of type %s): Object "
		               "'%s' is missing",
		               kind->kind, name ? "apiVersion" : "Kind");
	if (version && strcmp(version, ss_kind_api_version(kind)) != 0)
		return ss_fail(ctx, 400, "BadRequest",
		               "the API version in the data (%s) does not match the expected API "
		               "version (%s)",
		               version, ss_kind_api_version(kind));
	if (!name || strcmp(name, kind->kind) == 0)
		return 0;
	if (!kind->custom)
		return ss_fail(ctx, 400, "BadRequest",
		               "%s in version \"%s\" cannot be handled as a %s", name,
		               kind->version, kind->kind);
	ss_cause(ctx, "FieldValueInvalid", "kind", "Invalid value: %s: must be %s",
	         ss_quoted(ctx, name), kind->kind);
	return ss_fail_invalid(ctx, kind,
	                       ss_doc_find_string(in.doc, in.node, "metadata", "name", NULL));
}

static int check_identity(struct ss_ctx *ctx, const struct ss_write *w, struct ss_meta *meta)
{
	if (meta->ns && strcmp(meta->ns, w->ns) != 0)
		return ss_fail(ctx, 400, "BadRequest",
		               "the namespace of the provided object does not match the namespace "
		               "sent on the "
		               "request");
	if (w->name && meta->name && strcmp(meta->name, w->name) != 0)
		return ss_fail(
		        ctx, 400, "BadRequest",
		        "the name of the object (%s) does not match the name on the URL (%s)",
		        meta->name, w->name);
	if (!meta->name)
		meta->name = w->name;
	if (meta->rv && !w->name)
		return ss_fail(ctx, 500, NULL,
		               "resourceVersion should not be set on objects to be created");
	return 0;
}

static int is_free(struct ss_ctx *ctx, const struct ss_write *w, const char *name, bool *ret)
{
	struct ss_record record;
	int rc = ss_store_get(ctx->store, &ctx->pool, w->kind, w->ns, name, &record, &ctx->err);

	*ret = rc == SS_ERR_NOT_FOUND;
	return *ret ? 0 : rc;
}

static int fail_exists(struct ss_ctx *ctx, const struct ss_write *w, const char *name)
{
	ss_fail_object(ctx, 409, "AlreadyExists", w->kind, name, "%s %s already exists",
	               ss_kind_resource(w->kind), ss_quoted(ctx, name));
	return SS_ERR_ALREADY_EXISTS;
}

/* A generated name that is free, when none was given. */
static int choose_name(struct ss_ctx *ctx, const struct ss_write *w, struct ss_meta *meta)
{
	const char *name = NULL;
	bool is = false;
	int rc = 0;

	if (meta->name || !meta->generate_name || !*meta->generate_name)
		return 0;
	for (int tries = 0; tries < MAX_TRIES && rc == 0 && !is; tries++) {
		name = generate_name(ctx, meta->generate_name);
		if (!name)
			return ss_err_set(&ctx->err, SS_ERR_INTERNAL, "no random numbers");
		rc = is_free(ctx, w, name, &is);
	}
	meta->name = name;
	return rc;
}

/* The status that a new object of this kind starts with. */
static struct ss_value first_status(struct ss_ctx *ctx, const struct ss_kind *kind,
                                    struct ss_value content)
{
	struct ss_value none = {NULL, SS_NO_NODE};
	struct ss_doc *doc;

	if (kind->id != SS_KIND_NAMESPACE && kind->id != SS_KIND_POD)
		return none;
	doc = ss_ctx_doc(ctx);
	if (!doc)
		return none;
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "phase", kind->id == SS_KIND_POD ? "Pending" : "Active");
	if (kind->id == SS_KIND_POD)
		ss_doc_put_string(doc, "qosClass", ss_pod_qos(ss_value_get(content, "spec")));
	ss_doc_end(doc);
	return (struct ss_value){doc, ss_doc_root(doc)};
}

static int finish(struct ss_ctx *ctx, const struct ss_write *w, struct ss_put *put,
                  struct ss_object *ret)
{
	struct ss_doc *doc;

	if (!ctx->dry_run)
		return ss_object_put(ctx, put, ret);
	doc = ss_object_compose(ctx, w->kind, &put->meta, put->content, put->status);
	*ret = (struct ss_object){.kind = w->kind,
	                          .ns = w->ns,
	                          .name = put->meta.name,
	                          .uid = put->meta.uid,
	                          .doc = doc,
	                          .root = ss_doc_root(doc)};
	return doc ? 0 : SS_ERR_NOMEM;
}

/* What an object of a built-in kind is before anything is set: fields that are always there have
 * no owner. */
static struct ss_value zero_value(struct ss_ctx *ctx, const struct ss_kind *kind)
{
	static const char *const zeros[SS_KINDS] = {
	        [SS_KIND_NAMESPACE] = "{\"spec\":{\"finalizers\":[\"kubernetes\"]}}",
	        [SS_KIND_POD] = "{\"spec\":{\"containers\":[]}}",
	        [SS_KIND_EVENT] = "{\"involvedObject\":{},\"source\":{}}",
	        [SS_KIND_RESOURCE_QUOTA] = "{\"spec\":{}}",
	        [SS_KIND_LIMIT_RANGE] = "{\"spec\":{}}",
	        [SS_KIND_NETWORK_POLICY] = "{\"spec\":{\"podSelector\":{}}}",
	        [SS_KIND_JOB] = "{\"spec\":{\"template\":{\"spec\":{\"containers\":[]}}}}",
	};
	struct ss_doc *doc = NULL;

	if (zeros[kind->id])
		ss_json_parse(zeros[kind->id], strlen(zeros[kind->id]), &doc, &ctx->err);
	if (!doc || !ss_ctx_keep(ctx, doc))
		return (struct ss_value){NULL, SS_NO_NODE};
	return (struct ss_value){doc, ss_doc_root(doc)};
}

int ss_create(struct ss_ctx *ctx, const struct ss_write *w, struct ss_value in,
              struct ss_manager *managers, struct ss_object *ret)
{
	struct ss_put put = {.kind = w->kind, .create = true};
	struct ss_actor actor = {w->manager, ss_kind_api_version(w->kind), "", ctx->now};
	struct ss_meta meta;
	bool is;
	int rc;

	ss_meta_read(ctx, in, false, &meta);
	rc = check_identity(ctx, w, &meta);
	if (rc == 0)
		rc = ss_require_namespace(ctx, w->kind, w->ns, meta.name ? meta.name : "");
	if (rc == 0)
		rc = choose_name(ctx, w, &meta);
	if (rc == 0)
		rc = ss_prepare(ctx, w->kind, in, NULL, &in);
	if (rc < 0)
		return rc;
	put.meta = meta;
	ss_meta_read(ctx, in, false, &meta); /* defaults may have added labels */
	put.meta.labels = meta.labels;
	ss_validate_meta(ctx, w->kind, &put.meta);
	ss_validate_object(ctx, w->kind, in, NULL);
	rc = ss_fail_invalid(ctx, w->kind, put.meta.name ? put.meta.name : "");
	if (rc == 0)
		rc = is_free(ctx, w, put.meta.name, &is);
	if (rc == 0 && !is)
		rc = fail_exists(ctx, w, put.meta.name);
	if (rc < 0)
		return rc;
	put.meta.managers = managers ? managers
	                             : ss_managed_update(&ctx->pool, w->kind->schema, NULL,
	                                                 zero_value(ctx, w->kind), in, &actor);
	put.content = in;
	if (w->kind->id == SS_KIND_POD)
		rc = ss_admit_pod(ctx, w->ns, put.meta.name, in, &put.content);
	if (rc < 0)
		return rc;
	put.status = first_status(ctx, w->kind, put.content);
	put.meta.ns = w->ns;
	put.meta.uid = new_uid(ctx);
	put.meta.created = ctx->now;
	put.meta.generation = w->kind->generation ? 1 : 0;
	put.meta.deleted = NULL;
	if (!put.meta.uid)
		return ss_err_set(&ctx->err, SS_ERR_INTERNAL, "no random numbers");
	return finish(ctx, w, &put, ret);
}
