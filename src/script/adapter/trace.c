#include "script/adapter/trace.h"

#include <lauxlib.h>
#include <string.h>

#include "script/adapter/adapter_priv.h"

/* registry: {real = stand-in}, {stand-in = real}, {real = node}, {real = {key = place}}, the
 * metatable of stand-ins, the version */
static const char stand_ins_key, reals_key, nodes_key, writes_key, meta_key, version_key;

enum { MAX_DEPTH = 200 };

/* --- stand-ins ------------------------------------------------------------------------- */
/* Replace the value at index by the table it stands for; is it one? */
static bool to_real(lua_State *L, int index)
{
	bool is;

	index = lua_absindex(L, index);
	if (!lua_istable(L, index))
		return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &reals_key);
	lua_pushvalue(L, index);
	lua_rawget(L, -2);
	is = lua_istable(L, -1);
	if (is)
		lua_copy(L, -1, index);
	lua_pop(L, 2);
	return is;
}

/* A stand-in in the place of the table at the top; anything else is left. */
static void wrap(lua_State *L)
{
	if (!lua_istable(L, -1))
		return;
	to_real(L, -1);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &stand_ins_key); /* real map */
	lua_pushvalue(L, -2);
	if (lua_rawget(L, -2) == LUA_TNIL) { /* real map nil */
		lua_pop(L, 1);
		lua_newtable(L); /* real map stand-in */
		lua_rawgetp(L, LUA_REGISTRYINDEX, &meta_key);
		lua_setmetatable(L, -2);
		lua_pushvalue(L, -3);
		lua_pushvalue(L, -2);
		lua_rawset(L, -4);
		lua_rawgetp(L, LUA_REGISTRYINDEX, &reals_key);
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -5);
		lua_rawset(L, -3);
		lua_pop(L, 1);
	}
	lua_replace(L, -3);
	lua_pop(L, 1);
}

/* Where the script is: number of the source and line in one integer, 0 when unknown. */
static lua_Integer place_now(lua_State *L)
{
	const struct ss_adapter_version *v;
	lua_Debug ar;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &version_key);
	v = lua_touserdata(L, -1);
	lua_pop(L, 1);
	for (int level = 1; lua_getstack(L, level, &ar); level++) {
		if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0)
			continue;
		for (size_t i = 0; i < v->n_sources; i++) {
			if (strcmp(ar.source + 1, v->sources[i].rel) == 0)
				return (lua_Integer)i << 32 | ar.currentline;
		}
	}
	return 0;
}

/* Note that the key at key of the real table at index is written now. */
static void note(lua_State *L, int index, int key)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, &writes_key);
	lua_pushvalue(L, index);
	if (lua_rawget(L, -2) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, index);
		lua_pushvalue(L, -2);
		lua_rawset(L, -4);
	}
	lua_pushvalue(L, key);
	lua_pushinteger(L, place_now(L));
	lua_rawset(L, -3);
	lua_pop(L, 2);
}

static int meta_index(lua_State *L)
{
	lua_settop(L, 2);
	to_real(L, 1);
	lua_gettable(L, 1);
	wrap(L);
	return 1;
}

static int meta_newindex(lua_State *L)
{
	lua_settop(L, 3);
	to_real(L, 1);
	to_real(L, 3);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, 3);
	lua_settable(L, 1);
	note(L, 1, 2);
	return 0;
}

static int meta_len(lua_State *L)
{
	to_real(L, 1);
	lua_pushinteger(L, luaL_len(L, 1));
	return 1;
}

static int meta_eq(lua_State *L)
{
	to_real(L, 1);
	to_real(L, 2);
	lua_pushboolean(L, lua_rawequal(L, 1, 2));
	return 1;
}

/* --- the environment --------------------------------------------------------------------- */
/* upvalues: the step of the real table, the real table */
static int pairs_step(lua_State *L)
{
	lua_settop(L, 2);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_pushvalue(L, 2);
	lua_call(L, 2, 2);
	wrap(L);
	return 2;
}

static int l_pairs(lua_State *L)
{
	lua_settop(L, 1);
	lua_pushcfunction(L, ss_adapter_pairs);
	lua_pushvalue(L, 1);
	if (!to_real(L, -1)) {
		lua_call(L, 1, 3);
		return 3;
	}
	lua_pushvalue(L, -1);
	lua_insert(L, 2); /* stand-in real pairs real */
	lua_call(L, 1, 1);
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, pairs_step, 2);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

static int l_next(lua_State *L)
{
	int n;

	lua_settop(L, 2);
	if (!to_real(L, 1))
		return ss_adapter_next(L);
	n = ss_adapter_next(L);
	wrap(L);
	return n;
}

static int l_rawget(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	lua_settop(L, 2);
	if (to_real(L, 1)) {
		lua_rawget(L, 1);
		wrap(L);
	} else {
		lua_rawget(L, 1);
	}
	return 1;
}

