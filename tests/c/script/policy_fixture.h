/* A policy folder of one test, and builds from one adapter in it. Included by the
 * tests of adapters. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "io/file.h"
#include "script/adapter/adapter.h"
#include "script/policy/check.h"
#include "script/policy/policy.h"

static char dir[64];

static int setup(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/ss-policy-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void put(const char *rel, const char *text)
{
	char path[256], *folder;

	snprintf(path, sizeof(path), "%s/%s", dir, rel);
	folder = ss_file_dirname(path);
	assert_int_equal(ss_file_make_dirs(folder, 0700, NULL), 0);
	free(folder);
	assert_int_equal(ss_file_write(path, text, strlen(text), 0600, NULL), 0);
}

static struct ss_doc *parse(const char *json)
{
	struct ss_doc *doc = NULL;

	assert_int_equal(ss_json_parse(json, strlen(json), &doc, NULL), 0);
	return doc;
}

#define IDENTITY                                                                                   \
	"\"namespace\":\"demo\",\"sandboxName\":\"s1\",\"envSecretName\":\"s1-env\","              \
	"\"serviceAccountName\":\"agent\""
#define REQUEST "{" IDENTITY "}"

/* One policy with one adapter, and what a request gives: err has the error. */
__attribute__((unused)) static struct ss_doc *build(const char *adapter, const char *text,
                                                    const char *request,
                                                    enum ss_policy_caller caller,
                                                    struct ss_err *err)
{
	struct ss_policy *policy = NULL;
	struct ss_doc *in = parse(request), *out = ss_doc_new();
	char rel[128];
	int rc;

	snprintf(rel, sizeof(rel), "adapters/%s.lua", adapter);
	put(rel, text);
	ss_err_init(err);
	assert_int_equal(ss_policy_load(dir, &policy, err), 0);
	rc = ss_policy_build(policy, adapter, in, ss_doc_root(in), caller, out, NULL, err);
	assert_int_equal(rc, err->code);
	ss_policy_free(policy);
	ss_doc_free(in);
	if (rc == 0)
		return out;
	ss_doc_free(out);
	return NULL;
}

__attribute__((unused)) static void check_text(const struct ss_err *err, const char *want)
{
	if (!strstr(err->message, want))
		fail_msg("message is '%s', not with '%s'", err->message, want);
}

/* code 0 = a budget is spent: which of the two first is the machine's matter. */
__attribute__((unused)) static void refused(const char *text, const char *request,
                                            enum ss_policy_caller caller, int code,
                                            const char *want)
{
	struct ss_err err;
	struct ss_doc *out = build("a", text, request, caller, &err);

	assert_null(out);
	if (err.code != code && (code || (err.code != SS_ERR_TIMEOUT && err.code != SS_ERR_LIMIT)))
		fail_msg("code is %s: %s", ss_code_name(err.code), err.message);
	check_text(&err, want);
	ss_err_done(&err);
}

/* Processor time of this thread, which no other program of the machine uses up: what a budget is
 * counted in. Wall time says nothing on a loaded machine. */
__attribute__((unused)) static int64_t spent_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

#define ADAPTER(fields) "return adapter { name = 'a', image = 'ghcr.io/acme/a:1'," fields "}"

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* What `check` finds in the file, appended to the open array: how many, or a negative code. */
__attribute__((unused)) static int check_file(const char *path, struct ss_doc *out)
{
	struct ss_policy_check *check = NULL;
	struct ss_findings findings = {0};
	int n, rc = ss_policy_check_new(NULL, &check, NULL);

	if (!rc)
		rc = ss_policy_check_file(check, path, &findings, NULL);
	for (size_t i = 0; i < findings.n; i++) {
		ss_doc_begin_object(out);
		ss_doc_put_string(out, "file", findings.list[i].file);
		ss_doc_put_int(out, "line", findings.list[i].line);
		if (findings.list[i].path)
			ss_doc_put_string(out, "path", findings.list[i].path);
		ss_doc_put_string(out, "message", findings.list[i].message);
		ss_doc_end(out);
	}
	n = (int)findings.n;
	ss_findings_done(&findings);
	ss_policy_check_free(check);
	return rc ? rc : n;
}
