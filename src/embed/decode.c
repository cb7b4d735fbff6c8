#include "embed/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/yaml.h"
#include "embed/walk.h"

int ss_decode_parse(struct ss_ctx *ctx, const struct ss_kind *kind, const char *body, size_t len,
                    bool yaml, struct ss_value *ret)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc = NULL;
	int rc;

	ss_err_init(&err);
	while (len > 0 && (*body == ' ' || *body == '\n' || *body == '\t' || *body == '\r'))
		body++, len--;
	if (yaml && (len == 0 || *body != '{'))
		rc = ss_yaml_parse(body, len, &doc, &err);
	else
		rc = ss_json_parse(body, len, &doc, &err);
	if (rc == SS_ERR_NOMEM)
		return ss_err_nomem(&ctx->err);
	if (rc < 0)
		return ss_fail(
		        ctx, 400, "BadRequest",
		        "the object provided is unrecognized (must be of type %s): couldn't get "
		        "version/kind; %s parse error: %s",
		        kind->kind, yaml ? "yaml" : "json", err.message);
	if (!ss_ctx_keep(ctx, doc))
		return SS_ERR_NOMEM;
	*ret = (struct ss_value){doc, ss_doc_root(doc)};
	if (ss_doc_type(doc, ret->node) != SS_OBJECT)
		return ss_fail(ctx, 400, "BadRequest", "the body of the request is not an object");
	return 0;
}

/* --- pruning --------------------------------------------------------------- */

static void add_default_keys(const struct ss_schema *list, struct ss_value item, struct ss_doc *out)
{
	char name[64];

	for (const char *const *k = list->keys; k && *k; k++) {
		const char *eq = strchr(*k, '=');

		if (!eq || ss_doc_type(item.doc, item.node) != SS_OBJECT)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(eq - *k), *k);
		if (ss_doc_get(item.doc, item.node, name) != SS_NO_NODE)
			continue;
		ss_doc_key(out, name, strlen(name));
		ss_doc_string(out, eq + 1, strlen(eq + 1));
	}
}

/* list: the keyed list that in is an item of, when its default keys are to be filled in. */
static void prune(const struct ss_schema *schema, struct ss_value in, const struct ss_schema *list,
                  bool defaults, struct ss_doc *out)
{
	enum ss_type type = ss_doc_type(in.doc, in.node);

	if (!schema || (schema->type == SS_SCHEMA_OPEN && type != SS_OBJECT) || type < SS_ARRAY) {
		ss_doc_copy(out, in.doc, in.node);
		return;
	}
	if (type == SS_ARRAY)
		ss_doc_begin_array(out);
	else
		ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(in.doc, in.node); ss_iter_next(&it);) {
		const struct ss_schema *part =
		        it.key ? ss_schema_member(schema, it.key) : schema->elem;

		if (!part || (it.key && ss_doc_type(it.doc, it.value) == SS_NULL))
			continue;
		if (it.key)
			ss_doc_key(out, it.key, it.key_len);
		prune(part, (struct ss_value){it.doc, it.value},
		      it.key || !defaults ? NULL : schema, defaults, out);
	}
	if (list)
		add_default_keys(list, in, out);
	ss_doc_end(out);
}

/* --- the wording of problems ---------------------------------------------- */
struct problems {
	struct ss_ctx *ctx;
	const struct ss_kind *kind;
	enum ss_decode_mode mode;
	bool strict;
	const char *first; /* mode apply, built-in kinds: the one problem reported */
	bool dirty;        /* there is something to prune */
};

static const char *json_type(enum ss_type type)
{
	static const char *const names[] = {
	        [SS_NULL] = "null",     [SS_BOOL] = "boolean",  [SS_INT] = "integer",
	        [SS_REAL] = "number",   [SS_STRING] = "string", [SS_ARRAY] = "array",
	        [SS_OBJECT] = "object", [SS_DIGITS] = "number"};

	return type == SS_NONE ? "null" : names[type];
}

static const char *schema_type(const struct ss_schema *schema)
{
	switch (schema->type) {
	case SS_SCHEMA_INT:
		return "integer";
	case SS_SCHEMA_BOOL:
		return "boolean";
	case SS_SCHEMA_LIST:
		return "array";
	case SS_SCHEMA_MAP:
	case SS_SCHEMA_OBJECT:
		return "object";
	default:
		return "string";
	}
}

static void unknown_field(struct problems *p, const char *path)
{
	p->dirty = true;
	if (p->mode == SS_DECODE_OBJECT)
		ss_ctx_warn(p->ctx, ss_pool_printf(&p->ctx->pool, "unknown field \"%s\"", path));
	else if (!p->first)
		p->first = ss_pool_printf(&p->ctx->pool, ".%s: field not declared in schema", path);
}

