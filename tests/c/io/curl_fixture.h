/* What the tests of the curl transport share: the Python server (server.py), a loop
 * with a transport per test, one request with all its events. Included once per test
 * program. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../skip.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "io/curl.h"
#include "io/file.h"
#include "io/loop.h"

extern char **environ;

/* --- the server ------------------------------------------------------------ */
static struct {
	pid_t pid;
	int in; /* closing it ends the server */
	char dir[32];
	struct ss_doc *ports;
} server;

SS_UNUSED static int server_port(const char *name)
{
	return (int)ss_doc_get_int(server.ports,
	                           ss_doc_get(server.ports, ss_doc_root(server.ports), name), 0);
}

SS_UNUSED static bool server_spawn(int in, int out)
{
	const char *source = getenv("SS_SOURCE_DIR");
	char script[512];
	char *argv[] = {(char[]){"python3"}, script, server.dir, NULL};
	posix_spawn_file_actions_t actions;
	int rc;

	snprintf(script, sizeof(script), "%s/tests/c/io/server.py", source ? source : ".");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	rc = posix_spawnp(&server.pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc == 0;
}

static int server_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", server.dir);
	return system(command) ? -1 : 0;
}

SS_UNUSED static int server_start(void **state)
{
	int in[2], out[2];
	char line[512];
	bool spawned;
	ssize_t n;

	(void)state;
	strcpy(server.dir, "/tmp/ss-curl-XXXXXX");
	if (!mkdtemp(server.dir) || pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return -1;
	spawned = server_spawn(in[0], out[1]);
	close(in[0]);
	close(out[1]);
	server.in = in[1];
	n = spawned ? read(out[0], line, sizeof(line)) : 0;
	close(out[0]);
	if (n <= 0 || ss_json_parse(line, (size_t)n, &server.ports, NULL)) {
		server_remove();
		exit(may_skip("the test server needs python3 and openssl") ? 77 : 1);
	}
	/* libuv keeps a pipe for signals once the first loop was there. */
	ss_loop_free(ss_loop_new(NULL));
	/* The environment of the machine must not lead requests elsewhere. */
	unsetenv("HTTPS_PROXY");
	unsetenv("https_proxy");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	unsetenv("all_proxy");
	unsetenv("NO_PROXY");
	unsetenv("no_proxy");
	return 0;
}

SS_UNUSED static int server_stop(void **state)
{
	(void)state;
	close(server.in);
	waitpid(server.pid, NULL, 0);
	ss_doc_free(server.ports);
	return server_remove();
}

/* A file of the server's directory: ca.crt, alice.crt … */
SS_UNUSED static void server_pem(const char *name, struct ss_buf *out)
{
	char *path SS_AUTOFREE = ss_file_join(server.dir, name);

	assert_int_equal(ss_file_read(path, 65536, out, NULL), 0);
}

/* --- a loop, a transport --------------------------------------------------- */
struct fixture {
	struct ss_loop *loop;
	struct ss_transport *t;
	struct ss_buf ca, cert, key;
	size_t fds; /* open before */
};

SS_UNUSED static size_t count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

SS_UNUSED static int fixture_open(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->fds = count_fds();
	f->loop = ss_loop_new(NULL);
	*state = f;
	return f->loop ? 0 : -1;
}

/* Every descriptor is closed with the loop; ASan sees to the memory. */
SS_UNUSED static int fixture_close(void **state)
{
	struct fixture *f = *state;
	size_t fds = f->fds;

	ss_transport_free(f->t);
	ss_loop_free(f->loop);
	ss_buf_done(&f->ca);
	ss_buf_done(&f->cert);
	ss_buf_done(&f->key);
	free(f);
	if (count_fds() != fds) {
		printf("%zu descriptors before, %zu after\n", fds, count_fds());
		return -1;
	}
	return 0;
}

SS_UNUSED static void connect_target(struct fixture *f, const struct ss_curl_target *target)
{
	struct ss_err err SS_AUTO_ERR;

	ss_transport_free(f->t);
	f->t = NULL;
	if (ss_curl_new(f->loop, target, &f->t, &err))
		fail_msg("%s", err.message);
}

/* To one of the server's ports; target, when given, holds the rest. */
SS_UNUSED static void connect_to(struct fixture *f, const char *scheme, const char *port,
                                 const struct ss_curl_target *rest)
{
	struct ss_curl_target target = {.user_agent = "test/1"};
	char url[64];

	if (rest)
		target = *rest;
	snprintf(url, sizeof(url), "%s://127.0.0.1:%d", scheme, server_port(port));
	target.server = url;
	connect_target(f, &target);
}

SS_UNUSED static void connect_tls(struct fixture *f, const char *port,
                                  const struct ss_curl_target *rest)
{
	struct ss_curl_target target = {.user_agent = "test/1"};

	if (rest)
		target = *rest;
	if (!f->ca.len)
		server_pem("ca.crt", &f->ca);
	target.ca_pem = f->ca.data;
	target.ca_pem_len = f->ca.len;
	connect_to(f, "https", port, &target);
}

/* --- one request ----------------------------------------------------------- */
struct reply {
	struct fixture *f;
	struct ss_http_op *op;
	char order[64]; /* h, d, D(one) */
	int status;
	char type[64], type_full[64], etag[64];
	int64_t retry_after_ms;
	char warnings[1024]; /* a line each */
	size_t n_warnings;
	struct ss_buf body;
	size_t n_data;
	bool done;
	struct ss_err err;
	void (*then)(struct reply *reply); /* from head and data */
};

static void on_head(void *ud, const struct ss_http_head *head)
{
	struct reply *r = ud;

	strcat(r->order, "h");
	r->status = head->status;
	snprintf(r->type, sizeof(r->type), "%s", head->content_type);
	snprintf(r->type_full, sizeof(r->type_full), "%s", head->content_type_full);
	snprintf(r->etag, sizeof(r->etag), "%s", head->etag);
	r->retry_after_ms = head->retry_after_ms;
	r->n_warnings = head->n_warnings;
	for (size_t i = 0; i < head->n_warnings; i++) {
		strcat(r->warnings, head->warnings[i]);
		strcat(r->warnings, "\n");
	}
	if (r->then)
		r->then(r);
}

static void on_data(void *ud, const char *data, size_t len)
{
	struct reply *r = ud;

	assert_true(len > 0);
	if (r->n_data++ == 0)
		strcat(r->order, "d");
	ss_buf_add(&r->body, data, len);
	if (r->then)
		r->then(r);
}

static void on_done(void *ud, const struct ss_err *err)
{
	struct reply *r = ud;

	assert_false(r->done);
	r->done = true;
	r->op = NULL;
	strcat(r->order, "D");
	if (err)
		ss_err_copy(&r->err, err);
}

static const struct ss_http_events reply_events = {on_head, on_data, on_done};

SS_UNUSED static void reply_reset(struct reply *r)
{
	ss_buf_done(&r->body);
	ss_err_done(&r->err);
	memset(r, 0, sizeof(*r));
}

SS_UNUSED static void start_request(struct fixture *f, const struct ss_http_request *request,
                                    struct reply *r)
{
	struct ss_err err SS_AUTO_ERR;

	r->f = f;
	if (ss_http_start(f->t, request, &reply_events, r, &r->op, &err))
		fail_msg("%s", err.message);
	assert_string_equal(r->order, ""); /* nothing is called from start */
}

SS_UNUSED static void run_loop(struct fixture *f)
{
	while (ss_loop_step(f->loop, true))
		continue;
}

SS_UNUSED static void run_request(struct fixture *f, const struct ss_http_request *request,
                                  struct reply *r)
{
	reply_reset(r);
	start_request(f, request, r);
	run_loop(f);
	assert_true(r->done);
}

SS_UNUSED static void get(struct fixture *f, const char *path, struct reply *r)
{
	struct ss_http_request request = {.method = "GET", .path = path, .timeout_ms = 20000};

	run_request(f, &request, r);
}

SS_UNUSED static void assert_reply(const struct reply *r, int status, const char *body)
{
	if (r->err.code)
		fail_msg("%s", r->err.message);
	assert_string_equal(r->order, body[0] ? "hdD" : "hD");
	assert_int_equal(r->status, status);
	assert_string_equal(r->body.data ? r->body.data : "", body);
}

SS_UNUSED static void assert_failed(const struct reply *r, int code, const char *says)
{
	assert_string_equal(r->order, "D");
	if (r->err.code != code || !strstr(r->err.message, says))
		fail_msg("%d, %s: not %d, %s", r->err.code, r->err.message, code, says);
	assert_true(strstr(r->err.message, r->f->t->server) == r->err.message);
}
