#include <stdlib.h>
#include <string.h>

#include "kube/list_priv.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/verbs.h"

enum {
	PAGE_SIZE = 500, /* client-go's (K31) */
	PAGE_MAX_BYTES = 32 << 20,
	MAX_PAGES = 100000,
};

struct list_op {
	struct ss_op op;
	char *label_selector, *field_selector;
	bool metadata_only;
	bool whole; /* a continue token expired: everything at once, without a limit (K32) */
	int64_t limit;
	char *token; /* of the next page */
	size_t pages;
	struct ss_doc
	        *all; /* the object so far, its items still open; NULL before the first page */
};

static void destroy(struct ss_op *op)
{
	struct list_op *l = (struct list_op *)op;

	free(l->label_selector);
	free(l->field_selector);
	free(l->token);
	ss_doc_free(l->all);
}

static int request_page(struct list_op *l, struct ss_err *err);

/* Items of built-in kinds come without apiVersion and kind; with them an item is an
 * object that can be passed on to any call. */
static void copy_item(struct ss_doc *out, const struct ss_doc *doc, ss_node item,
                      const struct ss_kind *kind)
{
	if (ss_doc_type(doc, item) != SS_OBJECT || ss_doc_get(doc, item, "kind") != SS_NO_NODE) {
		ss_doc_copy(out, doc, item);
		return;
	}
	ss_doc_begin_object(out);
	ss_doc_put_string(out, "apiVersion", kind->api_version);
	ss_doc_put_string(out, "kind", kind->kind);
	for (struct ss_iter it = ss_iter(doc, item); ss_iter_next(&it);) {
		if (!strcmp(it.key, "apiVersion"))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, doc, it.value);
	}
	ss_doc_end(out);
}

/* Everything but the items, then the items: left open for those of further pages. */
static void begin_all(struct list_op *l, const struct ss_doc *page)
{
	ss_node root = ss_doc_root(page);

	ss_doc_begin_object(l->all);
	for (struct ss_iter it = ss_iter(page, root); ss_iter_next(&it);) {
		if (!strcmp(it.key, "items"))
			continue;
		ss_doc_key(l->all, it.key, it.key_len);
		if (strcmp(it.key, "metadata")) {
			ss_doc_copy(l->all, page, it.value);
			continue;
		}
		/* What the joined list is: complete. */
		ss_doc_begin_object(l->all);
		for (struct ss_iter m = ss_iter(page, it.value); ss_iter_next(&m);) {
			if (!strcmp(m.key, "continue") || !strcmp(m.key, "remainingItemCount"))
				continue;
			ss_doc_key(l->all, m.key, m.key_len);
			ss_doc_copy(l->all, page, m.value);
		}
		ss_doc_end(l->all);
	}
	ss_doc_key_lit(l->all, "items");
	ss_doc_begin_array(l->all);
}

static int add_page(struct list_op *l, const struct ss_doc *page, struct ss_err *err)
{
	ss_node items = ss_doc_get(page, ss_doc_root(page), "items");

	if (!l->all) {
		l->all = ss_doc_new();
		if (!l->all)
			return ss_err_nomem(err);
		begin_all(l, page);
	}
	for (struct ss_iter it = ss_iter(page, items); ss_iter_next(&it);)
		copy_item(l->all, page, it.value, l->op.kind);
	return 0;
}

static bool items_are_whole(const struct ss_doc *page)
{
	ss_node items = ss_doc_get(page, ss_doc_root(page), "items");

	return ss_doc_type(page, items) == SS_ARRAY &&
	       (!ss_doc_count(page, items) ||
	        ss_doc_get(page, ss_doc_at(page, items, 0), "kind") != SS_NO_NODE);
}

static int finish(struct list_op *l, struct ss_err *err)
{
	struct ss_doc *all = l->all;
	int code;

	ss_doc_end(all);
	ss_doc_end(all);
	code = ss_doc_finish(all, err);
	if (code == SS_ERR_LIMIT)
		return ss_err_wrap(err, code,
		                   "the list is too large: narrow it by namespace or selector");
	if (code)
		return code;
	l->all = NULL;
	ss_op_finish(&l->op, all, SS_UNCHANGED);
	return 0;
}

