/* Why it is not ready: the pod's own words, and events, read only when needed and
 * never missed when they cannot be (a user may lack the right to read pods). */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "kube/verbs.h"
#include "kube/wait_priv.h"

enum {
	LOOK_AFTER_MS = 250, /* of silence, when the state at the given version is not known */
	POD_AFTER_MS = 1000,
	EVENTS_BEFORE_MS = 1500, /* the deadline */
	CAUSE_TIMEOUT_MS = 2000,
};

static void pod_title(const struct ss_wait *w, char *out, size_t size)
{
	snprintf(out, size, "Pod %s/%s", ss_wait_namespace(w), w->pod_name);
}

static void fail_for_pod_reason(struct ss_wait *w)
{
	char title[400];

	pod_title(w, title, sizeof(title));
	ss_wait_fail_for(w, title, &w->pod);
}

/* The pod of a sandbox that was deleted and made anew under its name stays for a while, and so
 * does one that is being replaced: its end is not the end of what is awaited. */
static bool is_left_over(const struct ss_wait *w, const struct ss_doc *pod)
{
	ss_node meta = ss_doc_get(pod, ss_doc_root(pod), "metadata");

	if (ss_doc_get(pod, meta, "deletionTimestamp") != SS_NO_NODE)
		return true;
	for (struct ss_iter it = ss_iter(pod, ss_doc_get(pod, meta, "ownerReferences"));
	     ss_iter_next(&it);) {
		const char *uid = ss_doc_find_string(pod, it.value, "uid", NULL);

		if (ss_doc_is_string(pod, ss_doc_get(pod, it.value, "kind"), "Sandbox"))
			return *w->uid && uid && strcmp(w->uid, uid) != 0;
	}
	return false;
}

/* --- the pod, while waiting ----------------------------------------------------------- */

static void on_pod(void *ud, enum ss_event_type type, struct ss_doc *doc)
{
	struct ss_wait *w = ud;

	if (type == SS_EVENT_BOOKMARK) {
		ss_doc_free(doc);
		return;
	}
	w->pod = (struct ss_reason){0};
	if (type != SS_EVENT_DELETED && !is_left_over(w, doc))
		ss_reason_of_pod(doc, ss_doc_root(doc), &w->pod);
	ss_doc_free(doc);
	if (w->pod.terminal)
		fail_for_pod_reason(w);
	else
		ss_wait_tell(w);
}

static void on_pod_failed(void *ud, const struct ss_err *err)
{
	((struct ss_wait *)ud)->pod_watch = NULL;
}

static void watch_pod(struct ss_wait *w)
{
	static const struct ss_watch_events events = {on_pod, on_pod_failed};
	struct ss_watch_spec spec = {
	        .ref = {.api_version = "v1",
	                .kind = "Pod",
	                .namespace_ = w->namespace_,
	                .name = w->pod_name},
	};

	if (!w->pod_watch)
		ss_watch_start(w->client, &spec, &events, w, &w->pod_watch, NULL);
}

/* --- the pod, when it has ended ---------------------------------------------------------- */

static void pod_read(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct ss_wait *w = ud;

	w->cause = NULL;
	w->pod = (struct ss_reason){0};
	if (!failure && is_left_over(w, result->doc)) {
		ss_wait_tell(w); /* the controller has yet to see its own pod */
		return;
	}
	if (!failure)
		ss_reason_of_pod(result->doc, ss_doc_root(result->doc), &w->pod);
	if (w->pod.terminal)
		fail_for_pod_reason(w);
	else
		ss_wait_fail_for(w, NULL, &w->own);
}

void ss_wait_fail_for_pod(struct ss_wait *w)
{
	struct ss_ref ref = {.api_version = "v1",
	                     .kind = "Pod",
	                     .namespace_ = w->namespace_,
	                     .name = w->pod_name};
	struct ss_call call = {.timeout_ms = CAUSE_TIMEOUT_MS};

	if (w->pod.terminal) {
		fail_for_pod_reason(w);
		return;
	}
	if (w->cause)
		return;
	if (ss_kube_get(w->client, &ref, &call, pod_read, w, &w->cause, NULL))
		ss_wait_fail_for(w, NULL, &w->own);
}

