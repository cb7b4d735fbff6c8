/* Folder watches: what counts and what does not, trees that change, links on the way.
 * The kernel queues an event before the system call that caused it returns, so one turn of the
 * loop after a change is enough, and none proves that nothing was noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "io/fswatch.h"
#include "io/loop.h"

static char base[] = "/tmp/ss-fswatch-XXXXXX";
static struct ss_loop *loop;
static struct ss_timer *alive; /* a watch alone does not keep the loop active */
static struct ss_fswatch *watch;
static int notices;
static char logged[4096];

static const char *at(const char *name)
{
	static char paths[8][512];
	static int i;

	i = (i + 1) % 8;
	snprintf(paths[i], sizeof(paths[i]), "%s/%s", base, name);
	return paths[i];
}

static void shell(const char *fmt, ...)
{
	char command[1024], line[1200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	snprintf(line, sizeof(line), "cd %s && { %s; }", base, command);
	assert_int_equal(system(line), 0);
}

static void put(const char *name, const char *text)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void link_to(const char *target, const char *name)
{
	assert_int_equal(symlink(target, at(name)), 0);
}

static void move(const char *from, const char *to)
{
	assert_int_equal(rename(at(from), at(to)), 0);
}

static void count(void *ud)
{
	++*(int *)ud;
}

static void nothing(void *ud)
{
	(void)ud;
}

static int noticed(void)
{
	int before = notices;

	ss_loop_step(loop, false);
	ss_loop_step(loop, false);
	return notices - before;
}

static void start(const char *dir)
{
	assert_int_equal(ss_fswatch_start(loop, at(dir), count, &notices, &watch, NULL), 0);
	assert_int_equal(noticed(), 0);
}

static void sink(void *ud, const char *line, size_t len)
{
	(void)ud;
	snprintf(logged, sizeof(logged), "%.*s", (int)len, line);
}

static int setup(void **state)
{
	(void)state;
	strcpy(base + strlen(base) - 6, "XXXXXX");
	notices = 0;
	watch = NULL;
	logged[0] = 0;
	ss_log_set_sink(sink, NULL);
	loop = ss_loop_new(NULL);
	alive = ss_timer_start(loop, 3600000, nothing, NULL);
	return loop && alive && mkdtemp(base) && mkdir(at("p"), 0700) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	ss_fswatch_stop(watch);
	ss_timer_stop(alive);
	ss_loop_free(loop);
	ss_log_set_sink(NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", base);
	return system(command);
}

/* --- what counts ----------------------------------------------------------------- */

static void test_a_write_counts_when_the_file_is_closed(void **state)
{
	int fd;

	(void)state;
	start("p");
	fd = open(at("p/a.lua"), O_WRONLY | O_CREAT, 0600);
	assert_int_equal(noticed(), 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(noticed(), 0);
	close(fd);
	assert_int_equal(noticed(), 1);
	fd = open(at("p/a.lua"), O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "y", 1), 1);
	assert_int_equal(noticed(), 0);
	close(fd);
	assert_int_equal(noticed(), 1);
	close(open(at("p/a.lua"), O_RDONLY));
	assert_int_equal(noticed(), 0);
}

static void test_many_events_are_one_notice(void **state)
{
	char name[32];

	(void)state;
	start("p");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "p/%d.lua", i);
		put(name, "x");
	}
	assert_int_equal(noticed(), 1);
}

static void test_moves_links_and_deletions_count(void **state)
{
	(void)state;
	put("new", "x");
	start("p");
	move("new", "p/a.lua");
	assert_int_equal(noticed(), 1);
	assert_int_equal(link(at("p/a.lua"), at("p/b.lua")), 0);
	assert_int_equal(noticed(), 1);
	move("p/b.lua", "b.lua");
	assert_int_equal(noticed(), 1);
	link_to("../b.lua", "p/c.lua");
	assert_int_equal(noticed(), 1);
	assert_int_equal(link(at("b.lua"), at("p/d.lua")), 0);
	unlink(at("b.lua"));
	assert_int_equal(noticed(), 1);
	unlink(at("p/a.lua"));
	assert_int_equal(noticed(), 1);
	unlink(at("p/c.lua"));
	assert_int_equal(noticed(), 1);
}

/* Who may write to a file or its folder decides whether it is used. */
static void test_changes_of_mode_count(void **state)
{
	(void)state;
	put("p/a.lua", "x");
	put("p/.hidden", "x");
	start("p");
	assert_int_equal(chmod(at("p/a.lua"), 0666), 0);
	assert_int_equal(noticed(), 1);
	assert_int_equal(chmod(at("p"), 0755), 0);
	assert_int_equal(noticed(), 1);
	assert_int_equal(chmod(at("p/.hidden"), 0666), 0);
	assert_int_equal(noticed(), 0);
}

