/* Does a patch reach what the guard looks at? In doubt it does: then the result
 * of the patch is checked as a whole. */
#include <stdlib.h>

#include "sandbox/guard_priv.h"

/* A change of these decides about rules: reserved prefixes (P19, and AppArmor's
 * annotations) and the label that makes a pod an agent. */
static bool key_matters(const char *key)
{
	return guard_key_is_reserved(key) || strcmp(key, "paperclip.io/role") == 0 || key[0] == '$';
}

static bool map_matters(const struct ss_doc *patch, ss_node map)
{
	enum ss_type type = ss_doc_type(patch, map);

	if (type == SS_NONE)
		return false;
	if (type != SS_OBJECT)
		return true;
	for (struct ss_iter it = ss_iter(patch, map); ss_iter_next(&it);) {
		if (key_matters(it.key))
			return true;
	}
	return false;
}

static bool has_directive(const struct ss_doc *patch, ss_node object)
{
	for (struct ss_iter it = ss_iter(patch, object); ss_iter_next(&it);) {
		if (it.key[0] == '$')
			return true;
	}
	return false;
}

static bool metadata_matters(const struct ss_doc *patch, ss_node root)
{
	ss_node meta = ss_doc_get(patch, root, "metadata");
	enum ss_type type = ss_doc_type(patch, meta);

	if (type == SS_NONE)
		return false;
	return type != SS_OBJECT || has_directive(patch, meta) ||
	       map_matters(patch, ss_doc_get(patch, meta, "labels")) ||
	       map_matters(patch, ss_doc_get(patch, meta, "annotations"));
}

/* Merge, strategic merge and apply patches. */
static bool merge_touches(const struct guard_kind *kind, const struct ss_doc *patch, ss_node node)
{
	static const char *const pod[] = {"spec", NULL};
	const char *const *path = kind->path[0] ? kind->path : pod;
	bool own_metadata = kind->agent || !kind->path[0];

	if (own_metadata && metadata_matters(patch, node))
		return true;
	for (; *path; path++) {
		if (ss_doc_type(patch, node) != SS_OBJECT || has_directive(patch, node))
			return true;
		node = ss_doc_get(patch, node, *path);
		if (node == SS_NO_NODE)
			return false;
	}
	return true;
}

/* Of a custom resource nobody knows where its PodSpecs lie. */
static bool merge_touches_unknown(const struct ss_doc *patch, ss_node node)
{
	static const char *const harmless[] = {"apiVersion", "kind", "metadata", "status"};

	if (ss_doc_type(patch, node) != SS_OBJECT || metadata_matters(patch, node))
		return true;
	for (struct ss_iter it = ss_iter(patch, node); ss_iter_next(&it);) {
		size_t i = 0;

		while (i < SS_ARRAY_LEN(harmless) && strcmp(it.key, harmless[i]) != 0)
			i++;
		if (i == SS_ARRAY_LEN(harmless))
			return true;
	}
	return false;
}

/* --- JSON patch ---------------------------------------------------------- */

/* Does the JSON pointer's next token equal key? Then steps over it. No key of a
 * path holds what a pointer must escape. */
static bool token_is(const char **pointer, const char *key)
{
	size_t len = strcspn(*pointer + 1, "/");

	if (strlen(key) != len || memcmp(*pointer + 1, key, len) != 0)
		return false;
	*pointer += 1 + len;
	return true;
}

/* One of them leads to the other. The pointer starts with '/' or is empty. */
static bool meets(const char *pointer, const char *const *path)
{
	for (; *path && *pointer; path++) {
		if (!token_is(&pointer, *path))
			return false;
	}
	return true;
}

/* A key of labels or annotations: ~1 is '/', and no key holds the '~' of ~0. */
static char *decode_token(const char *token)
{
	size_t len = strcspn(token, "/"), n = 0;
	char *out = malloc(len + 1);

	for (size_t i = 0; out && i < len; i++) {
		bool slash = token[i] == '~' && token[i + 1] == '1';

		out[n++] = slash ? '/' : token[i];
		i += slash;
	}
	if (out)
		out[n] = 0;
	return out;
}

/* /metadata, /metadata/labels or one of its members that matters. */
static bool pointer_in_metadata(const char *pointer)
{
	static const char *const labels[] = {"metadata", "labels", NULL};
	static const char *const annotations[] = {"metadata", "annotations", NULL};
	char *key;
	bool matters;

	if (!meets(pointer, labels) && !meets(pointer, annotations))
		return false;
	for (int i = 0; i < 2; i++) {
		pointer = strchr(pointer + 1, '/');
		if (!pointer)
			return true;
	}
	key = decode_token(pointer + 1);
	matters = !key || key_matters(key);
	free(key);
	return matters;
}

/* kind NULL: a custom resource. */
static bool pointer_touches(const struct guard_kind *kind, const char *pointer)
{
	static const char *const pod[] = {"spec", NULL};

	if (!pointer[0] || pointer[0] != '/')
		return true;
	if (!kind)
		return pointer_in_metadata(pointer) ||
		       !(token_is(&pointer, "metadata") || token_is(&pointer, "status"));
	if ((kind->agent || !kind->path[0]) && pointer_in_metadata(pointer))
		return true;
	return meets(pointer, kind->path[0] ? kind->path : pod);
}

static bool operation_touches(const struct guard_kind *kind, const struct ss_doc *patch,
                              ss_node operation)
{
	const char *path = ss_doc_find_string(patch, operation, "path", NULL);
	ss_node from = ss_doc_get(patch, operation, "from");
	const char *source = ss_doc_get_string(patch, from, NULL);

	if (ss_doc_is_string(patch, ss_doc_get(patch, operation, "op"), "test"))
		return false;
	if (!path || (from != SS_NO_NODE && !source))
		return true;
	return pointer_touches(kind, path) || (source && pointer_touches(kind, source));
}

bool ss_guard_patch_touches(const char *api_version, const char *kind, const struct ss_doc *patch,
                            ss_node node)
{
	const struct guard_kind *found = kind ? guard_kind_find(api_version, kind) : NULL;

	if (!kind)
		return true;
	if (!found && (!api_version || guard_kind_is_plain(api_version)))
		return guard_kind_is_list(api_version, kind);
	if (ss_doc_type(patch, node) != SS_ARRAY)
		return found ? merge_touches(found, patch, node)
		             : merge_touches_unknown(patch, node);
	for (struct ss_iter it = ss_iter(patch, node); ss_iter_next(&it);) {
		if (operation_touches(found, patch, it.value))
			return true;
	}
	return false;
}
