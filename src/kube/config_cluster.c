/* A cluster entry: the server, how to reach it and how to know it. */
#include <stdlib.h>
#include <string.h>

#include "kube/config_priv.h"

static int copy(char **ret, const char *s, struct ss_err *err)
{
	*ret = s ? strdup(s) : NULL;
	return s && !*ret ? ss_err_nomem(err) : 0;
}

/* A server without a scheme is https where TLS is configured, else http, as for kubectl. */
static int set_server(struct ss_config *config, const char *server, struct ss_err *err)
{
	bool tls = config->ca.data.len || config->cert.data.len || config->insecure;
	struct ss_buf url SS_AUTO_BUF = SS_BUF_INIT;

	if (!strstr(server, "://"))
		ss_buf_puts(&url, tls ? "https://" : "http://");
	ss_buf_puts(&url, server);
	config->server = ss_buf_take(&url, NULL);
	return config->server ? 0 : ss_err_nomem(err);
}

int ss_config_cluster(struct ss_config *config, const struct kube_entry *cluster,
                      struct ss_err *err)
{
	const char *server, *name, *proxy;
	int rc = ss_kube_string(cluster, "server", &server, err);

	if (!rc)
		rc = ss_kube_string(cluster, "tls-server-name", &name, err);
	if (!rc)
		rc = ss_kube_string(cluster, "proxy-url", &proxy, err);
	if (!rc)
		rc = ss_kube_bool(cluster, "insecure-skip-tls-verify", &config->insecure, err);
	if (!rc)
		rc = ss_kube_bool(cluster, "disable-compression", &config->disable_compression,
		                  err);
	if (!rc)
		rc = ss_kube_pem(cluster, "certificate-authority", &config->ca.data,
		                 &config->ca.path, err);
	if (rc)
		return rc;
	if (!server)
		return ss_kube_failed(cluster, err, "server is missing");
	if (config->insecure && config->ca.data.len)
		return ss_kube_failed(cluster, err,
		                      "certificate-authority and insecure-skip-tls-verify exclude "
		                      "each other");
	rc = set_server(config, server, err);
	if (!rc)
		rc = copy(&config->cluster_name, cluster->name, err);
	if (!rc)
		rc = copy(&config->tls_server_name, name, err);
	return rc ? rc : copy(&config->proxy_url, proxy, err);
}
