/* From a configuration to a client: the transport, the guard in front of every
 * write, and the line that says when there is no real cluster. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "bind/bind.h"
#include "bind/switch.h"
#include "embed/embed.h"
#include "io/http.h"
#include "kube/client.h"
#include "sandbox/guard.h"
#include "script/policy/policy.h"

/* --- the guard as preflight ------------------------------------------------------ */
/* Waivers used by writes whose answers are not judged yet: the answer to an apply is judged as what
 * was sent was, and each use is told once. */
static char *told[16];

static char *use_of(const char *rule, const char *path, const char *object)
{
	const char *name = object + strlen(object);
	char *text;

	/* What is sent may leave out its namespace. */
	while (name > object && !strchr("/ ", name[-1]))
		name--;
	return asprintf(&text, "%s %s %s", rule, path, name) < 0 ? NULL : text;
}

static void tell(const struct ss_guard *guard, const char *rule, const char *path,
                 const char *object)
{
	if (guard->waived)
		guard->waived(guard->ud, rule, path, object);
}

static void waived_in_request(void *ud, const char *rule, const char *path, const char *object)
{
	static size_t next;
	char **slot = &told[next++ % SS_ARRAY_LEN(told)];

	free(*slot);
	*slot = use_of(rule, path, object);
	tell(ud, rule, path, object);
}

static void waived_in_answer(void *ud, const char *rule, const char *path, const char *object)
{
	char *use SS_AUTOFREE = use_of(rule, path, object);

	for (size_t i = 0; use && i < SS_ARRAY_LEN(told); i++) {
		if (!told[i] || strcmp(told[i], use) != 0)
			continue;
		free(told[i]);
		told[i] = NULL;
		return;
	}
	tell(ud, rule, path, object);
}

/* guard NULL: without waivers. */
static struct ss_guard telling(const struct ss_guard *guard,
                               void (*waived)(void *, const char *, const char *, const char *))
{
	if (!guard)
		return (struct ss_guard){0};
	return (struct ss_guard){guard->waivers, guard->n_waivers, waived, (void *)guard};
}

static int preflight_check(void *ud, const struct ss_doc *doc, ss_node object, struct ss_err *err)
{
	struct ss_guard guard = telling(ud, waived_in_request);

	return ss_guard_check(&guard, doc, object, err);
}

static bool preflight_touches(void *ud, const char *api_version, const char *kind,
                              const struct ss_doc *patch, ss_node node)
{
	return ss_guard_patch_touches(api_version, kind, patch, node);
}

static bool preflight_merges(void *ud, const struct ss_doc *doc, ss_node object)
{
	return ss_guard_merge_matters(doc, object);
}

static int preflight_change(void *ud, const struct ss_doc *before, const struct ss_doc *after,
                            bool whole, struct ss_err *err)
{
	struct ss_guard guard = telling(ud, waived_in_answer);

	return ss_guard_check_change(&guard, before, after, whole, err);
}

static bool preflight_covers(void *ud, const char *api_version, const char *kind)
{
	return ss_guard_covers(api_version, kind);
}

static void on_warning(void *ud, const char *text)
{
	ss_log(SS_LOG_WARN, "the server warns: %s", text);
}

/* ud: the environment, or NULL. */
static void on_request(void *ud, const char *method, const char *path, int status, int64_t ms,
                       size_t bytes)
{
	const struct ss_bind_env *env = ud;

	ss_log(env && env->trace ? SS_LOG_INFO : SS_LOG_DEBUG, "%s %s -> %d, %lld ms, %zu bytes",
	       method, path, status, (long long)ms, bytes);
}

/* --- connecting --------------------------------------------------------------------- */
static void say_embedded(const struct ss_config *config, bool asked_for)
{
	static bool said;
	char *line SS_AUTOFREE = NULL;

	if (said)
		return;
	said = true;
	/* As a line of the log goes, since a line may be being edited at the prompt. */
	if (asprintf(&line, "sandscript: using the embedded cluster %s%s",
	             ss_config_embedded_path(config),
	             asked_for ? "" : " (no kubeconfig configured)") > 0)
		ss_log_line(line, strlen(line));
}

