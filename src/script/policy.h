/* Policies: a folder of adapter files, loaded as one generation.
 * Each adapter lives in a Lua state of its own (pure function of its input: no
 * I/O, no clock, no randomness; globals frozen after load; budgets of design.md
 * section 2); values cross as documents. An adapter file returns
 * `adapter { name = …, … }` (design.md section 3). Not thread safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"

struct ss_err;
struct ss_guard;
struct ss_policy;

/* dir: holds adapters/NAME.lua (and modules they require: adapters/?.lua, lib/?.lua). A file that
 * fails is recorded (ss_policy_failures) and the others serve. SS_ERR_NOT_FOUND, SS_ERR_IO for dir itself. */
int ss_policy_load(const char *dir, struct ss_policy **ret, struct ss_err *err);
void ss_policy_free(struct ss_policy *policy);
/* Waivers for layer 6; borrowed; NULL = none. */
void ss_policy_set_guard(struct ss_policy *policy, const struct ss_guard *guard);
int64_t ss_policy_generation(const struct ss_policy *policy);

struct ss_policy_result {
	int64_t generation;
	char sha256[65]; /* of the adapter's file and the modules it required */
};
enum ss_policy_caller {
	SS_POLICY_OPERATOR, /* --set, a script: may set every field */
	SS_POLICY_REQUEST,  /* untrusted: policy fields only as far as the adapter's `allow` says */
};
/* adapter + request -> manifest: declared fields, overlays of the request's tenant, request, build
 * hook, C builder, guard (design.md section 3). The request is an input of the builder, with
 * `tenant` (a DNS label) beside. apiVersion defaults to v1beta1, adapterType to the
 * adapter's name. SS_ERR_NOT_FOUND (with a suggestion; a failed adapter names its failure),
 * SS_ERR_INVAL, SS_ERR_POLICY, SS_ERR_SCRIPT, SS_ERR_LIMIT, SS_ERR_TIMEOUT. */
int ss_policy_build(struct ss_policy *policy, const char *adapter, const struct ss_doc *request,
                    ss_node node, enum ss_policy_caller caller, struct ss_doc *out,
                    struct ss_policy_result *result, struct ss_err *err);

/* Array of {name, file, sha256, hooks: [..]}, sorted by name. */
int ss_policy_list(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err);
/* Array of {name, file, line, path, message, since, held}: what does not serve in its newest content;
 * held: an older version does. */
int ss_policy_failures(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err);
/* The adapter's declared fields (image, env, egress, probe, …) with the overlays of the tenant
 * (NULL = none), plus file and sha256. Errors as ss_policy_build's for the adapter. */
int ss_policy_get(const struct ss_policy *policy, const char *adapter, const char *tenant,
                  struct ss_doc *out, struct ss_err *err);
