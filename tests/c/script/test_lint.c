/* Wrong code of Lua 5.4.4 is found where it is, and nowhere else: what is found is
 * compared with what the code really does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lauxlib.h>
#include <lualib.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "script/adapter/adapter.h"
#include "script/lint/traps.h"
#include "script/lint/versions.h"

static struct ss_findings findings;

static int teardown(void **state)
{
	(void)state;
	ss_findings_done(&findings);
	return 0;
}

static size_t lint(const char *text)
{
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	ss_findings_done(&findings);
	assert_int_equal(ss_lint_text("x.lua", text, strlen(text), true, &findings, &err), 0);
	return findings.n;
}

static void finds(const char *text, int line, const char *message)
{
	if (lint(text) != 1)
		fail_msg("%zu findings in: %s", findings.n, text);
	assert_int_equal(findings.list[0].line, line);
	assert_string_equal(findings.list[0].file, "x.lua");
	if (!strstr(findings.list[0].message, message))
		fail_msg("%s", findings.list[0].message);
}

static void finds_none(const char *text)
{
	if (lint(text))
		fail_msg("%s\nin: %s", findings.list[0].message, text);
}

static void syntax(void **state)
{
	finds("local a = 1\nlocal b = = 2\n", 2, "unexpected symbol near '='");
	finds("#!/usr/bin/env sandscript\n\nx = =\n", 3, "unexpected symbol");
	finds("x = 'open", 1, "unfinished string");
	finds_none("#! only a line");
	finds_none("");
}

static void comparison_as_index(void **state)
{
	finds("local t = {}\nreturn function(a, b)\n  return t[a < b]\nend", 3,
	      "indexes the wrong");
	finds("local t = {}\nfunction f(a)\n\n  t[a == 1] = 2\nend", 4, "indexes the wrong");
	finds_none("local t = {}\nreturn t[1 < 2]");
	finds_none("local t = {}\nreturn function(a, b) local k = a < b return t[k] end");
	finds_none("local t = {}\nreturn function(a, b) return t[a < b and 1 or 2] end");
	finds_none(
	        "local t = {}\nreturn function(a, b) return t[not a], a < b and t, a < b or t end");
	finds_none("return function(a, b) return t[a < b], u.t[a == b] end");
}

#define CAPTURE "local y = x f[1] = function() return y end if x == 2 then break end end"

static void closing_value(void **state)
{
	finds("local f, c = {}, {}\nfor x in next, f, nil, c do\n" CAPTURE, 2, "fourth value");
	finds("local f = {}\nfor x in next, f, nil, f.close() do " CAPTURE, 2, "fourth value");
	finds("local f = {} for x in io.lines('x') do " CAPTURE, 1, "fourth value");
	finds_none("local f = {} for x in pairs(f) do " CAPTURE);
	finds_none("local f = {} for x in next, f, nil, nil do " CAPTURE);
	finds_none("local f = {} for x in next, f do " CAPTURE);
	finds_none("local f, c = {}, {} for x in next, f, nil, c do if x then break end end");
	finds_none("local f, c = {}, {} for x in next, f, nil, c do "
	           "local y = x f[1] = function() return y end end");
}

static void bitwise(void **state)
{
	finds_none("local a, b = f(), 1 if a then b = 5 end return b & a");
	finds_none("local a, b = f(), 1 if a then b = 5 end return a & b");
	finds_none("return 1 & (x or 2), 1 ~ (2 or 3), (x or 2) | (y or 3)");
}

/* --- bitwise operations, against what the code does ------------------------------------- */
static unsigned seed = 1;

