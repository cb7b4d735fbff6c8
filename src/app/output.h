/* Standard output and standard error of a process that has a loop. Both are streams as before
 * (printf and Lua's print go there); what they are given is written by writers of the loop, in
 * order, and the log goes with it. */
#pragma once

#include <stdbool.h>

struct ss_err;
struct ss_loop;
struct ss_writer;

int ss_output_open(struct ss_loop *loop, struct ss_err *err);
/* Of standard output; NULL before open. */
struct ss_writer *ss_output_writer(void);
/* Now, however long it takes: somebody else is to write there. */
void ss_output_flush(void);
/* The loop is to be freed: all is written. */
void ss_output_close(void);
/* Records of the log go to standard error. */
void ss_output_take_log(void);
