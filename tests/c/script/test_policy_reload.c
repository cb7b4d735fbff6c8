/* Loading anew while a policy serves: the thread, the watch, waiting, history, and
 * what is kept for a restart. */
#include "reload_loop.h"

#include <uv.h>

/* --- reload ------------------------------------------------------------------------------- */
static void test_reload(void **state)
{
	int code;

	put_adapter("a", "x:1", NULL);
	assert_int_equal(open_policy(false), 0);
	put_adapter("a", "x:2", NULL);
	put_adapter("b", "y:1", NULL);
	assert_string_equal(image_of(policy, "a", NULL), "x:1");
	assert_int_equal(reload().code, 0);
	assert_int_equal(ss_policy_generation(policy), 2);
	assert_string_equal(image_of(policy, "a", NULL), "x:2");
	assert_string_equal(image_of(policy, "b", NULL), "y:1");
	reload();
	assert_int_equal(ss_policy_generation(policy), 2);
	drop("adapters/b.lua");
	reload();
	assert_string_equal(image_of(policy, "b", NULL), "y:1");
	while (image_of(policy, "b", &code), !code)
		ss_loop_step(loop, true);
	assert_int_equal(code, SS_ERR_NOT_FOUND);
}

/* What is tried is built as the generation that it is going to be. */
static void test_a_trial_is_of_the_next_generation(void **state)
{
	put_adapter("a", "x:1", NULL);
	assert_int_equal(open_policy(true), 0);
	put_adapter("a", "x:2",
	            "build = function(i, ctx) assert(ctx.generation == 2, 'tried as ' .. "
	            "ctx.generation) return i end");
	assert_int_equal(reload().code, 0);
	assert_int_equal(ss_policy_generation(policy), 2);
	assert_string_equal(image_of(policy, "a", NULL), "x:2");
}

/* The loop turns while a file is loaded that never ends, and builds go on. */
static void test_an_endless_load_stops_nobody(void **state)
{
	struct done d = {0};
	struct ss_policy_wait *wait;
	int builds = 0;

	put_adapter("a", "x:1", "build = function(i) return i end");
	assert_int_equal(open_policy(false), 0);
	put_adapter("a", "x:2", "labels = { x = (function() while true do end end)() }");
	assert_int_equal(ss_policy_reload(policy, on_done, &d, &wait, NULL), 0);
	while (!d.called) {
		ss_loop_step(loop, false);
		assert_string_equal(image_of(policy, "a", NULL), "x:1");
		builds++;
	}
	assert_true(builds > 1);
	assert_int_equal(ss_policy_generation(policy), 1);
}

static void test_a_folder_that_is_not_there(void **state)
{
	char away[96], adapters[96];
	struct done d;

	put_adapter("a", "x:1", NULL);
	assert_int_equal(open_policy(false), 0);
	watch_log();
	snprintf(adapters, sizeof(adapters), "%s/adapters", dir);
	snprintf(away, sizeof(away), "%s/away", dir);
	assert_int_equal(rename(adapters, away), 0);
	d = reload();
	assert_int_equal(d.code, SS_ERR_NOT_FOUND);
	assert_non_null(strstr(d.message, "has no folder adapters/"));
	reload();
	assert_int_equal(count_in_log("has no folder adapters/: generation 1 keeps serving"), 1);
	assert_string_equal(image_of(policy, "a", NULL), "x:1");
	assert_int_equal(rename(away, adapters), 0);
	assert_int_equal(reload().code, 0);
	assert_int_equal(count_in_log("the folder is there again"), 1);
}

static void test_free_while_loading(void **state)
{
	struct done d = {0};
	struct ss_policy_wait *wait;

	put_adapter("a", "x:1", NULL);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(open_policy(i % 2), 0);
		put_adapter("a", i % 2 ? "x:1" : "x:2", "build = function(i) return i end");
		assert_int_equal(ss_policy_reload(policy, on_done, &d, &wait, NULL), 0);
		for (int k = 0; k < i % 5; k++)
			ss_loop_step(loop, false);
		if (!d.called)
			ss_policy_wait_cancel(wait);
		d.called = false;
		ss_policy_free(policy);
		policy = NULL;
	}
}

