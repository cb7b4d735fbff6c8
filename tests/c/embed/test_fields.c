/* Sets of field paths, and the algebra of server-side apply over generated
 * objects: what must hold for every pair of configurations. */
#include "cluster.h"

#include "embed/fields.h"
#include "embed/kinds.h"
#include "embed/managed.h"
#include "embed/pool.h"

static struct ss_doc *parse(const char *json)
{
	struct ss_doc *doc = NULL;
	char *text = strdup(json);

	quotes(text);
	assert_int_equal(ss_json_parse(text, strlen(text), &doc, NULL), 0);
	free(text);
	return doc;
}

static const struct ss_fields *set_of(struct ss_pool *pool, const char *json)
{
	struct ss_doc *doc SS_AUTO_DOC = parse(json);

	return ss_fields_parse(pool, doc, ss_doc_root(doc));
}

static void assert_set(struct ss_pool *pool, const struct ss_fields *set, const char *want)
{
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new(), *wanted SS_AUTO_DOC = parse(want);
	struct ss_buf got SS_AUTO_BUF = SS_BUF_INIT, text SS_AUTO_BUF = SS_BUF_INIT;

	ss_fields_encode(set, out);
	ss_json_encode(out, ss_doc_root(out), &got);
	ss_json_encode(wanted, ss_doc_root(wanted), &text);
	assert_string_equal(got.data, text.data);
}

static void reads_and_writes(void **state)
{
	struct ss_pool pool = {0};

	assert_set(&pool, set_of(&pool, "{'f:b':{},'f:a':{}}"), "{'f:a':{},'f:b':{}}");
	assert_null(set_of(&pool, "{}"));
	ss_pool_done(&pool);
}

static void computes(void **state)
{
	struct ss_pool pool = {0};
	const struct ss_fields *a = set_of(&pool, "{'f:a':{'.':{},'f:x':{},'f:y':{}},'f:b':{}}");
	const struct ss_fields *b = set_of(&pool, "{'f:a':{'f:x':{},'f:z':{}},'f:c':{}}");

	assert_set(&pool, ss_fields_union(&pool, a, b),
	           "{'f:a':{'.':{},'f:x':{},'f:y':{},'f:z':{}},'f:b':{},'f:c':{}}");
	assert_set(&pool, ss_fields_intersection(&pool, a, b), "{'f:a':{'f:x':{}}}");
	assert_set(&pool, ss_fields_difference(&pool, a, b), "{'f:a':{'.':{},'f:y':{}},'f:b':{}}");
	assert_set(&pool, ss_fields_difference(&pool, b, a), "{'f:a':{'f:z':{}},'f:c':{}}");
	assert_null(ss_fields_difference(&pool, a, a));
	assert_true(ss_fields_equal(ss_fields_union(&pool, a, b), ss_fields_union(&pool, b, a)));
	assert_set(&pool, ss_fields_only(&pool, a, "f:b"), "{'f:b':{}}");
	assert_set(&pool, ss_fields_without(&pool, a, "f:a"), "{'f:b':{}}");
	ss_pool_done(&pool);
}

/* --- generated configurations -------------------------------------------------- */
static unsigned seed;

static unsigned draw(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Never empty: an empty map or list says nothing to the merge, and goes when its last item does. */
static void put_map(struct ss_doc *doc, const char *key)
{
	static const char *const keys[] = {"a", "b", "c"}, *const values[] = {"1", "2"};

	ss_doc_key_lit(doc, key);
	ss_doc_begin_object(doc);
	for (int i = 0; i < 3; i++)
		if (i == 0 || draw(2))
			ss_doc_put_string(doc, keys[i], values[draw(2)]);
	ss_doc_end(doc);
}

static void put_container(struct ss_doc *doc, const char *name)
{
	static const char *const names[] = {"A", "B", "C"}, *const paths[] = {"/x", "/y"};

	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "name", name);
	if (draw(2))
		ss_doc_put_string(doc, "image", paths[draw(2)]);
	if (draw(2)) {
		ss_doc_key_lit(doc, "env");
		ss_doc_begin_array(doc);
		for (int i = 0; i < 3; i++) {
			if (i > 0 && draw(2))
				continue;
			ss_doc_begin_object(doc);
			ss_doc_put_string(doc, "name", names[i]);
			ss_doc_put_string(doc, "value", paths[draw(2)]);
			ss_doc_end(doc);
		}
		ss_doc_end(doc);
	}
	if (draw(2)) {
		ss_doc_key_lit(doc, "command");
		ss_doc_begin_array(doc);
		ss_doc_string_lit(doc, names[draw(3)]);
		ss_doc_end(doc);
	}
	ss_doc_end(doc);
}

