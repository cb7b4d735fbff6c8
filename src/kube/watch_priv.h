/* The inside of a watch: watch.c (what comes and where it goes) and
 * watch_run.c (lists, connections, resumption). */
#pragma once

#include "io/http.h"
#include "kube/client_priv.h"
#include "kube/seen.h"
#include "kube/watch.h"
#include "kube/watch_stream.h"

struct ss_watch {
	struct ss_link link; /* in client->watches */
	struct ss_client *client;
	struct ss_watch_events events;
	void *ud;
	/* What is watched. */
	char *kind_text, *api_version, *namespace_, *name, *label_selector;
	char *field_selector; /* name included */
	bool all_namespaces;
	const struct ss_kind *kind;
	struct ss_lookup lookup;
	/* Where it stands. */
	char *version;    /* resourceVersion to go on from; NULL = list first */
	bool established; /* an answer was had: from now on failures of the network are survived */
	struct ss_seen seen;
	unsigned round;
	/* A list being delivered, a page at a time: its items, then what is no longer there. */
	struct ss_op *list;
	char *page_token; /* of the page that is read or delivered; NULL = the first */
	struct ss_doc *listing;
	struct ss_iter next_item;
	size_t sweep_at;
	/* A connection. */
	struct ss_http_op *http;
	struct ss_stream stream;
	int status;
	int64_t retry_after_ms;
	char content_type[64];
	char *path;
	struct ss_buf error_body; /* of an answer other than 200 */
	bool ended;               /* with failure; what has arrived is delivered first */
	struct ss_err failure;
	int64_t started_ms;
	size_t bytes, n_events; /* of this connection */
	/* Failures in a row, for the back-off (K37). */
	unsigned failures, garbled, unauthorized;
	unsigned n_silent; /* connections in a row that told nothing */
	bool short_one;    /* the last one ended at once, and told nothing */
	char trouble[400]; /* why it is not connected, "" = it is */
	struct ss_timer *timer;
	/* Delivery. */
	bool paused, pumping;
	/* Nothing is under way: connect when all is delivered (a list ended, or the connection was
	 * given up because the consumer is slow). */
	bool idle;
	struct ss_completion resume;
	bool *gone; /* set when the watch is freed while it delivers */
};

/* --- watch_run.c ----------------------------------------------------------- */
/* List or connect, as version says. */
int ss_watch_run(struct ss_watch *w, struct ss_err *err);
/* The connection ended and everything was delivered: resume, back off, relist or fail. */
void ss_watch_ended(struct ss_watch *w);
/* An ERROR event: ends the connection. */
void ss_watch_error_event(struct ss_watch *w, const struct ss_doc *status);
/* A line that is no event: ends the connection; too many of them end the watch. */
void ss_watch_garbled(struct ss_watch *w, struct ss_err *err);
/* Close the connection without an end. */
void ss_watch_disconnect(struct ss_watch *w);

/* --- watch.c ----------------------------------------------------------------- */
/* Deliver what is there until nothing is left or the consumer pauses. */
void ss_watch_pump(struct ss_watch *w);
/* The end for good. */
void ss_watch_fail(struct ss_watch *w, struct ss_err *err);
int ss_watch_set_version(struct ss_watch *w, const char *version, struct ss_err *err);
