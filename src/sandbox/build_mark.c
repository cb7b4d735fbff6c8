/* Marks for values: what was read is replaced, and written by the code that writes
 * manifests, which looks at no value. */
#include "sandbox/build.h"
#include "sandbox/build_priv.h"

static void mark_text(struct text *t, const struct ss_doc *marks, ss_node node)
{
	struct text mark = {0};

	mark.s = ss_doc_get_string(marks, node, &mark.len);
	if (t->s && mark.s)
		*t = mark;
}

static void mark_pairs(struct pairs *m, const struct ss_doc *marks, ss_node node)
{
	for (size_t i = 0; i < m->n; i++)
		mark_text(&m->at[i].value, marks, ss_doc_get(marks, node, m->at[i].key.s));
}

static void mark_amounts(struct amounts *a, const struct ss_doc *marks, ss_node node)
{
	mark_text(&a->cpu, marks, ss_doc_get(marks, node, "cpu"));
	mark_text(&a->memory, marks, ss_doc_get(marks, node, "memory"));
}

void build_mark(struct build_input *in, const struct ss_doc *marks, ss_node node)
{
	in->doc = marks;
	for (enum build_id id = 0; id < B_COUNT; id++) {
		if (in->node[id] == SS_NO_NODE)
			continue;
		in->node[id] = ss_doc_get(marks, node, build_field_name(id));
		mark_text(&in->text[id], marks, in->node[id]);
	}
	mark_pairs(&in->labels, marks, in->node[B_LABELS]);
	mark_pairs(&in->annotations, marks, in->node[B_ANNOTATIONS]);
	mark_pairs(&in->env, marks, in->node[B_ENV]);
	/* The name is a value of the manifest, and comes with its value. */
	for (size_t i = 0; i < in->env.n; i++)
		in->env.at[i].key = in->env.at[i].value;
	mark_pairs(&in->node_selector, marks, in->node[B_NODE_SELECTOR]);
	mark_amounts(&in->requests, marks, ss_doc_get(marks, in->node[B_RESOURCES], "requests"));
	mark_amounts(&in->limits, marks, ss_doc_get(marks, in->node[B_RESOURCES], "limits"));
	for (size_t i = 0; i < BUILD_VOLUMES; i++)
		mark_text(&in->volumes[i], marks,
		          ss_doc_get(marks, in->node[B_VOLUMES], build_volume_names[i]));
}