static void wrong_type(struct problems *p, const struct ss_schema *schema, struct ss_value value,
                       const char *path)
{
	const char *want = schema_type(schema),
	           *got = json_type(ss_doc_type(value.doc, value.node));

	if (p->mode == SS_DECODE_APPLY || !p->kind->custom) {
		if (!p->first)
			p->first = ss_pool_printf(&p->ctx->pool, ".%s: expected %s, got %s", path,
			                          strcmp(want, "array") == 0    ? "list"
			                          : strcmp(want, "object") == 0 ? "map"
			                                                        : want,
			                          got);
		return;
	}
	ss_cause(p->ctx, "FieldValueTypeInvalid", path,
	         "Invalid value: \"%s\": %s in body must be of type %s: \"%s\"", got, path, want,
	         got);
}

static void bad_format(struct problems *p, const struct ss_schema *schema, struct ss_value value,
                       const char *path)
{
	const char *text = ss_doc_get_string(value.doc, value.node, NULL);
	const char *quoted = ss_quoted(p->ctx, text ? text : "");

	if (schema->type == SS_SCHEMA_BYTES) {
		if (!p->first)
			p->first = "illegal base64 data";
	} else if (p->kind->custom && p->mode == SS_DECODE_OBJECT) {
		ss_cause(p->ctx, "FieldValueTypeInvalid", path,
		         "Invalid value: %s: %s in body must be of type %s: %s", quoted, path,
		         schema->type == SS_SCHEMA_TIME ? "date-time" : "quantity", quoted);
	} else if (!p->first) {
		p->first = ss_pool_printf(&p->ctx->pool, "%s%s: %s is not a valid %s",
		                          p->mode == SS_DECODE_APPLY ? "." : "", path, quoted,
		                          schema->type == SS_SCHEMA_TIME ? "time" : "quantity");
	}
}

static void bad_key(struct problems *p, const struct ss_schema *schema, const char *path,
                    const char *key)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	const char *bracket = strrchr(path, '[');
	int list_len = (int)(bracket ? (size_t)(bracket - path) : strlen(path));

	if (p->mode != SS_DECODE_APPLY) {
		if (key && p->kind->custom)
			ss_cause(p->ctx, "FieldValueDuplicate", path, "Duplicate value: %s",
			         key + 2);
		return;
	}
	if (p->first)
		return;
	if (key) {
		ss_fields_element(&(struct ss_fields){.key = key}, &text);
		p->first = ss_pool_printf(&p->ctx->pool, ".%.*s: duplicate entries for key %s",
		                          list_len, path, text.data ? text.data : "");
		return;
	}
	p->first =
	        ss_pool_printf(&p->ctx->pool,
	                       ".%.*s: element %d: associative list with keys has an element that "
	                       "omits all key fields [\"%s\"] (and doesn't have default values for "
	                       "any key fields)",
	                       list_len, path, bracket ? atoi(bracket + 1) : 0, schema->keys[0]);
}

static void problem(void *ud, enum ss_walk_problem what, const struct ss_schema *schema,
                    struct ss_value value, const char *path, const char *key)
{
	struct problems *p = ud;

	switch (what) {
	case SS_WALK_UNKNOWN:
		unknown_field(p, path);
		break;
	case SS_WALK_NULL:
		p->dirty = true;
		break;
	case SS_WALK_NO_DEFAULT_KEY: /* an applied configuration does not own what it leaves out */
		p->dirty |= p->mode == SS_DECODE_OBJECT;
		break;
	case SS_WALK_TYPE:
		wrong_type(p, schema, value, path);
		break;
	case SS_WALK_FORMAT:
		bad_format(p, schema, value, path);
		break;
	case SS_WALK_KEY:
		bad_key(p, schema, path, key);
		break;
	case SS_WALK_MISSING:
	case SS_WALK_VALUE:
	case SS_WALK_ONE_OF:
		break; /* a matter of validation */
	}
}

static const char *name_of(struct ss_value in)
{
	const char *name = ss_doc_find_string(in.doc, in.node, "metadata", "name", NULL);

	return name ? name : "";
}

static int fail_strict(struct problems *p)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	for (const struct ss_warning *w = p->ctx->warnings; w; w = w->next)
		ss_buf_printf(&text, "%s%s", text.len ? ", " : "", w->text);
	p->ctx->warnings = NULL;
	return ss_fail(p->ctx, 400, "BadRequest",
	               "%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s",
	               p->kind->kind, p->kind->version, p->kind->kind, text.data ? text.data : "");
}

