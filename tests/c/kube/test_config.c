/* Kubeconfig: which file, which context, which cluster, and a clear line for whatever is
 * wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../skip.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "io/file.h"
#include "io/http.h"
#include "io/loop.h"
#include "kube/config.h"
#include "kube/config_priv.h"

static char dir[] = "/tmp/ss-config-XXXXXX";

/* A complete kubeconfig with one of each, all named NAME. */
#define ENTRY(name, server, ns, user)                                                              \
	"clusters:\n- name: " name "\n  cluster: {server: \"" server "\"}\n"                       \
	"users:\n- name: " name "\n  user: {" user "}\n"                                           \
	"contexts:\n- name: " name "\n  context: {cluster: " name ", user: " name ns "}\n"
#define HEAD "apiVersion: v1\nkind: Config\n"

static const char *in_dir(const char *name)
{
	static char path[8][512];
	static int i;

	i = (i + 1) % 8;
	snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

static void put(const char *name, const char *text)
{
	char *parent SS_AUTOFREE = ss_file_dirname(in_dir(name));

	assert_int_equal(ss_file_make_dirs(parent, 0700, NULL), 0);
	assert_int_equal(ss_file_write(in_dir(name), text, strlen(text), 0600, NULL), 0);
}

static void clear_env(void)
{
	unsetenv("KUBECONFIG");
	unsetenv("XDG_STATE_HOME");
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
	unsetenv("POD_NAMESPACE");
	setenv("HOME", in_dir("home"), 1);
	ss_config_account_dir = "/nonexistent";
}

static int setup(void **state)
{
	(void)state;
	clear_env();
	return 0;
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

/* "context server namespace", or the error. */
static void assert_loads(const struct ss_config_request *request, const char *want)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_config *config;
	char text[1024];

	if (ss_config_load(request, &config, &err))
		fail_msg("%s", err.message);
	snprintf(text, sizeof(text), "%s %s %s", ss_config_context(config),
	         ss_config_server(config), ss_config_namespace(config));
	ss_config_free(config);
	assert_string_equal(text, want);
}

static void assert_refused(const struct ss_config_request *request, const char *says)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_config *config;

	assert_int_equal(ss_config_load(request, &config, &err), SS_ERR_CONFIG);
	if (err.code != SS_ERR_CONFIG || !strstr(err.message, says))
		fail_msg("%d %s: does not say: %s", err.code, err.message, says);
	assert_null(strchr(err.message, '\n'));
}

static const struct ss_config_request nothing = {0};

/* --- which file ------------------------------------------------------------ */

static void test_explicit_file_is_used_alone(void **state)
{
	struct ss_config_request request = {.kubeconfig = in_dir("one")};

	(void)state;
	put("one", HEAD "current-context: a\n" ENTRY("a", "https://one:1", ", namespace: ns", ""));
	put("two", HEAD ENTRY("b", "https://two:2", "", ""));
	setenv("KUBECONFIG", in_dir("two"), 1);
	assert_loads(&request, "a https://one:1 ns");
	request.context = "b";
	assert_refused(&request, "there is no context \"b\"; contexts here: a");
	request.kubeconfig = in_dir("none");
	assert_refused(&request, "/none: ");
}

static void test_kubeconfig_list_merges(void **state)
{
	struct ss_config_request request = {0};
	char list[2048];

	(void)state;
	put("l1", HEAD ENTRY("a", "https://l1a:1", ", namespace: n1", ""));
	put("l2", HEAD "current-context: b\n"
	               "clusters:\n- {name: a, cluster: {server: \"https://l2a:1\"}}\n"
	               "- {name: b, cluster: {server: \"https://l2b:1\"}}\n"
	               "contexts:\n- {name: a, context: {cluster: b, namespace: n2}}\n"
	               "- {name: b, context: {cluster: a}}\n");
	put("l3", HEAD "current-context: a\n");
	snprintf(list, sizeof(list), ":%s:%s:%s:%s::%s", in_dir("none"), in_dir("l1"), in_dir("l1"),
	         in_dir("l2"), in_dir("l3"));
	setenv("KUBECONFIG", list, 1);
	assert_loads(&request, "b https://l1a:1 default");
	request.context = "a";
	assert_loads(&request, "a https://l1a:1 n1");
	request.namespace_ = "override";
	assert_loads(&request, "a https://l1a:1 override");
}