/* --- reports -------------------------------------------------------------------------------- */
static void test_a_failure_is_told_once_it_has_stood(void **state)
{
	put("lib/sizes.lua", "return { cpu = '1', memory = '1Gi' }\n");
	put_adapter("a", "x:1", "resources = { limits = require 'sizes' }");
	put_adapter("b", "x:1", "resources = { limits = require 'sizes' }");
	assert_int_equal(open_policy(false), 0);
	watch_log();
	stop_clock();
	/* Mended at once: never told. */
	put("lib/sizes.lua", "return {\n  cpu = = 1 }\n");
	reload();
	put("lib/sizes.lua", "return { cpu = '2', memory = '1Gi' }\n");
	reload();
	assert_int_equal(count_in_log("error"), 0);
	put("lib/sizes.lua", "return {\n  cpu = = 1 }\n");
	reload();
	assert_int_equal(count_in_log("error"), 0);
	now_ms += 1000;
	while (!count_in_log("error"))
		ss_loop_step(loop, true);
	for (int i = 0; i < 3; i++)
		reload();
	/* One line for both. */
	assert_int_equal(count_in_log("error"), 1);
	assert_int_equal(
	        count_in_log("lib/sizes.lua:2: unexpected symbol near '=': "
	                     "adapters/a.lua, adapters/b.lua held at the last good version "
	                     "(since "),
	        1);
	put("lib/sizes.lua", "return { cpu = '3', memory = '1Gi' }\n");
	reload();
	assert_int_equal(count_in_log("adapters/a.lua does not fail any more"), 1);
}

static void test_what_a_file_prints_comes_from_the_loop(void **state)
{
	put_adapter("a", "x:1", NULL);
	assert_int_equal(open_policy(false), 0);
	watch_log();
	put("adapters/a.lua", "print('hello')\nreturn adapter { name = 'a', image = 'x:2' }\n");
	reload();
	assert_int_equal(count_in_log("info policy a: hello"), 1);
}

/* --- watching ---------------------------------------------------------------------------------- */
static void test_edits_are_seen(void **state)
{
	char target[96], link[96];

	put_adapter("a", "x:1", NULL);
	assert_int_equal(open_policy(true), 0);
	put_adapter("a", "x:2", NULL);
	await_image("a", "x:2");
	put_adapter("b", "y:1", NULL);
	await_image("b", "y:1");
	/* A ConfigMap: a name that leads through ..data. */
	put("adapters/..v1/c.lua", "return adapter { name = 'c', image = 'z:1' }\n");
	put("adapters/..v2/c.lua", "return adapter { name = 'c', image = 'z:2' }\n");
	snprintf(link, sizeof(link), "%s/adapters/..data", dir);
	assert_int_equal(symlink("..v1", link), 0);
	snprintf(target, sizeof(target), "%s/adapters/c.lua", dir);
	assert_int_equal(symlink("..data/c.lua", target), 0);
	await_image("c", "z:1");
	snprintf(target, sizeof(target), "%s/adapters/..tmp", dir);
	assert_int_equal(symlink("..v2", target), 0);
	assert_int_equal(rename(target, link), 0);
	await_image("c", "z:2");
	drop("adapters/b.lua");
	await_image("b", "");
}

/* No timer is left: what comes next is an edit. One that is set again and again never ends this. */
static void test_an_idle_watch_looks_at_nothing(void **state)
{
	(void)state;
	put_adapter("a", "x:1", NULL);
	assert_int_equal(open_policy(true), 0);
	put_adapter("a", "x:2", NULL);
	await_image("a", "x:2");
	while (uv_backend_timeout(ss_loop_uv(loop)) >= 0)
		ss_loop_step(loop, true);
	put_adapter("a", "x:3", NULL);
	await_image("a", "x:3");
}

