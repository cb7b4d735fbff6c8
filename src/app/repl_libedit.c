#include "app/repl_libedit.h"

#include <dlfcn.h>
#include <stdbool.h>

#include "base/err.h"

/* The name that programs linked against libedit 3 ask for. */
#define SONAME "libedit.so.2"

struct ss_libedit ss_libedit;

static bool find(void *library, const char *name, void **ret)
{
	*ret = dlsym(library, name);
	return *ret != NULL;
}

static bool find_all(void *library)
{
#define FIND(name) &&find(library, #name, (void **)&ss_libedit.name)
	return true SS_LIBEDIT_FUNCTIONS(FIND);
#undef FIND
}

int ss_libedit_load(struct ss_err *err)
{
	void *library;

	if (ss_libedit.el_init)
		return 0;
	library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return ss_err_set(err, SS_ERR_UNAVAILABLE,
		                  "lines are read without editing: %s (Debian's package libedit2)",
		                  dlerror());
	if (find_all(library))
		return 0;
	ss_libedit.el_init = NULL;
	return ss_err_set(err, SS_ERR_UNAVAILABLE,
	                  "lines are read without editing: %s is another one than expected: %s",
	                  SONAME, dlerror());
}
