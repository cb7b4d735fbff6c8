/* `require "sandscript"` in the stock interpreter, a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../skip.h"
#include "base/attr.h"
#include "base/buf.h"

/* A sanitized module needs its runtime loaded first; the interpreter itself leaks by design of its exit. */
#ifdef __SANITIZE_ADDRESS__
#define PRELOAD "LD_PRELOAD=\"$(cc -print-file-name=libasan.so)\" ASAN_OPTIONS=detect_leaks=0 "
#else
#define PRELOAD ""
#endif

static const char *build_folder(void)
{
	const char *folder = getenv("SS_BINARY_DIR");
	char path[4096];
	FILE *file;

	if (!folder)
		return NULL;
	snprintf(path, sizeof(path), "%s/sandscript.so", folder);
	file = fopen(path, "r");
	if (!file)
		return NULL;
	fclose(file);
	return folder;
}

/* The output of the chunk, both streams, and its exit code. */
static void expect_lua(const char *chunk, const char *want)
{
	const char *folder = build_folder();
	char script[] = "/tmp/ss-module-XXXXXX", line[1024];
	struct ss_buf out SS_AUTO_BUF = SS_BUF_INIT, command SS_AUTO_BUF = SS_BUF_INIT;
	int fd = mkstemp(script);
	FILE *file;

	if (!folder || system("command -v lua5.4 >/dev/null") != 0) {
		remove(script);
		SKIP_TEST(folder ? "lua5.4 is not installed" : "sandscript.so is not built");
	}
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	fprintf(file, "local ss = require 'sandscript' local task, json = ss.task, ss.json %s",
	        chunk);
	fclose(file);
	ss_buf_printf(&command, PRELOAD "LUA_CPATH='%s/?.so' lua5.4 %s 2>&1; echo \"=$?\"", folder,
	              script);
	file = popen(command.data, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		/* The notice names a file of the day. */
		if (strncmp(line, "sandscript: using", 17) != 0)
			ss_buf_puts(&out, line);
	pclose(file);
	remove(script);
	assert_string_equal(out.data, want);
}

static void test_table(void **state)
{
	expect_lua("local names = {} for name in pairs(ss) do names[#names+1] = name end "
	           "table.sort(names) "
	           "print(table.concat(names, ' ')) print(k8s, task == nil, package.loaded.json)",
	           "env fs json k8s log policy sandbox task yaml\nnil\tfalse\tnil\n=0\n");
}

static void test_blocking_calls(void **state)
{
	expect_lua("print(task.sleep(0.01), json.encode{a={}})", "true\t{\"a\":{}}\n=0\n");
	expect_lua("print(task.join(task.spawn(function() task.sleep(0.01) return 5 end)))",
	           "5\n=0\n");
	expect_lua("print(table.concat(task.map({1, 2, 3}, function(x) task.sleep(0.001) return x "
	           "* 2 end), ' '))",
	           "2 4 6\n=0\n");
	expect_lua("print(task.timeout(0.01, task.sleep, 60))",
	           "nil\tthe time given to task.timeout is over\n=0\n");
	/* What cannot be suspended blocks, others run meanwhile. */
	expect_lua("local n = 0 task.spawn(function() while true do task.sleep(0.001) n = n + 1 "
	           "end end) "
	           "table.sort({3, 1, 2}, function(a, b) task.sleep(0.01) return a < b end) "
	           "print(n > 3)",
	           "true\n=0\n");
	expect_lua("print(coroutine.wrap(function() task.sleep(0) coroutine.yield('y') end)())",
	           "y\n=0\n");
}

static void test_limits_of_stock_coroutines(void **state)
{
	expect_lua(
	        "local _, e = task.join(task.spawn(function() coroutine.wrap(task.sleep)(0) end)) "
	        "print(e.message:match('cannot wait inside a coroutine of stock Lua') ~= nil)",
	        "true\n=0\n");
	expect_lua("print(task.join(task.spawn(coroutine.yield)))",
	           "nil\tcoroutine.yield was called outside a coroutine of the script\n=0\n");
}

/* The interpreter ends with tasks and connections open. */
static void test_exit(void **state)
{
	expect_lua("task.spawn(function() task.sleep(60) end) task.spawn(task.join, "
	           "task.spawn(task.sleep, 60)) "
	           "task.sleep(0) print('done')",
	           "done\n=0\n");
	expect_lua("K = ss.k8s.connect{cluster='embedded:' .. os.getenv('SS_BINARY_DIR') .. "
	           "'/module-exit.db'} "
	           "print(K.get{kind='Pod', name='x', namespace='default'} == nil)",
	           "true\n=0\n");
}

static void test_errors(void **state)
{
	expect_lua("local ok, e = pcall(function() task.sleep('x') end) print(e:match('number "
	           "expected') ~= nil)",
	           "true\n=0\n");
	expect_lua("local a, b a = task.spawn(function() task.join(b) end) b = "
	           "task.spawn(function() task.join(a) end) "
	           "print(task.join(a))",
	           "nil\tnothing is left that could end this wait\n=0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_table),
	        cmocka_unit_test(test_blocking_calls),
	        cmocka_unit_test(test_limits_of_stock_coroutines),
	        cmocka_unit_test(test_exit),
	        cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
