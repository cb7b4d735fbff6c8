/* diff: what applying would change, without what the server keeps, secrets masked. */
#include "fake.h"

static void start(struct fake *f, const char *json)
{
	struct ss_doc *doc = fake_json(json);
	struct ss_op *op;

	fake_forget(f);
	assert_int_equal(
	        ss_kube_diff(f->client, doc, ss_doc_root(doc), NULL, NULL, fake_done, f, &op, NULL),
	        0);
	ss_doc_free(doc);
}

#define QUERY "?fieldManager=sandscript&fieldValidation=Strict&force=false&dryRun=All"
#define POD   "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"}}"
#define PATH  "/api/v1/namespaces/demo/pods/p"

static void diff_of(struct fake *f, const char *object, const char *live, const char *merged)
{
	start(f, object);
	if (live)
		fake_reply(fake_take(f, "GET", "/api/v1/namespaces/demo/*"), 200, live);
	else
		fake_status(fake_take(f, "GET", PATH), 404, "NotFound", "pods p not found");
	fake_reply(fake_take(f, "PATCH", "/api/v1/namespaces/demo/*"), 200, merged);
	assert_int_equal(f->err.code, 0);
}

static void diff(struct fake *f, const char *live, const char *merged)
{
	diff_of(f, POD, live, merged);
}

static bool flag(const struct fake *f, const char *key)
{
	return ss_doc_get_bool(f->doc, ss_doc_get(f->doc, ss_doc_root(f->doc), key), false);
}

static char *changes(const struct fake *f)
{
	struct ss_buf b = SS_BUF_INIT;

	ss_json_encode(f->doc, ss_doc_get(f->doc, ss_doc_root(f->doc), "changes"), &b);
	return ss_buf_take(&b, NULL);
}

static void check_changes(const struct fake *f, const char *want)
{
	char *text = changes(f);

	assert_string_equal(text, want);
	free(text);
}

static void same(void **state)
{
	struct fake f;

	fake_open(&f);
	diff(&f,
	     "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"uid\":\"u\",\"resourceVersion\":"
	     "\"5\","
	     "\"generation\":1,\"creationTimestamp\":\"x\",\"managedFields\":[1],\"annotations\":"
	     "{\"sandscript.dev/"
	     "policy\":\"abc\"}},\"spec\":{\"b\":1,\"a\":[1,2]},\"status\":{\"phase\":\"x\"}}",
	     "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"uid\":\"u\",\"resourceVersion\":"
	     "\"5\","
	     "\"generation\":2,\"managedFields\":[2]},\"spec\":{\"a\":[1,2],\"b\":1},\"status\":{}"
	     "}");
	assert_true(flag(&f, "same"));
	assert_true(flag(&f, "exists"));
	check_changes(&f, "[]");
	fake_close(&f);
}

/* Where an object came from is left out, the neighbours of it are not. */
static void annotations(void **state)
{
	struct fake f;

	fake_open(&f);
	diff(&f, "{\"metadata\":{\"name\":\"p\"}}",
	     "{\"metadata\":{\"name\":\"p\",\"annotations\":{\"sandscript.dev/request\":\"{}\","
	     "\"sandscript.dev/policy\":\"b\"}}}");
	assert_true(flag(&f, "same"));
	diff(&f, "{\"metadata\":{\"annotations\":{\"sandscript.dev/policy\":\"a\",\"x\":\"1\"}}}",
	     "{\"metadata\":{\"annotations\":{\"x\":\"1\",\"sandscript.dev/policy\":\"b\"}}}");
	assert_true(flag(&f, "same"));
	diff(&f, "{\"metadata\":{\"annotations\":{\"sandscript.dev/policy\":\"a\",\"x\":\"1\"}}}",
	     "{\"metadata\":{\"annotations\":{\"x\":\"2\"}}}");
	check_changes(&f, "[{\"path\":\"metadata.annotations.x\",\"op\":\"replace\",\"from\":\"1\","
	                  "\"to\":\"2\"}]");
	fake_close(&f);
}

