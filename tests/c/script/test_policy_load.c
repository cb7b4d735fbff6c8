/* Passes of the loader: what is loaded anew, what is held, what is dropped. */
#include "reload_fixture.h"

#include "script/policy/policy_priv.h"

static struct policy_loader *loader;
static struct policy_generation *g; /* the last one */

/* One pass, with trials. */
static struct policy_pass look(void)
{
	struct policy_pass pass = {.trial = true, .generation = 1};
	struct ss_err err;

	ss_err_init(&err);
	if (policy_loader_pass(loader, &pass, &err))
		fail_msg("%s", err.message);
	if (pass.ret_generation) {
		policy_generation_unref(g);
		g = pass.ret_generation;
	}
	return pass;
}

static void open_loader(void)
{
	stop_clock();
	g = NULL;
	assert_int_equal(policy_loader_new(dir, &loader, NULL), 0);
	look();
}

static void close_loader(void)
{
	policy_generation_unref(g);
	policy_loader_free(loader);
}

static const char *image(const char *name)
{
	struct ss_adapter_version *v = policy_generation_find(g, name);
	const struct ss_doc *d = v ? ss_adapter_declared(v) : NULL;

	return d ? ss_doc_find_string(d, ss_doc_root(d), "image", NULL) : "none";
}

static const struct policy_failure *failure(const char *rel)
{
	for (size_t i = 0; i < g->n_failures; i++) {
		if (strcmp(g->failures[i].rel, rel) == 0)
			return &g->failures[i];
	}
	return NULL;
}

static void check_failure(const char *rel, const char *want, bool held)
{
	const struct policy_failure *f = failure(rel);

	if (!f)
		fail_msg("%s does not fail", rel);
	if (!strstr(f->finding.message, want))
		fail_msg("%s fails with '%s', not '%s'", rel, f->finding.message, want);
	assert_int_equal(f->held, held);
}

/* --- what is loaded --------------------------------------------------------------------- */
static void test_only_what_changed_and_what_depends_on_it(void **state)
{
	struct policy_pass pass;

	put("lib/sizes.lua", "return { cpu = '1', memory = '1Gi' }\n");
	put_adapter("a", "x:1", "resources = { limits = require 'sizes' }");
	put_adapter("b", "x:1", "resources = { limits = require 'sizes' }");
	put_adapter("c", "x:1", NULL);
	open_loader();
	assert_int_equal(g->n_adapters, 3);
	pass = look();
	assert_int_equal(pass.ret_loaded, 0);
	assert_null(pass.ret_generation);
	put_adapter("c", "x:2", NULL);
	pass = look();
	assert_int_equal(pass.ret_loaded, 1);
	assert_true(pass.ret_changed);
	assert_string_equal(image("c"), "x:2");
	put("lib/sizes.lua", "return { cpu = '2', memory = '1Gi' }\n");
	assert_int_equal(look().ret_loaded, 2);
	/* A module of this name comes to stand before the one in lib/. */
	put("adapters/sizes.lua", "return { cpu = '3', memory = '1Gi' }\n");
	pass = look();
	assert_int_equal(pass.ret_loaded, 3); /* a and b; itself, which is no adapter */
	check_failure("adapters/sizes.lua", "the file must end with", false);
	assert_int_equal(look().ret_loaded, 0);
	close_loader();
}

static void test_versions_are_shared(void **state)
{
	struct ss_adapter_version *a;

	put_adapter("a", "x:1", NULL);
	put_adapter("b", "x:1", NULL);
	open_loader();
	a = policy_generation_find(g, "a");
	put_adapter("b", "x:2", NULL);
	assert_true(look().ret_changed);
	assert_ptr_equal(policy_generation_find(g, "a"), a);
	close_loader();
}

