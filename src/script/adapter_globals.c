/* The globals that a chunk uses, read from its code: a typing error in a branch
 * that no test takes is found when the file is loaded.
 *
 * Reads what lua_dump writes (Lua 5.4's format: ldump.c). A function reaches a
 * global by GETTABUP or SETTABUP on the upvalue that is _ENV, with a constant as
 * key. Another format or a surprise in it ends the scan without a verdict; what is
 * executed is still watched (adapter_env.c). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "script/adapter_priv.h"

enum {
	HEADER_BYTES = 31,
	OP_GETTABUP = 11,
	OP_SETTABUP = 15,
	MAX_UPVALUES = 256,
	MAX_NESTING = 100,
	MAX_KNOWN = 96,
	ABSOLUTE_LINE = -0x80, /* in lineinfo: look in abslineinfo */
};

struct reader {
	const unsigned char *p, *end;
	bool bad;
};

struct scan {
	struct ss_adapter_version *v;
	const struct adapter_source *source;
	const char *known[MAX_KNOWN];
	size_t n_known;
	struct reader r;
	int depth;
};

/* A function whose code has been read, before its lines are known. */
struct function {
	const unsigned char *code;
	size_t n_code, n_constants;
	const unsigned char **constants; /* of strings, else NULL */
	size_t *constant_len;
	int line_defined;
};

/* --- reading ------------------------------------------------------------------------- */
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

static void constants(struct scan *s, struct function *f)
{
	enum { NIL = 0x00, FALSE = 0x01, TRUE = 0x11, INTEGER = 0x03, FLOAT = 0x13 };
	enum { SHORT_STRING = 0x04, LONG_STRING = 0x14 };

	f->n_constants = count(&s->r);
	f->constants = calloc(f->n_constants + 1, sizeof(*f->constants));
	f->constant_len = calloc(f->n_constants + 1, sizeof(*f->constant_len));
	if (!f->constants || !f->constant_len)
		s->r.bad = s->v->findings->nomem = true;
	for (size_t i = 0; i < f->n_constants && !s->r.bad; i++) {
		switch (byte(&s->r)) {
		case SHORT_STRING:
		case LONG_STRING:
			f->constants[i] = string(&s->r, &f->constant_len[i]);
			break;
		case INTEGER:
		case FLOAT:
			take(&s->r, 8);
			break;
		case NIL:
		case FALSE:
		case TRUE:
			break;
		default:
			s->r.bad = true;
		}
	}
}

/* --- findings --------------------------------------------------------------------------- */
static bool was_assigned(const struct scan *s, const char *name)
{
	static const char start[] = "assignment to global '";
	size_t len = strlen(name);

	for (size_t i = 0; i < s->v->findings->n; i++) {
		const char *text = s->v->findings->list[i].message;

		if (text && strncmp(text, start, sizeof(start) - 1) == 0 &&
		    strncmp(text + sizeof(start) - 1, name, len) == 0 &&
		    text[sizeof(start) - 1 + len] == '\'')
			return true;
	}
	return false;
}

static void report(struct scan *s, const char *name, bool assigned, int line)
{
	const char *near;

	if (assigned) {
		ss_findings_add(s->v->findings, s->source->file, line, NULL,
		                "assignment to global '%s': declare it with 'local'", name);
		return;
	}
	for (size_t i = 0; i < s->n_known; i++) {
		if (strcmp(s->known[i], name) == 0)
			return;
	}
	if (was_assigned(s, name))
		return; /* one mistake, one finding */
	near = ss_suggest(name, s->known, s->n_known);
	if (near)
		ss_findings_add(s->v->findings, s->source->file, line, NULL,
		                "unknown global '%s': did you mean '%s'?", name, near);
	else
		ss_findings_add(s->v->findings, s->source->file, line, NULL, "unknown global '%s'",
		                name);
}

static void look(struct scan *s, const struct function *f, const bool *is_env, size_t pc, int line)
{
	uint32_t i;
	unsigned upvalue, key;
	char name[128];

	memcpy(&i, f->code + 4 * pc, sizeof(i));
	if ((i & 0x7f) == OP_GETTABUP) {
		upvalue = i >> 16 & 0xff;
		key = i >> 24 & 0xff;
	} else if ((i & 0x7f) == OP_SETTABUP) {
		upvalue = i >> 7 & 0xff;
		key = i >> 16 & 0xff;
	} else {
		return;
	}
	if (!is_env[upvalue] || key >= f->n_constants || !f->constants[key] ||
	    f->constant_len[key] >= sizeof(name))
		return;
	memcpy(name, f->constants[key], f->constant_len[key]);
	name[f->constant_len[key]] = 0;
	report(s, name, (i & 0x7f) == OP_SETTABUP, line);
}

/* Lines come after the code: with them, go through it. */
static void debug_part(struct scan *s, const struct function *f, const bool *is_env)
{
	struct reader *r = &s->r, absolute;
	size_t n = count(r), n_absolute, len;
	const unsigned char *lines = take(r, n);
	int line = f->line_defined;

	n_absolute = count(r);
	absolute = *r;
	for (size_t i = 0; i < 2 * n_absolute; i++)
		number(r);
	for (size_t pc = 0; pc < f->n_code && pc < n && !r->bad; pc++) {
		int step = (signed char)lines[pc];

		if (step == ABSOLUTE_LINE) {
			number(&absolute);
			line = (int)number(&absolute);
		} else {
			line += step;
		}
		look(s, f, is_env, pc, line);
	}
	for (size_t i = 0, locals = count(r); i < locals && !r->bad; i++) {
		string(r, &len);
		number(r);
		number(r);
	}
	for (size_t i = 0, names = count(r); i < names && !r->bad; i++)
		string(r, &len);
}

static void function(struct scan *s, const bool *outer_env)
{
	struct function f = {0};
	struct reader *r = &s->r;
	bool is_env[MAX_UPVALUES] = {false};
	size_t len, n;

	if (++s->depth > MAX_NESTING)
		r->bad = true;
	string(r, &len);
	f.line_defined = (int)number(r);
	number(r);
	take(r, 3);
	f.n_code = count(r);
	f.code = take(r, 4 * f.n_code);
	constants(s, &f);
	n = count(r);
	for (size_t i = 0; i < n && i < MAX_UPVALUES && !r->bad; i++) {
		unsigned in_stack = byte(r), index = byte(r);

		byte(r);
		/* The main chunk has one upvalue, which is _ENV; a local named _ENV is no global. */
		is_env[i] = outer_env ? !in_stack && outer_env[index] : i == 0;
	}
	n = count(r);
	for (size_t i = 0; i < n && !r->bad; i++)
		function(s, is_env);
	debug_part(s, &f, is_env);
	free(f.constants);
	free(f.constant_len);
	s->depth--;
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

bool adapter_scan_globals(struct ss_adapter_version *v, const struct adapter_source *source,
                          lua_State *L)
{
	struct ss_buf dump SS_AUTO_BUF = SS_BUF_INIT;
	struct scan s = {.v = v, .source = source};

	/* From here on nothing raises. The names stay alive in the environment. */
	s.n_known = ss_adapter_env_names(L, s.known, MAX_KNOWN);
	if (lua_dump(L, write_dump, &dump, 0) || dump.failed)
		return false;
	s.r.p = (const unsigned char *)dump.data;
	s.r.end = s.r.p + dump.len;
	if (!header(&s.r))
		return false;
	function(&s, NULL);
	return !s.r.bad;
}
