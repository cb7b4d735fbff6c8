#include "script/lint/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

enum { FARTHEST = 20000, MAX_STEPS = 16 }; /* bound the time for a file that is made for it */

/* --- what instructions do to registers ------------------------------------------------ */
/* By operation (lopcodes.h), which operands are registers, and whether A is filled:
 *	a fills A   u fills A from B   b fills A from B and C   f fills A and what is above
 *	n A   2 A and B   s A, B and C   k A and C   c C   . none */
static const char classes[] = "uaaaaaaa"
                              "nana"
                              "buu"
                              "cskk"
                              "as"
                              "uuuuuuuuuuuuu"
                              "bbbbbbbbbbbb"
                              "2nn"
                              "uuuuf"
                              "nn."
                              "222nnnnnn"
                              "nu"
                              "ff"
                              "n.n"
                              "fffff"
                              "naf..";

_Static_assert(sizeof(classes) == SS_OPS + 1, "a class for each operation");

static bool is_of(uint32_t i, const char *some)
{
	return ss_lint_op(i) >= SS_OPS || strchr(some, classes[ss_lint_op(i)]);
}

static bool fills(uint32_t i, unsigned r)
{
	unsigned a = ss_lint_a(i);

	if (is_of(i, "f"))
		return r >= a;
	if (ss_lint_op(i) == SS_OP_LOADNIL)
		return r >= a && r <= a + ss_lint_b(i);
	if (ss_lint_op(i) == SS_OP_SELF)
		return r == a || r == a + 1;
	return is_of(i, "aub") && r == a;
}

static bool names(uint32_t i, unsigned r)
{
	return (is_of(i, "aubfn2sk") && ss_lint_a(i) == r) ||
	       (is_of(i, "ub2s") && ss_lint_b(i) == r) ||
	       (is_of(i, "bskc") && !ss_lint_k(i) && ss_lint_c(i) == r);
}

/* --- ways through the code ------------------------------------------------------------ */
/* Those of `for` loops lead into no statement that fills a register for another to read. */
static int64_t jump_of(uint32_t i, size_t pc)
{
	unsigned op = ss_lint_op(i);

	if (op == SS_OP_JMP)
		return ss_lint_jump(i, pc);
	if (op == SS_OP_LFALSESKIP || (op >= SS_OP_EQ && op <= SS_OP_TESTSET))
		return (int64_t)pc + 2;
	return -1;
}

static bool note_jumps(const struct ss_lint_function *f)
{
	uint32_t *low, *high;

	if (f->notes->from_low)
		return true;
	low = malloc((f->n_code + 1) * sizeof(*low));
	high = calloc(f->n_code + 1, sizeof(*high));
	if (!low || !high) {
		free(low);
		free(high);
		return false;
	}
	memset(low, 0xff, (f->n_code + 1) * sizeof(*low));
	f->notes->from_low = low;
	f->notes->from_high = high;
	for (size_t pc = 0; pc < f->n_code; pc++) {
		int64_t to = jump_of(ss_lint_instruction(f, pc), pc);

		if (to < 0 || to >= (int64_t)f->n_code)
			continue;
		low[to] = pc < low[to] ? (uint32_t)pc : low[to];
		high[to] = pc > high[to] ? (uint32_t)pc : high[to];
	}
	return true;
}

/* Does a jump from before `start` or from behind `end` lead to pc, so that start was passed by? */
static bool is_entered(const struct ss_lint_function *f, size_t pc, size_t start, size_t end)
{
	uint32_t low = f->notes->from_low[pc];

	return low != UINT32_MAX && (low < start || f->notes->from_high[pc] > end);
}

static int64_t filled(const struct ss_lint_function *f, size_t pc, unsigned r, size_t end)
{
	size_t first = pc > FARTHEST ? pc - FARTHEST : 0, at = pc;

	if (!note_jumps(f))
		return -1;
	do {
		if (at-- == first)
			return -1;
	} while (!fills(ss_lint_instruction(f, at), r));
	for (size_t i = at + 1; i <= pc && i < f->n_code; i++) {
		if (is_entered(f, i, at, end))
			return -1;
	}
	return (int64_t)at;
}

int64_t ss_lint_filled(const struct ss_lint_function *f, size_t pc, unsigned r)
{
	return filled(f, pc, r, pc);
}

