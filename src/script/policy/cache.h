/* The last good set of a policy folder, on disk: what a restart of a watching process
 * falls back to for a file that does not load any more.
 *
 * One file per folder below $XDG_STATE_HOME/sandscript (0700), mode 0600: a line with
 * the SHA-256 of the rest, then JSON with the texts of every version that served,
 * each under its own SHA-256. A file that is a link, another owner's, readable by
 * others or damaged is not used. */
#pragma once

#include "script/adapter/adapter.h"

struct policy_cache;
struct policy_generation;
struct ss_err;

/* Where the set of dir is kept, malloc'd. NULL: no memory, or there is no home. */
char *policy_cache_path(const char *dir);
/* Any thread: reads what never changes. SS_ERR_NOMEM, SS_ERR_IO, SS_ERR_LIMIT. */
int policy_cache_save(const struct policy_generation *g, const char *dir, const char *path,
                      struct ss_err *err);
/* SS_ERR_NOT_FOUND when there is none, SS_ERR_CONFIG for one that is not used: says why. */
int policy_cache_open(const char *dir, const char *path, struct policy_cache **ret,
                      struct ss_err *err);
void policy_cache_free(struct policy_cache *cache); /* NULL is fine */
/* When it was kept, RFC 3339; borrowed. */
const char *policy_cache_saved(const struct policy_cache *cache);
/* Load the version of rel again, from the kept texts alone. *ret is NULL when it has none, or when
 * this program does not accept it any more. SS_ERR_NOMEM. */
int policy_cache_load(struct policy_cache *cache, const char *rel, struct ss_adapter_version **ret,
                      struct ss_err *err);