static void test_an_editor_that_keeps_a_backup(void **state)
{
	(void)state;
	put("p/a.lua", "old");
	start("p");
	put("p/.a.lua.swp", "swap");
	assert_int_equal(noticed(), 0);
	move("p/a.lua", "p/a.lua~");
	put("p/a.lua", "new");
	unlink(at("p/a.lua~"));
	assert_int_equal(noticed(), 1);
}

static void test_hidden_names_do_not_count(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("p/.git"), 0700), 0);
	start("p");
	put("p/.git/index", "x");
	put("p/.x.lua", "x");
	assert_int_equal(mkdir(at("p/.new"), 0700), 0);
	put("p/.new/y.lua", "y");
	assert_int_equal(noticed(), 0);
}

static void test_neighbours_do_not_count(void **state)
{
	(void)state;
	start("p");
	put("beside", "x");
	move("beside", "elsewhere");
	assert_int_equal(mkdir(at("q"), 0700), 0);
	put("q/a.lua", "x");
	assert_int_equal(noticed(), 0);
}

/* --- trees ------------------------------------------------------------------------ */

static void test_folders_below_are_watched(void **state)
{
	(void)state;
	shell("mkdir -p p/adapters p/lib/deep");
	start("p");
	put("p/adapters/a.lua", "x");
	assert_int_equal(noticed(), 1);
	put("p/lib/deep/b.lua", "x");
	assert_int_equal(noticed(), 1);
}

static void test_new_folders_are_watched(void **state)
{
	(void)state;
	start("p");
	shell("mkdir p/adapters");
	assert_int_equal(noticed(), 1);
	put("p/adapters/a.lua", "x");
	assert_int_equal(noticed(), 1);
	shell("mkdir -p q/deep");
	move("q", "p/q");
	assert_int_equal(noticed(), 1);
	put("p/q/deep/b.lua", "x");
	assert_int_equal(noticed(), 1);
}

static void test_a_folder_that_was_moved_or_replaced(void **state)
{
	(void)state;
	shell("mkdir p/lib");
	start("p");
	move("p/lib", "p/other");
	assert_int_equal(noticed(), 1);
	put("p/other/a.lua", "x");
	link_to("x", "p/other/l");
	assert_int_equal(noticed(), 1);
	shell("rm -r p/other; mkdir p/other");
	assert_true(noticed() > 0);
	put("p/other/a.lua", "x");
	assert_int_equal(noticed(), 1);
	move("p/other", "gone");
	assert_int_equal(noticed(), 1);
	put("gone/a.lua", "y");
	assert_int_equal(noticed(), 0);
}

static void test_the_folder_itself_may_go_and_come(void **state)
{
	(void)state;
	start("not/yet");
	shell("mkdir not");
	assert_true(noticed() > 0);
	shell("mkdir not/yet");
	assert_true(noticed() > 0);
	put("not/yet/a.lua", "x");
	assert_int_equal(noticed(), 1);
	for (int i = 0; i < 3; i++) {
		shell("rm -r not");
		assert_true(noticed() > 0);
		shell("mkdir -p not/yet/lib");
		assert_true(noticed() > 0);
		put("not/yet/lib/a.lua", "x");
		assert_int_equal(noticed(), 1);
	}
	move("not", "away");
	assert_true(noticed() > 0);
	put("away/yet/a.lua", "y");
	assert_int_equal(noticed(), 0);
	move("away", "not");
	assert_true(noticed() > 0);
	put("not/yet/a.lua", "z");
	assert_int_equal(noticed(), 1);
}

static void test_a_file_in_the_folders_place(void **state)
{
	(void)state;
	shell("rmdir p; echo x > p");
	start("p");
	shell("rm p; mkdir p");
	assert_true(noticed() > 0);
	put("p/a.lua", "x");
	assert_int_equal(noticed(), 1);
}

static void test_depth_is_limited(void **state)
{
	(void)state;
	shell("mkdir -p p/1/2/3/4/5/6/7/8/9");
	start("p");
	put("p/1/2/3/4/5/6/7/8/in.lua", "x");
	assert_int_equal(noticed(), 1);
	put("p/1/2/3/4/5/6/7/8/9/out.lua", "x");
	assert_int_equal(noticed(), 0);
}

/* --- links ------------------------------------------------------------------------- */

static void test_a_folder_behind_links(void **state)
{
	(void)state;
	shell("mkdir -p v1/lib v2/lib x; ln -s v1 current; ln -s ../current x/policy");
	start("x/policy");
	put("v1/lib/a.lua", "x");
	assert_int_equal(noticed(), 1);
	put("v2/lib/a.lua", "x");
	assert_int_equal(noticed(), 0);
	shell("ln -s v2 next; mv -T next current");
	assert_true(noticed() > 0);
	put("v2/lib/a.lua", "y");
	assert_int_equal(noticed(), 1);
	put("v1/lib/a.lua", "y");
	assert_int_equal(noticed(), 0);
	shell("rm x/policy; ln -s %s/v1/. x/policy", base);
	assert_true(noticed() > 0);
	put("v1/lib/a.lua", "z");
	assert_int_equal(noticed(), 1);
}

