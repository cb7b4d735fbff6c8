#include "kube/discovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "kube/client_priv.h"
#include "kube/discovery_priv.h"
#include "kube/status.h"

enum {
	MAX_ROUNDS = 600, /* requests of one lookup: one per group on servers without aggregation */
	MAX_BODY_BYTES = 16 << 20,
};

/* In the order g, v, as: the server compares the parameters as text (K50). */
static const char aggregated[] =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
        "application/json";

/* A document of the server, and who waits for it. */
struct entry {
	struct ss_link link;
	struct ss_discovery *d;
	char *path;
	struct ss_doc *doc; /* NULL: not there, or the server has none */
	int status;         /* of the last answer, 0 = none yet */
	uint64_t seq;
	struct ss_link waiters;
	/* The request in flight. */
	struct ss_http_op *http;
	int reply_status;
	char content_type[64];
	struct ss_buf body;
	int64_t started_ms;
};

struct interned {
	struct ss_link link;
	struct ss_kind kind;
	char text[]; /* what kind points to */
};

void ss_discovery_init(struct ss_discovery *d, struct ss_client *client)
{
	*d = (struct ss_discovery){.client = client};
	ss_link_init(&d->entries);
	ss_link_init(&d->kinds);
}

static void free_entry(struct entry *e)
{
	struct ss_link *w;

	ss_http_cancel(e->d->client->transport, e->http);
	while (!ss_link_empty(&e->waiters)) {
		w = e->waiters.next;
		ss_lookup_cancel(SS_CONTAINER_OF(w, struct ss_lookup, link));
	}
	ss_link_del(&e->link);
	ss_doc_free(e->doc);
	ss_buf_done(&e->body);
	free(e->path);
	free(e);
}

void ss_discovery_done(struct ss_discovery *d)
{
	struct ss_link *link;

	while (!ss_link_empty(&d->entries))
		free_entry(SS_CONTAINER_OF(d->entries.next, struct entry, link));
	while (!ss_link_empty(&d->kinds)) {
		link = d->kinds.next;
		ss_link_del(link);
		free(SS_CONTAINER_OF(link, struct interned, link));
	}
}

static struct entry *find_entry(struct ss_discovery *d, const char *path)
{
	for (struct ss_link *l = d->entries.next; l != &d->entries; l = l->next) {
		struct entry *e = SS_CONTAINER_OF(l, struct entry, link);

		if (!strcmp(e->path, path))
			return e;
	}
	return NULL;
}

const struct ss_doc *ss_discovery_document(struct ss_discovery *d, const char *path,
                                           uint64_t *ret_seq, int *ret_status)
{
	struct entry *e = find_entry(d, path);

	*ret_seq = e ? e->seq : 0;
	*ret_status = e ? e->status : 0;
	return e ? e->doc : NULL;
}

/* --- interned kinds -------------------------------------------------------- */

static bool same_kind(const struct ss_kind *a, const struct ss_kind *b)
{
	return !strcmp(a->plural, b->plural) && !strcmp(a->api_version, b->api_version) &&
	       !strcmp(a->kind, b->kind) && a->namespaced == b->namespaced;
}

static const char *place(char **at, const char *s)
{
	size_t len = strlen(s) + 1;
	char *p = memcpy(*at, s, len);

	*at += len;
	return p;
}

const struct ss_kind *ss_discovery_intern(struct ss_discovery *d, const struct ss_kind *kind)
{
	struct interned *in;
	char *at;

	for (struct ss_link *l = d->kinds.next; l != &d->kinds; l = l->next) {
		in = SS_CONTAINER_OF(l, struct interned, link);
		if (same_kind(&in->kind, kind))
			return &in->kind;
	}
	if (d->n_kinds == SS_DISCOVERY_MAX_KINDS)
		return NULL;
	in = malloc(sizeof(*in) + 6 + strlen(kind->group) + strlen(kind->version) +
	            strlen(kind->api_version) + strlen(kind->kind) + strlen(kind->plural) +
	            strlen(kind->shorts));
	if (!in)
		return NULL;
	at = in->text;
	in->kind.group = place(&at, kind->group);
	in->kind.version = place(&at, kind->version);
	in->kind.api_version = place(&at, kind->api_version);
	in->kind.kind = place(&at, kind->kind);
	in->kind.plural = place(&at, kind->plural);
	in->kind.shorts = place(&at, kind->shorts);
	in->kind.namespaced = kind->namespaced;
	ss_link_init(&in->link);
	ss_link_add(&d->kinds, &in->link);
	d->n_kinds++;
	return &in->kind;
}

