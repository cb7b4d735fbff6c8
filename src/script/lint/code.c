#include "script/lint/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum {
	HEADER_BYTES = 31,
	MAX_UPVALUES = 256,
	MAX_NESTING = 200,     /* LUAI_MAXCCALLS, which the compiler keeps to as well */
	ABSOLUTE_LINE = -0x80, /* in lineinfo: look in abslineinfo */
};

struct reader {
	const unsigned char *p, *end;
	bool bad, nomem;
	int depth;
	void (*fn)(void *ud, const struct ss_lint_function *f);
	void *ud;
};

/* --- values of the format ---------------------------------------------------------- */
static const unsigned char *take(struct reader *r, size_t n)
{
	const unsigned char *p = r->p;

	if (r->bad || (size_t)(r->end - p) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

static unsigned byte(struct reader *r)
{
	const unsigned char *p = take(r, 1);

	return p ? *p : 0;
}

/* Seven bits a byte, the highest first; the last byte has bit 7. */
static size_t number(struct reader *r)
{
	size_t x = 0;
	unsigned b;

	do {
		b = byte(r);
		if (x > SIZE_MAX >> 8)
			r->bad = true;
		x = x << 7 | (b & 0x7f);
	} while (!(b & 0x80) && !r->bad);
	return x;
}

/* A count of things that take at least one byte each. */
static size_t count(struct reader *r)
{
	size_t n = number(r);

	if (!r->bad && n > (size_t)(r->end - r->p))
		r->bad = true;
	return r->bad ? 0 : n;
}

static const unsigned char *string(struct reader *r, size_t *ret_len)
{
	size_t size = number(r);

	*ret_len = size ? size - 1 : 0;
	return size ? take(r, size - 1) : NULL;
}

/* n + 1 of them, so that none is no failure. */
static void *room(struct reader *r, size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		r->bad = r->nomem = true;
	return p;
}

/* --- parts of a function ------------------------------------------------------------ */
static const unsigned char *constant(struct reader *r, size_t *ret_len)
{
	enum { NIL = 0x00, FALSE = 0x01, TRUE = 0x11, INTEGER = 0x03, FLOAT = 0x13 };
	enum { SHORT_STRING = 0x04, LONG_STRING = 0x14 };

	switch (byte(r)) {
	case SHORT_STRING:
	case LONG_STRING:
		return string(r, ret_len);
	case INTEGER:
	case FLOAT:
		take(r, 8);
		return NULL;
	case NIL:
	case FALSE:
	case TRUE:
		return NULL;
	default:
		r->bad = true;
		return NULL;
	}
}

static void upvalues(struct reader *r, const bool *outer_env, bool *is_env)
{
	size_t n = count(r);

	for (size_t i = 0; i < n && i < MAX_UPVALUES && !r->bad; i++) {
		unsigned in_stack = byte(r), index = byte(r);

		byte(r);
		/* The main chunk has one upvalue, which is _ENV; a local named _ENV is no global. */
		is_env[i] = outer_env ? !in_stack && outer_env[index] : i == 0;
	}
}

static void lines(struct reader *r, size_t n_code, int line, int *out)
{
	size_t n = count(r), n_absolute;
	const unsigned char *steps = take(r, n);
	struct reader absolute;

	n_absolute = count(r);
	absolute = *r;
	for (size_t i = 0; i < n_absolute && !r->bad; i++) {
		number(r);
		number(r);
	}
	for (size_t pc = 0; pc < n_code && pc < n && !r->bad; pc++) {
		int step = (signed char)steps[pc];

		if (step == ABSOLUTE_LINE) {
			number(&absolute);
			line = (int)number(&absolute);
		} else {
			line += step;
		}
		out[pc] = line;
	}
}

static struct ss_lint_local *locals(struct reader *r, size_t *ret_n)
{
	size_t n = count(r), len;
	struct ss_lint_local *list = r->bad ? NULL : room(r, n, sizeof(*list));

	for (size_t i = 0; i < n && !r->bad; i++) {
		string(r, &len);
		list[i].start = number(r);
		list[i].end = number(r);
	}
	*ret_n = n;
	return list;
}

static void upvalue_names(struct reader *r)
{
	size_t len;

	for (size_t i = 0, n = count(r); i < n && !r->bad; i++)
		string(r, &len);
}

static void function(struct reader *r, const bool *outer_env);

static void inner_functions(struct reader *r, const bool *is_env)
{
	size_t n = count(r);

	if (++r->depth > MAX_NESTING)
		r->bad = true;
	for (size_t i = 0; i < n && !r->bad; i++)
		function(r, is_env);
	r->depth--;
}

static void function(struct reader *r, const bool *outer_env)
{
	bool is_env[MAX_UPVALUES] = {false};
	size_t len, n_locals = 0;
	int line_defined;

	string(r, &len);
	line_defined = (int)number(r);
	number(r);
	take(r, 3);
	size_t n_code = count(r);
	const unsigned char *code = take(r, 4 * n_code);
	size_t n_constants = count(r);
	const unsigned char **constants SS_AUTOFREE = room(r, n_constants, sizeof(*constants));
	size_t *constant_len SS_AUTOFREE = room(r, n_constants, sizeof(*constant_len));
	int *line_of SS_AUTOFREE = r->bad ? NULL : room(r, n_code, sizeof(*line_of));

	for (size_t i = 0; i < n_constants && !r->bad; i++)
		constants[i] = constant(r, &constant_len[i]);
	upvalues(r, outer_env, is_env);
	inner_functions(r, is_env);
	if (!r->bad)
		lines(r, n_code, line_defined, line_of);
	struct ss_lint_local *local_list SS_AUTOFREE = locals(r, &n_locals);
	upvalue_names(r);
	if (r->bad)
		return;
	r->fn(r->ud, &(struct ss_lint_function){
	                     .n_code = n_code,
	                     .code = code,
	                     .lines = line_of,
	                     .n_constants = n_constants,
	                     .constants = constants,
	                     .constant_len = constant_len,
	                     .n_locals = n_locals,
	                     .locals = local_list,
	                     .is_env = is_env,
	             });
}

static bool header(struct reader *r)
{
	static const unsigned char want[] = "\x1bLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08";
	const unsigned char *p = take(r, HEADER_BYTES);

	byte(r); /* upvalues of the main function */
	return p && memcmp(p, want, sizeof(want) - 1) == 0;
}

static int write_dump(lua_State *L, const void *data, size_t len, void *ud)
{
	(void)L;
	ss_buf_add(ud, data, len);
	return ((struct ss_buf *)ud)->failed;
}

/* --- what readers ask ----------------------------------------------------------------- */
uint32_t ss_lint_instruction(const struct ss_lint_function *f, size_t pc)
{
	uint32_t i;

	memcpy(&i, f->code + 4 * pc, sizeof(i));
	return i;
}

unsigned ss_lint_active(const struct ss_lint_function *f, size_t pc)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n_locals; i++)
		n += f->locals[i].start <= pc && pc < f->locals[i].end;
	return n;
}

bool ss_lint_is_constant(const struct ss_lint_function *f, size_t k, const char *text)
{
	size_t len = strlen(text);

	return k < f->n_constants && f->constants[k] && f->constant_len[k] == len &&
	       memcmp(f->constants[k], text, len) == 0;
}

int ss_lint_code_read(lua_State *L, void (*fn)(void *ud, const struct ss_lint_function *f),
                      void *ud, struct ss_err *err)
{
	struct ss_buf dump SS_AUTO_BUF = SS_BUF_INIT;
	struct reader r = {.fn = fn, .ud = ud};

	if (lua_dump(L, write_dump, &dump, 0) || dump.failed)
		return ss_err_nomem(err);
	r.p = (const unsigned char *)dump.data;
	r.end = r.p + dump.len;
	if (header(&r))
		function(&r, NULL);
	else
		r.bad = true;
	if (r.nomem)
		return ss_err_nomem(err);
	return r.bad ? ss_err_set(err, SS_ERR_INVAL, "compiled code of an unknown format") : 0;
}