static int verdict(struct problems *p, struct ss_value in)
{
	struct ss_ctx *ctx = p->ctx;
	const struct ss_kind *kind = p->kind;

	if (ctx->pool.failed)
		return ss_err_nomem(&ctx->err);
	if (p->strict && ctx->warnings && p->mode == SS_DECODE_OBJECT)
		return fail_strict(p);
	if (p->first && p->mode == SS_DECODE_APPLY)
		return ss_fail(ctx, 500, NULL,
		               "failed to create typed patch object (%s/%s; %s, Kind=%s): %s", "",
		               name_of(in),
		               *kind->group ? ss_kind_api_version(kind)
		                            : ss_pool_printf(&ctx->pool, "/%s", kind->version),
		               kind->kind, p->first);
	if (p->first)
		return ss_fail(ctx, 400, "BadRequest",
		               "%s in version \"%s\" cannot be handled as a %s: %s", kind->kind,
		               kind->version, kind->kind, p->first);
	return 0;
}

int ss_decode_object(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value in,
                     enum ss_decode_mode mode, bool strict, struct ss_value *ret)
{
	struct problems p = {.ctx = ctx, .kind = kind, .mode = mode, .strict = strict};
	struct ss_doc *out;
	int rc;

	rc = ss_walk(&ctx->pool, kind->schema, in, problem, &p);
	if (rc == 0)
		rc = verdict(&p, in);
	*ret = in;
	if (rc < 0 || !p.dirty)
		return rc;
	out = ss_ctx_doc(ctx);
	if (!out)
		return SS_ERR_NOMEM;
	prune(kind->schema, in, NULL, mode == SS_DECODE_OBJECT, out);
	rc = ss_ctx_finish(ctx, out);
	*ret = (struct ss_value){out, ss_doc_root(out)};
	return rc;
}

/* --- required fields, and values ------------------------------------------- */
struct required {
	struct ss_ctx *ctx;
	bool custom;
};

static void not_a_word(struct ss_ctx *ctx, const char *words, const char *text, const char *path)
{
	struct ss_buf list SS_AUTO_BUF = SS_BUF_INIT;

	for (const char *at = words; *at; at += strcspn(at, "|"), at += *at == '|')
		if (*at != '|')
			ss_buf_printf(&list, "%s\"%.*s\"", list.len ? ", " : "",
			              (int)strcspn(at, "|"), at);
	ss_cause(ctx, "FieldValueNotSupported", path, "Unsupported value: %s: supported values: %s",
	         ss_quoted(ctx, text), list.data ? list.data : "");
}

static void bad_value(struct ss_ctx *ctx, const struct ss_schema *schema, struct ss_value value,
                      const char *path, const char *key)
{
	const char *text = key ? key : ss_doc_get_string(value.doc, value.node, NULL);

	if (schema->words)
		not_a_word(ctx, schema->words, text, path);
	else if (!text)
		ss_cause(ctx, "FieldValueInvalid", path,
		         "Invalid value: %lld: must be between %lld and %lld, inclusive",
		         (long long)ss_doc_get_int(value.doc, value.node, 0),
		         (long long)schema->min, (long long)schema->max);
	else if (*text)
		ss_cause(ctx, "FieldValueInvalid", path, "Invalid value: %s: %s",
		         ss_quoted(ctx, text), schema->rule);
	else
		ss_cause(ctx, "FieldValueRequired", path, "Required value");
}

static void missing(void *ud, enum ss_walk_problem what, const struct ss_schema *schema,
                    struct ss_value value, const char *path, const char *key)
{
	static const char template[] = "spec.podTemplate";
	struct required *r = ud;

	if (what == SS_WALK_MISSING) {
		if (strncmp(path, "status", 6) != 0 && strncmp(path, "metadata", 8) != 0)
			ss_cause(r->ctx, "FieldValueRequired", path, "Required value");
		return;
	}
	/* A custom kind's definition says no more of its pod template than the types. */
	if (r->custom && !strncmp(path, template, sizeof(template) - 1))
		return;
	if (what == SS_WALK_ONE_OF)
		ss_cause(r->ctx, key ? "FieldValueForbidden" : "FieldValueRequired", path, "%s %s",
		         key ? key : "must have one of", schema->one_of);
	else if (what == SS_WALK_VALUE)
		bad_value(r->ctx, schema, value, path, key);
}

void ss_check_required(struct ss_ctx *ctx, const struct ss_kind *kind, struct ss_value object)
{
	struct required r = {.ctx = ctx, .custom = kind->custom};

	ss_walk(&ctx->pool, kind->schema, object, missing, &r);
}