static void start_over(struct list_op *l)
{
	free(l->token);
	l->token = NULL;
	ss_doc_free(l->all);
	l->all = NULL;
}

static bool token_expired(const struct list_op *l)
{
	return l->token && l->op.reply.status == 410;
}

static int got_page(struct ss_op *op, struct ss_err *err)
{
	struct list_op *l = (struct list_op *)op;
	struct ss_doc *page SS_AUTO_DOC = NULL;
	const char *token;
	int code;

	if (token_expired(l)) {
		l->whole = true;
		start_over(l);
		return request_page(l, err);
	}
	code = ss_op_document(op, &page, err);
	if (code)
		return code;
	token = ss_doc_find_string(page, ss_doc_root(page), "metadata", "continue", NULL);
	if ((!token || !*token) && !l->all && items_are_whole(page)) {
		struct ss_doc *only = page;

		page = NULL;
		ss_op_finish(op, only, SS_UNCHANGED);
		return 0;
	}
	code = add_page(l, page, err);
	if (code)
		return code;
	if (!token || !*token)
		return finish(l, err);
	if (++l->pages == MAX_PAGES)
		return ss_err_set(err, SS_ERR_LIMIT, "the list has more than %d pages", MAX_PAGES);
	free(l->token);
	l->token = strdup(token);
	return l->token ? request_page(l, err) : ss_err_nomem(err);
}

static int request_page(struct list_op *l, struct ss_err *err)
{
	static const char metadata_only[] =
	        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {
	        .method = "GET",
	        .path = &path,
	        .accept = l->metadata_only ? metadata_only : NULL,
	        .max_body_bytes = PAGE_MAX_BYTES,
	};

	ss_path_collection(&path, l->op.kind, l->op.everywhere ? NULL : ss_op_namespace(&l->op));
	if (!l->whole)
		ss_path_query_int(&path, "limit", l->limit);
	ss_path_query(&path, "labelSelector", l->label_selector);
	ss_path_query(&path, "fieldSelector", l->field_selector);
	ss_path_query(&path, "continue", l->token);
	return ss_op_send(&l->op, &send, got_page, err);
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct list_op *l = (struct list_op *)op;

	start_over(l);
	return request_page(l, err);
}

static int copy_selector(char **to, const char *from, struct ss_err *err)
{
	if (!from || !*from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : ss_err_nomem(err);
}

int ss_list_start(struct ss_client *client, const struct ss_ref *ref,
                  const struct ss_list_spec *spec, bool metadata_only, const struct ss_call *call,
                  ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {
	        .name = "list", .run = run, .destroy = destroy, .reruns = true};
	struct list_op *l = ss_op_new(client, &class, sizeof(*l), call, done, ud, err);
	int code;

	if (!l)
		return err ? err->code : SS_ERR_NOMEM;
	l->limit = spec && spec->limit > 0 ? spec->limit : PAGE_SIZE;
	l->op.everywhere = spec && spec->all_namespaces;
	l->metadata_only = metadata_only;
	code = ss_op_target(&l->op, ref->kind, ref->namespace_, NULL, err);
	if (!code && spec)
		code = copy_selector(&l->label_selector, spec->label_selector, err);
	if (!code && spec)
		code = copy_selector(&l->field_selector, spec->field_selector, err);
	if (code)
		return ss_op_refuse(&l->op, code, err);
	return ss_op_start(&l->op, ref->api_version, ret, err);
}

int ss_kube_list(struct ss_client *client, const struct ss_ref *ref,
                 const struct ss_list_spec *spec, const struct ss_call *call, ss_op_fn done,
                 void *ud, struct ss_op **ret, struct ss_err *err)
{
	return ss_list_start(client, ref, spec, spec && spec->metadata_only, call, done, ud, ret,
	                     err);
}
