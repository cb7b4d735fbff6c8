/* The history of the prompt, in a file that several sessions share:
 * $XDG_STATE_HOME/sandscript/history, one item per line, \n and \\ for what a line cannot hold.
 *
 * An item is appended when it is entered, under a lock, so that sessions do not lose each
 * other's and a killed one has lost nothing. A file that has grown too long is replaced, whole,
 * by its newest items, each once. The file is a regular one that only its owner can read;
 * through a symlink nothing is written, and what is somebody else's is left alone. */
#pragma once

#include <stddef.h>

struct ss_err;
struct ss_history;

enum {
	SS_HISTORY_MAX_ITEMS = 5000,
	SS_HISTORY_MAX_BYTES = 1 << 20,
	SS_HISTORY_MAX_ITEM_BYTES = 64 << 10, /* longer ones are not kept */
};

/* $XDG_STATE_HOME/sandscript/history, else below $HOME; malloc'd, NULL without either. */
char *ss_history_path(void);
/* Read the file, which need not be there yet. A failure leaves an empty history that is usable, but kept
 * in memory alone. SS_ERR_IO says what is wrong with the file. */
int ss_history_open(const char *path, struct ss_history **ret, struct ss_err *err);
void ss_history_free(struct ss_history *h); /* NULL is fine */
/* From the oldest (0) to the newest; NULL = there are no more. */
const char *ss_history_item(const struct ss_history *h, size_t i, size_t *ret_len);
/* Add an item, to the file as well; the same as the last one is nothing new. */
int ss_history_add(struct ss_history *h, const char *text, size_t len, struct ss_err *err);
