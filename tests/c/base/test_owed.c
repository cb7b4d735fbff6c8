/* What is said of writes whose answer is not known when the process ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/owed.h"

#define SAID "sandscript: not known whether it was carried out: "

static const char *told(void)
{
	static char text[65536];
	int fds[2];
	ssize_t n;

	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	ss_owed_tell(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	close(fds[0]);
	close(fds[1]);
	return text;
}

static void test_what_has_no_answer_is_told(void **state)
{
	int a = ss_owed_begin("apply", "Pod demo/a"), b = ss_owed_begin("delete", "Pod demo/b");

	(void)state;
	assert_string_equal(told(), SAID "apply Pod demo/a\n" SAID "delete Pod demo/b\n");
	ss_owed_end(a);
	ss_owed_lose(b);
	assert_string_equal(told(), SAID "delete Pod demo/b\n");
	/* Done again, it is one write. */
	b = ss_owed_begin("delete", "Pod demo/b");
	assert_string_equal(told(), SAID "delete Pod demo/b\n");
	ss_owed_end(b);
	assert_string_equal(told(), "");
	ss_owed_end(0);
	ss_owed_lose(0);
}

static void test_what_is_lost_gives_way(void **state)
{
	char name[32];
	int slots[64];

	(void)state;
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "Pod demo/%d", i);
		slots[i] = ss_owed_begin("apply", name);
		assert_true(slots[i] > 0);
	}
	assert_int_equal(ss_owed_begin("apply", "Pod demo/more"), 0);
	ss_owed_lose(slots[7]);
	slots[7] = ss_owed_begin("apply", "Pod demo/more");
	assert_true(slots[7] > 0);
	assert_null(strstr(told(), "demo/7\n"));
	assert_non_null(strstr(told(), "demo/more\n"));
	for (int i = 0; i < 64; i++)
		ss_owed_end(slots[i]);
}

static void test_a_pipe_that_is_full_keeps_nobody(void **state)
{
	int fds[2], slot = ss_owed_begin("apply", "Pod demo/a");

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	while (write(fds[1], "x", 1) == 1)
		continue;
	fcntl(fds[1], F_SETFL, 0);
	ss_owed_tell(fds[1]);
	ss_owed_end(slot);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_has_no_answer_is_told),
	        cmocka_unit_test(test_what_is_lost_gives_way),
	        cmocka_unit_test(test_a_pipe_that_is_full_keeps_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
