/* A child process that shares the terminal of this one: an editor. It has the
 * standard descriptors and no others, and the default disposition of signals. */
#pragma once

struct ss_child;
struct ss_err;
struct ss_loop;

/* argv[0] is looked for in PATH. done runs once, as a completion, when the child has ended: code is its
 * exit status, 128 + the signal that ended it. The child is not waited for any more once it is
 * released. SS_ERR_NOT_FOUND (no such program), SS_ERR_IO, SS_ERR_NOMEM. */
int ss_child_start(struct ss_loop *loop, const char *const *argv, void (*done)(void *ud, int code),
                   void *ud, struct ss_child **ret, struct ss_err *err);
/* Ask it to end (SIGTERM); done still runs. */
void ss_child_stop(struct ss_child *child);
/* Forget it, also from done and before it has ended (done does not run then). NULL is fine. */
void ss_child_release(struct ss_child *child);
