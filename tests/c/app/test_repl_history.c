/* The history file: what is in it, who may read it, and several sessions at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/repl/history.h"
#include "app/repl/repl.h"
#include "base/buf.h"
#include "base/err.h"
#include "io/file.h"

struct place {
	char dir[64];
	char path[128];
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/ss-history-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/state/history", p->dir);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	free(p);
	return system(command);
}

static struct ss_history *open_ok(const char *path)
{
	struct ss_history *h;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_history_open(path, &h, &err))
		fail_msg("%s", err.message);
	return h;
}

static void add_ok(struct ss_history *h, const char *text)
{
	struct ss_err err;

	ss_err_init(&err);
	if (ss_history_add(h, text, strlen(text), &err))
		fail_msg("%s", err.message);
}

static void assert_item(const struct ss_history *h, size_t i, const char *want)
{
	const char *text = ss_history_item(h, i, NULL);

	if (want)
		assert_string_equal(text ? text : "(none)", want);
	else
		assert_null(text);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_items_come_back(void **state)
{
	struct place *p = *state;
	struct ss_history *h = open_ok(p->path);
	struct stat st;

	add_ok(h, "one");
	add_ok(h, "if x then\n\tprint('\\n')\nend");
	add_ok(h, "h\xc3\xa9 \xff");
	add_ok(h, "h\xc3\xa9 \xff"); /* the same again */
	add_ok(h, "");
	ss_history_free(h);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	h = open_ok(p->path);
	assert_item(h, 0, "one");
	assert_item(h, 1, "if x then\n\tprint('\\n')\nend");
	assert_item(h, 2, "h\xc3\xa9 \xff");
	assert_item(h, 3, NULL);
	ss_history_free(h);
}

static void test_of_equal_items_the_newest_stays(void **state)
{
	struct place *p = *state;
	struct ss_history *h = open_ok(p->path);

	add_ok(h, "a");
	add_ok(h, "b");
	add_ok(h, "a");
	ss_history_free(h);
	h = open_ok(p->path);
	assert_item(h, 0, "b");
	assert_item(h, 1, "a");
	assert_item(h, 2, NULL);
	ss_history_free(h);
}

static void test_a_long_file_is_replaced_by_its_newest_items(void **state)
{
	struct place *p = *state;
	struct ss_history *h = open_ok(p->path);
	struct stat before, after;
	FILE *f = fopen(p->path, "a");

	for (int i = 0; i < SS_HISTORY_MAX_ITEMS + 500; i++)
		fprintf(f, "item %d\n", i);
	fclose(f);
	ss_history_free(h);
	assert_int_equal(stat(p->path, &before), 0);
	h = open_ok(p->path);
	assert_item(h, 0, "item 500");
	assert_item(h, SS_HISTORY_MAX_ITEMS, NULL);
	assert_int_equal(stat(p->path, &after), 0);
	assert_true(after.st_ino != before.st_ino && after.st_size < before.st_size);
	assert_int_equal(after.st_mode & 0777, 0600);
	ss_history_free(h);
}

static void test_huge_and_broken_lines(void **state)
{
	struct place *p = *state;
	struct ss_history *h = open_ok(p->path);
	FILE *f = fopen(p->path, "w");

	for (int i = 0; i < 4 << 20; i++)
		fputc('x', f);
	fputs("\ngood\nends with \\\ncut", f);
	fclose(f);
	ss_history_free(h);
	h = open_ok(p->path);
	assert_item(h, 0, "good");
	assert_item(h, 1, "ends with \\");
	assert_item(h, 2, NULL);
	add_ok(h, "after the cut");
	ss_history_free(h);
	h = open_ok(p->path);
	assert_item(h, 2, "after the cut");
	ss_history_free(h);
}

static void test_a_long_item_is_not_kept(void **state)
{
	struct place *p = *state;
	struct ss_history *h = open_ok(p->path);
	char *text = malloc(SS_HISTORY_MAX_ITEM_BYTES + 2);

	memset(text, 'x', SS_HISTORY_MAX_ITEM_BYTES + 1);
	text[SS_HISTORY_MAX_ITEM_BYTES + 1] = 0;
	add_ok(h, text);
	assert_item(h, 0, NULL);
	free(text);
	ss_history_free(h);
}

/* --- whose file it is ----------------------------------------------------------------------- */
static void assert_refused(const char *path, const char *why)
{
	struct ss_history *h;
	struct ss_err err;

	ss_err_init(&err);
	assert_int_equal(ss_history_open(path, &h, &err), SS_ERR_IO);
	assert_non_null(strstr(err.message, why));
	ss_err_done(&err);
	add_ok(h, "in memory"); /* it works all the same */
	assert_item(h, 0, "in memory");
	ss_history_free(h);
}

static void make_dir(struct place *p)
{
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/state", p->dir);
	assert_int_equal(mkdir(dir, 0700), 0);
}

