/* The inside of kubeconfig loading, shared by config*.c.
 *
 * kubefiles: the files of a KUBECONFIG list as documents, and the look-up that merges them
 * (first file that has an entry wins it whole). config: what the chosen context means. */
#pragma once

#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "kube/auth.h"
#include "kube/config.h"

enum {
	KUBEFILE_MAX_BYTES = 16 << 20,
	KUBEFILE_MAX_FILES = 256,
	PEM_MAX_BYTES = 1 << 20,
};

/* --- config_file.c: files -------------------------------------------------- */
struct kubefile {
	char *path;
	char *dir; /* relative paths in the file start here */
	struct ss_doc *doc;
};

struct kubefiles {
	struct kubefile *files;
	size_t n;
	char *label; /* for messages: "/home/me/.kube/config", "/a:/b" */
};

/* kubeconfig: one file, which must exist; NULL: $KUBECONFIG, then ~/.kube/config. With
 * neither, n is 0. SS_ERR_CONFIG, SS_ERR_NOMEM. To free also after an error. */
int ss_kubefiles_load(struct kubefiles *files, const char *kubeconfig, struct ss_err *err);
void ss_kubefiles_done(struct kubefiles *files);

/* One named entry: the value of its member `kind` ("cluster", "user", "context"). */
struct kube_entry {
	const struct kubefile *file; /* NULL: not found */
	const char *kind, *name;
	ss_node node;
};
/* list: "clusters" …; kind: the entry's member. */
struct kube_entry ss_kubefiles_find(const struct kubefiles *files, const char *list,
                                    const char *kind, const char *name);
/* "" when not set in any file. */
const char *ss_kubefiles_current_context(const struct kubefiles *files);
/* The error for a name that is not there: "…; contexts here: a, b; did you mean …?" */
int ss_kubefiles_missing(const struct kubefiles *files, const char *list, const char *name,
                         const char *what, struct ss_err *err);
/* f(ud, entry's name, value of `kind`) for every entry that counts (the first of a name). */
void ss_kubefiles_each(const struct kubefiles *files, const char *list, const char *kind,
                       void (*f)(void *ud, const struct kube_entry *entry), void *ud);

/* --- config_value.c: typed values of an entry ------------------------------- */
/* A string member, "" or absent = NULL. SS_ERR_CONFIG when it is of another type. */
int ss_kube_string(const struct kube_entry *entry, const char *key, const char **ret,
                   struct ss_err *err);
int ss_kube_bool(const struct kube_entry *entry, const char *key, bool *ret, struct ss_err *err);
/* key-data (base64) or the file that key names; empty when neither. Both are an error.
 * *ret_path, to free, is set when it came from a file. */
int ss_kube_pem(const struct kube_entry *entry, const char *key, struct ss_buf *ret,
                char **ret_path, struct ss_err *err);
/* "kubeconfig FILE: user "x": text". */
int ss_kube_failed(const struct kube_entry *entry, struct ss_err *err, const char *fmt, ...)
        SS_PRINTF(3, 4);
/* Put the entry in front of the message that is there, and make it SS_ERR_CONFIG. */
int ss_kube_wrap(const struct kube_entry *entry, int rc, const char *key, struct ss_err *err);

/* --- the result ------------------------------------------------------------ */
struct pem {
	struct ss_buf data;
	char *path; /* of the file it is re-read from, or NULL */
};

struct ss_config {
	enum ss_config_source source;
	char *context, *namespace_;
	char *server; /* URL, or the embedded database */
	char *cluster_name;
	char *tls_server_name, *proxy_url;
	struct pem ca, cert, key;
	bool insecure, disable_compression;
	struct ss_auth *auth;
	char *unsupported; /* why ss_config_transport refuses, or NULL */
};

/* config_user.c: credentials of the user entry (file NULL = anonymous). */
int ss_config_user(struct ss_config *config, const struct kube_entry *user, struct ss_err *err);
/* config_cluster.c: the cluster entry. */
int ss_config_cluster(struct ss_config *config, const struct kube_entry *cluster,
                      struct ss_err *err);

/* config_in_cluster.c. */
bool ss_config_is_in_cluster(void);
int ss_config_in_cluster(struct ss_config *config, struct ss_err *err);
/* Where the pod's service account is mounted; tests change it. */
extern const char *ss_config_account_dir;
