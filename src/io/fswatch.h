/* Notice that something below a folder changed, by inotify on the loop.
 *
 * Watched are directories only (a watch on a file dies with the first rename
 * over it): the folder and what is below it, and every directory that its path
 * and the symlinks below it lead through, so that the swap of a link anywhere on
 * the way (a ConfigMap's ..data) is seen. The set follows the tree by itself.
 * What counts is a file closed after writing, a name created, moved or deleted, owner and mode;
 * not a write that is under way, and of names that begin with a dot (.git, an
 * editor's .swp) only those that a path or a symlink leads through. Notice is a
 * hint: the reader compares content, and polls where the watch is blind. Loop thread only. */
#pragma once

#include <stdbool.h>

struct ss_err;
struct ss_fswatch;
struct ss_loop;

enum {
	SS_FSWATCH_MAX_DIRS = 4096, /* more are left to the poll; said once in the log */
	SS_FSWATCH_MAX_DEPTH = 8,
};

/* fn runs as a completion, once for all events of a turn of the loop. dir need not be
 * there yet; a relative one is taken from the working directory of this moment. What changes
 * from the return on is noticed, so read after it. Does not keep the loop active.
 * SS_ERR_NOMEM, SS_ERR_IO (no inotify instance left: says how to raise it). */
int ss_fswatch_start(struct ss_loop *loop, const char *dir, void (*fn)(void *ud), void *ud,
                     struct ss_fswatch **ret, struct ss_err *err);
/* Not everything that changes is heard of: there are too many folders, no watch is left, one may not be
 * read, or a file system is changed by others than this machine. It may become so with any notice.
 * NULL = true. */
bool ss_fswatch_is_blind(const struct ss_fswatch *watch);
/* It keeps the loop active from now on; NULL is fine. */
void ss_fswatch_keep_active(struct ss_fswatch *watch);
/* Not from a callback of uv, but for fn, and before the loop is freed; fn does not run again.
 * NULL is fine. */
void ss_fswatch_stop(struct ss_fswatch *watch);
