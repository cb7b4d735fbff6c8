#include "script/policy/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"
#include "io/file.h"
#include "script/policy/policy_priv.h"

#define HEAD "sandscript-policy-1 "

enum { MAX_BYTES = 64 << 20, NAME_DIGITS = 24, HEAD_BYTES = sizeof(HEAD) - 1 + 64 + 1 };

struct policy_cache {
	char *dir;
	struct ss_doc *
	        doc; /* {dir, saved, versions: {rel: {source rel: sha256}}, texts: {sha256: text}} */
};

char *policy_cache_path(const char *dir)
{
	char *named SS_AUTOFREE = ss_file_absolute(dir);
	char sha256[SS_SHA256_HEX_SIZE], name[64];

	if (!named || ss_sha256_hex(named, strlen(named), sha256))
		return NULL;
	snprintf(name, sizeof(name), "policy-%.*s.json", NAME_DIGITS, sha256);
	return ss_file_state(name);
}

/* --- writing ---------------------------------------------------------------------------- */
static const struct ss_adapter_version *version_at(const struct policy_generation *g, size_t i)
{
	return i < g->n_adapters ? g->adapters[i] : g->overlays[i - g->n_adapters];
}

static void put_version(struct ss_doc *out, const struct ss_adapter_version *v)
{
	const char *rel = ss_adapter_rel(v);
	const struct ss_source *s;

	ss_doc_key(out, rel, strlen(rel));
	ss_doc_begin_object(out);
	for (size_t k = 0; (s = ss_adapter_source(v, k)); k++) {
		ss_doc_key(out, s->rel, strlen(s->rel));
		ss_doc_string(out, s->sha256, strlen(s->sha256));
	}
	ss_doc_end(out);
}

static int by_sha256(const void *a, const void *b)
{
	return strcmp((*(const struct ss_source *const *)a)->sha256,
	              (*(const struct ss_source *const *)b)->sha256);
}

/* Each content once. */
static int put_texts(struct ss_doc *out, const struct policy_generation *g, struct ss_err *err)
{
	size_t n = 0, versions = g->n_adapters + g->n_overlays;
	const struct ss_source **list SS_AUTOFREE = NULL;

	for (size_t i = 0; i < versions; i++) {
		for (size_t k = 0; ss_adapter_source(version_at(g, i), k); k++)
			n++;
	}
	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return ss_err_nomem(err);
	n = 0;
	for (size_t i = 0; i < versions; i++) {
		for (size_t k = 0; (list[n] = ss_adapter_source(version_at(g, i), k)); k++)
			n++;
	}
	qsort(list, n, sizeof(*list), by_sha256);
	ss_doc_begin_object(out);
	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(list[i]->sha256, list[i - 1]->sha256) == 0)
			continue;
		ss_doc_key(out, list[i]->sha256, strlen(list[i]->sha256));
		ss_doc_string(out, list[i]->text, list[i]->len);
	}
	ss_doc_end(out);
	return 0;
}

static int encode(const struct policy_generation *g, const char *dir, struct ss_buf *body,
                  struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_new();
	char saved[32];
	int rc;

	if (!doc)
		return ss_err_nomem(err);
	ss_clock_rfc3339(ss_clock_wall_ms(), saved, sizeof(saved));
	ss_doc_begin_object(doc);
	ss_doc_put_string(doc, "dir", dir);
	ss_doc_put_string(doc, "saved", saved);
	ss_doc_key_lit(doc, "versions");
	ss_doc_begin_object(doc);
	for (size_t i = 0; i < g->n_adapters + g->n_overlays; i++)
		put_version(doc, version_at(g, i));
	ss_doc_end(doc);
	ss_doc_key_lit(doc, "texts");
	rc = put_texts(doc, g, err);
	if (rc)
		return rc;
	ss_doc_end(doc);
	rc = ss_doc_finish(doc, err);
	if (rc)
		return rc;
	ss_json_encode(doc, ss_doc_root(doc), body);
	return ss_buf_check(body, "the last good set", err);
}

int policy_cache_save(const struct policy_generation *g, const char *dir, const char *path,
                      struct ss_err *err)
{
	struct ss_buf body SS_AUTO_BUF = {.max = MAX_BYTES}, text SS_AUTO_BUF = SS_BUF_INIT;
	char *folder SS_AUTOFREE = ss_file_dirname(path);
	char sha256[SS_SHA256_HEX_SIZE];
	int rc = folder ? encode(g, dir, &body, err) : ss_err_nomem(err);

	if (!rc && ss_sha256_hex(body.data, body.len, sha256))
		rc = ss_err_nomem(err);
	if (rc)
		return rc;
	text.max = MAX_BYTES + HEAD_BYTES;
	ss_buf_printf(&text, HEAD "%s\n", sha256);
	ss_buf_add(&text, body.data, body.len);
	rc = ss_buf_check(&text, "the last good set", err);
	if (!rc)
		rc = ss_file_make_dirs(folder, 0700, err);
	return rc ? rc : ss_file_write(path, text.data, text.len, 0600, err);
}

