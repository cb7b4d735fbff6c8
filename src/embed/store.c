#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "embed/pool.h"
#include "embed/store_priv.h"

void ss_store_bind_text(sqlite3_stmt *stmt, int i, const char *s)
{
	ss_sqlite.sqlite3_bind_text(stmt, i, s, -1, SQLITE_STATIC);
}

int ss_store_run(struct ss_store *store, sqlite3_stmt *stmt, struct ss_err *err)
{
	int step = ss_sqlite.sqlite3_step(stmt), rc = 0;

	if (step != SQLITE_DONE && step != SQLITE_ROW)
		rc = ss_store_fail(store, err);
	ss_sqlite.sqlite3_reset(stmt);
	ss_sqlite.sqlite3_clear_bindings(stmt);
	return rc;
}

static int run(struct ss_store *store, enum stmt_id id, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, id, err);

	return stmt ? ss_store_run(store, stmt, err) : SS_ERR_IO;
}

int ss_store_begin(struct ss_store *store, bool write, struct ss_err *err)
{
	store->newest = -1;
	return run(store, write ? ST_BEGIN_WRITE : ST_BEGIN, err);
}

int ss_store_commit(struct ss_store *store, struct ss_err *err)
{
	int rc = run(store, ST_COMMIT, err);

	if (rc < 0)
		ss_store_rollback(store);
	return rc;
}

void ss_store_rollback(struct ss_store *store)
{
	if (!ss_sqlite.sqlite3_get_autocommit(store->db))
		run(store, ST_ROLLBACK, NULL);
}

int64_t ss_store_data_version(struct ss_store *store)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_DATA_VERSION, NULL);
	int64_t version = 0;

	if (stmt && ss_sqlite.sqlite3_step(stmt) == SQLITE_ROW)
		version = ss_sqlite.sqlite3_column_int64(stmt, 0);
	if (stmt)
		ss_sqlite.sqlite3_reset(stmt);
	return version;
}

int ss_store_versions(struct ss_store *store, int64_t *ret_newest, int64_t *ret_oldest,
                      struct ss_err *err)
{
	sqlite3_stmt *stmt;
	int64_t first;

	if (store->newest >= 0 && !ret_oldest) {
		*ret_newest = store->newest;
		return 0;
	}
	stmt = ss_store_stmt(store, ST_VERSIONS, err);
	if (!stmt)
		return SS_ERR_IO;
	if (ss_sqlite.sqlite3_step(stmt) != SQLITE_ROW)
		return ss_store_fail(store, err);
	store->newest = ss_sqlite.sqlite3_column_int64(stmt, 0);
	first = ss_sqlite.sqlite3_column_int64(stmt, 1);
	ss_sqlite.sqlite3_reset(stmt);
	*ret_newest = store->newest;
	if (ret_oldest)
		*ret_oldest = first > 0 ? first - 1 : 0;
	return 0;
}

struct ss_record ss_store_row(sqlite3_stmt *stmt)
{
	return (struct ss_record){
	        .kind = ss_kind((enum ss_kind_id)ss_sqlite.sqlite3_column_int(stmt, 0)),
	        .ns = (const char *)ss_sqlite.sqlite3_column_text(stmt, 1),
	        .name = (const char *)ss_sqlite.sqlite3_column_text(stmt, 2),
	        .uid = (const char *)ss_sqlite.sqlite3_column_text(stmt, 3),
	        .rv = ss_sqlite.sqlite3_column_int64(stmt, 4),
	        .body = ss_sqlite.sqlite3_column_blob(stmt, 5),
	        .len = (size_t)ss_sqlite.sqlite3_column_bytes(stmt, 5),
	        .due_ms = ss_sqlite.sqlite3_column_int64(stmt, 6),
	        .pending = ss_sqlite.sqlite3_column_int(stmt, 7) != 0,
	};
}

static int keep(struct ss_pool *pool, const struct ss_record *row, struct ss_record *ret)
{
	*ret = *row;
	ret->ns = ss_pool_strdup(pool, row->ns);
	ret->name = ss_pool_strdup(pool, row->name);
	ret->uid = ss_pool_strdup(pool, row->uid);
	ret->body = ss_pool_strndup(pool, row->body ? row->body : "", row->len);
	return pool->failed || !row->kind ? SS_ERR_NOMEM : 0;
}

static int fetch(struct ss_store *store, struct ss_pool *pool, sqlite3_stmt *stmt,
                 struct ss_record *ret, struct ss_err *err)
{
	int step = ss_sqlite.sqlite3_step(stmt), rc;
	struct ss_record row;

	if (step == SQLITE_ROW) {
		row = ss_store_row(stmt);
		rc = keep(pool, &row, ret);
		if (rc < 0)
			ss_err_nomem(err);
	} else {
		rc = step == SQLITE_DONE ? SS_ERR_NOT_FOUND : ss_store_fail(store, err);
	}
	ss_sqlite.sqlite3_reset(stmt);
	ss_sqlite.sqlite3_clear_bindings(stmt);
	return rc;
}

