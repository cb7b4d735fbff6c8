#include "app/native_help.h"

#include <lauxlib.h>
#include <stdint.h>
#include <string.h>

#include "app/app.h"
#include "app/cmd_help.h"
#include "base/fill.h"
#include "bind/text.h"
#include "sandbox/build.h"
#include "sandbox/guard.h"
#include "script/luax.h"
#include "script/policy/policy.h"

static void put_string(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

static void put_integer(lua_State *L, const char *key, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, key);
}

static void put_boolean(lua_State *L, const char *key, bool value)
{
	lua_pushboolean(L, value);
	lua_setfield(L, -2, key);
}

/* The row on top becomes the last one of the list below it. */
static void add_row(lua_State *L)
{
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static int return_text(lua_State *L, struct ss_buf *text)
{
	if (text->failed)
		return luaL_error(L, "out of memory");
	lua_pushlstring(L, text->data ? text->data : "", text->len);
	return 1;
}

/* native.fill(text, indent, head) --> text in lines of at most 80 columns (base/fill.h) */
static int l_fill(lua_State *L)
{
	const char *text = luaL_checkstring(L, 1), *head = luaL_optstring(L, 3, "");
	lua_Integer indent = luaL_optinteger(L, 2, 0);
	struct ss_buf *out;

	luaL_argcheck(L, indent >= 0 && indent < SS_FILL_COLUMNS, 2, "out of range");
	out = ss_bind_new_text(L);
	ss_fill(out, head, (int)indent, text);
	return return_text(L, out);
}

/* native.commands() --> {{name=, summary=}…} */
static int l_commands(lua_State *L)
{
	lua_newtable(L);
	for (const struct ss_command *c = ss_commands; c->name; c++) {
		lua_createtable(L, 0, 2);
		put_string(L, "name", c->name);
		put_string(L, "summary", c->summary);
		add_row(L);
	}
	return 1;
}

/* native.command_help(name) --> what --help prints */
static int l_command_help(lua_State *L)
{
	const struct ss_command *command = ss_command_find(luaL_checkstring(L, 1));
	struct ss_buf *out = ss_bind_new_text(L);

	luaL_argcheck(L, command, 1, "no command");
	ss_help_command(out, command);
	return return_text(L, out);
}

/* native.build_fields() --> {{name=, kind=, required=, help=, fallback=, policy_fallback=}…}: what the
 * builder takes */
static int l_build_fields(lua_State *L)
{
	static const char *const kinds[] = {
	        [SS_FIELD_STRING] = "string",
	        [SS_FIELD_INT] = "integer",
	        [SS_FIELD_BOOL] = "boolean",
	        [SS_FIELD_STRING_MAP] = "string map",
	        [SS_FIELD_STRING_LIST] = "string list",
	        [SS_FIELD_QUANTITY] = "quantity",
	        [SS_FIELD_RESOURCES] = "resources",
	        [SS_FIELD_TOLERATIONS] = "tolerations",
	        [SS_FIELD_VOLUMES] = "volumes",
	};
	size_t n;
	const struct ss_build_field *fields = ss_build_fields(&n);

	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_createtable(L, 0, 6);
		put_string(L, "name", fields[i].name);
		put_string(L, "kind", kinds[fields[i].kind]);
		put_boolean(L, "required", fields[i].required);
		put_string(L, "help", fields[i].help);
		put_string(L, "fallback", fields[i].fallback);
		put_string(L, "policy_fallback", ss_policy_fallback(&fields[i]));
		add_row(L);
	}
	return 1;
}

/* Does an option or the configuration file waive it? */
static bool may_be_waived(const char *id)
{
	char spec[64];
	struct ss_waiver waiver;

	snprintf(spec, sizeof(spec), "%s", id);
	return ss_guard_parse_waiver(spec, &waiver, NULL) == 0;
}

/* native.guard_rules() --> {{id=, level=, summary=, fix=, waivable=}…} */
static int l_guard_rules(lua_State *L)
{
	size_t n;
	const struct ss_guard_rule *rules = ss_guard_rules(&n);

	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_createtable(L, 0, 5);
		put_string(L, "id", rules[i].id);
		put_string(L, "level", rules[i].level);
		put_string(L, "summary", rules[i].summary);
		put_string(L, "fix", rules[i].fix);
		put_boolean(L, "waivable", may_be_waived(rules[i].id));
		add_row(L);
	}
	return 1;
}

/* native.error_codes() --> {{code=, meaning=, exit=}…}: what err.code may be */
static int l_error_codes(lua_State *L)
{
	lua_newtable(L);
	for (int code = -1; ss_code_meaning(code); code--) {
		lua_createtable(L, 0, 3);
		put_string(L, "code", ss_code_name(code));
		put_string(L, "meaning", ss_code_meaning(code));
		put_integer(L, "exit", ss_exit_code(code));
		add_row(L);
	}
	return 1;
}

/* native.exit_codes() --> {{code=, meaning=}…} */
static int l_exit_codes(lua_State *L)
{
	lua_newtable(L);
	for (const struct ss_exit_meaning *m = ss_exit_meanings; m->meaning; m++) {
		lua_createtable(L, 0, 2);
		put_integer(L, "code", m->code);
		put_string(L, "meaning", m->meaning);
		add_row(L);
	}
	return 1;
}

/* native.config_fields() --> {{name=, list=, help=}…}: what config.lua may hold */
static int l_config_fields(lua_State *L)
{
	size_t n;
	const struct ss_config_field *fields = ss_config_fields(&n);

	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_createtable(L, 0, 3);
		put_string(L, "name", fields[i].name);
		put_boolean(L, "list", fields[i].list);
		put_string(L, "help", fields[i].help);
		add_row(L);
	}
	return 1;
}

void ss_native_add_help(lua_State *L)
{
	static const luaL_Reg functions[] = {
	        {"fill", l_fill},
	        {"commands", l_commands},
	        {"command_help", l_command_help},
	        {"build_fields", l_build_fields},
	        {"guard_rules", l_guard_rules},
	        {"error_codes", l_error_codes},
	        {"exit_codes", l_exit_codes},
	        {"config_fields", l_config_fields},
	        {NULL, NULL},
	};

	luaL_setfuncs(L, functions, 0);
}