/* upvalue: the usual function, which takes its tables as they are */
static int l_raw(lua_State *L)
{
	int n = lua_gettop(L);

	for (int i = 1; i <= n; i++)
		to_real(L, i);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/* upvalue: the usual function */
static int l_setmetatable(lua_State *L)
{
	bool is;

	lua_settop(L, 2);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, 1);
	is = to_real(L, -1);
	lua_pushvalue(L, 2);
	to_real(L, -1);
	lua_call(L, 2, 1);
	if (is)
		wrap(L);
	return 1;
}

/* print: it was said by the call that counts. */
static int l_quiet(lua_State *L)
{
	return 0;
}

static void put_table(lua_State *L, const void *key)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

static void over(lua_State *L, const char *name, lua_CFunction fn)
{
	ss_adapter_env_push(L);
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, fn, 1);
	ss_adapter_env_set(L, name);
	lua_pop(L, 1);
}

void adapter_trace_open(lua_State *L)
{
	static const luaL_Reg meta[] = {{"__index", meta_index},
	                                {"__newindex", meta_newindex},
	                                {"__len", meta_len},
	                                {"__eq", meta_eq},
	                                {NULL, NULL}};
	static const luaL_Reg functions[] = {{"pairs", l_pairs},   {"next", l_next},
	                                     {"rawget", l_rawget}, {"rawlen", l_raw},
	                                     {"rawequal", l_raw},  {"setmetatable", l_setmetatable},
	                                     {"print", l_quiet},   {NULL, NULL}};

	put_table(L, &stand_ins_key);
	put_table(L, &reals_key);
	put_table(L, &nodes_key);
	put_table(L, &writes_key);
	luaL_newlib(L, meta);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &meta_key);
	lua_pushvalue(L, 1); /* of run_file: the version */
	lua_rawsetp(L, LUA_REGISTRYINDEX, &version_key);
	for (const luaL_Reg *f = functions; f->name; f++)
		over(L, f->name, f->func);
}

/* --- for the caller ------------------------------------------------------------------------ */
/* The tables of the value at the top, which stays. */
static void note_nodes(lua_State *L, const struct ss_doc *marks, ss_node node)
{
	luaL_checkstack(L, 8, "the input is nested too deep");
	lua_rawgetp(L, LUA_REGISTRYINDEX, &nodes_key);
	lua_pushvalue(L, -2);
	lua_pushinteger(L, node);
	lua_rawset(L, -3);
	lua_pop(L, 1);
	for (struct ss_iter it = ss_iter(marks, node); ss_iter_next(&it);) {
		if (it.key)
			lua_pushlstring(L, it.key, it.key_len);
		else
			lua_pushinteger(L, (lua_Integer)it.index + 1);
		lua_rawget(L, -2);
		if (lua_istable(L, -1))
			note_nodes(L, marks, it.value);
		lua_pop(L, 1);
	}
}

void adapter_trace_wrap_input(lua_State *L, const struct ss_doc *marks, ss_node node)
{
	note_nodes(L, marks, node);
	wrap(L);
}

/* visited: index of {table = true} */
static void unwrap(lua_State *L, int visited, int depth)
{
	to_real(L, -1);
	if (!lua_istable(L, -1) || depth == MAX_DEPTH)
		return;
	luaL_checkstack(L, 8, "the result is nested too deep");
	lua_pushvalue(L, -1);
	if (lua_rawget(L, visited) != LUA_TNIL) {
		lua_pop(L, 1);
		return;
	}
	lua_pop(L, 1);
	lua_pushvalue(L, -1);
	lua_pushboolean(L, 1);
	lua_rawset(L, visited);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		unwrap(L, visited, depth + 1);
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4); /* a key that is there: the traversal goes on */
	}
}

void adapter_trace_unwrap(lua_State *L)
{
	lua_newtable(L);
	lua_insert(L, -2);
	unwrap(L, lua_gettop(L) - 1, 0);
	lua_remove(L, -2);
}

ss_node adapter_trace_node(lua_State *L, int index)
{
	ss_node node = SS_NO_NODE;

	index = lua_absindex(L, index);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &nodes_key);
	lua_pushvalue(L, index);
	if (lua_rawget(L, -2) == LUA_TNUMBER)
		node = (ss_node)lua_tointeger(L, -1);
	lua_pop(L, 2);
	return node;
}

bool adapter_trace_written(lua_State *L, int index, int key, int *ret_source, int *ret_line)
{
	bool written = false;

	index = lua_absindex(L, index);
	key = lua_absindex(L, key);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &writes_key);
	lua_pushvalue(L, index);
	if (lua_rawget(L, -2) == LUA_TTABLE) {
		lua_pushvalue(L, key);
		written = lua_rawget(L, -2) == LUA_TNUMBER;
		*ret_source = (int)(lua_tointeger(L, -1) >> 32);
		*ret_line = (int)(lua_tointeger(L, -1) & 0x7fffffff);
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
	return written;
}
