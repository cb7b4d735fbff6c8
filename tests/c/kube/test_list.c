/* Lists: pages, expired tokens, what the items are (K31, K32); events. */
#include "base/log.h"
#include "fake.h"

static struct ss_op *start(struct fake *f, const struct ss_list_spec *spec)
{
	struct ss_ref ref = {.kind = "pods"};
	struct ss_op *op = NULL;

	assert_int_equal(ss_kube_list(f->client, &ref, spec, NULL, fake_done, f, &op, NULL), 0);
	return op;
}

static const char *item_name(const struct fake *f, size_t i)
{
	ss_node items = ss_doc_get(f->doc, ss_doc_root(f->doc), "items");

	return ss_doc_find_string(f->doc, ss_doc_at(f->doc, items, i), "metadata", "name", NULL);
}

static size_t n_items(const struct fake *f)
{
	return ss_doc_count(f->doc, ss_doc_get(f->doc, ss_doc_root(f->doc), "items"));
}

#define PAGE(rv, more, items)                                                                      \
	"{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv      \
	"\"" more "},\"items\":[" items "]}"
#define TOKEN(t) ",\"continue\":\"" t "\",\"remainingItemCount\":9"
#define POD(n)   "{\"metadata\":{\"name\":\"" n "\"},\"spec\":{\"x\":1}}"

static void one_page(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api/v1/namespaces/demo/pods?limit=500"), 200,
	           PAGE("7", "", POD("a") "," POD("b")));
	assert_int_equal(n_items(&f), 2);
	assert_string_equal(item_name(&f, 1), "b");
	assert_string_equal(fake_string(f.doc, "metadata", "resourceVersion"), "7");
	fake_close(&f);
}

/* Items of built-in kinds come without apiVersion and kind. */
static void items_are_objects(void **state)
{
	ss_node item;
	struct fake f;

	fake_open(&f);
	start(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api*"), 200, PAGE("7", "", POD("a")));
	item = ss_doc_at(f.doc, ss_doc_get(f.doc, ss_doc_root(f.doc), "items"), 0);
	assert_string_equal(ss_doc_find_string(f.doc, item, "kind", NULL), "Pod");
	assert_string_equal(ss_doc_find_string(f.doc, item, "apiVersion", NULL), "v1");
	fake_close(&f);
}

static void pages_are_joined(void **state)
{
	struct ss_list_spec spec = {.label_selector = "a=b",
	                            .field_selector = "x!=y",
	                            .all_namespaces = true,
	                            .limit = 2};
	struct fake f;

	fake_open(&f);
	start(&f, &spec);
	fake_reply(fake_take(&f, "GET",
	                     "/api/v1/pods?limit=2&labelSelector=a%3Db&fieldSelector=x%21%3Dy"),
	           200, PAGE("7", TOKEN("t/1"), POD("a") "," POD("b")));
	fake_reply(fake_take(&f, "GET",
	                     "/api/v1/pods?limit=2&labelSelector=a%3Db&fieldSelector=x%21%3Dy"
	                     "&continue=t%2F1"),
	           200, PAGE("7", TOKEN("t2"), POD("c")));
	fake_reply(fake_take(&f, "GET", "/api/v1/pods?limit=2&*"), 200, PAGE("7", "", POD("d")));
	assert_int_equal(n_items(&f), 4);
	assert_string_equal(item_name(&f, 3), "d");
	assert_string_equal(fake_string(f.doc, "kind", NULL), "PodList");
	assert_null(fake_string(f.doc, "metadata", "continue"));
	assert_string_equal(fake_string(f.doc, "metadata", "resourceVersion"), "7");
	fake_close(&f);
}

/* K32: the token is dropped and everything listed at once; what was read is not kept. */
static void expired_token(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api*"), 200, PAGE("7", TOKEN("t1"), POD("a")));
	fake_reply(fake_take(&f, "GET", "/api/v1/namespaces/demo/pods?limit=500&continue=t1"), 410,
	           "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{\"continue\":"
	           "\"inconsistent\"},"
	           "\"status\":\"Failure\",\"reason\":\"Expired\",\"code\":410}");
	fake_reply(fake_take(&f, "GET", "/api/v1/namespaces/demo/pods"), 200,
	           PAGE("9", "", POD("b")));
	assert_int_equal(n_items(&f), 1);
	assert_string_equal(item_name(&f, 0), "b");
	fake_close(&f);
}

/* Without a token 410 is an error like any other: no loop. */
static void expired_at_once(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f, NULL);
	fake_status(fake_take(&f, "GET", "/api*"), 410, "Expired", "too old");
	assert_int_equal(f.err.code, SS_ERR_GONE);
	assert_true(fake_idle(&f));
	assert_string_equal(f.err.object, "pods in namespace demo");
	fake_close(&f);
}

