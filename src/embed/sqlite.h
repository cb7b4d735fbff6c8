/* SQLite, loaded when an embedded cluster is opened: with a kubeconfig nothing wants it. Calls go
 * through ss_sqlite, by SQLite's own names: ss_sqlite.sqlite3_step(…). */
#pragma once

#include <sqlite3.h>

struct ss_err;

#define SS_SQLITE_FUNCTIONS(X)                                                                     \
	X(sqlite3_bind_blob64)                                                                     \
	X(sqlite3_bind_int)                                                                        \
	X(sqlite3_bind_int64)                                                                      \
	X(sqlite3_bind_text)                                                                       \
	X(sqlite3_busy_timeout)                                                                    \
	X(sqlite3_clear_bindings)                                                                  \
	X(sqlite3_close)                                                                           \
	X(sqlite3_column_blob)                                                                     \
	X(sqlite3_column_bytes)                                                                    \
	X(sqlite3_column_int)                                                                      \
	X(sqlite3_column_int64)                                                                    \
	X(sqlite3_column_text)                                                                     \
	X(sqlite3_errcode)                                                                         \
	X(sqlite3_errmsg)                                                                          \
	X(sqlite3_exec)                                                                            \
	X(sqlite3_finalize)                                                                        \
	X(sqlite3_get_autocommit)                                                                  \
	X(sqlite3_open_v2)                                                                         \
	X(sqlite3_prepare_v2)                                                                      \
	X(sqlite3_prepare_v3)                                                                      \
	X(sqlite3_reset)                                                                           \
	X(sqlite3_step)

struct ss_sqlite {
#define SS_SQLITE_MEMBER(name) __typeof__(&name) name;
	SS_SQLITE_FUNCTIONS(SS_SQLITE_MEMBER)
#undef SS_SQLITE_MEMBER
};
/* Callable after ss_sqlite_load returned 0. */
extern struct ss_sqlite ss_sqlite;

/* Stays loaded. SS_ERR_UNAVAILABLE: it is not installed; the message says what is missing. */
int ss_sqlite_load(struct ss_err *err);
