/* Lists page by page: what is in memory is a page, whoever reads. */
#include "fake.h"

#define PAGE(rv, more, items)                                                                      \
	"{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv      \
	"\"" more "},\"items\":[" items "]}"
#define TOKEN(t)      ",\"continue\":\"" t "\",\"remainingItemCount\":9"
#define POD(name, rv) "{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" rv "\"}}"
#define PODS          "/api/v1/namespaces/demo/pods?limit="
#define EXPIRED                                                                                    \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{\"continue\":\"rest\"},"         \
	"\"status\":\"Failure\",\"reason\":\"Expired\",\"code\":410}"

static void list(struct fake *f, const struct ss_list_spec *spec)
{
	struct ss_ref ref = {.kind = "pods"};
	struct ss_op *op = NULL;

	fake_forget(f);
	assert_int_equal(ss_kube_list(f->client, &ref, spec, NULL, fake_done, f, &op, NULL), 0);
}

static size_t n_items(const struct fake *f)
{
	return ss_doc_count(f->doc, ss_doc_get(f->doc, ss_doc_root(f->doc), "items"));
}

/* A page of one pod with so much text. */
static char *large_page(size_t len)
{
	static const char before[] = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},"
	                             "\"items\":[{\"metadata\":{\"name\":\"a\"},\"x\":\"",
	                  after[] = "\"}]}";
	char *page = malloc(len + sizeof(before) + sizeof(after));

	memset(page, 'x', len + sizeof(before) - 1);
	memcpy(page, before, sizeof(before) - 1);
	strcpy(page + sizeof(before) - 1 + len, after);
	return page;
}

static void one_page_names_the_next(void **state)
{
	struct ss_list_spec spec = {.one_page = true, .limit = 2};
	struct fake f;

	fake_open(&f);
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "2"), 200, PAGE("7", TOKEN("t1"), POD("a", "1")));
	assert_int_equal(f.n_done, 1);
	assert_string_equal(fake_string(f.doc, "metadata", "continue"), "t1");
	assert_int_equal(n_items(&f), 1);
	assert_string_equal(
	        ss_doc_find_string(
	                f.doc, ss_doc_at(f.doc, ss_doc_get(f.doc, ss_doc_root(f.doc), "items"), 0),
	                "kind", NULL),
	        "Pod");
	spec.token = "t1";
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "2&continue=t1"), 200, PAGE("7", "", POD("b", "1")));
	assert_int_equal(n_items(&f), 1);
	assert_null(fake_string(f.doc, "metadata", "continue"));
	fake_close(&f);
}

/* Some servers name the version of an item, but not its kind. */
static void an_item_says_once_what_it_is(void **state)
{
	struct ss_list_spec spec = {.one_page = true};
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	struct fake f;

	fake_open(&f);
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "500"), 200,
	           PAGE("7", "", "{\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"}}"));
	assert_int_equal(n_items(&f), 1);
	ss_json_encode(f.doc, ss_doc_at(f.doc, ss_doc_get(f.doc, ss_doc_root(f.doc), "items"), 0),
	               &text);
	assert_string_equal(text.data, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
	                               "\"metadata\":{\"name\":\"a\"}}");
	fake_close(&f);
}

/* The rest as it is now, where the server has a token for it and nobody needs one state. */
static void the_rest_of_an_expired_list(void **state)
{
	struct ss_list_spec spec = {.one_page = true, .token = "t1"};
	struct fake f;

	fake_open(&f);
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "500&continue=t1"), 410, EXPIRED);
	fake_reply(fake_take(&f, "GET", PODS "500&continue=rest"), 200,
	           PAGE("9", "", POD("b", "1")));
	assert_int_equal(f.err.code, 0);
	assert_int_equal(n_items(&f), 1);
	/* No loop where it is the same one again, or none. */
	spec.token = "rest";
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "500&continue=rest"), 410, EXPIRED);
	assert_int_equal(f.err.code, SS_ERR_GONE);
	spec.consistent = true;
	spec.token = "t1";
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "500&continue=t1"), 410, EXPIRED);
	assert_int_equal(f.err.code, SS_ERR_GONE);
	assert_true(fake_idle(&f));
	fake_close(&f);
}

/* What is over the limit of a page is stopped on its way, and fewer objects are asked for: this
 * time and the next, until pages are small again. */