/* --- lookups ----------------------------------------------------------------- */

static void release(struct ss_lookup *lookup)
{
	free(lookup->kind);
	free(lookup->api_version);
	lookup->kind = lookup->api_version = NULL;
	lookup->client = NULL;
}

void ss_lookup_cancel(struct ss_lookup *lookup)
{
	if (!lookup->client)
		return;
	ss_link_del(&lookup->link);
	release(lookup);
}

static int fetch(struct ss_discovery *d, struct entry *e, struct ss_err *err);

static int wait_for(struct ss_discovery *d, struct ss_lookup *lookup, const char *path,
                    struct ss_err *err)
{
	struct entry *e = find_entry(d, path);
	int code;

	if (++lookup->rounds > MAX_ROUNDS)
		return ss_err_set(err, SS_ERR_LIMIT, "discovery took more than %d requests",
		                  MAX_ROUNDS);
	if (!e) {
		if (d->n_entries == SS_DISCOVERY_MAX_ENTRIES)
			return ss_err_set(err, SS_ERR_LIMIT,
			                  "more than %d API groups and versions asked for",
			                  SS_DISCOVERY_MAX_ENTRIES);
		e = calloc(1, sizeof(*e));
		if (!e || !(e->path = strdup(path))) {
			free(e);
			return ss_err_nomem(err);
		}
		e->d = d;
		ss_link_init(&e->waiters);
		ss_link_init(&e->link);
		ss_link_add(&d->entries, &e->link);
		d->n_entries++;
	}
	code = e->http ? 0 : fetch(d, e, err);
	if (!code)
		ss_link_add(&e->waiters, &lookup->link);
	return code;
}

/* 0: *ret is the answer (or everything is there). 1: waits. Else failed. */
static int advance(struct ss_lookup *lookup, const struct ss_kind **ret, struct ss_err *err)
{
	struct ss_discovery *d = &lookup->client->discovery;
	char need[SS_DISCOVERY_PATH];
	int code = ss_discovery_answer(d, lookup, need, ret, err);

	if (code == 1) {
		code = wait_for(d, lookup, need, err);
		return code ? code : 1;
	}
	return code;
}

int ss_lookup_start(struct ss_lookup *lookup, struct ss_client *client, const char *kind,
                    const char *api_version, bool exact, const struct ss_kind **ret,
                    struct ss_err *err)
{
	int code;

	/* Borrowed for the question that is answered at once. */
	lookup->client = client;
	lookup->kind = (char *)kind;
	lookup->api_version = (char *)api_version;
	lookup->exact = exact;
	lookup->all = false;
	lookup->since = client->discovery.seq;
	lookup->rounds = 0;
	ss_link_init(&lookup->link);
	code = advance(lookup, ret, err);
	if (code == 1) {
		lookup->kind = strdup(kind);
		lookup->api_version = api_version ? strdup(api_version) : NULL;
		if (lookup->kind && (lookup->api_version || !api_version))
			return 1;
		ss_link_del(&lookup->link);
		free(lookup->kind);
		free(lookup->api_version);
		code = ss_err_nomem(err);
	}
	lookup->kind = lookup->api_version = NULL;
	lookup->client = NULL;
	return code;
}

int ss_lookup_all(struct ss_lookup *lookup, struct ss_client *client, struct ss_err *err)
{
	const struct ss_kind *none;
	int code;

	lookup->client = client;
	lookup->kind = lookup->api_version = NULL;
	lookup->exact = false;
	lookup->all = true;
	lookup->since = client->discovery.seq;
	lookup->rounds = 0;
	ss_link_init(&lookup->link);
	code = advance(lookup, &none, err);
	if (code != 1)
		lookup->client = NULL;
	return code;
}

