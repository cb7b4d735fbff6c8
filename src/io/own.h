/* The engine's own files: credentials, its configuration, its state. Whoever reads
 * one registers its path; scripts may neither read nor replace any of them, by
 * whatever name they reach it. What counts is the file itself (device and inode), so
 * symlinks, hard links and /dev/fd lead to the same answer; /proc is out of reach as
 * a whole, since it holds the environment and the descriptors. One list per process,
 * for the loop thread. */
#pragma once

struct ss_err;

/* A file (that need not be there) or a folder with all that is in it. Out of memory, or past 1000
 * of them, nothing is let through any more. */
void ss_own_file(const char *path);
void ss_own_folder(const char *path);

/* May a script have what is open as fd? SS_ERR_FORBIDDEN names path. Usable as the check of
 * ss_file_read_checked. */
int ss_own_check_fd(int fd, const char *path, struct ss_err *err);
/* May a script list this folder, or replace this file? What is not there may be made, but not where an
 * own file will be looked for. */
int ss_own_check_path(const char *path, struct ss_err *err);
