/* The server's URL: what is allowed, and the form that requests are appended to. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/curl_priv.h"

struct parts {
	CURLU *url;
	char *scheme, *host, *port, *path, *user;
	bool port_given;
};

static void parts_done(struct parts *p)
{
	ss_libcurl.curl_free(p->scheme);
	ss_libcurl.curl_free(p->host);
	ss_libcurl.curl_free(p->port);
	ss_libcurl.curl_free(p->path);
	ss_libcurl.curl_free(p->user);
	ss_libcurl.curl_url_cleanup(p->url);
}

static bool is_loopback(const char *host)
{
	size_t len = strlen(host), digits = strspn(host, "0123456789.");

	return !strcasecmp(host, "localhost") || !strcmp(host, "[::1]") ||
	       (!strncmp(host, "127.", 4) && digits == len);
}

static int parts_parse(struct parts *p, const char *server, struct ss_err *err)
{
	CURLUcode rc;
	char *given = NULL;

	p->url = ss_libcurl.curl_url();
	if (!p->url)
		return ss_err_nomem(err);
	rc = ss_libcurl.curl_url_set(p->url, CURLUPART_URL, server, CURLU_NON_SUPPORT_SCHEME);
	if (rc == CURLUE_OUT_OF_MEMORY)
		return ss_err_nomem(err);
	if (rc)
		return ss_err_set(err, SS_ERR_CONFIG, "the server is no URL: %s",
		                  ss_libcurl.curl_url_strerror(rc));
	if (ss_libcurl.curl_url_get(p->url, CURLUPART_SCHEME, &p->scheme, 0) ||
	    ss_libcurl.curl_url_get(p->url, CURLUPART_PATH, &p->path, 0))
		return ss_err_nomem(err);
	ss_libcurl.curl_url_get(p->url, CURLUPART_HOST, &p->host, 0);
	ss_libcurl.curl_url_get(p->url, CURLUPART_USER, &p->user, 0);
	p->port_given = !ss_libcurl.curl_url_get(p->url, CURLUPART_PORT, &given, 0);
	ss_libcurl.curl_free(given);
	ss_libcurl.curl_url_get(p->url, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT);
	return 0;
}

static int parts_check(const struct parts *p, struct ss_err *err)
{
	if (p->user) /* not shown: a password may follow it */
		return ss_err_set(err, SS_ERR_CONFIG,
		                  "the server's URL holds a user name; use username and password");
	if (strcmp(p->scheme, "https") && strcmp(p->scheme, "http"))
		return ss_err_set(err, SS_ERR_CONFIG,
		                  "the server's URL begins with %s:// instead of https://",
		                  p->scheme);
	if (!p->port || !p->host || !*p->host)
		return ss_err_set(err, SS_ERR_CONFIG, "the server's URL has no host");
	return 0;
}

static bool is_host_name(const char *name)
{
	for (const char *s = name; *s; s++) {
		bool fits = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		            (*s >= '0' && *s <= '9') || strchr("-._:", *s);

		if (!fits)
			return false;
	}
	return *name != 0;
}

static bool append(struct curl_slist **list, const char *line)
{
	struct curl_slist *grown = ss_libcurl.curl_slist_append(*list, line);

	if (grown)
		*list = grown;
	return grown != NULL;
}

/* libcurl takes SNI and the name to verify from the URL. So the URL names the server as
 * TLS shall, CONNECT_TO leads to the real address, and Host stays what it was. */
static int use_server_name(struct ss_curl *t, const struct parts *p, struct ss_err *err)
{
	const char *name = t->target.tls_server_name;
	bool v6 = strchr(name, ':') != NULL;
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

	if (!is_host_name(name))
		return ss_err_set(err, SS_ERR_CONFIG, "tls-server-name is no host name");
	ss_buf_printf(&b, v6 ? "[%s]:%s:%s:%s" : "%s:%s:%s:%s", name, p->port, p->host, p->port);
	if (b.failed || !append(&t->connect_to, b.data))
		return ss_err_nomem(err);
	ss_buf_reset(&b);
	ss_buf_printf(&b, p->port_given ? "Host: %s:%s" : "Host: %s", p->host, p->port);
	if (b.failed || !append(&t->fixed, b.data))
		return ss_err_nomem(err);
	return 0;
}

/* scheme://host[:port]/prefix, without a slash at the end. */
static char *compose(const struct parts *p, const char *host)
{
	size_t prefix = strlen(p->path);
	bool v6 = host != p->host && strchr(host, ':');
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;

	while (prefix && p->path[prefix - 1] == '/')
		prefix--;
	ss_buf_printf(&b, v6 ? "%s://[%s]" : "%s://%s", p->scheme, host);
	if (p->port_given)
		ss_buf_printf(&b, ":%s", p->port);
	ss_buf_add(&b, p->path, prefix);
	return ss_buf_take(&b, NULL);
}

static int setup(struct ss_curl *t, const struct parts *p, struct ss_err *err)
{
	const char *name = t->target.tls_server_name;
	bool credentials = t->target.headers || t->target.cert_pem;
	int rc = 0;

	t->secure = !strcmp(p->scheme, "https");
	t->loopback = is_loopback(p->host);
	t->base.server = compose(p, p->host);
	t->url_base = compose(p, name && t->secure ? name : p->host);
	/* curl would wait a second for "100 Continue" before a large body. */
	if (!t->base.server || !t->url_base || !append(&t->fixed, "Expect:"))
		return ss_err_nomem(err);
	if (!t->secure && !t->loopback && credentials)
		return ss_err_set(err, SS_ERR_CONFIG,
		                  "%s is not https: the credentials would go out in clear text",
		                  t->base.server);
	if (name && t->secure)
		rc = use_server_name(t, p, err);
	return rc;
}

int ss_curl_url_setup(struct ss_curl *t, struct ss_err *err)
{
	struct parts p = {0};
	int rc = parts_parse(&p, t->target.server, err);

	if (!rc)
		rc = parts_check(&p, err);
	if (!rc)
		rc = setup(t, &p, err);
	parts_done(&p);
	return rc;
}
