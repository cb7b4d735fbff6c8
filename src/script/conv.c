#include "script/conv.h"

#include <endian.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/edit.h"
#include "base/err.h"
#include "base/json.h"
#include "script/conv_priv.h"
#include "script/lazy.h"
#include "script/unseen.h"

/* The steps of a path, innermost last. */
struct step {
	const void *table;
	int at;          /* its stack index */
	const char *key; /* NULL: element index */
	size_t key_len;
	lua_Integer index;
};

/* A member that waits to be written: its key and value stand on the Lua stack. */
struct entry {
	uint64_t head; /* the first eight bytes, as a number that sorts like them */
	const char *key;
	size_t len;
	lua_Integer rank; /* in the hidden order; RANK_NONE after all of it */
	int at;           /* stack index of the value */
};

#define RANK_NONE INT64_MAX

enum { FEW_ENTRIES = 48, ENTRY_SLOTS = 32 };

struct reader {
	lua_State *L;
	struct ss_doc *doc;
	struct ss_err *err;
	const void *array_meta;
	const struct ss_conv_field *type; /* of the value as a whole, when the caller knows it */
	bool said;                        /* err is set */
	size_t n_nodes;
	int depth;
	struct step path[SS_CONV_MAX_DEPTH];
	struct entry *entries; /* few, or the heap's; used like a stack */
	size_t n_entries, cap_entries;
	struct entry few[FEW_ENTRIES];
};

static int read_value(struct reader *r, int index);
static int read_table(struct reader *r, int index);

/* --- failures ------------------------------------------------------------------ */

static void put_path(const struct reader *r, struct ss_buf *out)
{
	for (int i = 0; i < r->depth; i++) {
		const struct step *step = &r->path[i];

		if (step->key)
			ss_buf_printf(out, "%s%.*s", out->len ? "." : "",
			              (int)(step->key_len < 200 ? step->key_len : 200), step->key);
		else if (step->index)
			ss_buf_printf(out, "[%lld]", (long long)step->index);
	}
}

