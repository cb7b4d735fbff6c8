/* Text to a pipe, a terminal or a file, in order, without making the loop wait for who reads it:
 * what is not taken at once is kept, and written when it can be. Who writes much waits for room
 * (ss_writer_wait); who cannot wait goes on until SS_WRITER_MAX_BYTES are kept, and blocks then.
 * Files and devices that are not read by anybody are written at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_err;
struct ss_loop;
struct ss_writer;

enum {
	SS_WRITER_FULL_BYTES = 1 << 20, /* from here on there is no room, until half is written */
	SS_WRITER_MAX_BYTES = 16 << 20,
};

/* fd is borrowed. A pipe or terminal is opened anew, since not to block would hold for everybody
 * who has it open. loop NULL: every write blocks. SS_ERR_NOMEM. */
int ss_writer_new(struct ss_loop *loop, int fd, struct ss_writer **ret, struct ss_err *err);
/* What is kept is lost: flush first. */
void ss_writer_free(struct ss_writer *w);
/* 0, or errno of the first write that failed: from then on all is dropped. */
int ss_writer_put(struct ss_writer *w, const char *data, size_t len);
/* Write all that is kept, however long it takes. 0 or errno, as put. */
int ss_writer_flush(struct ss_writer *w);
/* The loop is to be freed: flush, and block from now on. */
int ss_writer_detach(struct ss_writer *w);
bool ss_writer_is_full(const struct ss_writer *w);
/* Both go to the same pipe or terminal, where their order shows. */
bool ss_writer_same(int fd, int other);

/* Owned by who waits. fn runs once, as a completion, when there is room again (or nobody reads any
 * more); it is off the list then. */
struct ss_writer_wait {
	struct ss_writer_wait *prev, *next;
	void (*fn)(struct ss_writer_wait *wait);
};
void ss_writer_wait(struct ss_writer *w, struct ss_writer_wait *wait);
/* Not waiting (zeroed, or called) = no-op. */
void ss_writer_unwait(struct ss_writer_wait *wait);