/* --- versions exchanged by one rename ------------------------------------------------------------ */
/* The link's new target in one step, as git-sync and the kubelet do it. */
static void flip(const char *target, const char *link)
{
	char tmp[128];

	snprintf(tmp, sizeof(tmp), "%s.tmp", link);
	assert_int_equal(symlink(target, path_of(tmp)), 0);
	snprintf(tmp, sizeof(tmp), "%s/%s.tmp", dir, link);
	assert_int_equal(rename(tmp, path_of(link)), 0);
}

/* VERSION/below/adapters/a.lua and b.lua with this image. */
static void put_version(const char *version, const char *below, const char *image)
{
	char rel[128], text[128];

	for (const char *name = "ab"; *name; name++) {
		snprintf(rel, sizeof(rel), "%s/%sadapters/%c.lua", version, below, *name);
		snprintf(text, sizeof(text), "return adapter { name = '%c', image = '%s' }\n",
		         *name, image);
		put(rel, text);
	}
}

/* A version, the link's way to it, and the one before removed. */
static void exchange(int n, const char *link, const char *up, const char *folder, const char *below)
{
	char version[16], image[16], target[64], command[128];

	snprintf(version, sizeof(version), "v%d", n);
	snprintf(image, sizeof(image), "x:%d", n);
	put_version(version, below, image);
	snprintf(target, sizeof(target), "%sv%d%s", up, n, folder);
	flip(target, link);
	snprintf(command, sizeof(command), "rm -rf %s/v%d", dir, n - 1);
	assert_int_equal(system(command), 0);
}

static void test_links_to_whole_versions(void **state)
{
	static const struct {
		const char *policy, *link, *up, *folder, *below;
	} rows[] = {
	        {"now", "now", "", "", ""},                         /* the folder itself */
	        {"now/deep/policy", "now", "", "", "deep/policy/"}, /* one on its path */
	        {"top/../now", "now", "", "", ""},                  /* by a path that goes up */
	        {"p", "p/adapters", "../", "/adapters", ""},        /* one in it */
	        {"chain", "now", "", "", ""},                       /* behind another link */
	};

	put("top/x", "");
	mkdir(path_of("p"), 0700);
	assert_int_equal(symlink("now", path_of("chain")), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		const struct ss_policy_options options = {.loop = loop, .watch = true};

		exchange(1, rows[i].link, rows[i].up, rows[i].folder, rows[i].below);
		assert_int_equal(ss_policy_open(path_of(rows[i].policy), &options, &policy, NULL),
		                 0);
		for (int n = 2; n <= 3; n++) {
			exchange(n, rows[i].link, rows[i].up, rows[i].folder, rows[i].below);
			await_image("a", n == 2 ? "x:2" : "x:3");
			await_image("b", n == 2 ? "x:2" : "x:3");
		}
		ss_policy_free(policy);
		policy = NULL;
		exchange(4, "unused", "", "", ""); /* removes version 3 */
	}
}

/* A pass that began in one version does not end in another one. */
static void test_no_generation_is_of_two_versions(void **state)
{
	const struct ss_policy_options options = {.loop = loop, .watch = true};
	struct done d;

	put_version("v1", "", "x:1");
	put_version("v2", "", "x:2");
	flip("v1", "now");
	assert_int_equal(ss_policy_open(path_of("now"), &options, &policy, NULL), 0);
	for (int i = 0; i < 600; i++) {
		char first[128];
		struct ss_policy_wait *wait;

		d = (struct done){0};
		assert_int_equal(ss_policy_reload(policy, on_done, &d, &wait, NULL), 0);
		/* While the thread looks. */
		flip(i % 2 ? "v1" : "v2", "now");
		while (!d.called)
			ss_loop_step(loop, true);
		snprintf(first, sizeof(first), "%s", image_of(policy, "a", NULL));
		assert_string_equal(first, image_of(policy, "b", NULL));
	}
}

