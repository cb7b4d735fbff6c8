#include "script/lint/traps.h"

#include <lauxlib.h>

#include "script/findings.h"
#include "script/lint/code.h"

struct look {
	const char *file;
	struct ss_findings *findings;
};

static bool is_load(uint32_t i)
{
	unsigned op = ss_lint_op(i);

	return op == SS_OP_LOADI || op == SS_OP_LOADF || op == SS_OP_LOADK;
}

/* Is there a jump from before `load` to pc that carries a value in register `other`? */
static bool is_jumped_over(const struct ss_lint_function *f, size_t load, size_t pc, unsigned other)
{
	enum { FARTHEST = 10000 }; /* bounds the time for a file of such operations */

	for (size_t j = load > FARTHEST ? load - FARTHEST : 1; j < load; j++) {
		uint32_t jump = ss_lint_instruction(f, j), test = ss_lint_instruction(f, j - 1);
		unsigned op = ss_lint_op(test);

		if (ss_lint_op(jump) == SS_OP_JMP && ss_lint_jump(jump, j) == (int64_t)pc &&
		    (op == SS_OP_TEST || op == SS_OP_TESTSET) && ss_lint_a(test) == other)
			return true;
	}
	return false;
}

/* Is the literal for the register r loaded within the evaluation of the other operand, where a
 * jump passes it by? What ends that evaluation stands between it and the operation. */
static bool is_loaded_too_late(const struct ss_lint_function *f, size_t pc, unsigned r,
                               unsigned other)
{
	enum { LONGEST_END = 5 }; /* a value (two), JMP, LFALSESKIP, LOADTRUE */

	for (size_t load = pc > LONGEST_END ? pc - LONGEST_END : 0; load < pc; load++) {
		uint32_t i = ss_lint_instruction(f, load);

		if (is_load(i) && ss_lint_a(i) == r && is_jumped_over(f, load, pc, other))
			return true;
	}
	return false;
}

static bool is_wrong_bitwise(const struct ss_lint_function *f, size_t pc)
{
	uint32_t i = ss_lint_instruction(f, pc);
	unsigned op = ss_lint_op(i), b = ss_lint_b(i), c = ss_lint_c(i), active;

	if (op < SS_OP_BAND || op > SS_OP_BXOR)
		return false;
	/* A variable that an `if` in front of the expression sets looks the same. */
	active = ss_lint_active(f, pc);
	return b >= active && c >= active &&
	       (is_loaded_too_late(f, pc, b, c) || is_loaded_too_late(f, pc, c, b));
}

/* Fetching the table came between the comparison's jump and the values it chooses from. */
static bool is_wrong_index(const struct ss_lint_function *f, size_t pc)
{
	return pc >= 1 && pc + 1 < f->n_code &&
	       ss_lint_op(ss_lint_instruction(f, pc)) == SS_OP_GETUPVAL &&
	       ss_lint_op(ss_lint_instruction(f, pc - 1)) == SS_OP_JMP &&
	       ss_lint_op(ss_lint_instruction(f, pc + 1)) == SS_OP_LFALSESKIP;
}

/* Is the value in register r, which was filled by the instruction at pc, given (not nil)? A call
 * that fills several registers gives a closing value when it is io.lines, the only one of Lua's own. */
static bool is_given(const struct ss_lint_function *f, size_t pc, unsigned r)
{
	uint32_t i = ss_lint_instruction(f, pc);
	unsigned op = ss_lint_op(i), a = ss_lint_a(i);

	if (op == SS_OP_LOADNIL)
		return a + ss_lint_b(i) < r || a > r;
	if (op == SS_OP_VARARG)
		return a >= r;
	if (op != SS_OP_CALL || a >= r)
		return true;
	for (size_t j = pc; j-- > 0;) {
		uint32_t get = ss_lint_instruction(f, j);

		if (ss_lint_op(get) == SS_OP_GETFIELD && ss_lint_a(get) == a)
			return ss_lint_is_constant(f, ss_lint_c(get), "lines");
	}
	return false;
}

/* After the loop stands a CLOSE for registers above the closing value's. */
static bool is_wrong_for(const struct ss_lint_function *f, size_t pc)
{
	enum { CLOSING = 3, FROM_PREP_TO_CLOSE = 3 };
	uint32_t prep = ss_lint_instruction(f, pc), close;
	size_t after = pc + (prep >> 15) + FROM_PREP_TO_CLOSE;

	if (ss_lint_op(prep) != SS_OP_TFORPREP || pc == 0 || after >= f->n_code)
		return false;
	close = ss_lint_instruction(f, after);
	return ss_lint_op(ss_lint_instruction(f, after - 1)) == SS_OP_TFORLOOP &&
	       ss_lint_op(close) == SS_OP_CLOSE && ss_lint_a(close) > ss_lint_a(prep) + CLOSING &&
	       is_given(f, pc - 1, ss_lint_a(prep) + CLOSING);
}

static void look_at(void *ud, const struct ss_lint_function *f)
{
	static const struct {
		bool (*is_wrong)(const struct ss_lint_function *f, size_t pc);
		const char *message;
	} traps[] = {
	        {is_wrong_bitwise,
	         "computes a wrong value: a bitwise operation with a number in front of 'and' or "
	         "'or', in a function with over 255 constants; store the part in parentheses in a "
	         "local first"},
	        {is_wrong_index,
	         "indexes the wrong thing: a comparison as the key of a variable of an outer "
	         "function; store the comparison in a local first"},
	        {is_wrong_for,
	         "does not close the fourth value of this 'for', and may call nil after it: the "
	         "loop has a 'break' and a function that uses its variables; hold the value in a "
	         "local <close> variable outside of the loop"},
	};
	const struct look *look = ud;

	for (size_t pc = 0; pc < f->n_code; pc++) {
		for (size_t t = 0; t < SS_ARRAY_LEN(traps); t++) {
			if (traps[t].is_wrong(f, pc))
				ss_findings_add(look->findings, look->file, f->lines[pc], NULL,
				                "the code that " LUA_RELEASE " makes of this %s",
				                traps[t].message);
		}
	}
}

int ss_lint_traps(lua_State *L, const char *file, struct ss_findings *findings, struct ss_err *err)
{
	struct look look = {file, findings};

	return ss_lint_code_read(L, look_at, &look, err);
}
