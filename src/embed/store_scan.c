/* Reading many rows: lists, owners, due objects, the log. */
#include <stdlib.h>

#include "base/err.h"
#include "embed/pool.h"
#include "embed/store_priv.h"

/* Sorts after every namespace. */
#define LAST_TEXT "\xf4\x8f\xbf\xbf"

static void bind_kinds(sqlite3_stmt *stmt, int i, const struct ss_kind *kind)
{
	ss_sqlite.sqlite3_bind_int(stmt, i, kind ? (int)kind->id : 0);
	ss_sqlite.sqlite3_bind_int(stmt, i + 1, kind ? (int)kind->id : SS_KINDS - 1);
}

int ss_store_scan(struct ss_store *store, const struct ss_scan *scan, ss_scan_fn fn, void *ud,
                  struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, scan->snapshot ? ST_SCAN_SNAPSHOT : ST_SCAN, err);
	struct ss_record row;
	int step, rc = 0;

	if (!stmt)
		return SS_ERR_IO;
	ss_sqlite.sqlite3_bind_int(stmt, 1, (int)scan->kind->id);
	ss_store_bind_text(stmt, 2, scan->ns ? scan->ns : "");
	ss_store_bind_text(stmt, 3, scan->ns ? scan->ns : LAST_TEXT);
	ss_store_bind_text(stmt, 4, scan->name);
	ss_store_bind_text(stmt, 5, scan->after_ns ? scan->after_ns : "");
	ss_store_bind_text(stmt, 6, scan->after_name ? scan->after_name : "");
	if (scan->snapshot)
		ss_sqlite.sqlite3_bind_int64(stmt, 7, scan->snapshot);
	while (rc == 0 && (step = ss_sqlite.sqlite3_step(stmt)) != SQLITE_DONE) {
		if (step != SQLITE_ROW) {
			rc = ss_store_fail(store, err);
			break;
		}
		row = ss_store_row(stmt);
		if (row.kind)
			rc = fn(ud, &row);
	}
	ss_sqlite.sqlite3_reset(stmt);
	ss_sqlite.sqlite3_clear_bindings(stmt);
	return rc;
}

/* The keys that a statement yields, kept in the pool. */
static int keys(struct ss_store *store, struct ss_pool *pool, sqlite3_stmt *stmt,
                struct ss_record **ret, size_t *ret_n, struct ss_err *err)
{
	size_t n = 0, cap = 0;
	struct ss_record *list = NULL, *more, row;
	int step;

	while ((step = ss_sqlite.sqlite3_step(stmt)) == SQLITE_ROW) {
		if (n == cap) {
			cap = cap ? cap * 2 : 8;
			more = ss_pool_alloc(pool, cap * sizeof(*more));
			if (!more)
				break;
			for (size_t i = 0; i < n; i++)
				more[i] = list[i];
			list = more;
		}
		row = ss_store_row(stmt);
		list[n] = (struct ss_record){.kind = row.kind,
		                             .ns = ss_pool_strdup(pool, row.ns),
		                             .name = ss_pool_strdup(pool, row.name)};
		n += row.kind != NULL;
	}
	ss_sqlite.sqlite3_reset(stmt);
	ss_sqlite.sqlite3_clear_bindings(stmt);
	if (pool->failed)
		return ss_err_nomem(err);
	if (step != SQLITE_DONE)
		return ss_store_fail(store, err);
	*ret = list;
	*ret_n = n;
	return 0;
}

int ss_store_owned(struct ss_store *store, struct ss_pool *pool, const char *uid,
                   struct ss_record **ret, size_t *ret_n, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_OWNED, err);

	if (!stmt)
		return SS_ERR_IO;
	ss_store_bind_text(stmt, 1, uid);
	return keys(store, pool, stmt, ret, ret_n, err);
}

int ss_store_due(struct ss_store *store, struct ss_pool *pool, int64_t now_ms,
                 struct ss_record **ret, size_t *ret_n, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_DUE, err);

	if (!stmt)
		return SS_ERR_IO;
	ss_sqlite.sqlite3_bind_int64(stmt, 1, now_ms);
	return keys(store, pool, stmt, ret, ret_n, err);
}

