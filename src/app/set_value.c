#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/edit.h"
#include "base/suggest.h"
#include "base/yaml.h"
#include "sandbox/build.h"

/* Split "a.b\.c=v" in place: segments end in NUL, `\.` is a dot. Returns the value or NULL. */
static char *split(char *spec, char **segments, size_t *n)
{
	char *from = spec, *to = spec;

	*n = 0;
	segments[(*n)++] = to;
	for (; *from && *from != '='; from++) {
		if (*from == '\\' && (from[1] == '.' || from[1] == '=' || from[1] == '\\')) {
			*to++ = *++from;
		} else if (*from == '.') {
			*to++ = 0;
			if (*n == SS_SET_MAX_SEGMENTS)
				return NULL;
			segments[(*n)++] = to;
		} else {
			*to++ = *from;
		}
	}
	if (*from != '=')
		return NULL;
	*to = 0;
	return from + 1;
}

/* No field of the builder: it chooses overlays, and the hook sees it. */
static const struct ss_build_field tenant = {"tenant", SS_FIELD_STRING, false,
                                             "tenant the Sandbox is for", NULL};

static const struct ss_build_field *find_field(const char *name, struct ss_err *err)
{
	const char *words[64];
	size_t count, n = 0;
	const struct ss_build_field *fields = ss_build_fields(&count);
	const char *near;

	if (strcmp(name, tenant.name) == 0)
		return &tenant;
	words[n++] = tenant.name;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
		if (n < SS_ARRAY_LEN(words))
			words[n++] = fields[i].name;
	}
	near = ss_suggest(name, words, n);
	if (near)
		ss_err_set(err, SS_ERR_USAGE, "--set: unknown field '%s': did you mean '%s'?", name,
		           near);
	else
		ss_err_set(err, SS_ERR_USAGE,
		           "--set: unknown field '%s'; see `sandscript help build`", name);
	return NULL;
}

static int write_int(struct ss_doc *out, const char *name, const char *value, struct ss_err *err)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (errno || end == value || *end)
		return ss_err_set(err, SS_ERR_USAGE, "--set %s: '%s' is not an integer", name,
		                  value);
	ss_doc_int(out, number);
	return 0;
}

static int write_bool(struct ss_doc *out, const char *name, const char *value, struct ss_err *err)
{
	if (strcmp(value, "true") && strcmp(value, "false"))
		return ss_err_set(err, SS_ERR_USAGE, "--set %s: '%s' is neither true nor false",
		                  name, value);
	ss_doc_bool(out, value[0] == 't');
	return 0;
}

static int write_list(struct ss_doc *out, const char *value)
{
	ss_doc_begin_array(out);
	while (*value) {
		size_t len = strcspn(value, ",");
		ss_doc_string(out, value, len);
		value += len + (value[len] == ',');
	}
	ss_doc_end(out);
	return 0;
}

/* A whole map or list as YAML: --set 'labels={team: agents}'. */
static int write_yaml(struct ss_doc *out, const char *name, const char *value, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	int rc = ss_yaml_parse(value, strlen(value), &doc, err);

	if (rc) {
		ss_err_wrap(err, rc, "--set %s", name);
		err->code = SS_ERR_USAGE;
		return err->code;
	}
	ss_doc_copy(out, doc, ss_doc_root(doc));
	return 0;
}

static int write_value(struct ss_doc *out, const struct ss_build_field *field, size_t depth,
                       const char *value, struct ss_err *err)
{
	if (depth > 1) {
		ss_doc_string(out, value, strlen(value));
		return 0;
	}
	switch (field->kind) {
	case SS_FIELD_INT:
		return write_int(out, field->name, value, err);
	case SS_FIELD_BOOL:
		return write_bool(out, field->name, value, err);
	case SS_FIELD_STRING_LIST:
		return write_list(out, value);
	case SS_FIELD_STRING_MAP:
	case SS_FIELD_RESOURCES:
	case SS_FIELD_TOLERATIONS:
	case SS_FIELD_VOLUMES:
		return write_yaml(out, field->name, value, err);
	case SS_FIELD_STRING:
	case SS_FIELD_QUANTITY:
		break;
	}
	ss_doc_string(out, value, strlen(value));
	return 0;
}

/* How deep a path into a field of this kind may go. */
static size_t max_depth(enum ss_field_kind kind)
{
	switch (kind) {
	case SS_FIELD_STRING_MAP:
	case SS_FIELD_VOLUMES:
		return 2;
	case SS_FIELD_RESOURCES:
		return 3;
	default:
		return 1;
	}
}

static int apply_one(struct ss_doc **doc, const char *set, struct ss_err *err)
{
	char *spec SS_AUTOFREE = strdup(set);
	char *segments[SS_SET_MAX_SEGMENTS];
	struct ss_doc *value_doc SS_AUTO_DOC = ss_doc_new();
	struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
	const struct ss_build_field *field;
	const char *value;
	size_t n;
	int rc;

	if (!spec || !value_doc || !out)
		return ss_err_nomem(err);
	value = split(spec, segments, &n);
	if (!value || !segments[0][0])
		return ss_err_set(err, SS_ERR_USAGE, "--set '%s' is not of the form field=value",
		                  set);
	field = find_field(segments[0], err);
	if (!field)
		return SS_ERR_USAGE;
	if (n > max_depth(field->kind))
		return ss_err_set(
		        err, SS_ERR_USAGE,
		        "--set '%s': '%s' has no fields that deep (a dot in a key is \\.)", set,
		        field->name);
	rc = write_value(value_doc, field, n, value, err);
	if (!rc)
		rc = ss_doc_finish(value_doc, err);
	if (rc)
		return rc;
	ss_edit_set(out, *doc, ss_doc_root(*doc), (const char *const *)segments, n, value_doc,
	            ss_doc_root(value_doc));
	rc = ss_doc_finish(out, err);
	if (rc)
		return ss_err_wrap(err, rc, "--set '%s'", set);
	ss_doc_free(*doc);
	*doc = out;
	out = NULL;
	return 0;
}

int ss_set_values(const struct ss_doc *src, ss_node node, const char *const *sets, size_t n,
                  struct ss_doc **ret, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = ss_doc_dup(src, node);

	if (!doc)
		return ss_err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		int rc = apply_one(&doc, sets[i], err);
		if (rc)
			return rc;
	}
	*ret = doc;
	doc = NULL;
	return 0;
}

int ss_set_path(const char *set, struct ss_set_path *ret, struct ss_err *err)
{
	ret->spec = strdup(set);
	if (!ret->spec)
		return ss_err_nomem(err);
	if (!split(ret->spec, ret->segments, &ret->n))
		ret->n = 0;
	return 0;
}
