/* The contract of an adapter file, and of an overlay (design.md section 3): which
 * fields it may declare, and of what form. Fields of the builder come from
 * ss_build_fields, and their syntax is the builder's to judge, by a build of what was
 * declared. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/edit.h"
#include "base/err.h"
#include "base/suggest.h"
#include "sandbox/build.h"
#include "sandbox/names.h"
#include "script/adapter/adapter_priv.h"

enum { MAX_WORDS = 64, MAX_LIST = 256, MAX_NAME = 63 };

/* What only policies have; `env` carries another meaning than the builder's `env`. */
static const char *const own_keys[] = {"env", "egress", "probe", "allow"};
static const char *const adapter_keys[] = {"name", "build"};
static const char *const overlay_keys[] = {"adapter", "tenant"};
/* Of one run, so not of a policy. */
static const char *const run_keys[] = {"namespace", "sandboxName", "envSecretName", "adapterType",
                                       "tenant"};

static bool is_in(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, list[i]) == 0)
			return true;
	}
	return false;
}

static const struct ss_build_field *build_field(const char *name)
{
	size_t n;
	const struct ss_build_field *fields = ss_build_fields(&n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	}
	return NULL;
}

/* Can an adapter declare it, and so can `allow` name it? */
static const struct ss_build_field *policy_field(const char *name)
{
	if (is_in(name, run_keys, SS_ARRAY_LEN(run_keys)))
		return NULL;
	return build_field(name);
}

void adapter_finding(struct ss_adapter_version *v, const char *path, const char *fmt, ...)
{
	const struct adapter_source *s = &v->sources[0];
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ss_findings_add(v->findings, s->file,
	                adapter_find_line(s->text, s->len, v->call_line, path), path, "%s", text);
}

/* --- unknown keys ---------------------------------------------------------------- */
static void unknown_key(struct ss_adapter_version *v, const char *parent, const char *key,
                        const char *const *words, size_t n)
{
	const char *near = ss_suggest(key, words, n);
	char path[256];

	snprintf(path, sizeof(path), "%s%s%s", parent, *parent ? "." : "", key);
	if (near)
		adapter_finding(v, path, "unknown field '%s': did you mean '%s%s%s'?", path, parent,
		                *parent ? "." : "", near);
	else
		adapter_finding(v, path, "unknown field '%s'", path);
}

/* What a file of this kind may declare; with own false: what `allow` may name. */
static size_t field_words(const struct ss_adapter_version *v, const char **words, bool own)
{
	const char *const *kind = v->overlay ? overlay_keys : adapter_keys;
	size_t n, count = 0;
	const struct ss_build_field *fields = ss_build_fields(&n);

	for (size_t i = 0; own && i < SS_ARRAY_LEN(own_keys); i++)
		words[count++] = own_keys[i];
	for (size_t i = 0; own && i < SS_ARRAY_LEN(adapter_keys); i++)
		words[count++] = kind[i];
	for (size_t i = 0; i < n && count < MAX_WORDS; i++) {
		if (policy_field(fields[i].name))
			words[count++] = fields[i].name;
	}
	return count;
}

static void check_key(struct ss_adapter_version *v, const char *key)
{
	const char *words[MAX_WORDS];

	if (is_in(key, run_keys, SS_ARRAY_LEN(run_keys)))
		adapter_finding(v, key, "'%s' belongs to one run: it comes with the request", key);
	else if (v->overlay && strcmp(key, "name") == 0)
		adapter_finding(v, key,
		                "an overlay has no name but its file's: is `adapter` meant?");
	else
		unknown_key(v, "", key, words, field_words(v, words, true));
}

/* --- the adapter's own fields ------------------------------------------------------- */
static const char *type_name(enum ss_type type)
{
	static const char *const names[] = {
	        [SS_NONE] = "nothing",    [SS_NULL] = "null",     [SS_BOOL] = "a boolean",
	        [SS_INT] = "an integer",  [SS_REAL] = "a number", [SS_DIGITS] = "a number",
	        [SS_STRING] = "a string", [SS_ARRAY] = "a list",  [SS_OBJECT] = "a table"};

	return names[type];
}

static bool is_list(const struct ss_doc *doc, ss_node node)
{
	/* {} without a mark reads as an empty object. */
	return ss_doc_type(doc, node) == SS_ARRAY ||
	       (ss_doc_type(doc, node) == SS_OBJECT && ss_doc_count(doc, node) == 0);
}

typedef const char *(*check_fn)(const char *s, size_t len);