static struct ss_doc *generate(void)
{
	static const char *const names[] = {"one", "two", "three"};
	struct ss_doc *doc = ss_doc_new();
	unsigned first = draw(3);

	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "apiVersion", "agents.x-k8s.io/v1beta1");
	ss_doc_put_string(doc, "kind", "Sandbox");
	ss_doc_key_lit(doc, "metadata");
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "name", "s");
	if (draw(2))
		put_map(doc, "labels");
	if (draw(2))
		put_map(doc, "annotations");
	ss_doc_end(doc);
	ss_doc_key_lit(doc, "spec");
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "podTemplate");
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "spec");
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "containers");
	ss_doc_begin_array(doc);
	for (unsigned i = 0; i < 3; i++) /* in some order */
		if (i == 0 || draw(2))
			put_container(doc, names[(first + i) % 3]);
	ss_doc_end(doc);
	if (draw(2))
		ss_doc_put_string(doc, "runtimeClassName", names[draw(3)]);
	ss_doc_end(doc);
	ss_doc_end(doc);
	ss_doc_end(doc);
	ss_doc_end(doc);
	assert_int_equal(ss_doc_finish(doc, NULL), 0);
	return doc;
}

struct live {
	struct ss_doc *doc;
	struct ss_manager *managers;
};

static struct ss_value value(const struct ss_doc *doc)
{
	return (struct ss_value){doc, ss_doc_root(doc)};
}

static const struct ss_schema *schema(void)
{
	return ss_kind(SS_KIND_SANDBOX)->schema;
}

static struct ss_applied apply(struct ss_pool *pool, const struct live *live,
                               const struct ss_doc *config, const char *who, bool force)
{
	struct ss_actor actor = {who, "agents.x-k8s.io/v1beta1", "", "2026-01-01T00:00:00Z"};
	struct ss_value from = live->doc ? value(live->doc) : (struct ss_value){NULL, SS_NO_NODE};
	struct ss_applied out;

	assert_int_equal(ss_managed_apply(pool, schema(), live->managers, from, value(config),
	                                  &actor, force, &out, NULL),
	                 0);
	return out;
}

static struct live take(struct live *old, struct ss_applied applied)
{
	ss_doc_free(old->doc);
	return (struct live){applied.doc, applied.managers};
}

static const struct ss_manager *manager(const struct live *live, const char *who)
{
	for (const struct ss_manager *m = live->managers; m; m = m->next)
		if (strcmp(m->name, who) == 0)
			return m;
	return NULL;
}

/* Every field of the configuration has its value in the object. */
static void assert_holds(struct ss_pool *pool, const struct ss_doc *object,
                         const struct ss_doc *config)
{
	struct ss_typed_diff diff = ss_typed_compare(pool, schema(), value(config), value(object));
	const struct ss_fields *wanted = ss_typed_set(pool, schema(), value(config));

	assert_null(ss_fields_intersection(pool, diff.modified, wanted));
	assert_null(ss_fields_intersection(pool, diff.removed, wanted));
}

static void one_manager_gets_what_it_says(void **state)
{
	for (unsigned i = 0; i < 2000; i++) {
		struct ss_pool pool = {0};
		struct live live = {0};
		struct ss_doc *one, *two;
		struct ss_applied again;
		struct ss_typed_diff diff;

		seed = i;
		one = generate();
		two = generate();
		live = take(&live, apply(&pool, &live, one, "m", false));
		again = apply(&pool, &live, one, "m", false);
		assert_false(again.changed); /* applying the same twice changes nothing */
		assert_true(ss_managed_equal(live.managers, again.managers));
		ss_doc_free(again.doc);
		/* Alone, the object follows the configuration: nothing of the old one is left. */
		live = take(&live, apply(&pool, &live, two, "m", false));
		diff = ss_typed_compare(&pool, schema(), value(two), value(live.doc));
		assert_null(diff.modified);
		assert_null(diff.removed);
		assert_null(ss_fields_intersection(&pool, diff.added,
		                                   ss_typed_set(&pool, schema(), value(one))));
		assert_holds(&pool, live.doc, two);
		ss_doc_free(one);
		ss_doc_free(two);
		ss_doc_free(live.doc);
		ss_pool_done(&pool);
	}
}