static void failure_and_cancel_between_pages(void **state)
{
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	start(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api*"), 200, PAGE("7", TOKEN("t1"), POD("a")));
	fake_end(fake_take(&f, "GET", "/api*"), SS_ERR_UNAVAILABLE);
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_forget(&f);
	op = start(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api*"), 200, PAGE("7", TOKEN("t1"), POD("a")));
	ss_op_cancel(op);
	assert_true(fake_idle(&f));
	assert_int_equal(f.n_done, 0);
	fake_close(&f);
}

static void empty_and_odd_lists(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api*"), 200,
	           "{\"kind\":\"PodList\",\"metadata\":{},\"items\":null}");
	assert_int_equal(f.err.code, 0);
	assert_int_equal(n_items(&f), 0);
	assert_int_equal(ss_doc_type(f.doc, ss_doc_get(f.doc, ss_doc_root(f.doc), "items")),
	                 SS_ARRAY);
	fake_close(&f);
}

static void keep_line(void *ud, const char *line, size_t len)
{
	struct ss_buf *log = ud;

	ss_buf_add(log, line, len);
	ss_buf_putc(log, '\n');
}

/* One object that cannot be shown is left out and told; the others are there. */
static void odd_items_hide_no_others(void **state)
{
	static char deep[1000];
	static const struct {
		const char *item, *why;
	} cases[] = {
	        {"null", "is left out: it is no object with metadata\n"},
	        {"\"a,]\"", "it is no object with metadata\n"},
	        {"{\"metadata\":null}", "it is no object with metadata\n"},
	        {"{\"metadata\":{\"name\":\"x\"},\"a\":1,\"a\":2}",
	         "(x) of what https://fake:6443 answered is left out: line 1, column 34: duplicate "
	         "object key"},
	        {"{\"metadata\":{\"name\":\"\xff\"}}", "unable to decode byte 0xff"},
	        {deep, "nested deeper than 128 levels"},
	};
	size_t n = strlen(strcpy(deep, "{\"metadata\":{\"name\":\"x\"},\"a\":"));
	struct fake f;

	memset(deep + n, '[', 300);
	memset(deep + n + 300, ']', 300);
	strcpy(deep + n + 600, "}");
	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(cases); i++) {
		struct ss_buf log SS_AUTO_BUF = SS_BUF_INIT, page SS_AUTO_BUF = SS_BUF_INIT;

		ss_log_set_sink(keep_line, &log);
		ss_buf_printf(&page, PAGE("1", "", "%s, %s ,%s,%s"), POD("a"), cases[i].item,
		              POD("b"), cases[i].item);
		start(&f, NULL);
		fake_reply(fake_take(&f, "GET", "/api*"), 200, page.data);
		ss_log_set_sink(NULL, NULL);
		assert_int_equal(f.err.code, 0);
		assert_int_equal(n_items(&f), 2);
		assert_string_equal(item_name(&f, 0), "a");
		assert_string_equal(item_name(&f, 1), "b");
		fake_has(log.data, "list pods: items[1]");
		fake_has(log.data, "list pods: items[3]");
		fake_has(log.data, cases[i].why);
	}
	fake_close(&f);
}

