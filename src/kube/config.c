#include "kube/config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "io/file.h"
#include "io/own.h"
#include "kube/config_priv.h"

/* --- the chosen context ---------------------------------------------------- */

static int set_names(struct ss_config *config, const char *context, const char *namespace_,
                     struct ss_err *err)
{
	if (!config->namespace_)
		config->namespace_ = strdup(namespace_ && *namespace_ ? namespace_ : "default");
	config->context = strdup(context);
	return config->context && config->namespace_ ? 0 : ss_err_nomem(err);
}

/* The entry that the context names by `kind`: "cluster", "user". */
static int find_part(const struct kubefiles *files, const struct kube_entry *context,
                     const char *list, const char *kind, bool required, struct kube_entry *ret,
                     struct ss_err *err)
{
	const char *name;
	char what[512];
	int rc = ss_kube_string(context, kind, &name, err);

	*ret = (struct kube_entry){.kind = kind};
	if (rc)
		return rc;
	if (!name)
		return required ? ss_kube_failed(context, err, "%s is missing", kind) : 0;
	*ret = ss_kubefiles_find(files, list, kind, name);
	if (ret->file)
		return 0;
	snprintf(what, sizeof(what), "context \"%s\" names %s \"%s\", which is not there",
	         context->name, kind, name);
	return ss_kubefiles_missing(files, list, name, what, err);
}

static int use_context(struct ss_config *config, const struct kubefiles *files,
                       const struct kube_entry *context, struct ss_err *err)
{
	struct kube_entry cluster, user;
	const char *namespace_;
	int rc = ss_kube_string(context, "namespace", &namespace_, err);

	if (!rc)
		rc = find_part(files, context, "clusters", "cluster", true, &cluster, err);
	if (!rc)
		rc = find_part(files, context, "users", "user", false, &user, err);
	if (!rc)
		rc = ss_config_user(config, &user, err);
	if (!rc)
		rc = ss_config_cluster(config, &cluster, err);
	return rc ? rc : set_names(config, context->name, namespace_, err);
}

static int load_context(struct ss_config *config, const struct kubefiles *files, const char *wanted,
                        struct ss_err *err)
{
	const char *name = wanted ? wanted : ss_kubefiles_current_context(files);
	struct kube_entry context;
	char what[512];

	config->source = SS_CONFIG_KUBECONFIG;
	if (!*name)
		return ss_kubefiles_missing(files, "contexts", "",
		                            "current-context is not set; choose a context with "
		                            "--context",
		                            err);
	context = ss_kubefiles_find(files, "contexts", "context", name);
	if (context.file)
		return use_context(config, files, &context, err);
	snprintf(what, sizeof(what),
	         wanted ? "there is no context \"%s\""
	                : "current-context names \"%s\", which is not there",
	         name);
	return ss_kubefiles_missing(files, "contexts", name, what, err);
}

/* --- the embedded cluster -------------------------------------------------- */

static const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (home && *home)
		return home;
	entry = getpwuid(getuid());
	return entry && entry->pw_dir ? entry->pw_dir : "/";
}

static char *default_database(void)
{
	char *path = ss_file_state("cluster.db");

	return path ? path : ss_file_join(home_dir(), ".local/state/sandscript/cluster.db");
}

/* "FILE" of embedded:FILE; the shell does not expand a ~ after the colon. */
static char *database(const char *file)
{
	if (!file)
		return default_database();
	return !strncmp(file, "~/", 2) ? ss_file_join(home_dir(), file + 2) : strdup(file);
}

/* With what SQLite keeps beside it. */
static void own_database(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < SS_ARRAY_LEN(suffixes); i++) {
		char *name SS_AUTOFREE = NULL;

		if (asprintf(&name, "%s%s", path, suffixes[i]) > 0)
			ss_own_file(name);
	}
}

static int use_embedded(struct ss_config *config, const char *file, struct ss_err *err)
{
	config->source = SS_CONFIG_EMBEDDED;
	config->server = database(file);
	if (!config->server)
		return ss_err_nomem(err);
	own_database(config->server);
	return set_names(config, "embedded", NULL, err);
}

static int load_cluster_option(struct ss_config *config, const struct ss_config_request *request,
                               struct ss_err *err)
{
	const char *file = NULL;

	if (request->kubeconfig || request->context)
		return ss_err_set(err, SS_ERR_CONFIG, "cluster \"%s\" and %s exclude each other",
		                  request->cluster, request->context ? "context" : "kubeconfig");
	if (!strncmp(request->cluster, "embedded:", 9))
		file = request->cluster + 9;
	else if (strcmp(request->cluster, "embedded"))
		return ss_err_set(
		        err, SS_ERR_CONFIG,
		        "cluster \"%s\" is neither embedded nor embedded:FILE; a cluster of "
		        "the kubeconfig is chosen by its context",
		        request->cluster);
	if (file && !*file)
		return ss_err_set(err, SS_ERR_CONFIG, "cluster \"embedded:\" names no file");
	return use_embedded(config, file, err);
}

/* --- loading --------------------------------------------------------------- */

