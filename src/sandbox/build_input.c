/* Reading an input: which fields are there, of which type. */
#include <stdio.h>
#include <stdlib.h>

#include "sandbox/build.h"
#include "sandbox/build_priv.h"
#include "sandbox/names.h"

const char *const build_volume_names[BUILD_VOLUMES] = {"workspace", "home", "cache", "tmp"};

/* --- objects with known members ------------------------------------------ */

static size_t index_of(const char *const *words, size_t n, const char *word)
{
	size_t i = 0;

	while (i < n && strcmp(words[i], word) != 0)
		i++;
	return i;
}

bool build_read_members(const struct build_input *in, ss_node node, const char *path,
                        const char *const *names, size_t n, ss_node *ret, struct build_problems *p)
{
	if (ss_doc_type(in->doc, node) != SS_OBJECT) {
		build_problem(p, path, "must be a map, is %s",
		              build_type_name(ss_doc_type(in->doc, node)));
		return false;
	}
	for (struct ss_iter it = ss_iter(in->doc, node); ss_iter_next(&it);) {
		size_t i = index_of(names, n, it.key);

		if (i == n)
			build_unknown(p, path, it.key, names, n);
		else if (ss_doc_type(in->doc, it.value) != SS_NULL)
			ret[i] = it.value;
	}
	return true;
}

static void read_amounts(const struct build_input *in, ss_node node, const char *path,
                         struct amounts *out, struct build_problems *p)
{
	static const char *const names[] = {"cpu", "memory"};
	static const char *const examples[] = {"\"500m\"", "\"4Gi\""};
	ss_node at[] = {SS_NO_NODE, SS_NO_NODE};
	struct text *to[] = {&out->cpu, &out->memory};

	if (node == SS_NO_NODE || !build_read_members(in, node, path, names, 2, at, p))
		return;
	out->given = true;
	for (size_t i = 0; i < 2; i++) {
		if (at[i] == SS_NO_NODE)
			continue;
		*to[i] = build_string(in, at[i], path, names[i], build_check_quantity, examples[i],
		                      p);
	}
}

static void read_resources(struct build_input *in, struct build_problems *p)
{
	static const char *const names[] = {"requests", "limits"};
	ss_node at[] = {SS_NO_NODE, SS_NO_NODE};

	if (in->node[B_RESOURCES] == SS_NO_NODE ||
	    !build_read_members(in, in->node[B_RESOURCES], "resources", names, 2, at, p))
		return;
	read_amounts(in, at[0], "resources.requests", &in->requests, p);
	read_amounts(in, at[1], "resources.limits", &in->limits, p);
}

static void read_volumes(struct build_input *in, struct build_problems *p)
{
	ss_node at[BUILD_VOLUMES] = {SS_NO_NODE, SS_NO_NODE, SS_NO_NODE, SS_NO_NODE};

	if (in->node[B_VOLUMES] == SS_NO_NODE ||
	    !build_read_members(in, in->node[B_VOLUMES], "volumes", build_volume_names,
	                        BUILD_VOLUMES, at, p))
		return;
	for (size_t i = 0; i < BUILD_VOLUMES; i++) {
		if (at[i] == SS_NO_NODE)
			continue;
		in->volumes[i] = build_string(in, at[i], "volumes", build_volume_names[i],
		                              build_check_quantity, "\"8Gi\"", p);
	}
}

/* --- single values ------------------------------------------------------- */

static void read_scalar(struct build_input *in, enum build_id id, const char *name,
                        enum ss_field_kind kind, struct build_problems *p)
{
	ss_node node = in->node[id];
	enum ss_type type;

	if (kind == SS_FIELD_STRING || kind == SS_FIELD_QUANTITY) {
		if (id == B_RUNTIME_CLASS_NAME && ss_doc_is_string(in->doc, node, ""))
			in->node[id] = SS_NO_NODE;
		else
			in->text[id] = build_field_string(in, id, name, p);
		return;
	}
	type = ss_doc_type(in->doc, node);
	if (kind == SS_FIELD_BOOL && type != SS_BOOL) {
		build_problem(p, name, "must be true or false, is %s", build_type_name(type));
	} else if (kind == SS_FIELD_INT) {
		int64_t value = ss_doc_get_int(in->doc, node, 0);

		if (type != SS_INT)
			build_problem(p, name, "must be an integer, is %s", build_type_name(type));
		else if (value < 1 || value > INT32_MAX)
			build_problem(p, name, "must be from 1 to 2147483647, is %lld",
			              (long long)value);
	}
}

static void read_pull_secrets(struct build_input *in, struct build_problems *p)
{
	ss_node node = in->node[B_IMAGE_PULL_SECRETS];
	char path[64];

	if (node == SS_NO_NODE)
		return;
	if (ss_doc_type(in->doc, node) != SS_ARRAY) {
		build_problem(p, "imagePullSecrets", "must be a list of Secret names, is %s",
		              build_type_name(ss_doc_type(in->doc, node)));
		return;
	}
	for (struct ss_iter it = ss_iter(in->doc, node); ss_iter_next(&it);) {
		snprintf(path, sizeof(path), "imagePullSecrets[%zu]", it.index);
		build_string(in, it.value, path, NULL, ss_name_check_dns_subdomain,
		             "\"registry-key\"", p);
	}
}

