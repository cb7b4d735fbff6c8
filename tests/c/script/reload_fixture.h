/* A policy folder of one test, written to and looked at. */
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

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "io/file.h"
#include "script/policy/policy.h"

static char dir[64];

static inline int setup(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/ss-reload-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static inline int teardown(void **state)
{
	char command[128];

	ss_clock_set_for_test(NULL, NULL);
	ss_log_set_sink(NULL, NULL);
	ss_log_set_level(SS_LOG_WARN);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static inline const char *path_of(const char *rel)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, rel);
	return path;
}

/* By rename, as an editor does. */
static inline void put(const char *rel, const char *text)
{
	char path[256], *folder;

	snprintf(path, sizeof(path), "%s/%s", dir, rel);
	folder = ss_file_dirname(path);
	assert_int_equal(ss_file_make_dirs(folder, 0700, NULL), 0);
	free(folder);
	assert_int_equal(ss_file_write(path, text, strlen(text), 0600, NULL), 0);
}

/* adapters/NAME.lua with this image and whatever more. */
static inline void put_adapter(const char *name, const char *image, const char *more)
{
	char rel[64], text[512];

	snprintf(rel, sizeof(rel), "adapters/%s.lua", name);
	snprintf(text, sizeof(text), "return adapter { name = '%s', image = '%s', %s }\n", name,
	         image, more ? more : "");
	put(rel, text);
}

static inline void drop(const char *rel)
{
	assert_int_equal(unlink(path_of(rel)), 0);
}

/* --- time that only moves when a test says so ------------------------------------------- */
static int64_t now_ms;

static inline int64_t test_mono_ms(void)
{
	return now_ms;
}

static inline void stop_clock(void)
{
	now_ms = 1000000;
	ss_clock_set_for_test(test_mono_ms, NULL);
}

/* --- the log ------------------------------------------------------------------------------ */
static char log_text[32768];

static inline void keep_log(void *ud, const char *line, size_t len)
{
	size_t used = strlen(log_text);

	if (used + len + 2 < sizeof(log_text)) {
		memcpy(log_text + used, line, len);
		memcpy(log_text + used + len, "\n", 2);
	}
}

static inline void watch_log(void)
{
	log_text[0] = 0;
	ss_log_set_level(SS_LOG_INFO);
	ss_log_set_sink(keep_log, NULL);
}

static inline int count_in_log(const char *text)
{
	int n = 0;

	for (const char *at = log_text; (at = strstr(at, text)); at++)
		n++;
	return n;
}

/* --- builds ----------------------------------------------------------------------------------- */
static inline struct ss_doc *request(const char *more)
{
	char text[512];
	struct ss_doc *doc = NULL;

	snprintf(text, sizeof(text),
	         "{\"namespace\":\"demo\",\"sandboxName\":\"s1\",\"envSecretName\":\"e\","
	         "\"serviceAccountName\":\"agent\"%s}",
	         more ? more : "");
	assert_int_equal(ss_json_parse(text, strlen(text), &doc, NULL), 0);
	return doc;
}

/* The image that a build has, in a buffer of its own; "" and the code when there is none. */
static inline const char *image_of(struct ss_policy *policy, const char *adapter, int *ret_code)
{
	static char image[128];
	struct ss_doc *in = request(NULL), *out = ss_doc_new();
	int rc = ss_policy_build(policy, adapter, in, ss_doc_root(in), SS_POLICY_OPERATOR, out,
	                         NULL, NULL);

	image[0] = 0;
	if (rc == 0) {
		ss_node c = ss_doc_find(out, ss_doc_root(out), "spec", "podTemplate", "spec",
		                        "containers", NULL);

		snprintf(image, sizeof(image), "%s",
		         ss_doc_find_string(out, ss_doc_at(out, c, 0), "image", NULL));
	}
	if (ret_code)
		*ret_code = rc;
	ss_doc_free(in);
	ss_doc_free(out);
	return image;
}