/* A file in the default place that configures nothing at all is as good as none. */
static bool is_empty(const struct kubefiles *files)
{
	const struct ss_doc *doc;
	ss_node root;

	if (files->n == 0)
		return true;
	if (files->n > 1)
		return false;
	doc = files->files[0].doc;
	root = ss_doc_root(doc);
	return !ss_doc_count(doc, ss_doc_get(doc, root, "contexts")) &&
	       !ss_doc_count(doc, ss_doc_get(doc, root, "clusters")) &&
	       !*ss_kubefiles_current_context(files);
}

static bool is_default_place(const struct ss_config_request *request)
{
	const char *list = getenv("KUBECONFIG");

	return !request->kubeconfig && !(list && *list);
}

static int load_files(struct ss_config *config, const struct ss_config_request *request,
                      struct kubefiles *files, struct ss_err *err)
{
	int rc = ss_kubefiles_load(files, request->kubeconfig, err);

	if (rc)
		return rc;
	if (!is_empty(files) || !is_default_place(request))
		return load_context(config, files, request->context, err);
	if (request->context)
		return ss_err_set(err, SS_ERR_CONFIG,
		                  "there is no kubeconfig, so no context \"%s\"; set KUBECONFIG or "
		                  "--kubeconfig",
		                  request->context);
	if (ss_config_is_in_cluster())
		return ss_config_in_cluster(config, err);
	return use_embedded(config, NULL, err);
}

int ss_config_load(const struct ss_config_request *request, struct ss_config **ret,
                   struct ss_err *err)
{
	struct ss_config *config = calloc(1, sizeof(*config));
	struct kubefiles files = {0};
	int rc = 0;

	if (!config)
		return ss_err_nomem(err);
	if (request->namespace_ && *request->namespace_) {
		config->namespace_ = strdup(request->namespace_);
		if (!config->namespace_)
			rc = ss_err_nomem(err);
	}
	if (!rc && request->cluster)
		rc = load_cluster_option(config, request, err);
	else if (!rc)
		rc = load_files(config, request, &files, err);
	ss_kubefiles_done(&files);
	if (rc) {
		ss_config_free(config);
		return rc;
	}
	*ret = config;
	return 0;
}

static void pem_done(struct pem *pem)
{
	if (pem->data.data)
		explicit_bzero(pem->data.data, pem->data.len);
	ss_buf_done(&pem->data);
	free(pem->path);
}

void ss_config_own_files(const struct ss_config_request *request)
{
	struct ss_config *config = NULL;

	ss_config_load(request, &config, NULL);
	ss_config_free(config);
}

void ss_config_free(struct ss_config *config)
{
	if (!config)
		return;
	free(config->context);
	free(config->namespace_);
	free(config->server);
	free(config->cluster_name);
	free(config->tls_server_name);
	free(config->proxy_url);
	free(config->unsupported);
	pem_done(&config->ca);
	pem_done(&config->cert);
	pem_done(&config->key);
	ss_auth_free(config->auth);
	free(config);
}

enum ss_config_source ss_config_source(const struct ss_config *config)
{
	return config->source;
}

const char *ss_config_context(const struct ss_config *config)
{
	return config->context;
}

const char *ss_config_namespace(const struct ss_config *config)
{
	return config->namespace_;
}

const char *ss_config_server(const struct ss_config *config)
{
	return config->server;
}

const char *ss_config_embedded_path(const struct ss_config *config)
{
	return config->source == SS_CONFIG_EMBEDDED ? config->server : NULL;
}

/* --- the list of contexts -------------------------------------------------- */

struct listing {
	struct ss_doc *doc;
	const char *current;
};

static void list_context(void *ud, const struct kube_entry *entry)
{
	struct listing *listing = ud;
	const struct ss_doc *from = entry->file->doc;
	struct ss_doc *doc = listing->doc;

	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "name", entry->name);
	ss_doc_put_string(doc, "cluster", ss_doc_find_string(from, entry->node, "cluster", NULL));
	ss_doc_put_string(doc, "namespace",
	                  ss_doc_find_string(from, entry->node, "namespace", NULL));
	ss_doc_put_bool(doc, "current", !strcmp(entry->name, listing->current));
	ss_doc_end(doc);
}

int ss_config_contexts(const char *kubeconfig, struct ss_doc **ret, struct ss_err *err)
{
	struct listing listing = {.doc = ss_doc_new()};
	struct kubefiles files = {0};
	int rc = listing.doc ? ss_kubefiles_load(&files, kubeconfig, err) : ss_err_nomem(err);

	if (!rc) {
		listing.current = ss_kubefiles_current_context(&files);
		ss_doc_begin_array(listing.doc);
		ss_kubefiles_each(&files, "contexts", "context", list_context, &listing);
		ss_doc_end(listing.doc);
		rc = ss_doc_finish(listing.doc, err);
	}
	ss_kubefiles_done(&files);
	if (rc) {
		ss_doc_free(listing.doc);
		return rc;
	}
	*ret = listing.doc;
	return 0;
}