static void test_a_broken_edit_and_its_repair(void **state)
{
	put_adapter("a", "x:1", NULL);
	put_adapter("b", "x:1", NULL);
	assert_int_equal(open_policy(true), 0);
	watch_log();
	put_adapter("a", "x:2", "=");
	while (!count_in_log("held at the last good version"))
		ss_loop_step(loop, true);
	put_adapter("b", "x:2", NULL);
	await_image("b", "x:2");
	assert_string_equal(image_of(policy, "a", NULL), "x:1");
	put_adapter("a", "x:3", NULL);
	await_image("a", "x:3");
}

/* --- waiting -------------------------------------------------------------------------------------- */
static void test_wait(void **state)
{
	struct done first = {0}, second = {0}, third = {0};
	struct ss_policy_wait *wait;

	put_adapter("a", "x:1", NULL);
	assert_int_equal(open_policy(false), 0);
	assert_int_equal(ss_policy_wait(policy, 1, 60000, on_done, &first, &wait, NULL), 0);
	assert_false(first.called); /* later, always */
	assert_int_equal(ss_policy_wait(policy, 2, 0, on_done, &second, &wait, NULL), 0);
	put_adapter("a", "x:2", NULL);
	reload();
	assert_int_equal(ss_policy_wait(policy, 9, 20, on_done, &third, &wait, NULL), 0);
	while (!third.called)
		ss_loop_step(loop, true);
	assert_true(first.called && second.called);
	assert_int_equal(first.code, 0);
	assert_int_equal(second.code, 0);
	assert_int_equal(third.code, SS_ERR_TIMEOUT);
	assert_string_equal(third.message, "generation 9 did not come: 2 serves");
	assert_int_equal(ss_policy_wait(policy, 9, 0, on_done, &third, &wait, NULL), 0);
	ss_policy_wait_cancel(wait);
}

/* --- history --------------------------------------------------------------------------------------- */
static const char *history_text(void)
{
	static char text[4096];
	struct ss_doc *doc = ss_doc_new();
	size_t used = 0;

	assert_int_equal(ss_policy_history(policy, doc, NULL), 0);
	text[0] = 0;
	for (struct ss_iter it = ss_iter(doc, ss_doc_root(doc)); ss_iter_next(&it);) {
		used += (size_t)snprintf(
		        text + used, sizeof(text) - used, "%d %s",
		        (int)ss_doc_get_int(doc, ss_doc_get(doc, it.value, "generation"), 0),
		        ss_doc_find_string(doc, it.value, "reason", NULL));
		for (struct ss_iter c = ss_iter(doc, ss_doc_get(doc, it.value, "changed"));
		     ss_iter_next(&c);)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %s %s",
			                         ss_doc_find_string(doc, c.value, "name", NULL),
			                         ss_doc_find_string(doc, c.value, "change", NULL));
		used += (size_t)snprintf(text + used, sizeof(text) - used, "\n");
	}
	ss_doc_free(doc);
	return text;
}

static int note_file(void *ud, const char *rel, const char *a, size_t a_len, const char *b,
                     size_t b_len)
{
	char *text = ud;
	size_t used = strlen(text);

	snprintf(text + used, 512 - used, "%s:%s%s ", rel, a ? "-" : "", b ? "+" : "");
	return 0;
}

