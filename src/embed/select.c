#include "embed/select.h"

#include <stdio.h>
#include <string.h>

#include "embed/validate.h"

struct lexer {
	struct ss_ctx *ctx;
	const char *at;
	const char *token; /* "" at the end */
};

static bool is_special(char c)
{
	return c && strchr("=!(),<>", c) != NULL;
}

/* Words, and the operators made of =!(),<>. */
static void next(struct lexer *lex)
{
	const char *begin;

	while (*lex->at == ' ' || *lex->at == '\t' || *lex->at == '\n' || *lex->at == '\r')
		lex->at++;
	begin = lex->at;
	if (strncmp(begin, "==", 2) == 0 || strncmp(begin, "!=", 2) == 0)
		lex->at += 2;
	else if (is_special(*begin))
		lex->at++;
	else
		while (*lex->at && !is_special(*lex->at) && !strchr(" \t\n\r", *lex->at))
			lex->at++;
	lex->token = ss_pool_strndup(&lex->ctx->pool, begin, (size_t)(lex->at - begin));
	if (!lex->token)
		lex->token = "";
}

static bool is(const struct lexer *lex, const char *token)
{
	return strcmp(lex->token, token) == 0;
}

static int unexpected(struct lexer *lex, const char *expected)
{
	return ss_fail(lex->ctx, 400, "BadRequest",
	               "unable to parse requirement: found '%s', expected: %s", lex->token,
	               expected);
}

static int check_pair(struct lexer *lex, const char *key, const char *value)
{
	if (key && !ss_is_qualified_name(key))
		return ss_fail(lex->ctx, 400, "BadRequest",
		               "unable to parse requirement: <nil>: Invalid value: %s: %s",
		               ss_quoted(lex->ctx, key), ss_key_rule);
	if (value && !ss_is_label_value(value))
		return ss_fail(lex->ctx, 400, "BadRequest",
		               "unable to parse requirement: values[0]: Invalid value: %s: %s",
		               ss_quoted(lex->ctx, value), ss_value_rule);
	return 0;
}

/* (a, b) behind "in" and "notin". */
static int value_list(struct lexer *lex, struct ss_match *m)
{
	size_t n = 0, cap = 4;
	const char **values = ss_pool_alloc(&lex->ctx->pool, (cap + 1) * sizeof(*values));

	if (!is(lex, "("))
		return unexpected(lex, "'('");
	do {
		next(lex);
		if (is(lex, ",") || is(lex, ")")) {
			/* an empty value stands between commas */
			if (values)
				values[n++] = "";
		} else {
			int rc = check_pair(lex, NULL, lex->token);

			if (rc < 0)
				return rc;
			if (values)
				values[n++] = lex->token;
			next(lex);
		}
		if (n == cap) {
			const char **more =
			        ss_pool_alloc(&lex->ctx->pool, (2 * cap + 1) * sizeof(*more));

			if (more)
				memcpy(more, values, n * sizeof(*more));
			values = more;
			cap *= 2;
		}
		if (!values)
			return ss_err_nomem(&lex->ctx->err);
	} while (is(lex, ","));
	if (!is(lex, ")"))
		return unexpected(lex, "',' or ')'");
	next(lex);
	m->values = values;
	return 0;
}

static int one_value(struct lexer *lex, struct ss_match *m)
{
	const char **values = ss_pool_alloc(&lex->ctx->pool, 2 * sizeof(*values));

	if (!values)
		return ss_err_nomem(&lex->ctx->err);
	values[0] = is_special(*lex->token) ? "" : lex->token;
	m->values = values;
	if (*values[0])
		next(lex);
	return check_pair(lex, NULL, values[0]);
}

static int requirement(struct lexer *lex, struct ss_match *m)
{
	int rc;

	if (is(lex, "!")) {
		next(lex);
		m->op = SS_MATCH_ABSENT;
		m->key = lex->token;
		next(lex);
		return check_pair(lex, m->key, NULL);
	}
	if (!*lex->token || is_special(*lex->token))
		return unexpected(lex, "!, identifier, or 'end of string'");
	m->key = lex->token;
	rc = check_pair(lex, m->key, NULL);
	if (rc < 0)
		return rc;
	next(lex);
	m->op = SS_MATCH_EXISTS;
	if (!*lex->token || is(lex, ","))
		return 0;
	if (is(lex, "in") || is(lex, "notin")) {
		m->op = is(lex, "in") ? SS_MATCH_IN : SS_MATCH_NOT_IN;
		next(lex);
		return value_list(lex, m);
	}
	if (!is(lex, "=") && !is(lex, "==") && !is(lex, "!="))
		return unexpected(lex, "in, notin, =, ==, !=, gt, lt");
	m->op = is(lex, "!=") ? SS_MATCH_NE : SS_MATCH_EQ;
	next(lex);
	return one_value(lex, m);
}

static int parse_labels(struct ss_ctx *ctx, const char *text, struct ss_match **tail)
{
	struct lexer lex = {.ctx = ctx, .at = text};
	int rc = 0;

	for (next(&lex); rc == 0 && *lex.token;) {
		struct ss_match *m = ss_pool_alloc(&ctx->pool, sizeof(*m));

		if (!m)
			return ss_err_nomem(&ctx->err);
		rc = requirement(&lex, m);
		*tail = m;
		tail = &m->next;
		if (rc < 0 || !*lex.token)
			break;
		if (!is(&lex, ","))
			return unexpected(&lex, "',' or 'end of string'");
		next(&lex);
		if (!*lex.token)
			return unexpected(&lex, "identifier after ','");
	}
	return rc;
}

