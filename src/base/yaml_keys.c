#include "base/yaml_priv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"

struct ss_yaml_key {
	const char *text; /* NULL = free slot */
	uint32_t len, object;
};

enum { FIRST_SLOTS = 256 };

void ss_yaml_keys_done(struct ss_yaml_keys *keys)
{
	free(keys->slots);
	*keys = (struct ss_yaml_keys){0};
}

void ss_yaml_keys_clear(struct ss_yaml_keys *keys)
{
	if (keys->n)
		memset(keys->slots, 0, keys->cap * sizeof(*keys->slots));
	keys->n = 0;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ (x >> 32);
}

/* Seeded, so that a file cannot be written to collide. */
static uint64_t hash(const struct ss_yaml_keys *keys, const struct ss_yaml_key *key)
{
	uint64_t h = mix(keys->seed ^ key->object), word = 0;
	size_t i = 0;

	for (; i + 8 <= key->len; i += 8) {
		memcpy(&word, key->text + i, 8);
		h = mix(h ^ word);
	}
	word = 0;
	memcpy(&word, key->text + i, key->len - i);
	return mix(h ^ word ^ (uint64_t)key->len << 56);
}

static struct ss_yaml_key *find_slot(const struct ss_yaml_keys *keys, const struct ss_yaml_key *key)
{
	size_t at = hash(keys, key) & (keys->cap - 1);
	struct ss_yaml_key *slot;

	for (;; at = (at + 1) & (keys->cap - 1)) {
		slot = &keys->slots[at];
		if (!slot->text || (slot->object == key->object && slot->len == key->len &&
		                    memcmp(slot->text, key->text, key->len) == 0))
			return slot;
	}
}

static bool grow(struct ss_yaml_keys *keys)
{
	struct ss_yaml_keys more = *keys;

	more.cap = keys->cap ? keys->cap * 2 : FIRST_SLOTS;
	more.slots = calloc(more.cap, sizeof(*more.slots));
	if (!more.slots)
		return false;
	if (!more.seed && getrandom(&more.seed, sizeof(more.seed), GRND_NONBLOCK) < 0)
		more.seed = (uintptr_t)more.slots;
	for (size_t i = 0; i < keys->cap; i++) {
		if (keys->slots[i].text)
			*find_slot(&more, &keys->slots[i]) = keys->slots[i];
	}
	free(keys->slots);
	*keys = more;
	return true;
}

int ss_yaml_keys_add(struct ss_yaml_keys *keys, uint32_t object, const char *key, size_t len)
{
	struct ss_yaml_key wanted = {key, (uint32_t)len, object};
	struct ss_yaml_key *slot;

	if (keys->n * 2 >= keys->cap && !grow(keys))
		return SS_ERR_NOMEM;
	slot = find_slot(keys, &wanted);
	if (slot->text)
		return 0;
	*slot = wanted;
	keys->n++;
	return 1;
}
