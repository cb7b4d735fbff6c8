/* Whole files: limits, kinds of files, atomic replacement, lists, paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/file.h"

static char dir[] = "/tmp/ss-file-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[4][256];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void put(const char *name, const char *text)
{
	assert_int_equal(ss_file_write(in_dir(name), text, strlen(text), 0600, NULL), 0);
}

static void test_read_within_and_over_the_limit(void **state)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;

	(void)state;
	put("five", "12345");
	ss_buf_puts(&b, ">");
	assert_int_equal(ss_file_read(in_dir("five"), 5, &b, &err), 0);
	assert_string_equal(b.data, ">12345");
	assert_int_equal(ss_file_read(in_dir("five"), 4, &b, &err), SS_ERR_LIMIT);
	assert_non_null(strstr(err.message, "five is larger than 4 bytes"));
	put("empty", "");
	ss_buf_reset(&b);
	assert_int_equal(ss_file_read(in_dir("empty"), 0, &b, &err), 0);
	assert_int_equal(b.len, 0);
	/* A file without a size, as the kernel's are. */
	assert_int_equal(ss_file_read("/proc/self/status", 100000, &b, &err), 0);
	assert_true(b.len > 100);
	assert_int_equal(ss_file_read("/proc/self/status", 100, &b, &err), SS_ERR_LIMIT);
}

static void test_read_refuses_other_kinds(void **state)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;

	(void)state;
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	assert_int_equal(ss_file_read(in_dir("none"), 10, &b, &err), SS_ERR_NOT_FOUND);
	assert_non_null(strstr(err.message, "/none: No such file"));
	assert_int_equal(ss_file_read(in_dir("fifo"), 10, &b, &err), SS_ERR_IO);
	assert_int_equal(ss_file_read(dir, 10, &b, &err), SS_ERR_IO);
	assert_non_null(strstr(err.message, "is a directory"));
	assert_int_equal(ss_file_read("/dev/zero", 10, &b, &err), SS_ERR_IO);
	assert_int_equal(ss_file_read(in_dir("five/x"), 10, &b, &err), SS_ERR_NOT_FOUND);
}

static void test_read_a_descriptor_to_its_end(void **state)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	close(fds[1]);
	assert_int_equal(ss_file_read_fd(fds[0], 3, &b, NULL), 0);
	assert_string_equal(b.data, "abc");
	close(fds[0]);
}