int ss_store_pending(struct ss_store *store, struct ss_pool *pool, const char *ns,
                     struct ss_record **ret, size_t *ret_n, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_PENDING, err);

	if (!stmt)
		return SS_ERR_IO;
	ss_store_bind_text(stmt, 1, ns);
	return keys(store, pool, stmt, ret, ret_n, err);
}

int ss_store_next_due(struct ss_store *store, int64_t *ret_ms, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_NEXT_DUE, err);
	int step, rc = 0;

	*ret_ms = 0;
	if (!stmt)
		return SS_ERR_IO;
	step = ss_sqlite.sqlite3_step(stmt);
	if (step == SQLITE_ROW)
		*ret_ms = ss_sqlite.sqlite3_column_int64(stmt, 0);
	else if (step != SQLITE_DONE)
		rc = ss_store_fail(store, err);
	ss_sqlite.sqlite3_reset(stmt);
	return rc;
}

/* Fill in row->after; the text lives in `next` until its reset. */
static int read_after(struct ss_store *store, struct ss_log_row *row, sqlite3_stmt *next,
                      struct ss_err *err)
{
	int step;

	ss_sqlite.sqlite3_bind_int(next, 1, (int)row->kind->id);
	ss_store_bind_text(next, 2, row->ns);
	ss_store_bind_text(next, 3, row->name);
	ss_sqlite.sqlite3_bind_int64(next, 4, row->rv);
	step = ss_sqlite.sqlite3_step(next);
	if (step != SQLITE_ROW)
		return step == SQLITE_DONE ? ss_err_set(err, SS_ERR_IO,
		                                        "embedded cluster %s: version "
		                                        "%lld of %s %s/%s is lost",
		                                        store->path, (long long)row->rv,
		                                        row->kind->plural, row->ns, row->name)
		                           : ss_store_fail(store, err);
	row->after = ss_sqlite.sqlite3_column_blob(next, 0);
	row->after_len = (size_t)ss_sqlite.sqlite3_column_bytes(next, 0);
	return 0;
}

static int visit(struct ss_store *store, sqlite3_stmt *stmt, sqlite3_stmt *next, ss_log_fn fn,
                 void *ud, struct ss_err *err)
{
	struct ss_log_row row = {
	        .rv = ss_sqlite.sqlite3_column_int64(stmt, 0),
	        .kind = ss_kind((enum ss_kind_id)ss_sqlite.sqlite3_column_int(stmt, 1)),
	        .ns = (const char *)ss_sqlite.sqlite3_column_text(stmt, 2),
	        .name = (const char *)ss_sqlite.sqlite3_column_text(stmt, 3),
	        .type = (enum ss_change_type)ss_sqlite.sqlite3_column_int(stmt, 4),
	        .before = ss_sqlite.sqlite3_column_blob(stmt, 5),
	        .before_len = (size_t)ss_sqlite.sqlite3_column_bytes(stmt, 5),
	};
	int rc = 0;

	if (!row.kind)
		return 0;
	if (row.type != SS_CHANGE_DELETED)
		rc = read_after(store, &row, next, err);
	if (rc == 0)
		rc = fn(ud, &row);
	ss_sqlite.sqlite3_reset(next);
	return rc;
}

int ss_store_log(struct ss_store *store, const struct ss_kind *kind, int64_t after, ss_log_fn fn,
                 void *ud, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_LOG, err);
	sqlite3_stmt *next = stmt ? ss_store_stmt(store, ST_LOG_NEXT, err) : NULL;
	int step, rc = 0;

	if (!next)
		return SS_ERR_IO;
	ss_sqlite.sqlite3_bind_int64(stmt, 1, after);
	bind_kinds(stmt, 2, kind);
	while (rc == 0 && (step = ss_sqlite.sqlite3_step(stmt)) != SQLITE_DONE)
		rc = step == SQLITE_ROW ? visit(store, stmt, next, fn, ud, err)
		                        : ss_store_fail(store, err);
	ss_sqlite.sqlite3_reset(stmt);
	ss_sqlite.sqlite3_clear_bindings(next);
	return rc;
}
