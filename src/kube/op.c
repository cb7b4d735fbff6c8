#include "kube/op.h"

#include "kube/answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/owed.h"
#include "kube/path.h"
#include "kube/status.h"
#include "kube/table.h"

enum { OBJECT_MAX_BYTES = 4 << 20 };

static void lookup_done(struct ss_lookup *lookup, const struct ss_kind *kind, struct ss_err *err);

/* 1 to 128 printable characters (K43); the query encodes them. */
static int check_manager(const char *manager, struct ss_err *err)
{
	size_t len = strlen(manager);

	for (size_t i = 0; i < len; i++)
		if (!isprint((unsigned char)manager[i]))
			return ss_err_set(
			        err, SS_ERR_INVAL,
			        "the field manager holds a character that is not printable");
	if (!len || len > 128)
		return ss_err_set(err, SS_ERR_INVAL,
		                  "the field manager has %zu characters, 1 to 128 are allowed",
		                  len);
	return 0;
}

void *ss_op_new(struct ss_client *client, const struct ss_op_class *class, size_t size,
                const struct ss_call *call, ss_op_fn done, void *ud, struct ss_err *err)
{
	const char *manager = call && call->field_manager ? call->field_manager : "sandscript";
	struct ss_op *op;

	if (check_manager(manager, err))
		return NULL;
	op = calloc(1, size);
	if (!op) {
		ss_err_nomem(err);
		return NULL;
	}
	op->client = client;
	op->class = class;
	op->done = done;
	op->ud = ud;
	op->timeout_ms = call && call->timeout_ms > 0 ? call->timeout_ms : SS_CLIENT_TIMEOUT_MS;
	op->deadline_ms = ss_clock_mono_ms() + op->timeout_ms;
	snprintf(op->field_manager, sizeof(op->field_manager), "%s", manager);
	op->force = call && call->force;
	op->dry_run = call && call->dry_run;
	op->exact_version = call && call->exact_version;
	op->want_change = call && call->want_change;
	op->want_text = call && call->want_text;
	op->lookup.done = lookup_done;
	ss_link_init(&op->link);
	ss_link_add(&client->ops, &op->link);
	return op;
}

static void free_op(struct ss_op *op)
{
	ss_owed_lose(op->owed);
	ss_link_del(&op->link);
	ss_lookup_cancel(&op->lookup);
	ss_timer_stop(op->timer);
	if (op->class->destroy)
		op->class->destroy(op);
	free(op->kind_text);
	free(op->api_version);
	free(op->namespace_);
	free(op->name);
	free(op->path);
	ss_buf_done(&op->reply.body);
	free(op);
}

void ss_op_cancel(struct ss_op *op)
{
	if (!op)
		return;
	ss_http_cancel(op->client->transport, op->http);
	free_op(op);
}