static void test_symlink_is_not_followed(void **state)
{
	struct place *p = *state;
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	char target[128];

	make_dir(p);
	snprintf(target, sizeof(target), "%s/precious", p->dir);
	write_file(target, "precious\n");
	assert_int_equal(symlink(target, p->path), 0);
	assert_refused(p->path, "symlink");
	assert_int_equal(ss_file_read(target, 100, &text, NULL), 0);
	assert_string_equal(text.data, "precious\n");
}

static void test_what_is_no_file_of_ours(void **state)
{
	struct place *p = *state;
	char other[128];

	make_dir(p);
	assert_int_equal(mkfifo(p->path, 0600), 0);
	assert_refused(p->path, "no regular file");
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_refused(p->path, "");
	assert_int_equal(rmdir(p->path), 0);
	snprintf(other, sizeof(other), "%s/other", p->dir);
	write_file(other, "precious\n");
	assert_int_equal(link(other, p->path), 0);
	assert_refused(p->path, "hard link");
}

static void test_loose_permissions_are_tightened(void **state)
{
	struct place *p = *state;
	struct stat st;

	make_dir(p);
	write_file(p->path, "a\n");
	assert_int_equal(chmod(p->path, 0644), 0);
	ss_history_free(open_ok(p->path));
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* --- several sessions ------------------------------------------------------------------------- */
enum { SESSIONS = 4, ITEMS_EACH = 200 };

static void session(const char *path, int number)
{
	struct ss_history *h = NULL;
	char text[64];

	for (int i = 0; i < ITEMS_EACH; i++) {
		/* Sessions come and go. */
		if (i % 20 == 0) {
			ss_history_free(h);
			h = open_ok(path);
		}
		snprintf(text, sizeof(text), "session %d\nitem %d", number, i);
		add_ok(h, text);
	}
	ss_history_free(h);
}

static void test_sessions_lose_nothing(void **state)
{
	struct place *p = *state;
	struct ss_history *h;
	bool seen[SESSIONS][ITEMS_EACH] = {0};
	const char *text;
	int status, n = 0;

	ss_history_free(open_ok(p->path));
	/* So long that the first who opens it replaces it, while others wait for its lock. */
	for (int i = 0; i < SESSIONS; i++) {
		FILE *f = fopen(p->path, "a");

		for (int k = 0; k < 200; k++)
			fprintf(f, "%d %0*d\n", k, 2000, i);
		fclose(f);
	}
	for (int i = 0; i < SESSIONS; i++) {
		pid_t child = fork();

		if (child == 0) {
			session(p->path, i);
			_exit(0);
		}
	}
	for (int i = 0; i < SESSIONS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	h = open_ok(p->path);
	for (size_t i = 0; (text = ss_history_item(h, i, NULL)); i++) {
		int number, item;

		if (sscanf(text, "session %d\nitem %d", &number, &item) == 2) {
			assert_false(seen[number][item]);
			seen[number][item] = true;
			n++;
		}
	}
	assert_int_equal(n, SESSIONS * ITEMS_EACH);
	ss_history_free(h);
}

/* --- $EDITOR ------------------------------------------------------------------------------------ */
static void check_editor(const char *editor, const char *path, const char *want)
{
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;
	char **words = NULL;

	ss_err_init(&err);
	if (ss_repl_split_editor(editor, path, &words, &err))
		ss_buf_puts(&out, err.message);
	for (size_t i = 0; words && words[i]; i++)
		ss_buf_printf(&out, "[%s]", words[i]);
	assert_string_equal(out.data, want);
	free(words);
}

static void test_editor_is_split_without_a_shell(void **state)
{
	(void)state;
	check_editor("vi", "/tmp/x", "[vi][/tmp/x]");
	check_editor("  code --wait\t-n ", "/tmp/a b", "[code][--wait][-n][/tmp/a b]");
	check_editor("'/opt/my editor/e' \"a b\" c\\ d ''", "x",
	             "[/opt/my editor/e][a b][c d][][x]");
	check_editor("vi; rm -rf $HOME `x` | y", "f", "[vi;][rm][-rf][$HOME][`x`][|][y][f]");
	check_editor("vi", "-c!sh", "[vi][./-c!sh]");
	check_editor("vi 'x", "f", "editor 'vi 'x': a quote is not closed");
	check_editor("  ", "f", "the editor is empty: set $EDITOR");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(test_items_come_back),
	        TEST(test_of_equal_items_the_newest_stays),
	        TEST(test_a_long_file_is_replaced_by_its_newest_items),
	        TEST(test_huge_and_broken_lines),
	        TEST(test_a_long_item_is_not_kept),
	        TEST(test_symlink_is_not_followed),
	        TEST(test_what_is_no_file_of_ours),
	        TEST(test_loose_permissions_are_tightened),
	        TEST(test_sessions_lose_nothing),
	        cmocka_unit_test(test_editor_is_split_without_a_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