static void changed(void **state)
{
	struct fake f;

	fake_open(&f);
	diff(&f,
	     "{\"metadata\":{\"labels\":{\"a/b\":\"1\",\"gone\":\"x\"}},\"spec\":{\"containers\":"
	     "[{\"name\":\"side\",\"image\":\"s\"},{\"name\":\"main\",\"image\":\"i:1\"}],\"list\":"
	     "[1,2]}}",
	     "{\"metadata\":{\"labels\":{\"a/b\":\"2\"}},\"spec\":{\"containers\":"
	     "[{\"name\":\"main\",\"image\":\"i:2\"},{\"name\":\"side\",\"image\":\"s\"},{\"name\":"
	     "\"new\"}],"
	     "\"list\":[1]}}");
	assert_false(flag(&f, "same"));
	check_changes(&f,
	              "[{\"path\":\"metadata.labels[\\\"a/"
	              "b\\\"]\",\"op\":\"replace\",\"from\":\"1\",\"to\":\"2\"},"
	              "{\"path\":\"metadata.labels.gone\",\"op\":\"remove\",\"from\":\"x\"},"
	              "{\"path\":\"spec.containers[1].image\",\"op\":\"replace\",\"from\":\"i:1\","
	              "\"to\":\"i:2\"},"
	              "{\"path\":\"spec.containers[2]\",\"op\":\"add\",\"to\":{\"name\":\"new\"}},"
	              "{\"path\":\"spec.list[1]\",\"op\":\"remove\",\"from\":2}]");
	fake_close(&f);
}

static void new_object(void **state)
{
	struct fake f;

	fake_open(&f);
	diff(&f, NULL, "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"uid\":\"u\"}}");
	assert_false(flag(&f, "exists"));
	assert_false(flag(&f, "same"));
	check_changes(&f, "[{\"path\":\"\",\"op\":\"add\",\"to\":{\"kind\":\"Pod\",\"metadata\":{"
	                  "\"name\":\"p\"}}}]");
	assert_int_equal(ss_doc_get(f.doc, ss_doc_root(f.doc), "live"), SS_NO_NODE);
	fake_close(&f);
}

static void secrets_are_masked(void **state)
{
	struct ss_buf text = SS_BUF_INIT;
	struct fake f;

	fake_open(&f);
	diff_of(&f, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"p\"}}",
	        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{},\"data\":{\"same\":"
	        "\"Y2FuYXJ5\",\"old\":"
	        "\"Y2FuYXJ5\","
	        "\"diff\":\"Y2FuYXJ5\"}}",
	        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{},\"data\":{\"same\":"
	        "\"Y2FuYXJ5\",\"diff\":"
	        "\"Y2FuYXJ5Mg==\","
	        "\"new\":\"Y2FuYXJ5\"}}");
	ss_json_encode(f.doc, ss_doc_root(f.doc), &text);
	assert_null(strstr(text.data, "Y2FuYXJ5"));
	ss_buf_done(&text);
	check_changes(&f, "[{\"path\":\"data.old\",\"op\":\"remove\",\"from\":\"***\"},{\"path\":"
	                  "\"data.diff\",\"op\":"
	                  "\"replace\",\"from\":\"*** (before)\",\"to\":\"*** "
	                  "(after)\"},{\"path\":\"data.new\",\"op\":"
	                  "\"add\",\"to\":\"***\"}]");
	fake_close(&f);
}

static void failures(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f, POD);
	fake_status(fake_take(&f, "GET", PATH), 403, "Forbidden", "no");
	assert_int_equal(f.err.code, SS_ERR_FORBIDDEN);
	assert_string_equal(f.err.op, "diff");
	start(&f, POD);
	fake_reply_type(fake_take(&f, "GET", PATH), 404, "text/plain", "404 page not found");
	assert_int_equal(f.err.code, SS_ERR_NOT_FOUND);
	start(&f, POD);
	fake_status(fake_take(&f, "GET", PATH), 404, "NotFound", "no");
	fake_status(fake_take(&f, "PATCH", "/api*"), 422, "Invalid", "bad");
	assert_int_equal(f.err.code, SS_ERR_INVAL);
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(same),
	        cmocka_unit_test(annotations),
	        cmocka_unit_test(changed),
	        cmocka_unit_test(new_object),
	        cmocka_unit_test(secrets_are_masked),
	        cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
