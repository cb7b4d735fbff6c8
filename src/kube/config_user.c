/* A user entry: which one credential, and whom to impersonate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "io/file.h"
#include "kube/config_priv.h"

struct user_fields {
	const char *token, *token_file, *username, *password;
	const char *as, *as_uid;
};

static int read_fields(const struct kube_entry *user, struct user_fields *f, struct ss_err *err)
{
	const struct {
		const char *key, **ret;
	} fields[] = {
	        {"token", &f->token},
	        {"tokenFile", &f->token_file},
	        {"username", &f->username},
	        {"password", &f->password},
	        {"as", &f->as},
	        {"as-uid", &f->as_uid},
	};
	int rc = 0;

	for (size_t i = 0; i < SS_ARRAY_LEN(fields) && !rc; i++)
		rc = ss_kube_string(user, fields[i].key, fields[i].ret, err);
	return rc;
}

/* --- a plugin -------------------------------------------------------------- */

static int note_unsupported(struct ss_config *config, const struct kube_entry *user,
                            const char *key, const char *what, struct ss_err *err)
{
	int n = asprintf(
	        &config->unsupported,
	        "kubeconfig %s: user \"%s\" authenticates by %s \"%s\", which sandscript does "
	        "not run; use a token, tokenFile or client certificate",
	        user->file->path, user->name, key, what);

	if (n >= 0)
		return 0;
	config->unsupported = NULL;
	return ss_err_nomem(err);
}

/* exec and auth-provider matter only where nothing else says who we are (K18). */
static int note_plugin(struct ss_config *config, const struct kube_entry *user, struct ss_err *err)
{
	const struct ss_doc *doc = user->file->doc;
	ss_node exec = ss_doc_get(doc, user->node, "exec");
	ss_node provider = ss_doc_get(doc, user->node, "auth-provider");
	bool has_exec = ss_doc_type(doc, exec) == SS_OBJECT;
	bool has_provider = ss_doc_type(doc, provider) == SS_OBJECT;
	const char *name;

	if (has_exec && has_provider)
		return ss_kube_failed(user, err, "exec and auth-provider exclude each other");
	if (has_exec) {
		name = ss_doc_find_string(doc, exec, "command", NULL);
		if (!name || !*name)
			return ss_kube_failed(user, err, "exec.command is missing");
		return note_unsupported(config, user, "exec plugin", name, err);
	}
	if (has_provider) {
		name = ss_doc_find_string(doc, provider, "name", NULL);
		return note_unsupported(config, user, "auth-provider", name ? name : "", err);
	}
	return 0;
}

/* --- the credential -------------------------------------------------------- */

static int make_credential(const struct kube_entry *user, const struct user_fields *f,
                           struct ss_credential **ret, struct ss_err *err)
{
	char *path SS_AUTOFREE = NULL;
	const char *key = "token";
	int rc = 0;

	if (f->token_file) { /* wins over token */
		key = "tokenFile";
		path = ss_file_join(user->file->dir, f->token_file);
		if (!path)
			return ss_err_nomem(err);
		rc = ss_credential_token_file(path, ret, err);
	} else if (f->token) {
		rc = ss_credential_token(f->token, ret, err);
	} else if (f->username) {
		key = "basic authentication";
		rc = ss_credential_basic(f->username, f->password ? f->password : "", ret, err);
	}
	return rc ? ss_kube_wrap(user, rc, key, err) : 0;
}

static int check_fields(const struct kube_entry *user, const struct user_fields *f,
                        struct ss_err *err)
{
	if ((f->token || f->token_file) && (f->username || f->password))
		return ss_kube_failed(user, err,
		                      "a token and username/password exclude each other");
	if (f->password && !f->username)
		return ss_kube_failed(user, err, "password is set without username");
	return 0;
}

static int read_certificate(struct ss_config *config, const struct kube_entry *user,
                            struct ss_err *err)
{
	int rc = ss_kube_pem(user, "client-certificate", &config->cert.data, &config->cert.path,
	                     err);

	if (!rc)
		rc = ss_kube_pem(user, "client-key", &config->key.data, &config->key.path, err);
	if (rc)
		return rc;
	if (config->cert.data.len && !config->key.data.len)
		return ss_kube_failed(user, err, "client-certificate needs client-key");
	if (config->key.data.len && !config->cert.data.len)
		return ss_kube_failed(user, err, "client-key needs client-certificate");
	return 0;
}