/* The document is void from here on, whatever the caller does with it. */
static SS_PRINTF(3, 4) int fail(struct reader *r, int code, const char *fmt, ...)
{
	SS_AUTO_BUF struct ss_buf path = {.max = 4096};
	char why[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	put_path(r, &path);
	r->said = true;
	ss_doc_fail(r->doc, code);
	return ss_err_set(r->err, code, "%s%s%s", path.data ? path.data : "", path.len ? ": " : "",
	                  why);
}

static int too_many(struct reader *r)
{
	return fail(r, SS_ERR_LIMIT, "more than %d values", SS_CONV_MAX_NODES);
}

static int no_stack(struct reader *r)
{
	return fail(r, SS_ERR_LIMIT, "the table is too large for the Lua stack");
}

/* A key of this type among keys of another. */
static int wrong_key(struct reader *r, int type)
{
	if (type == LUA_TNUMBER || type == LUA_TSTRING)
		return fail(r, SS_ERR_INVAL,
		            "keys of a list (1, 2 …) and of an object (texts) in one table");
	return fail(r, SS_ERR_INVAL, "a key is a %s; keys are texts, or 1, 2 … of a list",
	            lua_typename(r->L, type));
}

/* --- lists --------------------------------------------------------------------- */

static int read_list(struct reader *r, int index, lua_Integer n)
{
	struct step *step = &r->path[r->depth - 1];
	int rc = 0;

	ss_doc_begin_array(r->doc);
	for (lua_Integer i = 1; i <= n && !rc; i++) {
		step->index = i;
		if (lua_rawgeti(r->L, index, i) == LUA_TNIL) {
			lua_pop(r->L, 1);
			return fail(r, SS_ERR_INVAL, "a list may not hold nil");
		}
		rc = read_value(r, lua_gettop(r->L));
		lua_pop(r->L, 1);
	}
	if (!rc)
		ss_doc_end(r->doc);
	return rc;
}

/* --- objects ------------------------------------------------------------------- */

static int compare_entries(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	size_t len = a->len < b->len ? a->len : b->len;
	int order;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	order = memcmp(a->key, b->key, len);
	if (order)
		return order;
	return a->len < b->len ? -1 : a->len > b->len;
}

static void sort_entries(struct entry *e, size_t n)
{
	if (n > 16) {
		qsort(e, n, sizeof(*e), compare_entries);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct entry one = e[i];
		size_t k = i;

		for (; k > 0 && compare_entries(&one, &e[k - 1]) < 0; k--)
			e[k] = e[k - 1];
		e[k] = one;
	}
}

static uint64_t head_of(const char *key, size_t len)
{
	uint64_t head = 0;

	memcpy(&head, key, len < sizeof(head) ? len : sizeof(head));
	return be64toh(head);
}

static struct entry *add_entry(struct reader *r)
{
	struct entry *more;

	if (r->n_entries < r->cap_entries)
		return &r->entries[r->n_entries++];
	more = realloc(r->entries == r->few ? NULL : r->entries,
	               2 * r->cap_entries * sizeof(*more));
	if (!more)
		return NULL;
	if (r->entries == r->few)
		memcpy(more, r->few, sizeof(r->few));
	r->entries = more;
	r->cap_entries *= 2;
	return &r->entries[r->n_entries++];
}

/* Stack: … key value. The rank of key in the order table at index, 0 = no order. */
static lua_Integer rank_of(struct reader *r, int order)
{
	lua_Integer rank = RANK_NONE;

	if (!order)
		return 0;
	lua_pushvalue(r->L, -2);
	if (lua_rawget(r->L, order) == LUA_TNUMBER)
		rank = lua_tointeger(r->L, -1);
	lua_pop(r->L, 1);
	return rank;
}

/* Stack: … key value. */
static int keep_entry(struct reader *r, int order, int at)
{
	struct entry *e;

	if (lua_type(r->L, -2) != LUA_TSTRING)
		return wrong_key(r, lua_type(r->L, -2));
	if (++r->n_nodes > SS_CONV_MAX_NODES)
		return too_many(r);
	e = add_entry(r);
	if (!e)
		return fail(r, SS_ERR_NOMEM, "out of memory");
	e->key = lua_tolstring(r->L, -2, &e->len);
	e->head = head_of(e->key, e->len);
	e->rank = rank_of(r, order);
	e->at = at;
	return 0;
}

/* Leaves the members' keys and values on the Lua stack: no string is made by
 * hand, so nothing here can run out of Lua memory and raise. */
static int collect(struct reader *r, int index, int order)
{
	lua_State *L = r->L;
	int at = lua_gettop(L) + 2, room = 0, rc;

	for (lua_pushnil(L); lua_next(L, index); at += 2) {
		rc = keep_entry(r, order, at);
		if (rc)
			return rc;
		room -= 2;
		if (room < 0) {
			if (!lua_checkstack(L, ENTRY_SLOTS + 8))
				return no_stack(r);
			room = ENTRY_SLOTS;
		}
		lua_pushvalue(L, -2);
	}
	return 0;
}

/* first is a position, not a pointer: nested objects may move the array. */
static int write_members(struct reader *r, size_t first, size_t n)
{
	struct step *step = &r->path[r->depth - 1];
	int rc = 0;

	ss_doc_begin_object(r->doc);
	for (size_t i = first; i < first + n && !rc; i++) {
		const struct entry *e = &r->entries[i];

		step->key = e->key;
		step->key_len = e->len;
		ss_doc_key(r->doc, e->key, e->len);
		rc = read_value(r, e->at);
	}
	if (!rc)
		ss_doc_end(r->doc);
	return rc;
}

static int read_object(struct reader *r, int index, int order)
{
	size_t first = r->n_entries;
	int rc = collect(r, index, order);

	if (!rc) {
		sort_entries(r->entries + first, r->n_entries - first);
		rc = write_members(r, first, r->n_entries - first);
	}
	r->n_entries = first;
	return rc;
}

/* --- tables -------------------------------------------------------------------- */

enum kind { LIST, OBJECT, UNKNOWN };

/* --- what a {} means ------------------------------------------------------------- */
/* The text of a member of the table, borrowed; NULL when there is none. Makes no string. */
static const char *text_member(lua_State *L, int table, const char *name)
{
	const char *found = NULL;

	for (lua_pushnil(L); !found && lua_next(L, table); lua_pop(L, 1)) {
		if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING &&
		    !strcmp(lua_tostring(L, -2), name))
			found = lua_tostring(L, -1);
	}
	if (found)
		lua_pop(L, 1);
	return found;
}

/* The fields of the object that the value is, or that is an element of it; *at is its place. */
static const struct ss_conv_field *root_type(struct reader *r, int *at)
{
	const struct step *path = r->path;
	const char *version;

	*at = 0;
	if (r->type)
		return r->type;
	if (r->depth > 2 && path[0].key && !path[1].key && path[0].key_len == 5 &&
	    !memcmp(path[0].key, "items", 5))
		*at = 2;
	else if (r->depth > 1 && !path[0].key)
		*at = 1;
	version = text_member(r->L, path[*at].at, "apiVersion");
	return version ? ss_conv_type(version, text_member(r->L, path[*at].at, "kind")) : NULL;
}

