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
static enum ss_lint_kind constant(struct reader *r, const unsigned char **ret, size_t *ret_len)
{
	enum { NIL = 0x00, FALSE = 0x01, TRUE = 0x11, INTEGER = 0x03, FLOAT = 0x13 };
	enum { SHORT_STRING = 0x04, LONG_STRING = 0x14 };

	switch (byte(r)) {
	case SHORT_STRING:
	case LONG_STRING:
		*ret = string(r, ret_len);
		return SS_LINT_STRING;
	case INTEGER:
	case FLOAT:
		take(r, 8);
		return SS_LINT_NUMBER;
	case FALSE:
	case TRUE:
		return SS_LINT_BOOL;
	case NIL:
		return SS_LINT_NIL;
	default:
		r->bad = true;
		return SS_LINT_NIL;
	}
}

static void constants(struct reader *r, struct ss_lint_function *f)
{
	size_t n = count(r);
	const unsigned char **text = room(r, n, sizeof(*text));
	size_t *len = room(r, n, sizeof(*len));
	unsigned char *kind = room(r, n, sizeof(*kind));

	f->n_constants = n;
	f->constants = text;
	f->constant_len = len;
	f->constant_kind = kind;
	for (size_t i = 0; i < n && !r->bad; i++)
		kind[i] = (unsigned char)constant(r, &text[i], &len[i]);
}

static void upvalues(struct reader *r, struct ss_lint_function *f)
{
	size_t n = count(r);
	struct ss_lint_upvalue *list = room(r, n, sizeof(*list));
	bool *is_env = room(r, MAX_UPVALUES, sizeof(*is_env));

	f->n_upvalues = n;
	f->upvalues = list;
	f->is_env = is_env;
	for (size_t i = 0; i < n && i < MAX_UPVALUES && !r->bad; i++) {
		list[i].in_stack = byte(r);
		list[i].index = (uint8_t)byte(r);
		byte(r);
		/* The main chunk has one upvalue, which is _ENV; a local named _ENV is no global. */
		is_env[i] =
		        f->outer ? !list[i].in_stack && f->outer->is_env[list[i].index] : i == 0;
	}
}

static void lines(struct reader *r, struct ss_lint_function *f, int line)
{
	size_t n = count(r), n_absolute;
	const unsigned char *steps = take(r, n);
	int *out = room(r, f->n_code, sizeof(*out));
	struct reader absolute;

	f->lines = out;
	n_absolute = count(r);
	absolute = *r;
	for (size_t i = 0; i < n_absolute && !r->bad; i++) {
		number(r);
		number(r);
	}
	for (size_t pc = 0; pc < f->n_code && pc < n && !r->bad; pc++) {
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

static void locals(struct reader *r, struct ss_lint_function *f)
{
	size_t n = count(r);
	struct ss_lint_local *list = room(r, n, sizeof(*list));

	f->n_locals = n;
	f->locals = list;
	for (size_t i = 0; i < n && !r->bad; i++) {
		list[i].name = string(r, &list[i].name_len);
		list[i].start = number(r);
		list[i].end = number(r);
	}
}

static void upvalue_names(struct reader *r)
{
	size_t len;

	for (size_t i = 0, n = count(r); i < n && !r->bad; i++)
		string(r, &len);
}

static struct ss_lint_function *function(struct reader *r, const struct ss_lint_function *outer,
                                         size_t index);

static void inner_functions(struct reader *r, struct ss_lint_function *f)
{
	size_t n = count(r);
	struct ss_lint_function **list = room(r, n, sizeof(struct ss_lint_function *));

	f->inner = list;
	if (++r->depth > MAX_NESTING)
		r->bad = true;
	for (size_t i = 0; i < n && !r->bad; i++)
		list[f->n_inner++] = function(r, f, i);
	r->depth--;
}

static void read_function(struct reader *r, struct ss_lint_function *f)
{
	size_t len;
	int line_defined;

	string(r, &len);
	line_defined = (int)number(r);
	number(r);
	take(r, 3);
	f->n_code = count(r);
	f->code = take(r, 4 * f->n_code);
	constants(r, f);
	upvalues(r, f);
	inner_functions(r, f);
	lines(r, f, line_defined);
	locals(r, f);
	upvalue_names(r);
}

/* Whatever was read, to be freed; NULL when out of memory. */
static struct ss_lint_function *function(struct reader *r, const struct ss_lint_function *outer,
                                         size_t index)
{
	struct ss_lint_function *f = room(r, 0, sizeof(*f));

	if (!f)
		return NULL;
	f->outer = outer;
	f->index = index;
	f->notes = room(r, 0, sizeof(*f->notes));
	if (!r->bad)
		read_function(r, f);
	return f;
}

static void free_function(struct ss_lint_function *f)
{
	for (size_t i = 0; f && i < f->n_inner; i++)
		free_function(f->inner[i]);
	if (!f)
		return;
	if (f->notes) {
		free(f->notes->from_low);
		free(f->notes->from_high);
		free(f->notes->fixed);
	}
	free(f->notes);
	free(f->constants);
	free((void *)f->constant_len);
	free((void *)f->constant_kind);
	free((void *)f->upvalues);
	free((void *)f->is_env);
	free((void *)f->inner);
	free((void *)f->lines);
	free((void *)f->locals);
	free(f);
}

static void visit(const struct ss_lint_function *f,
                  void (*fn)(void *ud, const struct ss_lint_function *f), void *ud)
{
	for (size_t i = 0; i < f->n_inner; i++)
		visit(f->inner[i], fn, ud);
	fn(ud, f);
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
	struct ss_lint_function *chunk = NULL;
	struct reader r = {0};

	if (lua_dump(L, write_dump, &dump, 0) || dump.failed)
		return ss_err_nomem(err);
	r.p = (const unsigned char *)dump.data;
	r.end = r.p + dump.len;
	if (header(&r))
		chunk = function(&r, NULL, 0);
	else
		r.bad = true;
	if (!r.bad)
		visit(chunk, fn, ud);
	free_function(chunk);
	if (r.nomem)
		return ss_err_nomem(err);
	return r.bad ? ss_err_set(err, SS_ERR_INVAL, "compiled code of an unknown format") : 0;
}
