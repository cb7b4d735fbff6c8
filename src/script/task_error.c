/* What a task failed with: where it was raised, and the one error of C for it. */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "script/host_priv.h"
#include "script/luax.h"
#include "script/raise.h"

/* Frames of C and of our own Lua say nothing to the author of a script. */
static bool is_inner_frame(const char *line)
{
	static const char *const inner[] = {"\t[C]:", "\tss.", "\t(...tail calls...)"};

	for (size_t i = 0; i < SS_ARRAY_LEN(inner); i++)
		if (strncmp(line, inner[i], strlen(inner[i])) == 0)
			return true;
	return false;
}

/* "where\nstack traceback:\n…", the latter only when it holds more than the place itself. */
static char *make_trace(const char *where, const char *traceback)
{
	size_t len = strlen(where), room = len + strlen(traceback) + 2;
	char *trace = malloc(room), *out;
	int frames = 0;

	if (!trace)
		return NULL;
	memcpy(trace, where, len + 1);
	out = trace + len;
	for (const char *line = traceback; line && *line;) {
		const char *nl = strchr(line, '\n');
		size_t n = nl ? (size_t)(nl - line) : strlen(line);

		if (!is_inner_frame(line)) {
			*out++ = '\n';
			memcpy(out, line, n);
			out += n;
			frames++;
		}
		line = nl ? nl + 1 : NULL;
	}
	*out = 0;
	if (frames <= 2) /* the title and one frame */
		trace[len] = 0;
	return trace;
}

/* Message handler of a task: notes where it was raised; the value stays as it is. */
int ss_task_on_error(lua_State *L)
{
	struct ss_task *task = ss_host_of(L)->current;
	char where[SS_RAISE_PLACE];
	const char *first;

	luaL_checkstack(L, LUA_MINSTACK, NULL); /* luaL_traceback of 5.4.4 does not */
	ss_raise_where(L, 1, where, sizeof(where));
	ss_raise_note(L, 1, where);
	first = ss_raise_place(L, 1);
	luaL_traceback(L, L, NULL, 1);
	free(task->trace);
	task->trace = make_trace(first ? first : where, lua_tostring(L, -1));
	lua_settop(L, 1);
	return 1;
}

static void take_value(struct ss_task *task, struct ss_err *err)
{
	int at = lua_gettop(task->co) - 1; /* below the mark of finish */

	if (task->broken)
		ss_err_set(err, SS_ERR_SCRIPT, "%s", task->broken);
	else if (task->killed) /* whatever its handlers raised after that */
		ss_err_set(err, task->stop_code, "%s", task->stop_why);
	else if (task->no_memory)
		ss_err_set(err, SS_ERR_LIMIT, "not enough memory: the script may hold %zu MiB",
		           task->host->alloc.max_bytes >> 20);
	else
		ss_lua_to_err(task->co, at, err);
}

/* Into the message, since its other readers would put op and object before the place. */
static void add_place(struct ss_err *err, const char *place, size_t len)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	/* Messages that are sentences about the object begin with it. */
	const char *object =
	        strncmp(err->message, err->object, strlen(err->object)) ? err->object : "";
	bool subject = err->op[0] || *object;

	ss_buf_add(&text, place, len);
	ss_buf_printf(&text, "%s%s%s%s%s%s", len ? ": " : "", err->op,
	              err->op[0] && *object ? " " : "", object, subject ? ": " : "", err->message);
	if (text.failed)
		return;
	text.data[ss_utf8_cut(
	        text.data, text.len < sizeof(err->message) ? text.len : sizeof(err->message) - 1)] =
	        0;
	memcpy(err->message, text.data, strlen(text.data) + 1);
	err->op[0] = err->object[0] = 0;
}

/* "… (s.lua:3)": where the wait was that was stopped. */
static bool says_place(const char *message, const char *trace)
{
	size_t len = strcspn(trace, "\n");

	for (const char *at = message; len && (at = strchr(at, '(')); at++)
		if (strncmp(at + 1, trace, len) == 0 && at[1 + len] == ')')
			return true;
	return false;
}

void ss_task_to_err(struct ss_task *task, struct ss_err *err)
{
	const char *nl = task->trace ? strchr(task->trace, '\n') : NULL;
	size_t used;

	take_value(task, err);
	/* A string has its place already. */
	if (task->trace && !says_place(err->message, task->trace) &&
	    (task->killed || lua_type(task->co, lua_gettop(task->co) - 1) != LUA_TSTRING))
		add_place(err, task->trace, nl ? (size_t)(nl - task->trace) : strlen(task->trace));
	used = strlen(err->message);
	if (nl && used + 64 < sizeof(err->message))
		ss_lua_escape_lines(nl, strlen(nl), err->message + used,
		                    sizeof(err->message) - used);
}
