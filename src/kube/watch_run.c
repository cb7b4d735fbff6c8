/* The life of a watch between deliveries: list, connect, resume, back off. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/status.h"
#include "kube/table.h"
#include "kube/verbs.h"
#include "kube/watch_priv.h"

enum {
	/* A clean end every few minutes, so that connections spread over the servers (K35). */
	TIMEOUT_MIN_S = 300,
	TIMEOUT_SPREAD_S = 300,
	/* Bookmarks come about once a minute: twice that without a byte is a dead connection (K37). */
	IDLE_TIMEOUT_MS = 130000,
	BACKOFF_FIRST_MS = 800,
	BACKOFF_MAX_MS = 30000,
	HEALTHY_MS = 120000, /* a connection of this age clears the count of failures */
	SHORT_MS = 1000,     /* ended sooner and without an event: back off */
	/* A server may end each watch from an old version at once, or never tell: a short one, or so many
	 * in a row that told nothing, are followed by a list (client-go's "very short watch"). */
	MAX_SILENT = 3,
	MAX_GARBLED = 5,
	ERROR_BODY_MAX = 64 * 1024,
};

static const char *namespace_of(const struct ss_watch *w)
{
	if (w->all_namespaces || !w->kind->namespaced)
		return NULL;
	return w->namespace_ ? w->namespace_ : w->client->namespace_;
}

void ss_watch_disconnect(struct ss_watch *w)
{
	struct ss_http_op *http = w->http;

	w->http = NULL;
	ss_http_cancel(w->client->transport, http);
}

/* --- back-off ------------------------------------------------------------------ */

static void run_again(void *ud)
{
	struct ss_watch *w = ud;
	struct ss_err err;

	ss_timer_stop(w->timer);
	w->timer = NULL;
	ss_err_init(&err);
	if (ss_watch_run(w, &err))
		ss_watch_fail(w, &err);
}

/* 800 ms, doubled up to 30 s, with full jitter; the first try comes at once. */
static int64_t backoff_ms(struct ss_watch *w)
{
	int64_t ceiling = BACKOFF_FIRST_MS;

	if (!w->failures)
		return 0;
	for (unsigned i = 1; i < w->failures && ceiling < BACKOFF_MAX_MS; i++)
		ceiling *= 2;
	return ss_client_random(w->client, ceiling < BACKOFF_MAX_MS ? ceiling : BACKOFF_MAX_MS);
}

static void retry_in(struct ss_watch *w, int64_t delay_ms)
{
	struct ss_err err;

	ss_err_init(&err);
	w->timer = ss_timer_start(w->client->loop, delay_ms, run_again, w);
	if (!w->timer) {
		ss_err_nomem(&err);
		ss_watch_fail(w, &err);
	}
}

static void retry(struct ss_watch *w, int64_t at_least_ms)
{
	int64_t delay_ms = backoff_ms(w);

	retry_in(w, delay_ms < at_least_ms ? at_least_ms : delay_ms);
}

static void set_trouble(struct ss_watch *w, const struct ss_err *err)
{
	snprintf(w->trouble, sizeof(w->trouble), "%.399s", err ? err->message : "");
}

static bool is_temporary(const struct ss_err *err)
{
	return err->code == SS_ERR_UNAVAILABLE || err->code == SS_ERR_TIMEOUT ||
	       err->code == SS_ERR_RATE_LIMITED;
}

/* The history is lost: list again, at once the first time (K36). */
static void relist(struct ss_watch *w)
{
	int64_t delay_ms = backoff_ms(w);

	free(w->version);
	free(w->page_token);
	w->version = w->page_token = NULL;
	w->failures++;
	retry_in(w, delay_ms);
}

/* --- the list ------------------------------------------------------------------- */

static void listed(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct ss_watch *w = ud;
	struct ss_err err;

	w->list = NULL;
	set_trouble(w, failure);
	if (failure && w->established && is_temporary(failure)) {
		w->failures++;
		retry(w, failure->retry_after_ms);
		return;
	}
	if (failure && failure->code == SS_ERR_UNAUTHORIZED && !w->unauthorized++) {
		retry(w, 0); /* as in judge */
		return;
	}
	/* The pages took longer than the server keeps their state: what was delivered is known. */
	if (failure && failure->code == SS_ERR_GONE && w->page_token) {
		relist(w);
		return;
	}
	if (failure) {
		ss_err_init(&err);
		ss_err_copy(&err, failure);
		err.op[0] = err.object[0] = 0;
		ss_watch_fail(w, &err);
		return;
	}
	w->established = true;
	w->unauthorized = 0;
	if (!w->page_token) {
		w->round++;
		w->sweep_at = 0;
	}
	w->listing = result->doc;
	result->doc = NULL;
	w->next_item =
	        ss_iter(w->listing, ss_doc_get(w->listing, ss_doc_root(w->listing), "items"));
	ss_watch_pump(w);
}

