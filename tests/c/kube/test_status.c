/* What HTTP answers become (kubernetes.md K29, K30; reliability.md K22, K36). */
#include "fake.h"

struct row {
	int status;
	const char *reason;
	int code;
	bool retryable;
};

static const struct row rows[] = {
        {400, "BadRequest", SS_ERR_INVAL, false},
        {401, "Unauthorized", SS_ERR_UNAUTHORIZED, false},
        {403, "Forbidden", SS_ERR_FORBIDDEN, false},
        {404, "NotFound", SS_ERR_NOT_FOUND, false},
        {405, "MethodNotAllowed", SS_ERR_UNSUPPORTED, false},
        {409, "AlreadyExists", SS_ERR_ALREADY_EXISTS, false},
        {409, "Conflict", SS_ERR_CONFLICT, false},
        {410, "Expired", SS_ERR_GONE, false},
        {410, "Gone", SS_ERR_GONE, false},
        {413, "RequestEntityTooLarge", SS_ERR_LIMIT, false},
        {415, "UnsupportedMediaType", SS_ERR_UNSUPPORTED, false},
        {422, "Invalid", SS_ERR_INVAL, false},
        {429, "TooManyRequests", SS_ERR_RATE_LIMITED, true},
        {500, "InternalError", SS_ERR_UNAVAILABLE, false},
        {500, "ServerTimeout", SS_ERR_UNAVAILABLE, true},
        {503, "ServiceUnavailable", SS_ERR_UNAVAILABLE, true},
        {504, "Timeout", SS_ERR_UNAVAILABLE, true},
        /* An unknown reason: the number decides. */
        {409, "SomethingNew", SS_ERR_CONFLICT, false},
        {418, "", SS_ERR_INVAL, false},
        {599, "", SS_ERR_UNAVAILABLE, true},
};

static struct ss_http_op *get_pod(struct fake *f)
{
	struct ss_ref ref = {.kind = "Pod", .name = "p"};
	struct ss_op *op;

	assert_int_equal(ss_kube_get(f->client, &ref, NULL, fake_done, f, &op, &f->err), 0);
	return fake_take(f, "GET", "/api/v1/namespaces/demo/pods/p");
}

static void by_reason(void **state)
{
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		fake_status(get_pod(&f), rows[i].status, rows[i].reason, "the words");
		assert_int_equal(f.err.code, rows[i].code);
		assert_int_equal(f.err.status, rows[i].status);
		assert_int_equal(f.err.retryable, rows[i].retryable);
		fake_has(f.err.message, "the words");
		assert_string_equal(f.err.op, "get");
		assert_string_equal(f.err.object, "Pod demo/p");
	}
	fake_close(&f);
}

static void without_status(void **state)
{
	static const struct row plain[] = {
	        {301, "", SS_ERR_UNAVAILABLE, false},  {400, "", SS_ERR_UNAVAILABLE, false},
	        {401, "", SS_ERR_UNAUTHORIZED, false}, {404, "", SS_ERR_UNAVAILABLE, false},
	        {429, "", SS_ERR_RATE_LIMITED, true},  {502, "", SS_ERR_UNAVAILABLE, true},
	};
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(plain); i++) {
		fake_reply_type(get_pod(&f), plain[i].status, "text/html",
		                "<html>\x1b[31m\nBad gateway</html>");
		assert_int_equal(f.err.code, plain[i].code);
		assert_int_equal(f.err.retryable, plain[i].retryable);
		assert_null(strchr(f.err.message, '\x1b'));
		assert_null(strchr(f.err.message, '\n'));
		fake_has(f.err.message, "Bad gateway");
	}
	fake_reply_type(get_pod(&f), 404, "text/plain", "nothing here");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	fake_reply_type(get_pod(&f), 400, "text/plain",
	                "Client sent an HTTP request to an HTTPS server.\n");
	assert_int_equal(f.err.code, SS_ERR_TLS);
	fake_has(f.err.message, "write https:// in the kubeconfig");
	fake_close(&f);
}

