/* What this machine lacks for a test is said, and is a failure where nothing may be left out.
 * After cmocka.h. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is there can run; for the rest, says why it cannot. */
static inline bool may_skip(const char *why)
{
	const char *ci = getenv("CI"), *required = getenv("SS_REQUIRE_ORACLES");

	if ((ci && !strcmp(ci, "true")) || (required && !strcmp(required, "1"))) {
		printf("required, but cannot run: %s\n", why);
		return false;
	}
	printf("skip: %s\n", why);
	return true;
}

/* Ends the running test of cmocka. */
#define SKIP_TEST(why)                                                                             \
	do {                                                                                       \
		if (!may_skip(why))                                                                \
			fail_msg("%s", why);                                                       \
		skip();                                                                            \
	} while (0)
