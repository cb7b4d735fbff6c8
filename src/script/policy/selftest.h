/* Does what was loaded work? An adapter is built with a sample request, once for
 * each tenant, through the very layers that serve (guard included), and again in the
 * opposite order: a build that depends on anything but its request differs. Pure;
 * uses the adapter's Lua state, so one thread at a time. */
#pragma once

#include "script/policy/layers.h"

struct ss_err;
struct ss_findings;

/* tenants: n of them, NULL = a request without one. What is wrong goes to findings, with the adapter's file. 0 also when something is;
 * SS_ERR_NOMEM. */
int policy_selftest(const struct policy_view *view, const char *const *tenants, size_t n,
                    struct ss_findings *findings, struct ss_err *err);
