/* Easy handles. What is the same for every request of a target is set once per handle;
 * a request sets its URL, method, body and headers. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/curl_priv.h"

/* A peer that vanished (power, a NAT that forgot us) fails the connection in this time
 * when data is unacknowledged, by keepalive probes when it is idle. */
enum { USER_TIMEOUT_MS = 45000, KEEP_IDLE_S = 30, KEEP_INTERVAL_S = 15 };

static int on_socket(void *ud, curl_socket_t fd, curlsocktype purpose)
{
	unsigned timeout_ms = USER_TIMEOUT_MS;

	(void)ud;
	(void)purpose;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
	return CURL_SOCKOPT_OK;
}

static int on_send(void *ud, char *ip, char *local_ip, int port, int local_port)
{
	struct ss_http_op *op = ud;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	op->sent = true;
	return CURL_PREREQFUNC_OK;
}

static void set(CURLcode *rc, CURLcode result)
{
	if (!*rc)
		*rc = result;
}

static CURLcode set_transfer(struct slot *slot)
{
	CURL *e = slot->easy;
	CURLcode rc = CURLE_OK;

	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_ERRORBUFFER, slot->error));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_NOPROGRESS, 1L));
	set(&rc,
	    ss_libcurl.curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, 16384L));
	set(&rc,
	    ss_libcurl.curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, (long)KEEP_IDLE_S));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, (long)KEEP_INTERVAL_S));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_send));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, ss_curl_on_header));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, ss_curl_on_body));
	return rc;
}

static CURLcode set_blob(CURL *e, CURLoption option, const struct curl_blob *blob)
{
	return blob->data ? ss_libcurl.curl_easy_setopt(e, option, blob) : CURLE_OK;
}

static CURLcode set_tls(const struct ss_curl *t, CURL *e)
{
	const struct ss_curl_target *target = &t->target;
	CURLcode rc = CURLE_OK;

	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2));
	set(&rc,
	    ss_libcurl.curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, target->insecure ? 0L : 1L));
	set(&rc,
	    ss_libcurl.curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, target->insecure ? 0L : 2L));
	if (t->ca.data) {
		/* Else the system's directory of CAs would be trusted besides ours. */
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_CAPATH, NULL));
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_CAINFO, NULL));
	}
	set(&rc, set_blob(e, CURLOPT_CAINFO_BLOB, &t->ca));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_SSLCERTTYPE, "PEM"));
	set(&rc, set_blob(e, CURLOPT_SSLCERT_BLOB, &t->cert));
	set(&rc, set_blob(e, CURLOPT_SSLKEY_BLOB, &t->key));
	return rc;
}

static CURLcode set_route(const struct ss_curl *t, CURL *e)
{
	const struct ss_curl_target *target = &t->target;
	CURLcode rc = CURLE_OK;

	set(&rc,
	    ss_libcurl.curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, t->secure ? "https" : "http"));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_USERAGENT, target->user_agent));
	if (t->connect_to)
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_CONNECT_TO, t->connect_to));
	if (target->proxy_url) {
		/* A proxy of the kubeconfig is used whatever NO_PROXY says. */
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_PROXY, target->proxy_url));
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_NOPROXY, ""));
	} else if (t->loopback) {
		/* As Go does: the environment's proxy is never used for this host. */
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_PROXY, ""));
	}
	/* Compressing for a loopback connection costs both sides more than it saves. */
	if (!t->loopback && !target->disable_compression)
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip"));
	return rc;
}

static struct slot *slot_new(struct ss_curl *t)
{
	struct slot *slot = calloc(1, sizeof(*slot));

	if (!slot)
		return NULL;
	slot->easy = ss_libcurl.curl_easy_init();
	if (!slot->easy || set_transfer(slot) || set_tls(t, slot->easy) ||
	    set_route(t, slot->easy)) {
		ss_curl_slot_free(slot);
		return NULL;
	}
	return slot;
}

struct slot *ss_curl_slot_get(struct ss_curl *t)
{
	struct slot *slot = t->idle_slots;

	if (!slot)
		return slot_new(t);
	t->idle_slots = slot->next;
	t->n_idle_slots--;
	slot->error[0] = 0;
	return slot;
}

void ss_curl_slot_put(struct ss_curl *t, struct slot *slot)
{
	if (t->n_idle_slots >= IDLE_SLOTS) {
		ss_curl_slot_free(slot);
		return;
	}
	slot->next = t->idle_slots;
	t->idle_slots = slot;
	t->n_idle_slots++;
}

void ss_curl_slot_free(struct slot *slot)
{
	if (!slot)
		return;
	ss_libcurl.curl_easy_cleanup(slot->easy);
	free(slot);
}

/* libcurl sends a request again when a reused connection dies before the first byte of
 * the answer, whatever the method. For a read that is wanted; a write may have been
 * executed, and must fail instead (kubernetes.md K22, K23). The one setting that stops
 * this, and leaves the safe case (REFUSED_STREAM, a stream beyond a GOAWAY), is the
 * RTSP request type: for HTTP nothing else reads it. */
static CURLcode set_resend(CURL *e, bool safe)
{
	CURLcode rc = ss_libcurl.curl_easy_setopt(e, CURLOPT_RTSP_REQUEST,
	                                          safe ? (long)CURL_RTSPREQ_OPTIONS
	                                               : (long)CURL_RTSPREQ_RECEIVE);

	return safe ? CURLE_OK : rc;
}

static CURLcode set_method(CURL *e, const struct ss_http_op *op)
{
	const char *method = op->method;
	CURLcode rc = CURLE_OK;
	bool get = !strcmp(method, "GET"), head = !strcmp(method, "HEAD");

	if (op->has_body) {
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_POST, 1L));
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_POSTFIELDS,
		                                     op->body.data ? op->body.data : ""));
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		                                     (curl_off_t)op->body.len));
	} else {
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_HTTPGET, 1L));
	}
	if (head)
		set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_NOBODY, 1L));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST,
	                                     (get && !op->has_body) || head ? NULL : method));
	set(&rc, set_resend(e, get || head));
	return rc;
}

CURLcode ss_curl_slot_prepare(struct slot *slot, struct ss_http_op *op)
{
	CURL *e = slot->easy;
	CURLcode rc = CURLE_OK;

	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_PRIVATE, op));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_HEADERDATA, op));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_PREREQDATA, op));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_WRITEDATA, op));
	/* Rather wait for the first connection to prove multiplexed than open another. */
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_PIPEWAIT, op->lane->http1 ? 0L : 1L));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_URL, op->url.data));
	set(&rc, ss_libcurl.curl_easy_setopt(e, CURLOPT_HTTPHEADER, op->nodes));
	set(&rc, set_method(e, op));
	return rc;
}
