/* The adapters and overlays of one policy folder that load, for checks: what does
 * not load is passed over. Read once, as they are at that moment. */
#pragma once

#include <stddef.h>

#include "script/adapter/source.h"

struct policy_folder;
struct ss_adapter_version;
struct ss_err;

/* adapters/ and local.d/ of dir, each of which may be missing. SS_ERR_NOMEM, SS_ERR_IO, SS_ERR_LIMIT. */
int policy_folder_load(const char *dir, struct policy_folder **ret, struct ss_err *err);
void policy_folder_free(struct policy_folder *folder); /* NULL is fine */
const char *policy_folder_dir(const struct policy_folder *folder);
/* The texts it was made from. Borrowed, like all below. */
struct ss_sources *policy_folder_sources(const struct policy_folder *folder);
struct ss_adapter_version *const *policy_folder_adapters(const struct policy_folder *folder,
                                                         size_t *ret_n);
/* In the order of layer 2. */
struct ss_adapter_version *const *policy_folder_overlays(const struct policy_folder *folder,
                                                         size_t *ret_n);
