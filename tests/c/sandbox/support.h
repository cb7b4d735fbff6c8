/* What the tests of the pure layer share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/edit.h"
#include "base/err.h"
#include "base/json.h"
#include "sandbox/build.h"
#include "sandbox/guard.h"

/* A pod that restricted allows. */
#define GOOD_POD                                                                                   \
	"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"namespace\":"      \
	"\"demo\",\"labels\":{\"app\":\"x\"},\"annotations\":{\"note\":\"n\"}},\"spec\":{"         \
	"\"securityContext\":{\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":"                 \
	"\"RuntimeDefault\"}},\"containers\":[{\"name\":\"a\",\"image\":\"busybox\","              \
	"\"securityContext\":{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":["     \
	"\"ALL\"]}}}],\"volumes\":[{\"name\":\"v\",\"emptyDir\":{\"sizeLimit\":\"1Gi\"}}]}}"

#define MINIMAL_INPUT                                                                              \
	"{\"namespace\":\"demo\",\"sandboxName\":\"s1\",\"adapterType\":\"claude_local\","         \
	"\"image\":\"busybox\",\"envSecretName\":\"s1-env\",\"serviceAccountName\":\"agent\"}"

static inline struct ss_doc *from_json(const char *text)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *doc = NULL;

	if (ss_json_parse(text, strlen(text), &doc, &err) < 0)
		fail_msg("%s: %s", err.message, text);
	return doc;
}

static inline char *to_json(const struct ss_doc *doc, ss_node node)
{
	struct ss_buf text = SS_BUF_INIT;

	ss_json_encode(doc, node, &text);
	return ss_buf_take(&text, NULL);
}

/* doc with one member replaced by value (JSON), or removed when value is NULL.
 * path is a JSON pointer. */
static inline struct ss_doc *edited(const struct ss_doc *doc, const char *path, const char *value)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_err err SS_AUTO_ERR;
	struct ss_doc *out = NULL, *patch SS_AUTO_DOC = NULL;

	ss_buf_printf(&text, "[{\"op\":\"%s\",\"path\":\"%s\"", value ? "add" : "remove", path);
	if (value)
		ss_buf_printf(&text, ",\"value\":%s", value);
	ss_buf_puts(&text, "}]");
	patch = from_json(text.data);
	if (ss_edit_json_patch(doc, ss_doc_root(doc), patch, ss_doc_root(patch), &out, &err) < 0)
		fail_msg("%s: %s", path, err.message);
	return out;
}

static inline struct ss_doc *built(const char *input)
{
	struct ss_doc *in SS_AUTO_DOC = from_json(input);
	struct ss_doc *out = ss_doc_new();
	struct ss_err err SS_AUTO_ERR;

	if (ss_build_sandbox(in, ss_doc_root(in), out, &err) < 0 || ss_doc_finish(out, &err) < 0)
		fail_msg("%s", err.message);
	return out;
}

/* "rule path; rule path", or "" when the guard lets it pass. */
static inline char *verdict(const struct ss_guard *guard, const struct ss_doc *doc)
{
	struct ss_err err SS_AUTO_ERR;
	struct ss_buf text = SS_BUF_INIT;
	int rc = ss_guard_check(guard, doc, ss_doc_root(doc), &err);
	struct ss_iter it;

	assert_true(rc == 0 || rc == SS_ERR_POLICY);
	assert_int_equal(rc == 0, err.details == NULL);
	it = ss_iter(err.details, err.details ? ss_doc_root(err.details) : SS_NO_NODE);
	while (ss_iter_next(&it)) {
		const char *rule = ss_doc_find_string(err.details, it.value, "rule", NULL);
		const char *path = ss_doc_find_string(err.details, it.value, "path", NULL);

		assert_true(strlen(ss_doc_find_string(err.details, it.value, "message", NULL)) > 0);
		assert_true(strlen(ss_doc_find_string(err.details, it.value, "fix", NULL)) > 0);
		ss_buf_printf(&text, "%s%s %s", it.index ? "; " : "", rule, path);
	}
	return ss_buf_take(&text, NULL);
}

/* One row of a table of edits to a document that the guard lets pass. */
struct edit {
	const char *path, *value; /* value NULL = removed */
	const char *want;         /* as verdict() says it */
};

static inline void check_edits(const struct ss_doc *good, const struct edit *rows, size_t n)
{
	char *fine SS_AUTOFREE = verdict(NULL, good);

	assert_string_equal(fine, "");
	for (size_t i = 0; i < n; i++) {
		struct ss_doc *doc SS_AUTO_DOC = edited(good, rows[i].path, rows[i].value);
		char *got SS_AUTOFREE = verdict(NULL, doc);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s = %s\nwant \"%s\"\ngot  \"%s\"", rows[i].path,
			         rows[i].value ? rows[i].value : "(removed)", rows[i].want, got);
	}
}
