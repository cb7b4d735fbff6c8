/* The texts of a folder: read once, whole, shared. */
#include <fcntl.h>

#include "reload_fixture.h"

#include "script/adapter/source.h"

static struct ss_sources *set;

static void open_set(void)
{
	assert_int_equal(ss_sources_new(dir, &set, NULL), 0);
	ss_sources_refresh(set);
}

static struct ss_source *get(const char *rel)
{
	struct ss_source *s = NULL;

	assert_int_equal(ss_sources_get(set, rel, &s, NULL), 0);
	return s;
}

static void check_text(const char *rel, const char *want)
{
	const struct ss_source *s = get(rel);

	if (!s->text)
		fail_msg("%s %s", rel, s->problem);
	assert_string_equal(s->text, want);
}

static void test_one_content_between_refreshes(void **state)
{
	struct ss_source *s;

	put("lib/x.lua", "one");
	open_set();
	s = ss_source_ref(get("lib/x.lua"));
	put("lib/x.lua", "two");
	assert_ptr_equal(get("lib/x.lua"), s);
	assert_int_equal(ss_sources_reads(set), 1);
	ss_sources_refresh(set);
	check_text("lib/x.lua", "two");
	/* Who holds the former one has it still. */
	assert_string_equal(s->text, "one");
	assert_false(ss_source_same(s, get("lib/x.lua")));
	ss_source_unref(s);
	ss_sources_free(set);
}

static void test_the_same_content_is_the_same_source(void **state)
{
	struct ss_source *s;

	put("lib/x.lua", "one");
	open_set();
	s = get("lib/x.lua");
	put("lib/x.lua", "one"); /* another inode */
	ss_sources_refresh(set);
	assert_ptr_equal(get("lib/x.lua"), s);
	ss_sources_free(set);
}

/* As soon as its times tell changes apart a file is not read again. */
static void test_what_did_not_change_is_not_read(void **state)
{
	int64_t deadline = ss_clock_mono_ns() + 20000000000;
	size_t before;

	put("lib/x.lua", "one");
	open_set();
	do {
		assert_true(ss_clock_mono_ns() < deadline);
		before = ss_sources_reads(set);
		ss_sources_refresh(set);
		get("lib/x.lua");
	} while (ss_sources_reads(set) > before);
	put("lib/x.lua", "two");
	ss_sources_refresh(set);
	check_text("lib/x.lua", "two");
	ss_sources_free(set);
}

static void test_what_is_being_written_keeps_its_former_content(void **state)
{
	int fd;

	put("lib/x.lua", "one");
	put("lib/y.lua", "y");
	open_set();
	check_text("lib/x.lua", "one");
	fd = open(path_of("lib/x.lua"), O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "tw", 2), 2);
	ss_sources_refresh(set);
	check_text("lib/x.lua", "one");
	assert_int_equal(write(fd, "o", 1), 1);
	close(fd);
	ss_sources_refresh(set);
	check_text("lib/x.lua", "two");
	/* A new one is not there yet. */
	fd = open(path_of("lib/z.lua"), O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "z", 1), 1);
	ss_sources_refresh(set);
	assert_int_equal(get("lib/z.lua")->code, SS_ERR_NOT_FOUND);
	close(fd);
	ss_sources_refresh(set);
	check_text("lib/z.lua", "z");
	ss_sources_free(set);
}

static void test_what_cannot_be_used_says_why(void **state)
{
	char huge[33000];

	memset(huge, '-', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = 0;
	put("lib/huge.lua", huge);
	put("lib/dir.lua/x", "");
	put("lib/bytes.lua", "\xff");
	open_set();
	assert_int_equal(get("lib/none.lua")->code, SS_ERR_NOT_FOUND);
	assert_int_equal(get("lib/huge.lua")->code, SS_ERR_LIMIT);
	assert_int_equal(get("lib/dir.lua")->code, SS_ERR_IO);
	assert_string_equal(get("lib/dir.lua")->problem, "is a directory, not a file");
	assert_int_equal(get("lib/bytes.lua")->code, SS_ERR_INVAL);
	assert_string_equal(get("lib/bytes.lua")->problem, "is not UTF-8 text");
	assert_null(get("lib/bytes.lua")->text);
	ss_sources_free(set);
}

static void test_a_set_with_contents_of_its_own(void **state)
{
	put("lib/x.lua", "on disk");
	put("lib/y.lua", "on disk");
	assert_int_equal(ss_sources_new(dir, &set, NULL), 0);
	assert_int_equal(ss_sources_put(set, "lib/x.lua", "given", 5, NULL), 0);
	assert_int_equal(ss_sources_put(set, "lib/z.lua", "\xff", 1, NULL), SS_ERR_INVAL);
	check_text("lib/x.lua", "given");
	assert_int_equal(get("lib/y.lua")->code, SS_ERR_NOT_FOUND);
	assert_int_equal(ss_sources_reads(set), 0);
	ss_sources_free(set);
}

static void test_a_list_holds_each_source_once(void **state)
{
	struct ss_source_list list = {0};

	put("lib/x.lua", "one");
	open_set();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ss_source_list_add(&list, get("lib/x.lua"), NULL), 0);
		assert_int_equal(ss_source_list_add(&list, get("lib/none.lua"), NULL), 0);
	}
	assert_int_equal(list.n, 2);
	ss_sources_free(set);
	assert_string_equal(list.list[0]->text, "one");
	ss_source_list_done(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_one_content_between_refreshes),
	        TEST(test_the_same_content_is_the_same_source),
	        TEST(test_what_did_not_change_is_not_read),
	        TEST(test_what_is_being_written_keeps_its_former_content),
	        TEST(test_what_cannot_be_used_says_why),
	        TEST(test_a_set_with_contents_of_its_own),
	        TEST(test_a_list_holds_each_source_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