/* --- what is held --------------------------------------------------------------------------- */
static void test_what_fails_is_held_while_others_move_on(void **state)
{
	static const struct {
		const char *more, *want;
	} rows[] = {
	        {"= 1", "unexpected symbol"},
	        {"imgae = 'x'", "unknown field 'imgae': did you mean 'image'?"},
	        {"labels = { x = nil .. 'y' }", "attempt to concatenate"},
	        {"build = function() return 7 end", "must return a table"},
	        {"build = function(i) i.hostUsers = 3 return i end", "hostUsers"},
	        {"resources = { requests = { cpu = '9', memory = '1Gi' } }", "cpu"},
	        {"labels = { x = (function() while true do end end)() }", "loading the file"},
	        {"labels = { x = (function() local s = 'x' while true do s = s .. s end end)() }",
	         "loading the file needed more than"},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		char next[16];
		struct policy_pass pass;

		put_adapter("a", "x:1", NULL);
		put_adapter("b", "x:1", NULL);
		open_loader();
		put_adapter("a", "x:2", rows[i].more);
		snprintf(next, sizeof(next), "y:%zu", i);
		put_adapter("b", next, NULL);
		pass = look();
		assert_int_equal(pass.ret_failed, 1);
		check_failure("adapters/a.lua", rows[i].want, true);
		assert_string_equal(image("a"), "x:1");
		assert_string_equal(image("b"), next);
		/* Known to be bad. */
		assert_int_equal(look().ret_loaded, 0);
		close_loader();
	}
}

static void test_a_revert_is_not_loaded(void **state)
{
	struct policy_pass pass;

	put_adapter("a", "x:1", NULL);
	open_loader();
	put_adapter("a", "x:2", "=");
	look();
	check_failure("adapters/a.lua", "unexpected symbol", true);
	put_adapter("a", "x:1", NULL);
	pass = look();
	assert_int_equal(pass.ret_loaded, 0);
	assert_false(pass.ret_changed);
	assert_null(failure("adapters/a.lua"));
	close_loader();
}

static void test_since_is_the_first_failure(void **state)
{
	int64_t since, found;

	put_adapter("a", "x:1", NULL);
	open_loader();
	put_adapter("a", "x:2", "=");
	look();
	since = failure("adapters/a.lua")->since_ms;
	found = failure("adapters/a.lua")->found_mono_ms;
	now_ms += 500;
	put_adapter("a", "x:3", "=");
	look();
	assert_int_equal(failure("adapters/a.lua")->since_ms, since);
	/* The same words: told once. */
	assert_int_equal(failure("adapters/a.lua")->found_mono_ms, found);
	put_adapter("a", "x:2", "imgae = 1");
	look();
	assert_int_equal(failure("adapters/a.lua")->since_ms, since);
	assert_int_equal(failure("adapters/a.lua")->found_mono_ms, found + 500);
	close_loader();
}

static void test_a_module_that_fails_holds_what_uses_it(void **state)
{
	put("lib/sizes.lua", "return { cpu = '1', memory = '1Gi' }\n");
	put_adapter("a", "x:1", "resources = { limits = require 'sizes' }");
	put_adapter("b", "x:1", "resources = { limits = require 'sizes' }");
	put_adapter("c", "x:1", NULL);
	open_loader();
	put("lib/sizes.lua", "return {\n  cpu = = 1 }\n");
	put_adapter("a", "x:2", "resources = { limits = require 'sizes' }");
	put_adapter("c", "x:2", NULL);
	look();
	check_failure("adapters/a.lua", "unexpected symbol", true);
	check_failure("adapters/b.lua", "unexpected symbol", true);
	assert_string_equal(failure("adapters/b.lua")->finding.file, path_of("lib/sizes.lua"));
	assert_int_equal(failure("adapters/b.lua")->finding.line, 2);
	assert_string_equal(image("a"), "x:1");
	assert_string_equal(image("c"), "x:2");
	put("lib/sizes.lua", "return { cpu = '2', memory = '1Gi' }\n");
	look();
	assert_int_equal(g->n_failures, 0);
	assert_string_equal(image("a"), "x:2");
	close_loader();
}