/* The API server's limit, TotalAnnotationSizeLimitB. */
static void check_annotations_size(const struct build_input *in, struct build_problems *p)
{
	size_t bytes = 0;

	for (size_t i = 0; i < in->annotations.n; i++)
		bytes += in->annotations.at[i].key.len + in->annotations.at[i].value.len;
	if (bytes > 256 * 1024)
		build_problem(p, "annotations", "must be at most 256 KiB together, are %zu bytes",
		              bytes);
}

static void check_home_twice(const struct build_input *in, struct build_problems *p)
{
	if (in->node[B_HOME] == SS_NO_NODE)
		return;
	for (size_t i = 0; i < in->env.n; i++) {
		if (strcmp(in->env.at[i].key.s, "HOME") == 0)
			build_problem(p, "env.HOME",
			              "conflicts with the field home: give one of "
			              "them");
	}
}

/* --- the whole ----------------------------------------------------------- */

/* Whether an empty container at node says "none of them" for this kind of field. */
static bool means_none(const struct ss_doc *doc, ss_node node, enum ss_type type,
                       enum ss_field_kind kind)
{
	if (type < SS_ARRAY || ss_doc_count(doc, node))
		return false;
	if (kind == SS_FIELD_STRING_LIST || kind == SS_FIELD_TOLERATIONS)
		return true;
	return kind == SS_FIELD_STRING_MAP && type == SS_OBJECT;
}

static void find_fields(struct build_input *in, ss_node node, const struct ss_build_field *fields,
                        struct build_problems *p)
{
	for (struct ss_iter it = ss_iter(in->doc, node); ss_iter_next(&it);) {
		enum build_id id = build_field_id(it.key, it.key_len);
		enum ss_type type = ss_doc_type(in->doc, it.value);

		if (id == B_NONE) {
			const char *known[B_COUNT];

			for (size_t i = 0; i < B_COUNT; i++)
				known[i] = fields[i].name;
			build_unknown(p, "", it.key, known, B_COUNT);
		} else if (in->node[id] != SS_NO_NODE) {
			build_problem(p, fields[id].name, "is given twice");
		} else if (type != SS_NULL &&
		           !means_none(in->doc, it.value, type, fields[id].kind)) {
			in->node[id] = it.value;
		}
	}
}

static void init(struct build_input *in, const struct ss_doc *doc)
{
	struct pairs *maps[] = {&in->labels, &in->annotations, &in->env, &in->node_selector};

	in->doc = doc;
	for (size_t i = 0; i < B_COUNT; i++) {
		in->node[i] = SS_NO_NODE;
		in->text[i] = (struct text){0};
	}
	/* The pairs themselves are written before they are read: clearing 8 KiB would
	 * cost more than reading an input. */
	for (size_t i = 0; i < SS_ARRAY_LEN(maps); i++) {
		maps[i]->n = 0;
		maps[i]->at = maps[i]->small;
	}
	in->requests = in->limits = (struct amounts){0};
	memset(in->volumes, 0, sizeof(in->volumes));
}

void build_read(struct build_input *in, const struct ss_doc *doc, ss_node node,
                struct build_problems *p)
{
	size_t n;
	const struct ss_build_field *fields = ss_build_fields(&n);

	init(in, doc);
	if (ss_doc_type(doc, node) != SS_OBJECT) {
		build_problem(p, "", "the input must be a map of fields, is %s",
		              build_type_name(ss_doc_type(doc, node)));
		return;
	}
	find_fields(in, node, fields, p);
	for (enum build_id id = 0; id < B_COUNT; id++) {
		if (in->node[id] != SS_NO_NODE)
			read_scalar(in, id, fields[id].name, fields[id].kind, p);
		else if (fields[id].required)
			build_problem(p, fields[id].name, "required field is missing (%s)",
			              fields[id].help);
	}
	build_read_pairs(in, B_LABELS, ss_name_check_label_key, ss_name_check_label_value,
	                 &in->labels, p);
	read_resources(in, p);
	read_pull_secrets(in, p);
	build_read_pairs(in, B_ANNOTATIONS, ss_name_check_label_key, NULL, &in->annotations, p);
	check_annotations_size(in, p);
	build_read_pairs(in, B_ENV, ss_name_check_env, NULL, &in->env, p);
	check_home_twice(in, p);
	read_volumes(in, p);
	build_read_pairs(in, B_NODE_SELECTOR, ss_name_check_label_key, ss_name_check_label_value,
	                 &in->node_selector, p);
	build_read_tolerations(in, p);
}

void build_input_done(struct build_input *in)
{
	struct pairs *maps[] = {&in->labels, &in->annotations, &in->env, &in->node_selector};

	for (size_t i = 0; i < SS_ARRAY_LEN(maps); i++) {
		if (maps[i]->at != maps[i]->small)
			free(maps[i]->at);
	}
}
