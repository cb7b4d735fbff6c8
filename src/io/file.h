/* Whole files, with limits; small, synchronous and careful. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_err;
struct ss_buf;

/* Read a regular file (symlinks followed; FIFOs, devices and directories are
 * refused) of at most max bytes into out. SS_ERR_NOT_FOUND, SS_ERR_LIMIT, SS_ERR_IO. */
int ss_file_read(const char *path, size_t max, struct ss_buf *out, struct ss_err *err);
/* The same of what check lets pass; it gets the open file. */
int ss_file_read_checked(const char *path, size_t max,
                         int (*check)(int fd, const char *path, struct ss_err *err),
                         struct ss_buf *out, struct ss_err *err);
/* All of a descriptor until EOF (standard input). */
/* The same of what may be a pipe, too: waits for who writes it, and reads to the end. */
int ss_file_read_stream(const char *path, size_t max, struct ss_buf *out, struct ss_err *err);
/* The same for text, which comes as UTF-8: see ss_text_decode. */
int ss_file_read_text(const char *path, size_t max, struct ss_buf *out, struct ss_err *err);
int ss_file_read_fd(int fd, size_t max, struct ss_buf *out, struct ss_err *err);
/* Write by temporary file, fsync and rename, so that a reader sees the old or
 * the new content, never a part. mode e.g. 0600, exactly (no umask). A path that is
 * there and no regular file (a device, a directory) is refused; a symlink to a regular
 * file is replaced by the file. SS_ERR_NOT_FOUND (no such directory), SS_ERR_IO. */
int ss_file_write(const char *path, const void *data, size_t len, unsigned mode,
                  struct ss_err *err);
/* Write a file that was not there; whole, or not at all. SS_ERR_ALREADY_EXISTS (whatever has the name, a
 * dangling symlink too), SS_ERR_NOT_FOUND (no such directory), SS_ERR_IO. */
int ss_file_create(const char *path, const void *data, size_t len, unsigned mode,
                   struct ss_err *err);
/* Names in a directory, sorted bytewise, without . and .. ; *ret is a NULL-terminated
 * array to free with ss_file_free_list. At most 100,000. */
int ss_file_list(const char *path, char ***ret, struct ss_err *err);
void ss_file_free_list(char **names);
bool ss_file_is_dir(const char *path);
bool ss_file_exists(const char *path);
/* mkdir -p with this mode for what is created. */
int ss_file_make_dirs(const char *path, unsigned mode, struct ss_err *err);
/* dir + "/" + name, name alone when it is absolute; malloc'd, NULL when out of memory. */
char *ss_file_join(const char *dir, const char *name);
/* The path from the root directory, without "." and doubled slashes; links and ".." are left to whoever
 * opens it, so that it leads where they lead then. malloc'd; NULL with errno set. */
char *ss_file_absolute(const char *path);
/* Where the program keeps this between runs: below $XDG_STATE_HOME when that is absolute, else below
 * ~/.local/state; "" is the folder itself. malloc'd; NULL without a home, or out of memory. */
char *ss_file_state(const char *name);
/* Directory part of path ("." when none); malloc'd. */
char *ss_file_dirname(const char *path);
