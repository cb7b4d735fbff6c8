/* A walk over a value with its schema at hand, reporting what does not fit. */
#pragma once

#include "embed/typed.h"

enum ss_walk_problem {
	SS_WALK_UNKNOWN, /* a member that is not declared */
	SS_WALK_NULL,    /* a null member */
	SS_WALK_TYPE,    /* of another JSON type */
	SS_WALK_FORMAT,  /* text that is no time, quantity or base64 */
	SS_WALK_KEY, /* an item of a keyed list without its key (key NULL) or with one seen before */
	SS_WALK_NO_DEFAULT_KEY, /* an item that lacks a key field which has a default */
	SS_WALK_MISSING,        /* a required member is absent; path is that of the member */
	SS_WALK_VALUE,  /* of the type, but none of its words, not of its form, or out of its range;
	                * key: a key of a map that is not of the map's form */
	SS_WALK_ONE_OF, /* none, or more than one, of the members of which one must be there */
};
/* path is spelled spec.containers[0].name; everything is borrowed for the call. */
typedef void (*ss_walk_fn)(void *ud, enum ss_walk_problem what, const struct ss_schema *schema,
                           struct ss_value value, const char *path, const char *key);
/* Is it one of the words of "A|B"? */
bool ss_is_word_of(const char *words, const char *word, size_t len);
/* 0 or SS_ERR_NOMEM. */
int ss_walk(struct ss_pool *pool, const struct ss_schema *schema, struct ss_value value,
            ss_walk_fn fn, void *ud);
