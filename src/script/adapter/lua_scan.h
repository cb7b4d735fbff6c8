/* The tokens of a Lua text, for finding where something is written: messages and
 * explain. It knows comments, strings and blocks, and is content with any text:
 * what Lua itself would refuse it walks over. Never allocates. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum lua_token_type { LUA_T_END, LUA_T_NAME, LUA_T_STRING, LUA_T_NUMBER, LUA_T_MARK };

struct lua_token {
	enum lua_token_type type;
	const char *p; /* a string with its quotes */
	size_t len;
	int line; /* of its first character */
};

struct lua_scan {
	const char *p, *end;
	int line;
	int last_line; /* of the last character of the token read last */
};

struct lua_scan lua_scan_at(const char *text, size_t len);
struct lua_token lua_scan_next(struct lua_scan *s); /* names include Lua's words */
struct lua_token lua_scan_peek(const struct lua_scan *s);
bool lua_token_is(const struct lua_token *t, const char *text);
/* Reads the token when it is this one. */
bool lua_scan_accept(struct lua_scan *s, const char *text);
/* The content of a string without escapes, else NULL. */
const char *lua_token_text(const struct lua_token *t, size_t *ret_len);
/* Behind one expression; what stands there is not read. */
void lua_scan_expression(struct lua_scan *s);
