#include "app/repl/libedit.h"

#include <stddef.h>

#include "base/dynlib.h"

struct ss_libedit ss_libedit;

int ss_libedit_load(struct ss_err *err)
{
#define SYMBOL(name) {#name, &ss_libedit.name},
	static const struct ss_dynlib_symbol symbols[] = {SS_LIBEDIT_FUNCTIONS(SYMBOL){NULL, NULL}};
#undef SYMBOL

	return ss_libedit.el_init_fd ? 0 : ss_dynlib_load("libedit.so.2", "libedit2", symbols, err);
}
