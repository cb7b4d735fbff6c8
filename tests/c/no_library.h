/* A library that cannot be loaded, for as long as a test wants: what base/dynlib asks for is found to be
 * missing, or is another library. Included by one file of a program. */
#pragma once

#include <dlfcn.h>
#include <stddef.h>

static const char *instead_of_library; /* NULL: the one that is asked for */
static int libraries_asked_for;

void *dlopen(const char *name, int flags)
{
	static void *(*next)(const char *, int);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "dlopen");
	libraries_asked_for++;
	return next(instead_of_library ? instead_of_library : name, flags);
}

#define NO_LIBRARY    "no-such-library.so.0"
#define OTHER_LIBRARY "libm.so.6"
