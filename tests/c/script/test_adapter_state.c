/* The budget of a call into a policy state, when C is what takes the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/err.h"
#include "script/adapter/state.h"

enum { BUDGET_MS = 5 };

static int64_t cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* No instruction runs that the hook could count. */
static int compute(lua_State *L)
{
	int64_t until = cpu_ms() + *(const int64_t *)lua_touserdata(L, 1);

	while (cpu_ms() < until)
		continue;
	return 0;
}

static int run(struct ss_adapter_state *st, int64_t ms, struct ss_err *err)
{
	static const struct ss_adapter_budget budget = {BUDGET_MS, 1000000};

	return ss_adapter_state_run(st, compute, &ms, "hook x", &budget, err);
}

static void test_a_late_success_is_a_failure(void **state)
{
	struct ss_adapter_state_options options = {0};
	struct ss_adapter_state *st;
	struct ss_err err SS_AUTO_ERR;

	(void)state;
	assert_int_equal(ss_adapter_state_new(&options, &st, &err), 0);
	assert_int_equal(run(st, 0, &err), 0);
	assert_int_equal(run(st, BUDGET_MS + 1, &err), SS_ERR_TIMEOUT);
	assert_non_null(strstr(err.message, "hook x ran for more than 5 ms"));
	ss_adapter_state_free(st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_late_success_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
