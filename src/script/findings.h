/* What is wrong with the files of a folder, collected: every problem of every file, in the order
 * they are found. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* What is wrong with a file, for people. line 0 = the file as a whole. */
struct ss_finding {
	char *file;
	int line;
	char *path; /* of the field, or NULL */
	char *message;
};
struct ss_findings {
	struct ss_finding *list;
	size_t n;
	bool nomem;
};
void ss_findings_done(struct ss_findings *findings);
/* path may be NULL. Out of memory is noted in nomem, for the one who collects. */
void ss_findings_add(struct ss_findings *findings, const char *file, int line, const char *path,
                     const char *fmt, ...) SS_PRINTF(5, 6);
