/* The early exits of ss_curl_new, each before libcurl is there: nothing calls through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../no_library.h"
#include "base/err.h"
#include "io/curl.h"
#include "io/http.h"
#include "io/loop.h"

static struct ss_loop *loop;

static void expect_refused(const struct ss_curl_target *target, int code, const char *text)
{
	struct ss_transport *transport = NULL;
	struct ss_err err SS_AUTO_ERR;

	ss_err_init(&err);
	assert_int_equal(ss_curl_new(loop, target, &transport, &err), code);
	assert_null(transport);
	assert_non_null(strstr(err.message, text));
}

static const struct ss_curl_target full = {.server = "https://h:6443/prefix",
                                           .tls_server_name = "name",
                                           .proxy_url = "socks5://p:1",
                                           .ca_pem = "ca",
                                           .ca_pem_len = 2,
                                           .cert_pem = "cert",
                                           .cert_pem_len = 4,
                                           .key_pem = "key",
                                           .key_pem_len = 3,
                                           .user_agent = "agent"};

static void a_proxy_that_is_none_needs_no_library(void **state)
{
	static const char *const urls[] = {"h:3128", "ftp://h", "", "socks4://h:1"};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct ss_curl_target target = full;

		target.proxy_url = urls[i];
		libraries_asked_for = 0;
		expect_refused(&target, SS_ERR_CONFIG, "proxy");
		assert_int_equal(libraries_asked_for, 0);
	}
}

static void a_library_that_is_not_there(void **state)
{
	instead_of_library = NO_LIBRARY;
	expect_refused(&full, SS_ERR_UNAVAILABLE, "install Debian's package libcurl4");
	/* Half of a target has less to give back. */
	expect_refused(&(struct ss_curl_target){.server = "https://h"}, SS_ERR_UNAVAILABLE,
	               "install Debian's package libcurl4");
}

static void a_library_that_is_another(void **state)
{
	instead_of_library = OTHER_LIBRARY;
	expect_refused(&full, SS_ERR_UNAVAILABLE, "it is another one than Debian's libcurl4");
}

/* What failed before leaves nothing that a later attempt would find. */
static void a_server_that_is_none_with_the_library(void **state)
{
	struct ss_transport *transport = NULL;
	struct ss_curl_target target = full;

	instead_of_library = NULL;
	target.server = "ftp://h";
	expect_refused(&target, SS_ERR_CONFIG, "");
	assert_int_equal(ss_curl_new(loop, &full, &transport, NULL), 0);
	ss_transport_free(transport);
}

static int open_loop(void **state)
{
	loop = ss_loop_new(NULL);
	return loop ? 0 : -1;
}

static int close_loop(void **state)
{
	ss_loop_free(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_proxy_that_is_none_needs_no_library),
	        cmocka_unit_test(a_library_that_is_not_there),
	        cmocka_unit_test(a_library_that_is_another),
	        cmocka_unit_test(a_server_that_is_none_with_the_library),
	};

	return cmocka_run_group_tests(tests, open_loop, close_loop);
}
