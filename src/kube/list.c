#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/table.h"
#include "kube/verbs.h"

enum {
	PAGE_SIZE = 500, /* client-go's (K31) */
	/* A page that is larger is asked for again with fewer objects: what is in memory is a page,
	 * as text, document and Lua. One object, and a list without a limit, may be as large as it is. */
	PAGE_BYTES = 4 << 20,
	PAGE_SMALL_BYTES = 1 << 20, /* the next may hold more again */
	PAGE_MAX_BYTES = 32 << 20,
	SHRINK = 8,
	MAX_PAGES = 100000,
};

struct list_op {
	struct ss_op op;
	char *label_selector, *field_selector;
	bool metadata_only, one_page, consistent;
	bool whole; /* a continue token expired: everything at once, without a limit (K32) */
	int64_t limit, asked;
	size_t n_items, max_items;
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

/* --- items ------------------------------------------------------------------------ */

/* Whoever may store one odd object must not hide the others, nor be hidden by them. */
static void leave_out(const struct list_op *l, size_t index, const char *name, const char *why)
{
	ss_log(SS_LOG_WARN, "list %s: items[%zu]%s%s%s of what %s answered is left out: %s",
	       l->op.kind->plural, index, name ? " (" : "", name ? name : "", name ? ")" : "",
	       ss_client_server(l->op.client), why);
}

static void sifted(void *ud, size_t index, const struct ss_doc *metadata, const struct ss_err *why)
{
	const char *name =
	        metadata ? ss_doc_find_string(metadata, ss_doc_root(metadata), "name", NULL) : NULL;

	leave_out(ud, index, name, why->message);
}

/* The page, without what cannot be read of it. */
static int read_page(struct list_op *l, struct ss_doc **ret, struct ss_err *err)
{
	struct ss_buf *body = &l->op.reply.body;
	struct ss_buf rest SS_AUTO_BUF = {.max = body->len + 1};
	const char *text = body->data ? body->data : "";
	int code = ss_op_document(&l->op, ret, err), some;

	if (!code || l->op.reply.status / 100 != 2)
		return code;
	some = ss_json_sift(text, body->len, "items", sifted, l, &rest, err);
	/* Of a Table. */
	if (!some) {
		ss_buf_reset(&rest);
		some = ss_json_sift(text, body->len, "rows", sifted, l, &rest, err);
	}
	if (some <= 0)
		return some ? some : code;
	ss_err_done(err);
	ss_buf_done(body);
	*body = rest;
	rest = SS_BUF_INIT;
	return ss_op_document(&l->op, ret, err);
}

static bool is_item(const struct ss_doc *page, ss_node item)
{
	return ss_doc_type(page, ss_doc_get(page, item, "metadata")) == SS_OBJECT;
}

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
			if (!l->one_page &&
			    (!strcmp(m.key, "continue") || !strcmp(m.key, "remainingItemCount")))
				continue;
			ss_doc_key(l->all, m.key, m.key_len);
			ss_doc_copy(l->all, page, m.value);
		}
		ss_doc_end(l->all);
	}
	ss_doc_key_lit(l->all, "items");
	ss_doc_begin_array(l->all);
}

static int close_all(struct list_op *l, struct ss_err *err)
{
	int code;

	ss_doc_end(l->all);
	ss_doc_end(l->all);
	code = ss_doc_finish(l->all, err);
	return code == SS_ERR_LIMIT
	               ? ss_err_wrap(err, code,
	                             "the list is too large: narrow it by namespace or selector")
	               : code;
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
	for (struct ss_iter it = ss_iter(page, items); ss_iter_next(&it);) {
		if (!is_item(page, it.value)) {
			leave_out(l, it.index, NULL, "it is no object with metadata");
			continue;
		}
		copy_item(l->all, page, it.value, l->op.kind);
		l->n_items++;
	}
	/* What follows would be read for nothing. */
	return ss_doc_failed(l->all) ? close_all(l, err) : 0;
}

/* Can the page be passed on as it is? */
static bool items_are_whole(const struct ss_doc *page)
{
	ss_node items = ss_doc_get(page, ss_doc_root(page), "items");

	if (ss_doc_type(page, items) != SS_ARRAY)
		return false;
	for (struct ss_iter it = ss_iter(page, items); ss_iter_next(&it);) {
		if (!is_item(page, it.value) ||
		    (!it.index && ss_doc_get(page, it.value, "kind") == SS_NO_NODE))
			return false;
	}
	return true;
}

static int finish(struct list_op *l, struct ss_err *err)
{
	struct ss_doc *all = l->all;
	int code = close_all(l, err);

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
	l->n_items = l->op.text_len = 0;
}

/* --- pages ------------------------------------------------------------------------ */

static int set_token(struct list_op *l, const char *token, struct ss_err *err)
{
	char *copy = strdup(token);

	free(l->token);
	l->token = copy;
	return copy ? 0 : ss_err_nomem(err);
}

/* The token of a remainder that the server has kept nothing older of, in the answer to an old one. */
static int take_remainder(struct list_op *l, struct ss_err *err)
{
	const struct ss_buf *body = &l->op.reply.body;
	struct ss_doc *status SS_AUTO_DOC = NULL;
	const char *token;

	if (l->consistent || ss_json_parse(body->data ? body->data : "", body->len, &status, NULL))
		return ss_op_check(&l->op, err);
	token = ss_doc_find_string(status, ss_doc_root(status), "metadata", "continue", NULL);
	if (!token || !*token || !strcmp(token, l->token))
		return ss_op_check(&l->op, err);
	return set_token(l, token, err);
}

