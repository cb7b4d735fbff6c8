#include "base/edit.h"

#include "base/err.h"

struct ss_doc *ss_doc_dup(const struct ss_doc *src, ss_node node)
{
	struct ss_doc *doc = ss_doc_new();

	if (!doc)
		return NULL;
	ss_doc_copy(doc, src, node);
	if (ss_doc_finish(doc, NULL)) {
		ss_doc_free(doc);
		return NULL;
	}
	return doc;
}