/* A page of a captive portal, JSON that is none, a Status that says Failure with 200. */
static void senseless_success(void **state)
{
	static const char *const senseless[] = {
	        "",
	        "null",
	        "[]",
	        "\"text\"",
	        "{}",
	        "{\"error\":\"log in first\"}",
	        "{\"kind\":\"Pod\",\"metadata\":[]}",
	        "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"p\"}}",
	        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"another\"}}",
	        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"namespace\":\"another\"}}",
	};
	struct fake f;

	fake_open(&f);
	fake_reply_type(get_pod(&f), 200, "text/html", "<html>log in</html>");
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_has(f.err.message, "log in");
	fake_has(f.err.message, "https://fake:6443");
	fake_reply(get_pod(&f), 200, "{\"kind\":");
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_has(f.err.message, "https://fake:6443");
	fake_reply(get_pod(&f), 200,
	           "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":409,"
	           "\"reason\":\"Conflict\",\"message\":\"no\"}");
	assert_int_equal(f.err.code, SS_ERR_CONFLICT);
	for (size_t i = 0; i < SS_ARRAY_LEN(senseless); i++) {
		fake_reply(get_pod(&f), 200, senseless[i]);
		if (f.err.code != SS_ERR_UNAVAILABLE)
			fail_msg("%s: %s", senseless[i], f.err.message);
		fake_has(f.err.message, "https://fake:6443");
		fake_has(f.err.message, "/api/v1/namespaces/");
	}
	fake_close(&f);
}

static void long_foreign_body(void **state)
{
	char *body = malloc(100001);
	struct fake f;

	memset(body, 'x', 100000);
	body[100000] = 0;
	fake_open(&f);
	fake_reply_type(get_pod(&f), 500, "text/plain", body);
	assert_true(strlen(f.err.message) < 400);
	fake_close(&f);
	free(body);
}

static void causes(void **state)
{
	struct fake f;

	fake_open(&f);
	fake_reply(
	        get_pod(&f), 422,
	        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":422,"
	        "\"reason\":\"Invalid\",\"message\":\"Pod p is invalid\",\"details\":{\"causes\":["
	        "{\"reason\":\"FieldValueRequired\",\"message\":\"Required "
	        "value\",\"field\":\"spec.containers\"},"
	        "{\"reason\":\"FieldValueInvalid\",\"message\":\"bad\",\"field\":\"metadata.name\"}"
	        "]}}");
	assert_int_equal(f.err.code, SS_ERR_INVAL);
	assert_int_equal(ss_doc_count(f.err.details, ss_doc_root(f.err.details)), 2);
	assert_string_equal(
	        ss_doc_find_string(f.err.details,
	                           ss_doc_at(f.err.details, ss_doc_root(f.err.details), 1), "field",
	                           NULL),
	        "metadata.name");
	fake_close(&f);
}

static void retry_after(void **state)
{
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	r = get_pod(&f);
	fake_head_type(r, 429, "text/plain", 7000);
	fake_end(r, 0);
	assert_int_equal(f.err.retry_after_ms, 7000);
	r = get_pod(&f);
	fake_head_type(r, 503, "text/plain", 1000000000);
	fake_end(r, 0);
	assert_int_equal(f.err.retry_after_ms, 60000);
	fake_reply(
	        get_pod(&f), 504,
	        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":504,"
	        "\"reason\":\"Timeout\",\"message\":\"m\",\"details\":{\"retryAfterSeconds\":3}}");
	assert_int_equal(f.err.retry_after_ms, 3000);
	fake_close(&f);
}

static void credentials_name_the_context(void **state)
{
	struct fake f;

	fake_open(&f);
	fake_status(get_pod(&f), 401, "Unauthorized", "Unauthorized");
	fake_has(f.err.message, "context test at https://fake:6443");
	fake_has(f.err.message, "token or certificate");
	fake_status(get_pod(&f), 403, "Forbidden", "pods is forbidden: User u cannot get resource");
	fake_has(f.err.message, "(context test, HTTP 403); check the roles bound to this user");
	fake_status(get_pod(&f), 403, "Forbidden", "pods is forbidden: exceeded quota");
	fake_has(f.err.message, "exceeded quota (context test, HTTP 403)");
	fake_close(&f);
}

