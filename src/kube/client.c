#include "kube/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "kube/op.h"
#include "kube/wait_priv.h"
#include "kube/watch_priv.h"

int ss_client_new(struct ss_loop *loop, struct ss_transport *transport, const char *context,
                  const char *namespace_, struct ss_client **ret, struct ss_err *err)
{
	struct ss_client *client = calloc(1, sizeof(*client));

	if (client) {
		client->context = strdup(context ? context : "");
		client->namespace_ = strdup(namespace_ && *namespace_ ? namespace_ : "default");
	}
	if (!client || !client->context || !client->namespace_) {
		if (client) {
			free(client->context);
			free(client->namespace_);
		}
		free(client);
		ss_transport_free(transport);
		return ss_err_nomem(err);
	}
	client->loop = loop;
	client->transport = transport;
	client->random = (uint64_t)ss_clock_mono_ns() ^ (uint64_t)(uintptr_t)client ^ 1;
	ss_link_init(&client->waits);
	ss_link_init(&client->watches);
	ss_link_init(&client->ops);
	ss_discovery_init(&client->discovery, client);
	*ret = client;
	return 0;
}

void ss_client_free(struct ss_client *client)
{
	if (!client)
		return;
	while (!ss_link_empty(&client->waits))
		ss_wait_cancel(SS_CONTAINER_OF(client->waits.next, struct ss_wait, link));
	while (!ss_link_empty(&client->watches))
		ss_watch_cancel(SS_CONTAINER_OF(client->watches.next, struct ss_watch, link));
	while (!ss_link_empty(&client->ops))
		ss_op_cancel(SS_CONTAINER_OF(client->ops.next, struct ss_op, link));
	ss_discovery_done(&client->discovery);
	ss_transport_free(client->transport);
	free(client->context);
	free(client->namespace_);
	free(client);
}

struct ss_loop *ss_client_loop(const struct ss_client *client)
{
	return client->loop;
}

struct ss_transport *ss_client_transport(const struct ss_client *client)
{
	return client->transport;
}

const char *ss_client_context(const struct ss_client *client)
{
	return client->context;
}

const char *ss_client_namespace(const struct ss_client *client)
{
	return client->namespace_;
}

const char *ss_client_server(const struct ss_client *client)
{
	return client->transport->server ? client->transport->server : "";
}

void ss_client_set_preflight(struct ss_client *client, const struct ss_preflight *preflight)
{
	client->preflight = preflight ? *preflight : (struct ss_preflight){0};
}

int ss_client_preflight(struct ss_client *client, const struct ss_doc *doc, ss_node object,
                        struct ss_err *err)
{
	if (!client->preflight.check)
		return ss_err_set(err, SS_ERR_POLICY,
		                  "this client has no guard installed, so it does not write");
	return client->preflight.check(client->preflight.ud, doc, object, err);
}

int ss_client_check_change(struct ss_client *client, const struct ss_doc *before,
                           const struct ss_doc *after, bool whole, struct ss_err *err)
{
	const struct ss_preflight *guard = &client->preflight;

	return guard->change ? guard->change(guard->ud, before, after, whole, err)
	                     : ss_client_preflight(client, after, ss_doc_root(after), err);
}

bool ss_client_covers(const struct ss_client *client, const struct ss_kind *kind)
{
	const struct ss_preflight *guard = &client->preflight;

	return guard->covers && guard->covers(guard->ud, kind->api_version, kind->kind);
}

void ss_client_set_warning(struct ss_client *client, ss_client_warning_fn fn, void *ud)
{
	client->warning = fn;
	client->warning_ud = ud;
}

void ss_client_set_trace(struct ss_client *client, ss_client_trace_fn fn, void *ud)
{
	client->trace = fn;
	client->trace_ud = ud;
}

void ss_client_set_read_only(struct ss_client *client)
{
	client->read_only = true;
}

void ss_client_set_tables(struct ss_client *client)
{
	client->tables = true;
}

void ss_client_trace(struct ss_client *client, const char *method, const char *path, int status,
                     int64_t started_ms, size_t bytes)
{
	if (client->trace)
		client->trace(client->trace_ud, method, path, status,
		              ss_clock_mono_ms() - started_ms, bytes);
}

/* FNV-1a */
static uint64_t hash_text(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

/* A text beyond the limit counts as said: a server that makes up new ones must not flood a terminal. */
static bool warned_before(struct ss_client *client, const char *text)
{
	uint64_t hash = hash_text(text);

	for (size_t i = 0; i < client->n_warned; i++)
		if (client->warned[i] == hash)
			return true;
	if (client->n_warned == SS_CLIENT_WARNINGS)
		return true;
	client->warned[client->n_warned++] = hash;
	return false;
}

void ss_client_warn(struct ss_client *client, const struct ss_http_head *head)
{
	char text[512];

	if (!client->warning)
		return;
	for (size_t i = 0; i < head->n_warnings && i < SS_CLIENT_WARNINGS_PER_REPLY; i++) {
		ss_log_escape(head->warnings[i], strlen(head->warnings[i]), text, sizeof(text));
		if (!warned_before(client, text))
			client->warning(client->warning_ud, text);
	}
}

/* xorshift64 */
int64_t ss_client_random(struct ss_client *client, int64_t max)
{
	client->random ^= client->random << 13;
	client->random ^= client->random >> 7;
	client->random ^= client->random << 17;
	return (int64_t)(client->random % ((uint64_t)max + 1));
}

void ss_client_explain(struct ss_client *client, struct ss_err *err)
{
	const char *server = ss_client_server(client);

	if (err->code != SS_ERR_UNAVAILABLE && err->code != SS_ERR_TLS)
		return;
	if (strstr(err->message, server))
		ss_err_wrap(err, err->code, "context %s", client->context);
	else
		ss_err_wrap(err, err->code, "context %s at %s", client->context, server);
}
