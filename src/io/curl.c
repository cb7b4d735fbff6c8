#include "io/curl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/curl_priv.h"

/* libcurl's global state, taken with the first request of a transport and given back
 * with the last transport: initialising costs some 5 ms of TLS library. */
static size_t global_users;

/* libcurl would write the keys of every connection to the file that this names. */
static CURLcode init_without_key_log(void)
{
	static const char name[] = "SSLKEYLOGFILE";
	const char *value = getenv(name);
	char *saved SS_AUTOFREE = value ? strdup(value) : NULL;
	CURLcode rc;

	if (!value)
		return ss_libcurl.curl_global_init(CURL_GLOBAL_DEFAULT);
	if (!saved)
		return CURLE_OUT_OF_MEMORY;
	unsetenv(name);
	rc = ss_libcurl.curl_global_init(CURL_GLOBAL_DEFAULT);
	setenv(name, saved, 1);
	return rc;
}

static int global_use(struct ss_err *err)
{
	if (!global_users && init_without_key_log())
		return ss_err_set(err, SS_ERR_NOMEM, "libcurl cannot be initialised");
	global_users++;
	return 0;
}

static void global_release(void)
{
	if (--global_users == 0)
		ss_libcurl.curl_global_cleanup();
}

/* --- operations ------------------------------------------------------------ */

static int start(struct ss_transport *base, const struct ss_http_request *request,
                 const struct ss_http_events *events, void *ud, struct ss_http_op **ret,
                 struct ss_err *err)
{
	struct ss_curl *t = SS_CONTAINER_OF(base, struct ss_curl, base);
	struct ss_http_op *op;
	int rc = 0;

	if (!t->initialised)
		rc = global_use(err);
	if (rc)
		return rc;
	t->initialised = true;
	rc = ss_curl_lane_open(&t->lanes[request->lane], err);
	if (!rc)
		rc = ss_curl_op_new(t, request, events, ud, &op, err);
	if (rc)
		return rc;
	rc = ss_curl_queue_add(op, err);
	if (rc) {
		ss_curl_op_release(op);
		return rc;
	}
	*ret = op;
	return 0;
}

static void cancel(struct ss_transport *base, struct ss_http_op *op)
{
	struct lane *lane = op->lane;

	(void)base;
	if (op->canceled)
		return;
	ss_loop_unpost(op->t->base.loop, &op->turn);
	if (op->delivering) {
		op->canceled = true; /* the delivery releases it */
		ss_curl_queue_drop(op);
	} else {
		ss_curl_op_release(op);
	}
	ss_curl_queue_pump(lane);
}

/* --- life ------------------------------------------------------------------ */

static void drop_list(struct op_list *list)
{
	struct ss_http_op *op;

	while ((op = list->head)) {
		ss_curl_queue_remove(op);
		ss_loop_unpost(op->t->base.loop, &op->turn);
		ss_curl_slot_free(op->slot);
		op->slot = NULL;
		op->t = NULL;
		op->canceled = true;
		if (op->delivering)
			uv_timer_stop(&op->timer); /* the delivery frees it */
		else
			ss_curl_op_free(op);
	}
}

static void drop_pools(struct ss_curl *t)
{
	struct slot *slot;
	struct ss_http_op *op;

	while ((slot = t->idle_slots)) {
		t->idle_slots = slot->next;
		ss_curl_slot_free(slot);
	}
	while ((op = t->idle_ops)) {
		t->idle_ops = op->next;
		ss_curl_op_free(op);
	}
}

/* The order is libcurl's: easies out of the multi and gone, then the multi (it then
 * closes its sockets' handles), then what the easies pointed to. */
static void curl_transport_free(struct ss_transport *base)
{
	struct ss_curl *t = SS_CONTAINER_OF(base, struct ss_curl, base);

	for (size_t i = 0; i < SS_ARRAY_LEN(t->lanes); i++) {
		drop_list(&t->lanes[i].queued);
		drop_list(&t->lanes[i].active);
		drop_list(&t->lanes[i].ended);
	}
	drop_pools(t);
	for (size_t i = 0; i < SS_ARRAY_LEN(t->lanes); i++)
		ss_curl_lane_close(&t->lanes[i]);
	/* libcurl may never have been loaded: only what it made is given back to it. */
	if (t->fixed)
		ss_libcurl.curl_slist_free_all(t->fixed);
	if (t->connect_to)
		ss_libcurl.curl_slist_free_all(t->connect_to);
	if (t->initialised)
		global_release();
	if (t->key.data)
		explicit_bzero(t->key.data, t->key.len);
	for (size_t i = 0; i < SS_ARRAY_LEN(t->strings); i++)
		free(t->strings[i]);
	free((char *)t->base.server);
	free(t->url_base);
	free(t);
}

