/* The inside of a wait: wait.c (the object and the verdict) and wait_cause.c (its
 * pod and events, looked at only when the wait drags on or fails). */
#pragma once

#include "kube/client_priv.h"
#include "kube/wait_reason.h"
#include "kube/watch.h"

struct ss_wait {
	struct ss_link link; /* in client->waits */
	struct ss_client *client;
	ss_op_fn done;
	void *ud;
	/* What is awaited. */
	char *kind_text, *api_version, *namespace_, *name, *version;
	char kind[64]; /* "Sandbox": of the object, as far as known; for messages and causes */
	char condition[128], wanted[32]; /* "Ready", "True" */
	enum ss_verdict (*verdict)(void *ud, const struct ss_doc *object, struct ss_err *err);
	void (*progress)(void *ud, const char *text);
	bool deleted, terminal_causes;
	int64_t timeout_ms, started_ms;
	/* What is under way. */
	struct ss_watch *watch, *pod_watch;
	struct ss_op *look;  /* a GET of the object */
	struct ss_op *cause; /* a GET of the pod that failed, or of events */
	struct ss_timer *deadline, *timer;
	unsigned phase; /* the next thing that timer does */
	struct ss_completion first;
	/* What is known. */
	struct ss_doc *object;
	char uid[64];
	bool seen;
	struct ss_reason own, pod, event;
	char pod_name[256];
	char said[1024]; /* the last progress */
	bool *gone;      /* set when the wait is freed while it calls out */
};

/* --- wait.c ------------------------------------------------------------------ */
void ss_wait_fail(struct ss_wait *w, struct ss_err *err);
/* SS_ERR_FAILED for a cause: about is "Pod demo/s1", or NULL for the object itself. */
void ss_wait_fail_for(struct ss_wait *w, const char *about, const struct ss_reason *reason);
/* Tell the reason when it changed. The listener may cancel the wait: nothing follows this call. */
void ss_wait_tell(struct ss_wait *w);
const char *ss_wait_namespace(const struct ss_wait *w);
bool ss_wait_is(const struct ss_wait *w, const char *kind);

/* A state of the object; takes doc. Nothing follows this call: it may end the wait. */
void ss_wait_see(struct ss_wait *w, struct ss_doc *doc);
/* Is this a wait that ends at causes that do not heal? */
bool ss_wait_minds_causes(const struct ss_wait *w);

/* --- wait_cause.c -------------------------------------------------------------- */
/* Start the timer of what is looked at when the wait drags on: the object itself, its pod, events. */
void ss_wait_arm(struct ss_wait *w);
/* Fail for own (a pod that ended), with the pod's own words when it can be read. */
void ss_wait_fail_for_pod(struct ss_wait *w);
/* "Pod demo/s1: ImagePullBackOff: …": the best reason known; *ret_word its word. */
void ss_wait_best_reason(const struct ss_wait *w, char *out, size_t size, const char **ret_word);
