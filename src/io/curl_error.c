/* libcurl's results as errors: server, cause, and what to do about it. */
#include <errno.h>
#include <string.h>

#include "io/curl_priv.h"

/* OpenSSL's X509_V_ERR_* values as CURLINFO_SSL_VERIFYRESULT reports them. */
enum {
	VERIFY_NO_ISSUER = 2,
	VERIFY_NOT_YET_VALID = 9,
	VERIFY_EXPIRED = 10,
	VERIFY_SELF_SIGNED = 18,
	VERIFY_SELF_SIGNED_CHAIN = 19,
	VERIFY_NO_LOCAL_ISSUER = 20,
	VERIFY_LEAF = 21,
	VERIFY_REVOKED = 23,
};

static const char *detail(const struct ss_http_op *op)
{
	if (op->slot && op->slot->error[0])
		return op->slot->error;
	return ss_libcurl.curl_easy_strerror(op->result);
}

static bool says(const struct ss_http_op *op, const char *text)
{
	return op->slot && strstr(op->slot->error, text) != NULL;
}

static int failed(const struct ss_http_op *op, struct ss_err *err, int code, const char *cause)
{
	return ss_err_set(err, code, "%s: %s", op->t->base.server, cause);
}

static int timed_out(const struct ss_http_op *op, struct ss_err *err)
{
	int64_t ms = op->idle_failure ? op->idle_timeout_ms : op->timeout_ms;
	const char *what = op->idle_failure ? "no data came for" : "no complete answer within";
	bool seconds;

	if (!op->failure) {
		ms = CONNECT_TIMEOUT_MS;
		what = "cannot connect within";
	} else if (!op->slot) {
		what = "all connections were busy for";
	}
	seconds = ms % 1000 == 0;
	return ss_err_set(err, SS_ERR_TIMEOUT, "%s: %s %lld %s", op->t->base.server, what,
	                  (long long)(seconds ? ms / 1000 : ms), seconds ? "s" : "ms");
}

static int over_limit(const struct ss_http_op *op, struct ss_err *err)
{
	if (!op->head.complete)
		return ss_err_set(err, SS_ERR_LIMIT,
		                  "%s: the headers of the answer are over %d bytes",
		                  op->t->base.server, HEAD_MAX_BYTES);
	return ss_err_set(err, SS_ERR_LIMIT, "%s: the answer is over %zu bytes", op->t->base.server,
	                  op->max_bytes);
}

static int no_connection(const struct ss_http_op *op, struct ss_err *err)
{
	long number = 0;

	ss_libcurl.curl_easy_getinfo(op->slot->easy, CURLINFO_OS_ERRNO, &number);
	if (op->t->target.proxy_url)
		return failed(op, err, SS_ERR_UNAVAILABLE,
		              "cannot connect through the proxy; check proxy-url");
	if (number == ECONNREFUSED)
		return failed(op, err, SS_ERR_UNAVAILABLE,
		              "connection refused; is the API server running at this address?");
	if (number)
		return ss_err_set(err, SS_ERR_UNAVAILABLE, "%s: cannot connect: %s",
		                  op->t->base.server, strerror((int)number));
	return failed(op, err, SS_ERR_UNAVAILABLE, detail(op));
}

static int wrong_host(const struct ss_http_op *op, struct ss_err *err)
{
	const char *name = op->t->target.tls_server_name;

	return ss_err_set(
	        err, SS_ERR_TLS,
	        "%s: the server's certificate is not for %s; correct the server's address or "
	        "set tls-server-name to a name in the certificate",
	        op->t->base.server, name ? name : "this host");
}