/* Does the field that holds the innermost table take a list? */
static bool is_list_field(struct reader *r)
{
	const struct step *end = &r->path[r->depth - 1], *step;
	const struct ss_conv_field *type;
	bool list = false;
	int at;

	if (r->depth == 1)
		return false;
	type = root_type(r, &at);
	for (step = &r->path[at]; step < end; step++) {
		/* What has no fields of its own is a list of texts, or nothing that is known. */
		if (step->key && !type)
			return false;
		if (step->key)
			type = ss_conv_member(type, step->key, step->key_len, &list);
		else
			list = false;
	}
	return list;
}

/* Stack: the first key of the table at index, or nothing when it is empty. */
static bool push_first_key(lua_State *L, int index)
{
	lua_pushnil(L);
	if (!lua_next(L, index))
		return false;
	lua_pop(L, 1);
	return true;
}

/* Stack: the order. Was it an empty object, to which a script has since added what makes it a list
 * or an object of its own? */
static bool was_empty(lua_State *L, int index)
{
	if (push_first_key(L, lua_gettop(L))) {
		lua_pop(L, 1);
		return false;
	}
	if (!push_first_key(L, index))
		return false;
	lua_pop(L, 1);
	return true;
}

/* Pushes nothing for LIST and UNKNOWN; for OBJECT the table of its order. */
static enum kind marked_kind(struct reader *r, int index)
{
	enum kind kind = UNKNOWN;

	if (!lua_getmetatable(r->L, index))
		return UNKNOWN;
	if (lua_topointer(r->L, -1) == r->array_meta) {
		kind = LIST;
	} else if (lua_rawgetp(r->L, -1, &ss_conv_order_key) == LUA_TTABLE) {
		lua_replace(r->L, -2);
		if (!was_empty(r->L, index))
			return OBJECT;
	} else {
		lua_pop(r->L, 1);
	}
	lua_pop(r->L, 1);
	return kind;
}

/* An array has exactly the keys 1..n, where n is the border rawlen gives. */
static int check_list_keys(struct reader *r, int index, lua_Integer n)
{
	lua_Integer count = 0, high = 0;

	lua_pushnil(r->L);
	while (lua_next(r->L, index)) {
		lua_pop(r->L, 1);
		if (!lua_isinteger(r->L, -1))
			return wrong_key(r, lua_type(r->L, -1));
		if (lua_tointeger(r->L, -1) < 1)
			return fail(r, SS_ERR_INVAL, "a list has the key %lld",
			            (long long)lua_tointeger(r->L, -1));
		if (lua_tointeger(r->L, -1) > high)
			high = lua_tointeger(r->L, -1);
		count++;
	}
	if (count == n && high == n)
		return 0;
	return fail(r, SS_ERR_INVAL,
	            "a list of %lld values has the key %lld: there are holes in it",
	            (long long)count, (long long)high);
}

static int read_unmarked(struct reader *r, int index)
{
	int rc;

	if (!push_first_key(r->L, index)) {
		if (is_list_field(r))
			ss_doc_begin_array(r->doc);
		else
			ss_doc_begin_object(r->doc);
		ss_doc_end(r->doc);
		return 0;
	}
	if (lua_type(r->L, -1) == LUA_TSTRING) {
		lua_pop(r->L, 1);
		return read_object(r, index, 0);
	}
	lua_pop(r->L, 1);
	rc = check_list_keys(r, index, (lua_Integer)lua_rawlen(r->L, index));
	return rc ? rc : read_list(r, index, (lua_Integer)lua_rawlen(r->L, index));
}

static int enter(struct reader *r, int index)
{
	const void *table = lua_topointer(r->L, index);

	for (int i = 0; i < r->depth; i++) {
		if (r->path[i].table == table)
			return fail(r, SS_ERR_INVAL, "the table holds itself");
	}
	if (r->depth == SS_CONV_MAX_DEPTH)
		return fail(r, SS_ERR_LIMIT, "nested deeper than %d levels", SS_CONV_MAX_DEPTH);
	if (!lua_checkstack(r->L, 16))
		return no_stack(r);
	r->path[r->depth++] = (struct step){.table = table, .at = index};
	return 0;
}

/* An object that nobody has looked at since it came. */
static int read_text(struct reader *r, const char *text, size_t len)
{
	struct ss_doc *doc SS_AUTO_DOC = NULL;

	if (ss_json_parse(text, len, &doc, NULL))
		return fail(r, SS_ERR_NOMEM, "out of memory");
	r->n_nodes += ss_doc_nodes(doc);
	if (r->n_nodes > SS_CONV_MAX_NODES)
		return too_many(r);
	ss_edit_canonical(r->doc, doc, ss_doc_root(doc));
	return ss_doc_failed(r->doc);
}

