/* libcurl's multi interface on libuv: sockets become uv_poll handles, its timeout one
 * uv_timer. Every callback runs inside uv_run; none calls up. */
#include <stdlib.h>

#include "io/curl_priv.h"

struct sock {
	uv_poll_t poll;
	struct lane *lane;
	curl_socket_t fd;
};

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

/* A connection carries one request at a time: the single multiplexed one would be a
 * bottleneck. */
static void use_http1(struct lane *lane)
{
	lane->http1 = true;
	if (lane->max_active) {
		lane->max_active = HTTP1_CONNECTIONS;
		ss_libcurl.curl_multi_setopt(lane->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
		                             (long)HTTP1_CONNECTIONS);
	}
}

/* What libcurl finished leaves it here: only outside its own callbacks may handles be
 * added and removed (CURLM_RECURSIVE_API_CALL otherwise). */
static void settle(struct lane *lane)
{
	CURLMsg *msg;
	int left;

	if (lane->saw_http1 && !lane->http1) {
		use_http1(lane);
		ss_curl_queue_take_back(lane);
	}
	while ((msg = ss_libcurl.curl_multi_info_read(lane->multi, &left))) {
		struct ss_http_op *op = NULL;
		CURLcode result = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		ss_libcurl.curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&op);
		if (!ss_curl_queue_resend(op, result))
			ss_curl_queue_end(op, result);
	}
	ss_curl_queue_pump(lane);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct sock *sock = poll->data;
	struct lane *lane = sock->lane;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	ss_libcurl.curl_multi_socket_action(lane->multi, sock->fd, flags, &running);
	settle(lane); /* sock may be closing */
}

static void on_timer(uv_timer_t *timer)
{
	struct lane *lane = timer->data;
	int running;

	ss_libcurl.curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	settle(lane);
}

static int want_timer(CURLM *multi, long timeout_ms, void *ud)
{
	struct lane *lane = ud;

	(void)multi;
	if (timeout_ms < 0) {
		uv_timer_stop(lane->timer);
		return 0;
	}
	if (timeout_ms > 0)
		uv_update_time(lane->timer->loop);
	uv_timer_start(lane->timer, on_timer, (uint64_t)timeout_ms, 0);
	return 0;
}

static struct sock *sock_open(struct lane *lane, curl_socket_t fd)
{
	struct sock *sock = calloc(1, sizeof(*sock));

	if (!sock)
		return NULL;
	if (uv_poll_init_socket(ss_loop_uv(lane->t->base.loop), &sock->poll, fd)) {
		free(sock);
		return NULL;
	}
	sock->poll.data = sock;
	sock->lane = lane;
	sock->fd = fd;
	ss_libcurl.curl_multi_assign(lane->multi, fd, sock);
	return sock;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *ud, void *socket_ud)
{
	struct lane *lane = ud;
	struct sock *sock = socket_ud;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (!sock)
			return 0;
		/* Stopped at once: libcurl may close fd and get its number again. */
		uv_poll_stop(&sock->poll);
		uv_close((uv_handle_t *)&sock->poll, free_handle);
		ss_libcurl.curl_multi_assign(lane->multi, fd, NULL);
		return 0;
	}
	if (!sock)
		sock = sock_open(lane, fd);
	if (!sock)
		return -1; /* the transfer fails */
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	return uv_poll_start(&sock->poll, events, on_poll) ? -1 : 0;
}

int ss_curl_lane_open(struct lane *lane, struct ss_err *err)
{
	bool requests = lane == &lane->t->lanes[SS_LANE_REQUEST];

	if (lane->multi)
		return 0;
	lane->timer = calloc(1, sizeof(*lane->timer));
	lane->multi = ss_libcurl.curl_multi_init();
	if (!lane->timer || !lane->multi) {
		free(lane->timer);
		lane->timer = NULL;
		ss_libcurl.curl_multi_cleanup(lane->multi);
		lane->multi = NULL;
		return ss_err_nomem(err);
	}
	uv_timer_init(ss_loop_uv(lane->t->base.loop), lane->timer);
	lane->timer->data = lane;
	ss_libcurl.curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	ss_libcurl.curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
	ss_libcurl.curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	ss_libcurl.curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
	/* Without a limit 250 requests at once open 150 connections. Watches have none:
	 * over HTTP/1.1 each needs a connection for its whole life. */
	if (requests) {
		ss_libcurl.curl_multi_setopt(lane->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
		lane->max_active = MAX_STREAMS;
	}
	if (!lane->t->secure)
		use_http1(lane);
	return 0;
}

void ss_curl_lane_close(struct lane *lane)
{
	if (!lane->multi)
		return;
	/* Emits CURL_POLL_REMOVE for pooled connections, which closes their handles. */
	ss_libcurl.curl_multi_cleanup(lane->multi);
	lane->multi = NULL;
	uv_close((uv_handle_t *)lane->timer, free_handle);
	lane->timer = NULL;
}