static void answer_waiter(struct ss_lookup *lookup, struct ss_err *failure)
{
	const struct ss_kind *kind = NULL;
	struct ss_err err;
	int code;

	ss_err_init(&err);
	if (failure)
		ss_err_copy(&err, failure);
	code = failure ? failure->code : advance(lookup, &kind, &err);
	if (code == 1)
		return;
	release(lookup);
	lookup->done(lookup, kind, code ? &err : NULL);
	ss_err_done(&err);
}

/* The waiters move to a list of this frame: any of them may cancel others, ask
 * for this document once more, or free the client with all of it. */
static void wake(struct entry *e, struct ss_err *failure)
{
	struct ss_link woken, *w;

	ss_link_splice(&woken, &e->waiters);
	while (!ss_link_empty(&woken)) {
		w = woken.next;
		ss_link_del(w);
		answer_waiter(SS_CONTAINER_OF(w, struct ss_lookup, link), failure);
	}
}

/* --- requests ---------------------------------------------------------------- */

static void on_head(void *ud, const struct ss_http_head *head)
{
	struct entry *e = ud;

	e->reply_status = head->status;
	snprintf(e->content_type, sizeof(e->content_type), "%s", head->content_type);
}

static void on_data(void *ud, const char *data, size_t len)
{
	ss_buf_add(&((struct entry *)ud)->body, data, len);
}

/* 404 and 503 (an aggregated API whose server is down) are answers too. */
static int digest_reply(struct entry *e, struct ss_err *err)
{
	struct ss_client *client = e->d->client;
	struct ss_doc *doc = NULL;
	int code = ss_buf_check(&e->body, "the discovery document", err);

	if (code)
		return code;
	if (e->reply_status == 200 && strstr(e->content_type, "json")) {
		code = ss_json_parse(e->body.data ? e->body.data : "", e->body.len, &doc, err);
		if (code)
			return ss_err_wrap(err, code, "discovery %s", e->path);
	} else if (e->reply_status != 404 && e->reply_status != 503) {
		return ss_status_error(client, e->reply_status, -1, e->content_type, e->body.data,
		                       e->body.len, err);
	}
	ss_doc_free(e->doc);
	e->doc = doc;
	e->status = e->reply_status;
	e->seq = ++e->d->seq;
	return 0;
}

static void on_done(void *ud, const struct ss_err *cause)
{
	struct entry *e = ud;
	struct ss_err err;
	int code;

	e->http = NULL;
	ss_client_trace(e->d->client, "GET", e->path, cause ? 0 : e->reply_status, e->started_ms,
	                e->body.len);
	ss_err_init(&err);
	if (cause) {
		ss_err_copy(&err, cause);
		ss_client_explain(e->d->client, &err);
		code = err.code;
	} else {
		code = digest_reply(e, &err);
	}
	ss_buf_done(&e->body);
	wake(e, code ? &err : NULL);
	ss_err_done(&err);
}

static int fetch(struct ss_discovery *d, struct entry *e, struct ss_err *err)
{
	static const struct ss_http_events events = {on_head, on_data, on_done};
	bool whole = !strcmp(e->path, "/api") || !strcmp(e->path, "/apis");
	struct ss_http_request request = {
	        .method = "GET",
	        .path = e->path,
	        .accept = whole ? aggregated : NULL,
	        .lane = SS_LANE_REQUEST,
	        .timeout_ms = SS_CLIENT_TIMEOUT_MS,
	        .max_body_bytes = MAX_BODY_BYTES,
	};

	e->started_ms = ss_clock_mono_ms();
	e->reply_status = 0;
	e->content_type[0] = 0;
	ss_buf_reset(&e->body);
	return ss_http_start(d->client->transport, &request, &events, e, &e->http, err);
}

/* The entry keeps its place; without an answer it is asked again. */
static void forget(struct ss_discovery *d, const char *path)
{
	struct entry *e = find_entry(d, path);

	if (e)
		e->status = 0;
}

void ss_discovery_forget(struct ss_discovery *d, const struct ss_kind *kind)
{
	char path[SS_DISCOVERY_PATH];

	if (!*kind->group)
		return;
	snprintf(path, sizeof(path), "/apis/%s", kind->group);
	forget(d, path);
	snprintf(path, sizeof(path), "/apis/%s", kind->api_version);
	forget(d, path);
	forget(d, "/apis");
}
