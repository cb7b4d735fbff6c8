#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/edit.h"
#include "base/json.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/status.h"
#include "kube/verbs.h"
#include "kube/watch.h"

struct target {
	char *namespace_, *name, *uid;
};

struct delete_op {
	struct ss_op op;
	char propagation[16];
	int64_t grace_period_seconds;
	bool wait, ignore_not_found;
	char *label_selector;
	char *uid, *resource_version;
	/* What to delete, or to wait for; one target when a name was given. */
	struct target *targets;
	size_t n, at;
	struct ss_doc *last; /* object that the server returned */
	enum ss_change change;
	struct ss_op *list;
	struct ss_wait *waiting;
};

static int delete_next(struct delete_op *d, struct ss_err *err);

static void destroy(struct ss_op *op)
{
	struct delete_op *d = (struct delete_op *)op;

	ss_op_cancel(d->list);
	ss_wait_cancel(d->waiting);
	for (size_t i = 0; i < d->n; i++) {
		free(d->targets[i].namespace_);
		free(d->targets[i].name);
		free(d->targets[i].uid);
	}
	free(d->targets);
	free(d->label_selector);
	free(d->uid);
	free(d->resource_version);
	ss_doc_free(d->last);
}

static int copy_string(char **to, const char *from, struct ss_err *err)
{
	if (!from || !*from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : ss_err_nomem(err);
}

static int add_target(struct delete_op *d, const char *namespace_, const char *name,
                      const char *uid, struct ss_err *err)
{
	struct target *t;
	int code;

	if (!(d->n & (d->n - 1))) {
		t = realloc(d->targets, (d->n ? d->n * 2 : 1) * sizeof(*t));
		if (!t)
			return ss_err_nomem(err);
		d->targets = t;
	}
	t = &d->targets[d->n++];
	*t = (struct target){0};
	if ((code = copy_string(&t->namespace_, namespace_, err)) ||
	    (code = copy_string(&t->name, name, err)))
		return code;
	return copy_string(&t->uid, uid, err);
}

static void finish(struct delete_op *d)
{
	struct ss_doc *last = d->last;

	d->last = NULL;
	ss_op_finish(&d->op, last, d->change);
}

/* --- waiting until they are gone ------------------------------------------- */

static int wait_next(struct delete_op *d, struct ss_err *err);

static void gone(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct delete_op *d = ud;
	struct ss_err err;

	d->waiting = NULL;
	ss_err_init(&err);
	if (failure)
		ss_err_copy(&err, failure);
	else if (!wait_next(d, &err))
		return;
	/* Of the wait's own names only the object's is this operation's business. */
	err.op[0] = 0;
	ss_op_fail(&d->op, &err);
}

static int wait_next(struct delete_op *d, struct ss_err *err)
{
	const struct ss_kind *kind = d->op.kind;
	struct target *t = &d->targets[d->at];
	struct ss_wait_spec spec = {
	        .ref = {.api_version = kind->api_version, .kind = kind->kind},
	        .deleted = true,
	        .timeout_ms = ss_op_left_ms(&d->op),
	};

	if (d->at == d->n) {
		d->change = d->change == SS_DELETING ? SS_DELETED : d->change;
		finish(d);
		return 0;
	}
	d->at++;
	spec.ref.namespace_ = t->namespace_;
	spec.ref.name = t->name;
	spec.ref.uid = t->uid;
	return ss_wait_start(d->op.client, &spec, gone, d, &d->waiting, err);
}

static int all_sent(struct delete_op *d, struct ss_err *err)
{
	if (!d->wait || d->op.dry_run || d->change != SS_DELETING) {
		finish(d);
		return 0;
	}
	d->at = 0;
	return wait_next(d, err);
}

/* --- one DELETE after the other ---------------------------------------------- */

/* A Status (gone), the object on its way out, or the object as it was (gone). K47 */
static int note_reply(struct delete_op *d, struct ss_doc *doc, struct ss_err *err)
{
	ss_node root = ss_doc_root(doc);
	struct target *t = &d->targets[d->at];
	const char *uid;
	bool leaving;

	if (ss_doc_is_string(doc, ss_doc_get(doc, root, "kind"), "Status")) {
		ss_doc_free(doc);
		if (d->change == SS_UNCHANGED)
			d->change = SS_DELETED;
		return 0;
	}
	leaving = ss_doc_find_string(doc, root, "metadata", "deletionTimestamp", NULL) != NULL;
	uid = ss_doc_find_string(doc, root, "metadata", "uid", NULL);
	ss_doc_free(d->last);
	d->last = doc;
	if (leaving)
		d->change = SS_DELETING;
	else if (d->change == SS_UNCHANGED)
		d->change = SS_DELETED;
	return t->uid ? 0 : copy_string(&t->uid, uid, err);
}

/* The object that was meant is gone, whether or not another took its name (K42). */
static bool is_gone(const struct delete_op *d, const struct ss_err *err)
{
	if (err->code == SS_ERR_NOT_FOUND)
		return !ss_status_no_such_path(err);
	/* In the words of different servers. */
	return err->code == SS_ERR_CONFLICT && d->targets[d->at].uid &&
	       (strstr(err->message, "UID in precondition") ||
	        strstr(err->message, "UID in the precondition"));
}

static int deleted(struct ss_op *op, struct ss_err *err)
{
	struct delete_op *d = (struct delete_op *)op;
	struct ss_doc *doc = NULL;
	int code = ss_op_document(op, &doc, err);

	if (code && is_gone(d, err) && (d->ignore_not_found || d->label_selector))
		ss_err_done(err);
	else if (code || (code = note_reply(d, doc, err)))
		return code;
	d->at++;
	return delete_next(d, err);
}

static void put_text(struct ss_buf *out, const char *key, const char *value)
{
	ss_buf_printf(out, "\"%s\":", key);
	ss_json_quote(out, value, strlen(value));
}

static void encode_options(const struct delete_op *d, const struct target *t, struct ss_buf *out)
{
	ss_buf_puts(out, "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",");
	put_text(out, "propagationPolicy", d->propagation);
	if (d->grace_period_seconds >= 0)
		ss_buf_printf(out, ",\"gracePeriodSeconds\":%lld",
		              (long long)d->grace_period_seconds);
	if (t->uid || d->resource_version) {
		ss_buf_puts(out, ",\"preconditions\":{");
		if (t->uid)
			put_text(out, "uid", t->uid);
		if (t->uid && d->resource_version)
			ss_buf_putc(out, ',');
		if (d->resource_version)
			put_text(out, "resourceVersion", d->resource_version);
		ss_buf_putc(out, '}');
	}
	if (d->op.dry_run)
		ss_buf_puts(out, ",\"dryRun\":[\"All\"]");
	ss_buf_putc(out, '}');
}

static int delete_next(struct delete_op *d, struct ss_err *err)
{
	struct ss_buf path SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_buf body SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_send send = {.method = "DELETE",
	                       .path = &path,
	                       .content_type = "application/json",
	                       .body = &body};
	const struct target *t;

	if (d->at == d->n)
		return all_sent(d, err);
	t = &d->targets[d->at];
	ss_path_object(&path, d->op.kind, t->namespace_, t->name, NULL);
	encode_options(d, t, &body);
	return ss_op_send(&d->op, &send, deleted, err);
}

/* --- by selector --------------------------------------------------------------- */

static int take_items(struct delete_op *d, const struct ss_doc *list, struct ss_err *err)
{
	ss_node items = ss_doc_get(list, ss_doc_root(list), "items");
	const char *name;
	int code = 0;

	for (struct ss_iter it = ss_iter(list, items); !code && ss_iter_next(&it);) {
		name = ss_doc_find_string(list, it.value, "metadata", "name", NULL);
		if (name && !(code = ss_path_check("name", name, err)))
			code = add_target(
			        d, ss_op_namespace(&d->op), name,
			        ss_doc_find_string(list, it.value, "metadata", "uid", NULL), err);
	}
	return code ? code : delete_next(d, err);
}

static void listed(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct delete_op *d = ud;
	struct ss_err err;

	d->list = NULL;
	ss_err_init(&err);
	if (failure)
		ss_err_copy(&err, failure);
	else if (!take_items(d, result->doc, &err))
		return;
	err.op[0] = 0;
	ss_op_fail(&d->op, &err);
}

static int run(struct ss_op *op, struct ss_err *err)
{
	struct delete_op *d = (struct delete_op *)op;
	struct ss_ref ref = {.api_version = op->kind->api_version,
	                     .kind = op->kind->kind,
	                     .namespace_ = op->namespace_};
	struct ss_list_spec spec = {.label_selector = d->label_selector, .metadata_only = true};
	struct ss_call call = {.timeout_ms = ss_op_left_ms(op), .exact_version = true};
	int code;

	if (!op->name)
		return ss_kube_list(op->client, &ref, &spec, &call, listed, d, &d->list, err);
	code = add_target(d, ss_op_namespace(op), op->name, d->uid, err);
	return code ? code : delete_next(d, err);
}

/* --- starting -------------------------------------------------------------------- */

static int set_propagation(struct delete_op *d, const char *propagation, struct ss_err *err)
{
	static const char *const words[] = {"Background", "Foreground", "Orphan"};

	if (!propagation)
		propagation = words[0];
	for (size_t i = 0; i < SS_ARRAY_LEN(words); i++)
		if (!strcmp(words[i], propagation)) {
			snprintf(d->propagation, sizeof(d->propagation), "%s", propagation);
			return 0;
		}
	return ss_err_set(err, SS_ERR_INVAL,
	                  "propagation: \"%s\" is none of Background, Foreground, Orphan",
	                  propagation);
}

static int fill(struct delete_op *d, const struct ss_ref *ref, const struct ss_delete_spec *spec,
                struct ss_err *err)
{
	int code = ss_op_target(&d->op, ref->kind, ref->namespace_, ref->name, err);

	if (code || (code = set_propagation(d, spec ? spec->propagation : NULL, err)))
		return code;
	d->grace_period_seconds = spec ? spec->grace_period_seconds : -1;
	d->wait = spec && spec->wait;
	d->ignore_not_found = spec && spec->ignore_not_found;
	if ((code = copy_string(&d->label_selector, spec ? spec->label_selector : NULL, err)) ||
	    (code = copy_string(&d->uid, ref->uid, err)) ||
	    (code = copy_string(&d->resource_version, ref->resource_version, err)))
		return code;
	if (d->op.name && d->label_selector)
		return ss_err_set(err, SS_ERR_INVAL, "give a name or a label selector, not both");
	if (!d->op.name && !d->label_selector)
		return ss_err_set(err, SS_ERR_INVAL, "name: missing (or give a label selector)");
	return 0;
}

int ss_kube_delete(struct ss_client *client, const struct ss_ref *ref,
                   const struct ss_delete_spec *spec, const struct ss_call *call, ss_op_fn done,
                   void *ud, struct ss_op **ret, struct ss_err *err)
{
	static const struct ss_op_class class = {.name = "delete", .run = run, .destroy = destroy};
	struct delete_op *d = ss_op_new(client, &class, sizeof(*d), call, done, ud, err);
	int code;

	if (!d)
		return err ? err->code : SS_ERR_NOMEM;
	d->change = SS_UNCHANGED;
	code = fill(d, ref, spec, err);
	if (code)
		return ss_op_refuse(&d->op, code, err);
	return ss_op_start(&d->op, ref->api_version, ret, err);
}
