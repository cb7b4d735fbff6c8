/* Who the server is, who we are, and the way there: certificates, names, credentials,
 * proxies, the server's URL. */
#include "curl_fixture.h"

#include "io/libcurl.h"

static void test_verified_server(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	connect_tls(f, "tls", NULL);
	get(f, "/status/200", &r);
	assert_reply(&r, 200, "status 200");
	reply_reset(&r);
}

static void test_session_keys_are_never_logged(void **state)
{
	char *path SS_AUTOFREE = ss_file_join(server.dir, "keys");
	struct fixture *f = *state;
	struct reply r = {0};

	setenv("SSLKEYLOGFILE", path, 1);
	connect_tls(f, "tls", NULL);
	get(f, "/status/200", &r);
	assert_reply(&r, 200, "status 200");
	assert_false(ss_file_exists(path));
	assert_string_equal(getenv("SSLKEYLOGFILE"), path);
	unsetenv("SSLKEYLOGFILE");
	reply_reset(&r);
}

static void test_unverified_servers(void **state)
{
	static const struct {
		const char *port, *says;
	} rows[] = {
	        {"stranger", "not signed by the configured CA; check certificate-authority"},
	        {"expired", "the server's certificate has expired"},
	        {"other", "the server's certificate is not for this host"},
	        {"plain", "does not speak TLS"},
	        {"old", "the server offers no TLS 1.2 or later"},
	};
	struct ss_curl_target system_ca = {.user_agent = "test/1"};
	struct fixture *f = *state;
	struct reply r = {0};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		connect_tls(f, rows[i].port, NULL);
		get(f, "/status/200", &r);
		assert_failed(&r, SS_ERR_TLS, rows[i].says);
	}
	connect_to(f, "https", "tls", &system_ca);
	get(f, "/status/200", &r);
	assert_failed(&r, SS_ERR_TLS, "not signed by a CA that this system trusts");
	reply_reset(&r);
}

/* --- what the TLS library is told ----------------------------------------------------- */
static struct {
	__typeof__(&curl_easy_setopt) real;
	bool directory, file; /* the system's are taken away */
} told;

static CURLcode listen_to_options(CURL *e, CURLoption option, ...)
{
	va_list args;
	CURLcode rc;

	va_start(args, option);
	if (option < CURLOPTTYPE_OBJECTPOINT) {
		rc = told.real(e, option, va_arg(args, long));
	} else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
		rc = told.real(e, option, va_arg(args, curl_off_t));
	} else {
		void *value = va_arg(args, void *);

		told.directory |= option == CURLOPT_CAPATH && !value;
		told.file |= option == CURLOPT_CAINFO && !value;
		rc = told.real(e, option, value);
	}
	va_end(args);
	return rc;
}

/* Else whoever has a certificate from any public CA could answer for the API server. */
static void test_the_configured_ca_is_the_only_one(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	assert_int_equal(ss_libcurl_load(NULL), 0);
	told.real = ss_libcurl.curl_easy_setopt;
	ss_libcurl.curl_easy_setopt = listen_to_options;
	connect_tls(f, "tls", NULL);
	get(f, "/status/200", &r);
	ss_libcurl.curl_easy_setopt = told.real;
	assert_reply(&r, 200, "status 200");
	assert_true(told.directory);
	assert_true(told.file);
	reply_reset(&r);
}

static void test_insecure_skips_verification(void **state)
{
	static const char *const ports[] = {"stranger", "expired", "other"};
	struct ss_curl_target insecure = {.insecure = true};
	struct fixture *f = *state;
	struct reply r = {0};

	for (size_t i = 0; i < SS_ARRAY_LEN(ports); i++) {
		connect_tls(f, ports[i], &insecure);
		get(f, "/status/200", &r);
		assert_reply(&r, 200, "status 200");
	}
	reply_reset(&r);
}

static void test_tls_server_name(void **state)
{
	struct ss_curl_target named = {.tls_server_name = "other.test"};
	struct fixture *f = *state;
	struct reply r = {0};
	char want[32];

	connect_tls(f, "other", &named);
	get(f, "/seen/host", &r);
	snprintf(want, sizeof(want), "127.0.0.1:%d", server_port("other"));
	assert_reply(&r, 200, want); /* Host stays the server's */
	connect_tls(f, "tls", &named);
	get(f, "/status/200", &r);
	assert_failed(&r, SS_ERR_TLS, "the server's certificate is not for other.test");
	reply_reset(&r);
}

static void test_unusable_pem(void **state)
{
	struct ss_curl_target target = {.server = "https://127.0.0.1:1"};
	char url[64];
	struct fixture *f = *state;
	struct reply r = {0};

	snprintf(url, sizeof(url), "https://127.0.0.1:%d", server_port("tls"));
	target.server = url;
	target.ca_pem = "no certificate";
	target.ca_pem_len = strlen(target.ca_pem);
	connect_target(f, &target);
	get(f, "/", &r);
	assert_failed(&r, SS_ERR_TLS, "the configured CA is no PEM certificate");
	target.insecure = true;
	target.ca_pem = NULL;
	target.cert_pem = target.key_pem = "nothing";
	target.cert_pem_len = target.key_pem_len = 7;
	connect_target(f, &target);
	get(f, "/", &r);
	assert_failed(&r, SS_ERR_TLS, "check client-certificate and client-key");
	reply_reset(&r);
}