static void two_managers_keep_apart(void **state)
{
	size_t conflicts = 0, shared = 0;

	for (unsigned i = 0; i < 2000; i++) {
		struct ss_pool pool = {0};
		struct live live = {0};
		struct ss_doc *one, *two;
		struct ss_applied tried, forced;
		const struct ss_manager *a, *b;

		seed = i + 100000;
		one = generate();
		two = generate();
		live = take(&live, apply(&pool, &live, one, "a", false));
		tried = apply(&pool, &live, two, "b", false);
		forced = apply(&pool, &live, two, "b", true);
		assert_null(forced.conflicts);
		assert_holds(&pool, forced.doc, two);
		if (tried.conflicts) {
			conflicts++;
			assert_string_equal(tried.conflicts->owner->name, "a");
		} else {
			/* Without a conflict both get what they said, and what both own agrees. */
			assert_holds(&pool, tried.doc, one);
			assert_holds(&pool, tried.doc, two);
		}
		ss_doc_free(tried.doc);
		live = take(&live, forced);
		a = manager(&live, "a");
		b = manager(&live, "b");
		shared += a && b && ss_fields_intersection(&pool, a->set, b->set) != NULL;
		/* b leaves: what only b owned goes, what a still owns stays. */
		if (b) {
			struct ss_doc *nothing =
			        parse("{'apiVersion':'agents.x-k8s.io/v1beta1','kind':'Sandbox',"
			              "'metadata':{'name':'s'}}");
			const struct ss_fields *kept = a ? a->set : NULL;
			const struct ss_fields *left;

			live = take(&live, apply(&pool, &live, nothing, "b", false));
			left = ss_typed_set(&pool, schema(), value(live.doc));
			assert_null(manager(&live, "b"));
			assert_null(ss_fields_difference(&pool, kept, left));
			ss_doc_free(nothing);
		}
		ss_doc_free(one);
		ss_doc_free(two);
		ss_doc_free(live.doc);
		ss_pool_done(&pool);
	}
	/* The generator reaches the cases that matter. */
	assert_true(conflicts > 200 && conflicts < 2000);
	assert_true(shared > 200);
}

static void comparison_is_complete(void **state)
{
	for (unsigned i = 0; i < 1000; i++) {
		struct ss_pool pool = {0};
		struct ss_doc *a, *b, *out = ss_doc_new();
		struct ss_typed_diff same, there, back;

		seed = i + 500000;
		a = generate();
		b = generate();
		same = ss_typed_compare(&pool, schema(), value(a), value(a));
		assert_true(!same.added && !same.modified && !same.removed);
		there = ss_typed_compare(&pool, schema(), value(a), value(b));
		back = ss_typed_compare(&pool, schema(), value(b), value(a));
		assert_true(ss_fields_equal(there.added, back.removed));
		assert_true(ss_fields_equal(there.removed, back.added));
		assert_true(ss_fields_equal(there.modified, back.modified));
		/* a merged with b, less what b has not: b, in values. */
		ss_typed_merge(&pool, out, schema(), value(a), value(b));
		assert_int_equal(ss_doc_finish(out, NULL), 0);
		assert_holds(&pool, out, b);
		ss_doc_free(a);
		ss_doc_free(b);
		ss_doc_free(out);
		ss_pool_done(&pool);
	}
}

static void tables_are_sorted(void **state)
{
	for (int k = 0; k < SS_KINDS; k++) {
		const struct ss_schema *s = ss_kind((enum ss_kind_id)k)->schema;

		for (size_t i = 0; i < s->n_fields; i++) {
			assert_ptr_equal(ss_schema_field(s, s->fields[i].name), &s->fields[i]);
			for (size_t j = 0; j < s->fields[i].type->n_fields; j++)
				assert_ptr_equal(ss_schema_field(s->fields[i].type,
				                                 s->fields[i].type->fields[j].name),
				                 &s->fields[i].type->fields[j]);
		}
	}
	const struct ss_schema *pod = ss_schema_member(
	        ss_schema_member(ss_schema_member(schema(), "spec"), "podTemplate"), "spec");
	const struct ss_schema *container = ss_schema_member(pod, "containers")->elem;

	for (size_t i = 0; i < pod->n_fields; i++)
		assert_non_null(ss_schema_field(pod, pod->fields[i].name));
	for (size_t i = 0; i < container->n_fields; i++)
		assert_non_null(ss_schema_field(container, container->fields[i].name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads_and_writes),
	        cmocka_unit_test(computes),
	        cmocka_unit_test(one_manager_gets_what_it_says),
	        cmocka_unit_test(two_managers_keep_apart),
	        cmocka_unit_test(comparison_is_complete),
	        cmocka_unit_test(tables_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