static void test_history_diff_and_rollback(void **state)
{
	char files[512] = "";
	struct ss_err err;

	put("lib/sizes.lua", "return { cpu = '1', memory = '1Gi' }\n");
	put_adapter("a", "x:1", "resources = { limits = require 'sizes' }");
	put_adapter("b", "y:1", NULL);
	assert_int_equal(open_policy(false), 0);
	put_adapter("a", "x:2", NULL);
	put_adapter("c", "z:1", NULL);
	reload();
	assert_string_equal(history_text(),
	                    "2 reload a changed c added\n1 start a added b added\n");
	assert_int_equal(ss_policy_diff(policy, 1, 2, note_file, files, NULL), 0);
	assert_string_equal(files, "adapters/a.lua:-+ adapters/c.lua:+ lib/sizes.lua:- ");

	assert_int_equal(ss_policy_rollback(policy, 1, NULL), 0);
	assert_int_equal(ss_policy_generation(policy), 3);
	assert_string_equal(image_of(policy, "a", NULL), "x:1");
	assert_string_equal(image_of(policy, "c", NULL), "");
	assert_memory_equal(history_text(), "3 rollback a changed c removed\n", 31);
	/* The one that serves: nothing happens. */
	assert_int_equal(ss_policy_rollback(policy, 3, NULL), 0);
	assert_int_equal(ss_policy_generation(policy), 3);
	ss_err_init(&err);
	assert_int_equal(ss_policy_rollback(policy, 7, &err), SS_ERR_NOT_FOUND);
	assert_string_equal(err.message, "generation 7 is not kept: this process has 1 to 3 "
	                                 "(policy.history())");
	ss_err_done(&err);
	/* Asked for, the files serve again, though none has changed. */
	reload();
	assert_int_equal(ss_policy_generation(policy), 4);
	assert_string_equal(image_of(policy, "a", NULL), "x:2");
}

static void test_a_rollback_stands_until_a_file_changes(void **state)
{
	put_adapter("a", "x:1", NULL);
	put_adapter("b", "y:1", NULL);
	assert_int_equal(open_policy(true), 0);
	put_adapter("a", "x:2", NULL);
	await_image("a", "x:2");
	assert_int_equal(ss_policy_rollback(policy, 1, NULL), 0);
	watch_log();
	/* What fails changes nothing that serves. */
	put_adapter("b", "y:2", "=");
	while (!count_in_log("held at the last good version"))
		ss_loop_step(loop, true);
	assert_string_equal(image_of(policy, "a", NULL), "x:1");
	put_adapter("b", "y:3", NULL);
	await_image("b", "y:3");
	assert_string_equal(image_of(policy, "a", NULL), "x:2");
}

static void test_history_is_bounded(void **state)
{
	put_adapter("a", "x:0", NULL);
	assert_int_equal(open_policy(false), 0);
	for (int i = 1; i <= 40; i++) {
		char image[16];

		snprintf(image, sizeof(image), "x:%d", i);
		put_adapter("a", image, "build = function(i) return i end");
		reload();
		assert_string_equal(image_of(policy, "a", NULL), image);
	}
	assert_memory_equal(history_text(), "41 reload", 9);
	assert_null(strstr(history_text(), "\n9 "));
	assert_non_null(strstr(history_text(), "\n10 "));
	/* Its Lua state was freed; it is made again. */
	assert_int_equal(ss_policy_rollback(policy, 10, NULL), 0);
	assert_string_equal(image_of(policy, "a", NULL), "x:9");
}

/* --- what is kept ------------------------------------------------------------------------------------ */
static const char *kept_file(void)
{
	static char path[256];
	char folder[128], **names = NULL;

	snprintf(folder, sizeof(folder), "%s/state/sandscript", dir);
	assert_int_equal(ss_file_list(folder, &names, NULL), 0);
	assert_non_null(names[0]);
	snprintf(path, sizeof(path), "%s/%s", folder, names[0]);
	ss_file_free_list(names);
	return path;
}

/* A watching process served x:1 and ended; then a.lua was broken. */
static void leave_broken(void)
{
	put("lib/sizes.lua", "return { cpu = '1', memory = '1Gi' }\n");
	put_adapter("a", "x:1", "resources = { limits = require 'sizes' }");
	put_adapter("b", "y:1", NULL);
	assert_int_equal(open_policy(true), 0);
	ss_policy_free(policy);
	policy = NULL;
	put("lib/sizes.lua", "return {\n");
	put_adapter("a", "x:2", "=");
	put_adapter("b", "y:2", NULL);
}