static void test_a_broken_kubeconfig_is_never_skipped(void **state)
{
	char list[1100];

	(void)state;
	put("good", HEAD "current-context: a\n" ENTRY("a", "https://h:1", "", ""));
	put("bad", "clusters: [\n");
	setenv("KUBECONFIG", in_dir("missing"), 1);
	assert_refused(&nothing, "there is no such file; correct or unset KUBECONFIG");
	snprintf(list, sizeof(list), "%s:%s", in_dir("good"), in_dir("bad"));
	setenv("KUBECONFIG", list, 1);
	assert_refused(&nothing, "/bad: ");
	setenv("KUBECONFIG", dir, 1);
	assert_refused(&nothing, "is a directory");
	setenv("KUBECONFIG", "/dev/null", 1);
	assert_refused(&nothing, "is not a regular file");
	put("empty", "");
	setenv("KUBECONFIG", in_dir("empty"), 1);
	assert_refused(&nothing, "current-context is not set");
}

static void test_home_file(void **state)
{
	(void)state;
	put("home/.kube/config", HEAD "current-context: a\n" ENTRY("a", "https://home:1", "", ""));
	assert_loads(&nothing, "a https://home:1 default");
	setenv("KUBECONFIG", "", 1); /* as if unset */
	assert_loads(&nothing, "a https://home:1 default");
	put("home/.kube/config", "a: [");
	assert_refused(&nothing, "home/.kube/config: ");
	unlink(in_dir("home/.kube/config"));
}

/* --- in a cluster, embedded ------------------------------------------------- */

static void test_embedded_is_for_nothing_configured(void **state)
{
	struct ss_config_request request = {0};
	char want[1024];

	(void)state;
	snprintf(want, sizeof(want), "embedded %s default",
	         in_dir("home/.local/state/sandscript/cluster.db"));
	assert_loads(&request, want);
	put("home/.kube/config", HEAD "contexts: []\nclusters: null\n");
	assert_loads(&request, want);
	unlink(in_dir("home/.kube/config"));
	setenv("XDG_STATE_HOME", "/state", 1);
	request.namespace_ = "n";
	assert_loads(&request, "embedded /state/sandscript/cluster.db n");
	setenv("XDG_STATE_HOME", "relative", 1);
	request.namespace_ = NULL;
	assert_loads(&request, want);
	request.context = "x";
	assert_refused(&request, "there is no kubeconfig, so no context \"x\"");
}

static void test_embedded_when_asked(void **state)
{
	struct ss_config_request request = {.cluster = "embedded:/tmp/c.db"};
	struct ss_config *config;
	char want[600];

	(void)state;
	setenv("KUBECONFIG", "/nonexistent", 1); /* not even looked at */
	assert_loads(&request, "embedded /tmp/c.db default");
	request.cluster = "embedded:~/c.db";
	snprintf(want, sizeof(want), "embedded %s default", in_dir("home/c.db"));
	assert_loads(&request, want);
	request.cluster = "embedded:";
	assert_refused(&request, "names no file");
	request.cluster = "kind-dev";
	assert_refused(&request, "neither embedded nor embedded:FILE");
	request.cluster = "embedded";
	assert_int_equal(ss_config_load(&request, &config, NULL), 0);
	assert_int_equal(ss_config_source(config), SS_CONFIG_EMBEDDED);
	assert_string_equal(ss_config_embedded_path(config), ss_config_server(config));
	ss_config_free(config);
	request.context = "a";
	assert_refused(&request, "exclude each other");
}

static void test_in_cluster(void **state)
{
	struct ss_config_request request = {0};

	(void)state;
	ss_config_account_dir = in_dir("account");
	setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	put("account/namespace", "team-a\n");
	put("account/token", " t0ken-in-cluster\n");
	assert_loads(&request, "in-cluster https://10.0.0.1:443 team-a");
	setenv("POD_NAMESPACE", "pod-ns", 1);
	assert_loads(&request, "in-cluster https://10.0.0.1:443 pod-ns");
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	request.namespace_ = "n";
	assert_loads(&request, "in-cluster https://[fd00::1]:443 n");
	put("account/token", "\n");
	assert_refused(&request, "token: the token is empty");
	/* A kubeconfig wins. */
	put("c", HEAD "current-context: a\n" ENTRY("a", "https://h:1", "", ""));
	setenv("KUBECONFIG", in_dir("c"), 1);
	assert_loads(&request, "a https://h:1 n");
	unsetenv("KUBECONFIG");
	/* Without a token it is no pod. */
	ss_config_account_dir = in_dir("nowhere");
	request.cluster = NULL;
	setenv("XDG_STATE_HOME", "/s", 1);
	assert_loads(&request, "embedded /s/sandscript/cluster.db n");
}

