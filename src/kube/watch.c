#include "kube/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/edit.h"
#include "base/log.h"
#include "kube/op.h"
#include "kube/path.h"
#include "kube/watch_priv.h"

static void free_watch(struct ss_watch *w)
{
	if (w->gone)
		*w->gone = true;
	ss_link_del(&w->link);
	ss_lookup_cancel(&w->lookup);
	ss_op_cancel(w->list);
	ss_watch_disconnect(w);
	ss_timer_stop(w->timer);
	ss_loop_unpost(w->client->loop, &w->resume);
	ss_doc_free(w->listing);
	ss_stream_done(&w->stream);
	ss_seen_done(&w->seen);
	ss_buf_done(&w->error_body);
	ss_err_done(&w->failure);
	free(w->kind_text);
	free(w->api_version);
	free(w->namespace_);
	free(w->name);
	free(w->label_selector);
	free(w->field_selector);
	free(w->version);
	free(w->page_token);
	free(w->path);
	free(w);
}

void ss_watch_cancel(struct ss_watch *w)
{
	if (w)
		free_watch(w);
}

static const char *namespace_of(const struct ss_watch *w)
{
	if (w->all_namespaces || (w->kind && !w->kind->namespaced))
		return NULL;
	return w->namespace_ ? w->namespace_ : w->client->namespace_;
}

static void describe(const struct ss_watch *w, struct ss_err *err)
{
	ss_op_describe(err, "watch", w->kind_text, w->kind, namespace_of(w), w->name);
}

void ss_watch_fail(struct ss_watch *w, struct ss_err *err)
{
	void (*failed)(void *, const struct ss_err *) = w->events.failed;
	void *ud = w->ud;

	describe(w, err);
	free_watch(w);
	if (failed)
		failed(ud, err);
	ss_err_done(err);
}

int ss_watch_set_version(struct ss_watch *w, const char *version, struct ss_err *err)
{
	char *copy = NULL;

	if (version && *version && !(copy = strdup(version)))
		return ss_err_nomem(err);
	free(w->version);
	w->version = copy;
	return 0;
}

/* --- delivery ---------------------------------------------------------------- */

static const char *meta(const struct ss_doc *doc, const char *key)
{
	return ss_doc_find_string(doc, ss_doc_root(doc), "metadata", key, NULL);
}

/* The watch may be gone afterwards: w->gone of the frame that pumps tells. */
static void deliver(struct ss_watch *w, enum ss_event_type type, struct ss_doc *doc)
{
	w->n_events++;
	w->events.event(w->ud, type, doc);
}

/* Is it what was asked for? Another kind is an answer to somebody else; of one object the others are
 * left out, whatever the server thinks of the field selector. */
static int check_object(const struct ss_watch *w, const struct ss_doc *doc, ss_node object,
                        bool *ret_wanted, struct ss_err *err)
{
	const char *kind = ss_doc_find_string(doc, object, "kind", NULL);
	const char *name = ss_doc_find_string(doc, object, "metadata", "name", NULL);

	*ret_wanted = !w->name || (name && !strcmp(name, w->name));
	if (!kind || !strcmp(kind, w->kind->kind))
		return 0;
	return ss_err_set(err, SS_ERR_UNAVAILABLE,
	                  "%s answered a watch of %s with the kind \"%.100s\"",
	                  ss_client_server(w->client), w->kind->plural, kind);
}

static int remember(struct ss_watch *w, enum ss_event_type type, const struct ss_doc *doc,
                    struct ss_err *err)
{
	if (type == SS_EVENT_BOOKMARK)
		return 0;
	if (type == SS_EVENT_DELETED) {
		ss_seen_remove(&w->seen, meta(doc, "namespace"), meta(doc, "name"));
		return 0;
	}
	if (ss_seen_put(&w->seen, meta(doc, "namespace"), meta(doc, "name"), meta(doc, "uid"),
	                meta(doc, "resourceVersion"), w->round))
		return 0;
	return ss_err_set(
	        err, w->seen.n >= SS_SEEN_MAX ? SS_ERR_LIMIT : SS_ERR_NOMEM,
	        "the watch covers more than %d objects: narrow it by namespace or selector",
	        SS_SEEN_MAX);
}