static const struct ss_transport_ops curl_ops = {
        .start = start,
        .cancel = cancel,
        .free = curl_transport_free,
};

/* *field becomes a copy that the transport owns. */
static bool own(struct ss_curl *t, size_t *n, const char **field, size_t len)
{
	char *copy;

	if (!*field)
		return true;
	copy = malloc(len + 1);
	if (!copy)
		return false;
	memcpy(copy, *field, len);
	copy[len] = 0;
	t->strings[(*n)++] = copy;
	*field = copy;
	return true;
}

static bool own_string(struct ss_curl *t, size_t *n, const char **field)
{
	return own(t, n, field, *field ? strlen(*field) : 0);
}

static struct curl_blob as_blob(const char *data, size_t len)
{
	return (struct curl_blob){.data = (void *)data, .len = len, .flags = CURL_BLOB_NOCOPY};
}

/* As in Go, a SOCKS proxy resolves the name, which for libcurl is another scheme. */
static bool own_proxy(struct ss_curl *t, size_t *n)
{
	const char *url = t->target.proxy_url, *prefix = "socks5://";
	char *changed;

	if (!url || strncasecmp(url, prefix, strlen(prefix)))
		return own_string(t, n, &t->target.proxy_url);
	if (asprintf(&changed, "socks5h://%s", url + strlen(prefix)) < 0)
		return false;
	t->strings[(*n)++] = changed;
	t->target.proxy_url = changed;
	return true;
}

static bool own_target(struct ss_curl *t)
{
	struct ss_curl_target *to = &t->target;
	size_t n = 0;

	if (!own_string(t, &n, &to->server) || !own_string(t, &n, &to->tls_server_name) ||
	    !own_proxy(t, &n) || !own_string(t, &n, &to->user_agent) ||
	    !own(t, &n, &to->ca_pem, to->ca_pem_len) ||
	    !own(t, &n, &to->cert_pem, to->cert_pem_len) ||
	    !own(t, &n, &to->key_pem, to->key_pem_len))
		return false;
	t->ca = as_blob(to->ca_pem, to->ca_pem_len);
	t->cert = as_blob(to->cert_pem, to->cert_pem_len);
	t->key = as_blob(to->key_pem, to->key_pem_len);
	return true;
}

static int check_proxy(const char *url, struct ss_err *err)
{
	static const char *const schemes[] = {"http://", "https://", "socks5://", "socks5h://"};

	if (!url)
		return 0;
	for (size_t i = 0; i < SS_ARRAY_LEN(schemes); i++) {
		if (!strncasecmp(url, schemes[i], strlen(schemes[i])))
			return 0;
	}
	/* The URL is not shown: it may hold a password. */
	return ss_err_set(err, SS_ERR_CONFIG,
	                  "proxy-url is no http, https or socks5 URL: write "
	                  "http://HOST:PORT");
}

int ss_curl_new(struct ss_loop *loop, const struct ss_curl_target *target,
                struct ss_transport **ret, struct ss_err *err)
{
	struct ss_curl *t = calloc(1, sizeof(*t));
	int rc = 0;

	if (!t)
		return ss_err_nomem(err);
	t->base.ops = &curl_ops;
	t->base.loop = loop;
	t->lanes[SS_LANE_REQUEST].t = t->lanes[SS_LANE_WATCH].t = t;
	t->target = *target;
	if (!own_target(t))
		rc = ss_err_nomem(err);
	if (!rc)
		rc = check_proxy(target->proxy_url, err);
	if (!rc)
		rc = ss_libcurl_load(err);
	if (!rc)
		rc = ss_curl_url_setup(t, err);
	if (rc) {
		curl_transport_free(&t->base);
		return rc;
	}
	*ret = &t->base;
	return 0;
}