/* --- events ----------------------------------------------------------------------------- */

static void events_read(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct ss_wait *w = ud;

	w->cause = NULL;
	if (!failure)
		ss_reason_of_events(result->doc, ss_doc_root(result->doc), &w->event);
}

static void read_events(struct ss_wait *w)
{
	bool of_pod = ss_wait_is(w, "Pod") || w->pod.text[0];
	struct ss_ref ref = {
	        .api_version = of_pod ? "v1" : w->api_version,
	        .kind = of_pod ? "Pod" : w->kind_text,
	        .namespace_ = w->namespace_,
	        .name = of_pod ? w->pod_name : w->name,
	};
	struct ss_call call = {.timeout_ms = CAUSE_TIMEOUT_MS};

	/* Who knows the reason by its name needs no events. */
	if (w->seen && !w->pod.word[0] && !w->cause)
		ss_kube_events(w->client, &ref, &call, events_read, w, &w->cause, NULL);
}

/* --- what happens when it drags on ------------------------------------------------- */

static void looked(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct ss_wait *w = ud;
	struct ss_doc *doc = result->doc;

	w->look = NULL;
	/* What the watch has shown meanwhile is newer; its absence the watch will show. */
	if (failure || w->seen)
		return;
	result->doc = NULL;
	ss_wait_see(w, doc);
}

static void look(struct ss_wait *w)
{
	struct ss_ref ref = {
	        .api_version = w->api_version,
	        .kind = w->kind_text,
	        .namespace_ = w->namespace_,
	        .name = w->name,
	};

	/* A second pair of eyes: without it the wait goes on. */
	if (w->version && !w->seen && !w->look)
		ss_kube_get(w->client, &ref, NULL, looked, w, &w->look, NULL);
}

static void drag_pod(struct ss_wait *w)
{
	if (ss_wait_minds_causes(w) && ss_wait_is(w, "Sandbox"))
		watch_pod(w);
}

static void drag_events(struct ss_wait *w)
{
	if (ss_wait_minds_causes(w))
		read_events(w);
}

static void drag(void *ud)
{
	static void (*const phases[])(struct ss_wait *) = {look, drag_pod, drag_events};
	struct ss_wait *w = ud;
	void (*phase)(struct ss_wait *) = phases[w->phase++];

	ss_timer_stop(w->timer);
	w->timer = NULL;
	ss_wait_arm(w);
	phase(w);
}

/* Without memory for the timer the wait still works, it only knows less. */
void ss_wait_arm(struct ss_wait *w)
{
	int64_t tail = w->timeout_ms / 4 < EVENTS_BEFORE_MS ? w->timeout_ms / 4 : EVENTS_BEFORE_MS;
	const int64_t due[] = {LOOK_AFTER_MS, POD_AFTER_MS, w->timeout_ms - tail};
	int64_t delay;

	if (w->deleted || w->phase == SS_ARRAY_LEN(due))
		return;
	delay = w->started_ms + due[w->phase] - ss_clock_mono_ms();
	w->timer = ss_timer_start(w->client->loop, delay > 0 ? delay : 0, drag, w);
}

/* --- the best of what is known -------------------------------------------------------------- */

void ss_wait_best_reason(const struct ss_wait *w, char *out, size_t size, const char **ret_word)
{
	char title[400];
	const struct ss_reason *r = &w->own;

	pod_title(w, title, sizeof(title));
	*ret_word = "";
	if (w->pod.word[0] || (w->pod.text[0] && !w->event.word[0])) {
		*ret_word = w->pod.word;
		snprintf(out, size, "%.320s: %s", title, w->pod.text);
	} else if (w->event.word[0]) {
		*ret_word = w->event.word;
		snprintf(out, size, "%s", w->event.text);
	} else if (r->text[0]) {
		*ret_word = r->word;
		snprintf(out, size, "%s", r->text);
	} else {
		snprintf(out, size, "%s",
		         w->seen ? "its state says no reason" : "it does not exist yet");
	}
}
