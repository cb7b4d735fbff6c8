/* Lua's patterns, matched within a budget. The stock matcher may take time
 * exponential in the pattern inside one C call, where no count hook fires, and
 * its gmatch loses its depth guard when it is used again after an error. */
#pragma once

#include <lua.h>
#include <stddef.h>

#include "base/attr.h"

enum { SS_MATCH_CAPTURES = 32, SS_MATCH_PATTERN_BYTES = 4096 };

struct ss_match {
	lua_State *L;
	const char *src, *src_end;
	const char *pattern_end;
	int depth;
	int level; /* captures so far */
	struct {
		const char *start;
		ptrdiff_t len; /* or one of the two below */
	} capture[SS_MATCH_CAPTURES];
};
enum { SS_MATCH_OPEN = -1, SS_MATCH_POSITION = -2 };

/* The pattern (without a leading ^) at s: the end of the match or NULL. Raises for a
 * malformed pattern and when the budget is spent. */
SS_MAY_RAISE const char *ss_match_at(struct ss_match *m, const char *s, const char *pattern);
/* Push the captures (or the whole match s..e when there are none); returns their count. */
SS_MAY_RAISE int ss_match_push(struct ss_match *m, const char *s, const char *e);
/* Push capture i, or the whole match for i == 0 without captures. */
SS_MAY_RAISE void ss_match_push_one(struct ss_match *m, int i, const char *s, const char *e);
