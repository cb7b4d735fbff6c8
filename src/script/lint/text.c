#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "script/findings.h"
#include "script/lint/traps.h"
#include "script/lint/versions.h"

/* "name:12: message" -> 12; the message follows in *ret. */
static int split_line(const char *text, const char *file, const char **ret)
{
	size_t len = strlen(file);
	char *end;
	long line;

	*ret = text;
	if (strncmp(text, file, len) != 0 || text[len] != ':')
		return 0;
	line = strtol(text + len + 1, &end, 10);
	if (*end != ':')
		return 0;
	*ret = end + 1 + (end[1] == ' ');
	return (int)line;
}

static void add_syntax(struct ss_findings *findings, const char *file, const char *full)
{
	const char *message;
	int line = split_line(full, file, &message);

	ss_findings_add(findings, file, line, NULL, "%s", message);
}

static int look_at(lua_State *L, const char *file, struct ss_findings *findings, struct ss_err *err)
{
	int rc = ss_lint_traps(L, file, findings, err);

	return rc ? rc : ss_lint_versions(L, file, findings, err);
}

const char *ss_lint_code_start(const char *text, size_t len)
{
	const char *start = len && text[0] == '#' ? memchr(text, '\n', len) : text;

	return start ? start : text + len;
}

int ss_lint_text(const char *file, const char *text, size_t len, bool report_syntax,
                 struct ss_findings *findings, struct ss_err *err)
{
	char *name SS_AUTOFREE = NULL;
	const char *start = ss_lint_code_start(text, len);
	lua_State *L = luaL_newstate();
	int rc = 0;

	if (!L || asprintf(&name, "@%s", file) < 0) {
		if (L)
			lua_close(L);
		return ss_err_nomem(err);
	}
	if (!luaL_loadbufferx(L, start, len - (size_t)(start - text), name, "t"))
		rc = look_at(L, file, findings, err);
	else if (report_syntax && lua_tostring(L, -1))
		add_syntax(findings, file, lua_tostring(L, -1));
	lua_close(L);
	if (rc == 0 && findings->nomem)
		rc = ss_err_nomem(err);
	/* Code that cannot be read gives no verdict, which is no fault of the file. */
	return rc == SS_ERR_INVAL ? 0 : rc;
}
