/* Operations: from a request to what libcurl needs, and back to the pool. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "io/curl_priv.h"

/* --- header lines ---------------------------------------------------------- */

/* No CR, LF or other control character may reach the wire. */
static bool is_clean(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static void add_line(struct ss_http_op *op, const char *line)
{
	ss_buf_add(&op->lines, line, strlen(line) + 1);
	op->n_nodes++;
}

static void add_pair(struct ss_http_op *op, const char *prefix, const char *value)
{
	ss_buf_puts(&op->lines, prefix);
	ss_buf_add(&op->lines, value, strlen(value) + 1);
	op->n_nodes++;
}

static int bad_header(struct ss_err *err, int code, const char *line, const char *whose)
{
	/* The name only: the value may be a secret. */
	return ss_err_set(err, code, "%s \"%.*s\" holds a control character", whose,
	                  (int)strcspn(line, ":\r\n"), line);
}

struct adder {
	struct ss_http_op *op;
	struct ss_err *err;
	int rc;
};

static void add_credential(void *ud, const char *line)
{
	struct adder *a = ud;

	if (is_clean(line))
		add_line(a->op, line);
	else if (!a->rc)
		a->rc = bad_header(a->err, SS_ERR_CONFIG, line, "the header of the credentials");
}

static int add_credentials(struct ss_http_op *op, struct ss_err *err)
{
	const struct ss_curl_target *target = &op->t->target;
	struct adder adder = {.op = op, .err = err};
	int rc;

	/* Never in clear text, not even to this host (K5). */
	if (!target->headers || !op->t->secure)
		return 0;
	rc = target->headers(target->ud, add_credential, &adder, err);
	return rc ? rc : adder.rc;
}

static int add_custom(struct ss_http_op *op, const struct ss_http_request *request,
                      struct ss_err *err)
{
	for (size_t i = 0; i < request->n_headers; i++) {
		if (!is_clean(request->headers[i]))
			return bad_header(err, SS_ERR_INVAL, request->headers[i], "the header");
		add_line(op, request->headers[i]);
	}
	if (request->accept && !is_clean(request->accept))
		return bad_header(err, SS_ERR_INVAL, "Accept", "the header");
	if (request->content_type && !is_clean(request->content_type))
		return bad_header(err, SS_ERR_INVAL, "Content-Type", "the header");
	return 0;
}

/* The nodes are ours and end in the list that all requests share; libcurl only reads. */
static int link_lines(struct ss_http_op *op, struct ss_err *err)
{
	char *line = op->lines.data;

	if (op->lines.failed)
		return ss_buf_check(&op->lines, "the request's headers", err);
	if (op->n_nodes > op->cap_nodes) {
		struct curl_slist *grown = realloc(op->nodes, op->n_nodes * sizeof(*grown));

		if (!grown)
			return ss_err_nomem(err);
		op->nodes = grown;
		op->cap_nodes = op->n_nodes;
	}
	for (size_t i = 0; i < op->n_nodes; i++) {
		op->nodes[i].data = line;
		op->nodes[i].next = i + 1 < op->n_nodes ? &op->nodes[i + 1] : op->t->fixed;
		line += strlen(line) + 1;
	}
	return 0;
}

static int set_lines(struct ss_http_op *op, const struct ss_http_request *request,
                     struct ss_err *err)
{
	int rc;

	op->n_nodes = 0;
	rc = add_custom(op, request, err);
	if (!rc)
		rc = add_credentials(op, err);
	if (rc)
		return rc;
	add_pair(op, "Accept: ", request->accept ? request->accept : "application/json");
	if (op->has_body)
		add_pair(op, "Content-Type: ",
		         request->content_type ? request->content_type : "application/json");
	return link_lines(op, err);
}

/* --- the request ----------------------------------------------------------- */

static bool is_token(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		if (!isupper((unsigned char)*s))
			return false;
	}
	return true;
}

static bool is_path(const char *s)
{
	if (*s != '/')
		return false;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= 0x20 || c >= 0x7f || c == '#')
			return false;
	}
	return true;
}

static int set_request(struct ss_http_op *op, const struct ss_http_request *request,
                       struct ss_err *err)
{
	if (!is_token(request->method) || strlen(request->method) >= sizeof(op->method))
		return ss_err_set(err, SS_ERR_INVAL, "\"%s\" is no HTTP method", request->method);
	if (!is_path(request->path))
		return ss_err_set(err, SS_ERR_INVAL,
		                  "the request path \"%s\" is not percent-encoded", request->path);
	strcpy(op->method, request->method);
	ss_buf_puts(&op->url, op->t->url_base);
	ss_buf_puts(&op->url, request->path);
	op->has_body = request->body != NULL;
	if (op->has_body)
		ss_buf_add(&op->body, request->body, request->body_len);
	if (op->url.failed || op->body.failed)
		return ss_buf_check(op->url.failed ? &op->url : &op->body, "the request", err);
	return set_lines(op, request, err);
}

