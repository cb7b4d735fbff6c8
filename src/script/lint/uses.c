#include "script/lint/uses.h"

#include <lauxlib.h>
#include <string.h>

#include "script/lint/traps.h"
#include "script/lint/value.h"

struct uses {
	lua_State *L; /* the list is at the top */
	lua_Integer n;
};

/* --- the list ----------------------------------------------------------------------- */
static void put(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

/* A new use is at the top until end. */
static void begin(struct uses *u, const struct ss_lint_function *f, size_t pc, const char *what,
                  const char *name)
{
	lua_createtable(u->L, 0, 6);
	put(u->L, "what", what);
	if (name)
		put(u->L, "name", name);
	lua_pushinteger(u->L, f->lines[pc]);
	lua_setfield(u->L, -2, "line");
}

static void end(struct uses *u)
{
	lua_rawseti(u->L, -2, ++u->n);
}

static void note(struct uses *u, const struct ss_lint_function *f, size_t pc, const char *what,
                 const char *name)
{
	begin(u, f, pc, what, name);
	end(u);
}

/* --- values that are looked at first --------------------------------------------------- */
/* local unpack = unpack: a variable of the same name takes what there is. */
static bool is_kept(const struct ss_lint_function *f, size_t pc, unsigned r, const char *name)
{
	const struct ss_lint_local *local = ss_lint_local_at(f, pc + 1, r);

	return local && local->start == pc + 1 && local->name_len == strlen(name) &&
	       !memcmp(local->name, name, local->name_len);
}

static bool is_tested(const struct ss_lint_function *f, size_t pc, const char *name)
{
	unsigned r = ss_lint_a(ss_lint_instruction(f, pc));
	uint32_t next = pc + 1 < f->n_code ? ss_lint_instruction(f, pc + 1) : 0;
	char function[SS_LINT_NAME];

	switch (ss_lint_op(next)) {
	case SS_OP_TEST:
	case SS_OP_EQK:
		return ss_lint_a(next) == r;
	case SS_OP_TESTSET:
	case SS_OP_NOT:
		return ss_lint_b(next) == r;
	case SS_OP_EQ:
		return true;
	case SS_OP_CALL: /* type(jit) */
		return ss_lint_a(next) + 1 == r && ss_lint_value(f, pc + 1, r - 1, function) &&
		       strcmp(function, "type") == 0;
	default:
		return is_kept(f, pc, r, name);
	}
}

/* --- arguments ------------------------------------------------------------------------- */
static void push_constant(lua_State *L, const struct ss_lint_function *f, unsigned k)
{
	switch (k < f->n_constants ? f->constant_kind[k] : SS_LINT_NIL) {
	case SS_LINT_STRING:
		lua_pushlstring(L, (const char *)f->constants[k], f->constant_len[k]);
		break;
	case SS_LINT_NUMBER:
		lua_pushinteger(L, 0);
		break;
	case SS_LINT_BOOL:
		lua_pushboolean(L, true);
		break;
	case SS_LINT_NIL:
		lua_pushnil(L);
		break;
	}
}

static void push_table(lua_State *L, const struct ss_lint_function *f, size_t from, size_t pc,
                       unsigned r, int depth);

/* What pc finds in register r, where that is a literal. */
static void push_value(lua_State *L, const struct ss_lint_function *f, size_t pc, unsigned r,
                       int depth)
{
	int64_t from = ss_lint_local_at(f, pc, r) ? -1 : ss_lint_filled(f, pc, r);
	uint32_t i = from < 0 ? 0 : ss_lint_instruction(f, (size_t)from);

	switch (from < 0 ? SS_OPS : ss_lint_op(i)) {
	case SS_OP_NEWTABLE:
		push_table(L, f, (size_t)from, pc, r, depth);
		break;
	case SS_OP_LOADK:
		push_constant(L, f, ss_lint_bx(i));
		break;
	case SS_OP_LOADI:
	case SS_OP_LOADF:
		lua_pushinteger(L, 0);
		break;
	case SS_OP_LOADTRUE:
	case SS_OP_LOADFALSE:
		lua_pushboolean(L, true);
		break;
	default:
		lua_pushlightuserdata(L, NULL);
	}
}

/* Where a field is written: a table is given to it where the table ends. */
static int line_of(const struct ss_lint_function *f, size_t pc)
{
	uint32_t i = ss_lint_instruction(f, pc);
	int64_t from = ss_lint_k(i) ? -1 : ss_lint_filled(f, pc, ss_lint_c(i));
	bool table =
	        from >= 0 && ss_lint_op(ss_lint_instruction(f, (size_t)from)) == SS_OP_NEWTABLE;

	return f->lines[table ? (size_t)from : pc];
}

/* The field that SETFIELD at pc gives to the table at the top, above its lines. */
static void put_field(lua_State *L, const struct ss_lint_function *f, size_t pc, int depth)
{
	uint32_t i = ss_lint_instruction(f, pc);
	unsigned k = ss_lint_b(i);

	if (k >= f->n_constants || f->constant_kind[k] != SS_LINT_STRING)
		return;
	push_constant(L, f, k);
	lua_pushvalue(L, -1);
	lua_pushinteger(L, line_of(f, pc));
	lua_rawset(L, -5);
	if (ss_lint_k(i))
		push_constant(L, f, ss_lint_c(i));
	else
		push_value(L, f, pc, ss_lint_c(i), depth);
	lua_rawset(L, -3);
}

static void put_items(lua_State *L, const struct ss_lint_function *f, size_t pc, int depth)
{
	uint32_t i = ss_lint_instruction(f, pc);

	for (unsigned n = 1; !ss_lint_k(i) && n <= ss_lint_b(i); n++) {
		push_value(L, f, pc, ss_lint_a(i) + n, depth);
		lua_rawseti(L, -2, (lua_Integer)(ss_lint_c(i) + n));
	}
}

/* The table that is made at `from` in register r, as pc finds it. Its metatable says on which lines its fields
 * are. */
static void push_table(lua_State *L, const struct ss_lint_function *f, size_t from, size_t pc,
                       unsigned r, int depth)
{
	enum { DEEPEST = 20 };

	luaL_checkstack(L, 10, NULL);
	lua_newtable(L); /* lines */
	lua_newtable(L);
	for (size_t at = from + 1; depth < DEEPEST && at < pc; at++) {
		uint32_t i = ss_lint_instruction(f, at);

		if (ss_lint_a(i) != r)
			continue;
		if (ss_lint_op(i) == SS_OP_SETFIELD)
			put_field(L, f, at, depth + 1);
		else if (ss_lint_op(i) == SS_OP_SETLIST)
			put_items(L, f, at, depth + 1);
	}
	lua_createtable(L, 0, 1);
	lua_rotate(L, -3, 2); /* table, meta, lines */
	lua_setfield(L, -2, "lines");
	lua_setmetatable(L, -2);
}

static void push_arguments(lua_State *L, const struct ss_lint_function *f, size_t pc)
{
	enum { MAX_ARGUMENTS = 8 };
	uint32_t call = ss_lint_instruction(f, pc);
	unsigned n = ss_lint_b(call) ? ss_lint_b(call) - 1 : MAX_ARGUMENTS;

	lua_newtable(L);
	for (unsigned i = 1; i <= n && i <= MAX_ARGUMENTS; i++) {
		push_value(L, f, pc, ss_lint_a(call) + i, 0);
		lua_rawseti(L, -2, (lua_Integer)i);
	}
}

/* --- calls ---------------------------------------------------------------------------------- */
/* Pushes true when the results are dropped, the name of the variable when they end in variables that
 * nobody reads (one that begins with _ says that this is meant), else false. */
static void push_lost(lua_State *L, const struct ss_lint_function *f, size_t pc)
{
	uint32_t call = ss_lint_instruction(f, pc);
	const struct ss_lint_local *first = NULL;

	if (ss_lint_op(call) != SS_OP_CALL || ss_lint_c(call) <= 1) {
		lua_pushboolean(L, ss_lint_op(call) == SS_OP_CALL && ss_lint_c(call) == 1);
		return;
	}
	for (unsigned i = 0; i + 1 < ss_lint_c(call); i++) {
		unsigned r = ss_lint_a(call) + i;
		const struct ss_lint_local *local = ss_lint_local_at(f, pc + 1, r);

		if (!local || local->start != pc + 1 || local->name_len == 0 ||
		    strchr("_(", local->name[0]) ||
		    ss_lint_is_used(f, local->start, local->end, r)) {
			lua_pushboolean(L, false);
			return;
		}
		first = first ? first : local;
	}
	lua_pushlstring(L, (const char *)first->name, first->name_len);
}

static void look_at_call(struct uses *u, const struct ss_lint_function *f, size_t pc)
{
	uint32_t call = ss_lint_instruction(f, pc);
	char name[SS_LINT_NAME];

	if (!ss_lint_value(f, pc, ss_lint_a(call), name))
		return;
	if (strcmp(name, "require") == 0) {
		int64_t from = ss_lint_filled(f, pc, ss_lint_a(call) + 1);
		uint32_t load = from < 0 ? 0 : ss_lint_instruction(f, (size_t)from);

		begin(u, f, pc, "require", NULL);
		if (from >= 0 && ss_lint_op(load) == SS_OP_LOADK)
			push_constant(u->L, f, ss_lint_bx(load));
		else
			lua_pushnil(u->L);
		lua_setfield(u->L, -2, "name");
		end(u);
	} else if (strchr(name, '.')) {
		begin(u, f, pc, "call", name);
		push_lost(u->L, f, pc);
		lua_setfield(u->L, -2, "lost");
		push_arguments(u->L, f, pc);
		lua_setfield(u->L, -2, "args");
		end(u);
	}
}

/* --- the walk --------------------------------------------------------------------------------- */
static void look_at_read(struct uses *u, const struct ss_lint_function *f, size_t pc)
{
	char name[SS_LINT_NAME];
	uint32_t next = pc + 1 < f->n_code ? ss_lint_instruction(f, pc + 1) : 0;

	if (!ss_lint_read_name(f, pc, name))
		return;
	if (strcmp(name, "_G") == 0 &&
	    !(ss_lint_op(next) == SS_OP_GETFIELD &&
	      ss_lint_b(next) == ss_lint_a(ss_lint_instruction(f, pc)))) {
		note(u, f, pc, "open", NULL);
		return;
	}
	begin(u, f, pc, "read", name);
	/* _G.jit asks whether there is one. */
	lua_pushboolean(u->L, is_tested(f, pc, name) ||
	                              (ss_lint_op(ss_lint_instruction(f, pc)) == SS_OP_GETFIELD &&
	                               !strchr(name, '.')));
	lua_setfield(u->L, -2, "tested");
	end(u);
}

static void look_at(struct uses *u, const struct ss_lint_function *f, size_t pc)
{
	uint32_t i = ss_lint_instruction(f, pc);
	char name[SS_LINT_NAME];

	switch (ss_lint_op(i)) {
	case SS_OP_GETTABUP:
	case SS_OP_GETFIELD:
		look_at_read(u, f, pc);
		break;
	case SS_OP_SETTABUP:
	case SS_OP_SETFIELD:
		if (ss_lint_written_name(f, pc, name))
			note(u, f, pc, "write", name);
		break;
	case SS_OP_GETUPVAL: /* _ENV as a value */
		if (f->is_env[ss_lint_b(i)])
			note(u, f, pc, "open", NULL);
		break;
	case SS_OP_SELF:
		if (ss_lint_read_name(f, pc, name))
			note(u, f, pc, "method", name);
		break;
	case SS_OP_CALL:
	case SS_OP_TAILCALL:
		look_at_call(u, f, pc);
		break;
	default:
		break;
	}
}

/* Protected, for the reader must go on: pops nothing, takes (uses, function). */
static int l_look(lua_State *L)
{
	struct uses *u = lua_touserdata(L, 1);
	const struct ss_lint_function *f = lua_touserdata(L, 2);

	lua_settop(L, 3);
	for (size_t pc = 0; pc < f->n_code; pc++)
		look_at(u, f, pc);
	return 0;
}

struct look {
	lua_State *L;
	struct uses uses;
	bool failed;
};

/* What raises here must not leave the reader of the code, which holds memory. */
static void on_function(void *ud, const struct ss_lint_function *f)
{
	struct look *look = ud;

	if (look->failed)
		return;
	lua_pushcfunction(look->L, l_look);
	lua_pushlightuserdata(look->L, &look->uses);
	lua_pushlightuserdata(look->L, (void *)f);
	lua_pushvalue(look->L, -5); /* the list */
	if (lua_pcall(look->L, 3, 0, 0) != LUA_OK) {
		look->failed = true;
		lua_pop(look->L, 1);
	}
}

int ss_lint_push_uses(lua_State *L, const char *text, size_t len)
{
	const char *start = ss_lint_code_start(text, len);
	struct look look = {.L = L, .uses = {.L = L}};

	luaL_checkstack(L, 20, NULL);
	lua_newtable(L);
	if (luaL_loadbufferx(L, start, len - (size_t)(start - text), "=script", "t") != LUA_OK ||
	    ss_lint_code_read(L, on_function, &look, NULL) || look.failed)
		lua_pushnil(L);
	else
		lua_pushvalue(L, -2);
	return 1;
}

/* --- what a file is -------------------------------------------------------------------- */
static void look_at_end(void *ud, const struct ss_lint_function *f)
{
	char name[SS_LINT_NAME];

	for (size_t pc = 0; !f->outer && pc < f->n_code; pc++) {
		uint32_t i = ss_lint_instruction(f, pc);

		if (ss_lint_op(i) == SS_OP_TAILCALL && ss_lint_value(f, pc, ss_lint_a(i), name) &&
		    strcmp(name, "adapter") == 0)
			*(bool *)ud = true;
	}
}

bool ss_lint_returns_adapter(const char *text, size_t len)
{
	static const char end[] = "\nreturn adapter";
	const char *start = ss_lint_code_start(text, len);
	lua_State *L = luaL_newstate();
	bool is = false;

	if (L && luaL_loadbufferx(L, start, len - (size_t)(start - text), "=file", "t") == LUA_OK)
		(void)ss_lint_code_read(L, look_at_end, &is, NULL);
	else
		is = strncmp(text, end + 1, sizeof(end) - 2) == 0 || strstr(text, end);
	if (L)
		lua_close(L);
	return is;
}
