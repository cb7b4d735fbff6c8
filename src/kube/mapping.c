#include "kube/mapping.h"

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "kube/known.h"

/* Fields of spec that exist in one version only. All others are the same in both. */
struct difference {
	const char *kind;
	enum ss_mapping when; /* sending in this direction … */
	const char *field;    /* … this field of the source … */
	const char *becomes;  /* … is written as this one; NULL = it has no equivalent */
	const char *instead;  /* what to write then */
};

static const struct difference differences[] = {
        {"Sandbox", SS_MAPPING_TO_BETA, "replicas", "operatingMode", NULL},
        {"Sandbox", SS_MAPPING_TO_BETA, "operatingMode", NULL,
         "spec.replicas, or apiVersion v1beta1"},
        {"Sandbox", SS_MAPPING_TO_ALPHA, "operatingMode", "replicas", NULL},
        {"Sandbox", SS_MAPPING_TO_ALPHA, "replicas", NULL,
         "spec.operatingMode, or apiVersion v1alpha1"},
        {"SandboxTemplate", SS_MAPPING_TO_ALPHA, "volumeClaimTemplatesPolicy", NULL, NULL},
        {"SandboxClaim", SS_MAPPING_TO_BETA, "sandboxTemplateRef", NULL, "spec.warmPoolRef"},
        {"SandboxClaim", SS_MAPPING_TO_BETA, "warmpool", NULL, "spec.warmPoolRef"},
        {"SandboxClaim", SS_MAPPING_TO_ALPHA, "warmPoolRef", NULL, "spec.sandboxTemplateRef"},
        {"SandboxClaim", SS_MAPPING_TO_ALPHA, "volumeClaimTemplates", NULL, NULL},
};

enum ss_mapping ss_mapping_of(const struct ss_kind *kind, const char *api_version)
{
	const char *slash = api_version ? strchr(api_version, '/') : NULL;

	if (!slash || !ss_known_is_agent_group(kind->group) ||
	    !strcmp(api_version, kind->api_version))
		return SS_MAPPING_NONE;
	return !strcmp(slash + 1, "v1alpha1") ? SS_MAPPING_TO_BETA : SS_MAPPING_TO_ALPHA;
}

static const struct difference *difference_of(enum ss_mapping mapping, const struct ss_kind *kind,
                                              const char *field, size_t len)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(differences); i++) {
		const struct difference *d = &differences[i];

		if (d->when == mapping && !strcmp(d->kind, kind->kind) && strlen(d->field) == len &&
		    !memcmp(d->field, field, len))
			return d;
	}
	return NULL;
}

/* Only 0 and 1, Suspended and Running have an equivalent; null removes in a merge patch. */
static bool value_maps(const struct ss_doc *doc, ss_node value)
{
	int64_t n = ss_doc_get_int(doc, value, -1);

	return ss_doc_type(doc, value) == SS_NULL || n == 0 || n == 1 ||
	       ss_doc_is_string(doc, value, "Running") || ss_doc_is_string(doc, value, "Suspended");
}

static void encode_value(const struct ss_doc *doc, ss_node value, struct ss_buf *out)
{
	if (ss_doc_type(doc, value) == SS_NULL)
		ss_buf_puts(out, "null");
	else if (ss_doc_type(doc, value) == SS_INT)
		ss_buf_puts(out, ss_doc_get_int(doc, value, 1) ? "\"Running\"" : "\"Suspended\"");
	else
		ss_buf_puts(out, ss_doc_is_string(doc, value, "Running") ? "1" : "0");
}

static const char *other_version(enum ss_mapping mapping)
{
	return mapping == SS_MAPPING_TO_BETA ? "v1beta1" : "v1alpha1";
}

static int refuse(enum ss_mapping mapping, const struct ss_kind *kind, const struct difference *d,
                  struct ss_err *err)
{
	if (d->becomes)
		return ss_err_set(err, SS_ERR_INVAL,
		                  "spec.%s: only %s can be written as spec.%s of %s, which is the "
		                  "version used here",
		                  d->field,
		                  mapping == SS_MAPPING_TO_BETA ? "0 and 1"
		                                                : "Running and Suspended",
		                  d->becomes, kind->api_version);
	return ss_err_set(err, SS_ERR_INVAL,
	                  "spec.%s: has no equivalent in %s, which is the version used here%s%s "
	                  "(exactVersion "
	                  "sends the object as it is)",
	                  d->field, kind->api_version, d->instead ? ": write " : "",
	                  d->instead ? d->instead : "");
}

static bool type_maps(enum ss_mapping mapping, const struct ss_doc *doc, ss_node value)
{
	enum ss_type type = ss_doc_type(doc, value);

	return type == SS_NULL || type == (mapping == SS_MAPPING_TO_BETA ? SS_INT : SS_STRING);
}