/* A list of strings, each accepted by check (NULL = not empty). */
static void check_strings(struct ss_adapter_version *v, ss_node node, const char *path,
                          check_fn check)
{
	const struct ss_doc *doc = v->declared;

	if (!is_list(doc, node)) {
		adapter_finding(v, path, "%s must be a list of strings, not %s", path,
		                type_name(ss_doc_type(doc, node)));
		return;
	}
	if (ss_doc_count(doc, node) > MAX_LIST)
		adapter_finding(v, path, "%s may have at most %d entries", path, MAX_LIST);
	for (struct ss_iter it = ss_iter(doc, node); ss_iter_next(&it);) {
		size_t len = 0;
		const char *s = ss_doc_get_string(doc, it.value, &len), *why;
		char at[256];

		snprintf(at, sizeof(at), "%s[%zu]", path, it.index + 1);
		if (!s)
			adapter_finding(v, at, "%s must be a string, not %s", at,
			                type_name(ss_doc_type(doc, it.value)));
		else if (!len)
			adapter_finding(v, at, "%s must not be empty", at);
		else if (check && (why = check(s, len)))
			adapter_finding(v, at, "%s: '%s' %s", at, s, why);
	}
}

static const char *check_host(const char *s, size_t len)
{
	size_t skip = len > 2 && s[0] == '*' && s[1] == '.' ? 2 : 0;

	return ss_name_check_dns_subdomain(s + skip, len - skip) ? "is no host name" : NULL;
}

static void check_egress(struct ss_adapter_version *v, ss_node node)
{
	static const char *const known[] = {"hosts"};

	if (ss_doc_type(v->declared, node) != SS_OBJECT) {
		adapter_finding(v, "egress", "egress must be a table {hosts = {…}}, not %s",
		                type_name(ss_doc_type(v->declared, node)));
		return;
	}
	for (struct ss_iter it = ss_iter(v->declared, node); ss_iter_next(&it);) {
		if (strcmp(it.key, "hosts") == 0)
			check_strings(v, it.value, "egress.hosts", check_host);
		else
			unknown_key(v, "egress", it.key, known, 1);
	}
	if (ss_doc_count(v->declared, node) == 0)
		adapter_finding(v, "egress", "egress must say which hosts: {hosts = {…}}");
}

static bool takes_patterns(enum ss_field_kind kind)
{
	return kind == SS_FIELD_STRING || kind == SS_FIELD_STRING_LIST ||
	       kind == SS_FIELD_STRING_MAP || kind == SS_FIELD_QUANTITY;
}

static void check_allow_entry(struct ss_adapter_version *v, const struct ss_iter *it)
{
	const struct ss_build_field *field = policy_field(it->key);
	const char *words[MAX_WORDS];
	char path[128];

	snprintf(path, sizeof(path), "allow.%s", it->key);
	if (is_in(it->key, run_keys, SS_ARRAY_LEN(run_keys)) || strcmp(it->key, "labels") == 0 ||
	    strcmp(it->key, "serviceAccountName") == 0)
		adapter_finding(v, path, "%s: a request may always set '%s'", path, it->key);
	else if (!field)
		unknown_key(v, "allow", it->key, words, field_words(v, words, false));
	else if (ss_doc_type(v->declared, it->value) == SS_BOOL)
		return;
	else if (!takes_patterns(field->kind))
		adapter_finding(v, path, "%s must be true or false: patterns apply to text", path);
	else
		check_strings(v, it->value, path, NULL);
}

static void check_allow(struct ss_adapter_version *v, ss_node node)
{
	if (ss_doc_type(v->declared, node) != SS_OBJECT) {
		adapter_finding(
		        v, "allow",
		        "allow must be a table {image = {\"registry/*\"}, resources = true}, "
		        "not %s",
		        type_name(ss_doc_type(v->declared, node)));
		return;
	}
	for (struct ss_iter it = ss_iter(v->declared, node); ss_iter_next(&it);)
		check_allow_entry(v, &it);
}

bool adapter_is_name(const char *s, size_t len)
{
	if (!len || len > MAX_NAME)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool word = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9');

		if (!word && (i == 0 || i + 1 == len || (s[i] != '-' && s[i] != '_')))
			return false;
	}
	return true;
}

static void check_name(struct ss_adapter_version *v)
{
	size_t len = 0;
	ss_node node = ss_doc_get(v->declared, ss_doc_root(v->declared), "name");
	const char *s = ss_doc_get_string(v->declared, node, &len);

	if (!s)
		adapter_finding(v, "name", "name must be a string: name = \"%s\"", v->name);
	else if (!adapter_is_name(s, len))
		adapter_finding(
		        v, "name",
		        "name '%s' must be lower-case letters, digits, - and _, at most %d, "
		        "with a letter or digit at both ends",
		        s, MAX_NAME);
	else if (strcmp(s, v->name) != 0)
		adapter_finding(v, "name",
		                "name is '%s', but the file is %s.lua: an adapter is found by its "
		                "file, so the two must agree",
		                s, v->name);
}

