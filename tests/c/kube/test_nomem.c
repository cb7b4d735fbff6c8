/* Every allocation of every operation fails once, and once for good: an error or a success
 * with less to say, never a crash and never a leak (reliability.md F01). The wrappers come
 * from tests/kube.cmake. */
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

/* The harness itself always gets its memory. */
#define malloc __real_malloc
#define calloc __real_calloc
#include "fake.h"
#undef malloc
#undef calloc

static long countdown = -1; /* allocations until one fails, -1 = none does */
static bool for_good;

static bool fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	if (for_good)
		countdown = 0;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

/* --- a server that answers whatever is asked ------------------------------------ */

static const char sandbox[] =
        "{\"apiVersion\":\"agents.x-k8s.io/v1alpha1\",\"kind\":\"Sandbox\",\"metadata\":{\"name\":"
        "\"s1\"},\"spec\":{\"replicas\":1}}";
static const char pods[] =
        "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"5\"%s},"
        "\"items\":[{\"metadata\":{\"name\":\"s1\",\"uid\":\"u%d\",\"resourceVersion\":\"3\"}},"
        "{\"metadata\":{\"name\":\"p2\"}}]}";
static const char aggregated[] =
        "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{\"name\":\"e.c\"},"
        "\"versions\":[{\"version\":\"v1\",\"resources\":[{\"resource\":\"widgets\","
        "\"responseKind\":"
        "{\"kind\":\"Widget\"},\"scope\":\"Cluster\",\"verbs\":[]}]}]}]}";
static const char leaving[] = "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"s1\",\"uid\":\"u1\","
                              "\"deletionTimestamp\":\"x\"}}";
static const char pending[] =
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"s1\",\"resourceVersion\":\"4\"},\"status\":"
        "{\"phase\":\"Pending\"}}";
static const char not_found[] =
        "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"code\":404,\"message\":\"m\",\"details\":"
        "{\"causes\":[{\"field\":\"a\"}]}}";
static const char changes[] =
        "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Sandbox\",\"metadata\":{\"name\":\"s1\","
        "\"uid\":"
        "\"u1\",\"generation\":1,\"resourceVersion\":\"9\"},\"status\":{\"conditions\":[{\"type\":"
        "\"Ready\",\"status\":\"False\",\"reason\":\"DependenciesNotReady\",\"message\":\"m\"}]}}}"
        "\n"
        "{\"object\":{\"metadata\":{\"name\":\"x\"}},\"type\":\"ADDED\"}\n";
static const char history_lost[] =
        "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\","
        "\"details\":{\"causes\":[{\"reason\":\"x\"}]}}}\n";

static void answer(struct ss_http_op *op, int round)
{
	bool get = !strcmp(op->method, "GET");
	char body[1024];

	if (op->stream) {
		fake_head(op, 200);
	} else if (!strcmp(op->path, "/apis/agents.x-k8s.io")) {
		fake_reply(op, 200, "{\"versions\":[{\"version\":\"v1beta1\"}]}");
	} else if (strstr(op->path, "/sandboxes/s1")) {
		fake_reply(op, get ? 404 : 200, get ? not_found : sandbox);
	} else if (!strcmp(op->path, "/apis") || !strcmp(op->path, "/api")) {
		fake_reply(op, 200, aggregated);
	} else if (!strcmp(op->method, "DELETE")) {
		fake_reply(op, 200, leaving);
	} else if (strstr(op->path, "?limit")) {
		snprintf(body, sizeof(body), pods,
		         strstr(op->path, "limit=2") && !strstr(op->path, "continue")
		                 ? ",\"continue\":\"t\""
		                 : "",
		         round % 3);
		fake_reply(op, 200, body);
	} else {
		fake_reply(op, 200, pending);
	}
}

/* One request is answered per round, or one stream says something. */
static void serve(struct fake *f, int rounds)
{
	struct ss_http_op *op;

	for (int round = 1; round <= rounds; round++) {
		fake_advance(f, 400);
		for (op = f->ops; op && op->taken; op = op->next)
			continue;
		if (op) {
			op->taken = true;
			answer(op, round);
			continue;
		}
		for (op = f->ops; op && !op->stream; op = op->next)
			continue;
		if (op)
			fake_data(op, round % 5 ? changes : history_lost,
			          strlen(round % 5 ? changes : history_lost));
	}
}

/* --- the operations ------------------------------------------------------------------ */

struct inputs {
	struct ss_doc *object, *merge, *operations;
};

static void on_event(void *ud, enum ss_event_type type, struct ss_doc *doc)
{
	ss_doc_free(doc);
}

static void on_failed(void *ud, const struct ss_err *err)
{
}

static const struct ss_ref one_sandbox = {
        .kind = "Sandbox", .api_version = "agents.x-k8s.io/v1alpha1", .name = "s1", .uid = "u1"};
