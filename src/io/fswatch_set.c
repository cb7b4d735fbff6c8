#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/statfs.h>

#include "base/attr.h"
#include "base/log.h"
#include "io/fswatch.h"
#include "io/fswatch_priv.h"

/* Of statfs, as in the kernel; the rest are in its header. */
#define CIFS 0xff534d42
#define SMB2 0xfe534d42

enum { MAX_NAMES = 64 }; /* listed per directory; with more all names count */

/* Files are written in directories of the tree; of a directory that is only on the way, the
 * links and directories in it count (and a busy one like /tmp is not listened to for more). */
static const unsigned on_the_way = IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE |
                                   IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW |
                                   IN_MASK_ADD;

/* Inotify tells what this machine does: not what a server's other clients do. */
static bool is_remote(const char *path)
{
	static const unsigned long kinds[] = {
	        NFS_SUPER_MAGIC,   SMB_SUPER_MAGIC, V9FS_MAGIC, FUSE_SUPER_MAGIC,
	        CEPH_SUPER_MAGIC,  AFS_SUPER_MAGIC, CIFS,       SMB2,
	        OCFS2_SUPER_MAGIC,
	};
	struct statfs st;

	for (size_t i = 0; statfs(path, &st) == 0 && i < SS_ARRAY_LEN(kinds); i++)
		if (((unsigned long)st.f_type & 0xffffffff) == kinds[i])
			return true;
	return false;
}

void ss_fswatch_set_say_short(struct ss_fswatch_set *set, const char *why)
{
	set->blind = true;
	if (set->short_said)
		return;
	set->short_said = true;
	ss_log(SS_LOG_WARN, "%s: %s; changes in the rest are noticed later, by polling", set->root,
	       why);
}

struct ss_fswatch_dir *ss_fswatch_set_find(struct ss_fswatch_set *set, int wd)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->dirs[i].wd == wd)
			return &set->dirs[i];
	}
	return NULL;
}

static void drop_names(struct ss_fswatch_dir *dir)
{
	for (size_t i = 0; i < dir->n_names; i++)
		free(dir->names[i]);
	free(dir->names);
	dir->names = NULL;
	dir->n_names = 0;
}

static void remove_at(struct ss_fswatch_set *set, size_t i)
{
	drop_names(&set->dirs[i]);
	free(set->dirs[i].path);
	set->dirs[i] = set->dirs[--set->n];
}

void ss_fswatch_set_forget(struct ss_fswatch_set *set, int wd)
{
	struct ss_fswatch_dir *dir = ss_fswatch_set_find(set, wd);

	if (dir)
		remove_at(set, (size_t)(dir - set->dirs));
}

void ss_fswatch_set_done(struct ss_fswatch_set *set)
{
	while (set->n)
		remove_at(set, set->n - 1);
	free(set->dirs);
	set->dirs = NULL;
}

bool ss_fswatch_dir_leads_through(const struct ss_fswatch_dir *dir, const char *name)
{
	for (size_t i = 0; i < dir->n_names; i++) {
		if (strcmp(dir->names[i], name) == 0)
			return true;
	}
	return false;
}

static struct ss_fswatch_dir *insert(struct ss_fswatch_set *set, int wd)
{
	if (set->n == set->room) {
		size_t room = set->room ? 2 * set->room : 16;
		void *dirs = realloc(set->dirs, room * sizeof(*set->dirs));

		if (!dirs)
			return NULL;
		set->dirs = dirs;
		set->room = room;
	}
	set->dirs[set->n] = (struct ss_fswatch_dir){.wd = wd};
	return &set->dirs[set->n++];
}

static struct ss_fswatch_dir *find_path(struct ss_fswatch_set *set, const char *path)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->dirs[i].round == set->round && strcmp(set->dirs[i].path, path) == 0)
			return &set->dirs[i];
	}
	return NULL;
}

/* This scan wants it: what the scan before knew of it may be of another path. */
static struct ss_fswatch_dir *want(struct ss_fswatch_set *set, int wd, const char *path)
{
	struct ss_fswatch_dir *dir = ss_fswatch_set_find(set, wd);
	char *copy;

	if (dir && dir->round == set->round)
		return dir; /* a directory with two paths (a bind mount) */
	copy = strdup(path);
	if (copy && !dir)
		dir = insert(set, wd);
	if (!copy || !dir) {
		free(copy);
		return NULL;
	}
	free(dir->path);
	drop_names(dir);
	*dir = (struct ss_fswatch_dir){
	        .wd = wd, .round = set->round, .path = copy, .remote = is_remote(path)};
	return dir;
}

static int add_watch(struct ss_fswatch_set *set, const char *path, unsigned mask)
{
	int wd = inotify_add_watch(set->fd, path, mask);

	if (wd < 0) {
		if (errno == ENOSPC)
			ss_fswatch_set_say_short(set, "no inotify watch is left (raise "
			                              "fs.inotify.max_user_watches)");
		/* What is gone is the news of the directory above; all else is not heard of. */
		set->blind |= errno != ENOENT && errno != ENOTDIR;
		return -1;
	}
	/* Those of the scan before are in the set, and stay. */
	if (set->n < SS_FSWATCH_MAX_DIRS || ss_fswatch_set_find(set, wd))
		return wd;
	inotify_rm_watch(set->fd, wd);
	ss_fswatch_set_say_short(set, "more than 4096 directories to watch");
	return -1;
}

struct ss_fswatch_dir *ss_fswatch_set_add(struct ss_fswatch_set *set, const char *path,
                                          bool written)
{
	struct ss_fswatch_dir *dir = find_path(set, path);
	int wd;

	if (dir && (dir->written || !written))
		return dir;
	wd = add_watch(set, path, on_the_way | (written ? IN_CLOSE_WRITE | IN_ATTRIB : 0));
	if (wd < 0)
		return NULL;
	dir = want(set, wd, path);
	if (dir)
		dir->written |= written;
	return dir;
}

void ss_fswatch_dir_add_name(struct ss_fswatch_dir *dir, const char *name)
{
	char **names;

	if (ss_fswatch_dir_leads_through(dir, name))
		return;
	if (dir->n_names == MAX_NAMES) {
		dir->whole = true;
		return;
	}
	names = realloc(dir->names, (dir->n_names + 1) * sizeof(*names));
	if (!names)
		return;
	dir->names = names;
	dir->names[dir->n_names] = strdup(name);
	if (dir->names[dir->n_names])
		dir->n_names++;
}

void ss_fswatch_set_sweep(struct ss_fswatch_set *set)
{
	for (size_t i = set->n; i--;) {
		set->blind |= set->dirs[i].round == set->round && set->dirs[i].remote;
		if (set->dirs[i].round == set->round)
			continue;
		inotify_rm_watch(set->fd, set->dirs[i].wd);
		remove_at(set, i);
	}
}