/* The server takes the blame for what the object's author wrote. */
static void schema_errors_are_the_objects(void **state)
{
	struct fake f;

	fake_open(&f);
	fake_status(get_pod(&f), 500, "InternalError",
	            "failed to create typed patch object (demo/c; /v1, Kind=ConfigMap): .dta: "
	            "field not declared in schema");
	assert_int_equal(f.err.code, SS_ERR_INVAL);
	assert_int_equal(f.err.status, 500);
	assert_false(f.err.retryable);
	fake_close(&f);
}

/* A refused patch of a Secret is answered with the whole Secret (kube-apiserver 1.37). */
static void values_of_secrets_are_withheld(void **state)
{
	static const char echo[] =
	        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":422,"
	        "\"reason\":\"Invalid\",\"message\":\"patch: Invalid value: "
	        "\\\"{\\\\\\\"data\\\\\\\":{\\\\\\\"tok\\\\\\\":\\\\\\\"CANARY\\\\\\\"}}\\\": "
	        "illegal base64\","
	        "\"details\":{\"causes\":[{\"reason\":\"FieldValueInvalid\",\"field\":\"patch\","
	        "\"message\":\"Invalid value: "
	        "\\\"{\\\\\\\"tok\\\\\\\":\\\\\\\"CANARY\\\\\\\"}\\\": bad\"}]}}";
	struct ss_ref ref = {.kind = "secrets", .name = "s"};
	struct ss_op *op;
	struct fake f;
	const struct ss_doc *causes;

	fake_open(&f);
	ss_kube_get(f.client, &ref, NULL, fake_done, &f, &op, &f.err);
	fake_reply(fake_take(&f, "GET", "/api/v1/namespaces/demo/secrets/s"), 422, echo);
	assert_string_equal(
	        f.err.message,
	        "patch: Invalid value: \"***\": illegal base64 (context test, HTTP 422)");
	causes = f.err.details;
	assert_string_equal(ss_doc_find_string(causes, ss_doc_at(causes, ss_doc_root(causes), 0),
	                                       "message", NULL),
	                    "Invalid value: \"***\": bad");
	ss_kube_get(f.client, &ref, NULL, fake_done, &f, &op, &f.err);
	fake_status(fake_take(&f, "GET", "/api/v1/namespaces/demo/secrets/s"), 500, "InternalError",
	            "failed to create typed patch object: .data.tok: expected string, got "
	            "&value.valueUnstructured{Value:12345}");
	assert_string_equal(f.err.message, "failed to create typed patch object: .data.tok: "
	                                   "expected string, got something else "
	                                   "(context test, HTTP 500)");
	/* Others keep what helps to find the fault. */
	fake_status(get_pod(&f), 422, "Invalid", "name: Invalid value: \\\"UP\\\": bad");
	assert_string_equal(f.err.message,
	                    "name: Invalid value: \"UP\": bad (context test, HTTP 422)");
	fake_close(&f);
}

/* The context stands behind what is left, also where all from the value on is withheld. */
static void expect_withheld(const char *message, const char *want)
{
	assert_memory_equal(message, want, strlen(want));
	assert_null(strstr(message, "CANARY"));
	assert_string_equal(message + strlen(want), " (context test, HTTP 422)");
}

