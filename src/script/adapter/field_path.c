/* Paths of declared fields as text: "resources.limits.cpu", "allow.image[1]",
 * labels["a.b/c"]. */
#include <stdlib.h>
#include <string.h>

#include "script/adapter/adapter_priv.h"
#include "script/adapter/field.h"

static bool is_step(const char *key, size_t len, const struct adapter_step *step)
{
	return step->key && step->len == len && memcmp(key, step->key, len) == 0;
}

/* False when it is too long or odd. */
static bool read_path(const char *path, struct adapter_step *steps, size_t *ret_n)
{
	size_t n = 0;

	while (*path) {
		struct adapter_step *step = &steps[n];
		char *end;

		if (n++ == ADAPTER_MAX_STEPS)
			return false;
		*step = (struct adapter_step){0};
		if (strncmp(path, "[\"", 2) == 0) {
			step->key = path + 2;
			end = strstr(path, "\"]");
			if (!end)
				return false;
			step->len = (size_t)(end - step->key);
			path = end + 2;
		} else if (*path == '[') {
			step->index = strtoul(path + 1, &end, 10) - 1;
			if (*end != ']')
				return false;
			path = end + 1;
		} else {
			path += *path == '.';
			step->key = path;
			step->len = strcspn(path, ".[");
			path += step->len;
		}
	}
	*ret_n = n;
	return true;
}

ss_node adapter_follow(const struct ss_doc *doc, const struct adapter_step *steps, size_t n)
{
	ss_node node = ss_doc_root(doc);

	for (size_t i = 0; i < n; i++) {
		ss_node next = SS_NO_NODE;

		for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) {
			if (it.key ? is_step(it.key, it.key_len, &steps[i])
			           : !steps[i].key && it.index == steps[i].index)
				next = it.value;
		}
		node = next;
	}
	return node;
}

int ss_adapter_field_line(const struct ss_adapter_version *v, const char *path,
                          const char **ret_file)
{
	struct adapter_step steps[ADAPTER_MAX_STEPS];
	struct adapter_place place;
	size_t n = 0;

	*ret_file = v->sources[0].file;
	if (!read_path(path, steps, &n))
		return v->call_line;
	place = adapter_locate(v, steps, n, v->declared, adapter_follow(v->declared, steps, n));
	*ret_file = place.source->file;
	return place.line;
}
