/* The texts of a policy folder: each file read once, whole, and shared by all that
 * was made from it.
 *
 * A source is one content of one file: immutable, counted by reference across
 * threads. A set knows the sources of one folder by name. Between two
 * ss_sources_refresh every file has one content, so whatever is loaded then sees
 * the same lib/x.lua.
 *
 *	ss_sources_new(dir, &set, err);
 *	ss_sources_refresh(set);                        look at the disk anew
 *	ss_sources_get(set, "lib/x.lua", &source, err); as often as needed
 *
 * A file is read again only when its fingerprint (device, inode, size, times)
 * changed. One that somebody has open for writing keeps its former content until
 * it is closed, or has not changed for a second. A set is used by one thread at a
 * time. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"

struct ss_err;
struct ss_sources;

struct ss_source {
	atomic_int refs;
	char *rel;  /* "lib/limits.lua" */
	char *file; /* DIR/rel */
	char *text; /* NULL when it cannot be used */
	size_t len;
	char sha256[SS_SHA256_HEX_SIZE]; /* of text; "" without one */
	int code;      /* 0, SS_ERR_NOT_FOUND, SS_ERR_LIMIT, SS_ERR_INVAL, SS_ERR_IO */
	char *problem; /* why it cannot be used, without the file's name; NULL when code is 0 */
};
struct ss_source *ss_source_ref(struct ss_source *source);
void ss_source_unref(struct ss_source *source); /* NULL is fine */
/* The same file with the same content, or unusable for the same reason. */
bool ss_source_same(const struct ss_source *a, const struct ss_source *b);

/* What an attempt to load something looked at, files that were not there included. */
struct ss_source_list {
	struct ss_source **list; /* a reference each */
	size_t n;
};
/* Takes a reference of its own; once per file. SS_ERR_NOMEM. */
int ss_source_list_add(struct ss_source_list *list, struct ss_source *source, struct ss_err *err);
void ss_source_list_done(struct ss_source_list *list);

/* SS_ERR_NOMEM. */
int ss_sources_new(const char *dir, struct ss_sources **ret, struct ss_err *err);
void ss_sources_free(struct ss_sources *set); /* NULL is fine */
const char *ss_sources_dir(const struct ss_sources *set);
/* From here on the disk is looked at again, each file at most once. What nobody asked for since
 * the refresh before is forgotten. */
void ss_sources_refresh(struct ss_sources *set);
/* Since the refresh a file was looked at that somebody has open for writing: look again soon. That it
 * is closed may have been told already, since inotify tells before a file counts as closed. */
bool ss_sources_unfinished(const struct ss_sources *set);
/* The content of DIR/rel, borrowed until the refresh after next; a file that cannot be used is
 * a source that says why. SS_ERR_NOMEM. */
int ss_sources_get(struct ss_sources *set, const char *rel, struct ss_source **ret,
                   struct ss_err *err);
/* Give a set a content of its own: the disk is not looked at for any file from then on, and what
 * was not put is not there. SS_ERR_NOMEM; SS_ERR_INVAL for what is no text. */
int ss_sources_put(struct ss_sources *set, const char *rel, const char *text, size_t len,
                   struct ss_err *err);
/* How many files were read since the set was made (tests, metrics). */
size_t ss_sources_reads(const struct ss_sources *set);
