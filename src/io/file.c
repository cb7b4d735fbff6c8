#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

enum { LIST_MAX = 100000, READ_CHUNK = 16384 };

static int io_failed(struct ss_err *err, const char *path, int error)
{
	if (error == ENOMEM)
		return ss_err_nomem(err);
	return ss_err_set(err, error == ENOENT || error == ENOTDIR ? SS_ERR_NOT_FOUND : SS_ERR_IO,
	                  "%s: %s", path, strerror(error));
}

static int over_limit(struct ss_err *err, const char *name, size_t max)
{
	return ss_err_set(err, SS_ERR_LIMIT, "%s is larger than %zu bytes", name, max);
}

static int read_all(int fd, const char *name, size_t max, struct ss_buf *out, struct ss_err *err)
{
	size_t start = out->len;

	for (;;) {
		size_t left = max - (out->len - start);
		/* One byte over the limit tells "exactly max" from "more". */
		size_t want = left < READ_CHUNK ? left + 1 : READ_CHUNK;
		ssize_t n;

		if (!ss_buf_grow(out, want))
			return ss_buf_check(out, name, err);
		n = read(fd, out->data + out->len, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_failed(err, name, errno);
		if ((size_t)n > left)
			return over_limit(err, name, max);
		out->len += (size_t)n;
		out->data[out->len] = 0;
		if (n == 0)
			return 0;
	}
}

int ss_file_read(const char *path, size_t max, struct ss_buf *out, struct ss_err *err)
{
	return ss_file_read_checked(path, max, NULL, out, err);
}

int ss_file_read_checked(const char *path, size_t max,
                         int (*check)(int fd, const char *path, struct ss_err *err),
                         struct ss_buf *out, struct ss_err *err)
{
	struct stat st;
	int fd, rc;

	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return io_failed(err, path, errno);
	if (check && (rc = check(fd, path, err)))
		(void)0;
	else if (fstat(fd, &st))
		rc = io_failed(err, path, errno);
	else if (S_ISDIR(st.st_mode))
		rc = ss_err_set(err, SS_ERR_IO, "%s is a directory, not a file", path);
	else if (!S_ISREG(st.st_mode))
		rc = ss_err_set(err, SS_ERR_IO, "%s is not a regular file", path);
	else if (st.st_size > 0 && (uint64_t)st.st_size > max)
		rc = over_limit(err, path, max);
	else
		rc = read_all(fd, path, max, out, err);
	close(fd);
	return rc;
}

int ss_file_read_stream(const char *path, size_t max, struct ss_buf *out, struct ss_err *err)
{
	struct stat st;
	int fd, rc;

	if (stat(path, &st) || (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)))
		return ss_file_read(path, max, out, err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return io_failed(err, path, errno);
	rc = read_all(fd, path, max, out, err);
	close(fd);
	return rc;
}

int ss_file_read_text(const char *path, size_t max, struct ss_buf *out, struct ss_err *err)
{
	int rc = ss_file_read(path, max, out, err);

	if (rc)
		return rc;
	rc = ss_text_decode(out, err);
	return rc ? ss_err_wrap(err, rc, "%s", path) : 0;
}

int ss_file_read_fd(int fd, size_t max, struct ss_buf *out, struct ss_err *err)
{
	return read_all(fd, fd == STDIN_FILENO ? "standard input" : "the input", max, out, err);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The new name must survive a crash, too; some file systems cannot sync a directory. */
static void sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
}

static int fill(int fd, const void *data, size_t len, unsigned mode)
{
	int error = 0;

	if (fchmod(fd, (mode_t)mode) || write_all(fd, data, len) || fsync(fd))
		error = errno;
	if (close(fd) && !error)
		error = errno;
	return error;
}

int ss_file_write(const char *path, const void *data, size_t len, unsigned mode, struct ss_err *err)
{
	char *dir SS_AUTOFREE = ss_file_dirname(path);
	char *temp SS_AUTOFREE = dir ? ss_file_join(dir, ".sandscript-XXXXXX") : NULL;
	struct stat st;
	int fd, error;

	if (!temp)
		return ss_err_nomem(err);
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return ss_err_set(err, SS_ERR_IO, "%s is not a regular file: not replaced", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return io_failed(err, path, errno);
	error = fill(fd, data, len, mode);
	if (!error && rename(temp, path))
		error = errno;
	if (error) {
		unlink(temp);
		return io_failed(err, path, error);
	}
	sync_dir(dir);
	return 0;
}

int ss_file_create(const char *path, const void *data, size_t len, unsigned mode,
                   struct ss_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode), error;

	if (fd < 0 && errno == EEXIST)
		return ss_err_set(err, SS_ERR_ALREADY_EXISTS, "%s: %s", path, strerror(EEXIST));
	if (fd < 0)
		return io_failed(err, path, errno);
	error = fill(fd, data, len, mode);
	if (error) {
		unlink(path);
		return io_failed(err, path, error);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* *names grows as an array of *n strings and the NULL. */
static int list_add(char ***names, size_t *n, size_t *cap, const char *name)
{
	if (*n + 1 >= *cap) {
		size_t wanted = *cap ? *cap * 2 : 32;
		char **grown = realloc(*names, wanted * sizeof(**names));

		if (!grown)
			return SS_ERR_NOMEM;
		*names = grown;
		*cap = wanted;
	}
	(*names)[*n] = strdup(name);
	if (!(*names)[*n])
		return SS_ERR_NOMEM;
	(*names)[++*n] = NULL;
	return 0;
}

static int list_dir(DIR *dir, const char *path, char ***names, size_t *n, struct ss_err *err)
{
	struct dirent *entry;
	size_t cap = 0;

	while ((errno = 0, entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		if (*n >= LIST_MAX)
			return ss_err_set(err, SS_ERR_LIMIT, "%s holds more than %d names", path,
			                  LIST_MAX);
		if (list_add(names, n, &cap, entry->d_name))
			return ss_err_nomem(err);
	}
	return errno ? io_failed(err, path, errno) : 0;
}

int ss_file_list(const char *path, char ***ret, struct ss_err *err)
{
	DIR *dir = opendir(path);
	char **names = NULL;
	size_t n = 0;
	int rc;

	if (!dir)
		return io_failed(err, path, errno);
	rc = list_dir(dir, path, &names, &n, err);
	closedir(dir);
	if (!rc && !names && !(names = calloc(1, sizeof(*names))))
		rc = ss_err_nomem(err);
	if (rc) {
		ss_file_free_list(names);
		return rc;
	}
	qsort(names, n, sizeof(*names), by_name);
	*ret = names;
	return 0;
}

void ss_file_free_list(char **names)
{
	if (!names)
		return;
	for (char **p = names; *p; p++)
		free(*p);
	free(names);
}

bool ss_file_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

bool ss_file_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

int ss_file_make_dirs(const char *path, unsigned mode, struct ss_err *err)
{
	char *copy SS_AUTOFREE = strdup(path);
	char *p = copy;

	if (!copy)
		return ss_err_nomem(err);
	while (p && *p) {
		char saved;

		p += strspn(p, "/");
		p += strcspn(p, "/");
		saved = *p;
		*p = 0;
		if (*copy && mkdir(copy, (mode_t)mode)) {
			int reason = errno;

			if (reason != EEXIST && !ss_file_is_dir(copy))
				return io_failed(err, copy, reason);
		}
		*p = saved;
	}
	if (!ss_file_is_dir(path))
		return ss_err_set(err, SS_ERR_IO, "%s is there and no directory", path);
	return 0;
}

char *ss_file_join(const char *dir, const char *name)
{
	size_t len = strlen(dir);
	char *path;

	if (name[0] == '/' || len == 0)
		return strdup(name);
	if (asprintf(&path, "%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name) < 0)
		return NULL;
	return path;
}

char *ss_file_state(const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	bool absolute = state && *state == '/';
	char *out = NULL;

	if (!absolute && !(home && *home == '/'))
		return NULL;
	if (asprintf(&out, "%s%s/sandscript%s%s", absolute ? state : home,
	             absolute ? "" : "/.local/state", *name ? "/" : "", name) < 0)
		return NULL;
	return out;
}

char *ss_file_absolute(const char *path)
{
	char here[PATH_MAX] = "";
	char *out;
	size_t n;

	if (*path != '/' && !getcwd(here, sizeof(here)))
		return NULL;
	n = strcmp(here, "/") == 0 ? 0 : strlen(here);
	out = malloc(n + strlen(path) + 2);
	if (!out)
		return NULL;
	memcpy(out, here, n);
	while (*(path += strspn(path, "/"))) {
		size_t len = strcspn(path, "/");

		if (len > 1 || *path != '.') {
			out[n++] = '/';
			memcpy(out + n, path, len);
			n += len;
		}
		path += len;
	}
	if (!n)
		out[n++] = '/';
	out[n] = 0;
	return out;
}

char *ss_file_dirname(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len && path[len - 1] != '/')
		len--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len ? strndup(path, len) : strdup(".");
}