static unsigned pick(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void expression(struct ss_buf *out, int depth);

static void atom(struct ss_buf *out)
{
	static const char *const atoms[] = {"x",      "y",     "no",  "1",  "3",
	                                    "100000", "0x7ff", "t.v", "up", "f(x)"};

	ss_buf_printf(out, "%s", atoms[pick(SS_ARRAY_LEN(atoms))]);
}

static void choice(struct ss_buf *out, int depth)
{
	static const char *const words[] = {" or ", " and ", " == 3 and ", " < 4 or "};

	ss_buf_printf(out, "(");
	expression(out, depth);
	for (unsigned n = 1 + pick(2); n; n--) {
		ss_buf_printf(out, "%s", words[pick(SS_ARRAY_LEN(words))]);
		expression(out, depth);
	}
	ss_buf_printf(out, ")");
}

static void expression(struct ss_buf *out, int depth)
{
	static const char *const operators[] = {" & ", " | ", " ~ ", " + ", " << ", " == "};
	unsigned how = depth <= 0 ? 0 : pick(3);

	if (how == 0) {
		atom(out);
	} else if (how == 1) {
		choice(out, depth - 1);
	} else {
		expression(out, depth - 1);
		ss_buf_printf(out, "%s", operators[pick(SS_ARRAY_LEN(operators))]);
		expression(out, depth - 1);
	}
}

/* A file that returns {pcall(the expression)} for some values, with n more constants. */
static void program(struct ss_buf *out, const char *text, int n)
{
	ss_buf_printf(out, "local up = 9\nlocal function f(a) return a end\n"
	                   "local function run(x, y, no)\nlocal t = {v = 5}\nlocal _ = {");
	for (int i = 0; i < n; i++)
		ss_buf_printf(out, "'k%d',", i);
	ss_buf_printf(out,
	              "}\nreturn %s\nend\nlocal out = {}\n"
	              "for _, v in ipairs{1, 2, 3, false, 12} do\n"
	              "  local ok, r = pcall(run, v, 6)\n"
	              "  out[#out + 1] = ok and tostring(r) or 'error'\nend\n"
	              "return table.concat(out, ' ')\n",
	              text);
	assert_false(out->failed);
}

static void evaluate(const char *text, char *out, size_t size)
{
	lua_State *L = luaL_newstate();

	assert_non_null(L);
	luaL_openlibs(L);
	if (luaL_dostring(L, text))
		fail_msg("%s", lua_tostring(L, -1));
	snprintf(out, size, "%s", lua_tostring(L, -1));
	lua_close(L);
}

/* "1 & (", "(y and 1) & (": without a literal in front there is no such mistake. */
static bool has_form(const char *text)
{
	for (const char *p = text; (p = strchr(p, '(')); p++) {
		if (p >= text + 4 && strchr("&|~", p[-2]) && strchr("013f)", p[-4]))
			return true;
	}
	return false;
}

static void bitwise_against_its_results(void **state)
{
	enum { ROUNDS = 1500 };
	int wrong = 0, found = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT, few SS_AUTO_BUF = SS_BUF_INIT;
		struct ss_buf many SS_AUTO_BUF = SS_BUF_INIT;
		char want[200], got[200];

		if (i % 3 == 0)
			ss_buf_printf(&text, "%s %c (x or 3) ~ ", i % 2 ? "1" : "100000",
			              "&|~"[pick(3)]);
		expression(&text, 1 + i % 4);
		program(&few, text.data, 5);
		program(&many, text.data, 300);
		finds_none(few.data);
		evaluate(few.data, want, sizeof(want));
		evaluate(many.data, got, sizeof(got));
		found += lint(many.data) > 0;
		if (findings.n && !has_form(text.data))
			fail_msg("%s\nin: %s", findings.list[0].message, text.data);
		if (strcmp(want, got) == 0)
			continue;
		wrong++;
		if (!findings.n)
			fail_msg("%s\nis %s instead of %s, and nothing is found", text.data, got,
			         want);
		assert_int_equal(findings.list[0].line, 6);
	}
	/* Wrong code may give the right value by chance, for these arguments. */
	print_message("%d of %d expressions give wrong values, %d have wrong code\n", wrong, ROUNDS,
	              found);
	if (LUA_VERSION_RELEASE_NUM <= 50404)
		assert_true(wrong > 20);
}

static void versions(void **state)
{
	assert_string_equal(ss_lint_version("agents.x-k8s.io/v1alpha1", "Sandbox"),
	                    "agents.x-k8s.io/v1beta1");
	assert_string_equal(ss_lint_version("extensions/v1beta1", "NetworkPolicy"),
	                    "networking.k8s.io/v1");
	assert_string_equal(ss_lint_version("extensions/v1beta1", "Deployment"), "apps/v1");
	assert_null(ss_lint_version("agents.x-k8s.io/v1beta1", "Sandbox"));
	assert_null(ss_lint_version("networking.k8s.io/v1beta1", "IPAddress"));
	assert_null(ss_lint_version("policy/v1beta1", NULL));
	assert_null(ss_lint_version(NULL, "Pod"));
}

static void versions_in_code(void **state)
{
	finds("return adapter {\n  name = 'a',\n  apiVersion = 'agents.x-k8s.io/v1alpha1' }\n", 3,
	      "agents.x-k8s.io/v1alpha1 is deprecated: write agents.x-k8s.io/v1beta1");
	finds("return function(input)\n  input.apiVersion = 'agents.x-k8s.io/v1alpha1'\n"
	      "  return input\nend\n",
	      2, "write agents.x-k8s.io/v1beta1");
	finds("k8s.apply { apiVersion = 'batch/v1beta1', metadata = { name = 'x' },\n"
	      "  kind = 'CronJob' }\n",
	      1, "batch/v1beta1 is deprecated: write batch/v1");
	finds("local t = { { kind = 'CronJob' },\n  { kind = 'PodDisruptionBudget',\n"
	      "    apiVersion = 'policy/v1beta1' }, { kind = 'Pod', apiVersion = 'v1' } }\n",
	      3, "policy/v1beta1 is deprecated: write policy/v1");
	finds_none("k8s.apply { apiVersion = 'agents.x-k8s.io/v1beta1', kind = 'Sandbox' }\n");
	finds_none("local t = { { kind = 'CronJob' }, { apiVersion = 'batch/v1beta1' } }\n");
	finds_none("local t = { apiVersion = 'policy/v1beta1' }\nt = { kind = "
	           "'PodDisruptionBudget' }\n");
	finds_none("if object.apiVersion == 'agents.x-k8s.io/v1alpha1' then print(1) end\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(syntax, teardown),
	        cmocka_unit_test_teardown(comparison_as_index, teardown),
	        cmocka_unit_test_teardown(closing_value, teardown),
	        cmocka_unit_test_teardown(bitwise, teardown),
	        cmocka_unit_test_teardown(versions, teardown),
	        cmocka_unit_test_teardown(versions_in_code, teardown),
	        cmocka_unit_test_teardown(bitwise_against_its_results, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