/* --- what goes away --------------------------------------------------------------------------- */
static void test_a_removal_counts_after_100_ms(void **state)
{
	struct policy_pass pass;

	put_adapter("a", "x:1", NULL);
	put_adapter("b", "x:1", NULL);
	open_loader();
	drop("adapters/a.lua");
	pass = look();
	assert_int_equal(pass.ret_again_ms, 100);
	assert_false(pass.ret_changed);
	now_ms += 60;
	assert_int_equal(look().ret_again_ms, 40);
	assert_string_equal(image("a"), "x:1");
	now_ms += 40;
	assert_true(look().ret_changed);
	assert_string_equal(image("a"), "none");
	assert_string_equal(image("b"), "x:1");
	close_loader();
}

static void test_a_file_that_is_replaced_is_not_removed(void **state)
{
	put_adapter("a", "x:1", NULL);
	open_loader();
	drop("adapters/a.lua");
	look();
	now_ms += 90;
	put_adapter("a", "x:2", NULL);
	look();
	assert_string_equal(image("a"), "x:2");
	drop("adapters/a.lua");
	now_ms += 90; /* it is away from the pass on that sees it */
	assert_int_equal(look().ret_again_ms, 100);
	close_loader();
}

static void test_what_comes_back_broken_after_a_removal_is_not_served(void **state)
{
	put_adapter("a", "x:1", NULL);
	open_loader();
	drop("adapters/a.lua");
	look();
	now_ms += 100;
	look();
	put_adapter("a", "x:2", "=");
	look();
	check_failure("adapters/a.lua", "unexpected symbol", false);
	close_loader();
}

static void test_a_folder_that_goes_away_removes_nothing(void **state)
{
	struct policy_pass pass = {.trial = true, .generation = 1};
	char away[96], adapters[96];

	put_adapter("a", "x:1", NULL);
	open_loader();
	snprintf(adapters, sizeof(adapters), "%s/adapters", dir);
	snprintf(away, sizeof(away), "%s/away", dir);
	assert_int_equal(rename(adapters, away), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(policy_loader_pass(loader, &pass, NULL), SS_ERR_NOT_FOUND);
		now_ms += 100;
	}
	assert_int_equal(rename(away, adapters), 0);
	assert_false(look().ret_changed);
	assert_string_equal(image("a"), "x:1");
	close_loader();
}

/* Its end may have been told before it counts as closed, so the loader looks by itself. */
static void test_a_file_that_is_being_written_is_looked_at_again(void **state)
{
	FILE *f;

	put_adapter("a", "x:1", NULL);
	open_loader();
	assert_int_equal(look().ret_again_ms, 0);
	f = fopen(path_of("adapters/a.lua"), "w");
	assert_non_null(f);
	assert_int_equal(look().ret_again_ms, 2);
	assert_int_equal(look().ret_again_ms, 4);
	for (int i = 0; i < 8; i++)
		look();
	assert_int_equal(look().ret_again_ms, 64);
	assert_string_equal(image("a"), "x:1");
	fputs("return adapter { name = 'a', image = 'x:2' }", f);
	fclose(f);
	assert_int_equal(look().ret_again_ms, 0);
	assert_string_equal(image("a"), "x:2");
	close_loader();
}

/* --- overlays ------------------------------------------------------------------------------------ */
static void test_an_overlay_that_breaks_builds_is_held(void **state)
{
	struct ss_adapter_version *good;

	put_adapter("a", "x:1", NULL);
	put_adapter("b", "x:1", NULL);
	put("local.d/10.lua", "return overlay { adapter = '*', labels = { team = 'x' } }\n");
	put("local.d/20.lua", "return overlay { adapter = 'a', labels = { tier = 'x' } }\n");
	open_loader();
	assert_int_equal(g->n_overlays, 2);
	good = g->overlays[0];
	/* Both change; only one of them is to blame: it asks for more than the limit. */
	put("local.d/10.lua",
	    "return overlay { adapter = '*', resources = { requests = { cpu = '9' "
	    "}, limits = { cpu = '1' } } }\n");
	put("local.d/20.lua", "return overlay { adapter = 'a', labels = { tier = 'y' } }\n");
	look();
	check_failure("local.d/10.lua", "with it the adapter 'a' does not build", true);
	assert_null(failure("local.d/20.lua"));
	assert_null(failure("adapters/a.lua"));
	assert_ptr_equal(g->overlays[0], good);
	assert_string_equal(ss_doc_find_string(ss_adapter_fields(g->overlays[1]),
	                                       ss_doc_root(ss_adapter_fields(g->overlays[1])),
	                                       "labels", "tier", NULL),
	                    "y");
	assert_int_equal(look().ret_loaded, 0);
	close_loader();
}