static int make_transport(struct ss_loop *loop, struct ss_config *config, bool asked_for,
                          struct ss_transport **ret, struct ss_err *err)
{
	if (ss_config_source(config) != SS_CONFIG_EMBEDDED)
		return ss_config_transport(config, loop, ret, err);
	say_embedded(config, asked_for);
	return ss_embed_new(loop, ss_config_embedded_path(config), ret, err);
}

static int make_client(struct ss_loop *loop, struct ss_connection *c, bool asked_for,
                       const struct ss_guard *guard, struct ss_err *err)
{
	const struct ss_preflight preflight = {
	        .check = preflight_check,
	        .touches = preflight_touches,
	        .ud = (void *)guard,
	        .merges = preflight_merges,
	        .change = preflight_change,
	        .covers = preflight_covers,
	};
	struct ss_transport *transport = NULL;
	int rc = make_transport(loop, c->config, asked_for, &transport, err);

	if (rc)
		return rc;
	rc = ss_client_new(loop, transport, ss_config_context(c->config),
	                   ss_config_namespace(c->config), &c->client, err);
	if (rc)
		return rc;
	ss_client_set_preflight(c->client, &preflight);
	ss_client_set_warning(c->client, on_warning, NULL);
	ss_client_set_trace(c->client, on_request, NULL);
	return 0;
}

int ss_connect(struct ss_loop *loop, const struct ss_config_request *request,
               const struct ss_guard *guard, struct ss_connection **ret, struct ss_err *err)
{
	struct ss_connection *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return ss_err_nomem(err);
	rc = ss_config_load(request, &c->config, err);
	if (rc == 0)
		rc = make_client(loop, c, request->cluster != NULL, guard, err);
	if (rc) {
		ss_connection_free(c);
		return rc;
	}
	*ret = c;
	return 0;
}

void ss_connection_free(struct ss_connection *connection)
{
	if (!connection)
		return;
	/* The client's transport reads credentials from the configuration. */
	ss_client_free(connection->client);
	ss_config_free(connection->config);
	free(connection);
}

/* --- the environment of a state ------------------------------------------------------- */
int ss_bind_connect(struct ss_bind_env *env, const struct ss_config_request *request,
                    struct ss_connection **ret, struct ss_err *err)
{
	int rc = ss_connect(env->loop, request, env->guard, ret, err);

	if (rc)
		return rc;
	ss_client_set_trace((*ret)->client, on_request, env);
	if (env->read_only)
		ss_client_set_read_only((*ret)->client);
	if (env->tables)
		ss_client_set_tables((*ret)->client);
	return 0;
}

int ss_bind_connection(struct ss_bind_env *env, struct ss_connection **ret, struct ss_err *err)
{
	int rc = 0;

	if (!env->connection)
		rc = ss_bind_connect(env, &env->cluster, &env->connection, err);
	*ret = env->connection;
	return rc;
}

int ss_bind_policy(struct ss_bind_env *env, struct ss_policy **ret, struct ss_err *err)
{
	const struct ss_policy_options options = {
	        .guard = env->guard, .loop = env->loop, .watch = env->watch_policy};
	int rc;

	*ret = env->policy;
	if (env->policy)
		return 0;
	if (!env->policy_dir)
		return ss_err_set(err, SS_ERR_NOT_FOUND,
		                  "no policy folder: name one with --policy DIR, "
		                  "$SANDSCRIPT_POLICY or `policy` in the configuration");
	rc = ss_policy_open(env->policy_dir, &options, &env->policy, err);
	if (rc)
		return rc;
	*ret = env->policy;
	return 0;
}

void ss_bind_env_done(struct ss_bind_env *env)
{
	ss_connection_free(env->connection);
	ss_bind_past_free(env);
	ss_policy_free(env->policy);
	env->connection = NULL;
	env->policy = NULL;
}
