/* Typed values of kubeconfig entries; errors name file, entry and field. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "io/file.h"
#include "io/own.h"
#include "kube/config_priv.h"

int ss_kube_failed(const struct kube_entry *entry, struct ss_err *err, const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return ss_err_set(err, SS_ERR_CONFIG, "kubeconfig %s: %s \"%s\": %s", entry->file->path,
	                  entry->kind, entry->name, text);
}

int ss_kube_wrap(const struct kube_entry *entry, int rc, const char *key, struct ss_err *err)
{
	if (rc == SS_ERR_NOMEM)
		return rc;
	if (err)
		err->code = SS_ERR_CONFIG;
	return ss_err_wrap(err, SS_ERR_CONFIG, "kubeconfig %s: %s \"%s\": %s", entry->file->path,
	                   entry->kind, entry->name, key);
}

static int wrong_type(const struct kube_entry *entry, const char *key, const char *want,
                      struct ss_err *err)
{
	return ss_kube_failed(entry, err, "%s is not a %s", key, want);
}

int ss_kube_string(const struct kube_entry *entry, const char *key, const char **ret,
                   struct ss_err *err)
{
	const struct ss_doc *doc = entry->file->doc;
	ss_node node = ss_doc_get(doc, entry->node, key);
	const char *s = ss_doc_get_string(doc, node, NULL);

	*ret = s && *s ? s : NULL;
	if (!s && node != SS_NO_NODE && ss_doc_type(doc, node) != SS_NULL)
		return wrong_type(entry, key, "string (does it need quotes?)", err);
	return 0;
}

int ss_kube_bool(const struct kube_entry *entry, const char *key, bool *ret, struct ss_err *err)
{
	const struct ss_doc *doc = entry->file->doc;
	ss_node node = ss_doc_get(doc, entry->node, key);
	enum ss_type type = ss_doc_type(doc, node);

	*ret = ss_doc_get_bool(doc, node, false);
	if (type != SS_NONE && type != SS_NULL && type != SS_BOOL)
		return wrong_type(entry, key, "boolean", err);
	return 0;
}

static int from_base64(const struct kube_entry *entry, const char *key, const char *text,
                       struct ss_buf *ret, struct ss_err *err)
{
	int rc;

	ret->max = PEM_MAX_BYTES;
	rc = ss_base64_decode(text, strlen(text), ret);
	if (rc == SS_ERR_PARSE)
		return ss_kube_failed(entry, err, "%s is not valid base64", key);
	if (rc || ret->failed)
		return ss_buf_check(ret, key, err);
	if (!ret->len)
		return ss_kube_failed(entry, err, "%s is empty", key);
	return 0;
}

static int from_file(const struct kube_entry *entry, const char *key, const char *name,
                     struct ss_buf *ret, char **ret_path, struct ss_err *err)
{
	char *path = ss_file_join(entry->file->dir, name);
	int rc;

	if (!path)
		return ss_err_nomem(err);
	*ret_path = path;
	ss_own_file(path);
	rc = ss_file_read(path, PEM_MAX_BYTES, ret, err);
	if (rc)
		return ss_kube_wrap(entry, rc, key, err);
	if (!ret->len)
		return ss_kube_failed(entry, err, "%s: %s is empty", key, path);
	return 0;
}

int ss_kube_pem(const struct kube_entry *entry, const char *key, struct ss_buf *ret,
                char **ret_path, struct ss_err *err)
{
	const char *name, *text;
	char data_key[64];
	int rc;

	snprintf(data_key, sizeof(data_key), "%s-data", key);
	rc = ss_kube_string(entry, key, &name, err);
	if (!rc)
		rc = ss_kube_string(entry, data_key, &text, err);
	if (rc)
		return rc;
	if (name && text)
		return ss_kube_failed(entry, err, "%s and %s exclude each other", key, data_key);
	if (text)
		return from_base64(entry, data_key, text, ret, err);
	return name ? from_file(entry, key, name, ret, ret_path, err) : 0;
}
