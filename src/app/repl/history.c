#include "app/repl/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/file.h"

enum { LOCK_TRIES = 100, TAIL_BYTES = 2 * SS_HISTORY_MAX_BYTES };

struct item {
	char *text;
	size_t len;
};

struct ss_history {
	char *path; /* NULL = memory alone */
	struct item *items;
	size_t n, cap;
};

char *ss_history_path(void)
{
	return ss_file_state("history");
}

/* --- items in memory -------------------------------------------------------------------------- */
static void drop(struct ss_history *h, size_t i)
{
	free(h->items[i].text);
	memmove(&h->items[i], &h->items[i + 1], (h->n - i - 1) * sizeof(*h->items));
	h->n--;
}

static int push(struct ss_history *h, const char *text, size_t len)
{
	char *copy;

	if (h->n == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 64;
		struct item *grown = realloc(h->items, cap * sizeof(*grown));

		if (!grown)
			return SS_ERR_NOMEM;
		h->items = grown;
		h->cap = cap;
	}
	copy = malloc(len + 1);
	if (!copy)
		return SS_ERR_NOMEM;
	memcpy(copy, text, len);
	copy[len] = 0;
	h->items[h->n++] = (struct item){copy, len};
	return 0;
}

static int by_text(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;
	int order = strcmp((*x)->text, (*y)->text);

	/* The items lie in one array: the later one is the newer one. */
	return order ? order : *x < *y ? -1 : *x > *y;
}

/* Of equal items the newest stays, and of all the newest ones. */
static int thin_out(struct ss_history *h)
{
	const struct item **sorted = malloc((h->n + 1) * sizeof(*sorted));
	size_t kept = 0, from;

	if (!sorted)
		return SS_ERR_NOMEM;
	if (!h->n) {
		free(sorted);
		return 0;
	}
	for (size_t i = 0; i < h->n; i++)
		sorted[i] = &h->items[i];
	qsort(sorted, h->n, sizeof(*sorted), by_text);
	for (size_t i = 0; i + 1 < h->n; i++) {
		if (strcmp(sorted[i]->text, sorted[i + 1]->text) != 0)
			continue;
		free(sorted[i]->text);
		h->items[sorted[i] - h->items].text = NULL;
		sorted[i] = sorted[i + 1];
	}
	free(sorted);
	for (size_t i = 0; i < h->n; i++)
		if (h->items[i].text)
			h->items[kept++] = h->items[i];
	from = kept > SS_HISTORY_MAX_ITEMS ? kept - SS_HISTORY_MAX_ITEMS : 0;
	for (size_t i = 0; i < from; i++)
		free(h->items[i].text);
	memmove(h->items, h->items + from, (kept - from) * sizeof(*h->items));
	h->n = kept - from;
	return 0;
}

/* --- lines of the file --------------------------------------------------------------------------- */
static void add_line(struct ss_buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			ss_buf_puts(out, "\\n");
		else if (text[i] == '\\')
			ss_buf_puts(out, "\\\\");
		else
			ss_buf_putc(out, text[i]);
	}
	ss_buf_putc(out, '\n');
}

static int read_line(struct ss_history *h, const char *line, size_t len)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		bool escape = line[i] == '\\' && i + 1 < len;

		if (escape)
			i++;
		ss_buf_putc(&text, escape && line[i] == 'n' ? '\n' : line[i]);
	}
	/* NUL is in no item of ours; it would hide the rest. */
	if (text.failed || !text.len || memchr(text.data, 0, text.len))
		return text.failed;
	return push(h, text.data, text.len);
}

static int read_lines(struct ss_history *h, const struct ss_buf *text, bool is_cut)
{
	const char *at = text->data, *end = text->data + text->len;
	int rc = 0;

	if (is_cut)
		at = memchr(at, '\n', text->len) ? (const char *)memchr(at, '\n', text->len) + 1
		                                 : end;

	/* A last line without a break was not written whole. */
	for (const char *nl; !rc && at < end; at = nl + 1) {
		nl = memchr(at, '\n', (size_t)(end - at));
		if (!nl)
			break;
		if (nl - at <= 2 * SS_HISTORY_MAX_ITEM_BYTES)
			rc = read_line(h, at, (size_t)(nl - at));
	}
	return rc;
}

/* --- the file ------------------------------------------------------------------------------------- */
static int fail(const char *path, const char *why, struct ss_err *err)
{
	return ss_err_set(err, SS_ERR_IO, "history %s: %s", path, why);
}

/* Ours, private, and what its name stands for. */
static int check_file(int fd, const char *path, bool *ret_replaced, struct ss_err *err)
{
	struct stat st, named;

	if (fstat(fd, &st) < 0)
		return fail(path, strerror(errno), err);
	if (!S_ISREG(st.st_mode))
		return fail(path, "is no regular file", err);
	if (st.st_uid != geteuid())
		return fail(path, "belongs to another user", err);
	*ret_replaced =
	        lstat(path, &named) < 0 || named.st_dev != st.st_dev || named.st_ino != st.st_ino;
	if (!*ret_replaced && st.st_nlink != 1)
		return fail(path, "has another name as well (a hard link)", err);
	if ((st.st_mode & 077) && fchmod(fd, 0600) < 0)
		return fail(path, strerror(errno), err);
	return 0;
}

