/* The floor for `apply`: one libcurl multi loop that sends prepared bodies over
 * one HTTP/2 connection and throws the answers away. No JSON is built or read.
 *   apply_curl BODY_PREFIX BODY_SUFFIX PREFIX COUNT WIDTH
 * The body is prefix + name + suffix. From the environment: BENCH_URL (of the
 * collection), BENCH_CA (file), BENCH_TOKEN. Exits 1 when a request fails. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	CURL *easy;
	char url[512];
	char *body;
};

struct bench {
	const char *head, *tail, *prefix, *url;
	long count, next, failed;
	CURLM *multi;
	struct curl_slist *headers;
};

static size_t discard(char *data, size_t size, size_t n, void *ud)
{
	(void)data;
	(void)ud;
	return size * n;
}

static void send_next(struct bench *b, struct slot *slot)
{
	size_t room = strlen(b->head) + strlen(b->tail) + strlen(b->prefix) + 32;
	long i = b->next++;
	int len;

	snprintf(slot->url, sizeof(slot->url), "%s/%s-%ld?fieldManager=curl", b->url, b->prefix, i);
	free(slot->body);
	slot->body = malloc(room);
	if (!slot->body)
		exit(1);
	len = snprintf(slot->body, room, "%s%s-%ld%s", b->head, b->prefix, i, b->tail);
	curl_easy_setopt(slot->easy, CURLOPT_URL, slot->url);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->body);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE, (long)len);
	curl_multi_add_handle(b->multi, slot->easy);
}

static void slot_init(struct bench *b, struct slot *slot)
{
	slot->easy = curl_easy_init();
	if (!slot->easy)
		exit(1);
	curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
	curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, "PATCH");
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, b->headers);
	curl_easy_setopt(slot->easy, CURLOPT_CAINFO, getenv("BENCH_CA"));
	curl_easy_setopt(slot->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(slot->easy, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, discard);
}

/* The number of requests started anew. */
static int collect(struct bench *b)
{
	CURLMsg *message;
	int left, started = 0;

	while ((message = curl_multi_info_read(b->multi, &left))) {
		struct slot *slot;
		long status = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		if (message->data.result != CURLE_OK || status / 100 != 2) {
			fprintf(stderr, "apply_curl: %s: %s, status %ld\n", slot->url,
			        curl_easy_strerror(message->data.result), status);
			b->failed++;
		}
		curl_multi_remove_handle(b->multi, slot->easy);
		if (b->next < b->count && !b->failed) {
			send_next(b, slot);
			started++;
		}
	}
	return started;
}

static void run(struct bench *b, struct slot *slots, long width)
{
	int running, started;

	for (long i = 0; i < width && b->next < b->count; i++) {
		slot_init(b, &slots[i]);
		send_next(b, &slots[i]);
	}
	do {
		curl_multi_perform(b->multi, &running);
		started = collect(b);
		if (running && !started)
			curl_multi_poll(b->multi, NULL, 0, 1000, NULL);
	} while (running || started);
	for (long i = 0; i < width; i++) {
		curl_easy_cleanup(slots[i].easy);
		free(slots[i].body);
	}
}

int main(int argc, char **argv)
{
	char authorization[256];
	struct slot *slots;
	struct bench b = {0};
	long width;

	if (argc != 6 || !getenv("BENCH_URL") || !getenv("BENCH_TOKEN")) {
		fprintf(stderr, "usage: apply_curl BODY_PREFIX BODY_SUFFIX PREFIX COUNT WIDTH\n");
		return 2;
	}
	b = (struct bench){.head = argv[1],
	                   .tail = argv[2],
	                   .prefix = argv[3],
	                   .url = getenv("BENCH_URL"),
	                   .count = atol(argv[4])};
	width = atol(argv[5]);
	slots = calloc((size_t)width, sizeof(*slots));
	snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s",
	         getenv("BENCH_TOKEN"));
	b.headers = curl_slist_append(NULL, "Content-Type: application/apply-patch+yaml");
	b.headers = curl_slist_append(b.headers, "Accept: application/json");
	b.headers = curl_slist_append(b.headers, authorization);
	b.multi = curl_multi_init();
	if (!slots || !b.headers || !b.multi)
		return 1;
	curl_multi_setopt(b.multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
	run(&b, slots, width);
	curl_multi_cleanup(b.multi);
	curl_slist_free_all(b.headers);
	free(slots);
	return b.failed ? 1 : 0;
}
