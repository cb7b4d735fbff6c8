/* Policies: a folder of adapter files, loaded as one generation; loaded anew, while
 * it serves, without a pause: policy.reload(), or whenever a file changes.
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
struct ss_loop;
struct ss_policy;
struct ss_policy_wait;

/* dir: holds adapters/NAME.lua (and modules they require: adapters/?.lua, lib/?.lua). A file that
 * fails is recorded (ss_policy_failures) and the others serve. SS_ERR_NOT_FOUND, SS_ERR_IO for dir itself. */
int ss_policy_load(const char *dir, struct ss_policy **ret, struct ss_err *err);
struct ss_policy_options {
	const struct ss_guard *guard; /* waivers for layer 6; borrowed; NULL = none */
	struct ss_loop *loop;         /* NULL: it is loaded once only */
	/* Load anew whenever a file changes. What is loaded, at the start as well, must build
	 * before it serves. Keeps the loop active. */
	bool watch;
};
/* The same with options. */
int ss_policy_open(const char *dir, const struct ss_policy_options *options, struct ss_policy **ret,
                   struct ss_err *err);
void ss_policy_free(struct ss_policy *policy); /* NULL is fine; before the loop */
/* Other waivers from now on. */
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

struct ss_build_field;
#define SS_POLICY_API_VERSION "agents.x-k8s.io/v1beta1"
/* What a build has for a field that neither the policy nor the request gives, in words; NULL = nothing. */
const char *ss_policy_fallback(const struct ss_build_field *field);

/* Array of {name, file, sha256, hooks: [..]}, sorted by name. */
int ss_policy_list(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err);
/* Array of {name, file, line, path, message, since, held}: what does not serve in its newest content;
 * held: an older version does. */
int ss_policy_failures(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err);
/* The adapter's declared fields (image, env, egress, probe, …) with the overlays of the tenant
 * (NULL = none), plus file and sha256. Errors as ss_policy_build's for the adapter. */
int ss_policy_get(const struct ss_policy *policy, const char *adapter, const char *tenant,
                  struct ss_doc *out, struct ss_err *err);

/* --- loading anew ------------------------------------------------------------------
 * A pass looks at the disk on a thread of its own. What changed, and what depends on
 * it, is loaded and must build; what fails keeps its last good version, and is told
 * once it has stood for 50 ms. If anything changed, a new generation serves. */

/* err NULL = success; from a completion, once, not after cancel. */
typedef void (*ss_policy_done_fn)(void *ud, const struct ss_err *err);
/* A pass that begins now at the earliest; ends a rollback. done when its result serves; failures of files are
 * no error. SS_ERR_NOMEM, SS_ERR_IO, SS_ERR_UNSUPPORTED without a loop. */
int ss_policy_reload(struct ss_policy *policy, ss_policy_done_fn done, void *ud,
                     struct ss_policy_wait **ret, struct ss_err *err);
/* Until this generation, or a later one, serves. timeout_ms 0 = none, else SS_ERR_TIMEOUT. When it
 * serves already done is called all the same, later. */
int ss_policy_wait(struct ss_policy *policy, int64_t generation, int64_t timeout_ms,
                   ss_policy_done_fn done, void *ud, struct ss_policy_wait **ret,
                   struct ss_err *err);
void ss_policy_wait_cancel(struct ss_policy_wait *wait);
/* Look at the disk soon, for nobody in particular (SIGHUP). */
void ss_policy_poke(struct ss_policy *policy);

/* The last 32 generations of this process, newest first: [{generation, at, reason, of, serving,
 * changed: [{name, change}]}]; reason is start, files, reload or rollback. */
int ss_policy_history(const struct ss_policy *policy, struct ss_doc *out, struct ss_err *err);
/* The content of generation n serves again, as a new generation, until a file changes or a reload is
 * asked for. SS_ERR_NOT_FOUND: it is not kept. */
int ss_policy_rollback(struct ss_policy *policy, int64_t n, struct ss_err *err);
/* Calls fn for each file that differs between two generations; NULL where it is not there.
 * fn returns 0 to go on. SS_ERR_NOT_FOUND: one of them is not kept. */
typedef int (*ss_policy_diff_fn)(void *ud, const char *rel, const char *a, size_t a_len,
                                 const char *b, size_t b_len);
int ss_policy_diff(const struct ss_policy *policy, int64_t a, int64_t b, ss_policy_diff_fn fn,
                   void *ud, struct ss_err *err);
/* A member of an open object: reload {watching, rolled_back, passes, loads, failures, last_ms, problem}. */
void ss_policy_put_metrics(const struct ss_policy *policy, struct ss_doc *out);
