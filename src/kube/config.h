/* Where the cluster is and who we are: kubeconfig files and in-cluster
 * credentials, by the rules of client-go's clientcmd (kubernetes.md K1-K13). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_err;
struct ss_doc;
struct ss_loop;
struct ss_transport;
struct ss_auth;

/* How the cluster was chosen. */
enum ss_config_source { SS_CONFIG_KUBECONFIG, SS_CONFIG_IN_CLUSTER, SS_CONFIG_EMBEDDED };

struct ss_config_request {
	const char *
	        kubeconfig; /* --kubeconfig: must exist, used alone; NULL = $KUBECONFIG, ~/.kube/config */
	const char *context;    /* NULL = current-context */
	const char *namespace_; /* NULL = the context's */
	const char *
	        cluster; /* "embedded" or "embedded:FILE", without the two above; NULL = as configured */
};

/* Opaque, resolved and validated; holds credentials, which leave it only through
 * ss_config_transport. */
struct ss_config;

/* SS_ERR_CONFIG names file, entry and cause. With nothing configured anywhere
 * (no KUBECONFIG, no ~/.kube/config, not in a cluster) the source is the
 * embedded cluster; a KUBECONFIG that is set but does not load is an error. */
int ss_config_load(const struct ss_config_request *request, struct ss_config **ret,
                   struct ss_err *err);
void ss_config_free(struct ss_config *config);

/* Register the files that this configuration reads, credentials included, as the engine's own
 * (io/own.h): before anything is asked of a cluster. What does not load has none. */
void ss_config_own_files(const struct ss_config_request *request);

enum ss_config_source ss_config_source(const struct ss_config *config);
const char *
ss_config_context(const struct ss_config *config); /* "kind-dev", "in-cluster", "embedded" */
const char *ss_config_namespace(const struct ss_config *config); /* never NULL */
const char *ss_config_server(const struct ss_config *config);    /* URL, or the database file */
/* NULL unless embedded. Neither the file nor its folder need be there. */
const char *ss_config_embedded_path(const struct ss_config *config);

/* The curl transport for this configuration, with its credentials, which are
 * re-read from their files as they age (K8, K9). SS_ERR_CONFIG, SS_ERR_UNSUPPORTED (an
 * auth method not built: names it). Not for the embedded source. config must outlive it. */
int ss_config_transport(struct ss_config *config, struct ss_loop *loop, struct ss_transport **ret,
                        struct ss_err *err);

/* Names of contexts of all files, for `--context` errors and completion: an array document of
 * {name, cluster, namespace, current}. */
int ss_config_contexts(const char *kubeconfig, struct ss_doc **ret, struct ss_err *err);
