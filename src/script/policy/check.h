/* `sandscript check` for the files of a policy folder: everything that is wrong with
 * each. What loads is also tried (policy/selftest.h). */
#pragma once

#include "base/doc.h"

struct ss_err;
struct ss_findings;
struct ss_guard;
struct ss_policy_check;

/* guard: waivers for the builds; borrowed, NULL = none. SS_ERR_NOMEM. */
int ss_policy_check_new(const struct ss_guard *guard, struct ss_policy_check **ret,
                        struct ss_err *err);
void ss_policy_check_free(struct ss_policy_check *check); /* NULL is fine */
/* One file: DIR/adapters/NAME.lua, built for each tenant that an overlay of the folder names;
 * DIR/local.d/NAME.lua, with the adapters it is for; or an adapter elsewhere, whose folder is then
 * its own. A folder is read when its first file is checked. Adds to findings; 0, SS_ERR_NOMEM, and
 * SS_ERR_IO or SS_ERR_LIMIT for the folder. */
int ss_policy_check_file(struct ss_policy_check *check, const char *path,
                         struct ss_findings *findings, struct ss_err *err);
