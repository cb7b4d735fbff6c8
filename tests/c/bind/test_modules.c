/* What a spec cannot see: the log's lines, and memory that runs out. */
#include "module_fixture.h"

#include "base/log.h"

static char logged[4096];

static void keep_line(void *ud, const char *line, size_t len)
{
	snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%.*s|", (int)len, line);
}

static void test_log(void **state)
{
	struct fixture f;
	enum ss_log_level before = ss_log_get_level();

	fixture_open(&f, (struct ss_host_options){.open = fixture_modules});
	ss_log_set_sink(keep_line, NULL);
	ss_log_set_level(SS_LOG_INFO);
	logged[0] = 0;
	expect_results(&f,
	               "log.debug('no', {print}) log.info('made', {name='s1', n=2, l={1}}) "
	               "log.error('bad\\n\\27x')",
	               "");
	ss_log_set_level(before);
	ss_log_set_sink(NULL, NULL);
	assert_string_equal(logged, "info made l=[1] n=2 name=s1|error bad\\x0a\\x1bx|");
	fixture_close(&f);
}

static void test_gc_error_is_logged(void **state)
{
	struct fixture f;

	fixture_open(&f, (struct ss_host_options){.open = fixture_modules});
	ss_log_set_sink(keep_line, NULL);
	logged[0] = 0;
	expect_results(
	        &f, "setmetatable({}, {__gc=function() error('in gc') end}) collectgarbage()", "");
	ss_log_set_sink(NULL, NULL);
	assert_non_null(strstr(logged, "test.lua:1: in gc"));
	fixture_close(&f);
}

/* Every module with the cap at each step: an error or success, never a crash or a leak. */
static void test_out_of_memory(void **state)
{
	static const char text[] =
	        "local t = json.decode('{\"b\":[1,{\"x\":null}],\"a\":\"text of some length, not "
	        "interned at all\"}') "
	        "local s = yaml.encode(t) .. json.encode(t, {indent=true}) .. #yaml.decode_all('a: "
	        "1\\n---\\nb: 2\\n') "
	        "local r = task.map({1,2,3}, function(x) task.sleep(0) return x .. s end, "
	        "{width=2}) "
	        "local c = coroutine.wrap(function() task.sleep(0) coroutine.yield(1) end) c() "
	        "task.timeout(1, task.sleep, 0) local _, e = fs.read('/nowhere') return #r .. "
	        "e.code";
	size_t failed = 0, max;

	for (max = 20000;; max += 211) {
		struct ss_host_options options = {.memory_max_bytes = max, .open = fixture_modules};
		struct fixture f = {0};
		int rc;

		ss_err_init(&f.err);
		f.loop = options.loop = ss_loop_new(&f.err);
		rc = ss_host_new(&options, &f.host, &f.err);
		if (rc)
			assert_int_equal(rc, SS_ERR_NOMEM);
		else
			rc = fixture_run(&f, text);
		if (!rc)
			assert_string_equal(lua_tostring(ss_host_state(f.host), -1), "3not_found");
		failed += rc != 0;
		fixture_close(&f);
		if (!rc)
			break;
	}
	assert_true(failed > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_log),
	        cmocka_unit_test(test_gc_error_is_logged),
	        cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
