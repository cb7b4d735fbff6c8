#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/edit.h"
#include "kube/known.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/wait_priv.h"
#include "kube/watch_priv.h"

enum { DEFAULT_TIMEOUT_MS = 60000 };

static void free_wait(struct ss_wait *w)
{
	if (w->gone)
		*w->gone = true;
	ss_link_del(&w->link);
	ss_watch_cancel(w->watch);
	ss_watch_cancel(w->pod_watch);
	ss_op_cancel(w->look);
	ss_op_cancel(w->cause);
	ss_timer_stop(w->deadline);
	ss_timer_stop(w->timer);
	ss_loop_unpost(w->client->loop, &w->first);
	ss_doc_free(w->object);
	free(w->kind_text);
	free(w->api_version);
	free(w->namespace_);
	free(w->name);
	free(w->version);
	free(w);
}

void ss_wait_cancel(struct ss_wait *w)
{
	if (w)
		free_wait(w);
}

const char *ss_wait_namespace(const struct ss_wait *w)
{
	return w->namespace_ ? w->namespace_ : w->client->namespace_;
}

bool ss_wait_is(const struct ss_wait *w, const char *kind)
{
	return !strcmp(w->kind, kind);
}

/* --- the ends ------------------------------------------------------------------- */

static void describe(const struct ss_wait *w, struct ss_err *err)
{
	const struct ss_kind *known = ss_known_find(w->kind, NULL, NULL);
	const char *namespace_ = known && !known->namespaced ? NULL : ss_wait_namespace(w);

	if (!err)
		return;
	snprintf(err->op, sizeof(err->op), "wait");
	ss_err_set_object(err, w->kind, namespace_, w->name);
}

static void finish(struct ss_wait *w, struct ss_doc *doc, enum ss_change change)
{
	struct ss_result result = {.doc = doc, .change = change};
	ss_op_fn done = w->done;
	void *ud = w->ud;

	free_wait(w);
	done(ud, &result, NULL);
	ss_doc_free(result.doc);
}

static void finish_object(struct ss_wait *w)
{
	struct ss_doc *doc = w->object;

	w->object = NULL;
	finish(w, doc, SS_UNCHANGED);
}

void ss_wait_fail(struct ss_wait *w, struct ss_err *err)
{
	struct ss_result result = {0};
	ss_op_fn done = w->done;
	void *ud = w->ud;

	describe(w, err);
	free_wait(w);
	done(ud, &result, err);
	ss_err_done(err);
}

void ss_wait_fail_for(struct ss_wait *w, const char *about, const struct ss_reason *reason)
{
	struct ss_err err;

	ss_err_init(&err);
	snprintf(err.reason, sizeof(err.reason), "%s", reason->word);
	ss_err_set(&err, SS_ERR_FAILED, "%s%s%s", about ? about : "", about ? ": " : "",
	           reason->text);
	ss_wait_fail(w, &err);
}

static void fail_deleted(struct ss_wait *w, const char *how)
{
	struct ss_err err;

	ss_err_init(&err);
	snprintf(err.reason, sizeof(err.reason), "Deleted");
	ss_err_set(&err, SS_ERR_FAILED, "it was deleted %s while it was awaited", how);
	ss_wait_fail(w, &err);
}

static void deadline_passed(void *ud)
{
	struct ss_wait *w = ud;
	const char *word = "";
	char reason[700];
	struct ss_err err;

	ss_err_init(&err);
	if (w->watch && *w->watch->trouble)
		snprintf(reason, sizeof(reason), "%s", w->watch->trouble);
	else if (w->deleted)
		snprintf(reason, sizeof(reason), "%s",
		         w->seen ? "it is still there (a finalizer, or a pod that ends slowly)"
		                 : "the server has not said whether it is there");
	else
		ss_wait_best_reason(w, reason, sizeof(reason), &word);
	snprintf(err.reason, sizeof(err.reason), "%s", word);
	ss_err_set(&err, SS_ERR_TIMEOUT, "timed out after %g s: %s", (double)w->timeout_ms / 1000,
	           reason);
	err.retryable = true;
	ss_wait_fail(w, &err);
}

/* --- judging -------------------------------------------------------------------- */

void ss_wait_tell(struct ss_wait *w)
{
	char text[sizeof(w->said)], reason[700];
	const char *word;

	if (!w->progress || w->deleted)
		return;
	ss_wait_best_reason(w, reason, sizeof(reason), &word);
	snprintf(text, sizeof(text), "%s %.253s: %.700s", w->kind, w->name, reason);
	if (!strcmp(text, w->said))
		return;
	memcpy(w->said, text, sizeof(text));
	w->progress(w->ud, text);
}

static bool condition_holds(const struct ss_wait *w)
{
	ss_node root = ss_doc_root(w->object);
	ss_node condition = ss_reason_condition(w->object, root, w->condition);
	const char *status = ss_doc_find_string(w->object, condition, "status", NULL);

	return status && !strcasecmp(status, w->wanted) &&
	       ss_reason_is_current(w->object, root, condition);
}

