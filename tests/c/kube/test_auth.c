/* Credentials: what goes into the headers, and when a token file is read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "io/file.h"
#include "kube/auth.h"

static char token_path[] = "/tmp/ss-auth-XXXXXX";
static int64_t now_ms;

static int64_t fake_clock(void)
{
	return now_ms;
}

static int setup(void **state)
{
	int fd = mkstemp(token_path);

	(void)state;
	close(fd);
	ss_clock_set_for_test(fake_clock, NULL);
	return fd < 0;
}

static int teardown(void **state)
{
	(void)state;
	ss_clock_set_for_test(NULL, NULL);
	unlink(token_path);
	return 0;
}

static void put_token(const char *text)
{
	assert_int_equal(ss_file_write(token_path, text, strlen(text), 0600, NULL), 0);
}

static void add_line(void *ud, const char *line)
{
	ss_buf_puts(ud, line);
	ss_buf_putc(ud, '\n');
}

static void assert_headers(struct ss_auth *auth, const char *want)
{
	struct ss_buf lines SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;

	if (ss_auth_headers(auth, add_line, &lines, &err))
		fail_msg("%s", err.message);
	assert_string_equal(lines.data ? lines.data : "", want);
}

static struct ss_auth *auth_of(struct ss_credential *credential)
{
	struct ss_auth *auth = NULL;

	assert_int_equal(ss_auth_new(credential, &auth, NULL), 0);
	return auth;
}

static struct ss_auth *file_auth(void)
{
	struct ss_credential *credential = NULL;
	struct ss_err err SS_AUTO_ERR;

	if (ss_credential_token_file(token_path, &credential, &err))
		fail_msg("%s", err.message);
	return auth_of(credential);
}

static void test_anonymous(void **state)
{
	struct ss_auth *auth = auth_of(NULL);

	(void)state;
	assert_true(ss_auth_is_empty(auth));
	assert_headers(auth, "");
	ss_auth_unauthorized(auth, 1);
	ss_auth_free(auth);
	ss_auth_free(NULL);
	ss_credential_free(NULL);
}

static void test_token_and_basic(void **state)
{
	struct ss_credential *credential;
	struct ss_auth *auth;

	(void)state;
	assert_int_equal(ss_credential_token("abc.def", &credential, NULL), 0);
	auth = auth_of(credential);
	assert_false(ss_auth_is_empty(auth));
	assert_headers(auth, "Authorization: Bearer abc.def\n");
	ss_auth_unauthorized(auth, 1); /* there is no other */
	assert_headers(auth, "Authorization: Bearer abc.def\n");
	ss_auth_free(auth);
	assert_int_equal(ss_credential_basic("Aladdin", "open sesame", &credential, NULL), 0);
	auth = auth_of(credential);
	assert_headers(auth, "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n");
	ss_auth_free(auth);
}

static void test_bad_secrets_are_not_shown(void **state)
{
	static const char *const tokens[] = {"", "sec\nret", "sec\rret", "secret\x7f",
	                                     "sec\x01ret"};
	struct ss_credential *credential;
	struct ss_err err SS_AUTO_ERR;

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(tokens); i++) {
		assert_int_equal(ss_credential_token(tokens[i], &credential, &err), SS_ERR_CONFIG);
		assert_null(strstr(err.message, "sec"));
	}
	assert_int_equal(ss_credential_basic("u", "sec\nret", &credential, &err), SS_ERR_CONFIG);
	assert_null(strstr(err.message, "sec"));
	assert_int_equal(ss_credential_basic("u\r", "p", &credential, &err), SS_ERR_CONFIG);
}

static void test_secrets_are_registered_with_the_log(void **state)
{
	struct ss_credential *credential;
	char out[128];

	(void)state;
	assert_int_equal(ss_credential_token("tokentoken-1", &credential, NULL), 0);
	ss_credential_free(credential);
	assert_int_equal(ss_credential_basic("me", "password-1", &credential, NULL), 0);
	ss_credential_free(credential);
	ss_log_escape("a tokentoken-1 b password-1 c bWU6cGFzc3dvcmQtMQ== d", 52, out, sizeof(out));
	assert_string_equal(out, "a [secret] b [secret] c [secret] d");
}

static void test_impersonation(void **state)
{
	struct ss_auth *auth = auth_of(NULL);
	struct ss_err err SS_AUTO_ERR;

	(void)state;
	assert_int_equal(ss_auth_add_header(auth, "Impersonate-User", "jane doe", NULL), 0);
	assert_int_equal(ss_auth_add_header(auth, "Impersonate-Group", "dev", NULL), 0);
	assert_int_equal(ss_auth_add_header(auth, "Impersonate-Group", "ops", NULL), 0);
	assert_int_equal(ss_auth_add_extra(auth, "acme.com/Project%", "x", NULL), 0);
	assert_headers(auth,
	               "Impersonate-User: jane doe\nImpersonate-Group: dev\n"
	               "Impersonate-Group: ops\nImpersonate-Extra-acme.com%2FProject%25: x\n");
	assert_false(ss_auth_is_empty(auth));
	assert_int_equal(ss_auth_add_header(auth, "X", "a\r\nb", &err), SS_ERR_CONFIG);
	for (int i = 0; i < 300 && !err.details; i++) {
		if (ss_auth_add_header(auth, "X", "y", &err) == SS_ERR_LIMIT)
			break;
		assert_true(i < 299);
	}
	ss_auth_free(auth);
}

static void test_token_file_is_read_again_as_it_ages(void **state)
{
	struct ss_auth *auth;

	(void)state;
	now_ms = 1000000;
	put_token("  one\r\n\n");
	auth = file_auth();
	put_token("two");
	now_ms += 49999;
	assert_headers(auth, "Authorization: Bearer one\n");
	now_ms += 1;
	assert_headers(auth, "Authorization: Bearer two\n");
	ss_auth_free(auth);
}

static void test_old_token_stays_while_the_file_is_unreadable(void **state)
{
	struct ss_auth *auth;

	(void)state;
	now_ms = 2000000;
	put_token("one");
	auth = file_auth();
	now_ms += 60000;
	unlink(token_path);
	assert_headers(auth, "Authorization: Bearer one\n");
	put_token("  \n");
	assert_headers(auth, "Authorization: Bearer one\n");
	put_token("half a\nline");
	assert_headers(auth, "Authorization: Bearer one\n");
	put_token("two"); /* tried at each request until it works */
	assert_headers(auth, "Authorization: Bearer two\n");
	ss_auth_free(auth);
}

static void test_401_drops_the_token_of_its_time(void **state)
{
	struct ss_auth *auth;

	(void)state;
	now_ms = 3000000;
	put_token("one");
	auth = file_auth();
	put_token("two");
	ss_auth_unauthorized(auth, 2999999); /* began before this token was read */
	assert_headers(auth, "Authorization: Bearer one\n");
	ss_auth_unauthorized(auth, 3000000);
	assert_headers(auth, "Authorization: Bearer two\n");
	put_token("three"); /* once per 401 */
	assert_headers(auth, "Authorization: Bearer two\n");
	ss_auth_free(auth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_anonymous),
	        cmocka_unit_test(test_token_and_basic),
	        cmocka_unit_test(test_bad_secrets_are_not_shown),
	        cmocka_unit_test(test_secrets_are_registered_with_the_log),
	        cmocka_unit_test(test_impersonation),
	        cmocka_unit_test(test_token_file_is_read_again_as_it_ages),
	        cmocka_unit_test(test_old_token_stays_while_the_file_is_unreadable),
	        cmocka_unit_test(test_401_drops_the_token_of_its_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