int ss_mapping_check(enum ss_mapping mapping, const struct ss_kind *kind, const struct ss_doc *doc,
                     ss_node spec, struct ss_err *err)
{
	const struct difference *d;

	if (mapping == SS_MAPPING_NONE)
		return 0;
	for (struct ss_iter it = ss_iter(doc, spec); ss_iter_next(&it);) {
		d = it.key ? difference_of(mapping, kind, it.key, it.key_len) : NULL;
		if (d && (!d->becomes || !type_maps(mapping, doc, it.value) ||
		          !value_maps(doc, it.value)))
			return refuse(mapping, kind, d, err);
	}
	return 0;
}

void ss_mapping_encode(enum ss_mapping mapping, const struct ss_kind *kind,
                       const struct ss_doc *doc, ss_node spec, struct ss_buf *out)
{
	const struct difference *d;

	if (mapping == SS_MAPPING_NONE || ss_doc_type(doc, spec) != SS_OBJECT) {
		ss_json_encode(doc, spec, out);
		return;
	}
	ss_buf_putc(out, '{');
	for (struct ss_iter it = ss_iter(doc, spec); ss_iter_next(&it);) {
		d = difference_of(mapping, kind, it.key, it.key_len);
		if (it.index)
			ss_buf_putc(out, ',');
		ss_json_quote(out, d ? d->becomes : it.key, d ? strlen(d->becomes) : it.key_len);
		ss_buf_putc(out, ':');
		if (d)
			encode_value(doc, it.value, out);
		else
			ss_json_encode(doc, it.value, out);
	}
	ss_buf_putc(out, '}');
}

/* --- JSON patch --------------------------------------------------------------- */

/* The field of a pointer "/spec/FIELD…"; *ret_below when the pointer goes on. */
static const struct difference *pointer_difference(enum ss_mapping mapping,
                                                   const struct ss_kind *kind, const char *pointer,
                                                   bool *ret_below)
{
	size_t len;

	if (!pointer || strncmp(pointer, "/spec/", 6))
		return NULL;
	len = strcspn(pointer + 6, "/");
	*ret_below = pointer[6 + len] != 0;
	return difference_of(mapping, kind, pointer + 6, len);
}

static int check_operation(enum ss_mapping mapping, const struct ss_kind *kind,
                           const struct ss_doc *doc, ss_node op, struct ss_err *err)
{
	const char *path = ss_doc_find_string(doc, op, "path", NULL);
	ss_node value = ss_doc_get(doc, op, "value");
	const struct difference *d;
	bool below = false;

	d = pointer_difference(mapping, kind, ss_doc_find_string(doc, op, "from", NULL), &below);
	if (d)
		return refuse(mapping, kind, d, err);
	d = pointer_difference(mapping, kind, path, &below);
	if (d &&
	    (below || !d->becomes ||
	     (value != SS_NO_NODE && (!type_maps(mapping, doc, value) || !value_maps(doc, value)))))
		return refuse(mapping, kind, d, err);
	if (path && (!*path || !strcmp(path, "/spec")) && value != SS_NO_NODE)
		return ss_err_set(err, SS_ERR_INVAL,
		                  "a JSON patch of the whole %s cannot be mapped to %s, which is "
		                  "the version used "
		                  "here: patch the fields one by one, or use a merge patch",
		                  *path ? "spec" : "object", other_version(mapping));
	return 0;
}

int ss_mapping_check_json_patch(enum ss_mapping mapping, const struct ss_kind *kind,
                                const struct ss_doc *doc, ss_node patch, struct ss_err *err)
{
	int code = 0;

	if (mapping == SS_MAPPING_NONE)
		return 0;
	for (struct ss_iter it = ss_iter(doc, patch); !code && ss_iter_next(&it);)
		code = check_operation(mapping, kind, doc, it.value, err);
	return code;
}

void ss_mapping_encode_operation(enum ss_mapping mapping, const struct ss_kind *kind,
                                 const struct ss_doc *doc, ss_node operation, struct ss_buf *out)
{
	bool below = false;
	const struct difference *d = pointer_difference(
	        mapping, kind, ss_doc_find_string(doc, operation, "path", NULL), &below);

	if (!d) {
		ss_json_encode(doc, operation, out);
		return;
	}
	ss_buf_putc(out, '{');
	for (struct ss_iter it = ss_iter(doc, operation); ss_iter_next(&it);) {
		if (it.index)
			ss_buf_putc(out, ',');
		ss_json_quote(out, it.key, it.key_len);
		ss_buf_putc(out, ':');
		if (!strcmp(it.key, "path"))
			ss_buf_printf(out, "\"/spec/%s\"", d->becomes);
		else if (!strcmp(it.key, "value"))
			encode_value(doc, it.value, out);
		else
			ss_json_encode(doc, it.value, out);
	}
	ss_buf_putc(out, '}');
}