/* --- local variables -------------------------------------------------------------------- */
const struct ss_lint_local *ss_lint_local_at(const struct ss_lint_function *f, size_t pc,
                                             unsigned r)
{
	for (size_t i = 0; i < f->n_locals && f->locals[i].start <= pc; i++) {
		if (pc < f->locals[i].end && r-- == 0)
			return &f->locals[i];
	}
	return NULL;
}

/* Does the function, or one within, assign to its upvalue? */
static bool assigns(const struct ss_lint_function *f, unsigned upvalue)
{
	for (size_t pc = 0; pc < f->n_code; pc++) {
		uint32_t i = ss_lint_instruction(f, pc);

		if (ss_lint_op(i) == SS_OP_SETUPVAL && ss_lint_b(i) == upvalue)
			return true;
	}
	for (size_t n = 0; n < f->n_inner; n++) {
		const struct ss_lint_function *inner = f->inner[n];

		for (unsigned u = 0; u < inner->n_upvalues; u++) {
			if (!inner->upvalues[u].in_stack && inner->upvalues[u].index == upvalue &&
			    assigns(inner, u))
				return true;
		}
	}
	return false;
}

/* The upvalue of the function that the CLOSURE makes that is register r, or -1. */
static int captured(const struct ss_lint_function *f, uint32_t closure, unsigned r)
{
	const struct ss_lint_function *inner;

	if (ss_lint_op(closure) != SS_OP_CLOSURE || ss_lint_bx(closure) >= f->n_inner)
		return -1;
	inner = f->inner[ss_lint_bx(closure)];
	for (unsigned u = 0; u < inner->n_upvalues; u++) {
		if (inner->upvalues[u].in_stack && inner->upvalues[u].index == r)
			return (int)u;
	}
	return -1;
}

bool ss_lint_is_used(const struct ss_lint_function *f, size_t start, size_t end, unsigned r)
{
	for (size_t pc = start; pc < end && pc < f->n_code; pc++) {
		uint32_t i = ss_lint_instruction(f, pc);

		if (names(i, r) || captured(f, i, r) >= 0)
			return true;
	}
	return false;
}

static bool is_assigned(const struct ss_lint_function *f, const struct ss_lint_local *local,
                        unsigned r)
{
	for (size_t pc = local->start; pc < local->end && pc < f->n_code; pc++) {
		uint32_t i = ss_lint_instruction(f, pc);
		int upvalue = captured(f, i, r);

		if (fills(i, r) ||
		    (upvalue >= 0 && assigns(f->inner[ss_lint_bx(i)], (unsigned)upvalue)))
			return true;
	}
	return false;
}

/* Holds the variable, in register r, what it was made with? */
static bool is_fixed(const struct ss_lint_function *f, const struct ss_lint_local *local,
                     unsigned r)
{
	signed char *fixed;

	if (!f->notes->fixed)
		f->notes->fixed = calloc(f->n_locals + 1, 1);
	if (!f->notes->fixed)
		return false;
	fixed = &f->notes->fixed[local - f->locals];
	if (!*fixed)
		*fixed = is_assigned(f, local, r) ? -1 : 1;
	return *fixed > 0;
}

/* --- names ---------------------------------------------------------------------------------- */
static bool name_of(const struct ss_lint_function *f, size_t pc, unsigned r, char *out, int steps);

static bool add(char *out, const struct ss_lint_function *f, unsigned k)
{
	size_t len = strlen(out), n;

	if (k >= f->n_constants || f->constant_kind[k] != SS_LINT_STRING)
		return false;
	n = f->constant_len[k];
	if (strcmp(out, "_G") == 0)
		len = 0;
	if (len + n + 2 > SS_LINT_NAME || memchr(f->constants[k], 0, n))
		return false;
	if (len)
		out[len++] = '.';
	memcpy(out + len, f->constants[k], n);
	out[len + n] = 0;
	return true;
}

static bool upvalue_name(const struct ss_lint_function *f, unsigned upvalue, char *out, int steps)
{
	const struct ss_lint_function *outer = f->outer;

	if (!outer || upvalue >= f->n_upvalues || steps <= 0)
		return false;
	if (!f->upvalues[upvalue].in_stack)
		return upvalue_name(outer, f->upvalues[upvalue].index, out, steps - 1);
	for (size_t pc = 0; pc < outer->n_code; pc++) {
		uint32_t i = ss_lint_instruction(outer, pc);
		unsigned r = f->upvalues[upvalue].index;

		if (ss_lint_op(i) == SS_OP_CLOSURE && ss_lint_bx(i) == f->index)
			return ss_lint_local_at(outer, pc, r) &&
			       name_of(outer, pc, r, out, steps - 1);
	}
	return false;
}

