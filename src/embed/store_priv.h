/* Statements and helpers that the files of the store share. */
#pragma once

#include "embed/sqlite.h"
#include "embed/store.h"

enum stmt_id {
	ST_BEGIN,
	ST_BEGIN_WRITE,
	ST_COMMIT,
	ST_ROLLBACK,
	ST_DATA_VERSION,
	ST_VERSIONS,
	ST_GET,
	ST_GET_UID,
	ST_INSERT,
	ST_UPDATE,
	ST_DELETE,
	ST_LOG_CREATE,
	ST_LOG_CHANGE,
	ST_OWNERS_CLEAR,
	ST_OWNERS_ADD,
	ST_OWNED,
	ST_NEXT_DUE,
	ST_DUE,
	ST_PENDING,
	ST_SCAN,
	ST_SCAN_SNAPSHOT,
	ST_LOG,
	ST_LOG_NEXT,
	ST_COMPACT,
	ST_COUNT,
};

struct ss_store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *stmts[ST_COUNT]; /* prepared on first use */
	int64_t newest;                /* inside a transaction; -1 = not read yet */
};

/* Prepared and reset; NULL with err filled in. */
sqlite3_stmt *ss_store_stmt(struct ss_store *store, enum stmt_id id, struct ss_err *err);
/* Fill err from SQLite's last failure. Returns its code. */
int ss_store_fail(struct ss_store *store, struct ss_err *err);
void ss_store_bind_text(sqlite3_stmt *stmt, int i, const char *s); /* NULL binds NULL */
/* Run a statement without rows. */
int ss_store_run(struct ss_store *store, sqlite3_stmt *stmt, struct ss_err *err);
/* Columns kind, ns, name, uid, rv, body, due, pending of the current row. Borrowed. */
struct ss_record ss_store_row(sqlite3_stmt *stmt);
