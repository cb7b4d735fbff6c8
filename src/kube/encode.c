#include "kube/encode.h"

#include <string.h>

#include "base/json.h"

static void begin_member(struct ss_buf *out, size_t *n, const char *key, size_t len)
{
	if ((*n)++)
		ss_buf_putc(out, ',');
	ss_json_quote(out, key, len);
	ss_buf_putc(out, ':');
}

static void put_string(struct ss_buf *out, size_t *n, const char *key, const char *value)
{
	if (!value)
		return;
	begin_member(out, n, key, strlen(key));
	ss_json_quote(out, value, strlen(value));
}

static bool absent(const struct ss_doc *doc, ss_node object, const char *key)
{
	ss_node node = ss_doc_get(doc, object, key);

	return node == SS_NO_NODE || ss_doc_type(doc, node) == SS_NULL;
}

static bool is_key(const struct ss_iter *it, const char *key)
{
	return !strcmp(it->key, key);
}

static void encode_metadata(const struct ss_doc *doc, ss_node metadata, const struct ss_edits *e,
                            struct ss_buf *out)
{
	bool add_name = e->name && absent(doc, metadata, "name");
	bool add_namespace = e->namespace_ && absent(doc, metadata, "namespace");
	size_t n = 0;

	ss_buf_putc(out, '{');
	if (add_name)
		put_string(out, &n, "name", e->name);
	if (add_namespace)
		put_string(out, &n, "namespace", e->namespace_);
	put_string(out, &n, "uid", e->uid);
	put_string(out, &n, "resourceVersion", e->resource_version);
	for (struct ss_iter it = ss_iter(doc, metadata); ss_iter_next(&it);) {
		if (!it.key || (e->uid && is_key(&it, "uid")) ||
		    (e->resource_version && is_key(&it, "resourceVersion")) ||
		    (e->strip_managed_fields && is_key(&it, "managedFields")) ||
		    (e->strip_namespace && is_key(&it, "namespace")) ||
		    (add_name && is_key(&it, "name")) ||
		    (add_namespace && is_key(&it, "namespace")))
			continue;
		begin_member(out, &n, it.key, it.key_len);
		ss_json_encode(doc, it.value, out);
	}
	ss_buf_putc(out, '}');
}

static bool adds_metadata(const struct ss_edits *e)
{
	return e->name || e->namespace_ || e->uid || e->resource_version;
}

void ss_encode_object(const struct ss_doc *doc, ss_node object, const struct ss_edits *e,
                      struct ss_buf *out)
{
	bool add_metadata = adds_metadata(e) && absent(doc, object, "metadata");
	size_t n = 0;

	ss_buf_putc(out, '{');
	put_string(out, &n, "apiVersion", e->api_version);
	if (e->kind_name && absent(doc, object, "kind"))
		put_string(out, &n, "kind", e->kind_name);
	if (add_metadata) {
		begin_member(out, &n, "metadata", strlen("metadata"));
		encode_metadata(doc, SS_NO_NODE, e, out);
	}
	for (struct ss_iter it = ss_iter(doc, object); ss_iter_next(&it);) {
		if ((e->api_version && is_key(&it, "apiVersion")) ||
		    (add_metadata && is_key(&it, "metadata")) ||
		    (e->kind_name && is_key(&it, "kind") && absent(doc, object, "kind")))
			continue;
		begin_member(out, &n, it.key, it.key_len);
		if (is_key(&it, "metadata") && ss_doc_type(doc, it.value) == SS_OBJECT)
			encode_metadata(doc, it.value, e, out);
		else if (is_key(&it, "spec"))
			ss_mapping_encode(e->mapping, e->kind, doc, it.value, out);
		else
			ss_json_encode(doc, it.value, out);
	}
	ss_buf_putc(out, '}');
}
