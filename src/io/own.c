#include "io/own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/err.h"
#include "io/file.h"

enum { OWN_MAX = 1000 };

struct own {
	char *path;
	bool folder;
	/* As it was when it was registered last: another file may have its name by now. */
	dev_t dev;
	ino_t ino;
};

static struct own *list;
static size_t n_list;
static bool incomplete;

/* --- the list ------------------------------------------------------------------ */

static void remember(struct own *own)
{
	struct stat st;

	if (stat(own->path, &st) == 0) {
		own->dev = st.st_dev;
		own->ino = st.st_ino;
	}
}

static void add(const char *path, bool folder)
{
	char *absolute = ss_file_absolute(path);
	struct own *grown;

	for (size_t i = 0; absolute && i < n_list; i++) {
		if (strcmp(list[i].path, absolute) == 0) {
			remember(&list[i]);
			free(absolute);
			return;
		}
	}
	grown = absolute && n_list < OWN_MAX ? realloc(list, (n_list + 1) * sizeof(*list)) : NULL;
	if (!grown) {
		incomplete = true;
		free(absolute);
		return;
	}
	list = grown;
	list[n_list] = (struct own){.path = absolute, .folder = folder};
	remember(&list[n_list++]);
}

void ss_own_file(const char *path)
{
	add(path, false);
}

void ss_own_folder(const char *path)
{
	add(path, true);
}

/* --- what is asked for --------------------------------------------------------- */

static int refuse(const char *path, const char *why, struct ss_err *err)
{
	return ss_err_set(err, SS_ERR_FORBIDDEN, "%s: %s; scripts have no access to it", path, why);
}

static bool is_same(const struct stat *st, dev_t dev, ino_t ino)
{
	return st->st_dev == dev && st->st_ino == ino;
}

/* Another name of a file in the folder? */
static bool is_linked_into(const struct stat *st, const char *folder)
{
	DIR *stream = st->st_nlink > 1 ? opendir(folder) : NULL;
	struct dirent *entry;
	struct stat in;
	bool found = false;

	while (stream && !found && (entry = readdir(stream)))
		found = fstatat(dirfd(stream), entry->d_name, &in, AT_SYMLINK_NOFOLLOW) == 0 &&
		        is_same(&in, st->st_dev, st->st_ino) && !S_ISDIR(in.st_mode);
	if (stream)
		closedir(stream);
	return found;
}

static bool is_within(const char *real, const char *folder)
{
	char *top SS_AUTOFREE = realpath(folder, NULL);
	size_t len = top ? strlen(top) : 0;

	return top && strncmp(real, top, len) == 0 && (!real[len] || real[len] == '/');
}

static bool is_own(const struct own *own, const struct stat *st, const char *real)
{
	struct stat now;

	if (own->folder)
		return is_within(real, own->path) || is_linked_into(st, own->path);
	return is_same(st, own->dev, own->ino) ||
	       (stat(own->path, &now) == 0 && is_same(st, now.st_dev, now.st_ino));
}

int ss_own_check_fd(int fd, const char *path, struct ss_err *err)
{
	char link[32], real[PATH_MAX] = "";
	struct statfs fs;
	struct stat st;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	/* Without /proc there is no path: files are known by what they are all the same. */
	(void)!readlink(link, real, sizeof(real) - 1);
	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return ss_err_set(err, SS_ERR_IO, "%s: %s", path, strerror(errno));
	if (fs.f_type == PROC_SUPER_MAGIC)
		return refuse(path, "it is the kernel's view of processes", err);
	if (incomplete)
		return refuse(path, "the engine lost count of its own files", err);
	for (size_t i = 0; i < n_list; i++) {
		if (is_own(&list[i], &st, real))
			return refuse(path, "it is the engine's own", err);
	}
	return 0;
}

/* Will an own file be looked for under this name of the folder? */
static bool is_own_name(const struct own *own, const struct stat *folder, const char *name)
{
	char *dir SS_AUTOFREE = ss_file_dirname(own->path);
	struct stat st;

	return !own->folder && dir && strcmp(strrchr(own->path, '/') + 1, name) == 0 &&
	       stat(dir, &st) == 0 && is_same(&st, folder->st_dev, folder->st_ino);
}

static int check_name(int folder, const char *path, struct ss_err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct stat st;
	int rc = ss_own_check_fd(folder, path, err);

	if (rc || fstat(folder, &st))
		return rc;
	for (size_t i = 0; i < n_list; i++) {
		if (is_own_name(&list[i], &st, name))
			return refuse(path, "it is the engine's own", err);
	}
	return 0;
}

int ss_own_check_path(const char *path, struct ss_err *err)
{
	char *dir SS_AUTOFREE = ss_file_dirname(path);
	int fd = open(path, O_PATH | O_CLOEXEC), rc = 0;

	if (fd >= 0) {
		rc = ss_own_check_fd(fd, path, err);
		close(fd);
	}
	if (rc || !dir)
		return rc ? rc : ss_err_nomem(err);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0; /* whoever uses the path finds that there is no such folder */
	rc = check_name(fd, path, err);
	close(fd);
	return rc;
}
