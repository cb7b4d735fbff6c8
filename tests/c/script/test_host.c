#include "host_fixture.h"

#include <signal.h>
#include <sys/time.h>

#include "base/clock.h"
#include "script/await.h"
#include "script/task.h"

/* --- functions of the test: waiting without a module ------------------------------- */

struct op {
	struct ss_await *await;
	struct ss_loop *loop;
	struct ss_timer *timer;
};

static int cancelled;

static void on_time(void *ud)
{
	struct op *op = ud;

	ss_timer_stop(op->timer);
	op->timer = NULL;
	op->await->value = 7;
	ss_await_finish(op->await, NULL);
	ss_await_finish(op->await, NULL); /* the second is nothing */
}

static void cancel_op(void *ud)
{
	struct op *op = ud;

	cancelled++;
	ss_timer_stop(op->timer);
	op->timer = NULL;
}

static int push_value(lua_State *L, struct ss_await *a)
{
	lua_pushinteger(L, a->value);
	return 1;
}

/* wait(ms) --> 7 */
static int l_wait(lua_State *L)
{
	struct ss_await *a = ss_await_new(L, push_value);
	struct op *op = calloc(1, sizeof(*op));

	assert_non_null(op);
	*op = (struct op){a, ss_host_loop(ss_host_of(L)), NULL};
	a->data = op;
	a->data_free = free;
	op->timer = ss_timer_start(op->loop, luaL_checkinteger(L, 1), on_time, op);
	ss_await_started(a, cancel_op, op);
	return ss_await_wait(L, a);
}

static int l_spawn(lua_State *L)
{
	struct ss_task *task;
	struct ss_err err;

	ss_err_init(&err);
	if (ss_task_spawn(L, lua_gettop(L) - 1, 0, &task, &err))
		return luaL_error(L, "%s", err.message);
	return 1;
}

static int l_join(lua_State *L)
{
	ss_task_check(L, 1, "join");
	return ss_task_join(L, 1);
}

static int l_cancel(lua_State *L)
{
	ss_task_stop(ss_task_check(L, 1, "cancel"), SS_ERR_CANCELED, "cancelled");
	return 0;
}

static char reported[256];

static int l_report(lua_State *L)
{
	size_t used = strlen(reported);

	snprintf(reported + used, sizeof(reported) - used, "%s ", luaL_tolstring(L, 1, NULL));
	return 0;
}

/* now() --> milliseconds */
static int l_now(lua_State *L)
{
	lua_pushinteger(L, ss_clock_mono_ms());
	return 1;
}

static void open_test(lua_State *L, void *ud)
{
	lua_register(L, "wait", l_wait);
	lua_register(L, "spawn", l_spawn);
	lua_register(L, "join", l_join);
	lua_register(L, "cancel", l_cancel);
	lua_register(L, "now", l_now);
	lua_register(L, "report", l_report);
}

static void open_host(struct fixture *f, struct ss_host_options options)
{
	options.open = open_test;
	fixture_open(f, options);
	cancelled = 0;
}

/* --- running -------------------------------------------------------------------------- */

static void test_chunks(void **state)
{
	const char *const argv[] = {"name", "a", "b"};
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_results(&f, "return 1, 'x', nil, 2.5", "1 x nil 2.5");
	expect_results(&f,
	               "#! /usr/bin/sandscript\nlocal ok, e = pcall(error, 'x', 2) return "
	               "select('#', ...)",
	               "0");
	expect_results(&f, "", "");
	expect_results(&f, "x = 5", "");
	expect_results(&f, "return x", "5"); /* one state for all chunks */
	assert_int_equal(
	        ss_host_start(f.host, "return arg[0], arg[2], ...", 26, "=t", 3, argv, &f.err), 0);
	assert_int_equal(ss_host_run(f.host, &f.err), 0);
	assert_int_equal(ss_host_results(f.host), 4);
	assert_string_equal(lua_tostring(ss_host_state(f.host), 4), "b");
	fixture_close(&f);
}