/* The watches that the kernel keeps for this process. */
static int n_watches(void)
{
	int n = 0;

	for (int fd = 3; fd < 256; fd++) {
		char path[64], line[256];
		FILE *info;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		info = fopen(path, "r");
		if (!info)
			continue;
		while (fgets(line, sizeof(line), info))
			n += !strncmp(line, "inotify wd:", 11);
		fclose(info);
	}
	return n;
}

/* The folders stay where they are: nobody but us ends the watches of what is not in use. */
static void test_a_folder_that_is_left_is_not_watched(void **state)
{
	int n;

	(void)state;
	shell("mkdir -p v1/lib v2/lib/inner x; ln -s v1 current; ln -s ../current x/policy");
	start("x/policy");
	n = n_watches();
	assert_true(n > 2);
	for (int i = 0; i < 5; i++) {
		shell("ln -s v2 next; mv -T next current");
		assert_true(noticed() > 0);
		assert_int_equal(n_watches(), n + 1);
		shell("ln -s v1 next; mv -T next current");
		assert_true(noticed() > 0);
		assert_int_equal(n_watches(), n);
	}
}

static void test_a_config_map(void **state)
{
	(void)state;
	shell("cd p; mkdir ..one; echo 1 > ..one/a.lua; ln -s ..one ..data; ln -s ..data/a.lua "
	      "a.lua");
	start("p");
	for (int i = 0; i < 3; i++) {
		shell("cd p; mkdir ..v%d; echo 2 > ..v%d/a.lua; ln -s ..v%d ..data_tmp", i, i, i);
		assert_int_equal(noticed(), 0);
		move("p/..data_tmp", "p/..data");
		assert_int_equal(noticed(), 1);
		shell("echo 3 > p/..v%d/a.lua", i);
		assert_int_equal(noticed(), 1);
	}
	shell("rm -r p/..one");
	assert_int_equal(noticed(), 0);
}

static void test_a_large_config_map(void **state)
{
	(void)state;
	shell("cd p; mkdir ..one; ln -s ..one ..data; "
	      "for i in $(seq 300); do echo 1 > ..one/$i.lua; ln -s ..data/$i.lua $i.lua; done");
	start("p");
	shell("echo 2 > p/..one/1.lua");
	assert_int_equal(noticed(), 1);
	shell("echo 2 > p/..one/300.lua");
	assert_int_equal(noticed(), 1);
}

static void test_a_file_elsewhere(void **state)
{
	(void)state;
	shell("mkdir shared q; echo 1 > shared/b; ln -s ../shared/b q/b; ln -s ../q/b p/b.lua");
	start("p");
	put("shared/b", "2");
	assert_int_equal(noticed(), 1);
	put("shared/c", "2");
	assert_int_equal(noticed(), 0);
	shell("echo 3 > shared/new; mv shared/new shared/b");
	assert_int_equal(noticed(), 1);
	shell("rm q/b");
	assert_int_equal(noticed(), 1);
	shell("ln -s ../shared/c q/b");
	assert_int_equal(noticed(), 1);
	put("shared/c", "4");
	assert_int_equal(noticed(), 1);
}

static void test_a_link_to_what_is_not_there_yet(void **state)
{
	(void)state;
	shell("mkdir q; ln -s ../q/later.lua p/a.lua");
	start("p");
	put("q/later.lua", "x");
	assert_true(noticed() > 0);
	put("q/later.lua", "y");
	assert_int_equal(noticed(), 1);
	put("q/other.lua", "y");
	assert_int_equal(noticed(), 0);
}

static void test_links_in_circles(void **state)
{
	(void)state;
	shell("cd p; mkdir lib; ln -s .. lib/up; ln -s ../.. lib/out; ln -s me me; ln -s lib "
	      "again; "
	      "ln -s a b; ln -s b a");
	start("p");
	put("p/lib/a.lua", "x");
	assert_int_equal(noticed(), 1);
	shell("rm p/me; echo > p/me");
	assert_int_equal(noticed(), 1);
}

/* As many links on one path as the kernel follows; what it does not open need not be watched. */
static void test_forty_links_on_a_path(void **state)
{
	char name[16];

	(void)state;
	shell("mkdir q; ln -s q 1; for i in $(seq 2 41); do ln -s $((i - 1)) $i; done");
	for (int hops = 40; hops <= 41; hops++) {
		snprintf(name, sizeof(name), "%d", hops);
		assert_int_equal(access(at(name), R_OK), hops == 40 ? 0 : -1);
		start(name);
		put("q/a.lua", name);
		assert_int_equal(noticed(), hops == 40);
		ss_fswatch_stop(watch);
		watch = NULL;
	}
}

