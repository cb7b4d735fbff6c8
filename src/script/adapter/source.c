#include "script/adapter/source.h"

#include <errno.h>
#include <fcntl.h>
#include <lua.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/file.h"
#include "io/trust.h"
#include "script/adapter/state.h"

enum {
	MAX_TRIES = 3,  /* to read a file that changes meanwhile */
	OPEN_MS = 1000, /* an open file that did not change for so long is taken as it is */
	/* Times of files come from a coarse clock: what changed so short ago may change
	 * again without a trace in its fingerprint. */
	SETTLED_MS = 50,
};

struct fingerprint {
	uint64_t dev, ino;
	int64_t size, mtime_ns, ctime_ns;
};

struct entry {
	struct ss_source *source;
	struct fingerprint fp;
	bool settled;
	uint64_t seen; /* the refresh in which it was looked at */
};

struct ss_sources {
	char *dir;
	struct entry *entries; /* sorted by source->rel */
	size_t n, cap;
	uint64_t refresh;
	bool fixed; /* ss_sources_put: no disk */
	bool unfinished;
	size_t reads;
};

/* --- a source ------------------------------------------------------------------------ */
struct ss_source *ss_source_ref(struct ss_source *source)
{
	atomic_fetch_add_explicit(&source->refs, 1, memory_order_relaxed);
	return source;
}

void ss_source_unref(struct ss_source *source)
{
	if (!source || atomic_fetch_sub_explicit(&source->refs, 1, memory_order_acq_rel) != 1)
		return;
	free(source->rel);
	free(source->file);
	free(source->text);
	free(source->problem);
	free(source);
}

bool ss_source_same(const struct ss_source *a, const struct ss_source *b)
{
	return a == b || (strcmp(a->rel, b->rel) == 0 && a->code == b->code &&
	                  strcmp(a->sha256, b->sha256) == 0);
}

static struct ss_source *source_new(const char *dir, const char *rel)
{
	struct ss_source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	atomic_init(&s->refs, 1);
	s->rel = strdup(rel);
	s->file = ss_file_join(dir, rel);
	if (s->rel && s->file)
		return s;
	ss_source_unref(s);
	return NULL;
}

static int set_problem(struct ss_source *s, int code, const char *fmt, ...) SS_PRINTF(3, 4);
static int set_problem(struct ss_source *s, int code, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	s->code = code;
	s->problem = strdup(text);
	return s->problem ? 0 : SS_ERR_NOMEM;
}

static int errno_problem(struct ss_source *s, int error)
{
	if (error == ENOMEM)
		return SS_ERR_NOMEM;
	return set_problem(s, error == ENOENT || error == ENOTDIR ? SS_ERR_NOT_FOUND : SS_ERR_IO,
	                   "%s", strerror(error));
}

/* Takes the text over; what is no text becomes a problem. */
static int set_text(struct ss_source *s, struct ss_buf *text)
{
	if (text->len && text->data[0] == LUA_SIGNATURE[0])
		return set_problem(s, SS_ERR_INVAL, "is compiled Lua: only text is loaded");
	if (text->len &&
	    (memchr(text->data, 0, text->len) || !ss_utf8_valid(text->data, text->len)))
		return set_problem(s, SS_ERR_INVAL, "is not UTF-8 text");
	s->text = ss_buf_take(text, &s->len);
	return s->text ? ss_sha256_hex(s->text, s->len, s->sha256) : SS_ERR_NOMEM;
}

int ss_source_list_add(struct ss_source_list *list, struct ss_source *source, struct ss_err *err)
{
	struct ss_source **grown;

	for (size_t i = 0; i < list->n; i++) {
		if (list->list[i] == source)
			return 0;
	}
	grown = realloc(list->list, (list->n + 1) * sizeof(struct ss_source *));
	if (!grown)
		return ss_err_nomem(err);
	list->list = grown;
	list->list[list->n++] = ss_source_ref(source);
	return 0;
}

void ss_source_list_done(struct ss_source_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		ss_source_unref(list->list[i]);
	free(list->list);
	*list = (struct ss_source_list){0};
}

