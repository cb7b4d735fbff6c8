#include <stdlib.h>
#include <string.h>

#include "script/conv.h"
#include "script/conv_priv.h"
#include "script/luax.h"

const char ss_conv_array_key, ss_conv_order_key, ss_conv_number_key;

/* Registry[&orders_key] = {[hash of the keys] = metatable}: equal key sequences
 * share one metatable, so a manifest that is pushed again makes none. */
static const char orders_key;
/* metatable[&keys_key] = userdata with the keys, each followed by a NUL, to tell apart equal hashes. */
static const char keys_key;

/* The builder has about ten key sequences; more can only come from a script that
 * makes them up, and those get a metatable each, which is collected. */
enum { MAX_ORDERS = 512, MAX_PROBES = 4 };

/* --- lists --------------------------------------------------------------------- */

static void push_array_meta(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &ss_conv_array_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "json.array");
	lua_setfield(L, -2, "__metatable");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &ss_conv_array_key);
}

void ss_conv_mark_array(lua_State *L, int index)
{
	index = lua_absindex(L, index);
	luaL_checkstack(L, 3, "list");
	push_array_meta(L);
	lua_setmetatable(L, index);
}

void ss_conv_push_array(lua_State *L, int n)
{
	lua_createtable(L, n, 0);
	ss_conv_mark_array(L, -1);
}

bool ss_conv_is_array(lua_State *L, int index)
{
	bool same;

	if (!lua_istable(L, index) || !lua_getmetatable(L, index))
		return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &ss_conv_array_key);
	same = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return same;
}

/* --- orders -------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, const char *key, size_t len)
{
	uint64_t word;

	for (; len >= sizeof(word); key += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, key, len);
	hash = (hash ^ word ^ (uint64_t)(len + 1) << 56) * 0x9E3779B97F4A7C15u;
	return hash ^ hash >> 32;
}

static uint32_t hash_keys(const struct ss_doc *doc, ss_node object, bool *ret_sorted,
                          size_t *ret_bytes)
{
	uint64_t hash = 0;
	const char *last = NULL;

	*ret_sorted = true;
	*ret_bytes = 0;
	for (struct ss_iter it = ss_iter(doc, object); ss_iter_next(&it);) {
		hash = mix(hash, it.key, it.key_len);
		*ret_bytes += it.key_len + 1;
		if (last && strcmp(last, it.key) > 0)
			*ret_sorted = false;
		last = it.key;
	}
	return (uint32_t)hash;
}

/* Stack: the metatable, which stays. */
static bool has_keys(lua_State *L, const struct ss_doc *doc, ss_node object, size_t bytes)
{
	const char *keys;
	bool same;

	lua_rawgetp(L, -1, &keys_key);
	keys = lua_touserdata(L, -1);
	same = keys && lua_rawlen(L, -1) == bytes;
	for (struct ss_iter it = ss_iter(doc, object); same && ss_iter_next(&it);) {
		same = memcmp(keys, it.key, it.key_len + 1) == 0;
		keys += it.key_len + 1;
	}
	lua_pop(L, 1);
	return same;
}

static void push_new_order(lua_State *L, const struct ss_doc *doc, ss_node object, size_t bytes)
{
	lua_Integer rank = 0;
	char *keys;

	lua_createtable(L, 0, 3);
	lua_createtable(L, 0, (int)ss_doc_count(doc, object));
	keys = lua_newuserdatauv(L, bytes, 0);
	for (struct ss_iter it = ss_iter(doc, object); ss_iter_next(&it);) {
		memcpy(keys, it.key, it.key_len + 1);
		keys += it.key_len + 1;
		lua_pushlstring(L, it.key, it.key_len);
		lua_pushinteger(L, ++rank);
		lua_rawset(L, -4);
	}
	lua_rawsetp(L, -3, &keys_key);
	lua_rawsetp(L, -2, &ss_conv_order_key);
	lua_pushliteral(L, "json.object");
	lua_setfield(L, -2, "__metatable");
}

static void push_orders(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &orders_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &orders_key);
}

/* Push the cached metatable, or nil with the free slot's number in *ret_slot (-1 = none). */
static void find_order(lua_State *L, int orders, const struct ss_doc *doc, ss_node object,
                       uint32_t hash, size_t bytes, lua_Integer *ret_slot)
{
	for (lua_Integer i = 0; i < MAX_PROBES; i++) {
		*ret_slot = (lua_Integer)hash + i;
		if (lua_rawgeti(L, orders, *ret_slot) == LUA_TNIL ||
		    has_keys(L, doc, object, bytes))
			return;
		lua_pop(L, 1);
	}
	*ret_slot = -1;
	lua_pushnil(L);
}

/* Entry -1 of the cache counts the others. */
static bool take_slot(lua_State *L, int orders)
{
	lua_Integer n;

	lua_rawgeti(L, orders, -1);
	n = lua_tointeger(L, -1);
	lua_pop(L, 1);
	if (n >= MAX_ORDERS)
		return false;
	lua_pushinteger(L, n + 1);
	lua_rawseti(L, orders, -1);
	return true;
}

