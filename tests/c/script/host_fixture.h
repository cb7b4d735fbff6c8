/* A host with a loop, and the running of a chunk in it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lauxlib.h>

#include "base/err.h"
#include "io/loop.h"
#include "script/host.h"

struct fixture {
	struct ss_loop *loop;
	struct ss_host *host;
	struct ss_err err;
};

static inline void fixture_open(struct fixture *f, struct ss_host_options options)
{
	ss_err_init(&f->err);
	f->loop = ss_loop_new(&f->err);
	assert_non_null(f->loop);
	options.loop = f->loop;
	if (ss_host_new(&options, &f->host, &f->err))
		fail_msg("%s", f->err.message);
}

static inline void fixture_close(struct fixture *f)
{
	ss_err_done(&f->err);
	ss_host_free(f->host);
	ss_loop_free(f->loop);
}

/* Start and run a chunk named "test.lua"; the code of the run. */
static inline int fixture_run(struct fixture *f, const char *text)
{
	int rc;

	ss_err_done(&f->err);
	rc = ss_host_start(f->host, text, strlen(text), "@test.lua", 0, NULL, &f->err);
	return rc ? rc : ss_host_run(f->host, &f->err);
}

/* The run must succeed; its results, each as tostring shows it, joined by spaces. */
static inline const char *fixture_results(struct fixture *f, const char *text)
{
	static char out[4096];
	lua_State *L = ss_host_state(f->host);
	size_t used = 0;

	if (fixture_run(f, text))
		fail_msg("%s", f->err.message);
	out[0] = 0;
	for (int i = 1; i <= ss_host_results(f->host); i++) {
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s%s", i > 1 ? " " : "",
		                         luaL_tolstring(L, i, NULL));
		lua_pop(L, 1);
		if (used >= sizeof(out))
			break;
	}
	return out;
}

#define expect_results(f, text, want) assert_string_equal(fixture_results(f, text), want)

/* The run must fail with this code and this text somewhere in its message. */
static inline void expect_error(struct fixture *f, const char *text, int code, const char *want)
{
	int rc = fixture_run(f, text);

	if (rc != code || !strstr(f->err.message, want))
		fail_msg("%s: got %d '%s', wanted %d '%s'", text, rc, f->err.message, code, want);
}