static int start_list(struct ss_watch *w, struct ss_err *err)
{
	struct ss_ref ref = {
	        .api_version = w->kind->api_version,
	        .kind = w->kind->kind,
	        .namespace_ = w->namespace_,
	};
	struct ss_list_spec spec = {
	        .label_selector = w->label_selector,
	        .field_selector = w->field_selector,
	        .all_namespaces = w->all_namespaces,
	        .one_page = true,
	        .consistent = true, /* events are told from the state that all pages are of */
	        .token = w->page_token,
	};
	struct ss_call call = {.exact_version = true};

	return ss_kube_list(w->client, &ref, &spec, &call, listed, w, &w->list, err);
}

/* --- the connection --------------------------------------------------------------- */

static void on_head(void *ud, const struct ss_http_head *head)
{
	struct ss_watch *w = ud;

	w->status = head->status;
	w->retry_after_ms = head->retry_after_ms;
	snprintf(w->content_type, sizeof(w->content_type), "%s", head->content_type);
	ss_client_warn(w->client, head);
	if (head->status == 200) {
		w->established = true;
		set_trouble(w, NULL);
	}
}

/* A consumer that is too slow costs the connection, not memory: it is opened
 * again from the last event it took. */
static void give_up_backlog(struct ss_watch *w)
{
	ss_watch_disconnect(w);
	ss_stream_reset(&w->stream);
	w->idle = true;
}

static void out_of_room(struct ss_watch *w)
{
	struct ss_err err;

	ss_err_init(&err);
	ss_buf_check(&w->stream.buf, "the backlog of the watch", &err);
	ss_watch_fail(w, &err);
}

static void on_data(void *ud, const char *data, size_t len)
{
	struct ss_watch *w = ud;

	w->bytes += len;
	if (w->status != 200) {
		if (w->error_body.len < ERROR_BODY_MAX)
			ss_buf_add(&w->error_body, data, len);
		return;
	}
	if (!ss_stream_add(&w->stream, data, len)) {
		if (w->paused)
			give_up_backlog(w);
		else
			out_of_room(w);
		return;
	}
	if (w->paused || w->pumping) {
		if (ss_stream_backlog(&w->stream) > SS_STREAM_MAX_BACKLOG_BYTES)
			give_up_backlog(w);
		return;
	}
	ss_watch_pump(w);
}

static void on_done(void *ud, const struct ss_err *failure)
{
	struct ss_watch *w = ud;

	w->http = NULL;
	w->ended = true;
	ss_err_done(&w->failure);
	if (failure)
		ss_err_copy(&w->failure, failure);
	ss_client_trace(w->client, "GET", w->path, w->status, w->started_ms, w->bytes);
	ss_watch_pump(w);
}

static int set_path(struct ss_watch *w, int64_t timeout_s, struct ss_err *err)
{
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;

	ss_path_collection(&path, w->kind, namespace_of(w));
	ss_path_query(&path, "watch", "true");
	ss_path_query(&path, "allowWatchBookmarks", "true");
	ss_path_query(&path, "resourceVersion", w->version);
	ss_path_query_int(&path, "timeoutSeconds", timeout_s);
	ss_path_query(&path, "labelSelector", w->label_selector);
	ss_path_query(&path, "fieldSelector", w->field_selector);
	free(w->path);
	w->path = ss_buf_take(&path, NULL);
	return w->path ? 0 : ss_err_nomem(err);
}