/* --- limits ------------------------------------------------------------------------- */

static void test_a_lost_queue_is_a_notice(void **state)
{
	int fd;

	(void)state;
	shell("mkdir p/lib");
	start("p");
	fd = open(at("p/lib/a.lua"), O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	/* Two that alternate: equal events one after the other are one. */
	for (int i = 0; i < 10000; i++) {
		put("p/x", "1");
		put("p/y", "1");
	}
	shell("mkdir p/new");
	while (noticed())
		;
	put("p/new/a.lua", "x");
	assert_int_equal(noticed(), 1);
}

static void test_too_many_folders_are_said_once(void **state)
{
	(void)state;
	shell("cd p; seq -f d%%g 4200 | xargs mkdir");
	start("p");
	assert_non_null(strstr(logged, "more than 4096 directories to watch"));
	assert_true(ss_fswatch_is_blind(watch));
	logged[0] = 0;
	put("p/a.lua", "x");
	assert_int_equal(noticed(), 1);
	shell("mkdir p/d0");
	assert_int_equal(noticed(), 1);
	assert_string_equal(logged, "");
	/* With room for all it sees again. */
	shell("cd p; rm -r d1???");
	while (noticed())
		;
	shell("mkdir p/more");
	assert_int_equal(noticed(), 1);
	assert_false(ss_fswatch_is_blind(watch));
}

static void test_no_descriptor_is_an_error(void **state)
{
	struct ss_err err SS_AUTO_ERR;
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(ss_fswatch_start(loop, at("p"), count, &notices, &watch, &err), SS_ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_non_null(strstr(err.message, "cannot watch /tmp/ss-fswatch-"));
	assert_non_null(strstr(err.message, "fs.inotify.max_user_instances"));
	assert_null(watch);
}

/* --- ends --------------------------------------------------------------------------- */

static void stop_it(void *ud)
{
	++*(int *)ud;
	ss_fswatch_stop(watch);
	watch = NULL;
}

static void test_stopping(void **state)
{
	(void)state;
	ss_fswatch_stop(NULL);
	start("p");
	put("p/a.lua", "x");
	ss_fswatch_stop(watch);
	watch = NULL;
	assert_int_equal(noticed(), 0);
	assert_int_equal(ss_fswatch_start(loop, at("p"), stop_it, &notices, &watch, NULL), 0);
	put("p/a.lua", "x");
	assert_int_equal(noticed(), 1);
	put("p/a.lua", "y");
	assert_int_equal(noticed(), 0);
}

static void test_a_watch_alone_does_not_keep_the_loop_active(void **state)
{
	(void)state;
	ss_timer_stop(alive);
	alive = NULL;
	assert_int_equal(ss_fswatch_start(loop, at("p"), count, &notices, &watch, NULL), 0);
	ss_loop_step(loop, false); /* closes the timer */
	assert_false(ss_loop_step(loop, true));
}

static void test_a_relative_path_keeps_its_meaning(void **state)
{
	char before[512];

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(base), 0);
	assert_int_equal(ss_fswatch_start(loop, "p", count, &notices, &watch, NULL), 0);
	assert_int_equal(chdir(before), 0);
	shell("rm -r p; mkdir p");
	assert_true(noticed() > 0);
	put("p/a.lua", "x");
	assert_int_equal(noticed(), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        T(a_write_counts_when_the_file_is_closed),
	        T(many_events_are_one_notice),
	        T(moves_links_and_deletions_count),
	        T(changes_of_mode_count),
	        T(an_editor_that_keeps_a_backup),
	        T(hidden_names_do_not_count),
	        T(neighbours_do_not_count),
	        T(folders_below_are_watched),
	        T(new_folders_are_watched),
	        T(a_folder_that_was_moved_or_replaced),
	        T(the_folder_itself_may_go_and_come),
	        T(a_file_in_the_folders_place),
	        T(depth_is_limited),
	        T(a_folder_behind_links),
	        T(a_folder_that_is_left_is_not_watched),
	        T(a_config_map),
	        T(a_large_config_map),
	        T(a_file_elsewhere),
	        T(a_link_to_what_is_not_there_yet),
	        T(links_in_circles),
	        T(forty_links_on_a_path),
	        T(a_lost_queue_is_a_notice),
	        T(too_many_folders_are_said_once),
	        T(no_descriptor_is_an_error),
	        T(stopping),
	        T(a_watch_alone_does_not_keep_the_loop_active),
	        T(a_relative_path_keeps_its_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
