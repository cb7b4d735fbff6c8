/* From a configuration to its transport. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/log.h"
#include "io/curl.h"
#include "io/file.h"
#include "io/own.h"
#include "kube/config_priv.h"

#ifndef SS_VERSION
#define SS_VERSION "0"
#endif

/* "sandscript/0.1.0 (linux/amd64)", with the names that client-go uses. */
static void user_agent(char *out, size_t size)
{
	struct utsname u;
	const char *arch = "unknown";

	if (uname(&u) == 0)
		arch = !strcmp(u.machine, "x86_64")    ? "amd64"
		       : !strcmp(u.machine, "aarch64") ? "arm64"
		                                       : u.machine;
	snprintf(out, size, "sandscript/%s (linux/%s)", SS_VERSION, arch);
}

/* Certificates are rotated in place (K9): a new transport reads them again. What cannot be
 * read at this moment stays as it was. */
static void refresh(struct pem *pem)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_buf data = SS_BUF_INIT;

	if (!pem->path)
		return;
	ss_own_file(pem->path);
	if (ss_file_read(pem->path, PEM_MAX_BYTES, &data, &err) || !data.len) {
		ss_log(SS_LOG_DEBUG, "keeping the old content of %s: %s", pem->path,
		       err.code ? err.message : "it is empty");
		ss_buf_done(&data);
		return;
	}
	if (pem->data.data)
		explicit_bzero(pem->data.data, pem->data.len);
	ss_buf_done(&pem->data);
	pem->data = data;
}

static void fill_target(const struct ss_config *config, struct ss_curl_target *target)
{
	target->server = config->server;
	target->tls_server_name = config->tls_server_name;
	target->proxy_url = config->proxy_url;
	target->ca_pem = config->ca.data.data;
	target->ca_pem_len = config->ca.data.len;
	target->cert_pem = config->cert.data.data;
	target->cert_pem_len = config->cert.data.len;
	target->key_pem = config->key.data.data;
	target->key_pem_len = config->key.data.len;
	target->insecure = config->insecure;
	target->disable_compression = config->disable_compression;
	if (ss_auth_is_empty(config->auth))
		return;
	target->headers = ss_auth_headers;
	target->unauthorized = ss_auth_unauthorized;
	target->ud = config->auth;
}

int ss_config_transport(struct ss_config *config, struct ss_loop *loop, struct ss_transport **ret,
                        struct ss_err *err)
{
	struct ss_curl_target target = {0};
	char agent[128];
	int rc;

	if (config->source == SS_CONFIG_EMBEDDED)
		return ss_err_set(err, SS_ERR_INTERNAL,
		                  "the embedded cluster has its own transport");
	if (config->unsupported)
		return ss_err_set(err, SS_ERR_UNSUPPORTED, "%s", config->unsupported);
	if (config->insecure)
		ss_log(SS_LOG_WARN,
		       "cluster \"%s\": insecure-skip-tls-verify is set: anybody may "
		       "pose as this server",
		       config->cluster_name);
	if (!strncmp(config->server, "http://", 7) && !ss_auth_is_empty(config->auth))
		ss_log(SS_LOG_DEBUG, "%s is not https: no credentials are sent", config->server);
	refresh(&config->ca);
	refresh(&config->cert);
	refresh(&config->key);
	user_agent(agent, sizeof(agent));
	fill_target(config, &target);
	target.user_agent = agent;
	rc = ss_curl_new(loop, &target, ret, err);
	return rc ? ss_err_wrap(err, rc, "cluster \"%s\"", config->cluster_name) : 0;
}