/* --- reading ---------------------------------------------------------------------------- */
static int refuse(const char *path, const char *why, struct ss_err *err)
{
	return ss_err_set(err, SS_ERR_CONFIG, "the kept policy %s is not used: it %s", path, why);
}

static int check_file(int fd, const char *path, struct ss_err *err)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return refuse(path, "is not a regular file", err);
	if (st.st_uid != geteuid())
		return refuse(path, "belongs to another user", err);
	if (st.st_mode & 077)
		return refuse(path, "may be read or written by others (chmod 600)", err);
	return 0;
}

static int read_text(const char *path, struct ss_buf *text, struct ss_err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return ss_err_set(err, SS_ERR_NOT_FOUND, "no policy was kept in %s", path);
	if (fd < 0)
		return refuse(path, errno == ELOOP ? "is a symbolic link" : strerror(errno), err);
	rc = check_file(fd, path, err);
	if (!rc)
		rc = ss_file_read_fd(fd, MAX_BYTES + HEAD_BYTES, text, err);
	close(fd);
	return rc;
}

static int parse(const char *path, const struct ss_buf *text, struct ss_doc **ret,
                 struct ss_err *err)
{
	char sha256[SS_SHA256_HEX_SIZE];
	const char *body;
	size_t len;

	if (text->len < HEAD_BYTES || memcmp(text->data, HEAD, sizeof(HEAD) - 1) != 0)
		return refuse(path, "is of another form", err);
	body = text->data + HEAD_BYTES;
	len = text->len - HEAD_BYTES;
	if (ss_sha256_hex(body, len, sha256))
		return ss_err_nomem(err);
	if (memcmp(text->data + sizeof(HEAD) - 1, sha256, 64) != 0)
		return refuse(path, "is damaged (its SHA-256 differs)", err);
	return ss_json_parse(body, len, ret, err);
}

int policy_cache_open(const char *dir, const char *path, struct policy_cache **ret,
                      struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = {.max = MAX_BYTES + HEAD_BYTES};
	struct policy_cache *cache;
	int rc = read_text(path, &text, err);

	if (rc)
		return rc;
	cache = calloc(1, sizeof(*cache));
	if (!cache)
		return ss_err_nomem(err);
	cache->dir = strdup(dir);
	rc = cache->dir ? parse(path, &text, &cache->doc, err) : ss_err_nomem(err);
	if (rc) {
		policy_cache_free(cache);
		return rc;
	}
	*ret = cache;
	return 0;
}

void policy_cache_free(struct policy_cache *cache)
{
	if (!cache)
		return;
	ss_doc_free(cache->doc);
	free(cache->dir);
	free(cache);
}

const char *policy_cache_saved(const struct policy_cache *cache)
{
	const char *s = ss_doc_find_string(cache->doc, ss_doc_root(cache->doc), "saved", NULL);

	return s ? s : "an unknown time";
}

/* The files of a version, as they were. */
static int put_sources(const struct policy_cache *cache, ss_node version, struct ss_sources *set,
                       bool *ret_whole, struct ss_err *err)
{
	const struct ss_doc *d = cache->doc;
	ss_node texts = ss_doc_get(d, ss_doc_root(d), "texts");
	int rc = 0;

	*ret_whole = true;
	for (struct ss_iter it = ss_iter(d, version); !rc && ss_iter_next(&it);) {
		const char *sha256 = ss_doc_get_string(d, it.value, NULL), *text;
		char actual[SS_SHA256_HEX_SIZE];
		size_t len = 0;

		text = sha256 ? ss_doc_get_string(d, ss_doc_get(d, texts, sha256), &len) : NULL;
		if (!text) {
			*ret_whole = false;
			return 0;
		}
		if (ss_sha256_hex(text, len, actual))
			return ss_err_nomem(err);
		*ret_whole &= strcmp(actual, sha256) == 0;
		rc = ss_sources_put(set, it.key, text, len, err);
		if (rc && rc != SS_ERR_NOMEM) {
			*ret_whole = false;
			return 0;
		}
	}
	return rc;
}

int policy_cache_load(struct policy_cache *cache, const char *rel, struct ss_adapter_version **ret,
                      struct ss_err *err)
{
	ss_node version = ss_doc_find(cache->doc, ss_doc_root(cache->doc), "versions", rel, NULL);
	struct ss_findings findings = {0};
	struct ss_sources *set = NULL;
	bool whole = false;
	int rc;

	*ret = NULL;
	if (ss_doc_count(cache->doc, version) == 0)
		return 0;
	rc = ss_sources_new(cache->dir, &set, err);
	if (!rc)
		rc = put_sources(cache, version, set, &whole, err);
	if (!rc && whole)
		rc = ss_adapter_load_from(set, rel, &findings, NULL, ret, err);
	ss_findings_done(&findings);
	ss_sources_free(set);
	return rc;
}