/* Has the table a metatable? Those that wait to be filled have one; most tables have none. */
static bool has_meta(lua_State *L, int index)
{
	bool has = lua_getmetatable(L, index);

	if (has)
		lua_pop(L, 1);
	return has;
}

/* A table that waits to be filled, read without that; 1 when it is no such. */
static int read_waiting(struct reader *r, int index)
{
	int top = lua_gettop(r->L), rc;
	size_t len;
	const char *text = ss_lazy_text(r->L, index, &len);

	if (text) {
		r->depth--;
		return read_text(r, text, len);
	}
	if (!ss_unseen_push_fields(r->L, index))
		return 1;
	r->depth--;
	rc = read_table(r, top + 1);
	lua_settop(r->L, top);
	return rc;
}

static int read_table(struct reader *r, int index)
{
	int top = lua_gettop(r->L), rc = enter(r, index);
	lua_Integer n;

	if (rc)
		return rc;
	if (has_meta(r->L, index)) {
		rc = read_waiting(r, index);
		if (rc <= 0)
			return rc;
	}
	switch (marked_kind(r, index)) {
	case LIST:
		n = (lua_Integer)lua_rawlen(r->L, index);
		rc = check_list_keys(r, index, n);
		if (!rc)
			rc = read_list(r, index, n);
		break;
	case OBJECT:
		rc = read_object(r, index, top + 1);
		break;
	default:
		rc = read_unmarked(r, index);
		break;
	}
	lua_settop(r->L, top);
	r->depth--;
	if (!rc && ss_doc_failed(r->doc))
		return ss_doc_failed(r->doc);
	return rc;
}

/* --- values -------------------------------------------------------------------- */

static int read_number(struct reader *r, int index)
{
	double d;

	if (lua_isinteger(r->L, index)) {
		ss_doc_int(r->doc, lua_tointeger(r->L, index));
		return 0;
	}
	d = lua_tonumber(r->L, index);
	if (!isfinite(d))
		return fail(r, SS_ERR_INVAL, "%s has no JSON form", isnan(d) ? "NaN" : "infinity");
	ss_doc_number(r->doc, d);
	return 0;
}

static int read_value(struct reader *r, int index)
{
	const char *s;
	size_t len;
	int type = lua_type(r->L, index);

	if (++r->n_nodes > SS_CONV_MAX_NODES)
		return too_many(r);
	switch (type) {
	case LUA_TSTRING:
		s = lua_tolstring(r->L, index, &len);
		ss_doc_string(r->doc, s, len);
		return ss_doc_failed(r->doc);
	case LUA_TTABLE:
		return read_table(r, index);
	case LUA_TNUMBER:
		return read_number(r, index);
	case LUA_TBOOLEAN:
		ss_doc_bool(r->doc, lua_toboolean(r->L, index));
		return 0;
	case LUA_TLIGHTUSERDATA:
		if (!lua_touserdata(r->L, index)) {
			ss_doc_null(r->doc);
			return 0;
		}
		break;
	case LUA_TUSERDATA:
		s = ss_conv_digits(r->L, index, &len);
		if (!s)
			break;
		ss_doc_digits(r->doc, s, len);
		return ss_doc_failed(r->doc);
	case LUA_TNIL:
		return fail(r, SS_ERR_INVAL, "nil has no JSON form (json.null has)");
	default:
		break;
	}
	return fail(r, SS_ERR_INVAL, "a %s has no JSON form", lua_typename(r->L, type));
}

int ss_conv_from_lua_as(lua_State *L, int index, const char *api_version, const char *kind,
                        struct ss_doc *doc, struct ss_err *err)
{
	struct reader r;
	int top = lua_gettop(L), rc;

	index = lua_absindex(L, index);
	r.L = L;
	r.doc = doc;
	r.err = err;
	r.type = ss_conv_type(api_version, kind);
	r.said = false;
	r.n_nodes = 0;
	r.depth = 0;
	r.entries = r.few;
	r.n_entries = 0;
	r.cap_entries = FEW_ENTRIES;
	if (!lua_checkstack(L, 4))
		return no_stack(&r);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &ss_conv_array_key);
	r.array_meta = lua_topointer(L, -1);
	lua_pop(L, 1);
	rc = read_value(&r, index);
	lua_settop(L, top);
	if (r.entries != r.few)
		free(r.entries);
	/* A text that the document refused: it knows the path. */
	if (rc && !r.said)
		return ss_doc_finish(doc, err);
	return rc;
}

int ss_conv_from_lua(lua_State *L, int index, struct ss_doc *doc, struct ss_err *err)
{
	return ss_conv_from_lua_as(L, index, NULL, NULL, doc, err);
}
