/* Writes that were sent and whose answer is not known yet, so that the end of the process can say
 * them, also from a signal handler. Main thread only, but for ss_owed_tell. */
#pragma once

/* "apply Sandbox demo/s1"; a slot for the other two, 0 = there is none left. */
int ss_owed_begin(const char *op, const char *object);
/* The answer is known. */
void ss_owed_end(int slot);
/* It is not waited for any more. */
void ss_owed_lose(int slot);
/* A line for each write whose answer is not known. Async-signal-safe; what fd does not take at once
 * is dropped. */
void ss_owed_tell(int fd);
/* Text to fd, the same way. */
void ss_owed_write(int fd, const char *text);
