/* The one list of Lua modules, and what they share.
 * Adding a module: one file bind/<module>.c with ss_bind_open_<module>, one line
 * in bind.c. Adding a k8s function: one l_k8s_<verb> in bind/k8s_<verb>.c, one line in
 * its registration table, one entry in lua/ss/api/k8s.lua. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "base/attr.h"
#include "kube/config.h"

struct ss_client;
struct ss_err;
struct ss_guard;
struct ss_loop;
struct ss_policy;

/* What the program decided; outlives the state. */
struct ss_bind_env {
	struct ss_loop *loop;
	struct ss_config_request cluster; /* --kubeconfig, --context, -n, --cluster */
	const struct ss_guard *guard;     /* with the operator's waivers; NULL = none */
	const char *policy_dir; /* NULL: policy.* answers not_found and says how to set one */
	bool watch_policy;      /* load it anew whenever a file changes; set before its first use */
	int64_t timeout_ms;     /* default of every k8s call, 0 = the built-in */
	bool read_only;         /* connections made from here on write nothing but dry runs */
	bool tables;            /* and get, list and watch as the server prints (kube/table.h) */
	bool trace;             /* requests are logged at info, not debug */
	/* lazily filled by the functions below */
	struct ss_connection *connection;
	struct ss_policy *policy;
	/* of ss_bind_switch */
	struct ss_bind_past *past;
	char *chosen[4]; /* the strings of cluster */
};
void ss_bind_env_done(struct ss_bind_env *env);

/* Open every module on a fresh state: as globals and for require. env goes to the registry. */
SS_MAY_RAISE void ss_bind_open_all(lua_State *L, struct ss_bind_env *env);
struct ss_bind_env *ss_bind_env_of(lua_State *L);

/* --- the cluster connection, for bind/ and app/ ------------------------------- */
struct ss_connection {
	struct ss_config *config;
	struct ss_client *client;
};
/* Load the configuration, make the transport (curl or embedded) and the client, install the guard as
 * preflight. Says once per process on stderr when the embedded cluster is used. */
int ss_connect(struct ss_loop *loop, const struct ss_config_request *request,
               const struct ss_guard *guard, struct ss_connection **ret, struct ss_err *err);
void ss_connection_free(struct ss_connection *connection);
/* ss_connect as the env says: its guard, read_only and trace. */
int ss_bind_connect(struct ss_bind_env *env, const struct ss_config_request *request,
                    struct ss_connection **ret, struct ss_err *err);
/* The env's connection is another one from now on. The old one stays, since tasks may wait for it;
 * coming back to it takes it up again. On an error (of the configuration; SS_ERR_LIMIT after 64
 * connections) everything is as before. request's strings are copied. */
int ss_bind_switch(struct ss_bind_env *env, const struct ss_config_request *request,
                   struct ss_err *err);
/* The env's own connection, made on first use. */
int ss_bind_connection(struct ss_bind_env *env, struct ss_connection **ret, struct ss_err *err);
/* The env's policy generation, loaded on first use. */
int ss_bind_policy(struct ss_bind_env *env, struct ss_policy **ret, struct ss_err *err);
