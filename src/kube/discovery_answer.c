/* From the documents that are there to the kind that was meant. No I/O: what is
 * missing is named and the question is put again when it has come. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "kube/client_priv.h"
#include "kube/discovery_priv.h"
#include "kube/known.h"
#include "kube/path.h"

enum { TEXT_SIZE = 256, MAX_CHOICES = 8 };

/* What was asked, taken apart. group and version NULL = any. */
struct question {
	const struct ss_lookup *lookup;
	struct ss_discovery *d;
	char *need; /* SS_DISCOVERY_PATH */
	char text[TEXT_SIZE];
	const char *name, *group, *version;
};

static int ask(const struct question *q, const char *fmt, ...) SS_PRINTF(2, 3);
static int ask(const struct question *q, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(q->need, SS_DISCOVERY_PATH, fmt, args);
	va_end(args);
	return 1;
}

/* v1, v2beta1 … */
static bool looks_like_version(const char *s, size_t len)
{
	if (len < 2 || *s != 'v' || !isdigit((unsigned char)s[1]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!isalnum((unsigned char)s[i]))
			return false;
	return true;
}

/* "kind", "kind.group", "kind.version.group", "kind.version." (core). */
static void split_dots(struct question *q)
{
	char *dot = strchr(q->text, '.');
	char *rest, *end;

	q->name = q->text;
	if (!dot)
		return;
	*dot = 0;
	rest = dot + 1;
	end = strchr(rest, '.');
	if (end && looks_like_version(rest, (size_t)(end - rest))) {
		*end = 0;
		q->version = rest;
		q->group = end + 1;
	} else {
		q->group = rest;
	}
}

static int split_api_version(struct question *q, const char *api_version, struct ss_err *err)
{
	size_t used = strlen(q->text) + 1;
	char *copy = q->text + used, *slash;

	if (strlen(api_version) >= sizeof(q->text) - used)
		return ss_err_set(err, SS_ERR_INVAL, "apiVersion: \"%.64s…\" is too long",
		                  api_version);
	strcpy(copy, api_version);
	slash = strchr(copy, '/');
	q->name = q->text;
	q->group = slash ? copy : "";
	q->version = slash ? slash + 1 : copy;
	if (slash)
		*slash = 0;
	if (strchr(q->version, '/') || !*q->version || (slash && !*q->group))
		return ss_err_set(err, SS_ERR_INVAL,
		                  "apiVersion: \"%s\" is not of the form VERSION or "
		                  "GROUP/VERSION",
		                  api_version);
	return 0;
}

/* Groups and versions go into discovery paths as they are. */
static int check_plain(const char *what, const char *s, struct ss_err *err)
{
	int code = ss_path_check(what, s, err);

	if (!code &&
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")])
		code = ss_err_set(err, SS_ERR_INVAL,
		                  "the %s \"%.64s\" may hold letters, digits, '.' and '-' only",
		                  what, s);
	return code;
}

static int take_apart(struct question *q, struct ss_err *err)
{
	const struct ss_lookup *l = q->lookup;
	int code = 0;

	if (strlen(l->kind) >= sizeof(q->text))
		return ss_err_set(err, SS_ERR_INVAL, "kind: \"%.64s…\" is too long", l->kind);
	strcpy(q->text, l->kind);
	if (l->api_version)
		code = split_api_version(q, l->api_version, err);
	else
		split_dots(q);
	if (!code)
		code = ss_path_check("kind", q->name, err);
	if (!code && q->group && *q->group)
		code = check_plain("API group", q->group, err);
	if (!code && q->version)
		code = check_plain("API version", q->version, err);
	return code;
}

/* --- "no such kind" ---------------------------------------------------------- */

static const char *nearest_kind(const char *name)
{
	const char *words[128];
	size_t n, used = 0;
	const struct ss_kind *all = ss_known_all(&n);

	for (size_t i = 0; i < n && used + 1 < SS_ARRAY_LEN(words); i++) {
		words[used++] = all[i].kind;
		words[used++] = all[i].plural;
	}
	return ss_suggest(name, words, used);
}

static const char *limits(const struct question *q, const char *usual)
{
	const char *own = q->d->client->transport->limits;

	return own ? own : usual;
}

static int no_kind(const struct question *q, struct ss_err *err)
{
	const char *near = nearest_kind(q->name);

	if (err)
		snprintf(err->reason, sizeof(err->reason), "NoKindMatch");
	if (near && strcasecmp(near, q->name))
		return ss_err_set(err, SS_ERR_NOT_FOUND,
		                  "the server has no kind \"%s\": did you mean %s?",
		                  q->lookup->kind, near);
	return ss_err_set(err, SS_ERR_NOT_FOUND, "the server has no kind \"%s\"%s%s: %s",
	                  q->lookup->kind, q->lookup->api_version ? " in apiVersion " : "",
	                  q->lookup->api_version ? q->lookup->api_version : "",
	                  limits(q, "is its definition (CRD) installed?"));
}

static int intern(const struct question *q, const struct ss_kind *kind, const struct ss_kind **ret,
                  struct ss_err *err)
{
	*ret = ss_discovery_intern(q->d, kind);
	if (*ret)
		return 0;
	if (q->d->n_kinds == SS_DISCOVERY_MAX_KINDS)
		return ss_err_set(err, SS_ERR_LIMIT, "more than %d kinds were asked for",
		                  SS_DISCOVERY_MAX_KINDS);
	return ss_err_nomem(err);
}

/* --- one group and version (K53) ---------------------------------------------- */

static bool same_word(const char *a, const char *b)
{
	return a && *a && !strcasecmp(a, b);
}

static bool has_short(const struct ss_doc *doc, ss_node names, const char *name)
{
	for (struct ss_iter it = ss_iter(doc, names); ss_iter_next(&it);)
		if (same_word(ss_doc_get_string(doc, it.value, NULL), name))
			return true;
	return false;
}

static int from_row(const struct question *q, const struct ss_discovery_row *row, const char *group,
                    const char *version, const struct ss_kind **ret, struct ss_err *err)
{
	char api_version[TEXT_SIZE * 2];
	struct ss_kind kind = {
	        .group = group,
	        .version = version,
	        .api_version = api_version,
	        .kind = row->kind,
	        .plural = row->plural,
	        .shorts = "",
	        .namespaced = row->namespaced,
	};

	snprintf(api_version, sizeof(api_version), "%s%s%s", group, *group ? "/" : "", version);
	return intern(q, &kind, ret, err);
}

/* Names beat short names: a definition may not take over another's full name. */
static bool find_row(const struct ss_doc *doc, ss_node resources, const char *name,
                     struct ss_discovery_row *row)
{
	for (struct ss_iter it = ss_iter(doc, resources); ss_iter_next(&it);)
		if (ss_discovery_read_row(doc, it.value, row) &&
		    (same_word(row->kind, name) || same_word(row->plural, name) ||
		     same_word(row->singular, name)))
			return true;
	for (struct ss_iter it = ss_iter(doc, resources); ss_iter_next(&it);)
		if (ss_discovery_read_row(doc, it.value, row) && has_short(doc, row->shorts, name))
			return true;
	return false;
}

static int answer_version(const struct question *q, const char *group, const char *version,
                          const struct ss_kind **ret, struct ss_err *err)
{
	char path[SS_DISCOVERY_PATH];
	uint64_t seq;
	int status;
	const struct ss_doc *doc;
	struct ss_discovery_row row;

	ss_discovery_version_path(path, group, version);
	doc = ss_discovery_document(q->d, path, &seq, &status);
	if (!status)
		return ask(q, "%s", path);
	if (doc && find_row(doc, ss_doc_get(doc, ss_doc_root(doc), "resources"), q->name, &row))
		return from_row(q, &row, group, version, ret, err);
	if (seq <= q->lookup->since)
		return ask(q, "%s", path);
	if (status == 503)
		return ss_err_set(err, SS_ERR_UNAVAILABLE,
		                  "the server behind %s/%s is not available", group, version);
	return no_kind(q, err);
}

/* --- one group ------------------------------------------------------------------ */

static bool serves(const struct ss_doc *doc, const char *version)
{
	for (struct ss_iter it = ss_iter(doc, ss_doc_get(doc, ss_doc_root(doc), "versions"));
	     ss_iter_next(&it);)
		if (ss_doc_is_string(doc, ss_doc_get(doc, it.value, "version"), version))
			return true;
	return false;
}

static const char *preferred(const struct ss_doc *doc)
{
	const char *version =
	        ss_doc_find_string(doc, ss_doc_root(doc), "preferredVersion", "version", NULL);

	if (!version || ss_path_check("version", version, NULL))
		return NULL;
	return version;
}

/* The preferred version first; a kind may live in another one only. */
static int answer_group(const struct question *q, const struct ss_kind **ret, struct ss_err *err)
{
	char path[SS_DISCOVERY_PATH];
	uint64_t seq;
	int status, code;
	const struct ss_doc *doc;
	const char *first, *version;

	snprintf(path, sizeof(path), "/apis/%s", q->group);
	doc = ss_discovery_document(q->d, path, &seq, &status);
	if (!status || (!doc && seq <= q->lookup->since))
		return ask(q, "%s", path);
	first = doc ? preferred(doc) : NULL;
	if (!first)
		return no_kind(q, err);
	code = answer_version(q, q->group, first, ret, err);
	for (struct ss_iter it = ss_iter(doc, ss_doc_get(doc, ss_doc_root(doc), "versions"));
	     code == SS_ERR_NOT_FOUND && ss_iter_next(&it);) {
		version = ss_doc_find_string(doc, it.value, "version", NULL);
		if (version && strcmp(version, first) && !ss_path_check("version", version, NULL))
			code = answer_version(q, q->group, version, ret, err);
	}
	return code;
}

/* --- agent-sandbox: the version is the cluster's (design.md "API version") ------- */

static const char *choose(const struct ss_doc *doc, const char *wanted)
{
	bool mappable = !wanted || !strcmp(wanted, "v1beta1") || !strcmp(wanted, "v1alpha1");

	if (!mappable)
		return serves(doc, wanted) ? wanted : NULL;
	if (serves(doc, "v1beta1"))
		return "v1beta1";
	if (serves(doc, "v1alpha1"))
		return "v1alpha1";
	return wanted ? NULL : preferred(doc);
}

static int in_version(const struct question *q, const struct ss_kind *known, const char *version,
                      const struct ss_kind **ret, struct ss_err *err)
{
	char api_version[TEXT_SIZE];
	struct ss_kind kind = *known;

	*ret = ss_known_find(known->kind, known->group, version);
	if (*ret)
		return 0;
	snprintf(api_version, sizeof(api_version), "%s/%s", known->group, version);
	kind.version = version;
	kind.api_version = api_version;
	return intern(q, &kind, ret, err);
}

static int not_served(const struct question *q, const struct ss_kind *known,
                      const struct ss_doc *doc, struct ss_err *err)
{
	if (err)
		snprintf(err->reason, sizeof(err->reason), "NoKindMatch");
	if (!doc)
		return ss_err_set(
		        err, SS_ERR_NOT_FOUND, "the server does not know %s: %s", known->group,
		        limits(q, strcmp(known->kind, "Sandbox")
		                          ? "install agent-sandbox (its CRDs with the extensions) "
		                            "in this cluster"
		                          : "install agent-sandbox (its CRDs) in this cluster"));
	return ss_err_set(err, SS_ERR_NOT_FOUND, "the server does not serve %s/%s (it prefers %s)",
	                  known->group, q->version ? q->version : "v1beta1",
	                  preferred(doc) ? preferred(doc) : "another version");
}

static int answer_agent(const struct question *q, const struct ss_kind *known,
                        const struct ss_kind **ret, struct ss_err *err)
{
	char path[SS_DISCOVERY_PATH];
	uint64_t seq;
	int status;
	const struct ss_doc *doc;
	const char *version;

	if (q->lookup->exact && q->version)
		return in_version(q, known, q->version, ret, err);
	snprintf(path, sizeof(path), "/apis/%s", known->group);
	doc = ss_discovery_document(q->d, path, &seq, &status);
	if (!status)
		return ask(q, "%s", path);
	version = doc ? choose(doc, q->version) : NULL;
	if (version)
		return in_version(q, known, version, ret, err);
	return seq <= q->lookup->since ? ask(q, "%s", path) : not_served(q, known, doc, err);
}

/* --- a bare name: the aggregated document, or every group in turn --------------- */

struct choices {
	const struct ss_kind *kind[MAX_CHOICES];
	size_t n;
};

static int add_choice(const struct question *q, struct choices *c,
                      const struct ss_discovery_row *row, const char *group, const char *version,
                      struct ss_err *err)
{
	const struct ss_kind *kind;
	int code = from_row(q, row, group, version, &kind, err);

	if (!code && c->n < MAX_CHOICES)
		c->kind[c->n++] = kind;
	return code;
}

static int search_aggregated(const struct question *q, const struct ss_doc *doc, struct choices *c,
                             struct ss_err *err)
{
	int code = 0;
	struct ss_discovery_row row;

	for (struct ss_iter g = ss_iter(doc, ss_doc_get(doc, ss_doc_root(doc), "items"));
	     !code && ss_iter_next(&g);) {
		const char *group = ss_doc_find_string(doc, g.value, "metadata", "name", NULL);

		/* The first version that has it is the preferred one. */
		for (struct ss_iter v = ss_iter(doc, ss_doc_get(doc, g.value, "versions"));
		     ss_iter_next(&v);) {
			const char *version = ss_doc_find_string(doc, v.value, "version", NULL);

			if (!version || ss_path_check("version", version, NULL) ||
			    !find_row(doc, ss_doc_get(doc, v.value, "resources"), q->name, &row))
				continue;
			code = add_choice(q, c, &row, group ? group : "", version, err);
			break;
		}
	}
	return code;
}

/* Servers before 1.26 answer the plain list of groups: one request for each. */
static int search_groups(const struct question *q, const struct ss_doc *doc, uint64_t groups_seq,
                         struct choices *c, struct ss_err *err)
{
	char path[SS_DISCOVERY_PATH];
	int code = 0;

	for (struct ss_iter g = ss_iter(doc, ss_doc_get(doc, ss_doc_root(doc), "groups"));
	     !code && ss_iter_next(&g);) {
		const char *group = ss_doc_find_string(doc, g.value, "name", NULL);
		const char *version =
		        ss_doc_find_string(doc, g.value, "preferredVersion", "version", NULL);
		const struct ss_doc *list;
		uint64_t seq;
		int status;
		struct ss_discovery_row row;

		if (!group || !version || ss_path_check("group", group, NULL) ||
		    ss_path_check("version", version, NULL))
			continue;
		ss_discovery_version_path(path, group, version);
		list = ss_discovery_document(q->d, path, &seq, &status);
		if (!status || (groups_seq > q->lookup->since && seq <= q->lookup->since))
			return ask(q, "%s", path);
		if (!q->lookup->all && list &&
		    find_row(list, ss_doc_get(list, ss_doc_root(list), "resources"), q->name, &row))
			code = add_choice(q, c, &row, group, version, err);
	}
	return code;
}

static int ambiguous(const struct question *q, const struct choices *c, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	for (size_t i = 0; i < c->n; i++)
		ss_buf_printf(&text, "%s%s.%s", i ? ", " : "", c->kind[i]->plural,
		              c->kind[i]->group);
	return ss_err_set(err, SS_ERR_INVAL, "\"%s\" is the name of several kinds: write one of %s",
	                  q->lookup->kind, text.data ? text.data : "them with its group");
}

static int answer_any(const struct question *q, const struct ss_kind **ret, struct ss_err *err)
{
	uint64_t seq;
	int status, code;
	const struct ss_doc *doc = ss_discovery_document(q->d, "/apis", &seq, &status);
	struct choices c = {.n = 0};

	if (!status || (!doc && seq <= q->lookup->since))
		return ask(q, "/apis");
	code = ss_discovery_is_aggregated(doc) ? search_aggregated(q, doc, &c, err)
	                                       : search_groups(q, doc, seq, &c, err);
	if (code)
		return code;
	for (size_t i = 0; i < c.n; i++)
		if (c.n == 1 || !*c.kind[i]->group) {
			*ret = c.kind[i];
			return 0;
		}
	if (c.n)
		return ambiguous(q, &c, err);
	return seq <= q->lookup->since ? ask(q, "/apis") : no_kind(q, err);
}

/* Everything, fresh. */
static int answer_all(const struct question *q, struct ss_err *err)
{
	static const char *const roots[] = {"/api", "/apis"};
	struct choices none = {.n = 0};
	uint64_t seq;
	int status;
	const struct ss_doc *doc;

	for (size_t i = 0; i < SS_ARRAY_LEN(roots); i++) {
		doc = ss_discovery_document(q->d, roots[i], &seq, &status);
		if (!status || seq <= q->lookup->since)
			return ask(q, "%s", roots[i]);
		if (ss_discovery_is_aggregated(doc))
			continue;
		if (i) {
			int code = search_groups(q, doc, seq, &none, err);

			if (code)
				return code;
			continue;
		}
		ss_discovery_document(q->d, "/api/v1", &seq, &status);
		if (!status || seq <= q->lookup->since)
			return ask(q, "/api/v1");
	}
	return 0;
}

int ss_discovery_answer(struct ss_discovery *d, const struct ss_lookup *lookup,
                        char need[SS_DISCOVERY_PATH], const struct ss_kind **ret,
                        struct ss_err *err)
{
	struct question q = {.lookup = lookup, .d = d, .need = need};
	const struct ss_kind *known;
	int code;

	if (lookup->all)
		return answer_all(&q, err);
	code = take_apart(&q, err);
	if (code)
		return code;
	known = ss_known_find(q.name, q.group, q.version);
	if (!known && q.group && ss_known_is_agent_group(q.group))
		known = ss_known_find(q.name, q.group, NULL);
	if (known && ss_known_is_agent_group(known->group))
		return answer_agent(&q, known, ret, err);
	if (known) {
		*ret = known;
		return 0;
	}
	if (q.version)
		return answer_version(&q, q.group ? q.group : "", q.version, ret, err);
	return q.group ? answer_group(&q, ret, err) : answer_any(&q, ret, err);
}