static const struct ss_ref one_pod = {.kind = "Pod", .name = "s1"};
static const struct ss_ref all_pods = {.kind = "pods"};

static void write_object(struct fake *f, const struct inputs *in, int which)
{
	struct ss_call call = {.want_change = true, .dry_run = which == 1};
	const struct ss_doc *d = in->object;
	ss_node n = ss_doc_root(d);
	struct ss_op *op;

	if (which < 2)
		ss_kube_apply(f->client, d, n, NULL, &call, fake_done, f, &op, &f->err);
	else if (which == 2)
		ss_kube_create(f->client, d, n, NULL, NULL, fake_done, f, &op, &f->err);
	else
		ss_kube_diff(f->client, d, n, NULL, NULL, fake_done, f, &op, &f->err);
}

static void patch(struct fake *f, const struct inputs *in, int which)
{
	const struct ss_doc *d = which ? in->operations : in->merge;
	struct ss_op *op;

	ss_kube_patch(f->client, &one_sandbox, which ? SS_PATCH_JSON : SS_PATCH_MERGE, d,
	              ss_doc_root(d), NULL, NULL, fake_done, f, &op, &f->err);
}

static void read_objects(struct fake *f, const struct inputs *in, int which)
{
	struct ss_ref widget = {.kind = "widgets", .name = "w"};
	struct ss_list_spec paged = {.limit = 2, .label_selector = "a"};
	struct ss_op *op;

	if (which == 0)
		ss_kube_get(f->client, &widget, NULL, fake_done, f, &op, &f->err);
	else if (which == 1)
		ss_kube_list(f->client, &all_pods, &paged, NULL, fake_done, f, &op, &f->err);
	else if (which == 2)
		ss_kube_kinds(f->client, NULL, fake_done, f, &op, &f->err);
	else
		ss_kube_events(f->client, &one_pod, NULL, fake_done, f, &op, &f->err);
}

static void delete_objects(struct fake *f, const struct inputs *in, int which)
{
	struct ss_delete_spec spec = {.label_selector = "a", .wait = true};
	struct ss_op *op;

	ss_kube_delete(f->client, &all_pods, &spec, NULL, fake_done, f, &op, &f->err);
}

static void watch(struct fake *f, const struct inputs *in, int which)
{
	static const struct ss_watch_events events = {on_event, on_failed};
	struct ss_watch_spec spec = {.ref = all_pods, .label_selector = "x"};
	struct ss_watch *w;

	ss_watch_start(f->client, &spec, &events, f, &w, &f->err);
}

static void wait(struct fake *f, const struct inputs *in, int which)
{
	struct ss_wait_spec spec = {.ref = which == 1 ? one_pod : one_sandbox,
	                            .terminal_causes = true,
	                            .timeout_ms = 9000};
	struct ss_wait *w;

	if (which == 0)
		spec.resource_version = "5";
	if (which == 2) {
		spec.object_doc = in->object;
		spec.object = ss_doc_root(in->object);
	}
	ss_wait_start(f->client, &spec, fake_done, f, &w, &f->err);
}

static const struct {
	const char *name;
	void (*start)(struct fake *f, const struct inputs *in, int which);
	int which;
} operations[] = {
        {"apply", write_object, 0},      {"apply, dry", write_object, 1},
        {"create", write_object, 2},     {"diff", write_object, 3},
        {"merge patch", patch, 0},       {"JSON patch", patch, 1},
        {"get", read_objects, 0},        {"list", read_objects, 1},
        {"kinds", read_objects, 2},      {"events", read_objects, 3},
        {"delete", delete_objects, 0},   {"watch", watch, 0},
        {"wait from a write", wait, 0},  {"wait", wait, 1},
        {"wait for an object", wait, 2},
};

/* True when the n-th allocation was never reached. */
static bool run(size_t i, long n, const struct inputs *in)
{
	bool survived;
	struct fake f;

	fake_open(&f);
	f.touches = true;
	countdown = n;
	operations[i].start(&f, in, operations[i].which);
	serve(&f, 24);
	survived = countdown > 0;
	countdown = -1;
	fake_close(&f);
	return survived;
}

static void every_allocation(void **state)
{
	struct inputs in = {
	        fake_json(sandbox),
	        fake_json("{\"spec\":{\"replicas\":0}}"),
	        fake_json("[{\"op\":\"add\",\"path\":\"/spec/replicas\",\"value\":1}]"),
	};
	long n;

	for (size_t i = 0; i < SS_ARRAY_LEN(operations) * 2; i++) {
		for_good = i % 2;
		for (n = 0; n < 2000 && !run(i / 2, n, &in); n++)
			continue;
		if (n < 5 || n == 2000)
			fail_msg("%s: %ld allocations", operations[i / 2].name, n);
	}
	ss_doc_free(in.object);
	ss_doc_free(in.merge);
	ss_doc_free(in.operations);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
