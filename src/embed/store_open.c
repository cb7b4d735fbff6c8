/* Opening the database, its tables and its statements. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/err.h"
#include "embed/store_priv.h"
#include "io/file.h"

enum { SCHEMA_VERSION = 1, APPLICATION_ID = 0x73736462 /* "ssdb" */ };

#define COLUMNS "kind, ns, name, uid, rv, body, due, pending"

static const char schema[] =
        "CREATE TABLE objects(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, ns TEXT NOT NULL,"
        " name TEXT NOT NULL, uid TEXT NOT NULL, rv INTEGER NOT NULL, due INTEGER,"
        " pending INTEGER NOT NULL, body BLOB NOT NULL);"
        "CREATE UNIQUE INDEX objects_key ON objects(kind, ns, name);"
        "CREATE INDEX objects_uid ON objects(uid);"
        "CREATE INDEX objects_due ON objects(due) WHERE due IS NOT NULL;"
        "CREATE INDEX objects_pending ON objects(ns) WHERE pending;"
        "CREATE TABLE log(rv INTEGER PRIMARY KEY, kind INTEGER NOT NULL, ns TEXT NOT NULL,"
        " name TEXT NOT NULL, type INTEGER NOT NULL, before BLOB);"
        "CREATE INDEX log_key ON log(kind, ns, name, rv);"
        "CREATE TABLE owners(uid TEXT NOT NULL, kind INTEGER NOT NULL, ns TEXT NOT NULL,"
        " name TEXT NOT NULL, PRIMARY KEY(uid, kind, ns, name)) WITHOUT ROWID;"
        "CREATE INDEX owners_key ON owners(kind, ns, name);";