static void test_a_restart_falls_back_to_what_was_kept(void **state)
{
	struct stat st;
	struct ss_doc *failed = ss_doc_new();

	leave_broken();
	assert_int_equal(stat(kept_file(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	watch_log();
	assert_int_equal(open_policy(true), 0);
	assert_string_equal(image_of(policy, "a", NULL), "x:1");
	assert_string_equal(image_of(policy, "b", NULL), "y:2");
	assert_int_equal(count_in_log("1 file does not load: served from the last good set of"), 1);
	assert_int_equal(ss_policy_failures(policy, failed, NULL), 0);
	assert_true(ss_doc_get_bool(
	        failed, ss_doc_get(failed, ss_doc_at(failed, ss_doc_root(failed), 0), "cached"),
	        false));
	ss_doc_free(failed);
	put_adapter("a", "x:3", NULL);
	await_image("a", "x:3");
}

static void test_only_a_watching_process_falls_back(void **state)
{
	int code;

	leave_broken();
	assert_int_equal(open_policy(false), 0);
	image_of(policy, "a", &code);
	assert_int_equal(code, SS_ERR_NOT_FOUND);
}

static void check_refused(const char *why)
{
	int code;

	watch_log();
	assert_int_equal(open_policy(true), 0);
	image_of(policy, "a", &code);
	assert_int_equal(code, SS_ERR_NOT_FOUND);
	if (!count_in_log(why))
		fail_msg("not '%s' in: %s", why, log_text);
	ss_policy_free(policy);
	policy = NULL;
}

static void test_a_kept_set_that_is_not_ours_is_refused(void **state)
{
	char other[96], link[256];
	FILE *f;

	leave_broken();
	assert_int_equal(chmod(kept_file(), 0644), 0);
	check_refused("may be read or written by others (chmod 600)");
	unlink(kept_file());

	leave_broken();
	f = fopen(kept_file(), "r+");
	fseek(f, 200, SEEK_SET);
	fputc('#', f);
	fclose(f);
	check_refused("is damaged");
	unlink(kept_file());

	leave_broken();
	snprintf(other, sizeof(other), "%s/other", dir);
	snprintf(link, sizeof(link), "%s", kept_file());
	assert_int_equal(rename(link, other), 0);
	assert_int_equal(symlink(other, link), 0);
	check_refused("is a symbolic link");
	unlink(kept_file());
}

/* Only root can give a file away; all else about it is in order then. */
static void test_a_kept_set_of_another_user_is_refused(void **state)
{
	if (geteuid()) {
		print_message("skip: not root, so no file can belong to another user\n");
		return;
	}
	leave_broken();
	assert_int_equal(chown(kept_file(), 12345, (gid_t)-1), 0);
	check_refused("belongs to another user");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        LOOP_TEST(test_reload),
	        LOOP_TEST(test_a_trial_is_of_the_next_generation),
	        LOOP_TEST(test_an_endless_load_stops_nobody),
	        LOOP_TEST(test_a_folder_that_is_not_there),
	        LOOP_TEST(test_free_while_loading),
	        LOOP_TEST(test_a_failure_is_told_once_it_has_stood),
	        LOOP_TEST(test_what_a_file_prints_comes_from_the_loop),
	        LOOP_TEST(test_edits_are_seen),
	        LOOP_TEST(test_an_idle_watch_looks_at_nothing),
	        LOOP_TEST(test_links_to_whole_versions),
	        LOOP_TEST(test_no_generation_is_of_two_versions),
	        LOOP_TEST(test_a_broken_edit_and_its_repair),
	        LOOP_TEST(test_wait),
	        LOOP_TEST(test_history_diff_and_rollback),
	        LOOP_TEST(test_a_rollback_stands_until_a_file_changes),
	        LOOP_TEST(test_history_is_bounded),
	        LOOP_TEST(test_a_restart_falls_back_to_what_was_kept),
	        LOOP_TEST(test_only_a_watching_process_falls_back),
	        LOOP_TEST(test_a_kept_set_that_is_not_ours_is_refused),
	        LOOP_TEST(test_a_kept_set_of_another_user_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