static void use_client(struct fixture *f, const char *name, const char *key_name)
{
	struct ss_curl_target target = {0};
	char file[32];

	ss_buf_reset(&f->cert);
	ss_buf_reset(&f->key);
	snprintf(file, sizeof(file), "%s.crt", name);
	server_pem(file, &f->cert);
	snprintf(file, sizeof(file), "%s.key", key_name);
	server_pem(file, &f->key);
	target.cert_pem = f->cert.data;
	target.cert_pem_len = f->cert.len;
	target.key_pem = f->key.data;
	target.key_pem_len = f->key.len;
	connect_tls(f, "mutual", &target);
}

static void test_client_certificate(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	use_client(f, "alice", "alice");
	get(f, "/peer", &r);
	assert_reply(&r, 200, "alice");
	use_client(f, "mallory", "mallory");
	get(f, "/peer", &r);
	assert_failed(&r, SS_ERR_TLS, "does not accept the client certificate");
	connect_tls(f, "mutual", NULL);
	get(f, "/peer", &r);
	assert_failed(&r, SS_ERR_TLS, "does not accept the client certificate");
	use_client(f, "alice", "mallory");
	get(f, "/peer", &r);
	assert_failed(&r, SS_ERR_TLS, "the client certificate or key cannot be used");
	reply_reset(&r);
}

/* --- credentials ----------------------------------------------------------- */

struct who {
	const char *line;
	int rc;
	int asked, dropped;
	int64_t dropped_for_ms;
};

static int give_headers(void *ud, void (*add)(void *add_ud, const char *line), void *add_ud,
                        struct ss_err *err)
{
	struct who *who = ud;

	who->asked++;
	if (who->rc)
		return ss_err_set(err, who->rc, "no token");
	add(add_ud, who->line);
	add(add_ud, "Impersonate-User: bob");
	return 0;
}

static void unauthorized(void *ud, int64_t started_mono_ms)
{
	struct who *who = ud;

	who->dropped++;
	who->dropped_for_ms = started_mono_ms;
}

static void test_credentials_go_over_https_only(void **state)
{
	struct who who = {.line = "Authorization: Bearer t0ken"};
	struct ss_curl_target target = {.headers = give_headers, .ud = &who};
	struct fixture *f = *state;
	struct ss_err err SS_AUTO_ERR;
	struct ss_transport *t = NULL;
	struct reply r = {0};

	connect_tls(f, "tls", &target);
	get(f, "/seen/authorization", &r);
	assert_reply(&r, 200, "Bearer t0ken");
	get(f, "/seen/impersonate-user", &r);
	assert_reply(&r, 200, "bob");
	assert_int_equal(who.asked, 2);
	connect_to(f, "http", "plain", &target);
	get(f, "/seen/authorization", &r);
	assert_reply(&r, 200, "-");
	assert_int_equal(who.asked, 2);
	target.server = "http://192.0.2.1:8080";
	assert_int_equal(ss_curl_new(f->loop, &target, &t, &err), SS_ERR_CONFIG);
	assert_non_null(strstr(err.message, "http://192.0.2.1:8080 is not https"));
	reply_reset(&r);
}

static void test_bad_credentials_fail_the_request(void **state)
{
	struct who who = {.line = "Authorization: Bearer se\ncret"};
	struct ss_curl_target target = {.headers = give_headers, .ud = &who};
	struct ss_http_request request = {.method = "GET", .path = "/"};
	struct fixture *f = *state;
	struct ss_err err SS_AUTO_ERR;
	struct reply r = {0};

	connect_tls(f, "tls", &target);
	assert_int_equal(ss_http_start(f->t, &request, &reply_events, &r, &r.op, &err),
	                 SS_ERR_CONFIG);
	assert_non_null(strstr(err.message, "\"Authorization\" holds a control character"));
	assert_null(strstr(err.message, "cret"));
	who.rc = SS_ERR_CONFIG;
	assert_int_equal(ss_http_start(f->t, &request, &reply_events, &r, &r.op, &err),
	                 SS_ERR_CONFIG);
	assert_string_equal(err.message, "no token");
}

static void test_401_drops_credentials(void **state)
{
	struct who who = {.line = "Authorization: Bearer t0ken"};
	struct ss_curl_target target = {
	        .headers = give_headers, .unauthorized = unauthorized, .ud = &who};
	int64_t began = ss_clock_mono_ms();
	struct fixture *f = *state;
	struct reply r = {0};

	connect_tls(f, "tls", &target);
	get(f, "/status/403", &r);
	assert_int_equal(who.dropped, 0);
	get(f, "/status/401", &r);
	assert_reply(&r, 401, "status 401");
	assert_int_equal(who.dropped, 1);
	assert_in_range(who.dropped_for_ms, began, ss_clock_mono_ms());
	reply_reset(&r);
}