static int not_verified(const struct ss_http_op *op, struct ss_err *err)
{
	long verify = 0;

	if (says(op, "subject name")) /* of the certificate: no code tells it */
		return wrong_host(op, err);
	ss_libcurl.curl_easy_getinfo(op->slot->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
	switch (verify) {
	case VERIFY_EXPIRED:
		return failed(op, err, SS_ERR_TLS,
		              "the server's certificate has expired; renew it, or correct this "
		              "machine's clock");
	case VERIFY_NOT_YET_VALID:
		return failed(op, err, SS_ERR_TLS,
		              "the server's certificate is not valid yet; check the clocks");
	case VERIFY_NO_ISSUER:
	case VERIFY_SELF_SIGNED:
	case VERIFY_SELF_SIGNED_CHAIN:
	case VERIFY_NO_LOCAL_ISSUER:
	case VERIFY_LEAF:
		return failed(
		        op, err, SS_ERR_TLS,
		        op->t->ca.data
		                ? "the server's certificate is not signed by the configured CA; "
		                  "check certificate-authority in the kubeconfig"
		                : "the server's certificate is not signed by a CA that this "
		                  "system trusts; set certificate-authority in the kubeconfig");
	case VERIFY_REVOKED:
		return failed(op, err, SS_ERR_TLS, "the server's certificate is revoked");
	default:
		return failed(op, err, SS_ERR_TLS, detail(op));
	}
}

static int no_handshake(const struct ss_http_op *op, struct ss_err *err)
{
	if (says(op, "wrong version number") || says(op, "packet length too long"))
		return failed(op, err, SS_ERR_TLS,
		              "the server does not speak TLS on this port; is it http?");
	if (says(op, "unsupported protocol") || says(op, "protocol version"))
		return failed(op, err, SS_ERR_TLS, "the server offers no TLS 1.2 or later");
	if (says(op, "SSL_ERROR_SYSCALL") || says(op, "reset by peer") ||
	    says(op, "unexpected eof"))
		return failed(op, err, SS_ERR_UNAVAILABLE,
		              "the server closed the connection during the TLS handshake");
	if (says(op, "alert"))
		return failed(op, err, SS_ERR_TLS,
		              "the server ended the TLS handshake; check client-certificate and "
		              "client-key");
	return failed(op, err, SS_ERR_TLS, detail(op));
}

/* With GOAWAY and REFUSED_STREAM a server that closes a connection says which requests it
 * did not touch; libcurl sends them again, five times. Under load with several closing
 * connections in a row that is not enough. No code tells this end from others, and a
 * write gets here in no other way (see set_resend in curl_slot.c). */
bool ss_curl_op_refused(const struct ss_http_op *op, CURLcode result)
{
	return (result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR) && !op->head.bytes &&
	       says(op, "Connection died, tried");
}

static int lost(const struct ss_http_op *op, struct ss_err *err)
{
	bool read = !strcmp(op->method, "GET") || !strcmp(op->method, "HEAD");

	/* With TLS 1.3 the server's verdict on our certificate comes after the handshake. */
	if (says(op, "alert") && (says(op, "certificate") || says(op, "unknown ca")))
		return failed(op, err, SS_ERR_TLS,
		              "the server does not accept the client certificate; check "
		              "client-certificate and client-key");
	if (ss_curl_op_refused(op, op->result))
		return failed(op, err, SS_ERR_UNAVAILABLE,
		              "the server closes every connection without taking the request");
	return ss_err_set(err, SS_ERR_UNAVAILABLE, "%s: the connection was lost%s: %s",
	                  op->t->base.server,
	                  read ? "" : ", and the request may have been executed", detail(op));
}

static int by_result(const struct ss_http_op *op, struct ss_err *err)
{
	switch (op->result) {
	case CURLE_OK: /* so complete that nothing followed */
		return failed(op, err, SS_ERR_UNAVAILABLE,
		              "the answer was cut off within its headers");
	case CURLE_OUT_OF_MEMORY:
		/* Also what libcurl calls a header line that is longer than it takes. */
		return op->head.bytes && !op->head.complete ? over_limit(op, err)
		                                            : ss_err_nomem(err);
	case CURLE_OPERATION_TIMEDOUT:
		return timed_out(op, err);
	case CURLE_COULDNT_RESOLVE_HOST:
		return failed(op, err, SS_ERR_UNAVAILABLE,
		              "the host's name cannot be resolved; check the server's address");
	case CURLE_COULDNT_RESOLVE_PROXY:
		return failed(op, err, SS_ERR_UNAVAILABLE,
		              "the proxy's name cannot be resolved; check proxy-url");
	case CURLE_COULDNT_CONNECT:
		return no_connection(op, err);
	case CURLE_PEER_FAILED_VERIFICATION:
		return not_verified(op, err);
	case CURLE_SSL_CONNECT_ERROR:
		return no_handshake(op, err);
	case CURLE_SSL_CACERT_BADFILE:
		return failed(op, err, SS_ERR_TLS,
		              "the configured CA is no PEM certificate; check "
		              "certificate-authority in the kubeconfig");
	case CURLE_SSL_CERTPROBLEM:
		return failed(op, err, SS_ERR_TLS,
		              "the client certificate or key cannot be used; check "
		              "client-certificate and client-key in the kubeconfig");
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return failed(op, err, SS_ERR_CONFIG, detail(op));
	case CURLE_UNKNOWN_OPTION:
	case CURLE_NOT_BUILT_IN:
		return failed(op, err, SS_ERR_UNSUPPORTED,
		              "this libcurl is built without HTTP/2, TLS or RTSP");
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WEIRD_SERVER_REPLY:
		return ss_err_set(err, SS_ERR_UNAVAILABLE, "%s: the answer is malformed: %s",
		                  op->t->base.server, detail(op));
	default:
		return lost(op, err);
	}
}

int ss_curl_op_error(const struct ss_http_op *op, struct ss_err *err)
{
	int code;

	if (op->failure == SS_ERR_NOMEM)
		code = ss_err_nomem(err);
	else if (op->failure == SS_ERR_LIMIT)
		code = over_limit(op, err);
	else
		code = by_result(op, err);
	err->retryable = code == SS_ERR_UNAVAILABLE || code == SS_ERR_TIMEOUT;
	return code;
}
