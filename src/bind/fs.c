/* Files, for operator scripts. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/log.h"
#include "bind/bind.h"
#include "bind/modules.h"
#include "bind/stdin.h"
#include "bind/text.h"
#include "io/file.h"
#include "io/own.h"
#include "kube/config.h"
#include "script/conv.h"
#include "script/luax.h"

enum { MAX_READ_BYTES = 64 << 20 };

static const char *check_path(lua_State *L, int index, const char *func)
{
	size_t len;
	const char *path = luaL_checklstring(L, index, &len);

	if (strlen(path) != len)
		ss_lua_misuse(L, "%s: the path holds a NUL byte", func);
	return path;
}

/* nil, err: "read /some/path: reason". */
static int fail(lua_State *L, const char *op, const char *path, struct ss_err *err)
{
	size_t len = strlen(path);

	snprintf(err->op, sizeof(err->op), "%s", op);
	ss_log_escape(path, len, err->object, sizeof(err->object));
	/* Most messages begin with the path. */
	if (strncmp(err->message, path, len) == 0 && strncmp(err->message + len, ": ", 2) == 0)
		memmove(err->message, err->message + len + 2, strlen(err->message + len + 2) + 1);
	return ss_lua_fail(L, err);
}

/* The engine's own files (io/own.h): those that are registered when they are read, and those that
 * would be read later. */
static void know_own_files(lua_State *L)
{
	static bool known;
	const struct ss_bind_env *env = ss_bind_env_of(L);
	char *state SS_AUTOFREE = NULL;

	if (known || !env)
		return;
	known = true;
	state = ss_file_state("");
	if (state)
		ss_own_folder(state);
	ss_config_own_files(&env->cluster);
}

/* fs.read(path) --> text
 * A whole regular file of at most 64 MiB.
 * raises: when path is no string
 * returns nil, err: not_found, limit, io, forbidden (a file of the engine, or /proc)
 * yields: no */
static int l_fs_read(lua_State *L)
{
	const char *path = check_path(L, 1, "fs.read");
	struct ss_buf *text;
	struct ss_err err;

	lua_settop(L, 1);
	text = ss_bind_new_text(L);
	ss_err_init(&err);
	know_own_files(L);
	if (ss_file_read_checked(path, MAX_READ_BYTES, ss_own_check_fd, text, &err)) {
		ss_lua_close_box(L, 2);
		return fail(L, "read", path, &err);
	}
	return ss_bind_return_text(L, 0, 2, "fs.read");
}

/* fs.write(path, text) --> true
 * Replaces the file in one step: a reader sees the old or the new content. A file that is
 * there keeps its mode, a new one gets 0644.
 * raises: for wrong types
 * returns nil, err: not_found (no such folder), io, forbidden (a file of the engine)
 * yields: no */
static int l_fs_write(lua_State *L)
{
	size_t len;
	const char *path = check_path(L, 1, "fs.write");
	const char *text = luaL_checklstring(L, 2, &len);
	struct stat st;
	unsigned mode = stat(path, &st) == 0 ? st.st_mode & 0777 : 0644;
	struct ss_err err;

	ss_err_init(&err);
	know_own_files(L);
	if (ss_own_check_path(path, &err) || ss_file_write(path, text, len, mode, &err))
		return fail(L, "write", path, &err);
	lua_pushboolean(L, 1);
	return 1;
}

static void free_names(void *names)
{
	ss_file_free_list(names);
}

/* fs.list(path) --> list of names
 * What is in a folder, sorted, without "." and "..".
 * raises: when path is no string
 * returns nil, err: not_found, limit (100,000 names), io, forbidden (a folder of the engine, or /proc)
 * yields: no */
static int l_fs_list(lua_State *L)
{
	const char *path = check_path(L, 1, "fs.list");
	char **names;
	void **box;
	struct ss_err err;

	lua_settop(L, 1);
	box = ss_lua_new_box(L, "sandscript.names", free_names);
	ss_err_init(&err);
	know_own_files(L);
	if (ss_own_check_path(path, &err) || ss_file_list(path, &names, &err))
		return fail(L, "list", path, &err);
	*box = names;
	ss_conv_push_array(L, 16);
	for (lua_Integer i = 0; names[i]; i++) {
		lua_pushstring(L, names[i]);
		lua_rawseti(L, -2, i + 1);
	}
	ss_lua_close_box(L, 2);
	return 1;
}

int ss_bind_open_fs(lua_State *L)
{
	static const luaL_Reg functions[] = {{"read", l_fs_read},
	                                     {"write", l_fs_write},
	                                     {"list", l_fs_list},
	                                     {"stdin", ss_bind_l_stdin},
	                                     {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
