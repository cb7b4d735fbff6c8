/* The HTTPS transport: libcurl's multi interface on the loop. Two multis: one
 * connection for requests (HTTP/2, multiplexed, at most 90 streams, the rest
 * queue here in order; up to 8 connections to a server of HTTP/1.1), another for
 * watches. libcurl is initialised on first use. Redirects are not followed;
 * environment proxies and NO_PROXY are, except for loopback hosts.
 * A request that the server refused unseen (GOAWAY, REFUSED_STREAM) is sent again,
 * and a read also when its reused connection died before the answer; a write never. */
#pragma once

#include "io/http.h"

struct ss_curl_target {
	/* https://host:port[/prefix]; http only to a loopback host, where `headers` is not
	 * asked then, or with no credentials */
	const char *server;
	const char *tls_server_name; /* NULL = host of server */
	const char *proxy_url;       /* NULL = environment */
	const char *ca_pem;          /* NULL = the system's */
	size_t ca_pem_len;
	const char *cert_pem; /* client certificate and key, or NULL */
	size_t cert_pem_len;
	const char *key_pem;
	size_t key_pem_len;
	bool insecure; /* skip verification */
	bool disable_compression;
	const char *user_agent;
	/* Called for each request: append "Name: value" lines (credentials) by calling add.
	 * 0 or an error that fails the request. May be NULL. */
	int (*headers)(void *ud, void (*add)(void *add_ud, const char *line), void *add_ud,
	               struct ss_err *err);
	/* A 401 came for a request begun at started_mono_ms: drop cached credentials. May be NULL. */
	void (*unauthorized)(void *ud, int64_t started_mono_ms);
	void *ud;
};

/* The target's strings are copied. 0 and a transport to free with ss_transport_free, or
 * SS_ERR_CONFIG (a server URL that is not allowed), SS_ERR_UNAVAILABLE (no libcurl), SS_ERR_NOMEM. */
int ss_curl_new(struct ss_loop *loop, const struct ss_curl_target *target,
                struct ss_transport **ret, struct ss_err *err);
