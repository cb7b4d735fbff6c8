/* The database: objects, their history and who owns whom, in one SQLite file.
 *
 * Every write gets the next resourceVersion and leaves a row in the log with the
 * object as it was before (NULL for a creation). So the state after version N
 * is the image before the object's next row, or the object itself: one image
 * per change serves watches, resumed watches and pages of one snapshot. The
 * newest SS_STORE_HISTORY rows are kept; older versions are "too old".
 *
 * All functions run inside ss_store_begin … commit/rollback. Loop thread only;
 * other processes may have the same file open. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "embed/kinds.h"

struct ss_err;
struct ss_pool;
struct ss_store;

enum { SS_STORE_HISTORY = 10000 };

/* 0 and *ret, or SS_ERR_IO, SS_ERR_CONFIG naming the file. The folder (0700) and the file
 * (0600) are created. */
int ss_store_open(const char *path, struct ss_store **ret, struct ss_err *err);
void ss_store_close(struct ss_store *store); /* NULL is fine */

/* SS_ERR_UNAVAILABLE (retryable) while another process writes. */
int ss_store_begin(struct ss_store *store, bool write, struct ss_err *err);
int ss_store_commit(struct ss_store *store, struct ss_err *err);
void ss_store_rollback(struct ss_store *store);
/* Differs from the last answer when another process committed. Outside a transaction. */
int64_t ss_store_data_version(struct ss_store *store);

/* The newest version (0 in an empty cluster), and the oldest that can be read from. */
int ss_store_versions(struct ss_store *store, int64_t *ret_newest, int64_t *ret_oldest,
                      struct ss_err *err);

struct ss_record {
	const struct ss_kind *kind;
	const char *ns; /* "" for cluster-scoped kinds */
	const char *name;
	const char *uid;
	int64_t rv;
	const char *body; /* JSON text */
	size_t len;
	int64_t due_ms; /* wall time at which the reconciler must look again; 0 = never */
	bool pending;   /* waits for another object (a Secret, a ServiceAccount) */
	const char *const *owners; /* put: UIDs, NULL-terminated; NULL = as they were */
};

/* Strings and body live in the pool. SS_ERR_NOT_FOUND without a message when absent. */
int ss_store_get(struct ss_store *store, struct ss_pool *pool, const struct ss_kind *kind,
                 const char *ns, const char *name, struct ss_record *ret, struct ss_err *err);
int ss_store_get_uid(struct ss_store *store, struct ss_pool *pool, const char *uid,
                     struct ss_record *ret, struct ss_err *err);
/* Store record as version record->rv: must be newest + 1. create: there is no such object yet. */
int ss_store_put(struct ss_store *store, const struct ss_record *record, bool create,
                 struct ss_err *err);
int ss_store_remove(struct ss_store *store, const struct ss_record *record, int64_t rv,
                    struct ss_err *err);

struct ss_scan {
	const struct ss_kind *kind;
	const char *ns;                    /* NULL = all */
	const char *name;                  /* NULL = all */
	const char *after_ns, *after_name; /* begin behind this key; NULL = at the start */
	int64_t snapshot;                  /* as of this version; 0 = now */
};
/* Record strings are borrowed for the call. Non-zero from fn ends the scan and is returned.
 * fn must not write to the store. */
typedef int (*ss_scan_fn)(void *ud, const struct ss_record *record);
int ss_store_scan(struct ss_store *store, const struct ss_scan *scan, ss_scan_fn fn, void *ud,
                  struct ss_err *err);
/* Objects with this UID among their owners, in the pool: *ret is an array of *ret_n. */
int ss_store_owned(struct ss_store *store, struct ss_pool *pool, const char *uid,
                   struct ss_record **ret, size_t *ret_n, struct ss_err *err);
/* The earliest due time, 0 when nothing is. */
int ss_store_next_due(struct ss_store *store, int64_t *ret_ms, struct ss_err *err);
/* Keys of the objects due by now, in the pool. */
int ss_store_due(struct ss_store *store, struct ss_pool *pool, int64_t now_ms,
                 struct ss_record **ret, size_t *ret_n, struct ss_err *err);

/* Keys of the objects of a namespace that wait for another one, in the pool. */
int ss_store_pending(struct ss_store *store, struct ss_pool *pool, const char *ns,
                     struct ss_record **ret, size_t *ret_n, struct ss_err *err);

enum ss_change_type { SS_CHANGE_ADDED = 1, SS_CHANGE_MODIFIED = 2, SS_CHANGE_DELETED = 3 };
struct ss_log_row {
	int64_t rv;
	const struct ss_kind *kind;
	const char *ns, *name;
	enum ss_change_type type;
	const char *before; /* NULL when created */
	size_t before_len;
	const char *after; /* NULL when deleted */
	size_t after_len;
};
/* Every change after version `after`, in order, of one kind or of all (NULL). Borrowed as in scan. */
typedef int (*ss_log_fn)(void *ud, const struct ss_log_row *row);
int ss_store_log(struct ss_store *store, const struct ss_kind *kind, int64_t after, ss_log_fn fn,
                 void *ud, struct ss_err *err);