/* Causes matter to one who waits for Ready; another condition may be about the end itself. */
bool ss_wait_minds_causes(const struct ss_wait *w)
{
	if (!w->terminal_causes)
		return false;
	return w->verdict || (!strcasecmp(w->condition, "Ready") && !strcasecmp(w->wanted, "True"));
}

static void find_reason(struct ss_wait *w)
{
	ss_node root = ss_doc_root(w->object);

	if (ss_wait_minds_causes(w) && ss_wait_is(w, "Sandbox"))
		ss_reason_of_sandbox(w->object, root, &w->own);
	else if (ss_wait_minds_causes(w) && ss_wait_is(w, "Pod"))
		ss_reason_of_pod(w->object, root, &w->own);
	else
		ss_reason_of_condition(w->object, root, w->condition, &w->own);
}

/* Ends the wait, or tells where it stands: nothing follows this call. */
static void judge(struct ss_wait *w)
{
	bool gone = false, *outer = w->gone;
	enum ss_verdict verdict;
	struct ss_err err;

	ss_err_init(&err);
	if (w->verdict) {
		w->gone = &gone;
		verdict = w->verdict(w->ud, w->object, &err);
		if (gone) {
			if (outer)
				*outer = true;
			ss_err_done(&err);
			return;
		}
		w->gone = outer;
	} else {
		verdict = condition_holds(w) ? SS_WAIT_DONE : SS_WAIT_PENDING;
	}
	if (verdict == SS_WAIT_DONE) {
		finish_object(w);
		return;
	}
	if (verdict == SS_WAIT_FAILED) {
		if (!err.code)
			ss_err_set(&err, SS_ERR_FAILED, "the object failed by the caller's test");
		ss_wait_fail(w, &err);
		return;
	}
	ss_err_done(&err);
	find_reason(w);
	if (!w->own.terminal)
		ss_wait_tell(w);
	else if (w->own.about_pod)
		ss_wait_fail_for_pod(w);
	else
		ss_wait_fail_for(w, NULL, &w->own);
}

static const char *meta(const struct ss_doc *doc, const char *key)
{
	return ss_doc_find_string(doc, ss_doc_root(doc), "metadata", key, NULL);
}

static bool is_another(const struct ss_wait *w, const struct ss_doc *doc)
{
	const char *uid = meta(doc, "uid");

	return *w->uid && uid && *uid && strcmp(w->uid, uid);
}

/* A state of the object; takes doc. */
void ss_wait_see(struct ss_wait *w, struct ss_doc *doc)
{
	const char *kind = ss_doc_find_string(doc, ss_doc_root(doc), "kind", NULL);
	const char *pod_name = ss_doc_find_string(doc, ss_doc_root(doc), "metadata", "annotations",
	                                          "agents.x-k8s.io/pod-name", NULL);
	bool another = is_another(w, doc);

	ss_doc_free(w->object);
	w->object = doc;
	w->seen = true;
	if (kind && *kind)
		snprintf(w->kind, sizeof(w->kind), "%s", kind);
	snprintf(w->pod_name, sizeof(w->pod_name), "%s",
	         pod_name && *pod_name ? pod_name : w->name);
	if (another) {
		/* K42: for one who waits for the end this is it. */
		if (w->deleted)
			finish(w, NULL, SS_DELETED);
		else
			fail_deleted(w, "and made anew");
		return;
	}
	if (meta(doc, "uid"))
		snprintf(w->uid, sizeof(w->uid), "%s", meta(doc, "uid"));
	if (!w->deleted)
		judge(w);
}

static bool ends_list(const struct ss_doc *doc)
{
	return ss_doc_find_string(doc, ss_doc_root(doc), "metadata", "annotations",
	                          "k8s.io/initial-events-end", NULL) != NULL;
}

static void on_event(void *ud, enum ss_event_type type, struct ss_doc *doc)
{
	struct ss_wait *w = ud;

	if (type == SS_EVENT_ADDED || type == SS_EVENT_MODIFIED) {
		ss_wait_see(w, doc);
		return;
	}
	if (type == SS_EVENT_DELETED) {
		ss_doc_free(doc);
		if (w->deleted)
			finish(w, NULL, SS_DELETED);
		else
			fail_deleted(w, "");
		return;
	}
	if (ends_list(doc) && !w->seen && w->deleted) {
		ss_doc_free(doc);
		finish(w, NULL, SS_DELETED);
		return;
	}
	ss_doc_free(doc);
	if (!w->seen)
		ss_wait_tell(w);
}

static void on_failed(void *ud, const struct ss_err *failure)
{
	struct ss_wait *w = ud;
	struct ss_err err;

	w->watch = NULL;
	ss_err_init(&err);
	ss_err_copy(&err, failure);
	ss_wait_fail(w, &err);
}

/* --- starting ---------------------------------------------------------------------- */