/* An object that went while nobody looked: what was known of it. */
static struct ss_doc *make_tombstone(const struct ss_watch *w, const struct ss_seen_entry *e)
{
	struct ss_doc *doc = ss_doc_new();

	if (!doc)
		return NULL;
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "apiVersion", w->kind->api_version);
	ss_doc_put_string(doc, "kind", w->kind->kind);
	ss_doc_key_lit(doc, "metadata");
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "name");
	ss_doc_string(doc, e->name, strlen(e->name));
	if (*e->namespace_) {
		ss_doc_key_lit(doc, "namespace");
		ss_doc_string(doc, e->namespace_, strlen(e->namespace_));
	}
	ss_doc_key_lit(doc, "uid");
	ss_doc_string(doc, e->uid, strlen(e->uid));
	ss_doc_key_lit(doc, "resourceVersion");
	ss_doc_string(doc, e->version, strlen(e->version));
	ss_doc_end(doc);
	ss_doc_end(doc);
	return doc;
}

static int deliver_gone(struct ss_watch *w, const struct ss_seen_entry *e, struct ss_err *err)
{
	struct ss_doc *tombstone = make_tombstone(w, e);

	if (!tombstone)
		return ss_err_nomem(err);
	ss_seen_remove(&w->seen, e->namespace_, e->name);
	deliver(w, SS_EVENT_DELETED, tombstone);
	return 0;
}

/* The list is complete: its resourceVersion, as the server's own streaming lists end (K39). */
static int deliver_end_of_list(struct ss_watch *w, struct ss_err *err)
{
	struct ss_doc *doc;
	int code = ss_watch_set_version(w, meta(w->listing, "resourceVersion"), err);

	ss_doc_free(w->listing);
	w->listing = NULL;
	w->idle = true;
	doc = code ? NULL : ss_doc_new();
	if (!doc)
		return code ? code : ss_err_nomem(err);
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "apiVersion", w->kind->api_version);
	ss_doc_put_string(doc, "kind", w->kind->kind);
	ss_doc_key_lit(doc, "metadata");
	ss_doc_begin_object(doc);
	ss_doc_key_lit(doc, "annotations");
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "k8s.io/initial-events-end", "true");
	ss_doc_end(doc);
	if (w->version) {
		ss_doc_key_lit(doc, "resourceVersion");
		ss_doc_string(doc, w->version, strlen(w->version));
	}
	ss_doc_end(doc);
	ss_doc_end(doc);
	deliver(w, SS_EVENT_BOOKMARK, doc);
	return 0;
}

/* One object of the list, against what was seen before. */
static int deliver_item(struct ss_watch *w, ss_node item, struct ss_err *err)
{
	const struct ss_doc *list = w->listing;
	const char *namespace_ = ss_doc_find_string(list, item, "metadata", "namespace", NULL);
	const char *name = ss_doc_find_string(list, item, "metadata", "name", NULL);
	const char *uid = ss_doc_find_string(list, item, "metadata", "uid", NULL);
	const char *version = ss_doc_find_string(list, item, "metadata", "resourceVersion", NULL);
	struct ss_seen_entry *e = ss_seen_find(&w->seen, namespace_, name);
	struct ss_doc *doc;
	bool wanted;
	int code = check_object(w, list, item, &wanted, err);

	if (code || !wanted)
		return code;
	if (e && !strcmp(e->uid, uid ? uid : "") && !strcmp(e->version, version ? version : "")) {
		e->round = w->round;
		return 0;
	}
	doc = ss_doc_dup(list, item);
	if (!doc)
		return ss_err_nomem(err);
	code = remember(w, SS_EVENT_ADDED, doc, err);
	if (code) {
		ss_doc_free(doc);
		return code;
	}
	deliver(w, e ? SS_EVENT_MODIFIED : SS_EVENT_ADDED, doc);
	return 0;
}

static bool is_another(const struct ss_seen_entry *e, const struct ss_doc *list, ss_node item)
{
	const char *uid = ss_doc_find_string(list, item, "metadata", "uid", NULL);

	return e && uid && strcmp(e->uid, uid);
}