static void test_write_replaces_with_exact_mode(void **state)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;
	struct stat st;
	char **names;

	(void)state;
	umask(077);
	put("old", "old");
	assert_int_equal(symlink("old", in_dir("link")), 0);
	assert_int_equal(ss_file_write(in_dir("link"), "new", 3, 0644, NULL), 0);
	assert_int_equal(lstat(in_dir("link"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(ss_file_read(in_dir("old"), 10, &b, NULL), 0);
	assert_string_equal(b.data, "old");
	/* Nothing temporary stays behind. */
	assert_int_equal(ss_file_list(dir, &names, NULL), 0);
	for (char **p = names; *p; p++)
		assert_null(strstr(*p, ".sandscript"));
	ss_file_free_list(names);
}

static void test_write_refuses(void **state)
{
	struct ss_err err SS_AUTO_ERR;

	(void)state;
	assert_int_equal(ss_file_write("/dev/null", "x", 1, 0600, &err), SS_ERR_IO);
	assert_non_null(strstr(err.message, "/dev/null is not a regular file"));
	assert_int_equal(ss_file_write(dir, "x", 1, 0600, &err), SS_ERR_IO);
	assert_int_equal(ss_file_write(in_dir("no/file"), "x", 1, 0600, &err), SS_ERR_NOT_FOUND);
}

static void test_list_is_sorted(void **state)
{
	struct ss_err err SS_AUTO_ERR;
	char **names;

	(void)state;
	assert_int_equal(ss_file_make_dirs(in_dir("list/none"), 0700, &err), 0);
	put("list/b", "");
	put("list/B", "");
	put("list/a", "");
	assert_int_equal(ss_file_list(in_dir("list"), &names, &err), 0);
	assert_string_equal(names[0], "B");
	assert_string_equal(names[1], "a");
	assert_string_equal(names[2], "b");
	assert_string_equal(names[3], "none");
	assert_null(names[4]);
	ss_file_free_list(names);
	assert_int_equal(ss_file_list(in_dir("list/none"), &names, &err), 0);
	assert_null(names[0]);
	ss_file_free_list(names);
	ss_file_free_list(NULL);
	assert_int_equal(ss_file_list(in_dir("nowhere"), &names, &err), SS_ERR_NOT_FOUND);
}

static void test_make_dirs(void **state)
{
	struct ss_err err SS_AUTO_ERR;
	struct stat st;

	(void)state;
	umask(0);
	assert_int_equal(ss_file_make_dirs(in_dir("m//a/b/"), 0710, &err), 0);
	assert_int_equal(ss_file_make_dirs(in_dir("m/a/b"), 0700, &err), 0);
	assert_int_equal(stat(in_dir("m/a"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0710);
	put("m/file", "");
	assert_int_equal(ss_file_make_dirs(in_dir("m/file"), 0700, &err), SS_ERR_IO);
	assert_true(ss_file_make_dirs(in_dir("m/file/x"), 0700, &err) < 0);
	assert_int_equal(ss_file_make_dirs("/", 0700, &err), 0);
	assert_true(ss_file_is_dir(dir));
	assert_false(ss_file_is_dir(in_dir("m/file")));
	assert_true(ss_file_exists(in_dir("m/file")));
	assert_false(ss_file_exists(in_dir("m/other")));
}

static void test_paths(void **state)
{
	static const char *const rows[][3] = {
	        {"/a", "b", "/a/b"}, {"/a/", "b", "/a/b"},  {"/a", "/b", "/b"},
	        {"", "b", "b"},      {".", "b/c", "./b/c"}, {"/", "b", "/b"},
	};
	static const char *const dirs[][2] = {
	        {"/a/b", "/a"}, {"/a", "/"}, {"a", "."},    {"a/b/", "a"},
	        {"", "."},      {"/", "/"},  {"a//b", "a"},
	};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		char *s = ss_file_join(rows[i][0], rows[i][1]);

		assert_string_equal(s, rows[i][2]);
		free(s);
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(dirs); i++) {
		char *s = ss_file_dirname(dirs[i][0]);

		assert_string_equal(s, dirs[i][1]);
		free(s);
	}
}

static void test_create_replaces_nothing(void **state)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;
	struct stat st;

	(void)state;
	assert_int_equal(ss_file_create(in_dir("fresh"), "abc", 3, 0640, &err), 0);
	assert_int_equal(ss_file_read(in_dir("fresh"), 10, &b, &err), 0);
	assert_string_equal(b.data, "abc");
	assert_int_equal(stat(in_dir("fresh"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(ss_file_create(in_dir("fresh"), "new", 3, 0640, &err),
	                 SS_ERR_ALREADY_EXISTS);
	assert_non_null(strstr(err.message, "fresh: File exists"));
	assert_int_equal(symlink("nowhere", in_dir("dangling")), 0);
	assert_int_equal(ss_file_create(in_dir("dangling"), "x", 1, 0640, &err),
	                 SS_ERR_ALREADY_EXISTS);
	assert_int_equal(ss_file_create(in_dir("no/such"), "x", 1, 0640, &err), SS_ERR_NOT_FOUND);
	ss_buf_reset(&b);
	assert_int_equal(ss_file_read(in_dir("fresh"), 10, &b, &err), 0);
	assert_string_equal(b.data, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_read_within_and_over_the_limit),
	        cmocka_unit_test(test_read_refuses_other_kinds),
	        cmocka_unit_test(test_read_a_descriptor_to_its_end),
	        cmocka_unit_test(test_write_replaces_with_exact_mode),
	        cmocka_unit_test(test_write_refuses),
	        cmocka_unit_test(test_create_replaces_nothing),
	        cmocka_unit_test(test_list_is_sorted),
	        cmocka_unit_test(test_make_dirs),
	        cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
