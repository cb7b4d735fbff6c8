#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/fswatch.h"
#include "io/fswatch_priv.h"

enum {
	MAX_HOPS = 40,        /* symlinks on one path, as in the kernel */
	MAX_ENTRIES = 100000, /* of directories, per scan: it runs on the loop */
};

/* A path without symlinks, as far as it was followed; "" is the root directory. */
struct place {
	char path[PATH_MAX];
	size_t len;
};

enum leads_to { NOTHING, A_DIRECTORY, A_FILE };

static void scan_tree(struct ss_fswatch_set *set, struct place *at, int depth);

static struct ss_fswatch_dir *watch(struct ss_fswatch_set *set, const struct place *at,
                                    bool written)
{
	return ss_fswatch_set_add(set, at->len ? at->path : "/", written);
}

/* --- paths ----------------------------------------------------------------- */

static bool append(struct place *at, const char *name)
{
	size_t len = strlen(name);

	if (at->len + len + 2 > sizeof(at->path))
		return false;
	at->path[at->len++] = '/';
	memcpy(at->path + at->len, name, len);
	at->len += len;
	at->path[at->len] = 0;
	return true;
}

static void cut(struct place *at, size_t len)
{
	at->len = len;
	at->path[len] = 0;
}

static void go_up(struct place *at)
{
	while (at->len && at->path[at->len - 1] != '/')
		at->len--;
	cut(at, at->len ? at->len - 1 : 0);
}

static bool read_link(const char *path, char target[PATH_MAX])
{
	ssize_t n = readlink(path, target, PATH_MAX - 1);

	if (n <= 0)
		return false;
	target[n] = 0;
	return true;
}

struct walk {
	struct ss_fswatch_set *set;
	struct place *at;
	int hops;
	char name[NAME_MAX + 1]; /* the next one */
	char rest[PATH_MAX];     /* what comes after it */
};

/* Take the first name off rest; false at the end. */
static bool next_name(struct walk *w)
{
	const char *start = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(start, "/");

	if (!len)
		*w->rest = 0;
	if (!len || len > NAME_MAX)
		return false;
	memcpy(w->name, start, len);
	w->name[len] = 0;
	start += len + strspn(start + len, "/");
	memmove(w->rest, start, strlen(start) + 1);
	return true;
}

/* The walk goes on with where the link at w->at (whose directory's path is dir_len long) says. */
static bool take_link(struct walk *w, size_t dir_len)
{
	char target[PATH_MAX];
	size_t len;

	if (++w->hops > MAX_HOPS || !read_link(w->at->path, target))
		return false;
	len = strlen(target);
	if (len + strlen(w->rest) + 2 > sizeof(w->rest))
		return false;
	memmove(w->rest + len + 1, w->rest, strlen(w->rest) + 1);
	memcpy(w->rest, target, len);
	w->rest[len] = '/';
	cut(w->at, *target == '/' ? 0 : dir_len);
	return true;
}

/* One name further. A_DIRECTORY: go on; otherwise this is the end. */
static enum leads_to step(struct walk *w)
{
	struct ss_fswatch_dir *dir = watch(w->set, w->at, false);
	size_t dir_len = w->at->len;
	struct stat st = {0};

	/* Watched before it is looked at: a change in between is an event. */
	if (dir)
		ss_fswatch_dir_add_name(dir, w->name);
	if (!append(w->at, w->name))
		return NOTHING;
	if (lstat(w->at->path, &st) == 0 && S_ISDIR(st.st_mode))
		return A_DIRECTORY;
	if (S_ISLNK(st.st_mode))
		return take_link(w, dir_len) ? A_DIRECTORY : NOTHING;
	if (*w->rest)
		return NOTHING;
	cut(w->at, dir_len);
	watch(w->set, w->at, true); /* a file, now or later */
	return A_FILE;
}

/* Go from *at along path, watching every directory on the way for the name that is taken
 * from it. */
static enum leads_to follow(struct ss_fswatch_set *set, struct place *at, const char *path)
{
	struct walk w = {.set = set, .at = at};
	enum leads_to found = A_DIRECTORY;