/* However the value is written, and wherever the message was cut: none of it is left. */
static void no_value_of_a_secret_is_left(void **state)
{
	static const struct {
		const char *message, *want;
	} texts[] = {
	        {"data[a]: Invalid value: \\\"CANARY\\\": bad, data[b]: Invalid value: "
	         "\\\"CANARY\\\": bad",
	         "data[a]: Invalid value: \"***\": bad, data[b]: Invalid value: \"***\": bad"},
	        {"Invalid value: \\\"a\\\\\\\"CANARY\\\": bad", "Invalid value: \"***\": bad"},
	        {"Invalid value: \\\"CANARY\\\\\\\\\\\": bad", "Invalid value: \"***\": bad"},
	        {"Invalid value: \\\"CANARY and then it was c", "Invalid value: \"***\""},
	        {"Invalid value: \\\"CANARY\\\\", "Invalid value: \"***\""},
	        {"Invalid value: map[string][]uint8{\\\"a\\\":CANARY}: bad",
	         "Invalid value: \"***\""},
	        {"Invalid value: CANARY", "Invalid value: \"***\""},
	        {"type: Unsupported value: \\\"CANARY\\\": supported values: \\\"Opaque\\\"",
	         "type: Unsupported value: \"***\": supported values: \"Opaque\""},
	        {"data[a]: Duplicate value: \\\"CANARY\\\"", "data[a]: Duplicate value: \"***\""},
	        {"x: Not found: \\\"CANARY\\\"", "x: Not found: \"***\""},
	        {".data.tok: expected string, got CANARY",
	         ".data.tok: expected string, got something else"},
	        {"data: Required value", "data: Required value"},
	        {"a: Invalid value: \\\"x (context test, 422) CANARY", "a: Invalid value: \"***\""},
	        {"a: Invalid value: (context test) CANARY", "a: Invalid value: \"***\""},
	};
	struct ss_ref ref = {.kind = "Secret", .name = "s"};
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		ss_kube_get(f.client, &ref, NULL, fake_done, &f, &op, &f.err);
		fake_status(fake_take(&f, "GET", "/api/v1/namespaces/demo/secrets/s"), 422,
		            "Invalid", texts[i].message);
		expect_withheld(f.err.message, texts[i].want);
	}
	fake_close(&f);
}

static void network(void **state)
{
	struct ss_call call = {.timeout_ms = 2500};
	struct ss_ref ref = {.kind = "Pod", .name = "p"};
	struct ss_http_op *r;
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	fake_end(get_pod(&f), SS_ERR_UNAVAILABLE);
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	assert_true(f.err.retryable);
	fake_has(f.err.message, "context test at https://fake:6443: the network failed");
	ss_kube_get(f.client, &ref, &call, fake_done, &f, &op, NULL);
	r = fake_take(&f, "GET", "/api*");
	assert_int_equal(r->timeout_ms, 2500);
	fake_end(r, SS_ERR_TIMEOUT);
	assert_int_equal(f.err.code, SS_ERR_TIMEOUT);
	fake_has(f.err.message, "no answer from https://fake:6443 within 2.5 s");
	fake_end(get_pod(&f), SS_ERR_TLS);
	assert_int_equal(f.err.code, SS_ERR_TLS);
	fake_close(&f);
}

static void warnings_are_said_once(void **state)
{
	static const char *const texts[] = {"v1alpha1 is deprecated", "v1alpha1 is deprecated",
	                                    "ESC \x1b[2J here"};
	struct ss_http_head head = {.status = 200,
	                            .content_type = "application/json",
	                            .content_type_full = "",
	                            .etag = "",
	                            .retry_after_ms = -1,
	                            .warnings = texts,
	                            .n_warnings = 3};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	for (int i = 0; i < 2; i++) {
		r = get_pod(&f);
		r->events.head(r->ud, &head);
		fake_data(r, "{}", 2);
		fake_end(r, 0);
	}
	assert_int_equal(f.n_warnings, 2);
	fake_has(f.warnings, "v1alpha1 is deprecated\n");
	assert_null(strchr(f.warnings, '\x1b'));
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(by_reason),
	        cmocka_unit_test(without_status),
	        cmocka_unit_test(senseless_success),
	        cmocka_unit_test(long_foreign_body),
	        cmocka_unit_test(causes),
	        cmocka_unit_test(retry_after),
	        cmocka_unit_test(credentials_name_the_context),
	        cmocka_unit_test(schema_errors_are_the_objects),
	        cmocka_unit_test(values_of_secrets_are_withheld),
	        cmocka_unit_test(no_value_of_a_secret_is_left),
	        cmocka_unit_test(network),
	        cmocka_unit_test(warnings_are_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