static void test_an_adapter_that_a_new_overlay_suits_is_tried_again(void **state)
{
	put_adapter("a", "x:1", "resources = { limits = { cpu = '1', memory = '1Gi' } }");
	put("local.d/10.lua", "return overlay { adapter = 'a', resources = { requests = { cpu = "
	                      "'500m', memory = '1Gi' } } }\n");
	open_loader();
	/* With the overlay it requests more than its limit. */
	put_adapter("a", "x:2", "resources = { limits = { cpu = '100m', memory = '1Gi' } }");
	look();
	check_failure("adapters/a.lua", "cpu", true);
	assert_string_equal(image("a"), "x:1");
	put("local.d/10.lua", "return overlay { adapter = 'a', resources = { requests = { cpu = "
	                      "'50m', memory = '1Gi' } } }\n");
	assert_int_equal(look().ret_again_ms, 1);
	look();
	assert_int_equal(g->n_failures, 0);
	assert_string_equal(image("a"), "x:2");
	close_loader();
}

static void test_an_overlay_that_never_loaded_stops_builds(void **state)
{
	put_adapter("a", "x:1", NULL);
	put("local.d/10.lua", "return overlay {\n  lables = {} }\n");
	open_loader();
	assert_non_null(policy_generation_unsafe(g));
	assert_string_equal(policy_generation_unsafe(g)->rel, "local.d/10.lua");
	put("local.d/10.lua", "return overlay { adapter = '*', labels = { a = 'b' } }\n");
	look();
	assert_null(policy_generation_unsafe(g));
	/* One that comes later was not in force, and is not yet. */
	put("local.d/20.lua", "return overlay {\n");
	look();
	assert_null(policy_generation_unsafe(g));
	check_failure("local.d/20.lua", "expected", false);
	close_loader();
}

/* --- many ------------------------------------------------------------------------------------------ */
static void test_a_thousand(void **state)
{
	enum { N = 1000 };

	for (int i = 0; i < N; i++) {
		char name[16];

		snprintf(name, sizeof(name), "a%d", i);
		put_adapter(name, "x:1", NULL);
	}
	open_loader();
	assert_int_equal(g->n_adapters, N);
	put_adapter("a500", "x:2", NULL);
	assert_int_equal(look().ret_loaded, 1);
	assert_string_equal(image("a500"), "x:2");
	close_loader();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_only_what_changed_and_what_depends_on_it),
	        TEST(test_versions_are_shared),
	        TEST(test_what_fails_is_held_while_others_move_on),
	        TEST(test_a_revert_is_not_loaded),
	        TEST(test_since_is_the_first_failure),
	        TEST(test_a_module_that_fails_holds_what_uses_it),
	        TEST(test_a_removal_counts_after_100_ms),
	        TEST(test_a_file_that_is_replaced_is_not_removed),
	        TEST(test_what_comes_back_broken_after_a_removal_is_not_served),
	        TEST(test_a_folder_that_goes_away_removes_nothing),
	        TEST(test_a_file_that_is_being_written_is_looked_at_again),
	        TEST(test_an_overlay_that_breaks_builds_is_held),
	        TEST(test_an_adapter_that_a_new_overlay_suits_is_tried_again),
	        TEST(test_an_overlay_that_never_loaded_stops_builds),
	        TEST(test_a_thousand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
