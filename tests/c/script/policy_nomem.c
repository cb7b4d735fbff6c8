/* Every allocation of loading a policy and building from it fails once: the call
 * says SS_ERR_NOMEM (or does without, where only a message suffers), the next one
 * works, and nothing is lost. Linked with --wrap (tests/policy.cmake). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "io/file.h"
#include "script/adapter/adapter.h"
#include "script/policy/cache.h"
#include "script/policy/check.h"
#include "script/policy/explain.h"
#include "script/policy/policy.h"
#include "script/policy/policy_priv.h"

static long countdown; /* 0 = none fails */
static bool failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

static bool fails_here(void)
{
	if (!countdown || --countdown)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_here() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_here() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_here() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return fails_here() ? NULL : __real_strdup(s);
}

static char dir[64];

static void put(const char *rel, const char *text)
{
	char path[256], *folder;

	snprintf(path, sizeof(path), "%s/%s", dir, rel);
	folder = ss_file_dirname(path);
	assert_int_equal(ss_file_make_dirs(folder, 0700, NULL), 0);
	free(folder);
	assert_int_equal(ss_file_write(path, text, strlen(text), 0600, NULL), 0);
}

static int setup(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/ss-policy-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	put("lib/sizes.lua", "return { cpu = '1', memory = '1Gi' }");
	put("adapters/a.lua",
	    "return adapter { name = 'a', image = 'x:1', labels = { team = 't' },\n"
	    "resources = { limits = require 'sizes' }, egress = { hosts = {'h.io'} },\n"
	    "build = function(i) i.labels.tier = ('gold'):upper():lower() return i end }");
	put("local.d/o.lua", "return overlay { adapter = '*', labels = { site = 's' } }");
	put("adapters/b.lua", "return adapter { name = 'b', imagee = 'x', env = {'1'} }");
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static struct ss_doc *request(void)
{
	static const char text[] =
	        "{\"namespace\":\"n\",\"sandboxName\":\"s\",\"envSecretName\":\"e\","
	        "\"serviceAccountName\":\"agent\",\"labels\":{\"run\":\"1\"}}";
	struct ss_doc *doc = NULL;

	assert_int_equal(ss_json_parse(text, sizeof(text) - 1, &doc, NULL), 0);
	return doc;
}

static void test_load(void **state)
{
	for (long n = 1;; n++) {
		struct ss_policy *policy = NULL;
		struct ss_err err;
		int rc;

		ss_err_init(&err);
		failed = false;
		countdown = n;
		rc = ss_policy_load(dir, &policy, &err);
		countdown = 0;
		if (rc && rc != SS_ERR_NOMEM)
			fail_msg("allocation %ld: %s: %s", n, ss_code_name(rc), err.message);
		ss_err_done(&err);
		if (rc == 0) {
			struct ss_doc *list = ss_doc_new();

			assert_int_equal(ss_policy_list(policy, list, NULL), 0);
			assert_int_equal(ss_doc_count(list, ss_doc_root(list)), 1);
			ss_doc_free(list);
		}
		ss_policy_free(policy);
		if (!failed)
			return;
	}
}

static void test_build(void **state)
{
	struct ss_policy *policy = NULL;
	struct ss_doc *in = request();

	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	for (long n = 1;; n++) {
		struct ss_doc *out = ss_doc_new();
		struct ss_err err;
		int rc;

		ss_err_init(&err);
		failed = false;
		countdown = n;
		rc = ss_policy_build(policy, "a", in, ss_doc_root(in), SS_POLICY_REQUEST, out, NULL,
		                     &err);
		countdown = 0;
		if (rc && rc != SS_ERR_NOMEM)
			fail_msg("allocation %ld: %s: %s", n, ss_code_name(rc), err.message);
		ss_err_done(&err);
		ss_doc_free(out);
		if (!failed)
			break;
	}
	ss_policy_free(policy);
	ss_doc_free(in);
}

static void test_explain(void **state)
{
	static const struct ss_explain_request from = {"r.yaml", 0, NULL, 0, NULL};
	struct ss_policy *policy = NULL;
	struct ss_doc *in = request();

	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	for (long n = 1;;
	     n += 1 + n / 30) { /* all of the first, then samples: it takes thousands */
		struct ss_doc *manifest = ss_doc_new(), *out = ss_doc_new();
		struct ss_err err;
		int rc;

		ss_err_init(&err);
		failed = false;
		countdown = n;
		rc = ss_policy_explain(policy, "a", in, ss_doc_root(in), &from, manifest, out,
		                       &err);
		countdown = 0;
		if (rc && rc != SS_ERR_NOMEM)
			fail_msg("allocation %ld: %s: %s", n, ss_code_name(rc), err.message);
		ss_err_done(&err);
		ss_doc_free(manifest);
		ss_doc_free(out);
		if (!failed)
			break;
	}
	ss_policy_free(policy);
	ss_doc_free(in);
}

static void test_check(void **state)
{
	static const char *const files[] = {"adapters/a.lua", "adapters/b.lua"};

	for (long n = 1, going = 2; going; n++) {
		going = 0;
		for (size_t i = 0; i < SS_ARRAY_LEN(files); i++) {
			char *path = ss_file_join(dir, files[i]);
			struct ss_policy_check *check = NULL;
			struct ss_findings findings = {0};
			int rc;

			failed = false;
			countdown = n;
			rc = ss_policy_check_new(NULL, &check, NULL);
			if (!rc)
				rc = ss_policy_check_file(check, path, &findings, NULL);
			countdown = 0;
			if (rc)
				assert_int_equal(rc, SS_ERR_NOMEM);
			else
				assert_int_equal(findings.n, i ? 2 : 0);
			going += failed;
			ss_findings_done(&findings);
			ss_policy_check_free(check);
			free(path);
		}
	}
}

static const char *image_in(const struct policy_generation *g)
{
	struct ss_adapter_version *v = policy_generation_find(g, "a");
	const struct ss_doc *d = ss_adapter_declared(v);

	return ss_doc_find_string(d, ss_doc_root(d), "image", NULL);
}

/* A pass without enough memory changes nothing, and the next one makes up for it. */
static void test_pass(void **state)
{
	put("local.d/10.lua",
	    "return overlay { adapter = 'a', tenant = 't', labels = { o = '1' } }");
	for (long n = 1;; n++) {
		struct policy_pass first = {.generation = 1},
		                   short_ = {.trial = true, .generation = 2},
		                   last = {.trial = true, .generation = 2};
		struct policy_loader *loader = NULL;
		int rc;

		put("adapters/a.lua", "return adapter { name = 'a', image = 'x:1' }");
		assert_int_equal(policy_loader_new(dir, &loader, NULL), 0);
		assert_int_equal(policy_loader_pass(loader, &first, NULL), 0);
		put("adapters/a.lua", "return adapter { name = 'a', image = 'x:2',\n"
		                      "build = function(i) return i end }");
		put("local.d/10.lua",
		    n % 2 ? "return overlay { adapter = 'a', labels = { o = '2' } }"
		          : "return overlay { adapter = 'a', lables = { o = '2' } }");
		failed = false;
		countdown = n;
		rc = policy_loader_pass(loader, &short_, NULL);
		countdown = 0;
		if (rc)
			assert_int_equal(rc, SS_ERR_NOMEM);
		assert_int_equal(policy_loader_pass(loader, &last, NULL), 0);
		if (last.ret_generation)
			assert_string_equal(image_in(last.ret_generation), "x:2");
		else
			assert_string_equal(image_in(short_.ret_generation), "x:2");
		policy_generation_unref(first.ret_generation);
		policy_generation_unref(short_.ret_generation);
		policy_generation_unref(last.ret_generation);
		policy_loader_free(loader);
		if (!failed)
			return;
	}
}

static void test_rollback(void **state)
{
	for (long n = 1;; n++) {
		struct ss_policy *policy = NULL;
		struct policy_generation *g;
		int rc;

		assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
		/* A second one, of the same content. */
		g = policy_generation_with(policy->current, policy->current);
		assert_int_equal(policy_swap(policy, g, POLICY_FILES, 0, NULL), 0);
		failed = false;
		countdown = n;
		rc = ss_policy_rollback(policy, 1, NULL);
		countdown = 0;
		if (rc)
			assert_int_equal(rc, SS_ERR_NOMEM);
		assert_int_equal(ss_policy_generation(policy), rc ? 2 : 3);
		assert_int_equal(ss_policy_rollback(policy, 1, NULL), 0);
		ss_policy_free(policy);
		if (!failed)
			return;
	}
}

/* What is kept on disk, and taken from there. */
static void test_cache(void **state)
{
	char path[128];
	struct ss_policy *policy = NULL;

	snprintf(path, sizeof(path), "%s/kept/policy.json", dir);
	assert_int_equal(ss_policy_load(dir, &policy, NULL), 0);
	for (long n = 1, going = 1; going; n++) {
		struct policy_cache *cache = NULL;
		struct ss_adapter_version *v = NULL;
		int rc;

		failed = false;
		countdown = n;
		rc = policy_cache_save(policy->current, dir, path, NULL);
		if (!rc)
			rc = policy_cache_open(dir, path, &cache, NULL);
		if (!rc)
			rc = policy_cache_load(cache, "adapters/a.lua", &v, NULL);
		countdown = 0;
		if (rc)
			assert_int_equal(rc, SS_ERR_NOMEM);
		else
			assert_non_null(v);
		going = failed;
		ss_adapter_unref(v);
		policy_cache_free(cache);
	}
	ss_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_load, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_build, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_explain, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_check, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_pass, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_rollback, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_cache, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
