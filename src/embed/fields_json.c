/* Sets as FieldsV1 JSON and as the paths that people read. */
#include "base/buf.h"
#include "base/json.h"
#include "embed/fields.h"
#include "embed/pool.h"

const struct ss_fields *ss_fields_parse(struct ss_pool *pool, const struct ss_doc *doc,
                                        ss_node node)
{
	struct ss_fields *head = NULL, *at;

	for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) {
		if (strcmp(it.key, ".") == 0)
			continue;
		at = ss_fields_insert(pool, &head, ss_pool_strndup(pool, it.key, it.key_len));
		if (!at)
			return NULL;
		/* An empty object is a path; "." says that of one with paths below it. */
		at->member = ss_doc_count(doc, it.value) == 0 ||
		             ss_doc_get(doc, it.value, ".") != SS_NO_NODE;
		at->child = ss_fields_parse(pool, doc, it.value);
	}
	return head;
}

/* self: the path of this object is in the set as well. */
static void encode(const struct ss_fields *set, bool self, struct ss_doc *out)
{
	ss_doc_begin_object(out);
	if (self && set) {
		ss_doc_key_lit(out, ".");
		ss_doc_begin_object(out);
		ss_doc_end(out);
	}
	for (; set; set = set->next) {
		ss_doc_key(out, set->key, strlen(set->key));
		encode(set->child, set->member, out);
	}
	ss_doc_end(out);
}

void ss_fields_encode(const struct ss_fields *set, struct ss_doc *out)
{
	encode(set, false, out);
}

/* k:{"containerPort":80,"protocol":"TCP"} reads [containerPort=80,protocol="TCP"]. */
static void add_keys(struct ss_buf *path, const char *json)
{
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	bool first = true;

	if (ss_json_parse(json, strlen(json), &doc, NULL) < 0) {
		ss_buf_printf(path, "[%s]", json);
		return;
	}
	for (struct ss_iter it = ss_iter(doc, ss_doc_root(doc)); ss_iter_next(&it); first = false) {
		ss_buf_printf(path, "%s%s=", first ? "[" : ",", it.key);
		ss_json_encode(doc, it.value, path);
	}
	ss_buf_putc(path, ']');
}

void ss_fields_element(const struct ss_fields *at, struct ss_buf *path)
{
	const char *key = at->key;

	if (strncmp(key, "f:", 2) == 0)
		ss_buf_printf(path, ".%s", key + 2);
	else if (strncmp(key, "k:", 2) == 0)
		add_keys(path, key + 2);
	else if (strncmp(key, "v:", 2) == 0)
		ss_buf_printf(path, "[=%s]", key + 2);
	else
		ss_buf_printf(path, "[%s]", key + 2);
}

static void cut(struct ss_buf *path, size_t len)
{
	path->len = len;
	if (path->data)
		path->data[len] = 0;
}

void ss_fields_paths(const struct ss_fields *set, struct ss_buf *path,
                     void (*fn)(void *ud, const char *path), void *ud)
{
	size_t len = path->len;

	for (; set; set = set->next) {
		ss_fields_element(set, path);
		if (set->member)
			fn(ud, path->data ? path->data : "");
		ss_fields_paths(set->child, path, fn, ud);
		cut(path, len);
	}
}