/* The page was delivered: the next one is asked for once the consumer wants more. */
static int end_page(struct ss_watch *w, bool *ret_last, struct ss_err *err)
{
	const char *token = meta(w->listing, "continue");
	char *copy = NULL;

	*ret_last = !token || !*token;
	if (!*ret_last && !(copy = strdup(token)))
		return ss_err_nomem(err);
	free(w->page_token);
	w->page_token = copy;
	if (!*ret_last) {
		ss_doc_free(w->listing);
		w->listing = NULL;
		w->idle = true;
	}
	return 0;
}

static int step_listing(struct ss_watch *w, struct ss_err *err)
{
	struct ss_iter before = w->next_item;
	struct ss_seen_entry *e;
	bool last;
	int code;

	if (ss_iter_next(&w->next_item)) {
		ss_node item = w->next_item.value;

		e = ss_seen_find(
		        &w->seen,
		        ss_doc_find_string(w->listing, item, "metadata", "namespace", NULL),
		        ss_doc_find_string(w->listing, item, "metadata", "name", NULL));
		if (is_another(e, w->listing, item)) {
			w->next_item =
			        before; /* the same item again, once its predecessor is gone */
			return deliver_gone(w, e, err);
		}
		return deliver_item(w, item, err);
	}
	code = end_page(w, &last, err);
	if (code || !last)
		return code;
	e = ss_seen_missing(&w->seen, w->round, &w->sweep_at);
	return e ? deliver_gone(w, e, err) : deliver_end_of_list(w, err);
}

static int too_large(struct ss_err *err)
{
	return ss_err_set(err, SS_ERR_LIMIT, "an event of the watch is larger than %d MiB",
	                  SS_STREAM_MAX_EVENT_BYTES >> 20);
}

/* An odd object must not end the watch of all others. */
static int pass_over(const struct ss_watch *w, struct ss_err *err)
{
	ss_log(SS_LOG_WARN, "watch %s: %s: %s: it is passed over", w->kind->plural,
	       ss_client_server(w->client), err->message);
	ss_err_done(err);
	return 0;
}

static int step_line(struct ss_watch *w, const char *line, size_t len, struct ss_err *err)
{
	struct ss_line parsed = {0};
	bool wanted = true;
	int code;

	if (len > SS_STREAM_MAX_EVENT_BYTES)
		return too_large(err);
	code = ss_stream_parse(line, len, &parsed, err);
	if (code == SS_ERR_PARSE) {
		ss_watch_garbled(w, err);
		return 0;
	}
	if (code == SS_ERR_LIMIT || code == SS_ERR_INVAL)
		return pass_over(w, err);
	if (code)
		return code;
	w->garbled = 0;
	if (parsed.type == SS_LINE_ERROR)
		ss_watch_error_event(w, parsed.object);
	if (parsed.type != SS_LINE_EVENT) {
		/* A type that we do not know is for newer clients. */
		ss_doc_free(parsed.object);
		return 0;
	}
	if (parsed.event != SS_EVENT_BOOKMARK)
		code = check_object(w, parsed.object, ss_doc_root(parsed.object), &wanted, err);
	if (!code && wanted)
		code = remember(w, parsed.event, parsed.object, err);
	if (!code && meta(parsed.object, "resourceVersion"))
		code = ss_watch_set_version(w, meta(parsed.object, "resourceVersion"), err);
	if (code || !wanted) {
		ss_doc_free(parsed.object);
		return code;
	}
	deliver(w, parsed.event, parsed.object);
	return 0;
}

/* One delivery; *more false when nothing is left. */
static int step(struct ss_watch *w, bool *more, struct ss_err *err)
{
	const char *line;
	size_t len;

	*more = true;
	if (w->listing)
		return step_listing(w, err);
	if (ss_stream_next(&w->stream, &line, &len))
		return step_line(w, line, len, err);
	*more = false;
	return 0;
}

/* Stays correct when a callee cancels the watch, pauses it, or runs the loop. */
void ss_watch_pump(struct ss_watch *w)
{
	bool gone = false, more = true;
	struct ss_err err;
	int code = 0;

	if (w->pumping)
		return;
	ss_err_init(&err);
	w->pumping = true;
	w->gone = &gone;
	while (!w->paused && more && !code) {
		code = step(w, &more, &err);
		if (gone)
			return;
	}
	w->pumping = false;
	w->gone = NULL;
	if (!code && !more) {
		ss_stream_compact(&w->stream);
		if (ss_stream_backlog(&w->stream) > SS_STREAM_MAX_EVENT_BYTES)
			code = too_large(&err);
	}
	if (!code && !more && w->idle) {
		w->idle = false;
		code = ss_watch_run(w, &err);
	}
	if (code)
		ss_watch_fail(w, &err);
	else if (!more && w->ended)
		ss_watch_ended(w);
}