static const char *const texts[ST_COUNT] = {
        [ST_BEGIN] = "BEGIN",
        [ST_BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [ST_COMMIT] = "COMMIT",
        [ST_ROLLBACK] = "ROLLBACK",
        [ST_DATA_VERSION] = "PRAGMA data_version",
        [ST_VERSIONS] = "SELECT (SELECT rv FROM log ORDER BY rv DESC LIMIT 1),"
                        " (SELECT rv FROM log ORDER BY rv LIMIT 1)",
        [ST_GET] = "SELECT " COLUMNS " FROM objects WHERE kind = ? AND ns = ? AND name = ?",
        [ST_GET_UID] = "SELECT " COLUMNS " FROM objects WHERE uid = ?",
        [ST_INSERT] = "INSERT INTO objects(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        [ST_UPDATE] = "UPDATE objects SET rv = ?5, body = ?6, due = ?7, pending = ?8"
                      " WHERE kind = ?1 AND ns = ?2 AND name = ?3",
        [ST_DELETE] = "DELETE FROM objects WHERE kind = ? AND ns = ? AND name = ?",
        [ST_LOG_CREATE] = "INSERT INTO log(kind, ns, name, rv, type) VALUES(?, ?, ?, ?, ?)",
        [ST_LOG_CHANGE] = "INSERT INTO log(kind, ns, name, rv, type, before)"
                          " SELECT kind, ns, name, ?4, ?5, body FROM objects"
                          " WHERE kind = ?1 AND ns = ?2 AND name = ?3",
        [ST_OWNERS_CLEAR] = "DELETE FROM owners WHERE kind = ? AND ns = ? AND name = ?",
        [ST_OWNERS_ADD] = "INSERT OR IGNORE INTO owners(kind, ns, name, uid) VALUES(?, ?, ?, ?)",
        [ST_OWNED] = "SELECT kind, ns, name, '', 0, '', NULL, 0 FROM owners WHERE uid = ?",
        [ST_NEXT_DUE] = "SELECT due FROM objects WHERE due IS NOT NULL ORDER BY due LIMIT 1",
        [ST_DUE] = "SELECT kind, ns, name, '', 0, '', NULL, 0 FROM objects"
                   " WHERE due IS NOT NULL AND due <= ? ORDER BY due",
        [ST_PENDING] =
                "SELECT kind, ns, name, '', 0, '', NULL, 0 FROM objects WHERE pending AND ns = ?",
        [ST_SCAN] = "SELECT " COLUMNS " FROM objects WHERE kind = ?1 AND ns BETWEEN ?2 AND ?3"
                    " AND (?4 IS NULL OR name = ?4) AND (ns, name) > (?5, ?6) ORDER BY ns, name",
        /* As of version ?7: what has not changed since, and the first image from before a change. */
        [ST_SCAN_SNAPSHOT] =
                "SELECT " COLUMNS " FROM objects WHERE kind = ?1 AND ns BETWEEN ?2 AND ?3"
                " AND (?4 IS NULL OR name = ?4) AND (ns, name) > (?5, ?6) AND rv <= ?7"
                " UNION ALL SELECT kind, ns, name, '', 0, before, NULL, 0 FROM log AS l"
                " WHERE l.rv > ?7 AND l.kind = ?1 AND l.before IS NOT NULL AND ns BETWEEN ?2 AND ?3"
                " AND (?4 IS NULL OR name = ?4) AND (ns, name) > (?5, ?6)"
                " AND NOT EXISTS (SELECT 1 FROM log AS e WHERE e.kind = l.kind AND e.ns = l.ns"
                " AND e.name = l.name AND e.rv > ?7 AND e.rv < l.rv) ORDER BY 2, 3",
        [ST_LOG] = "SELECT rv, kind, ns, name, type, before FROM log WHERE rv > ?"
                   " AND kind BETWEEN ? AND ? ORDER BY rv",
        /* The state after a change: the image before the next one, else the object. */
        [ST_LOG_NEXT] =
                "SELECT before FROM (SELECT before, 1 AS place FROM (SELECT before FROM log"
                " WHERE kind = ?1 AND ns = ?2 AND name = ?3 AND rv > ?4 ORDER BY rv LIMIT 1)"
                " UNION ALL SELECT body, 2 FROM objects WHERE kind = ?1 AND ns = ?2"
                " AND name = ?3) ORDER BY place LIMIT 1",
        [ST_COMPACT] = "DELETE FROM log WHERE rv <= ?",
};

int ss_store_fail(struct ss_store *store, struct ss_err *err)
{
	int code = ss_sqlite.sqlite3_errcode(store->db);

	if (code == SQLITE_NOMEM)
		return ss_err_nomem(err);
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
		ss_err_set(err, SS_ERR_UNAVAILABLE,
		           "embedded cluster %s: another process is writing", store->path);
		if (err)
			err->retryable = true;
		return SS_ERR_UNAVAILABLE;
	}
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return ss_err_set(
		        err, SS_ERR_CONFIG,
		        "embedded cluster %s: not a database of ours or damaged (%s): move it "
		        "away, or name another file with --cluster embedded:FILE",
		        store->path, ss_sqlite.sqlite3_errmsg(store->db));
	return ss_err_set(err, SS_ERR_IO, "embedded cluster %s: %s", store->path,
	                  ss_sqlite.sqlite3_errmsg(store->db));
}

sqlite3_stmt *ss_store_stmt(struct ss_store *store, enum stmt_id id, struct ss_err *err)
{
	sqlite3_stmt **stmt = &store->stmts[id];

	if (*stmt) {
		ss_sqlite.sqlite3_reset(*stmt);
		return *stmt;
	}
	if (ss_sqlite.sqlite3_prepare_v3(store->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT, stmt,
	                                 NULL) == SQLITE_OK)
		return *stmt;
	ss_store_fail(store, err);
	return NULL;
}

static int exec(struct ss_store *store, const char *sql, struct ss_err *err)
{
	return ss_sqlite.sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
	               ? 0
	               : ss_store_fail(store, err);
}