/* --- what is wrong --------------------------------------------------------- */

static void test_errors_name_file_entry_and_cause(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	        {"[1, 2]\n", "this is not a map"},
	        {"kind: Deployment\n", "kind is not Config"},
	        {"clusters: {}\n", "clusters is not a list"},
	        {"clusters: [3]\n", "clusters[0] needs a name"},
	        {"users: [{name: 7}]\n", "users[0] needs a name"},
	        {"contexts: [{name: a, context: x}]\n", "contexts[0].context is not a map"},
	        {"users: [{name: a}, {name: b}, {name: a}]\n",
	         "users[2]: there are two named \"a\""},
	        {"current-context: 5\n", "current-context is not a string"},
	        {"current-context: a\n",
	         "current-context names \"a\", which is not there; contexts here: none"},
	        {ENTRY("prod", "https://h", "", "") "current-context: prodd\n",
	         "contexts here: prod; did you mean \"prod\"?"},
	        {ENTRY("a", "https://h", "", ""),
	         "current-context is not set; choose a context with --context; contexts here: a"},
	        {"current-context: a\ncontexts: [{name: a, context: {}}]\n",
	         "context \"a\": cluster is missing"},
	        {"current-context: a\ncontexts: [{name: a, context: {cluster: zz}}]\n"
	         "clusters: [{name: z, cluster: {server: \"https://h\"}}]\n",
	         "context \"a\" names cluster \"zz\", which is not there; clusters here: z"},
	        {"current-context: a\ncontexts: [{name: a, context: {cluster: z, user: bob}}]\n"
	         "clusters: [{name: z, cluster: {server: \"https://h\"}}]\nusers: [{name: rob}]\n",
	         "context \"a\" names user \"bob\", which is not there; users here: rob"},
	        {"current-context: a\ncontexts: [{name: a, context: {cluster: z, namespace: 5}}]\n"
	         "clusters: [{name: z, cluster: {server: \"https://h\"}}]\n",
	         "context \"a\": namespace is not a string"},
	};
	struct ss_config_request request = {.kubeconfig = in_dir("wrong")};

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		put("wrong", rows[i].text);
		assert_refused(&request, rows[i].says);
		assert_refused(&request, in_dir("wrong"));
	}
}

/* The fields of the cluster or user entry that is wrong. */
static void test_errors_of_entries(void **state)
{
	static const struct {
		const char *cluster, *user, *says;
	} rows[] = {
	        {"", "", "cluster \"c\": server is missing"},
	        {"server: 5", "", "cluster \"c\": server is not a string"},
	        {"server: h, insecure-skip-tls-verify: \"true\"", "",
	         "insecure-skip-tls-verify is not a boolean"},
	        {"server: h, certificate-authority-data: \"%%%\"", "",
	         "certificate-authority-data is not valid base64"},
	        {"server: h, certificate-authority: no/ca.crt", "",
	         "cluster \"c\": certificate-authority: "},
	        {"server: h, certificate-authority: e, certificate-authority-data: eA==", "",
	         "certificate-authority and certificate-authority-data exclude each other"},
	        {"server: h, insecure-skip-tls-verify: true, certificate-authority-data: eA==", "",
	         "exclude each other"},
	        {"server: h", "token: 12345678", "user \"u\": token is not a string"},
	        {"server: h", "token: \"se\\ncret\"",
	         "user \"u\": token: the token holds a control"},
	        {"server: h", "tokenFile: none", "user \"u\": tokenFile: "},
	        {"server: h", "tokenFile: empty", "empty: the token is empty"},
	        {"server: h", "tokenFile: large", "larger than 1048576 bytes"},
	        {"server: h", "tokenFile: fifo", "not a regular file"},
	        {"server: h", "tokenFile: inner", "inner: the token holds a control character"},
	        {"server: h", "token: t, username: u", "exclude each other"},
	        {"server: h", "password: p", "password is set without username"},
	        {"server: h", "username: \"a:b\", password: p", "username holds a colon"},
	        {"server: h",
	         "client-certificate-data: eA==", "client-certificate needs client-key"},
	        {"server: h", "client-key-data: eA==", "client-key needs client-certificate"},
	        {"server: h", "client-key: x, client-key-data: eA==", "exclude each other"},
	        {"server: h", "as-groups: [g]", "need as"},
	        {"server: h", "as: u, as-groups: g", "as-groups is not a list"},
	        {"server: h", "as: u, as-groups: [1]", "as-groups[0] is not a string"},
	        {"server: h", "as: u, as-user-extra: {k: v}", "as-user-extra.k is not a list"},
	        {"server: h", "as: \"a\\r\\nb\"", "user \"u\": as: the value holds a control"},
	        {"server: h", "exec: {command: x}, auth-provider: {name: y}", "exclude each other"},
	        {"server: h", "exec: {}", "exec.command is missing"},
	};
	struct ss_config_request request = {.kubeconfig = in_dir("entries/config")};
	size_t large_len = (1 << 20) + 1;
	char *large SS_AUTOFREE = calloc(1, large_len + 1);
	char text[1024];

	(void)state;
	memset(large, 'a', large_len);
	put("entries/large", large);
	put("entries/empty", " \n");
	put("entries/inner", "se\ncret");
	assert_int_equal(mkfifo(in_dir("entries/fifo"), 0600), 0);
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text),
		         "current-context: x\n"
		         "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
		         "clusters: [{name: c, cluster: {%s}}]\nusers: [{name: u, user: {%s}}]\n",
		         rows[i].cluster, rows[i].user);
		put("entries/config", text);
		assert_refused(&request, rows[i].says);
	}
}

