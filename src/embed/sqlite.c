#include "embed/sqlite.h"

#include <stddef.h>

#include "base/dynlib.h"

struct ss_sqlite ss_sqlite;

int ss_sqlite_load(struct ss_err *err)
{
#define SYMBOL(name) {#name, &ss_sqlite.name},
	static const struct ss_dynlib_symbol symbols[] = {SS_SQLITE_FUNCTIONS(SYMBOL){NULL, NULL}};
#undef SYMBOL

	return ss_sqlite.sqlite3_step
	               ? 0
	               : ss_dynlib_load("libsqlite3.so.0", "libsqlite3-0", symbols, err);
}
