/* How often the folder of a policy that serves is looked at. */
#include <errno.h>
#include <sys/syscall.h>

#include "reload_loop.h"

static int64_t passes(void)
{
	struct ss_doc *doc = ss_doc_new();
	int64_t n;

	ss_doc_begin_object(doc);
	ss_policy_put_metrics(policy, doc);
	ss_doc_end(doc);
	assert_int_equal(ss_doc_finish(doc, NULL), 0);
	n = ss_doc_get_int(doc, ss_doc_find(doc, ss_doc_root(doc), "reload", "passes", NULL), -1);
	ss_doc_free(doc);
	return n;
}

static int64_t real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t pass_after(int edit)
{
	int64_t before = passes(), start = real_ms();
	char image[16];

	snprintf(image, sizeof(image), "x:%d", edit);
	put_adapter("a", image, NULL);
	while (passes() == before)
		ss_loop_step(loop, true);
	return real_ms() - start;
}

/* Time stands still, so all of this is one moment. Ten passes come at once; then there is a pause, in
 * which any number of edits is one more pass. A pause is never shorter than it is, loaded or not. */
static void test_a_storm_of_edits_is_few_passes(void **state)
{
	enum { AT_ONCE = 10, PAUSE_MS = 20 };
	int64_t before, took;

	put_adapter("a", "x:0", NULL);
	stop_clock();
	assert_int_equal(open_policy(true), 0);
	before = passes();
	for (int i = 1; i <= AT_ONCE; i++)
		pass_after(i);
	took = pass_after(AT_ONCE + 1);
	assert_true(took >= PAUSE_MS - 5);
	assert_int_equal(passes() - before, AT_ONCE + 1);
	assert_string_equal(image_of(policy, "a", NULL), "x:11");
}

/* In the place of libc's, for a machine that has no inotify to give. */
static bool no_inotify;
int inotify_init1(int flags);

int inotify_init1(int flags)
{
	if (!no_inotify)
		return (int)syscall(SYS_inotify_init1, flags);
	errno = EMFILE;
	return -1;
}

static void test_without_inotify_the_folder_is_polled(void **state)
{
	put_adapter("a", "x:1", NULL);
	watch_log();
	no_inotify = true;
	assert_int_equal(open_policy(true), 0);
	no_inotify = false;
	assert_int_equal(count_in_log("raise fs.inotify.max_user_instances"), 1);
	for (int i = 2; i <= 3; i++) {
		put_adapter("a", i == 2 ? "x:2" : "x:3", NULL);
		await_image("a", i == 2 ? "x:2" : "x:3");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        LOOP_TEST(test_a_storm_of_edits_is_few_passes),
	        LOOP_TEST(test_without_inotify_the_folder_is_polled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
