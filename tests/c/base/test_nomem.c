/* The n-th allocation fails, for every n: each operation reports it as
 * SS_ERR_NOMEM or does without, and loses nothing (the sanitizer build looks for
 * leaks). tests/base.cmake links this with malloc, calloc, realloc and strdup wrapped;
 * jansson takes its memory through the same door. */
#include "support.h"

#include <jansson.h>

#include "base/edit.h"
#include "base/log.h"
#include "base/yaml.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

static size_t left; /* allocations until the one that fails; 0 = none fails */
static bool struck;

static bool is_out(void)
{
	if (!left || --left)
		return false;
	struck = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return is_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return is_out() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return is_out() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return is_out() ? NULL : __real_strdup(s);
}

/* --- operations: 0 or a code ---------------------------------------------------- */

static char *json_text, *yaml_text;
static struct ss_doc *big, *patch;

static int parse_json(struct ss_err *err)
{
	SS_AUTO_DOC struct ss_doc *doc = NULL;

	return ss_json_parse(json_text, strlen(json_text), &doc, err);
}

/* jansson calls a failed allocation a syntax error now and then, which for a
 * text that has one is as good. */
static int parse_bad_json(struct ss_err *err)
{
	static const char text[] = "{\"a\":[1.5,{\"b\":\"text\",\"c\":null}],\"d\":{},\"e\":\"\"";
	SS_AUTO_DOC struct ss_doc *doc = NULL;
	int r = ss_json_parse(text, sizeof(text) - 1, &doc, err);

	assert_true(r == SS_ERR_NOMEM || r == SS_ERR_PARSE);
	return r == SS_ERR_NOMEM ? r : 0;
}

static int encode_json(struct ss_err *err)
{
	SS_AUTO_BUF struct ss_buf out = SS_BUF_INIT;

	ss_json_encode(big, ss_doc_root(big), &out);
	ss_json_encode_pretty(big, ss_doc_root(big), &out);
	return ss_buf_check(&out, "text", err);
}

static int parse_yaml(struct ss_err *err)
{
	SS_AUTO_DOC struct ss_doc *doc = NULL;

	return ss_yaml_parse(yaml_text, strlen(yaml_text), &doc, err);
}

static int encode_yaml(struct ss_err *err)
{
	SS_AUTO_BUF struct ss_buf out = SS_BUF_INIT;

	return ss_yaml_encode(big, ss_doc_root(big), &out, err);
}

static int sort(struct ss_err *err)
{
	SS_AUTO_DOC struct ss_doc *out = ss_doc_new();

	if (!out)
		return SS_ERR_NOMEM;
	ss_edit_canonical(out, big, ss_doc_root(big));
	return ss_doc_finish(out, err);
}

static int json_patch(struct ss_err *err)
{
	SS_AUTO_DOC struct ss_doc *out = NULL;

	return ss_edit_json_patch(big, ss_doc_root(big), patch, ss_doc_root(patch), &out, err);
}

static int copy_error(struct ss_err *err)
{
	struct ss_err from, to;
	int r;

	ss_err_init(&from);
	ss_err_init(&to);
	ss_err_set(&from, SS_ERR_POLICY, "refused");
	from.details = ss_doc_dup(big, ss_doc_root(big));
	r = from.details ? 0 : SS_ERR_NOMEM;
	ss_err_copy(&to, &from);
	assert_int_equal(to.code, SS_ERR_POLICY);
	if (!r && !to.details)
		r = SS_ERR_NOMEM;
	ss_err_done(&from);
	ss_err_done(&to);
	return r;
}

static void swallow(void *ud, const char *line, size_t len)
{
}

static int log_fields(struct ss_err *err)
{
	ss_log_fields(SS_LOG_ERROR, "message", big);
	return 0;
}

static int take_buffer(struct ss_err *err)
{
	struct ss_buf out = SS_BUF_INIT;
	char *text SS_AUTOFREE = NULL;

	text = ss_buf_take(&out, NULL);
	if (!text)
		return SS_ERR_NOMEM;
	ss_buf_printf(&out, "%1000d", 1);
	ss_buf_printf(&out, "%1000d", 1);
	free(text);
	text = ss_buf_take(&out, NULL);
	return text ? 0 : SS_ERR_NOMEM;
}

/* --- the test -------------------------------------------------------------------- */

static int setup(void **state)
{
	struct ss_buf json = SS_BUF_INIT, yaml = SS_BUF_INIT;

	json_set_alloc_funcs(__wrap_malloc, free);
	ss_log_set_sink(swallow, NULL);
	ss_buf_puts(&json, "{\"list\":[");
	for (int i = 0; i < 300; i++)
		ss_buf_printf(&json, "%s\"a longer text \\u00e9 %d\"", i ? "," : "", i);
	ss_buf_puts(&json, "],\"map\":{");
	for (int i = 0; i < 200; i++)
		ss_buf_printf(&json, "%s\"k%d\":{\"x\":1}", i ? "," : "", i);
	ss_buf_puts(&json, "}}");
	ss_buf_puts(
	        &yaml,
	        "base: &base {a: 1, b: [x, y]}\nmerged: {<<: *base, a: 2}\nbin: !!binary aGk=\n");
	for (int i = 0; i < 300; i++)
		ss_buf_printf(&yaml, "key%d: &a%d some text that is not too short\n", i, i);
	json_text = ss_buf_take(&json, NULL);
	yaml_text = ss_buf_take(&yaml, NULL);
	big = from_json(json_text);
	patch = from_json("[{\"op\":\"add\",\"path\":\"/n\",\"value\":{\"a\":1}},"
	                  "{\"op\":\"move\",\"from\":\"/list/3\",\"path\":\"/list/0\"},"
	                  "{\"op\":\"copy\",\"from\":\"/map\",\"path\":\"/again\"}]");
	return 0;
}

static int teardown(void **state)
{
	ss_log_set_sink(NULL, NULL);
	free(json_text);
	free(yaml_text);
	ss_doc_free(big);
	ss_doc_free(patch);
	return 0;
}

static void every_allocation_may_fail(void **state)
{
	static const struct {
		const char *name;
		int (*run)(struct ss_err *err);
	} rows[] = {
	        {"parse_json", parse_json},   {"parse_bad_json", parse_bad_json},
	        {"encode_json", encode_json}, {"parse_yaml", parse_yaml},
	        {"encode_yaml", encode_yaml}, {"sort", sort},
	        {"json_patch", json_patch},   {"copy_error", copy_error},
	        {"log_fields", log_fields},   {"take_buffer", take_buffer},
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++) {
		size_t n = 0, failures = 0;

		do {
			struct ss_err err;
			int r;

			ss_err_init(&err);
			struck = false;
			left = ++n;
			r = rows[i].run(&err);
			left = 0;
			if (r != 0 && (r != SS_ERR_NOMEM || !struck))
				fail_msg("%s, allocation %zu: %d %s", rows[i].name, n, r,
				         err.message);
			failures += r != 0;
			ss_err_done(&err);
		} while (struck);
		if (rows[i].run != log_fields)
			assert_true(failures > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(every_allocation_may_fail, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