static void test_errors(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){.source_max_bytes = 2000});
	expect_error(&f, "x = = 1", SS_ERR_SCRIPT, "test.lua:1: unexpected symbol near '='");
	expect_error(&f, "#!\nerror('boom')", SS_ERR_SCRIPT, "test.lua:2: boom");
	expect_error(&f, "local function f() error('in f') end\nf()", SS_ERR_SCRIPT,
	             "test.lua:1: in f\nstack traceback:\n\ttest.lua:1: in local "
	             "'f'\n\ttest.lua:2: in main chunk");
	expect_error(&f, "error({})", SS_ERR_SCRIPT, "test.lua:1: (error object is a table value)");
	expect_error(&f, "error()", SS_ERR_SCRIPT, "test.lua:1: (error object is a nil value)");
	expect_error(&f, "error(setmetatable({}, {__tostring=function() return 'shown' end}))",
	             SS_ERR_SCRIPT, "test.lua:1: shown");
	expect_error(&f, "error(setmetatable({}, {__tostring=error}))", SS_ERR_SCRIPT,
	             "__tostring fails");
	expect_error(&f, "\x1bLua", SS_ERR_SCRIPT, "attempt to load a binary chunk");
	expect_error(&f, "spawn(function() error('in the background') end)", SS_ERR_SCRIPT,
	             "test.lua:1: in the background");
	expect_results(&f, "local t = spawn(error, 'seen') return select('#', join(t))", "2");
	expect_error(&f, "spawn(error, 'bg') error('main')", SS_ERR_SCRIPT, "main");
	assert_int_equal(ss_host_start(f.host, "", 2001, "@big.lua", 0, NULL, &f.err),
	                 SS_ERR_LIMIT);
	assert_non_null(strstr(f.err.message, "big.lua: 2001 bytes"));
	fixture_close(&f);
}

static void test_environment(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_results(
	        &f,
	        "local gone = {} for _, e in ipairs{'io', 'dofile', 'loadfile', 'os.execute', "
	        "'os.getenv', 'os.remove', 'os.setlocale', 'debug.sethook', 'debug.getregistry',"
	        "'debug.setmetatable', 'package.loadlib', 'package.searchers', 'package.path',"
	        "'string.dump'} do local v = load('return ' .. e)() if v ~= nil then gone[#gone+1] "
	        "= e end "
	        "end return #gone",
	        "0");
	expect_results(&f, "return type(os.time()), type(debug.traceback()), #package.loaded",
	               "number string 0");
	expect_results(&f, "return load(string.char(27) .. 'Lua', 'x', 'b')",
	               "nil attempt to load a binary chunk (mode is '')");
	expect_results(&f, "return load('return ...', 'x', 't', {})(3), load('x=')",
	               "3 nil [string \"x=\"]:1: unexpected symbol near <eof>");
	expect_results(&f, "return pcall(collectgarbage, 'stop')",
	               "false bad argument #1 to 'collectgarbage' (invalid option 'stop')");
	expect_results(&f, "return type(collectgarbage('count'))", "number");
	fixture_close(&f);
}

static void test_full_libraries(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){.full_libraries = true});
	expect_results(
	        &f, "return type(io.write), type(os.exit), type(debug.sethook), type(package.path)",
	        "function function function string");
	expect_results(&f, "return pcall(wait, 1)", "true 7");
	fixture_close(&f);
}

static void test_memory(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){.memory_max_bytes = 8 << 20});
	expect_error(&f, "local t = {} while true do t[#t+1] = ('x'):rep(100000) .. #t end",
	             SS_ERR_LIMIT, "not enough memory: the script may hold 8 MiB");
	expect_results(&f,
	               "local ok, e = pcall(string.rep, 'x', 1 << 40) return ok, #('x'):rep(1000)",
	               "false 1000");
	fixture_close(&f);
}

/* --- tasks ---------------------------------------------------------------------------- */

static void test_waits(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_results(&f, "return wait(1), wait(0)", "7 7");
	expect_results(
	        &f,
	        "local log = {} local function f(n, ms) wait(ms) log[#log+1] = n return n * 2 end "
	        "local a, b = spawn(f, 1, 20), spawn(f, 2, 1) return join(a), join(b), join(a), "
	        "log[1], log[2]",
	        "2 4 2 2 1");
	/* A wait may stand wherever Lua itself can be suspended. */
	expect_results(&f, "return pcall(wait, 1)", "true 7");
	expect_results(&f, "return xpcall(wait, print, 1)", "true 7");
	expect_results(&f, "return select(2, pcall(pcall, wait, 1))", "true 7");
	expect_results(
	        &f,
	        "local t = setmetatable({}, {__index=function() return wait(1) end}) return t.x",
	        "7");
	expect_results(&f,
	               "local n = 0 do local x <close> = setmetatable({}, {__close=function() n = "
	               "wait(1) end}) "
	               "end return n",
	               "7");
	expect_results(&f,
	               "local n = 0 pcall(function() local x <close> = setmetatable({}, "
	               "{__close=function() n = wait(1) end}) error('x') end) return n",
	               "7");
	/* Where it cannot: said before anything starts. */
	expect_results(&f, "return pcall(table.sort, {2, 1}, function(a, b) wait(1) end)",
	               "false test.lua:1: cannot wait here: C code that cannot be suspended is "
	               "calling (a sort "
	               "comparator, a gsub function, __gc, tostring); do the waiting before and "
	               "use its result "
	               "here");
	expect_error(&f, "string.gsub('x', 'x', function() wait(1) end)", SS_ERR_SCRIPT,
	             "cannot wait here");
	assert_int_equal(cancelled, 0);
	fixture_close(&f);
}