/* --- the disk ---------------------------------------------------------------------------- */
static int64_t wall_ns(void)
{
	struct timespec ts;

	/* The clock that files are stamped with, so not the one that tests replace. */
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static struct fingerprint fingerprint_of(const struct stat *st)
{
	return (struct fingerprint){
	        .dev = st->st_dev,
	        .ino = st->st_ino,
	        .size = st->st_size,
	        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
	        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
	};
}

static bool same_fingerprint(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

static bool is_settled(const struct fingerprint *fp)
{
	return wall_ns() - fp->ctime_ns > (int64_t)SETTLED_MS * 1000000;
}

/* Keep writers out while we read: a lease, which an open for writing waits for. True when nobody
 * writes, or nothing can be said (no leases on this file system, another owner's file). */
static bool lease(int fd)
{
	/* A writer that comes meanwhile sends a signal: one that is ignored by default. */
	if (fcntl(fd, F_SETSIG, SIGURG))
		return true;
	return fcntl(fd, F_SETLEASE, F_RDLCK) == 0 || errno != EAGAIN;
}

enum outcome { READ_DONE, READ_OPEN, READ_CHANGED };

/* Read fd into text, if it is still what fp says before and after. */
static int read_fd(int fd, bool patient, struct fingerprint *fp, struct ss_buf *text,
                   enum outcome *ret)
{
	struct stat st;
	int rc;

	*ret = READ_CHANGED;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return 0;
	*fp = fingerprint_of(&st);
	if (fp->size > SS_ADAPTER_SOURCE_BYTES)
		return SS_ERR_LIMIT;
	if (!lease(fd) && patient && wall_ns() - fp->mtime_ns < (int64_t)OPEN_MS * 1000000) {
		*ret = READ_OPEN;
		return 0;
	}
	rc = ss_file_read_fd(fd, SS_ADAPTER_SOURCE_BYTES, text, NULL);
	if (rc == 0 && fstat(fd, &st) == 0) {
		struct fingerprint after = fingerprint_of(&st);

		if (same_fingerprint(fp, &after) && text->len == (size_t)after.size)
			*ret = READ_DONE;
	}
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return rc;
}

/* The content of s->file as it stands; *ret is READ_OPEN while somebody writes it, for who is
 * patient. */
static int read_file(struct ss_source *s, bool patient, struct fingerprint *fp, enum outcome *ret)
{
	int rc = 0;

	*ret = READ_CHANGED;
	for (int tries = 0; tries < MAX_TRIES && *ret == READ_CHANGED && !rc; tries++) {
		struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
		/* O_NONBLOCK: a FIFO that takes the file's place must not make us wait. */
		int fd = open(s->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

		if (fd < 0) {
			*ret = READ_DONE;
			return errno_problem(s, errno);
		}
		rc = read_fd(fd, patient, fp, &text, ret);
		close(fd);
		if (rc == 0 && *ret == READ_DONE) {
			struct ss_err err SS_AUTO_ERR;

			rc = ss_text_decode(&text, &err);
			return rc ? set_problem(s, rc, "%s", err.message) : set_text(s, &text);
		}
	}
	if (*ret == READ_CHANGED && !rc)
		*ret = READ_OPEN; /* it never stood still */
	if (rc)
		*ret = READ_DONE;
	if (rc == SS_ERR_LIMIT)
		return set_problem(s, rc, "is larger than %d bytes", SS_ADAPTER_SOURCE_BYTES);
	return rc == SS_ERR_IO ? set_problem(s, rc, "cannot be read") : rc;
}

static int not_regular(struct ss_source *s, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return set_problem(s, SS_ERR_IO, "is a directory, not a file");
	return set_problem(s, SS_ERR_IO, "is not a regular file");
}

/* --- a set ------------------------------------------------------------------------------------ */
int ss_sources_new(const char *dir, struct ss_sources **ret, struct ss_err *err)
{
	struct ss_sources *set = calloc(1, sizeof(*set));

	if (!set)
		return ss_err_nomem(err);
	set->dir = strdup(dir);
	if (!set->dir) {
		free(set);
		return ss_err_nomem(err);
	}
	*ret = set;
	return 0;
}

void ss_sources_free(struct ss_sources *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n; i++)
		ss_source_unref(set->entries[i].source);
	free(set->entries);
	free(set->dir);
	free(set);
}

const char *ss_sources_dir(const struct ss_sources *set)
{
	return set->dir;
}

size_t ss_sources_reads(const struct ss_sources *set)
{
	return set->reads;
}

bool ss_sources_unfinished(const struct ss_sources *set)
{
	return set->unfinished;
}

void ss_sources_refresh(struct ss_sources *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (set->entries[i].seen == set->refresh)
			set->entries[kept++] = set->entries[i];
		else
			ss_source_unref(set->entries[i].source);
	}
	set->n = kept;
	set->unfinished = false;
	set->refresh++;
}

/* Where rel is, or would be. */
static size_t position(const struct ss_sources *set, const char *rel, bool *ret_found)
{
	size_t lo = 0, hi = set->n;

	*ret_found = false;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(rel, set->entries[mid].source->rel);

		if (c == 0) {
			*ret_found = true;
			return mid;
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* A new entry, which takes the reference to source. */
static struct entry *insert(struct ss_sources *set, size_t at, struct ss_source *source)
{
	if (set->n == set->cap) {
		size_t cap = set->cap ? set->cap * 2 : 16;
		struct entry *grown = realloc(set->entries, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		set->entries = grown;
		set->cap = cap;
	}
	memmove(&set->entries[at + 1], &set->entries[at], (set->n - at) * sizeof(struct entry));
	set->n++;
	set->entries[at] = (struct entry){.source = source};
	return &set->entries[at];
}

/* Put what was read in place of the former content, unless it is the same. Takes fresh. */
static void replace(struct entry *e, struct ss_source *fresh)
{
	bool same = ss_source_same(e->source, fresh) && !fresh->problem;

	ss_source_unref(same ? fresh : e->source);
	if (!same)
		e->source = fresh;
}

/* Others decide what it says: told, or when it is watched refused. */
static bool is_refused(struct ss_source *s, int *ret_rc)
{
	char why[96];

	if (!ss_trust_is_strict()) {
		ss_trust_check("policy", s->file, NULL);
		return false;
	}
	if (!ss_trust_problem(s->file, why, sizeof(why)))
		return false;
	*ret_rc = set_problem(s, SS_ERR_IO, "%s: not loaded while its changes are watched", why);
	return true;
}

/* Look at the file of an entry. known: it has a former content. */
static int look(struct ss_sources *set, struct entry *e, bool known)
{
	struct ss_source *fresh;
	struct fingerprint fp = {0};
	enum outcome outcome = READ_DONE;
	struct stat st;
	int error = stat(e->source->file, &st) ? errno : 0, rc;

	if (!error)
		fp = fingerprint_of(&st);
	if (known && !error && e->settled && same_fingerprint(&fp, &e->fp))
		return 0;
	if (known && error == ENOENT && e->source->code == SS_ERR_NOT_FOUND)
		return 0;
	fresh = source_new(set->dir, e->source->rel);
	if (!fresh)
		return SS_ERR_NOMEM;
	if (error) {
		rc = errno_problem(fresh, error);
	} else if (!S_ISREG(st.st_mode)) {
		rc = not_regular(fresh, &st);
	} else if (is_refused(fresh, &rc)) {
		/* Looked at again: its folder may be put in order without a change of its own. */
		fp = (struct fingerprint){0};
	} else {
		set->reads++;
		/* What is there at the start is all there is: no former content to keep. */
		rc = read_file(fresh, set->refresh > 1, &fp, &outcome);
	}
	if (rc == 0 && outcome == READ_OPEN) {
		/* As if the writer had not begun. */
		ss_source_unref(fresh);
		e->settled = false;
		set->unfinished = true;
		return known ? 0 : SS_ERR_NOT_FOUND;
	}
	if (rc) {
		ss_source_unref(fresh);
		return rc;
	}
	e->fp = fp;
	e->settled = is_settled(&fp);
	replace(e, fresh);
	return 0;
}

int ss_sources_get(struct ss_sources *set, const char *rel, struct ss_source **ret,
                   struct ss_err *err)
{
	bool known;
	size_t at = position(set, rel, &known);
	struct entry *e = known ? &set->entries[at] : NULL;
	int rc;

	if (e && (e->seen == set->refresh || set->fixed)) {
		*ret = e->source;
		return 0;
	}
	if (!e) {
		/* Until it is read there is nothing. */
		struct ss_source *none = source_new(set->dir, rel);

		if (none && errno_problem(none, ENOENT) == 0)
			e = insert(set, at, none);
		if (!e) {
			ss_source_unref(none);
			return ss_err_nomem(err);
		}
	}
	rc = set->fixed ? 0 : look(set, e, known);
	if (rc && rc != SS_ERR_NOT_FOUND)
		return ss_err_nomem(err);
	e->seen = set->refresh;
	*ret = e->source;
	return 0;
}

int ss_sources_put(struct ss_sources *set, const char *rel, const char *text, size_t len,
                   struct ss_err *err)
{
	struct ss_source *s = source_new(set->dir, rel);
	struct ss_buf copy SS_AUTO_BUF = SS_BUF_INIT;
	bool known;
	size_t at = position(set, rel, &known);

	ss_buf_add(&copy, text, len);
	if (!s || ss_buf_check(&copy, rel, err) || set_text(s, &copy))
		goto nomem;
	if (s->problem) {
		ss_err_set(err, s->code, "%s %s", rel, s->problem);
		ss_source_unref(s);
		return SS_ERR_INVAL;
	}
	if (known)
		replace(&set->entries[at], s);
	else if (!insert(set, at, s))
		goto nomem;
	set->fixed = true;
	return 0;
nomem:
	ss_source_unref(s);
	return ss_err_nomem(err);
}