/* --- values ---------------------------------------------------------------- */

static struct ss_config *load(const char *name, const char *text)
{
	struct ss_config_request request = {.kubeconfig = in_dir(name)};
	struct ss_err err SS_AUTO_ERR;
	struct ss_config *config = NULL;

	put(name, text);
	if (ss_config_load(&request, &config, &err))
		fail_msg("%s", err.message);
	return config;
}

static void take_header(void *ud, const char *line)
{
	strcpy(ud, line);
}

static void test_relative_paths_start_at_their_file(void **state)
{
	struct ss_config *config;
	char list[1100];

	(void)state;
	put("d1/pki/ca.crt", "CA one");
	put("d2/my token", "from-file\n");
	put("d1/config", "current-context: x\n"
	                 "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
	                 "clusters: [{name: c, cluster: {server: \"https://h\", "
	                 "certificate-authority: pki/ca.crt}}]\n");
	put("d2/config",
	    "users: [{name: u, user: {token: unused-token, tokenFile: \"my token\"}}]\n");
	snprintf(list, sizeof(list), "%s:%s", in_dir("d1/config"), in_dir("d2/config"));
	setenv("KUBECONFIG", list, 1);
	assert_int_equal(ss_config_load(&nothing, &config, NULL), 0);
	assert_string_equal(config->ca.data.data, "CA one");
	assert_string_equal(config->ca.path, in_dir("d1/pki/ca.crt"));
	assert_false(ss_auth_is_empty(config->auth));
	/* The file wins over the token beside it: it is the one that is renewed. */
	assert_int_equal(ss_auth_headers(config->auth, take_header, list, NULL), 0);
	assert_string_equal(list, "Authorization: Bearer from-file");
	ss_config_free(config);
}

static void test_data_is_base64(void **state)
{
	struct ss_config *config =
	        load("data", "current-context: x\n"
	                     "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
	                     "clusters: [{name: c, cluster: {server: \"h:6443\", "
	                     "certificate-authority-data: Q0E=, tls-server-name: name, "
	                     "proxy-url: \"http://p\", disable-compression: true}}]\n"
	                     "users: [{name: u, user: {client-certificate-data: Q1JU, "
	                     "client-key-data: S0VZ, exec: {command: ignored}}}]\n");

	(void)state;
	assert_string_equal(config->ca.data.data, "CA");
	assert_string_equal(config->cert.data.data, "CRT");
	assert_string_equal(config->key.data.data, "KEY");
	assert_string_equal(config->tls_server_name, "name");
	assert_string_equal(config->proxy_url, "http://p");
	assert_true(config->disable_compression);
	assert_false(config->insecure);
	assert_null(config->unsupported); /* the certificate comes before the plugin */
	assert_string_equal(config->server, "https://h:6443");
	ss_config_free(config);
}

static void test_server_without_scheme(void **state)
{
	struct ss_config *config = load("plain", "current-context: a\n" ENTRY("a", "h:80", "", ""));

	(void)state;
	assert_string_equal(ss_config_server(config), "http://h:80");
	ss_config_free(config);
}