static void test_cancel(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_results(
	        &f,
	        "local t = spawn(function() local _, e = wait(60000) local _, again = wait(60000) "
	        "return e.code, again.code, tostring(e) end) wait(0) cancel(t) return join(t)",
	        "canceled canceled cancelled");
	assert_int_equal(cancelled, 2);
	/* Before its first turn; of itself; of what is done. */
	expect_results(&f,
	               "local t = spawn(function() return select(2, wait(60000)).code end) "
	               "cancel(t) return join(t)",
	               "canceled");
	expect_results(&f,
	               "local t t = spawn(function() cancel(t) return select(2, wait(60000)).code "
	               "end) return join(t)",
	               "canceled");
	expect_results(&f,
	               "local t = spawn(function() return 1 end) join(t) cancel(t) return join(t)",
	               "1");
	/* A failure after being stopped is no failure of the run. */
	expect_results(
	        &f,
	        "local t = spawn(function() assert(wait(60000)) end) wait(0) cancel(t) return 1",
	        "1");
	/* One that waits for a stopped task goes on. */
	expect_results(&f,
	               "local t = spawn(function() assert(wait(60000)) end) local j = "
	               "spawn(function() return "
	               "select(2, join(t)).code end) wait(0) cancel(t) return join(j)",
	               "canceled");
	fixture_close(&f);
}

/* It goes on in spite of being stopped: ended after a second, its handlers run. */
static void test_ignored_cancel(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_results(&f,
	               "local closed, t = false t = spawn(function() local x <close> = "
	               "setmetatable({}, {__close="
	               "function() closed = true end}) while true do pcall(wait, 60000) end end) "
	               "wait(0) cancel(t) local start = now() local _, e = join(t) "
	               "return e.code, closed, now() - start >= 990, now() - start < 5000",
	               "canceled true true true");
	fixture_close(&f);
}

static void test_misuse(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_error(&f, "join(1)", SS_ERR_SCRIPT,
	             "test.lua:1: join: expected a task of task.spawn, got number");
	expect_error(&f, "local t t = spawn(function() join(t) end) assert(join(t))", SS_ERR_SCRIPT,
	             "a task cannot wait for its own end");
	expect_error(&f,
	             "local a, b a = spawn(function() assert(join(b)) end) b = spawn(function() "
	             "assert(join(a)) end) "
	             "assert(join(a))",
	             SS_ERR_FAILED, "deadlock: every task waits for another one");
	expect_results(&f, "return tostring(spawn(function() end)):gsub('%d+', 'N')",
	               "task N (ready) 1");
	fixture_close(&f);
}

/* --- coroutines ------------------------------------------------------------------------- */

