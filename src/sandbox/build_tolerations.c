#include <stdio.h>

#include "sandbox/build_priv.h"
#include "sandbox/names.h"

/* In the order in which they are written; build_manifest.c relies on the input's
 * own nodes, so this file only checks. */
enum { KEY, OPERATOR, VALUE, EFFECT, SECONDS, MEMBERS };

static const char *check_operator(const char *s, size_t len)
{
	return strcmp(s, "Exists") == 0 || strcmp(s, "Equal") == 0 ? NULL
	                                                           : "must be Exists or Equal";
}

static const char *check_effect(const char *s, size_t len)
{
	if (strcmp(s, "NoSchedule") == 0 || strcmp(s, "PreferNoSchedule") == 0 ||
	    strcmp(s, "NoExecute") == 0)
		return NULL;
	return "must be NoSchedule, PreferNoSchedule or NoExecute";
}

static const struct {
	build_check_fn check;
	const char *example;
} rules[SECONDS] = {
        [KEY] = {ss_name_check_label_key, "\"dedicated\""},
        [OPERATOR] = {check_operator, "\"Exists\""},
        [VALUE] = {ss_name_check_label_value, "\"agents\""},
        [EFFECT] = {check_effect, "\"NoSchedule\""},
};

/* What the members say together: as ValidateTolerations of the API server. */
static void check_together(const struct build_input *in, const struct text *text, ss_node seconds,
                           const char *path, struct build_problems *p)
{
	bool exists = text[OPERATOR].s && strcmp(text[OPERATOR].s, "Exists") == 0;

	if (!text[KEY].s && !exists)
		build_problem(p, path, "without a key the operator must be Exists");
	if (exists && text[VALUE].len)
		build_problem(p, path, "with the operator Exists there must be no value");
	if (seconds != SS_NO_NODE && !(text[EFFECT].s && strcmp(text[EFFECT].s, "NoExecute") == 0))
		build_problem(p, path, "tolerationSeconds needs the effect NoExecute");
}

static void read_toleration(const struct build_input *in, ss_node node, const char *path,
                            struct build_problems *p)
{
	static const char *const names[] = {"key", "operator", "value", "effect",
	                                    "tolerationSeconds"};
	ss_node at[MEMBERS] = {SS_NO_NODE, SS_NO_NODE, SS_NO_NODE, SS_NO_NODE, SS_NO_NODE};
	struct text text[SECONDS] = {0};
	size_t before = p->count;
	char sub[96];

	if (!build_read_members(in, node, path, names, MEMBERS, at, p))
		return;
	for (size_t i = 0; i < SECONDS; i++) {
		if (at[i] == SS_NO_NODE)
			continue;
		text[i] = build_string(in, at[i], path, names[i], rules[i].check, rules[i].example,
		                       p);
	}
	if (at[SECONDS] != SS_NO_NODE && ss_doc_type(in->doc, at[SECONDS]) != SS_INT) {
		snprintf(sub, sizeof(sub), "%s.tolerationSeconds", path);
		build_problem(p, sub, "must be an integer, is %s",
		              build_type_name(ss_doc_type(in->doc, at[SECONDS])));
	}
	if (p->count == before)
		check_together(in, text, at[SECONDS], path, p);
}

void build_read_tolerations(const struct build_input *in, struct build_problems *p)
{
	ss_node node = in->node[B_TOLERATIONS];
	char path[64];

	if (node == SS_NO_NODE)
		return;
	if (ss_doc_type(in->doc, node) != SS_ARRAY) {
		build_problem(p, "tolerations", "must be a list of tolerations, is %s",
		              build_type_name(ss_doc_type(in->doc, node)));
		return;
	}
	for (struct ss_iter it = ss_iter(in->doc, node); ss_iter_next(&it);) {
		snprintf(path, sizeof(path), "tolerations[%zu]", it.index);
		read_toleration(in, it.value, path, p);
	}
}
