#include "base/dynlib.h"

#include <dlfcn.h>
#include <string.h>

#include "base/err.h"

int ss_dynlib_load(const char *soname, const char *package, const struct ss_dynlib_symbol *symbols,
                   struct ss_err *err)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return ss_err_set(err, SS_ERR_UNAVAILABLE, "%s; install Debian's package %s",
		                  dlerror(), package);
	for (const struct ss_dynlib_symbol *s = symbols; s->name; s++) {
		if (dlsym(library, s->name))
			continue;
		ss_err_set(err, SS_ERR_UNAVAILABLE,
		           "%s has no %s: it is another one than Debian's %s", soname, s->name,
		           package);
		dlclose(library);
		return SS_ERR_UNAVAILABLE;
	}
	for (const struct ss_dynlib_symbol *s = symbols; s->name; s++) {
		void *found = dlsym(library, s->name);

		memcpy(s->at, &found, sizeof(found));
	}
	return 0;
}