static void test_coroutines(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_results(&f,
	               "local co = coroutine.wrap(function(a) local b = coroutine.yield(a + "
	               "wait(1)) wait(1) "
	               "return b, 'end' end) return co(1), co('x')",
	               "8 x end");
	/* Three deep, each waiting. */
	expect_results(&f,
	               "local function deep(n) if n == 0 then return wait(1) end "
	               "return select(2, coroutine.resume(coroutine.create(deep), n - 1)) end "
	               "return deep(3)",
	               "7");
	expect_results(&f,
	               "local n = 0 for v in coroutine.wrap(function() for i = 1, 3 do wait(1) "
	               "coroutine.yield(i) end end)"
	               " do n = n + v end return n",
	               "6");
	expect_results(&f,
	               "return coroutine.resume(coroutine.create(function() wait(1) error({}) "
	               "end)) == false",
	               "true");
	expect_results(&f, "return pcall(coroutine.wrap(function() wait(1) error('x') end))",
	               "false test.lua:1: x");
	expect_results(&f,
	               "return coroutine.running() ~= nil, select(2, coroutine.running()), "
	               "coroutine.isyieldable()",
	               "true true false");
	expect_error(&f, "coroutine.yield(1)", SS_ERR_SCRIPT,
	             "attempt to yield from outside a coroutine");
	/* A coroutine that could wait, resumed from where nothing can. */
	expect_results(&f,
	               "local ok, e = pcall(table.sort, {2, 1}, function() return "
	               "coroutine.wrap(function() return wait(1) > 0 end)() end) "
	               "return ok, e:find('cannot wait here') ~= nil",
	               "false true");
	/* What waits is not the script's to resume or close. */
	expect_results(&f,
	               "local co = coroutine.create(function() return wait(30) end) "
	               "local t = spawn(function() return coroutine.resume(co) end) wait(1) "
	               "local s, r, m = coroutine.status(co), coroutine.resume(co) "
	               "local c, e = pcall(coroutine.close, co) return s, r, m, c, e, join(t)",
	               "normal false cannot resume a coroutine that is waiting false cannot close "
	               "a normal coroutine "
	               "true 7");
	/* Nor is a task's own coroutine, waiting or ended. */
	expect_results(&f,
	               "local co local t = spawn(function() co = coroutine.running() wait(20) "
	               "return 5 end) wait(1) "
	               "local a = coroutine.resume(co) join(t) local b, m = coroutine.resume(co) "
	               "return a, b, m, coroutine.status(co), coroutine.close(co), join(t)",
	               "false false cannot resume a coroutine that is waiting dead true 5");
	/* A close that waits cannot; a chain of closes ends in an error, not in a crash. */
	expect_results(&f,
	               "local co = coroutine.create(function() local x <close> = setmetatable({}, "
	               "{__close=function() "
	               "wait(1) end}) coroutine.yield() end) coroutine.resume(co) local ok, e = "
	               "coroutine.close(co) "
	               "return ok, e:find('cannot wait here') ~= nil",
	               "false true");
	expect_results(
	        &f,
	        "local prev = coroutine.create(function() end) for i = 1, 20000 do local p = prev "
	        "local co = coroutine.create(function() local x <close> = setmetatable({}, "
	        "{__close=function() "
	        "coroutine.close(p) end}) coroutine.yield() end) coroutine.resume(co) prev = co "
	        "end "
	        "return (coroutine.close(prev))",
	        "true");
	fixture_close(&f);
}

/* --- ending it from outside ------------------------------------------------------------ */

static struct ss_host *interrupted;

static void on_alarm(int signum)
{
	ss_host_interrupt(interrupted);
}

/* Interrupts after ms, and again every ms. */
static void interrupt_every(struct fixture *f, int ms)
{
	struct itimerval when = {{0, ms * 1000}, {0, ms * 1000}};

	interrupted = f->host;
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &when, NULL);
}

static void no_interrupts(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	signal(SIGALRM, SIG_DFL);
}

static const char *const busy[] = {
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local function loop() while true do end end while true do xpcall(loop, loop) end",
        "local co = coroutine.wrap(function() while true do end end) while true do pcall(co) end",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "while true do load(function() while true do end end) end",
        "table.sort({3, 2, 1}, function() while true do end end)",
        "string.gsub('xx', 'x', function() while true do end end)",
        "while true do pcall(function() local x <close> = setmetatable({}, {__close=function() "
        "error('x') end}) "
        "while true do end end) end",
        "local x <close> = setmetatable({}, {__close=function() while true do end end}) while true "
        "do end",
        "setmetatable({}, {__index=function() while true do end end}).x = nil "
        "return setmetatable({}, {__index=function() while true do end end}).x",
        "while true do spawn(function() while true do end end) assert(wait(1)) end",
        "while true do wait(60000) end",
};

static void test_interrupts(void **state)
{
	struct fixture f;

	for (size_t i = 0; i < sizeof(busy) / sizeof(*busy); i++) {
		int64_t start = ss_clock_mono_ms();

		open_host(&f, (struct ss_host_options){0});
		interrupt_every(&f, 60);
		expect_error(&f, busy[i], SS_ERR_CANCELED, "interrupted");
		no_interrupts();
		assert_in_range(ss_clock_mono_ms() - start, 50, 3000);
		expect_results(&f, "return 'still here'", "still here");
		fixture_close(&f);
	}
}

/* Between a handler's being there and the first step; and what was for one run is not for the next. */
static void test_an_interrupt_before_the_run_is_for_it(void **state)
{
	struct fixture f;

	(void)state;
	fixture_open(&f, (struct ss_host_options){0});
	ss_host_interrupt(f.host);
	assert_int_equal(fixture_run(&f, "while true do end"), SS_ERR_CANCELED);
	assert_int_equal(fixture_run(&f, "return 1"), 0);
	fixture_close(&f);
}

static void test_one_interrupt(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	interrupt_every(&f, 60);
	/* A script that waits learns of it by its wait and may clean up. */
	assert_int_equal(
	        fixture_run(&f, "local _, e = wait(60000) code = e.code .. ' ' .. e.message"),
	        SS_ERR_CANCELED);
	no_interrupts();
	expect_results(&f, "return code", "canceled interrupted");
	fixture_close(&f);
}

