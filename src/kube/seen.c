#include "kube/seen.h"

#include <stdlib.h>
#include <string.h>

static const char *text_or_empty(const char *s)
{
	return s ? s : "";
}

/* FNV-1a of "namespace/name" */
static uint64_t hash_of(const char *namespace_, const char *name)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *namespace_; namespace_++)
		h = (h ^ (unsigned char)*namespace_) * 0x100000001b3u;
	h = (h ^ '/') * 0x100000001b3u;
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3u;
	return h;
}

void ss_seen_done(struct ss_seen *seen)
{
	struct ss_seen_entry *e, *next;

	for (size_t i = 0; i < seen->n_buckets; i++)
		for (e = seen->buckets[i]; e; e = next) {
			next = e->next;
			free(e);
		}
	free(seen->buckets);
	*seen = (struct ss_seen){0};
}

static struct ss_seen_entry **slot(const struct ss_seen *seen, uint64_t hash,
                                   const char *namespace_, const char *name)
{
	struct ss_seen_entry **at = &seen->buckets[hash & (seen->n_buckets - 1)];

	while (*at && ((*at)->hash != hash || strcmp((*at)->name, name) ||
	               strcmp((*at)->namespace_, namespace_)))
		at = &(*at)->next;
	return at;
}

struct ss_seen_entry *ss_seen_find(const struct ss_seen *seen, const char *namespace_,
                                   const char *name)
{
	namespace_ = text_or_empty(namespace_);
	name = text_or_empty(name);
	return seen->n_buckets ? *slot(seen, hash_of(namespace_, name), namespace_, name) : NULL;
}

static bool grow(struct ss_seen *seen)
{
	size_t n = seen->n_buckets ? seen->n_buckets * 2 : 16;
	struct ss_seen_entry **buckets = calloc(n, sizeof(struct ss_seen_entry *)), *e, *next;

	if (!buckets)
		return false;
	for (size_t i = 0; i < seen->n_buckets; i++)
		for (e = seen->buckets[i]; e; e = next) {
			next = e->next;
			e->next = buckets[e->hash & (n - 1)];
			buckets[e->hash & (n - 1)] = e;
		}
	free(seen->buckets);
	seen->buckets = buckets;
	seen->n_buckets = n;
	return true;
}

static const char *place(char **at, const char *s)
{
	size_t len = strlen(s) + 1;
	char *p = memcpy(*at, s, len);

	*at += len;
	return p;
}

bool ss_seen_put(struct ss_seen *seen, const char *namespace_, const char *name, const char *uid,
                 const char *version, unsigned round)
{
	struct ss_seen_entry **at, *e;
	char *text;

	namespace_ = text_or_empty(namespace_);
	name = text_or_empty(name);
	uid = text_or_empty(uid);
	version = text_or_empty(version);
	if (seen->n >= SS_SEEN_MAX || (seen->n >= seen->n_buckets && !grow(seen)))
		return false;
	e = malloc(sizeof(*e) + strlen(namespace_) + strlen(name) + strlen(uid) + strlen(version) +
	           4);
	if (!e)
		return false;
	text = e->text;
	e->hash = hash_of(namespace_, name);
	e->round = round;
	e->namespace_ = place(&text, namespace_);
	e->name = place(&text, name);
	e->uid = place(&text, uid);
	e->version = place(&text, version);
	at = slot(seen, e->hash, namespace_, name);
	e->next = *at ? (*at)->next : NULL;
	seen->n += !*at;
	free(*at);
	*at = e;
	return true;
}

void ss_seen_remove(struct ss_seen *seen, const char *namespace_, const char *name)
{
	struct ss_seen_entry **at, *e;

	namespace_ = text_or_empty(namespace_);
	name = text_or_empty(name);
	if (!seen->n_buckets)
		return;
	at = slot(seen, hash_of(namespace_, name), namespace_, name);
	e = *at;
	if (!e)
		return;
	*at = e->next;
	free(e);
	seen->n--;
}

struct ss_seen_entry *ss_seen_missing(const struct ss_seen *seen, unsigned round, size_t *at)
{
	for (; *at < seen->n_buckets; ++*at)
		for (struct ss_seen_entry *e = seen->buckets[*at]; e; e = e->next)
			if (e->round != round)
				return e;
	return NULL;
}
