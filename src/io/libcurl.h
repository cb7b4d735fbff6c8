/* libcurl, loaded when a server is first asked: with the two dozen libraries it needs in turn it is
 * most of what a run would cost that asks none. Calls go through ss_libcurl, by libcurl's own
 * names: ss_libcurl.curl_easy_init(…). */
#pragma once

/* Its checks are macros around calls by the plain name. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

struct ss_err;

#define SS_LIBCURL_FUNCTIONS(X)                                                                    \
	X(curl_easy_cleanup)                                                                       \
	X(curl_easy_getinfo)                                                                       \
	X(curl_easy_init)                                                                          \
	X(curl_easy_pause)                                                                         \
	X(curl_easy_setopt)                                                                        \
	X(curl_easy_strerror)                                                                      \
	X(curl_free)                                                                               \
	X(curl_global_cleanup)                                                                     \
	X(curl_global_init)                                                                        \
	X(curl_multi_add_handle)                                                                   \
	X(curl_multi_assign)                                                                       \
	X(curl_multi_cleanup)                                                                      \
	X(curl_multi_info_read)                                                                    \
	X(curl_multi_init)                                                                         \
	X(curl_multi_remove_handle)                                                                \
	X(curl_multi_setopt)                                                                       \
	X(curl_multi_socket_action)                                                                \
	X(curl_slist_append)                                                                       \
	X(curl_slist_free_all)                                                                     \
	X(curl_url)                                                                                \
	X(curl_url_cleanup)                                                                        \
	X(curl_url_get)                                                                            \
	X(curl_url_set)                                                                            \
	X(curl_url_strerror)

struct ss_libcurl {
#define SS_LIBCURL_MEMBER(name) __typeof__(&name) name;
	SS_LIBCURL_FUNCTIONS(SS_LIBCURL_MEMBER)
#undef SS_LIBCURL_MEMBER
};
/* Callable after ss_libcurl_load returned 0. */
extern struct ss_libcurl ss_libcurl;

/* Stays loaded. SS_ERR_UNAVAILABLE: it is not installed; the message says what is missing. */
int ss_libcurl_load(struct ss_err *err);