static int64_t pragma(struct ss_store *store, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = -1;

	if (ss_sqlite.sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    ss_sqlite.sqlite3_step(stmt) == SQLITE_ROW)
		value = ss_sqlite.sqlite3_column_int64(stmt, 0);
	ss_sqlite.sqlite3_finalize(stmt);
	return value;
}

/* Create the tables, or refuse a file of another program or of a newer one. */
static int prepare_schema(struct ss_store *store, struct ss_err *err)
{
	char header[80];
	int64_t version, app;
	int rc;

	/* A file that is ready needs no lock: another process may hold it for a while. */
	if (pragma(store, "PRAGMA user_version") == SCHEMA_VERSION &&
	    pragma(store, "PRAGMA application_id") == APPLICATION_ID)
		return 0;
	rc = exec(store, "BEGIN IMMEDIATE", err);
	if (rc < 0)
		return rc;
	version = pragma(store, "PRAGMA user_version");
	app = pragma(store, "PRAGMA application_id");
	if (version == 0 && app == 0 && pragma(store, "SELECT count(*) FROM sqlite_master") == 0) {
		snprintf(header, sizeof(header),
		         "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
		         SCHEMA_VERSION);
		rc = exec(store, schema, err);
		if (rc == 0)
			rc = exec(store, header, err);
	} else if (app != APPLICATION_ID) {
		rc = ss_err_set(
		        err, SS_ERR_CONFIG,
		        "embedded cluster %s: a database of another program; name another file "
		        "with --cluster embedded:FILE",
		        store->path);
	} else if (version != SCHEMA_VERSION) {
		rc = ss_err_set(
		        err, SS_ERR_CONFIG,
		        "embedded cluster %s: written by another release (format %lld, this one "
		        "reads %d); move it away or use that release",
		        store->path, (long long)version, SCHEMA_VERSION);
	}
	if (rc == 0)
		return exec(store, "COMMIT", err);
	ss_sqlite.sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* The file is made before SQLite does, so that it is never readable to others. */
static int make_file(const char *path, struct ss_err *err)
{
	char *dir SS_AUTOFREE = ss_file_dirname(path);
	int fd, rc;

	if (!dir)
		return ss_err_nomem(err);
	rc = ss_file_make_dirs(dir, 0700, err);
	if (rc < 0 && rc != SS_ERR_NOMEM && err) {
		ss_err_wrap(err, rc, "embedded cluster %s", path);
		err->code = rc = SS_ERR_CONFIG;
	}
	if (rc < 0)
		return rc;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return ss_err_set(err, SS_ERR_CONFIG,
		                  "embedded cluster %s: %s; name another file with --cluster "
		                  "embedded:FILE",
		                  path, strerror(errno));
	close(fd);
	return 0;
}

int ss_store_open(const char *path, struct ss_store **ret, struct ss_err *err)
{
	struct ss_store *store;
	int rc = ss_sqlite_load(err);

	if (rc)
		return rc;
	store = calloc(1, sizeof(*store));
	if (!store || !(store->path = strdup(path))) {
		free(store);
		return ss_err_nomem(err);
	}
	if (strcmp(path, ":memory:") != 0)
		rc = make_file(path, err);
	if (rc == 0 &&
	    ss_sqlite.sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                              NULL) != SQLITE_OK)
		rc = store->db ? ss_store_fail(store, err) : ss_err_nomem(err);
	/* What is busy is tried again by a timer: nothing waits in here. */
	if (rc == 0)
		rc = exec(store,
		          "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
		          "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY",
		          err);
	if (rc == 0)
		rc = prepare_schema(store, err);
	if (rc < 0) {
		ss_store_close(store);
		return rc;
	}
	*ret = store;
	return 0;
}

void ss_store_close(struct ss_store *store)
{
	if (!store)
		return;
	for (int i = 0; i < ST_COUNT; i++)
		ss_sqlite.sqlite3_finalize(store->stmts[i]);
	ss_sqlite.sqlite3_close(store->db);
	free(store->path);
	free(store);
}