/* --- deadlines ------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

/* One timer for both limits; what arrives only moves received_ms, and the timer looks
 * again when it fires. */
static void arm(struct ss_http_op *op)
{
	uint64_t at = UINT64_MAX, now = uv_now(op->timer.loop);

	if (op->timeout_ms > 0)
		at = op->started_ms + (uint64_t)op->timeout_ms;
	if (op->stream && op->idle_timeout_ms > 0 &&
	    op->received_ms + (uint64_t)op->idle_timeout_ms < at)
		at = op->received_ms + (uint64_t)op->idle_timeout_ms;
	if (at != UINT64_MAX)
		uv_timer_start(&op->timer, on_timer, at > now ? at - now : 0, 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct ss_http_op *op = timer->data;
	uint64_t now = uv_now(timer->loop);
	struct lane *lane = op->lane;

	if (op->timeout_ms > 0 && now >= op->started_ms + (uint64_t)op->timeout_ms) {
		op->idle_failure = false;
	} else if (op->stream && op->idle_timeout_ms > 0 && !op->paused &&
	           now >= op->received_ms + (uint64_t)op->idle_timeout_ms) {
		op->idle_failure = true;
	} else {
		if (op->paused)
			op->received_ms = now; /* else the timer is due again at once, for ever */
		arm(op);
		return;
	}
	op->failure = SS_ERR_TIMEOUT;
	ss_curl_queue_end(op, CURLE_OPERATION_TIMEDOUT);
	ss_curl_queue_pump(lane);
}

static void set_limits(struct ss_http_op *op, const struct ss_http_request *request)
{
	op->stream = request->stream;
	op->max_bytes = request->max_body_bytes;
	if (!op->max_bytes)
		op->max_bytes = op->stream ? BACKLOG_MAX_BYTES : BODY_MAX_BYTES;
	op->in.max = op->stream ? op->max_bytes + CURL_MAX_WRITE_SIZE : op->max_bytes;
	op->timeout_ms = request->timeout_ms;
	op->idle_timeout_ms = request->idle_timeout_ms;
	op->started_mono_ms = ss_clock_mono_ms();
	uv_update_time(op->timer.loop);
	op->started_ms = op->received_ms = uv_now(op->timer.loop);
	arm(op);
}

/* --- life ------------------------------------------------------------------ */

static struct ss_http_op *op_get(struct ss_curl *t)
{
	struct ss_http_op *op = t->idle_ops;

	if (op) {
		t->idle_ops = op->next;
		t->n_idle_ops--;
		op->next = NULL;
		return op;
	}
	op = calloc(1, sizeof(*op));
	if (!op)
		return NULL;
	op->t = t;
	op->turn.fn = ss_curl_op_deliver;
	uv_timer_init(ss_loop_uv(t->base.loop), &op->timer);
	op->timer.data = op;
	return op;
}

static void wipe(struct ss_buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->len);
}

static void trim(struct ss_buf *b)
{
	if (b->cap > KEEP_BYTES)
		ss_buf_done(b);
	ss_buf_reset(b);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void ss_curl_op_free(struct ss_http_op *op)
{
	wipe(&op->lines);
	wipe(&op->body);
	ss_buf_done(&op->url);
	ss_buf_done(&op->lines);
	ss_buf_done(&op->body);
	ss_buf_done(&op->in);
	ss_buf_done(&op->out);
	ss_buf_done(&op->head.text);
	free(op->nodes);
	uv_close((uv_handle_t *)&op->timer, on_closed);
}

void ss_curl_op_release(struct ss_http_op *op)
{
	struct ss_curl *t = op->t;

	ss_curl_queue_remove(op);
	uv_timer_stop(&op->timer);
	if (op->slot)
		ss_curl_slot_put(t, op->slot);
	op->slot = NULL;
	if (t->n_idle_ops >= IDLE_OPS) {
		ss_curl_op_free(op);
		return;
	}
	wipe(&op->lines);
	wipe(&op->body); /* a Secret's data */
	trim(&op->url);
	trim(&op->lines);
	trim(&op->body);
	trim(&op->in);
	trim(&op->out);
	trim(&op->head.text);
	op->next = t->idle_ops;
	t->idle_ops = op;
	t->n_idle_ops++;
}

int ss_curl_op_new(struct ss_curl *t, const struct ss_http_request *request,
                   const struct ss_http_events *events, void *ud, struct ss_http_op **ret,
                   struct ss_err *err)
{
	struct ss_http_op *op = op_get(t);
	int rc;

	if (!op)
		return ss_err_nomem(err);
	op->lane = &t->lanes[request->lane];
	op->events = *events;
	op->ud = ud;
	op->head_given = op->data_given = false;
	op->canceled = op->paused = op->sent = op->idle_failure = false;
	op->failure = 0;
	op->resends = 0;
	op->result = CURLE_OK;
	ss_curl_head_reset(&op->head);
	rc = set_request(op, request, err);
	if (rc) {
		ss_curl_op_release(op);
		return rc;
	}
	set_limits(op, request);
	*ret = op;
	return 0;
}
