/* Every allocation of the pure layer fails once: the call says SS_ERR_NOMEM (or
 * does without, where only a message suffers) and leaks nothing. Linked with
 * --wrap (tests/sandbox.cmake), so only this program's own calls are counted. */
#include "support.h"

static long countdown; /* 0 = none fails */
static bool failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

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

/* An input with a map too large for the stack, and a manifest too large for one chunk. */
static struct ss_doc *large_input(bool good)
{
	struct ss_doc *doc = ss_doc_new();
	struct ss_doc *base SS_AUTO_DOC = from_json(MINIMAL_INPUT);
	char key[24], value[64];

	ss_doc_begin_object(doc);
	for (struct ss_iter it = ss_iter(base, ss_doc_root(base)); ss_iter_next(&it);) {
		ss_doc_key(doc, it.key, it.key_len);
		ss_doc_copy(doc, base, it.value);
	}
	ss_doc_key_lit(doc, "labels");
	ss_doc_begin_object(doc);
	for (int i = 0; i < 200; i++) {
		snprintf(key, sizeof(key), "label-%03d", i);
		snprintf(value, sizeof(value), "%s-%050d", good ? "v" : "not good", i);
		ss_doc_key(doc, key, strlen(key));
		ss_doc_string(doc, value, strlen(value));
	}
	ss_doc_end(doc);
	ss_doc_end(doc);
	return doc;
}

static void build_with_failures(bool good)
{
	struct ss_doc *in SS_AUTO_DOC = large_input(good);
	long tried = 0;

	do {
		struct ss_doc *out SS_AUTO_DOC = ss_doc_new();
		struct ss_err err SS_AUTO_ERR;
		int rc;

		failed = false;
		countdown = ++tried;
		rc = ss_build_sandbox(in, ss_doc_root(in), out, &err);
		countdown = 0;
		if (failed)
			assert_int_equal(rc, SS_ERR_NOMEM);
		else
			assert_int_equal(rc, good ? 0 : SS_ERR_INVAL);
	} while (failed);
	/* At least the map's; with output, the document's own growth. */
	assert_true(tried > 2);
}

static void building(void **state)
{
	build_with_failures(true);
}

static void refusing(void **state)
{
	build_with_failures(false);
}

static void guarding(void **state)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	long tried = 0;

	ss_buf_puts(&text, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{}");
	for (int i = 0; i < 100; i++)
		ss_buf_puts(&text, ",{\"name\":\"x\"}");
	ss_buf_puts(&text, "]}}");
	doc = from_json(text.data);
	do {
		struct ss_err err SS_AUTO_ERR;
		int rc;

		failed = false;
		countdown = ++tried;
		rc = ss_guard_check(NULL, doc, ss_doc_root(doc), &err);
		countdown = 0;
		assert_int_equal(rc, failed ? SS_ERR_NOMEM : SS_ERR_POLICY);
	} while (failed);
	assert_true(tried > 3);
}

static void changing(void **state)
{
	struct ss_doc *pod SS_AUTO_DOC = from_json(GOOD_POD);
	struct ss_doc *agent SS_AUTO_DOC =
	        edited(pod, "/metadata/labels/paperclip.io~1role", "\"agent\"");
	struct ss_doc *bad SS_AUTO_DOC = edited(pod, "/spec/hostNetwork", "true");
	long tried = 0;

	do {
		struct ss_err err SS_AUTO_ERR;
		int rc;

		failed = false;
		countdown = ++tried;
		rc = ss_guard_check_change(NULL, agent, bad, false, &err);
		countdown = 0;
		assert_true(rc == (failed ? SS_ERR_NOMEM : SS_ERR_POLICY));
	} while (failed);
	assert_true(tried > 3);
}

static void patching(void **state)
{
	struct ss_doc *patch SS_AUTO_DOC =
	        from_json("[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"}]");

	countdown = 1;
	/* In doubt the patch is checked. */
	assert_true(ss_guard_patch_touches("v1", "Pod", patch, ss_doc_root(patch)));
	countdown = 0;
	assert_false(ss_guard_patch_touches("v1", "Pod", patch, ss_doc_root(patch)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(building), cmocka_unit_test(refusing), cmocka_unit_test(guarding),
	        cmocka_unit_test(changing), cmocka_unit_test(patching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
