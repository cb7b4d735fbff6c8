/* A pod's own service account (K6, K7). */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/file.h"
#include "kube/config_priv.h"

enum { NAMESPACE_MAX_BYTES = 1024 };

const char *ss_config_account_dir = "/var/run/secrets/kubernetes.io/serviceaccount";

static char *account_file(const char *name)
{
	return ss_file_join(ss_config_account_dir, name);
}

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

bool ss_config_is_in_cluster(void)
{
	char *token SS_AUTOFREE = account_file("token");

	return token && env("KUBERNETES_SERVICE_HOST") && env("KUBERNETES_SERVICE_PORT") &&
	       ss_file_exists(token) && !ss_file_is_dir(token);
}

static int set_server(struct ss_config *config, struct ss_err *err)
{
	const char *host = env("KUBERNETES_SERVICE_HOST");
	const char *port = env("KUBERNETES_SERVICE_PORT");
	struct ss_buf url SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_printf(&url, strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host, port);
	config->server = ss_buf_take(&url, NULL);
	return config->server ? 0 : ss_err_nomem(err);
}

static int set_ca(struct ss_config *config, struct ss_err *err)
{
	struct ss_err missing SS_AUTO_ERR;

	config->ca.path = account_file("ca.crt");
	if (!config->ca.path)
		return ss_err_nomem(err);
	if (ss_file_read(config->ca.path, PEM_MAX_BYTES, &config->ca.data, &missing) == 0)
		return 0;
	ss_log(SS_LOG_DEBUG, "in-cluster: %s; the system's CAs are used", missing.message);
	ss_buf_reset(&config->ca.data);
	free(config->ca.path);
	config->ca.path = NULL;
	return 0;
}

static int set_namespace(struct ss_config *config, struct ss_err *err)
{
	char *path SS_AUTOFREE = account_file("namespace");
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	const char *name = env("POD_NAMESPACE");

	if (config->namespace_)
		return 0;
	if (!name && path && ss_file_read(path, NAMESPACE_MAX_BYTES, &text, NULL) == 0 &&
	    text.len) {
		text.data[strcspn(text.data, " \t\r\n")] = 0;
		name = text.data;
	}
	config->namespace_ = strdup(name && *name ? name : "default");
	return config->namespace_ ? 0 : ss_err_nomem(err);
}

static int set_auth(struct ss_config *config, struct ss_err *err)
{
	char *path SS_AUTOFREE = account_file("token");
	struct ss_credential *credential = NULL;
	int rc;

	if (!path)
		return ss_err_nomem(err);
	rc = ss_credential_token_file(path, &credential, err);
	if (rc)
		return rc == SS_ERR_NOMEM ? rc : ss_err_wrap(err, rc, "in-cluster");
	return ss_auth_new(credential, &config->auth, err);
}

int ss_config_in_cluster(struct ss_config *config, struct ss_err *err)
{
	int rc;

	config->source = SS_CONFIG_IN_CLUSTER;
	config->context = strdup("in-cluster");
	config->cluster_name = strdup("in-cluster");
	if (!config->context || !config->cluster_name)
		return ss_err_nomem(err);
	rc = set_server(config, err);
	if (!rc)
		rc = set_ca(config, err);
	if (!rc)
		rc = set_namespace(config, err);
	return rc ? rc : set_auth(config, err);
}