/* --- transports ------------------------------------------------------------ */

static void test_transport(void **state)
{
	struct ss_config *config = load(
	        "t", "current-context: a\n" ENTRY("a", "https://h:1/p/", "", "token: some-token"));
	struct ss_loop *loop = ss_loop_new(NULL);
	struct ss_transport *t = NULL;

	(void)state;
	assert_int_equal(ss_config_transport(config, loop, &t, NULL), 0);
	assert_string_equal(t->server, "https://h:1/p");
	ss_transport_free(t);
	ss_config_free(config);
	ss_loop_free(loop);
}

static void test_transport_errors(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *says;
	} rows[] = {
	        {"current-context: a\n" ENTRY("a", "https://h", "", "exec: {command: aws-iam}"),
	         SS_ERR_UNSUPPORTED, "user \"a\" authenticates by exec plugin \"aws-iam\""},
	        {"current-context: a\n" ENTRY("a", "https://h", "", "auth-provider: {name: gcp}"),
	         SS_ERR_UNSUPPORTED, "user \"a\" authenticates by auth-provider \"gcp\""},
	        {"current-context: a\n" ENTRY("a", "http://h.example", "", "token: some-token"),
	         SS_ERR_CONFIG, "cluster \"a\": http://h.example is not https"},
	        {"current-context: a\n" ENTRY("a", "ftp://h", "", ""), SS_ERR_CONFIG,
	         "cluster \"a\": the server's URL begins with ftp://"},
	};
	struct ss_loop *loop = ss_loop_new(NULL);

	(void)state;
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		struct ss_config *config = load("te", rows[i].text);
		struct ss_err err SS_AUTO_ERR;
		struct ss_transport *t;

		assert_int_equal(ss_config_transport(config, loop, &t, &err), rows[i].code);
		assert_int_equal(err.code, rows[i].code);
		if (!strstr(err.message, rows[i].says))
			fail_msg("%s", err.message);
		ss_config_free(config);
	}
	ss_loop_free(loop);
}

static void keep_line(void *ud, const char *line, size_t len)
{
	ss_buf_add(ud, line, len);
}

static void test_insecure_is_logged_once(void **state)
{
	struct ss_config *config =
	        load("i", "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
	                  "clusters: [{name: c, cluster: {server: \"https://h\", "
	                  "insecure-skip-tls-verify: true}}]\n");
	struct ss_loop *loop = ss_loop_new(NULL);
	struct ss_buf log SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_transport *t;

	(void)state;
	ss_log_set_sink(keep_line, &log);
	assert_int_equal(ss_config_transport(config, loop, &t, NULL), 0);
	ss_log_set_sink(NULL, NULL);
	assert_non_null(strstr(log.data, "cluster \"c\": insecure-skip-tls-verify is set"));
	ss_transport_free(t);
	ss_config_free(config);
	ss_loop_free(loop);
}

static void test_rotated_certificate_is_read_again(void **state)
{
	struct ss_loop *loop = ss_loop_new(NULL);
	struct ss_config *config;
	struct ss_transport *t;

	(void)state;
	put("r/crt", "crt one");
	put("r/key", "key one");
	config = load("r/config",
	              "current-context: a\n" ENTRY("a", "https://h", "",
	                                           "client-certificate: crt, client-key: key"));
	put("r/crt", "crt two");
	unlink(in_dir("r/key")); /* being replaced: the old one stays */
	assert_int_equal(ss_config_transport(config, loop, &t, NULL), 0);
	assert_string_equal(config->cert.data.data, "crt two");
	assert_string_equal(config->key.data.data, "key one");
	ss_transport_free(t);
	ss_config_free(config);
	ss_loop_free(loop);
}

/* --- the list of contexts --------------------------------------------------- */

static void test_contexts(void **state)
{
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *doc = NULL;
	char list[1100];

	(void)state;
	put("x1", "current-context: b\ncontexts: [{name: a, context: {cluster: c1}}]\n");
	put("x2", "contexts: [{name: a, context: {cluster: c2}}, "
	          "{name: b, context: {cluster: c2, namespace: ns}}, {name: c}]\n");
	snprintf(list, sizeof(list), "%s:%s", in_dir("x1"), in_dir("x2"));
	setenv("KUBECONFIG", list, 1);
	assert_int_equal(ss_config_contexts(NULL, &doc, NULL), 0);
	ss_json_encode(doc, ss_doc_root(doc), &json);
	assert_string_equal(json.data, "[{\"name\":\"a\",\"cluster\":\"c1\",\"current\":false},"
	                               "{\"name\":\"b\",\"cluster\":\"c2\",\"namespace\":\"ns\","
	                               "\"current\":true},{\"name\":\"c\",\"current\":false}]");
	ss_doc_free(doc);
	clear_env();
	assert_int_equal(ss_config_contexts(NULL, &doc, NULL), 0);
	assert_int_equal(ss_doc_count(doc, ss_doc_root(doc)), 0);
	ss_doc_free(doc);
}

