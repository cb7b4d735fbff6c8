/* The set of directories that a folder watch has under inotify, and its upkeep. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_fswatch_dir {
	int wd;
	unsigned round; /* of the scan that last wanted it */
	char *path;     /* without symlinks, at that scan */
	bool scanned;   /* part of the tree: what is in it is watched, too */
	bool whole;     /* all names count (but hidden ones); else only those listed */
	bool written;   /* files closed after writing are heard of */
	bool remote;    /* others change it without a word here */
	char **names;   /* that a path or a symlink leads through */
	size_t n_names;
};

struct ss_fswatch_set {
	int fd;     /* of inotify; borrowed */
	char *root; /* absolute path of the folder; borrowed */
	struct ss_fswatch_dir *dirs;
	size_t n, room;
	unsigned round;
	size_t entries_left; /* of this scan */
	bool short_said;     /* that not everything is watched */
	bool blind;          /* the last scan found what changes unheard */
};

/* --- fswatch_walk.c ------------------------------------------------------------ */
/* Bring the watches in line with the disk. What cannot be watched (permissions, limits) is left
 * to the reader's poll. */
void ss_fswatch_set_scan(struct ss_fswatch_set *set);

/* --- fswatch_set.c ------------------------------------------------------------- */
/* This scan wants the directory at path (absolute, no symlinks); written = also hear of files
 * closed in it after writing. NULL when it cannot be watched. Valid until the next call. */
struct ss_fswatch_dir *ss_fswatch_set_add(struct ss_fswatch_set *set, const char *path,
                                          bool written);
/* Remove what this scan did not want. */
void ss_fswatch_set_sweep(struct ss_fswatch_set *set);
/* Warn, once, that not everything is watched. */
void ss_fswatch_set_say_short(struct ss_fswatch_set *set, const char *why);
/* NULL when wd is none of them (any more). */
struct ss_fswatch_dir *ss_fswatch_set_find(struct ss_fswatch_set *set, int wd);
/* The kernel dropped the watch. */
void ss_fswatch_set_forget(struct ss_fswatch_set *set, int wd);
void ss_fswatch_set_done(struct ss_fswatch_set *set);
/* A path or a symlink leads through this name. */
void ss_fswatch_dir_add_name(struct ss_fswatch_dir *dir, const char *name);
bool ss_fswatch_dir_leads_through(const struct ss_fswatch_dir *dir, const char *name);