static int start_watch(struct ss_wait *w, struct ss_err *err)
{
	static const struct ss_watch_events events = {on_event, on_failed};
	struct ss_watch_spec spec = {
	        .ref = {.api_version = w->api_version,
	                .kind = w->kind_text,
	                .namespace_ = w->namespace_,
	                .name = w->name},
	        .resource_version = w->version,
	};

	return ss_watch_start(w->client, &spec, &events, w, &w->watch, err);
}

/* The state that the caller has is judged from the loop, as every other one. */
static void first(struct ss_completion *self)
{
	struct ss_wait *w = SS_CONTAINER_OF(self, struct ss_wait, first);
	struct ss_doc *doc = w->object;
	bool gone = false;
	struct ss_err err;

	ss_err_init(&err);
	w->object = NULL;
	w->gone = &gone;
	ss_wait_see(w, doc);
	if (gone)
		return;
	w->gone = NULL;
	if (start_watch(w, &err))
		ss_wait_fail(w, &err);
}

static int copy_string(char **to, const char *from, struct ss_err *err)
{
	if (!from || !*from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : ss_err_nomem(err);
}

/* "Ready", "Available=False" */
static int set_condition(struct ss_wait *w, const char *text, struct ss_err *err)
{
	const char *equals;
	size_t len;

	if (!text || !*text)
		text = "Ready";
	equals = strchr(text, '=');
	len = equals ? (size_t)(equals - text) : strlen(text);
	if (!len || len >= sizeof(w->condition) || (equals && !equals[1]) ||
	    (equals && strlen(equals + 1) >= sizeof(w->wanted)))
		return ss_err_set(err, SS_ERR_INVAL,
		                  "condition: \"%.64s\" is not of the form TYPE or TYPE=STATUS",
		                  text);
	memcpy(w->condition, text, len);
	snprintf(w->wanted, sizeof(w->wanted), "%s", equals ? equals + 1 : "True");
	return 0;
}

static int fill(struct ss_wait *w, const struct ss_wait_spec *spec, struct ss_err *err)
{
	const struct ss_ref *ref = &spec->ref;
	const struct ss_kind *known;
	int code;

	if (!ref->kind || !*ref->kind)
		return ss_err_set(err, SS_ERR_INVAL, "kind: missing");
	if (!ref->name || !*ref->name)
		return ss_err_set(err, SS_ERR_INVAL, "name: missing");
	if ((code = copy_string(&w->kind_text, ref->kind, err)) ||
	    (code = copy_string(&w->api_version, ref->api_version, err)) ||
	    (code = copy_string(&w->namespace_, ref->namespace_, err)) ||
	    (code = copy_string(&w->name, ref->name, err)) ||
	    (code = copy_string(&w->version, spec->resource_version, err)))
		return code;
	known = ss_known_find(w->kind_text, NULL, NULL);
	snprintf(w->kind, sizeof(w->kind), "%s", known ? known->kind : w->kind_text);
	snprintf(w->uid, sizeof(w->uid), "%s", ref->uid ? ref->uid : "");
	snprintf(w->pod_name, sizeof(w->pod_name), "%s", w->name);
	w->deleted = spec->deleted;
	w->verdict = spec->verdict;
	w->progress = spec->progress;
	w->terminal_causes = spec->terminal_causes;
	w->timeout_ms = spec->timeout_ms > 0 ? spec->timeout_ms : DEFAULT_TIMEOUT_MS;
	w->started_ms = ss_clock_mono_ms();
	return set_condition(w, spec->condition, err);
}

static int begin(struct ss_wait *w, const struct ss_wait_spec *spec, struct ss_err *err)
{
	int code = fill(w, spec, err);

	if (code)
		return code;
	w->deadline = ss_timer_start(w->client->loop, w->timeout_ms, deadline_passed, w);
	if (!w->deadline)
		return ss_err_nomem(err);
	ss_wait_arm(w);
	if (!spec->object_doc || spec->object == SS_NO_NODE || w->deleted)
		return start_watch(w, err);
	w->object = ss_doc_dup(spec->object_doc, spec->object);
	if (!w->object)
		return ss_err_nomem(err);
	ss_loop_post(w->client->loop, &w->first);
	return 0;
}

int ss_wait_start(struct ss_client *client, const struct ss_wait_spec *spec, ss_op_fn done,
                  void *ud, struct ss_wait **ret, struct ss_err *err)
{
	struct ss_wait *w = calloc(1, sizeof(*w));
	int code;

	if (!w)
		return ss_err_nomem(err);
	w->client = client;
	w->done = done;
	w->ud = ud;
	w->first.fn = first;
	ss_link_init(&w->link);
	ss_link_add(&client->waits, &w->link);
	code = begin(w, spec, err);
	if (code) {
		if (w->kind[0] && w->name)
			describe(w, err);
		free_wait(w);
		return code;
	}
	*ret = w;
	return 0;
}