/* Stack: the table of the object. */
static void set_order(lua_State *L, const struct ss_doc *doc, ss_node object)
{
	int table = lua_gettop(L), orders = table + 1;
	lua_Integer slot;
	bool sorted;
	size_t bytes;
	uint32_t hash = hash_keys(doc, object, &sorted, &bytes);

	/* Without members it is the mark that tells it from a list. */
	if (sorted && bytes)
		return;
	push_orders(L);
	find_order(L, orders, doc, object, hash, bytes, &slot);
	if (lua_isnil(L, -1)) {
		push_new_order(L, doc, object, bytes);
		if (slot >= 0 && take_slot(L, orders)) {
			lua_pushvalue(L, -1);
			lua_rawseti(L, orders, slot);
		}
	}
	lua_setmetatable(L, table);
	lua_settop(L, table);
}

/* --- numbers ------------------------------------------------------------------- */

static int l_number_text(lua_State *L)
{
	lua_pushstring(L, lua_touserdata(L, 1));
	return 1;
}

static int l_number_equal(lua_State *L)
{
	size_t n, m;
	const char *a = ss_conv_digits(L, 1, &n), *b = ss_conv_digits(L, 2, &m);

	lua_pushboolean(L, a && b && n == m && !memcmp(a, b, n));
	return 1;
}

static int l_number_concat(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	luaL_tolstring(L, 2, NULL);
	lua_concat(L, 2);
	return 1;
}

static void push_number_meta(lua_State *L)
{
	static const luaL_Reg functions[] = {{"__tostring", l_number_text},
	                                     {"__eq", l_number_equal},
	                                     {"__concat", l_number_concat},
	                                     {NULL, NULL}};

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &ss_conv_number_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	lua_pushliteral(L, "json.number");
	lua_setfield(L, -2, "__metatable");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &ss_conv_number_key);
}

static void push_digits(lua_State *L, const char *s, size_t len)
{
	luaL_checkstack(L, 8, "document");
	memcpy(lua_newuserdatauv(L, len + 1, 0), s, len + 1);
	push_number_meta(L);
	lua_setmetatable(L, -2);
}

const char *ss_conv_digits(lua_State *L, int index, size_t *ret_len)
{
	bool is;

	if (!lua_isuserdata(L, index) || !lua_checkstack(L, 2) || !lua_getmetatable(L, index))
		return NULL;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &ss_conv_number_key);
	is = lua_istable(L, -1) && lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	*ret_len = is ? lua_rawlen(L, index) - 1 : 0;
	return is ? lua_touserdata(L, index) : NULL;
}

/* --- values -------------------------------------------------------------------- */

static void push_list(lua_State *L, const struct ss_doc *doc, ss_node node, unsigned flags)
{
	lua_Integer i = 0;

	luaL_checkstack(L, 8, "document");
	ss_conv_push_array(L, (int)ss_doc_count(doc, node));
	for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) {
		ss_conv_to_lua(L, doc, it.value, flags);
		lua_rawseti(L, -2, ++i);
	}
}

static void push_object(lua_State *L, const struct ss_doc *doc, ss_node node, unsigned flags)
{
	luaL_checkstack(L, 8, "document");
	lua_createtable(L, 0, (int)ss_doc_count(doc, node));
	for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) {
		lua_pushlstring(L, it.key, it.key_len);
		ss_conv_to_lua(L, doc, it.value, flags);
		lua_rawset(L, -3);
	}
	if (flags & SS_CONV_ORDERED || !ss_doc_count(doc, node))
		set_order(L, doc, node);
}

void ss_conv_to_lua(lua_State *L, const struct ss_doc *doc, ss_node node, unsigned flags)
{
	const char *s;
	size_t len;

	switch (ss_doc_type(doc, node)) {
	case SS_BOOL:
		lua_pushboolean(L, ss_doc_get_bool(doc, node, false));
		break;
	case SS_INT:
		lua_pushinteger(L, ss_doc_get_int(doc, node, 0));
		break;
	case SS_REAL:
		lua_pushnumber(L, ss_doc_get_real(doc, node, 0));
		break;
	case SS_DIGITS:
		s = ss_doc_get_digits(doc, node, &len);
		push_digits(L, s, len);
		break;
	case SS_STRING:
		s = ss_doc_get_string(doc, node, &len);
		lua_pushlstring(L, s, len);
		break;
	case SS_ARRAY:
		push_list(L, doc, node, flags);
		break;
	case SS_OBJECT:
		push_object(L, doc, node, flags);
		break;
	default:
		lua_pushlightuserdata(L, NULL);
		break;
	}
}

/* --- boxes --------------------------------------------------------------------- */

static void free_doc(void *doc)
{
	ss_doc_free(doc);
}

static int l_new_box(lua_State *L)
{
	ss_lua_new_box(L, "sandscript.document", free_doc);
	return 1;
}

struct ss_doc *ss_conv_new_doc(lua_State *L)
{
	void **slot = ss_lua_new_box(L, "sandscript.document", free_doc);

	*slot = ss_doc_new();
	if (!*slot)
		luaL_error(L, "out of memory");
	return *slot;
}

void ss_conv_box_doc(lua_State *L, struct ss_doc *doc)
{
	/* Protected: doc has no owner while the box is being made. */
	lua_pushcfunction(L, l_new_box);
	if (lua_pcall(L, 0, 1, 0) != LUA_OK) {
		ss_doc_free(doc);
		lua_error(L);
	}
	ss_lua_fill_box(L, -1, doc);
}

struct ss_doc *ss_conv_take_doc(lua_State *L, int index)
{
	return ss_lua_take_box(L, index);
}
