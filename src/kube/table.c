#include "kube/table.h"

#include <string.h>

#include "base/attr.h"
#include "base/doc.h"
#include "base/err.h"
#include "kube/discovery.h"

static void copy_member(struct ss_doc *out, const struct ss_doc *doc, ss_node object,
                        const char *key)
{
	ss_node value = ss_doc_get(doc, object, key);

	if (value == SS_NO_NODE)
		return;
	ss_doc_key(out, key, strlen(key));
	ss_doc_copy(out, doc, value);
}

/* Rows come with their object's metadata, which nobody but the sender can vouch for. */
static void put_row(struct ss_doc *out, const struct ss_doc *doc, ss_node row)
{
	copy_member(out, doc, ss_doc_get(doc, row, "object"), "metadata");
	copy_member(out, doc, row, "cells");
}

static void put_object(struct ss_doc *out, const struct ss_doc *doc, const struct ss_kind *kind)
{
	ss_node root = ss_doc_root(doc), row = ss_doc_at(doc, ss_doc_get(doc, root, "rows"), 0);

	ss_doc_begin_object(out);
	if (kind) {
		ss_doc_put_string(out, "apiVersion", kind->api_version);
		ss_doc_put_string(out, "kind", kind->kind);
	}
	/* Of a get that is no answer, and found to be none. */
	if (row == SS_NO_NODE && !kind)
		copy_member(out, doc, root, "metadata");
	put_row(out, doc, row);
	copy_member(out, doc, root, "columnDefinitions");
	ss_doc_end(out);
}

static void put_list(struct ss_doc *out, const struct ss_doc *doc)
{
	ss_node root = ss_doc_root(doc);

	ss_doc_begin_object(out);
	ss_doc_key_lit(out, "metadata");
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(doc, ss_doc_get(doc, root, "metadata"));
	     ss_iter_next(&it);) {
		if (it.key && strcmp(it.key, "columnDefinitions")) {
			ss_doc_key(out, it.key, it.key_len);
			ss_doc_copy(out, doc, it.value);
		}
	}
	copy_member(out, doc, root, "columnDefinitions");
	ss_doc_end(out);
	ss_doc_key_lit(out, "items");
	ss_doc_begin_array(out);
	for (struct ss_iter it = ss_iter(doc, ss_doc_get(doc, root, "rows")); ss_iter_next(&it);) {
		ss_doc_begin_object(out);
		put_row(out, doc, it.value);
		ss_doc_end(out);
	}
	ss_doc_end(out);
	ss_doc_end(out);
}

int ss_table_unfold(struct ss_doc **doc, const struct ss_kind *kind_of, bool one,
                    struct ss_err *err)
{
	ss_node root = ss_doc_root(*doc);
	const char *kind = ss_doc_find_string(*doc, root, "kind", NULL);
	struct ss_doc *out;
	int code;

	if (!kind || strcmp(kind, "Table"))
		return 0;
	out = ss_doc_new();
	if (!out)
		return ss_err_nomem(err);
	if (one)
		put_object(out, *doc, kind_of);
	else
		put_list(out, *doc);
	code = ss_doc_finish(out, err);
	if (code) {
		ss_doc_free(out);
		return code;
	}
	ss_doc_free(*doc);
	*doc = out;
	return 0;
}