/* Who was stopped waits no more, but a task that it spawns may, to clean up. */
static void test_cleaning_up(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	interrupt_every(&f, 60);
	assert_int_equal(fixture_run(&f, "local _, e = wait(60000) again = select(2, wait(1)).code "
	                                 "spawn(function() cleaned = wait(1) end)"),
	                 SS_ERR_CANCELED);
	no_interrupts();
	expect_results(&f, "return again, cleaned", "canceled 7");
	fixture_close(&f);
}

static void test_timeout(void **state)
{
	struct fixture f;

	for (size_t i = 0; i < sizeof(busy) / sizeof(*busy); i++) {
		int64_t start = ss_clock_mono_ms();

		open_host(&f, (struct ss_host_options){.timeout_ms = 50});
		expect_error(&f, busy[i], SS_ERR_TIMEOUT, "the time of the run is over");
		assert_in_range(ss_clock_mono_ms() - start, 40, 5000);
		fixture_close(&f);
	}
}

/* Tasks in every state when the host goes. */
static void test_freeing(void **state)
{
	static const char text[] = "for i = 1, 3 do spawn(function() local x <close> = "
	                           "setmetatable({}, {__close=function() "
	                           "closed = (closed or 0) + 1 report(closed) local _, e = wait(1) "
	                           "report(e.code) end}) "
	                           "while true do pcall(wait, 60000) end end) end wait(60000)";
	struct fixture f;

	reported[0] = 0;
	open_host(&f, (struct ss_host_options){0});
	assert_int_equal(ss_host_start(f.host, text, strlen(text), "=t", 0, NULL, &f.err), 0);
	for (int i = 0; i < 5; i++)
		ss_loop_step(f.loop, false);
	assert_int_equal(cancelled, 0);
	ss_host_free(f.host);
	/* Four waits, and three that the handlers began and could not have. */
	assert_int_equal(cancelled, 7);
	assert_string_equal(reported, "1 canceled 2 canceled 3 canceled ");
	f.host = NULL;
	fixture_close(&f);
	/* Never started. */
	open_host(&f, (struct ss_host_options){0});
	assert_int_equal(ss_host_start(f.host, text, strlen(text), "=t", 0, NULL, &f.err), 0);
	fixture_close(&f);
}

static void test_many(void **state)
{
	struct fixture f;

	open_host(&f, (struct ss_host_options){0});
	expect_results(&f,
	               "local t, n = {}, 0 for i = 1, 2000 do t[i] = spawn(function() wait(i % 5) "
	               "n = n + 1 end) end "
	               "for i = 1, #t do join(t[i]) end return n",
	               "2000");
	expect_error(&f, "for i = 1, 100001 do spawn(wait, 0) end", SS_ERR_SCRIPT,
	             "more than 100000 tasks at once");
	fixture_close(&f);
}

/* The state cannot be made for any k-th request that fails: no leak, no crash. */
static void test_open_out_of_memory(void **state)
{
	struct ss_err err;
	struct ss_host *host = NULL;
	struct ss_loop *loop;
	size_t max, refused = 0;

	ss_err_init(&err);
	loop = ss_loop_new(&err);
	for (max = 1000; !host; max += 397) {
		struct ss_host_options options = {
		        .loop = loop, .memory_max_bytes = max, .open = open_test};

		if (ss_host_new(&options, &host, &err)) {
			assert_int_equal(err.code, SS_ERR_NOMEM);
			refused++;
		}
		ss_err_done(&err);
	}
	assert_true(refused > 10);
	ss_host_free(host);
	ss_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_chunks),
	        cmocka_unit_test(test_errors),
	        cmocka_unit_test(test_environment),
	        cmocka_unit_test(test_full_libraries),
	        cmocka_unit_test(test_memory),
	        cmocka_unit_test(test_waits),
	        cmocka_unit_test(test_cancel),
	        cmocka_unit_test(test_ignored_cancel),
	        cmocka_unit_test(test_misuse),
	        cmocka_unit_test(test_coroutines),
	        cmocka_unit_test(test_interrupts),
	        cmocka_unit_test(test_an_interrupt_before_the_run_is_for_it),
	        cmocka_unit_test(test_one_interrupt),
	        cmocka_unit_test(test_cleaning_up),
	        cmocka_unit_test(test_timeout),
	        cmocka_unit_test(test_freeing),
	        cmocka_unit_test(test_many),
	        cmocka_unit_test(test_open_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