/* K32: the token is of a state that the server has forgotten. */
static int expired(struct list_op *l, struct ss_err *err)
{
	int code = 0;

	if (l->one_page) {
		code = take_remainder(l, err);
	} else {
		l->whole = true;
		start_over(l);
	}
	return code ? code : request_page(l, err);
}

static void learn(struct list_op *l)
{
	struct ss_client *client = l->op.client;

	if (!client->page_objects || l->op.reply.body.len > PAGE_SMALL_BYTES)
		return;
	client->page_objects *= 2;
	if (client->page_objects >= PAGE_SIZE)
		client->page_objects = 0;
}

static int too_large(struct ss_op *op, struct ss_err *err)
{
	struct list_op *l = (struct list_op *)op;

	if (l->whole || l->asked <= 1)
		return ss_buf_check(&op->reply.body, "a page of the list", err);
	op->client->page_objects = l->asked / SHRINK ? l->asked / SHRINK : 1;
	return request_page(l, err);
}

static int next_page(struct list_op *l, const struct ss_doc *page, struct ss_err *err)
{
	const char *token =
	        ss_doc_find_string(page, ss_doc_root(page), "metadata", "continue", NULL);
	int code;

	if (!token || !*token || l->one_page || (l->max_items && l->n_items >= l->max_items))
		return finish(l, err);
	if (++l->pages == MAX_PAGES)
		return ss_err_set(err, SS_ERR_LIMIT, "the list has more than %d pages", MAX_PAGES);
	code = set_token(l, token, err);
	return code ? code : request_page(l, err);
}

static int got_page(struct ss_op *op, struct ss_err *err)
{
	struct list_op *l = (struct list_op *)op;
	struct ss_doc *page SS_AUTO_DOC = NULL;
	bool first = !l->all;
	const char *token;
	int code;

	if (l->token && op->reply.status == 410)
		return expired(l, err);
	code = read_page(l, &page, err);
	if (code)
		return code;
	learn(l);
	op->text_len += op->reply.body.len;
	/* As large as the document; a page is not worth to be kept for the next. */
	ss_buf_done(&op->reply.body);
	token = ss_doc_find_string(page, ss_doc_root(page), "metadata", "continue", NULL);
	/* Followed, it would be followed for ever. */
	if (token && l->token && *token && !strcmp(token, l->token))
		return ss_err_set(err, SS_ERR_UNAVAILABLE,
		                  "%s continues the list with the page that it just gave",
		                  ss_client_server(op->client));
	if ((!token || !*token || l->one_page) && first && items_are_whole(page)) {
		struct ss_doc *only = page;

		page = NULL;
		ss_op_finish(op, only, SS_UNCHANGED);
		return 0;
	}
	code = add_page(l, page, err);
	return code ? code : next_page(l, page, err);
}

static int request_page(struct list_op *l, struct ss_err *err)
{
	static const char metadata_only[] =
	        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {
	        .method = "GET",
	        .path = &path,
	        .accept = l->metadata_only       ? metadata_only
	                  : l->op.client->tables ? SS_TABLE_ACCEPT
	                                         : NULL,
	        .too_large = too_large,
	};
	int64_t fits = l->op.client->page_objects;

	l->asked = fits && fits < l->limit ? fits : l->limit;
	send.max_body_bytes = l->whole || l->asked <= 1 ? PAGE_MAX_BYTES : PAGE_BYTES;
	ss_path_collection(&path, l->op.kind, l->op.everywhere ? NULL : ss_op_namespace(&l->op));
	if (!l->whole)
		ss_path_query_int(&path, "limit", l->asked);
	ss_path_query(&path, "labelSelector", l->label_selector);
	ss_path_query(&path, "fieldSelector", l->field_selector);
	ss_path_query(&path, "continue", l->token);
	return ss_op_send(&l->op, &send, got_page, err);
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct list_op *l = (struct list_op *)op;

	if (!l->one_page)
		start_over(l);
	return request_page(l, err);
}

static int copy_string(char **to, const char *from, struct ss_err *err)
{
	if (!from || !*from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : ss_err_nomem(err);
}

int ss_kube_list(struct ss_client *client, const struct ss_ref *ref,
                 const struct ss_list_spec *spec, const struct ss_call *call, ss_op_fn done,
                 void *ud, struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_list_spec plain = {0};
	static const struct ss_op_class class = {
	        .name = "list", .run = run, .destroy = destroy, .reruns = true};
	struct list_op *l = ss_op_new(client, &class, sizeof(*l), call, done, ud, err);
	int code;

	if (!l)
		return err ? err->code : SS_ERR_NOMEM;
	if (!spec)
		spec = &plain;
	l->limit = spec->limit > 0 ? spec->limit : PAGE_SIZE;
	l->op.everywhere = spec->all_namespaces;
	l->metadata_only = spec->metadata_only;
	l->one_page = spec->one_page;
	l->consistent = spec->consistent;
	l->whole = spec->whole;
	l->max_items = spec->max_items;
	code = ss_op_target(&l->op, ref->kind, ref->namespace_, NULL, err);
	if (!code)
		code = copy_string(&l->label_selector, spec->label_selector, err);
	if (!code)
		code = copy_string(&l->field_selector, spec->field_selector, err);
	if (!code)
		code = copy_string(&l->token, spec->token, err);
	if (code)
		return ss_op_refuse(&l->op, code, err);
	return ss_op_start(&l->op, ref->api_version, ret, err);
}