/* --- proxies --------------------------------------------------------------- */

static void test_proxy(void **state)
{
	char proxy[64], count[64];
	struct ss_curl_target target = {.proxy_url = proxy};
	struct fixture *f = *state;
	struct reply r = {0};

	setenv("NO_PROXY", "127.0.0.1", 1);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", server_port("proxy"));
	snprintf(count, sizeof(count), "/count/connect-127.0.0.1:%d", server_port("tls"));
	connect_tls(f, "tls", &target);
	get(f, count, &r);
	assert_reply(&r, 200, "1");
	snprintf(proxy, sizeof(proxy), "http://u:pass@127.0.0.1:%d", server_port("proxy"));
	connect_tls(f, "tls", &target);
	get(f, count, &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "407");
	assert_null(strstr(r.err.message, "pass"));
	strcpy(proxy, "socks5://127.0.0.1:1");
	connect_tls(f, "tls", &target);
	get(f, count, &r);
	assert_failed(&r, SS_ERR_UNAVAILABLE, "check proxy-url");
	unsetenv("NO_PROXY");
	reply_reset(&r);
}

static void test_environment_proxy_is_not_for_loopback(void **state)
{
	struct fixture *f = *state;
	struct reply r = {0};

	setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	connect_tls(f, "tls", NULL);
	get(f, "/status/200", &r);
	assert_reply(&r, 200, "status 200");
	unsetenv("HTTPS_PROXY");
	reply_reset(&r);
}

/* --- the URL --------------------------------------------------------------- */

static void test_server_urls(void **state)
{
	static const char *const rows[][2] = {
	        {"https://10.0.0.1:6443", "https://10.0.0.1:6443"},
	        {"https://10.0.0.1:6443/", "https://10.0.0.1:6443"},
	        {"https://h.example/k8s/clusters/c-1/?a=b#c", "https://h.example/k8s/clusters/c-1"},
	        {"https://[::1]:6443", "https://[::1]:6443"},
	        {"http://localhost:8001", "http://localhost:8001"},
	};
	static const char *const bad[][2] = {
	        {"", "no URL"},
	        {"ftp://host", "begins with ftp://"},
	        {"file:///etc/passwd", "begins with file://"},
	        {"https://", "no URL"},
	        {"https://me:pw@host", "holds a user name"},
	        {"https://ho st", "no URL"},
	        {"https://host:99999", "no URL"},
	        {"https://host\r\nX: y", "no URL"},
	};
	struct fixture *f = *state;
	struct ss_err err SS_AUTO_ERR;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_curl_target target = {.server = rows[i][0]};

		connect_target(f, &target);
		assert_string_equal(f->t->server, rows[i][1]);
	}
	for (size_t i = 0; i < SS_ARRAY_LEN(bad); i++) {
		struct ss_curl_target target = {.server = bad[i][0]};
		struct ss_transport *t;

		assert_int_equal(ss_curl_new(f->loop, &target, &t, &err), SS_ERR_CONFIG);
		if (!strstr(err.message, bad[i][1]) || strstr(err.message, "pw"))
			fail_msg("%s: %s", bad[i][0], err.message);
	}
}

static void test_bad_targets(void **state)
{
	const struct ss_curl_target rows[] = {
	        {.server = "https://h", .proxy_url = "ftp://p"},
	        {.server = "https://h", .tls_server_name = "a b"},
	        {.server = "https://h", .tls_server_name = ""},
	        {.server = "https://h", .tls_server_name = "a\r\nb"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_err err SS_AUTO_ERR;
		struct ss_transport *t;

		assert_int_equal(ss_curl_new(f->loop, &rows[i], &t, &err), SS_ERR_CONFIG);
		assert_true(err.message[0]);
	}
}

static void test_path_prefix(void **state)
{
	struct ss_curl_target target = {0};
	char url[64];
	struct fixture *f = *state;
	struct reply r = {0};

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/seen/", server_port("plain"));
	target.server = url;
	connect_target(f, &target);
	get(f, "/accept?x", &r);
	assert_reply(&r, 200, "application/json");
	reply_reset(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	        T(test_verified_server),
	        T(test_session_keys_are_never_logged),
	        T(test_unverified_servers),
	        T(test_the_configured_ca_is_the_only_one),
	        T(test_insecure_skips_verification),
	        T(test_tls_server_name),
	        T(test_unusable_pem),
	        T(test_client_certificate),
	        T(test_credentials_go_over_https_only),
	        T(test_bad_credentials_fail_the_request),
	        T(test_401_drops_credentials),
	        T(test_proxy),
	        T(test_environment_proxy_is_not_for_loopback),
	        T(test_server_urls),
	        T(test_bad_targets),
	        T(test_path_prefix),
#undef T
	};

	return cmocka_run_group_tests(tests, server_start, server_stop);
}