static void a_page_that_is_too_large(void **state)
{
	char *large = large_page(5 << 20);
	struct fake f;

	fake_open(&f);
	list(&f, NULL);
	fake_reply(fake_take(&f, "GET", PODS "500"), 200, large);
	assert_int_equal(f.n_cancelled, 1);
	fake_reply(fake_take(&f, "GET", PODS "62"), 200, PAGE("7", TOKEN("t"), POD("a", "1")));
	fake_reply(fake_take(&f, "GET", PODS "124&continue=t"), 200, large);
	fake_reply(fake_take(&f, "GET", PODS "15&continue=t"), 200, large);
	/* One object may be as large as it is. */
	fake_reply(fake_take(&f, "GET", PODS "1&continue=t"), 200, large);
	assert_int_equal(f.err.code, 0);
	assert_int_equal(n_items(&f), 2);
	fake_close(&f);
	free(large);
}

static void an_object_that_is_too_large(void **state)
{
	struct ss_list_spec spec = {.limit = 1};
	char *large = large_page(33 << 20);
	struct fake f;

	fake_open(&f);
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "1"), 200, large);
	assert_int_equal(f.err.code, SS_ERR_LIMIT);
	fake_has(f.err.message, "a page of the list");
	fake_close(&f);
	free(large);
}

/* No page is read for nothing. */
static void a_joined_list_that_is_full_ends(void **state)
{
	struct ss_list_spec spec = {.limit = 1};
	char *large = large_page(20 << 20), *token = strstr(large, "\"metadata\":{}");
	struct fake f;

	/* The members' place is that of padding. */
	assert_non_null(token);
	fake_open(&f);
	list(&f, &spec);
	for (int i = 0; i < 4 && !f.n_done; i++) {
		struct ss_buf page = SS_BUF_INIT;

		ss_buf_add(&page, large, (size_t)(token - large));
		ss_buf_printf(&page, "\"metadata\":{\"continue\":\"t%d\"}", i);
		ss_buf_puts(&page, token + strlen("\"metadata\":{}"));
		fake_reply(fake_take(&f, "GET", PODS "1*"), 200, page.data);
		ss_buf_done(&page);
	}
	assert_int_equal(f.err.code, SS_ERR_LIMIT);
	fake_has(f.err.message, "narrow it by namespace or selector");
	assert_true(fake_idle(&f));
	fake_close(&f);
	free(large);
}

/* Metadata alone is of a kind of its own. */
static void metadata_only(void **state)
{
	struct ss_list_spec spec = {.metadata_only = true};
	struct ss_http_op *r;
	struct fake f;

	fake_open(&f);
	list(&f, &spec);
	r = fake_take(&f, "GET", PODS "500");
	fake_has(r->accept, "as=PartialObjectMetadataList");
	fake_reply(r, 200,
	           "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\","
	           "\"metadata\":{},\"items\":[" POD("a", "1") "]}");
	assert_int_equal(f.err.code, 0);
	assert_int_equal(n_items(&f), 1);
	fake_close(&f);
}

static void enough_items(void **state)
{
	struct ss_list_spec spec = {.max_items = 2};
	struct fake f;

	fake_open(&f);
	list(&f, &spec);
	fake_reply(fake_take(&f, "GET", PODS "500"), 200, PAGE("7", TOKEN("t"), POD("a", "1")));
	fake_reply(fake_take(&f, "GET", PODS "500&continue=t"), 200,
	           PAGE("7", TOKEN("u"), POD("b", "1")));
	assert_int_equal(n_items(&f), 2);
	assert_true(fake_idle(&f));
	fake_close(&f);
}

/* --- watches ------------------------------------------------------------------- */

struct seen {
	struct fake f;
	struct ss_watch *w;
	char log[1000];
	bool pause;
};

