#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/verbs.h"

enum { MAX_EVENTS = 5000 };

struct events_op {
	struct ss_op op;
	char *uid;
	struct ss_op *list;
};

static void destroy(struct ss_op *op)
{
	struct events_op *e = (struct events_op *)op;

	ss_op_cancel(e->list);
	free(e->uid);
}

struct stamped {
	int64_t ms;
	size_t index;
	ss_node node;
};

/* Events of old and new reporters carry different times; the last sign of life counts. */
static int64_t time_of(const struct ss_doc *doc, ss_node event)
{
	const char *candidates[] = {
	        ss_doc_find_string(doc, event, "series", "lastObservedTime", NULL),
	        ss_doc_find_string(doc, event, "lastTimestamp", NULL),
	        ss_doc_find_string(doc, event, "eventTime", NULL),
	        ss_doc_find_string(doc, event, "firstTimestamp", NULL),
	        ss_doc_find_string(doc, event, "metadata", "creationTimestamp", NULL),
	};
	int64_t ms;

	for (size_t i = 0; i < SS_ARRAY_LEN(candidates); i++)
		if (candidates[i] && !ss_clock_parse_rfc3339(candidates[i], &ms))
			return ms;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct stamped *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int sort_events(const struct ss_doc *list, struct ss_doc **ret, struct ss_err *err)
{
	ss_node items = ss_doc_get(list, ss_doc_root(list), "items");
	size_t count = ss_doc_count(list, items), n = 0;
	struct stamped *rows SS_AUTOFREE = calloc(count + 1, sizeof(*rows));
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	int code;

	if (!rows || !out)
		return ss_err_nomem(err);
	for (struct ss_iter it = ss_iter(list, items); ss_iter_next(&it); n++)
		rows[n] = (struct stamped){time_of(list, it.value), n, it.value};
	qsort(rows, n, sizeof(*rows), by_time);
	ss_doc_begin_array(out);
	for (size_t i = n > MAX_EVENTS ? n - MAX_EVENTS : 0; i < n; i++)
		ss_doc_copy(out, list, rows[i].node);
	ss_doc_end(out);
	code = ss_doc_finish(out, err);
	if (!code) {
		*ret = out;
		out = NULL;
	}
	return code;
}

static void listed(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct events_op *e = ud;
	struct ss_doc *sorted = NULL;
	struct ss_err err;

	e->list = NULL;
	ss_err_init(&err);
	if (failure)
		ss_err_copy(&err, failure);
	else
		sort_events(result->doc, &sorted, &err);
	if (sorted) {
		ss_op_finish(&e->op, sorted, SS_UNCHANGED);
		return;
	}
	err.op[0] = err.object[0] = 0;
	ss_op_fail(&e->op, &err);
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct events_op *e = (struct events_op *)op;
	const char *namespace_ = ss_op_namespace(op);
	struct ss_buf selector SS_AUTO_BUF = SS_BUF_INIT;
	/* Events about cluster-scoped objects live in "default". */
	struct ss_ref ref = {.api_version = "v1",
	                     .kind = "Event",
	                     .namespace_ = namespace_ ? namespace_ : "default"};
	struct ss_list_spec spec = {0};
	struct ss_call call = {.timeout_ms = ss_op_left_ms(op)};
	int code;

	ss_path_field(&selector, "involvedObject.name", op->name);
	ss_path_field(&selector, "involvedObject.kind", op->kind->kind);
	if (e->uid)
		ss_path_field(&selector, "involvedObject.uid", e->uid);
	code = ss_buf_check(&selector, "the field selector", err);
	if (code)
		return code;
	spec.field_selector = selector.data;
	return ss_kube_list(op->client, &ref, &spec, &call, listed, e, &e->list, err);
}

int ss_kube_events(struct ss_client *client, const struct ss_ref *ref, const struct ss_call *call,
                   ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "events", .run = run, .destroy = destroy};
	struct events_op *e = ss_op_new(client, &class, sizeof(*e), call, done, ud, err);
	int code;

	if (!e)
		return err ? err->code : SS_ERR_NOMEM;
	code = ss_op_target(&e->op, ref->kind, ref->namespace_, ref->name, err);
	if (!code && !e->op.name)
		code = ss_err_set(err, SS_ERR_INVAL, "name: missing");
	if (!code && ref->uid && *ref->uid && !(e->uid = strdup(ref->uid)))
		code = ss_err_nomem(err);
	if (code)
		return ss_op_refuse(&e->op, code, err);
	return ss_op_start(&e->op, ref->api_version, ret, err);
}
