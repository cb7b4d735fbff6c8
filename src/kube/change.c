#include "kube/change.h"

#include <string.h>

#include "base/attr.h"

/* Where an object came from (bind/origin.h). */
static const char *const origins[] = {"sandscript.dev/policy", "sandscript.dev/request"};

static bool is_one_of(const char *key, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(key, words[i]))
			return true;
	return false;
}

static void strip_annotations(struct ss_doc *out, const struct ss_doc *doc, ss_node annotations)
{
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(doc, annotations); ss_iter_next(&it);) {
		if (is_one_of(it.key, origins, SS_ARRAY_LEN(origins)))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, doc, it.value);
	}
	ss_doc_end(out);
}

static bool only_origins(const struct ss_doc *doc, ss_node annotations)
{
	size_t n = ss_doc_count(doc, annotations);

	for (struct ss_iter it = ss_iter(doc, annotations); ss_iter_next(&it);)
		if (!is_one_of(it.key, origins, SS_ARRAY_LEN(origins)))
			return false;
	return n > 0;
}

static void strip_metadata(struct ss_doc *out, const struct ss_doc *doc, ss_node metadata)
{
	static const char *const kept_by_server[] = {
	        "managedFields", "resourceVersion",   "generation",
	        "uid",           "creationTimestamp", "selfLink",
	};

	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(doc, metadata); ss_iter_next(&it);) {
		bool annotations = !strcmp(it.key, "annotations");

		if (is_one_of(it.key, kept_by_server, SS_ARRAY_LEN(kept_by_server)) ||
		    (annotations && only_origins(doc, it.value)))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		if (annotations)
			strip_annotations(out, doc, it.value);
		else
			ss_doc_copy(out, doc, it.value);
	}
	ss_doc_end(out);
}

void ss_change_strip(struct ss_doc *out, const struct ss_doc *doc, ss_node object)
{
	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(doc, object); ss_iter_next(&it);) {
		if (!strcmp(it.key, "status"))
			continue;
		ss_doc_key(out, it.key, it.key_len);
		if (!strcmp(it.key, "metadata"))
			strip_metadata(out, doc, it.value);
		else
			ss_doc_copy(out, doc, it.value);
	}
	ss_doc_end(out);
}

bool ss_change_same(const struct ss_doc *a, ss_node na, const struct ss_doc *b, ss_node nb)
{
	struct ss_doc *sa SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *sb SS_AUTO_DOC = ss_doc_new();

	if (!sa || !sb)
		return false;
	ss_change_strip(sa, a, na);
	ss_change_strip(sb, b, nb);
	return !ss_doc_finish(sa, NULL) && !ss_doc_finish(sb, NULL) &&
	       ss_doc_equal(sa, ss_doc_root(sa), sb, ss_doc_root(sb));
}