static void bind_key(sqlite3_stmt *stmt, const struct ss_kind *kind, const char *ns,
                     const char *name)
{
	ss_sqlite.sqlite3_bind_int(stmt, 1, (int)kind->id);
	ss_store_bind_text(stmt, 2, ns);
	ss_store_bind_text(stmt, 3, name);
}

int ss_store_get(struct ss_store *store, struct ss_pool *pool, const struct ss_kind *kind,
                 const char *ns, const char *name, struct ss_record *ret, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_GET, err);

	if (!stmt)
		return SS_ERR_IO;
	bind_key(stmt, kind, ns, name);
	return fetch(store, pool, stmt, ret, err);
}

int ss_store_get_uid(struct ss_store *store, struct ss_pool *pool, const char *uid,
                     struct ss_record *ret, struct ss_err *err)
{
	sqlite3_stmt *stmt = ss_store_stmt(store, ST_GET_UID, err);

	if (!stmt)
		return SS_ERR_IO;
	ss_store_bind_text(stmt, 1, uid);
	return fetch(store, pool, stmt, ret, err);
}

/* --- writing ------------------------------------------------------------- */

static int log_change(struct ss_store *store, const struct ss_record *record, int64_t rv,
                      enum ss_change_type type, struct ss_err *err)
{
	sqlite3_stmt *stmt =
	        ss_store_stmt(store, type == SS_CHANGE_ADDED ? ST_LOG_CREATE : ST_LOG_CHANGE, err);
	int rc;

	if (!stmt)
		return SS_ERR_IO;
	bind_key(stmt, record->kind, record->ns, record->name);
	ss_sqlite.sqlite3_bind_int64(stmt, 4, rv);
	ss_sqlite.sqlite3_bind_int(stmt, 5, (int)type);
	rc = ss_store_run(store, stmt, err);
	store->newest = rv;
	/* Compaction now and then, inside the writing transaction. */
	if (rc < 0 || rv % 1024 != 0 || rv <= SS_STORE_HISTORY)
		return rc;
	stmt = ss_store_stmt(store, ST_COMPACT, err);
	if (!stmt)
		return SS_ERR_IO;
	ss_sqlite.sqlite3_bind_int64(stmt, 1, rv - SS_STORE_HISTORY);
	return ss_store_run(store, stmt, err);
}

static int set_owners(struct ss_store *store, const struct ss_record *record, bool create,
                      struct ss_err *err)
{
	sqlite3_stmt *stmt;
	int rc = 0;

	if (!create) {
		stmt = ss_store_stmt(store, ST_OWNERS_CLEAR, err);
		if (!stmt)
			return SS_ERR_IO;
		bind_key(stmt, record->kind, record->ns, record->name);
		rc = ss_store_run(store, stmt, err);
	}
	for (const char *const *uid = record->owners; rc == 0 && uid && *uid; uid++) {
		stmt = ss_store_stmt(store, ST_OWNERS_ADD, err);
		if (!stmt)
			return SS_ERR_IO;
		bind_key(stmt, record->kind, record->ns, record->name);
		ss_store_bind_text(stmt, 4, *uid);
		rc = ss_store_run(store, stmt, err);
	}
	return rc;
}

int ss_store_put(struct ss_store *store, const struct ss_record *record, bool create,
                 struct ss_err *err)
{
	sqlite3_stmt *stmt;
	int rc = log_change(store, record, record->rv,
	                    create ? SS_CHANGE_ADDED : SS_CHANGE_MODIFIED, err);

	if (rc < 0)
		return rc;
	stmt = ss_store_stmt(store, create ? ST_INSERT : ST_UPDATE, err);
	if (!stmt)
		return SS_ERR_IO;
	bind_key(stmt, record->kind, record->ns, record->name);
	if (create)
		ss_store_bind_text(stmt, 4, record->uid);
	ss_sqlite.sqlite3_bind_int64(stmt, 5, record->rv);
	ss_sqlite.sqlite3_bind_blob64(stmt, 6, record->body, record->len, SQLITE_STATIC);
	if (record->due_ms)
		ss_sqlite.sqlite3_bind_int64(stmt, 7, record->due_ms);
	ss_sqlite.sqlite3_bind_int(stmt, 8, record->pending);
	rc = ss_store_run(store, stmt, err);
	return rc < 0 || !record->owners ? rc : set_owners(store, record, create, err);
}

int ss_store_remove(struct ss_store *store, const struct ss_record *record, int64_t rv,
                    struct ss_err *err)
{
	static const char *const nobody[] = {NULL};
	struct ss_record orphan = *record;
	sqlite3_stmt *stmt;
	int rc = log_change(store, record, rv, SS_CHANGE_DELETED, err);

	if (rc < 0)
		return rc;
	stmt = ss_store_stmt(store, ST_DELETE, err);
	if (!stmt)
		return SS_ERR_IO;
	bind_key(stmt, record->kind, record->ns, record->name);
	rc = ss_store_run(store, stmt, err);
	orphan.owners = nobody;
	return rc < 0 ? rc : set_owners(store, &orphan, false, err);
}
