#include "io/libcurl.h"

#include <stddef.h>

#include "base/dynlib.h"

struct ss_libcurl ss_libcurl;

int ss_libcurl_load(struct ss_err *err)
{
#define SYMBOL(name) {#name, &ss_libcurl.name},
	static const struct ss_dynlib_symbol symbols[] = {SS_LIBCURL_FUNCTIONS(SYMBOL){NULL, NULL}};
#undef SYMBOL

	return ss_libcurl.curl_easy_init ? 0
	                                 : ss_dynlib_load("libcurl.so.4", "libcurl4", symbols, err);
}