/* A list that is odd as a whole stays an error. */
static void a_list_that_is_none(void **state)
{
	static const char *const texts[] = {
	        "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{}},",
	        "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{}} {\"metadata\":{}}]}",
	        "{\"kind\":\"PodList\",\"kind\":\"PodList\",\"items\":[{\"metadata\":{}}]}",
	        "{\"kind\":\"PodList\",\"items\":[1,]}", "[{\"metadata\":{}}]"};
	struct fake f;

	fake_open(&f);
	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++) {
		start(&f, NULL);
		fake_reply(fake_take(&f, "GET", "/api*"), 200, texts[i]);
		assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	}
	fake_close(&f);
}

static void a_token_that_leads_nowhere(void **state)
{
	struct fake f;

	fake_open(&f);
	start(&f, NULL);
	fake_reply(fake_take(&f, "GET", "/api*"), 200, PAGE("7", TOKEN("t"), POD("a")));
	fake_reply(fake_take(&f, "GET", "/api*"), 200, PAGE("7", TOKEN("t"), POD("a")));
	assert_int_equal(f.err.code, SS_ERR_UNAVAILABLE);
	fake_has(f.err.message, "continues the list with the page that it just gave");
	fake_close(&f);
}

static void events_are_sorted(void **state)
{
	struct ss_ref ref = {.kind = "Sandbox", .name = "s1", .uid = "u1"};
	struct ss_op *op;
	struct fake f;

	fake_open(&f);
	assert_int_equal(ss_kube_events(f.client, &ref, NULL, fake_done, &f, &op, NULL), 0);
	fake_agents(&f, "v1beta1");
	fake_reply(
	        fake_take(&f, "GET",
	                  "/api/v1/namespaces/demo/events?limit=500&fieldSelector="
	                  "involvedObject.name%3Ds1%2CinvolvedObject.kind%3DSandbox%2C"
	                  "involvedObject.uid%3Du1"),
	        200,
	        "{\"kind\":\"EventList\",\"metadata\":{},\"items\":["
	        "{\"metadata\":{},\"reason\":\"third\",\"lastTimestamp\":\"2026-01-01T00:00:09Z\"},"
	        "{\"reason\":\"first\",\"metadata\":{\"creationTimestamp\":\"2026-"
	        "01-01T00:00:"
	        "01Z\"}},"
	        "{\"metadata\":{},\"reason\":\"second\",\"eventTime\":\"2026-01-01T00:00:05.5Z\","
	        "\"lastTimestamp\":null}]}");
	assert_int_equal(f.err.code, 0);
	assert_string_equal(
	        ss_doc_find_string(f.doc, ss_doc_at(f.doc, ss_doc_root(f.doc), 0), "reason", NULL),
	        "first");
	assert_string_equal(
	        ss_doc_find_string(f.doc, ss_doc_at(f.doc, ss_doc_root(f.doc), 2), "reason", NULL),
	        "third");
	assert_int_equal(ss_kube_events(f.client, &ref, NULL, fake_done, &f, &op, NULL), 0);
	fake_status(fake_take(&f, "GET", "/api*"), 403, "Forbidden", "no events for you");
	assert_string_equal(f.err.op, "events");
	assert_string_equal(f.err.object, "Sandbox demo/s1");
	assert_int_equal(ss_kube_events(f.client, &ref, NULL, fake_done, &f, &op, NULL), 0);
	ss_op_cancel(op);
	fake_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_page),
	        cmocka_unit_test(items_are_objects),
	        cmocka_unit_test(pages_are_joined),
	        cmocka_unit_test(expired_token),
	        cmocka_unit_test(expired_at_once),
	        cmocka_unit_test(failure_and_cancel_between_pages),
	        cmocka_unit_test(empty_and_odd_lists),
	        cmocka_unit_test(odd_items_hide_no_others),
	        cmocka_unit_test(a_list_that_is_none),
	        cmocka_unit_test(a_token_that_leads_nowhere),
	        cmocka_unit_test(events_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