	if (strlen(path) >= sizeof(w.rest))
		return NOTHING;
	strcpy(w.rest, path);
	if (*path == '/')
		cut(at, 0);
	while (found == A_DIRECTORY && next_name(&w)) {
		if (strcmp(w.name, "..") == 0)
			go_up(at);
		else if (strcmp(w.name, ".") != 0)
			found = step(&w);
	}
	return *w.rest ? NOTHING : found;
}

/* --- the tree -------------------------------------------------------------- */

/* Where the directory part of the link before led: a ConfigMap is a folder of
 * links that all go through one. */
struct memo {
	char prefix[PATH_MAX];
	struct place leads_to;
	bool usable;
};

/* Where the directory part of target leads, seen from dir. */
static bool follow_prefix(struct ss_fswatch_set *set, const struct place *dir, const char *target,
                          size_t len, struct memo *memo)
{
	if (memo->usable && strlen(memo->prefix) == len && memcmp(memo->prefix, target, len) == 0)
		return true;
	memcpy(memo->prefix, target, len);
	memo->prefix[len] = 0;
	memo->leads_to = *dir;
	memo->usable = follow(set, &memo->leads_to, memo->prefix) == A_DIRECTORY;
	return memo->usable;
}

static void follow_link(struct ss_fswatch_set *set, const struct place *dir, const char *link,
                        struct memo *memo, int depth)
{
	char target[PATH_MAX];
	const char *leaf;
	struct place at;

	if (!read_link(link, target))
		return;
	leaf = strrchr(target, '/');
	leaf = leaf ? leaf + 1 : target;
	if (!follow_prefix(set, dir, target, (size_t)(leaf - target), memo))
		return;
	at = memo->leads_to;
	if (follow(set, &at, leaf) == A_DIRECTORY)
		scan_tree(set, &at, depth + 1);
}

static unsigned char kind_of(const struct dirent *entry, const char *path)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	return lstat(path, &st) == 0 ? IFTODT(st.st_mode) : DT_UNKNOWN;
}

static void scan_entry(struct ss_fswatch_set *set, const struct dirent *entry, struct place *at,
                       struct memo *memo, int depth)
{
	struct place dir = *at;

	if (!append(at, entry->d_name))
		return;
	switch (kind_of(entry, at->path)) {
	case DT_DIR:
		scan_tree(set, at, depth + 1);
		break;
	case DT_LNK:
		follow_link(set, &dir, at->path, memo, depth);
		break;
	default:
		break;
	}
	cut(at, dir.len);
}

static void scan_entries(struct ss_fswatch_set *set, DIR *stream, struct place *at, int depth)
{
	struct memo *memo = calloc(1, sizeof(*memo));
	struct dirent *entry;

	while (memo && (entry = readdir(stream))) {
		if (*entry->d_name == '.')
			continue;
		if (!set->entries_left) {
			ss_fswatch_set_say_short(set, "more than 100,000 files to look at");
			break;
		}
		set->entries_left--;
		scan_entry(set, entry, at, memo, depth);
	}
	free(memo);
}

static void scan_tree(struct ss_fswatch_set *set, struct place *at, int depth)
{
	struct ss_fswatch_dir *dir = depth <= SS_FSWATCH_MAX_DEPTH ? watch(set, at, true) : NULL;
	DIR *stream;

	if (!dir || dir->scanned)
		return; /* scanned: by another path, or a link upwards */
	dir->scanned = dir->whole = true;
	stream = opendir(at->len ? at->path : "/");
	if (!stream)
		return;
	scan_entries(set, stream, at, depth);
	closedir(stream);
}

void ss_fswatch_set_scan(struct ss_fswatch_set *set)
{
	struct place at = {.len = 0};

	set->round++;
	set->blind = false;
	set->entries_left = MAX_ENTRIES;
	if (follow(set, &at, set->root) == A_DIRECTORY)
		scan_tree(set, &at, 0);
	ss_fswatch_set_sweep(set);
}