/* --- impersonation --------------------------------------------------------- */

static int add_groups(struct ss_auth *auth, const struct kube_entry *user, ss_node groups,
                      struct ss_err *err)
{
	const struct ss_doc *doc = user->file->doc;

	for (struct ss_iter it = ss_iter(doc, groups); ss_iter_next(&it);) {
		const char *group = ss_doc_get_string(doc, it.value, NULL);
		int rc;

		if (!group)
			return ss_kube_failed(user, err, "as-groups[%zu] is not a string",
			                      it.index);
		rc = ss_auth_add_header(auth, "Impersonate-Group", group, err);
		if (rc)
			return ss_kube_wrap(user, rc, "as-groups", err);
	}
	return 0;
}

static int add_extra(struct ss_auth *auth, const struct kube_entry *user, const char *key,
                     ss_node values, struct ss_err *err)
{
	const struct ss_doc *doc = user->file->doc;

	if (ss_doc_type(doc, values) != SS_ARRAY)
		return ss_kube_failed(user, err, "as-user-extra.%s is not a list", key);
	for (struct ss_iter it = ss_iter(doc, values); ss_iter_next(&it);) {
		const char *value = ss_doc_get_string(doc, it.value, NULL);
		int rc;

		if (!value)
			return ss_kube_failed(user, err, "as-user-extra.%s[%zu] is not a string",
			                      key, it.index);
		rc = ss_auth_add_extra(auth, key, value, err);
		if (rc)
			return ss_kube_wrap(user, rc, "as-user-extra", err);
	}
	return 0;
}

static int add_user_headers(struct ss_auth *auth, const struct kube_entry *user,
                            const struct user_fields *f, struct ss_err *err)
{
	int rc = 0;

	if (f->as)
		rc = ss_auth_add_header(auth, "Impersonate-User", f->as, err);
	if (rc)
		return ss_kube_wrap(user, rc, "as", err);
	if (f->as_uid)
		rc = ss_auth_add_header(auth, "Impersonate-Uid", f->as_uid, err);
	return rc ? ss_kube_wrap(user, rc, "as-uid", err) : 0;
}

static bool is_container_or_absent(const struct ss_doc *doc, ss_node node, enum ss_type type)
{
	enum ss_type is = ss_doc_type(doc, node);

	return is == type || is == SS_NONE || is == SS_NULL;
}

static int impersonate(struct ss_auth *auth, const struct kube_entry *user,
                       const struct user_fields *f, struct ss_err *err)
{
	const struct ss_doc *doc = user->file->doc;
	ss_node groups = ss_doc_get(doc, user->node, "as-groups");
	ss_node extra = ss_doc_get(doc, user->node, "as-user-extra");
	int rc;

	if (!is_container_or_absent(doc, groups, SS_ARRAY))
		return ss_kube_failed(user, err, "as-groups is not a list");
	if (!is_container_or_absent(doc, extra, SS_OBJECT))
		return ss_kube_failed(user, err, "as-user-extra is not a map");
	if (!f->as && (f->as_uid || ss_doc_count(doc, groups) || ss_doc_count(doc, extra)))
		return ss_kube_failed(user, err, "as-uid, as-groups and as-user-extra need as");
	rc = add_user_headers(auth, user, f, err);
	if (!rc)
		rc = add_groups(auth, user, groups, err);
	for (struct ss_iter it = ss_iter(doc, extra); !rc && ss_iter_next(&it);)
		rc = add_extra(auth, user, it.key, it.value, err);
	return rc;
}

int ss_config_user(struct ss_config *config, const struct kube_entry *user, struct ss_err *err)
{
	struct ss_credential *credential = NULL;
	struct user_fields f = {0};
	int rc = 0;

	if (!user->file)
		return ss_auth_new(NULL, &config->auth, err);
	rc = read_fields(user, &f, err);
	if (!rc)
		rc = check_fields(user, &f, err);
	if (!rc)
		rc = read_certificate(config, user, err);
	if (!rc)
		rc = make_credential(user, &f, &credential, err);
	if (!rc && !credential && !config->cert.data.len)
		rc = note_plugin(config, user, err);
	if (rc)
		return rc;
	rc = ss_auth_new(credential, &config->auth, err);
	return rc ? rc : impersonate(config->auth, user, &f, err);
}