/* --- fields ---------------------------------------------------------------- */
static const char *const pod_fields[] = {"spec.nodeName",
                                         "spec.restartPolicy",
                                         "spec.schedulerName",
                                         "spec.serviceAccountName",
                                         "status.phase",
                                         "status.podIP",
                                         NULL};
static const char *const event_fields[] = {"involvedObject.kind",
                                           "involvedObject.namespace",
                                           "involvedObject.name",
                                           "involvedObject.uid",
                                           "involvedObject.apiVersion",
                                           "involvedObject.resourceVersion",
                                           "involvedObject.fieldPath",
                                           "reason",
                                           "reportingComponent",
                                           "source",
                                           "type",
                                           NULL};
static const char *const secret_fields[] = {"type", NULL};
static const char *const namespace_fields[] = {"status.phase", NULL};

static bool is_field(const struct ss_kind *kind, const char *name)
{
	const char *const *more = kind->id == SS_KIND_POD         ? pod_fields
	                          : kind->id == SS_KIND_EVENT     ? event_fields
	                          : kind->id == SS_KIND_SECRET    ? secret_fields
	                          : kind->id == SS_KIND_NAMESPACE ? namespace_fields
	                                                          : NULL;

	if (strcmp(name, "metadata.name") == 0 || strcmp(name, "metadata.namespace") == 0)
		return true;
	for (; more && *more; more++)
		if (strcmp(*more, name) == 0)
			return true;
	return false;
}

static int field(struct ss_ctx *ctx, const struct ss_kind *kind, char *term, struct ss_selector *s)
{
	struct ss_match *m = ss_pool_alloc(&ctx->pool, sizeof(*m));
	const char **values = ss_pool_alloc(&ctx->pool, 2 * sizeof(*values));
	char *eq = strchr(term, '=');

	if (!m || !values)
		return ss_err_nomem(&ctx->err);
	if (!eq || eq == term)
		return ss_fail(ctx, 400, "BadRequest",
		               "invalid selector: '%s'; can't understand '%s'", term, term);
	m->op = eq[-1] == '!' ? SS_MATCH_NE : SS_MATCH_EQ;
	values[0] = eq[1] == '=' ? eq + 2 : eq + 1;
	eq[m->op == SS_MATCH_NE ? -1 : 0] = 0;
	m->key = term;
	m->values = values;
	m->next = s->fields;
	s->fields = m;
	if (!is_field(kind, term))
		return kind->custom ? ss_fail(ctx, 400, "BadRequest",
		                              "field label not supported: %s", term)
		                    : ss_fail(ctx, 400, "BadRequest",
		                              "\"%s\" is not a known field selector: only "
		                              "\"metadata.name\", "
		                              "\"metadata.namespace\"",
		                              term);
	if (m->op == SS_MATCH_EQ && strcmp(term, "metadata.name") == 0)
		s->name = values[0];
	if (m->op == SS_MATCH_EQ && strcmp(term, "metadata.namespace") == 0)
		s->ns = values[0];
	return 0;
}

int ss_selector_parse(struct ss_ctx *ctx, const struct ss_kind *kind, const char *labels,
                      const char *fields, struct ss_selector *ret)
{
	char *term, *rest;
	int rc = 0;

	*ret = (struct ss_selector){0};
	if (labels && *labels)
		rc = parse_labels(ctx, labels, &ret->labels);
	term = rc == 0 && fields && *fields ? ss_pool_strdup(&ctx->pool, fields) : NULL;
	for (; term && rc == 0; term = rest) {
		rest = strchr(term, ',');
		if (rest)
			*rest++ = 0;
		if (*term)
			rc = field(ctx, kind, term, ret);
	}
	return rc;
}

bool ss_selector_needs_body(const struct ss_selector *s)
{
	for (const struct ss_match *m = s->fields; m; m = m->next)
		if (m->op != SS_MATCH_EQ || strncmp(m->key, "metadata.", 9) != 0)
			return true;
	return s->labels != NULL;
}

static bool among(const char *value, const char *const *values)
{
	for (; *values; values++)
		if (strcmp(*values, value) == 0)
			return true;
	return false;
}

static bool holds(const struct ss_match *m, const char *value)
{
	switch (m->op) {
	case SS_MATCH_EXISTS:
		return value != NULL;
	case SS_MATCH_ABSENT:
		return value == NULL;
	case SS_MATCH_EQ:
	case SS_MATCH_IN:
		return value && among(value, m->values);
	default:
		return !value || !among(value, m->values);
	}
}

/* A dotted path; "source" stands for source.component. An absent field is "". */
static const char *field_value(struct ss_value object, const char *path)
{
	const char *dot = strchr(path, '.'), *text;
	char head[64];

	if (strcmp(path, "source") == 0)
		return field_value(object, "source.component");
	if (dot) {
		snprintf(head, sizeof(head), "%.*s", (int)(dot - path), path);
		return field_value(ss_value_get(object, head), dot + 1);
	}
	text = ss_value_string(object, path);
	return text ? text : "";
}

bool ss_selector_matches(const struct ss_selector *s, struct ss_value object)
{
	struct ss_value labels = ss_value_get(ss_value_get(object, "metadata"), "labels");

	for (const struct ss_match *m = s->labels; m; m = m->next)
		if (!holds(m, ss_value_string(labels, m->key)))
			return false;
	for (const struct ss_match *m = s->fields; m; m = m->next)
		if (!holds(m, field_value(object, m->key)))
			return false;
	return true;
}