static int copy_string(char **to, const char *from, struct ss_err *err)
{
	free(*to);
	*to = NULL;
	if (!from || !*from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : ss_err_nomem(err);
}

int ss_op_target(struct ss_op *op, const char *kind, const char *namespace_, const char *name,
                 struct ss_err *err)
{
	int code;

	if (!kind || !*kind)
		return ss_err_set(err, SS_ERR_INVAL, "kind: missing");
	if ((code = copy_string(&op->kind_text, kind, err)) ||
	    (code = copy_string(&op->namespace_, namespace_, err)) ||
	    (code = copy_string(&op->name, name, err)))
		return code;
	if (op->namespace_ && (code = ss_path_check("namespace", op->namespace_, err)))
		return code;
	return op->name ? ss_path_check("name", op->name, err) : 0;
}

const char *ss_op_namespace(const struct ss_op *op)
{
	if (op->kind && !op->kind->namespaced)
		return NULL;
	return op->namespace_ ? op->namespace_ : op->client->namespace_;
}

void ss_op_describe(struct ss_err *err, const char *op, const char *kind_text,
                    const struct ss_kind *kind, const char *namespace_, const char *name)
{
	if (!err)
		return;
	if (!*err->op)
		snprintf(err->op, sizeof(err->op), "%s", op);
	if (*err->object || !kind_text)
		return;
	if (name)
		ss_err_set_object(err, kind ? kind->kind : kind_text, namespace_, name);
	else
		snprintf(err->object, sizeof(err->object), "%s%s%s",
		         kind ? kind->plural : kind_text, namespace_ ? " in namespace " : "",
		         namespace_ ? namespace_ : "");
}

static bool is_secret(const struct ss_kind *kind)
{
	return kind && !*kind->group && !strcmp(kind->kind, "Secret");
}

static void describe(const struct ss_op *op, struct ss_err *err)
{
	if (err && is_secret(op->kind))
		ss_status_withhold(op->client, err);
	ss_op_describe(err, op->class->name, op->kind_text, op->kind,
	               op->everywhere ? NULL : ss_op_namespace(op), op->name);
}

int ss_op_refuse(struct ss_op *op, int code, struct ss_err *err)
{
	describe(op, err);
	ss_op_cancel(op);
	return code;
}

/* --- the ends ------------------------------------------------------------ */

static void end(struct ss_op *op, struct ss_result *result, struct ss_err *err)
{
	ss_op_fn done = op->done;
	void *ud = op->ud;

	ss_http_cancel(op->client->transport, op->http);
	free_op(op);
	done(ud, result, err);
	ss_doc_free(result->doc);
	free(result->text);
	ss_err_done(err);
}

void ss_op_finish(struct ss_op *op, struct ss_doc *doc, enum ss_change change)
{
	struct ss_result result = {.doc = doc, .text_len = op->text_len, .change = change};

	end(op, &result, NULL);
}

void ss_op_finish_text(struct ss_op *op, enum ss_change change)
{
	struct ss_result result = {.change = change};
	struct ss_reply *r = &op->reply;
	char *cut = r->body.data + r->cut_at;

	memmove(cut, cut + r->cut_len, r->body.len - r->cut_at - r->cut_len + 1);
	r->body.len -= r->cut_len;
	result.text = ss_buf_take(&r->body, &result.text_len);
	end(op, &result, NULL);
}

void ss_op_fail(struct ss_op *op, struct ss_err *err)
{
	struct ss_result result = {0};

	describe(op, err);
	end(op, &result, err);
}

static void step(struct ss_op *op, ss_op_step_fn fn)
{
	struct ss_err err;

	ss_err_init(&err);
	if (fn(op, &err))
		ss_op_fail(op, &err);
}

/* --- the deadline -------------------------------------------------------- */

int64_t ss_op_left_ms(const struct ss_op *op)
{
	int64_t left = op->deadline_ms - ss_clock_mono_ms();

	return left > 0 ? left : 1;
}

static int timed_out(const struct ss_op *op, struct ss_err *err)
{
	ss_err_set(err, SS_ERR_TIMEOUT, "context %s: no answer from %s within %g s",
	           op->client->context, ss_client_server(op->client),
	           (double)op->timeout_ms / 1000);
	err->retryable = true;
	return SS_ERR_TIMEOUT;
}

static void deadline_passed(void *ud)
{
	struct ss_op *op = ud;
	struct ss_err err;

	ss_err_init(&err);
	timed_out(op, &err);
	ss_op_fail(op, &err);
}

int ss_op_arm(struct ss_op *op, struct ss_err *err)
{
	ss_timer_stop(op->timer);
	op->timer = ss_timer_start(op->client->loop, ss_op_left_ms(op), deadline_passed, op);
	return op->timer ? 0 : ss_err_nomem(err);
}

/* --- the kind ------------------------------------------------------------ */

static void lookup_done(struct ss_lookup *lookup, const struct ss_kind *kind, struct ss_err *err)
{
	struct ss_op *op = SS_CONTAINER_OF(lookup, struct ss_op, lookup);
	const struct ss_kind *before = op->kind;

	ss_timer_stop(op->timer);
	op->timer = NULL;
	if (err && !op->rerun) {
		ss_op_fail(op, err);
		return;
	}
	/* A second look that finds nothing new leaves the answer that caused it. */
	if (op->rerun && (err || kind == before)) {
		step(op, op->then);
		return;
	}
	op->kind = kind;
	step(op, op->class->run);
}

static bool is_no_such_path(const struct ss_reply *r)
{
	static const char text[] = "404 page not found";

	return r->status == 404 && r->body.len >= sizeof(text) - 1 &&
	       !memcmp(r->body.data, text, sizeof(text) - 1);
}

/* True when another look at what the server serves was begun; the step follows it. */
static bool look_again(struct ss_op *op)
{
	const struct ss_kind *kind = NULL;

	if (!op->class->reruns || op->rerun || !op->kind || !is_no_such_path(&op->reply))
		return false;
	op->rerun = true;
	ss_discovery_forget(&op->client->discovery, op->kind);
	return ss_lookup_start(&op->lookup, op->client, op->kind_text, op->api_version,
	                       op->exact_version, &kind, NULL) == 1 &&
	       !ss_op_arm(op, NULL);
}

int ss_op_start(struct ss_op *op, const char *api_version, struct ss_op **ret, struct ss_err *err)
{
	int code = copy_string(&op->api_version, api_version, err);

	if (!code)
		code = ss_lookup_start(&op->lookup, op->client, op->kind_text, op->api_version,
		                       op->exact_version, &op->kind, err);

	if (code == 1)
		code = ss_op_arm(op, err);
	else if (!code)
		code = op->class->run(op, err);
	if (code)
		return ss_op_refuse(op, code, err);
	*ret = op;
	return 0;
}

int ss_op_start_plain(struct ss_op *op, struct ss_op **ret, struct ss_err *err)
{
	int code = op->class->run(op, err);

	if (code)
		return ss_op_refuse(op, code, err);
	*ret = op;
	return 0;
}

/* --- one request --------------------------------------------------------- */

static void reply_head(void *ud, const struct ss_http_head *head)
{
	struct ss_op *op = ud;

	op->reply.status = head->status;
	op->reply.retry_after_ms = head->retry_after_ms;
	snprintf(op->reply.content_type, sizeof(op->reply.content_type), "%s", head->content_type);
	ss_client_warn(op->client, head);
}

static void reply_data(void *ud, const char *data, size_t len)
{
	struct ss_op *op = ud;

	ss_buf_add(&op->reply.body, data, len);
	if (!op->too_large || op->reply.body.failed != SS_ERR_LIMIT)
		return;
	ss_http_cancel(op->client->transport, op->http);
	op->http = NULL;
	step(op, op->too_large);
}

static int transport_error(const struct ss_op *op, const struct ss_err *cause, struct ss_err *err)
{
	ss_err_copy(err, cause);
	if (err->code == SS_ERR_TIMEOUT)
		return timed_out(op, err);
	err->retryable = err->retryable || err->code == SS_ERR_UNAVAILABLE;
	ss_client_explain(op->client, err);
	return err->code;
}

static void reply_done(void *ud, const struct ss_err *cause)
{
	struct ss_op *op = ud;
	struct ss_err err;

	op->http = NULL;
	ss_owed_end(op->owed);
	op->owed = 0;
	ss_client_trace(op->client, op->method, op->path, cause ? 0 : op->reply.status,
	                op->started_ms, op->reply.body.len);
	ss_err_init(&err);
	if (cause)
		transport_error(op, cause, &err);
	else if (!ss_buf_check(&op->reply.body, "the server's answer", &err)) {
		if (!look_again(op))
			step(op, op->then);
		return;
	}
	ss_op_fail(op, &err);
}

static bool is_dry_run(const struct ss_op *op, const char *path)
{
	/* Verbs that try first say so in the query, where values are encoded. */
	return op->dry_run || strstr(path, "?dryRun=All") || strstr(path, "&dryRun=All");
}

static bool is_write(const struct ss_op *op, const char *method)
{
	return strcmp(method, "GET") != 0 && !is_dry_run(op, op->path);
}

static int check_read_only(const struct ss_op *op, const char *method, struct ss_err *err)
{
	if (!op->client->read_only || !is_write(op, method))
		return 0;
	return ss_err_set(err, SS_ERR_FORBIDDEN,
	                  "this session is read-only: nothing is written but dry runs; start it "
	                  "without --read-only to write");
}

static void owe(struct ss_op *op)
{
	struct ss_err what;

	ss_err_init(&what);
	describe(op, &what);
	op->owed = ss_owed_begin(what.op, what.object);
}

int ss_op_send(struct ss_op *op, const struct ss_send *send, ss_op_step_fn then, struct ss_err *err)
{
	static const struct ss_http_events events = {reply_head, reply_data, reply_done};
	struct ss_http_request request = {
	        .method = send->method,
	        .content_type = send->content_type,
	        .accept = send->accept,
	        .body = send->body ? send->body->data : NULL,
	        .body_len = send->body ? send->body->len : 0,
	        .lane = SS_LANE_REQUEST,
	        .stream = send->too_large != NULL,
	        .timeout_ms = ss_op_left_ms(op),
	        .max_body_bytes = send->max_body_bytes ? send->max_body_bytes : OBJECT_MAX_BYTES,
	};
	int code = ss_buf_check(send->path, "the request path", err);

	if (!code && send->body)
		code = ss_buf_check(send->body, "the request", err);
	if (code)
		return code;
	free(op->path);
	op->path = ss_buf_take(send->path, NULL);
	if (!op->path)
		return ss_err_nomem(err);
	code = check_read_only(op, send->method, err);
	if (code)
		return code;
	request.path = op->path;
	op->method = send->method;
	op->then = then;
	op->too_large = send->too_large;
	op->started_ms = ss_clock_mono_ms();
	op->reply.status = 0;
	op->reply.content_type[0] = 0;
	ss_buf_reset(&op->reply.body);
	op->reply.body.max = request.max_body_bytes;
	if (send->too_large)
		request.max_body_bytes = 0; /* of a stream: what is not delivered yet */
	code = ss_http_start(op->client->transport, &request, &events, op, &op->http, err);
	if (!code && op->http && is_write(op, send->method))
		owe(op);
	return code;
}

static int reply_error(struct ss_op *op, struct ss_err *err)
{
	const struct ss_reply *r = &op->reply;

	ss_status_error(op->client, r->status, r->retry_after_ms, r->content_type, r->body.data,
	                r->body.len, err);
	if (ss_status_no_such_path(err) && op->kind) {
		ss_discovery_forget(&op->client->discovery, op->kind);
		ss_err_set(err, SS_ERR_NOT_FOUND,
		           "the server does not serve %s in %s (404 page not found)",
		           op->kind->plural, op->kind->api_version);
	}
	return err->code;
}

int ss_op_check(struct ss_op *op, struct ss_err *err)
{
	return op->reply.status >= 200 && op->reply.status < 300 ? 0 : reply_error(op, err);
}

static const char *const managed[2] = {"metadata", "managedFields"};

bool ss_op_is_text(struct ss_op *op)
{
	const struct ss_reply *r = &op->reply;

	return r->status >= 200 && r->status < 300 && strstr(r->content_type, "json") &&
	       r->body.len && ss_answer_scan(op, managed);
}

/* What is no JSON is no answer of an API server: as good as none. */
static int unreadable(const struct ss_op *op, int code, struct ss_err *err)
{
	ss_err_wrap(err, code, "the answer of %s to %s %s", ss_client_server(op->client),
	            op->method, op->path);
	if (code == SS_ERR_PARSE && err)
		err->code = code = SS_ERR_UNAVAILABLE;
	return code;
}

static int read_document(struct ss_op *op, bool whole, struct ss_doc **ret, struct ss_err *err)
{
	const struct ss_reply *r = &op->reply;
	const char *text = r->body.data ? r->body.data : "";
	int code = ss_op_check(op, err);

	if (code)
		return code;
	/* A captive portal or a wrong address answers 200 with a page. */
	if (!strstr(r->content_type, "json")) {
		code = reply_error(op, err);
		ss_err_wrap(err, code, "%s %s at %s", op->method, op->path,
		            ss_client_server(op->client));
		if (code == SS_ERR_INTERNAL && err)
			err->code = SS_ERR_UNAVAILABLE;
		return SS_ERR_UNAVAILABLE;
	}
	code = whole ? ss_json_parse(text, r->body.len, ret, err)
	             : ss_json_parse_without(text, r->body.len, managed, ret, err);
	if (code)
		return unreadable(op, code, err);
	if (op->client->tables && !strcmp(op->method, "GET")) {
		code = ss_table_unfold(ret, op->kind, op->name != NULL, err);
		if (code)
			return code;
	}
	if (ss_status_is_failure(*ret, ss_doc_root(*ret))) {
		ss_status_decode(op->client, r->status, *ret, ss_doc_root(*ret), err);
		code = err->code;
	} else {
		code = ss_answer_check(op, *ret, err);
	}
	if (code) {
		ss_doc_free(*ret);
		*ret = NULL;
	}
	return code;
}

int ss_op_document(struct ss_op *op, struct ss_doc **ret, struct ss_err *err)
{
	return read_document(op, true, ret, err);
}

int ss_op_object(struct ss_op *op, struct ss_doc **ret, struct ss_err *err)
{
	return read_document(op, false, ret, err);
}
