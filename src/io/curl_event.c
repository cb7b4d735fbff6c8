/* What arrives, and how it is handed on. libcurl's callbacks fill buffers and post the
 * operation's completion; ss_curl_op_deliver runs between turns of the loop. */
#include "io/curl_priv.h"

static void received(struct ss_http_op *op)
{
	op->received_ms = uv_now(op->timer.loop);
}

/* Returning anything but n * size ends the transfer with CURLE_WRITE_ERROR. */
static size_t stop(struct ss_http_op *op, int failure)
{
	op->failure = failure;
	return 0;
}

size_t ss_curl_on_header(char *line, size_t size, size_t n, void *ud)
{
	struct ss_http_op *op = ud;
	bool was_complete = op->head.complete;
	int rc = ss_curl_head_line(&op->head, line, size * n);

	received(op);
	if (rc)
		return stop(op, rc);
	op->lane->saw_http1 |= op->head.http1;
	if (op->stream && op->head.complete && !was_complete)
		ss_loop_post(op->t->base.loop, &op->turn);
	return size * n;
}

size_t ss_curl_on_body(char *data, size_t size, size_t n, void *ud)
{
	struct ss_http_op *op = ud;
	size_t len = size * n;

	received(op);
	if (op->stream && op->in.len >= op->max_bytes) {
		op->paused = true; /* until the backlog was delivered */
		return CURL_WRITEFUNC_PAUSE;
	}
	ss_buf_add(&op->in, data, len);
	if (op->in.failed)
		return stop(op, op->in.failed);
	if (op->stream)
		ss_loop_post(op->t->base.loop, &op->turn);
	return len;
}

/* --- delivery -------------------------------------------------------------- */

static bool arrived_whole(const struct ss_http_op *op)
{
	/* libcurl takes headers that end with the connection for an answer. */
	return ss_curl_op_ended(op) && !op->failure && op->result == CURLE_OK && op->head.complete;
}

static void give_head(struct ss_http_op *op)
{
	const char *warnings[WARNINGS];
	const struct ss_curl_target *target = &op->t->target;
	struct ss_http_head view;

	op->head_given = true;
	if (op->head.status == 401 && target->unauthorized)
		target->unauthorized(target->ud, op->started_mono_ms);
	if (!op->events.head)
		return;
	ss_curl_head_view(&op->head, &view, warnings);
	op->events.head(op->ud, &view);
}

static void give_data(struct ss_http_op *op)
{
	struct ss_buf swap = op->out;

	/* Swapped out, so that the pointer holds while the callback lets more arrive. */
	op->out = op->in;
	swap.max = op->in.max;
	op->in = swap;
	op->data_given = true;
	if (op->events.data)
		op->events.data(op->ud, op->out.data, op->out.len);
	ss_buf_reset(&op->out);
}

/* The next event that is due before done; false when there is none. */
static bool give(struct ss_http_op *op)
{
	bool due = op->stream || arrived_whole(op);

	if (due && op->head.complete && !op->head_given)
		give_head(op);
	else if (due && op->in.len && (op->stream || !op->data_given))
		give_data(op);
	else
		return false;
	return true;
}

/* libcurl delivers what it held back from inside curl_easy_pause. */
static void unpause(struct ss_http_op *op)
{
	if (ss_curl_op_ended(op) || !op->paused || op->in.len)
		return;
	op->paused = false;
	ss_libcurl.curl_easy_pause(op->slot->easy, CURLPAUSE_CONT);
}

static void finish(struct ss_http_op *op)
{
	struct ss_http_events events = op->events;
	void *ud = op->ud;

	if (arrived_whole(op)) {
		ss_curl_op_release(op);
		events.done(ud, NULL);
	} else {
		struct ss_err err SS_AUTO_ERR;

		ss_err_init(&err);
		ss_curl_op_error(op, &err);
		ss_curl_op_release(op);
		events.done(ud, &err);
	}
}

void ss_curl_op_deliver(struct ss_completion *turn)
{
	struct ss_http_op *op = SS_CONTAINER_OF(turn, struct ss_http_op, turn);

	/* A callback of this operation is running the loop; it goes on when that returns. */
	if (op->delivering)
		return;
	op->delivering = true;
	while (!op->canceled && give(op))
		continue;
	op->delivering = false;
	if (op->canceled) {
		if (op->t)
			ss_curl_op_release(op);
		else
			ss_curl_op_free(op); /* the callback freed the transport, too */
		return;
	}
	unpause(op);
	if (ss_curl_op_ended(op))
		finish(op);
}
