/* Standard input, without stopping the event loop: a terminal, a pipe, or a file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_err;
struct ss_loop;
struct ss_poll;

struct ss_bytes {
	struct ss_loop *loop;
	struct ss_poll *poll; /* NULL = a file, which is always readable */
	char data[4096];
	size_t len; /* of what was read and not yet taken; the reader sets it to 0 */
	bool eof;
};

/* Between start and stop what arrives is read; otherwise it stays where it is. */
int ss_bytes_start(struct ss_bytes *b, struct ss_loop *loop, struct ss_err *err);
void ss_bytes_stop(struct ss_bytes *b);
/* One turn of the loop, which ends when something happens; b->len or b->eof may be set then. */
void ss_bytes_wait(struct ss_bytes *b);
