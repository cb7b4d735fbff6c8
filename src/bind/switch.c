#include "bind/switch.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "bind/bind.h"

enum { MAX_PAST = 64, N_STRINGS = 4 };

/* A connection, with what it was made from. */
struct ss_bind_past {
	struct ss_bind_past *next;
	struct ss_connection *connection;
	char *strings[N_STRINGS];
};

/* The strings of a request in the order of ss_bind_env.chosen. */
static void strings_of(const struct ss_config_request *request, const char *out[N_STRINGS])
{
	out[0] = request->kubeconfig;
	out[1] = request->context;
	out[2] = request->namespace_;
	out[3] = request->cluster;
}

static void free_strings(char *strings[N_STRINGS])
{
	for (int i = 0; i < N_STRINGS; i++) {
		free(strings[i]);
		strings[i] = NULL;
	}
}

static int copy_strings(const struct ss_config_request *request, char *out[N_STRINGS],
                        struct ss_err *err)
{
	const char *from[N_STRINGS];

	strings_of(request, from);
	for (int i = 0; i < N_STRINGS; i++) {
		out[i] = from[i] ? strdup(from[i]) : NULL;
		if (from[i] && !out[i]) {
			free_strings(out);
			return ss_err_nomem(err);
		}
	}
	return 0;
}

static bool same(char *const strings[N_STRINGS], const struct ss_config_request *request)
{
	const char *other[N_STRINGS];

	strings_of(request, other);
	for (int i = 0; i < N_STRINGS; i++) {
		const char *a = strings[i] ? strings[i] : "", *b = other[i] ? other[i] : "";

		if (strcmp(a, b) != 0)
			return false;
	}
	return true;
}

static void free_past(struct ss_bind_past *past)
{
	ss_connection_free(past->connection);
	free_strings(past->strings);
	free(past);
}

void ss_bind_past_free(struct ss_bind_env *env)
{
	while (env->past) {
		struct ss_bind_past *next = env->past->next;

		free_past(env->past);
		env->past = next;
	}
	free_strings(env->chosen);
}

/* Unlink the one that was made from this request; NULL when there is none. */
static struct ss_bind_past *take(struct ss_bind_env *env, const struct ss_config_request *request)
{
	for (struct ss_bind_past **p = &env->past; *p; p = &(*p)->next) {
		struct ss_bind_past *found = *p;

		if (same(found->strings, request)) {
			*p = found->next;
			return found;
		}
	}
	return NULL;
}

static size_t count(const struct ss_bind_env *env)
{
	size_t n = 0;

	for (const struct ss_bind_past *p = env->past; p; p = p->next)
		n++;
	return n;
}

/* What request asks for, connected, with its strings: taken up again or new. */
static int find(struct ss_bind_env *env, const struct ss_config_request *request,
                struct ss_bind_past **ret, struct ss_err *err)
{
	struct ss_bind_past *to = take(env, request);
	int rc;

	if (to) {
		*ret = to;
		return 0;
	}
	if (count(env) >= MAX_PAST)
		return ss_err_set(err, SS_ERR_LIMIT,
		                  "this session has %d connections; start another one", MAX_PAST);
	to = calloc(1, sizeof(*to));
	rc = to ? copy_strings(request, to->strings, err) : ss_err_nomem(err);
	if (!rc)
		rc = ss_bind_connect(env, request, &to->connection, err);
	if (rc && to)
		free_past(to);
	if (!rc)
		*ret = to;
	return rc;
}

int ss_bind_switch(struct ss_bind_env *env, const struct ss_config_request *request,
                   struct ss_err *err)
{
	struct ss_connection *left = env->connection;
	char *strings[N_STRINGS] = {NULL};
	struct ss_bind_past *to = NULL;
	int rc = copy_strings(&env->cluster, strings, err);

	if (!rc)
		rc = find(env, request, &to, err);
	if (rc) {
		free_strings(strings);
		return rc;
	}
	env->connection = to->connection;
	free_strings(env->chosen);
	memcpy(env->chosen, to->strings, sizeof(env->chosen));
	env->cluster = (struct ss_config_request){.kubeconfig = env->chosen[0],
	                                          .context = env->chosen[1],
	                                          .namespace_ = env->chosen[2],
	                                          .cluster = env->chosen[3]};
	to->connection = left;
	memcpy(to->strings, strings, sizeof(strings));
	if (!left) {
		free_past(to);
		return 0;
	}
	to->next = env->past;
	env->past = to;
	return 0;
}