/* Does it mean something to this kind of file itself? */
static bool is_own(const struct ss_adapter_version *v, const char *key)
{
	return is_in(key, own_keys, SS_ARRAY_LEN(own_keys)) ||
	       is_in(key, v->overlay ? overlay_keys : adapter_keys, SS_ARRAY_LEN(adapter_keys));
}

/* --- fields of the builder ------------------------------------------------------------ */
static void copy_fields(struct ss_adapter_version *v)
{
	const struct ss_doc *d = v->declared;

	ss_doc_begin_object(v->fields);
	for (struct ss_iter it = ss_iter(d, ss_doc_root(d)); ss_iter_next(&it);) {
		if (is_own(v, it.key) || !policy_field(it.key))
			continue;
		ss_doc_key(v->fields, it.key, it.key_len);
		ss_doc_copy(v->fields, d, it.value);
	}
	ss_doc_end(v->fields);
}

/* What was declared, with a stand-in for what a request would bring. */
static void sample_input(const struct ss_adapter_version *v, struct ss_doc *out)
{
	static const char *const required[] = {"namespace", "sandboxName",   "adapterType",
	                                       "image",     "envSecretName", "serviceAccountName"};
	ss_node fields = ss_doc_root(v->fields);

	ss_doc_begin_object(out);
	for (size_t i = 0; i < SS_ARRAY_LEN(required); i++) {
		if (ss_doc_get(v->fields, fields, required[i]) == SS_NO_NODE)
			ss_doc_put_string(out, required[i], "sample");
	}
	for (struct ss_iter it = ss_iter(v->fields, fields); ss_iter_next(&it);) {
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, v->fields, it.value);
	}
	ss_doc_end(out);
}

static void report_details(struct ss_adapter_version *v, const struct ss_err *err)
{
	const struct ss_doc *d = err->details;

	if (!ss_doc_count(d, ss_doc_root(d))) {
		adapter_finding(v, "", "%s", err->message);
		return;
	}
	for (struct ss_iter it = ss_iter(d, ss_doc_root(d)); ss_iter_next(&it);) {
		const char *path = ss_doc_find_string(d, it.value, "path", NULL);
		const char *message = ss_doc_find_string(d, it.value, "message", NULL);

		if (path && *path)
			adapter_finding(v, path, "%s: %s", path, message ? message : err->message);
		else
			adapter_finding(v, "", "%s", message ? message : err->message);
	}
}

static int check_syntax(struct ss_adapter_version *v, struct ss_err *err)
{
	struct ss_doc *in SS_AUTO_DOC = ss_doc_new(), *out SS_AUTO_DOC = ss_doc_new();
	struct ss_err problem SS_AUTO_ERR;
	int rc;

	ss_err_init(&problem);
	if (!in || !out)
		return ss_err_nomem(err);
	sample_input(v, in);
	rc = ss_doc_finish(in, err);
	if (rc)
		return rc;
	rc = ss_build_sandbox(in, ss_doc_root(in), out, &problem);
	if (rc == SS_ERR_NOMEM)
		return ss_err_nomem(err);
	if (rc)
		report_details(v, &problem);
	return 0;
}

static void check_field(struct ss_adapter_version *v, const struct ss_iter *it)
{
	if (strcmp(it->key, "env") == 0)
		check_strings(v, it->value, "env", ss_name_check_env);
	else if (strcmp(it->key, "egress") == 0)
		check_egress(v, it->value);
	else if (strcmp(it->key, "probe") == 0)
		check_strings(v, it->value, "probe", NULL);
	else if (strcmp(it->key, "allow") == 0)
		check_allow(v, it->value);
	else if (!is_own(v, it->key) && !policy_field(it->key))
		check_key(v, it->key);
}

int adapter_check_contract(struct ss_adapter_version *v, struct ss_err *err)
{
	const struct ss_doc *d = v->declared;
	int rc;

	if (v->overlay)
		overlay_check_target(v);
	else
		check_name(v);
	for (struct ss_iter it = ss_iter(d, ss_doc_root(d)); ss_iter_next(&it);)
		check_field(v, &it);
	v->fields = ss_doc_new();
	if (!v->fields)
		return ss_err_nomem(err);
	copy_fields(v);
	rc = ss_doc_finish(v->fields, err);
	return rc ? rc : check_syntax(v, err);
}