/* --- kubectl as the oracle --------------------------------------------------- */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

/* A file with some of the contexts, clusters and users a to d. */
static void put_random(const char *name, unsigned *seed)
{
	struct ss_buf b SS_AUTO_BUF = SS_BUF_INIT;
	static const char names[] = "abcd";

	ss_buf_puts(&b, HEAD);
	if (next_random(seed) % 2)
		ss_buf_printf(&b, "current-context: %c\n", names[next_random(seed) % 4]);
	ss_buf_puts(&b, "clusters:\n");
	for (int i = 0; i < 4; i++) {
		if (next_random(seed) % 2)
			ss_buf_printf(&b, "- {name: %c, cluster: {server: \"https://%s-%c:1\"}}\n",
			              names[i], name, names[i]);
	}
	ss_buf_puts(&b, "contexts:\n");
	for (int i = 0; i < 4; i++) {
		if (next_random(seed) % 2)
			ss_buf_printf(&b, "- {name: %c, context: {cluster: %c%s%s}}\n", names[i],
			              names[next_random(seed) % 4],
			              i % 2 ? ", namespace: from-" : "", i % 2 ? name : "");
	}
	put(name, b.data);
}

/* What kubectl makes of the same KUBECONFIG: "context server namespace", or "" for an
 * error or no current context. */
static void ask_kubectl(char *out, size_t size)
{
	char command[] = "kubectl config view --merge --minify -o "
	                 "jsonpath='{.current-context} {.clusters[0].cluster.server} "
	                 "{.contexts[0].context.namespace}' 2>/dev/null";
	FILE *p = popen(command, "r");
	size_t n = fread(out, 1, size - 1, p);

	out[n] = 0;
	if (pclose(p))
		out[0] = 0;
}

static void ask_ourselves(char *out, size_t size)
{
	struct ss_config *config;

	out[0] = 0;
	if (ss_config_load(&nothing, &config, NULL))
		return;
	snprintf(out, size, "%s %s %s", ss_config_context(config), ss_config_server(config),
	         strcmp(ss_config_namespace(config), "default") ? ss_config_namespace(config) : "");
	ss_config_free(config);
}

static void test_same_choice_as_kubectl(void **state)
{
	unsigned seed = 7;
	int chosen = 0;

	(void)state;
	if (system("kubectl version --client >/dev/null 2>&1"))
		SKIP_TEST("kubectl is not in PATH");
	for (int round = 0; round < 25; round++) {
		char list[2048], theirs[512], ours[512];

		put_random("o1", &seed);
		put_random("o2", &seed);
		put_random("o3", &seed);
		snprintf(list, sizeof(list), "%s:%s:%s:%s", in_dir("o1"), in_dir("nope"),
		         in_dir("o2"), in_dir("o3"));
		setenv("KUBECONFIG", list, 1);
		ask_kubectl(theirs, sizeof(theirs));
		ask_ourselves(ours, sizeof(ours));
		if (strcmp(ours, theirs))
			fail_msg("round %d: \"%s\", kubectl: \"%s\"", round, ours, theirs);
		chosen += ours[0] != 0;
	}
	assert_true(chosen > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, setup)
	        T(test_explicit_file_is_used_alone),
	        T(test_kubeconfig_list_merges),
	        T(test_a_broken_kubeconfig_is_never_skipped),
	        T(test_home_file),
	        T(test_embedded_is_for_nothing_configured),
	        T(test_embedded_when_asked),
	        T(test_in_cluster),
	        T(test_errors_name_file_entry_and_cause),
	        T(test_errors_of_entries),
	        T(test_relative_paths_start_at_their_file),
	        T(test_data_is_base64),
	        T(test_server_without_scheme),
	        T(test_transport),
	        T(test_transport_errors),
	        T(test_insecure_is_logged_once),
	        T(test_rotated_certificate_is_read_again),
	        T(test_contexts),
	        T(test_same_choice_as_kubectl),
#undef T
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
