/* The inside of a client, for the files of kube/. */
#pragma once

#include "io/http.h"
#include "io/loop.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "kube/list.h"

enum {
	SS_CLIENT_WARNINGS = 64, /* texts remembered, so that each is said once */
	SS_CLIENT_WARNINGS_PER_REPLY = 16,
};

struct ss_client {
	struct ss_loop *loop;
	struct ss_transport *transport;
	char *context;
	char *namespace_;
	struct ss_preflight preflight; /* check NULL = none installed */
	ss_client_warning_fn warning;
	void *warning_ud;
	ss_client_trace_fn trace;
	void *trace_ud;
	bool read_only, tables;
	/* What lives on this client; freed in this order, since waits own watches and
	 * both own operations. */
	struct ss_link waits, watches, ops;
	struct ss_discovery discovery;
	uint64_t warned[SS_CLIENT_WARNINGS]; /* hashes */
	size_t n_warned;
	int64_t page_objects; /* what a page of a list held when more were too large; 0 = it fits */
	uint64_t random;      /* state of ss_client_random; jitter, nothing secret */
};

/* Say each text of the reply once per client, escaped. */
void ss_client_warn(struct ss_client *client, const struct ss_http_head *head);
void ss_client_trace(struct ss_client *client, const char *method, const char *path, int status,
                     int64_t started_ms, size_t bytes);
/* 0 or SS_ERR_POLICY: no preflight installed, or it refused. */
int ss_client_preflight(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                        struct ss_err *err);
/* 0 or the code of err: what a write made of the object (before may be NULL). */
int ss_client_check_change(struct ss_client *client, const struct ss_doc *before,
                           const struct ss_doc *after, bool whole, struct ss_err *err);
/* Must the answer to an apply of this kind be checked? */
bool ss_client_covers(const struct ss_client *client, const struct ss_kind *kind);
/* A number from 0 to max, both included. */
int64_t ss_client_random(struct ss_client *client, int64_t max);
/* Say what was not reached: "context kind-dev at https://…: " in front of a transport's message. */
void ss_client_explain(struct ss_client *client, struct ss_err *err);
