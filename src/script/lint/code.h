/* The instructions of a compiled chunk, read from what lua_dump writes (Lua 5.4's
 * format: ldump.c), for findings that the source alone does not show.
 *
 *	rc = ss_lint_code_read(L, look, ud, err);    the chunk is the function on top
 *
 * Only for chunks that this process compiled: the reader is bounded all the same,
 * and another format, or a surprise in it, is SS_ERR_INVAL. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ss_err;

/* The operation codes that findings look for (lopcodes.h of 5.4). */
enum ss_lint_op {
	SS_OP_MOVE = 0,
	SS_OP_LOADI = 1,
	SS_OP_LOADF = 2,
	SS_OP_LOADK = 3,
	SS_OP_LOADFALSE = 5,
	SS_OP_LFALSESKIP = 6,
	SS_OP_LOADTRUE = 7,
	SS_OP_LOADNIL = 8,
	SS_OP_GETUPVAL = 9,
	SS_OP_SETUPVAL = 10,
	SS_OP_GETTABUP = 11,
	SS_OP_GETFIELD = 14,
	SS_OP_SETTABUP = 15,
	SS_OP_SETFIELD = 18,
	SS_OP_NEWTABLE = 19,
	SS_OP_SELF = 20,
	SS_OP_BAND = 41,
	SS_OP_BOR = 42,
	SS_OP_BXOR = 43,
	SS_OP_NOT = 51,
	SS_OP_CLOSE = 54,
	SS_OP_JMP = 56,
	SS_OP_EQ = 57,
	SS_OP_EQK = 60,
	SS_OP_TEST = 66,
	SS_OP_TESTSET = 67,
	SS_OP_CALL = 68,
	SS_OP_TAILCALL = 69,
	SS_OP_TFORPREP = 75,
	SS_OP_TFORLOOP = 77,
	SS_OP_SETLIST = 78,
	SS_OP_CLOSURE = 79,
	SS_OP_VARARG = 80,
	SS_OPS = 83,
};

/* A local variable is there while start <= pc < end; the n-th that is has register n. */
struct ss_lint_local {
	size_t start, end;
	const unsigned char *name; /* not terminated */
	size_t name_len;
};

/* A constant: text is NULL for what is no string. */
enum ss_lint_kind { SS_LINT_NIL, SS_LINT_BOOL, SS_LINT_NUMBER, SS_LINT_STRING };

/* A variable of the outer function: its register there, or one of its own upvalues. */
struct ss_lint_upvalue {
	bool in_stack;
	uint8_t index;
};

/* One function of the chunk; everything is borrowed for the call. */
struct ss_lint_function {
	size_t n_code;
	const unsigned char *code; /* four bytes each: ss_lint_instruction */
	const int *lines;          /* n_code of them */
	size_t n_constants;
	const unsigned char **constants; /* of strings (not terminated), else NULL */
	const size_t *constant_len;
	const unsigned char *constant_kind; /* enum ss_lint_kind */
	size_t n_locals;
	const struct ss_lint_local *locals;
	size_t n_upvalues;
	const struct ss_lint_upvalue *upvalues;
	const bool *is_env;                   /* 256 of them: the upvalue is the chunk's _ENV */
	const struct ss_lint_function *outer; /* NULL for the chunk */
	size_t index; /* which one of outer's inner functions, as CLOSURE names it */
	size_t n_inner;
	struct ss_lint_function *const *inner;
	struct ss_lint_notes *notes; /* never NULL */
};

/* What value.c has found out about a function; freed with it. */
struct ss_lint_notes {
	uint32_t *from_low,
	        *from_high; /* of each instruction: between which others it is jumped to */
	signed char *fixed; /* of each local: 1 = never assigned to, -1 = it is */
};

uint32_t ss_lint_instruction(const struct ss_lint_function *f, size_t pc);
static inline unsigned ss_lint_op(uint32_t i)
{
	return i & 0x7f;
}
static inline unsigned ss_lint_a(uint32_t i)
{
	return i >> 7 & 0xff;
}
/* The bit that says: C is a constant. */
static inline bool ss_lint_k(uint32_t i)
{
	return i >> 15 & 1;
}
static inline unsigned ss_lint_b(uint32_t i)
{
	return i >> 16 & 0xff;
}
static inline unsigned ss_lint_c(uint32_t i)
{
	return i >> 24 & 0xff;
}
/* Where a JMP at pc leads; may lie outside of the function when the code is odd. */
static inline int64_t ss_lint_jump(uint32_t i, size_t pc)
{
	return (int64_t)pc + 1 + (int64_t)(i >> 7) - 0xffffff;
}
/* How many registers hold local variables at pc; those above are of the expression. */
unsigned ss_lint_active(const struct ss_lint_function *f, size_t pc);
/* Is constant k the string text? */
bool ss_lint_is_constant(const struct ss_lint_function *f, size_t k, const char *text);

/* The CLOSURE's second operand. */
static inline unsigned ss_lint_bx(uint32_t i)
{
	return i >> 15;
}

/* Call fn for every function of the chunk on top of L's stack, inner ones before their outer
 * one; never raises. SS_ERR_INVAL for a format that is not ours, SS_ERR_NOMEM. */
int ss_lint_code_read(lua_State *L, void (*fn)(void *ud, const struct ss_lint_function *f),
                      void *ud, struct ss_err *err);