static void on_event(void *ud, enum ss_event_type type, struct ss_doc *doc)
{
	static const char *const names[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK"};
	struct seen *s = ud;
	size_t used = strlen(s->log);
	const char *name = fake_string(doc, "metadata", "name");

	snprintf(s->log + used, sizeof(s->log) - used, "%s %s ", names[type], name ? name : "-");
	ss_doc_free(doc);
	if (s->pause)
		ss_watch_pause(s->w, true);
}

static void on_failed(void *ud, const struct ss_err *err)
{
	struct seen *s = ud;

	s->w = NULL;
	ss_err_copy(&s->f.err, err);
}

static void watch(struct seen *s)
{
	static const struct ss_watch_events events = {on_event, on_failed};
	struct ss_watch_spec spec = {.ref = {.kind = "pods"}};

	*s = (struct seen){0};
	fake_open(&s->f);
	assert_int_equal(ss_watch_start(s->f.client, &spec, &events, s, &s->w, NULL), 0);
}

static void a_watch_delivers_page_by_page(void **state)
{
	struct seen s;

	watch(&s);
	fake_reply(fake_take(&s.f, "GET", PODS "500"), 200,
	           PAGE("7", TOKEN("t"), POD("a", "1") "," POD("b", "2")));
	assert_string_equal(s.log, "ADDED a ADDED b ");
	fake_reply(fake_take(&s.f, "GET", PODS "500&continue=t"), 200,
	           PAGE("7", "", POD("c", "3")));
	assert_string_equal(s.log, "ADDED a ADDED b ADDED c BOOKMARK - ");
	fake_take(&s.f, "GET",
	          "/api/v1/namespaces/demo/pods?watch=true&allowWatchBookmarks=true"
	          "&resourceVersion=7&*");
	ss_watch_cancel(s.w);
	fake_close(&s.f);
}

/* A consumer that is slow is not read ahead for. */
static void no_page_before_it_is_wanted(void **state)
{
	struct seen s;

	watch(&s);
	s.pause = true;
	fake_reply(fake_take(&s.f, "GET", PODS "500"), 200,
	           PAGE("7", TOKEN("t"), POD("a", "1") "," POD("b", "2")));
	assert_string_equal(s.log, "ADDED a ");
	ss_watch_pause(s.w, false);
	fake_turn(&s.f);
	assert_string_equal(s.log, "ADDED a ADDED b ");
	assert_true(fake_idle(&s.f));
	s.pause = false;
	ss_watch_pause(s.w, false);
	fake_turn(&s.f);
	fake_take(&s.f, "GET", PODS "500&continue=t");
	ss_watch_cancel(s.w);
	fake_close(&s.f);
}

/* Half of a list is no state to go on from: it begins again, and tells what is new. */
static void a_list_that_expires_in_the_middle(void **state)
{
	struct seen s;

	watch(&s);
	fake_reply(fake_take(&s.f, "GET", PODS "500"), 200,
	           PAGE("7", TOKEN("t"), POD("a", "1") "," POD("b", "2")));
	fake_reply(fake_take(&s.f, "GET", PODS "500&continue=t"), 410, EXPIRED);
	fake_advance(&s.f, 0);
	fake_reply(fake_take(&s.f, "GET", PODS "500"), 200, PAGE("9", TOKEN("u"), POD("a", "1")));
	fake_reply(fake_take(&s.f, "GET", PODS "500&continue=u"), 200,
	           PAGE("9", "", POD("c", "8")));
	assert_string_equal(s.log, "ADDED a ADDED b ADDED c DELETED b BOOKMARK - ");
	ss_watch_cancel(s.w);
	fake_close(&s.f);
}

/* A page that the network lost is asked for again, not the list. */
static void a_page_that_is_lost(void **state)
{
	struct seen s;

	watch(&s);
	fake_reply(fake_take(&s.f, "GET", PODS "500"), 200, PAGE("7", TOKEN("t"), POD("a", "1")));
	fake_end(fake_take(&s.f, "GET", PODS "500&continue=t"), SS_ERR_UNAVAILABLE);
	fake_advance(&s.f, 1000);
	fake_take(&s.f, "GET", PODS "500&continue=t");
	ss_watch_cancel(s.w);
	fake_close(&s.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_page_names_the_next),
	        cmocka_unit_test(an_item_says_once_what_it_is),
	        cmocka_unit_test(the_rest_of_an_expired_list),
	        cmocka_unit_test(a_page_that_is_too_large),
	        cmocka_unit_test(an_object_that_is_too_large),
	        cmocka_unit_test(a_joined_list_that_is_full_ends),
	        cmocka_unit_test(metadata_only),
	        cmocka_unit_test(enough_items),
	        cmocka_unit_test(a_watch_delivers_page_by_page),
	        cmocka_unit_test(no_page_before_it_is_wanted),
	        cmocka_unit_test(a_list_that_expires_in_the_middle),
	        cmocka_unit_test(a_page_that_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
