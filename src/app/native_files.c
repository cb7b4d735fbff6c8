#include "app/native_files.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "base/err.h"
#include "bind/text.h"
#include "io/file.h"
#include "script/lint/uses.h"
#include "script/luax.h"

enum { FOLDER_MODE = 0755, FILE_MODE = 0644, MAX_READ_BYTES = 64 * 1024 * 1024 };

/* exists(path) --> whether a file or folder has this name */
static int l_exists(lua_State *L)
{
	lua_pushboolean(L, ss_file_exists(luaL_checkstring(L, 1)));
	return 1;
}

/* read(path) --> text | nil, err
 * As fs.read, and also of pipes, such as a shell's <(command), until their end.
 * returns nil, err: not_found, io, limit */
static int l_read(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct ss_buf *text = ss_bind_new_text(L);
	struct ss_err err;

	ss_err_init(&err);
	if (ss_file_read_stream(path, MAX_READ_BYTES, text, &err)) {
		ss_lua_close_box(L, -1);
		return ss_lua_fail(L, &err);
	}
	return ss_bind_return_text(L, 0, lua_gettop(L), "read");
}

static int make_folder_of(const char *path, struct ss_err *err)
{
	char *folder SS_AUTOFREE = ss_file_dirname(path);

	return folder ? ss_file_make_dirs(folder, FOLDER_MODE, err) : ss_err_nomem(err);
}

/* create(path, text) --> true | nil, err
 * A new file, with the folders it lies in.
 * returns nil, err: already_exists, not_found, io */
static int l_create(lua_State *L)
{
	size_t len;
	const char *path = luaL_checkstring(L, 1), *text = luaL_checklstring(L, 2, &len);
	struct ss_err err;

	ss_err_init(&err);
	if (make_folder_of(path, &err) || ss_file_create(path, text, len, FILE_MODE, &err))
		return ss_lua_fail(L, &err);
	lua_pushboolean(L, true);
	return 1;
}

/* uses(text) --> what the text of a Lua file makes of globals (script/lint/uses.h) | nil */
static int l_uses(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	return ss_lint_push_uses(L, text, len);
}

void ss_native_add_files(lua_State *L)
{
	static const luaL_Reg functions[] = {{"exists", l_exists},
	                                     {"create", l_create},
	                                     {"read", l_read},
	                                     {"uses", l_uses},
	                                     {NULL, NULL}};

	luaL_setfuncs(L, functions, 0);
}
