/* The spec runner: what it finds, counts and prints. busted runs inside the host. */
#include "module_fixture.h"

#include <unistd.h>

static char folder[] = "/tmp/ss-spec-XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_folder(void **state)
{
	char command[100];

	assert_non_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "mkdir -p %s/sub %s/empty", folder, folder);
	assert_int_equal(system(command), 0);
	write_file(
	        "a_spec.lua",
	        "describe('outer', function()\n"
	        "  local n = 0\n"
	        "  before_each(function() task.sleep(0) n = n + 1 end)\n"
	        "  it('passes', function() assert.same({a={1}}, {a={1}}) task.sleep(0.001) end)\n"
	        "  it('differs', function() assert.same({a=1, b={1,2}}, {a=2, b={1}, c=3}) end)\n"
	        "  it('raises', function() local x x.y = 1 end)\n"
	        "  pending('later')\n"
	        "  it('has a folder', function() local d = temp_folder() fs.write(d .. '/x', 'y')\n"
	        "    assert.equal('y', fs.read(d .. '/x')) FOLDER_OF_SPEC = d end)\n"
	        "end)\n");
	write_file("sub/b_spec.lua",
	           "describe('setup', function() setup(function() error('no') end)\n"
	           "it('never', function() end) end)\n");
	write_file("sub/c_spec.lua", "it('x', function(\n");
	write_file("sub/not_a_test.lua", "error('loaded')");
	return 0;
}

static int remove_folder(void **state)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void open_full(struct fixture *f)
{
	fixture_open(f, (struct ss_host_options){.open = fixture_modules, .full_libraries = true});
	/* app/ has it. */
	expect_results(f,
	               "package.preload['ss.native'] = function() return "
	               "{escape = function(s) return s end, "
	               "fail = function(_, text) error(text, 0) end} end return 0",
	               "0");
}

/* What a run counts, as "passed failed skipped". */
static void expect_counts(const char *options, const char *want)
{
	struct fixture f;
	char text[512];

	open_full(&f);
	snprintf(
	        text, sizeof(text),
	        "local r = require('ss.spec').run({'%s'}, %s) return r.passed, r.failed, r.skipped",
	        folder, options);
	expect_results(&f, text, want);
	fixture_close(&f);
}

static void test_counts(void **state)
{
	expect_counts("{}", "2 4 1");
	expect_counts("{run='passes'}", "1 2 0");
	expect_counts("{run='^outer has a'}", "1 2 0");
	expect_counts("{run='outer (['}", "0 2 0");
}

/* The lines that `output` prints for the run. */
static void expect_output(const char *output, const char *run, const char *want)
{
	const char *printed;
	struct fixture f;
	char text[1024];

	open_full(&f);
	snprintf(text, sizeof(text),
	         "local out = {} require('ss.spec.output').%s(require('ss.spec').run({'%s'}, "
	         "{run=%s}), "
	         "function(s) out[#out+1] = s end) return (table.concat(out):gsub('%s', 'DIR')"
	         ":gsub('%%d+%%.%%d+', 'T'))",
	         output, folder, run, "%S*ss%-spec%-%w+");
	/* Once: busted cannot run twice in a state. */
	printed = fixture_results(&f, text);
	if (!strstr(printed, want))
		fail_msg("%s lacks:\n%s", printed, want);
	fixture_close(&f);
}

static void test_output(void **state)
{
	expect_output("text", "nil",
	              "FAILED DIR/a_spec.lua:5: outer differs\n"
	              "    DIR/a_spec.lua:5: the values differ:\n"
	              "      .a: expected 1, got 2\n"
	              "      .b[2]: expected 2, is missing\n"
	              "      .c: not expected, is 3\n\n");
	expect_output("text", "nil", "skipped DIR/a_spec.lua:7: outer later\n");
	expect_output("text", "nil", "DIR/sub/c_spec.lua:1: the file\n");
	expect_output("text", "nil", "2 passed, 4 failed, 1 skipped (T s)\n");
	expect_output("tap", "'passes'", "1..3\nok 1 - outer passes\nnot ok 2 - setup setup\n");
	expect_output("junit", "nil",
	              "<testsuites tests=\"7\" failures=\"4\" skipped=\"1\" time=\"T\">");
	expect_output("junit", "nil", "(local 'x')</failure>");
	expect_output("json", "'passes'", "\"name\": \"outer passes\"");
}

/* The lines of a difference. */
static void expect_lines(const char *a, const char *b, const char *want)
{
	struct fixture f;
	char text[512];

	open_full(&f);
	snprintf(text, sizeof(text),
	         "local d = require('ss.spec.diff') return (d.lines(%s, %s, {name='x', first=0}))",
	         a, b);
	expect_results(&f, text, want);
	fixture_close(&f);
}

static void test_differences(void **state)
{
	expect_lines("{1, {a='b'}}", "{1, {a='b'}}", "");
	expect_lines("{'a', 'b', 'c'}", "{'new', 'a', 'b', 'c'}",
	             "  x[0]: not expected, is \"new\"");
	expect_lines("{'a', 'b', 'c'}", "{'a', 'c'}", "  x[1]: expected \"b\", is missing");
	expect_lines("{{n=1}, {n=2}, {n=3}}", "{{n=1}, {n=5}, {n=3}}",
	             "  x[1].n: expected 2, got 5");
	expect_lines("{false}", "{false, false}", "  x[1]: not expected, is false");
	expect_lines("{a={}}", "{a={1}}", "  x.a[0]: not expected, is 1");
	expect_lines("(function() local t = {} t[1] = t return t end)()",
	             "(function() local t = {} t[1] = t t[2] = 1 return t end)()",
	             "  x[1]: not expected, is 1");
}

static void test_exit_code(void **state)
{
	struct fixture f;
	char text[512];

	open_full(&f);
	snprintf(text, sizeof(text),
	         "io.stdout:setvbuf('full') return "
	         "require('ss.spec').main{paths={'%s/a_spec.lua'}, run='passes', output='tap'}",
	         folder);
	expect_results(&f, text, "0");
	fixture_close(&f);
	open_full(&f);
	snprintf(text, sizeof(text),
	         "return require('ss.spec').main{paths={'%s/a_spec.lua'}, output='tap'}", folder);
	expect_results(&f, text, "1");
	fixture_close(&f);
}

static void test_folders_are_removed(void **state)
{
	struct fixture f;
	char text[512];

	open_full(&f);
	snprintf(text, sizeof(text),
	         "local seen = {} local tmp = os.tmpname function os.tmpname() local p = tmp() "
	         "seen[#seen+1] = p return p end "
	         "require('ss.spec').run({'%s'}, {run='folder'}) return #seen, "
	         "(require('lfs').attributes(seen[1]))",
	         folder);
	expect_results(&f, text, "1 nil");
	fixture_close(&f);
}

static void test_nothing_found(void **state)
{
	struct fixture f;
	char text[512];

	open_full(&f);
	snprintf(text, sizeof(text), "require('ss.spec').run({'%s/empty'}, {})", folder);
	expect_error(&f, text, SS_ERR_SCRIPT, "no file named *_spec.lua or *.in.lua in it");
	expect_error(&f, "require('ss.spec').run({'/nowhere'}, {})", SS_ERR_SCRIPT,
	             "/nowhere: no such file or folder");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_counts),
	        cmocka_unit_test(test_output),
	        cmocka_unit_test(test_differences),
	        cmocka_unit_test(test_exit_code),
	        cmocka_unit_test(test_folders_are_removed),
	        cmocka_unit_test(test_nothing_found),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