static bool is_text(const struct ss_lint_function *f, int64_t pc, char *out)
{
	uint32_t i = pc < 0 ? 0 : ss_lint_instruction(f, (size_t)pc);

	out[0] = 0;
	return pc >= 0 && ss_lint_op(i) == SS_OP_LOADK && add(out, f, ss_lint_bx(i));
}

/* require "NAME", assert(k8s.connect{…}). */
static bool result_name(const struct ss_lint_function *f, size_t pc, char *out, int steps)
{
	unsigned a = ss_lint_a(ss_lint_instruction(f, pc));
	int64_t argument = ss_lint_filled(f, pc, a + 1);

	if (argument < 0 || !name_of(f, pc, a, out, steps))
		return false;
	if (strcmp(out, "require") == 0) {
		if (!is_text(f, argument, out))
			return false;
		if (strcmp(out, "sandscript") == 0)
			out[0] = 0;
		return true;
	}
	if (strcmp(out, "assert") != 0 ||
	    ss_lint_op(ss_lint_instruction(f, (size_t)argument)) != SS_OP_CALL ||
	    !name_of(f, (size_t)argument, a + 1, out, steps) || strcmp(out, "k8s.connect") != 0)
		return false;
	snprintf(out, SS_LINT_NAME, "connect()");
	return true;
}

static bool read_name(const struct ss_lint_function *f, size_t pc, char *out, int steps)
{
	uint32_t i = ss_lint_instruction(f, pc);

	out[0] = 0;
	if (steps <= 0)
		return false;
	switch (ss_lint_op(i)) {
	case SS_OP_MOVE:
		return name_of(f, pc, ss_lint_b(i), out, steps - 1);
	case SS_OP_GETUPVAL:
		return upvalue_name(f, ss_lint_b(i), out, steps - 1);
	case SS_OP_GETTABUP:
		return (f->is_env[ss_lint_b(i)] || upvalue_name(f, ss_lint_b(i), out, steps - 1)) &&
		       add(out, f, ss_lint_c(i));
	case SS_OP_GETFIELD:
	case SS_OP_SELF:
		return (ss_lint_op(i) == SS_OP_GETFIELD || ss_lint_k(i)) &&
		       name_of(f, pc, ss_lint_b(i), out, steps - 1) && add(out, f, ss_lint_c(i));
	case SS_OP_CALL:
		return result_name(f, pc, out, steps - 1);
	default:
		return false;
	}
}

static bool name_of(const struct ss_lint_function *f, size_t pc, unsigned r, char *out, int steps)
{
	const struct ss_lint_local *local = ss_lint_local_at(f, pc, r);
	int64_t at;

	if (local && !is_fixed(f, local, r))
		return false;
	/* A loop right behind the variable's making comes back to there, and changes nothing. */
	at = local ? filled(f, local->start, r, SIZE_MAX) : ss_lint_filled(f, pc, r);
	/* What a call, SELF or LOADNIL leaves above its first register has no name. */
	return at >= 0 && ss_lint_a(ss_lint_instruction(f, (size_t)at)) == r &&
	       read_name(f, (size_t)at, out, steps);
}

bool ss_lint_value(const struct ss_lint_function *f, size_t pc, unsigned r, char out[SS_LINT_NAME])
{
	out[0] = 0;
	return name_of(f, pc, r, out, MAX_STEPS);
}

bool ss_lint_read_name(const struct ss_lint_function *f, size_t pc, char out[SS_LINT_NAME])
{
	return read_name(f, pc, out, MAX_STEPS);
}

bool ss_lint_written_name(const struct ss_lint_function *f, size_t pc, char out[SS_LINT_NAME])
{
	uint32_t i = ss_lint_instruction(f, pc);
	unsigned a = ss_lint_a(i);
	bool known;

	out[0] = 0;
	if (ss_lint_op(i) == SS_OP_SETTABUP)
		known = f->is_env[a] || upvalue_name(f, a, out, MAX_STEPS);
	else
		known = ss_lint_op(i) == SS_OP_SETFIELD && name_of(f, pc, a, out, MAX_STEPS);
	return known && add(out, f, ss_lint_b(i));
}