static void resume(struct ss_completion *self)
{
	ss_watch_pump(SS_CONTAINER_OF(self, struct ss_watch, resume));
}

void ss_watch_pause(struct ss_watch *w, bool paused)
{
	w->paused = paused;
	if (paused)
		ss_loop_unpost(w->client->loop, &w->resume);
	else
		ss_loop_post(w->client->loop, &w->resume);
}

/* --- starting ------------------------------------------------------------------ */

static void lookup_done(struct ss_lookup *lookup, const struct ss_kind *kind, struct ss_err *err)
{
	struct ss_watch *w = SS_CONTAINER_OF(lookup, struct ss_watch, lookup);
	struct ss_err own;

	if (err) {
		ss_watch_fail(w, err);
		return;
	}
	ss_err_init(&own);
	w->kind = kind;
	if (ss_watch_run(w, &own))
		ss_watch_fail(w, &own);
}

static int copy_string(char **to, const char *from, struct ss_err *err)
{
	if (!from || !*from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : ss_err_nomem(err);
}

static int set_field_selector(struct ss_watch *w, const char *given, struct ss_err *err)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

	if (w->name)
		ss_path_field(&b, "metadata.name", w->name);
	if (given && *given)
		ss_buf_printf(&b, "%s%s", b.len ? "," : "", given);
	if (!b.len)
		return 0;
	w->field_selector = ss_buf_take(&b, NULL);
	return w->field_selector ? 0 : ss_err_nomem(err);
}

static int fill(struct ss_watch *w, const struct ss_watch_spec *spec, struct ss_err *err)
{
	const struct ss_ref *ref = &spec->ref;
	const char *version = spec->resource_version;
	int code;

	if (!ref->kind || !*ref->kind)
		return ss_err_set(err, SS_ERR_INVAL, "kind: missing");
	if ((code = copy_string(&w->kind_text, ref->kind, err)) ||
	    (code = copy_string(&w->api_version, ref->api_version, err)) ||
	    (code = copy_string(&w->namespace_, ref->namespace_, err)) ||
	    (code = copy_string(&w->name, ref->name, err)) ||
	    (code = copy_string(&w->label_selector, spec->label_selector, err)))
		return code;
	if (w->namespace_ && (code = ss_path_check("namespace", w->namespace_, err)))
		return code;
	if (w->name && (code = ss_path_check("name", w->name, err)))
		return code;
	w->all_namespaces = spec->all_namespaces;
	/* "0" is any state a server has cached, in no order (K38): a list says more. */
	if (version && *version && strcmp(version, "0")) {
		w->established = true;
		if ((code = ss_watch_set_version(w, version, err)))
			return code;
	}
	return set_field_selector(w, spec->field_selector, err);
}

int ss_watch_start(struct ss_client *client, const struct ss_watch_spec *spec,
                   const struct ss_watch_events *events, void *ud, struct ss_watch **ret,
                   struct ss_err *err)
{
	struct ss_watch *w = calloc(1, sizeof(*w));
	int code;

	if (!w)
		return ss_err_nomem(err);
	w->client = client;
	w->events = *events;
	w->ud = ud;
	w->resume.fn = resume;
	w->lookup.done = lookup_done;
	ss_err_init(&w->failure);
	ss_stream_reset(&w->stream);
	ss_link_init(&w->link);
	ss_link_add(&client->watches, &w->link);
	code = fill(w, spec, err);
	if (!code)
		code = ss_lookup_start(&w->lookup, client, w->kind_text, w->api_version, false,
		                       &w->kind, err);
	if (!code)
		code = ss_watch_run(w, err);
	if (code == 1)
		code = 0;
	if (code) {
		describe(w, err);
		free_watch(w);
		return code;
	}
	*ret = w;
	return 0;
}