static int connect_stream(struct ss_watch *w, struct ss_err *err)
{
	static const struct ss_http_events events = {on_head, on_data, on_done};
	int64_t timeout_s = TIMEOUT_MIN_S + ss_client_random(w->client, TIMEOUT_SPREAD_S);
	struct ss_http_request request = {
	        .method = "GET",
	        .accept = w->client->tables ? SS_TABLE_ACCEPT : NULL,
	        .lane = SS_LANE_WATCH,
	        .stream = true,
	        .timeout_ms = (timeout_s + 5) * 1000,
	        .idle_timeout_ms = IDLE_TIMEOUT_MS,
	};
	int code = set_path(w, timeout_s, err);

	if (code)
		return code;
	request.path = w->path;
	ss_stream_reset(&w->stream);
	ss_buf_done(&w->error_body);
	w->ended = false;
	w->status = 0;
	w->retry_after_ms = -1;
	w->content_type[0] = 0;
	w->bytes = w->n_events = 0;
	w->short_one = false;
	w->started_ms = ss_clock_mono_ms();
	return ss_http_start(w->client->transport, &request, &events, w, &w->http, err);
}

int ss_watch_run(struct ss_watch *w, struct ss_err *err)
{
	return w->version ? connect_stream(w, err) : start_list(w, err);
}

/* --- how it ended --------------------------------------------------------------------- */

/* A connection of an answering server has told nothing; or something, which clears the count. */
static void count_silence(struct ss_watch *w)
{
	w->n_silent = w->n_events ? 0 : w->n_silent + 1;
	w->short_one = !w->n_events && ss_clock_mono_ms() - w->started_ms < SHORT_MS;
}

/* A list says what such a watch does not. */
static bool is_in_vain(const struct ss_watch *w)
{
	return w->short_one || w->n_silent >= MAX_SILENT;
}

static void judge(struct ss_watch *w, struct ss_err *err)
{
	if (err->code == SS_ERR_GONE ||
	    (is_temporary(err) && err->code != SS_ERR_RATE_LIMITED && is_in_vain(w))) {
		relist(w);
	} else if (is_temporary(err) && w->established) {
		set_trouble(w, err);
		w->failures++;
		retry(w, err->retry_after_ms);
	} else if (err->code == SS_ERR_UNAUTHORIZED && !w->unauthorized++) {
		/* The transport has dropped the credentials it used; the next ones are fresh (K8). */
		retry(w, 0);
	} else {
		ss_watch_fail(w, err);
		return;
	}
	ss_err_done(err);
}

static void clean_end(struct ss_watch *w, int64_t lasted_ms)
{
	count_silence(w);
	if (w->n_events || lasted_ms >= SHORT_MS)
		w->failures = 0;
	else
		w->failures++;
	if (is_in_vain(w))
		relist(w);
	else
		retry(w, 0);
}

void ss_watch_ended(struct ss_watch *w)
{
	int64_t lasted_ms = ss_clock_mono_ms() - w->started_ms;
	struct ss_err err;

	w->ended = false;
	if (lasted_ms >= HEALTHY_MS)
		w->failures = 0;
	/* It was accepted: what expires is renewed as often as it does. */
	if (w->status == 200 && (w->n_events || lasted_ms >= SHORT_MS))
		w->unauthorized = 0;
	if (!w->failure.code && w->status == 200) {
		clean_end(w, lasted_ms);
		return;
	}
	ss_err_init(&err);
	if (w->failure.code) {
		ss_err_move(&err, &w->failure);
		ss_client_explain(w->client, &err);
	} else {
		ss_status_error(w->client, w->status, w->retry_after_ms, w->content_type,
		                w->error_body.data, w->error_body.len, &err);
	}
	/* Cut after it had worked: the shortest pause. */
	if (is_temporary(&err) && w->status == 200 && (w->n_events || lasted_ms >= SHORT_MS))
		w->failures = 0;
	judge(w, &err);
}

static void close_early(struct ss_watch *w)
{
	ss_watch_disconnect(w);
	ss_stream_reset(&w->stream);
	w->ended = true;
	w->status = 200;
	ss_err_done(&w->failure);
}

void ss_watch_error_event(struct ss_watch *w, const struct ss_doc *status)
{
	count_silence(w);
	close_early(w);
	ss_status_decode(w->client, 500, status, ss_doc_root(status), &w->failure);
}

void ss_watch_garbled(struct ss_watch *w, struct ss_err *err)
{
	close_early(w);
	w->n_events = 0;
	w->started_ms = ss_clock_mono_ms();
	ss_err_move(&w->failure, err);
	/* Cut off or damaged on its way: as good as a lost connection, unless it never stops. */
	if (++w->garbled < MAX_GARBLED)
		w->failure.code = SS_ERR_UNAVAILABLE;
}