/* Open and lock the file that has this name: another session may replace it meanwhile. */
static int open_locked(const char *path, int *ret_fd, struct ss_err *err)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		bool replaced = false;
		int fd = open(path,
		              O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
		              0600);
		int rc;

		if (fd < 0)
			return fail(path, errno == ELOOP ? "is a symlink" : strerror(errno), err);
		if (flock(fd, LOCK_EX) < 0) {
			close(fd);
			if (errno == EINTR)
				continue;
			return fail(path, strerror(errno), err);
		}
		rc = check_file(fd, path, &replaced, err);
		if (!rc && !replaced) {
			*ret_fd = fd;
			return 0;
		}
		close(fd);
		if (rc)
			return rc;
	}
	return fail(path, "is replaced again and again", err);
}

/* Only the end of a file that somebody else has let grow. */
static int read_file(int fd, const char *path, struct ss_buf *text, off_t *ret_size,
                     struct ss_err *err)
{
	struct stat st;
	off_t from;

	if (fstat(fd, &st) < 0)
		return fail(path, strerror(errno), err);
	*ret_size = st.st_size;
	from = st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
	while (from < st.st_size) {
		char chunk[16384];
		ssize_t n = pread(fd, chunk, sizeof(chunk), from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(path, strerror(errno), err);
		if (n == 0)
			break;
		ss_buf_add(text, chunk, (size_t)n);
		from += n;
	}
	return ss_buf_check(text, "history", err);
}

static int write_all(int fd, const char *path, const struct ss_buf *text, struct ss_err *err)
{
	const char *at = text->data;
	size_t left = text->len;

	while (left) {
		ssize_t n = write(fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(path, strerror(errno), err);
		at += n;
		left -= (size_t)n;
	}
	return 0;
}

/* The newest items of h, by a new file that takes the name. The lock of the old one is held. */
static int replace_file(struct ss_history *h, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	size_t first = h->n, bytes = 0;

	while (first && bytes + h->items[first - 1].len < SS_HISTORY_MAX_BYTES / 2)
		bytes += h->items[--first].len + 1;
	for (size_t i = first; i < h->n; i++)
		add_line(&text, h->items[i].text, h->items[i].len);
	if (ss_buf_check(&text, "history", err))
		return err->code;
	return ss_file_write(h->path, text.data ? text.data : "", text.len, 0600, err);
}

static int load(struct ss_history *h, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = {.max = 4 * SS_HISTORY_MAX_BYTES};
	char *dir SS_AUTOFREE = ss_file_dirname(h->path);
	off_t size = 0;
	size_t n;
	int fd, rc;

	if (!dir)
		return ss_err_nomem(err);
	rc = ss_file_make_dirs(dir, 0700, err);
	if (!rc)
		rc = open_locked(h->path, &fd, err);
	if (rc)
		return rc;
	rc = read_file(fd, h->path, &text, &size, err);
	if (!rc && text.len)
		rc = read_lines(h, &text, size > TAIL_BYTES) ? ss_err_nomem(err) : 0;
	n = h->n;
	if (!rc)
		rc = thin_out(h) ? ss_err_nomem(err) : 0;
	if (!rc && (size > SS_HISTORY_MAX_BYTES || n > SS_HISTORY_MAX_ITEMS))
		rc = replace_file(h, err);
	close(fd);
	return rc;
}

int ss_history_open(const char *path, struct ss_history **ret, struct ss_err *err)
{
	struct ss_history *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return ss_err_nomem(err);
	*ret = h;
	if (!path)
		return 0;
	h->path = strdup(path);
	rc = h->path ? load(h, err) : ss_err_nomem(err);
	if (rc) {
		free(h->path);
		h->path = NULL;
	}
	return rc;
}

void ss_history_free(struct ss_history *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		free(h->items[i].text);
	free(h->items);
	free(h->path);
	free(h);
}

const char *ss_history_item(const struct ss_history *h, size_t i, size_t *ret_len)
{
	if (i >= h->n)
		return NULL;
	if (ret_len)
		*ret_len = h->items[i].len;
	return h->items[i].text;
}

/* A session that was killed while it wrote has left a line without its break. */
static bool ends_in_line(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static int append(struct ss_history *h, const char *text, size_t len, struct ss_err *err)
{
	struct ss_buf line SS_AUTO_BUF = SS_BUF_INIT;
	int fd, rc;

	rc = open_locked(h->path, &fd, err);
	if (rc)
		return rc;
	if (ends_in_line(fd))
		ss_buf_putc(&line, '\n');
	add_line(&line, text, len);
	rc = ss_buf_check(&line, "history", err);
	if (!rc)
		rc = write_all(fd, h->path, &line, err);
	close(fd);
	return rc;
}

int ss_history_add(struct ss_history *h, const char *text, size_t len, struct ss_err *err)
{
	const struct item *last = h->n ? &h->items[h->n - 1] : NULL;

	if (!len || len > SS_HISTORY_MAX_ITEM_BYTES || memchr(text, 0, len))
		return 0;
	if (last && last->len == len && memcmp(last->text, text, len) == 0)
		return 0;
	if (h->n >= 2 * SS_HISTORY_MAX_ITEMS)
		drop(h, 0);
	if (push(h, text, len))
		return ss_err_nomem(err);
	return h->path ? append(h, text, len, err) : 0;
}
